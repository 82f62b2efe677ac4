"""What is done to the levels of an image before a network sees it, worked: stretch, equalize, CLAHE, mean and std."""

from normlab.explanation.images.explained import ImageExplanation, explain_image

__all__ = ["ImageExplanation", "explain_image"]
