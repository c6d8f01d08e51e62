"""A local emulator of Amazon SageMaker's AutoML V2 API."""

__version__ = "0.1.0"
