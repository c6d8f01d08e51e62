"""What answers from a tuned model, in a process of its own: reads requests, writes tokens, many requests at once."""
