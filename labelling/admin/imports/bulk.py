"""What an import asks once of many lines: which sites they are, their names, their associations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from labelling import text
from labelling.admin.doors import read_number
from labelling.admin.imports.filters import ALL, TO_NAME, Asked
from labelling.admin.imports.typed import read_text
from labelling.admin.imports.upload import find_person
from labelling.choices import RowState
from labelling.models import ImportRun
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.runs import bulk_answers, growing_waves, made_names, pairs
from labelling.spreadsheets.runs.made_names import MadeName, find_made_names
from labelling.spreadsheets.runs.proposed_associations import list_proposed_associations

_MOST_PAIRS = 100
# Names that are read without unfolding anything, and in all.
_MOST_READ, _MOST_NAMES = 50, 200
_SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class ShownPairs:
    """The question of a wave, its pairs, and where they are seen one by one."""

    question: str
    answer: str
    key: str
    address: str
    # Of each: its line, the State's name, our site's page and name, the department, the number.
    lines: list[dict[str, Any]]
    more: int


@dataclass(frozen=True, kw_only=True)
class ShownName:
    """A made name to be read: what the line says, and what would be printed."""

    key: int
    number: int
    state_name: str
    name: str
    department: str
    wave: str


def make_sections(run: ImportRun, paired_waves: Iterable[pairs.WavePairs]) -> dict[str, Any]:
    """What is asked once, for the page of an import in preparation."""
    if run.model_key != "site":
        return {}
    wording = RunWording(run)
    return {
        "paired_waves": [_show_pairs(wording, one) for one in paired_waves],
        "growing_waves": [
            (str(one), _locate_lines(one.numbers, ALL))
            for one in growing_waves.list_growing_waves(run)
        ],
        "proposed_associations": [
            {
                "key": f"{one.row.pk}:{one.association.pk}",
                "number": one.row.number,
                "label": one.row.label,
                "commune": one.row.after.get("commune", ""),
                "association": one.association,
            }
            for one in list_proposed_associations(run)
        ],
        "made_names": _show_names(run, wording),
    }


def _show_pairs(wording: RunWording, asked: pairs.WavePairs) -> ShownPairs:
    count = len(asked.pairs)
    return ShownPairs(
        question=text.typeset(f"{asked}."),
        answer=text.plural(
            count,
            "C’est le même\u00a0: lui donner son numéro",
            "Ce sont les mêmes\u00a0: leur donner leur numéro",
        ),
        key=asked.key,
        address=_locate_lines(asked.numbers, RowState.WHICH),
        lines=[
            {
                "number": row.number,
                "state_name": row.after.get("state_name") or row.label,
                "site": site.name,
                "address": reverse("admin:labelling_site_change", args=[site.pk]),
                "department": wording.word_value("department_id", site.department_id),
                "given": row.after["france_services_id"],
            }
            for row, site in asked.pairs[:_MOST_PAIRS]
        ],
        more=max(count - _MOST_PAIRS, 0),
    )


def _show_names(run: ImportRun, wording: RunWording) -> dict[str, Any]:
    """Those that were put in order first; the others are folded."""
    made = made_names.list_made_names(run, _MOST_NAMES)
    if not made:
        return {}
    count = len(made) if len(made) < _MOST_NAMES else find_made_names(run).count()
    first = [name for name in made if name.is_put_in_order][:_MOST_READ]
    chosen = {name.row.pk for name in first}
    others = [name for name in made if name.row.pk not in chosen]
    samples = [f"«\u00a0{name.name}\u00a0»" for name in others[:_SAMPLES]]
    return {
        "count": count,
        "first": [_show_name(name, wording) for name in first],
        "others": [_show_name(name, wording) for name in others],
        "samples": ", ".join(samples) + ("…" if len(others) > _SAMPLES else ""),
        "more": count - len(made),
        "more_address": f"?state={TO_NAME}#lines",
    }


def _show_name(made: MadeName, wording: RunWording) -> ShownName:
    after = made.row.after
    return ShownName(
        key=made.row.pk,
        number=made.row.number,
        state_name=made.state_name,
        name=made.name,
        department=wording.word_value("department_id", after.get("department_id")),
        wave=wording.word_value("wave_id", after.get("wave_id")),
    )


def _locate_lines(numbers: Iterable[int], state: str) -> str:
    """The address, on the page of an import, of lines by their numbers."""
    asked = Asked(state=str(state), query=" ".join(map(str, numbers)))
    return f"{asked.make_address()}#lines"


# The answers


def say_same_sites(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    count = bulk_answers.say_same_sites(run, find_person(request), request.POST["same"])
    verb = text.plural(count, "reçoit son numéro", "reçoivent leur numéro")
    messages.success(request, f"{text.counted(count, 'site')} {verb}.")


def give_associations(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    ticked = (one.partition(":") for one in request.POST.getlist("association"))
    keys = {
        row: association
        for line, _, key in ticked
        if (row := read_number(line)) is not None and (association := read_number(key)) is not None
    }
    count = bulk_answers.give_associations(run, find_person(request), keys)
    if not count:
        messages.info(request, "Aucune ligne n’était cochée\u00a0: rien n’a changé.")
        return
    taken = text.plural(count, "association prise", "associations prises")
    messages.success(request, f"{text.number(count)}\u00a0{taken}.")


def name_lines(request: HttpRequest, run: ImportRun, asked: Asked) -> None:
    """Take the names that were typed, and those that were ticked; or all that the page shows."""
    given = request.POST
    ticked = set(given.getlist("named"))
    names = {}
    for field in given:
        key = field.removeprefix("name-")
        if key == field or (row := read_number(key)) is None:
            continue
        is_typed = given[field].strip() != given.get(f"was-{key}", "").strip()
        is_ticked = key in ticked and given["names"] == "ticked"
        if is_typed or is_ticked or given["names"] == "all":
            names[row] = read_text(given[field])
    count = bulk_answers.name_lines(run, find_person(request), names)
    if not count:
        messages.info(request, "Aucun nom n’était coché ni changé\u00a0: rien n’a changé.")
        return
    taken = text.plural(count, "nom accepté", "noms acceptés")
    messages.success(request, f"{text.number(count)}\u00a0{taken}.")
    wrong = run.rows.filter(pk__in=list(names)).in_state(RowState.WRONG).count()
    if wrong:
        lines = text.counted(wrong, "ligne reste", "lignes restent")
        messages.warning(request, f"{lines} à corriger.")
