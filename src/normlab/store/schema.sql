-- The store of a project, format 8 (PRAGMA user_version).
-- One transaction per finished run: a run is here whole or not at all. Lists that are read whole are JSON arrays.
-- History
--   1, 2  a store for each study, in a file of another name; not read
--   3     one store for a project: runs are known by their keys, rows have checksums
--   4     runs of networks of one's own have the digest of their code
--   5     how well a run's norms are
--   6     how the signal flows while it is trained
--   7     runs of functions of one's own
--   8     runs in which one source of variance alone follows the seed

-- One recipe on one seed, finished or diverged. The columns are the fields of `rows.Row`.
CREATE TABLE run (
    id                INTEGER PRIMARY KEY,
    key               TEXT NOT NULL UNIQUE, -- SHA-256 of what decides its numbers, `Job.key`
    recipe            TEXT NOT NULL,        -- canonical JSON of all fields
    seed              INTEGER NOT NULL,
    root              TEXT NOT NULL,        -- decimal digits: a root may be larger than SQLite's integers
    device            TEXT NOT NULL,
    engine            TEXT NOT NULL,
    data              TEXT NOT NULL,        -- SHA-256 of the data set's content
    after             TEXT NOT NULL,        -- key of the run whose weights it starts from, '' for none
    code              TEXT NOT NULL,        -- SHA-256 of the code of a network of one's own, '' for none
    only              TEXT NOT NULL,        -- the one source of variance that follows the seed, '' where all do
    environment       TEXT NOT NULL,        -- JSON of `records.Environment`
    parameters        INTEGER NOT NULL,     -- trainable numbers of the model
    seconds           REAL NOT NULL,        -- wall time of the whole run
    diverged_at       INTEGER,              -- the epoch whose loss was no number, else NULL
    epochs            INTEGER NOT NULL,     -- how many it finished
    judged_correct    INTEGER,              -- of the last epoch; NULL where it finished none
    judged_images     INTEGER,              -- likewise
    images            INTEGER NOT NULL,     -- rows of its probabilities (0 when diverged)
    classes           INTEGER NOT NULL,     -- columns of its probabilities
    epochs_sha        TEXT NOT NULL,        -- SHA-256 of its rows in `epoch`
    sizes_sha         TEXT NOT NULL,        -- SHA-256 of its rows in `kernel_size`
    flow_sha          TEXT NOT NULL,        -- SHA-256 of its rows in `flow`
    probabilities_sha TEXT NOT NULL,        -- SHA-256 of its blob in `prediction`
    weights_sha       TEXT NOT NULL,        -- SHA-256 of weights/<key>.safetensors
    finished          TEXT NOT NULL,        -- ISO 8601, UTC
    checksum          TEXT NOT NULL         -- SHA-256 of the columns from `key` to `finished`
) STRICT;

-- The finished epochs of a run; accuracies are counts, so that nothing is rounded.
CREATE TABLE epoch (
    run            INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    epoch          INTEGER NOT NULL,        -- from 1
    learning_rate  REAL NOT NULL,           -- of the epoch's last step
    train_loss     REAL NOT NULL,           -- mean per image, without the penalty
    penalty        REAL NOT NULL,           -- mean of λ·Σ|p| over the batches
    abs_sum        REAL NOT NULL,           -- Σ|p| at the epoch's end
    train_correct  INTEGER NOT NULL,
    train_images   INTEGER NOT NULL,
    judged_loss    REAL NOT NULL,           -- of the test images, or of those held out
    judged_correct INTEGER NOT NULL,
    judged_images  INTEGER NOT NULL,
    seconds        REAL NOT NULL,
    PRIMARY KEY (run, epoch)
) STRICT, WITHOUT ROWID;

-- How large the weights of each layer are after an epoch.
CREATE TABLE kernel_size (
    run        INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,            -- from 0, in the run's own order
    epoch      INTEGER NOT NULL,            -- from 1
    kernel     TEXT NOT NULL,               -- name in the state dict
    weights    INTEGER NOT NULL,            -- how many
    zeros      INTEGER NOT NULL,            -- exactly zero
    near_zeros INTEGER NOT NULL,            -- smaller than 0.001 in size, zeros included
    abs_sum    REAL NOT NULL,               -- Σ|w|
    square_sum REAL NOT NULL,               -- Σw²
    PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;

-- How the signal flows through each layer after some epochs, on a few training images.
CREATE TABLE flow (
    run        INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,            -- from 0, in the run's own order
    epoch      INTEGER NOT NULL,            -- from 1
    layer      TEXT NOT NULL,               -- its path in the network
    activation REAL NOT NULL,               -- root mean square of what it gives
    pull       REAL NOT NULL,               -- mean of ‖∂loss/∂h‖·‖h‖ over images
    PRIMARY KEY (run, place)
) STRICT, WITHOUT ROWID;

-- Class probabilities at the final epoch; apart from `run`, so that a list of runs does not read past them.
CREATE TABLE prediction (
    run           INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    probabilities BLOB NOT NULL             -- float32 little-endian (images, classes)
) STRICT;

-- Accuracy on the test images of a run that was chosen on held-out images.
CREATE TABLE tested (
    run      INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    correct  INTEGER NOT NULL,
    images   INTEGER NOT NULL,
    checksum TEXT NOT NULL                  -- SHA-256 of the run's key, correct and images
) STRICT;

-- How well the norms of a finished run are; looked at after training.
CREATE TABLE checkup (
    run      INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    found    TEXT NOT NULL,                 -- JSON of `records.Checkup`
    checksum TEXT NOT NULL                  -- SHA-256 of the run's key and found
) STRICT;

-- A run of a function of one's own.
CREATE TABLE call (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE,          -- SHA-256 of the three columns that follow, `Call.key`
    config   TEXT NOT NULL,                 -- JSON of what the function was given
    seed     TEXT NOT NULL,                 -- decimal digits
    code     TEXT NOT NULL,                 -- SHA-256 of the function
    record   TEXT NOT NULL,                 -- JSON of what it gave
    seconds  REAL NOT NULL,                 -- wall time
    finished TEXT NOT NULL,                 -- ISO 8601, UTC
    checksum TEXT NOT NULL                  -- SHA-256 of the columns from `key` to `finished`
) STRICT;

-- Which runs a study refers to, here or still owed.
CREATE TABLE study (
    name     TEXT PRIMARY KEY NOT NULL,
    toml     TEXT NOT NULL,                 -- the spec as a file that normlab reads back
    noted    TEXT NOT NULL,                 -- ISO 8601, UTC
    keys     TEXT NOT NULL,                 -- JSON array of runs' keys
    checksum TEXT NOT NULL                  -- SHA-256 of the columns before
) STRICT;

-- Verdicts that were shown. None is ever deleted, so that AUTOINCREMENT's count tells when one is missing.
CREATE TABLE look (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    study    TEXT NOT NULL,
    shown    TEXT NOT NULL,                 -- ISO 8601, UTC
    seeds    TEXT NOT NULL,                 -- JSON array
    rules    TEXT NOT NULL,                 -- once, up to, always or grown
    pairs    INTEGER NOT NULL,
    arms     TEXT NOT NULL,                 -- JSON array of `records.Job.treatment`
    checksum TEXT NOT NULL                  -- SHA-256 of all columns before, the id included
) STRICT;
