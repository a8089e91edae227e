"""The waves of the past: what became of a release that this tool did not write."""

from datetime import datetime
from typing import Any

from django.db import transaction

from labelling.choices import PastRelease
from labelling.models import LabellingWave, SentFile
from labelling.press_release import publishing
from labelling.press_release.publishing import NotDone


def declare(wave: LabellingWave, answer: PastRelease | None) -> LabellingWave:
    """Say what became of the release of a wave; None takes the answer back.

    Raise NotDone if it has a release here, or a file that says otherwise.
    """
    with transaction.atomic():
        locked = publishing.lock(wave)
        value = answer.value if answer else ""
        if obstacle := locked.find_answer_obstacle(value):
            raise NotDone(obstacle)
        locked.past_release = value
        locked._change_reason = "Communiqué d’avant cet outil"
        locked.save()
    return locked


def attach(wave: LabellingWave, *, name: str, content: bytes, by: Any, at: datetime) -> SentFile:
    """Keep the file that left before this tool, and say that it did.

    Raise NotDone as `declare` does, ValidationError for a file that cannot be kept.
    """
    with transaction.atomic():
        said = declare(wave, PastRelease.SENT)
        return publishing.attach(said, name=name, content=content, by=by, at=at)
