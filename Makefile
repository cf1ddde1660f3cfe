# make site   the site, from the records (sets up .venv; no torch)
# make notes  what writing, running and publishing notes needs
# make check  re-execute every note and compare it with its record
# make serve  a live preview at http://localhost:8000
# make test   lint, types and tests
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: site notes check serve test clean
.DEFAULT_GOAL := site

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "labnotes needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "No venv module. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@touch $@

# one stamp for each set of extras; a new pin or dependency installs again
.venv/.site: EXTRAS := site,reference
.venv/.notes: EXTRAS := site,reference,notes
.venv/.test: EXTRAS := site,reference,notes,published,test
.venv/.site .venv/.notes .venv/.test: .venv/.created pyproject.toml constraints.txt
	@echo "setting up .venv ($(EXTRAS))"
	@$(PIP) --editable '.[$(EXTRAS)]'
	@touch $@

site: .venv/.site
	@$(BIN)/labnotes build

notes: .venv/.notes

check: .venv/.notes
	@$(BIN)/labnotes check

serve: .venv/.site
	@$(BIN)/labnotes serve

test: .venv/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/pytest -n auto

clean:
	rm -rf .venv site docs/notes .labnotes
