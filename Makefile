# The only front door. Everything is built under target/ (or CARGO_TARGET_DIR) and bindings-node/node_modules; nothing is installed
# anywhere else.

CARGO ?= cargo
PYTHON ?= python3
NPM ?= npm

# Absolute, so that every recipe, and every program it starts, means the same folder.
export CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
# What is tested: dev, or with TEST_PROFILE=release what is published. HOGWIRE_BUILD is the folder where cargo puts it.
export TEST_PROFILE ?= dev
export HOGWIRE_BUILD := $(CARGO_TARGET_DIR)/$(if $(filter dev,$(TEST_PROFILE)),debug,$(TEST_PROFILE))
export HOGWIRE_RECEIVER := $(HOGWIRE_BUILD)/hogwire-receiver
# A panic that a test expects should not print its way through the library.
export RUST_BACKTRACE := 0

VENV := $(CARGO_TARGET_DIR)/venv
VENV_BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# What cargo calls the Node addon's library on this system.
NODE_LIBRARY := $(if $(filter Windows_NT,$(OS)),hogwire_node.dll,libhogwire_node.$(if $(filter Darwin,$(shell uname -s)),dylib,so))
PYTHON_TOOLS := pytest==9.2.0 hypothesis==6.170.15 mypy==2.4.1 ruff==0.17.6 numpy==2.4.6 gunicorn==27.0.1 celery==5.7.0 starlette==1.10.0 uvicorn==0.54.0
comma := ,
# Go takes part where it is installed.
ADAPTERS := rust,c,cpp,python,node$(if $(shell command -v go),$(comma)go)

.DEFAULT_GOAL := help
.PHONY: help demo build test test-rust test-c test-python test-node test-conformance test-network adapters
.PHONY: lint lint-rust lint-python lint-node python-package node-package bench bench-results bench-instructions bless clean
.PHONY: test-features test-api rust-documentation

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

demo: ## five operations against an embedded PostHog-like receiver
	$(CARGO) run --quiet --locked -p hogwire --example quickstart

test: test-rust test-features test-c test-python test-node test-api test-conformance ## everything
	@echo "All tests passed: Rust, C and C++, Python, Node, and the conformance suite ($(ADAPTERS))."

build: ## everything Rust, once; all later steps use it
	$(CARGO) build --locked --profile $(TEST_PROFILE) --workspace

test-rust: build ## the core, the receiver, the suite's own checks
	$(CARGO) test --locked --profile $(TEST_PROFILE) --workspace

test-features: ## the core without its only feature: no transport, and it still builds and interprets
	$(CARGO) test --locked --quiet --profile $(TEST_PROFILE) -p hogwire --no-default-features --lib --test total --test memory

test-c: build ## C and C++ programs against both libraries, under valgrind and sanitizers, and from an install
	$(MAKE) --no-print-directory -C bindings-c test

test-python: build python-package ## the Python package in target/venv
	cd bindings-python && $(VENV_BIN)/python -m pytest

test-node: build node-package ## the Node addon and its types
	cd bindings-node && $(NPM) run --silent types && $(NPM) test --silent

test-api: build python-package node-package rust-documentation ## the public API of each language is the listed one, and one version everywhere
	cd tests/api && $(VENV_BIN)/python -B -m pytest

rust-documentation:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --quiet --locked --no-deps -p hogwire

test-conformance: adapters ## every vector through every language, and the table of counts
	HOGWIRE_ADAPTERS=$(ADAPTERS) $(HOGWIRE_BUILD)/hogwire-conformance

test-network: adapters ## every language against nginx, proxies and servers that misbehave; skips what is not installed
	$(PYTHON) -B tests/network/run.py --target $(CARGO_TARGET_DIR) --languages $(ADAPTERS)

adapters: build python-package node-package
	$(MAKE) --no-print-directory -C bindings-c adapters

lint: lint-rust lint-python lint-node lint-packages ## formatting, clippy, ruff, mypy and stubtest, tsc, actionlint

lint-rust: rust-documentation
	$(CARGO) fmt --all --check
	rustfmt --check --edition 2024 tests/bench/workers/posthog-rs/src/main.rs
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked -p hogwire --no-default-features -- -D warnings

lint-python: build python-package
	$(VENV_BIN)/ruff format --check --config bindings-python/pyproject.toml bindings-python tests/adapters/python tests/network tests/bench
	$(VENV_BIN)/ruff check bindings-python
	$(VENV_BIN)/ruff check --config bindings-python/pyproject.toml --ignore D,RUF tests/adapters/python tests/network tests/bench
	cd $(CARGO_TARGET_DIR) && $(VENV_BIN)/python -m mypy.stubtest hogwire

lint-node: build node-package
	cd bindings-node && $(NPM) run --silent types

$(VENV)/tools: Makefile
	$(PYTHON) -m venv $(VENV)
	$(VENV_BIN)/pip install --quiet $(PYTHON_TOOLS)
	touch $@

python-package: $(VENV)/tools
	$(VENV_BIN)/pip install --quiet --no-deps --force-reinstall --config-settings=build-args="--profile $(TEST_PROFILE)" ./bindings-python

bindings-node/node_modules: bindings-node/package-lock.json
	cd bindings-node && $(NPM) ci --ignore-scripts --silent
	touch $@

node-package: build bindings-node/node_modules
	HOGWIRE_NODE_LIBRARY=$(HOGWIRE_BUILD)/$(NODE_LIBRARY) node bindings-node/scripts/build.js

# One command line, so that the core's features are the same for all and nothing is built twice.
RELEASE_BUILD := $(CARGO) build --locked --release -p hogwire-c -p hogwire-node -p hogwire-bench

bench: ## what hogwire costs beside the official clients, release build (see tests/bench/README.md)
	$(RELEASE_BUILD)
	$(PYTHON) -B tests/bench/harness

bench-results: ## take the last `make bench` over into tests/bench/RESULTS.md
	cp $(CARGO_TARGET_DIR)/bench/RESULTS.md tests/bench/RESULTS.md

bench-instructions: ## instructions of the core under valgrind, beside the last ones (BLESS=1 rewrites them)
	$(RELEASE_BUILD)
	$(PYTHON) -B tests/bench/harness/instructions.py

bless: build python-package node-package rust-documentation ## rewrite generated files after a wanted change
	BLESS=1 $(CARGO) test --locked -p hogwire-c --test header
	cd tests/api && BLESS=1 $(VENV_BIN)/python -B -m pytest --quiet test_api.py

include packaging/packages.mk

clean: ## remove everything that was built
	rm -rf $(CARGO_TARGET_DIR) bindings-node/node_modules bindings-node/hogwire.node bindings-python/LICENSE-THIRD-PARTY.txt
