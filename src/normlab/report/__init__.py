"""What a comparison says: in sentences, tables, charts and pictures, on the terminal and on one page.

`view.build` turns records into plain values, unrounded; everything else here only words, draws and prints them.
"""
