# Everything needs only make and Python >= 3.11; each target sets up what it needs, once.
#
#   make up SOURCE=sim SPEED=60

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup up test lint bench

# The first interpreter that really is 3.11 or newer (a version manager's shim may be neither).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then command -v "$$p"; break; fi; done)
BIN := .venv/bin

SOURCE ?= sim
SPEED ?= 1
SYMBOLS ?=
FROM ?=
TO ?=
SEED ?=

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
	@echo
	@echo 'make up takes SOURCE=sim|live|PATH, SYMBOLS=BTCUSDT,ETHUSDT, FROM= and TO= (UTC, like'
	@echo '2025-05-19), SPEED=1|60|max, SEED=7; PYTHON=/path/to/python3 chooses the interpreter.'

setup: ## Make .venv with all that a run needs; the command is then .venv/bin/signalengine
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py

up: setup ## Run the whole system on this machine until Ctrl-C
	@exec $(BIN)/signalengine up --source "$(SOURCE)" --speed "$(SPEED)" \
		$(if $(SYMBOLS),--symbols "$(SYMBOLS)") $(if $(FROM),--from "$(FROM)") \
		$(if $(TO),--to "$(TO)") $(if $(SEED),--seed "$(SEED)")

lint: ## Check style and types
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

test: lint ## Check style and types, then run every test
	@exec $(BIN)/pytest

bench: ## Measure the engine beside its peers, which go into .bench
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@exec $(BIN)/python -m research.benchmarks $(TABLES)

define need-python
if [ -z "$(PYTHON)" ]; then \
	echo 'Python 3.11 or newer is needed and none was found. Install one (on Debian and Ubuntu:' >&2; \
	echo 'apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3 ...' >&2; \
	exit 1; fi
endef
