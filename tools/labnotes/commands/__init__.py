"""One module a command: each returns what came of it, and prints nothing."""
