"""From anybody's notebook to a note: what is read, mended, copied and proposed. Runs nothing; `commands.adopt` does."""
