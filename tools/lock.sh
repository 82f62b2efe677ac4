#!/usr/bin/env bash
# Resolves pyproject.toml's ranges in a fresh environment and writes down what was chosen:
# requirements.lock (to run), requirements-dev.lock (to test and lint, on top of it) and requirements-docs.lock (to
# build the documentation, on top of both), requirements-corpus.lock (networks to convert, on top of all).
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
pip="$work/env/bin/python -m pip --disable-pip-version-check"

freeze() { # a local build tag such as +cpu is the machine's choice, not the project's
    $pip freeze --all --exclude pip --exclude normlab | sed -E 's/\+[a-z0-9.]+$//'
}

# torch is pinned by hand: the exact version lets an index or a local folder choose the CPU build.
$pip install --quiet torch==2.13.0 hatchling editables
$pip install --quiet --no-build-isolation --editable ".[onnx,images]"
freeze > requirements.lock
$pip install --quiet --no-build-isolation --editable ".[onnx,images,dev]"
freeze | grep -vxFf requirements.lock > requirements-dev.lock
$pip install --quiet --no-build-isolation --editable ".[onnx,images,dev,docs]"
freeze | grep -vxFf requirements.lock -f requirements-dev.lock > requirements-docs.lock
# A library of networks asks for torchvision, of which the corpus needs the Python alone.
$pip install --quiet --no-build-isolation --editable ".[onnx,images,dev,docs,corpus]"
freeze | grep -vxFf requirements.lock -f requirements-dev.lock -f requirements-docs.lock > requirements-corpus.lock
wc -l requirements*.lock
