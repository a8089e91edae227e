"""What is wrong with press releases: those that are frozen, and those that are being written."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from labelling import text
from labelling.models import PressRelease
from labelling.models.frozen import compute_content_digest
from labelling.quality.findings import Finding

MISPLACED_LINES = "Q021"
# « En 2019 » at the head of a sentence; « Créée en 1998 » is of no year in particular.
_YEAR = re.compile(r"\bEn[\s\u00a0\u202f]+((?:19|20)[0-9]{2})\b")
_OLDEST = 2  # Years.
# What stands from one release to the next.
_STANDING = ("attendance", "network_detail", "closing", "about")


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


def find_past_contacts(releases: Iterable[PressRelease], day: date) -> list[Finding]:
    """Q018: a draft is signed by a contact who is no longer to be proposed.

    OK =>  proposed until today, or for good; a release that is final, whoever signed it
    NOK => a draft of October 2020, signed by who was proposed until 13 October
    """
    return [
        Finding(
            rule="Q018",
            record=release,
            facts=(contact.pk, until.isoformat()),
            field="contact",
            title=f"Le contact presse n’est plus à proposer depuis le {text.long_date(until)}.",
            advice=text.typeset(
                "Choisissez un autre contact presse ; les anciens communiqués ne changent pas."
            ),
        )
        for release in _list_drafts(releases)
        if (contact := release.contact) and (until := contact.proposed_until) and until < day
    ]


def find_outdated_years(releases: Iterable[PressRelease]) -> list[Finding]:
    """Q020: a draft says of a year, more than two before its own, what stood in another release.

    OK =>  « En 2019 » in a release of 2021; « Créée en 1998 »; a release that is final
    NOK => « En 2019 » in a draft of 2022
    """
    findings = []
    for release in _list_drafts(releases):
        found = [*_list_outdated(release)]
        if not found:
            continue
        quoted = text.enumeration([f"« {words} »" for words in dict.fromkeys(w for _, w in found)])
        findings.append(
            Finding(
                rule="Q020",
                record=release,
                facts=tuple(found),
                field=found[0][0],
                title=text.typeset(f"{quoted} : c’est plus de deux ans avant le communiqué."),
                advice=text.typeset(
                    "Donnez des chiffres plus récents, ou vérifiez que la phrase dit encore vrai."
                ),
            )
        )
    return findings


def find_misplaced_lines(releases: Any) -> list[Finding]:
    """Q021: a line of a list that was frozen stands among those of another department.

    OK =>  each department's lines follow one another
    NOK => Sevran (Seine-Saint-Denis), Melun (Seine-et-Marne), Noisy-le-Grand (Seine-Saint-Denis)
    """
    findings = []
    for release in releases.in_force().with_lines():
        found = [*_list_misplaced(release.lines or ())]
        if not found:
            continue
        names = text.enumeration([line["name"] for _, line, _ in found])
        verb = text.plural(len(found), "est imprimé", "sont imprimés")
        lines = (
            f"Ligne {number} de la liste : {line['department']}, au milieu des lignes de {around}."
            for number, line, around in found
        )
        findings.append(
            Finding(
                rule=MISPLACED_LINES,
                record=release,
                facts=tuple((number, line["name"], around) for number, line, around in found),
                title=f"{names} {verb} au milieu d’un autre département.",
                evidence=text.typeset(" ".join(lines)),
                advice=text.typeset(
                    "La liste recalculée d’après les fiches remet l’ordre ; rectifiez ce "
                    "communiqué s’il y a lieu."
                ),
            )
        )
    return findings


def _list_drafts(releases: Iterable[PressRelease]) -> Iterable[PressRelease]:
    """Those of `releases` that still change, stored or as somebody types them."""
    if isinstance(releases, QuerySet):
        drafts: Any = releases
        return drafts.drafts().select_related("contact")
    return [release for release in releases if not release.is_frozen]


def _list_outdated(release: PressRelease) -> Iterator[tuple[str, str]]:
    """The fields and the words that name a year which is too old."""
    for name in _STANDING:
        for match in _YEAR.finditer(getattr(release, name)):
            if release.issued_on.year - int(match[1]) > _OLDEST:
                yield name, match[0]


def _list_misplaced(lines: Iterable[Any]) -> Iterator[tuple[int, Any, str]]:
    """The lines between two runs of one department: their number, what they are, which one."""
    numbered = enumerate(lines, start=1)
    runs = [
        (department, [*run])
        for department, run in groupby(numbered, key=lambda one: one[1]["department"])
    ]
    for (before, _), (_, run), (after, _) in zip(runs, runs[1:], runs[2:], strict=False):
        if before == after:
            for number, line in run:
                yield number, line, before
