"""The base models that a job can name."""
