"""A study on several data sets, shown: the answer over all, pairs by data sets, and what is behind them.

said (all that there is to say) ─▶ words, figures ─▶ page, text; payload ─▶ tables
"""
