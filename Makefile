# Every command of Dido. `make` alone lists them.
# A bare machine needs make, a POSIX shell and Python 3.13; the rest is installed into .venv. A C compiler makes the
# boards faster, where there is one.

PORT ?= 8000
BIND ?= 127.0.0.1
ARGS ?=
export PORT BIND ARGS

BOOTSTRAP := sh config/machine/bootstrap.sh
PYTHON_HERE := .venv/bin/python
MACHINE := $(PYTHON_HERE) -m config.machine

.DEFAULT_GOAL := help
.PHONY: help setup run test check fix docs bench prove clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## the virtual environment with everything that is locked
	@$(BOOTSTRAP)

run: ## the whole house and one night to watch, on PORT (8000); Ctrl-C stops it
	@$(BOOTSTRAP) "$(PORT)" "$(BIND)"
	@$(MACHINE).run

test: setup ## every test, browser included; some: make test ARGS="tests/referrals -k accept"
	@$(MACHINE).test

check: setup ## format, lint, types, layers, migrations, documents, deployment
	@$(MACHINE).check

fix: setup ## put format and simple lint right
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

docs: setup ## print the documents that come from the code
	@$(MACHINE).tool manage.py state_diagram

bench: setup ## how fast, side by side with a peer
	@$(PYTHON_HERE) -m tests.bench $(ARGS)

prove: setup ## try to break the promises; some: make prove ARGS="webhooks --quick", SHARE=0.1, SEED=7
	@$(MACHINE).prove

clean: ## forget the demonstration, the caches and the virtual environment
	@rm -rf realtime/libfan*.so .run .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov static-collected
