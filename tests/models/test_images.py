"""What holds for every model, whatever images it is made for."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.data import about
from normlab.errors import NetworkError, UnknownName
from normlab.models.images import Shape
from normlab.models.jobs import job_of
from normlab.models.registry import MODELS
from normlab.norms import Slot, resolve
from normlab.records import Job
from normlab.spec import Recipe

SHAPES: list[Shape] = [(1, 28, 28), (3, 32, 32), (3, 33, 40)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_takes_images_of_other_shapes(model: str, shape: Shape) -> None:
    """Colours, another size, a rectangle, and as many classes as are asked for."""
    made = MODELS[model](resolve("ln"), dropout=0.1, shape=shape, classes=7)
    assert made(torch.randn(2, *shape)).shape == (2, 7)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("model", MODELS)
def test_slots_say_what_passes(model: str, shape: Shape) -> None:
    """Each is called as the layer that fills it, and has its channels and its size; the model's own groups fit."""
    slots: dict[str, Slot] = {}
    seen: dict[str, tuple[int, ...]] = {}

    def note(slot: Slot) -> nn.Module:
        slots[slot.name] = slot
        return nn.Identity()

    made = MODELS[model](note, dropout=0.0, shape=shape, classes=7)
    for name in slots:
        layer = made.get_submodule(name)
        layer.register_forward_hook(lambda _layer, _given, y, name=name: seen.update({name: tuple(y.shape[1:])}))
    made(torch.randn(2, *shape))
    assert len(slots) > 1
    assert {name: (slot.channels, *slot.size) for name, slot in slots.items()} == seen
    assert all(slot.channels % slot.groups == 0 for slot in slots.values())


@pytest.mark.parametrize(("model", "least"), [("course", 18), ("lean", 20)])
def test_images_that_are_too_small_are_refused(model: str, least: int) -> None:
    """One line says what the model needs and what came; one row more and it works."""
    with pytest.raises(NetworkError, match=rf"{model} needs images of at least {least}×{least} .* {least - 1}×40"):
        MODELS[model](resolve("bn"), shape=(1, least - 1, 40), classes=10)
    assert MODELS[model](resolve("bn"), shape=(1, least, least)).eval()(torch.zeros(1, 1, least, least)).shape == (
        1,
        10,
    )


def test_a_job_is_for_the_images_of_its_data_set() -> None:
    """Their shape and classes come with the data set's name, and are no part of what the run is known by."""
    job = job_of(Recipe(dataset="fashion-mnist"), 3)
    assert (job.shape, job.classes) == ((1, 28, 28), 10)
    other = Job(job.recipe, 3, shape=(3, 32, 32), classes=5)
    assert (other, other.key) == (job, job.key)


def test_what_is_known_of_a_data_set_needs_no_images() -> None:
    """Its content's digest, the shape of an image, and the classes by name."""
    found = about("fashion-mnist")
    assert (found.shape, found.classes[9], len(found.digest)) == ((1, 28, 28), "Ankle boot", 64)
    with pytest.raises(UnknownName, match="unknown data set 'minst'"):
        about("minst")
