"""Recordings of real runs: how they are kept, made, found, and played again."""
