"""The readings of a draft: asked, answered, received; and what changed since each of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from labelling import text
from labelling.choices import ReadingAnswer, ReadingWay, ReleaseStatus
from labelling.models import DraftText, PressRelease, Proofreading
from labelling.models.base import name_user
from labelling.press_release import publishing
from labelling.press_release.content import Content
from labelling.press_release.differences import Difference, Part, find_differences
from labelling.press_release.publishing import AlreadyDone, NotDone, Outdated

# As long as a release has not left, what its readers say of it can still be heeded.
_TAKES_ANSWERS = (ReleaseStatus.DRAFT, ReleaseStatus.FINAL)
_OF_LINES = {Part.LINE, Part.REGION, Part.DEPARTMENT, Part.NAME, Part.NEW, Part.PLACE}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A reading beside the text as it stands: what changed since the version that was read.

    `is_last`: this person has said nothing newer.
    """

    row: Proofreading
    changes: tuple[Difference, ...] = ()
    is_current: bool = False
    is_last: bool = True

    @property
    def is_to_review(self) -> bool:
        return self.row.answer == ReadingAnswer.REVIEW

    def word_facts(self) -> str:
        """When it was asked or answered, by which way, on which version."""
        row = self.row
        if row.answered_on is None:
            by = f" par {name_user(row.asked_by)}" if row.asked_by else ""
            return f"{by} le {text.moment(row.asked_at)}".strip() if row.asked_at else ""
        facts = [f"le {text.long_date(row.answered_on)}"]
        if row.way != ReadingWay.HERE:
            facts.append(f"par {text.lowered(str(ReadingWay(row.way).label))}")
            if row.noted_by:
                facts.append(f"consigné par {name_user(row.noted_by)}")
        if row.text:
            facts.append(f"sur la version du {text.moment(row.text.made_at)}")
        validated_at = row.release.validated_at
        if validated_at and row.noted_at and row.noted_at > validated_at:
            facts.append("reçue après la validation")
        return ", ".join(facts)

    def word_changes(self) -> str:
        """« 2 passages et 1 ligne de la liste ont changé depuis. »; empty before the answer."""
        if not self.row.answer:
            return ""
        if self.row.text is None:
            return "La version qui a été lue n’est plus gardée."
        if self.is_current:
            return "Rien n’a changé depuis."
        if not self.changes:
            return text.typeset(
                "Le texte n’a pas changé depuis ; la carte, les éditions régionales ou la mise en "
                "page, si."
            )
        of_lines = {(one.site, one.subject) for one in self.changes if one.part in _OF_LINES}
        others = sum(one.part not in _OF_LINES for one in self.changes)
        parts = [text.counted(others, "passage")] if others else []
        if of_lines:
            lines = text.counted(len(of_lines), "ligne de la liste", "lignes de la liste")
            parts.append(lines)
        verb = text.plural(others + len(of_lines), "a", "ont")
        return f"{text.enumeration(parts)} {verb} changé depuis."


def keep(release: PressRelease, version: Content) -> DraftText:
    """Keep the version of a draft that somebody reads, to know which one the answer is about."""
    return DraftText.objects.keep(release, version.to_json())


def takes_answers(release: PressRelease) -> bool:
    """Whether a reading can still be answered, and noted: until the release is sent."""
    return release.status in _TAKES_ANSWERS


def identify_readers(rows: Iterable[Proofreading]) -> dict[int, tuple[int, Any]]:
    """Who read each, in its release, by the key of the row.

    One received from elsewhere names somebody: the one account of that name among the readers, if
    there is one.
    """
    rows = list(rows)
    accounts: dict[tuple[int, str], set[int]] = defaultdict(set)
    for row in rows:
        if row.reader_id:
            accounts[row.release_id, text.sort_key(row.name)].add(row.reader_id)
    readers: dict[int, tuple[int, Any]] = {}
    for row in rows:
        name = text.sort_key(row.name)
        known = accounts[row.release_id, name]
        readers[row.pk] = row.release_id, row.reader_id or (min(known) if len(known) == 1 else name)
    return readers


def list_readings(release: PressRelease, standing: Content) -> list[Reading]:
    """The readings of a release, the last one first, beside the version that stands."""
    now = publishing.leave_draft_notice_out(standing)
    compared: dict[int, tuple[bool, tuple[Difference, ...]]] = {}
    people: set[Any] = set()
    found = []
    rows = list(release.proofreadings.with_people())
    readers = identify_readers(rows)
    for row in rows:
        who = readers[row.pk]
        if row.text and row.text.pk not in compared:
            compared[row.text.pk] = _compare(row.text, now)
        is_current, changes = compared[row.text.pk] if row.text else (False, ())
        found.append(
            Reading(row=row, changes=changes, is_current=is_current, is_last=who not in people)
        )
        if row.answer:
            people.add(who)
    return found


def _compare(read: DraftText, now: Content) -> tuple[bool, tuple[Difference, ...]]:
    """Whether a version says to the letter what stands now, and what changed since."""
    before = publishing.leave_draft_notice_out(Content.from_json(read.content))
    if before.to_json() == now.to_json():
        return True, ()
    return False, find_differences(before, now)


def word_remaining(readings: Iterable[Reading]) -> list[str]:
    """What a person who validates is told: who has not answered, and who would review the text."""
    sentences = []
    for reading in readings:
        row = reading.row
        if not reading.is_last:
            continue
        if not row.answer and row.asked_at:
            sentences.append(
                f"{row.name} n’a pas encore répondu à la relecture demandée le "
                f"{text.moment(row.asked_at)}."
            )
        elif reading.is_to_review:
            sentences.append(
                f"{row.name} a répondu « À revoir » : {text.quoted(row.answer_note)} "
                f"{reading.word_changes()}"
            )
    return [text.typeset(sentence) for sentence in sentences]


def ask(
    release: PressRelease, readers: Sequence[Any], *, by: Any, note: str, at: datetime
) -> list[Proofreading]:
    """Ask people to read a draft. Who has not answered an earlier request is asked nothing more.

    Return what was asked. Raise NotDone if it is a draft no longer.
    """
    with transaction.atomic():
        locked = publishing.lock(release)
        _refuse_frozen(locked)
        waiting = set(locked.proofreadings.open().values_list("reader", flat=True))
        asked = [
            Proofreading(
                release=locked,
                reader=reader,
                reader_name=name_user(reader),
                asked_at=at,
                asked_by=by,
                note=note,
            )
            for reader in readers
            if reader.pk not in waiting
        ]
        for row in asked:
            row.save()
    return asked


def withdraw(reading: Proofreading) -> None:
    """Take back a request that nobody answered. Raise AlreadyDone if somebody has."""
    with transaction.atomic():
        _refuse_late(publishing.lock(reading.release))
        stored = Proofreading.objects.select_for_update().filter(pk=reading.pk).first()
        if stored is None:
            raise AlreadyDone("Cette demande de relecture a déjà été retirée.")
        if stored.answer:
            raise AlreadyDone(f"{stored.name} a répondu entre-temps : la demande reste.")
        stored.delete()


def answer(
    reading: Proofreading, *, by: Any, answer: ReadingAnswer, note: str, seen: str, at: datetime
) -> bool:
    """Note what a reader answers here. `seen` is the digest of the version that they read.

    Return whether that one still stands: if the draft moved meanwhile, the answer is about the
    version that was read. Raise Outdated if nobody knows that one, AlreadyDone for a second
    answer, NotDone if the release was sent meanwhile.
    """
    with transaction.atomic():
        release = publishing.lock(reading.release)
        _refuse_late(release)
        stored = Proofreading.objects.select_for_update().filter(pk=reading.pk).first()
        if stored is None:
            raise AlreadyDone("Cette demande de relecture a été retirée : rien n’est enregistré.")
        if stored.answer:
            label = ReadingAnswer(stored.answer).label
            raise AlreadyDone(f"Cette relecture a déjà sa réponse, « {label} » : elle reste.")
        standing = publishing.read_document(release, at)
        is_standing = publishing.compute_digest(standing) == seen
        read = (
            keep(release, standing)
            if is_standing
            else release.draft_texts.filter(digest=seen).first()
        )
        if read is None:
            raise Outdated(
                "Le brouillon a changé depuis que vous avez ouvert cette page : votre réponse "
                "n’est pas enregistrée. Relisez-le, puis répondez."
            )
        _write_answer(stored, read, answer, note, day=timezone.localdate(at), by=by, at=at)
    return is_standing


def note_received(
    release: PressRelease,
    *,
    name: str,
    way: ReadingWay,
    day: date,
    version: DraftText | None,
    answer: ReadingAnswer,
    note: str,
    by: Any,
    at: datetime,
) -> Proofreading:
    """Note a reading that came by mail or by telephone; None is the version that stands.

    It answers what was asked here of a person of that name. Raise NotDone if the release was sent.
    """
    with transaction.atomic():
        locked = publishing.lock(release)
        _refuse_late(locked)
        waiting = locked.proofreadings.open().with_people().select_for_update(of=("self",))
        asked = [row for row in waiting if text.sort_key(row.name) == text.sort_key(name)]
        stored = asked[0] if asked else Proofreading(release=locked, reader_name=name)
        stored.way = way
        read = version or keep(locked, publishing.read_document(locked, at))
        _write_answer(stored, read, answer, note, day=day, by=by, at=at)
    return stored


def _write_answer(
    row: Proofreading,
    read: DraftText,
    answer: ReadingAnswer,
    note: str,
    *,
    day: date,
    by: Any,
    at: datetime,
) -> None:
    row.text, row.answer, row.answer_note = read, answer, note
    row.answered_on, row.noted_by, row.noted_at = day, by, at
    row.save()


def _refuse_late(release: PressRelease) -> None:
    if not takes_answers(release):
        raise NotDone(
            "Ce communiqué n’attend plus de relecture : rien n’est enregistré. Ses relectures "
            "sont gardées."
        )


def _refuse_frozen(release: PressRelease) -> None:
    if release.is_frozen:
        raise NotDone(
            "Ce communiqué est validé : il ne se relit plus, et rien n’est enregistré. Ses "
            "relectures sont gardées."
        )
