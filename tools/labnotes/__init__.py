"""labnotes: research notes whose every number and figure is re-executed and checked. These are the functions a note imports."""

from labnotes.author.api import cited, claim, const, fetched, figure, seed, seeds, table

__all__ = ["cited", "claim", "const", "fetched", "figure", "seed", "seeds", "table"]
