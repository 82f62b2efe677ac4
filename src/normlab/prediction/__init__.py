"""What trained networks say of pictures that nobody trained them on.

a file ─▶ picture (as the data set's images are) ─▶ the networks of every seed ─▶ values: label, spread, disagreement
"""

from normlab.prediction.habits import Habits
from normlab.prediction.picture import Picture, as_trained, picture
from normlab.prediction.values import Guess, Prediction, Predictions

__all__ = ["Guess", "Habits", "Picture", "Prediction", "Predictions", "as_trained", "picture"]
