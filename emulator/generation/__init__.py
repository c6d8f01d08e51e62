"""What a model writes: prompts are read, many at once, and tokens follow one by one."""
