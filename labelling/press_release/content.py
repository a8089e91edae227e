"""Records -> Content: every word of a press release, in the order of the page.

The only part that reads the records. Renderers lay a Content out and add no word to it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, Self

from labelling import text
from labelling.models import LabellingWave, PressRelease, Site

SCHEMA = 1
DEFAULT_BRAND = "PIMMS"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A site in the list. `site` is the record it was made from; it is not printed."""

    region: str
    department: str
    name: str
    is_new: bool = False
    site: int | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words that only some formats need."""

    region_continued: str = "{region} (suite)"
    page: str = "Page {page} sur {pages}"
    new_column: str = "Nouveau"
    yes: str = "Oui"
    no: str = "Non"
    press_sheet: str = "Liste"
    flat_sheet: str = "À filtrer"


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that a press release says. An empty text is a part that this release does not have."""

    notices: tuple[str, ...] = ()  # Above everything: a draft's warning, an embargo.
    place_and_date: str = ""
    kind: str = ""
    title: str
    lead: str = ""
    paragraphs: tuple[str, ...] = ()
    list_title: str
    legend: str = ""
    mark: str = "*"  # What follows the name of a new site; the legend explains it.
    columns: tuple[str, str, str]
    lines: tuple[Line, ...]
    situation: str = ""
    about_heading: str = ""
    about: tuple[str, ...] = ()
    contact_heading: str = ""
    contact: tuple[str, ...] = ()
    language: str = "fr"
    words: Words = field(default_factory=Words)

    @property
    def new_count(self) -> int:
        return sum(line.is_new for line in self.lines)

    def by_region(self) -> Iterator[tuple[str, list[Line]]]:
        """The runs of lines of one region, in their order."""
        for region, lines in groupby(self.lines, key=lambda line: line.region):
            yield region, list(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the content as JSON stores it, with the number of this schema."""
        return json.loads(json.dumps({"schema": SCHEMA, **asdict(self)}))

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Read a stored content, of this schema or an older one.

        Raise ValueError for a schema that this version does not know.
        """
        values = dict(stored)
        schema = values.pop("schema", None)
        if schema != SCHEMA:
            raise ValueError(
                f"Ce communiqué a été figé au schéma {schema}, que cette version ne sait pas lire."
            )
        lists = ("notices", "paragraphs", "columns", "about", "contact")
        values |= {name: tuple(values[name]) for name in lists if name in values}
        values["lines"] = tuple(Line(**line) for line in values["lines"])
        values["words"] = Words(**values.get("words", {}))
        return cls(**values)


def digest(stored: dict[str, Any]) -> str:
    """Return the SHA-256 of a stored content, whatever the order of its keys."""
    canonical = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def published(release: PressRelease) -> Content:
    """The frozen content of a final or sent release, word for word."""
    return Content.from_json(release.content)


def from_records(wave: LabellingWave, release: PressRelease | None = None) -> Content:
    """The release of `wave` as the records give it now.

    Without `release` it has the list and the derived sentences alone.
    """
    brand = release.brand if release else DEFAULT_BRAND
    sites = Site.objects.labelled_as_of(wave).with_place().in_printed_order()
    lines = tuple(_line(site, is_new=site.wave_id == wave.pk) for site in sites)
    new, total = sum(line.is_new for line in lines), len(lines)
    content = Content(
        title=_title(brand, new),
        lead=_lead(wave, brand, new, total),
        paragraphs=_paragraphs(wave, release, brand, new, total),
        list_title=text.typeset(
            f"Liste des {brand} labellisés France Services {text.in_wave(wave.name)} :"
        ),
        legend=_legend(new),
        columns=_columns(brand),
        lines=lines,
        situation=situation(wave.situation_on),
    )
    return _with_standing_parts(content, release) if release else content


def list_of_the_day(
    sites: Iterable[Site], day: date, *, scope: str = "", brand: str = DEFAULT_BRAND
) -> Content:
    """The sites given, as the dated list of `day`: none is new. `scope` says what was chosen."""
    lines = tuple(_line(site, is_new=False) for site in sites)
    count = len(lines)
    verb = text.plural(count, "est labellisé", "sont labellisés")
    return Content(
        title=f"Liste des {brand} labellisés France Services" + (f" – {scope}" if scope else ""),
        lead=f"{text.counted(count, brand, brand)} {verb} France Services "
        f"au {text.long_date(day)}.",
        list_title="Liste du jour",
        columns=_columns(brand),
        lines=lines,
        situation=situation(day),
    )


def situation(day: date) -> str:
    """The sentence that dates a list."""
    return f"Situation arrêtée au {text.long_date(day)}"


def _line(site: Site, *, is_new: bool) -> Line:
    department = site.department
    return Line(
        region=department.region.name,
        department=department.name,
        name=site.name,
        is_new=is_new,
        site=site.pk,
    )


def _columns(brand: str) -> tuple[str, str, str]:
    return ("Région", "Département", f"Nom du {brand} labellisé France Services")


def _legend(new: int) -> str:
    if not new:
        return ""
    if new == 1:
        return "(la nouvelle labellisation est surlignée en jaune et marquée d’un astérisque rouge)"
    return (
        "(les nouvelles labellisations sont surlignées en jaune et marquées d’un astérisque rouge)"
    )


def _title(brand: str, new: int) -> str:
    if not new:
        return f"Aucun {brand} supplémentaire n’obtient la labellisation France Services"
    adjective = text.plural(new, "supplémentaire")
    verb = text.plural(new, "obtient", "obtiennent")
    return f"{text.counted(new, brand, brand)} {adjective} {verb} la labellisation France Services"


def _lead(wave: LabellingWave, brand: str, new: int, total: int) -> str:
    if wave.decided_on:
        opening = (
            "Suite au comité de pilotage ministériel national France Services qui s’est tenu le "
            f"{text.weekday_date(wave.decided_on)}, "
        )
    else:
        opening = ""
    if new:
        adjective = text.plural(new, "nouveau", "nouveaux")
        verb = text.plural(new, "a", "ont")
        granted = f"{text.number(new)} {adjective} {brand} {verb} obtenu"
    else:
        granted = f"aucun nouveau {brand} n’a obtenu"
    first = f"{opening}{granted} la labellisation France Services."
    return f"{_capitalised(first)} {_total(brand, total)}"


def _total(brand: str, total: int) -> str:
    if total == 0:
        return f"Au total, aucun {brand} n’est labellisé France Services."
    which = text.plural(total, "qui est labellisé", "qui sont labellisés")
    this = text.plural(total, "c’est désormais", "ce sont désormais")
    return f"Au total, {this} {text.counted(total, brand, brand)} {which} France Services."


def _paragraphs(
    wave: LabellingWave, release: PressRelease | None, brand: str, new: int, total: int
) -> tuple[str, ...]:
    network = _network(brand, new, total, release.network_detail if release else "")
    derived = [*filter(None, [_figures(wave), network])]
    if release is None:
        return tuple(derived)
    return (*_split(release.attendance), *derived, *_split(release.closing))


def _figures(wave: LabellingWave) -> str:
    """The State's figures of the day, those that are known."""
    if wave.national_sites is None:
        return ""
    report = (
        "Ce comité de pilotage a permis de dresser le bilan de déploiement des structures "
        f"{text.in_wave(wave.name)}."
    )
    spaces = text.counted(wave.national_sites, "espace labellisé", "espaces labellisés")
    total = f"Au total, ce seront {spaces} France Services"
    if wave.national_cantons is not None:
        spread = text.plural(wave.national_sites, "réparti")
        total += f" {spread} sur {text.counted(wave.national_cantons, 'canton')}"
    carriers = _carriers(wave)
    if carriers:
        sites = text.counted(wave.national_sites, "site labellisé", "sites labellisés")
        which = text.plural(wave.national_sites, "Sur ce", "Sur ces")
        return text.typeset(f"{report} {total}. {which} {sites} : {carriers}.")
    return f"{report} {total}."


def _carriers(wave: LabellingWave) -> str:
    names = (
        "par l’État",
        "par des associations",
        "par le Groupe La Poste",
        "par la Mutualité sociale agricole (MSA)",
        "par des collectivités territoriales",
    )
    known = [
        (figure, name)
        for figure, name in zip(wave.carrier_figures, names, strict=True)
        if figure is not None
    ]
    if not known:
        return ""
    (figure, name), *others = known
    first = f"{text.number(figure)} {text.plural(figure, 'sera porté', 'seront portés')} {name}"
    return text.enumeration([first, *(f"{text.number(n)} {name}" for n, name in others)])


def _network(brand: str, new: int, total: int, detail: str) -> str:
    if not new:
        return ""
    sites = text.plural(
        new, "Avec le nouveau site labellisé", f"Avec les {text.number(new)} nouveaux sites labellisés"
    )
    structures = text.counted(total, "structure labellisée", "structures labellisées")
    sentence = f"{sites}, le réseau des {brand} comporte désormais {structures} France Services"
    return f"{sentence}, {detail.strip(' .,')}." if detail else f"{sentence}."


def _with_standing_parts(content: Content, release: PressRelease) -> Content:
    contact = release.contact
    signature = contact and (
        contact.name,
        contact.role,
        contact.organisation,
        contact.phone,
        contact.email,
    )
    return replace(
        content,
        place_and_date=f"{release.place}, {text.weekday_date(release.issued_on)}",
        kind="COMMUNIQUÉ DE PRESSE",
        about_heading=f"À propos de l’Union nationale des {release.brand}" if release.about else "",
        about=_split(release.about),
        contact_heading="Contact presse" if signature else "",
        contact=tuple(filter(None, signature or ())),
    )


def _split(paragraphs: str) -> tuple[str, ...]:
    """The paragraphs of a text in which blank lines part them."""
    blocks = paragraphs.replace("\r\n", "\n").split("\n\n")
    return tuple(" ".join(block.split()) for block in blocks if block.strip())


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
