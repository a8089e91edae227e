"""The journal: what people did that no record shows, written once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from labelling import text
from labelling.choices import Event
from labelling.models.base import name_user
from labelling.models.frozen import FrozenQuerySet, written_once
from labelling.models.record_sets import unguarded

# What stands for what was searched, once the person whom it names is erased.
REDACTED = "…"

# What the home page tells of backups and tasks.
UPKEEP = (Event.BACKED_UP, Event.REHEARSED, Event.TASK_FAILED, Event.TASK_RECOVERED)

# What was said of how a release left, and is said no more.
OF_SENDINGS = (Event.FILE_REMOVED, Event.DISPATCH_REMOVED, Event.SENDING_TAKEN_BACK)


class JournalQuerySet(FrozenQuerySet):
    """Sets of entries: they are read and added to, nothing else."""

    people = ("author", "author_id")

    def frozen(self) -> Self:
        return self.all()

    def note(
        self,
        event: Event,
        *,
        author: Any,
        model_key: str = "",
        record_id: int | None = None,
        **details: Any,
    ) -> Any:
        """Write down that `author` did it; None is nobody who signed in: a command.

        `details` are what its sentence is made from, never a secret nor the content of a record.
        What cannot be noted must not happen: call it before the answer, and let it raise.
        """
        return self.create(
            event=event,
            author=author,
            author_name=name_user(author),
            model_key=model_key,
            record_id=record_id,
            details=details,
        )

    def note_about(self, person: Any, event: Event, *, author: Any, **details: Any) -> Any:
        """Write down what `author` did to somebody's account; None is nobody whom we know."""
        record_id = person.pk if person else None
        return self.note(event, author=author, model_key="user", record_id=record_id, **details)

    def downloads_of(self, model_key: str) -> Self:
        return self.filter(event=Event.DOWNLOAD, model_key=model_key)

    def about(self, people: Iterable[Any]) -> Self:
        """What these people did, and what was done to their accounts; people or their keys."""
        keys = [*people]
        return self.filter(
            models.Q(author__in=keys) | models.Q(model_key="user", record_id__in=keys)
        )

    def newest_of_upkeep(self) -> Self:
        """The last backup, the last rehearsal, and when each task last failed and worked again."""
        entries: Any = self.filter(event__in=UPKEEP).order_by()
        newest = entries.values("event", "details__task").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest"))

    def forget_before(self, moment: datetime) -> int:
        """Delete the entries that are older, at once; return how many there were [S27].

        What was said of a sending and removed stays noted, as long as the release does; how
        backups and tasks stand, until it changes.
        """
        kept = models.Q(event__in=OF_SENDINGS) | models.Q(
            pk__in=self.newest_of_upkeep().order_by().values("pk")
        )
        old = unguarded(self.model).filter(at__lt=moment).exclude(kept)
        # Round the refusals above, which are asked of every entry otherwise.
        return old._raw_delete(old.db)

    def redact(self, model_key: str, names: Iterable[str]) -> None:
        """Take a person who had these names out of what was searched when records were taken [S21].

        A search finds a person as anywhere, by the beginning of a word.
        """
        words = text.search_words(" ".join(names))
        entries: Any = self.downloads_of(model_key)
        for entry in entries:
            theirs = {
                key: REDACTED
                for key in ("searched", "told")
                if _finds(entry.details.get(key, ""), words)
            }
            if theirs:
                # The one change that an entry knows: round the refusals above.
                unguarded(self.model).filter(pk=entry.pk).update(details=entry.details | theirs)


@written_once
class JournalEntry(models.Model):
    """Somebody did something, at a moment."""

    at = models.DateTimeField("quand", default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,  # The entry outlives the account, and keeps its name.
        null=True,
        related_name="+",
        verbose_name="qui",
    )
    # What the account was called; empty for a command.
    author_name = models.CharField("nom", max_length=301, blank=True)
    event = models.CharField("action", max_length=30, choices=Event)
    # What it concerned, where it concerned a kind of records, and the one of them if there is one.
    model_key = models.CharField("sorte de fiches", max_length=30, blank=True)
    record_id = models.BigIntegerField("fiche n°", null=True)
    # What the sentence of the event is made from: labelling/admin/events.py reads it. Of a
    # download: `count`, `format`, `searched`, `filters`, `is_ticked`, `is_whole_base`; or `told`,
    # the sentence of an entry older than these.
    details = models.JSONField("détails", default=dict)

    objects = JournalQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "lignes du journal"
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        base_manager_name = "objects"
        indexes = (
            models.Index(fields=["-at", "-id"], name="journal_newest_first"),
            # Each page asks what was done to who looks at it.
            models.Index(fields=["model_key", "record_id"], name="journal_of_one_record"),
            # The home page asks for the newest of some.
            models.Index(fields=["event", "-id"], name="journal_of_one_event"),
        )

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {text.short_moment(self.at)}"

    def find_change_obstacle(self) -> str:
        return text.typeset("Le journal s’écrit une fois : rien ne s’y modifie ni ne s’y efface.")

    find_deletion_obstacle = find_change_obstacle


def _finds(searched: str, words: list[str]) -> bool:
    """Whether a search finds one of `words`."""
    asked = text.search_words(searched)
    return any(word.startswith(prefix) for word in words for prefix in asked)
