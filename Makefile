# The two commands are `make run` and `make test`; everything else serves them.

PY := .venv/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard facilitation/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help setup environment tools run check test faults bench requirements translations pictures clean

help:
	@echo "make run           an evening with example questions on this machine"
	@echo "make test          every check and every test, the browser included"
	@echo "make faults        every fault ten times as often as in make test"
	@echo "make bench         ratios against walls that others would build (PHONES=1000 ROUNDS=5)"
	@echo "make check         style, types, layers and templates only"
	@echo "make setup         the environment in .venv (run and test call it)"
	@echo "make translations  bring the catalogues up to date with the code"
	@echo "make requirements  compile the pins again (UPGRADE=yes for newer versions)"
	@echo "make pictures      take the screenshots of docs/"
	@echo "make clean         remove what make made; instance/ stays"

setup: environment $(CATALOGUES)

environment:
	@scripts/system-packages python
	@scripts/environment

# A catalogue is compiled when its source is newer.
%.mo: %.po | environment
	@.venv/bin/pybabel -q compile -i $< -o $@

tools: setup
	@scripts/system-packages node browser postgresql redis nginx strace

run: setup
	@exec $(PY) app.py

check: setup
	@$(PY) scripts/test.py check

test: tools
	@$(PY) scripts/test.py

faults: tools
	@FAULTS=10 $(PY) -m pytest -q tests/faults --timeout=400

bench: tools
	@$(PY) -m bench --phones $(or $(PHONES),200) --rounds $(or $(ROUNDS),5)

requirements:
	@scripts/requirements

translations: setup
	@scripts/translations

pictures: tools
	@$(PY) scripts/pictures.py

clean:
	rm -rf .venv .reports .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -f .coverage $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
