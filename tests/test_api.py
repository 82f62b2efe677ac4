from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import get_type_hints

import pytest

import normlab
from normlab.errors import UnknownName
from normlab.spec import Options


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", normlab.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    """A name in `__all__` gives one of our own objects, with a docstring of its own."""
    found = getattr(normlab, name)
    assert found.__module__.startswith("normlab.")
    assert found.__name__ == name
    assert found.__doc__


def test_dir_shows_the_public_names() -> None:
    """Completion in a notebook shows what is public, in order, and nothing else."""
    assert dir(normlab) == sorted(normlab.__all__)


def test_the_version_is_the_installed_one() -> None:
    """As pip and `normlab --version` have it."""
    assert normlab.__version__ == metadata.version("normlab")


def test_type_checkers_see_the_same_names() -> None:
    """The imports that only type checkers follow name exactly what `__all__` names."""
    tree = ast.parse(Path(normlab.__file__).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    imported = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(normlab.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name fails as Python names do, so `hasattr` works."""
    assert not hasattr(normlab, "comparee")
    with pytest.raises(AttributeError, match="module 'normlab' has no attribute 'comparee'"):
        _ = normlab.comparee


def test_import_costs_nothing() -> None:
    """`import normlab` brings neither torch nor numpy, nor anything else that is not Python's own."""
    code = (
        "import sys; before = set(sys.modules); import normlab; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    assert run(code).stdout == "['normlab']\n"


@pytest.mark.slow
def test_specs_need_no_torch() -> None:
    """Designing a study, as the command line does before it trains, does not wait for torch."""
    assert run("import sys, normlab; normlab.design(); sys.exit('torch' in sys.modules)").returncode == 0


@pytest.mark.slow  # a process of its own imports everything
@pytest.mark.long
def test_the_verbs_stay_functions() -> None:
    """Importing everything behind the verbs does not put a module in the place of `normlab.train` or another verb."""
    code = (
        "import normlab, pkgutil; "
        "modules = [m.name for m in pkgutil.walk_packages(normlab.__path__, 'normlab.') if '__main__' not in m.name]; "
        "[__import__(name) for name in modules]; "
        "assert all(callable(getattr(normlab, name)) for name in normlab.__all__)"
    )
    assert run(code).returncode == 0


@pytest.mark.parametrize("verb", [normlab.compare, normlab.train, normlab.path, normlab.lint])
def test_a_verb_names_its_keywords(verb: Callable[..., object]) -> None:
    """`help` and editors show every option by its name and type, and no `**options`."""
    parameters = inspect.signature(verb).parameters
    assert not [each for each in parameters.values() if each.kind is inspect.Parameter.VAR_KEYWORD]
    assert get_type_hints(Options).keys() <= parameters.keys()
    assert parameters["batch_size"].annotation == get_type_hints(Options)["batch_size"]


def test_a_keyword_that_no_verb_has_is_an_error() -> None:
    """It is not forgotten, and the study trained without it."""
    for verb in (normlab.design, normlab.compare, normlab.train, normlab.path, normlab.lint):
        with pytest.raises(UnknownName, match="unknown option 'epoch': did you mean epochs"):
            verb(epoch=3)
