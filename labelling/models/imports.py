"""The ledger of imports: which file, what it would change line by line, and what was decided."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from labelling import text
from labelling.choices import ImportStatus, Match, RowState
from labelling.models.base import LONGEST_SEARCH
from labelling.models.merged import MergedSite
from labelling.models.remembered import KeptValue
from labelling.models.stored import (
    Answers,
    CellDecoder,
    CellEncoder,
    CellProblem,
    FileAnswers,
    FileColumn,
    FileSheet,
    LeftValue,
    NewWave,
    StatedTotal,
    Takeover,
    stored_list,
    stored_one,
)
from labelling.nouns import Noun


class ImportRunQuerySet(models.QuerySet):
    def locked(self, key: int) -> Any:
        """The import, held until the end of the transaction, without the bytes of its file."""
        return self.select_for_update().defer("content").get(pk=key)

    def in_preparation(self) -> Self:
        return self.filter(status=ImportStatus.PREPARING)

    def national_lists(self) -> Self:
        """Those that are an `is_national_list`, and were applied."""
        applied = self.filter(model_key="site", status=ImportStatus.APPLIED)
        return applied.filter(is_mostly_foreign=True, is_older=False)

    def matching(self, query: str) -> Self:
        """The imports whose number, file or author has every word of `query`, whatever its accents.

        None, where the query is too long. They are compared here: of all the words of a file's name
        no key is stored, and imports are few.
        """
        if len(query) > LONGEST_SEARCH:
            return self.none()
        words = text.search_words(query)
        told = self.values_list("pk", "file_name", "author__first_name", "author__last_name")
        keys = [
            pk
            for pk, *names in told
            if all(word in text.search_key(f"{_WROTE}{pk}", *filter(None, names)) for word in words)
        ]
        return self.filter(pk__in=keys)

    def nearest_first(self, query: str) -> Self:
        """The import of this number, then the last one first; with `nearness`, as of records."""
        key = text.search_key(query)
        is_number = text.is_number(key) and len(key) <= _MOST_FIGURES
        keys = [int(key)] if is_number else []
        nearness = models.Case(models.When(pk__in=keys, then=0), default=1)
        return self.annotate(nearness=nearness).order_by("nearness", "-pk")

    def of(self, *records: models.Model) -> Self:
        """The imports that wrote one of these records, all of one model.

        Or one that went into it.
        """
        keys, names = {r.pk for r in records}, {r._meta.model_name for r in records}
        if "site" in names:
            keys.update(MergedSite.objects.list_keys(keys))
        lines = ImportRow.objects.written().filter(record_id__in=keys)
        return self.filter(model_key__in=names, pk__in=lines.values("run")).exclude(
            status=ImportStatus.PREPARING
        )


# Nineteen figures are more than a database counts.
_MOST_FIGURES = 18
# The reasons that the history of the records gives, before the key of the import.
_WROTE, _TOOK_BACK = "Import n°\u00a0", "Annulation de l’import n°\u00a0"
_REASON = re.compile(f"(?:{_WROTE}|{_TOOK_BACK})([0-9]+)")
# The entries of a history that an import made.
BY_IMPORT = Q(history_change_reason__startswith=_WROTE) | Q(
    history_change_reason__startswith=_TOOK_BACK
)


class ImportRun(models.Model):
    """A file that somebody dropped: prepared, then applied, perhaps undone."""

    noun = Noun("import", "imports")

    model_key = models.CharField("sorte de fiches", max_length=30)
    status = models.CharField(
        "état", max_length=10, choices=ImportStatus.choices, default=ImportStatus.PREPARING
    )
    # None: the command line.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="imports",
        verbose_name="préparé par",
    )
    prepared_at = models.DateTimeField("préparé le", default=timezone.now)
    touched_at = models.DateTimeField("repris le", default=timezone.now)
    is_repaired = models.BooleanField("réparé", default=False)
    # False while a long file is being read: nothing may be applied yet.
    is_complete = models.BooleanField("entièrement lu", default=False)
    # Who had it before.
    takeovers = stored_list(Takeover, "reprises", default=list)

    file_name = models.CharField("fichier", max_length=255, blank=True)
    is_pasted = models.BooleanField("collé", default=False)
    digest = models.CharField("empreinte", max_length=64)
    # None once forgotten, or when the file was too long to be kept.
    content = models.BinaryField("octets du fichier", null=True)
    sheet = models.CharField("feuille", max_length=255, blank=True)
    sheets = stored_list(FileSheet, "feuilles", default=list)
    heading_line = models.PositiveIntegerField("ligne des titres", default=1)
    columns = stored_list(FileColumn, "colonnes", default=list)
    # Less than half of its lines are of the network: the others are left out, unless told.
    is_mostly_foreign = models.BooleanField("surtout d’autres réseaux", default=False)
    # A list that gives every site of its day, and whose day is before our last wave.
    is_older = models.BooleanField("plus ancien que nos fiches", default=False)
    answers = stored_one(FileAnswers, "réponses", null=True)
    wave = models.ForeignKey(
        "labelling.LabellingWave",
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="vague des sites marqués d’un astérisque",
    )
    association = models.ForeignKey(
        "labelling.Association",
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="association des nouveaux sites",
    )
    # Why nothing can be taken from it yet, then what it is good to know: sentences.
    problems = models.JSONField("ce qui empêche de l’appliquer", default=list)
    remarks = models.JSONField("remarques", default=list)
    # What the file says of itself.
    totals = stored_list(StatedTotal, "totaux annoncés", default=list)
    new_waves = stored_list(NewWave, "vagues à créer", default=list)

    applied_at = models.DateTimeField("appliqué le", null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_count = models.PositiveIntegerField("ajoutées", default=0)
    changed_count = models.PositiveIntegerField("modifiées", default=0)
    undone_at = models.DateTimeField("annulé le", null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # What the undo left, and why.
    left = stored_list(LeftValue, "resté après l’annulation", default=list)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ("-pk",)
        # Who may see and do what follows from the rights on the records themselves.
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=(Q(status=ImportStatus.PREPARING) & Q(applied_at=None))
                | (~Q(status=ImportStatus.PREPARING) & Q(applied_at__isnull=False)),
                name="import_is_dated_once_applied",
                violation_error_message="Un import appliqué a une date.",
            ),
            models.CheckConstraint(
                condition=(Q(status=ImportStatus.UNDONE) & Q(undone_at__isnull=False))
                | (~Q(status=ImportStatus.UNDONE) & Q(undone_at=None)),
                name="import_is_dated_once_undone",
                violation_error_message="Un import annulé a une date d’annulation.",
            ),
        )

    def __str__(self) -> str:
        return f"{_WROTE}{self.pk}"

    @property
    def is_national_list(self) -> bool:
        """Whether it gives the sites of every network, and not after a later list."""
        return self.model_key == "site" and self.is_mostly_foreign and not self.is_older

    @property
    def reason(self) -> str:
        """What the history of the records says of it."""
        return str(self)

    @property
    def undo_reason(self) -> str:
        return f"{_TOOK_BACK}{self.pk}"

    @staticmethod
    def read_key(reason: str) -> int | None:
        """The key of the import that gave this reason to the history; None if none did."""
        match = _REASON.fullmatch(reason)
        return int(match[1]) if match else None


# What stands for a person who was erased.
REDACTED = "Personne effacée"


class ImportRowQuerySet(models.QuerySet):
    def in_state(self, state: str) -> Self:
        return self.filter(state=state)

    def to_settle(self) -> Self:
        """The lines that keep the whole from being applied."""
        return self.filter(state__in=(RowState.WRONG, RowState.WHICH), is_aside=False)

    def to_write(self) -> Self:
        return self.filter(state__in=(RowState.NEW, RowState.CHANGED), is_aside=False)

    def written(self) -> Self:
        """The lines that wrote something, when their import was applied."""
        return self.to_write().filter(record_id__isnull=False)

    def marked_new(self) -> Self:
        """The lines whose name carries the asterisk, or that say so in a column of their own."""
        return self.filter(is_marked=True)

    def count_states(self) -> dict[str, int]:
        """How many lines in each state, and put aside (« aside »), in one query."""
        groups = self.order_by().values_list("state", "is_aside").annotate(Count("pk"))
        counts = dict.fromkeys([*RowState.values, "aside"], 0)
        for state, is_aside, count in groups:
            counts["aside" if is_aside else state] += count
        return counts

    def matching(self, query: str) -> Self:
        """The lines in which every word of `query` is found, whatever its case and accents.

        None, where the query is too long for a database to look for.
        """
        if len(query) > LONGEST_SEARCH:
            return self.none()
        rows = self.all()
        for word in text.search_words(query):
            rows = rows.filter(search_key__contains=word)
        return rows

    def redact(self, model_key: str, record_id: int, names: Iterable[str]) -> None:
        """Erase what the ledger holds of a person who had these names, and their files' bytes.

        Theirs are the lines that speak of the record, and those that name the person all the same:
        prepared before the record was there, or never recognised.
        """
        KeptValue.objects.filter(model_key=model_key, record_id=record_id).delete()
        words = [known for name in names if (known := set(text.search_words(name)))]
        lines = self.filter(run__model_key=model_key).values_list(
            "pk", "record_id", "cells", "answers"
        )
        theirs = self.filter(
            pk__in=[
                pk
                for pk, record, cells, answers in lines
                if record == record_id
                or any(known <= _list_words(cells, answers) for known in words)
            ]
        )
        runs = ImportRun.objects.filter(model_key=model_key)
        runs.update(content=None)
        for run in runs.filter(pk__in=theirs.values("run")).defer("content"):
            # What the columns show as examples, and what an undo left.
            run.columns = [replace(column, samples=()) for column in run.columns]
            # They quote what stands above the headings, and values.
            run.remarks = []
            run.left = [
                replace(left, label=REDACTED) if left.record == record_id else left
                for left in run.left
            ]
            if run.status == ImportStatus.PREPARING:
                run.touched_at = timezone.now()
            run.save(update_fields=["columns", "remarks", "left", "touched_at"])
        # Nothing of them is left to apply.
        theirs.filter(run__status=ImportStatus.PREPARING).update(is_aside=True)
        theirs.update(
            cells=[],
            before={},
            after={},
            kept=None,
            problems=None,
            answers=None,
            label=REDACTED,
            search_key="",
            first_key="",
            second_key="",
        )


def _list_words(cells: Iterable[Any], answers: Answers) -> set[str]:
    """The words of a line, and of what people wrote over it."""
    return set(text.search_words(" ".join(map(str, (*cells, *answers.cells.values())))))


class ImportRow(models.Model):
    """A line of a file: its cells, the record it speaks of, what it would write, what is wrong."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("ligne")
    cells = models.JSONField("cellules", default=list, encoder=CellEncoder, decoder=CellDecoder)
    state = models.CharField("état", max_length=10, choices=RowState.choices)
    is_aside = models.BooleanField("mise de côté", default=False)
    is_to_name = models.BooleanField("à nommer", default=False)
    is_marked = models.BooleanField("marquée d’un astérisque", default=False)
    label = models.CharField("fiche", max_length=250, blank=True)
    record_id = models.BigIntegerField("fiche n°", null=True)
    version = models.PositiveIntegerField("version de la fiche", null=True)
    matched_by = models.CharField(
        "reconnue par", max_length=10, choices=Match.choices, blank=True, default=Match.NONE
    )
    # By field, only those that change; a wave to be created is the text of its date.
    before = models.JSONField("avant", default=dict)
    after = models.JSONField("après", default=dict)
    # The file's values that a person refused, by field: a wave is the text of its date, and a
    # cell that gives no value is what `store_unread` makes of it.
    kept = models.JSONField("valeurs refusées", null=True)
    problems = stored_list(CellProblem, "problèmes", null=True)
    candidates = models.JSONField("fiches possibles", null=True)
    answers = stored_one(Answers, "réponses", null=True, encoder=CellEncoder, decoder=CellDecoder)
    # What must be unique: two lines with the same key contradict each other.
    first_key = models.TextField(blank=True, default="")
    second_key = models.TextField(blank=True, default="")
    search_key = models.TextField(blank=True, default="")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du fichier"
        verbose_name_plural = "lignes du fichier"
        ordering = ("run", "number")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["run", "number"],
                name="import_row_number_is_unique_in_run",
                violation_error_message="Cet import a déjà cette ligne.",
            ),
        )
        indexes = (
            models.Index(
                fields=["record_id"],
                condition=Q(record_id__isnull=False),
                name="import_row_by_record",
            ),
        )

    def __str__(self) -> str:
        return f"Ligne {self.number}"
