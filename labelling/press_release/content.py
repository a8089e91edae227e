"""Records -> Content: every word of a press release, in the order of the page.

The only part that reads the records. Renderers lay a Content out and add no word to it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, Self

from django.db.models import TextChoices

from labelling import text
from labelling.models import LabellingWave, PressRelease, Site
from labelling.press_release import sentences

SCHEMA = 1
# The network's name where no release says it.
DEFAULT_BRAND: str = PressRelease._meta.get_field("brand").default


class Source(TextChoices):
    """Where the content of a wave's release is taken from."""

    PUBLISHED = "published", "Tel qu’envoyé"
    RECORDS = "records", "Recalculé d’après les fiches"


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
    def from_json(cls, stored: Any) -> Self:
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


def original(wave: LabellingWave) -> PressRelease | None:
    """The release that announces `wave`, with its contact."""
    return wave.releases.originals().select_related("contact").first()


def sources(release: PressRelease | None) -> tuple[Source, ...]:
    """What can be shown of a wave with this release, the one to show first at the head."""
    if release and release.is_frozen:
        return (Source.PUBLISHED, Source.RECORDS)
    return (Source.RECORDS,)


def content_of(wave: LabellingWave, release: PressRelease | None, source: str) -> Content:
    """The release of `wave` from one of its `sources`."""
    if release and source == Source.PUBLISHED:
        return published(release)
    return from_records(wave, release)


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
    network = sentences.network(brand, new, total, release.network_detail if release else "")
    content = Content(
        title=sentences.title(brand, new),
        lead=sentences.lead(wave, brand, new, total),
        paragraphs=tuple(filter(None, [sentences.figures(wave), network])),
        list_title=sentences.list_title(brand, wave),
        legend=sentences.legend(new),
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
    return Content(
        title=f"Liste des {brand} labellisés France Services" + (f" – {scope}" if scope else ""),
        lead=sentences.labelled_on(brand, len(lines), day),
        list_title="Liste du jour",
        columns=_columns(brand),
        lines=lines,
        situation=situation(day),
    )


def situation(day: date) -> str:
    """What dates a list: every list, count and file bears it."""
    return f"Situation arrêtée au {text.long_date(day)}"


def scope_of(choices: Iterable[str], query: str) -> str:
    """What a list was narrowed to, for its title: « Occitanie, « nimes » »; empty if to nothing."""
    searched = f"« {query.strip()} »" if query.strip() else ""
    return text.typeset(", ".join(filter(None, [*choices, searched])))


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


def _with_standing_parts(content: Content, release: PressRelease) -> Content:
    about, signature = _split(release.about), _signature(release)
    return replace(
        content,
        place_and_date=f"{release.place}, {text.weekday_date(release.issued_on)}",
        kind="COMMUNIQUÉ DE PRESSE",
        paragraphs=(
            *_split(release.attendance),
            *content.paragraphs,
            *_split(release.closing),
        ),
        about_heading=f"À propos de l’Union nationale des {release.brand}" if about else "",
        about=about,
        contact_heading="Contact presse" if signature else "",
        contact=signature,
    )


def _signature(release: PressRelease) -> tuple[str, ...]:
    contact = release.contact
    if contact is None:
        return ()
    lines = (contact.name, contact.role, contact.organisation, contact.phone, contact.email)
    return tuple(filter(None, lines))


def _split(paragraphs: str) -> tuple[str, ...]:
    """The paragraphs of a text in which blank lines part them. No-break spaces are kept."""
    blocks = re.split(r"\n[ \t]*\n", paragraphs.replace("\r\n", "\n"))
    joined = (re.sub(r"[ \t\n]+", " ", block).strip(" ") for block in blocks)
    return tuple(filter(None, joined))
