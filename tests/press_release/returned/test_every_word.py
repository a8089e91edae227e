"""Whatever is done to a file, no word of it is lost: each is as it was, or stands in a change."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from labelling.press_release import publishing
from labelling.press_release.content import Content, Properties
from labelling.press_release.formats import FORMATS
from labelling.press_release.returned import child
from labelling.press_release.returned.aligning import fold
from labelling.press_release.returned.comparing import Comparison, compare
from labelling.press_release.returned.document import Document
from labelling.press_release.returned.limits import WordLimits
from labelling.press_release.returned.places import list_printed
from tests.factories import ReleaseFactory, SiteFactory
from tests.press_release.returned.word_edits import W, Word, make_change, make_run

PARAGRAPHS = tuple(
    f"Le paragraphe {word} du communiqué parle de {word} et de rien d’autre."
    for word in ("automne", "hiver", "printemps", "été")
)
NEW = st.sampled_from(("Un texte neuf.", "Le paragraphe nouveau.", PARAGRAPHS[0], "neuf"))
WHICH = st.sampled_from(PARAGRAPHS)
WHO = st.sampled_from(("La directrice", "Le président"))
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("rewrite"), WHICH, NEW),
        st.tuples(st.just("delete"), WHICH),
        st.tuples(st.just("add"), WHICH, NEW),
        st.tuples(st.just("move"), WHICH, WHICH),
        st.tuples(st.just("track"), WHICH, st.just("paragraphe"), NEW, WHO),
        st.tuples(st.just("track_deletion"), WHICH, WHO),
        st.tuples(st.just("track_addition"), WHICH, NEW, WHO),
        st.tuples(st.just("split"), WHICH, st.just("Le paragraphe "), WHO),
        st.tuples(st.just("delete_row"), st.just("PIMMS Alès")),
        st.tuples(st.just("track_row_deletion"), st.just("PIMMS Uzès"), WHO),
        st.tuples(st.just("track"), st.just("PIMMS Uzès"), st.just("PIMMS"), NEW, WHO),
        st.tuples(st.just("drop_marks")),
    ),
    max_size=5,
)


@pytest.fixture
def release(db):
    for name in ("Alès", "Nîmes", "Uzès"):
        SiteFactory(labelled=True, name=f"PIMMS {name}")
    return ReleaseFactory(closing="\n\n".join(PARAGRAPHS), attendance="Étaient présents X et Y.")


def read(data: bytes) -> Document:
    first, _ = child.answer(data, WordLimits())
    return Document.from_json(first["document"])


def said_by(comparison: Comparison) -> set[str]:
    said = [note.words for note in comparison.notes]
    for change in comparison.changes:
        said += [change.old, *change.new, *(each.words for each in change.dropped)]
    for line in comparison.lines:
        said += [line.line, *(each.words for each in line.dropped)]
        said += [words for cell in line.cells for words in (cell.old, cell.new)]
    return {fold(words) for words in said}


@given(edits=EDITS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_word_is_lost(release: Any, edits: list[tuple[Any, ...]]) -> None:
    sent = publishing.compose_draft(release)
    digest = publishing.compute_digest(sent)
    word = Word(FORMATS["docx"].render(sent, Properties(draft=1, draft_digest=digest)))
    for name, *arguments in edits:
        try:
            getattr(word, name)(*arguments)
        except (StopIteration, AssertionError):  # What it speaks of is there no longer.
            continue
    document = read(word.save())

    comparison = compare(document, release, sent, digest, sent)

    said = said_by(comparison)
    kept = {fold(each.words) for each in list_printed(sent)}
    for passage in document.passages:
        if passage.part == "margin":
            continue
        # What became of other words is told by these: beside them stands what was sent.
        replaced = () if passage.new else (passage.old or "",)
        for words in (*replaced, *passage.new, *(each.words for each in passage.dropped)):
            assert fold(words) in said | kept | {""}
    lines = {fold(line.name) for line in sent.lines} | {
        fold(f"{line.name}\u00a0{sent.mark}") for line in sent.lines
    }
    for row in document.rows[1:]:
        for cells in (row.old, row.new):
            assert not cells or fold(cells[2]) in said | lines
    found = {fold(words) for p in document.passages for words in (p.old, *p.new) if words}
    assert kept <= found | said
    assert len({change.key for change in comparison.changes}) == len(comparison.changes)


def test_a_sentence_that_stands_twice_is_known_by_its_mark(release: Any) -> None:
    release.closing = f"{PARAGRAPHS[0]}\n\nEntre les deux.\n\n{PARAGRAPHS[0]}"
    sent: Content = publishing.compose_draft(release)
    digest = publishing.compute_digest(sent)
    word = Word(FORMATS["docx"].render(sent, Properties(draft=1, draft_digest=digest)))
    word.move("Entre les deux.", release.attendance)  # The two that are alike stand together now.
    word.delete(PARAGRAPHS[0])

    comparison = compare(read(word.save()), release, sent, digest, sent)

    deleted = [change for change in comparison.changes if change.kind == "deleted"]
    assert [(change.old, change.spot and change.spot.index) for change in deleted] == [
        (PARAGRAPHS[0], 0)
    ]


def compare_edited(release: Any, edit: Any) -> Comparison:
    sent = publishing.compose_draft(release)
    digest = publishing.compute_digest(sent)
    word = Word(FORMATS["docx"].render(sent, Properties(draft=1, draft_digest=digest)))
    edit(word)
    return compare(read(word.save()), release, sent, digest, sent)


def list_dropped(comparison: Comparison) -> list[str]:
    said = (*comparison.changes, *comparison.lines)
    return [each.words for change in said for each in change.dropped]


def test_what_a_paragraph_said_in_between_is_told(release: Any) -> None:
    def pass_by(word: Word) -> None:
        word.rewrite(PARAGRAPHS[0], "Un texte de passage.")
        word.track("Un texte de passage.", "Un texte de passage.", PARAGRAPHS[0], "La directrice")

    comparison = compare_edited(release, pass_by)

    assert list_dropped(comparison) == ["Un texte de passage."]
    assert not any(change.can_be_taken for change in comparison.changes)


def test_what_was_dropped_where_a_paragraph_was_put_is_told(release: Any) -> None:
    def move(word: Word) -> None:
        word.track_deletion(PARAGRAPHS[0], "La directrice", "moveFrom")
        word.track_addition(PARAGRAPHS[2], PARAGRAPHS[0], "La directrice", "moveTo")
        dropped = make_change("del", "Le président", make_run("enfin", "delText"))
        word.root.find(f".//{W}p/{W}moveTo").append(dropped)

    comparison = compare_edited(release, move)

    (change,) = (each for each in comparison.changes if each.kind == "moved")
    assert change.new == (PARAGRAPHS[0],)
    assert [each.words for each in change.dropped] == ["enfin"]


@pytest.mark.parametrize("cell", [0, 1, 2])
def test_what_a_row_said_in_between_is_told(release: Any, cell: int) -> None:
    def pass_by(word: Word) -> None:
        row = word.row("PIMMS Uzès")
        paragraph = row.findall(f"{W}tc")[cell].find(f"{W}p")
        paragraph.append(make_change("del", "La directrice", make_run("passager", "delText")))

    comparison = compare_edited(release, pass_by)

    assert any("passager" in words for words in list_dropped(comparison))


def test_a_row_of_another_table_is_told_as_it_was_and_as_it_is(release: Any) -> None:
    def add_table(word: Word) -> None:
        row = copy.deepcopy(word.row("PIMMS Uzès"))
        for cell in row.findall(f"{W}tc")[1:]:
            row.remove(cell)
        paragraph = row.find(f"{W}tc/{W}p")
        for run in paragraph.findall(f"{W}r"):
            paragraph.remove(run)
        paragraph.append(make_change("del", "La directrice", make_run("avant", "delText")))
        paragraph.append(make_change("ins", "La directrice", make_run("après")))
        word.root.find(f"{W}body").insert(0, table := etree.Element(f"{W}tbl"))
        table.append(row)

    comparison = compare_edited(release, add_table)

    assert [note.words for note in comparison.notes] == ["avant → après"]


def test_a_row_of_nowhere_is_told_with_what_it_said(release: Any) -> None:
    def add(word: Word) -> None:
        word.add_row("PIMMS Uzès", "", "Nulle part", "Tout autre chose")
        word.track("Tout autre chose", "autre", "une", "La directrice")
        word.track("Nulle part", "Nulle part", "", "La directrice")

    (line,) = compare_edited(release, add).lines

    assert line.label == "Ajoutée"
    assert [(cell.old, cell.new) for cell in line.cells] == [
        ("Nulle part", ""),
        ("Tout autre chose", "Tout une chose"),
    ]
