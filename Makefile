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
CLOUD_TOOLS := $(BUILD)/ministack-venv/.ready $(BUILD)/sam-venv/.ready
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

# --- the page ---------------------------------------------------------------------------------------------------

PAGE     := functions/api/page
PAGE_OUT := $(BUILD)/dashboard
# The machine's node where it is new enough for Vite; else one of our own.
NODE_FITS := const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)
NODE_BIN := $(shell node -e '$(NODE_FITS)' 2>/dev/null && dirname "$$(command -v node)")
NODE_SET_UP := $(if $(NODE_BIN),,$(BUILD)/node-venv/.ready)
IN_DASHBOARD = cd dashboard && PATH="$(or $(NODE_BIN),$(abspath $(BUILD)/node-venv/bin)):$$PATH"

dashboard/node_modules/.ready: dashboard/package-lock.json dashboard/package.json dashboard/.npmrc | $(NODE_SET_UP)
	@echo "set-up: installing what the page is made with"
	@$(IN_DASHBOARD) npm ci --silent
	@touch $@

# The types of the API's answers are read off the code that answers; the check needs them, the build does not.
$(PAGE_OUT)/openapi.stamp: $(shell find layers/undertow/src/undertow -name '*.py' 2>/dev/null) $(VENV)/.ready
	@mkdir -p $(PAGE_OUT)
	@$(BIN)/python -m undertow.api.openapi > $(PAGE_OUT)/openapi.$$$$ && \
		if cmp -s $(PAGE_OUT)/openapi.$$$$ $(PAGE_OUT)/openapi.json; then rm $(PAGE_OUT)/openapi.$$$$; \
		else mv $(PAGE_OUT)/openapi.$$$$ $(PAGE_OUT)/openapi.json; fi
	@touch $@

$(PAGE_OUT)/openapi.json: $(PAGE_OUT)/openapi.stamp
	@:

dashboard/src/api/schema.d.ts: $(PAGE_OUT)/openapi.json dashboard/node_modules/.ready
	@$(IN_DASHBOARD) npx openapi-typescript ../$(PAGE_OUT)/openapi.json -o src/api/schema.d.ts > ../$(PAGE_OUT)/types.log 2>&1 \
		|| { cat ../$(PAGE_OUT)/types.log; exit 1; }

PAGE_SOURCES := $(shell find dashboard/src -type f ! -name '*.test.ts*' ! -name schema.d.ts 2>/dev/null)

$(PAGE)/index.html: $(PAGE_SOURCES) dashboard/index.html dashboard/vite.config.ts dashboard/tsconfig.json \
		dashboard/node_modules/.ready
	@$(IN_DASHBOARD) npm run --silent build -- --logLevel error
	@touch $@

.PHONY: dashboard
dashboard: $(PAGE)/index.html ## build the page into functions/api/page, when something of it changed

.PHONY: dashboard-lint
dashboard-lint: dashboard/src/api/schema.d.ts
	@$(IN_DASHBOARD) npm run --silent check

.PHONY: dashboard-test
dashboard-test: dashboard/node_modules/.ready
	@$(IN_DASHBOARD) npm test --silent

# --- checks -----------------------------------------------------------------------------------------------------

.PHONY: lint
lint: setup dashboard-lint ## ruff, mypy, import arrows, template, TypeScript
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/cfn-lint template.yaml infra/*.yaml

CORE := domain signals risk strategies services
# These start processes and wait for them; they run beside the others, and what they said is shown when both are done.
WHOLE := tests/cloud tests/browser tests/kill tests/chaos
WHOLE_LOG := $(BUILD)/test-whole.log

.PHONY: test
test: setup $(CLOUD_TOOLS) $(BUILD)/ccxt-venv/.ready dashboard dashboard-test ## every test; the core's branches are covered to 90 % or it fails
	@echo "beside these, in $(WHOLE_LOG): $(WHOLE)"; \
	$(BIN)/pytest --durations=10 $(WHOLE) > $(WHOLE_LOG) 2>&1 & whole=$$!; \
	trap 'kill $$whole 2>/dev/null || true' EXIT; \
	parts=0; $(BIN)/pytest $(WHOLE:%=--ignore=%) --durations=10 $(CORE:%=--cov=undertow.%) --cov-branch \
		--cov-report=term:skip-covered --cov-fail-under=90 || parts=$$?; \
	together=0; wait $$whole || together=$$?; cat $(WHOLE_LOG); \
	echo "tests: the parts $$parts, the whole $$together (0 is passed)"; \
	exit $$(( parts > together ? parts : together ))

SEEDS      ?= 200
STEPS      ?= 2000
FIRST_SEED ?= 1

.PHONY: simulate
simulate: setup ## the seeded simulation of the whole system, one JSON line (SEEDS= STEPS= FIRST_SEED= VERBOSE=1)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS) --steps $(STEPS) --first-seed $(FIRST_SEED) \
		$(if $(VERBOSE),--verbose)

.PHONY: mutants
mutants: setup ## plant known bugs and let the simulation find them, one line each (SEEDS= up to so many, BUGS="names")
	@exec $(BIN)/python -m tests.simulation.mutants --seeds $(SEEDS) $(if $(BUGS),--only $(BUGS))

# --- the local cloud --------------------------------------------------------------------------------------------

TAPE  ?=
SPEED ?=
FAULTS ?=
PORT  ?=
VENUE ?=
MODE  ?=

# VENUE=aster MODE=paper: Aster's live public prices (ASTER_REST_URL= ASTER_WS_URL= for others), orders stay here.
.PHONY: run
run: setup $(CLOUD_TOOLS) dashboard ## the local cloud with the dashboard (PORT= VENUE_PORT= STRATEGY= TAPE= SPEED= FAULTS=; VENUE=aster MODE=paper)
	@exec $(BIN)/python -m local.cloud run $(if $(VENUE),--venue $(VENUE)) $(if $(MODE),--mode $(MODE)) \
		$(if $(PORT),--port $(PORT)) $(if $(VENUE_PORT),--venue-port $(VENUE_PORT)) \
		$(STRATEGY:%=--strategy %) \
		$(if $(TAPE),--tape $(TAPE)) $(if $(SPEED),--speed $(SPEED)) $(if $(FAULTS),--faults $(FAULTS))

.PHONY: smoke
smoke: setup $(CLOUD_TOOLS) dashboard ## the local cloud headless on a tape, one JSON line (STRATEGY= TAPE= SPEED= FAULTS=)
	@exec $(BIN)/python -m local.cloud smoke $(STRATEGY:%=--strategy %) \
		$(if $(TAPE),--tape $(TAPE)) $(if $(SPEED),--speed $(SPEED)) \
		$(if $(FAULTS),--faults $(FAULTS))

.PHONY: venue
venue: setup ## the venue simulator alone, on loopback (PORT= TAPE= SPEED= FAULTS=)
	@exec $(BIN)/python -m local.venue --port $(or $(PORT),18080) $(if $(TAPE),--tape $(TAPE)) \
		$(if $(SPEED),--speed $(SPEED)) $(if $(FAULTS),--faults $(FAULTS))

.PHONY: bench
bench: setup $(BUILD)/ccxt-venv/.ready $(CLOUD_TOOLS) dashboard ## benchmarks as ratios, also in build/bench.json (TAPE= NAMES=)
	@exec $(BIN)/python -m tests.benchmarks $(if $(TAPE),--tape $(TAPE)) $(NAMES)

SAMPLE ?= 400

.PHONY: mutation
mutation: setup $(BUILD)/mutation-venv/.ready ## the share of small changes in the money code that tests notice (SAMPLE= SEED=)
	@exec $(BIN)/python -m tests.mutation --sample $(SAMPLE) $(if $(SEED),--seed $(SEED))

CASES ?= 20000

.PHONY: fuzz-api
fuzz-api: setup ## requests made up from the API's document against the real API, one JSON line (CASES= SEED=)
	@exec $(BIN)/python -m tests.fuzz_api --cases $(CASES) $(if $(SEED),--seed $(SEED))

.PHONY: kill-matrix
kill-matrix: setup $(CLOUD_TOOLS) ## processes killed before and after each outside call, one JSON line (ONLY= THOROUGH=1)
	@exec $(BIN)/python -m tests.kill $(if $(ONLY),--only "$(ONLY)") $(if $(THOROUGH),--thorough)

.PHONY: chaos
chaos: setup $(CLOUD_TOOLS) ## the local cloud on a bad network with a mortal worker (RUNS= SECONDS= FIRST_SEED=)
	@exec $(BIN)/python -m tests.chaos --runs $(or $(RUNS),50) --seconds $(or $(SECONDS),60) \
		--first-seed $(or $(FIRST_SEED),1)

# --- AWS --------------------------------------------------------------------------------------------------------

SAM     := $(BUILD)/sam-venv/bin/sam
AWS_OUT := $(BUILD)/sam/aws
STAGE   ?=

.PHONY: build
build: setup $(BUILD)/sam-venv/.ready dashboard ## build layers and functions for Lambda (python3.13, arm64) and check them
	@export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-ap-northeast-1}; \
	$(SAM) validate --lint; \
	UNDERTOW_BUILD=aws UNDERTOW_UV=$(abspath $(UV)) UNDERTOW_PYTHON=$(abspath $(BIN)/python) \
		$(SAM) build --build-dir $(AWS_OUT) > $(BUILD)/sam-build.log 2>&1 || { cat $(BUILD)/sam-build.log; exit 1; }
	@$(BIN)/python -m local.check_build $(AWS_OUT)

.PHONY: stage
stage:
	@case "$(STAGE)" in paper|live) ;; *) echo "say which stage: STAGE=paper or STAGE=live" >&2; exit 2 ;; esac

.PHONY: deploy
deploy: stage build ## deploy to the AWS account of your credentials (STAGE=paper|live WORKER_IMAGE= ALERT_EMAIL= DATA_PREFIX=)
	@SAM_CLI_TELEMETRY=0 $(SAM) deploy --config-env $(STAGE) --parameter-overrides Stage=$(STAGE) \
		$(if $(WORKER_IMAGE),WorkerImageTag=$(WORKER_IMAGE)) $(if $(ALERT_EMAIL),AlertEmail=$(ALERT_EMAIL)) \
		$(if $(DATA_PREFIX),DataPrefix=$(DATA_PREFIX))

IMAGE_TAG = $(shell git rev-parse --short=12 HEAD)

.PHONY: worker-image
worker-image: stage ## build and push the stream worker's image (STAGE=; needs docker and the aws command)
	@test -z "$$(git status --porcelain -- stream_worker layers/undertow)" || \
		{ echo "commit first: the image is tagged with the commit it was built from" >&2; exit 2; }
	@repository=$$(aws cloudformation describe-stacks --stack-name undertow-$(STAGE) --output text \
		--query "Stacks[0].Outputs[?OutputKey=='WorkerRepositoryUri'].OutputValue"); \
	aws ecr get-login-password | docker login --username AWS --password-stdin "$${repository%%/*}"; \
	docker build --platform linux/arm64 -f stream_worker/Dockerfile -t "$$repository:$(IMAGE_TAG)" .; \
	docker push "$$repository:$(IMAGE_TAG)"; \
	echo "now: make deploy STAGE=$(STAGE) WORKER_IMAGE=$(IMAGE_TAG)"

# The command line against a stage. Without STAGE: against the local cloud, which leaves its addresses in a file.
OPERATOR := .local-cloud$(if $(filter aster,$(VENUE)),-aster)/operator.env
UNDERTOW  = $(if $(filter paper live,$(STAGE)),env UNDERTOW_STAGE=$(STAGE),env $$(cat $(OPERATOR))) $(BIN)/undertow
ACCOUNT  ?= main

.PHONY: operator
operator: setup
	@test -n "$(filter paper live,$(STAGE))" -o -f $(OPERATOR) || \
		{ echo "there is no local cloud yet: make run first, or say STAGE=paper or STAGE=live" >&2; exit 2; }

.PHONY: secrets
secrets: operator ## store a venue key, asked for on the terminal (STAGE= ACCOUNT=)
	@$(UNDERTOW) secrets put $(ACCOUNT)

.PHONY: stream-secrets
stream-secrets: operator ## store what the stream worker listens with (STAGE= ACCOUNT=)
	@$(UNDERTOW) secrets put $(ACCOUNT) --stream

.PHONY: token
token: operator ## make a dashboard token (STAGE= SCOPES=read,pause,write)
	@$(UNDERTOW) token create $(if $(SCOPES),--scopes $(SCOPES))
