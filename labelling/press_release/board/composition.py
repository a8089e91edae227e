"""Records -> the page for the board, its figures those of the home page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from labelling import figures, text
from labelling.figures import Situation
from labelling.figures.drawing import draw_bars, draw_steps, write_steps
from labelling.models import LabellingWave, Site
from labelling.press_release.board.page import BoardPage, Count, Names, Row, Table
from labelling.press_release.composition import DEFAULT_BRAND, read_head, word_situation
from labelling.press_release.content import Picture
from labelling.press_release.network_map import compose_map, make_picture

# More names than the page has place for, whatever they are.
_MOST_NAMES = 60
# Of the growth: as wide as the page, or as the map.
_SIZES = ((720, 250), (720, 150), (312, 150))


def compose_page(now: Situation, then: Situation | None, at: datetime) -> BoardPage:
    """The network `now`, compared with `then`, or else with the wave before its last one.

    It is made `at` that moment.
    """
    growth = figures.list_growth(now)
    waves = [step.wave for step in growth if step.wave]
    if then is None and len(waves) > 1:
        then = figures.make_situation(waves[-2])
    change = figures.compare(now, then) if then else None
    network = change.now if change else figures.count_network(now)
    situation = f"{word_situation(now.standing_on)}."
    drawn = compose_map(now, then, network=network)
    return BoardPage(
        letterhead=read_head(DEFAULT_BRAND),
        title=f"Les {DEFAULT_BRAND} labellisés en une page",
        subtitle=f"{now.title}. {situation}" if now.wave_name else now.title,
        counts=_list_counts(network),
        change_title=_entitle_change(then, waves),
        change=_word_change(change) if change else _word_alone(network),
        changes=_name_changes(change) if change else _name_all(network),
        map_title="Carte",
        map=make_picture(replace(drawn, foot=())),
        map_notes=drawn.foot[1:],
        growth_title="Croissance",
        growth=_draw_growth(growth, now),
        tables=(
            _make_table("Par région", "Région", network.regions),
            _make_table("Par accueil du public", "Accueil du public", network.formats),
        ),
        foot=(situation, f"Page établie le {text.moment(at)}."),
    )


def _list_counts(network: figures.Network) -> tuple[Count, ...]:
    unknown = network.unknown_district_count
    labels = (
        (network.sites.count, "site labellisé", "sites labellisés", ""),
        (network.region_count, "région", "régions", ""),
        (network.department_count, "département", "départements", ""),
        (network.association_count, "association", "associations", ""),
        (
            network.in_districts.count,
            "site en quartier prioritaire (QPV)",
            "sites en quartier prioritaire (QPV)",
            text.counted(unknown, "site non renseigné", "sites non renseignés") if unknown else "",
        ),
    )
    return tuple(
        Count(number=text.number(count), label=text.plural(count, one, many), note=note)
        for count, one, many, note in labels
    )


def _entitle_change(then: Situation | None, waves: Sequence[LabellingWave]) -> str:
    if then:
        return f"Ce qui a changé {then.since}"
    return text.typeset(f"Première vague : {waves[0].name}") if waves else ""


def _word_change(change: figures.Change) -> str:
    """« 40 sites labellisés avec la vague Février 2020, 53 au 14 octobre 2020 : 13 nouveaux… »."""
    before = text.counted(change.then.sites.count, "site labellisé", "sites labellisés")
    then, now = change.then.situation, change.now.situation
    came, went = _count_new(change.gained.count), _count_ended(change.ended.count)
    after = text.number(change.now.sites.count)
    reasons = [f"{text.lowered(name)}, {figure.count}" for name, figure in change.reasons]
    why = f" ({' ; '.join(reasons)})" if reasons else ""
    passed = change.passed.count
    more = f" {text.counted(passed, *figures.PASSED)}" if passed else ""
    return text.typeset(f"{before} {then.at}, {after} {now.at} : {came}, {went}{why}.{more}")


def _word_alone(network: figures.Network) -> str:
    """What there is to say where nothing came before: that there is nothing yet."""
    return "" if network.sites.count else f"Aucun site n’est labellisé {network.situation.at}."


def _name_changes(change: figures.Change) -> tuple[Names, ...]:
    gained, ended = change.gained.count, change.ended.count
    return (
        *_name_sites(change.between.gained, gained, _count_new(gained), is_new=True),
        *_name_sites(change.between.ended, ended, _count_ended(ended), is_new=False),
    )


def _name_all(network: figures.Network) -> tuple[Names, ...]:
    """Those of the first wave, before which there was none."""
    count = network.sites.count
    return _name_sites(network.situation.has(), count, _count_new(count), is_new=True)


def _name_sites(chosen: Q, count: int, heading: str, *, is_new: bool) -> tuple[Names, ...]:
    """The sites under their heading; nothing if there are none."""
    if not count:
        return ()
    return (Names(heading=heading, is_new=is_new, texts=_list_foldings(chosen, count)),)


def _list_foldings(chosen: Q, count: int) -> tuple[str, ...]:
    """The names of the sites, then fewer and fewer of them: « A, B et 31 autres »."""
    sites = Site.objects.filter(chosen).in_printed_order()
    names = [*sites.values_list("name", flat=True)[:_MOST_NAMES]]
    foldings = [f"{text.enumeration(names)}."] if len(names) == count else []
    for shown in range(min(len(names), count - 1), 0, -1):
        others = text.counted(count - shown, "autre")
        foldings.append(f"{text.enumeration([*names[:shown], others])}.")
    return (*foldings, text.typeset("La place manque ici pour les nommer."))


def _count_new(count: int) -> str:
    return text.counted(count, "nouveau", "nouveaux")


def _count_ended(count: int) -> str:
    return text.counted(count, "fin de label", "fins de label")


def _draw_growth(growth: Sequence[figures.Step], now: Situation) -> tuple[Picture, ...]:
    said = " ; ".join(
        f"{step.label}, {text.counted(step.total.count, 'site')}"
        f" ({_count_new(step.gained.count)}, {_count_ended(step.ended.count)})"
        for step in growth
    )
    words = text.typeset(f"Croissance du nombre de sites labellisés, vague par vague : {said}.")
    drawn = [draw_steps(growth, now.standing_on, *size) for size in _SIZES]
    return tuple(Picture(svg=write_steps(steps), text=words) for steps in drawn if steps)


def _make_table(title: str, heading: str, rows: Sequence[figures.Row]) -> Table:
    headings = ("Sites", "Nouveaux", "Fins de label")
    is_compared = any(row.gained for row in rows)
    sites = [row.sites.count for row in rows]
    return Table(
        title=title,
        columns=(heading, *headings[: 3 if is_compared else 1]),
        rows=tuple(
            Row(
                name=row.name,
                numbers=tuple(
                    text.number(figure.count)
                    for figure in (row.sites, row.gained, row.ended)
                    if figure
                ),
                known=bar.known,
                new=bar.new,
            )
            for row, bar in zip(rows, draw_bars(rows), strict=True)
        ),
        rests=tuple(
            text.typeset(
                f"Et {text.counted(len(rows) - shown, 'autre')} : "
                f"{text.counted(sum(sites[shown:]), 'site')}."
            )
            for shown in range(len(rows))
        ),
    )
