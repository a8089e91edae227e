"""New drafts: of a wave, of a corrected version, of a correction."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from labelling.choices import ReleaseKind, ReleaseStatus
from labelling.models import LabellingWave, PressContact, PressRelease
from labelling.press_release import corrections, errata
from labelling.press_release.composition import derive_sentences
from labelling.press_release.content import Content
from labelling.press_release.errata import Correction
from labelling.press_release.publishing import NotDone
from labelling.press_release.questions import find_last_release
from labelling.press_release.typesetting import typeset_text

# What the next release takes over from the last one: what praises nobody and claims nothing new.
_STANDING = ("place", "brand", "about")
# What a release that takes the place of another one takes over: the text of a person's own.
_TEXT = (
    *_STANDING,
    *PressRelease.OWN_SENTENCES.values(),
    *PressRelease.ASKED_SENTENCES.values(),
    "prints_map",
    "editions",
    "attendance",
    "network_detail",
    "closing",
    "quote",
    "quote_name",
    "quote_role",
)
# What a corrected version takes over from the final one: all that a person wrote.
_WRITTEN = (
    *_TEXT,
    "wave",
    "kind",
    "corrects",
    "issued_on",
    "embargo_until",
    "errata",
    "contact",
)


def draft_original(wave: LabellingWave | None, day: date) -> PressRelease:
    """A new release of `wave`, not saved, with what stood in the last one."""
    release = PressRelease(issued_on=(wave and wave.announced_on) or day, prints_newcomers=True)
    if wave:
        release.wave = wave
    last = find_last_release()
    if last:
        _take_over(release, last, _STANDING)
    signed = last.contact if last else None
    release.contact = _find_proposed(signed, day) or _find_only_contact(day)
    return release


def prepare_corrected_version(release: PressRelease) -> PressRelease:
    """The draft that will replace a final version not sent yet: the one there is, or a new one."""
    with transaction.atomic():
        final = PressRelease.objects.select_for_update().get(pk=release.pk)
        existing = PressRelease.objects.filter(replaces=final).first()
        if existing:
            return existing
        if final.status != ReleaseStatus.FINAL:
            raise NotDone(
                "Seule une version définitive qui n’est pas envoyée se remplace ainsi."
                if not final.is_frozen
                else "Ce communiqué a été envoyé : préparez un rectificatif."
            )
        draft = PressRelease(replaces=final)
        _take_over(draft, final, _WRITTEN)
        draft.save()
    return draft


def prepare_erratum(release: PressRelease, errors: Iterable[Correction], day: date) -> PressRelease:
    """The draft of a « rectificatif » of a sent release, with a line for each error.

    The sentences that count a list which is corrected are corrected with it. If one is being
    prepared, the lines that it does not have are added to it.
    """
    with transaction.atomic():
        draft = _draft_correction(release, ReleaseKind.ERRATUM, day)
        rows = list(errata.read_rows(draft.errata))
        added = [error for error in errors if error.typed not in {row.typed for row in rows}]
        complete = [row for row in (*rows, *added) if row.is_complete]
        following = corrections.find_following(release, complete)
        rows = [row for row in (*rows, *added) if row not in following.outdated]
        draft.errata = "\n".join(row.typed for row in (*rows, *following.added))
        draft.save()
    return draft


def prepare_replacement(release: PressRelease, day: date) -> PressRelease:
    """The draft of the whole document again, that « annule et remplace » a sent release."""
    with transaction.atomic():
        draft = _draft_correction(release, ReleaseKind.REPLACEMENT, day)
        if draft._state.adding:
            _take_over(draft, corrections.carry_corrections(release), _TEXT)
        draft.save()
    return draft


def replace_contact(contact: PressContact, successor: PressContact, day: date) -> int:
    """Let `successor` sign what is not final yet, and be proposed instead from `day` on.

    Return the number of drafts that this changes.
    """
    # Without names: the history of a draft outlives a person who is erased.
    reason = "Remplacement du contact presse"
    day_before = day - timedelta(days=1)
    with transaction.atomic():
        contact.replaced_by = successor
        contact.proposed_until = min(contact.proposed_until or day_before, day_before)
        contact._change_reason = reason
        contact.save()
        drafts = list(PressRelease.objects.drafts().filter(contact=contact))
        for draft in drafts:
            draft.contact = successor
            draft._change_reason = reason
            draft.save()
    return len(drafts)


def compute_sentences(release: PressRelease, content: Content) -> dict[str, str]:
    """What each sentence would say by itself, by the name of the field that replaces it.

    `content` is what the release says as it stands.
    """
    if release.is_erratum:
        derived = corrections.derive_sentences(release, content.lines)
    else:
        derived = derive_sentences(release.wave, release, content.lines)
    return {PressRelease.OWN_SENTENCES[name]: sentence for name, sentence in derived.items()}


def _draft_correction(release: PressRelease, kind: ReleaseKind, day: date) -> PressRelease:
    """The draft of that kind that there is, or a new one, not saved."""
    sent = PressRelease.objects.select_for_update().get(pk=release.pk)
    if sent.status != ReleaseStatus.SENT:
        raise NotDone(
            "Ce communiqué n’est pas encore envoyé : il n’y a rien à rectifier. Préparez une "
            "version corrigée."
        )
    if sent.find_cancelling():
        raise NotDone("Ce communiqué a été annulé et remplacé : rectifiez celui qui le remplace.")
    if sent.is_erratum:
        raise NotDone("Un rectificatif ne se rectifie pas : rectifiez le communiqué lui-même.")
    if existing := sent.corrections.drafts().filter(kind=kind, replaces=None).first():
        return existing
    draft = PressRelease(wave=sent.wave, kind=kind, corrects=sent, issued_on=day)
    _take_over(draft, sent, _STANDING)
    draft.contact = _find_proposed(sent.contact, day)
    # What is said of a text under embargo is under the same.
    if sent.embargo_until and timezone.localdate(sent.embargo_until) >= day:
        draft.embargo_until = sent.embargo_until
    return draft


def _take_over(release: PressRelease, earlier: PressRelease, names: Iterable[str]) -> None:
    for name in names:
        value = getattr(earlier, name)
        setattr(release, name, typeset_text(value) if name in PressRelease.TYPESET else value)


def _find_only_contact(day: date) -> PressContact | None:
    """The contact to propose where no earlier release leads to one: the only one, if it is so."""
    proposed = [*PressContact.objects.proposed_on(day)[:2]]
    return proposed[0] if len(proposed) == 1 else None


def _find_proposed(contact: PressContact | None, day: date) -> PressContact | None:
    """The contact, or past their date who took over; None if nobody is to be proposed on `day`."""
    proposed = PressContact.objects.proposed_on(day)
    seen = set()
    while contact and contact.pk not in seen and not proposed.contains(contact):
        seen.add(contact.pk)
        contact = contact.replaced_by
    return contact if contact and contact.pk not in seen else None
