"""The data model: the terms of docs/architecture.md as frozen dataclasses. They read and write no file, and know no library but numpy."""
