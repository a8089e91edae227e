"""What is read of a Word file, and what is refused: nothing of it is believed."""

import subprocess
import sys

import pytest

from labelling.press_release.content import Properties
from labelling.press_release.formats import FORMATS
from labelling.press_release.returned import child, reading
from labelling.press_release.returned.document import Document, Dropped, Part
from labelling.press_release.returned.limits import WordLimits
from labelling.sandbox import running
from labelling.sandbox.archive import pack
from labelling.sandbox.limits import RefusedError
from tests.press_release.returned.word_edits import (
    DOCUMENT,
    W,
    Word,
    make_change,
    make_paragraph,
    make_run,
    mark_end,
)
from tests.press_release.test_renderers import FULL

PROPERTIES = Properties(draft=7, draft_digest="ab" * 32)
FILE = FORMATS["docx"].render(FULL, PROPERTIES)
DIRECTOR, CHAIR = "La directrice", "Le président"


def read(data, limits=None):
    """The document, read here: a debugger and the coverage reach it."""
    first, last = child.answer(data, limits or WordLimits())
    assert last == {"end": True}
    return Document.from_json(first["document"])


def refusal_of(data, limits=None):
    with pytest.raises(RefusedError) as refusal:
        read(data, limits)
    return str(refusal.value)


def with_body(body: str, **parts: bytes) -> bytes:
    word = Word(FILE)
    word.parts[DOCUMENT] = f'<w:document xmlns:w="{W[1:-1]}">{body}</w:document>'.encode()
    word.parts |= parts
    return pack(word.parts)


def of_body(*paragraphs):
    """The passages of a body of these paragraphs alone."""
    word = Word(FILE)
    body = word.root.find(f"{W}body")
    for child_element in list(body):
        body.remove(child_element)
    body.extend(paragraphs)
    passages = read(word.save()).passages
    return [passage for passage in passages if passage.part == Part.BODY]


class TestADocument:
    def test_says_what_it_was_made_from(self):
        document = read(FILE)

        assert (document.draft, document.digest) == ("7", "ab" * 32)
        assert len(document.rows) == 1 + len(FULL.lines)
        assert document == reading.read(FILE)

    @pytest.mark.parametrize("target", ["word/texte.xml", "/word/texte.xml"])
    def test_is_the_part_that_the_file_names(self, target):
        word = Word(FILE)
        data = word.save()
        word.parts["word/texte.xml"] = word.parts.pop(DOCUMENT)
        relations = word.parts["_rels/.rels"]
        word.parts["_rels/.rels"] = relations.replace(DOCUMENT.encode(), target.encode())

        assert read(pack(word.parts)) == read(data)

    def test_comes_back_from_json(self):
        document = read(Word(FILE).track(FULL.title, FULL.title, "Un titre", DIRECTOR).save())

        assert Document.from_json(document.to_json()) == document


class TestChangesInsideAParagraph:
    def test_are_refused_in_one_view_and_accepted_in_the_other(self):
        (passage,) = of_body(
            make_paragraph(
                make_run("Un "),
                make_change("del", DIRECTOR, make_run("deux", "delText")),
                make_change("ins", CHAIR, make_run("trois")),
            )
        )

        assert (passage.old, passage.new) == ("Un deux", ("Un trois",))
        assert passage.by == (DIRECTOR, CHAIR)
        assert passage.is_tracked

    def test_name_nobody_who_has_no_name(self):
        (passage,) = of_body(make_paragraph(make_change("ins", "Unknown Author", make_run("Un"))))

        assert passage.is_tracked
        assert passage.by == ()

    def test_that_one_inserted_and_another_deleted_are_in_no_view(self):
        inserted = make_change(
            "ins",
            DIRECTOR,
            make_run("trois"),
            make_change("del", CHAIR, make_run(" mots", "delText")),
        )

        (passage,) = of_body(make_paragraph(make_run("Un "), inserted))

        assert (passage.old, passage.new) == ("Un", ("Un trois",))
        assert passage.dropped == (Dropped(words=" mots", by=(DIRECTOR, CHAIR)),)

    def test_that_leave_nothing_are_told_all_the_same(self):
        dropped = make_change("del", CHAIR, make_run("rien", "delText"))

        (passage,) = of_body(make_paragraph(make_change("ins", DIRECTOR, dropped)))

        assert (passage.old, passage.new) == (None, ())
        assert passage.dropped[0].words == "rien"


class TestParagraphs:
    def test_joined_by_a_deleted_mark_are_one_afterwards(self):
        word = Word(FILE)
        first, second = FULL.paragraphs[:2]
        paragraph = word.find(first)
        properties = paragraph.find(f"{W}pPr")
        look = properties.makeelement(f"{W}rPr")
        look.append(make_change("del", DIRECTOR))
        properties.append(look)

        passages = {passage.old: passage for passage in read(word.save()).passages}

        kept, other = sorted(
            (passages[words] for words in (first, second)), key=lambda each: each.joined
        )
        assert kept.new == (f"{first}{second}",)
        assert (other.new, other.joined) == ((), True)

    def test_that_were_moved_away_do_not_take_the_next_one_along(self):
        word = Word(FILE)
        first, second = FULL.paragraphs[:2]
        word.track_deletion(first, DIRECTOR, "moveFrom")

        passages = {passage.old: passage for passage in read(word.save()).passages}

        assert (passages[first].new, passages[first].is_moved) == ((), True)
        assert passages[second].new == (second,)

    def test_of_text_boxes_are_read_once(self):
        box = "<w:txbxContent><w:p><w:r><w:t>Encadré</w:t></w:r></w:p></w:txbxContent>"
        body = (
            '<w:body xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<w:p><w:r><w:t>Texte</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p></w:body>"
        )

        passages = [p for p in read(with_body(body)).passages if p.part != Part.MARGIN]

        assert [(p.part, p.old) for p in passages] == [("body", "Texte"), ("box", "Encadré")]

    def test_within_controls_and_links_are_read(self):
        body = (
            "<w:body><w:sdt><w:sdtContent><w:p><w:hyperlink><w:r><w:t>Un</w:t></w:r></w:hyperlink>"
            "<w:r><w:tab/><w:t>mot</w:t></w:r></w:p></w:sdtContent></w:sdt></w:body>"
        )

        assert read(with_body(body)).passages[0].old == "Un mot"

    def test_of_equations_are_read(self):
        body = (
            '<w:body xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
            "<w:p><w:r><w:t>Soit </w:t></w:r><m:oMath><m:r><m:t>2 + 2 = 4</m:t></m:r></m:oMath>"
            "</w:p></w:body>"
        )

        assert read(with_body(body)).passages[0].old == "Soit 2 + 2 = 4"


NAMESPACES = (
    f'xmlns:w="{W[1:-1]}" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
RUN = "<w:r><w:t>Ici</w:t></w:r>"
PARAGRAPH = f"<w:p>{RUN}</w:p>"
BOX = f"<w:r><w:pict><w:txbxContent>{PARAGRAPH}</w:txbxContent></w:pict></w:r>"

ALTERNATE = f"<mc:AlternateContent><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent>"


def list_beside(body: str, **parts: str) -> list[tuple[str, str | None]]:
    """The passages of a file of this body, those of our own margins left out."""
    written = {name: content.encode() for name, content in parts.items()}
    ours = {each.old for each in read(FILE).passages if each.part == Part.MARGIN}
    passages = read(with_body(f"<w:body {NAMESPACES}>{body}</w:body>", **written)).passages
    return [(each.part.value, each.old) for each in passages if each.old not in ours]


class TestWordsThatStandAnywhere:
    @pytest.mark.parametrize(
        ("body", "part"),
        [
            (f'<w:ins w:author="X">{RUN}</w:ins>', "other"),
            ("<m:oMathPara><m:oMath><m:r><m:t>Ici</m:t></m:r></m:oMath></m:oMathPara>", "other"),
            (f"<w:tc>{PARAGRAPH}</w:tc>", "other"),
            (f"<w:tbl><w:tr>{PARAGRAPH}</w:tr></w:tbl>", "other"),
            (f"<w:tbl>{PARAGRAPH}</w:tbl>", "other"),
            (f"<w:p><w:p>{RUN}</w:p></w:p>", "other"),
            ("<w:p><w:r><w:drawing><a:t>Ici</a:t></w:drawing></w:r></w:p>", "other"),
            ('<w:p><w:r><w:pict><v:textpath string="Ici"/></w:pict></w:r></w:p>', "other"),
            (f"<w:p>{BOX}</w:p>", "box"),
            (f"<w:p>{ALTERNATE}</w:p>", "box"),
            (f"<w:tbl><w:tr><w:tc><w:p>{BOX}</w:p></w:tc></w:tr></w:tbl>", "box"),
            (f"<w:customXml><w:p><w:smartTag>{RUN}</w:smartTag></w:p></w:customXml>", "body"),
        ],
    )
    def test_are_read_once(self, body, part):
        assert list_beside(body) == [(part, "Ici")]

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            ("<w:hdr {}>{}</w:hdr>", "margin"),
            ("<w:ftr {}>{}</w:ftr>", "margin"),
            ("<w:comments {}><w:comment>{}</w:comment></w:comments>", "comment"),
            ('<w:footnotes {}><w:footnote w:type="normal">{}</w:footnote></w:footnotes>', "note"),
            ('<w:endnotes {}><w:endnote w:type="separator">{}</w:endnote></w:endnotes>', "other"),
            ("<a:chart {}><a:t>Ici</a:t></a:chart>", "other"),
        ],
    )
    def test_are_read_in_parts_of_any_name(self, content, part):
        said = content.format(NAMESPACES, PARAGRAPH)

        assert list_beside("", **{"word/Teil.XML": said}) == [(part, "Ici")]

    def test_are_not_what_word_offers_to_insert(self):
        store = f"<w:glossaryDocument {NAMESPACES}>{PARAGRAPH}</w:glossaryDocument>"

        assert list_beside("", **{"word/glossary/document.xml": store}) == []

    @pytest.mark.parametrize(
        ("between", "said"),
        [
            ('<w:sym w:font="Arial" w:char="20AC"/>', "Un€deux"),
            ('<w:sym w:font="Wingdings" w:char="F0E0"/>', "Un\ufffddeux"),
            ('<w:sym w:char="FFFFFFFFFF"/>', "Un\ufffddeux"),
            ("<w:sym/>", "Un\ufffddeux"),
            ("<w:ptab/>", "Un deux"),
            ("<w:t>\n\t</w:t>", "Un deux"),
        ],
    )
    def test_are_signs_too(self, between, said):
        run = f"<w:r><w:t>Un</w:t>{between}<w:t>deux</w:t></w:r>"

        assert list_beside(f"<w:p>{run}</w:p>") == [("body", said)]


class TestWhatNoViewShows:
    def test_is_told_between_paragraphs_that_were_joined(self):
        first = make_paragraph(make_run("Un"))
        dropped = make_change("ins", CHAIR, make_change("del", DIRECTOR, make_run("entre")))
        second = make_paragraph(dropped)
        mark_end(first, "del", DIRECTOR)
        mark_end(second, "del", DIRECTOR)

        passages = of_body(first, second, make_paragraph(make_run("deux")))

        told = [each.words for passage in passages for each in passage.dropped]
        assert told == ["entre"]

    def test_is_told_of_a_row_that_one_added_and_another_removed(self):
        word = Word(FILE)
        name = FULL.lines[0].name
        properties = word.row(name).find(f"{W}trPr")
        properties.append(make_change("ins", CHAIR))
        properties.append(make_change("del", DIRECTOR))

        (row,) = [row for row in read(word.save()).rows if row.old is None]

        assert row.new is None
        assert name in " ".join(each.words for each in row.dropped)
        assert row.dropped[0].by == (CHAIR, DIRECTOR)


SAVE_AGAIN = (
    "Ouvrez-le dans Word ou LibreOffice, enregistrez-le au format « Document Word (.docx) », puis"
    " déposez cette copie."
)
UNUSUAL = "Ce document n’est pas rangé comme le fait un traitement de texte ({}). " + SAVE_AGAIN
TOO_HEAVY = (
    "Ce document demande trop de mémoire ou de temps pour être lu. Il est bien plus long qu’un"
    " communiqué : vérifiez que c’est le bon fichier."
)


class TestHostileFiles:
    """S6, S7, S8."""

    def test_with_macros_are_refused(self):
        word = Word(FILE)
        word.parts["word/vbaProject.bin"] = b"x"

        assert refusal_of(word.save()).startswith("Ce document contient des macros.")

    @pytest.mark.parametrize("tag", ["altChunk", "subDoc"])
    @pytest.mark.parametrize("place", ["<w:body>{}</w:body>", "<w:body><w:p>{}</w:p></w:body>"])
    def test_with_another_document_inside_are_refused(self, tag, place):
        data = with_body(place.format(f"<w:{tag}/>"))

        assert refusal_of(data) == UNUSUAL.format("un autre document y est incorporé")

    def test_with_a_document_type_are_refused(self):
        word = Word(FILE)
        word.save()
        word.parts["docProps/custom.xml"] = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

        assert refusal_of(pack(word.parts)) == UNUSUAL.format("définition de type de document")

    def test_that_unpack_to_too_much_are_refused(self):
        data = with_body("<w:body/>", **{"word/media/image1.png": b"\0" * 33 * 1024 * 1024})

        assert refusal_of(data) == (
            "Une fois décompressé, ce document dépasse 32 Mo. Retirez-en les images, puis"
            " déposez-le à nouveau."
        )

    @pytest.mark.parametrize(
        "limits",
        [
            WordLimits(paragraphs=20),
            WordLimits(passages=5),
            WordLimits(rows=10),
            WordLimits(characters=100),
        ],
    )
    def test_that_go_on_and_on_are_refused(self, limits):
        assert refusal_of(FILE, limits) == TOO_HEAVY

    def test_with_changes_without_end_are_refused(self):
        word = Word(FILE).track(FULL.title, FULL.title, "Un titre", DIRECTOR)

        assert refusal_of(word.save(), WordLimits(changes=1)) == TOO_HEAVY

    def test_of_tags_without_end_are_not_even_parsed(self):
        data = with_body(f"<w:body>{'<w:r/>' * 700_000}</w:body>")

        assert refusal_of(data, WordLimits(paragraphs=10_000)) == TOO_HEAVY

    def test_nested_without_end_do_not_hurt_this_process(self):
        deep = 100_000
        data = with_body(f"<w:body><w:p>{'<w:r>' * deep}{'</w:r>' * deep}</w:p></w:body>")

        with pytest.raises(reading.ReadingError):
            reading.read(data)

    def test_that_are_cut_are_refused(self):
        assert refusal_of(FILE[: len(FILE) // 2]).startswith("Ce document est incomplet ou abîmé.")

    def test_whose_text_is_no_xml_are_refused(self):
        word = Word(FILE)
        data = pack(word.parts | {DOCUMENT: b"<w:document"})

        assert refusal_of(data).startswith("Ce document est incomplet ou abîmé.")

    def test_of_another_dialect_are_refused(self):
        assert refusal_of(with_body("")) == UNUSUAL.format("format inhabituel")

    def test_of_libreoffice_are_told_to_be_saved_as_word(self):
        assert refusal_of(FORMATS["odt"].render(FULL)).startswith(
            "Ce fichier est un document texte de LibreOffice (.odt)."
        )

    def test_that_are_workbooks_are_refused(self):
        assert refusal_of(FORMATS["xlsx"].render(FULL)) == (
            "Ce fichier n’est pas un document Word. Déposez le fichier Word (.docx) corrigé."
        )

    def test_are_read_where_django_is_not(self):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from labelling.press_release.returned import child, word;"
            "print([name for name in sys.modules if name.startswith(('django', 'socket', 'ssl'))])"
        )

        output = subprocess.run(
            [sys.executable, "-I", "-B", "-c", code, str(running.PROJECT)],
            capture_output=True,
            check=True,
            text=True,
        )

        assert output.stdout == "[]\n"
