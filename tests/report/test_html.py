from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import judging

from normlab.errors import StoreError
from normlab.faults.finding import warning
from normlab.records import Comparison
from normlab.report import charts, html
from normlab.report.view import build
from normlab.spec import from_toml

if TYPE_CHECKING:
    from comparisons import Make

pytestmark = pytest.mark.slow  # whole pages, a second each


class Page(HTMLParser):
    """What a test wants to know of a page: tags with their attributes, and texts by the tag around them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append((self.tags[-1][0] if self.tags else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    def read(self) -> str:
        """What a person reads: no scripts, no styles."""
        return " ".join(data for tag, data in self.texts if tag not in {"script", "style"})


@pytest.fixture(scope="module")
def rendered(six: Comparison) -> str:
    """The page of the main job."""
    return html.render(six)


@pytest.fixture(scope="module")
def page(rendered: str) -> Page:
    """The same page, parsed."""
    return Page(rendered)


def test_the_numbers_are_the_records(six: Comparison, rendered: str) -> None:
    """The embedded JSON holds every count and loss of every record, unrounded."""
    found = re.search(r'<script type="application/json" id="numbers">(.*?)</script>', rendered, re.S)
    assert found is not None
    told = {(run["arm"], run["seed"]): run["epochs"] for run in json.loads(found[1])["runs"]}
    for run in six.runs:
        assert [epoch["judged_correct"] for epoch in told[run.arm, run.seed]] == [e.judged_correct for e in run.epochs]
        assert [epoch["judged_loss"] for epoch in told[run.arm, run.seed]] == [e.judged_loss for e in run.epochs]


def test_the_table_carries_the_exact_means(six: Comparison, page: Page) -> None:
    """Behind each rounded cell stands the unrounded number."""
    exact = {float(data["value"] or "nan") for data in page.all("data")}
    for arm in six.study.arms:
        finals = [run.final.judged_accuracy for run in six.of(arm.name)]
        assert any(abs(value - sum(finals) / 3) < 1e-12 for value in exact)


def test_nothing_comes_from_elsewhere(rendered: str, page: Page) -> None:
    """No address but data addresses and places on the page, and a policy under which a browser fetches nothing."""
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "poster"):
            assert (attributes.get(name) or "data:").startswith(("data:", "#pair-", "#which-"))
    assert "@import" not in rendered
    assert not page.all("link")
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_bundle_is_there_once(rendered: str) -> None:
    """The drawing library is most of the page, so it must not be there twice."""
    assert rendered.count("window.vegaEmbed=") == 1


@pytest.mark.long
def test_the_page_is_small(make: Make) -> None:
    """Six arms with ten seeds of twenty epochs stay below 3 MB."""
    assert len(html.render(make(seeds=10, epochs=20, images=2_000)).encode()) < 3_000_000


def test_the_page_is_accessible(page: Page) -> None:
    """Language, headings without gaps, captions, labels and alternative texts are all there."""
    assert page.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == 4 + 6 + 3 + 1 + 1 + 2
    assert all(image["alt"] for image in page.all("img"))
    charts = [div for div in page.all("div") if div.get("class") == "chart"]
    assert len(charts) == 7
    assert all(div["role"] == "img" and div["aria-label"] for div in charts)


def test_findings_come_first(page: Page) -> None:
    """The headline is the first heading, and findings stand before tables and charts."""
    known = {"findings", "arms", "charts", "penalty", "classes", "mistakes", "atlas", "models", "provenance"}
    order = [attributes["id"] for _, attributes in page.tags if attributes.get("id") in known]
    assert order == ["findings", "arms", "charts", "penalty", "classes", "mistakes", "atlas", "models", "provenance"]


def test_the_answer_comes_before_everything(page: Page) -> None:
    """Headline, what to take, what to do next, a card a question that leads to its part, and the two charts."""
    order = [attributes.get("id") or attributes.get("class") or tag for tag, attributes in page.tags]
    first = ["h1", "next", "cards", "lead", "finals", "differences", "lede", "findings"]
    assert [name for name in order if name in first] == first
    leads = [str(link["href"]) for link in page.all("a") if str(link["href"]).startswith("#which-")]
    assert leads == ["#which-norm", "#which-penalty-lambda", "#which-norm-penalty-lambda"]
    assert {lead.removeprefix("#") for lead in leads} <= {attributes.get("id") for _, attributes in page.tags}


def test_the_study_can_be_done_again(six: Comparison, rendered: str) -> None:
    """The TOML on the page is the study, and the command that takes it stands beside it."""
    found = re.search(r'<pre id="study">(.*?)</pre>', rendered, re.S)
    assert found is not None
    toml = found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    assert from_toml(toml) == six.study
    assert "normlab compare study.toml" in rendered


@pytest.mark.long
def test_interactions_have_their_numbers(make: Make) -> None:
    """A row for each: the difference, between which levels it changes and by how much, and what may be said."""
    page = html.render(
        make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=6, errors={"bn · batch 16": 0.1})
    )
    table = page.split("<summary>The numbers behind the interactions</summary>")[1].split("</details>")[0]
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", table.split("<tbody>")[1])
    assert cells[:3] == ["bn − ln", "batch 16", "batch 64"]
    assert cells[3].startswith("+")
    assert cells[-2:] == ["6", "changes"]


def test_a_single_factor_has_no_interactions(make: Make) -> None:
    """There is nothing that its answer could depend on."""
    assert "interactions</summary>" not in html.render(make(arms=[{"norm": "bn"}, {"norm": "ln"}], images=100))


def test_what_comes_from_outside_is_escaped(make: Make) -> None:
    """Names of classes, summaries and processors are text, never markup."""
    evil = "</script><script>alert(1)</script>"
    comparison = make(arms=[{"norm": "bn"}, {"norm": evil}], seeds=1)
    runs = [replace(run, environment=replace(run.environment, processor=evil)) for run in comparison.runs]
    summaries = {"bn": evil}
    page = html.render(replace(comparison, runs=runs, classes=[evil] * 10, summaries=summaries))
    assert "<script>alert(1)" not in page


@pytest.mark.long
def test_held_out_images_are_never_called_test(make: Make) -> None:
    """Tables, charts and sentences say held-out, in the drawn charts as well."""
    rendered = html.render(make(seeds=2, holdout=5_000))
    specs = " ".join(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', rendered, re.S))
    rendered = re.sub(r"<pre>@misc.*?</pre>", "", rendered, flags=re.S)  # titles of papers about tests
    said = (Page(rendered).read() + specs).replace('"test": "datum.', "")  # what Vega-Lite calls a condition
    assert not re.search(r"\btest\b", said, re.I)
    assert "final held-out accuracy (%)" in specs


def test_a_study_without_a_finished_run_has_a_page(make: Make) -> None:
    """Neither charts nor the library that would draw them, but the study and what is missing."""
    rendered = html.render(make(missing=18))
    assert "No run has finished yet." in rendered
    assert "vegaEmbed" not in rendered
    assert "18 runs" in rendered


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.long
def test_a_perfect_run_has_no_gallery(make: Make, channels: int) -> None:
    """Zero mistakes are told, not drawn; a colour image is a picture too."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1, errors={"bn": 0.0}, channels=channels)
    rendered = html.render(comparison)
    assert "No mistake on 1,000 test images." in rendered
    galleries, _ = rendered.split('id="atlas">')
    assert len(Page(galleries).all("img")) == min(10, 1_000 - comparison.of("ln")[0].final.judged_correct)


def test_arms_with_the_same_model_share_its_summary(rendered: str) -> None:
    """L1 changes no layer, so three summaries stand for six arms."""
    models = rendered.split('id="models">')[1].split('id="provenance">', maxsplit=1)[0]
    assert len(Page(models).all("pre")) == 3


@pytest.mark.long
def test_classes_are_shown_with_their_images(six: Comparison) -> None:
    """Training and judged images beside the accuracies; what is far below or imbalanced is said above the table."""
    uneven = replace(six, trained=[100 * (digit + 1) for digit in range(10)])
    section = html.render(uneven).split('id="classes">')[1].split("</details>")[0]
    assert "The training images are imbalanced: 100 of 0, 1,000 of 9 (1:10)" in section
    assert len(re.findall(r'<th scope="row">\d</th>\n<td>[1-9],?\d+0</td>', section)) == 10
    assert f"<td>{(six.labels == 4).sum():,}</td>" in section
    assert len(re.findall(r'<td style="--low: \d+%"><data value=', section)) == 60


@pytest.mark.long
def test_a_thousand_classes_keep_the_page_small(make: Make) -> None:
    """Ten classes of each kind, and no confusion matrix."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1, images=2_000)
    rng = np.random.default_rng(0)
    runs = [judging(run, rng.random((2_000, 1_000), np.float32)) for run in comparison.runs]
    many = replace(comparison, runs=runs, labels=rng.integers(0, 1_000, 2_000), classes=[f"c{i}" for i in range(1_000)])
    page = html.render(many)
    assert "The worst 10 of " in page
    assert "Confusion matrix" not in page
    assert len(page) < 2_000_000


def test_a_confusion_leads_to_the_images_that_are_mistaken_likewise(page: Page) -> None:
    """Every link of the atlas has its place on the page."""
    places = {attributes.get("id") for _, attributes in page.tags}
    links = [str(link["href"]) for link in page.all("a")]
    assert links
    assert all(link.removeprefix("#") in places for link in links)


@pytest.mark.long
def test_faults_of_the_study_stand_on_its_page(six: Comparison) -> None:
    """What the lint found, that it found nothing, and nothing where it did not look."""
    fault = warning("one-seed", "seeds", "every arm is trained once", "luck decides", "take more")
    assert "every arm is trained once" in html.render(six, [fault])
    assert "finds none in the spec" in html.render(six, [])
    assert "Faults of the study" not in html.render(six)


@pytest.mark.long
def test_the_same_comparison_gives_the_same_page(six: Comparison, rendered: str) -> None:
    """No time stamp and no random name: a page can be compared with another."""
    assert html.render(six) == rendered


def test_a_fragment_has_no_script(six: Comparison) -> None:
    """A notebook gets the headline, the table and the findings."""
    fragment = html.fragment(six)
    assert "<script" not in fragment
    assert "<table>" in fragment
    assert "not enough evidence" in fragment


@pytest.mark.long
def test_a_fragment_shows_the_first_charts_as_still_pictures(six: Comparison) -> None:
    """Finals and differences, as SVG that a notebook's file has room for, each with its title."""
    first = charts.figures(build(six).facts)[: html.LEAD]
    assert {figure.name for figure in first} == {"finals", "differences"}
    fragment = html.fragment(six)
    assert fragment.count("<svg") == 2
    labels = [str(tag["aria-label"]) for tag in Page(fragment).all("div") if tag.get("role") == "img"]
    assert labels == [f"{figure.title}. {figure.sentence}" for figure in first]
    assert len(fragment) < 200_000


@pytest.mark.long
def test_two_fragments_can_share_a_notebook(six: Comparison, make: Make) -> None:
    """No id is there twice, neither in one nor in two of different studies; what is clipped is clipped by its own."""
    shown = html.fragment(six) + html.fragment(make(vary={"norm": ["bn", "ln"]}))
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert ids
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", shown)) <= set(ids)


@pytest.mark.long
def test_a_chart_of_too_many_runs_is_named_instead(six: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what draws it; the others are there."""
    one, two = charts.figures(build(six).facts)[: html.LEAD]
    monkeypatch.setattr(html, "ROOM", len(html._still(one, "")) + len(html._still(two, "")) // 2)
    fragment = html.fragment(six)
    assert fragment.count("<svg") == 1
    assert f'plot("{two.name}")' in fragment


def test_a_fragment_without_a_run_has_no_chart(make: Make) -> None:
    """And is shown all the same."""
    assert "<svg" not in html.fragment(make(vary={"norm": ["bn", "ln"]}, seeds=1, missing=2))


def test_writing_replaces_what_was_there(make: Make, tmp_path: Path) -> None:
    """The folder is made, the file is whole, and nothing else is left in the folder."""
    path = tmp_path / "new" / "report.html"
    for seeds in (1, 2):
        assert html.write(make(arms=[{"norm": "bn"}], seeds=seeds, missing=seeds), path) == path
    assert "2 runs" in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_path_that_cannot_be_written_is_told(make: Make, tmp_path: Path) -> None:
    """One line with the path and the way out."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write .*report\.html: .*choose another folder"):
        html.write(make(arms=[{"norm": "bn"}], missing=3), tmp_path / "file" / "report.html")


@pytest.mark.long
def test_a_hundred_arms_are_a_page_that_can_be_read(make: Make) -> None:
    """Small, with a table that can be searched, charts of the best and the last, and no numbers of single runs."""
    norms = ["bn", "ln", "gn:2", "in", "rms", "none", "ln-c", "gn:5", "ws+bn", "dyt"]
    rates = [round(0.01 * 2**step, 4) for step in range(10)]
    many = make(vary={"norm": norms, "optimizer.lr": rates}, seeds=6, images=200, epochs=12)
    page = html.render(many)
    assert len(page) < 5_000_000
    assert 'data-filter="arms-table"' in page
    assert page.count("<svg") <= 3
    found = re.search(r'<script type="application/json" id="numbers">(.*?)</script>', page, re.S)
    assert found is not None
    assert json.loads(found[1])["runs"] is None
    assert len(json.loads(found[1])["arms"]) == 100


@pytest.mark.long
def test_how_often_arms_fail_is_a_table_of_its_own(make: Make) -> None:
    """A row for each pair, with both shares; the table of arms names what collapsed. Neither is there without one."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    failed = [("ln", seed, 1) for seed in range(6)]
    page = html.render(make(arms=arms, seeds=10, images=1_000, diverged=failed, collapsed=[("bn", 7, 5.0)]))
    assert "How often each arm fails, in numbers" in page
    assert re.search(r"bn − ln</th>\s*<td>not enough evidence</td>\s*<td>10</td>\s*<td>1 \(0 to 45", page)
    assert re.search(r"<td>seed 7 at \d\d\.\d\d</td>", page)
    whole = html.render(make(arms=arms, seeds=10, images=1_000))
    assert "How often each arm fails" not in whole
    assert '<th scope="col">collapsed</th>' not in whole
