"""Reads the data plotted in figures. Each plotting library has a folder of its own."""
