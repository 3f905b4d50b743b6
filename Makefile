# Every task of the project. All of them work in .venv beside this file; a second run does only what is stale.
#
#   make demo     three deliveries judged side by side, in under two minutes
#   make test     lint, format, types, layers, tests, documentation
#   make peers    every measure beside an independent library
#   make bench    speed and memory beside a common pipeline
#   make soak     the property tests with many more examples
#   make format   rewrite the sources in the project's format
#   make lock     resolve the dependencies anew (needs uv)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The lock files are complete: pip checks every hash and resolves nothing.
INSTALL := $(BIN)/python -m pip install --quiet --no-input --no-deps --require-hashes
CODE := $(wildcard src tests benchmarks)

.PHONY: help demo test bench peers soak format lint types layers lock

help:
	@sed -n 's/^#   //p' Makefile

demo: $(STAMPS)/runtime
	@$(BIN)/assay demo $(ARGS)

test: lint types layers $(STAMPS)/pages
	@$(BIN)/python -m pytest $(ARGS)

bench: $(STAMPS)/peers
	@$(BIN)/python -m benchmarks $(ARGS)

peers: $(STAMPS)/peers
	@$(BIN)/python -m pytest -o addopts="--import-mode=importlib --strict-markers" tests/peers $(ARGS)

soak: $(STAMPS)/dev
	@ASSAY_HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "soak or hypothesis" $(ARGS)

format: $(STAMPS)/dev
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format $(CODE)

lint: $(STAMPS)/dev
	@$(BIN)/ruff check --output-format concise $(CODE)
	@$(BIN)/ruff format --check $(CODE)

types: $(STAMPS)/dev
	@$(BIN)/mypy --strict src

layers: $(STAMPS)/dev
	@$(BIN)/lint-imports --no-logo

# -- environment: one stamp per lock file ----------------------------------------------------------------------------

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Assay needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/python
	@mkdir -p $(STAMPS)
	@echo "Installing what Assay runs on into $(VENV) (once) ..."
	@$(INSTALL) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-input --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/runtime
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

$(STAMPS)/peers: requirements-peers.lock $(STAMPS)/dev
	@echo "Installing the libraries we compare ourselves with into $(VENV) (once) ..."
	@$(INSTALL) -r requirements-peers.lock
	@touch $@

# Tests that look at a rendered page need a browser and pdftotext; where these are missing, they are skipped with the reason.
$(STAMPS)/pages: $(STAMPS)/dev
	@have() { command -v chromium >/dev/null && command -v pdftotext >/dev/null; }; \
	if ! have && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium and poppler-utils for the tests of pages (once) ..."; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
	    install chromium poppler-utils fonts-dejavu-core; } >/dev/null || true; \
	fi; \
	if have; then touch $@; else \
	  echo "Not installed: chromium and pdftotext (package poppler-utils). Tests of pages are skipped." >&2; fi

# -- dependencies: the largest set is resolved first, the smaller ones are cut from it --------------------------------

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links pyproject.toml

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)" >&2; exit 1; }
	@$(LOCK) --upgrade --group peers -o requirements-peers.lock
	@$(LOCK) --group dev -c requirements-peers.lock -o requirements-dev.lock
	@$(LOCK) --group build -c requirements-peers.lock -o requirements.lock
