from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import typer

import normlab
from normlab.cli import app
from normlab.spec import from_toml, parse
from normlab.spec.suite import read as read_suite

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^(?:<!-- not run: (?P<reason>.+) -->\n)?```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|#)([^)\s#]+)")


@dataclass(frozen=True)
class Block:
    """Code on a page; `reason` says why it is not run, if it is not."""

    page: Path
    line: int
    language: str
    code: str
    reason: str | None

    @property
    def place(self) -> str:
        """How a failure names it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    """The code on a page in some languages, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found["language"] in languages:
            line = text.count("\n", 0, found.start("code"))
            yield Block(page, line, found["language"], found["code"], found["reason"])


def ran(page: Path) -> dict[str, Any]:
    """What the page's code leaves behind, run block by block as a reader would type it."""
    known: dict[str, Any] = {"__name__": "__page__"}
    for block in blocks(page, "python", "pycon"):
        if block.reason is None:
            known = talked(block, known) if ">>>" in block.code else executed(block, known)
    return known


FILE = re.compile(r"# (\w+\.py)\n")
"""The first line of a block that is a file."""


def executed(block: Block, known: dict[str, Any]) -> dict[str, Any]:
    if named := FILE.match(block.code):
        Path(named[1]).write_text(block.code, encoding="utf-8")
    code = "\n" * block.line + block.code  # so that tracebacks name the page's line
    exec(compile(code, str(block.page), "exec"), known)  # noqa: S102 - our own pages
    return known


def talked(block: Block, known: dict[str, Any]) -> dict[str, Any]:
    """A block with `>>>`: what is answered is what stands there, to the letter."""
    test = doctest.DocTestParser().get_doctest(block.code, known, block.place, str(block.page), block.line)
    told = io.StringIO()
    failed, _ = doctest.DocTestRunner(verbose=False).run(test, out=told.write, clear_globs=False)
    assert not failed, told.getvalue()
    return dict(test.globs)


TRAINS = re.compile(r"normlab\.(compare|train|path|assignment)\(")


STUDIES = {"assignment.md", "python.md", "your-model.md", "tour.md"}
"""Pages whose code trains whole studies."""


def with_code() -> Iterator[Any]:
    """The pages with code, each with what it takes to run it."""
    for page in PAGES:
        code = "".join(block.code for block in blocks(page, "python", "pycon"))
        if code:
            marks = [pytest.mark.training] if TRAINS.search(code) else []
            marks += [pytest.mark.long] if page.name in STUDIES else []
            yield pytest.param(page, marks=marks, id=str(page.relative_to(ROOT)))


@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize("page", [*with_code()])
@pytest.mark.slow
def test_code_on_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every Python block, in order, does what the page says; what is printed stays in the test."""
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()):
        ran(page)


PRINTED = re.compile(r"^<!-- printed by: (?P<code>.+) -->\n```text\n(?P<text>.*?)^```$", re.M | re.S)
SHOWN = [(page, found) for page in PAGES for found in PRINTED.finditer(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "found"), SHOWN, ids=lambda value: getattr(value, "name", None))
def test_what_a_page_shows_is_what_is_printed(page: Path, found: re.Match[str]) -> None:
    """To the letter, and anew each time."""
    assert str(eval(found["code"], {"normlab": normlab})) == found["text"].rstrip("\n"), page  # noqa: S307 - our own


def test_no_code_is_left_out() -> None:
    """A block that is not run says why, and is named here."""
    assert {
        block.place: block.reason for page in PAGES for block in blocks(page, "python", "pycon") if block.reason
    } == {}


def test_the_loop_on_the_penalty_page_penalises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It moves the model, and leaves it with plain parameters."""
    monkeypatch.chdir(tmp_path)
    known = ran(DOCS / "penalties.md")
    assert [name for name, _ in known["model"].named_parameters()] == ["weight", "bias"]
    assert known["penalty"].held.steps == 3


def test_the_network_on_the_compact_page_gets_smaller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fewer parameters, the same answers, and the file that is loaded again is the network."""
    monkeypatch.chdir(tmp_path)
    known = ran(DOCS / "compact.md")
    assert known["result"].after.parameters < known["result"].before.parameters
    wanted = known["model"].eval()(known["images"])
    assert torch.allclose(known["network"](known["images"]), wanted, atol=1e-4)


STUDIES = [block for page in PAGES for block in blocks(page, "toml")]


@pytest.mark.parametrize("block", STUDIES, ids=lambda block: block.place)
def test_toml_on_a_page_is_a_study(block: Block) -> None:
    """What is shown as a study, or as a part of one, is one that normlab takes."""
    assert parse(tomllib.loads(block.code)).arms


def test_arms_on_the_penalty_page_are_arms() -> None:
    """Every spelling of a penalty there is one that a study takes."""
    (table,) = blocks(DOCS / "penalties.md", "toml")
    study = parse(tomllib.loads(table.code))
    assert [arm.name for arm in study.arms] == [
        "bn",
        "bn + L1 0.0001",
        "bn + prox 0.0001",
        "bn + prox 0.0001 on conv*.weight",
        "bn + elastic 0.0001 mix 0.9",
    ]


def lines(page: Path) -> Iterator[str]:
    """The lines in a page's shell blocks that call normlab."""
    for block in blocks(page, "sh"):
        for line in block.code.replace("\\\n", " ").splitlines():
            if line.removeprefix("$ ").startswith("normlab "):
                yield line.removeprefix("$ ")


def words(line: str) -> list[str]:
    """What the shell hands to normlab: neither the comment nor what goes to a file."""
    return shlex.split(line.partition(" > ")[0], comments=True)[1:]


LINES = [(page, line) for page in PAGES for line in lines(page)]


def parsed(line: str) -> list[str]:
    """The names of the command that a line calls; raises what the command line raises for what is not there."""
    command, given, names = typer.main.get_command(app), words(line), list[str]()
    context = command.make_context("normlab", [*given], resilient_parsing=True)
    while hasattr(command, "commands"):
        name, *given = given
        command = command.commands[name]
        names.append(name)
        with contextlib.suppress(typer.Exit):  # --help
            context = command.make_context(name, [*given], parent=context)
    return names


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{page.relative_to(ROOT)}: {line}" for page, line in LINES])
def test_commands_on_a_page_exist(page: Path, line: str) -> None:  # noqa: ARG001 - for the test's name
    """Each command is one of ours, takes these options, and can read their values; nothing is run."""
    names = parsed(line)
    assert names == words(line)[: len(names)]


def examples() -> Iterator[str]:
    """The lines that commands give as examples in their help."""
    for command in typer.main.get_command(app).commands.values():
        told = " ".join((command.help or "").partition("\nExample")[2].partition(":")[2].split())
        yield from (line.strip() for line in told.split("·") if line.strip())


@pytest.mark.parametrize("line", [*examples()])
def test_examples_in_help_are_commands(line: str) -> None:
    """Each can be called as it stands there."""
    assert parsed(line) == words(line)[:1]


OWN = [
    line
    for line in dict.fromkeys([*(line for _, line in LINES), *examples()])
    if words(line)[:1] == ["compare"] and words(line)[1:2] != ["--help"] and "--" in "".join(words(line)[1:2])
]
"""The lines that compare and name no study that is there already."""


@pytest.mark.parametrize("line", OWN)
def test_what_a_line_compares_is_a_study(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its fields, levels, links, arms, questions and baseline are all there; nothing is trained."""
    monkeypatch.chdir(tmp_path)
    typer.main.get_command(app).main([*words(line), "--print-toml"], standalone_mode=False)
    printed = tmp_path / "printed.toml"
    printed.write_text(capsys.readouterr().out)
    suite = read_suite(printed)
    assert all(study.arms for study in (suite.studies if suite else [from_toml(printed.read_text())]))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("normlab compare --norm bn", "No such option"),
        ("normlab explain bn --image x", "valid integer"),
        ("normlab compere", "compere"),
    ],
)
def test_a_command_that_does_not_exist_would_be_noticed(line: str, words: str) -> None:
    """An unknown option, a value that cannot be read, an unknown command."""
    with pytest.raises(Exception, match=words):  # typer carries a click of its own, whose errors have no public name
        parsed(line)


def test_code_that_answers_something_else_would_be_noticed(tmp_path: Path) -> None:
    """Both what is printed and what is raised."""
    said = Block(ROOT / "README.md", 1, "pycon", ">>> 1 + 1\n3\n", None)
    with pytest.raises(AssertionError, match="Expected:"):
        talked(said, {})
    page = tmp_path / "page.md"
    page.write_text("```python\nraise ValueError('so')\n```\n")
    with pytest.raises(ValueError, match="so"):
        ran(page)


def test_links_lead_somewhere_on_disk() -> None:
    """A page can be read where it lies: each of its links is a file or a folder."""
    read = [*PAGES, *ROOT.glob("studies/*/README.md"), ROOT / "benchmarks" / "README.md"]
    links = [(page, link) for page in read for link in LINK.findall(page.read_text(encoding="utf-8"))]
    assert not [(str(page), link) for page, link in links if not (page.parent / link).exists()]


def test_the_layers_on_the_design_page_are_those_that_are_checked() -> None:
    """The page draws the layers in the order that import-linter knows."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [layer.split(" | ") for layer in settings["contracts"][0]["layers"]]
    drawn = (DOCS / "design.md").read_text(encoding="utf-8").partition("### Layers")[2].partition("### ")[0]
    assert [row.split(" · ") for row in re.findall(r"^    (\w.*)$", drawn, re.M)] == layers


def test_the_rooms_on_the_design_page_are_those_that_there_are() -> None:
    """The page names every folder and file of the package once, and nothing else."""
    drawn = (DOCS / "design.md").read_text(encoding="utf-8").partition("src/normlab/\n")[2].partition("```")[0]
    named = [row.split()[0].rstrip("/") for row in drawn.splitlines()]
    house = ROOT / "src" / "normlab"
    there = [path.name for path in house.iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"]
    assert sorted(named) == sorted(set(there) - {"__main__.py"})


def test_files_that_contributors_are_sent_to_are_there() -> None:
    """Each path in CONTRIBUTING.md leads to a file or a folder of the package or of the tests."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = [path for path in re.findall(r"`([\w/]+\.py|[\w]+/[\w/]*)`", text) if "NAME" not in path]
    homes = (ROOT, ROOT / "src" / "normlab", ROOT / "tests")
    assert len(paths) > 20
    assert not [path for path in paths if not any((home / path).exists() for home in homes)]
