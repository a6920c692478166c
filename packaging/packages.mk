# The packages as they are published, in target/packages, and the tests that install them into empty folders. Part of the Makefile.

PACKAGES := $(CARGO_TARGET_DIR)/packages
CARGO_HOME ?= $(HOME)/.cargo

RELEASE_VENV := $(CARGO_TARGET_DIR)/venv-release
RELEASE_VENV_BIN := $(RELEASE_VENV)/$(notdir $(VENV_BIN))
RELEASE_TOOLS := maturin==1.16.0
PACKAGE_TEST_TOOLS := auditwheel==6.8.2 abi3audit==0.0.26
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

# Panics name the source file they happened in; the builder's own folders are nobody else's business.
paths = $(foreach sources,$(shell ls -d $(CARGO_HOME)/registry/src/*),--remap-path-prefix=$(sources)=/crates) --remap-path-prefix=$(CURDIR)=/hogwire
for_release = RUSTFLAGS='$(strip $(RUSTFLAGS) $(paths))'

.PHONY: package package-platform package-everywhere checksums release-sources
.PHONY: python-wheel python-sdist node-platform-package node-main-package c-archive rust-crate test-packages lint-packages

package: package-platform package-everywhere checksums ## everything that is published, release profile, in target/packages

package-platform: python-wheel node-platform-package c-archive ## the part of it that each platform has to build

package-everywhere: python-sdist node-main-package rust-crate

# All sources are there before the paths above are read. What is linked in has licences that ask to be passed on; maturin finds them beside
# pyproject.toml.
release-sources:
	$(CARGO) fetch --quiet --locked
	mkdir -p $(PACKAGES)
	$(PYTHON) packaging/third_party.py $(CARGO_TARGET_DIR)/LICENSE-THIRD-PARTY.txt
	cp $(CARGO_TARGET_DIR)/LICENSE-THIRD-PARTY.txt bindings-python

python-wheel: release-sources $(RELEASE_VENV)/tools
	rm -f $(PACKAGES)/*.whl
	$(for_release) $(RELEASE_VENV_BIN)/maturin build --quiet --locked --release --manifest-path bindings-python/Cargo.toml --out $(PACKAGES)

python-sdist: release-sources $(RELEASE_VENV)/tools
	$(RELEASE_VENV_BIN)/maturin sdist --manifest-path bindings-python/Cargo.toml --out $(PACKAGES)

node-platform-package: release-sources
	$(for_release) $(CARGO) build --quiet --locked --release -p hogwire-node
	HOGWIRE_NODE_LIBRARY=$(CARGO_TARGET_DIR)/release/$(NODE_LIBRARY) node bindings-node/scripts/package.js platform

node-main-package: release-sources
	node bindings-node/scripts/package.js main

c-archive: release-sources
	$(for_release) $(MAKE) --no-print-directory -C bindings-c archive

# That it builds by itself is shown by test-packages, in an empty folder.
rust-crate: release-sources
	$(CARGO) package --quiet --locked --no-verify --allow-dirty -p hogwire
	cp $(CARGO_TARGET_DIR)/package/hogwire-*.crate $(PACKAGES)

checksums:
	cd $(PACKAGES) && $(if $(shell command -v sha256sum),sha256sum,shasum -a 256) hogwire-* >SHA256SUMS

$(RELEASE_VENV)/tools: packaging/packages.mk
	$(PYTHON) -m venv $(RELEASE_VENV)
	$(RELEASE_VENV_BIN)/pip install --quiet $(RELEASE_TOOLS)
	touch $@

$(VENV)/package-test-tools: packaging/packages.mk $(VENV)/tools
	$(VENV_BIN)/pip install --quiet $(PACKAGE_TEST_TOOLS)
	touch $@

test-packages: build package $(VENV)/package-test-tools bindings-node/node_modules ## install them into empty folders, and run each guide's quick start there
	cd tests/packages && $(VENV_BIN)/python -B -m pytest

# Go builds it from its sources; nothing but the target folder is touched.
$(CARGO_TARGET_DIR)/actionlint: packaging/packages.mk
	GOTOOLCHAIN=local GOCACHE=$(CARGO_TARGET_DIR)/go-cache GOBIN=$(CARGO_TARGET_DIR) go install $(ACTIONLINT)

lint-packages: $(VENV)/tools $(if $(shell command -v go),$(CARGO_TARGET_DIR)/actionlint)
	$(VENV_BIN)/ruff format --check --config bindings-python/pyproject.toml packaging tests/api tests/packages
	$(VENV_BIN)/ruff check --config bindings-python/pyproject.toml --ignore D,RUF packaging tests/api tests/packages
	$(if $(shell command -v go),$(CARGO_TARGET_DIR)/actionlint .github/workflows/*.yml,@echo 'SKIPPED the workflows: go, which builds actionlint, is not installed')
