"""A note and its record as the Markdown, pictures and data that the site builder reads."""
