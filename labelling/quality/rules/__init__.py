"""The rules: each a function from a queryset to what it finds there. An id is never reused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from labelling.choices import Seriousness
from labelling.models import Association, LabellingWave, PressRelease, Record, Site
from labelling.models.accepted import STILL_LISTED
from labelling.quality.findings import Finding, Findings, SoughtKeys, seek
from labelling.quality.rules import (
    associations,
    doubles,
    labels,
    places,
    releases,
    state_lists,
    waves,
)
from labelling.quality.rules.labels import NAMES_TO_READ
from labelling.quality.rules.releases import MISPLACED_LINES
from labelling.quality.rules.waves import UNDATED_DRAFT, WITHOUT_RELEASE

_WRONG, _DOUBTFUL, _LACKING = Seriousness


@dataclass(frozen=True)
class Rule:
    """What a rule looks at and how, what its findings are called together, how serious they are.

    `find` is a function of records; of a day too, if it `is_dated`; and of what it `reads` beside
    the records, which rules that are asked together read once.
    """

    model: type[Record]
    find: Callable[..., Findings | list[Finding]]
    name: str
    seriousness: Seriousness
    is_dated: bool = False
    reads: Callable[[], Any] | None = None

    def apply(self, records: QuerySet[Any], day: date, read: Mapping[Any, Any]) -> Findings:
        """What it finds among `records` on `day`, accepted or not."""
        dated = (day,) if self.is_dated else ()
        others = (read[self.reads],) if self.reads else ()
        found = self.find(records, *dated, *others)
        return found if isinstance(found, Findings) else Findings.worded(found)


RULES: dict[str, Rule] = {
    "Q001": Rule(LabellingWave, waves.find_carriers_that_differ, "Chiffres par porteur", _WRONG),
    "Q002": Rule(
        Site,
        places.find_contradicted_departments,
        "Département et code commune",
        _WRONG,
        reads=places.read_codes,
    ),
    "Q003": Rule(PressRelease, releases.find_altered_releases, "Texte figé modifié", _WRONG),
    NAMES_TO_READ: Rule(Site, labels.find_names_to_read, "Noms à relire", _DOUBTFUL),
    STILL_LISTED: Rule(
        Site,
        state_lists.find_sites_still_listed,
        "Fin de label, mais listés par l’État",
        _DOUBTFUL,
        is_dated=True,
        reads=state_lists.find_last_list,
    ),
    "Q006": Rule(
        Site,
        places.find_positions_outside,
        "Position hors du département",
        _WRONG,
        reads=places.read_codes,
    ),
    "Q007": Rule(Site, places.find_positions_abroad, "Position hors de France", _WRONG),
    "Q008": Rule(
        Site,
        places.find_contradicted_postcodes,
        "Code postal d’un autre département",
        _WRONG,
        reads=places.read_codes,
    ),
    "Q009": Rule(
        Site, labels.find_sites_without_association, "Sans association", _LACKING, is_dated=True
    ),
    "Q010": Rule(Site, labels.find_sites_without_commune, "Sans commune", _LACKING, is_dated=True),
    "Q011": Rule(
        Site, labels.find_sites_without_format, "Sans accueil du public", _LACKING, is_dated=True
    ),
    "Q012": Rule(
        Site,
        labels.find_sites_without_number,
        "Sans numéro France Services",
        _LACKING,
        is_dated=True,
    ),
    "Q013": Rule(Site, doubles.find_doubles, "Peut-être en double", _DOUBTFUL, is_dated=True),
    "Q014": Rule(
        Site,
        state_lists.find_sites_no_longer_listed,
        "Absents de la liste de l’État",
        _DOUBTFUL,
        is_dated=True,
        reads=state_lists.find_last_list,
    ),
    "Q015": Rule(
        Site, labels.find_ranks_given_twice, "Même place dans la liste", _WRONG, is_dated=True
    ),
    UNDATED_DRAFT: Rule(
        LabellingWave, waves.find_undated_drafts, "Sans date de comité de pilotage", _LACKING
    ),
    WITHOUT_RELEASE: Rule(
        LabellingWave,
        waves.find_waves_without_release,
        "Annoncée, sans communiqué",
        _LACKING,
        is_dated=True,
    ),
    "Q018": Rule(
        PressRelease,
        releases.find_past_contacts,
        "Contact presse qui n’est plus à proposer",
        _WRONG,
        is_dated=True,
    ),
    "Q019": Rule(Association, associations.find_associations_without_sites, "Sans site", _DOUBTFUL),
    "Q020": Rule(PressRelease, releases.find_outdated_years, "Année ancienne", _DOUBTFUL),
    MISPLACED_LINES: Rule(
        PressRelease, releases.find_misplaced_lines, "Ligne hors de sa place", _WRONG
    ),
}


def find_all(records: QuerySet[Any], day: date, *rules: str) -> dict[str, Findings]:
    """All that the rules of their model find among `records` on `day`, accepted or not; these
    rules alone if any is named."""
    asked = {
        key: rule
        for key, rule in RULES.items()
        if rule.model is records.model and key in (rules or RULES)
    }
    read = {reads: reads() for reads in {rule.reads for rule in asked.values()} if reads}
    found = {key: rule.apply(records, day, read) for key, rule in asked.items()}
    sought = [one.keys for one in found.values() if isinstance(one.keys, SoughtKeys)]
    if len(sought) > 1:
        is_all = not records.query.has_filters()
        seek(records, sought, (day, *asked) if is_all else None)
    return found
