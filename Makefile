# Flaghoist: everything a newcomer runs. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-world console run demo test test-world screenshots check audit format bench lock clean
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

console: setup ## build the console's pages (brings Node where there is none)
	@scripts/console

run: setup console ## serve on http://127.0.0.1:8800 with state in ./data
	@$(BIN)/flaghoist serve

demo: setup-dev console ## watch an experiment fill with real SDK traffic and settle on the truth
	@$(BIN)/python demo/run.py

test: setup-dev ## run the tests (minutes)
	@echo "flaghoist: running the tests on SQLite and on a PostgreSQL of their own"
	@$(QUIETLY) $(PYTEST) -n 2 --dist loadgroup -m "not world"
	@scripts/console test

test-world: setup-world console ## run the tests that need a browser or clients in other languages
	@echo "flaghoist: running the tests with a browser and with clients in other languages"
	@$(QUIETLY) $(PYTEST) -n 2 --dist loadfile -m world -rs

screenshots: setup-world console ## show every page, light and dark, wide and narrow, in build/screenshots
	@$(BIN)/python tests/console/screenshots.py

check: setup-dev ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@scripts/console check

audit: ## ask osv.dev whether a locked package is known to be vulnerable
	@python3 scripts/audit

format: setup-dev ## put the code into its standard form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .

bench: setup-world console ## run every benchmark; each prints a ratio
	@for each in benchmarks/*/run.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

lock: setup-dev ## write requirements/*.lock anew from pyproject.toml (needs uv and npm)
	@scripts/lock

clean: ## remove what setup and tests made; ./data stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist flaghoist/console/dist web/node_modules tests/clients/node/node_modules
