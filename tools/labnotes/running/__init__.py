"""Execute a note in a fresh kernel and gather what it yields."""

from labnotes.running.executing import KERNEL_LEVELS, THREADS, Conditions, Failure, Progress, Run, here, nothing_kept, run

__all__ = ["KERNEL_LEVELS", "THREADS", "Conditions", "Failure", "Progress", "Run", "here", "nothing_kept", "run"]
