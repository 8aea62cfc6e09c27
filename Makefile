# Needs git, make and a Python >= 3.10; everything else is installed. `make help` lists the targets.
VENV := .venv
VENV35 := .venv-spark35
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env demo test lint format code types imports bench docs test-spark35 kafka clean

help:  ## say what there is
	@sed -n 's/^\([a-z0-9-]*\):.*  ## /\1|/p' Makefile | while IFS='|' read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

env: $(VENV)/.ready  ## make .venv with every extra, and find or install Java

demo: $(VENV)/.ready out/night/truth.csv  ## simulate a night, run the job on it, print what it found
	$(BIN)/skysift run --source out/night/packets --sink out/demo --once

test: $(VENV)/.ready  ## run the tests, two files at a time, with a real Kafka and a browser if there
	-@$(BIN)/python -m ci.chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: format code types imports  ## check format, code, types and which room imports which

format code types imports: $(VENV)/.ready

format:
	$(BIN)/ruff format --check .

code:
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.ready  ## measure against the ways people do it today
	$(BIN)/python -m benchmarks

docs: $(VENV)/.ready  ## write the catalogue of modules and filters from their declarations
	$(BIN)/python -m docs.catalogue

test-spark35: $(VENV35)/.ready  ## run the science modules' tests on Spark 3.5, in .venv-spark35
	$(VENV35)/bin/python -m pytest tests/science_modules

kafka: $(VENV)/.ready  ## start a Kafka to try things on (python -m ci.kafka stop ends it)
	$(BIN)/python -m ci.kafka start

clean:  ## remove environments, outputs and caches
	-[ ! -x $(BIN)/python ] || $(BIN)/python -m ci.kafka stop
	rm -rf $(VENV) $(VENV35) out .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/.ready: pyproject.toml ci/constraints.txt
	@python=$$(PYTHON='$(PYTHON)' sh ci/find_python.sh) && \
		sh ci/environment.sh "$$python" $(VENV) ci/constraints.txt export,fink,frames,lasair,marshal,postgresql,test,tracking,umap
	@touch $@

$(VENV35)/.ready: pyproject.toml ci/constraints-spark35.txt
	@python=$$(PYTHON='$(PYTHON)' sh ci/find_python.sh 12) && \
		sh ci/environment.sh "$$python" $(VENV35) ci/constraints-spark35.txt test
	@touch $@

# The truth is written last: without it the night is half a night, of an interrupted simulation.
out/night/truth.csv: | $(VENV)/.ready
	rm -rf out/night
	$(BIN)/skysift simulate alerts --count 400 --comets 12 --seed 7 --output out/night
