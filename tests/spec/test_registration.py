"""What was settled of a study, as a value and as a file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from normlab.errors import StoreError
from normlab.spec import Study, design
from normlab.spec.registered import SEAL, read, text
from normlab.spec.registration import Design, Registration

TWO = design(name="two", norms=["bn", "gn:4"], seeds=2, epochs=3)


def of(study: Study) -> Design:
    return Design.of(study, study.digests, "5f" * 32)


def registration(study: Study = TWO, trained: int = 0) -> Registration:
    planned = of(study)
    when = "2026-11-30T12:00:00+00:00"
    return Registration(study=study.name, registered=when, trained=trained, digest=planned.digest, design=planned)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """That of a study of two arms."""
    path = tmp_path / "two.registered.toml"
    path.write_text(text(registration()), encoding="utf-8")
    return path


def sealed(path: Path, body: str) -> None:
    path.write_text(f"{body}{SEAL}{hashlib.sha256(body.encode()).hexdigest()}\n", encoding="utf-8")


def test_a_file_reads_back_equal(file: Path) -> None:
    """Of fixed seeds, of seeds until all is settled, with a baseline and a link."""
    link = {"base": 0.1, "per": "batch_size", "at": 128}
    vary = {"batch_size": [32, 128]}
    linked = design(vary=vary, set={"optimizer.lr": link}, seeds=40, until_settled=True, baseline="batch 32")
    for one in (registration(), registration(linked, trained=7)):
        file.write_text(text(one), encoding="utf-8")
        assert read(file) == one


def test_it_says_to_people_what_was_settled(file: Path) -> None:
    """The date, what there was, the outcome and the seeds come first; every value of every arm follows."""
    first, second, *_ = file.read_text(encoding="utf-8").splitlines()
    assert first == "# The study two was registered on 2026-11-30, before any of its runs was trained."
    assert second == "# Primary outcome: accuracy on the test images after the last epoch; 2 seeds."
    assert "margin = 0.1\n" in file.read_text(encoding="utf-8")
    found = read(file).design
    assert found.resolved("gn:4")["norm"] == "gn:4"
    assert found.resolved("gn:4")["epochs"] == 3
    assert found.arms["bn"].values == {"norm": "bn"}


def test_runs_that_were_there_are_counted() -> None:
    """One run is not `runs were`."""
    assert registration(trained=4).when == "2026-11-30, after 4 of its runs were trained"
    assert registration(trained=1).when == "2026-11-30, after 1 of its runs was trained"


def test_the_digest_is_that_of_the_design() -> None:
    """Another rule or value is another; another name of the study and another order of arms are not."""
    same = design(name="other", norms=["gn:4", "bn"], seeds=2, epochs=3)
    assert of(same).digest == of(TWO).digest
    options: dict[str, Any] = {"margin": 0.2, "seeds": 3, "level": 0.9, "epochs": 4, "baseline": "bn"}
    options |= {"until_settled": True, "root": 1}
    others = {of(design(TWO, **{option: value})).digest for option, value in options.items()}  # type: ignore[misc]
    assert len(others | {of(TWO).digest}) == 1 + len(options)


def test_any_letter_that_is_changed_is_noticed(file: Path) -> None:
    """In the sentence, in a value or in the digest itself; so is a last line that is cut."""
    whole = file.read_text(encoding="utf-8")
    changed = [whole.replace(*each, 1) for each in (("2026", "2025"), ("margin = 0.1", "margin = 0.2"))]
    for broken in (*changed, whole[:-9] + "00000000\n", whole[:-1], whole + "more = 1\n"):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(StoreError, match=r"two.registered.toml was changed after it was written"):
            read(file)


def test_what_is_no_registration_is_said(file: Path) -> None:
    """A study, letters that are none, no TOML, other fields: one line with the way out."""
    for body in (b"seeds = 3\n", b"", b"\xff\xfe"):
        file.write_bytes(body)
        with pytest.raises(StoreError, match="registration"):
            read(file)
    deep = "a" + ".a" * 30 + " = 1\n"
    for body, why in (("seeds = 3\n", "fields are not what"), ("[\n", "TOML"), (deep, "20 parts")):
        sealed(file, body)
        with pytest.raises(StoreError, match=f"is no registration .*{why}.*move it away"):
            read(file)
