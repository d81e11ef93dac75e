# `make` sets everything up, builds the graph and shows it answering; `make help` lists the rest.
# Another Python: make PYTHON=python3.12

VENV := .venv
BIN := $(VENV)/bin
# The question that `make` ends with: any name that `milia query` lists.
SAMPLE := causes-by-form
# Three workers keep two processors busy, as much of a test is waiting; more: make test WORKERS=8
WORKERS := 3

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

.PHONY: demo
demo: setup ## set up, build the graph, show what it can do (the default)
	@$(BIN)/milia build
	@$(BIN)/milia
	@$(BIN)/milia query $(SAMPLE)

.PHONY: setup
setup: ## make .venv ready (nothing to do, and no network needed, once it is)
	@.ci/setup $(VENV) $(PYTHON)

.PHONY: test
test: referees lint ## prove it: lint, types and every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

# Other readers of the same files (of mappings, of codes, of HPO): large, so only the tests ask for them.
# The feeds' validators need other versions of some packages, so they live apart.
REFEREES := $(VENV)/milia-referees.stamp
CONSUMERS := .venv-referees
.PHONY: referees
referees: setup
	@cmp -s requirements/referees.txt $(REFEREES) || { \
	    echo "milia: installing what the tests compare with (some 200 MB to fetch the first time)"; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 3 --no-deps --require-hashes \
	        -r requirements/referees.txt && cp requirements/referees.txt $(REFEREES); }
	@cmp -s requirements/consumers.txt $(CONSUMERS)/milia-consumers.stamp || { \
	    echo "milia: making $(CONSUMERS), with the validators of those who read the feeds"; \
	    $(BIN)/python -m venv --clear $(CONSUMERS) && \
	    $(CONSUMERS)/bin/python -m pip install --quiet --disable-pip-version-check --retries 3 --no-deps \
	        --require-hashes -r requirements/consumers.txt && \
	    cp requirements/consumers.txt $(CONSUMERS)/milia-consumers.stamp; }

.PHONY: lint
lint: setup ## ruff (rules and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: check
check: setup ## check the data: shapes and queries that must return nothing
	@$(BIN)/milia check

.PHONY: mutants
mutants: setup ## break the data at every place there is, and see each break caught
	$(BIN)/python -m pytest -n $(WORKERS) -m mutants

.PHONY: kills
kills: setup ## kill builds and whoever makes the store on disk at 200 random moments, and see all whole each time
	MILIA_KILLS=200 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope \
	    tests/test_durability.py tests/test_store.py tests/test_build.py -k killed

# All that the referees can do, which takes them half an hour or more: make bench MILIA_BENCH_REFEREES=all
# A large project beside the others: make bench MILIA_BENCH_WHOLE=FOLDER
PLOTTING := $(VENV)/milia-bench.stamp
.PHONY: bench
bench: setup referees ## measure everything beside other programs, into docs/bench (on a quiet machine)
	@cmp -s requirements/bench.txt $(PLOTTING) || { \
	    echo "milia: installing what draws the plots"; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 3 --no-deps --require-hashes \
	        -r requirements/bench.txt && cp requirements/bench.txt $(PLOTTING); }
	$(BIN)/python -m pytest -m bench --capture=no --quiet

# Versions already locked stay unless they must change; to raise them all: make lock LOCK=--upgrade
COMPILE := $(BIN)/uv pip compile --quiet --no-config --system-certs --universal --python-version 3.11 \
    --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: setup ## write the files in requirements/ anew from pyproject.toml
	$(COMPILE) $(LOCK) --extra build --extra dev --extra remote --extra web --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) $(LOCK) --extra build --extra dev --extra remote --extra web --extra referees --constraint requirements/dev.txt \
	    --output-file requirements/referees.txt pyproject.toml
	$(COMPILE) $(LOCK) --group consumers --output-file requirements/consumers.txt
	$(COMPILE) $(LOCK) --group bench --constraint requirements/referees.txt --output-file requirements/bench.txt
	@! grep -nE '://|file:|(^|[ =])/' requirements/*.txt

.PHONY: assets
assets: ## bundle what browsers load on request (needs Node; pages work without)
	cd assets && npm ci --no-audit --no-fund && npm run build

.PHONY: clean
clean: ## remove the built graph and the caches; .venv stays
	rm -rf build .builds dist __pycache__ .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find scripts tests -name __pycache__ -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## remove .venv too
	rm -rf $(VENV) $(CONSUMERS)

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
	    printf '  make %-10s %s\n' "$$name" "$$what"; done
