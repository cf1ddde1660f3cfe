"""What runs when a cell calls claim(), figure() or table()."""
