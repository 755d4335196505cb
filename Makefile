# Two commands for a fresh machine with Python 3.11, git and make: `make demo`, `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test lint potency clean

demo: $(READY)
	$(VENV)/bin/molgen demo --out demo

test: $(READY)
	$(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

# The figures of the README; hours on two cores, resumes where it stopped.
potency: $(READY)
	$(VENV)/bin/python benchmarks/potency.py

# torch goes first and by itself: asked for by name and version, it comes as the build this machine
# is set up for, and what depends on it takes that one.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $(READY)

clean:
	rm -rf $(VENV) demo build dist
