# Renga needs python3 >= 3.11, make and git. The rest is installed into .venv from lock files with hashes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# The stamp's name has the checksum of the lock files: after a change of a lock .venv is installed again.
SUM := $(shell cat pyproject.toml scripts/venv requirements/*.lock | cksum | tr ' ' '-')
RUN := .venv/.ready-run-$(SUM)
DEV := .venv/.ready-dev-$(SUM)
UV_LOCK := $(BIN)/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
LOCK_HEADER := \# Locked with hashes by `make lock`: change pyproject.toml (or the Makefile), not this file.
# Test files run in parallel processes, each with its own engines. One more than the usual two cores: many tests wait.
JOBS ?= 3
SOURCES := src tests $(wildcard bench)

.PHONY: help
help: ## this list
	@echo "make run [PORT=8000] [DATA=.renga]   start the shop"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '!/^make run/ {printf "%-36s %s\n", $$1, $$2}'

.PHONY: run
run: $(RUN) ## start the shop
	@exec $(BIN)/renga up $(if $(PORT),--port '$(PORT)') $(if $(DATA),--data '$(DATA)')

.PHONY: test
# With ARGS (selected tests) the check is skipped, to start sooner.
test: $(if $(strip $(ARGS)),$(DEV),check) ## check, then every test (ARGS="-k cart": some, without check; JOBS=1: one process)
	@$(BIN)/python -m pytest $(if $(filter-out 1,$(JOBS)),--numprocesses $(JOBS) --dist loadfile) $(ARGS)

.PHONY: test-cost
test-cost: $(DEV) ## CPU seconds of the tests by folder, and the most expensive tests (ARGS=tests/cart: of some)
	@PYTHONPATH=. $(BIN)/python -m pytest -q -p tests.cost $(if $(filter-out 1,$(JOBS)),--numprocesses $(JOBS) --dist loadfile) $(ARGS)

.PHONY: proof
proof: $(DEV) ## the proofs with their full counts (minutes)
	@RENGA_PROOF=full $(BIN)/python -m pytest -m proof $(ARGS)

.PHONY: check
check: $(DEV) ## lint, format, types, architecture, generated files
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) generated-check
	@$(MAKE) texts >/dev/null

.PHONY: generated-check
generated-check: $(DEV) ## check that the generated contracts are up to date
	@$(BIN)/python -m renga.apps.cli contracts --check

.PHONY: texts
texts: $(DEV) ## show how complete the translations are, per language (UPDATE=1: add missing keys to the PO files)
	@$(BIN)/python -m renga.apps.cli texts $(if $(UPDATE),--update)

.PHONY: contracts
contracts: $(DEV) ## regenerate the contracts (BREAKING=1: even if clients break)
	@$(BIN)/python -m renga.apps.cli contracts $(if $(BREAKING),--breaking)

.PHONY: generators
generators: $(DEV) ## generate clients with three OpenAPI generators; any warning fails (OUT=folder keeps them)
	@scripts/generators $(OUT) || { status=$$?; test $$status = 77; }

.PHONY: proof-api
proof-api: $(DEV) ## schemathesis against a running shop, as each stakeholder (ARGS="--examples 200 --stakeholder guest --seed 7")
	@test -x .venv/schemathesis/bin/python || $(BIN)/uv --quiet venv --python $(BIN)/python .venv/schemathesis
	@$(BIN)/uv --quiet pip sync --python .venv/schemathesis/bin/python --require-hashes requirements/schemathesis.lock
	@$(BIN)/python -m tests.proof_api $(ARGS)

.PHONY: bench
bench: $(DEV) ## measure the shop (see docs/performance.md)
	@$(BIN)/python -m bench $(ARGS)

.PHONY: bench-identity
bench-identity: $(DEV) ## measure the cost of authentication and rate limits (ARGS="--rounds 9")
	@$(BIN)/python -m bench.identity $(ARGS)

.PHONY: bench-search
bench-search: $(DEV) ## measure search (ARGS="--icecat FILE --products 1000000 --engines postgres")
	@$(BIN)/python -m bench.search $(ARGS)

.PHONY: bench-catalog
bench-catalog: $(DEV) ## measure the catalogue's reads, caches and import (ARGS="--icecat FILE")
	@$(BIN)/python -m bench.catalogue $(ARGS)

.PHONY: bench-pricing
bench-pricing: $(DEV) ## measure a quote of 50 and of 500 lines with 1,000 promotions (ARGS="--quotes 1000 --promotions 5000")
	@$(BIN)/python -m bench.pricing $(ARGS)

.PHONY: bench-inventory
bench-inventory: $(DEV) ## measure reservations: one sku against many (ARGS="--skus 1000 --seconds 10")
	@$(BIN)/python -m bench.inventory $(ARGS)

.PHONY: bench-ledger
bench-ledger: $(DEV) ## measure the ledger: writes and balances among 1,000,000 transactions (ARGS="--transactions 100000")
	@$(BIN)/python -m bench.ledger $(ARGS)

.PHONY: bench-idle
bench-idle: $(DEV) ## measure what a shop without traffic costs (ARGS="--quiet 60 --seconds 60")
	@$(BIN)/python -m bench.idle $(ARGS)

.PHONY: bench-redis
bench-redis: $(DEV) ## compare our Redis connection with other clients (ARGS="--rounds 15")
	@$(BIN)/uv --quiet pip install --target .venv/bench --no-deps --require-hashes -r requirements/bench.lock
	@PYTHONPATH=.venv/bench $(BIN)/python -m bench.redis_clients $(ARGS)

.PHONY: fmt
fmt: $(DEV) ## format, and fix what can be fixed automatically
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

.PHONY: lock
lock: $(DEV) ## resolve the dependencies again (UPGRADE=1: to the newest versions)
	@$(call compile,run,pyproject.toml)
	@$(call compile,dev,pyproject.toml --group dev --constraints requirements/run.lock)
	@printf 'hatchling>=1.27\neditables>=0.5\n' | $(call compile,build,- --constraints requirements/dev.lock)
	@printf 'valkey-glide\nvalkey[libvalkey]\n' | $(call compile,bench,- --constraints requirements/dev.lock)
	@printf 'schemathesis\n' | $(call compile,schemathesis,-)
	@printf 'localstripe\n' | $(call compile,localstripe,-)
	@printf 'uv\n' | $(call compile,bootstrap,-)

# $(call compile,name,sources): resolve into requirements/<name>.lock; locked versions stay unless UPGRADE is set.
define compile
{ $(UV_LOCK) $(2) $(if $(UPGRADE),--upgrade) --output-file requirements/$(1).lock >/dev/null \
	&& { echo '$(LOCK_HEADER)'; grep -v '^# Locked with' requirements/$(1).lock; } > requirements/$(1).new \
	&& mv requirements/$(1).new requirements/$(1).lock; }
endef

.PHONY: clean
clean: ## remove .venv and every cache; never the shop's data
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache build dist bench/results
	@find $(SOURCES) -type d -name __pycache__ -prune -exec rm -rf {} +

# The development environment includes everything to run Renga.
$(RUN):
	@test -e $(DEV) || scripts/venv run
	@touch $@

$(DEV):
	@scripts/venv dev
	@touch $(RUN) $@
