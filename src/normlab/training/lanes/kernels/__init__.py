"""The kernels: each a frozen value that says what it computes on which shapes, and writes the code for it."""
