"""Data sets in the forms that trainers read, and back."""

from tdscaling.export.formats import EXPORTERS, Exporter, exporter
from tdscaling.export.readers import read_dataset, read_row
from tdscaling.export.record import METADATA, BadRow, JsonRow, Miss, Record, Row, pair_of, record_of
from tdscaling.export.turns import turns_of
from tdscaling.export.writers import Written, write_dataset

__all__ = [
    "EXPORTERS",
    "METADATA",
    "BadRow",
    "Exporter",
    "JsonRow",
    "Miss",
    "Record",
    "Row",
    "Written",
    "exporter",
    "pair_of",
    "read_dataset",
    "read_row",
    "record_of",
    "turns_of",
    "write_dataset",
]
