"""What lasts: the database, the data directory, and archives of models."""
