"""The rules: each a function from a queryset to what it finds there. An id is never reused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from labelling import text
from labelling.models import Department, LabellingWave, PressRelease, Record, Site
from labelling.models.frozen import compute_content_digest
from labelling.models.site import SiteQuerySet


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A value that would settle a finding: as a form sends it for the field, and in words."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What a click accepts without a word: its button, and the motive that is kept of it."""

    label: str
    motive: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a record: what is wrong, what was compared, what to do.

    `facts` are what was compared, not in words: once accepted, it comes back if one changes.
    `field` is the one it speaks of, empty if none; `mending` is what the rule would put there.
    Without an `acceptance` a person who accepts it says why.
    """

    rule: str
    record: Record
    facts: tuple[Any, ...]
    title: str
    evidence: str = ""
    advice: str
    field: str = ""
    mending: Mending | None = None
    acceptance: Acceptance | None = None

    @property
    def anchor(self) -> str:
        """What the finding is called on the page of its record."""
        return f"finding-{self.rule}"

    @property
    def settle_id(self) -> str:
        """What the form that accepts it is called there."""
        return f"settle-{self.rule}"

    @property
    def digest(self) -> str:
        """The digest of the facts."""
        return compute_content_digest(list(self.facts))

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
                    facts=(*known, wave.national_sites),
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
                facts=(site.commune_code, site.department.code),
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
            facts=(release.digest, compute_content_digest(release.content)),
            title=alteration,
            advice=text.typeset("Ne le diffusez pas ; comparez-le à l’exemplaire envoyé."),
        )
        for release in releases
        if (alteration := release.word_alteration())
    ]


def find_names_to_read(sites: SiteQuerySet) -> list[Finding]:
    """Q004: the name to print is the one that an import made of the State's.

    OK =>  a name that somebody wrote, in a form, in a file, or over the one that was made
    NOK => « PIMMS Ambazac - Bus », made of « Bus France services Pimms Médiation Ambazac »
    """
    return [
        Finding(
            rule=NAMES_TO_READ,
            record=site,
            facts=(site.name,),
            field="name",
            title="Nom fait d’après celui de l’État, à relire.",
            evidence=text.typeset(f"L’État écrit « {site.state_name} »."),
            advice="Acceptez-le, ou écrivez celui que la presse lira.",
            acceptance=Acceptance(label="Accepter ce nom", motive=NAME_READ),
        )
        for site in sites.with_made_name().select_related(None).only("name", "state_name")
    ]


NAMES_TO_READ = "Q004"
# Why a name is accepted, or written anew.
NAME_READ = "Nom relu"
# What each rule looks at, and how. What `STILL_LISTED` stands for no rule can find.
RULES: dict[str, tuple[type[Record], Callable[[Any], list[Finding]]]] = {
    "Q001": (LabellingWave, find_carriers_that_differ),
    "Q002": (Site, find_contradicted_departments),
    "Q003": (PressRelease, find_altered_releases),
    NAMES_TO_READ: (Site, find_names_to_read),
}


def list_all_findings(records: QuerySet[Any], *rules: str) -> list[Finding]:
    """All that the rules of their model find among `records`, accepted or not; these if named."""
    return [
        finding
        for rule, (model, find) in RULES.items()
        if model is records.model and rule in (rules or RULES)
        for finding in find(records)
    ]
