"""The records that cells name, without a database: geography of the fixture, a few others."""

import json
from datetime import date
from pathlib import Path

from labelling.models import Association, Department, LabellingWave, Region
from labelling.spreadsheets.widgets import Lookups

GEOGRAPHY = Path(__file__).parents[2] / "fixtures" / "geography.json"


def lookups() -> Lookups:
    """The 18 regions and 101 departments, three waves of 2020, two of January 2022."""
    regions, departments = [], []
    for record in json.loads(GEOGRAPHY.read_text()):
        fields = {name: record["fields"].get(name) for name in ("code", "name", "sort_key")}
        if record["model"] == "labelling.region":
            regions.append(Region(pk=record["pk"], **fields))
        elif record["model"] == "labelling.department":
            departments.append(Department(pk=record["pk"], **fields))
    waves = [
        wave(1, "Janvier 2020", date(2020, 1, 1)),
        wave(2, "Février 2020", date(2020, 2, 1)),
        wave(
            3,
            "Automne 2020",
            date(2020, 9, 1),
            decided_on=date(2020, 9, 30),
            announced_on=date(2020, 10, 14),
        ),
        wave(4, "1er janvier 2022", date(2022, 1, 1)),
        wave(5, "15 janvier 2022", date(2022, 1, 15)),
    ]
    associations = [
        Association(pk=1, name="Isère"),
        Association(pk=2, name="Métropole Stéphanoise"),
    ]
    return Lookups(departments, regions, waves, associations)


def wave(pk: int, name: str, effective_on: date, **dates: date) -> LabellingWave:
    return LabellingWave(pk=pk, name=name, effective_on=effective_on, **dates)
