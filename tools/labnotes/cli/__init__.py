"""The command line: the only package that prints, prompts and exits."""

from labnotes.cli import adopting, commands  # noqa: F401 - makes the commands known to the app
from labnotes.cli.app import main

__all__ = ["main"]
