"""Another norm in a network that is there: `convert(model, "gn:4")` gives the network and a report of what it did.

passing (what runs, with which shapes) ─▶ places (each norm, known by its class or by what it computes)
─▶ making (the norm that goes there) ─▶ carrying (γ, β, eps, momentum) ─▶ report
"""

from normlab.conversion.convert import convert
from normlab.conversion.recalibrate import recalibrate
from normlab.conversion.report import Kept, Report, Row

__all__ = ["Kept", "Report", "Row", "convert", "recalibrate"]
