"""The rules: each a function from a queryset to what it finds there. An id is never reused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from labelling import text
from labelling.models import Department, LabellingWave, PressRelease, Record, Site
from labelling.models.site import SiteQuerySet


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A value that would settle a finding: as a form sends it for the field, and in words."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a record: what is wrong, what was compared, what to do.

    `field` is the one it speaks of, empty if none; `mending` is what the rule would put there.
    """

    rule: str
    record: Record
    title: str
    evidence: str = ""
    advice: str
    field: str = ""
    mending: Mending | None = None

    @property
    def anchor(self) -> str:
        """What the finding is called on the page of its record."""
        return f"finding-{self.rule}"

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, (self.title, self.evidence, self.advice)))


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
            findings.append(
                Finding(
                    rule="Q001",
                    record=wave,
                    field="national_sites",
                    title=f"Les chiffres par porteur font {text.number(sum(known))}, le total "
                    f"annoncé est {text.number(wave.national_sites)}.",
                    advice=text.typeset(
                        "Vérifiez auprès de l’État ; vous pouvez enregistrer quand même."
                    ),
                )
            )
    return findings


def find_contradicted_departments(sites: SiteQuerySet) -> list[Finding]:
    """Q002: the commune's INSEE code is of another department than the record's.

    OK =>  42218 and Loire; 2A004 and Corse-du-Sud; 97105 and Guadeloupe; no code
    NOK => 42218 and Isère
    """
    contradicted = list(sites.contradicted().select_related("department"))
    codes = {site.commune_department for site in contradicted}
    departments = Department.objects.in_bulk(codes, field_name="code")
    findings = []
    for site in contradicted:
        named = departments[site.commune_department]
        commune = f" ({site.commune})" if site.commune else ""
        findings.append(
            Finding(
                rule="Q002",
                record=site,
                field="department",
                title=f"Le code commune dit {named.name}.",
                evidence=text.typeset(
                    f"{site.commune_code}{commune} est une commune du département {named.name} "
                    f"({named.code}) ; la fiche dit {site.department.name} "
                    f"({site.department.code})."
                ),
                advice="Vérifiez l’adresse, puis corrigez l’un des deux.",
                mending=Mending(value=str(named.pk), label=f"Mettre {named.name} et enregistrer"),
            )
        )
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
            title=text.typeset(
                f"Le texte figé du {text.lowered(str(release))} n’est plus celui qui a été "
                "validé : son empreinte a changé."
            ),
            advice=text.typeset("Ne le diffusez pas ; comparez-le à l’exemplaire envoyé."),
        )
        for release in releases
        if not release.is_intact
    ]


# What each rule looks at, and how.
RULES: dict[str, tuple[type[Record], Callable[[Any], list[Finding]]]] = {
    "Q001": (LabellingWave, find_carriers_that_differ),
    "Q002": (Site, find_contradicted_departments),
    "Q003": (PressRelease, find_altered_releases),
}


def list_keys(records: QuerySet[Any]) -> set[int]:
    """The keys of the `records` of which anything is found."""
    return {finding.record.pk for finding in list_findings(records)}


def list_findings(records: QuerySet[Any]) -> list[Finding]:
    """All that the rules of their model find among `records`."""
    return [
        finding
        for model, rule in RULES.values()
        if model is records.model
        for finding in rule(records)
    ]
