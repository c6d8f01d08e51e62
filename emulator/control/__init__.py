"""What a test can command: faults of calls, outcomes of jobs, the seed, and a reset of everything."""
