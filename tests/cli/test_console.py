"""What is printed: names from outside are shown, and never obeyed."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from own_images import noise, write_folders

from normlab.cli.console import say

Run = Callable[..., CompletedProcess[str]]
RED = "\x1b[31mred\x9b2J\x07\u202e\r"


def obeyed(text: str) -> set[str]:
    """What a terminal would obey, the ends of lines aside."""
    return {letter for letter in text if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp")}


def test_what_a_terminal_obeys_is_spelled_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines and tabs stay what they are; so does JSON, which reads back as it was."""
    say(f"a\tb\n{RED}")
    assert capsys.readouterr().out == "a\tb\n\\u001b[31mred\\u009b2J\\u0007\\u202e\\u000d\n"
    say(json.dumps([RED], ensure_ascii=False))
    printed = capsys.readouterr().out
    assert json.loads(printed) == [RED]
    assert not obeyed(printed)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("command", ["claims", "judge"])
def test_names_in_tables_do_not_paint(normlab: Run, tmp_path: Path, command: str, form: str) -> None:
    """The arms of somebody's table, in words and as JSON."""
    claims = f"name,accuracy,n\n{RED[:-1]},98,1000\nb,97,1000\n"
    runs = f"arm,seed,accuracy\n{RED[:-1]},1,98\n{RED[:-1]},2,97\nb,1,97\nb,2,95\n"
    (tmp_path / "t.csv").write_text({"claims": claims, "judge": runs}[command])
    result = normlab(command, "t.csv", "--format", form)
    assert result.returncode == 0
    assert "31mred" in result.stdout
    assert not obeyed(result.stdout + result.stderr)


def test_names_of_files_and_classes_do_not_paint(normlab: Run, tmp_path: Path) -> None:
    """A folder of images that is called so, with a class that is."""
    place = write_folders(tmp_path / RED[:-1], noise(side=20))
    (place / "train" / "class 1").rename(place / "train" / f"class {RED[:-1]}")
    (place / "test" / "class 1").rename(place / "test" / f"class {RED[:-1]}")
    for words in (["data", "show", str(place)], ["data", "show", f"{place}x"], ["compare", "--data", str(place)]):
        result = normlab(*words, *(["--print-toml"] if words[0] == "compare" else []))
        assert "31mred" in result.stdout + result.stderr
        assert not obeyed(result.stdout + result.stderr)
