"""The words of docs/architecture.md as frozen dataclasses: they read no file, write none, and know no library but numpy."""
