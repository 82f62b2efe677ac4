"""Arguments of a network: a table of the recipe, given as JSON or as a table, known by its canonical text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.spec import Recipe, Study, design, from_toml
from normlab.spec.arguments import table_of, text_of

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text())


@given(st.dictionaries(NAMES, st.one_of(PLAIN, st.lists(PLAIN))))
@pytest.mark.long
def test_a_table_comes_back(table: dict[str, object]) -> None:
    """Whatever is in it, and in whatever order: equal tables are equal text."""
    text = text_of(table)
    assert table_of(text) == table
    assert text_of(dict(reversed(table.items()))) == text_of(text) == text_of(json.dumps(table)) == text


@pytest.mark.parametrize("given", ["{", "[1]", "7", '{"a": {"b": 1}}', '{"a": null}', '{"a b": 1}', '{"a": [[1]]}'])
def test_what_is_no_table_of_plain_values_is_refused(given: str) -> None:
    """With what would be one, and the field's path."""
    with pytest.raises(SpecError, match=r"model_args: .*expected a"):
        design(norms=["bn"], model_args=given)


def test_nan_is_no_argument() -> None:
    """JSON knows none, whatever Python reads."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        text_of('{"a": NaN}')


WRITTEN = (
    "model_args = { hidden = [5, 3] }",
    "model_args = '{\"hidden\": [5, 3]}'",
    "[recipe.model_args]\nhidden = [5, 3]",
)


@pytest.mark.parametrize("written", WRITTEN)
def test_a_file_has_them_as_a_table_or_as_json(written: str) -> None:
    """One recipe in three spellings, and the file that is written reads back."""
    study = from_toml(f'[recipe]\nmodel = "mlp"\n{written}\n')
    assert study.arms[0].recipe.arguments == {"hidden": [5, 3]}
    assert from_toml(study.to_toml()) == study


def test_they_are_a_factor_like_others() -> None:
    """Arms are called by what differs; no argument at all is the usual ones."""
    study: Study = design(
        norms=["bn"], model="mlp", vary={"model_args": ["", {"hidden": [9], "deep": True}, '{"hidden": []}']}
    )
    assert [arm.name for arm in study.arms] == ["usual arguments", "deep=true hidden=[9]", "hidden=[]"]
    assert from_toml(study.to_toml()).arms == study.arms


def test_without_them_a_run_is_known_as_before_there_were_any() -> None:
    """They are in a recipe's text where there are any, and only there."""
    assert "model_args" not in Recipe().text
    assert '"model_args":"{\\"width\\":2}"' in Recipe.model_validate({"model_args": {"width": 2}}).text
