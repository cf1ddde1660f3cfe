# make site      the site, from the records (sets up .venv; no torch)
# make notes     what writing, running and publishing notes needs
# make check     re-execute every note and compare it with its record
# make serve     a live preview at http://localhost:8000
# make tutorials execute the tutorials in docs/ again and write what they print
# make test      lint, types and the quick tests
# make test-all  lint, types and all tests; needs Chromium, sets up .venv-oldest with the oldest matplotlib
# make coverage  the quick tests, and which lines of tools/ they did not run: coverage/index.html
PYTHON ?= python3
OLDEST_PYTHON ?= $(PYTHON)
BIN := .venv/bin
# a module goes to one worker, so that what its tests share is made once; the longest modules begin first, as tests/conftest.py puts them
PYTEST := $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder
QUICK := -m "not slow and not browser and not oldest and not experiment"

# Python keeps what it compiles even where the shell forbids it: the tests start hundreds of processes
export PYTHONDONTWRITEBYTECODE :=

.PHONY: site notes check serve tutorials lint style types needs-git needs-browser quick-tests test test-all coverage clean
.DEFAULT_GOAL := site

# one stamp for each set of extras; a new pin or dependency installs again
.venv/.site: EXTRAS := site,reference
.venv/.notes: EXTRAS := site,reference,notes
.venv/.test: EXTRAS := site,reference,notes,published,test
.venv/.site .venv/.notes .venv/.test: pyproject.toml constraints.txt
	@$(PYTHON) scripts/set_up.py .venv $(EXTRAS)
	@touch $@

.venv-oldest/.done: pyproject.toml constraints-oldest.txt
	@$(OLDEST_PYTHON) scripts/set_up.py .venv-oldest --oldest
	@touch $@

site: .venv/.site
	@$(BIN)/labnotes build

notes: .venv/.notes

check: .venv/.notes
	@$(BIN)/labnotes check

serve: .venv/.site
	@$(BIN)/labnotes serve

tutorials: .venv/.notes
	@$(BIN)/python scripts/run_tutorials.py

lint: style types

style: .venv/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: .venv/.test
	@$(BIN)/mypy
	@told=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$told"; exit 1; }

needs-git:
	@command -v git >/dev/null || { echo "The tests use git, and there is none. On Debian or Ubuntu: sudo apt-get install -y git"; exit 1; }

needs-browser:
	@for browser in chromium chromium-browser google-chrome; do command -v $$browser >/dev/null && exit 0; done; \
	  echo "make test-all drives a browser, and there is none. On Debian or Ubuntu: sudo apt-get install -y chromium"; exit 1

quick-tests: .venv/.test
	@$(PYTEST) $(QUICK)

# types beside the tests: mypy knows one core alone
test: needs-git style
	@$(MAKE) --no-print-directory -j 2 types quick-tests

test-all: needs-git needs-browser lint .venv-oldest/.done
	@LABNOTES_OLDEST_PYTHON=.venv-oldest/bin/python $(PYTEST) --hypothesis-profile whole -m "not experiment"

coverage: .venv/.test
	@$(PYTEST) $(QUICK) --cov --cov-report=html:coverage --cov-report=term:skip-covered

clean:
	rm -rf .venv .venv-oldest site docs/notes .labnotes coverage
