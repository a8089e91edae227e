"""The block of the figures: each number with the address of the list that proves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from labelling import figures, text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.home.figures.question import FiguresForm, locate_board
from labelling.admin.home.menu import may_see
from labelling.admin.maps import ShownMap, show_map
from labelling.figures.drawing import Bar, Steps, draw_bars, draw_steps
from labelling.models import Association, Department, LabellingWave, Region, Site
from labelling.press_release.composition import word_situation
from labelling.press_release.network_map import compose_map

# More regions than these, grown alike, say nothing that the table does not.
_MOST_GROWING = 3
# More than the network has ever had; of more, their list says more.
_MOST_ASSOCIATIONS = 120
_MOST_WAVES = 20
# The name of a row, its bar and its numbers.
_PART_LINE = """<tr><th scope="row">{}</th>
<td class="proportion"><svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
<rect width="{}" height="10"/><rect class="new" x="{}" width="{}" height="10"/></svg></td>
{}</tr>"""
_NUMBER_LINK = '<a href="{}">{}<span class="visually-hidden"> {}</span></a>'


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number and the address of the list that proves it; empty where there is nothing to list."""

    count: int
    label: str
    address: str

    @property
    def link(self) -> SafeString:
        """The number; it leads to its list. Tables have hundreds of them."""
        number = text.number(self.count)
        if not self.address:
            return format_html("{}", number)
        return format_html(_NUMBER_LINK, self.address, number, self.label)


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """The sites of a region, a department…; what it gained and lost if two moments are compared."""

    name: str
    sites: Figure
    gained: Figure | None
    ended: Figure | None
    bar: Bar


@dataclass(frozen=True, kw_only=True)
class Part:
    """The network by region, by department…: a table."""

    title: str
    heading: str
    rows: tuple[PartRow, ...]

    @property
    def lines(self) -> SafeString:
        """The rows of the table; a template takes long for hundreds of them."""
        return format_html_join("\n", _PART_LINE, map(_write_line, self.rows))


@dataclass(frozen=True, kw_only=True)
class WaveFigures:
    """What a wave brought, or what came and went since the last one, which has no slug."""

    name: str
    slug: str
    effective_on: str
    address: str
    new: Figure
    ended: Figure
    total: Figure


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What explains the number of sites by the one of an earlier moment."""

    since: str
    before: Figure
    gained: Figure
    ended: Figure
    passed: Figure
    reasons: tuple[Figure, ...]
    # The region that grew most, or two or three of them; none if nothing grew.
    growing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The labelled network as it is asked for; the waves, and what came since, the last first."""

    form: FiguresForm
    title: str
    # What dates the list of a wave; a day dates itself.
    situation: str
    is_of_today: bool
    labelled: Figure
    places: tuple[Figure, ...]
    comparison: Comparison | None
    map: ShownMap | None
    regions: Part
    more_parts: tuple[Part, ...]
    steps: Steps | None
    waves: tuple[WaveFigures, ...]
    # Where the earlier ones are, in words; empty if these are all.
    more_waves: str
    more_waves_address: str
    # Where the same is downloaded as the page for the board.
    board: str


def count_figures(request: HttpRequest, day: date) -> Figures:
    """The figures that the address asks for; those of `day` if it asks for none."""
    form = FiguresForm(request.GET, today=day)
    form.is_valid()
    now = form.now
    change = figures.compare(now, form.then) if form.then else None
    network = change.now if change else figures.count_network(now)
    growth = figures.list_growth(now)
    return Figures(
        form=form,
        title=now.title,
        situation=word_situation(now.standing_on) if now.wave_name else "",
        is_of_today=now == figures.make_situation(day),
        labelled=_make_figure(network.sites, "site labellisé", "sites labellisés"),
        places=_list_places(request, network),
        comparison=_make_comparison(change) if change else None,
        map=_show_map(network, form.then) if network.sites.count else None,
        regions=_make_part("Par région", "Région", network.regions),
        more_parts=(
            _make_part("Par département", "Département", network.departments),
            _make_part(
                "Par association",
                "Association",
                network.associations if network.association_count <= _MOST_ASSOCIATIONS else (),
            ),
            _make_part("Par accueil du public", "Accueil du public", network.formats),
            _make_part(
                "En quartier prioritaire (QPV)", "En quartier prioritaire", network.districts
            ),
        ),
        steps=draw_steps(growth, now.standing_on),
        waves=tuple(_make_wave_figures(step) for step in reversed(growth[-_MOST_WAVES:])),
        more_waves=_word_others(len(growth) - _MOST_WAVES),
        more_waves_address=locate_page(LabellingWave, "changelist"),
        board=locate_board(now, form.then),
    )


def _show_map(network: figures.Network, then: figures.Situation | None) -> ShownMap:
    now = network.situation
    query = {"at": now.key, "since": then.key} if then else {"at": now.key}

    def locate(picture: str) -> str:
        return f"{locate_page(Site, 'map', picture)}?{urlencode(query)}"

    return show_map(compose_map(now, then, network=network), locate)


def _list_places(request: HttpRequest, network: figures.Network) -> tuple[Figure, ...]:
    """How many regions, departments and associations have sites; the sites in a district."""
    query = network.sites.query
    counts: tuple[tuple[type[Any], int, str], ...] = (
        (Region, network.region_count, "région"),
        (Department, network.department_count, "département"),
        (Association, network.association_count, "association"),
    )
    in_districts = "en quartier prioritaire (QPV)"
    if unknown := network.unknown_district_count:
        # Else nothing would tell « none » from « nobody wrote it down ».
        said = text.counted(unknown, "site non renseigné", "sites non renseignés")
        in_districts = text.typeset(f"{in_districts} ; {said}")
    return (
        *(
            Figure(
                count=count,
                label=text.plural(count, noun),
                address=locate_list(model, query) if may_see(request, model) else "",
            )
            for model, count, noun in counts
        ),
        _make_figure(network.in_districts, f"site {in_districts}", f"sites {in_districts}"),
    )


def _make_comparison(change: figures.Change) -> Comparison:
    return Comparison(
        since=change.then.situation.since,
        before=_make_figure(change.then.sites, "site labellisé", "sites labellisés"),
        gained=_make_figure(change.gained, "nouveau", "nouveaux"),
        ended=_make_figure(change.ended, "fin de label", "fins de label"),
        passed=_make_figure(change.passed, *map(text.typeset, figures.PASSED)),
        reasons=tuple(
            _make_figure(figure, text.lowered(reason), text.lowered(reason))
            for reason, figure in change.reasons
        ),
        growing=_find_growing(change.now.regions),
    )


def _find_growing(regions: Sequence[figures.Row]) -> tuple[str, ...]:
    grown = {
        row.name: row.gained.count - row.ended.count for row in regions if row.gained and row.ended
    }
    most = max(grown.values(), default=0)
    names = tuple(name for name, growth in grown.items() if growth == most)
    return names if most > 0 and len(names) <= _MOST_GROWING else ()


def _make_part(title: str, heading: str, rows: Sequence[figures.Row]) -> Part:
    return Part(
        title=title,
        heading=heading,
        rows=tuple(
            PartRow(
                name=row.name,
                sites=_make_figure(row.sites, "site", "sites", row.name),
                gained=_make_figure(row.gained, "nouveau", "nouveaux", row.name)
                if row.gained
                else None,
                ended=_make_figure(row.ended, "fin de label", "fins de label", row.name)
                if row.ended
                else None,
                bar=bar,
            )
            for row, bar in zip(rows, draw_bars(rows), strict=True)
        ),
    )


def _write_line(row: PartRow) -> tuple[str | int, ...]:
    figures = [figure for figure in (row.sites, row.gained, row.ended) if figure]
    cells = format_html_join(
        "\n", '<td class="figure">{}</td>', ((figure.link,) for figure in figures)
    )
    return row.name, row.bar.known, row.bar.known, row.bar.new, cells


def _word_others(left_out: int) -> str:
    return f"Et {text.counted(left_out, 'autre')}" if left_out > 0 else ""


def _make_wave_figures(step: figures.Step) -> WaveFigures:
    name = step.label
    before = "depuis la vague précédente" if step.wave else "depuis la dernière vague"
    return WaveFigures(
        name=name,
        slug=step.wave.slug if step.wave else "",
        effective_on=text.short_date(step.day) if step.wave else "",
        address=locate_page(step.wave, "change", step.wave.pk) if step.wave else "",
        new=_make_figure(step.gained, "nouveau", "nouveaux", name),
        ended=_make_figure(step.ended, "fin de label", "fins de label", before),
        total=_make_figure(step.total, "en tout", "en tout", name),
    )


def _make_figure(figure: figures.Figure, one: str, many: str, about: str = "") -> Figure:
    """`about` is what the number is of, for who hears it without its row."""
    label = text.plural(figure.count, one, many)
    return Figure(
        count=figure.count,
        label=f"{label}, {about}" if about else label,
        address=locate_list(Site, figure.query) if figure.query else "",
    )
