"""Draft -> final -> sent: what is frozen, by whom, once; and what takes its place."""

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils import timezone

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models import LabellingWave, PressRelease, SentFile
from labelling.models.account import read_account
from labelling.models.base import name_user
from labelling.models.frozen import compute_content_digest
from labelling.models.sent_file import make_safe_name
from labelling.press_release import corrections, editions, errata, formats, sentences
from labelling.press_release.composition import (
    Source,
    from_records,
    leave_past_embargo_out,
    read_published,
)
from labelling.press_release.content import Content, Properties
from labelling.press_release.network_map import attach_map

Locked = TypeVar("Locked", bound=PressRelease | LabellingWave)


class NotDone(Exception):
    """Nothing was written; the sentence says why and what to do next."""

    def __init__(self, sentence: str) -> None:
        super().__init__(text.typeset(sentence))


class AlreadyDone(NotDone):
    """Somebody else has just done it."""


class Outdated(NotDone):
    """What the person saw is no longer what would be frozen."""


def read_document(release: PressRelease, at: datetime) -> Content:
    """The release as it stands `at` that moment: frozen, or as its draft and the records give it.

    Whoever reads it after the embargo finds no notice of it; what was frozen has not moved.
    """
    document = read_published(release) if release.is_frozen else compose_draft(release)
    return leave_past_embargo_out(document, release, at)


def compose_content(
    wave: LabellingWave, release: PressRelease | None, source: str, at: datetime
) -> Content:
    """The release of `wave` from one of those that `list_sources` gives, as it reads `at` a moment.

    What the records say otherwise than a frozen release says that it is not that release, and
    what no release says yet that it is not to be sent. A wave of the past waits for none. The
    texts of a person stand beside the records as the release's rectificatifs corrected them.
    """
    if release and source == Source.PUBLISHED:
        return leave_past_embargo_out(read_published(release), release, at)
    content = from_records(wave, release and _read_as_rectified(release))
    if release is None:
        notice = sentences.PAST_NOTICES.get(wave.past_release, sentences.DRAFT_NOTICE)
        return replace(content, notices=(notice,))
    content = leave_past_embargo_out(attach_map(content, release), release, at)
    if not release.is_frozen:
        return content
    notice = sentences.recalculated(is_sent=release.status == ReleaseStatus.SENT)
    return replace(content, notices=(notice, *content.notices))


def _read_as_rectified(release: PressRelease) -> PressRelease:
    """A release whose texts are as its readers know them; not to be saved."""
    is_rectified = release.is_frozen and release.list_sent_errata()
    return corrections.carry_corrections(release) if is_rectified else release


def make_properties(
    content: Content, release: PressRelease | None, at: datetime, region: str = ""
) -> Properties:
    """What the files made of `content` `at` that moment say of themselves."""
    return Properties(
        digest=release.digest if release else "",
        made_at=(release and release.frozen_at) or at,
        author=content.letterhead.name if content.letterhead else "",
        subject=content.kind.capitalize(),
        draft=release.pk if release else None,
        region=region,
    )


def compose_draft(release: PressRelease) -> Content:
    """The release as its fields and the records give it now, whatever was frozen."""
    if release.is_erratum:
        return corrections.compose_erratum(release)
    whole = attach_map(from_records(release.wave, release), release)
    return editions.attach_editions(whole, release)


def compose_final(release: PressRelease) -> Content:
    """What validating would freeze: the draft without what says that it is one."""
    return leave_draft_notice_out(compose_draft(release))


def leave_draft_notice_out(content: Content) -> Content:
    """The content without what says that it is a draft."""
    kept = tuple(notice for notice in content.notices if notice != sentences.DRAFT_NOTICE)
    return replace(content, notices=kept)


def find_obstacles(release: PressRelease, final: Content) -> list[str]:
    """What must be corrected before a draft that would say `final` is validated.

    Once frozen, a file that cannot be made never could be.
    """
    obstacles = [errata.find_obstacle(release.errata)] if release.is_erratum else []
    printed = replace(final, paragraphs=(*final.paragraphs, *editions.list_words(final)))
    obstacles.append(text.typeset(formats.find_unprintable(printed)))
    return [sentence for sentence in obstacles if sentence]


def compute_digest(content: Content) -> str:
    """The digest that `content` would be frozen with."""
    return compute_content_digest(content.to_json())


def validate(release: PressRelease, *, by: Any, at: datetime, seen: str) -> PressRelease:
    """Freeze a draft and return it. `seen` is the digest of the document that was looked at.

    A final version that it takes the place of becomes « Remplacé ». Raise AlreadyDone if somebody
    was faster, Outdated if the draft or the records changed since, NotDone for what cannot be.
    """
    # It makes every file, so it is done while nobody waits: below, the same content is frozen.
    obstacles = find_obstacles(release, compose_final(release)) if not release.is_frozen else []
    with transaction.atomic():
        locked = lock(release)
        if locked.is_frozen:
            raise AlreadyDone(_word_already_validated(locked))
        content = compose_final(locked).to_json()
        digest = compute_content_digest(content)
        if digest != seen:
            raise Outdated(
                "Le communiqué ou les fiches ont changé depuis que vous avez ouvert cette page : "
                "rien n’a été validé. Relisez-le, puis validez."
            )
        if obstacles:
            raise NotDone(f"Rien n’a été validé. {' '.join(obstacles)}")
        locked.content, locked.digest = content, digest
        locked.status = ReleaseStatus.FINAL
        locked.validated_at, locked.validated_by = at, by
        if locked.replaces:
            _take_out_of_force(locked.replaces)
        locked._change_reason = f"Version définitive{_word_loan(by, at)}"
        locked.save()
    return locked


def _word_loan(user: Any, at: datetime) -> str:
    """Until when the right to validate is lent to who does it; empty for a right of their own."""
    account = read_account(user) if user else None
    until = account.validates_until if account else None
    if account is None or until is None or not account.is_lent_on(timezone.localdate(at)):
        return ""
    return f" (droit de valider prêté jusqu’au {text.short_date(until)})"


def mark_as_sent(release: PressRelease, *, on: date) -> PressRelease:
    """Mark a final version as sent that day. Raise AlreadyDone or NotDone if it is not one."""
    with transaction.atomic():
        locked = lock(release)
        if locked.status == ReleaseStatus.SENT:
            day = text.long_date(locked.sent_on) if locked.sent_on else ""
            raise AlreadyDone(
                f"Ce communiqué est déjà marqué comme envoyé le {day}. Rien n’a été fait deux fois."
            )
        if obstacle := find_sending_obstacle(locked) or find_day_obstacle(locked, on):
            raise NotDone(obstacle)
        locked.status, locked.sent_on = ReleaseStatus.SENT, on
        locked._change_reason = "Marqué comme envoyé"
        locked.save()
    return locked


def find_sending_obstacle(release: PressRelease) -> str:
    """Why a release cannot be marked as sent; empty if it can, or is."""
    if release.status == ReleaseStatus.REPLACED:
        sentence = "Cette version a été remplacée : envoyez celle qui la remplace."
    elif release.status == ReleaseStatus.DRAFT:
        sentence = "Un brouillon ne s’envoie pas : validez d’abord sa version définitive."
    elif PressRelease.objects.drafts().filter(replaces=release).exists():
        sentence = "Une version corrigée est en préparation : validez-la ou supprimez-la d’abord."
    else:
        return ""
    return text.typeset(sentence)


def find_day_obstacle(release: PressRelease, on: date) -> str:
    """Why it cannot have left that day, long before it was ready; empty if it can."""
    if release.validated_at is None:
        return ""
    began = min(release.issued_on, timezone.localdate(release.validated_at))
    # Under embargo it may leave some days before its date.
    if on >= began - timedelta(days=31):
        return ""
    return text.typeset(
        f"Ce communiqué n’a pas pu partir le {text.long_date(on)} : il n’était prêt que le "
        f"{text.long_date(began)}. Donnez le jour où il est parti."
    )


def attach(
    owner: PressRelease | LabellingWave, *, name: str, content: bytes, by: Any, at: datetime
) -> SentFile:
    """Keep a file as it was sent. Raise ValidationError for one that cannot be kept."""
    with transaction.atomic():
        locked = lock(owner)
        file = SentFile(
            release=locked if isinstance(locked, PressRelease) else None,
            wave=locked if isinstance(locked, LabellingWave) else None,
            name=make_safe_name(name),
            content=content,
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            attached_at=at,
            attached_by=by,
        )
        file.full_clean()
        file.save()
    return file


def lock(record: Locked) -> Locked:
    """The record as it is stored; nobody else writes to it until the transaction ends."""
    stored: Any = type(record).objects.select_for_update().get(pk=record.pk)
    return cast("Locked", stored)


def _take_out_of_force(release: PressRelease) -> None:
    locked = lock(release)
    locked.status = ReleaseStatus.REPLACED
    locked._change_reason = "Remplacé par une version corrigée"
    locked.save()


def _word_already_validated(release: PressRelease) -> str:
    by, at = name_user(release.validated_by), release.validated_at
    who = f" par {by}" if by else ""
    when = f", le {text.moment(at)}" if at else ""
    return f"Ce communiqué a déjà été validé{who}{when}. Rien n’a été fait deux fois."
