"""A study under way, to look at: in a notebook, or on a page of this machine, which can stop it and let it continue."""

from normlab.progress.desk import Desk
from normlab.progress.notebook import told
from normlab.progress.site import Site
from normlab.progress.state import Phase, Progress
from normlab.progress.switch import Switch

__all__ = ["Desk", "Phase", "Progress", "Site", "Switch", "told"]
