.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install run test lint types contracts unit bench conformance format clean

help: ## Show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## Create .venv with everything (fast when nothing changed)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

run: install ## Start PostgreSQL, demo tenants, gateway and playground
	$(BIN)/cockpit dev

test: install lint types contracts unit ## Everything CI runs

lint: install ## Lint and check formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## mypy --strict
	$(BIN)/mypy

contracts: install ## Who may import whom
	$(BIN)/lint-imports --no-cache

unit: install ## Tests
	$(BIN)/pytest -n auto

bench: install ## Compare with hand-written handlers on the same data (docs/performance.md)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.federation

conformance: install ## Run federation cases: CASES=DIR
	@test -n "$(CASES)" || { echo 'Name a folder of cases: make conformance CASES=DIR'; exit 2; }
	$(BIN)/python -m scripts.conformance $(CASES)

format: install ## Rewrite files in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info build
