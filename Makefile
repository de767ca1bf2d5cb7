# Every target works on a fresh clone: the environment is made under .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TERRAFORM := .venv-terraform/.ready
AZURITE := .azurite/.ready

.PHONY: help demo test check format lint types imports generate bench build clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@echo "making the environment in $(VENV) (a minute or two, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "posture needs Python 3.11 or newer; say PYTHON=..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

$(TERRAFORM): pyproject.toml
	@echo "making the environment of Terraform in $(@D), for the tests that run it (350 MB, once)"
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --group terraform
	@touch $@

demo: $(READY) ## scan an embedded estate: no credentials, no cloud, nothing left running
	@$(BIN)/python -m tests.demo

$(AZURITE): tests/testbeds/azurite/package-lock.json
	@mkdir -p $(@D) && cp tests/testbeds/azurite/package.json tests/testbeds/azurite/package-lock.json $(@D)
	@if command -v npm >/dev/null; then \
	  echo "installing Azurite in $(@D), for the tests that run it (370 MB, once)" && \
	  npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel error && touch $@; \
	else echo "npm is not on this machine: the tests over Azurite will not run"; fi

test: $(READY) $(TERRAFORM) $(AZURITE) ## all tests, against peers that they start themselves
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(READY) ## everything that CI asks for: format, lint, types, imports, generated files, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .import_linter_cache
	@$(BIN)/python -m tests.generate --check
	@$(MAKE) --no-print-directory test

format: $(READY) ## rewrite the code in the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet . || true

lint: $(READY) ## ruff and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --cache-dir .import_linter_cache

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

generate: $(READY) ## rewrite what is made from code: schemas, catalogue, README blocks
	@$(BIN)/python -m tests.generate

bench: $(READY) $(TERRAFORM) ## measure side by side with peers; installs them under .bench (minutes, 2.8 GB)
	@$(BIN)/python -m tests.benchmarks

build: $(READY) ## a wheel and a source archive in dist/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	@$(BIN)/python -m build --outdir dist

clean: ## remove everything that these targets made
	@rm -rf $(VENV) .venv-* .azurite .bench .demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
