"""What a draft's fields hold once changes are taken: as a person would type them in its form."""

from collections import defaultdict
from collections.abc import Iterable

from labelling.models import PressRelease
from labelling.press_release.composition import read_paragraphs
from labelling.press_release.returned.comparing import Change, Kind, read_dateline
from labelling.press_release.returned.places import DATELINE, PARAGRAPHS, SPEAKER

# The tick of each sentence that is printed only if a person asked for it, by its field.
_TICKS = {
    PressRelease.OWN_SENTENCES[name]: tick for name, tick in PressRelease.ASKED_SENTENCES.items()
}
_QUOTES = '«»“”"\u00a0\u202f '


def make_values(release: PressRelease, changes: Iterable[Change]) -> dict[str, str | bool]:
    """What the fields of the draft hold once `changes` are taken, by their names; no others."""
    values: dict[str, str | bool] = {}
    by_field: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.spot and change.can_be_taken:
            by_field[change.spot.field].append(change)
    for field, taken in by_field.items():
        if field in PARAGRAPHS:
            values[field] = _rewrite(read_paragraphs(release, field), taken)
            continue
        words = " ".join(taken[-1].new)
        if field == DATELINE:
            values["place"], values["issued_on"] = read_dateline(words) or ("", "")
        elif field == SPEAKER:
            values["quote_name"], values["quote_role"] = _part_speaker(release, words)
        elif field == "quote":
            values["quote"] = words.strip(_QUOTES)
        elif not words and field in _TICKS:
            values[_TICKS[field]] = False
        else:
            values[field] = words
            if field in _TICKS:  # A colleague may have left it out meanwhile.
                values[_TICKS[field]] = True
    return values


def _rewrite(paragraphs: tuple[str, ...], changes: Iterable[Change]) -> str:
    """The paragraphs once each change has its own: in its place, after it, or at the end."""
    kept = [[words] for words in paragraphs]
    first: list[str] = []
    last: list[str] = []
    after: defaultdict[int, list[str]] = defaultdict(list)
    for change in changes:
        index = change.spot.index if change.spot else None
        if change.kind == Kind.ADDED and index == -1:
            first += change.new
        elif index is None:
            last += change.new
        elif change.kind == Kind.ADDED:
            after[index] += change.new
        else:
            kept[index] = [*change.new]
    written = [words for n, each in enumerate(kept) for words in (*each, *after[n])]
    return "\n\n".join([*first, *written, *last])


def _part_speaker(release: PressRelease, words: str) -> tuple[str, str]:
    """The name and the role that « name, role » says: the name as it was, if it still begins so."""
    if release.quote_name and words.startswith(f"{release.quote_name}, "):
        return release.quote_name, words.removeprefix(f"{release.quote_name}, ")
    name, _, role = words.partition(", ")
    return name, role
