"""What people answer on the page of an import: a form comes in, `repairs` does it, it is said."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from labelling import text
from labelling.admin.doors import read_number
from labelling.admin.imports import bulk
from labelling.admin.imports.filters import Asked
from labelling.admin.imports.lines import locate_line, word_answer
from labelling.admin.imports.typed import read_text
from labelling.admin.imports.upload import find_person, list_kinds
from labelling.models import ImportRow, ImportRun, LabellingWave
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.runs import changes, preparation, repairs, sheet_facts
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from labelling.spreadsheets.widgets import to_one_line

_NOTHING_ASKED = "Rien n’a été demandé\u00a0: rien n’a changé."


def answer(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Do what a form of the page asks, and come back to where it was asked."""
    asked = Asked.read(request.GET)
    page = reverse("admin:labelling_importrun_change", args=[run.pk])
    back = page + asked.make_address().removesuffix("?")
    try:
        for name, act in _ACTS.items():
            if name in request.POST:
                return HttpResponseRedirect(act(request, run, asked) or back)
        raise ImportRefused(_NOTHING_ASKED)
    except (ImportRefused, HeadingsError, ReadingError) as refusal:
        messages.error(request, str(refusal))
    except ImportRun.DoesNotExist:
        raise Http404 from None
    return HttpResponseRedirect(back)


# A line


@transaction.atomic
def _answer_line(request: HttpRequest, run: ImportRun, asked: Asked) -> str:
    """Write the cells that were typed over, then do what the button that was pressed says."""
    given = request.POST
    row = _find_row(run, given["line"])
    if typed := _read_typed(request):
        row = repairs.edit_cells(run, find_person(request), row.pk, typed)
    if decision := given.get("decide"):
        decision, _, field = decision.partition(":")
        row = repairs.decide(run, find_person(request), row.pk, _read_field(row, field), decision)
    if (record := given.get("record")) == "ask":
        row = repairs.ask_record_again(run, find_person(request), row.pk)
    elif record:
        row = repairs.choose_record(run, find_person(request), row.pk, _read_record(row, record))
    if (belongs := given.get("belongs")) in ("yes", "no"):
        lines = run.rows.filter(pk=row.pk)
        repairs.say_whose(run, find_person(request), lines, belongs=belongs == "yes")
        row = _find_row(run, str(row.pk))
    if (aside := given.get("aside")) in ("yes", "no"):
        repairs.set_aside(run, find_person(request), [row.pk], aside=aside == "yes")
        row = _find_row(run, str(row.pk))
    level = messages.WARNING if row.state in ("wrong", "which") else messages.SUCCESS
    messages.add_message(request, level, word_answer(run, row))
    return locate_line(run, row, asked)


def _read_typed(request: HttpRequest) -> dict[int | str, str]:
    """The inputs whose text is not what the page showed; a suggestion is text too.

    By the position of a cell, or by the field that the file has no column for.
    """
    given = request.POST
    typed: dict[str, str] = {}
    for name in given:
        if name.startswith("cell-"):
            key = name.removeprefix("cell-")
            value = read_text(given[name])
            if value != given.get(f"was-{key}", "").strip():
                typed[key] = value
    if "suggest" in given:
        key, _, value = given["suggest"].partition(":")
        typed[key] = read_text(value)
    return {
        key if (position := read_number(key)) is None else position: value
        for key, value in typed.items()
    }


def _read_field(row: ImportRow, field: str) -> str:
    known = {*row.after, *(row.kept or {}), *(p.field for p in row.problems)}
    if field not in known:
        raise ImportRefused("Cette cellule ne change rien\u00a0: il n’y a rien à choisir.")
    return field


def _read_record(row: ImportRow, chosen: str) -> int | None:
    if chosen == "new":
        return None
    record = read_number(chosen)
    if record is None or record not in (row.candidates or ()):
        raise ImportRefused("Choisissez l’un des sites proposés pour cette ligne.")
    return record


def _say_whose(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """Of all the lines that the page was asked for."""
    belongs = request.POST["belongs"] == "yes"
    rows = asked.list_rows(run)
    count = repairs.say_whose(run, find_person(request), rows, belongs=belongs)
    where = "du réseau" if belongs else "hors réseau"
    verb = text.plural(count, "est", "sont")
    messages.success(request, f"{text.counted(count, 'ligne')} {verb} maintenant {where}.")


def _keep_ours(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """« Garder les 3 nôtres »: of all the lines that would replace a printed value."""
    field = request.POST["keep"]
    if field not in changes.PRINTED.get(run.model_key, ()):
        raise ImportRefused(_NOTHING_ASKED)
    rows = changes.list_lines(run, field)
    count = repairs.keep_ours(run, find_person(request), rows, field)
    kept = text.plural(count, "Notre valeur est gardée", "Nos valeurs sont gardées")
    messages.success(request, f"{kept} sur {text.counted(count, 'ligne')}.")


# The same value everywhere


def _replace(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    given = request.POST
    position = read_number(given["replace"])
    if position is None:
        raise ImportRefused(_NOTHING_ASKED)
    old, new = given.get("old", ""), read_text(given.get("by") or given.get("new", ""))
    if not new:
        raise ImportRefused("Écrivez par quoi remplacer cette valeur.")
    reason = given.get("reason")
    count = repairs.replace_value(run, find_person(request), position, old, new, reason)
    if not count:
        messages.info(request, "Cette valeur n’est plus à corriger\u00a0: rien n’a changé.")
        return
    replaced = text.plural(count, "corrigée", "corrigées")
    old = to_one_line(old)
    what = (
        f"«\u00a0{old}\u00a0» remplacé par «\u00a0{new}\u00a0»" if old else f"«\u00a0{new}\u00a0»"
    )
    messages.success(request, f"{text.counted(count, 'ligne')} {replaced}\u00a0: {what}.")


# The file as a whole


def _take_column(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """Answer the question of one column: « 3:commune_code », « 3: » to leave it."""
    position, _, field = request.POST["take"].partition(":")
    column = next((c for c in run.columns if str(c.position) == position), None)
    if column is None:
        raise ImportRefused(_NOTHING_ASKED)
    wanted = {column.position: (field, column.empties)}
    repairs.change_columns(run, find_person(request), wanted)
    messages.success(
        request,
        text.typeset(
            f"Colonne {column.letter} : "
            + ("reprise comme vous l’avez dit." if field else "laissée, comme vous l’avez dit.")
        ),
    )


def _answer_file(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """Answer what is asked of the file as a whole: the name of an answer, and yes or no."""
    for name, (answer, *said) in _ANSWERS.items():
        if name in request.POST:
            takes = request.POST[name] == "yes"
            repairs.answer_file(run, find_person(request), **{answer: takes})
            messages.success(request, said[not takes])


# What each answer is called in the ledger, what is said of a yes and of a no.
_ANSWERS = {
    "all": (
        "takes_all",
        "Toutes les lignes seront reprises.",
        "Les lignes des autres réseaux sont de nouveau mises de côté.",
    ),
    "older": (
        "takes_older",
        "Les valeurs de ce fichier remplaceront les nôtres.",
        "Nos valeurs restent. Seuls les sites inconnus seront ajoutés.",
    ),
}


def _change_columns(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """Give the columns to the fields that were chosen for them."""
    given = request.POST
    wanted = {}
    for column in run.columns:
        position, empties = column.position, column.empties
        if f"shown-{position}" in given:
            empties = f"empties-{position}" in given
        # « ? »: still to be decided.
        if (field := given.get(f"field-{position}", "?")) != "?":
            wanted[position] = (field, empties)
    if repairs.change_columns(run, find_person(request), wanted):
        messages.success(request, "Les colonnes ont été relues, et chaque ligne avec elles.")
    else:
        messages.info(request, "Les colonnes étaient déjà ainsi\u00a0: rien n’a changé.")


def _choose_sheet(request: HttpRequest, run: ImportRun, asked: Asked) -> str:
    sheet = request.POST["sheet"]
    repairs.choose_sheet(run, find_person(request), sheet)
    messages.success(request, f"La feuille «\u00a0{sheet}\u00a0» a été lue.")
    return reverse("admin:labelling_importrun_change", args=[run.pk])


def _choose_records(request: HttpRequest, run: ImportRun, asked: Asked) -> str:
    """Import the file as other records than it was said to hold."""
    key = request.POST["records"]
    if key not in dict(list_kinds(find_person(request))):
        raise ImportRefused(_NOTHING_ASKED)
    repairs.choose_records(run, find_person(request), key)
    run.refresh_from_db()
    messages.success(request, f"{preparation.word_lines_read(run)} Rien n’est encore modifié.")
    return reverse("admin:labelling_importrun_change", args=[run.pk])


def _choose_lines(request: HttpRequest, run: ImportRun, asked: Asked) -> str:
    """Read the lines that the spreadsheet hides or strikes through, or leave them."""
    wanted = request.POST["lines"]
    read = sheet_facts.find_read_sheet(run)
    if read is None or wanted not in _LINES:
        raise ImportRefused(_NOTHING_ASKED)
    choice = {"leaves_hidden": read.leaves_hidden, "reads_struck": read.reads_struck}
    changed, sentence = _LINES[wanted]
    repairs.choose_lines(run, find_person(request), **{**choice, **changed})
    messages.success(request, sentence)
    return reverse("admin:labelling_importrun_change", args=[run.pk])


# What each button of the lines changes, and what is said then.
_LINES = {
    "leave-hidden": ({"leaves_hidden": True}, "Les lignes masquées ne sont plus lues."),
    "read-hidden": ({"leaves_hidden": False}, "Les lignes masquées sont lues."),
    "read-struck": ({"reads_struck": True}, "Les lignes barrées sont lues aussi."),
    "leave-struck": ({"reads_struck": False}, "Les lignes barrées ne sont plus lues."),
}


def _choose_wave(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    key = read_number(request.POST["wave"])
    wave = LabellingWave.objects.filter(pk=key).first() if key else None
    if key and wave is None:
        raise ImportRefused("Cette vague n’existe plus. Choisissez-en une autre.")
    count = repairs.choose_wave(run, find_person(request), wave)
    if not count:
        messages.info(request, "Aucune ligne n’a changé.")
        return
    changed = f"{text.counted(count, 'ligne')} {text.plural(count, 'a', 'ont')} changé"
    if wave is None:
        messages.success(request, f"L’astérisque ne donne plus de vague\u00a0: {changed}.")
    else:
        messages.success(
            request,
            f"L’astérisque donne maintenant la vague «\u00a0{wave}\u00a0»\u00a0: {changed}.",
        )


_Act = Callable[[HttpRequest, ImportRun, Asked], str | None]
# What each form holds that no other does.
_ACTS: dict[str, _Act] = {
    "line": _answer_line,
    "belongs": _say_whose,
    "keep": _keep_ours,
    "replace": _replace,
    "take": _take_column,
    "columns": _change_columns,
    "sheet": _choose_sheet,
    "records": _choose_records,
    "lines": _choose_lines,
    "wave": _choose_wave,
    "same": bulk.say_same_sites,
    "names": bulk.name_lines,
    "associations": bulk.give_associations,
    **dict.fromkeys(_ANSWERS, _answer_file),
}


def _find_row(run: ImportRun, written: str) -> ImportRow:
    key = read_number(written)
    row = run.rows.filter(pk=key).first() if key is not None else None
    if row is None:
        raise ImportRefused("Cette ligne n’existe plus\u00a0: rechargez la page.")
    return row
