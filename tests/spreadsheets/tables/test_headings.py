"""Grids become tables: the line of headings, the columns, what is named and never guessed [R10]."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.spreadsheets.resources import (
    RESOURCES,
    AssociationResource,
    LabellingWaveResource,
    PressContactResource,
    SiteResource,
)
from labelling.spreadsheets.tables.columns import count_to_check, word_column_remarks
from labelling.spreadsheets.tables.headings import (
    LONGEST_FOOT,
    HeadingsError,
    fold_heading,
    list_known_headings,
    understand,
    word_foot_remarks,
)
from tests.spreadsheets import known

LOOKUPS = known.lookups()

HEADINGS = ["Région", "Département", "Nom"]
NIMES = ["Occitanie", "Gard", "PIMMS Nîmes *"]
BLOIS = ["Centre-Val de Loire", "Loir-et-Cher", "PIMMS Blois"]

STATE_HEADINGS = [
    "id_fs",
    "insee_dep",
    "lib_fs",
    "adresse",
    "complement_adresse",
    "insee_com",
    "code_postal",
    "lib_com",
    "latitude",
    "longitude",
    "mail",
    "telephone",
    "h_lundi",
    "h_mardi",
    "h_mercredi",
    "h_jeudi",
    "h_vendredi",
    "h_samedi",
    "prise_rdv",
    "commentaire",
    "type_fs",
    "format_fs",
    "groupe_fs",
    "labellisation_fs",
]


def sites(rows, saved=None, **options):
    return understand(rows, SiteResource(LOOKUPS), saved, **options)


def unsure(table):
    return count_to_check(table.columns)


def remarks(table):
    return tuple(word_column_remarks(table.columns, SiteResource(LOOKUPS)))


def fields(table):
    return {column.letter: column.field for column in table.columns}


class TestTheLineOfHeadings:
    def test_is_found_below_titles_instructions_and_blank_lines(self):
        rows = [
            ["Réseau PIMMS", None, None],
            [None, None, None],
            ["Ne modifiez pas la colonne Région", None, None],
            HEADINGS,
            NIMES,
        ]

        table = sites(rows)

        assert table.heading_line == 4
        assert [(line.number, line.cells) for line in table.lines] == [(5, NIMES)]

    def test_has_the_number_that_the_file_shows(self):
        table = sites([HEADINGS, NIMES, BLOIS], numbers=[3, 7, 12])

        assert table.heading_line == 3
        assert [line.number for line in table.lines] == [7, 12]

    def test_is_the_fuller_one_of_two(self):
        groups = ["Adresse", "Adresse", "Nom", None]
        rows = [groups, ["Adresse", "Code postal", "Nom", "Département"]]

        assert sites(rows).heading_line == 2

    def test_is_known_by_its_words_if_no_heading_is_exact(self):
        rows = [["Annexe", "x"], ["Nom du lieu", "Département (nom)"], ["PIMMS Nîmes", "Gard"]]

        table = sites(rows)

        assert table.heading_line == 2
        assert fields(table) == {"A": "name", "B": "department"}

    def test_may_be_none_above_names_of_the_network(self):
        table = sites([["PIMMS Nîmes", "Gard"], ["PIMMS Blois", "Loir-et-Cher"]])

        assert table.heading_line == 0
        assert fields(table) == {"A": "name", "B": "department"}
        assert [line.number for line in table.lines] == [1, 2]

    def test_may_be_one_cell_where_one_is_enough(self):
        table = understand([["Nom"], ["Isère"]], AssociationResource(LOOKUPS))

        assert table.is_understood
        assert len(table.lines) == 1

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [[]],
            [[None, None]],
            [["Maison Alpha", "13", "12 rue A"], ["Maison Beta", "42", "3 rue B"]],
            [[1, 2], [3, 4]],
        ],
        ids=["nothing", "empty line", "blank", "data alone", "numbers"],
    )
    def test_is_missed_in_the_words_of_the_screen(self, rows):
        with pytest.raises(HeadingsError) as refusal:
            sites(rows)

        assert str(refusal.value) == (
            "Aucune ligne de titres n’a été trouvée dans ce fichier. Il en faut une, par "
            "exemple\u00a0: Nom, Département, Vague."
        )

    @pytest.mark.parametrize(
        "rows",
        [
            [
                ["Nom", "PIMMS A", "PIMMS B"],
                ["Département", "30", "41"],
                ["Adresse", "1 rue A", None],
            ],
            [["Fiche", None], ["Nom", "PIMMS A"], ["Département", 30], ["Adresse", "1 rue A"]],
        ],
        ids=["several sites", "one site"],
    )
    def test_may_lie_in_the_first_column(self, rows):
        with pytest.raises(HeadingsError) as refusal:
            sites(rows)

        assert str(refusal.value) == (
            "Le tableau est couché\u00a0: ses titres («\u00a0Nom\u00a0», «\u00a0Département\u00a0» "
            "et «\u00a0Adresse\u00a0») sont dans la première colonne. Dans votre tableur, "
            "copiez-le, puis choisissez Collage spécial > Transposer, et déposez le résultat."
        )

    def test_stands_though_the_first_column_names_fields_too(self):
        rows = [["Commune", "Nom", "Département"], ["Nom", "PIMMS A", 30], ["Vague", "PIMMS B", 41]]

        assert fields(sites(rows)) == {"A": "commune", "B": "name", "C": "department"}

    def test_is_no_line_of_the_table_when_it_comes_again(self):
        table = sites([HEADINGS, HEADINGS, NIMES, ["RÉGION", None, None], HEADINGS, BLOIS])

        assert [line.cells for line in table.lines] == [NIMES, ["RÉGION", None, None], BLOIS]

    @given(
        st.lists(
            st.lists(st.one_of(st.none(), st.text(), st.integers(), st.sampled_from(HEADINGS))),
            max_size=8,
        )
    )
    def test_is_found_or_missed_whatever_the_grid_holds(self, rows):
        width = max(map(len, rows), default=0)
        grid = [[*row, *[None] * (width - len(row))] for row in rows]

        try:
            table = sites(grid)
        except HeadingsError:
            return

        assert table.heading_line >= 0
        assert all(line.number > table.heading_line for line in table.lines)


class TestColumns:
    @pytest.mark.parametrize(
        ("heading", "field"),
        [
            ("Nom", "name"),
            (" NOM  ", "name"),
            ("Nom imprimé dans les communiqués", "name"),
            ("Nom du PIMMS labellisé France Services", "name"),
            ("name", "name"),
            ("lib_fs", "state_name"),
            ("Nom selon l'Etat", "state_name"),
            ("N° France Services", "france_services_id"),
            ("N° FS", "france_services_id"),
            ("No FS", "france_services_id"),
            ("Adresse mail", None),
            ("E-mail", None),
            ("Vague", "wave"),
            ("LABELISATION", "wave"),
            ("LABELLISATION", "wave"),
            ("Labellisation", "wave"),
            ("labellisation_fs", "wave"),
            ("Code commune (INSEE)", "commune_code"),
            ("insee_com", "commune_code"),
            ("CODE-POSTAL", "postcode"),
            ("QPV", "in_priority_district"),
            ("format_fs", "format"),
            ("Accueil du\npublic", "format"),
        ],
    )
    def test_are_known_by_all_their_names_of_every_year(self, heading, field):
        """I6."""

        table = sites([[heading, "Surface"], [None, None]])

        assert table.columns[0].field == field
        assert table.columns[0].how == "exact"

    def test_show_three_different_values(self):
        rows = [
            HEADINGS,
            *[["Occitanie", code, f"PIMMS {code}"] for code in ["30", "30", "11", "81", "82"]],
        ]

        table = sites(rows)

        assert table.columns[0].samples == ("Occitanie",)
        assert table.columns[1].samples == ("30", "11", "81")
        assert table.columns[1].letter == "B"

    def test_are_what_this_team_took_them_for(self):
        saved = {fold_heading("Lieu"): "commune", fold_heading("Région"): ""}

        table = sites([["Région", "Département", "Nom", "Lieu"], [*NIMES, "Nîmes"]], saved)

        assert fields(table) == {"A": None, "B": "department", "C": "name", "D": "commune"}
        assert [column.how for column in table.columns] == ["saved", "exact", "exact", "saved"]
        assert table.columns[0].note == "Colonne non reprise, par choix."

    def test_are_what_a_person_says_before_all_else(self):
        saved = {fold_heading("Nom"): "name"}

        table = sites([HEADINGS, NIMES], saved, chosen={2: "state_name", 0: ""})

        assert fields(table) == {"A": None, "B": "department", "C": "state_name"}
        assert table.columns[2].how == "person"

    def test_forget_a_field_that_no_longer_exists(self):
        table = sites([HEADINGS, NIMES], {fold_heading("Nom"): "gone"})

        assert fields(table)["C"] == "name"

    @pytest.mark.parametrize(
        ("heading", "values", "expected"),
        [
            ("Nom du site (officiel)", ["PIMMS Nîmes", "PIMMS Blois"], ("proven", "name")),
            ("Nom du site (officiel)", ["Nîmes", "Blois"], ("proposed", "name")),
            ("Nom du site (officiel)", ["12", "13"], ("unknown", "")),
            ("Code postal du site", ["30000", "41000"], ("proven", "postcode")),
            ("Code postal du site", ["est", "ouest"], ("unknown", "")),
            ("Ancien code postal", ["30000", "41000"], ("unknown", "")),
            ("Longitude", ["4,36", "1,33"], ("aside", "")),
            ("Fin du label", [date(2021, 3, 1), "01/04/2021"], ("certain", "withdrawn_on")),
            ("Fin du label", ["fermeture", "reprise"], ("ask", "")),
            ("Surface", ["30", "41"], ("unknown", "")),
            ("Population", ["30189", "41018"] * 5, ("unknown", "")),
            ("Effectifs par code commune", ["30189", "41018"] * 5, ("unknown", "")),
            ("Coordonnées", ["43.85, 4.35", "47.59, 1.33"], ("aside", "")),
            ("Latitude", ["43.85, 4.35", "47.59, 1.33"], ("aside", "")),
            ("Tél.", ["01 02 03 04 05"], ("aside", "")),
            ("Mél", ["a@exemple.fr"], ("aside", "")),
            ("Site web", ["https://exemple.fr"], ("aside", "")),
            ("Code postale", ["30000", "41000"], ("unknown", "")),
        ],
    )
    def test_are_known_by_their_words_where_the_values_fit(self, heading, values, expected):
        rows = [["Numéro France Services", heading], *[["1", value] for value in values]]

        column = sites(rows).columns[1]

        assert (column.level, column.field or column.proposed) == expected

    def test_without_heading_nor_value_are_none(self):
        table = sites([[*HEADINGS, None, None], [*NIMES, None, "oui"]])

        assert [column.letter for column in table.columns] == ["A", "B", "C", "E"]
        assert table.columns[3].note == "Colonne sans titre."

    def test_need_no_look_when_each_is_known(self):
        assert unsure(sites([HEADINGS, NIMES])) == 0
        assert unsure(sites([[*HEADINGS, "Surface"], [*NIMES, 12]])) == 1
        assert unsure(sites([[*HEADINGS, "Code postale"], [*NIMES, 30000]])) == 1

    @pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)
    def test_have_no_name_in_common(self, resource):
        keys = [
            (fold_heading(heading), name)
            for name, column in resource.fields.items()
            for heading in {column.column_name, *column.aliases, name}
        ]

        assert dict(keys) == {key: list_known_headings(resource)[key] for key, _ in keys}
        assert len(dict(keys)) == len(set(keys))


class TestTheStatesList:
    def test_is_recognised_whole(self):
        row = ["1", "01", "France services de Valserhône", *[None] * 21]

        table = sites([STATE_HEADINGS, row])

        assert unsure(table) == 0
        assert table.problems == ()
        assert table.positions == {
            "france_services_id": 0,
            "department": 1,
            "state_name": 2,
            "address": 3,
            "commune_code": 5,
            "postcode": 6,
            "commune": 7,
            "latitude": 8,
            "longitude": 9,
            "format": 21,
            "wave": 23,
        }
        assert table.columns[10].note == "Colonne connue, dont les fiches ne gardent rien."


class TestOurOwnFiles:
    def test_are_known_by_their_key_and_version(self):
        resource = SiteResource(LOOKUPS)
        headings = [column.column_name for column in resource.list_exported_columns()]

        table = understand([headings, [None] * len(headings)], resource)

        assert {"key", "version"} <= table.positions.keys()
        assert unsure(table) == 0

    def test_of_lines_to_correct_keep_their_reasons_apart(self):
        table = sites([[*HEADINGS, "Pourquoi"], [*NIMES, "« Gart » : aucun département…"]])

        assert table.positions["why"] == 3
        assert remarks(table) == (
            "La colonne «\u00a0Région\u00a0» ne sert qu’à vérifier\u00a0: elle n’est pas reprise.",
        )


class TestWhatIsNamed:
    """I6: no column is passed over without a word."""

    def test_unknown_columns(self):
        table = sites([["Nom", "Département", "Surface", "Loyer"], ["PIMMS Nîmes", "30", 1, 2]])

        assert table.is_understood
        assert remarks(table) == (
            (
                "Les colonnes «\u00a0Surface\u00a0» (C) et «\u00a0Loyer\u00a0» (D) n’ont pas été "
                "reconnues."
            ),
        )

    def test_one_unknown_column(self):
        table = sites([["Nom", "Département", "Surface"], ["PIMMS Nîmes", "30", 1]])

        assert remarks(table) == ("La colonne «\u00a0Surface\u00a0» (C) n’a pas été reconnue.",)

    def test_the_key_and_the_version_of_our_own_download_are_no_remark(self):
        headings = ["Nom", "Département", "Clé (ne pas modifier)", "Version (ne pas modifier)"]

        table = sites([headings, ["PIMMS Nîmes", "30", "site-1", 2]])

        assert remarks(table) == ()
        assert {"key", "version"} <= table.positions.keys()

    def test_columns_that_nobody_may_set(self):
        """S4."""
        rows = [
            ["id", "version", "sort_key", "Nom", "Département"],
            [1, 2, "a", "PIMMS Nîmes", "30"],
        ]

        table = sites(rows)

        assert remarks(table) == (
            (
                "Les colonnes «\u00a0id\u00a0», «\u00a0version\u00a0» et "
                "«\u00a0sort_key\u00a0» ne se remplissent pas depuis un fichier."
            ),
        )
        settable = {c.name for c in SiteResource(LOOKUPS).list_columns() if c.is_settable}
        assert {c.field for c in table.columns if c.field in settable} == {"name", "department"}

    def test_doubled_columns_that_disagree(self):
        rows = [["Nom", "Département", "insee_dep"], ["PIMMS Nîmes", "30", "31"]]

        table = sites(rows)

        assert not table.is_understood
        assert table.problems == (
            (
                "Les colonnes B et C donnent toutes «\u00a0Département\u00a0» et ne disent "
                "pas la même chose. Choisissez celle à reprendre."
            ),
        )

    def test_doubled_columns_once_a_person_has_chosen(self):
        rows = [["Nom", "Département", "insee_dep"], ["PIMMS Nîmes", "30", "31"]]

        table = sites(rows, chosen={1: ""})

        assert table.is_understood
        assert table.positions == {"name": 0, "department": 2}

    def test_not_doubled_columns_that_say_the_same(self):
        rows = [["Nom", "insee_dep", "Département"], ["PIMMS Nîmes", "30", "GARD"]]

        table = sites(rows)

        assert table.is_understood
        assert table.positions == {"name": 0, "department": 1}
        assert table.columns[2].note == (
            "«\u00a0Département\u00a0» est déjà donné par la colonne B."
        )

    @pytest.mark.parametrize(
        ("headings", "sentence"),
        [
            (
                ["Nom", "Code INSEE"],
                (
                    "«\u00a0Département\u00a0»\u00a0: d’après «\u00a0Code commune (INSEE)\u00a0» "
                    "(colonne B), pour les nouvelles fiches."
                ),
            ),
            (
                ["Nom", "Code postal"],
                (
                    "«\u00a0Département\u00a0»\u00a0: d’après «\u00a0Code postal\u00a0» "
                    "(colonne B), pour les nouvelles fiches. Quelques communes ont le code "
                    "postal du département voisin\u00a0: vérifiez-le."
                ),
            ),
        ],
    )
    def test_a_department_that_a_code_tells(self, headings, sentence):
        table = sites([headings, ["PIMMS Nîmes", "30189"]])

        assert table.is_understood
        assert remarks(table) == (sentence,)

    def test_no_department_of_a_code_where_a_column_says_it(self):
        table = sites([["Nom", "Département", "Code INSEE"], ["PIMMS Nîmes", "30", "30189"]])

        assert remarks(table) == ()

    def test_columns_that_are_missing(self):
        table = sites([["Commune", "Code postal"], ["Nîmes", "30000"]])

        assert not table.is_understood
        assert table.problems == (
            (
                "Aucune colonne ne dit de quelle fiche parle chaque ligne. Il faut "
                "«\u00a0Numéro France Services\u00a0», «\u00a0Nom\u00a0» et "
                "«\u00a0Département\u00a0» ou «\u00a0Nom selon l’État\u00a0» et "
                "«\u00a0Département\u00a0». «\u00a0Département\u00a0» peut être lu dans "
                "«\u00a0Code commune (INSEE)\u00a0» ou «\u00a0Code postal\u00a0»."
            ),
        )

    def test_columns_that_are_missing_of_a_wave(self):
        rows = [["Comité de pilotage du", "Annoncée le"], ["30/09/2020", "14/10/2020"]]

        table = understand(rows, LabellingWaveResource(LOOKUPS))

        assert table.problems == (
            (
                "Aucune colonne ne dit de quelle fiche parle chaque ligne. Il faut "
                "«\u00a0Label valable à partir du\u00a0» ou «\u00a0Nom de la vague\u00a0»."
            ),
        )

    @pytest.mark.parametrize(
        "headings",
        [["Nom", "Téléphone", "Fonction", "Mail"], ["Contact", "Portable", "Mél", "Poste"]],
        ids=["of which one is ours", "of which none is ours"],
    )
    def test_a_file_of_other_records_is_told(self, headings):
        rows = [headings, ["Paule Durand", "01 02 03 04 05", "Présidente", "p@exemple.fr"]]

        try:
            said = sites(rows).problems[-1]
        except HeadingsError as refused:
            said = str(refused)

        assert said.endswith(
            "Ce fichier ressemble à des contacts presse de l’Union\u00a0: déposez-le à nouveau en "
            "choisissant «\u00a0Contacts presse de l’Union\u00a0»."
        )

    def test_a_first_name_in_a_column_of_its_own(self):
        rows = [
            ["Prénom", "Nom", "Mail", "Téléphone", "Fonction"],
            ["Paule", "Durand", "p@exemple.fr", "01 02 03 04 05", "Présidente"],
        ]

        table = understand(rows, PressContactResource(LOOKUPS))

        assert table.problems == (
            (
                "Le prénom et le nom sont dans deux colonnes\u00a0: réunissez-les dans la colonne "
                "«\u00a0Nom\u00a0»."
            ),
        )
        # It comes back each time, and is left out by a person alone.
        saved = understand(rows, PressContactResource(LOOKUPS), {"prenom": ""})
        assert not saved.is_understood
        assert understand(rows, PressContactResource(LOOKUPS), chosen={0: ""}).is_understood


class TestLines:
    def test_are_all_but_the_blank_ones(self):
        table = sites([HEADINGS, NIMES, [None, "", None], BLOIS])

        assert [line.number for line in table.lines] == [2, 4]

    def test_below_the_table_are_notes(self):
        note = ["* nouveaux labels", None, None]

        table = sites([HEADINGS, NIMES, BLOIS, note])

        assert len(table.lines) == 2
        assert [line.cells for line in table.notes] == [note]
        assert word_foot_remarks(table.notes) == [
            "La ligne 4 est sous le tableau\u00a0: elle n’est pas reprise."
        ]

    def test_below_the_table_are_but_so_many(self):
        notes = [["x", None, None]] * (LONGEST_FOOT + 1)

        table = sites([HEADINGS, NIMES, *notes])

        assert (len(table.lines), len(table.notes)) == (2, LONGEST_FOOT)

    def test_with_one_cell_are_notes_below_the_totals_of_two_columns(self):
        rows = [["Nom", "Département"], ["PIMMS Nîmes", "Gard"], ["PIMMS Blois", None]]

        table = sites([*rows, ["Total", 54], ["Source : Union", None]])

        assert [line.number for line in table.lines] == [2, 3]
        assert [line.number for line in table.notes] == [5]
        assert [(total.stated, total.counted) for total in table.totals] == [(54, 1)]

    def test_with_one_cell_of_two_are_lines_without_totals(self):
        rows = [["Nom", "Département"], ["PIMMS Nîmes", "Gard"], ["PIMMS Blois", None]]

        assert [line.number for line in sites(rows).lines] == [2, 3]

    def test_with_one_cell_are_lines_where_others_follow(self):
        table = sites([HEADINGS, NIMES, ["Occitanie", None, None], BLOIS])

        assert [line.number for line in table.lines] == [2, 3, 4]
        assert word_foot_remarks(table.notes) == []

    def test_shorter_than_the_headings_end_with_blanks(self):
        table = sites([HEADINGS, ["Occitanie", "Gard"], BLOIS])

        assert table.lines[0].read_cell(2) is None


class TestDecimalCommas:
    HEADINGS = ("Nom", "Département", "Latitude", "Longitude", "Commune")

    def test_that_part_the_cells_of_every_line_are_told(self):
        rows = [
            self.HEADINGS,
            ["PIMMS A", "30", "43", "85", "4", "35", "Nîmes"],
            ["PIMMS B", "29", "48", "40", "-4", "48", "Brest"],
        ]

        with pytest.raises(HeadingsError) as refusal:
            sites(rows)

        assert str(refusal.value) == (
            "Les lignes ont 7 cellules pour 5 titres\u00a0: la virgule des nombres "
            "(«\u00a043,85\u00a0») y a été lue comme un séparateur. Enregistrez le fichier avec le "
            "point-virgule pour séparateur, ou mettez ces nombres entre guillemets, puis "
            "déposez-le à nouveau."
        )

    @pytest.mark.parametrize(
        "cells",
        [
            ["PIMMS A", "30", "43,85", "4,35", "Nîmes"],
            ["PIMMS A", "30", "43", "85", "4", "35"],
            ["PIMMS A", "30", "43", "85", "4", "E", "Nîmes"],
        ],
        ids=["whole", "of another width", "no number"],
    )
    def test_are_none_in_other_lines(self, cells):
        rows = [self.HEADINGS, ["PIMMS B", "29", "48", "40", "-4", "48", "Brest"], cells]

        assert sites(rows).heading_line == 1


class TestTotals:
    def test_of_the_last_line_are_checked(self):
        table = sites([HEADINGS, NIMES, BLOIS, ["Total", 3, None]])

        (total,) = table.totals
        assert (total.what, total.stated, total.counted, total.agrees) == ("lines", 3, 2, False)
        assert str(total) == "Le fichier annonce 3 lignes\u202f; 2 ont été lues."
        assert len(table.lines) == 2

    def test_of_the_title_are_checked(self):
        table = sites([["2 PIMMS labellisés, dont 1 nouveau site"], HEADINGS, NIMES, BLOIS])

        assert [(t.what, t.stated, t.counted) for t in table.totals] == [("lines", 2, 2)]

    def test_of_the_new_are_checked_by_the_asterisks(self):
        table = sites([["13 nouveaux PIMMS"], HEADINGS, NIMES, BLOIS])

        (total,) = table.totals
        assert str(total) == "Le fichier annonce 13 nouveaux\u202f; 1 porte l’astérisque."
