"""The page of one import: what it would change, or what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from labelling import text
from labelling.admin.imports import bulk, overview
from labelling.admin.imports.filters import PER_PAGE, Asked, list_belongings, list_filters
from labelling.admin.imports.found import list_found
from labelling.admin.imports.lines import Lines
from labelling.admin.imports.next_step import find_next_step
from labelling.admin.imports.overview import TO_DECIDE, Overview
from labelling.admin.imports.upload import find_person
from labelling.choices import ImportStatus, RowState
from labelling.days import find_day
from labelling.models import ImportRun, LabellingWave
from labelling.models.stored import FileColumn, FileSheet, LeftValue, Takeover
from labelling.sheets.excel import CHOICES_TITLE
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.resources import RESOURCES, Role
from labelling.spreadsheets.runs import (
    apply,
    changes,
    kept_values,
    pairs,
    preparation,
    repairs,
    rights,
)
from labelling.spreadsheets.runs.absent import find_absent
from labelling.spreadsheets.runs.built_upon import BuiltUpon, find_built_upon
from labelling.spreadsheets.runs.sheet_facts import find_read_sheet
from labelling.spreadsheets.tables.columns import count_to_check
from labelling.spreadsheets.tables.totals import Total
from labelling.spreadsheets.widgets import to_one_line

_MOST_VALUES = 20
_MOST_NUMBERS = 60
_MOST_ABSENT = 50
MOST_UNDONE = 200
# Beyond so many columns, only those that were not recognised can be given a field at once.
_MOST_COLUMNS = 30


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """A wrong value that stands on several lines, mended once for all."""

    bad: repairs.BadValue
    question: str


def run_page(request: HttpRequest, run: Any) -> HttpResponse:
    """Show an import: what it would change, or what it changed."""
    asked = Asked.read(request.GET)
    counts = run.rows.count_states()
    is_preparing = run.status == ImportStatus.PREPARING
    is_mine = is_preparing and run.author_id == find_person(request).pk
    absent = find_absent(run) if is_preparing else None
    absent_count = absent.count() if absent is not None else 0
    done = changes.read_changes(run)
    to_write = counts[RowState.NEW] + counts[RowState.CHANGED]
    to_settle = counts[RowState.WRONG] + counts[RowState.WHICH]
    asks_wave = is_mine and not run.answers.completes_wave
    marked_count = repairs.count_marked_without_wave(run) if asks_wave else 0
    sheets = _list_sheets(run) if is_mine and run.has_content else ()
    kept = len(kept_values.find_refusals(run)) if is_mine else 0
    repeated = _list_repeated(run, counts) if is_mine and asked.is_short else ()
    lines = Lines(run, asked, [value.bad for value in repeated])
    is_applied = run.status == ImportStatus.APPLIED
    strangers = counts[RowState.OUTSIDE] + counts[RowState.MAYBE]
    has_none_of_ours = run.is_mostly_foreign and sum(counts.values()) == strangers
    first = find_built_upon(run, find_person(request)) if is_applied else BuiltUpon()
    context = {
        **admin.site.each_context(request),
        "title": f"{run} – {name_file(run)}",
        "opts": run._meta,
        "run": run,
        "is_preparing": is_preparing,
        "is_mine": is_mine,
        "author": rights.name_user_first(run.author),
        "about": describe_file(run, counts),
        **(_describe_former(run) if is_preparing else {}),
        "record_word": capfirst(RESOURCES[run.model_key]._meta.model.noun.singular),
        "columns_link": _word_columns_link(run),
        "whose": preparation.word_lines_read(run) if run.is_mostly_foreign else "",
        "take_all_label": _word_take_all(counts),
        "has_none_of_ours": has_none_of_ours,
        # Said with its answers, where it has some.
        "remarks": [
            r for r in run.remarks if r != preparation.OLDER or not (is_preparing and run.is_older)
        ],
        "other_records": _find_other_records(request, run)
        if is_mine and run.has_content and (run.problems or has_none_of_ours)
        else None,
        "asked": asked,
        # Where the counter that was chosen does not say it.
        "shows_kind": asked.state not in {*RowState.values, *changes.KINDS},
        "filters": list_filters(run, counts, done, asked),
        **(
            _describe_in_short(run, asked, lines, counts, done)
            if asked.is_short
            else _list_lines(run, asked, lines, is_mine)
        ),
        **(overview.foresee(run, done, timezone.localdate()) if is_mine else {}),
        "is_applicable": bool(to_write or kept),
        "is_notable": apply.may_be_noted(run, counts) and not kept,
        "to_settle": to_settle,
        "apply_label": _word_apply_label(to_write, kept),
        "good_lines_label": _word_good_lines_label(to_write)
        if to_write
        else _word_apply_label(to_write, kept),
        "seen": run.touched_at.isoformat(),
        "repeated": repeated,
        "columns_summary": _word_columns(run),
        "columns": _list_columns(run, is_mine=is_mine),
        "fields": repairs.list_choosable_fields(run.model_key),
        "to_decide": bool(run.problems) or any(c.level in TO_DECIDE for c in run.columns),
        **_sort_totals(run),
        "marked_count": marked_count,
        "waves": _list_waves() if marked_count else (),
        "has_wave_column": repairs.find_wave_column(run) is not None,
        "sheets": sheets if len(sheets) > 1 else (),
        "read_sheet": find_read_sheet(run) if is_mine and run.has_content else None,
        "absent": list(absent[:_MOST_ABSENT]) if absent is not None and absent_count else (),
        "absent_count": absent_count,
        "absent_more": max(absent_count - _MOST_ABSENT, 0),
        "absent_page": f"admin:labelling_{run.model_key}_change",
        "result": word_result(run),
        "left": _list_left(run),
        "takeovers": [_word_takeover(takeover) for takeover in run.takeovers],
        "may_have_file": rights.may_have_file(find_person(request), run),
        "may_undo": is_applied,
        "next_step": find_next_step(request, run) if is_applied else None,
        "found": list_found(request, run) if is_applied else (),
        "first": first,
        "first_imports": list_first(first, find_person(request)),
    }
    return TemplateResponse(request, "labelling/import_run.html", context)


# What the pages say


def name_file(run: ImportRun) -> str:
    return run.file_name or ("lignes collées" if run.is_pasted else "fichier sans nom")


def describe_file(run: ImportRun, counts: dict[str, int]) -> str:
    """What the file is: whose list, of which day, how many lines, by whom: under the title."""
    taken = {column.field for column in run.columns}
    name = RESOURCES[run.model_key].sheet_name
    if "state_name" in taken and not taken & {"pk", "origin"}:
        name = "Liste de l’État"
    if day := find_day(run.file_name):
        name += f" au {text.long_date(day)}"
    parts = [name]
    if run.sheet:
        parts.append(f"feuille «\u00a0{run.sheet}\u00a0»")
    lines = sum(counts.values())
    ours = lines - counts[RowState.OUTSIDE] - counts[RowState.MAYBE]
    read = text.counted(lines, "ligne lue", "lignes lues")
    if ours != lines:
        read += f", dont {text.number(ours)} de notre réseau"
    parts.append(read)
    parts.append(
        f"préparé par {rights.name_user(run.author)} {rights.format_moment(run.prepared_at)}"
    )
    return " · ".join(parts)


def _describe_former(run: ImportRun) -> dict[str, Any]:
    """The last import of the very same bytes that was applied, and not taken back."""
    same = ImportRun.objects.filter(
        digest=run.digest, model_key=run.model_key, status=ImportStatus.APPLIED
    )
    former = same.only("pk", "applied_at").order_by("-applied_at").first()
    if former is None:
        return {}
    words = f"Déjà importé {rights.format_moment(former.applied_at)} (import n°\u00a0{former.pk})"
    return {"former": former, "former_words": words}


def _word_columns_link(run: ImportRun) -> str:
    """« Colonnes : toutes reconnues », or how many are not."""
    if not count_to_check(run.columns):
        return "Colonnes\u00a0: toutes reconnues"
    return f"Colonnes\u00a0: {_word_columns(run)}"


def _describe_in_short(
    run: ImportRun,
    asked: Asked,
    lines: Lines,
    counts: dict[str, int],
    done: changes.Changes,
) -> dict[str, Any]:
    paired_waves = pairs.list_pairs(run) if run.status == ImportStatus.PREPARING else ()
    paired = {row.pk for one in paired_waves for row, _ in one.pairs}
    shown = Overview(run, asked, lines, counts, done, paired)
    return {
        "opened": shown.opened,
        "tiles": shown.list_tiles(),
        "looks": shown.list_looks(),
        "rest": shown.list_rest(),
        "to_read": text.enumeration(shown.to_read),
        "new_waves": shown.list_new_waves(),
        "new_waves_names": shown.word_new_waves(),
        **(bulk.make_sections(run, paired_waves) if shown.is_preparing else {}),
    }


def _list_lines(run: ImportRun, asked: Asked, lines: Lines, is_mine: bool) -> dict[str, Any]:
    rows = asked.list_rows(run)
    page = Paginator(rows.values_list("pk", flat=True), PER_PAGE).get_page(asked.page)
    return {
        "page": page,
        "pages": _list_pages(page, asked),
        "lines": lines.show(page.object_list),
        **(list_belongings(run, rows) if is_mine else {}),
    }


def _sort_totals(run: ImportRun) -> dict[str, list[Total]]:
    """What the file says of itself: what does not agree with its lines, and what does."""
    totals = preparation.list_totals(run)
    return {
        "totals": [total for total in totals if not total.agrees],
        "agreeing_totals": [total for total in totals if total.agrees],
    }


def describe_run(run: ImportRun) -> str:
    """Which records, which sheet, by whom and when: the line under the title."""
    parts = [RESOURCES[run.model_key].sheet_name]
    if run.sheet:
        parts.append(f"feuille «\u00a0{run.sheet}\u00a0»")
    parts.append(
        f"préparé par {rights.name_user(run.author)} {rights.format_moment(run.prepared_at)}"
    )
    return ", ".join(parts)


def word_result(run: ImportRun) -> str:
    """What was applied, by whom and when; empty before."""
    if run.status == ImportStatus.PREPARING:
        return ""
    done = str(apply.Applied(run.created_count, run.changed_count, run.model_key))
    counts, _, _ = done.partition(". ")
    sentence = (
        f"Appliqué par {rights.name_user(run.applied_by)} "
        f"{rights.format_moment(run.applied_at)}\u00a0: {counts}."
    )
    if run.status == ImportStatus.UNDONE:
        sentence += (
            f" Annulé par {rights.name_user(run.undone_by)} {rights.format_moment(run.undone_at)}."
        )
    return sentence


def list_first(first: BuiltUpon, user: Any) -> list[dict[str, str]]:
    """The imports to undo before, with their pages for who may open them."""
    return [
        {
            "label": str(run),
            "about": f"{name_file(run)}, appliqué par {rights.name_user(run.applied_by)} "
            f"{rights.format_moment(run.applied_at)}",
            "address": reverse("admin:labelling_importrun_change", args=[run.pk])
            if rights.may_prepare(user, run.model_key)
            else "",
        }
        for run in first.imports[:MOST_UNDONE]
    ]


def _word_apply_label(changes: int, kept: int) -> str:
    if not changes:
        # Nothing is written but what a person refused for good, or no longer refuses.
        return text.plural(kept, "Appliquer le choix", f"Appliquer les {text.number(kept)} choix")
    what = f"les {text.counted(changes, 'changement')}"
    return f"Appliquer {text.plural(changes, 'le changement', what)}"


def _word_good_lines_label(changes: int) -> str:
    many = f"seulement les {text.counted(changes, 'ligne bonne', 'lignes bonnes')}"
    return f"Appliquer {text.plural(changes, 'la seule ligne bonne', many)}"


def _list_repeated(run: ImportRun, counts: dict[str, int]) -> Sequence[Repeated]:
    if counts[RowState.WRONG] < 2:
        return ()
    several = (
        bad
        for bad in repairs.list_bad_values(run)
        if len(bad.numbers) > 1 and bad.letter and bad.is_common
    )
    return [
        Repeated(bad=bad, question=_word_question(bad)) for bad in islice(several, _MOST_VALUES)
    ]


def _word_question(bad: repairs.BadValue) -> str:
    """« Izère » revient sur 12 lignes (2, 3, 5 à 14), colonne « Département »."""
    count = len(bad.numbers)
    lines = repairs.word_lines(bad.numbers[:_MOST_NUMBERS]).partition(" ")[2]
    if count > _MOST_NUMBERS:
        lines += f" et {text.counted(count - _MOST_NUMBERS, 'autre')}"
    if value := to_one_line(bad.value):
        beginning = (
            f"«\u00a0{value[:200]}\u00a0» revient sur {text.counted(count, 'ligne')} ({lines})"
        )
        return f"{beginning}, colonne «\u00a0{bad.heading}\u00a0»\u00a0:"
    state = "en erreur" if bad.is_error else "vide"
    return (
        f"La colonne «\u00a0{bad.heading}\u00a0» est {state} sur {text.counted(count, 'ligne')} "
        f"({lines})\u00a0:"
    )


@dataclass(frozen=True)
class ShownColumn:
    """A column, what it is taken as, and what a person may answer of it."""

    column: FileColumn
    # Whether the page lets people change the field.
    is_open: bool
    taken_as: str
    # The answers to its question: the field, and the words of the button.
    answers: Sequence[tuple[str, str]] = ()


def _list_columns(run: ImportRun, *, is_mine: bool) -> list[ShownColumn]:
    room = _MOST_COLUMNS
    names = {column.name: column for column in RESOURCES[run.model_key]().list_columns()}
    shown = []
    for column in run.columns:
        is_doubtful = column.level != "certain"
        is_open = is_mine and room > 0 and (len(run.columns) <= _MOST_COLUMNS or is_doubtful)
        room -= is_open
        # The key of our own downloads is shown, and given to nothing else.
        field = names.get(column.field or "")
        is_open = is_open and (field is None or field.role in (Role.DATA, Role.CHECK, Role.NEW))
        taken_as = field.column_name if field else ""
        labels = {name: field.column_name for name, field in names.items()}
        answers = _list_answers(column, labels) if is_mine else ()
        shown.append(ShownColumn(column, is_open, taken_as, answers))
    return shown


def _list_answers(column: FileColumn, labels: dict[str, str]) -> list[tuple[str, str]]:
    """The answers to the question that a column asks; none if it asks none."""
    proposed, titled = labels.get(column.proposed, ""), labels.get(column.titled, "")
    if column.level == "proposed":
        return [(column.proposed, "Oui"), ("", "Ne pas reprendre")]
    if column.level == "ask":
        answers = [(column.proposed, proposed)] if proposed else []
        keep = [(column.titled, f"Garder {titled}")] if titled else []
        return [*answers, *keep, ("", "Laisser")]
    if column.level == "aside" and titled and column.how != "person":
        return [(column.titled, "Reprendre quand même")]
    return []


def _word_columns(run: ImportRun) -> str:
    """How many columns are taken, wait for an answer, or are left out."""
    taken = sum(column.field is not None for column in run.columns)
    asked = sum(column.level in TO_DECIDE for column in run.columns)
    left = len(run.columns) - taken - asked
    parts = [text.counted(taken, "colonne reprise", "colonnes reprises")]
    if asked:
        parts.append(f"{text.number(asked)} à décider")
    if left:
        parts.append(text.counted(left, "laissée"))
    return ", ".join(parts)


def _word_take_all(counts: dict[str, int]) -> str:
    others = counts[RowState.OUTSIDE] + counts[RowState.MAYBE]
    many = f"Reprendre aussi les {text.number(others)}\u00a0autres lignes"
    return text.plural(others, "Reprendre aussi l’autre ligne", many)


def _list_sheets(run: ImportRun) -> list[FileSheet]:
    """The sheets that may be read: not the one of our downloads' drop-down lists."""
    return [s for s in run.sheets if not (s.is_hidden and s.name == CHOICES_TITLE)]


def _find_other_records(request: HttpRequest, run: ImportRun) -> tuple[str, str] | None:
    """The other records that a file speaks of and that who asks may import: key and name."""
    key = repairs.find_other_records(run)
    if not key or not rights.may_prepare(find_person(request), key):
        return None
    return key, text.lowered(RESOURCES[key].sheet_name)


def _list_waves() -> list[LabellingWave]:
    return list(LabellingWave.objects.order_by("-effective_on"))


def _list_left(run: ImportRun) -> list[LeftValue]:
    if not run.left:
        return []
    wording = RunWording(run)
    return [
        replace(left, field=wording.word_label(left.field) if left.field else "")
        for left in run.left[:MOST_UNDONE]
    ]


def _word_takeover(takeover: Takeover) -> str:
    at = rights.format_moment(takeover.at)
    return f"par {takeover.new} {at}, préparé jusque-là par {takeover.former}"


def _list_pages(page: Any, asked: Asked) -> list[tuple[str, str]]:
    """The pages before and after: what is said, and the address."""
    pages = []
    if page.has_previous():
        previous = page.previous_page_number()
        pages.append(
            ("Lignes précédentes", asked.make_address(p=previous if previous > 1 else "") or "?")
        )
    if page.has_next():
        pages.append(("Lignes suivantes", asked.make_address(p=page.next_page_number())))
    return pages
