-- The store of one study, format 2 (PRAGMA user_version).
-- One transaction per finished run: a run is here whole or not at all.
-- History
--   1  first format
--   2  kernel_size; the lines from "Since format 2" on bring an older file up to date

-- The study whose runs these are: exactly one row.
CREATE TABLE study (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    digest  TEXT NOT NULL,             -- SHA-256 of the spec; a changed spec never finds this store
    toml    TEXT NOT NULL,             -- the spec as a file that normlab reads back
    created TEXT NOT NULL              -- ISO 8601, UTC
) STRICT;

-- Where runs were made; runs made in one place share a row.
CREATE TABLE environment (
    id        INTEGER PRIMARY KEY,
    normlab   TEXT NOT NULL,
    python    TEXT NOT NULL,
    torch     TEXT NOT NULL,
    numpy     TEXT NOT NULL,
    system    TEXT NOT NULL,
    processor TEXT NOT NULL,
    device    TEXT NOT NULL,
    threads   INTEGER NOT NULL,
    engine    TEXT NOT NULL,
    data      TEXT NOT NULL,           -- SHA-256 of the data set
    UNIQUE (normlab, python, torch, numpy, system, processor, device, threads, engine, data)
) STRICT;

-- One arm on one seed, finished or diverged.
CREATE TABLE run (
    id            INTEGER PRIMARY KEY,
    arm           TEXT NOT NULL,
    seed          INTEGER NOT NULL,
    parameters    INTEGER NOT NULL,    -- trainable numbers of the model
    seconds       REAL NOT NULL,       -- wall time of the whole run
    diverged_at   INTEGER,             -- the epoch whose loss was no number, else NULL
    images        INTEGER NOT NULL,    -- evaluation images (0 when diverged)
    classes       INTEGER NOT NULL,
    probabilities BLOB NOT NULL,       -- float32 little-endian (images, classes), final epoch
    weights       TEXT NOT NULL,       -- file name in weights/, safetensors
    weights_sha   TEXT NOT NULL,       -- SHA-256 of that file
    environment   INTEGER NOT NULL REFERENCES environment (id),
    finished      TEXT NOT NULL,       -- ISO 8601, UTC
    UNIQUE (arm, seed)
) STRICT;

-- The finished epochs of a run; accuracies are counts, so that nothing is rounded.
CREATE TABLE epoch (
    run           INTEGER NOT NULL REFERENCES run (id),
    epoch         INTEGER NOT NULL,    -- from 1
    learning_rate REAL NOT NULL,       -- of the epoch's last step
    train_loss    REAL NOT NULL,       -- mean per image, without the penalty
    penalty       REAL NOT NULL,       -- mean of λ·Σ|p| over the batches
    abs_sum       REAL NOT NULL,       -- Σ|p| at the epoch's end
    train_correct INTEGER NOT NULL,
    train_images  INTEGER NOT NULL,
    judged_loss     REAL NOT NULL,
    judged_correct  INTEGER NOT NULL,
    judged_images   INTEGER NOT NULL,
    seconds       REAL NOT NULL,
    PRIMARY KEY (run, epoch)
) STRICT, WITHOUT ROWID;

-- Since format 2
-- How large the weights of each layer are after an epoch; runs of format 1 have no such rows.
CREATE TABLE kernel_size (
    run        INTEGER NOT NULL REFERENCES run (id),
    epoch      INTEGER NOT NULL,       -- from 1
    kernel     TEXT NOT NULL,          -- name in the state dict
    weights    INTEGER NOT NULL,       -- how many
    zeros      INTEGER NOT NULL,       -- exactly zero
    near_zeros INTEGER NOT NULL,       -- smaller than 0.001 in size, zeros included
    abs_sum    REAL NOT NULL,          -- Σ|w|
    square_sum REAL NOT NULL,          -- Σw²
    PRIMARY KEY (run, epoch, kernel)
) STRICT, WITHOUT ROWID;
