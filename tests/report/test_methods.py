from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from comparisons import environment

from normlab.records import Comparison, Look
from normlab.report import html
from normlab.report.exports import write
from normlab.report.methods import Methods, methods
from normlab.report.methods.images import KNOWN
from normlab.report.methods.references import REFERENCES, own
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

ROOT = Path(__file__).parents[2]
TWO = [{"norm": "bn"}, {"norm": "ln"}]


def of(comparison: Comparison) -> Methods:
    """The methods of a comparison."""
    return methods(build(comparison).facts)


def text(comparison: Comparison) -> str:
    """All paragraphs."""
    return " ".join(of(comparison).text)


def test_a_fixed_number_of_seeds_is_told_as_it_is_judged(make: Make) -> None:
    """Arms, seeds, tests, margin, level, correction, versions: all of the study."""
    made = make(arms=[*TWO, {"norm": "in"}], seeds=5, margin=0.2)
    said = text(made)
    assert "3 arms (bn, ln, in) of the network lean on mnist [@lecun1998], which differ in norm," in said
    assert "the same 5 seeds for 5 epochs" in said
    assert "a margin of ±0.2 percentage points, both corrected for all 3 comparisons by Holm's procedure" in said
    assert "at 95.5% confidence" in said
    assert "PyTorch 2.13.0 [@paszke2019]" in said
    assert "sequence" not in said


@pytest.mark.slow
def test_who_may_look_is_told_so(make: Make) -> None:
    """Until settled, and after a verdict was shown."""
    settling = text(make(arms=TWO, seeds=8, until_settled=True))
    assert "up to 8 seeds" in settling
    assert (
        "after each look up to 8 seeds, so every comparison has confidence sequences [@lai1976; @wang2023]" in settling
    )
    assert "at 95.5% confidence, with one boundary for all looks up to the last [@pocock1977]" in settling
    assert "where the one-sided ones [@schuirmann1987] lie within a margin of ±0.1 percentage points" in settling
    assert "holm1979" not in settling
    made = make(arms=TWO, seeds=8)
    look = Look("compare", "2026-11-30T12:00:00+00:00", (0, 1, 2), "once", 1, made.study.digests)
    grown = text(replace(made, looks=(look,)))
    assert "Seeds were added after a verdict on 3 seeds was seen." in grown
    assert "pocock1977" not in grown
    longer = text(replace(made, looks=(replace(look, rules="up to"),)))
    assert "After a verdict was seen others were taken than the up to 3 seeds planned." in longer


@pytest.mark.slow
def test_a_test_of_counts_is_told_where_it_was_asked(make: Make) -> None:
    """Of equivalent arms with next to no errors."""
    few = text(make(arms=TWO, seeds=8, errors={"bn": 0.00022, "ln": 0.00024}, images=10_000))
    assert "equivalence also needed a score test of the counts [@farrington1990]" in few
    assert "farrington1990" not in text(make(arms=TWO, seeds=8))


def test_failures_and_held_out_images_are_counted(make: Make) -> None:
    """What diverged and what collapsed; which images were kept out, and whether test images were used."""
    made = make(arms=TWO, seeds=10, diverged=[("ln", 1, 2)], holdout=5_000)
    said = text(made)
    assert "of 20 runs, 1 diverged and 0 collapsed" in said
    assert "5,000 training images were kept out for that; nothing was judged on the data set's part for tests." in said
    assert "what was chosen by it was judged on the data set's part for tests" in text(
        replace(made, tested={"bn": [99.0]})
    )


def test_what_is_not_known_says_so(make: Make) -> None:
    """Nothing is claimed of versions, processors, images and hyperparameters that nobody recorded."""
    made = make(arms=TWO, seeds=3, fixed={"optimizer.lr": 0.03})
    blank = environment(normlab="", python="", torch="", numpy="", processor="", engine="", data="")
    made = replace(made, runs=[replace(run, environment=blank) for run in made.runs])
    answers = dict(of(made).answers)
    assert "versions that were not recorded" in text(made)
    assert answers["Data"] == "The SHA-256 of the images is not known here."
    assert answers["Hyperparameters"].endswith("How they were chosen is not known here.")
    assert answers["Data splits"].startswith("How many images were trained on is not known here")
    assert "tuning" not in text(made)


@pytest.mark.slow
def test_norms_that_share_the_recipe_lean_are_told_how_it_was_tuned(make: Make) -> None:
    """In the paragraph, in the checklist and among the cautions; not where norms or recipe are others."""
    told = "looked at batch norm alone"
    made = make(arms=TWO, seeds=3)
    assert told in text(made)
    assert told in dict(of(made).answers)["Hyperparameters"]
    assert any(told in line for line in build(made).findings)
    assert told not in text(make(vary={"batch_size": [32, 128]}, seeds=3))
    for changed in ({"optimizer.lr": 0.03}, {"dropout": 0.2}):
        assert told not in text(make(arms=TWO, seeds=3, fixed=changed))
    assert told in text(make(arms=TWO, seeds=3, epochs=15, holdout=5_000))


def test_a_path_has_its_choice(make: Make) -> None:
    """And no tests of pairs."""
    arms = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in (1e-4, 1e-3))]
    said = text(make(arms=arms, holdout=1_000, warm_start=True))
    assert "within one standard error of the best was chosen [@breiman1984]" in said
    assert "t tests" not in said


def test_every_citation_has_its_entry_and_no_other(make: Make) -> None:
    """In both texts, whatever an arm is called; the keys are told apart."""
    made = make(arms=[{"name": "[@holm] & more", "norm": "bn"}, {"name": "ln", "norm": "ln"}], seeds=3)
    found = of(made)
    cited = re.findall(r"@(\w+)", re.sub(r"\[@holm\]", "", found.markdown))
    assert {each.key for each in found.references} == {*cited}
    assert "[@" not in " ".join(found.read).replace("[@holm]", "")
    keys = [each.key for each in (*REFERENCES, own())]
    assert len({*keys}) == len(keys)
    assert {each.reference for each in KNOWN.values()} <= {*keys}


@pytest.mark.parametrize("reference", [*REFERENCES, own()], ids=lambda each: each.key)
def test_entries_are_bibtex(reference: object) -> None:
    """Braces are closed, and there are a title and an author."""
    entry = reference.bibtex  # type: ignore[attr-defined]
    assert entry.count("{") == entry.count("}")
    assert re.match(r"@\w+\{\w+,\n", entry)
    assert {"  author = ", "  title = "} <= {line[: line.index("{")] for line in entry.splitlines()[1:-1]}


def test_the_entry_of_normlab_is_that_of_its_citation_file() -> None:
    """One title, one version, one author."""
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert own().fields["title"] == cff["title"]
    assert own().fields["version"] == cff["version"]
    assert own().fields["author"] == f"{{{cff['authors'][0]['name']}}}"


@pytest.mark.slow
def test_the_report_ends_with_it_and_an_export_has_both_files(make: Make, tmp_path: Path) -> None:
    """Folded, as the last part of the page."""
    made = make(arms=TWO, seeds=3)
    page = html.render(made)
    assert re.findall(r'<details class="room" id="([\w-]+)"', page)[-1] == "methods"
    assert "(Student, 1908)" in page
    exported = write(made, "methods", tmp_path / "out")
    assert {path.name for path in exported.files} == {"methods.md", "references.bib"}
    assert "[@student1908]" in (tmp_path / "out" / "methods.md").read_text()
    assert "@article{student1908," in (tmp_path / "out" / "references.bib").read_text()
