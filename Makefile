# Everything runs through uv and the lock file. Where uv is missing, the pinned one below is
# installed into .tools/ first, so a machine needs Python 3.11 or newer and make, nothing else.

UV_VERSION := 0.13.8
# With its integrity in tools/local_cloud/aws-cdk/package-lock.json. Never "latest": it has pointed
# at 3.0.0, a mistaken upload which cannot read today's assemblies.
CDK_CLI := aws-cdk@2.1148.1

TOOLS := .tools/uv-$(UV_VERSION)
# Run once to see whether it works: version switchers leave shims for tools that are not there.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo $(TOOLS)/bin/uv)
RUN := $(UV) run --locked

# aws-cdk-lib's own template validation costs seconds per process; synth keeps it, tests need not.
FAST := CDK_VALIDATION=false

# Further arguments, as in: make test ARGS="-k channel"
ARGS :=
# Of the playground: the example, and where it listens (0: any free port).
EXAMPLE :=
PORT := 0
# A part of the tests covers a part of the code: measured only when all run.
COVER := $(if $(ARGS),,--cov --cov-report=term)

.DEFAULT_GOAL := help
.PHONY: help synth cdk-synth test test-floor snapshots check lint types format faults \
  deploy-test command-test integ playground bench models coverage docs dist clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	while IFS='|' read -r target text; do printf '%-12s %s\n' "$$target" "$$text"; done

synth: $(UV) ## write every example's CloudFormation template to cdk.out/
	@$(RUN) python app.py

cdk-synth: $(UV) ## the same with the real CDK CLI, on the Node of the environment
	$(RUN) node "$$($(RUN) python -m tools.local_cloud.toolchain)" synth --quiet $(ARGS)

# The fault bench runs the handler on a clock and with calls of its own, the deployments start
# programs: each in a process of its own.
test: $(UV) ## run the tests; options for pytest go into ARGS
	$(if $(ARGS),,$(FAST) $(RUN) pytest -q tests/faults)
	$(if $(ARGS),,$(FAST) $(RUN) pytest -q tests/deploy)
	$(FAST) $(RUN) pytest $(COVER) $(ARGS)

# hypothesis is not in the extra: users of ivs-constructs[test] have no need of it. The emulator
# speaks what the installed botocore knows, so tests against it want a new one; those of tokens want
# PyJWT and moto.
test-floor: $(UV) ## run the tests on the oldest dependencies that pyproject.toml allows
	$(UV) venv --clear --quiet .floor
	$(UV) pip install --quiet --python .floor --resolution lowest-direct \
	  -e '.[test,node]' 'hypothesis>=6.130'
	$(FAST) PATH="$(CURDIR)/.floor/bin:$$PATH" \
	  .floor/bin/python -m pytest -p no:cacheprovider --snapshot-warn-unused tests/constructs tests/unit \
	  --ignore tests/unit/emulator --ignore tests/unit/handler --ignore tests/unit/tokens \
	  --ignore tests/unit/compositions $(ARGS)

snapshots: $(UV) ## write the template snapshots anew; look at the diff before you commit it
	$(FAST) $(RUN) pytest --snapshot-update $(ARGS)

check: lint types ## lint and types

lint: $(UV) ## formatting and lint rules
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: $(UV) ## mypy over everything, pyright over the package
	$(RUN) mypy --strict ivs_constructs tests tools examples benchmarks docs app.py
	$(RUN) pyright

format: $(UV) ## format the code and mend what lint can mend
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

faults: $(UV) ## run the custom-resource handler against every fault; takes minutes
	$(RUN) python -m tests.faults $(ARGS)

deploy-test: $(UV) ## deploy the examples with the real CDK CLI to a local CloudFormation; minutes
	$(FAST) $(RUN) python -m tests.deploy $(ARGS)

command-test: $(UV) ## run the deployment commands as people do, playground and all; minutes
	$(FAST) $(RUN) pytest -q tests/deploy/commands $(ARGS)

integ: $(UV) ## check in a real AWS account what only that can show; costs money, has to be asked for
	@$(RUN) python -m tests.integ $(ARGS)

# Free of what a shell in between would do with signals: Ctrl-C has to end it, and nothing else.
playground: export CDK_VALIDATION := false
playground: $(UV) ## deploy an example to this machine, and keep it until Ctrl-C: EXAMPLE=public_channel
	@$(RUN) python -m tools.local_cloud.playground --port $(PORT) $(EXAMPLE)

bench: $(UV) ## measure synthesis, the Lambda functions and tokens
	$(RUN) python benchmarks/synth.py $(ARGS)
	$(RUN) python -m benchmarks.handler $(ARGS)
	$(RUN) python benchmarks/kit.py $(ARGS)
	$(RUN) python -m benchmarks.tokens $(ARGS)

models: $(UV) ## write the API models of the Lambda function anew, from the installed botocore
	$(RUN) python -m tools.write_models

coverage: $(UV) ## tell where each operation and member of both APIs is covered
	@$(RUN) python -m tools.coverage $(ARGS)

docs: $(UV) ## write the generated pages anew and build the documentation into site/
	$(RUN) python -m tools.generate_limits
	$(RUN) python -m tools.generate_coverage
	NO_MKDOCS_2_WARNING=1 $(RUN) --group docs mkdocs build --strict

dist: $(UV) ## build the sdist and the wheel into dist/
	$(UV) build

clean: ## remove what the targets above made, except the environment
	rm -rf cdk.out dist site .floor .coverage htmlcov .mypy_cache .pytest_cache .ruff_cache
	rm -rf .hypothesis

$(TOOLS)/bin/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  $$python -m venv $(TOOLS) && \
	  $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --only-binary :all: --requirement .ci/uv.txt; \
	  exit; \
	done; \
	echo 'Python 3.11 or newer is needed, and none is on PATH: https://www.python.org' >&2; exit 1
