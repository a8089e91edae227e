"""S8: every pattern of ours has its worst case here, four times of which costs four times as much.

A row is what the text begins with, what is repeated, and what it ends with.
"""

import re
from functools import partial
from typing import Any

import pytest

from tests.linear import is_linear
from tests.patterns import ROOT, list_patterns, list_strays

Text = tuple[str, str, str]

PATTERNS = list_patterns()

_FILES = "labelling.spreadsheets.files."
_SANDBOX = f"{_FILES}sandbox."
_JUDGING = "labelling.spreadsheets.judging."
_TABLES = "labelling.spreadsheets.tables."
_WIDGETS = "labelling.spreadsheets.widgets."
_RENDERERS = "labelling.press_release.renderers."
WORST: dict[str, Text] = {
    "labelling.characters.UNWRITABLE": ("", "a", "\x00"),
    "labelling.days._DAY_FIRST": ("", "01_", "2"),
    "labelling.days._HOUR": ("", "1 ", "x"),
    "labelling.days._IN_DIGITS": ("", "1/", "x"),
    "labelling.days._IN_WORDS": ("1 er", " ", "octobr"),
    "labelling.days._MONTH_ALONE": ("septembre", " ", "202"),
    "labelling.days._MONTH_IN_DIGITS": ("", "1/202", ""),
    "labelling.days._TIME": ("", " à 10:00:00.0", "x"),
    "labelling.days._WEEKDAY": ("", "le lundi ", ""),
    "labelling.days._YEAR_FIRST": ("", "2020-1", ""),
    "labelling.models.contact._BETWEEN_DIGITS": ("", ". ", ""),
    "labelling.models.imports._REASON": ("", "Import n°\u00a01", "x"),
    # Of fields and constraints of models.
    "^[0-9]{2}$": ("", "42", ""),
    "^([0-9]{2}|2[AB]|97[0-9])$": ("", "972A", ""),
    "^#[0-9A-Fa-f]{6}$": ("#", "1F4E79", ""),
    "^[0-9]{5}$": ("", "42000", ""),
    "^([0-9]{2}|2[AB])[0-9]{3}$": ("", "2A", "004"),
    "labelling.pictures.contours._NUMBER": ("", "-", "x"),
    "labelling.press_release.composition._BLANK_LINES": ("", "\n ", "x"),
    "labelling.press_release.composition._BLANKS": ("", " \n", "x"),
    "labelling.press_release.differences._WORD": ("", "a ", "\n"),
    "labelling.press_release.explanations._NUMBER": ("", "1a", ""),
    "labelling.press_release.counts._CLAUSE_END": ("", "a,", ""),
    "labelling.press_release.counts._COUNTED": ("", "1 000 quatre-vingt-", " nouveaux"),
    "labelling.press_release.counts._SENTENCE_END": ("", ". ", "x"),
    "labelling.press_release.counts._SITES": ("", "structuresite", ""),
    "labelling.press_release.counts._YEAR": ("", "2020 20", ""),
    "labelling.press_release.quoting._WORD": ("", "a ", "\n"),
    "labelling.press_release.findings._WEEKDAY": ("lundi 1 mai", " ", "x"),
    "labelling.press_release.typesetting._APOSTROPHE": ("a", "'", ""),
    "labelling.press_release.typesetting._SPACES_TO_SET": ("", " \u00a0", "x"),
    "labelling.press_release.typesetting._STUCK_QUOTE": ("", "«»", ""),
    "labelling.press_release.typesetting._STUCK_SIGN": ("a", "!", "x"),
    "labelling.press_release.typesetting._THOUSANDS": ("", "1 000 ", "x"),
    "labelling.press_release.typesetting._UNPARTED": ("", "10000 ", "x"),
    "labelling.press_release.typesetting._WORD": ("", "a ", ""),
    f"{_RENDERERS}compiling._ESCAPED": ("", "\\u{a", ""),
    f"{_RENDERERS}compiling._QUOTED": ("", 'the text `"', "\\"),
    f"{_RENDERERS}compiling._TAGGED_CELL": ("obj\n<</Type/StructElem/S/TD/P ", "1", "x"),
    f"{_RENDERERS}compiling._WORD": ("", "abcdef ", ""),
    f"{_RENDERERS}docx._PAGE_NUMBERS": ("", "{pages", "}"),
    f"{_RENDERERS}links._ABROAD": ("+", "1", "x"),
    f"{_RENDERERS}links._FRENCH": ("0", "033", "x"),
    f"{_RENDERERS}links._PARTING": ("", ". ", ""),
    f"{_RENDERERS}odt._BETWEEN_TAGS": ("", ">  ", "x"),
    f"{_RENDERERS}odt._LOST": ("x", " ", "x"),
    f"{_RENDERERS}odt._PAGE_NUMBERS": ("", "{pages", "}"),
    f"{_RENDERERS}paging._END_OF_WORD": ("", " ", "x"),
    f"{_RENDERERS}xlsx._ESCAPE": ("", "_x000", "_"),
    "labelling.quality.rules.releases._YEAR": ("En", " ", "x"),
    "labelling.upkeep.standing._PLACE": ("", "a:/b ", ""),
    "labelling.sheets.delimited.NEEDS_QUOTES": ("", "a", '"'),
    "labelling.sheets.delimited.RUNS_IN_EXCEL": ("", "'", "#A"),
    "labelling.sheets.opendocument.LINE_END": ("", "\r\r\n", ""),
    "labelling.sheets.opendocument.SOFT_SPACES": (" ", " x", "\t"),
    "labelling.sheets.table.FORBIDDEN_IN_TITLE": ("", "a:", ""),
    f"{_FILES}delimited.LINE_END": ("", "\r\r\n", ""),
    f"{_FILES}delimited.NEUTRALISED": ("", "'", "#A"),
    f"{_FILES}delimited.PASTED_CELL": ("", '"""a\t', '"'),
    f"{_FILES}delimited.SEP_LINE": ("", "sep=;", "\n"),
    f"{_FILES}encodings.LETTERS": ("", "a1", ""),
    f"{_FILES}encodings.ODD": ("", "aÕ", ""),
    f"{_FILES}encodings.TWICE": ("", "Ã", ""),
    "labelling.sandbox.archive.DTD": ("", "<!ENTIT", ""),
    "labelling.sandbox.archive.ENCODING": ("<?xml", " encoding='", '"'),
    f"{_SANDBOX}kinds.MACRO_PART": ("", "vbaprojec", "macrosheets"),
    f"{_SANDBOX}excel.CELL_STYLE": ("", " s =  '1", ""),
    f"{_SANDBOX}excel.COLUMN": ("", "<col ", ""),
    f"{_SANDBOX}excel.COLUMN_FIRST": ("", " min =  '1", ""),
    f"{_SANDBOX}excel.COLUMN_LAST": ("", " max =  '1", ""),
    f"{_SANDBOX}excel.COMMENT": ("", "<comment ", ""),
    f"{_SANDBOX}excel.COMMENTED": ("", " ref =  'A1", ""),
    f"{_SANDBOX}excel.ERROR": ("", "<c t='e' ", ""),
    f"{_SANDBOX}excel.FAR_COLUMN": ("", "<c r='AA1' ", ""),
    f"{_SANDBOX}excel.FILLED": ("", "<c > ", ""),
    f"{_SANDBOX}excel.HIDDEN": ("", " hidden =  '", ""),
    f"{_SANDBOX}excel.NO_VALUE": ("", "<c ><f ", ""),
    f"{_SANDBOX}excel.REFERENCE": ("", "r =  'A", ""),
    f"{_SANDBOX}excel.ROW": ("", "<row ", ""),
    f"{_SANDBOX}excel.ROW_NUMBER": ("", " r =  '1", ""),
    f"{_SANDBOX}excel.TEXT": ("", "t =  'st", ""),
    f"{_SANDBOX}opendocument.DURATION": ("PT1.", "0", "x"),
    f"{_SANDBOX}opendocument.REPEATS": ("", "9", "x"),
    f"{_SANDBOX}opendocument.SOFT_SPACES": ("", " \n", "x"),
    f"{_SANDBOX}opendocument.TABLE_TAG": ("", "<table:table ", ""),
    f"{_JUDGING}printed_names._BRAND": ("", "pimms médiation ", "x"),
    f"{_JUDGING}printed_names._FRANCE_SERVICES": ("", "espace france ", "x"),
    f"{_JUDGING}printed_names._WORD": ("", "é", " "),
    "labelling.spreadsheets.runs.lines_to_correct._MARK": ("", "import-1-", ""),
    f"{_TABLES}kinds._COORDINATE": ("1.", "0", "x"),
    f"{_TABLES}kinds._DECIMAL": ("1,", "0", "x"),
    f"{_TABLES}kinds._POINT": ("45.1", " ", "x"),
    f"{_TABLES}kinds._DIGIT": ("", "a", ""),
    f"{_TABLES}kinds._FIVE": ("", "2A", "004"),
    f"{_TABLES}kinds._ID": ("", "a", "?"),
    f"{_TABLES}kinds._STATE_LABEL": ("", "espace labellis", "x"),
    f"{_TABLES}mail_lines._BETWEEN": ("", ", et ", "pimm"),
    f"{_TABLES}mail_lines._BULLET": ("", "- ", "1"),
    f"{_TABLES}mail_lines._DOTTED": ("", "P. I. M. M. ", "x"),
    f"{_TABLES}mail_lines._GLUED": ("", "30-pimm", "x"),
    f"{_TABLES}mail_reader._CLOSING": ("", "tres bonne ", "x"),
    f"{_TABLES}mail_reader._COUNT": ("", "(12 nouveaux ", "x"),
    f"{_TABLES}mail_reader._IN": ("", "dans ", ""),
    f"{_TABLES}release_text._AFTER_TABLE": ("", " ", "à propo"),
    f"{_TABLES}release_text._BETWEEN_SENTENCES": ("", ".  ", "a"),
    f"{_TABLES}release_text._BLANK_LINES": ("", "\n ", "x"),
    f"{_TABLES}release_text._COMMITTEE": ("", "comité de pilotag", "e"),
    f"{_TABLES}release_text._DATELINE": ("Paris, le", " ", "mercredi 14 octobre 2020."),
    f"{_TABLES}release_text._KIND": ("", "communiqué de ", "presse"),
    f"{_TABLES}release_text._TABLE_HEADINGS": ("", " ", "région département no"),
    f"{_TABLES}release_text._WAS_HELD": ("", "s’est tenu le mardi 1 mai ", "x"),
    f"{_TABLES}release_text._WAVE": ("", "au printemps ", "x"),
    f"{_TABLES}totals._ALL": ("", "1 000 ", "sites"),
    f"{_TABLES}totals._NEW": ("", "1 000 pimms ", "supplémentaire"),
    f"{_TABLES}totals._ONE_NUMBER": ("", "a1", ""),
    f"{_TABLES}totals._WHOLE": ("", "1 000 ", "x"),
    f"{_WIDGETS}base._LIKE_A_DATE": ("", "a", " 1"),
    f"{_WIDGETS}base._LIKE_A_NUMBER": ("", "1 ", "x"),
    f"{_WIDGETS}network._DATE_AT_END": ("", "01/01/2020", "x"),
    f"{_WIDGETS}network._KIND_OF_NAME": ("", "association pimms ", ""),
    f"{_WIDGETS}network._PREFIX": ("", "la vague de la ", ""),
    f"{_WIDGETS}network._SHORT_MONTH": ("", "1/2", "x"),
    f"{_WIDGETS}network._STATE": ("espace", " ", "labellisé le :"),
    f"{_WIDGETS}numbers._GROUPED": ("", "1.000", "x"),
    f"{_WIDGETS}numbers._KEY": ("", "9", "x"),
    f"{_WIDGETS}numbers._WHOLE": ("1.", "0", "x"),
    f"{_WIDGETS}places.DepartmentWidget.code": ("", "0", "x"),
    f"{_WIDGETS}places.DepartmentWidget.code_first": ("01 -", " ", "2"),
    f"{_WIDGETS}places.DepartmentWidget.code_last": ("a", "- ", "01x"),
    f"{_WIDGETS}places.DepartmentWidget.noun_before_code": ("dpt", " ", "x"),
    f"{_WIDGETS}places.RegionWidget.code": ("", "9", "x"),
    f"{_WIDGETS}places.RegionWidget.code_first": ("01 -", " ", "2"),
    f"{_WIDGETS}places.RegionWidget.code_last": ("a", "- ", "01x"),
    f"{_WIDGETS}places.RegionWidget.noun_before_code": ("région", " ", "x"),
    f"{_WIDGETS}texts.CommuneCodeWidget.pattern": ("", "2A", "004"),
    f"{_WIDGETS}texts.PostcodeWidget.pattern": ("", "4200", "x"),
    f"{_WIDGETS}texts._BETWEEN_DIGITS": ("", "1. ", ""),
    f"{_WIDGETS}texts._FROM_ABROAD": ("", "+3312345678", "x"),
    f"{_WIDGETS}texts._MAIL_LINK": ("", "mailto:", ""),
    f"{_WIDGETS}texts._SHORT_OR_FOREIGN": ("", "+123456", ""),
    f"{_WIDGETS}texts._STATE_NUMBER": ("", "9", "?"),
    f"{_WIDGETS}texts._WHOLE": ("", "1", ".0x"),
    f"{_WIDGETS}texts._WITHOUT_ZERO": ("", "9", "x"),
    f"{_WIDGETS}texts._WORD": ("", "a ", ""),
    "labelling.text._BEFORE_NARROW": ("", " ", "!"),
    "labelling.text._BEFORE_WIDE": ("", "« :", ""),
    "labelling.text._PERIOD": ("", "a", " 202"),
    "labelling.text._PHONE": ("", "0123", "x"),
    "labelling.text._UNREAD": ("", "a\u200b", ""),
    "labelling.text._INNER_QUOTES": ("", "« ", ""),
    "labelling.text._NOT_WORDS": ("", " _-", "x"),
    "labelling.text._WORD": ("", "a ", ""),
    "pimms.logs._GIVEN": ("", "a", "x"),
    "pimms.masking._ADDRESS": ("", "a%4", "@"),
    "pimms.masking._NUMBER": ("", "1  ", "x"),
    "pimms.masking._OF_THE_CODE": ("", "a", "A"),
    "pimms.masking._QUERY": ("", "? ", "x"),
    "pimms.masking._QUOTED": ("", " 'a", "x"),
    "pimms.masking._TOKEN": ("", "a.", "1"),
    "pimms.settings._NUMBER": ("", "0", "x"),
}
# Patterns of the constraints, which are in the table, are compiled where lines are judged.
COMPILED_ELSEWHERE = ["labelling/spreadsheets/resources/checks.py"]


def use(pattern: re.Pattern[Any], subject: Any) -> None:
    """Use a pattern in every way there is: where it begins, and what it must end with."""
    for _ in pattern.finditer(subject):
        pass
    pattern.fullmatch(subject)


def write(pattern: re.Pattern[Any], parts: Text, count: int) -> Any:
    begin, unit, end = parts
    text = begin + unit * count + end
    return text if isinstance(pattern.pattern, str) else text.encode()


class TestPatterns:
    def test_are_all_constants(self) -> None:
        strays = [place.partition(":")[0] for place in list_strays()]

        assert strays == COMPILED_ELSEWHERE

    def test_are_all_in_the_table(self) -> None:
        assert sorted(WORST) == sorted(PATTERNS)

    @pytest.mark.parametrize("name", WORST)
    def test_are_linear(self, name: str) -> None:
        pattern = PATTERNS[name]

        assert is_linear(partial(use, pattern), make=partial(write, pattern, WORST[name]))


class TestTheRatio:
    """What finds a square, and what finds a pattern, find those that are known."""

    @pytest.mark.parametrize(
        ("pattern", "parts"),
        [
            (r"comité de pilotage\b.*?s’est tenu", ("", "comité de pilotage ", "")),
            (r"[0-9\s]*[.,]?[0-9]+", ("", "1", "x")),
            (r"\s+$", ("", " ", "x")),
        ],
    )
    def test_tells_a_square(self, pattern: str, parts: Text) -> None:
        found = re.compile(pattern)
        make = partial(write, found, parts)

        # A machine that was busy once may hide a square, not three times.
        assert not all(is_linear(partial(use, found), make=make, most=2_000) for _ in range(3))

    def test_finds_what_the_source_says(self) -> None:
        """Counted another way: by the word."""
        words = re.compile(r"= re\.compile\(")
        sources = [
            path.read_text(encoding="utf-8")
            for package in ("labelling", "pimms")
            for path in (ROOT / package).rglob("*.py")
            if "migrations" not in path.parts
        ]
        given = [name for name in WORST if name.startswith("^")]

        written = sum(len(words.findall(source)) for source in sources)

        assert written == len(WORST) - len(given) + len(COMPILED_ELSEWHERE)
