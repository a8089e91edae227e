"""Judge a spreadsheet without a browser, and apply it if asked to."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.choices import RowState
from labelling.models import ImportRun, LabellingWave
from labelling.spreadsheets.files import reading
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import apply, ledger, preparation, repairs
from labelling.spreadsheets.runs.absent import find_absent
from labelling.spreadsheets.runs.lines_to_correct import explain_line, find_candidates
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError

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
        parser.add_argument("--apply", action="store_true", help="applique ce qui est montré")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._prepare(options)
            self._show(run)
            self._conclude(run, is_applying=options["apply"])
        except (ReadingError, HeadingsError, ImportRefused) as refusal:
            raise CommandError(str(refusal)) from refusal

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
        )

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
        self.stdout.write(f"{run.file_name}, titres à la ligne {run.heading_line}")
        for state in RowState:
            self.stdout.write(f"  {state.label} : {text.number(counts[state])}")
        self.stdout.write(preparation.word_lines_read(run))
        for sentence in run.remarks:
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
        bad = repairs.list_bad_values(run)
        for value in bad[:_SHOWN]:
            place = f", colonne « {value.heading} » ({value.letter})" if value.letter else ""
            shown = f" : « {value.value} »" if value.value else ""
            self.stdout.write(f"  {value.lines}{place}{shown} : {value.reason}")
        if len(bad) > _SHOWN:
            self.stdout.write(f"  … et {text.counted(len(bad) - _SHOWN, 'autre')}.")
        questions = list(run.rows.in_state(RowState.WHICH).order_by("number")[:_SHOWN])
        candidates = find_candidates(run, questions)
        for row in questions:
            self.stdout.write(
                f"  ligne {row.number} : {row.label} : {explain_line(row, candidates)}"
            )

    def _conclude(self, run: ImportRun, *, is_applying: bool) -> None:
        unsettled = run.rows.to_settle().count()
        if run.problems or unsettled:
            problems = list(run.problems)
            if unsettled:
                verb = text.plural(unsettled, "attend", "attendent")
                problems.append(f"{text.counted(unsettled, 'ligne')} {verb} encore une réponse.")
            ledger.forget(run)
            raise CommandError(" ".join([*problems, "Rien n’a été appliqué."]))
        if not run.rows.to_write().exists():
            ledger.forget(run)
            self.stdout.write("Ce fichier ne change rien.")
        elif is_applying:
            applied = apply.apply(run, None, progress=self._make_progress("écrites"))
            self._end_progress()
            self.stdout.write(f"{run} : {applied}")
        else:
            ledger.forget(run)
            self.stdout.write("Rien n’est modifié. Relancez avec --apply pour appliquer.")

    def _make_progress(self, verb: str) -> Any:
        """What shows how far it is, on a terminal only."""
        if not self.stderr.isatty():
            return None
        return lambda done: self.stderr.write(f"\r{text.number(done)} lignes {verb}", ending="")

    def _end_progress(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("")
