"""Recorded and observed: a verdict for every claim, figure and table."""
