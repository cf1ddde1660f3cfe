"""`python -m labnotes`."""

from labnotes.cli import main

main()
