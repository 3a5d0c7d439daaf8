# Coopetir. Two commands: `make run` serves the product, `make test` passes the tests.
.DEFAULT_GOAL := help
PORT ?= 8000
DEMO ?= 1
PYTHON ?= python3
PY := .venv/bin/python
export COOPETIR_HOME ?= $(CURDIR)/var

help: ## say what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/core.stamp: requirements/core.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make run PYTHON=python3.11"; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/dev.stamp: .venv/core.stamp requirements/dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.lock -r requirements/dev.lock
	@touch $@

.venv/spark.stamp: .venv/dev.stamp requirements/spark.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.lock
	@touch $@

run: .venv/core.stamp ## serve the product on SQLite (PORT=8000, DEMO=0 starts empty)
	@.venv/bin/coopetir-server serve --port $(PORT) $(if $(filter 0,$(DEMO)),--no-demo,--demo)

browser: ## install the browser the journeys drive, where that is possible
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "No browser here and no right to install one: the journeys will be skipped. Install chromium to run them."

test: .venv/dev.stamp browser ## run the tests on SQLite, with the browser journeys
	$(PY) -m pytest -q -n 2 --dist loadfile -m "not postgresql and not spark" $(if $(CI),,--durations=10) $(ARGS)

test-all: .venv/spark.stamp browser ## also PostgreSQL and one local Spark smoke
	$(PY) -m pytest -q -m "not spark"
	$(PY) -m pytest -q -m spark
	tools/with_postgresql $(PY) -m pytest -q -m "not spark and not journey" tests/foundation tests/identify tests/website

check: .venv/dev.stamp ## lint, format, import contracts, types, migrations, translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) -m mypy
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) tools/translations.py check

translations: .venv/dev.stamp ## collect the sentences to translate and compile them
	$(PY) tools/translations.py update

docs: .venv/dev.stamp ## build the documentation, warnings are errors
	$(PY) -m sphinx -q -n -W -b html docs docs/_build/html

reference: .venv/dev.stamp ## write again the reference pages and outputs that the code states
	$(PY) tools/reference_pages.py
	$(PY) tools/console_examples.py --renew README.md docs/tutorials/first-screening.md

lock: .venv/dev.stamp ## renew the locked requirements
	for name in core dev spark; do .venv/bin/uv pip compile --python-version 3.11 --generate-hashes --no-annotate --no-header -q \
	  requirements/$$name.in $$([ $$name = core ] || echo -c requirements/core.lock) -o requirements/$$name.lock; done

benchmarks: .venv/dev.stamp ## measure ourselves beside the others, in one run (minutes)
	$(PY) benchmarks/complexity.py --repeats 3
	$(PY) benchmarks/panel.py
	$(PY) benchmarks/screening.py

vendor: .venv/dev.stamp ## copy the front-end files again (needs npm; never at run time)
	npm ci --no-audit --no-fund
	$(PY) tools/vendor_frontend.py

wheel: .venv/dev.stamp ## build the installable package
	rm -rf build  # else files that were removed from the source would come back
	$(PY) -m build --wheel --no-isolation

.PHONY: help run browser test test-all check translations docs reference lock benchmarks vendor wheel
