"""`--sources` on the command line: what it writes, and what it refuses in one line."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]


def test_the_option_is_the_file_s_field_and_can_be_taken_back(normlab: Run) -> None:
    """`sources = true`; a study without it says nothing of them."""
    asked = normlab("compare", "--norms", "bn", "--seeds", "8", "--sources", "--print-toml")
    assert "\nsources = true\n" in asked.stdout
    assert "sources" not in normlab("compare", "--norms", "bn", "--seeds", "8", "--no-sources", "--print-toml").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "1"], "sources: one seed has no variance between seeds: take --seeds 8, or leave it out"),
        (["--until-settled"], "sources and until_settled exclude each other"),
        (["--race"], "sources and race exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(normlab: Run, arguments: list[str], message: str) -> None:
    """In one line, with the way out, before anything is trained."""
    refused = normlab("compare", "--norms", "bn,ln", "--sources", *arguments)
    assert refused.returncode != 0
    assert message in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
