"""What is missing or contradictory in a draft, beside the field it concerns. Nothing is blocked."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from labelling import text
from labelling.models import PressRelease
from labelling.press_release import corrections, sentences
from labelling.press_release.content import Content
from labelling.press_release.renderers.characters import (
    UnprintableCharacterError,
    refuse_what_xml_forbids,
)

_SPACE = "[\\s\u00a0\u202f]+"
_WEEKDAY = re.compile(
    rf"\b({'|'.join(text.WEEKDAYS)}){_SPACE}([0-9]{{1,2}}|1er){_SPACE}"
    rf"({'|'.join(text.MONTHS)})(?:{_SPACE}([0-9]{{4}}))?\b",
    re.IGNORECASE,
)
_NUMBER = "([0-9]{1,3}(?:[\u00a0\u202f ][0-9]{3}){1,5}|[0-9]{1,18})"
_COUNTED = re.compile(
    rf"(?<![\w,.]){_NUMBER}{_SPACE}(?:(?:nouveaux?|nouvelles?){_SPACE})?", re.IGNORECASE
)
_SITES = re.compile(r"(?:sites?|structures?)\b", re.IGNORECASE)
_TEXTS = (*PressRelease.OWN_SENTENCES.values(), "attendance", "network_detail", "closing")
_TYPED = (*_TEXTS, "errata", "place", "brand", "about")


def list_findings(release: PressRelease, content: Content, day: date) -> dict[str, list[str]]:
    """What a person should look at, on `day`, by field; a field without a finding is left out.

    `content` is what the release says as it stands.
    """
    findings: dict[str, list[str]] = {}
    for name, sentence in _check_all(release, content, day):
        findings.setdefault(name, []).append(text.typeset(sentence))
    return findings


def _check_all(release: PressRelease, content: Content, day: date) -> Iterator[tuple[str, str]]:
    yield from _check_dates(release)
    yield from _check_contact(release, day)
    yield from _check_weekdays(release)
    yield from _check_characters(release, content)
    if release.is_erratum:
        yield from _check_errata(release)
    else:
        yield from _check_wave(release)
        yield from _check_counts(release, content)


def _check_dates(release: PressRelease) -> Iterator[tuple[str, str]]:
    wave, issued = release.wave, release.issued_on
    if not release.corrects_id:
        if wave.announced_on and wave.announced_on != issued:
            yield (
                "issued_on",
                (
                    f"La fiche de la vague dit qu’elle est annoncée le "
                    f"{text.long_date(wave.announced_on)} ; le communiqué est daté du "
                    f"{text.long_date(issued)}."
                ),
            )
        if wave.decided_on and issued < wave.decided_on:
            yield (
                "issued_on",
                (
                    "Le communiqué est daté d’avant le comité de pilotage du "
                    f"{text.long_date(wave.decided_on)}."
                ),
            )
    if release.embargo_until:
        until = timezone.localtime(release.embargo_until)
        sentence = f"{sentences.embargo(until)}. La mention est imprimée en haut de chaque fichier."
        if until.date() < issued:
            sentence += " Cet embargo finit avant la date du communiqué."
        yield "embargo_until", sentence


def _check_contact(release: PressRelease, day: date) -> Iterator[tuple[str, str]]:
    contact = release.contact
    if contact is None:
        yield "contact", "Aucun contact presse : les journalistes ne sauront pas qui appeler."
    elif contact.proposed_until and contact.proposed_until < day:
        yield (
            "contact",
            (
                f"{contact.name} n’est plus à proposer depuis le "
                f"{text.long_date(contact.proposed_until)}. Choisissez un autre contact presse ; "
                "les anciens communiqués ne changent pas."
            ),
        )


def _check_weekdays(release: PressRelease) -> Iterator[tuple[str, str]]:
    for name in _TEXTS:
        for match in _WEEKDAY.finditer(getattr(release, name)):
            weekday, month = match[1].lower(), text.MONTHS.index(match[3].lower()) + 1
            year = int(match[4] or release.issued_on.year)
            try:
                meant = date(year, month, int(match[2].removesuffix("er")))
            except ValueError:
                yield name, f"« {match[0]} » : cette date n’existe pas."
                continue
            right = text.WEEKDAYS[meant.weekday()]
            if right != weekday:
                yield name, f"Le {text.long_date(meant)} est un {right}, pas un {weekday}."


def _check_wave(release: PressRelease) -> Iterator[tuple[str, str]]:
    wave = release.wave
    if not wave.decided_on:
        yield (
            "own_lead",
            (
                "La vague n’a pas de date de comité de pilotage : le chapô ne la donne pas. "
                "Ajoutez-la sur la fiche de la vague."
            ),
        )
    if not wave.national_sites:
        yield (
            "own_figures",
            (
                "La vague n’a pas de chiffres nationaux : ce paragraphe manque. Ajoutez-les sur la "
                "fiche de la vague."
            ),
        )


def _check_counts(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What a rewritten sentence announces, and the list does not have."""
    new, total = content.new_count, len(content.lines)
    if not new:
        yield (
            "own_title",
            (
                "Aucun site n’est labellisé avec cette vague. S’il en manque, ajoutez-les par "
                "« Les sites de la vague », sur la fiche de la vague."
            ),
        )
    if not total:
        yield "own_list_title", "La liste est vide."
    for name in ("own_title", "own_lead", "own_network"):
        words = getattr(release, name)
        for match in _COUNTED.finditer(words):
            noun = _find_noun(words, match.end(), release.brand)
            announced = int("".join(filter(text.is_number, match[1])))
            if noun and announced not in ((new,) if name == "own_title" else (new, total)):
                yield (
                    name,
                    (
                        f"« {match[0]}{noun} » est annoncé ; la liste compte "
                        f"{text.counted(new, 'nouveau site', 'nouveaux sites')} et "
                        f"{text.counted(total, 'site')} en tout."
                    ),
                )


def _find_noun(words: str, place: int, brand: str) -> str:
    """What is counted, where `place` is in a sentence: sites, by the brand or another word."""
    if match := _SITES.match(words, place):
        return match[0]
    end = place + len(brand)
    is_brand = words[place:end].casefold() == brand.casefold()
    return words[place:end] if is_brand and not words[end : end + 1].isalnum() else ""


def _check_errata(release: PressRelease) -> Iterator[tuple[str, str]]:
    if sentence := corrections.find_obstacle(release.errata):
        yield "errata", sentence


def _check_characters(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What no file can hold. What one font lacks is found by printing, when validating."""
    try:
        refuse_what_xml_forbids(content)
    except UnprintableCharacterError as refusal:
        typed = (name for name in _TYPED if refusal.character in getattr(release, name))
        # What nobody typed here comes from a record, most often from a site of the list.
        yield next(typed, "own_list_title"), str(refusal)
