"""Lines with the State's number, and our sites of their department and wave that have none yet.

The list comes weeks after the sites. Each line looks like a site, or is one more: a person says.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelling import text
from labelling.choices import RowState
from labelling.models import ImportRow, ImportRun, LabellingWave, Site
from labelling.spreadsheets.judging.pairing import MOST_PAIRED, pair
from labelling.spreadsheets.resources.matching import find_telling_words
from labelling.spreadsheets.runs import batches

# A department and a wave, by their keys.
_Place = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class WavePairs:
    """The lines of a file that look like sites of a wave, each beside its site."""

    wave: LabellingWave
    pairs: Sequence[tuple[ImportRow, Site]]
    # The sites of the wave without a number that no other line speaks of.
    without_number: int

    def __str__(self) -> str:
        count = len(self.pairs)
        of = "d’" if text.sort_key(self.wave.name)[:1] in "aeiouyh" else "de "
        lines = text.counted(count, "ligne de l’État ressemble", "lignes de l’État ressemblent")
        others = f"{text.number(count)} de vos {text.counted(self.without_number, 'site')}"
        if count == self.without_number:
            others = text.plural(count, "votre site", f"vos {text.counted(count, 'site')}")
        return f"{lines} à {others} sans numéro {of}{self.wave}"

    @property
    def key(self) -> str:
        """Which line is paired with which site: « 12:34 13:35 », as a person was shown it."""
        return " ".join(f"{row.pk}:{site.pk}" for row, site in self.pairs)

    @property
    def numbers(self) -> list[int]:
        """Of the lines."""
        return [row.number for row, _ in self.pairs]


class _Places:
    """The lines and the sites of each department and wave where both wait for one another."""

    def __init__(self, run: ImportRun) -> None:
        spoken_of = run.rows.filter(record_id__isnull=False, is_aside=False).values("record_id")
        sites = Site.objects.filter(
            france_services_id="", withdrawn_on=None, wave__isnull=False
        ).exclude(pk__in=spoken_of)
        self.sites: defaultdict[_Place, dict[int, Site]] = defaultdict(dict)
        for site in sites.order_by("sort_key", "pk") if run.model_key == "site" else ():
            self.sites[site.department_id, site.wave_id][site.pk] = site
        self.lines: defaultdict[_Place, dict[int, ImportRow]] = defaultdict(dict)
        for row in self._read_lines(run) if self.sites else ():
            place = (row.after.get("department_id"), row.after["wave_id"])
            if place in self.sites and row.answers.record is None:
                self.lines[place][row.pk] = row

    def _read_lines(self, run: ImportRun) -> Iterable[ImportRow]:
        lines = run.rows.filter(
            state__in=(RowState.NEW, RowState.WHICH),
            is_aside=False,
            after__has_key="france_services_id",
            after__wave_id__in=sorted({wave for _, wave in self.sites}),
        )
        # Where the label ended, the line has no key of a site that is there.
        return lines.exclude(after__has_key="withdrawn_on").order_by("number")

    def pair(self) -> Iterator[tuple[_Place, dict[int, int]]]:
        for place, lines in self.lines.items():
            yield (
                place,
                pair(
                    {key: _list_words(row.after) for key, row in lines.items()},
                    {key: _list_words(vars(site)) for key, site in self.sites[place].items()},
                ),
            )


def _list_words(values: Mapping[str, Any]) -> frozenset[str]:
    return find_telling_words(
        [values.get(name) or "" for name in ("name", "state_name", "commune")]
    )


def list_pairs(run: ImportRun) -> list[WavePairs]:
    """What is asked of each wave, the first one first."""
    places = _Places(run)
    paired: defaultdict[int, list[tuple[ImportRow, Site]]] = defaultdict(list)
    for place, pairs in places.pair():
        lines, sites = places.lines[place], places.sites[place]
        paired[place[1]] += [
            (lines[line], sites[site])
            for line, site in pairs.items()
            if lines[line].state == RowState.WHICH
        ]
    waves = LabellingWave.objects.in_bulk(list(paired)) if paired else {}
    return [
        WavePairs(
            wave=wave,
            pairs=sorted(paired[wave.pk], key=lambda two: two[0].number),
            without_number=sum(
                len(sites) for (_, key), sites in places.sites.items() if key == wave.pk
            ),
        )
        for wave in sorted(waves.values(), key=lambda wave: wave.effective_on)
        if paired[wave.pk]
    ]


def hold_lines(run: ImportRun) -> None:
    """Ask of which site a new line speaks where one of its department and wave has no number.

    A line that was held and need not be any more is new again: it was judged as one.
    """
    batches.update(_list_changed(run), ["state", "candidates"])


def find_to_hold(run: ImportRun) -> list[ImportRow]:
    """The new lines that would be held by now: a site came since they were judged."""
    return [row for row in _list_changed(run) if row.state == RowState.WHICH and row.first_key]


def _list_changed(run: ImportRun) -> list[ImportRow]:
    # Judged as new, or they would hold no key.
    held = run.rows.in_state(RowState.WHICH).exclude(first_key="")
    changed = {row.pk: row for row in held}
    before = {key: (row.state, row.candidates) for key, row in changed.items()}
    for row in changed.values():
        row.state, row.candidates = RowState.NEW, None
    places = _Places(run)
    for place, pairs in places.pair():
        paired = set(pairs.values())
        left = [site for site in places.sites[place] if site not in paired][:MOST_PAIRED]
        for key, row in places.lines[place].items():
            if wanted := [pairs[key]] if key in pairs else left:
                before.setdefault(key, (row.state, row.candidates))
                changed[key] = row
                others = () if row.first_key else row.candidates or ()
                row.candidates = list(dict.fromkeys((*wanted, *others)))
                row.state = RowState.WHICH
    return [row for key, row in changed.items() if before[key] != (row.state, row.candidates)]
