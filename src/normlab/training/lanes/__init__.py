"""The CPU engine that compiles the network it is given: images on the lanes of the vector unit.

    trace ─▶ fuse ─▶ lower ─▶ kernels ─▶ compile ─▶ program ─▶ network ─▶ stepper

Activations lie as (channels, height, width, images), a block of 16 images (8 on AVX2, 4 on NEON) in each vector, so
that any channel count fills the vector unit. Kernels are written for the shapes at hand and compiled by LLVM; a block
passes through as many of them in a row as possible while its activations are in the core's cache.
"""
