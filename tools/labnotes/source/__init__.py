"""The author's half: what a note's folder says, before anything runs."""
