# The course's commands; each calls one thing. Where there is no make: README, "Windows".
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: setup run lab test test-all notebooks site bundle bench lint clean

run: setup
	@$(BIN)/course run

lab: setup
	@$(BIN)/course lab

setup: $(INSTALLED)

# Runs again only when a list of packages has changed since.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The course needs Python 3.11 or newer, and '$(PYTHON)' is not: install it, then run make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it (Debian, Ubuntu: sudo apt install python3-venv), then run make again."; exit 1; }
	@echo "Setting up .venv with the versions in constraints.txt; the first time takes some minutes."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test,scale,site]"
	@touch $@

test: setup lint
	$(BIN)/python -m pytest tests --ignore tests/hub
	$(BIN)/python -m pytest --nbval notebooks/en
	$(BIN)/course build --check

# What executes the lessons again, and what takes long: the tests marked slow; the Korean edition, compared; both with the exercises
# solved; `make run` with the network cut; every fault of the Hub; the lessons but 09 with the genuine data over loopback, then twice
# from a prefetched folder with no hub.
test-all: setup
	$(BIN)/python -m pytest tests -m slow
	$(BIN)/python -m pytest --nbval notebooks/ko
	$(BIN)/course build --solved
	tests/without_network $(BIN)/course run
	$(BIN)/python -m pytest tests/hub
	$(BIN)/python -m pytest -v tests/hub/lessons_with_hub.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Executes every lesson in both languages and writes notebooks/en and notebooks/ko.
notebooks: setup
	@$(BIN)/course build

# The lessons to read in a browser, in both languages: build/site/index.html. From notebooks/en and notebooks/ko as they are.
site: setup
	@$(BIN)/python docs/site/build_site.py

# How fast many clips are, against the stock pipeline: build/bench.md and build/bench.json; benchmarks/README.md says what it measures.
bench: setup
	$(BIN)/python benchmarks/bench.py

# Makes the bundled speech, sounds and models anew; recipes/README.md says what it needs and how long it takes. GENUINE and SOUNDS, if
# set in the environment, are where genuine recordings lie (recipes/train_intent_models.sh).
bundle: setup
	$(BIN)/python recipes/make_speech.py
	for part in bundled varieties folds; do recipes/train_intent_models.sh $$part || exit; done
	$(BIN)/python recipes/measure_robustness.py build/model/bundled
	$(BIN)/python recipes/measure_robustness.py build/model/au-0 --variety en-GB --every 3 $(if $(GENUINE),--genuine $(GENUINE))
	$(BIN)/python recipes/bundle_intent_model.py build/model/bundled --varieties build/model/au-? build/model/gb-? \
		--folds build/model/fold-?
	$(BIN)/python recipes/make_sounds.py
	$(BIN)/python recipes/train_sound_model.py
	$(BIN)/python recipes/bundle_sound_model.py build/sounds/final --folds build/sounds/fold-1 build/sounds/fold-2 build/sounds/fold-3

# What can be made again in a moment: .venv/ takes minutes, and work/ holds the learner's notebooks; both stay.
clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
