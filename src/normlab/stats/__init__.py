"""What scores say and what they do not: estimates, intervals, multiplicity. NumPy and scipy only.

Every function acts on `scores[arm, seed]` or a part of it; a seed is the unit of evidence. What a sample is too
small for is None, never NaN.
"""
