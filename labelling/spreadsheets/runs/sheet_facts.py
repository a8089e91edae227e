"""What a sheet holds beside its table: which lines are read, and what is said of the rest."""

from collections.abc import Collection, Sequence
from itertools import islice

from labelling import text
from labelling.models import ImportRun
from labelling.models.stored import FileSheet
from labelling.spreadsheets.files.reading import NO_RESULT, Sheet, Workbook, format_letters
from labelling.spreadsheets.resources import KEY_HEADING, RESOURCES, VERSION_HEADING
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import count_listed
from labelling.spreadsheets.widgets import Cell

# What our own downloads hide, on purpose.
_HIDDEN_ON_PURPOSE = (KEY_HEADING, VERSION_HEADING)
# The numbers of lines, or lines that follow each other, that a sentence names.
_MOST_SPANS = 20
# Of a workbook, in so many other sheets a list is looked for.
_MOST_SHEETS = 20


def leave_lines(sheet: Sheet, *, leaves_hidden: bool, reads_struck: bool) -> Sheet:
    """The sheet without the lines that are not to be read."""
    hidden, struck = _part_lines(sheet)
    return sheet.without((hidden if leaves_hidden else set()) | (set() if reads_struck else struck))


def store_sheet(sheet: Sheet, *, leaves_hidden: bool, reads_struck: bool) -> FileSheet:
    """What the ledger keeps of the sheet that is read."""
    hidden, struck = _part_lines(sheet)
    return FileSheet(
        sheet.name,
        sheet.is_hidden,
        hidden_lines=len(hidden),
        struck_lines=len(struck),
        leaves_hidden=leaves_hidden,
        reads_struck=reads_struck,
    )


def find_read_sheet(run: ImportRun) -> FileSheet | None:
    """The sheet that was read; None of a text that is no sheet."""
    return next((sheet for sheet in run.sheets if sheet.name[:255] == run.sheet), None)


def refuse_unread(sheet: Sheet, rows: Sequence[Sequence[Cell]]) -> None:
    """Raise ImportRefused where a sheet was not read, or where it gives no value in these rows."""
    if sheet.unread:
        raise ImportRefused(sheet.unread)
    if not (rows and sheet.problems) or any(cell is not None for row in rows for cell in row):
        return
    place = f" de la feuille « {sheet.name} »" if sheet.name else ""
    if all(problem.reason == NO_RESULT for problem in sheet.problems):
        sentence = (
            f"Les formules{place} n’ont pas de valeur : ouvrez le fichier dans votre tableur, "
            "enregistrez-le, puis déposez-le à nouveau."
        )
    else:
        sentence = (
            f"Les cellules{place} sont toutes en erreur : ouvrez le fichier dans votre tableur, "
            "corrigez-les, enregistrez-le, puis déposez-le à nouveau."
        )
    raise ImportRefused(text.typeset(sentence))


def word_remarks(run: ImportRun, workbook: Workbook, sheet: Sheet) -> list[str]:
    """Say what nobody sees in the sheet that was read, and which others were not: sentences."""
    read = find_read_sheet(run)
    hidden, struck = _part_lines(sheet)
    sentences = [
        _word_mended(sheet),
        word_doubt(sheet),
        _word_lines(hidden, "masquée", is_read=read is None or not read.leaves_hidden),
        _word_lines(struck, "barrée", is_read=read is not None and read.reads_struck),
        _word_columns(run, sheet),
        _word_comments(sheet),
        _word_other_lists(run, [other for other in workbook.sheets if other is not sheet]),
        *(_word_very_hidden(other) for other in workbook.sheets if other is not sheet),
        *(_word_unread(other) for other in workbook.sheets),
    ]
    return [text.typeset(sentence) for sentence in sentences if sentence]


def word_doubt(sheet: Sheet) -> str:
    """Say that a sheet reads badly, and what to do; empty if it does not."""
    if not sheet.doubt:
        return ""
    remedy = (
        "Corrigez ces accents dans votre tableur, ou repartez du fichier d’origine, puis "
        "déposez-le à nouveau."
        if sheet.name
        else "Enregistrez-le au format « CSV UTF-8 », puis déposez-le à nouveau."
    )
    return text.typeset(f"Ce fichier se lit mal : {sheet.doubt}. {remedy}")


def _word_mended(sheet: Sheet) -> str:
    if not sheet.mended:
        return ""
    return f"Les accents de ce fichier se lisaient mal (« {sheet.mended} ») : ils sont rétablis."


def _part_lines(sheet: Sheet) -> tuple[set[int], set[int]]:
    """The lines that are hidden, and those struck through, which may be hidden too."""
    struck = set(sheet.facts.struck_lines)
    return set(sheet.facts.hidden_lines) - struck, struck


def _word_lines(lines: Collection[int], what: str, *, is_read: bool) -> str:
    if not lines:
        return ""
    parts = text.spans(lines)
    places = ", ".join(parts[:_MOST_SPANS]) + ("…" if len(parts) > _MOST_SPANS else "")
    count = text.counted(len(lines), f"ligne {what}", f"lignes {what}s")
    if is_read:
        return f"{count} ({places}) {text.plural(len(lines), 'a été lue', 'ont été lues')}."
    left = text.plural(len(lines), "n’a pas été lue", "n’ont pas été lues")
    return f"{count} ({places}) {left}."


def _word_columns(run: ImportRun, sheet: Sheet) -> str:
    headings = {column.position: column.heading for column in run.columns}
    names = []
    for position in sheet.facts.hidden_columns:
        heading, letters = headings.get(position), format_letters(position)
        if heading not in _HIDDEN_ON_PURPOSE:
            names.append(f"« {heading} » ({letters})" if heading else letters)
    if len(names) > 1:
        return f"Les colonnes {text.enumeration(names)} sont masquées : elles ont été lues."
    return f"La colonne {names[0]} est masquée : elle a été lue." if names else ""


def _word_comments(sheet: Sheet) -> str:
    count, first = sheet.facts.comments, list(sheet.facts.commented)
    if not count:
        return ""
    if others := count - len(first):
        first.append(text.counted(others, "autre"))
    left = text.plural(count, "n’a pas été lu", "n’ont pas été lus")
    return f"{text.counted(count, 'commentaire')} ({text.enumeration(first)}) {left}."


def _word_other_lists(run: ImportRun, others: Sequence[Sheet]) -> str:
    """Say which other sheets hold a list of the same records."""
    resource = RESOURCES[run.model_key]
    shown = (sheet for sheet in others if not sheet.is_hidden)
    counts = {
        sheet.name: count
        for sheet in islice(shown, _MOST_SHEETS)
        if (count := count_listed(sheet.rows, resource))
    }
    if not counts:
        return ""
    named = text.enumeration(
        [f"« {name} » ({text.counted(count, 'ligne')})" for name, count in counts.items()]
    )
    have = text.plural(
        len(counts), f"La feuille {named} a aussi", f"Les feuilles {named} ont aussi"
    )
    return (
        f"{have} une liste : seule la feuille « {run.sheet} » est lue. Pour en lire une autre, "
        "choisissez-la à sa place."
    )


def _word_very_hidden(sheet: Sheet) -> str:
    if not sheet.facts.is_very_hidden:
        return ""
    return (
        f"La feuille « {sheet.name} » est masquée sans que les menus du tableur puissent "
        "l’afficher : elle n’a pas été lue."
    )


def _word_unread(sheet: Sheet) -> str:
    if not sheet.unread:
        return ""
    reason = sheet.unread.partition(". ")[0]
    if f"«\u00a0{sheet.name}\u00a0»" in reason:
        return f"{reason} : elle n’a pas été lue."
    return f"La feuille « {sheet.name} » demande trop de mémoire : elle n’a pas été lue."
