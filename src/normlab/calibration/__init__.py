"""Are the verdicts as reliable as they say? Thousands of studies of arms that are known to be alike, or to differ.

    pool ─▶ draws ─▶ rates ─▶ results

The studies are drawn from real runs: every run of a pool belongs to one arm, so arms put together from it are alike
whatever their scores' distribution is, and a claimed difference between them is false.
"""
