"""What a machine may have that some tests need: a browser, and an environment with the oldest matplotlib. `make test-all` sees to both.

A test says so by its marker, `browser` or `oldest`; conftest.py skips it where that is missing.
"""

import os
import shutil

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

OLDEST = os.path.abspath(given) if (given := os.environ.get("LABNOTES_OLDEST_PYTHON")) else ""
"""The Python of an environment with the oldest matplotlib; "" if there is none."""

MISSING = {
    "browser": "" if CHROMIUM else "needs a browser: sudo apt-get install -y chromium",
    "oldest": "" if OLDEST else "needs the oldest matplotlib: make test-all sets up .venv-oldest",
}
"""Why tests with a marker cannot run here; "" where they can."""
