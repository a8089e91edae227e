"""Write the press release of a wave, as it was sent or as the records give it now."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labelling import text
from labelling.models import LabellingWave
from labelling.press_release.content import Source, content_of, original, sources
from labelling.press_release.formats import FORMATS


class Command(BaseCommand):
    help = "Écrit le communiqué d’une vague, tel qu’envoyé ou recalculé d’après les fiches."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("wave", metavar="VAGUE", help="par exemple automne-2020")
        parser.add_argument(
            "--source",
            choices=Source.values,
            help="published : tel qu’envoyé ; records : recalculé d’après les fiches "
            "(sans choix : tel qu’envoyé s’il existe)",
        )
        parser.add_argument("--format", choices=list(FORMATS), default="txt")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FICHIER",
            help="où l’écrire (sans choix : sur la sortie standard)",
        )

    def handle(
        self,
        *args: Any,
        wave: str,
        source: str | None,
        format: str,
        output: Path | None,
        **options: Any,
    ) -> None:
        document = self.document(wave, source, format)
        if output is None:
            self.print_bytes(document)
            return
        try:
            write_at_once(output, document)
        except OSError as error:
            raise CommandError(unwritten(output, error)) from error
        if options["verbosity"]:
            self.stdout.write(text.typeset(f"Communiqué écrit dans {output}"))

    def document(self, slug: str, source: str | None, format: str) -> bytes:
        """Return the release in a format, for programs where the format has a form for them."""
        wave = LabellingWave.objects.filter(slug=slug).first()
        if wave is None:
            raise CommandError(unknown_wave(slug))
        release = original(wave)
        existing = sources(release)
        if source and source not in existing:
            raise CommandError(
                text.typeset(
                    f"La vague « {wave} » n’a pas de communiqué en version définitive. Écrivez "
                    "--source records pour celui que donnent les fiches."
                )
            )
        content = content_of(wave, release, source or existing[0])
        chosen = FORMATS[format]
        return (chosen.render_for_programs or chosen.render)(content)

    def print_bytes(self, document: bytes) -> None:
        """Write the document as it is: a stream of text would encode it anew."""
        stream = getattr(self.stdout, "buffer", None)
        if stream is None:  # What captures the output of a command takes text.
            self.stdout.write(document.decode(), ending="")
            return
        self.stdout.flush()
        stream.write(document)
        stream.flush()


def unknown_wave(slug: str) -> str:
    slugs = list(LabellingWave.objects.in_order().values_list("slug", flat=True))
    if not slugs:
        return text.typeset(f"Aucune vague « {slug} » : il n’y en a encore aucune.")
    return text.typeset(
        f"Aucune vague « {slug} ». Celles qui existent : {text.enumeration(slugs)}."
    )


def unwritten(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        why = f"le dossier {path.parent} n’existe pas. Créez-le d’abord"
    elif isinstance(error, IsADirectoryError):
        why = "c’est un dossier. Ajoutez un nom de fichier"
    elif isinstance(error, PermissionError):
        why = "vous n’avez pas le droit d’écrire à cet endroit. Choisissez-en un autre"
    else:
        why = f"{error.strerror}. Vérifiez le chemin et la place libre"
    return text.typeset(f"{path} n’a pas pu être écrit : {why}.")


def write_at_once(path: Path, document: bytes) -> None:
    """Write a file so that whoever reads it meanwhile finds the old one or the new one, whole."""
    path = path.resolve()
    if path.exists() and not path.is_file():  # A device, a pipe: nothing to put in its place.
        path.write_bytes(document)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
