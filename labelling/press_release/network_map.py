"""The map of the network: the sites of a day or of a wave, the new ones marked, and its words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from labelling import text
from labelling.figures import Network, Situation, make_situation
from labelling.models import Department, LabellingWave, PressRelease, Site
from labelling.models.site import SiteQuerySet
from labelling.pictures.map import MOST_MARKS, Map, Mark, count_unplaced, draw_map
from labelling.press_release.composition import DEFAULT_BRAND, word_situation
from labelling.press_release.content import Content, Picture

# What their licence asks for, wherever the contours are seen.
CREDIT = text.typeset("Contours : IGN, Admin Express 2018, Licence Ouverte")


class _Count(NamedTuple):
    """How many sites a department has, and how many of them are new."""

    department: str
    region: str
    sites: int
    new: int


def attach_map(content: Content, release: PressRelease) -> Content:
    """`content` with the map of its wave, drawn for paper, if the release prints one."""
    if not release.prints_map:
        return content
    drawn = compose_map(make_situation(release.wave), brand=release.brand)
    return replace(content, map=make_picture(drawn))


def make_picture(drawn: Map) -> Picture:
    """The map for paper: no mark has a name there, which nobody could read."""
    unnamed = tuple(replace(mark, name="") for mark in drawn.marks)
    svg = draw_map(replace(drawn, marks=unnamed))
    return Picture(svg=svg, text=f"{drawn.title}. {drawn.description}")


def compose_map(
    now: Situation,
    then: Situation | None = None,
    brand: str = DEFAULT_BRAND,
    network: Network | None = None,
) -> Map:
    """The sites that are labelled `now`, which `network` has counted, if anybody has.

    New are those that were not `then`; without it, those of the wave, or else of the last one.
    Its queries are as many whatever there is to draw, but for marks that would not be seen.
    """
    day = now.standing_on
    wave = LabellingWave.objects.effective_by(now.granted_by).in_order().last()
    new = then.lacks() if then else Q(wave=wave)
    sites = Site.objects.filter(now.has())
    held = {row.key: row.sites.count for row in network.departments} if network else _count(sites)
    counts = _list_counts(held, _count(sites.filter(new)))
    total, new_count = _add_up(counts)
    marks = _list_marks(sites, new) if total <= MOST_MARKS else ()
    known, legend = _word_legend(total, new_count)
    title = f"Carte des {brand} labellisés France Services"
    since = _word_since(then, wave) if legend else ""
    return Map(
        marks=marks,
        counts={count.department: count.sites for count in counts},
        title=title,
        description=_describe(counts, day),
        known=known,
        new=legend,
        foot=(f"{title}. {word_situation(day)}.{since}", *_word_notes(marks, total), f"{CREDIT}."),
    )


def _count(sites: SiteQuerySet) -> dict[str, int]:
    """How many each department has, by its code."""
    counted = sites.order_by().values_list("department__code").annotate(sites=Count("*"))
    return dict(counted)


def _list_counts(held: Mapping[str, int], new: Mapping[str, int]) -> list[_Count]:
    """The departments that have sites, in the order of a list."""
    departments = Department.objects.order_by("region__sort_key", "sort_key")
    return [
        _Count(code, region, held[code], new.get(code, 0))
        for code, region in departments.values_list("code", "region__name")
        if held.get(code)
    ]


def _list_marks(sites: SiteQuerySet, new: Q) -> tuple[Mark, ...]:
    is_new = ExpressionWrapper(new, output_field=BooleanField())
    fields = ("name", "longitude", "latitude", "department__code")
    return tuple(
        Mark(name=name, longitude=at[0], latitude=at[1], department=code, is_new=bool(is_new))
        for name, *at, code, is_new in sites.order_by().values_list(*fields, is_new)
    )


def _word_legend(total: int, new: int) -> tuple[str, str]:
    """What explains the marks, or the tints: what is known, and what is new."""
    if total > MOST_MARKS:
        return f"{text.counted(total, 'site')} par département", ""
    if not new:
        return text.counted(total, "site labellisé", "sites labellisés"), ""
    known = text.counted(total - new, "site déjà labellisé", "sites déjà labellisés")
    return known if total > new else "", text.counted(new, "nouveau site", "nouveaux sites")


def _word_since(then: Situation | None, wave: LabellingWave | None) -> str:
    """Since when the new sites are new, for who sees the picture alone; empty without a wave."""
    if then:
        return text.typeset(f" Nouveaux : {then.since}.")
    return text.typeset(f" Nouveaux : ceux de {text.the_wave(wave.name)}.") if wave else ""


def _word_notes(marks: tuple[Mark, ...], total: int) -> list[str]:
    if total > MOST_MARKS:
        return ["Plus un département a de sites, plus il est foncé."]
    notes = [text.typeset("Un point par site ; les points trop proches sont écartés.")]
    if unplaced := count_unplaced(marks):
        count = text.counted(unplaced, "site n’y est pas", "sites n’y sont pas")
        record = text.plural(unplaced, "sa fiche", "leur fiche")
        notes.append(f"{count}, faute de position dans {record}.")
    return notes


def _describe(counts: list[_Count], day: date) -> str:
    """What is read aloud in the place of the drawing: numbers, region by region."""
    regions = [
        f"{region}, {_word_numbers([*listed], 'site', 'sites')}"
        for region, listed in groupby(counts, key=lambda count: count.region)
    ]
    total = _word_numbers(counts, "site labellisé", "sites labellisés")
    where = f" : {' ; '.join(regions)}" if regions else ""
    return text.typeset(f"{word_situation(day)}. {total}{where}.")


def _word_numbers(counts: list[_Count], singular: str, plural: str) -> str:
    total, new = _add_up(counts)
    words = text.counted(total, singular, plural)
    return f"{words} dont {text.counted(new, 'nouveau', 'nouveaux')}" if new else words


def _add_up(counts: list[_Count]) -> tuple[int, int]:
    return sum(count.sites for count in counts), sum(count.new for count in counts)
