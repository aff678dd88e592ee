# Everything is kept inside this folder: .venv holds Python's packages, Node, the cdk command and pyright; .cache what jsii unpacks.
# The first `make setup` needs package registries; after it nothing here does, `make lock` apart.

PYTHONS ?= python3.11 python3.12 python3.13 python3.14 python3.10 python3
UV_VERSION := 0.13.9
# The oldest Python comes first: `make test-floor` takes the first that starts.
FLOOR_PYTHONS ?= python3.10 $(wildcard $(HOME)/.pyenv/versions/3.10.*/bin/python3.10) python3.11 python3.12 python3.13 $(BIN)/python
# Apache-2.0; a second opinion of definitions that only `make test-random` asks for.
ASL_VALIDATOR := asl-validator@4.0.0
# MIT; the reference implementation of JSONata, in the version that Step Functions has.
JSONATA := jsonata@2.0.6
# BSD-3-Clause; what `make mutation` changes code with.
MUTMUT_VERSION := 3.8.1

# Pythons whose tarfile has no filters yet.
OLD_TARFILE := python_full_version < '3.10.12' or (python_full_version >= '3.11' and python_full_version < '3.11.4')

BIN := .venv/bin
UV := $(BIN)/uv

export PATH := $(CURDIR)/$(BIN):$(PATH)
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/.cache/jsii
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 1
export CDK_DISABLE_CLI_TELEMETRY := true
# The machine's own certificates, as pip and npm use them: behind a proxy, uv's would not do.
export UV_SYSTEM_CERTS := true

.DELETE_ON_ERROR:
.PHONY: help setup run test test-long stress test-floor test-random test-sdk conformance conformance-engine conformance-training conformance-inference mutation lint lock release-templates benchmark docs docs-check insight-check clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/.python-installed .venv/.cdk-installed ## install everything that is locked into .venv

run: setup ## run the example's workflow on this machine, without AWS
	$(BIN)/constructs-ml run $(ARGS)

# Tests start the package in many processes, which compile it again each where PYTHONDONTWRITEBYTECODE is set.
test: lint ## check everything that can be checked
	@$(BIN)/python -m compileall -q constructs_ml
	CDK_VALIDATION=false $(BIN)/pytest -n 2 -m 'not long and not stress and not browser' $(ARGS)

test-long: setup ## test what takes longer: more teams' stacks on the laptop, environments made anew, whole starter apps
	CDK_VALIDATION=false $(BIN)/pytest -n 2 -m 'long and not browser' $(ARGS)

stress: setup ## run the tests that take long or much of the machine
	CDK_VALIDATION=false $(BIN)/pytest -m stress $(ARGS)

test-floor: .cache/floor/.installed | setup ## test everything with the oldest aws-cdk-lib, constructs and Python
	@.cache/floor/bin/python -c 'import platform; from importlib.metadata import version as of; print("testing with Python", \
		platform.python_version(), "".join(f", {name} {of(name)}" for name in ("aws-cdk-lib", "constructs", "cdk-nag")))'
	PATH="$(CURDIR)/.cache/floor/bin:$$PATH" CDK_VALIDATION=false .cache/floor/bin/python -m pytest -n 2 -m 'not long and not stress and not browser' $(ARGS)

# What is locked, but for the names in tests/floor.txt.
.cache/floor/.installed: tests/floor.txt requirements.lock pyproject.toml | $(UV)
	@found=""; for python in $(FLOOR_PYTHONS); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	echo "creating .cache/floor with $$("$$found" --version)"; \
	$(UV) venv --quiet --clear --python "$$found" .cache/floor
	@sed -n 's/^\([a-z].*==\).*/^\1/p' tests/floor.txt > .cache/floor/names
	@sed -n 's/^\([a-z].*==.*\) \\$$/\1/p' requirements.lock | grep -v -f .cache/floor/names > .cache/floor/constraints
	$(UV) pip install --quiet --no-config --python .cache/floor/bin/python --compile-bytecode --constraint .cache/floor/constraints \
		--override tests/floor.txt -e '.[check,local,testing]' --group dev hatchling editables
	@touch $@

test-sdk: setup ## test jobs from SDK objects with each line of the SageMaker SDK, in environments of their own
	$(call test_sdk,v2,sagemaker==2.257.7,tests/sdk/test_version_2.py)
	$(call test_sdk,v3,sagemaker-train sagemaker-core==2.27.0,tests/sdk/test_from_model_trainer.py tests/sdk/test_sdk_guide.py)

test-random: setup ## check a thousand legal workflows, drawn at random, for false alarms
	@$(BIN)/npm install --prefix .cache/asl-validator --no-audit --no-fund --loglevel=error $(ASL_VALIDATOR)
	CDK_VALIDATION=false RANDOM_WORKFLOWS=1000 ASL_VALIDATOR=$(CURDIR)/.cache/asl-validator/node_modules/.bin/asl-validator \
		$(BIN)/pytest tests/lint/test_random_workflows.py

conformance: conformance-engine conformance-training conformance-inference ## compare with engines and toolkits of others, in environments of their own

conformance-engine: .cache/conformance/engine/.installed | setup ## compare simulations with moto's parser and the reference JSONata
	CONFORMANCE_ENGINE=$(CURDIR)/.cache/conformance/engine CDK_VALIDATION=false $(BIN)/pytest tests/conformance/engine $(ARGS)

conformance-training: .cache/conformance/training/.installed | setup ## compare local training jobs with the toolkit in AWS's containers
	CONFORMANCE_TRAINING=$(CURDIR)/.cache/conformance/training CDK_VALIDATION=false $(BIN)/pytest tests/conformance/training $(ARGS)

conformance-inference: .cache/conformance/inference/.installed | setup ## compare local transform jobs with the toolkit in AWS's containers
	CONFORMANCE_INFERENCE=$(CURDIR)/.cache/conformance/inference CDK_VALIDATION=false $(BIN)/pytest tests/conformance/inference $(ARGS)

.cache/conformance/engine/.installed: tests/conformance/engine/requirements.txt | setup
	$(UV) venv --quiet --clear .cache/conformance/engine
	$(UV) pip install --quiet --no-config --python .cache/conformance/engine/bin/python -r tests/conformance/engine/requirements.txt
	$(BIN)/npm install --prefix .cache/conformance/engine --no-audit --no-fund --loglevel=error $(JSONATA)
	@touch $@

# Built for this Python; --no-deps, as the file names all that is imported.
.cache/conformance/training/.installed: tests/conformance/training/requirements.txt | $(UV)
	$(UV) venv --quiet --clear --python $(BIN)/python .cache/conformance/training
	$(UV) pip install --quiet --no-config --no-deps --python .cache/conformance/training/bin/python -r tests/conformance/training/requirements.txt
	@touch $@

.cache/conformance/inference/.installed: tests/conformance/inference/requirements.txt | $(UV)
	$(UV) venv --quiet --clear --python $(BIN)/python .cache/conformance/inference
	$(UV) pip install --quiet --no-config --no-deps --python .cache/conformance/inference/bin/python -r tests/conformance/inference/requirements.txt
	@touch $@

mutation: .cache/mutation/env/.mutmut-$(MUTMUT_VERSION) ## change the code of the kernel bit by bit, and see that tests fail
	.cache/mutation/env/bin/python -B tools/mutation.py $(ARGS)

# Without aws_cdk: the tests of the kernel start no Node.
.cache/mutation/env/.mutmut-$(MUTMUT_VERSION): requirements.lock | $(UV)
	$(UV) venv --quiet --clear .cache/mutation/env
	$(UV) pip install --quiet --no-config --python .cache/mutation/env/bin/python --constraint requirements.lock \
		botocore hypothesis jsonata-python pytest mutmut==$(MUTMUT_VERSION)
	@touch $@

# The SDK's line, its packages, its tests.
define test_sdk
	$(UV) venv --quiet --clear .cache/sdk-$(1)
	$(UV) pip install --quiet --no-config --python .cache/sdk-$(1)/bin/python -e . pytest hypothesis "backports.tarfile; $(OLD_TARFILE)" $(2)
	CDK_VALIDATION=false CONSTRUCTS_ML_EMULATOR=$(CURDIR)/.venv .cache/sdk-$(1)/bin/python -m pytest $(3)
endef

docs: .cache/docs/env/.installed | setup ## build the documentation's site into site/
	$(BIN)/python tools/build_site.py

docs-check: docs ## look at the site in a headless Chromium, which has to be installed
	.cache/docs/env/bin/python tools/check_site.py $(ARGS)

insight-check: .cache/docs/env/.installed | setup ## look at pictures of workflows and pages about runs in a headless Chromium, which has to be installed
	CDK_VALIDATION=false $(BIN)/pytest -m browser tests/insight $(ARGS)

.cache/docs/env/.installed: docs/requirements.lock | setup
	$(UV) venv --quiet --clear --python $(BIN)/python .cache/docs/env
	$(UV) pip install --quiet --no-config --python .cache/docs/env/bin/python --require-hashes -r docs/requirements.lock
	@touch $@

lint: setup ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

benchmark: setup ## measure synthesis against the stock constructs
	@set -e; for script in $(wildcard benchmarks/*.py); do echo "$$script"; $(BIN)/python "$$script"; done

# What is pinned stays pinned unless `make lock LOCK_ARGS=--upgrade` asks for newer versions.
lock: $(UV) ## resolve the dependencies again and write the lock files
	printf 'hatchling\neditables\nuv==%s\n' $(UV_VERSION) | $(UV) pip compile --quiet --no-config --no-python-downloads \
		--python $(BIN)/python --python-version 3.10 --universal --generate-hashes \
		--extra local --group dev --no-emit-index-url --no-emit-find-links --no-annotate \
		--custom-compile-command 'make lock' --output-file requirements.lock $(LOCK_ARGS) pyproject.toml -
	printf "ministack==1.5.33\nboto3\nregex\nbackports.tarfile; $(OLD_TARFILE)\n" | $(UV) pip compile --quiet --no-config --no-python-downloads \
		--python $(BIN)/python --python-version 3.10 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
		--output-file constructs_ml/interpreter/emulator.lock $(LOCK_ARGS) -
	$(UV) pip compile --quiet --no-config --no-python-downloads \
		--python $(BIN)/python --python-version 3.11 --universal --generate-hashes --group docs \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
		--output-file docs/requirements.lock $(LOCK_ARGS)
	$(MAKE) .venv/.python-installed
	$(BIN)/npm install --package-lock-only --loglevel=error
	@! grep -n '://' requirements.lock constructs_ml/interpreter/emulator.lock docs/requirements.lock package-lock.json || { echo 'make lock: a lock file names a host' >&2; exit 1; }

release-templates: setup ## keep the templates of a release, which the next one is compared with
	CDK_VALIDATION=false $(BIN)/python tools/keep_templates.py

clean: ## remove everything that make produces
	rm -rf .venv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache cdk.out dist site

$(UV):
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
		then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'make: Python 3.10 or newer with its venv module is needed, and none of "$(PYTHONS)" is one.' >&2; \
		echo 'make: install one (Debian: python3 and python3-venv), or name it: make setup PYTHONS=/path/to/python3' >&2; \
		exit 1; \
	fi; \
	echo "creating .venv with $$("$$found" --version)"; \
	"$$found" -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock \
		|| { rm -f $@; echo 'make: pip could not install uv; is a package registry within reach?' >&2; exit 1; }

# Bytecode is compiled here: without it, where PYTHONDONTWRITEBYTECODE is set, each import of aws_cdk takes seconds.
.venv/.python-installed: requirements.lock pyproject.toml | $(UV)
	$(UV) pip install --quiet --no-config --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(UV) pip install --quiet --no-config --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.cdk-installed: package.json package-lock.json | .venv/.python-installed
	@cp package.json package-lock.json .venv/
	$(BIN)/npm ci --prefix .venv --prefer-offline --no-audit --no-fund --loglevel=error
	@ln -sf ../node_modules/.bin/cdk $(BIN)/cdk
	@ln -sf ../node_modules/.bin/pyright $(BIN)/pyright
	@touch $@
