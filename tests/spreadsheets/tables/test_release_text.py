"""The text of a release becomes a table, checked against its own sentences."""

import textwrap
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.models import PressRelease
from labelling.press_release.composition import read_published
from labelling.press_release.renderers import txt
from labelling.spreadsheets.files.reading import read, read_pasted
from labelling.spreadsheets.resources import SiteResource
from labelling.spreadsheets.tables.headings import HeadingsError
from labelling.spreadsheets.tables.release_text import is_release, join_rows, understand_release
from tests.spreadsheets import known

# As a PDF gives its text back: lines cut anywhere, blanks at their ends, the table taken apart.
TEXT = """ Paris, mercredi 14 octobre 2020\x20
\x20
COMMUNIQUE DE PRESSE\x20
3 PIMMS supplémentaires obtiennent la labellisation \x20

France Services\x20
\x20
Suite au comité de pilotage ministériel national France Services qui s’est tenu le mercredi 30\x20
septembre 2020, 3 nouveaux PIMMS ont obtenu la labellisation France Services. Au total, ce\x20
sont désormais 9 PIMMS qui sont labellisés France Services. \x20

Au total, ce seront 856 espaces labellisés réparties sur 674 cantons. Sur ces 856 sites\x20
labellisés : 11 seront portés par l’Etat.

Liste des PIMMS labellisés France Services à l’automne 2020 : \x20

Région Département Nom du PIMMS labellisé France Services\x20

Auvergne-Rhône-Alpes\x20

Isère PIMMS Isère - Pont de Claix\x20
 Isère PIMMS Métropole Stéphanoise - La Cotonne *\x20

Rhône PIMMS Agglomération Villefranche Beaujolais Saône\x20
(AVBS)\x20

Bourgogne-Franche-
Comté\x20

Saône et Loire PIMMS Bourgogne du Sud - Issy-l'Evêque *\x20

Centre-Val de Loire\x20
Loir-et-Cher PIMMS Blois\x20
Loiret PIMMS du Plateau de l'Agglomération montargoise\x20

Île-de-France\x20

Paris PIMMS Paris - Paris Nord Ouest (18e, Porte de\x20
Montmartre) *\x20
\f
Nouvelle-Aquitaine Haute Vienne PIMMS Ambazac \x20
 Vienne PIMMS Poitiers\x20
\x20
A propos de l’Union nationale des PIMMS\x20
Créée en 1998, l’Union nationale des PIMMS est propriétaire de la marque PIMMS.
"""


def resource():
    return SiteResource(known.lookups())


class TestTheText:
    def test_becomes_a_table_with_names_joined_and_regions_carried_down(self):
        table = understand_release(TEXT, resource())

        auvergne, burgundy = "Auvergne-Rhône-Alpes", "Bourgogne-Franche-Comté"
        centre, aquitaine = "Centre-Val de Loire", "Nouvelle-Aquitaine"
        assert [line.cells for line in table.lines] == [
            (auvergne, "Isère", "PIMMS Isère - Pont de Claix"),
            (auvergne, "Isère", "PIMMS Métropole Stéphanoise - La Cotonne *"),
            (auvergne, "Rhône", "PIMMS Agglomération Villefranche Beaujolais Saône (AVBS)"),
            (burgundy, "Saône et Loire", "PIMMS Bourgogne du Sud - Issy-l'Evêque *"),
            (centre, "Loir-et-Cher", "PIMMS Blois"),
            (centre, "Loiret", "PIMMS du Plateau de l'Agglomération montargoise"),
            (
                "Île-de-France",
                "Paris",
                "PIMMS Paris - Paris Nord Ouest (18e, Porte de Montmartre) *",
            ),
            (aquitaine, "Haute Vienne", "PIMMS Ambazac"),
            (aquitaine, "Vienne", "PIMMS Poitiers"),
        ]

    def test_is_the_same_kind_of_table_as_a_sheet(self):
        table = understand_release(TEXT, resource())

        assert table.is_understood
        assert table.positions == {"region": 0, "department": 1, "name": 2}
        assert [column.how for column in table.columns] == ["exact", "exact", "exact"]

    def test_keeps_the_numbers_of_its_lines(self):
        table = understand_release(TEXT, resource())

        assert table.heading_line == 17
        assert [line.number for line in table.lines][:3] == [21, 22, 24]

    def test_is_checked_against_its_own_sentences(self):
        table = understand_release(TEXT, resource())

        assert [(t.what, t.stated, t.counted) for t in table.totals] == [
            ("new", 3, 3),
            ("lines", 9, 9),
        ]

    def test_that_lost_a_line_disagrees_with_its_sentences(self):
        shorter = TEXT.replace("Loir-et-Cher PIMMS Blois\x20\n", "")

        table = understand_release(shorter, resource())

        assert [str(total) for total in table.totals if not total.agrees] == [
            "Le fichier annonce 9 lignes\u202f; 8 ont été lues."
        ]

    def test_that_states_thousands_of_totals_is_checked_against_some(self):
        """S8: each quotes where it stands, and not the whole of a sentence without end."""
        endless = " ".join(f"{number} sites" for number in range(10_000))

        table = understand_release(TEXT.replace("856 espaces", endless), resource())

        assert len(table.totals) == 20
        assert table.totals[2].sentence.startswith("Au total, ce seront 0 sites 1 sites 2 sites ")
        assert max(len(total.sentence) for total in table.totals) == 302
        assert "18 sites" in table.totals[-1].sentence

    def test_says_which_wave_it_announces_and_when(self):
        table = understand_release(TEXT, resource())

        assert table.wave_name == "Automne 2020"
        assert table.decided_on == date(2020, 9, 30)
        assert table.announced_on == date(2020, 10, 14)

    def test_may_say_nothing_of_its_wave(self):
        table = understand_release(TEXT[TEXT.index("Région Dép") :], resource())

        assert len(table.lines) == 9
        assert (table.wave_name, table.decided_on, table.announced_on) == (None, None, None)
        assert table.totals == ()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (TEXT, True),
            ("Région;Département;Nom\nOccitanie;Gard;PIMMS Nîmes", False),
            ("Communiqué de presse\nUn nouveau site", False),
            ("", False),
        ],
        ids=["release", "table alone", "sentences alone", "nothing"],
    )
    def test_is_told_from_other_texts(self, text, expected):
        assert is_release(text) is expected

    @pytest.mark.parametrize("text", ["", "Communiqué de presse\nUn nouveau site"])
    def test_without_a_list_is_refused(self, text):
        with pytest.raises(HeadingsError) as refusal:
            understand_release(text, resource())

        assert str(refusal.value) == (
            "Aucune liste n’a été trouvée dans ce texte. Elle doit commencer par la ligne de "
            "titres\u00a0: Région, Département, Nom."
        )

    @given(st.lists(st.sampled_from([*TEXT.splitlines(), "", "-", "*", "Comté", "\x00"])))
    def test_is_read_or_refused_whatever_its_lines(self, lines):
        text = "\n".join(["Région Département Nom", *lines])

        table = understand_release(text, resource())

        assert all(department for _, department, _ in (line.cells for line in table.lines))

    @pytest.mark.parametrize("name", ["dropped", "pasted"])
    def test_comes_through_the_reading_of_files(self, name):
        text = TEXT.replace("\f", "")
        workbook = read(text.encode(), "communique.txt") if name == "dropped" else read_pasted(text)

        table = understand_release(join_rows(workbook.sheets[0].rows), resource())

        assert len(table.lines) == 9


class TestTheReleaseOfOctober2020:
    def rows(self, text):
        table = understand_release(text, SiteResource())
        return table, [line.cells for line in table.lines]

    def test_comes_back_from_the_text_that_we_make_of_it(self, network):
        content = read_published(PressRelease.objects.get())

        table, rows = self.rows(txt.render(content).decode())

        assert len(rows) == 53
        assert rows == [
            (line.region, line.department, line.name + (" *" if line.is_new else ""))
            for line in content.lines
        ]
        assert [(t.what, t.stated, t.counted) for t in table.totals] == [
            ("new", 13, 13),
            ("lines", 53, 53),
        ]

    def test_comes_back_when_its_lines_are_cut(self, network):
        content = read_published(PressRelease.objects.get())
        text = txt.render(content).decode()
        cut = "\n".join(textwrap.fill(line, 60) for line in text.splitlines())

        _, rows = self.rows(cut)

        assert len(rows) == 53
        assert sum(name.endswith("*") for _, _, name in rows) == 13
        assert ("Île-de-France", "Seine et Marne", "PIMMS Melun") in rows
