"""Execute a note in a fresh kernel and gather what it yields."""

from labnotes.running.executing import Failure, Progress, Run, here, run

__all__ = ["Failure", "Progress", "Run", "here", "run"]
