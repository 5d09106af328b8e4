# The two commands: `make run` and `make test`. Needs Python 3.11, pip and make; everything else goes into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make requirements"
PYTEST := $(BIN)/python -m pytest
# More processes than two cores: many tests wait for workers and servers of their own.
BESIDE_EACH_OTHER := --numprocesses 4 --dist loadfile
# What is tested a second time, on PostgreSQL, Redis and object storage: transactions, queues, whole stories, and every page
# and API operation with odd input. Where the services are not installed, that is said.
ON_SERVICES := tests/faults tests/operations \
	$(addprefix tests/flows/test_, retraining_in_two_processes.py upload_to_catalogue.py worker_processes.py) \
	$(addprefix tests/onboarding/api/test_, idempotency.py labels.py schema.py uploads.py) \
	$(addprefix tests/onboarding/test_, queue.py receiving.py tagging_batches.py worker.py) \
	tests/test_access.py::test_odd_query_strings_and_forms_never_break_a_page

.PHONY: run test lint types requirements

run: .venv/.installed .env
	@$(BIN)/python manage.py serve --demo

# Kept bytecode, whatever the environment says: each of the many processes would compile all of the project anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.installed-dev
	$(PYTEST) $(BESIDE_EACH_OTHER) -m "not timed"
	$(PYTEST) -m timed
	$(BIN)/python -m tests.services $(PYTEST) $(BESIDE_EACH_OTHER) $(ON_SERVICES)

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
