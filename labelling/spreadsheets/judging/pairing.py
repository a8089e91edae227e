"""Lines and sites of one department and one wave, paired one to one: a question, no answer."""

from collections.abc import Mapping, Sequence

# Beyond so many on one side, nothing is paired: each would be compared with each.
MOST_PAIRED = 200

# What is known of a line or a site to be paired: the words that tell it from others.
Words = frozenset[str]


def pair(lines: Mapping[int, Words], sites: Mapping[int, Words]) -> dict[int, int]:
    """Which site each line, by its key, looks like.

    Those that share more words with each other than with any other; then the one that is left over.
    Where two would do, none is paired.
    """
    if max(len(lines), len(sites)) > MOST_PAIRED:
        return {}
    shared = {
        (line, site): len(words & theirs)
        for line, words in lines.items()
        for site, theirs in sites.items()
    }
    pairs: dict[int, int] = {}
    open_lines, open_sites = list(lines), list(sites)
    while found := _find_best(shared, open_lines, open_sites):
        pairs |= found
        open_lines = [line for line in open_lines if line not in found]
        open_sites = [site for site in open_sites if site not in found.values()]
    if len(open_lines) == len(open_sites) == 1:
        pairs[open_lines[0]] = open_sites[0]
    return pairs


def _find_best(
    shared: Mapping[tuple[int, int], int], lines: Sequence[int], sites: Sequence[int]
) -> dict[int, int]:
    """The lines and sites that are each other's best, without a second as good."""
    found = {}
    for line in lines:
        site = _find_only_best({site: shared[line, site] for site in sites})
        if site is not None and line == _find_only_best({one: shared[one, site] for one in lines}):
            found[line] = site
    return found


def _find_only_best(counts: Mapping[int, int]) -> int | None:
    best = max(counts.values(), default=0)
    keys = [key for key, count in counts.items() if count == best]
    return keys[0] if best and len(keys) == 1 else None
