"""What the tests of programs that use SageMaker AutoML import."""
