# Every entry point of the project, for people and for CI. `make help` lists the targets under their headings:
# a line "##@ Heading" starts a group, and a target is listed if its line ends with "## what it does".

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Older versions, such as the 3.81 of macOS, ignore .SHELLFLAGS: a recipe would go on after a failed command.
ifeq ($(filter undefine,$(.FEATURES)),)
$(error GNU Make 3.82 or newer is needed, and this is $(MAKE_VERSION). On macOS: brew install make, then type gmake instead of make)
endif

# The Python to make the environments from, if it is not to be looked for: PYTHON=/opt/python3.13
PYTHON ?=
FIND_PYTHON = PYTHON="$(PYTHON)" make/find-python.sh
UV := .uv/bin/uv
# SAM needs the runtime's Python first on PATH. No tool may send telemetry.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export UV_PYTHON_PREFERENCE := system
# Nothing downloads a Python unless it is allowed to: UV_PYTHON_DOWNLOADS=automatic make install
export UV_PYTHON_DOWNLOADS ?= never

# The tests start hundreds of programs, each of which would compile its modules again without a folder for the bytecode.
# A folder of its own: `sam build --cached` would take new bytecode below src/ for a change. No other target gets it.
BYTECODE := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.pycache
unexport PYTHONPYCACHEPREFIX

# With "-": a copy of the checkout that only deploys (tests/e2e/test_deploys.py) has no folder make/.
-include make/*.mk

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Environments

# Each stamp depends on the file that lists the packages, so a second run installs nothing.

define new_environment
@python=$$($(FIND_PYTHON)) && $(UV) venv --quiet --clear --python "$$python" $(1)
endef

.uv/.stamp: requirements/uv.txt
	@python=$$($(FIND_PYTHON) pip) && rm -rf .uv && \
	  "$$python" -m pip install --quiet --disable-pip-version-check --require-hashes --target .uv -r requirements/uv.txt
	touch $@

.venv/.stamp: requirements/tools.txt .python-version .uv/.stamp
	$(call new_environment,.venv)
	$(UV) pip install --quiet --python .venv --require-hashes -r requirements/tools.txt
	touch $@

# The command line itself, as an editable install.
.venv/.project: pyproject.toml .venv/.stamp
	$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	touch $@

.venv-emulator/.stamp: requirements/emulator.txt .python-version .uv/.stamp
	$(call new_environment,.venv-emulator)
	$(UV) pip install --quiet --python .venv-emulator --require-hashes -r requirements/emulator.txt
	touch $@

.venv-lambda/.stamp: requirements/lambda.txt .python-version .uv/.stamp
	$(call new_environment,.venv-lambda)
	$(UV) pip install --quiet --python .venv-lambda --require-hashes -r requirements/lambda.txt
	.venv-lambda/bin/python -m compileall -q .venv-lambda/lib
	touch $@

# Not part of `make install`.
.venv-checkov/.stamp: requirements/checkov.txt .python-version .uv/.stamp
	$(call new_environment,.venv-checkov)
	$(UV) pip install --quiet --python .venv-checkov --require-hashes -r requirements/checkov.txt
	touch $@

# What people would use instead of this pipeline. Not part of `make install`.
.venv-peers/.stamp: requirements/peers.txt .python-version .uv/.stamp
	$(call new_environment,.venv-peers)
	$(UV) pip install --quiet --python .venv-peers --require-hashes -r requirements/peers.txt
	.venv-peers/bin/python -m compileall -q .venv-peers/lib
	touch $@

# Node from a wheel, and the packages that the preview of the dashboards is bundled from. Not part of `make install`.
.venv-preview/.stamp: requirements/preview.txt .python-version .uv/.stamp
	$(call new_environment,.venv-preview)
	$(UV) pip install --quiet --python .venv-preview --require-hashes -r requirements/preview.txt
	touch $@

grafana/preview/node_modules/.stamp: grafana/preview/package-lock.json .venv-preview/.stamp
	cd grafana/preview && PATH="$(CURDIR)/.venv-preview/bin:$$PATH" npm ci --silent
	touch $@

.PHONY: install
install: .venv/.stamp .venv/.project .venv-emulator/.stamp .venv-lambda/.stamp ## install everything into this folder (a second run installs nothing)

.PHONY: preview-install
preview-install: install grafana/preview/node_modules/.stamp ## install what the preview is bundled from (a second run installs nothing)

.PHONY: peers-install
peers-install: install .venv-peers/.stamp ## install what the pipeline is compared with (a second run installs nothing)

.PHONY: lock
lock: .uv/.stamp ## compile the pinned requirements from requirements/*.in
	for name in uv tools emulator lambda preview checkov peers; do \
	  $(UV) pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    requirements/$$name.in --output-file requirements/$$name.txt; done
	for pair in layer:shared extract:extract transform:transform load:load; do \
	  case $$pair in load:*) only=--no-deps;; *) only=;; esac; \
	  $(UV) pip compile --quiet $$only --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    requirements/$${pair%%:*}.in --output-file src/$${pair##*:}/requirements.txt; done

##@ First steps

.PHONY: demo
demo: install ## send a night of branch files through the whole pipeline and show what the warehouse holds
	cafe demo

.PHONY: preview
preview: preview-install ## show the dashboards on a local warehouse with 90 days of sales
	cafe dashboards preview --fill --open

##@ Checks and tests

# The preview is tested in a browser. Without one, its tests are skipped and say why.
CHROMIUM := $(shell command -v google-chrome-stable google-chrome chromium chromium-browser | head -1)

.PHONY: test
test: install $(if $(CHROMIUM),preview-install) ## run every test, the parts and the end-to-end ones side by side
	@# The end-to-end tests mostly wait, and the others compute.
	@$(MAKE) --no-print-directory -j 2 test-parts test-whole

# One line of output names its half. Ctrl-C stops pytest, which cleans up: sed stays until it has.
NAMED = 2>&1 | (trap '' INT; exec sed -u 's/^/$(1) | /')

.PHONY: test-parts
test-parts: install $(if $(CHROMIUM),preview-install) ## run the tests that need no deployed stack
	@$(BYTECODE) pytest -n 3 -m "not e2e" $(call NAMED,parts)

.PHONY: test-whole
test-whole: install ## run the tests of the deployed stack
	@# By file: each of the two workers deploys a stack for its files.
	@$(BYTECODE) pytest -n 2 --dist loadfile tests/e2e $(call NAMED,whole)

.PHONY: test-busy
test-busy: install ## run every test while two processes compute all the time beside them
	trap 'kill $$(jobs -p)' EXIT; \
	  for _ in 1 2; do python -c 'while True: pass' & done; \
	  $(MAKE) --no-print-directory test

.PHONY: screens
screens: install ## write the screens of the command line again, which tests compare; read the difference
	pytest -q tests/unit/cli/screens --snapshot-update

.PHONY: test-container
test-container: install ## run the functions in containers, by sam local (needs Docker or another engine)
	CONTAINER_TESTS=required pytest tests/container

# No checker asks anything of the network.
.PHONY: check
check: install ## check format, lint, types and security, and change nothing
	ruff format --check .
	ruff check .
	bandit --quiet --configfile pyproject.toml --recursive src cafe local_redshift patched_ministack grafana bench
	zizmor --offline --quiet --no-progress --strict-collection .github
	shellcheck --external-sources --severity style .ci/run grafana/host/*.sh make/*.sh
	mypy
	PYTHONPATH=src python -m extract.dialects

# Not the lock files and the golden ids, whose hashes all look like secrets, and not what holds no text or only sales.
.PHONY: check-secrets
check-secrets: install ## look for passwords and keys in every file of the checkout (10 seconds)
	git ls-files -z --cached --others --exclude-standard -- \
	  . ':!requirements/*.txt' ':!grafana/preview/package-lock.json' ':!docs/images' ':!samples' \
	  ':!tests/contracts/golden/order_ids.json' \
	  | xargs -0 detect-secrets-hook --no-verify --filter file://tests/made_up_secrets.py::is_known

.PHONY: check-template
check-template: install .venv-checkov/.stamp ## check the templates with checkov, after showing that it finds a fault (25 seconds)
	CHECKOV_TESTS=required pytest -q tests/template/test_checkers.py -k checkov
	.venv-checkov/bin/checkov --config-file .checkov.yaml

.PHONY: format
format: install ## format the code and fix what lint can fix
	ruff format .
	ruff check --fix .

##@ Dashboards

.PHONY: dashboards
dashboards: install ## write the Grafana boards' JSON from their Python
	python -W ignore::DeprecationWarning -m grafana

.PHONY: screenshots
screenshots: preview ## show the preview, and save a picture of every board in docs/images (needs Chrome or Chromium)
	cafe --workspace preview dashboards screenshots

##@ Build and deploy

# The same targets on AWS and locally: `cafe up` points the AWS variables at the emulator.

ENV ?= dev
# Template parameters in place of those in samconfig.toml: PARAMETERS='Environment=dev MaxReceiveCount=5'
PARAMETERS ?=
# `cafe up` builds into the same folder, for this machine's processor: it waits, and so do these targets.
ALONE := python -m cafe.terminal.alone

.PHONY: build
build: install ## build the functions and their layer into .aws-sam/build
	$(ALONE) $(MAKE) --no-print-directory sam-build

.PHONY: deploy
deploy: install ## deploy on AWS, migrate the warehouse, publish the dashboards: make deploy ENV=dev|prod
	@# In one go, so that nothing else is built between the two.
	$(ALONE) $(MAKE) --no-print-directory -j1 sam-build sam-deploy
	cafe dashboards publish --env $(ENV)

.PHONY: deploy-built
deploy-built: install sam-built ## the same with what make build has left in .aws-sam/build: ENV=dev|prod
	$(ALONE) $(MAKE) --no-print-directory sam-deploy
	cafe dashboards publish --env $(ENV)

.PHONY: plan-built
plan-built: install sam-built ## show what deploy-built would change, and change nothing: ENV=dev|prod
	$(ALONE) sam deploy --config-env $(ENV) --no-execute-changeset $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))

# Without a build, SAM would deploy the sources, without their packages.
.PHONY: sam-built
sam-built:
	@test -f .aws-sam/build/template.yaml || { echo "There is no build in .aws-sam/build. Type: make build" >&2; exit 1; }

.PHONY: smoke
smoke: install ## send a made-up file through a deployed stack, and take it out again: ENV=dev|prod
	cafe smoke --env $(ENV)

.PHONY: sam-build
sam-build:
	PYTHONPATH=src python -m extract.dialects
	sam build --config-env $(ENV) $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	@# Lambda's /var/task is read-only, so a module that is not compiled here is compiled at every cold start.
	python -m compileall -q --invalidation-mode unchecked-hash .aws-sam/build

.PHONY: sam-deploy
sam-deploy:
	@# With samconfig.toml, SAM asks before it changes production. In CI, the approval of the environment is the answer.
	sam deploy --config-env $(ENV) $(if $(CI),--no-confirm-changeset) \
	  $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	cafe migrate --env $(ENV)

##@ Local stack

.PHONY: up
up: install ## start the local stack, or redeploy what has changed
	cafe up

.PHONY: down
down: ## stop the local stack
	cafe down

.PHONY: reset
reset: install ## start the local stack again, empty
	cafe reset
