# The two commands: `make run` and `make test`. Needs Python 3.11, pip and make; everything else goes into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SENTENCES := $(wildcard locale/*/LC_MESSAGES/*.po)
COLLECT_SENTENCES := DEBUG=1 $(BIN)/python manage.py makemessages --all --no-obsolete --add-location file \
	--ignore .venv --ignore var --ignore tests --ignore staticfiles --ignore static/vendor --ignore static/bundles
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make requirements"
PYTEST := $(BIN)/python -m pytest
# More processes than two cores: many tests wait for workers and servers of their own.
BESIDE_EACH_OTHER := --numprocesses 4 --dist loadfile
# What is tested a second time, on PostgreSQL, Redis and object storage: transactions, queues, whole stories, and every page
# and API operation with odd input. Where the services are not installed, that is said. Files start in this order: those that
# take longest have few tests, and would come last.
ON_SERVICES := tests/operations tests/faults \
	$(addprefix tests/flows/test_, retraining_in_two_processes.py upload_to_catalogue.py worker_processes.py) \
	$(addprefix tests/onboarding/api/test_, idempotency.py labels.py schema.py uploads.py) \
	$(addprefix tests/onboarding/test_, queue.py receiving.py tagging_batches.py worker.py) \
	tests/test_access.py::test_odd_query_strings_and_forms_never_break_a_page

.PHONY: run test lint types requirements sentences bundles

run: .venv/.installed .env locale/.compiled
	@$(BIN)/python manage.py serve --demo

# Kept bytecode, whatever the environment says: each of the many processes would compile all of the project anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.installed-dev locale/.compiled
	$(PYTEST) $(BESIDE_EACH_OTHER) -m "not timed"
	$(PYTEST) -m timed
	$(BIN)/python -m tests.services $(PYTEST) $(BESIDE_EACH_OTHER) --no-loadscope-reorder $(ON_SERVICES)

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

types: .venv/.installed-dev
	$(BIN)/mypy --strict manage.py onboarding catalog ml

requirements: .venv/.installed-dev  ## compiles the pinned lists anew; all agree
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-web.in --constraints requirements.txt -o requirements-web.txt
	$(COMPILE) requirements-heic.in -o requirements-heic.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

# What browsers load, one file a page, in a syntax that those of three years ago read.
BUNDLE := npx --yes esbuild@0.28.2 --bundle --minify --format=esm --target=chrome119,edge119,firefox119,safari17 \
	--charset=utf8 --legal-comments=eof --log-level=warning
bundles:  ## static/bundles anew, from static/js and static/css (needs Node.js)
	rm -rf static/bundles
	$(BUNDLE) --outdir=static/bundles site=static/css/site.css lapel=static/js/lapel.js progress=static/js/progress.js \
		arrange=static/js/arrange.js listing_new=static/js/review.js review=static/js/pages/review.js \
		review_grid=static/js/review_grid.js queue=static/js/pages/queue.js upload=static/js/upload/page.js \
		picture_worker=static/js/upload/picture_worker.js
	cd static && find css js vendor -type f | LC_ALL=C sort | xargs sha256sum > bundles/SOURCES

sentences: .venv/.installed-dev  ## writes new sentences of the code into the catalogues, to be translated (needs GNU gettext)
	$(COLLECT_SENTENCES)
	$(COLLECT_SENTENCES) --domain djangojs

locale/.compiled: $(SENTENCES) .venv/.installed
	@$(BIN)/pybabel -q compile --directory locale --domain "django djangojs"
	@touch $@

.env:
	cp .env.example .env

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Lapel needs Python 3.11; $(PYTHON) is another. Say where it is: make run PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt | .venv/bin/python
	@echo "Installing the pinned requirements into .venv; PyTorch makes this take some minutes the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
