"""A page of a study under way, for browsers on this machine: how far it is, curves as they grow, stop and continue."""

from normlab.serving.desk import Desk
from normlab.serving.progress import Phase, Progress
from normlab.serving.site import Site
from normlab.serving.switch import Switch

__all__ = ["Desk", "Phase", "Progress", "Site", "Switch"]
