from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console

from normlab.records import Comparison
from normlab.report import html, text
from normlab.report.tables import table
from normlab.report.view import build
from normlab.spec import design

if TYPE_CHECKING:
    from comparisons import Make

UNDEFINED = re.compile(r"\b(nan|inf|infinity)\b", re.I)
ARMS = [{"norm": norm, "penalty.lambda": l1} for norm in ("bn", "ln") for l1 in (0.0, 1e-3, 1e-4)]


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """Small studies of every kind: any arms, few seeds, any accuracy, runs that diverged or are missing."""
    arms = draw(st.lists(st.sampled_from(ARMS), min_size=1, max_size=4, unique_by=str))
    names = [arm.name for arm in design(arms=arms).arms]
    seeds, epochs = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    runs = st.tuples(st.sampled_from(names), st.integers(0, seeds - 1), st.integers(1, epochs))
    return {
        "arms": arms,
        "seeds": seeds,
        "epochs": epochs,
        "images": draw(st.integers(1, 40)),
        "errors": {name: draw(st.floats(0, 1)) for name in names},
        "diverged": draw(st.lists(runs, max_size=3)),
        "missing": draw(st.integers(0, seeds * len(arms))),
        "holdout": draw(st.sampled_from([0, 5_000])),
    }


def test_the_view_is_the_facts_in_words(six: Comparison) -> None:
    """Findings are the chapters' sentences in their order."""
    view = build(six)
    assert view.findings == tuple(sentence for chapter in view.told for sentence in chapter.sentences)
    assert {*view.chapters} < {*view.told}
    assert (view.facts.planned, view.facts.finished, view.facts.owed) == (18, 18, 0)
    assert view.facts.seconds == sum(run.seconds for run in six.runs)


@pytest.mark.slow  # sixty studies are told
@settings(max_examples=60, deadline=None)
@given(options=options())
@pytest.mark.long
def test_no_terminal_ever_shows_nan(make: Make, options: dict[str, Any]) -> None:
    """Whatever has run so far, every sentence and cell is a number, a dash or a word."""
    comparison, file = make(**options), io.StringIO()
    text.show(comparison, Console(file=file, width=120))
    assert not UNDEFINED.search(file.getvalue())
    for form in ("json", "csv", "markdown"):
        assert not UNDEFINED.search(table(comparison, form))


@pytest.mark.slow  # eight pages are drawn
@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(options=options())
@pytest.mark.long
def test_no_page_ever_shows_nan(make: Make, options: dict[str, Any]) -> None:
    """The same for the page: its text, its numbers and the paths of its charts."""
    page = html.render(make(**options))
    found = UNDEFINED.search(text := re.sub(r"<script>.*?</script>", "", page, flags=re.S))
    assert not found, text[found.start() - 300 : found.end() + 100]


@pytest.mark.long
def test_importing_the_report_is_cheap() -> None:
    """No torch at all, and altair, scipy and jinja2 only when something is drawn or computed."""
    code = "import sys, normlab.report.text, normlab.report.charts, normlab.report.html, normlab.report.images; "
    code += "print({'torch', 'altair', 'scipy', 'jinja2', 'vl_convert', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
