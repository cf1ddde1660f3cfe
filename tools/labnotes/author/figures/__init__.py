"""The data plotted in figures: one folder a plotting library."""
