# Two commands do everything: `make demo` and `make test`. Both set themselves up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := build/demo

.PHONY: demo lab test bench clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed  ## Run examples/quickstart.ipynb with the demo model; results in build/demo
	$(BIN)/python examples/run_demo.py $(DEMO)

lab: $(VENV)/.installed  ## Open JupyterLab on the examples
	$(BIN)/jupyter lab --notebook-dir=examples $(LAB_OPTIONS)

test: $(VENV)/.installed-test  ## Check style and types, run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "" $(PYTEST_OPTIONS)

bench: $(VENV)/.installed-test  ## Print the figures of benchmarks/
	$(BIN)/python benchmarks/run_overhead.py
	$(BIN)/python benchmarks/load_time.py
	$(BIN)/python benchmarks/code_execution.py
	$(BIN)/python benchmarks/upload_memory.py
	$(BIN)/python benchmarks/long_thread.py
	$(BIN)/python benchmarks/concurrent_runs.py
	$(BIN)/python benchmarks/snapshot_cost.py

clean:
	rm -rf build $(VENV)
