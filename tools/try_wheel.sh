#!/usr/bin/env bash
# A wheel in an environment that has it and the libraries of PYTHON's own, but not the source: it has to be complete.
set -euo pipefail
wheel=$(realpath "$1")
python=$(realpath --no-symlinks "${PYTHON:-python3}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m venv --without-pip "$place/env"
site=$("$place/env/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
"$python" -c "import sysconfig; print(sysconfig.get_path('purelib'))" >"$site/libraries.pth"
"$python" -m pip --python "$place/env/bin/python" install --quiet --no-deps --no-index --force-reinstall "$wheel"

cd "$place" # away from the source
found=$(env/bin/python -c "import normlab; print(normlab.__file__)")
case $found in
"$(realpath env)"/*) ;;
*) echo "expected normlab from the wheel, got $found" && exit 1 ;;
esac
env/bin/normlab --version
env/bin/normlab explain bn --shape 1,2,2,2 >explained.txt
env/bin/python - <<'PYTHON'
from importlib import resources

for package, name in (
    ("normlab.report", "results.schema.json"),
    ("normlab.report", "templates/report.html.j2"),
    ("normlab.show", "templates/base.css"),
    ("normlab", "py.typed"),
):
    assert (resources.files(package) / name).is_file(), f"{name} is not in the wheel"
PYTHON
echo "the wheel is complete: $(basename "$wheel")"
