"""Lines and sites of one department and one wave: which are paired, which are left to be asked."""

import pytest

from labelling.spreadsheets.judging.pairing import MOST_PAIRED, pair


def words(*names: str) -> dict[int, frozenset[str]]:
    return {key: frozenset(name.split()) for key, name in enumerate(names)}


class TestPair:
    @pytest.mark.parametrize(
        ("lines", "sites", "pairs"),
        [
            # The one that is left over, whatever it is called.
            (["brest"], ["morlaix"], {0: 0}),
            # The words they share.
            (["brest", "quimper"], ["quimper", "brest"], {0: 1, 1: 0}),
            (["brest gare", "brest"], ["brest", "brest gare"], {0: 1, 1: 0}),
            # By their words, then the one that is left over.
            (["brest", "sud"], ["cornouaille", "brest"], {0: 1, 1: 0}),
            (["grenoble gare", "grenoble"], ["grenoble", "grenoble gare"], {0: 1, 1: 0}),
            # Where two would do, none.
            (["brest", "brest"], ["brest"], {}),
            (["brest"], ["brest", "brest"], {}),
            (["nord", "sud"], ["est", "ouest"], {}),
            (["nord", "sud"], ["est"], {}),
            # One is sure, and another is one more.
            (["brest", "sud"], ["brest"], {0: 0}),
            (["brest"], [], {}),
            ([], ["brest"], {}),
        ],
    )
    def test_is_one_to_one_and_unambiguous(self, lines, sites, pairs):
        assert pair(words(*lines), words(*sites)) == pairs

    def test_compares_not_too_many(self):
        many = words(*(f"site{n}" for n in range(MOST_PAIRED + 1)))

        assert pair(many, words("site1")) == {}
