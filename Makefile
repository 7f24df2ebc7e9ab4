# The whole developer interface. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BUILD  := build
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BUILD)/uv/bin/uv
LOCKS  := local/requirements
PIP    := $(UV) pip install -q --require-hashes

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- set-up -----------------------------------------------------------------------------------------------------

$(UV): $(LOCKS)/uv.txt
	@echo "set-up: installing uv"
	@$(PYTHON) -m venv $(BUILD)/uv
	@$(BUILD)/uv/bin/pip install -q --require-hashes -r $<
	@touch $@

$(VENV)/.ready: $(LOCKS)/dev.txt layers/undertow/pyproject.toml | $(UV)
	@echo "set-up: installing the project and its tools into $(VENV)"
	@$(UV) venv -q --clear --python $(PYTHON) $(VENV)
	@$(PIP) --python $(BIN)/python -r $(LOCKS)/dev.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps -e layers/undertow
	@touch $@

$(BUILD)/%-venv/.ready: $(LOCKS)/%.txt | $(UV)
	@echo "set-up: installing $* into a virtual environment of its own"
	@$(UV) venv -q --clear --python $(PYTHON) $(BUILD)/$*-venv
	@$(PIP) --python $(BUILD)/$*-venv/bin/python -r $<
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## install everything into .venv and build/

.PHONY: lock
lock: $(UV) ## resolve the hash-locked requirement files again
	@local/requirements/lock.sh $(UV)

# --- checks -----------------------------------------------------------------------------------------------------

.PHONY: lint
lint: setup ## ruff, mypy, import arrows, template
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: test
test: setup ## every test
	@$(BIN)/pytest
