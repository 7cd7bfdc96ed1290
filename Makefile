# Everything a person does with this repository. It needs Python 3.11 or newer; all else goes into .venv.

export PORT ?= 8000
export PORTAL_DATA_DIR ?= var

PYTHONS = python3 python3.14 python3.13 python3.12 python3.11
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --python-version 3.11

.PHONY: help run test soak lint types tests bench fmt messages lock screenshots venv demo-packages all-packages chromium

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: demo-packages ## set up all it needs and start the demo on PORT (8000), with its data in PORTAL_DATA_DIR (var)
	@exec $(BIN)/python manage.py demo

test: all-packages chromium lint types tests ## set up all it needs and check everything: lint, types, floors, every test

bench: all-packages ## measure: a JSON line a figure, the table into README; make bench ARGS="pages timing" some of it
	@$(BIN)/python -m portal.embedded run -- $(BIN)/python -m bench $(ARGS)

soak: all-packages ## a quarter of an hour of failing parts: Redis, PostgreSQL, the mail server, killed workers
	@$(BIN)/pytest -n0 -m soak $(ARGS) tests/faults

screenshots: all-packages chromium ## every page as a picture, into screenshots/
	@$(BIN)/python -m portal.embedded run -- $(BIN)/pytest -n0 --quiet tests/journeys/screenshots.py

fmt: all-packages ## format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

messages: all-packages ## find the words of the pages anew, merge and compile locale/: then translate what it lists
	@$(BIN)/python manage.py messages

lock: all-packages ## resolve the dependencies of pyproject.toml anew: make lock UPGRADE=--upgrade
	@$(COMPILE) $(UPGRADE) --extra demo --extra dev --output-file requirements/everything.txt pyproject.toml
	@$(COMPILE) --extra demo --constraints requirements/everything.txt --no-annotate --output-file requirements/demo.txt pyproject.toml
	@$(COMPILE) --constraints requirements/everything.txt --no-annotate --output-file requirements/production.txt pyproject.toml

# --- What `make test` is made of ---------------------------------------------------------------------------------------

lint: all-packages
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml

types: all-packages
	@$(BIN)/mypy .

tests: all-packages
	@$(BIN)/python -m portal.embedded run -- $(BIN)/pytest -n auto --maxprocesses 8 $(ARGS)

# --- What has to be there first ----------------------------------------------------------------------------------------

# The Python of .venv may be gone (a moved checkout, a new system): then it is made again.
venv:
	@$(BIN)/python -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && exit 0; \
	for python in $(PYTHONS); do \
		$$python -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is missing: install it and try again." >&2; exit 1; fi; \
	if ! $$python -c "import ensurepip, venv" 2>/dev/null; then \
		version=$$($$python -c "import sys; print('%d.%d' % sys.version_info[:2])"); \
		echo "Python's venv module is missing: install python$$version-venv (Debian, Ubuntu: apt-get install python$$version-venv) and try again." >&2; exit 1; \
	fi; \
	echo "Making .venv …"; \
	$$python -m venv --clear .venv

# A lock is in step when the copy of it that was installed last is the same; everything holds the demo too. pip is slower
# than uv, but goes by the index and the certificates that its own configuration names.
define install
	echo "Installing packages into .venv …"; \
	rm -f .venv/demo.txt .venv/everything.txt; \
	{ $(PIP) requirements/uv.txt && $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/$(1).txt || \
	  $(PIP) requirements/$(1).txt; } >.venv/install.log 2>&1 && cp requirements/$(1).txt .venv/$(1).txt || \
	{ tail -n 5 .venv/install.log; echo "The packages could not be installed: is the package index within reach? (.venv/install.log)"; exit 1; } >&2
endef

demo-packages: venv
	@cmp -s requirements/everything.txt .venv/everything.txt && exit 0; \
	cmp -s requirements/demo.txt .venv/demo.txt && exit 0; \
	$(call install,demo)

all-packages: venv
	@cmp -s requirements/everything.txt .venv/everything.txt && exit 0; \
	$(call install,everything)

# Debian's Chromium where we may install it, else Playwright's own.
chromium: all-packages
	@test -x /usr/bin/chromium-headless-shell -o -x /usr/bin/chromium && exit 0; \
	$(BIN)/python -c "from playwright.sync_api import sync_playwright as p; import os, sys; c = p().start(); sys.exit(not os.path.exists(c.chromium.executable_path))" 2>/dev/null && exit 0; \
	echo "Installing Chromium …"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update >/dev/null && \
		{ apt-get -qq install -y chromium-headless-shell || apt-get -qq install -y chromium; } >/dev/null 2>&1; then exit 0; fi; \
	$(BIN)/playwright install chromium >/dev/null || \
	{ echo "Chromium is missing and could not be installed: install your system's chromium as /usr/bin/chromium and try again." >&2; exit 1; }
