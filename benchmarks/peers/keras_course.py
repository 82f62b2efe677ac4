"""The course's network and recipe in Keras on JAX: `model.fit`, the rotation as a layer of the framework.

    pip install keras jax
    python benchmarks/peers/keras_course.py FOLDER_WITH_MNIST_IDX [--norm bn] [--batches 120]

Prints one line: images per second of one training epoch with its evaluation on the whole machine, compilation left
out (one epoch on two batches comes first). FOLDER holds the four plain IDX files.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

BATCH, LAMBDA = 128, 1e-4


def network(norm: str) -> keras.Model:
    """The course's network; L1 on all parameters."""
    groups = {10: 2, 18: 3, 16: 2, 20: 2, 32: 2}
    lasso = keras.regularizers.L1(LAMBDA)
    both = {"gamma_regularizer": lasso, "beta_regularizer": lasso, "epsilon": 1e-5}

    def normed(channels: int) -> keras.Layer:
        if norm == "bn":
            return keras.layers.BatchNormalization(momentum=0.9, **both)
        return keras.layers.GroupNormalization(1 if norm == "ln" else groups[channels], **both)

    def conv(channels: int, size: int) -> keras.Layer:
        return keras.layers.Conv2D(channels, size, use_bias=False, kernel_regularizer=lasso)

    def block(channels: int) -> list[keras.Layer]:
        return [conv(channels, 3), keras.layers.ReLU(), normed(channels), keras.layers.Dropout(0.05)]

    turn = keras.layers.RandomRotation(7 / 360, fill_mode="constant")
    layers = [keras.Input((28, 28, 1)), turn, *block(10), *block(18), conv(10, 1), keras.layers.MaxPooling2D(2)]
    layers += [*block(16), *block(20), conv(10, 1), *block(32), keras.layers.AveragePooling2D(6), conv(10, 1)]
    return keras.Sequential([*layers, keras.layers.Flatten()])


def images(path: Path) -> np.ndarray:
    """Standardized float32 (N, 28, 28, 1)."""
    pixels = np.frombuffer(path.read_bytes(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    return (pixels / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)


def main() -> None:
    """Read the options, train one epoch, print its rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--norm", choices=("bn", "ln", "gn"), default="bn")
    parser.add_argument("--batches", type=int, default=120)
    options = parser.parse_args()
    count, judged = options.batches * BATCH, options.batches * BATCH // 6 // BATCH * BATCH
    x, test_x = (images(options.folder / f"{part}-images-idx3-ubyte") for part in ("train", "t10k"))
    y, test_y = (
        np.frombuffer((options.folder / f"{part}-labels-idx1-ubyte").read_bytes(), np.uint8, offset=8)
        for part in ("train", "t10k")
    )
    model = network(options.norm)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, 0.9), loss, metrics=["accuracy"])

    def epoch(many: int, few: int) -> None:
        test = (test_x[:few], test_y[:few])
        model.fit(x[:many], y[:many], BATCH, epochs=1, validation_data=test, validation_batch_size=BATCH, verbose=0)

    epoch(2 * BATCH, BATCH)
    start = time.perf_counter()
    epoch(count, judged)
    print(f"keras {keras.__version__} on jax {options.norm}: {count / (time.perf_counter() - start):,.0f} images/s")


if __name__ == "__main__":
    main()
