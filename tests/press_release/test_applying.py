"""A content as corrections say that it is to be read."""

from dataclasses import replace

import pytest

from labelling.press_release.applying import apply_corrections
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.differences import Kind, Part, find_differences
from labelling.press_release.errata import Correction, read_corrections
from tests.linear import is_linear

NAMES = (
    ("Bretagne", "Finistère", "PIMMS Brest", 1),
    ("Bretagne", "Finistère", "PIMMS Quimper", 2),
    ("Hauts-de-France", "Pas-de-Calais", "PIMMS Arras", 3),
    ("Occitanie", "Gard", "PIMMS Nîmes", 4),
    ("Occitanie", "Gard", "PIMMS Nîmes Est", 5),
    ("Occitanie", "Hérault", "PIMMS Sète", 6),
)


def line(region, department, name, site=None, **values):
    return ReleaseLine(region=region, department=department, name=name, site=site, **values)


CONTENT = Content(
    title="2 PIMMS supplémentaires obtiennent la labellisation",
    lead="Suite au comité, 2 PIMMS ont le label. Ce sont désormais 6 PIMMS qui sont labellisés.",
    paragraphs=("Les élus étaient là.", "Le réseau compte 6 PIMMS."),
    list_title="Liste :",
    columns=("Région", "Département", "Nom"),
    lines=tuple(line(*names, is_new=names[3] < 3) for names in NAMES),
    about=("L’Union existe depuis 1998.",),
    contact_heading="Contact presse",
    contact=("Ana Durand", "Chargée de mission", "01 23 45 67 89"),
)


def applied(typed: str, content=CONTENT, beside=None) -> Content:
    found = apply_corrections(content, read_corrections(typed), beside)
    assert found.missed == ()
    return found.content


def missed(typed: str) -> bool:
    found = apply_corrections(CONTENT, read_corrections(typed))
    assert found.content == CONTENT
    return bool(found.missed)


class TestATextIsReadOtherwise:
    @pytest.mark.parametrize(
        ("typed", "field", "expected"),
        [
            ("Titre | 2 PIMMS | 3 PIMMS", "title", "3 PIMMS supplémentaires obtiennent"),
            ("Chapô | désormais 6 PIMMS | désormais 5 PIMMS", "lead", "Suite au comité, 2 PIMMS"),
            ("Phrase sur le réseau | 6 PIMMS | 5 PIMMS", "paragraphs", "Le réseau compte 5 PIMMS."),
            ("Deuxième ligne | Le réseau compte 6 | Le réseau a 5", "paragraphs", "Le réseau a 5"),
            ("À propos de l’Union | 1998 | 1997", "about", "1997"),
            ("Contact presse | 01 23 45 67 89 | 09 87 65 43 21", "contact", "09 87 65 43 21"),
            ("Titres des colonnes | Nom | Site", "columns", "Site"),
        ],
    )
    def test_in_the_part_that_it_names_or_where_it_stands_once(self, typed, field, expected):
        content = applied(typed)

        value = getattr(content, field)
        assert expected in (value if isinstance(value, str) else "\n".join(value))
        assert replace(content, **{field: getattr(CONTENT, field)}) == CONTENT

    def test_as_a_whole_as_older_rectificatifs_say_it(self):
        lead = CONTENT.lead.replace("6 PIMMS", "5 PIMMS")

        assert applied(f"Chapô | {CONTENT.lead} | {lead}").lead == lead

    def test_with_one_more_or_one_less(self):
        content = applied("Texte | | Une phrase oubliée.\nTexte | Les élus étaient là. | ")

        assert content.paragraphs == ("Le réseau compte 6 PIMMS.", "Une phrase oubliée.")

    def test_with_one_more_where_the_records_have_it(self):
        beside = replace(CONTENT, paragraphs=("Les élus étaient là.", "Un mot.", "Fin."))

        content = applied("Texte | | Un mot.", beside=beside)

        assert content.paragraphs[1] == "Un mot."

    @pytest.mark.parametrize(
        "typed",
        [
            "Chapô | 60 PIMMS | 5 PIMMS",
            "Chapô | PIMMS | sites",
            "Ailleurs | 6 PIMMS | 5 PIMMS",
            "Titre | | Un autre titre",
            "Ligne de la liste | Occitanie, Gard, PIMMS Alès | ",
            "Ligne de la liste | | PIMMS Alès",
            "PIMMS Alès, département | Gard | Hérault",
            "PIMMS Brest, département | Gard | Hérault",
            "PIMMS Alès, nouveau | Non | Oui",
            "PIMMS Alès, place dans la liste | après « PIMMS Brest » | en tête de la liste",
        ],
    )
    def test_or_is_said_not_to_be(self, typed):
        assert missed(typed)


class TestTheList:
    def names(self, content):
        return [one.name for one in content.lines]

    def test_loses_a_line(self):
        content = applied("Ligne de la liste | Hauts-de-France, Pas-de-Calais, PIMMS Arras | ")

        assert content.lines == (*CONTENT.lines[:2], *CONTENT.lines[3:])

    def test_loses_the_only_line_of_that_name(self):
        assert len(applied("Ligne de la liste | PIMMS Arras | ").lines) == 5

    def test_has_a_line_more_with_its_record_where_that_one_stands(self):
        without = replace(CONTENT, lines=(*CONTENT.lines[:2], *CONTENT.lines[3:]))
        typed = "Ligne de la liste | | Hauts-de-France, Pas-de-Calais, PIMMS Arras *"

        content = applied(typed, without, beside=CONTENT)

        assert content.lines[2] == replace(CONTENT.lines[2], is_new=True)

    def test_has_a_line_more_that_no_record_has_at_its_end(self):
        content = applied("Ligne de la liste | | Occitanie, Lot, PIMMS Cahors")

        assert content.lines[-1] == line("Occitanie", "Lot", "PIMMS Cahors")

    @pytest.mark.parametrize(
        ("typed", "number", "changed"),
        [
            ("PIMMS Sète, région | Occitanie | Corse", 5, {"region": "Corse"}),
            ("PIMMS Nîmes, nom | PIMMS Nîmes | PIMMS du Gard", 3, {"name": "PIMMS du Gard"}),
            ("PIMMS Nîmes Est, département | Gard | Lot", 4, {"department": "Lot"}),
            ("Lot : PIMMS Nîmes Est | Gard | Lot", 4, {"department": "Lot"}),
            ("Sur la côte | Hérault | Aude", 5, {"department": "Aude"}),
            ("PIMMS Brest, nouveau | Oui | Non", 0, {"is_new": False}),
            ("PIMMS Arras, nouveau | Non | Oui", 2, {"is_new": True}),
            ("Ligne de la liste | Occitanie, Hérault, PIMMS Sète | Occitanie, Lot, PIMMS Sète", 5,
             {"department": "Lot"}),
        ],
    )  # fmt: skip
    def test_reads_otherwise_in_a_line(self, typed, number, changed):
        lines = list(CONTENT.lines)
        lines[number] = replace(lines[number], **changed)

        assert applied(typed).lines == tuple(lines)

    def test_has_a_line_elsewhere(self):
        where = "place dans la liste"
        content = applied(
            f"PIMMS Sète, {where} | après « PIMMS Nîmes Est » | en tête de la liste\n"
            f"PIMMS Brest, {where} | en tête de la liste | après « PIMMS Arras »"
        )

        assert self.names(content) == [
            "PIMMS Sète",
            "PIMMS Quimper",
            "PIMMS Arras",
            "PIMMS Brest",
            "PIMMS Nîmes",
            "PIMMS Nîmes Est",
        ]

    def test_loses_nothing_where_two_lines_follow_each_other(self):
        where = "place dans la liste"
        content = applied(
            f"PIMMS Sète, {where} | après « PIMMS Nîmes Est » | après « PIMMS Brest »\n"
            f"PIMMS Brest, {where} | en tête de la liste | après « PIMMS Sète »"
        )

        assert sorted(self.names(content)) == sorted(self.names(CONTENT))

    def test_has_a_line_of_another_department_where_the_records_have_it(self):
        now = replace(
            CONTENT,
            lines=(*CONTENT.lines[:3], CONTENT.lines[4], *CONTENT.lines[5:],
                   replace(CONTENT.lines[3], department="Lot")),
        )  # fmt: skip

        content = applied("PIMMS Nîmes, département | Gard | Lot", beside=now)

        assert find_differences(content, now) == ()


def test_what_differs_applied_leaves_no_difference():
    """Whatever changed: the lines that are made of differences say all of them."""
    now = replace(
        CONTENT,
        title="3 PIMMS supplémentaires obtiennent la labellisation",
        lead=CONTENT.lead.replace("désormais 6 PIMMS", "désormais 7 sites"),
        paragraphs=("Les élus étaient là.", "Le réseau compte 7 PIMMS.", "Un mot de plus."),
        contact=("Ben Morel", "Chargé de mission"),
        lines=(
            CONTENT.lines[1],
            replace(CONTENT.lines[0], name="PIMMS Brest centre"),
            line("Bretagne", "Morbihan", "PIMMS Vannes", 7, is_new=True),
            replace(CONTENT.lines[4], is_new=True),
            replace(CONTENT.lines[3], region="Corse", department="Corse-du-Sud"),
            CONTENT.lines[5],
            line("Occitanie", "Lot", "PIMMS Cahors", 8),
        ),
    )
    found = find_differences(CONTENT, now)
    assert {d.kind for d in found} == set(Kind)
    assert {Part.LINE, Part.NEW, Part.NAME, Part.REGION, Part.PLACE} <= {d.part for d in found}

    corrections = [one for d in found for one in Correction.list_of(d)]
    typed = read_corrections("\n".join(one.typed for one in corrections))
    read = apply_corrections(CONTENT, typed, now)

    assert read.missed == ()
    assert find_differences(read.content, now) == ()


def test_is_quick_for_a_long_list():
    def make(count):
        lines = tuple(
            line("Bretagne", f"Département {n // 9}", f"PIMMS {n}", n) for n in range(count)
        )
        gone = [
            f"Ligne de la liste | Bretagne, Département {n // 9}, PIMMS {n} | "
            for n in range(0, count, 3)
        ]
        changed = [
            f"PIMMS {n}, département | Département {n // 9} | Loire" for n in range(1, count, 3)
        ]
        added = [
            f"Ligne de la liste | | Bretagne, Morbihan, PIMMS {n} bis" for n in range(2, count, 3)
        ]
        content = replace(CONTENT, lines=lines)
        return content, read_corrections("\n".join([*gone, *changed, *added]))  # fmt: skip

    assert is_linear(lambda given: apply_corrections(*given, given[0]), make=make, most=8000)
