"""The rules: each a function from a queryset to what it finds there. An id is never reused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labelling import text
from labelling.models import Department, LabellingWave, PressRelease, Record, Site
from labelling.models.site import SiteQuerySet


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a record, with its evidence."""

    rule: str
    record: Record
    sentence: str


def find_carriers_that_differ(waves: Iterable[LabellingWave]) -> list[Finding]:
    """Q001: the State's figures by carrier do not add up to its total.

    OK =>  11 + 154 + 131 + 19 + 544 = 859, total 859; a figure is not known
    NOK => the same, total 856
    """
    findings = []
    for wave in waves:
        known = [figure for figure in wave.carrier_figures if figure is not None]
        all_known = len(known) == len(LabellingWave.CARRIERS)
        if all_known and wave.national_sites not in (None, sum(known)):
            sentence = text.typeset(
                f"Les chiffres par porteur font {text.number(sum(known))}, le total annoncé est "
                f"{text.number(wave.national_sites)}. Vérifiez auprès de l’État ; vous pouvez "
                "enregistrer quand même."
            )
            findings.append(Finding(rule="Q001", record=wave, sentence=sentence))
    return findings


def find_contradicted_departments(sites: SiteQuerySet) -> list[Finding]:
    """Q002: the commune's INSEE code is of another department than the record's.

    OK =>  42218 and Loire; 2A004 and Corse-du-Sud; 97105 and Guadeloupe; no code
    NOK => 42218 and Isère
    """
    names = dict(Department.objects.values_list("code", "name"))
    findings = []
    for site in sites.exclude(commune_code="").select_related("department"):
        code = read_department(site.commune_code)
        if code in names and code != site.department.code:
            commune = f" ({site.commune})" if site.commune else ""
            sentence = text.typeset(
                f"Le code commune {site.commune_code}{commune} est celui d’une commune du "
                f"département {names[code]} ({code}) ; la fiche dit {site.department.name} "
                f"({site.department.code}). Vérifiez l’adresse, puis corrigez l’un des deux."
            )
            findings.append(Finding(rule="Q002", record=site, sentence=sentence))
    return findings


def find_altered_releases(releases: Iterable[PressRelease]) -> list[Finding]:
    """Q003: the content of a frozen release is no longer the one that was frozen.

    OK =>  a draft; a content with its own digest
    NOK => a word of the content was changed in the database
    """
    return [
        Finding(
            rule="Q003",
            record=release,
            sentence=text.typeset(
                f"Le texte figé du {text.lowered(str(release))} n’est plus celui qui a été "
                "validé : son empreinte a changé. Ne le diffusez pas ; comparez-le à "
                "l’exemplaire envoyé."
            ),
        )
        for release in releases
        if not release.is_intact
    ]


def read_department(commune_code: str) -> str:
    """Return the department that a commune's INSEE code begins with: 42, 2A, 971."""
    return commune_code[: 3 if commune_code.startswith("97") else 2]


# What each rule looks at, and how.
RULES: dict[str, tuple[type[Record], Callable[[Any], list[Finding]]]] = {
    "Q001": (LabellingWave, find_carriers_that_differ),
    "Q002": (Site, find_contradicted_departments),
    "Q003": (PressRelease, find_altered_releases),
}
