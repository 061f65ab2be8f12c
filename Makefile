# make run: the main job, end to end.  make test: everything.  Both do all their own set-up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
PINS := uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url --python-version 3.11
DIST := $(CURDIR)/dist/linux-amd64
PYTEST := GITHUB_ASSETS_CNB_DIR=$(DIST) $(PY) -m pytest -q
# $(call step,WHAT,COMMAND): run it, and say how long it took.
step = @begin=$$(date +%s); $(2) && echo "make: $(1): $$(($$(date +%s) - begin)) s"

.PHONY: run test parts lint unit contract runtime e2e e2e-kube e2e-platforms fuzz tomorrow robots pins package release programs system directory bench picture clean

# Side by side: what is compiled, what apt installs, and what is fetched for the package.
run:
	@$(MAKE) --no-print-directory --jobs=3 programs system directory
	$(call step,the main job,$(PY) -m examples.seed_case)

test: parts lint unit package contract runtime e2e

parts:
	@$(MAKE) --no-print-directory --jobs=3 programs system $(VENV)/ready

lint: $(VENV)/ready
	$(call step,ruff check,$(VENV)/bin/ruff check .)
	$(call step,ruff format,$(VENV)/bin/ruff format --check .)
	$(call step,mypy,$(VENV)/bin/mypy)
	$(call step,import-linter,PYTHONPATH=lib $(VENV)/bin/lint-imports)
	$(call step,zizmor,$(VENV)/bin/zizmor --offline --quiet --no-progress .github updates)
	$(call step,check-jsonschema,$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*)

unit: $(VENV)/ready
	$(PYTEST) -n 2 tests/unit

# The fault matrix alone: its time limits are real, and its table ends the run.
contract: $(VENV)/ready package
	$(PYTEST) -n 2 --dist loadfile --ignore=tests/integration/test_fault_matrix.py tests/integration tests/contract tests/testing/githubd
	$(PYTEST) tests/integration/test_fault_matrix.py

runtime: $(VENV)/ready package
	$(PYTEST) -n 2 --dist loadfile tests/runtime

e2e: $(VENV)/ready package
	$(PYTEST) -n 2 --dist loadfile tests/testing/test_toolchain.py tests/e2e tests/release

# Weekly: a real kpack and a real Tekton, on a real Kubernetes. OPTIONS="--only kpack" is one platform.
e2e-kube: $(VENV)/ready package
	$(PY) -m testing.kube $(OPTIONS)

# Weekly: what else builds images or asks for their health. OPTIONS="-k skaffold" is one of them.
e2e-platforms: $(VENV)/ready package
	E2E_PLATFORMS=1 $(PYTEST) tests/platforms $(OPTIONS)

# Nightly: every property with many examples.
fuzz: $(VENV)/ready
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-10000} $(PY) -m pytest -q -n 2 --dist worksteal -m hypothesis tests/unit tests/integration tests/contract

# Nightly: a clock that is 500 days ahead. Not for tests/e2e, where programs made by Go and containers ask the kernel for
# the time, nor for tests/runtime, which asks Debian for an index: it will have expired by then.
tomorrow: $(VENV)/ready package
	GITHUB_ASSETS_CNB_DIR=$(DIST) testing/clock/tomorrow $(PY) -m pytest -q -n 2 --dist loadfile \
		tests/unit tests/integration tests/contract tests/testing/githubd

# Nightly: the real Renovate, whose installation takes minutes, the real pre-commit, and the GitHub action.
robots: $(VENV)/ready
	$(PY) -m pytest -q tests/robots

# dist/linux-<arch>/ for `pack build -b`, and dist/*.cnb
package: $(VENV)/base
	$(call step,pack,$(PY) -m testing.toolchain pack)
	$(call step,the packages,$(PY) -m runtime package)

# dist/release/, made of the pinned packages alone by the pinned pack and Go: the same bytes on every machine, on any day;
# and the image index in a registry: OPTIONS="--image ghcr.io/OWNER/NAME". The release workflow calls this.
release: test
	$(call step,pack,$(PY) -m testing.toolchain release-pack)
	$(call step,the release,PYTHONPATH=lib $(PY) -m release $(OPTIONS))

programs: $(VENV)/base
	$(call step,pack,$(PY) -m testing.toolchain pack)
	$(call step,the lifecycle,$(PY) -m testing.toolchain lifecycle)
	$(call step,the probe,$(PY) -m testing.toolchain probe)
	$(call step,the service,$(PY) -m testing.toolchain service)

# Where no Docker Engine can be had, the main job goes without and says why.
system: $(VENV)/base
	$(call step,Docker Engine and base image,$(PY) -m testing.toolchain engine && $(PY) -m testing.toolchain base) || true

directory: $(VENV)/base
	$(call step,the package's directory,$(PY) -m runtime package --arch amd64 --no-cnb)

$(VENV)/ready: $(VENV)/base
	$(call step,development packages,$(PIP) --no-compile --requirement requirements-dev.txt)
	@touch $@

# What `make run` needs.
# A link's target may be somebody else's environment, which `--clear` would empty.
$(VENV)/base: requirements-dev.txt requirements-run.txt
	@! test -L $(VENV) || rm $(VENV)
	@$(PYTHON) -m venv --clear $(VENV) || { apt-get -qq update && apt-get -qq install -y python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	$(call step,virtual environment,$(PIP) --requirement requirements-run.txt)
	@touch $@

# The development packages of pyproject.toml with the hashes of all their files. OPTIONS=--upgrade takes the newest.
pins: export UV_CUSTOM_COMPILE_COMMAND = make pins
pins: $(VENV)/ready
	$(VENV)/bin/$(PINS) --all-extras --group dev $(OPTIONS) --output-file requirements-dev.txt pyproject.toml
	$(VENV)/bin/$(PINS) --group run --constraint requirements-dev.txt --output-file requirements-run.txt
	$(VENV)/bin/$(PINS) --group bench --constraint requirements-dev.txt --output-file requirements-bench.txt

# The pictures in README.md and docs/: docs/{run,rebuild,error,fetch}.svg
picture: $(VENV)/ready package
	PYTHONPATH=lib:. $(PY) docs/picture.py

# Speed beside other tools: benchmarks/RESULTS.md, results.json and docs/bench.svg. OPTIONS=--quick is a short run.
bench: $(VENV)/bench package
	$(PY) -m benchmarks $(OPTIONS)

$(VENV)/bench: $(VENV)/ready requirements-bench.txt
	$(call step,bench packages,$(PIP) --no-compile --requirement requirements-bench.txt)
	@touch $@

clean:
	-$(PYTHON) -m testing.toolchain docker purge
	rm -rf dist .cache $(VENV)
