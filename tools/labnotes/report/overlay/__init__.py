"""Two versions of a figure drawn over each other."""
