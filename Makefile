# Every entry point of the project, for people and for CI alike. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV := .uv/bin/uv
# SAM wants the runtime's Python first on PATH; nothing may phone home.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export UV_PYTHON_PREFERENCE := system

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- environments: each stamp names the file it was made from, so that a second run installs nothing

.uv/.stamp: requirements/uv.txt
	rm -rf .uv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --target .uv -r requirements/uv.txt
	touch $@

.venv/.stamp: requirements/tools.txt .python-version .uv/.stamp
	$(UV) venv --quiet --clear .venv
	$(UV) pip install --quiet --python .venv --require-hashes -r requirements/tools.txt
	touch $@

# The command line itself, as an editable install.
.venv/.project: pyproject.toml .venv/.stamp
	$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	touch $@

.venv-emulator/.stamp: requirements/emulator.txt .python-version .uv/.stamp
	$(UV) venv --quiet --clear .venv-emulator
	$(UV) pip install --quiet --python .venv-emulator --require-hashes -r requirements/emulator.txt
	touch $@

.venv-lambda/.stamp: requirements/lambda.txt .python-version .uv/.stamp
	$(UV) venv --quiet --clear .venv-lambda
	$(UV) pip install --quiet --python .venv-lambda --require-hashes -r requirements/lambda.txt
	.venv-lambda/bin/python -m compileall -q .venv-lambda/lib
	touch $@

# Node out of a wheel, and what the preview of the dashboards is bundled from: no part of `make install`.
.venv-preview/.stamp: requirements/preview.txt .python-version .uv/.stamp
	$(UV) venv --quiet --clear .venv-preview
	$(UV) pip install --quiet --python .venv-preview --require-hashes -r requirements/preview.txt
	touch $@

grafana/preview/node_modules/.stamp: grafana/preview/package-lock.json .venv-preview/.stamp
	cd grafana/preview && PATH="$(CURDIR)/.venv-preview/bin:$$PATH" npm ci --silent
	touch $@

.PHONY: install
install: .venv/.stamp .venv/.project .venv-emulator/.stamp .venv-lambda/.stamp ## install everything into this folder (a second run installs nothing)

.PHONY: lock
lock: .uv/.stamp ## compile the pinned requirements from requirements/*.in
	for name in uv tools emulator lambda preview; do \
	  $(UV) pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    requirements/$$name.in --output-file requirements/$$name.txt; done
	for pair in layer:shared load:load; do \
	  $(UV) pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    requirements/$${pair%%:*}.in --output-file src/$${pair##*:}/requirements.txt; done

# --- the two commands of a newcomer

.PHONY: demo
demo: install ## a night of branch files through the whole pipeline, and what the warehouse says of it
	cafe demo

.PHONY: preview-install
preview-install: install grafana/preview/node_modules/.stamp ## install what the preview is bundled from (a second run installs nothing)

.PHONY: preview
preview: preview-install ## the dashboards as they will look, on a local warehouse with 90 days of sales
	cafe dashboards preview --fill --open

.PHONY: screenshots
screenshots: preview ## the same, and a picture of every board into docs/images (needs a Chromium)
	cafe dashboards screenshots

# The preview is tested where there is a browser to look at it with; elsewhere its tests say what they lack.
CHROMIUM := $(shell command -v chromium chromium-browser google-chrome-stable google-chrome | head -1)

.PHONY: test
test: install $(if $(CHROMIUM),preview-install) ## run every test, the end-to-end ones last
	pytest -n 2 -m "not e2e"
	pytest -m e2e

.PHONY: check
check: install ## format, lint and types: nothing is changed
	ruff format --check .
	ruff check .
	mypy
	MYPYPATH=src:tests:. mypy bench tests/fakes.py tests/strategies.py tests/personal_data.py tests/fixtures tests/template tests/e2e \
	  tests/unit/cli tests/unit/dashboards tests/unit/docs tests/unit/host tests/unit/local tests/unit/local_redshift tests/integration/adapters tests/integration/cli tests/integration/dashboards \
	  tests/integration/local tests/integration/local_redshift tests/simulation tests/warehouse_contract tests/contention tests/hostile tests/ordeal tests/sabotage tests/staging.py

.PHONY: format
format: install ## put the code into its form
	ruff format .
	ruff check --fix .

.PHONY: dashboards
dashboards: install ## write the Grafana boards' JSON from their Python
	python -W ignore::DeprecationWarning -m grafana

# --- build and deploy: the same on AWS and locally, where `cafe up` points the AWS variables at the emulator

ENV ?= dev
# Template parameters beside those of samconfig.toml, which they replace: PARAMETERS='Environment=dev MaxReceiveCount=5'
PARAMETERS ?=

.PHONY: build
build: install ## build the functions and their layer into .aws-sam/build
	$(MAKE) --no-print-directory sam-build

.PHONY: deploy
deploy: build ## deploy on AWS, migrate the warehouse, publish the dashboards: make deploy ENV=dev|prod
	$(MAKE) --no-print-directory sam-deploy
	cafe dashboards publish --env $(ENV)

.PHONY: sam-build
sam-build:
	sam build --config-env $(ENV) $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	@# Lambda's /var/task is read-only: what is not compiled here is compiled at every cold start.
	python -m compileall -q --invalidation-mode unchecked-hash .aws-sam/build

.PHONY: sam-deploy
sam-deploy:
	@# samconfig.toml asks before it changes production; in CI, whoever approved the environment has answered.
	sam deploy --config-env $(ENV) $(if $(CI),--no-confirm-changeset) \
	  $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	cafe migrate --env $(ENV)

.PHONY: up
up: install ## bring the local stack up, or redeploy what has changed
	cafe up

.PHONY: down
down: ## stop the local stack
	cafe down

.PHONY: reset
reset: install ## bring the local stack up empty
	cafe reset

# --- the simulator: schedules of faults against the real stages (docs/development.md); exit code 1 if one is violated

SCHEDULES ?= 10000
SEED ?= 1
SIMULATE ?=

.PHONY: simulate
simulate: install ## simulate many runs in which all goes wrong: SCHEDULES=100000 SEED=1. JSON: SIMULATE=--json
	PYTHONPATH=src:tests python -m simulation run --schedules $(SCHEDULES) --seed $(SEED) $(SIMULATE)

.PHONY: simulate-replay
simulate-replay: install ## run a sample of the same with the real SQL on PostgreSQL: SCHEDULES=2000 (10 minutes)
	PYTHONPATH=src:tests:. python -m simulation replay --schedules $(SCHEDULES) --seed $(SEED) $(SIMULATE)

# --- benchmarks: figures against their limits (bench/README.md); exit code 1 if one is missed. JSON: BENCH=--json

BENCH ?=

.PHONY: bench
bench: build ## measure speed, pipeline and packages against their limits (10 minutes)
	python -m bench stages pipeline packages $(BENCH)

.PHONY: bench-memory
bench-memory: install ## measure each stage's memory on 5,000,000 rows, sorted and shuffled (5 minutes)
	python -m bench memory $(BENCH)

.PHONY: bench-marts
bench-marts: install ## measure every mart on 5,000,000 orders (4 minutes)
	python -m bench marts $(BENCH)

.PHONY: bench-boards
bench-boards: install ## measure every query of the Grafana boards on 5,000,000 orders (5 minutes)
	python -m bench boards $(BENCH)

.PHONY: bench-preview
bench-preview: preview ## measure the preview's size and how soon a Chromium has drawn it (4 minutes, most of them for the preview)
	python -m bench preview $(BENCH)

# --- proofs that take longer than a test: each prints what it ran and what it found, exit code 1 if anything is wrong

PROVE = PYTHONPATH=src:tests:. python -W ignore -m
SCHEDULES ?= 2000
CUTS ?= 1000
SEED ?= 1

.PHONY: races
races: install ## many loaders at once that die at any statement, on PostgreSQL: SCHEDULES=2000 SEED=1 (10 minutes)
	$(PROVE) contention races --schedules $(SCHEDULES) --seed $(SEED)

.PHONY: cables
cables: install ## the connection to the warehouse cut, reset and half-opened: CUTS=1000 SEED=1 (10 minutes)
	$(PROVE) contention cables --cuts $(CUTS) --seed $(SEED)

FILES ?= 100000

.PHONY: fuzz
fuzz: install ## mutated branch files against what must be true of any file: FILES=100000 SEED=1 (10 minutes)
	$(PROVE) hostile.fuzz --files $(FILES) --seed $(SEED)

.PHONY: sabotage
sabotage: install ## make 32 mistakes in a copy, one at a time: each must turn a test red (6 minutes)
	$(PROVE) sabotage

KILLS ?= 200

.PHONY: kills
kills: install ## kill workers of the deployed local stack while files flow: KILLS=200 SEED=1 (6 minutes)
	$(PROVE) ordeal kills --kills $(KILLS) --seed $(SEED)

.PHONY: night
night: install ## 10,000 files through the local stack, 10 % announced twice, 2 % of workers killed (20 minutes)
	$(PROVE) ordeal night --seed $(SEED)

.PHONY: lost
lost: install ## lose 5 % of all events and purge a queue: cafe reconcile must recover all (2 minutes)
	$(PROVE) ordeal reconcile --seed $(SEED)
