# Linjevakt: everything a newcomer or a developer runs. `make help` lists the targets.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
STAMP := $(VENV)/.installed
PYPROJECTS := pyproject.toml controller/pyproject.toml controller/napalm_linjevakt/pyproject.toml \
	agent/pyproject.toml lab/pyproject.toml
SOURCES := controller agent lab tests

.PHONY: help demo demo-down test test-attack test-vm check bench docs lock golden packages clean
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes: each would compile the product anew

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

packages: ## the Debian packages that the lab and the tests use (installs what is missing, as root)
	@sh requirements/debian.sh requirements/debian.txt lab/packages.txt

$(STAMP): requirements/dev.txt requirements/mibs.txt $(PYPROJECTS) | packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/mibs.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e agent -e controller/napalm_linjevakt -e controller -e lab
	@touch $@

demo: $(STAMP) ## raise the lab, provision and prove every example site, show where to look (root)
	$(BIN)/lab demo

demo-down: ## take the demo down; nothing is left but the cached box image
	@if [ -x $(BIN)/lab ]; then $(BIN)/lab down; fi

check: $(STAMP) ## fast: lint, types, import contracts, unit and golden tests (no root, no lab)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy controller/linjevakt controller/napalm_linjevakt agent/linjevakt_agent lab/linjevakt_lab tests
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 2 -m "not process and not attack" tests/unit tests/golden tests/attack

# On two cores too: what waits for timers and routers computes two fifths of its time.
test: check docs ## everything: the fast part, both databases, the lab end to end (root)
	$(BIN)/pytest --numprocesses 3 -m "process and not attack" tests/unit tests/attack
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -m "not attack" tests/lab tests/integration

test-attack: $(STAMP) ## what an attacker would do, at length: fuzzers with their counts, hostile servers (root)
	$(BIN)/pytest --numprocesses 2 --dist loadfile -rP -m attack tests

test-vm: $(STAMP) ## on Debian's own kernel in a virtual machine: tagged lines, a push, a fail-over (root)
	@sh requirements/debian.sh lab/vm-packages.txt
	$(BIN)/pytest -rP -m vm tests/vm

docs: $(STAMP) ## the documentation, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(STAMP) ## the figures of docs/performance.md, side by side with peers (root); ONLY=scale: one part of it
	$(BIN)/python tests/bench/run.py $(addprefix --only ,$(ONLY))

golden: $(STAMP) ## write the golden files anew; read the diff before you commit it
	$(BIN)/pytest tests/golden --update-golden

lock: $(STAMP) ## pin all requirements anew
	PATH="$(CURDIR)/$(BIN):$$PATH" requirements/lock.sh

clean: demo-down ## the virtual environment and all caches too
	rm -rf $(VENV) .cache .lab site
