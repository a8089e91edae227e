"""Judge a spreadsheet without a browser, and apply it if asked to."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.choices import ImportStatus, RowState
from labelling.models import ImportRun, LabellingWave
from labelling.models.stored import FileColumn, Level
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import (
    apply,
    bulk_answers,
    growing_waves,
    ledger,
    pairs,
    preparation,
    repairs,
)
from labelling.spreadsheets.runs.absent import find_absent
from labelling.spreadsheets.runs.lines_to_correct import explain_line, find_candidates
from labelling.spreadsheets.runs.made_names import find_made_names
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from labelling.spreadsheets.tables.known_headings import fold_heading
from labelling.spreadsheets.widgets import word_alternatives

_SHOWN = 50


class Command(BaseCommand):
    help = "Dit ce qu’un tableur changerait ; ne l’applique qu’avec --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        keys = [key for key, resource in RESOURCES.items() if resource.is_imported]
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--model", choices=keys, default="site", help="la sorte de fiches")
        parser.add_argument("--sheet", default="", metavar="NOM", help="la feuille à lire")
        parser.add_argument(
            "--wave",
            default="",
            metavar="VAGUE",
            help="la vague des sites marqués d’un astérisque : automne-2020",
        )
        parser.add_argument(
            "--without-hidden-lines",
            action="store_true",
            help="ne lit pas les lignes que le tableur masque",
        )
        parser.add_argument(
            "--struck-lines", action="store_true", help="lit aussi les lignes barrées"
        )
        parser.add_argument("--apply", action="store_true", help="applique ce qui est montré")
        parser.add_argument(
            "--accept-guesses", action="store_true", help="reprend les colonnes proposées"
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="TITRE=CHAMP",
            help="le champ d’une colonne, par son titre ou sa lettre ; TITRE= la laisse",
        )
        parser.add_argument(
            "--all-lines",
            action="store_true",
            help="reprend aussi les lignes dont rien ne montre qu’elles sont du réseau",
        )
        parser.add_argument(
            "--same-sites",
            action="store_true",
            help="donne leur numéro aux sites qui n’en ont pas et dont une ligne est proche",
        )
        parser.add_argument(
            "--older",
            action="store_true",
            help="accepte une liste plus ancienne que les fiches, dont les valeurs restent",
        )
        parser.add_argument(
            "--take-older", action="store_true", help="prend aussi les valeurs d’une telle liste"
        )
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="comment le résultat est dit"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_json = options["format"] == "json"
        try:
            run = self._prepare_or_tell(options)
            try:
                self._answer(run, options)
                if not self.is_json:
                    self._show(run)
                self._conclude(run, options)
            except (CommandError, ImportRefused):
                if run.status == ImportStatus.PREPARING:
                    ledger.forget(run)
                raise
        except (ReadingError, HeadingsError, ImportRefused) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _prepare_or_tell(self, options: dict[str, Any]) -> ImportRun:
        """Prepare the import; a program reads why there is none, as it reads the rest."""
        try:
            return self._prepare(options)
        except (ReadingError, HeadingsError, ImportRefused) as refusal:
            if self.is_json:
                self._write_json(_describe_nothing(str(refusal)))
            raise

    def _prepare(self, options: dict[str, Any]) -> ImportRun:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"Le fichier {path} n’existe pas.")
        reading.check_size(path.stat().st_size)
        wave = self._find_wave(options["wave"])
        return preparation.prepare(
            path.read_bytes(),
            name=path.name,
            model_key=options["model"],
            sheet=options["sheet"],
            wave=wave,
            takes_all=options["all_lines"],
            leaves_hidden=options["without_hidden_lines"],
            reads_struck=options["struck_lines"],
        )

    def _answer(self, run: ImportRun, options: dict[str, Any]) -> None:
        """Answer what the options answer of the columns and of the age of the file."""
        wanted = {}
        if options["accept_guesses"]:
            wanted = {c.position: c.proposed for c in run.columns if c.level == "proposed"}
        fields = [name for name, _ in repairs.list_choosable_fields(run.model_key)]
        for written in options["column"]:
            title, is_given, name = written.rpartition("=")
            if not is_given:
                raise CommandError(f"--column {written} : écrivez TITRE=CHAMP, ou TITRE= .")
            if name and name not in fields:
                raise CommandError(
                    f"--column {written} : le champ {name} n’existe pas. Champs : "
                    f"{', '.join(fields)}."
                )
            position = self._find_column(run, title).position
            # What is said by name is no guess any more.
            wanted = {p: other for p, other in wanted.items() if other != name or not name}
            wanted[position] = name
        if wanted:
            empties = {column.position: column.empties for column in run.columns}
            repairs.change_columns(
                run,
                None,
                {position: (name, empties[position]) for position, name in wanted.items()},
            )
        if options["take_older"]:
            repairs.answer_file(run, None, takes_older=True)
        if options["same_sites"] and pairs.list_pairs(run):
            bulk_answers.say_same_sites(run, None)
        run.refresh_from_db()

    def _find_column(self, run: ImportRun, title: str) -> FileColumn:
        titles = _name_columns(run)
        key = fold_heading(title)
        for column in run.columns:
            if title in (titles[column.position], column.letter):
                return column
        named = [column for column in run.columns if key and fold_heading(column.heading) == key]
        if len(named) == 1:
            return named[0]
        if named:
            ways = word_alternatives([f'"{titles[c.position]}"' for c in named])
            raise CommandError(
                f"Plusieurs colonnes s’appellent « {title} ». Pour --column, écrivez {ways}."
            )
        headings = ", ".join(titles.values())
        raise CommandError(f"Ce fichier n’a pas de colonne « {title} ». Il a : {headings}.")

    def _find_wave(self, slug: str) -> LabellingWave | None:
        if not slug:
            return None
        wave = LabellingWave.objects.filter(slug=slug).first()
        if wave is None:
            known = ", ".join(LabellingWave.objects.values_list("slug", flat=True)) or "aucune"
            raise CommandError(f"La vague {slug} n’existe pas. Vagues connues : {known}.")
        return wave

    def _show(self, run: ImportRun) -> None:
        counts = run.rows.count_states()
        line = run.heading_line
        where = f"titres à la ligne {line}" if line else "lu sans titres"
        sheet = f", feuille « {run.sheet} »" if run.sheet else ""
        self.stdout.write(f"{run.file_name}{sheet}, {where}")
        self._show_columns(run)
        for state in RowState:
            self.stdout.write(f"  {state.label} : {text.number(counts[state])}")
        for sentence in _list_remarks(run):
            self.stdout.write(sentence)
        for stated in preparation.list_totals(run):
            self.stdout.write(str(stated))
        if run.new_waves:
            names = text.enumeration([wave.name for wave in run.new_waves])
            self.stdout.write(f"Vagues créées avec l’import : {names}.")
        if absent := find_absent(run).count():
            self.stdout.write(f"Absents du fichier : {text.number(absent)}. Rien ne leur est fait.")
        self._show_problems(run)

    def _show_problems(self, run: ImportRun) -> None:
        bad = list(_list_problems(run))
        for problem in bad[:_SHOWN]:
            self.stdout.write(f"  {problem}")
        if len(bad) > _SHOWN:
            self.stdout.write(f"  … et {text.counted(len(bad) - _SHOWN, 'autre')}.")
        questions = list(run.rows.in_state(RowState.WHICH).order_by("number")[:_SHOWN])
        candidates = find_candidates(run, questions)
        for row in questions:
            self.stdout.write(
                f"  ligne {row.number} : {row.label} : {explain_line(row, candidates)}"
            )

    def _show_columns(self, run: ImportRun) -> None:
        labels = _list_labels(run)
        for column in run.columns:
            name = column.field or column.proposed
            taken = f"{labels[name]} [{name}]" if name else "–"
            self.stdout.write(
                f"  {column.letter} « {column.heading} » → {taken} ({_LEVELS[column.level]}) "
                f"{column.note}".rstrip()
            )

    def _conclude(self, run: ImportRun, options: dict[str, Any]) -> None:
        is_applying = options["apply"]
        refusals = list(_list_refusals(run, options, is_applying=is_applying))
        if self.is_json:
            self._write_json(_describe(run, refusals))
        if refusals:
            raise CommandError(" ".join([*refusals, "Rien n’a été appliqué."]))
        if not run.rows.to_write().exists():
            ledger.forget(run)
            self._say("Ce fichier ne change rien.")
        elif is_applying:
            applied = apply.apply(run, None, progress=self._make_progress("écrites"))
            self._end_progress()
            self._say(f"{run} : {applied}")
        else:
            ledger.forget(run)
            self._say("Rien n’est modifié. Relancez avec --apply pour appliquer.")

    def _write_json(self, told: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))

    def _say(self, sentence: str) -> None:
        """Sentences go beside the JSON, not into it."""
        (self.stderr if self.is_json else self.stdout).write(sentence)

    def _make_progress(self, verb: str) -> Any:
        """What shows how far it is, on a terminal only."""
        if not self.stderr.isatty():
            return None
        return lambda done: self.stderr.write(f"\r{text.number(done)} lignes {verb}", ending="")

    def _end_progress(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("")


# The counts of lines that a program reads, by their names in the ledger.
_COUNTED = ("new", "changed", "unchanged", "wrong", "which", "outside", "maybe", "aside")
_LEVELS: dict[Level, str] = {
    "certain": "certain",
    "proven": "prouvé",
    "proposed": "proposé",
    "ask": "à décider",
    "aside": "laissé",
    "unknown": "inconnu",
}


def _list_labels(run: ImportRun) -> dict[str, str]:
    columns = RESOURCES[run.model_key]().list_columns()
    return {column.name: column.column_name for column in columns}


def _name_columns(run: ImportRun) -> dict[int, str]:
    """What --column calls each column, by position: its heading, « C : Nom » where it comes twice.

    Its letter if it has none.
    """
    counts = Counter(fold_heading(column.heading) for column in run.columns)
    return {
        c.position: f"{c.letter} : {c.heading}"
        if c.heading and counts[fold_heading(c.heading)] > 1
        else c.heading or c.letter
        for c in run.columns
    }


def _list_refusals(run: ImportRun, options: dict[str, Any], *, is_applying: bool) -> Iterator[str]:
    """What keeps the file from being applied, each with the option that answers it."""
    yield from run.problems
    labels, titles = _list_labels(run), _name_columns(run)
    if run.problems and not any(column.level == "ask" for column in run.columns):
        yield '--column "TITRE=CHAMP" dit ce que donne une colonne, --column "TITRE=" la laisse.'
    for column in run.columns:
        title = titles[column.position]
        if column.level == "ask":
            names = [name for name in (column.proposed, column.titled) if name]
            ways = [f'--column "{title}={name}"' for name in names]
            yield f'{title} : {" ; ".join(ways)} ; --column "{title}=" la laisse.'
        elif column.how == "doubled" and column.proposed:
            rivals = [titles[c.position] for c in run.columns if c.field == column.proposed]
            either = word_alternatives([f'--column "{r}="' for r in [*rivals, title]])
            yield f"{labels[column.proposed]} : {either} laisse l’une d’elles."
        elif column.level == "proposed" and is_applying:
            yield (
                f"{labels[column.proposed]} ← « {title} » (proposé) : --accept-guesses ou "
                f'--column "{title}={column.proposed}" ; --column "{title}=" la laisse.'
            )
    if is_applying and run.is_older and not (options["older"] or options["take_older"]):
        yield (
            "Cette liste est plus ancienne que nos fiches : --older garde nos valeurs et ajoute "
            "les sites inconnus ; --take-older prend les siennes."
        )
    for asked in pairs.list_pairs(run):
        them = text.plural(len(asked.pairs), "lui donne son numéro", "leur donne leur numéro")
        yield f"{asked} : --same-sites {them}."
    unsettled = run.rows.to_settle().count()
    if unsettled:
        verb = text.plural(unsettled, "attend", "attendent")
        yield f"{text.counted(unsettled, 'ligne')} {verb} encore une réponse."
    counts = run.rows.count_states()
    strangers = counts[RowState.OUTSIDE] + counts[RowState.MAYBE]
    are_strangers = bool(strangers) and strangers == sum(counts.values())
    if (run.problems or are_strangers) and (other := repairs.find_other_records(run)):
        records = text.lowered(RESOURCES[other].sheet_name)
        yield f"Ce fichier ressemble à des {records} : --model {other} les importe."
    if are_strangers:
        yield (
            "Rien ne montre qu’une ligne soit du réseau : --all-lines les reprend si ce sont bien "
            "des sites du réseau."
        )


def _describe(run: ImportRun, refusals: Sequence[str]) -> dict[str, Any]:
    """What a program reads of an import in preparation."""
    counts = run.rows.count_states()
    return {
        "columns": [
            {
                "letter": column.letter,
                "heading": column.heading,
                "field": column.field,
                "level": column.level,
                "proposed": column.proposed or None,
                "note": column.note,
            }
            for column in run.columns
        ],
        "counts": {
            **{name: counts[name] for name in _COUNTED},
            # Those in doubt are of no other count.
            "outside": counts[RowState.OUTSIDE] + counts[RowState.MAYBE],
        },
        "remarks": list(_list_remarks(run)),
        "problems": [*refusals, *_list_problems(run)],
    }


def _describe_nothing(refusal: str) -> dict[str, Any]:
    """What a program reads of a file that is none, or that holds no table."""
    return {
        "columns": [],
        "counts": dict.fromkeys(_COUNTED, 0),
        "remarks": [],
        "problems": [refusal],
    }


def _list_remarks(run: ImportRun) -> Iterator[str]:
    """What is good to know before applying: of the file, of the waves, of the names it makes."""
    yield preparation.word_lines_read(run)
    yield from run.remarks
    for wave in growing_waves.list_growing_waves(run):
        yield f"{wave}."
    if names := find_made_names(run).count():
        made = text.counted(names, "nom fait", "noms faits")
        yield text.typeset(
            f"{made} d’après l’État : à relire sous « Noms à relire » une fois l’import appliqué."
        )


def _list_problems(run: ImportRun) -> Iterator[str]:
    for value in repairs.list_bad_values(run):
        heading = f"« {value.heading} » ({value.letter})" if value.heading else value.letter
        place = f", colonne {heading}" if value.letter else ""
        shown = f" : « {value.value} »" if value.value else ""
        yield f"{value.lines}{place}{shown} : {value.reason}"
