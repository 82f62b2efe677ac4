"""Where the parts meet: one file a verb of the API, and what several of them need.

projects (which study is meant, where it lies), engines (what trains it), assembly (what came of it), results
"""
