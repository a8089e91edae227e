"""Releases found by their title; that of a draft may follow the records, and is stored nowhere."""

from typing import Any

from django.db.models import Prefetch, Q

from labelling import text
from labelling.models import LabellingWave, PressRelease
from labelling.models.base import LONGEST_SEARCH
from labelling.models.record_sets import make_condition
from labelling.press_release import sentences
from labelling.press_release.composition import word_title


def find_releases(releases: Any, query: str) -> Any:
    """Those that `query` finds, with the drafts whose title has its words as lists show it."""
    words = text.search_words(query)
    if not words or len(query) > LONGEST_SEARCH:
        return releases.matching(query)
    condition = make_condition(query, PressRelease)
    return releases.filter(condition | Q(pk__in=_list_drafts(words)))


def _list_drafts(words: list[str]) -> list[int]:
    """The keys of the drafts in whose title, name or wave each word begins one.

    All sites are counted for the number in a title: only where the rest of it is what one looks
    for, and not of what is found without.
    """
    drafts = PressRelease.objects.drafts().filter(own_title="").select_related("wave")
    hopeful = [draft.pk for draft in drafts if _may_have(draft, words)]
    if not hopeful:
        return []
    waves = Prefetch("wave", LabellingWave.objects.with_counts())
    counted = PressRelease.objects.filter(pk__in=hopeful).select_related("corrects")
    return [
        draft.pk
        for draft in counted.prefetch_related(waves)
        if _has(draft, words, word_title(draft))
    ]


def _may_have(draft: PressRelease, words: list[str]) -> bool:
    if _has(draft, words):
        return False
    titles = [sentences.title(draft.brand, count) for count in range(3)]
    others = [word for word in words if not text.is_number(word)]
    return draft.is_erratum or _has(draft, others, *titles)


def _has(draft: PressRelease, words: list[str], *titles: str) -> bool:
    told = f" {draft.search_key} {draft.wave.search_key} {text.search_key(' '.join(titles))}"
    return all(f" {word}" in told for word in words)
