"""The published figures that the workforce goes by: data with unit, source and version. Their only reader.

A figure refuses nothing: it is what a logbook and a plan are held against.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One number, and who says so."""

    value: int
    unit: str
    source: str
    version: str


FIGURES = {
    name: Figure(**said)
    for name, said in json.loads((Path(__file__).parent / "data" / "figures.json").read_text()).items()
}
VOLUME = FIGURES["volume"]
