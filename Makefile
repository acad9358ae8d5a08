# Two commands do everything: `make app` and `make test`. The rest is for those who build Winnow.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?=

.PHONY: help app test check shape bench examples lock clean
help:            ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

app: $(VENV)/app  ## install, start, open on real sample data
	@WINNOW_OPEN=$${WINNOW_OPEN-birdstrikes} STREAMLIT_SERVER_MAX_UPLOAD_SIZE=$${WINNOW_UPLOAD_MB:-500} $(BIN)/streamlit run app.py

test: $(VENV)/dev  ## install what the tests need (the browser too) and run them all
	@WINNOW_CHROMIUM=$$($(BIN)/python tests/browser.py) && export WINNOW_CHROMIUM && env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev  ## formatting, lint, types, floors, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

shape: $(VENV)/dev  ## sizes of functions and modules against the aims
	@$(BIN)/python -m tests.house.shape

bench: $(VENV)/bench $(VENV)/peers/made  ## speed and quality against peers; DATA=folder adds real data sets
	@$(BIN)/python -m benchmarks $(DATA)

examples: $(VENV)/dev  ## every test that draws its examples, on 1,000 of them (WINNOW_EXAMPLES=n)
	@WINNOW_EXAMPLES=$${WINNOW_EXAMPLES-1000} $(BIN)/python -m pytest -q -n auto --timeout 0 $$(grep -rlE 'hypothesis|examples\(' tests --include='test_*.py')

lock:            ## pin every dependency anew (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate requirements.txt -o requirements.lock
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate requirements-dev.txt -c requirements.lock -o requirements-dev.lock

clean:           ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Winnow needs Python 3.11 or newer; set PYTHON=python3.12, for example." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@
$(VENV)/app: requirements.lock $(VENV)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@
$(VENV)/dev: requirements-dev.lock $(VENV)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@
$(VENV)/bench: benchmarks/requirements.txt $(VENV)/dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt -c requirements-dev.lock
	@touch $@
$(VENV)/peers/made: benchmarks/peers.txt $(VENV)/python
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	@touch $@
