"""Mails as people write, answer, pass on and copy them: what is read, what is listed."""

import pytest

from labelling.choices import RowState
from labelling.models import PressRelease
from labelling.press_release.composition import read_published
from labelling.press_release.renderers import txt
from labelling.spreadsheets.runs.preparation import prepare
from labelling.spreadsheets.tables.mail_places import MailPlaces
from labelling.text import fold
from tests.spreadsheets.prepared import states
from tests.spreadsheets.tables.test_mail import new, resource, sites, understood, unread
from tests.spreadsheets.tables.test_release_text import TEXT

# A page ends within it.
PASTED = TEXT.replace("\f", "")

SIX = [
    ("PIMMS Grandpré", "Gard"),
    ("PIMMS Virelune", "Loire"),
    ("PIMMS Orsac", "Nord"),
    ("PIMMS Montferval", "Isère"),
    ("PIMMS Hauteroche", "69"),
    ("PIMMS Lormont", "33"),
]

# By shape: the mail, its lines that are no site, and its new sites.
SHAPES: dict[str, tuple[str, list[str], int]] = {
    "bullets of every kind": (
        """Bonjour Ana,

Voici les six sites labellisés en janvier :
- PIMMS Grandpré (Gard)
• PIMMS Virelune (Loire)
– PIMMS Orsac (Nord)
* PIMMS Montferval (Isère)
➢ PIMMS Hauteroche (69)
☐ PIMMS Lormont, 33

Bonne journée,
Prénom Nom
06 12 34 56 78""",
        [
            "Bonjour Ana",
            "Voici les six sites labellisés en janvier :",
            "Bonne journée",
            "Prénom Nom",
            "06 12 34 56 78",
        ],
        0,
    ),
    "numbers of every kind": (
        """1. PIMMS Grandpré (Gard)
2°) PIMMS Virelune (Loire)
n°3 PIMMS Orsac (Nord)
iv) PIMMS Montferval (Isère)
[x] PIMMS Hauteroche (69)
6-PIMMS Lormont (33)""",
        [],
        0,
    ),
    "tabs under a greeting": (
        ("Bonjour,\n\nPIMMS Grandpré\tGard\nPIMMS Virelune\tLoire\nPIMMS Orsac\tNord\n"
        "Isère\tPIMMS Montferval\n69\tPIMMS Hauteroche\nPIMMS Lormont\t33\n\nCordialement,\nAna"),
        ["Bonjour", "Cordialement", "Ana"],
        0,
    ),
    "a list whose departments are merged cells": (
        ("Occitanie\tGard\tPIMMS Grandpré *\n\t\tPIMMS Nîmes\nHauts-de-France\tNord\tPIMMS Orsac\n"
        "\tPas-de-Calais\tPIMMS Lens\n\t\tPIMMS Libercourt"),
        [],
        1,
    ),
    "departments as headings": (
        """Gard :
- PIMMS Grandpré

LOIRE (1 site)
PIMMS Virelune
Département du Nord
- PIMMS Orsac (nouveau)

Dans l’Isère :

- PIMMS Montferval
69
PIMMS Hauteroche
33 - Gironde
PIMMS Lormont""",
        [],
        1,
    ),
    "departments below the names": (
        """Bonjour,
PIMMS Grandpré
Gard

PIMMS Virelune
Loire

PIMMS Orsac *
Nord

PIMMS Montferval
Isère

PIMMS Hauteroche
69

PIMMS Lormont
33""",
        ["Bonjour"],
        1,
    ),
    "regions and departments as headings": (
        """OCCITANIE
Gard
- PIMMS Grandpré
Région Auvergne-Rhône-Alpes
Loire
- PIMMS Virelune
Isère : PIMMS Montferval
69 : PIMMS Hauteroche
Hauts-de-France :
- PIMMS Orsac (Nord)
Nouvelle-Aquitaine Gironde PIMMS Lormont""",
        [],
        0,
    ),
    "a signature that names PIMMS": (
        """PIMMS Grandpré (Gard)
PIMMS Virelune (Loire)
PIMMS Orsac (Nord)
PIMMS Montferval (Isère)
PIMMS Hauteroche (69)
PIMMS Lormont (33)
--
Prénom Nom
Directrice du PIMMS Sarrazac
PIMMS Sarrazac
12 rue Haute, 30000 Nîmes
Paris
PIMMS Médiation
Tél. : 01 23 45 67 89
prenom.nom@pimms.exemple
www.pimms.exemple""",
        [
            "Prénom Nom",
            "Directrice du PIMMS Sarrazac",
            "PIMMS Sarrazac",
            "12 rue Haute, 30000 Nîmes",
            "Paris",
            "PIMMS Médiation",
            "Tél. : 01 23 45 67 89",
            "prenom.nom@pimms.exemple",
            "www.pimms.exemple",
        ],
        0,
    ),
    "a reply that quotes": (
        """Merci ! Il manque :
- PIMMS Lormont (33)
Bien cordialement,
Ana
Le 3 mars 2021 à 10:12, Prénom Nom <prenom.nom@exemple.test> a écrit :
> Bonjour,
> - PIMMS Grandpré (Gard)
> - PIMMS Virelune (Loire)
> - PIMMS Orsac (Nord) *
>> - PIMMS Montferval (Isère)
>>> - PIMMS Hauteroche (69)
> Cordialement""",
        [
            "Merci ! Il manque :",
            "Bien cordialement",
            "Ana",
            "Le 3 mars 2021 à 10:12, Prénom Nom <prenom.nom@exemple.test> a écrit :",
            "> Bonjour",
            "> Cordialement",
        ],
        1,
    ),
    "a mail that is passed on": (
        """---------- Forwarded message ---------
De : Prénom Nom <prenom.nom@pimms.exemple>
Date : mer. 3 mars 2021 à 10:12
Objet : PIMMS Grandpré (30), PIMMS Virelune (42) et autres
À : Ana Martin <ana@pimms.exemple>
Cc : PIMMS Nîmes

PIMMS Grandpré (Gard)
PIMMS Virelune (Loire)
PIMMS Orsac (Nord)
PIMMS Montferval (Isère)
PIMMS Hauteroche (69)
PIMMS Lormont (33)""",
        [
            "---------- Forwarded message ---------",
            "De : Prénom Nom <prenom.nom@pimms.exemple>",
            "Date : mer. 3 mars 2021 à 10:12",
            "Objet : PIMMS Grandpré (30), PIMMS Virelune (42) et autres",
            "À : Ana Martin <ana@pimms.exemple>",
            "Cc : PIMMS Nîmes",
        ],
        0,
    ),
    "marks of the new": (
        """PIMMS Grandpré (Gard) (nouveau)
PIMMS Virelune (Loire) - nouveau
PIMMS Orsac (Nord) NOUVEAU
PIMMS Montferval (Isère) [nouveau]
Nouveau : PIMMS Hauteroche (69)
PIMMS Lormont (33) *""",
        [],
        6,
    ),
    "blanks of Word": (
        ("PIMMS\xa0Grandpré\xa0(Gard)\xa0\nPIMMS\u202fVirelune\xa0(Loire)\xa0*\n"
        "\u2022\xa0PIMMS Orsac\xa0– 59 \n\xa0\n·\t\xa0PIMMS Montferval\xa0(Isère)\n"
        "\xa0\xa0PIMMS Hauteroche\xa0-\xa069\n§\xa0PIMMS Lormont,\xa033"),
        [],
        1,
    ),
    "other ways to write PIMMS, and quotation marks": (
        """« Pimms Grandpré » (Gard)
"P.I.M.M.S. Virelune" (Loire)
“PIMMS Orsac”, Nord
pimms Montferval - Isère
PIMMS Hauteroche, 69
PIMMS Lormont – 33""",
        [],
        0,
    ),
    "one line, with commas": (
        ("Les nouveaux sites : PIMMS Grandpré (Gard), PIMMS Virelune (Loire), PIMMS Orsac (Nord), "
        "PIMMS Montferval (Isère), PIMMS Hauteroche (69) et PIMMS Lormont (33)."),
        ["Les nouveaux sites :"],
        0,
    ),
    "one line, with semicolons": (
        ("PIMMS Grandpré (Gard) ; PIMMS Virelune (Loire) ; PIMMS Orsac (Nord) ; "
        "PIMMS Montferval (Isère)* ; PIMMS Hauteroche (69) ; PIMMS Lormont (33)"),
        [],
        1,
    ),
    "a town before a colon": (
        """Grandpré : PIMMS (Gard)
Virelune (Loire) : PIMMS Virelune
Orsac, Nord : PIMMS d’Orsac
Montferval : PIMMS Montferval (Isère)
Site : PIMMS Hauteroche (69)
Nom : PIMMS Lormont, 33""",
        [],
        0,
    ),
}  # fmt: skip

# What these two shapes have besides the six.
OTHERS = {
    "a list whose departments are merged cells": [
        ("PIMMS Grandpré", "Gard"),
        ("PIMMS Nîmes", "Gard"),
        ("PIMMS Orsac", "Nord"),
        ("PIMMS Lens", "Pas-de-Calais"),
        ("PIMMS Libercourt", "Pas-de-Calais"),
    ],
}


def names_and_codes(found: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Names without their case and their little words, with the code of the department."""
    places = MailPlaces(resource().lookups)
    return {
        (fold(name).replace(" d ", " "), "".join(places.find_departments(department)))
        for name, department in found
    }


class TestAMail:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_gives_its_sites_and_lists_the_rest(self, shape):
        mail, listed, marked = SHAPES[shape]

        assert [line.rstrip(",") for line in unread(mail)] == listed
        assert len(new(mail)) == marked
        assert names_and_codes(sites(mail)) == names_and_codes(OTHERS.get(shape, SIX))

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"])
    def test_is_read_alike_with_other_ends_of_lines(self, shape, end):
        mail, _, _ = SHAPES[shape]

        assert unread(mail.replace("\n", end)) == unread(mail)
        assert sites(mail.replace("\n", end)) == sites(mail)

    def test_of_several_sites_a_line_numbers_them_one_by_one(self):
        table = understood("PIMMS A (30), PIMMS B (42) et PIMMS C (59)\nMerci\n\n\n\nPIMMS D (30)")

        assert [line.number for line in table.lines] == [1, 2, 3, 6]
        assert [note.number for note in table.notes] == [4]

    @pytest.mark.parametrize(
        ("mail", "found"),
        [
            # One of them says where it is, or its parts are one.
            ("PIMMS A et PIMMS B (30)", [("PIMMS A et PIMMS B (30)", "")]),
            ("PIMMS A (18e, PIMMS mobile) (75)", [("PIMMS A (18e, PIMMS mobile) (75)", "")]),
            # A department may be that of the name above it, or of the one below.
            (
                "PIMMS A\nGard\nPIMMS B\nLoire\nPIMMS C",
                [("PIMMS A", ""), ("PIMMS B", ""), ("PIMMS C", "")],
            ),
            # A quarter, a town.
            ("PIMMS Lyon - Nord", [("PIMMS Lyon - Nord", "")]),
            ("PIMMS Portes - Vienne", [("PIMMS Portes - Vienne", "")]),
            ("PIMMS Lyon - Saint-Denis", [("PIMMS Lyon - Saint-Denis", "")]),
            # What is said of it.
            ("PIMMS A (30) : ouvre lundi", [("PIMMS A (30) : ouvre lundi", "")]),
            ("Rappel : PIMMS A (30)", [("Rappel : PIMMS A (30)", "")]),
            ("Le PIMMS A (30) a été labellisé.", [("Le PIMMS A (30) a été labellisé.", "")]),
            # An address.
            (
                "PIMMS A, 12 rue Haute, 30000 Nîmes",
                [("PIMMS A - 12 rue Haute - 30000 Nîmes", "")],
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_that_may_mean_two_things_is_to_be_corrected(self, mail, found):
        assert sites(mail) == found

    def test_keeps_a_name_of_ours_whole(self):
        assert sites("PIMMS Hautrive, 59\nPIMMS Saint-Orme - Gare") == [
            ("PIMMS Hautrive", "59"),
            ("PIMMS Saint-Orme - Gare", "Rhône"),
        ]

    @pytest.mark.parametrize(
        "title",
        ["PIMMS labellisés en janvier 2021", "PIMMS concernés :", "Nom du PIMMS", "Réseau PIMMS"],
    )
    def test_has_a_title_that_is_no_site(self, title):
        assert unread(f"{title}\nGard\nPIMMS A") == [title]
        assert sites(f"{title}\nGard\nPIMMS A") == [("PIMMS A", "Gard")]


class TestAPartOfARelease:
    def test_is_read_without_its_sentences(self):
        alone = PASTED[PASTED.index("Région Dép") : PASTED.index("A propos")]

        assert sites(alone) == [
            ("PIMMS Isère - Pont de Claix", "Isère"),
            ("PIMMS Métropole Stéphanoise - La Cotonne", "Isère"),
            ("PIMMS Agglomération Villefranche Beaujolais Saône (AVBS)", "Rhône"),
            ("PIMMS Bourgogne du Sud - Issy-l'Evêque", "Saône et Loire"),
            ("PIMMS Blois", "Loir-et-Cher"),
            ("PIMMS du Plateau de l'Agglomération montargoise", "Loiret"),
            ("PIMMS Paris - Paris Nord Ouest (18e, Porte de Montmartre)", "Paris"),
            ("PIMMS Ambazac", "Haute Vienne"),
            ("PIMMS Poitiers", "Vienne"),
        ]
        assert len(new(alone)) == 3
        assert unread(alone) == ["Région Département Nom du PIMMS labellisé France Services"]

    def test_is_read_as_half_of_its_list(self):
        half = PASTED[PASTED.index("Bourgogne-Franche-") : PASTED.index("Nouvelle-Aquitaine")]

        assert [name for name, _ in sites(half)] == [
            "PIMMS Bourgogne du Sud - Issy-l'Evêque",
            "PIMMS Blois",
            "PIMMS du Plateau de l'Agglomération montargoise",
            "PIMMS Paris - Paris Nord Ouest (18e, Porte de Montmartre)",
        ]
        assert unread(half) == []

    def test_is_read_with_one_cell_a_line(self):
        cells = (
            "Région\nDépartement\nNom du PIMMS labellisé France Services\nÎle-de-France\nParis\n"
            "PIMMS Paris - Paris Nord Ouest (18e, Porte de\nMontmartre) *\nParis\n"
            "PIMMS Paris - Paris Est (20e)\nOccitanie\nGard\nPIMMS Nîmes\n"
        )

        assert sites(cells) == [
            ("PIMMS Paris - Paris Nord Ouest (18e, Porte de Montmartre)", "Paris"),
            ("PIMMS Paris - Paris Est (20e)", "Paris"),
            ("PIMMS Nîmes", "Gard"),
        ]
        assert unread(cells) == [
            "Région",
            "Département",
            "Nom du PIMMS labellisé France Services",
        ]

    @pytest.mark.parametrize("between", [" ", "\t"])
    @pytest.mark.parametrize("has_headings", [True, False])
    def test_that_we_sent_finds_every_site_again(self, network, between, has_headings):
        content = read_published(PressRelease.objects.get())
        lines = [
            between.join([line.region, line.department, f"{line.name}{' *' * line.is_new}"])
            for line in content.lines
        ]
        headings = [between.join(["Région", "Département", "Nom du PIMMS"])] * has_headings

        run = prepare(pasted="\n".join([*headings, *lines]))

        assert set(states(run).values()) == {RowState.UNCHANGED}
        assert len(states(run)) == 53
        assert run.rows.marked_new().count() == 13

    @pytest.mark.parametrize(
        ("first", "count"), [("Région\t", 53), ("Bretagne", 33), ("\tPas", 24)]
    )
    def test_is_read_as_our_own_text_prints_it(self, network, first, count):
        text = txt.render(read_published(PressRelease.objects.get())).decode()
        begins = text.index(f"\n{first}")

        run = prepare(pasted=text[begins : text.index("propos de", begins) - 2])

        assert set(states(run).values()) == {RowState.UNCHANGED}
        assert len(states(run)) == count
