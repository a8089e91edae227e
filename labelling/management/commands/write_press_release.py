"""Write the press release of a wave, as it was sent or as the records give it now."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from labelling import text
from labelling.models import LabellingWave, PressRelease
from labelling.press_release import editions, file_names, publishing
from labelling.press_release.composition import Source, find_release, list_sources
from labelling.press_release.content import Content, Properties
from labelling.press_release.formats import FORMATS
from labelling.press_release.renderers.characters import UnprintableCharacterError


@dataclass(frozen=True)
class Piece:
    """A release of a wave from one source, read once for all its formats; or a region's edition."""

    wave: LabellingWave
    release: PressRelease | None
    source: str
    at: datetime
    content: Content
    region: str = ""

    def name_file(self, extension: str) -> str:
        return file_names.name_file(
            self.wave, self.release, extension, self.at, self.source, self.region
        )

    def cut(self, region: editions.Region) -> "Piece":
        """The edition of a region of the list."""
        edition = editions.read_edition(self.content, self.release, region)
        return replace(self, content=editions.compose(self.content, edition), region=region.slug)

    @property
    def properties(self) -> Properties:
        printed = self.release if self.source == Source.PUBLISHED else None
        return publishing.make_properties(self.content, printed, self.at)


class Command(BaseCommand):
    help = "Écrit le communiqué d’une vague, tel qu’envoyé ou recalculé d’après les fiches."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "wave",
            nargs="?",
            default="",
            metavar="VAGUE",
            help="par exemple automne-2020 (avec --all, sans vague : toutes)",
        )
        parser.add_argument(
            "--release",
            dest="number",
            type=int,
            metavar="NUMÉRO",
            help="parmi les communiqués de la vague, rectificatifs compris (sans choix : celui "
            "qui fait foi)",
        )
        parser.add_argument(
            "--source",
            choices=Source.values,
            help="published : tel qu’envoyé ; records : recalculé d’après les fiches "
            "(sans choix : tel qu’envoyé s’il existe)",
        )
        parser.add_argument(
            "--format",
            choices=list(FORMATS),
            help="sans choix : txt, ou tous les formats avec --all",
        )
        parser.add_argument(
            "--all",
            dest="everything",
            action="store_true",
            help="tous les formats, un fichier chacun, dans le dossier donné par --output",
        )
        regions = parser.add_mutually_exclusive_group()
        regions.add_argument(
            "--region",
            metavar="RÉGION",
            help="l’édition d’une région, par exemple Occitanie ou hauts-de-france",
        )
        regions.add_argument(
            "--all-regions",
            action="store_true",
            help="l’édition de chaque région de la liste, en PDF et en Word sans autre choix, dans "
            "le dossier donné par --output",
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FICHIER",
            help="où l’écrire (sans choix : sur la sortie standard ; avec --all : le dossier)",
        )

    def handle(
        self,
        *args: Any,
        wave: str,
        number: int | None,
        source: str | None,
        format: str | None,
        output: Path | None,
        everything: bool,
        region: str | None,
        all_regions: bool,
        **options: Any,
    ) -> None:
        if not wave and (number is not None or region or all_regions or not everything):
            raise CommandError("Nommez la vague, ou écrivez --all pour les écrire toutes.")
        waves = [find_wave(wave)] if wave else list(LabellingWave.objects.in_order())
        if everything or all_regions:
            chosen = [format] if format else list(FORMATS if everything else editions.FORMATS)
            read = [w for w in waves if len(waves) == 1 or has_source(w, source)]
            pieces = [self.read_piece(w, number, source) for w in read]
            if region or all_regions:
                pieces = list(cut_by_region(pieces[0], region))
            self.write_all(pieces, chosen, output, options["verbosity"])
            self.tell_missing([w for w in waves if w not in read], options["verbosity"])
            return
        piece = self.read_piece(waves[0], number, source)
        if region:
            [piece] = cut_by_region(piece, region)
        document = render(piece, format or "txt")
        if output is None:
            self.print_bytes(document)
            return
        write_document(output, document)
        if options["verbosity"]:
            self.stdout.write(text.typeset(f"Communiqué écrit dans {output}"))

    def write_all(
        self, pieces: list[Piece], extensions: list[str], folder: Path | None, verbosity: int
    ) -> None:
        """Write each format of the pieces into `folder`, made if it is missing."""
        if folder is None:
            raise CommandError("Avec --all ou --all-regions, donnez le dossier : --output DOSSIER.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(word_failure(folder, error)) from error
        done, count = 0, len(pieces) * len(extensions)
        for piece in pieces:
            for extension in extensions:
                done += 1
                name = piece.name_file(extension)
                self.show_progress(f"{done}/{count} {name}", verbosity)
                write_document(folder / name, render(piece, extension))
        self.show_progress("", verbosity)
        if verbosity:
            files = text.counted(count, "fichier écrit", "fichiers écrits")
            self.stdout.write(f"{files} dans {folder}")

    def tell_missing(self, waves: list[LabellingWave], verbosity: int) -> None:
        """Name the waves that were left out, because they have no such source."""
        if verbosity and waves:
            names = text.enumeration([str(wave) for wave in waves])
            self.stdout.write(text.typeset(f"Sans communiqué en version définitive : {names}."))

    def read_piece(self, wave: LabellingWave, number: int | None, source: str | None) -> Piece:
        """What to write of a wave; what must not be missed of it is said at once."""
        release = find_release(wave) if number is None else find_numbered(wave, number)
        chosen, now = choose_source(wave, release, source), timezone.now()
        if release and release.is_erratum and chosen == Source.RECORDS:
            content = publishing.compose_draft(release)
        else:
            content = publishing.compose_content(wave, release, chosen, now)
        for notice in content.notices:  # A list for programs has no place for them.
            self.stderr.write(f"{wave}{text.NO_BREAK_SPACE}: {notice}")
        return Piece(wave, release, chosen, now, content)

    def show_progress(self, step: str, verbosity: int) -> None:
        """Show the step in the place of the last one; nothing where nobody looks."""
        if verbosity and self.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{step}", ending="")

    def print_bytes(self, document: bytes) -> None:
        """Write the document as it is: a stream of text would encode it anew."""
        stream = getattr(self.stdout, "buffer", None)
        if stream is None:  # What captures the output of a command takes text.
            try:
                self.stdout.write(document.decode(), ending="")
            except UnicodeDecodeError as error:
                raise CommandError("Ce format n’est pas du texte : ajoutez --output.") from error
            return
        self.stdout.flush()
        stream.write(document)
        stream.flush()


def find_wave(slug: str) -> LabellingWave:
    wave = LabellingWave.objects.filter(slug=slug).first()
    if wave is None:
        raise CommandError(word_unknown_wave(slug))
    return wave


def find_numbered(wave: LabellingWave, number: int) -> PressRelease:
    releases = wave.releases.select_related("contact", "corrects").order_by("number")
    for release in releases:
        if release.number == number:
            return release
    known = [f"{release.number} ({release})" for release in releases]
    raise CommandError(
        text.typeset(
            f"La vague « {wave} » n’a pas de communiqué {number}. "
            + (f"Ceux qui existent : {text.enumeration(known)}." if known else "Elle n’en a aucun.")
        )
    )


def cut_by_region(piece: Piece, region: str | None) -> Iterator[Piece]:
    """The edition of the region that bears this name, or this one in an address; or all of them."""
    found = editions.list_regions(piece.content)
    if not found:
        raise CommandError("Ce communiqué n’a pas de liste : il n’a pas d’édition régionale.")
    wanted = [one for one in found if region in (None, one.name, one.slug)]
    if not wanted:
        names = text.enumeration([one.name for one in found])
        raise CommandError(
            text.typeset(
                f"Aucun site de la liste dans « {region} ». Les régions qui en ont : {names}."
            )
        )
    yield from map(piece.cut, wanted)


def has_source(wave: LabellingWave, source: str | None) -> bool:
    return not source or source in list_sources(find_release(wave))


def render(piece: Piece, extension: str) -> bytes:
    """Return the release in a format, for programs where the format has a form for them."""
    format = FORMATS[extension]
    try:
        return format.render_for_programs(piece.content, piece.properties)
    except UnprintableCharacterError as refusal:
        where = f"{piece.wave}, {format.label}"
        raise CommandError(f"{where}{text.NO_BREAK_SPACE}: {refusal}") from refusal


def choose_source(wave: LabellingWave, release: PressRelease | None, source: str | None) -> str:
    """The source asked for, else the first there is."""
    existing = list_sources(release)
    if source and source not in existing:
        raise CommandError(
            text.typeset(
                f"La vague « {wave} » n’a pas de communiqué en version définitive. Écrivez "
                "--source records pour celui que donnent les fiches."
            )
        )
    return source or existing[0]


def write_document(path: Path, document: bytes) -> None:
    try:
        write_at_once(path, document)
    except OSError as error:
        raise CommandError(word_failure(path, error)) from error


def word_unknown_wave(slug: str) -> str:
    slugs = list(LabellingWave.objects.in_order().values_list("slug", flat=True))
    if not slugs:
        return text.typeset(f"Aucune vague « {slug} » : il n’y en a encore aucune.")
    return text.typeset(
        f"Aucune vague « {slug} ». Celles qui existent : {text.enumeration(slugs)}."
    )


def word_failure(path: Path, error: OSError) -> str:
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
