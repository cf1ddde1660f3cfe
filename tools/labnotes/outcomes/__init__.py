"""What commands return, and reports tell."""
