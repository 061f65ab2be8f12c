# make run: the main job, end to end.  make test: everything.  Both do all their own set-up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
DIST := $(CURDIR)/dist/linux-amd64
PYTEST := GITHUB_ASSETS_CNB_DIR=$(DIST) $(PY) -m pytest -q

.PHONY: run test lint unit contract runtime e2e package release toolchain fuzz bench picture clean

run: package
	$(PY) -m examples.seed_case

test: lint unit package contract runtime e2e

lint: $(VENV)/ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	PYTHONPATH=lib $(VENV)/bin/lint-imports

unit: $(VENV)/ready
	$(PYTEST) -n 2 tests/unit

# The fault matrix alone: its time limits are real, and its table ends the run.
contract: package
	$(PYTEST) -n 2 --dist loadfile --ignore=tests/integration/test_fault_matrix.py tests/integration tests/contract tests/testing/githubd
	$(PYTEST) tests/integration/test_fault_matrix.py

runtime: package
	$(PYTEST) -n 2 --dist loadfile tests/runtime

e2e: package
	$(PYTEST) tests/testing/test_toolchain.py tests/e2e tests/release

# Nightly: every property with many examples.
fuzz: $(VENV)/ready
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-10000} $(PY) -m pytest -q -n 2 --dist worksteal -m hypothesis tests/unit tests/integration tests/contract

# dist/linux-<arch>/ for `pack build -b`, and dist/*.cnb
package: toolchain
	$(PY) -m runtime package

# dist/release/, and the image index in a registry: OPTIONS="--image ghcr.io/OWNER/NAME". The workflow runs this.
release: test
	PYTHONPATH=lib $(PY) -m release $(OPTIONS)

toolchain: $(VENV)/ready
	$(PY) -m testing.toolchain pack

$(VENV)/ready: requirements-dev.txt
	$(PYTHON) -m venv --clear $(VENV) || { apt-get -qq update && apt-get -qq install -y python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@

# docs/run.svg, the README's picture
picture: package
	$(PY) docs/picture.py

# Speed beside other tools: benchmarks/RESULTS.md, results.json and docs/bench.svg. OPTIONS=--quick is a short run.
bench: package
	$(PY) -m benchmarks $(OPTIONS)

clean:
	-$(PYTHON) -m testing.toolchain docker purge
	rm -rf dist .cache $(VENV)
