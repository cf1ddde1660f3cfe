"""The results that commands return and reports show."""
