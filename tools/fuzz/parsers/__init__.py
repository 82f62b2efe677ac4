"""The parsers of what comes from outside, one file each."""

from parsers import (
    claims,
    command_line,
    idx,
    judged,
    npy,
    npz,
    parquet,
    pictures,
    publication,
    registration,
    safetensors_file,
    spool_file,
    sqlite_file,
    toml,
    trackers,
)

PARSERS = (
    idx.PARSER,
    npz.PARSER,
    npy.PARSER,
    parquet.PARSER,
    pictures.PARSER,
    claims.PARSER,
    judged.PARSER,
    toml.PARSER,
    registration.PARSER,
    publication.PARSER,
    safetensors_file.PARSER,
    spool_file.PARSER,
    sqlite_file.PARSER,
    *trackers.PARSERS,
    command_line.PARSER,
)
