"""What a new draft asks: what of the last release still holds, and when its list stands."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from labelling import text
from labelling.choices import ReleaseKind
from labelling.models import LabellingWave, PressRelease
from labelling.press_release.composition import split_paragraphs
from labelling.press_release.publishing import AlreadyDone
from labelling.press_release.typesetting import typeset_typed, without_typography

# The fields whose paragraphs are offered, and what parts them from what is written there.
_OFFERED = {"attendance": "\n\n", "network_detail": ", ", "closing": "\n\n"}
_REASON = "Répondu en préparant le communiqué"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A paragraph of the release of `issued_on`, to be taken over in `field` if it still holds."""

    field: str
    words: str
    issued_on: date

    @property
    def key(self) -> str:
        return f"{self.field}-{hashlib.sha256(self.words.encode()).hexdigest()[:12]}"

    def is_in(self, written: str) -> bool:
        stands = " ".join(split_paragraphs(written))
        return without_typography(self.words) in without_typography(stands)

    def add_to(self, written: str) -> str:
        """What is written in the field, and the paragraph once."""
        if self.is_in(written):
            return written
        return _OFFERED[self.field].join(filter(None, (written.strip(), self.words)))


@dataclass(frozen=True, kw_only=True)
class ListDay:
    """The day at which the list of a wave stands as long as nobody says, and the release's."""

    standing: date
    issued: date


def find_last_release() -> PressRelease | None:
    """The last release that was validated, of those that speak for their wave."""
    standing = PressRelease.objects.standing().in_force().defer("content")
    return standing.select_related("contact").last()


def list_offers(release: PressRelease) -> list[Offer]:
    """The paragraphs of the last release that a draft does not have."""
    offers = _read_offers(release)
    return [offer for offer in offers if not offer.is_in(getattr(release, offer.field))]


def find_offer(release: PressRelease, key: str) -> Offer | None:
    return next((offer for offer in _read_offers(release) if offer.key == key), None)


def _read_offers(release: PressRelease) -> Iterator[Offer]:
    """None for a draft that takes the place of another release: it began with all of its text."""
    if release.kind != ReleaseKind.ORIGINAL or release.replaces_id:
        return
    last = find_last_release()
    if last is None:
        return
    for field in _OFFERED:
        for words in split_paragraphs(getattr(last, field)):
            yield Offer(field=field, words=typeset_typed(words), issued_on=last.issued_on)


def find_list_day(release: PressRelease) -> ListDay | None:
    """What is asked of a draft whose wave does not say at which day its list stands."""
    wave = release.wave
    is_said = wave.announced_on or wave.list_closed_on or wave.situation_on == release.issued_on
    if release.corrects_id or is_said:
        return None
    return ListDay(standing=wave.situation_on, issued=release.issued_on)


def answer_list_day(wave: LabellingWave, field: str, day: date) -> LabellingWave:
    """Keep on the wave that its list stands at `day`: as announced, or as closed that day.

    Raise AlreadyDone if somebody said so meanwhile, ValidationError for a day that cannot be.
    """
    with transaction.atomic():
        locked = LabellingWave.objects.select_for_update().get(pk=wave.pk)
        if locked.announced_on or locked.list_closed_on:
            raise AlreadyDone(
                f"La liste de {text.the_wave(locked.name)} est déjà arrêtée au "
                f"{text.long_date(locked.situation_on)} : rien n’a été changé. Vous pouvez changer "
                "cette date sur la fiche de la vague."
            )
        setattr(locked, field, day)
        locked._change_reason = _REASON
        locked.full_clean()
        locked.save()
    return locked
