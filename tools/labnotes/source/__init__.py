"""Reading a note's own files (settings, notebook, bibliography), before anything runs."""
