# Every target does its own set-up from a bare Python 3.11+; nothing is installed outside .venv,
# but for the Debian packages of the real engines that tests use, where apt and root are there.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-influx test-flux test-grafana check check-deploy dashboards dist bench fuzz mutate scenarios kill format lock clean engines

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## run the monitor against a virtual fleet (Ctrl-C ends it)
	$(BIN)/cubemon demo

test: $(READY) engines ## run every test, with branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --format=total --fail-under=$$(cat .ci/coverage-floor)

check: $(READY) ## lint, types, import contracts, size figures
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python .ci/sizes.py

check-deploy: $(READY) ## check the container file, compose files, Helm chart, systemd unit (deploy/check)
	@deploy/check

dist: ## gather the wheel and all it needs into dist/, to be installed without a registry
	@PYTHON=$(PYTHON) deploy/dist dist

bench: $(READY) engines ## measure speed, each figure beside its peer or bound
	@set -e; for one in benchmarks/[a-z]*.py; do \
	  echo; echo "== $$one"; $(BIN)/python $$one; done

fuzz: $(READY) ## a million mutated traps, 200,000 mutated gNMI messages
	SNMP_MUTATIONS=1000000 CUBEMON_FUZZ=200000 \
	  $(BIN)/python -m pytest -q --timeout 1800 tests/collect/snmp/test_ber.py tests/collect/gnmi/test_fuzz.py

mutate: $(READY) engines ## change every threshold and comparison of the rules in turn (long)
	$(BIN)/python -m tests.rules.mutation

scenarios: $(READY) engines ## play all generated scenarios by both judges, as a table
	$(BIN)/python -m tests.rules.generated

kill: $(READY) engines ## kill -9 during ingest, and during ingest with shipping (200 times each)
	$(BIN)/python -m pytest -q tests/store/test_kill.py --kills 200
	CUBEMON_KILLS=200 $(BIN)/python -m pytest -q --timeout 1800 tests/store/outside/test_kill_shipping.py

test-influx: $(READY) ## run the stores' contract against a real InfluxDB 2 (URL= TOKEN= ORG=)
	@test -n "$(URL)" -a -n "$(TOKEN)" -a -n "$(ORG)" || \
	  { echo "make test-influx URL=http://host:8086 TOKEN=... ORG=..." >&2; exit 2; }
	@CUBEMON_INFLUX_URL="$(URL)" CUBEMON_INFLUX_TOKEN="$(TOKEN)" CUBEMON_INFLUX_ORG="$(ORG)" \
	  $(BIN)/python -m pytest -q tests/store/outside/test_contract.py

test-flux: $(READY) ## check every Flux query with InfluxData's checker (needs Node)
	npm install --silent --prefix .cache/flux @influxdata/flux-lsp-node@0.8.40
	CUBEMON_FLUX_LSP=$(CURDIR)/.cache/flux $(BIN)/python -m pytest -q tests/store/outside/test_flux.py tests/dashboards/test_foreign.py

test-grafana: $(READY) ## check the dashboards by Grafana's own types (needs Node)
	npm install --silent --prefix .cache/grafana @grafana/schema@13.2.3 @grafana/data@12.1.0 jsdom@24 typescript@5.9
	CUBEMON_GRAFANA=$(CURDIR)/.cache/grafana $(BIN)/python -m pytest -q tests/dashboards/test_foreign.py

dashboards: $(READY) ## write the dashboards' JSON anew
	@$(BIN)/python -m dashboards

format: $(READY) ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY) ## choose new versions of all tools and libraries
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev \
	  --generate-hashes pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements.lock pyproject.toml -o deploy/requirements.lock
	echo hatchling | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header \
	  --generate-hashes -c requirements.lock - -o deploy/build.lock

engines: ## install the Debian packages of the real engines (needs apt and root)
	@.ci/engines

clean: ## remove what the targets made
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
