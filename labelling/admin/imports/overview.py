"""What an import does, in short: figures, what needs a look, then the rest by kind."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from labelling import text
from labelling.admin.imports.filters import ASIDE, Asked
from labelling.admin.imports.lines import Lines, ShownLine
from labelling.choices import Decision, ImportStatus, RowState
from labelling.models import ImportRow, ImportRun
from labelling.spreadsheets.judging.wording import RunWording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import changes
from labelling.spreadsheets.runs.changes import (
    COMPLETED,
    KEPT,
    MODIFIED,
    PROPOSED,
    Changes,
    Outcome,
)
from labelling.spreadsheets.runs.made_names import find_made_names

# How many lines of a kind are shown before all of them are asked for.
_MOST_LINES = 8
_MOST_TO_SETTLE = 20
# Beyond so many columns, each change says its own field.
_MOST_COLUMNS = 4
# What is shown of a record to be made, where the file says it.
_TELLING = ("department_id", "wave_id", "commune", "association_id", "effective_on", "role")
_MOST_WAVES = 6
# So many of them are listed where the fold is open.
_MOST_LISTED = 50
# A person decides what columns of these levels are.
TO_DECIDE = ("ask", "proposed")


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A figure, and the lines that it counts."""

    count: int
    label: str
    address: str
    is_to_look_at: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """The lines of one kind: how many they are, and the first of them."""

    title: str
    key: str
    count: int
    address: str
    about: str = ""
    lines: Sequence[ShownLine] = ()
    # What its columns are called; none: each change says its field.
    headings: Sequence[str] = ()
    is_open: bool = False
    # Of printed values: the field that may be kept on all its lines at once.
    keeps: str = ""
    keep_label: str = ""


class Overview:
    """Puts the lines of an import in groups, in a number of queries that does not grow."""

    def __init__(
        self,
        run: ImportRun,
        asked: Asked,
        lines: Lines,
        counts: dict[str, int],
        done: Changes,
        paired: Collection[int],
    ) -> None:
        """`paired`: the lines, by their keys, that one question asks about together."""
        self.run, self.asked, self.counts, self.changes = run, asked, counts, done
        self.is_preparing = run.status == ImportStatus.PREPARING
        self.noun = RESOURCES[run.model_key]._meta.model.noun
        self.wording = RunWording(run)
        self.printed = changes.PRINTED.get(run.model_key, ())
        self.to_settle = counts[RowState.WRONG] + counts[RowState.WHICH] - len(paired)
        self.paired = len(paired)
        new = run.rows.in_state(RowState.NEW).filter(is_aside=False)
        self.made_names = find_made_names(run).count() if self.is_preparing else 0
        self.keys: dict[str, list[int]] = {
            RowState.WRONG: self._list_keys(
                run.rows.to_settle().exclude(pk__in=paired), _MOST_TO_SETTLE
            ),
            RowState.MAYBE: self._list_keys(
                run.rows.in_state(RowState.MAYBE).filter(is_aside=False), _MOST_LINES
            ),
            ASIDE: self._list_keys(run.rows.filter(is_aside=True), _MOST_LINES),
            RowState.NEW: self._list_keys(new, _MOST_LINES),
            **{kind: found[:_MOST_LINES] for kind, found in done.kinds.items()},
        }
        wanted = dict.fromkeys(key for keys in self.keys.values() for key in keys)
        shown = lines.show(wanted)
        self.lines = {line.row.pk: line for line in shown}
        answered = asked.done or asked.line
        # The line that was just answered, or is shown whole, stands before all others.
        self.opened = [line for line in shown if line.row.pk == answered]
        self.seen = {line.row.pk for line in self.opened}

    def _list_keys(self, rows: QuerySet[ImportRow], most: int | None = None) -> list[int]:
        return list(rows.order_by("number").values_list("pk", flat=True)[:most])

    # Figures

    @property
    def to_read(self) -> list[str]:
        """What is to be read before applying: « 3 départements », « 37 noms »."""
        return [text.counted(count, *words) for count, *words in self._count_to_read() if count]

    def _count_to_read(self) -> Iterator[tuple[int, str, str]]:
        if self.is_preparing:
            yield self.paired, "site à reconnaître", "sites à reconnaître"
            for name in self.printed:
                yield (len(self.changes.kinds.get(name, ())), *_NAMES[name])
            proposed = len(self.changes.kinds.get(PROPOSED, ()))
            yield proposed, "valeur proposée", "valeurs proposées"
            yield self.counts[RowState.MAYBE], "ligne en doute", "lignes en doute"
            yield self.made_names, "nom à relire", "noms à relire"

    def list_tiles(self) -> list[Tile]:
        """The figures of the import, each with its lines."""
        asked = sum(column.level in TO_DECIDE for column in self.run.columns) * self.is_preparing
        looks = asked + self.to_settle + sum(count for count, *_ in self._count_to_read())
        parts = [text.counted(asked, "colonne")] if asked else []
        parts += [text.counted(self.to_settle, "ligne")] if self.to_settle else []
        parts += self.to_read
        about = "\u00a0: " + text.enumeration(parts) if looks else ""
        new, changed = self.counts[RowState.NEW], self.counts[RowState.CHANGED]
        waves = len(self.run.new_waves)
        label = f"{self._word_new(new)}"
        if waves:
            label += f", dans {text.counted(waves, 'vague')}" + " à créer" * self.is_preparing
        made = [
            text.plural(changed, word)
            for word, kinds in (("complétée", {COMPLETED}), ("modifiée", {MODIFIED, *self.printed}))
            if kinds & self.changes.kinds.keys()
        ]
        tiles = [
            Tile(
                count=looks,
                label=f"à regarder{about}",
                address="#look",
                is_to_look_at=bool(looks),
            ),
            Tile(count=new, label=label, address=self._locate(RowState.NEW)),
            Tile(
                count=changed,
                label=f"{text.plural(changed, 'fiche')} "
                + (" ou ".join(made) or text.plural(changed, "modifiée")),
                address=self._locate(RowState.CHANGED),
            ),
        ]
        outside, unchanged = self.counts[RowState.OUTSIDE], self.counts[RowState.UNCHANGED]
        if outside:
            label = text.plural(outside, "ligne") + " hors de notre réseau"
            tiles.append(Tile(count=outside, label=label, address=self._locate(RowState.OUTSIDE)))
        else:
            label = f"{text.plural(unchanged, 'fiche')} {text.plural(unchanged, 'inchangée')}"
            tiles.append(
                Tile(count=unchanged, label=label, address=self._locate(RowState.UNCHANGED))
            )
        return tiles

    # Groups

    def list_looks(self) -> list[Group]:
        """What a person reads before applying; as long as nobody applied it, what is to settle."""
        groups = []
        if self.to_settle:
            title = text.counted(self.to_settle, "ligne à corriger", "lignes à corriger")
            if not self.is_preparing:
                title = text.counted(self.to_settle, "ligne non appliquée", "lignes non appliquées")
            elif not self.counts[RowState.WRONG]:
                title = text.counted(self.to_settle, "site à reconnaître", "sites à reconnaître")
            groups.append(
                self._make_group(
                    RowState.WRONG if self.counts[RowState.WRONG] else RowState.WHICH,
                    title,
                    self.to_settle,
                    keys=self.keys[RowState.WRONG],
                )
            )
        if self.is_preparing:
            groups += self._list_printed()
        if count := len(self.changes.kinds.get(PROPOSED, ())):
            title = text.counted(count, "valeur proposée", "valeurs proposées")
            groups.append(self._make_group(PROPOSED, title, count, "rien n’en dépend"))
        if count := self.counts[RowState.MAYBE]:
            title = text.counted(count, "ligne en doute", "lignes en doute")
            groups.append(self._make_group(RowState.MAYBE, title, count, "du réseau\u202f?"))
        return groups

    def _list_printed(self) -> list[Group]:
        return [self._make_printed(name) for name in self.printed if self.changes.kinds.get(name)]

    def _make_printed(self, name: str) -> Group:
        keys = self.changes.kinds[name]
        verb = _VERBS[name]
        title = f"{text.counted(len(keys), self.noun.singular, self.noun.plural)} "
        title += text.plural(len(keys), verb[0], verb[1])
        keeps = text.plural(len(keys), "Garder la nôtre", f"Garder les {len(keys)} nôtres")
        group = self._make_group(name, title, len(keys), fields=[name])
        return replace(group, keeps=name, keep_label=keeps)

    def list_rest(self) -> list[Group]:
        """Where nothing is to be decided, by kind; the first is open."""
        groups = [] if self.is_preparing else self._list_printed()
        if count := len(self.changes.kinds.get(COMPLETED, ())):
            title = text.counted(count, "fiche complétée", "fiches complétées")
            groups.append(self._make_kind(COMPLETED, title, "\u00a0: vides chez nous"))
        if count := len(self.changes.kinds.get(MODIFIED, ())):
            title = text.counted(count, "fiche modifiée", "fiches modifiées")
            groups.append(self._make_kind(MODIFIED, title))
        if count := self.counts[RowState.NEW]:
            title = f"{text.number(count)}\u00a0{self._word_new(count)}"
            groups.append(self._make_group(RowState.NEW, title, count, fields=_TELLING))
        if groups:
            groups[0] = replace(groups[0], is_open=True)
        if count := len(self.changes.kinds.get(KEPT, ())):
            title = text.counted(count, "fiche garde", "fiches gardent") + " nos valeurs"
            groups.append(replace(self._make_group(KEPT, title, count), is_open=True))
        for state, one, many, about in _FOLDED:
            if count := self.counts[state]:
                groups.append(self._make_group(state, text.counted(count, one, many), count, about))
        return groups

    def _make_kind(self, kind: str, title: str, ending: str = "") -> Group:
        fields = self.changes.fields[kind]
        names = [name for name in self.wording.columns if name in fields]
        frequent = sorted(names, key=fields.__getitem__, reverse=True)
        labels = [text.lowered(self.wording.word_label(name)) for name in frequent]
        about = text.enumeration(labels[:_MOST_COLUMNS])
        if len(labels) > _MOST_COLUMNS:
            about = ", ".join(labels[:_MOST_COLUMNS]) + "…"
        # What is replaced says its field, beside what may be answered.
        shown = names if ending else ()
        return self._make_group(
            kind, title, len(self.changes.kinds[kind]), about + ending, fields=shown
        )

    def _make_group(
        self,
        key: str,
        title: str,
        count: int,
        about: str = "",
        *,
        fields: Iterable[str] = (),
        keys: Sequence[int] | None = None,
    ) -> Group:
        lines = []
        for pk in self.keys.get(key, ()) if keys is None else keys:
            # Shown above, whole.
            if pk not in self.lines or pk in {line.row.pk for line in self.opened}:
                continue
            lines.append(replace(self._narrow(self.lines[pk], key), is_first=pk not in self.seen))
            self.seen.add(pk)
        told = {cell.field: cell.label for line in lines for cell in line.cells}
        names = [name for name in fields if name in told]
        if len(names) > _MOST_COLUMNS:
            names = names[:_MOST_COLUMNS] if key == RowState.NEW else []
        if names:
            lines = [
                replace(
                    line,
                    columns=[
                        next((cell for cell in line.cells if cell.field == name), None)
                        for name in names
                    ],
                )
                for line in lines
            ]
        return Group(
            title=title,
            key=key,
            count=count,
            about=about,
            address=self._locate(key),
            lines=lines,
            headings=[told[name] for name in names],
        )

    def _narrow(self, line: ShownLine, key: str) -> ShownLine:
        """The line with what its group speaks of: the same line may be of several."""
        if key == KEPT:
            cells = [cell for cell in line.cells if cell.choice != Decision.FILE]
        elif key in changes.KINDS - {PROPOSED}:
            model_key = self.run.model_key
            cells = [
                cell
                for cell in line.cells
                if cell.choice == Decision.FILE
                and changes.find_kind(model_key, cell.field, cell.before) == key
            ]
        else:
            return line
        return replace(line, cells=cells)

    def _locate(self, state: str) -> str:
        return self.asked.make_address(state=state, p="") + "#lines"

    def _word_new(self, count: int) -> str:
        """« nouveaux sites », « nouvelle association »."""
        one, many = ("nouvelle", "nouvelles") if self.noun.is_feminine else ("nouveau", "nouveaux")
        if not self.noun.is_feminine and self.noun.singular[0] in "aeiouéèêh":
            one = "nouvel"
        return f"{text.plural(count, one, many)} " + text.plural(
            count, self.noun.singular, self.noun.plural
        )

    def list_new_waves(self) -> list[str]:
        """The first waves to be created, each with how many new sites it has; and how many more."""
        shown, rest = self.run.new_waves[:_MOST_LISTED], self.run.new_waves[_MOST_LISTED:]
        listed = [
            f"{wave.name}, label valable à partir du {text.long_date(wave.effective_on)}"
            + (f" ({text.counted(count, 'site')})" if count else "")
            for wave in shown
            for count in [self.changes.waves[wave.effective_on.isoformat()]]
        ]
        return listed + ([f"et {text.counted(len(rest), 'autre')}"] if rest else [])

    def word_new_waves(self) -> str:
        """« Janvier 2021, Avril 2021… »."""
        names = [wave.name for wave in self.run.new_waves]
        return ", ".join(names[:_MOST_WAVES]) + ("…" if len(names) > _MOST_WAVES else "")


# What a printed field is called where it is counted, and what its records do.
_NAMES = {
    "department_id": ("département", "départements"),
    "wave_id": ("vague", "vagues"),
    "name": ("nom", "noms"),
    "withdrawn_on": ("fin de label", "fins de label"),
    "effective_on": ("date", "dates"),
    "phone": ("téléphone", "téléphones"),
    "email": ("courriel", "courriels"),
}
_VERBS = {
    "department_id": ("change de département", "changent de département"),
    "wave_id": ("change de vague", "changent de vague"),
    "name": ("change de nom", "changent de nom"),
    "withdrawn_on": ("change de fin de label", "changent de fin de label"),
    "effective_on": ("change de date", "changent de date"),
    "phone": ("change de téléphone", "changent de téléphone"),
    "email": ("change de courriel", "changent de courriel"),
}
_FOLDED = (
    (RowState.UNCHANGED, "ligne inchangée", "lignes inchangées", ""),
    (ASIDE, "ligne mise de côté", "lignes mises de côté", "rien n’en est appliqué"),
    (RowState.OUTSIDE, "ligne hors réseau", "lignes hors réseau", "aucune fiche ne change"),
)


def word_outcome(run: ImportRun, outcome: Outcome) -> tuple[str, str]:
    """What applying would make of the network: its figure, and how it differs from today's."""
    noun = RESOURCES[run.model_key]._meta.model.noun
    if outcome.labelled is None or outcome.labelled_after is None:
        after = text.counted(outcome.records_after, noun.singular, noun.plural)
        more = f"au lieu de {text.number(outcome.records)}"
        if outcome.records == outcome.records_after:
            more = "comme aujourd’hui"
        return after, more
    after = text.counted(outcome.labelled_after, "site labellisé", "sites labellisés")
    more = f"au lieu de {text.number(outcome.labelled)}"
    if outcome.labelled == outcome.labelled_after:
        more = "comme aujourd’hui"
    if outcome.labelled_later:
        later = text.counted(outcome.labelled_later, "autre")
        whose = text.plural(outcome.labelled_later, "sa vague", "leur vague")
        more += f", {later} à la date de {whose}"
    return after, more


def foresee(run: ImportRun, done: Changes, day: date) -> dict[str, Any]:
    """What the bar says of applying `run` on `day`."""
    figure, more = word_outcome(run, changes.foresee(run, done, day))
    return {"outcome": figure, "outcome_more": more}
