# The two commands of the README are `make compare` and `make test`; each works as the first one after a clone.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: compare test test-fast test-long test-cluster check docs docs-serve convert-corpus convert-corpus-slice lanes-corpus trackers fuzz fuzz-slice flips flips-slice bench no-slower bench-report bench-loop bench-large crash crash-slice clocks clocks-slice disks checkpoints many many-slice screens shelf wheel bench-penalties calibrate lock clean
.DEFAULT_GOAL := help

compare: $(VENV)/run.stamp  ## the main job: batch, layer and group norm on MNIST, with and without L1
	$(BIN)/normlab compare

# A process that has run out of tests takes some from the other's end: tests of one module mostly stay together.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

test: $(VENV)/docs.stamp  ## every test but the longest ones and those that start clusters
	$(PYTEST) -m "not cluster and not long"

test-long: $(VENV)/docs.stamp  ## whole studies, processes that are killed, hundreds of compiled shapes
	$(PYTEST) -m long

test-cluster: $(VENV)/docs.stamp  ## dask's schedulers and workers as processes, killed and stopped
	$(PYTEST) -m cluster

test-fast: $(VENV)/docs.stamp  ## in a minute or so: no network, no browser, no whole training or page, fewer examples
	$(PYTEST) --hypothesis-profile fast -m "not slow and not network and not browser and not training and not long and not cluster"

check: $(VENV)/dev.stamp  ## linters, types and the layers of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Otherwise mkdocs-material announces at every build that it is maintained until May 2027, and its successor.
docs docs-serve: export NO_MKDOCS_2_WARNING := 1

docs: $(VENV)/docs.stamp  ## the documentation, into site/index.html; a warning is an error
	$(BIN)/mkdocs build --strict

docs-serve: $(VENV)/docs.stamp  ## the documentation in a browser, anew whenever a page is saved
	$(BIN)/mkdocs serve --watch src --watch tools/site

bench: $(VENV)/run.stamp  ## the course's loop, eager PyTorch and the lanes engine, alternating in one run
	$(BIN)/normlab bench

TURNS := 5
no-slower: $(VENV)/run.stamp  ## steps of two networks, by these sources and by those of the commit before, in turns
	$(BIN)/python tools/speed/no_slower.py --turns $(TURNS)

bench-report: $(VENV)/run.stamp  ## all statistics and the report of 10 arms × 100 seeds × 10,000 images
	$(BIN)/python benchmarks/report.py

bench-loop: $(VENV)/run.stamp  ## what the loop around an engine's steps costs
	$(BIN)/python benchmarks/loop.py lanes
	$(BIN)/python benchmarks/loop.py eager

wheel: $(VENV)/dev.stamp  ## sdist and wheel into dist/, and the wheel tried in an environment of its own
	rm -rf dist
	$(BIN)/python -m hatchling build
	PYTHON=$(BIN)/python bash tools/try_wheel.sh dist/*.whl

shelf: $(VENV)/run.stamp  ## the published studies of studies/ into the package, each judged again
	$(BIN)/python tools/shelf.py

screens: $(VENV)/dev.stamp  ## the docs' pictures of pages; needs Chromium and normlab-out/compare/report.html
	$(BIN)/python tools/screens normlab-out/compare/report.html docs/images

bench-large: $(VENV)/run.stamp  ## training on more images than memory holds; needs root
	$(BIN)/python benchmarks/large.py

bench-penalties: $(VENV)/run.stamp  ## what a step costs with each penalty, and a path beside as many plain runs
	$(BIN)/python benchmarks/penalties.py lanes
	$(BIN)/python benchmarks/penalties.py eager
	$(BIN)/python benchmarks/path.py

convert-corpus: $(VENV)/corpus.stamp  ## other people's networks to other norms and back; its table goes into the docs
	PYTHONPATH=$(VENV)/corpus $(BIN)/python tools/corpus/convert_corpus.py --out docs/convert-corpus.md

convert-corpus-slice: $(VENV)/corpus.stamp  ## a few of them
	PYTHONPATH=$(VENV)/corpus $(BIN)/python tools/corpus/convert_corpus.py $(SLICE)

lanes-corpus: $(VENV)/corpus.stamp  ## which of them the lanes engine takes; its table goes into the docs
	PYTHONPATH=$(VENV)/corpus $(BIN)/python tools/corpus/lanes_corpus.py --out docs/lanes-corpus.md

SLICE := resnet10t mobilenetv3_small_050 convnext_atto nf_resnet26 resnet20_cifar10 ViT Swin

trackers: $(VENV)/trackers.stamp  ## `normlab judge` of what the real MLflow, W&B, TensorBoard, Lightning, Hydra and Optuna leave
	PYTHONPATH=$(VENV)/trackers $(BIN)/python tools/trackers/check.py

crash: $(VENV)/run.stamp  ## kill -9 at 200 random moments of a study: what is lost?
	$(BIN)/python tools/reliability/crash.py

crash-slice: $(VENV)/run.stamp  ## a few of them
	$(BIN)/python tools/reliability/crash.py --kills 3

clocks: $(VENV)/run.stamp  ## wall clocks that jump under three processes that share a study: is a run lost, or made twice?
	$(BIN)/python tools/reliability/clocks.py

clocks-slice: $(VENV)/run.stamp  ## one study of them
	$(BIN)/python tools/reliability/clocks.py --studies 1

disks: $(VENV)/run.stamp  ## disks that are full, and flushes and renames that fail, under a study; needs root
	$(BIN)/python tools/reliability/disk.py

checkpoints: $(VENV)/run.stamp  ## which share of a run's time they take
	$(BIN)/python tools/reliability/checkpoints.py

many: $(VENV)/dev.stamp  ## 10,000 stub runs by 8 workers of which 200 are killed, and the report of them
	$(BIN)/python tools/reliability/many.py

many-slice: $(VENV)/dev.stamp  ## some of them
	$(BIN)/python tools/reliability/many.py --runs 300 --kills 10

fuzz: $(VENV)/dev.stamp  ## 100,000 damaged files for every parser, fewer for those that take long; an hour or two
	$(BIN)/python tools/fuzz --cases 100000

fuzz-slice: $(VENV)/dev.stamp  ## some of them
	$(BIN)/python tools/fuzz --cases 100 --together

flips: $(VENV)/dev.stamp  ## 400 bits of a finished study turned around, one at a time: is each noticed?
	$(BIN)/python tools/flips --flips 400

flips-slice: $(VENV)/dev.stamp  ## some of them
	$(BIN)/python tools/flips --flips 60

calibrate: $(VENV)/run.stamp  ## how often verdicts are wrong, by 10,000 simulated studies of each kind
	$(BIN)/normlab calibrate

# What a lock names, by version and hash, so that two machines run the same. What a platform needs beside (CUDA's libraries,
# where that build of PyTorch is the index's choice) comes with the editable install, whose build backend is in the lock.
LOCKED := $(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement
OWN := $(BIN)/python -m pip install --quiet --no-build-isolation --editable

# pip takes what an index gives a hash of before what lies in a folder, whose hash is known when it is read: a build of
# PyTorch for CPUs that PIP_FIND_LINKS has would lose to one with gigabytes of CUDA.
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	awk '/^torch==/, !/\\$$/' $< > $(VENV)/torch.lock
	$(LOCKED) $(VENV)/torch.lock --no-index 2>/dev/null || true
	$(LOCKED) $<
	$(OWN) ".[onnx,images]"
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(LOCKED) $<
	$(OWN) ".[dev]"
	@touch $@

$(VENV)/docs.stamp: requirements-docs.lock $(VENV)/dev.stamp
	$(LOCKED) $<
	$(OWN) ".[docs]"
	@touch $@

# Libraries of networks, apart from the environment: nothing but the corpus may come to need them. What torchvision has
# compiled is for another torch, whether it loads or not: its Python is all that is needed.
$(VENV)/corpus.stamp: requirements-corpus.lock $(VENV)/docs.stamp
	rm -rf $(VENV)/corpus
	$(LOCKED) $< --target $(VENV)/corpus
	rm -f $(VENV)/corpus/torchvision/*.so
	@touch $@

# Other people's tools, apart from the environment as well; the lock has what they import of what they ask for.
$(VENV)/trackers.stamp: requirements-trackers.lock $(VENV)/dev.stamp
	rm -rf $(VENV)/trackers
	$(LOCKED) $< --target $(VENV)/trackers
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

lock:  ## write the lock files anew from the ranges in pyproject.toml
	bash tools/lock.sh

clean:
	rm -rf $(VENV) site dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14
