"""Where data is kept."""
