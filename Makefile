# Everything needs only make and Python >= 3.11; each target installs what it needs, once.
#
#   make up SOURCE=sim SPEED=60

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup up test unit check format docs soak bench research lock sbom audit

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
PORT ?=

# Unit tests: no embedded AWS, no browser, no server, nothing that takes more than a few seconds.
UNIT := tests/architecture tests/aws tests/core tests/functions tests/ingest_task
# Much of the suite waits (for servers, browsers, child processes): one worker more than cores.
WORKERS ?= $(shell "$(PYTHON)" -c 'import os; print((os.cpu_count() or 1) + 1)')
# A file's tests share what its fixtures build: one worker a file, and the long files first.
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
LONG := tests/flow tests/ingest_task tests/infra tests/browser
FAST := not flow and not browser and not enable_socket and not slow

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
	@echo
	@echo 'make up takes SOURCE=sim|live|PATH, SYMBOLS=BTCUSDT,ETHUSDT, FROM= and TO= (UTC, like'
	@echo '2025-05-19), SPEED=1|60|max, SEED=7, PORT=8000; PYTHON=/path/to/python3 chooses the interpreter.'

setup: ## Make .venv with all that a run needs; the command is then .venv/bin/signalengine
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py

up: setup ## Run the whole system on this machine until Ctrl-C
	@exec $(BIN)/signalengine up --source "$(SOURCE)" --speed "$(SPEED)" \
		$(if $(SYMBOLS),--symbols "$(SYMBOLS)") $(if $(FROM),--from "$(FROM)") \
		$(if $(TO),--to "$(TO)") $(if $(SEED),--seed "$(SEED)") \
		$(if $(PORT),--port "$(PORT)")

unit: ## Run the unit tests without servers and browsers, in parallel (under a minute)
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@exec $(BIN)/pytest -q $(PARALLEL) --numprocesses=logical -m '$(FAST)' $(UNIT)

check: ## Check style and types of Python and of the dashboard
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python -m infra.build.dashboard lint

format: ## Format Python and the dashboard, and fix what ruff can fix
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/python -m infra.build.dashboard format

test: check ## Check style and types, then run every test, in parallel
	@exec $(BIN)/pytest $(PARALLEL) $(LONG) tests

docs: ## Build the documentation site into build/docs; warnings and broken links are errors
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --docs
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	@echo 'The site is in build/docs/index.html'

FUZZED = api_contract api_hostile api_schema hostile_messages

soak: ## Fuzz the API and the bot, then inject every fault in real time (about 35 minutes)
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@HYPOTHESIS_PROFILE=explore $(BIN)/pytest $(PARALLEL) --timeout=1800 \
		-p tests.functions.fuzz_figures \
		$(FUZZED:%=tests/functions/test_%.py)
	@exec $(BIN)/signalengine faults --speed 1

bench: ## Measure the engine beside its peers, which go into .bench
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --dev
	@exec $(BIN)/python -m research.benchmarks $(TABLES)

research: ## Add to .venv what backtests, sweeps and models need
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --research

lock: ## Write the lock files from pyproject.toml; UPGRADE=1 takes the newest versions
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py
	@exec $(BIN)/python infra/build/lock.py $(if $(UPGRADE),--upgrade)

sbom: ## Write bills of materials in CycloneDX form into build/sbom: layer, image, dashboard
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --sbom
	@exec $(BIN)/python -m infra.build.sbom

audit: ## Compare the locked packages with published advisories; STRICT=1 fails without these
	@$(need-python)
	@"$(PYTHON)" infra/build/setup.py --audit
	@exec $(BIN)/python -m infra.build.audit $(if $(STRICT),--strict)

define need-python
if [ -z "$(PYTHON)" ]; then \
	echo 'Python 3.11 or newer is needed and none was found. Install one (on Debian and Ubuntu:' >&2; \
	echo 'apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3 ...' >&2; \
	exit 1; fi
endef
