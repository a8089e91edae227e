"""What is missing or contradictory in a draft, beside the field it concerns. Nothing is blocked."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from labelling import text
from labelling.models import PressRelease
from labelling.press_release import corrections, errata, sentences
from labelling.press_release.content import Content
from labelling.press_release.corrections import Outcome
from labelling.press_release.counts import SPACE, Counts, find_contradicted
from labelling.press_release.differences import Part
from labelling.press_release.errata import Correction
from labelling.press_release.questions import find_list_day
from labelling.press_release.renderers.characters import (
    UnprintableCharacterError,
    refuse_what_xml_forbids,
)

_WEEKDAY = re.compile(
    rf"\b({'|'.join(text.WEEKDAYS)}){SPACE}([0-9]{{1,2}}|1er){SPACE}"
    rf"({'|'.join(text.MONTHS)})(?:{SPACE}([0-9]{{4}}))?\b",
    re.IGNORECASE,
)
_TEXTS = (*PressRelease.OWN_SENTENCES.values(), "attendance", "network_detail", "closing", "quote")
# What stands from one release to the next.
_STANDING = ("attendance", "network_detail", "closing", "about")
_TYPED = (*_TEXTS, "errata", "place", "brand", "about", "quote_name", "quote_role")


class Remark(NamedTuple):
    """What a person should look at, beside a field of the draft.

    `prints_wrong`: what would be printed is wrong; otherwise something lacks, or is to be known.
    """

    field: str
    sentence: str
    prints_wrong: bool


def list_remarks(release: PressRelease, content: Content, day: date) -> list[Remark]:
    """What is to be looked at on `day`; `content` is what the release says as it stands."""
    wrong, lacking = _check_printed(release, content), _check_lacks(release, content, day)
    return [
        *(Remark(name, text.typeset(sentence), True) for name, sentence in wrong),
        *(Remark(name, text.typeset(sentence), False) for name, sentence in lacking),
    ]


def list_contradictions(release: PressRelease) -> list[str]:
    """What a « rectificatif », frozen or not, leaves contradictory; empty for another release."""
    if not release.is_erratum:
        return []
    return [text.typeset(sentence) for _, sentence in _check_errata(release)]


def _check_printed(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What would be printed and is wrong."""
    yield from _check_dates(release)
    yield from _check_weekdays(release)
    yield from _check_characters(release, content)
    if release.is_erratum:
        yield from _check_errata(release)
    else:
        yield from _check_counts(release, content)
        yield from _check_quote(release)


def _check_lacks(release: PressRelease, content: Content, day: date) -> Iterator[tuple[str, str]]:
    """What a document does not have, and what is to be known of it."""
    yield from _tell_embargo(release, day)
    yield from _tell_list_day(release)
    if release.contact is None:
        yield "contact", "Aucun contact presse : les journalistes ne sauront pas qui appeler."
    if not release.is_erratum:
        yield from _check_wave(release)
        yield from _check_list(content)
        yield from _check_asked(release)
        yield from _check_unquoted(release)


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


def _tell_embargo(release: PressRelease, day: date) -> Iterator[tuple[str, str]]:
    if release.embargo_until:
        until = timezone.localtime(release.embargo_until)
        if until.date() < day:
            passed = f"L’embargo est passé depuis le {text.moment(until)}"
            yield "embargo_until", f"{passed} : corrigez-le, ou effacez-le."
            return
        sentence = f"{sentences.embargo(until)}. La mention est imprimée en haut de chaque fichier."
        if until.date() < release.issued_on:
            sentence += " Cet embargo finit avant la date du communiqué."
        yield "embargo_until", sentence


def _tell_list_day(release: PressRelease) -> Iterator[tuple[str, str]]:
    if asked := find_list_day(release):
        yield (
            "issued_on",
            (
                "La vague n’a pas de date d’annonce : la liste serait arrêtée au "
                f"{text.long_date(asked.standing)}, le communiqué est daté du "
                f"{text.long_date(asked.issued)}. Dites à quelle date elle est arrêtée."
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


def _check_list(content: Content) -> Iterator[tuple[str, str]]:
    if not content.new_count:
        yield (
            "own_title",
            (
                "Aucun site n’est labellisé avec cette vague. S’il en manque, ajoutez-les par "
                "« Les sites de la vague », sur la fiche de la vague."
            ),
        )
    if not content.lines:
        yield "own_list_title", "La liste est vide."


def _check_counts(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What a sentence announces, and the list does not have."""
    counted = Counts.of(content, release.wave, release.issued_on.year)
    for name in ("own_title", "own_lead", "own_network", *_STANDING):
        announced = find_contradicted(
            getattr(release, name), release.brand, counted, of_labelled=name in _STANDING
        )
        for words in announced:
            yield (
                name,
                (
                    f"« {words} » est annoncé ; la liste compte "
                    f"{text.counted(counted.new, 'nouveau site', 'nouveaux sites')} et "
                    f"{text.counted(counted.total, 'site')} en tout."
                ),
            )


def _check_asked(release: PressRelease) -> Iterator[tuple[str, str]]:
    """What a person wrote, and did not tick."""
    for name, tick in PressRelease.ASKED_SENTENCES.items():
        field_name = PressRelease.OWN_SENTENCES[name]
        if getattr(release, field_name).strip() and not getattr(release, tick):
            field: Any = PressRelease._meta.get_field(tick)
            label = f"{field.verbose_name[:1].upper()}{field.verbose_name[1:]}"
            yield (
                field_name,
                f"Votre phrase n’est pas imprimée. Pour qu’elle le soit, cochez « {label} ».",
            )


def _check_quote(release: PressRelease) -> Iterator[tuple[str, str]]:
    """Who speaks, of what is quoted."""
    if not release.quote.strip():
        return
    if not release.quote_name:
        yield "quote_name", "La citation n’est signée de personne : donnez le nom de qui parle."
    if not release.quote_role:
        yield (
            "quote_role",
            "La citation ne dit pas à quel titre la personne parle : donnez sa fonction.",
        )


def _check_unquoted(release: PressRelease) -> Iterator[tuple[str, str]]:
    """Who is named, of whom there are no words."""
    who = ", ".join(filter(None, [release.quote_name, release.quote_role]))
    if who and not release.quote.strip():
        yield (
            "quote",
            (
                f"Il manque les mots de « {who} » : rien n’est imprimé. Écrivez-les, ou effacez le "
                "nom et la fonction."
            ),
        )


def _check_errata(release: PressRelease) -> Iterator[tuple[str, str]]:
    """What a « rectificatif » leaves contradictory in the document that it corrects."""
    if sentence := errata.find_obstacle(release.errata):
        yield "errata", sentence
    if release.corrects and (cancelling := release.corrects.find_cancelling()):
        yield (
            "errata",
            (
                f"Le communiqué du {text.long_date(release.corrects.issued_on)} a été annulé et "
                f"remplacé par celui du {text.long_date(cancelling.issued_on)} : ce rectificatif "
                "n’a plus d’objet. Rectifiez celui qui le remplace."
            ),
        )
    outcome = corrections.find_outcome(release)
    for missed in outcome.missed:
        yield "errata", _word_missed(missed)
    for wanted in outcome.unfollowed:
        yield (
            "errata",
            (
                "Une fois la liste rectifiée, ceci serait faux et n’est pas rectifié. Ajoutez la "
                f"ligne : {wanted.sentence}"
            ),
        )
    yield from (("errata", sentence) for sentence in _check_recounted(release, outcome))
    for denied in outcome.denied:
        yield (
            "errata",
            (
                f"{denied.subject}, {text.lowered(str(denied.part.label))} : les fiches ne disent "
                "pas ce que dit ce rectificatif. Corrigez la fiche, ou la ligne à rectifier."
            ),
        )


def _word_missed(missed: Correction) -> str:
    place = f"{missed.where} : " if missed.where else ""
    if not missed.before:
        return (
            f"{place}l’ajout « {missed.after} » ne trouve pas sa place dans le communiqué. Dites "
            "à quelle partie il s’ajoute, ou recopiez ce qu’il remplace."
        )
    return (
        f"{place}« {missed.before} » ne se trouve pas, ou pas une seule fois, dans le communiqué "
        "tel qu’il se lit aujourd’hui. Recopiez les mots exacts, avec ceux qui les entourent."
    )


def _check_recounted(release: PressRelease, outcome: Outcome) -> Iterator[str]:
    """The totals that the document would state, and its rectified list would not have."""
    after = outcome.content
    reported = "\n".join(wanted.before for wanted in outcome.unfollowed)
    known = set(_find_miscounted(release, outcome.said))
    for place, words in _find_miscounted(release, after):
        if (place, words) not in known and words not in reported:
            yield (
                f"{place} : une fois rectifié, le communiqué annoncerait « {words} » ; sa liste "
                f"compterait {text.counted(after.new_count, 'nouveau site', 'nouveaux sites')} et "
                f"{text.counted(len(after.lines), 'site')} en tout. Ajoutez ou corrigez une ligne."
            )


def _find_miscounted(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What a document announces and its list does not have, and where."""
    counts = Counts.of(content, release.wave, release.issued_on.year)
    texts = [(Part.TITLE, content.title), (Part.LEAD, content.lead)]
    texts += [(Part.PARAGRAPH, paragraph) for paragraph in content.paragraphs]
    for part, words in texts:
        for announced in find_contradicted(words, release.brand, counts):
            yield str(part.label), announced


def _check_characters(release: PressRelease, content: Content) -> Iterator[tuple[str, str]]:
    """What no file can hold. What one font lacks is found by printing, when validating."""
    try:
        refuse_what_xml_forbids(content)
    except UnprintableCharacterError as refusal:
        typed = (name for name in _TYPED if refusal.character in getattr(release, name))
        # What nobody typed here comes from a record, most often from a site of the list.
        yield next(typed, "own_list_title"), str(refusal)
