from __future__ import annotations

import pytest

from normlab.errors import SpecError, UnknownName
from normlab.norms.spelled import spelled


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("batchnorm", "bn"),
        ("BatchNorm2d", "bn"),
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


def test_what_is_no_norm_is_an_error() -> None:
    """The one that names have, with what came."""
    with pytest.raises(UnknownName, match="unknown norm 'spectralnorm'"):
        spelled("spectralnorm")
    with pytest.raises(UnknownName, match="unknown norm ''"):
        spelled("")
    with pytest.raises(SpecError, match="number of at least 1"):
        spelled("GroupNorm:0")
