# Everything a newcomer needs: `make demo` and `make test`. Python 3.11 or newer and make are enough.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
# Twice the cores: many tests wait for processes they have started.
FOREIGN := .venv-interop
WRITTEN := $(addprefix tests/unit/test_,jose_rfc_examples.py jose_vectors.py fitconnect_callbacks.py::test_the_published_examples_are_signed_alike)
# What others have published or made, beside the programs themselves.

.PHONY: demo test lint acceptance campaign bench faults fuzz interop vectors clean

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

demo: $(READY)  ## The case from Hamburg to Chemnitz; ONCE=1 ends by itself, ARGS="--lang de" and others are passed on
	$(BIN)/amtsbote-demo $(if $(ONCE),--once) $(ARGS)

test: $(READY)  ## Units, contracts, and programs together; COVERAGE=1 also measures them and demands 90 % of the lines
	$(BIN)/python -m pytest -q -n $(JOBS) tests/unit tests/contract tests/integration $(if $(COVERAGE),--cov --cov-report=term --cov-fail-under=90)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

acceptance: $(READY)  ## Brokers as processes, asked and disturbed from outside, then the campaign
	$(BIN)/python -m pytest -q -n $(JOBS) tests/acceptance
	@$(MAKE) --no-print-directory campaign

campaign: $(READY)  ## Brokers under load: STORE=sqlite|postgresql NODES=3 KILL=1 SECONDS=60 MESSAGES=1000 SEED=7
	@$(BIN)/python tests/acceptance/campaign.py

faults: $(READY)  ## Kills and failures, a sample; RUNS=1000 at every call of every operation, and a writing store that often
	RUNS=$(RUNS) $(BIN)/python -m pytest -q -n $(JOBS) tests/faults

bench: $(READY)  ## BENCH=whole-path runs one, none runs all; STORE=postgresql
	$(BIN)/python tests/benchmarks/run.py $(BENCH)

fuzz: $(READY)  ## Property tests with many more examples; SECONDS=600 for longer
	$(BIN)/python tests/fuzz.py

$(FOREIGN)/.ready: tests/interop/python/requirements.txt
	test -x $(FOREIGN)/bin/python || $(PYTHON) -m venv $(FOREIGN)
	$(FOREIGN)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

interop: $(READY) $(FOREIGN)/.ready  ## Programs of others against a broker; Node and Java take part where they are installed; ARGS="-k node"
	INTEROP=1 $(BIN)/python -m pytest -q tests/interop $(WRITTEN) $(ARGS)

vectors: $(READY) $(FOREIGN)/.ready  ## Tokens of four JOSE libraries and of ours made anew, for `make test` to read: tests/vectors
	$(BIN)/python tests/interop/make_vectors.py

clean:
	rm -rf $(VENV) $(FOREIGN) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .coverage*
