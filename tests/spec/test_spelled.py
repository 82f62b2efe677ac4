from __future__ import annotations

import pytest

from normlab.spec import design
from normlab.spec.spelled import spelled


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("batchnorm", "bn"),
        ("BatchNorm2d", "bn"),
        ("torch.nn.BatchNorm2d", "bn"),
        ("GroupNorm(4)", "gn:4"),
        ("nn.GroupNorm(num_groups=4)", "gn:4"),
        ("GN-2", "gn:2"),
        ("group norm 2", "gn:2"),
        ("BN", "bn"),
        ("batch normalization", "bn"),
        ("layer_norm", "ln"),
        ("LayerNormalisation", "ln"),
        ("GroupNorm", "gn"),
        (" group-norm:4 ", "gn:4"),
        ("GN:cpg=2", "gn:cpg=2"),
        ("InstanceNorm2d", "in"),
        ("RMSNorm", "rms"),
        ("ln-chw", "ln-chw"),
        ("ws+gn:4", "ws+gn:4"),
        ("none", "none"),
    ],
)
def test_people_write_norms_as_they_like(said: str, name: str) -> None:
    """Case, signs and the word norm make no difference; a name that is none of these stays as it is."""
    assert spelled(said) == name


@pytest.mark.parametrize(
    "said",
    [
        "spectralnorm",
        "",
        "my.layers:LayerNorm",
        "batch norm of mine",
        pytest.param("gn:9" + "9y" * 100_000, id="without an end", marks=pytest.mark.timeout(5)),
    ],
)
def test_what_is_no_such_spelling_stays_as_it_is(said: str) -> None:
    """Whoever reads the name says what is wrong with it, or knows it."""
    assert spelled(said) == said


def test_a_name_that_a_package_has_given_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much it looks like one of ours."""
    monkeypatch.setattr("normlab.spec.spelled.entry_points", lambda _: {"BatchNorm": None})
    assert spelled("BatchNorm") == "BatchNorm"


def test_a_recipe_knows_its_norm_however_it_is_written() -> None:
    """It is the same recipe, with the same digest."""
    arms = design(norms=["BatchNorm", "group_norm:4"]).arms
    assert [arm.name for arm in arms] == ["bn", "gn:4"]
    assert [arm.recipe.digest for arm in arms] == [arm.recipe.digest for arm in design(norms=["bn", "gn:4"]).arms]
