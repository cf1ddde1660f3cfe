"""A run: a note in a fresh kernel, what it may read, what it read, what it yielded."""
