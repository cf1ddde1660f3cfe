"""Records as pages."""
