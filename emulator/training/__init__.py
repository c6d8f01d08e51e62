"""The pieces of a fine-tune; each does one thing, and a problem type's trainer composes them."""
