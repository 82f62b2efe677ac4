"""Which sources of variance a study asks for, and where that makes no sense."""

from __future__ import annotations

import pytest

from normlab.errors import SpecError
from normlab.seeds import SOURCES
from normlab.spec import design, from_toml, parse
from normlab.spec.sources import EVERY, lacking


def test_the_names_are_those_of_the_streams() -> None:
    """They stand twice, since help does without NumPy."""
    assert tuple(SOURCES) == EVERY


@pytest.mark.parametrize(
    ("given", "found"),
    [(True, EVERY), (False, ()), (None, ()), ("order,init", ("init", "order")), (["dropout"], ("dropout",))],
)
def test_all_of_them_or_some_by_name(given: object, found: tuple[str, ...]) -> None:
    """`true` is every source; names come in one order, and a file says them again."""
    study = parse({"sources": given, "seeds": 5})
    assert study.sources == found
    assert from_toml(study.to_toml()) == study
    assert ("sources" in study.to_dict()) == bool(found)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sources": ["init", "ordr"]}, "unknown source of variance 'ordr': did you mean order?"),
        ({"sources": 3}, "sources"),
        ({"seeds": 1}, "sources: one seed has no variance between seeds: take --seeds 8, or leave it out"),
        ({"until_settled": True}, "sources and until_settled exclude each other"),
        ({"until_settled": True, "race": True}, "sources and race exclude each other"),
        ({"warm_start": True}, "sources and warm_start exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(fields: dict[str, object], message: str) -> None:
    """With the way out."""
    with pytest.raises(SpecError) as caught:
        parse({"sources": True, "seeds": 5, **fields})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_recipe_lacks_is_left_out() -> None:
    """Without augmentation, dropout or a choice of images nothing of these differs; a network of one's own may draw."""
    bare = design(norms="bn", set={f"augment.{field}": 0 for field in ("rotation", "shift", "scale")}).arms[0].recipe
    assert lacking(bare) == ("dropout", "augment", "split")
    assert lacking(bare, own=True) == ("augment", "split")
    full = design(norms="bn", dropout=0.1, holdout=10, cutout=4).arms[0].recipe
    assert lacking(full) == ()
    assert lacking(design(norms="bn", train_images=10, dropout=0.1).arms[0].recipe) == ()


def test_it_can_be_asked_for_and_left_out_again() -> None:
    """As an option over a study that is there."""
    asked = design(norms="bn", seeds=5, sources=True)
    assert design(asked, seeds=6).sources == EVERY
    assert design(asked, sources=False).sources == ()
