"""Cells to values and back: French, official, and never guessed [R12, R16, R25]."""

from contextlib import suppress
from copy import copy
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.widgets import (
    STATE_FORMATS,
    UNDECIDED_FORMATS,
    AssociationWidget,
    CellError,
    ChoiceWidget,
    CommuneCodeWidget,
    CoordinateWidget,
    CountWidget,
    DateWidget,
    DepartmentWidget,
    EmailWidget,
    KeyWidget,
    LongTextWidget,
    NameWidget,
    PhoneWidget,
    PostcodeWidget,
    RegionWidget,
    StateNumberWidget,
    TextWidget,
    UnknownWave,
    WaveWidget,
    YesNoWidget,
    name_waves,
)
from tests.linear import is_linear
from tests.spreadsheets import known

# What is repeated in a cell without end.
HOSTILE = (
    "1",
    "0",
    ".000",
    "a",
    " ",
    "- ",
    "/1",
    "*",
    "'",
    "é",
    "\u200b",
    "espace labellisé ",
    "(01)",
)
LOOKUPS = known.lookups()
WIDGETS = {
    "association": AssociationWidget(LOOKUPS),
    "commune code": CommuneCodeWidget(),
    "count": CountWidget(),
    "date": DateWidget(),
    "department": DepartmentWidget(LOOKUPS),
    "email": EmailWidget(),
    "format": ChoiceWidget(SiteFormat, STATE_FORMATS, UNDECIDED_FORMATS),
    "key": KeyWidget("site"),
    "latitude": CoordinateWidget(90),
    "long text": LongTextWidget(),
    "longitude": CoordinateWidget(180),
    "name": NameWidget(200),
    "phone": PhoneWidget(),
    "postcode": PostcodeWidget(),
    "reason": ChoiceWidget(WithdrawalReason),
    "region": RegionWidget(LOOKUPS),
    "State number": StateNumberWidget(),
    "text": TextWidget(20),
    "version": KeyWidget(),
    "wave": WaveWidget(LOOKUPS),
    "yes or no": YesNoWidget(),
}

OCTOBER_1 = date(2020, 10, 1)
SEPTEMBER_30 = date(2020, 9, 30)
APRIL_3 = date(2020, 4, 3)

# What people and the State write, and what a record then holds (of a record found: its code or
# its name).
GOOD = [
    ("date", "30/09/2020", SEPTEMBER_30),
    ("date", "30.09.2020", SEPTEMBER_30),
    ("date", "30-09-2020", SEPTEMBER_30),
    ("date", "03/04/2020", APRIL_3),
    ("date", "3/4/2020", APRIL_3),
    ("date", "2020-04-03", APRIL_3),
    ("date", "2020-09-30T00:00:00", SEPTEMBER_30),
    ("date", "30/09/2020 00:00", SEPTEMBER_30),
    ("date", "20200930", SEPTEMBER_30),
    ("date", 30092020, SEPTEMBER_30),
    ("date", "1er octobre 2020", OCTOBER_1),
    ("date", "jeudi 1er octobre 2020", OCTOBER_1),
    ("date", "le 1 OCT. 2020", OCTOBER_1),
    ("date", "30-sept.-20", SEPTEMBER_30),
    ("date", "1er fevrier 2020", date(2020, 2, 1)),
    ("date", 44104, SEPTEMBER_30),
    ("date", 44104.75, SEPTEMBER_30),
    ("date", "44104", SEPTEMBER_30),
    ("date", SEPTEMBER_30, SEPTEMBER_30),
    ("date", datetime(2020, 9, 30, 23, 59), SEPTEMBER_30),
    ("date", datetime(2020, 9, 30, 23, 59, tzinfo=UTC), SEPTEMBER_30),
    ("date", "20/04/20", date(2020, 4, 20)),
    ("date", "31/12/99", date(1999, 12, 31)),
    ("date", None, None),
    ("date", "  ", None),
    ("yes or no", "Oui", True),
    ("yes or no", "x", True),
    ("yes or no", "VRAI", True),
    ("yes or no", "*", True),
    ("yes or no", 1, True),
    ("yes or no", 1.0, True),
    ("yes or no", True, True),
    ("yes or no", "non", False),
    ("yes or no", "Faux", False),
    ("yes or no", 0, False),
    ("yes or no", "Non renseigné", None),
    ("yes or no", "", None),
    ("department", "1", "01"),
    ("department", "01", "01"),
    ("department", 1, "01"),
    ("department", 1.0, "01"),
    ("department", "1.0", "01"),
    ("department", "2a", "2A"),
    ("department", "Ain (01)", "01"),
    ("department", "01 - Ain", "01"),
    ("department", "971", "971"),
    ("department", "075", "75"),
    ("department", "69D", "69"),
    ("department", "Ille et Vilaine", "35"),
    ("department", "SEINE ST DENIS", "93"),
    ("department", "Seine St-Denis", "93"),
    ("department", "Val dOise", "95"),
    ("department", "Cotes d’Armor", "22"),
    ("department", "Htes Alpes", "05"),
    ("department", "Indre et Loire", "37"),
    ("department", "Réunion", "974"),
    ("department", "département du Nord", "59"),
    ("department", "dpt 59", "59"),
    ("department", "59 - Nord", "59"),
    ("department", "Nord (59)", "59"),
    ("department", "Corse du sud", "2A"),
    ("department", "", None),
    ("region", 84, "84"),
    ("region", "1", "01"),
    ("region", "ile de france", "11"),
    ("region", "PROVENCE ALPES COTE D AZUR", "93"),
    ("region", "PACA", "93"),
    ("region", "Rhône-Alpes", "84"),
    ("region", "Région Bretagne", "53"),
    ("wave", "Automne 2020", "Automne 2020"),
    ("wave", "à l’automne 2020", "Automne 2020"),
    ("wave", "automne-2020", "Automne 2020"),
    ("wave", "Vague de janvier 2020", "Janvier 2020"),
    ("wave", "Espace labélisé 01/2020", "Janvier 2020"),
    ("wave", "Espace labellisé 01/2020", "Janvier 2020"),
    ("wave", "Espace labellisé 01/01/2020", "Janvier 2020"),
    ("wave", "Labellisation 01/02/2020", "Février 2020"),
    ("wave", "01/09/2020", "Automne 2020"),
    ("wave", date(2020, 9, 1), "Automne 2020"),
    ("wave", 44075, "Automne 2020"),
    ("wave", "2020-09", "Automne 2020"),
    ("wave", "févr-20", "Février 2020"),
    ("wave", "févr. 2020", "Février 2020"),
    ("wave", "janv.-20", "Janvier 2020"),
    ("wave", "septembre 20", "Automne 2020"),
    ("wave", "02/2020", "Février 2020"),
    ("wave", "02/20", "Février 2020"),
    ("wave", "01/02/20", "Février 2020"),
    ("wave", "01/02/2020", "Février 2020"),
    ("wave", "Espace labellisé 01/09/2020", "Automne 2020"),
    ("wave", "Espace labellisé 01/09/20", "Automne 2020"),
    ("wave", datetime(2020, 2, 1), "Février 2020"),
    ("wave", "Candidat", None),
    ("wave", None, None),
    ("association", "isere", "Isère"),
    ("association", "PIMMS Isère", "Isère"),
    ("association", "metropole  stephanoise", "Métropole Stéphanoise"),
    ("format", "Lieu fixe", "fixed"),
    ("format", "Fixe", "fixed"),
    ("format", "Fixe_antenne(s)", "fixed_with_antenna"),
    ("format", "Multisites", "several_places"),
    ("format", "Bus_équivalent", "bus"),
    ("format", "ITINERANTE", "itinerant"),
    ("format", "itinerant", "itinerant"),
    ("format", None, ""),
    ("reason", "Label retiré par l'Etat", "revoked"),
    ("postcode", 1000, "01000"),
    ("postcode", "1000", "01000"),
    ("postcode", 42000.0, "42000"),
    ("postcode", "42000.0", "42000"),
    ("postcode", "42 000", "42000"),
    ("postcode", "F-42000", "42000"),
    ("commune code", 1004, "01004"),
    ("commune code", "2a004", "2A004"),
    ("State number", 863.0, "863"),
    ("State number", "863", "863"),
    ("State number", "temp_41", ""),
    ("State number", "0660", "660"),
    ("State number", "660.0", "660"),
    ("State number", "000", "0"),
    ("phone", 612345678, "06 12 34 56 78"),
    ("phone", "0612345678", "06 12 34 56 78"),
    ("phone", "06.12.34.56.78", "06 12 34 56 78"),
    ("phone", "+33 (0)6 12 34 56 78", "06 12 34 56 78"),
    ("phone", "3949", "3949"),
    ("phone", "+32 2 123 45 67", "+32 2 123 45 67"),
    ("email", " mailto:prenom.nom@example.org ", "prenom.nom@example.org"),
    ("latitude", "45,4397", 45.4397),
    ("latitude", "45.4397", 45.4397),
    ("latitude", 45, 45.0),
    ("latitude", " 45.4397° ", 45.4397),
    ("longitude", "\u22124,5°", -4.5),
    ("latitude", "43.85° N", 43.85),
    ("latitude", "21,05 s", -21.05),
    ("longitude", "4,7° E", 4.7),
    ("longitude", "4,05°O", -4.05),
    ("count", "1\u202f784\u202f739", 1784739),
    ("count", "856.0", 856),
    ("count", 856.0, 856),
    ("name", "PIMMS Nîmes *", "PIMMS Nîmes"),
    ("name", "PIMMS  Nîmes\u00a0*", "PIMMS Nîmes"),
    ("name", "PIMMS\nNi\u0302mes", "PIMMS Nîmes"),
    ("text", 12.0, "12"),
    ("text", None, ""),
    ("long text", "attend le feu vert \r\ndu préfet ", "attend le feu vert\ndu préfet"),
    ("key", "site-12", 12),
    ("version", 3.0, 3),
]

# What is refused, the whole sentence, and the values that are offered instead.
BAD = [
    (
        "date",
        "03/04/20",
        "« 03/04/20 » : 3~avril 2020 ou 20~avril 2003 ? Écrivez l’année avec ses quatre chiffres.",
        ["03/04/2020", "20/04/2003"],
    ),
    (
        "date",
        "31/02/2020",
        (
            "« 31/02/2020 » : ce jour n’existe pas. Le mois finit le 29~février 2020 : écrivez par "
            "exemple 29/02/2020."
        ),
        ["29/02/2020"],
    ),
    (
        "date",
        "04/13/2020",
        "« 04/13/2020 » : il n’y a pas de mois 13. Le jour s’écrit avant le mois : 14/10/2020.",
        ["13/04/2020"],
    ),
    (
        "date",
        "1 jui 2020",
        "« 1 jui 2020 » : juin ou juillet ? Écrivez la date ainsi : 14/10/2020.",
        [],
    ),
    (
        "date",
        "octobre 2020",
        "« octobre 2020 » : il manque le jour. Écrivez la date ainsi : 14/10/2020.",
        ["01/10/2020"],
    ),
    (
        "date",
        2020,
        "« 2020 » : il manque le jour et le mois. Écrivez la date ainsi : 14/10/2020.",
        [],
    ),
    (
        "date",
        "30/09/202",
        "« 30/09/202 » : l’année doit avoir quatre chiffres. Écrivez la date ainsi : 14/10/2020.",
        [],
    ),
    (
        "date",
        "30/09/1020",
        (
            "« 30/09/1020 » : l’année 1020 n’est pas entre 1998 et 2099. "
            "Écrivez la date ainsi : 14/10/2020."
        ),
        [],
    ),
    (
        "date",
        date(1997, 12, 31),
        (
            "« 31/12/1997 » : l’année 1997 n’est pas entre 1998 et 2099. "
            "Écrivez la date ainsi : 14/10/2020."
        ),
        [],
    ),
    (
        "date",
        "bientôt",
        "« bientôt » : ce n’est pas une date. Écrivez la date ainsi : 14/10/2020.",
        [],
    ),
    ("date", True, "« VRAI » : ce n’est pas une date. Écrivez la date ainsi : 14/10/2020.", []),
    (
        "date",
        time(10, 30),
        "« 10:30 » : ce n’est pas une date. Écrivez la date ainsi : 14/10/2020.",
        [],
    ),
    ("yes or no", "peut-être", "« peut-être » : écrivez oui ou non.", ["Oui", "Non"]),
    (
        "department",
        "St Denis",
        "« St Denis » : Seine-Saint-Denis ou La Réunion ?",
        ["Seine-Saint-Denis", "La Réunion"],
    ),
    (
        "department",
        20,
        "« 20 » : Corse-du-Sud ou Haute-Corse ?",
        ["Corse-du-Sud", "Haute-Corse"],
    ),
    (
        "department",
        "Corse",
        "« Corse » : Corse-du-Sud ou Haute-Corse ?",
        ["Corse-du-Sud", "Haute-Corse"],
    ),
    ("department", "59 - Isère", "« 59 - Isère » : Nord ou Isère ?", ["Nord", "Isère"]),
    (
        "department",
        "Indre Loire",
        "« Indre Loire » : Indre-et-Loire, Indre ou Loire ?",
        ["Indre-et-Loire", "Indre", "Loire"],
    ),
    (
        "department",
        "Pyrénées",
        "« Pyrénées » : Hautes-Pyrénées, Pyrénées-Atlantiques ou Pyrénées-Orientales ?",
        ["Hautes-Pyrénées", "Pyrénées-Atlantiques", "Pyrénées-Orientales"],
    ),
    (
        "department",
        "Vilaine",
        "« Vilaine » : aucun département ne porte ce nom. Vouliez-vous dire Ille-et-Vilaine ?",
        ["Ille-et-Vilaine"],
    ),
    (
        "department",
        "Izère",
        (
            "« Izère » : aucun département ne porte ce nom. "
            "Vouliez-vous dire Isère, Nièvre ou Lozère ?"
        ),
        ["Isère", "Nièvre", "Lozère"],
    ),
    (
        "department",
        "Bretagne",
        "« Bretagne » : c’est une région. Écrivez le département : Gard ou 30.",
        [],
    ),
    (
        "department",
        "978",
        "« 978 » : aucun département n’a ce code. Écrivez son nom ou son code : Gard ou 30.",
        [],
    ),
    (
        "department",
        "???",
        "« ??? » : aucun département ne porte ce nom. Écrivez son nom ou son code : Gard ou 30.",
        [],
    ),
    (
        "region",
        "Occitannie",
        "« Occitannie » : aucune région ne porte ce nom. Vouliez-vous dire Occitanie ?",
        ["Occitanie"],
    ),
    (
        "wave",
        "01/2022",
        "« 01/2022 » : 1er janvier 2022 (01/01/2022) ou 15 janvier 2022 (15/01/2022) ?",
        ["1er janvier 2022", "15 janvier 2022"],
    ),
    (
        "wave",
        "30/09/2020",
        (
            "« 30/09/2020 » : c’est le jour du comité ou de l’annonce de « Automne 2020 », "
            "dont le label vaut à partir du 1er~septembre 2020. Choisissez cette vague, ou "
            "corrigez la date."
        ),
        ["Automne 2020"],
    ),
    (
        "wave",
        "Autumn 2020",
        "« Autumn 2020 » : aucune vague ne porte ce nom. Vouliez-vous dire Automne 2020 ?",
        ["Automne 2020"],
    ),
    (
        "wave",
        "janv-22",
        "« janv-22 » : 1er janvier 2022 (01/01/2022) ou 15 janvier 2022 (15/01/2022) ?",
        ["1er janvier 2022", "15 janvier 2022"],
    ),
    (
        "wave",
        "01/22",
        "« 01/22 » : 1er janvier 2022 (01/01/2022) ou 15 janvier 2022 (15/01/2022) ?",
        ["1er janvier 2022", "15 janvier 2022"],
    ),
    (
        "wave",
        "03/20",
        (
            "« 03/20 » : aucune vague ne porte ce nom. Écrivez son nom ou sa date : Automne 2020 "
            "ou 01/09/2020."
        ),
        [],
    ),
    (
        "wave",
        "03/04/20",
        "« 03/04/20 » : 3~avril 2020 ou 20~avril 2003 ? Écrivez l’année avec ses quatre chiffres.",
        ["03/04/2020", "20/04/2003"],
    ),
    (
        "association",
        "Izère",
        "« Izère » : aucune association membre ne porte ce nom. Vouliez-vous dire Isère ?",
        ["Isère"],
    ),
    (
        "format",
        "mobile",
        "« mobile » : « Bus ou équivalent » ou « Itinérant » ?",
        ["Bus ou équivalent", "Itinérant"],
    ),
    (
        "format",
        "Buss",
        (
            "« Buss » : ce choix n’existe pas. Écrivez « Lieu fixe », « Lieu fixe avec antenne », "
            "« Plusieurs lieux », « Bus ou équivalent » ou « Itinérant »."
        ),
        ["Bus ou équivalent"],
    ),
    (
        "postcode",
        "42000 Saint-Étienne",
        "« 42000 Saint-Étienne » : un code postal a cinq chiffres. Écrivez-le ainsi : 42000.",
        ["42000"],
    ),
    (
        "postcode",
        420,
        "« 420 » : un code postal a cinq chiffres. Écrivez-le ainsi : 42000.",
        [],
    ),
    (
        "commune code",
        "Nîmes",
        (
            "« Nîmes » : un code commune de l’INSEE a cinq caractères. Écrivez-le ainsi : 42218 ou "
            "2A004."
        ),
        [],
    ),
    (
        "State number",
        "n° 863",
        "« n° 863 » : ce n’est pas un numéro France Services. Écrivez-le ainsi : 863.",
        [],
    ),
    (
        "phone",
        "12",
        "« 12 » : un numéro de téléphone a dix chiffres. Écrivez-le ainsi : 01 23 45 67 89.",
        [],
    ),
    (
        "email",
        "prenom.nom",
        (
            "« prenom.nom » : ce n’est pas une adresse électronique. Écrivez-la ainsi : "
            "prenom.nom@example.org."
        ),
        [],
    ),
    (
        "latitude",
        "4543970",
        (
            "« 4543970 » : cette coordonnée doit être comprise entre -90 et 90. "
            "Écrivez-la ainsi : 45,4397."
        ),
        [],
    ),
    (
        "latitude",
        "nord",
        "« nord » : ce n’est pas une coordonnée. Écrivez-la ainsi : 45,4397.",
        [],
    ),
    (
        "count",
        "1.234",
        "« 1.234 » : 1_234, ou un nombre à virgule ? Écrivez-le sans point ni virgule.",
        ["1234"],
    ),
    (
        "latitude",
        "4,5 E",
        "« 4,5 E » : ce n’est pas une coordonnée. Écrivez-la ainsi : 45,4397.",
        [],
    ),
    (
        "latitude",
        "4-5",
        "« 4-5 » : ce n’est pas une coordonnée. Écrivez-la ainsi : 45,4397.",
        [],
    ),
    ("count", 1.5, "« 1,5 » : ce n’est pas un nombre entier. Écrivez-le ainsi : 856.", []),
    (
        "count",
        -1,
        "« -1 » : ce nombre doit être compris entre 0 et 2_147_483_647.",
        [],
    ),
    (
        "name",
        "' - '",
        "« ' - ' » : écrivez un nom qui a des lettres ou des chiffres.",
        [],
    ),
    (
        "name",
        "PIMMS\x00 Nîmes",
        (
            "« PIMMS\ufffd Nîmes » : cette cellule contient un caractère invisible (U+0000). "
            "Ressaisissez-la."
        ),
        ["PIMMS Nîmes"],
    ),
    (
        "text",
        "PIMMS Agglomération Villefranche Beaujolais Saône (AVBS), place Bonnevay",
        (
            "« PIMMS Agglomération Villefranche Beaujolais Saône (AVBS), p… » : ce texte a "
            "72 caractères, la place est de 20. Raccourcissez-le."
        ),
        [],
    ),
    (
        "key",
        "fiche-12",
        (
            "« fiche-12 » : cette colonne sert à retrouver la fiche, et sa valeur a été "
            "modifiée. Videz la cellule, ou téléchargez la liste à nouveau."
        ),
        [],
    ),
    (
        "key",
        "association-4",
        (
            "« association-4 » : cette ligne est une association : déposez le fichier à nouveau "
            "en choisissant « Associations »."
        ),
        [],
    ),
    (
        "key",
        "presscontact-12",
        (
            "« presscontact-12 » : cette ligne est un contact presse : déposez le fichier à "
            "nouveau en choisissant « Contacts presse de l’Union »."
        ),
        [],
    ),
]


IDS = {
    "good": [f"{widget}: {cell!r}" for widget, cell, _ in GOOD],
    "bad": [f"{widget}: {cell!r}" for widget, cell, _, _ in BAD],
}


def french(sentence: str) -> str:
    """Put the no-break characters that a reader of this file would not see."""
    for plain, typeset in (
        ("« ", "«\u00a0"),
        (" »", "\u00a0»"),
        (" :", "\u00a0:"),
        (" ?", "\u202f?"),
        ("~", "\u00a0"),
        ("_", "\u202f"),
    ):
        sentence = sentence.replace(plain, typeset)
    return sentence


def said(value):
    """What a table of cases can hold of a record."""
    return getattr(value, "code", getattr(value, "name", value))


class TestCells:
    """R12, I10."""

    @pytest.mark.parametrize(("widget", "cell", "value"), GOOD, ids=IDS["good"])
    def test_are_understood_as_french_people_and_the_state_write_them(self, widget, cell, value):
        assert said(WIDGETS[widget].clean(cell)) == value

    @pytest.mark.parametrize(("widget", "cell", "sentence", "offered"), BAD, ids=IDS["bad"])
    def test_are_refused_with_reason_and_remedy_when_in_doubt(
        self, widget, cell, sentence, offered
    ):
        with pytest.raises(CellError) as refusal:
            WIDGETS[widget].clean(cell)

        assert str(refusal.value) == french(sentence)
        assert [value for _, value in refusal.value.suggestions] == offered

    @pytest.mark.parametrize("name", WIDGETS)
    @pytest.mark.parametrize(
        "mark", ["-", "–", " - ", "NA", "N/A", "nan", "NC", "N/C", "?", "@", float("nan")], ids=repr
    )
    def test_are_blank_where_a_mark_says_so(self, name, mark):
        assert WIDGETS[name].clean(mark) == WIDGETS[name].blank

    def test_are_no_mark_where_they_are_a_name(self):
        assert WIDGETS["text"].clean("Na") == "Na"

    @pytest.mark.parametrize(("widget", "cell", "sentence", "offered"), BAD, ids=IDS["bad"])
    def test_are_offered_values_that_are_good(self, widget, cell, sentence, offered):
        for value in offered:
            # A wave to create is a good answer too: it is known which one is meant.
            with suppress(UnknownWave):
                WIDGETS[widget].clean(value)

    def test_are_more_than_sixty_cases(self):
        assert len(GOOD) + len(BAD) > 60

    @pytest.mark.parametrize("name", WIDGETS)
    @given(
        cell=st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.dates(),
            st.datetimes(),
            st.times(),
            st.text(),
            st.from_regex(r"[0-9/.\-: ]{1,12}"),
        )
    )
    def test_are_taken_or_refused_whatever_they_hold(self, name, cell):
        widget = copy(WIDGETS[name])  # Which compares so many wrong values alone.

        with suppress(CellError):
            widget.clean(cell)

    @pytest.mark.parametrize("name", WIDGETS)
    @pytest.mark.parametrize("unit", HOSTILE, ids=repr)
    def test_cost_as_much_as_they_are_long(self, name, unit):
        """S8."""
        widget = copy(WIDGETS[name])

        def clean(count):
            with suppress(CellError):
                widget.clean(f"1{unit * count}x")

        assert is_linear(clean, most=100_000)


class TestRefusals:
    def test_are_said_of_numbers_longer_than_python_reads(self):
        with pytest.raises(CellError) as refusal:
            WIDGETS["count"].clean("1" + ".000" * 2_000)

        assert refusal.value.reason.startswith("ce n’est pas un nombre entier.")

    def test_are_typeset(self):
        with pytest.raises(CellError) as refusal:
            WIDGETS["department"].clean("St Denis")

        assert str(refusal.value) == (
            "«\u00a0St Denis\u00a0»\u00a0: Seine-Saint-Denis ou La Réunion\u202f?"
        )

    def test_show_a_day_and_offer_it_as_a_cell_holds_it(self):
        with pytest.raises(CellError) as refusal:
            WIDGETS["date"].clean("03/04/20")

        assert refusal.value.suggestions == (
            ("3\u00a0avril 2020", "03/04/2020"),
            ("20\u00a0avril 2003", "20/04/2003"),
        )

    def test_are_the_same_when_the_cell_comes_again(self):
        widget = DepartmentWidget(LOOKUPS)
        sentences = []
        for _ in range(2):
            with pytest.raises(CellError) as refusal:
                widget.clean("Izère")
            sentences.append(str(refusal.value))

        assert sentences[0] == sentences[1]

    def test_are_compared_with_what_is_right_while_they_may_be_slips(self):
        """S8: a column with hundreds of wrong departments holds something else."""
        widget = DepartmentWidget(LOOKUPS)
        offered = []
        for _ in range(201):
            with pytest.raises(CellError) as refusal:
                widget.clean("Izère")
            offered.append(refusal.value.suggestions)

        assert offered[:200] == [offered[0]] * 200 != [()] * 200
        assert offered[200] == ()

    def test_do_not_grow_when_they_come_again_and_again(self):
        widget = DepartmentWidget(LOOKUPS)
        lengths = []
        for _ in range(3):
            with pytest.raises(CellError) as refusal:
                widget.clean("Izère")
            lengths.append(len(refusal.traceback))

        assert len(set(lengths[1:])) == 1


class TestUnknownWaves:
    @pytest.mark.parametrize(
        ("cell", "day"),
        [
            ("Espace labellisé 15/01/2021", date(2021, 1, 15)),
            ("Espace labélisé 04/2021", date(2021, 4, 1)),
            ("15/01/2021", date(2021, 1, 15)),
            (date(2021, 1, 15), date(2021, 1, 15)),
            # The State says when the label takes effect, even on the day of a committee.
            ("Espace labellisé 30/09/2020", date(2020, 9, 30)),
        ],
    )
    def test_say_on_which_day_they_would_begin(self, cell, day):
        with pytest.raises(UnknownWave) as refusal:
            WIDGETS["wave"].clean(cell)

        assert refusal.value.effective_on == day

    def test_offer_the_nearest_ones(self):
        with pytest.raises(UnknownWave) as refusal:
            WIDGETS["wave"].clean("Espace labellisé 15/12/2021")

        assert str(refusal.value) == (
            "«\u00a0Espace labellisé 15/12/2021\u00a0»\u00a0: aucune vague ne commence le "
            "15\u00a0décembre 2021. Créez-la, ou choisissez-en une autre."
        )
        assert [name for name, _ in refusal.value.suggestions] == [
            "1er janvier 2022",
            "15 janvier 2022",
            "Automne 2020",
        ]

    def test_are_named_by_month_and_by_day_when_two_share_it(self):
        days = [date(2021, 1, 15), date(2021, 4, 1), date(2022, 4, 20), date(2022, 4, 1)]

        names = name_waves([*days, date(2020, 1, 2)], taken=["Janvier 2020"])

        assert names == {
            date(2020, 1, 2): "2 janvier 2020",
            date(2021, 1, 15): "Janvier 2021",
            date(2021, 4, 1): "Avril 2021",
            date(2022, 4, 1): "1er avril 2022",
            date(2022, 4, 20): "20 avril 2022",
        }

    def test_are_named_as_fast_as_they_are_many(self):
        """S8."""
        days = [date.fromordinal(730_000 + day) for day in range(36_000)]

        assert is_linear(
            lambda some: name_waves(some, taken=[]), make=lambda n: days[:n], most=36_000
        )


class TestNames:
    @pytest.mark.parametrize(
        ("cell", "is_new"),
        [("PIMMS Nîmes *", True), ("PIMMS Nîmes* ", True), ("PIMMS Nîmes", False), (None, False)],
    )
    def test_carry_the_asterisk_of_the_new(self, cell, is_new):
        assert NameWidget.is_marked_new(cell) is is_new


class TestValues:
    """Going out in French, and coming back."""

    @pytest.mark.parametrize(
        ("widget", "value", "native", "shown"),
        [
            ("date", OCTOBER_1, OCTOBER_1, "01/10/2020"),
            ("date", None, None, None),
            ("yes or no", True, "Oui", "Oui"),
            ("yes or no", False, "Non", "Non"),
            ("yes or no", None, None, None),
            ("format", "fixed", "Lieu fixe", "Lieu fixe"),
            ("format", "", None, None),
            ("count", 856, 856, "856"),
            ("count", 0, 0, "0"),
            ("latitude", 45.4397, 45.4397, "45,4397"),
            ("postcode", "01000", "01000", "01000"),
            ("key", 12, "site-12", "site-12"),
            ("version", 3, 3, "3"),
        ],
    )
    def test_are_written_in_french(self, widget, value, native, shown):
        assert WIDGETS[widget].render(value, force_native_type=True) == native
        assert WIDGETS[widget].render(value) == shown

    @pytest.mark.parametrize(
        ("widget", "cell", "stored"),
        [
            ("name", "PIMMS Nîmes", "PIMMS  Nîmes"),
            ("phone", "06 12 34 56 78", "0612345678"),
            ("long text", "un\ndeux", "un\r\ndeux"),
            ("text", "a", "a"),
        ],
    )
    def test_of_one_meaning_are_no_difference(self, widget, cell, stored):
        cleaned = WIDGETS[widget].clean(cell)

        assert WIDGETS[widget].is_same(cleaned, stored)

    @pytest.mark.parametrize(
        ("widget", "cell", "stored"),
        [("name", "PIMMS Nîmes", "PIMMS Nimes"), ("phone", "3949", "poste 12")],
    )
    def test_of_two_meanings_are_a_difference(self, widget, cell, stored):
        assert not WIDGETS[widget].is_same(WIDGETS[widget].clean(cell), stored)

    @pytest.mark.parametrize(
        ("widget", "cell", "stored", "is_untouched"),
        [
            ("phone", "poste 12", "poste 12", True),
            ("date", "01/10/2020", OCTOBER_1, True),
            ("date", OCTOBER_1, OCTOBER_1, True),
            ("text", None, "", True),
            ("text", "a", "b", False),
            ("text", None, "b", False),
        ],
    )
    def test_that_came_back_as_they_went_are_known(self, widget, cell, stored, is_untouched):
        assert WIDGETS[widget].is_untouched(cell, stored) is is_untouched

    @given(st.dates(date(1998, 1, 1), date(2099, 12, 31)))
    def test_dates_come_back(self, day):
        widget = WIDGETS["date"]

        assert widget.clean(widget.render(day)) == day
        assert widget.clean(widget.render(day, force_native_type=True)) == day

    @given(st.floats(-90, 90))
    def test_coordinates_come_back_to_the_last_digit(self, latitude):
        widget = WIDGETS["latitude"]

        assert widget.clean(widget.render(latitude)) == latitude

    @pytest.mark.parametrize("name", ["department", "region", "wave", "association"])
    def test_records_come_back_by_their_name(self, name):
        widget = WIDGETS[name]

        assert [
            widget.clean(widget.render(r)) for r in widget.list_records()
        ] == widget.list_records()

    def test_every_choice_comes_back(self):
        for widget in (WIDGETS["format"], WIDGETS["reason"]):
            assert [widget.clean(label) for label in widget.choices] == list(widget.labels)

    def test_choices_of_places_are_in_french_order(self):
        choices = WIDGETS["region"].choices

        assert choices[:4] == (
            "Auvergne-Rhône-Alpes",
            "Bourgogne-Franche-Comté",
            "Bretagne",
            "Centre-Val de Loire",
        )
        assert choices.index("Île-de-France") < choices.index("La Réunion")


@pytest.mark.parametrize("resource", [r for r in RESOURCES.values() if r.is_imported])
def test_a_key_of_another_kind_names_what_to_choose(resource):
    prefix = "site" if resource.model_key != "site" else "association"
    with pytest.raises(CellError) as refused:
        KeyWidget(prefix).clean(f"{resource.model_key}-1")

    assert f"«\u00a0{resource.sheet_name}\u00a0»." in refused.value.reason
