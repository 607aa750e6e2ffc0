# Needs Python 3.11 or newer and make; everything else goes into .venv.
# Another interpreter: make PYTHON=python3.13 test

PYTHON = python3
VENV   = .venv
BIN    = $(VENV)/bin
PIP    = $(BIN)/python -m pip --quiet --disable-pip-version-check

SOURCES := $(sort $(shell find imgconv presets -name '*.py' -o -name '*.toml'))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-all check bench bench-plan docs clean FORCE

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

demo: $(VENV)/installed ## filter the sample images; pictures and a contact sheet in demo/
	@mkdir -p demo
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh -ev docs/demo.sh
	$(BIN)/python docs/contact_sheet.py docs/demo.sh demo/contact-sheet.png

test: $(VENV)/installed-test ## tests that take minutes are left out
	$(BIN)/python -m pytest -m "not slow" -q -n auto

test-all: $(VENV)/installed-test,peers,tiff ## every test
	$(BIN)/python -m pytest -q

check: $(VENV)/installed-test ## lint, format, types, examples in docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q --doctest-modules imgconv

bench: $(VENV)/installed-bench ## speed beside OpenCV
	$(BIN)/python -m tests.bench

bench-plan: $(VENV)/installed-bench ## the plan's choice of algorithm beside every other one
	$(BIN)/python -m tests.bench.plan

docs: $(VENV)/installed ## the reference page, the gallery, the README's pictures
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/gallery.py
	@mkdir -p docs/pictures
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh -ec "$$(grep '^imgconv .*docs/pictures' README.md)"

clean: ## remove what the other targets made
	rm -rf $(VENV) demo build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find imgconv tests docs sample_images -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit("imgconv needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --upgrade-deps $(VENV) # older pips write a start script that imports re: 10 ms
	@touch $@

# Changes only when a source file comes or goes.
$(VENV)/sources: $(VENV)/made FORCE
	@echo '$(SOURCES)' | cmp -s - $@ || echo '$(SOURCES)' > $@

$(VENV)/installed: $(VENV)/sources pyproject.toml $(SOURCES)
	$(PIP) install .
	@touch $@

$(VENV)/installed-%: $(VENV)/sources pyproject.toml $(SOURCES)
	$(PIP) install '.[$*]'
	@touch $(VENV)/installed $@
