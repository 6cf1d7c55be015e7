# setup: .venv with the pinned dependencies    run: the venue with simulated counterparties
# test: the whole suite on real servers        check: format, lint, types, imports
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test check bench coverage lock

setup:
	@$(PYTHON) install.py

run: setup
	@exec $(BIN)/venue run --demo

test: setup
	@$(BIN)/pytest

check: setup
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

coverage: setup
	@$(BIN)/pytest --cov=venue --cov-report=term:skip-covered

bench: setup
	@$(BIN)/python -m bench.order_path

# needs uv; writes the lock file without any registry's name
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet --output-file requirements.lock
