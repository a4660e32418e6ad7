# `make demo` runs Seeds on this machine, `make test` tests all of it. Both need Python 3.11 or newer, and bring the rest.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo code test coverage drills check lint types architecture migrations messages without shots bench lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.venv/.runtime: requirements.lock requirements-uv.lock scripts/install.py
	@$(PYTHON) -m scripts.install requirements.lock $@

.venv/.development: requirements-dev.lock requirements-uv.lock scripts/install.py
	@$(PYTHON) -m scripts.install requirements-dev.lock $@

demo: .venv/.runtime ## run Seeds with invented people (PORT=8000 DATA_DIR=var)
	@$(RUN) -m demo

code: .venv/.runtime ## the authenticator code of a demo account (WHO=facilitator)
	@$(RUN) -m demo.code $(or $(WHO),facilitator)

test: check ## everything: check, then all tests
	@$(RUN) -m scripts.test

coverage: .venv/.development ## all tests, watching which lines they reach (it takes a third longer)
	@$(RUN) -m scripts.test --cov --cov-report=term

drills: .venv/.development ## seize a server, search a phone: a line for each promise
	@$(RUN) -m tests.drills

check: lint types architecture migrations ## lint, types, architecture, migrations

lint: .venv/.development
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint templates --lint --quiet

types: .venv/.development
	@$(RUN) -m scripts.with_example mypy .

architecture: .venv/.development
	@$(BIN)/pytest -q tests/test_architecture.py

migrations: .venv/.development
	@$(RUN) -m scripts.with_example manage.py makemigrations --check --dry-run
	@$(RUN) -m scripts.with_example manage.py check --deploy --fail-level WARNING

messages: .venv/.development ## find new words in the source, and put them into the Spanish catalog
	@$(RUN) -m scripts.messages

without: .venv/.development ## take each measure and rule away, see which test notices
	@$(RUN) -m scripts.without

shots: .venv/.development ## look at every page: var/shots/ROLE.html (ROLE=participant IN=es WIDTH=360 JS=off narrow it)
	@$(RUN) -m scripts.shots $(if $(ROLE),--role $(ROLE)) $(if $(IN),--language $(IN)) $(if $(WIDTH),--width $(WIDTH)) $(if $(JS),--js $(JS))

bench: .venv/.development ## what the protective check and the ego guard find; how soon 500 open pages hear of a release
	@$(RUN) -m bench.protection
	@$(RUN) -m bench.egoguard
	@$(RUN) -m bench.live

lock: .venv/.development ## renew the three lock files
	@$(RUN) -m scripts.lock

clean: ## remove what make installed and the caches (not the demo's data in var/)
	rm -rf .venv .ruff_cache .mypy_cache .coverage .coverage.* htmlcov
