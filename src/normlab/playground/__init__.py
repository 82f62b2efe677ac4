"""The playground of a report: a study's trained networks in the browser, which vote on what one draws.

a run's network ─▶ rounding ─▶ program: steps and weights ─▶ arms: as many runs as fit ─▶ section ─▶ network.js
"""
