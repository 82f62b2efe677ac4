"""The course's hand-in of a study: a README with pictures, the same as one page, and a notebook."""

from normlab.handin.curves import overlay, single
from normlab.handin.facts import Handin, Model, Picture, Table
from normlab.handin.findings import findings
from normlab.handin.folder import is_ours, write
from normlab.handin.log import log
from normlab.handin.penalty import penalty

__all__ = ["Handin", "Model", "Picture", "Table", "findings", "is_ours", "log", "overlay", "penalty", "single", "write"]
