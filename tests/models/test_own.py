"""Models of one's own: a function in a file, or in an installed package, and all that it may do."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
import torch
from torch import nn

from normlab.errors import NetworkError, OwnCodeError, SpecError
from normlab.models import build, registry
from normlab.models.jobs import job_of
from normlab.models.untrained import Untrained
from normlab.norms import EPS, Slot, resolve
from normlab.own.sources import digest, hashes
from normlab.records import Job
from normlab.spec import Recipe, design
from normlab.spec.places import place
from normlab.verbs.checks import check

SMALL = """
    from torch import nn

    def make({asked}):
        return nn.Sequential(
            nn.Conv2d(1, 4, 5, stride=4, bias=False), {norm}, nn.ReLU(), nn.Flatten(), nn.Linear(144, 10)
        )
"""
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Puts text into a file of the current folder, and says how its function `make` is named."""
    monkeypatch.chdir(tmp_path)

    def written(text: str, name: str = "nets.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return f"{name}:make"

    return written


def small(write: Write, asked: str = "norm", norm: str = "norm(4)") -> str:
    return write(SMALL.format(asked=asked, norm=norm))


def job(model: str, norm: str = "bn", seed: int = 0, **fields: object) -> Job:
    return job_of(Recipe.model_validate({"model": model, "norm": norm, **fields}), seed)


def checked(model: str, norm: str = "bn", **fields: object) -> nn.Module:
    study = design(norms=[norm], l1=[0.0], seeds=[0], model=model, set=fields)
    return next(Untrained(study).checked())[1]


@pytest.mark.parametrize("asked", ["norm", "norm_layer"])
def test_norms_are_the_registrys(write: Write, asked: str) -> None:
    """Whatever it calls them, the function builds with norms of one eps, with γ and β."""
    model = build(job(small(write, asked, f"{asked}(4)"), "ln"))
    assert repr(model[1]) == repr(nn.GroupNorm(1, 4, eps=EPS))  # type: ignore[index]


def test_it_is_told_what_it_asks_for(write: Write) -> None:
    """By name, and nothing else; arguments of the recipe come beside."""
    model = write("""
        from torch import nn

        def make(classes, channels, size, dropout, width=1, **more):
            made = nn.Linear(1, 1)
            made.told = (classes, channels, size, dropout, width, more)
            raise ValueError(made.told)
    """)
    with pytest.raises(OwnCodeError, match=r"ValueError: \(10, 1, \(28, 28\), 0.25, 3, {'deep': True}\)"):
        build(job(model, dropout=0.25, model_args={"width": 3, "deep": True}))


@pytest.mark.parametrize("norm", ["ln", "gn:2", "in", "rms", "ln-c", "none"])
@pytest.mark.slow
def test_all_arms_start_from_the_same_values(write: Write, norm: str) -> None:
    """Every parameter outside the norms has the same bits as with batch norm, on each seed; another seed has others."""
    model = small(write)
    one, other = (dict(build(job(model, each, 5)).named_parameters()) for each in ("bn", norm))
    shared = ["0.weight", "4.weight", "4.bias"]
    assert all(torch.equal(one[name], other[name]) for name in shared)
    assert not torch.equal(one["0.weight"], dict(build(job(model, "bn", 6)).named_parameters())["0.weight"])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("def make(): return 3", "expected an nn.Module, got int"),
        ("make = 3", "nets.py has no function make; it has none"),
        ("def make(width): return 3", "needs width: say it with --model-args"),
        ("def made(): return 3", "nets.py has no function make; it has made"),
        ("def make(*, norm, dropout=0): return None", "expected an nn.Module, got NoneType"),
    ],
)
def test_what_makes_no_network_is_told_in_a_line(write: Write, code: str, problem: str) -> None:
    """With what was expected, and what there is."""
    with pytest.raises(NetworkError, match=f"model nets.py:make.*{problem}"):
        checked(write(code))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"dropout": 0.1}, "does not ask for dropout, and the recipe has 0.1: set it to 0"),
        ({"model_args": {"depth": 3}}, "model_args: nets.py:make takes no argument depth; it takes norm"),
        ({"model_args": {"norm": "bn"}}, "is given norm by the images and the recipe"),
    ],
)
def test_what_a_function_would_not_look_at_is_refused(write: Write, fields: dict[str, object], problem: str) -> None:
    """Nothing that a recipe says is dropped in silence."""
    with pytest.raises((NetworkError, SpecError), match=problem):
        build(job(small(write), **fields))


def test_a_network_that_gives_no_scores_of_the_classes_is_refused(write: Write) -> None:
    """Seen on images of the real shape, before anything is trained."""
    model = write("""
        from torch import nn

        def make(norm):
            return nn.Sequential(nn.Conv2d(1, 4, 3), norm(4), nn.Flatten(2))
    """)
    with pytest.raises(NetworkError, match=r"for images \(2, 1, 28, 28\) expected scores \(2, 10\), got \(2, 4, 676\)"):
        checked(model)


MODES = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self, norm):
            super().__init__()
            self.norm, self.end = norm(1), nn.Linear(784, 10)
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x):
            x = self.end(torch.dropout(self.norm(x), 0.5, self.training).flatten(1))
            self.seen += 1
            return {result}

    def make(norm):
        return Net(norm)
"""


def test_a_network_is_seen_in_training_mode_too(write: Write) -> None:
    """One with a second head while it trains would fail in every worker."""
    with pytest.raises(NetworkError, match=r"in training mode and for images .* expected scores \(2, 10\), got tuple"):
        checked(write(MODES.replace("{result}", "(x, x) if self.training else x")))


def test_looking_at_a_network_changes_nothing(write: Write) -> None:
    """Neither its values, nor its statistics and mode, nor what is drawn next."""
    model = write(MODES.replace("{result}", "x"))
    torch.manual_seed(0)
    network = checked(model)
    drawn = torch.rand(3)
    assert torch.equal(drawn, torch.rand(3, generator=torch.Generator().manual_seed(0)))
    assert network.training
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in build(job(model)).state_dict().items())


def test_a_network_that_fails_on_the_images_shows_its_own_lines(write: Write) -> None:
    """The traceback begins in the author's code, and has no line of normlab's."""
    model = write("""
        from torch import nn

        class Net(nn.Module):
            def __init__(self, norm):
                super().__init__()
                self.norm = norm(4)

            def forward(self, x):
                return self.norm(x)  # four channels

        def make(norm):
            return Net(norm)
    """)
    with pytest.raises(OwnCodeError, match=r"model nets\.py:make: its code raised RuntimeError: ") as caught:
        checked(model)
    assert "return self.norm(x)  # four channels" in caught.value.details
    assert "normlab" not in caught.value.details


@pytest.mark.parametrize("code", ["1 / 0", "import sys; sys.exit(3)", "import nothing_like_this", "def make(:"])
def test_a_module_that_cannot_be_imported_shows_why(write: Write, code: str) -> None:
    """Also one that ends the process, and one that is no Python."""
    with pytest.raises(OwnCodeError, match=r"model nets\.py:make: its code raised") as caught:
        build(job(write(code)))
    assert code in caught.value.details


def test_values_that_do_not_come_from_the_seed_are_refused(write: Write) -> None:
    """Drawn from anywhere but torch's generator, arms could not share them."""
    model = write("""
        import random
        from torch import nn

        def make(norm):
            made = nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Unflatten(1, (10, 1, 1)), norm(10), nn.Flatten())
            nn.init.constant_(made[1].bias, random.random())
            return made
    """)
    with pytest.raises(NetworkError, match="built twice on one seed it starts from different values"):
        checked(model)


def test_groups_and_sizes_that_nobody_says_are_asked_for(write: Write) -> None:
    """`gn` means groups of the author's, `ln-chw` has values of each position: neither is known here."""
    model = small(write)
    with pytest.raises(NetworkError, match="layer norm 1: the model does not say how many groups gn has; name them"):
        build(job(model, "gn"))
    with pytest.raises(NetworkError, match="layer norm 1: ln-chw needs the size of what passes"):
        build(job(model, "ln-chw"))


def test_norms_of_a_finished_network_are_exchanged(write: Write) -> None:
    """A function that asks for no norm is built once for a seed; what its arms share starts from the same values."""
    model = small(write, "", "nn.BatchNorm2d(4, eps=1e-3)")
    arms = {norm: build(job(model, norm)) for norm in ("bn", "gn:2", "ln-chw", "rms", "none")}
    kinds = {norm: type(network[1]).__name__ for norm, network in arms.items()}
    assert kinds["gn:2"] == "GroupNorm"
    assert kinds["ln-chw"] == "LayerNorm"
    for network in arms.values():
        for name, value in network.state_dict().items():
            assert torch.equal(value, arms["bn"].state_dict()[name]) or not name.startswith(("0.", "4."))
    assert {getattr(network[1], "eps", None) for network in arms.values()} == {1e-3}


def test_a_network_without_norms_cannot_be_an_arm_of_another_norm(write: Write) -> None:
    """What would be compared with itself is refused."""
    with pytest.raises(NetworkError, match="the network has no norm that gn:2 could replace"):
        build(job(small(write, "", "nn.Identity()"), "gn:2"))


def test_a_package_that_lacks_something_says_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there: that one of its own imports fails is another matter."""
    (tmp_path / "lacking_nets").mkdir()
    (tmp_path / "lacking_nets" / "__init__.py").write_text("import nothing_like_this\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OwnCodeError, match="its code raised ModuleNotFoundError: No module named 'nothing_like_this'"):
        job("lacking_nets.nets:make")


@pytest.mark.parametrize(
    ("model", "error", "problem"),
    [
        ("nothing.py:make", NetworkError, "there is no file nothing.py; paths start from the current folder"),
        (f"{'x' * 300}.py:make", NetworkError, "^model 'xx*…: cannot look at it: File name too long$"),
        ("nets:make", NetworkError, "there is no installed module nets; name a file by its path"),
        ("nets.py", SpecError, r"which function of it\? Name one, as in nets.py:make"),
    ],
)
def test_code_that_is_not_there_is_told(write: Write, model: str, error: type[Exception], problem: str) -> None:
    """The current folder is looked into only for what is named by its path."""
    small(write)
    with pytest.raises(error, match=problem):
        build(Job(Recipe(model=model), 0))


def test_the_current_folder_is_not_searched(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where Python itself would, as after `python -m`."""
    small(write)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    with pytest.raises(NetworkError, match="there is no installed module nets"):
        build(Job(Recipe(model="nets:make"), 0))


@pytest.fixture
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the search path, with a module that builds on another."""
    home = tmp_path / "site" / "mylab_nets"
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("")
    (home / "unused.py").write_text("")
    (home / "parts.py").write_text("from torch import nn\n\ndef end(): return [nn.Flatten(), nn.Linear(3136, 10)]\n")
    (home / "nets.py").write_text(
        "from torch import nn\nfrom . import parts\n\ndef make(norm):\n"
        "    return nn.Sequential(nn.Conv2d(1, 4, 1), norm(4), *parts.end())\n"
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == home.name]:
        del sys.modules[name]  # of another test's folder
    monkeypatch.syspath_prepend(home.parent)


@pytest.mark.usefixtures("_package")
def test_a_module_of_a_package_is_imported_by_its_name() -> None:
    """Its code is the module, the packages that it lies in, and what it imports of them: no more."""
    assert isinstance(checked("mylab_nets.nets:make"), nn.Sequential)
    own = place("mylab_nets.nets:make")
    assert own is not None
    assert {path.name for path in hashes(own)} == {"nets.py", "__init__.py", "parts.py"}


def test_the_code_is_what_a_run_is_known_by_and_not_its_place(write: Write, tmp_path: Path) -> None:
    """The same file elsewhere is the same model; another byte, in it or in what it imports beside it, is another."""
    text = "import helper\n" + SMALL.format(asked="norm", norm="norm(4)").replace("\n    ", "\n")
    for folder in ("a", "b", "c", "d"):
        write(text + "# more\n" * (folder == "c"), f"{folder}/nets.py")
        write("x = 1\n" if folder == "d" else "x = 0\n", f"{folder}/helper.py")
        write(folder, f"{folder}/unused.py")
    keys = {folder: job(f"{folder}/nets.py:make").key for folder in "abcd"}
    assert keys["a"] == keys["b"] == job(f"{tmp_path}/a/nets.py:make").key
    assert len(set(keys.values())) == 3
    assert job("a/nets.py:make", "ln").key != keys["a"]


def test_looks_follow_the_code_and_not_its_place(write: Write) -> None:
    """Moved it is the same treatment, edited another, though all are one recipe."""
    text = SMALL.format(asked="norm", norm="norm(4)")
    one, moved = (job(write(text, name)) for name in ("nets.py", "a/nets.py"))
    edited = job(write(f"{text}\n    # another\n", "b/nets.py"))
    assert one.treatment == moved.treatment != edited.treatment
    assert one.recipe.digest == moved.recipe.digest == edited.recipe.digest
    assert job("lean").treatment == Recipe().digest


@pytest.mark.parametrize(
    "statement", ["import deep.er", "from deep import er", "from deep.er import x", "def late():\n    import deep.er"]
)
def test_imports_are_followed_wherever_they_stand(write: Write, statement: str, tmp_path: Path) -> None:
    """In functions too, through packages, and on from there; Python's own and installed ones are not looked into."""
    own = place(write(f"import torch, json\n{statement}\n"))
    write("from . import est\nx = 0", "deep/er.py")
    write("", "deep/__init__.py")
    write("", "deep/est.py")
    assert own is not None
    found = {str(path.relative_to(tmp_path.resolve())) for path in hashes(own)}
    assert found == {"nets.py", "deep/__init__.py", "deep/er.py", "deep/est.py"}


def test_the_digest_of_one_file_is_that_of_its_bytes(write: Write, tmp_path: Path) -> None:
    """SHA-256 over the SHA-256 of each file."""
    own = place(small(write))
    assert own is not None
    once = hashlib.sha256((tmp_path / "nets.py").read_bytes()).digest()
    assert digest(own) == hashlib.sha256(once).hexdigest()


def test_code_that_changes_while_a_study_runs_is_not_trained(write: Write) -> None:
    """A run that was planned with other code would be taken for what it is not."""
    planned = job(small(write))
    build(planned)
    small(write, norm="norm(4), nn.Identity()")
    with pytest.raises(NetworkError, match="its code has changed since the run was planned; start again"):
        build(planned)


@pytest.mark.slow
def test_code_that_was_changed_is_imported_anew(write: Write) -> None:
    """In a notebook, its file and what it imports: what is built is what the key says."""
    model = write("from torch import nn\nimport beside\ndef make(norm): return nn.Sequential(norm(beside.width))\n")
    for width in (3, 5):
        write(f"width = {width}  # {'.' * width}\n", "beside.py")
        assert build(job(model))[0].num_features == width  # type: ignore[index, union-attr]


def test_helpers_of_one_name_in_two_folders_are_two(write: Write) -> None:
    """Each model has the one beside it, in whatever order they are built."""
    text = "from torch import nn\nimport beside\ndef make(norm): return nn.Sequential(norm(beside.width))\n"
    models = {width: write(text, f"of{width}/nets.py") for width in (3, 5)}
    for width in models:
        write(f"width = {width}\n", f"of{width}/beside.py")
    for width in (3, 5, 3):
        assert build(job(models[width]))[0].num_features == width  # type: ignore[index, union-attr]


TAKES = "from torch import nn\nimport beside\ndef {name}(norm): return nn.Sequential(norm(beside.width))\n"


def width(model: str) -> int:
    return build(job(model))[0].num_features  # type: ignore[index, no-any-return, union-attr]


@pytest.mark.slow
def test_a_helper_that_changes_between_two_models_is_imported_anew(write: Write) -> None:
    """Though the second is imported for the first time, and what lies between it and the helper has not changed."""
    write("from far import width\n", "beside.py")
    for number, name in ((3, "one"), (5, "two"), (7, "three")):
        write(f"width = {number}\n", "far.py")
        write(TAKES.format(name="make"), f"{name}.py")
        assert width(f"{name}.py:make") == number
    assert width("one.py:make") == 7


@pytest.mark.usefixtures("_package")
def test_two_functions_of_a_module_are_of_one_text(tmp_path: Path) -> None:
    """The second is of the file as it is now, as its digest says."""
    file = tmp_path / "site" / "mylab_nets" / "nets.py"
    file.write_text("from torch import nn\ndef one(norm): return nn.Sequential(norm(3))\n")
    assert width("mylab_nets.nets:one") == 3
    file.write_text("from torch import nn\ndef two(norm): return nn.Sequential(norm(5))\n# longer\n")
    assert width("mylab_nets.nets:two") == 5


@pytest.mark.long
def test_a_change_within_a_second_is_seen(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python takes bytecode for that of a file with as many bytes and the same second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(TAKES.format(name="make"))
    for number in (3, 5):
        write(f"width = {number}\n", "beside.py")
        os.utime(tmp_path / "beside.py", (1e9, 1e9))
        assert width("nets.py:make") == number


def test_modules_of_the_caller_stay_the_callers(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script beside a model has a main module and a helper of its own, before and after models of two folders."""
    for number, folder in ((3, "a"), (5, "b")):
        write(TAKES.format(name="make"), f"{folder}/nets.py")
        write(f"width = {number}\n", f"{folder}/beside.py")
    mine, main = ModuleType("beside"), ModuleType("__main__")
    for module in (mine, main):
        module.__file__ = str(tmp_path / "a" / f"{module.__name__}.py")
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert [width("a/nets.py:make"), width("b/nets.py:make"), width("a/nets.py:make")] == [3, 5, 3]
    assert (sys.modules["__main__"], sys.modules["beside"]) == (main, mine)
    monkeypatch.delitem(sys.modules, "beside")
    width("b/nets.py:make")
    assert "beside" not in sys.modules


def test_named_models_are_known_as_ever() -> None:
    """No code of one's own, nothing added to the key."""
    assert job("lean").code == ""
    assert job("lean").key == Job(Recipe(), 0).key


def test_the_same_code_in_two_places_is_one_treatment(write: Write) -> None:
    """Two arms of it would be one run, counted twice."""
    one = small(write)
    other = write(SMALL.format(asked="norm", norm="norm(4)"), "elsewhere/nets.py")
    study = design(norms=["bn"], l1=[0.0], seeds=[0], vary={"model": [one, other]})
    with pytest.raises(SpecError, match="are the same network: leave one out"):
        check(study, Untrained(study))


@pytest.mark.parametrize("norm", ["ln", "in", "none"])
def test_where_norms_are_exchanged_arms_share_all_the_rest(
    write: Write, norm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network with norms of its own is built once on a seed, and only then are they replaced."""

    def exchanged(model: nn.Module, to: str, shape: tuple[int, int, int]) -> nn.Module:
        assert shape == (1, 28, 28)
        model[1] = resolve(to)(Slot("norm1", 4, (6, 6), None))  # type: ignore[index, operator]
        return model

    monkeypatch.setattr(registry, "exchanged", exchanged)
    model = small(write, "classes", "nn.BatchNorm2d(4)")
    one, other = (dict(build(job(model, each, 5)).named_parameters()) for each in ("bn", norm))
    shared = ["0.weight", "4.weight", "4.bias"]
    assert all(torch.equal(one[name], other[name]) for name in shared)
    assert ("1.weight" in other) is (norm != "none")
