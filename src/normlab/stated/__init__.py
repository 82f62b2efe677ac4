"""What a table states of how its runs were made: settings that its arms do not share, and what its words admit.

Somebody else's runs cannot be looked at as a study can; what stands beside their scores is taken at its word.
"""

from normlab.stated.admitted import admitted
from normlab.stated.cells import Made
from normlab.stated.seeds import apart, listed
from normlab.stated.settings import unequal

__all__ = ["Made", "admitted", "apart", "listed", "unequal"]
