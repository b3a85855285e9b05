# `make` alone lists what there is. Everything runs in .venv, which is made from the machine's python3.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test install check locales diagrams lock tour bench soak

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/ready ## start Pandu: the sandbox, or Telegram if PANDU_TELEGRAM_TOKEN is set
	@exec $(BIN)/python -m bot run

test: $(VENV)/ready-dev ## run every test, on SQLite and on a real PostgreSQL
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow"

install: $(VENV)/ready ## the set-up alone

check: $(VENV)/ready-dev ## ruff, mypy strict, the import rule
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

tour: $(VENV)/ready ## play a whole renewal in the terminal
	@$(BIN)/python -m bot tour

locales: $(VENV)/ready-dev ## bring the catalogs up to date with the texts in the code
	@$(BIN)/python -m tests.tools.locales

diagrams: $(VENV)/ready-dev ## draw the flows anew into docs/
	@$(BIN)/python -m bot diagrams docs

bench: $(VENV)/ready-dev ## measure speed and memory against a fast stand-in
	@$(BIN)/python -m tests.bench

soak: $(VENV)/ready-dev ## the long tests: hundreds of kills, thousands of faults
	@$(BIN)/python -m pytest -m slow -s

lock: ## write the lock files anew (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		pyproject.toml --output-file requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		pyproject.toml --extra dev --output-file requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Pandu needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Pandu needs (once) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/ready-dev: requirements-dev.lock $(VENV)/ready
	@echo "Installing what the tests need (once) …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
