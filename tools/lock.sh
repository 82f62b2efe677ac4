#!/usr/bin/env bash
# Resolves pyproject.toml's ranges in a fresh environment and writes down what was chosen:
# requirements.lock (to run), requirements-dev.lock (to test and lint, on top of it) and requirements-docs.lock (to
# build the documentation, on top of both), requirements-corpus.lock (networks to convert, on top of all).
# Every pin has the SHA-256 of each file that was published of it, so that any platform's is known.
# `tools/lock.sh --hashes` leaves the versions as they are and writes their hashes anew.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env" "$work/uv"
pip="$work/env/bin/python -m pip --disable-pip-version-check"
"$work/uv/bin/python" -m pip --disable-pip-version-check install --quiet uv
SETS=(requirements requirements-dev requirements-docs requirements-corpus)

install() {
    $pip install --quiet --no-build-isolation --editable "$1"
}

# What was chosen and no set before has; a local build tag such as +cpu is the machine's choice, not the project's.
freeze() {
    $pip freeze --all --exclude pip --exclude normlab | sed -E 's/\+[a-z0-9.]+$//' |
        { grep -vxFf <(cat "$work"/*.txt 2>/dev/null) || true; } > "$work/new" && mv "$work/new" "$work/$1.txt"
}

resolve() {
    # torch is pinned by hand: the exact version lets an index or a local folder choose the CPU build.
    $pip install --quiet torch==2.13.0 hatchling editables
    install ".[onnx,images]" && freeze requirements
    install ".[onnx,images,dev]" && freeze requirements-dev
    install ".[onnx,images,dev,docs]" && freeze requirements-docs
    # A library of networks asks for torchvision, of which the corpus needs the Python alone.
    install ".[onnx,images,dev,docs,corpus]" && freeze requirements-corpus
}

# PyTorch's builds for CPUs are in an index of their own, whose hashes tools/pytorch-cpu.sha256 lists.
hashed() {
    "$work/uv/bin/uv" pip compile --quiet --no-deps --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header "$1" | awk '
        FNR == NR { split($2, of, "-"); sub(/\+cpu/, "", of[2]); more[of[1] "==" of[2]] = more[of[1] "==" of[2]] "\n    --hash=sha256:" $1 " \\"; next }
        { printf "%s%s\n", $0, more[$1] }' tools/pytorch-cpu.sha256 -
}

if [ "${1:-}" = --hashes ]; then
    for set in "${SETS[@]}"; do grep -oE '^[^ #]+==[^ ]+' "$set.lock" > "$work/$set.txt"; done
else
    resolve
fi
grep -oE '^[^ #]+==[^ ]+' requirements-trackers.lock > "$work/requirements-trackers.txt" # pinned by hand
for set in "${SETS[@]}" requirements-trackers; do
    { grep '^#' "$set.lock" || true; hashed "$work/$set.txt"; } > "$work/lock" && mv "$work/lock" "$set.lock"
done
grep -cE '^[^ #]+==' requirements*.lock
