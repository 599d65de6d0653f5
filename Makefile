# Flaghoist: everything a newcomer runs. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-world run demo test test-world check format bench lock clean
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
QUIETLY := scripts/quietly

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: ## prepare .venv with what the server needs
	@scripts/setup runtime

setup-dev:
	@scripts/setup dev

setup-world: setup-dev
	@scripts/setup world
	@$(BIN)/python tests/support/toolchains.py

run: setup ## serve on http://127.0.0.1:8800 with state in ./data
	@$(BIN)/flaghoist serve

demo: setup-dev ## watch an experiment fill with real SDK traffic and settle on the truth
	@$(BIN)/python demo/run.py

test: setup-dev ## run the tests (minutes)
	@echo "flaghoist: running the tests on SQLite and on a PostgreSQL of their own"
	@$(QUIETLY) $(PYTEST) -n 2 --dist loadgroup -m "not world"

test-world: setup-world ## run the tests that need clients in other languages or other servers
	@echo "flaghoist: running the tests with clients in other languages"
	@$(QUIETLY) $(PYTEST) -m world -rs

check: setup-dev ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

format: setup-dev ## put the code into its standard form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .

bench: setup-dev ## run every benchmark; each prints a ratio
	@for each in benchmarks/*/run.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

lock: setup-dev ## write requirements/*.lock anew from pyproject.toml (needs uv and npm)
	@scripts/lock

clean: ## remove what setup and tests made; ./data stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist tests/clients/node/node_modules
