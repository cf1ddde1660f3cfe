"""The data plotted in figures of matplotlib."""
