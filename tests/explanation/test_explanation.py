from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normlab.errors import Disagreement, GroupsError, SpecError, UnknownName
from normlab.explanation import check, explain, explanation, written
from normlab.explanation.sets import divisors, letter
from normlab.explanation.worked import Worked, work
from normlab.norms import Slot, resolve

NORMS = ["bn", "ln", "in", "ln-chw", "ln-c", "rms", "gbn:1", "gbn:2", "gbn:9", "frn", "dyt", "ws+ln", "none"]
SHAPES = st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 3, 4, 6]), st.integers(1, 3), st.integers(2, 3))


@settings(max_examples=60)
@given(shape=SHAPES, seed=st.integers(0, 1000), data=st.data(), scale=st.sampled_from([1e-3, 1, 1e4]))
@pytest.mark.slow
def test_every_norm_has_the_numbers_of_its_layer(
    shape: tuple[int, int, int, int], seed: int, data: st.DataObject, scale: float
) -> None:
    """Whatever the tensor, γ and β, PyTorch's layer gives the same output; here it is built anew."""
    split = [f"{kind}:{groups}" for kind in ("gn", "evonorm-s0") for groups in divisors(shape[1])]
    norm = data.draw(st.sampled_from([*NORMS, *split]))
    rng = np.random.default_rng(seed)
    x, gamma, beta = rng.normal(3 * scale, scale, shape), rng.normal(size=shape[1]), rng.normal(size=shape[1])
    worked = explain(norm, x=x, gamma=gamma, beta=beta).worked
    layer = resolve(norm)(Slot("layer", shape[1], shape[2:], 1)).double()
    for name, values in (("weight", gamma), ("bias", beta)):
        if hasattr(layer, name):
            parameter = getattr(layer, name)
            parameter.data = torch.from_numpy(values).reshape(-1, *[1] * (parameter.ndim - 1)).expand_as(parameter)
    assert worked.y == pytest.approx(layer(torch.from_numpy(x)).detach().numpy(), abs=1e-8, rel=1e-8)


@settings(max_examples=30)
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_cells_of_a_set_have_mean_0_and_variance_1(shape: tuple[int, int, int, int], seed: int) -> None:
    """After every norm that takes a mean away."""
    x = np.random.default_rng(seed).normal(size=shape)
    for norm in ("bn", "ln", "in"):
        worked = explain(norm, x=x).worked
        for index in range(len(worked.centre)):
            inside = worked.normalized[worked.sets == index]
            assert inside.mean() == pytest.approx(0, abs=1e-9)
            assert inside.var() == pytest.approx(worked.spread[index] / (worked.spread[index] + 1e-5))


def test_one_image_alone_is_what_batch_norm_depends_on() -> None:
    """The other norms give image 1 the same result without image 2."""
    for norm in ("ln", "gn:3", "in", "rms", "ln-c", "ln-chw", "gbn:1", "frn", "dyt", "evonorm-s0:3"):
        found = explain(norm)
        assert found.alone is not None
        assert (found.alone.y == found.worked.y[:1]).all()
    for norm in ("bn", "gbn:2"):
        found = explain(norm)
        assert found.alone is not None
        assert not np.allclose(found.alone.y, found.worked.y[:1])
    assert found.alone is not None
    assert found.alone.centre.tolist() == explain("in").worked.centre[:3].tolist()


def test_a_wrong_number_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ours and PyTorch's differ, the difference is told in the place of the numbers."""
    monkeypatch.setattr(explanation, "work", lambda *given: _spoiled(work(*given)))
    with pytest.raises(Disagreement, match=r"bn: output differs from PyTorch's by 0\.001"):
        explain("bn")


def _spoiled(worked: Worked) -> Worked:
    return Worked(**{**vars(worked), "y": worked.y + 1e-3})


@pytest.mark.parametrize("field", ["centre", "spread"])
def test_a_wrong_statistic_is_not_shown_either(field: str) -> None:
    """Means and variances are compared by themselves."""
    worked = explain("ln").worked
    with pytest.raises(Disagreement, match="mean and variance"):
        check.check(Worked(**{**vars(worked), field: getattr(worked, field) + 1e-6}))


@pytest.mark.parametrize("field", ["means", "variances", "y"])
def test_a_wrong_memory_is_not_shown(field: str) -> None:
    """Running mean, running variance and what eval mode makes of them are compared with a layer that saw the batch."""
    found = explain("bn")
    assert found.running is not None
    wrong = replace(found.running, **{field: getattr(found.running, field) + 1e-6})
    with pytest.raises(Disagreement, match=r"running|eval output"):
        check.check(found.worked, wrong)


def test_large_numbers_of_little_difference_are_not_taken_for_a_fault() -> None:
    """Rounding grows with what cancels; the tolerance does too."""
    steep = explain("bn", x=1e8 + np.random.default_rng(0).normal(size=(2, 3, 2, 2))).worked
    assert steep.normalized.std((0, 2, 3)) == pytest.approx(1, abs=1e-4)
    assert (explain("ln", x=np.full((2, 3, 2, 2), 7.0)).worked.y == 0).all()


@pytest.mark.parametrize(
    ("norm", "error", "words"),
    [
        ("gn:2", GroupsError, "can be split into 1, 3 groups"),
        ("gn", SpecError, "give one of gn:1, gn:3"),
        ("evonorm-s0", SpecError, "give one of evonorm-s0:1, evonorm-s0:3"),
        ("evonorm-s0:2", GroupsError, "can be split into 1, 3 groups"),
        ("gbn", SpecError, "expected gbn:N"),
        ("bm", UnknownName, "did you mean bn"),
        ("gn:x", SpecError, "expected gn:G"),
    ],
)
def test_a_norm_that_does_not_fit_tells_which_do(norm: str, error: type[SpecError], words: str) -> None:
    """The choices stand in the message."""
    with pytest.raises(error, match=words):
        explain(norm)


@pytest.mark.parametrize("x", [np.ones((2, 3)), np.array("text"), np.ones((1, 1, 1, 2), complex), [[[["a"]]]]])
def test_only_four_axes_of_real_numbers_are_worked(x: object) -> None:
    """What came stands in the message."""
    with pytest.raises(SpecError, match="expected real numbers of four whole numbers"):
        explain("bn", x=x)  # type: ignore[arg-type]


@pytest.mark.parametrize("images", [1, 2])
@pytest.mark.parametrize("norm", [*NORMS, "brn", "gn:1", "gn:3"])
def test_what_pytorch_refuses_is_refused(norm: str, images: int) -> None:
    """A set of one value has no variance; the same norms and shapes are refused, and no others."""
    x = np.ones((images, 3, 1, 1))
    try:
        resolve(norm)(Slot("layer", 3, (1, 1) if norm == "ln-chw" else None, 1))(torch.from_numpy(x).float())
    except ValueError:
        with pytest.raises(SpecError, match="more than one value to have a variance, got 1"):
            explain(norm, x=x)
    else:
        assert str(explain(norm, x=x))


@settings(max_examples=30)
@given(shape=SHAPES, seed=st.integers(0, 1000), scale=st.sampled_from([0.01, 1, 1e4]))
def test_a_renormalized_batch_is_what_eval_mode_makes_of_it_within_the_bounds(
    shape: tuple[int, int, int, int], seed: int, scale: float
) -> None:
    """Beside running statistics 0 and 1 that is the tensor itself; where it is clipped, deviation and mean are too."""
    x = np.random.default_rng(seed).normal(scale, scale, shape)
    y, mean, sd = explain("brn", x=x).worked.y, x.mean((0, 2, 3)), x.std((0, 2, 3))
    inside = (sd > 0.34) & (sd < 2.9) & (abs(mean) < 4.9)
    assert y[:, inside] == pytest.approx(x[:, inside], rel=1e-4, abs=1e-4)
    assert (abs(y.mean((0, 2, 3))) < 5 + 1e-9).all()
    assert (y.std((0, 2, 3)) < 3 + 1e-9).all()


def test_ghost_batch_norm_remembers_one_chunk_after_the_other() -> None:
    """0.9 · (0.9 · 0 + 0.1 · first) + 0.1 · second, which the cell's arithmetic spells out."""
    found = explain("gbn:1")
    assert found.running is not None
    first, second = found.worked.centre.reshape(2, 3)
    assert found.running.mean == pytest.approx(0.09 * first + 0.1 * second)
    assert "running mean = 0.9 · 0.25 + 0.1 · 2.75 = 0.5" in str(found)


@pytest.mark.parametrize(
    ("norm", "line"),
    [
        ("gbn:2", "images 1 to 2, channel 1       8   3.25           1.4375"),
        ("brn", "x̂ · r + d = −1.89061 · 2.446288 + 2.624987 = −1.99999"),
        ("frn", "y = max(γ · x̂ + β, τ) = max(1 · (−0.516398) + 0, 0) = 0"),
        ("dyt", "x̂ = tanh(α · x) = tanh(0.5 · (−2)) = −0.761594"),
        ("evonorm-s0:3", "x̂ = −2 · 0.119203 / √(8.75 + 0.00001) = −0.080596"),
        ("ws+gn:3", "its first weight becomes Ŵ = (1 − 3) / √(3.5 + 0.00001) = −1.069043"),
    ],
)
def test_what_a_norm_does_beyond_the_others_is_worked(norm: str, line: str) -> None:
    """In the arithmetic of the cell, or of a small kernel."""
    assert line in str(explain(norm))


def test_letters_go_on_after_z() -> None:
    """As the columns of a spreadsheet do."""
    assert [letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_notebook_and_print_show_it() -> None:
    """Both have the arithmetic of a cell; the notebook's has colours."""
    found = explain("gn:3")
    assert "μ of B = (−2 + 2 + 4 + 6) / 4 = 10 / 4 = 2.5" in str(found)
    assert "background-color" in found._repr_html_()


def test_the_cell_that_is_named_is_spelled_out() -> None:
    """By its index; one that the tensor has not is told, with the shape that it has."""
    assert "The cell at image 2, channel 3, row 1, column 2" in str(explain("in", cell=(1, 2, 0, 1)))
    for cell in ((2, 0, 0, 0), (0, 0, 0), (0, 0, -1, 0)):
        with pytest.raises(SpecError, match=r"below \(2, 3, 2, 2\)"):
            explain("in", cell=cell)  # type: ignore[arg-type]


def test_the_prompt_says_how_to_see_it() -> None:
    """Arrays of all its numbers would fill the screen."""
    assert repr(explain("bn")) == "<Explanation: print it, or let a notebook show it>"


@pytest.mark.slow
def test_the_largest_tensor_is_shown_at_once() -> None:
    """Four thousand numbers are a long page, not a long wait."""
    start = time.process_time()
    assert len(str(explain("bn", x=written.filled((1, 4, 32, 32))))) > 4096
    assert time.process_time() - start < 10


def test_print_works_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich would send it to the cell's output in the place of the text."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert "batch norm" in str(explain("bn"))


@pytest.mark.parametrize(
    "x",
    [[[1, 2], [3]], torch.ones(1, 2, 2, 2).to_sparse(), torch.ones(1, 2, 2, 2, device="meta"), [[[["a"]]]], None, 3],
    ids=["ragged", "sparse", "meta", "text", "default", "number"],
)
def test_anything_else_is_an_error_of_ours(x: object) -> None:
    """Whatever NumPy would have raised."""
    if x is None:
        assert explain("bn", x=x).worked.x.shape == (2, 3, 2, 2)
        return
    with pytest.raises(SpecError, match="x: expected"):
        explain("bn", x=x)  # type: ignore[arg-type]


def test_tensors_on_a_graph_are_taken_as_numbers() -> None:
    """A layer's own γ is a Parameter, and a batch may ask for gradients."""
    layer = torch.nn.BatchNorm2d(3)
    found = explain("bn", x=torch.ones(2, 3, 2, 2, requires_grad=True), gamma=layer.weight, beta=layer.bias)  # type: ignore[arg-type]
    assert (found.worked.y == 0).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"gamma": "a"}, "gamma: expected real numbers"),
        ({"gamma": [1, [2]]}, "gamma: expected real numbers"),
        ({"beta": 1j}, "beta: expected real numbers"),
        ({"beta": np.nan}, "beta: expected numbers from"),
        ({"gamma": [1, 2]}, "gamma: expected one number"),
        ({"cell": 3}, "expected four whole numbers"),
        ({"cell": (0, 0.5, 0, 0)}, "expected four whole numbers"),
    ],
)
def test_what_is_no_gamma_or_cell_is_told(given: dict[str, object], words: str) -> None:
    """By its name."""
    with pytest.raises(SpecError, match=words):
        explain("bn", **given)  # type: ignore[arg-type]


def test_per_element_gammas_have_to_be_numbers_too() -> None:
    """`ln-chw` takes one for each element."""
    with pytest.raises(SpecError, match="gamma: expected numbers"):
        explain("ln-chw", gamma=np.full(12, np.nan))


def test_a_norm_is_a_name() -> None:
    """A class or a number is told as an unknown name."""
    with pytest.raises(UnknownName, match="norms are bn"):
        explain(3)  # type: ignore[arg-type]


def test_several_norms_stand_below_each_other() -> None:
    """As on the command line, and each can be taken out."""
    both = explain("bn", "gn:3")
    assert [each.worked.norm for each in both] == ["bn", "gn:3"]
    text = str(both)
    assert text.startswith("The figure of the course study: 2 images")
    assert text.index("bn · batch norm") < text.index("gn:3 · group norm")
    assert both[1].worked.y.shape == (2, 3, 2, 2)


def test_a_tensor_in_a_norms_place_is_told_its_name() -> None:
    """So is a call without any."""
    with pytest.raises(SpecError, match="a tensor is given by name"):
        explain("bn", np.ones((2, 3, 2, 2)))  # type: ignore[call-overload]
    with pytest.raises(SpecError, match="expected the name of a norm"):
        explain()  # type: ignore[call-overload]
