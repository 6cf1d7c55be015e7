# setup: .venv with all pinned dependencies, and the core compiled by mypyc, in .compiled
#                                              (docs/decisions/0028)
# run: the venue with simulated counterparties; installs only what running needs
# test: all tests but those of files that take long       test-all: all of them, as CI does
# check: format, lint, types, imports
# try-image: the Dockerfile's steps in a clean root, and what they make; as root, with debootstrap
# try-wheel: a wheel in an empty environment
# try-units: the systemd units in a clean root that systemd runs in; as root, with systemd-nspawn too
# docs: the documentation as a site, in build/site
# faults: hundreds of kills under load, about 40 minutes; results in docs/RELIABILITY.md
PYTHON ?= python3
BIN := .venv/bin
# of tests, a file each at a time, the longest first; 0: one file after the other
WORKERS ?= 2

.PHONY: setup installed run test test-all test-seconds faults check bench coverage docs man lock \
    try-image try-wheel try-units

setup: installed
	@$(BIN)/python compiling.py

installed:
	@$(PYTHON) install.py

run:
	@$(PYTHON) install.py run
	@$(BIN)/python compiling.py
	@exec $(BIN)/venue run --demo

test: setup
	@$(BIN)/pytest --numprocesses $(WORKERS) --short

test-all: setup
	@$(BIN)/pytest --numprocesses $(WORKERS)

# notes how long each file takes, by which the next run orders them
test-seconds: setup
	@$(BIN)/pytest --numprocesses $(WORKERS) --note-seconds

faults: setup
	@$(BIN)/python -m tests.faults --document $(ARGS)

check: installed
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

try-image: installed
	@$(BIN)/python -m deploy.container.try_in_chroot $(ARGS)

try-wheel: installed
	@$(BIN)/python -m deploy.try_wheel $(ARGS)

try-units: installed
	@$(BIN)/python -m deploy.try_units $(ARGS)

coverage: setup
	@$(BIN)/pytest --cov=venue --cov-report=term:skip-covered

docs: installed
	@$(BIN)/python docs/generate_site.py

bench: setup
	@$(BIN)/python -m bench

# manual pages of all commands, for man -M build/man
man: installed
	@$(BIN)/python -m venue.cli.man_pages build/man/man1

# needs uv; writes the lock files without any registry's name: what running needs, and everything
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-header --quiet
lock:
	$(LOCK) --extra build --extra gateway --extra tracing --output-file requirements.lock
	$(LOCK) --extra build --extra gateway --extra tracing --extra dev --extra docs \
	    --constraint requirements.lock --output-file requirements-dev.lock
