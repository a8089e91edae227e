"""Small tables, each with what is to be understood of it. Data: the tests walk through them.

The base of the cases: `write_base`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from django.core.management import call_command

from labelling.models import Department
from tests.factories import AssociationFactory, SiteFactory, WaveFactory


@dataclass(frozen=True)
class Expected:
    """What becomes of a column: its field if it is taken, the one that is asked about if not.

    No level: whichever, as long as nothing is taken.
    """

    field: str | None
    level: str
    proposed: str | None = None


@dataclass(frozen=True)
class Case:
    """A table by its lines. What is not said of it is not looked at.

    `is_closed`: nothing of it may be applied before somebody answered. `said` are words that
    problems, remarks or the refusal hold.
    """

    number: int
    about: str
    lines: tuple[str, ...]
    columns: tuple[Expected, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    is_closed: bool = False
    said: tuple[str, ...] = ()
    # By line, words of what is wrong with it.
    wrong: Mapping[int, str] = field(default_factory=dict)
    # Pasted text: by line its state, the name and the department that are read in it.
    read: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    is_mail: bool = False
    # Columns whose order means something, by position; None: those of the whole table.
    in_order: tuple[int, ...] | None = ()
    is_shuffled: bool = False

    def __str__(self) -> str:
        return f"{self.number}{' shuffled' if self.is_shuffled else ''}: {self.about}"

    def shuffle(self) -> "Case":
        """The same table, its columns in another order."""
        width = len(self.lines[0].split(";"))
        order = list(range(width))
        random = Random(self.number)  # noqa: S311
        while order == sorted(order):
            random.shuffle(order)
        kept = sorted(order.index(position) for position in self.in_order or ())
        for place, position in zip(kept, sorted(self.in_order or ()), strict=True):
            order[place] = position
        lines = [line.split(";") for line in self.lines]
        return replace(
            self,
            lines=tuple(";".join(cells[position] for position in order) for cells in lines),
            columns=tuple(self.columns[position] for position in order) if self.columns else (),
            is_shuffled=True,
        )


def write_base() -> None:
    """Five sites of which the first alone is labelled, two associations, the waves of 2020."""
    call_command("loaddata", "geography", verbosity=0)
    january = WaveFactory(name="Janvier 2020", effective_on=date(2020, 1, 1))
    WaveFactory(name="Février 2020", effective_on=date(2020, 2, 1))
    WaveFactory(name="Automne 2020", effective_on=date(2020, 9, 1))
    for name in ("Valbrune", "Rochebelle"):
        AssociationFactory(name=name)
    for number, name, department, commune, code, wave in (
        ("501", "PIMMS Valbrune", "30", "Valbrune", "30501", january),
        ("502", "PIMMS Saint-Orme - Centre", "69", "Saint-Orme", "69502", None),
        ("503", "PIMMS Saint-Orme - Gare", "69", "Saint-Orme", "69502", None),
        ("504", "PIMMS Hautrive", "59", "Hautrive", "59504", None),
        ("505", "PIMMS Rochebelle", "42", "Rochebelle", "42505", None),
    ):
        SiteFactory(
            name=name,
            france_services_id=number,
            department=Department.objects.get(code=department),
            commune=commune,
            commune_code=code,
            wave=wave,
        )


def certain(field: str) -> Expected:
    return Expected(field, "certain")


def proven(field: str) -> Expected:
    return Expected(field, "proven")


def proposed(field: str) -> Expected:
    return Expected(None, "proposed", field)


def ask(field: str) -> Expected:
    """A question, this field being its first answer."""
    return Expected(None, "ask", field)


ASIDE = Expected(None, "aside")
UNKNOWN = Expected(None, "unknown")
LEFT = Expected(None, "")

CASES = (
    Case(
        1,
        "the State’s list of October 2020",
        (
            "MATRICULE;DEPARTEMENT;lib_france_services;insee_com;lib_com;Labellisation",
            "501;30;PIMMS Valbrune;30501;Valbrune;Espace labellisé 01/2020",
            "502;69;PIMMS Saint-Orme;69502;Saint-Orme;Espace labellisé 02/2020",
            *(
                f"{600 + i};{7 + i % 3};Maison {i};{7 + i % 3:02}{100 + i};Orsac {i};"
                f"Espace labellisé 0{1 + i % 2}/2020"
                for i in range(20)
            ),
        ),
        (
            certain("france_services_id"),
            certain("department"),
            certain("state_name"),
            certain("commune_code"),
            certain("commune"),
            certain("wave"),
        ),
        {"new": 0, "changed": 2, "wrong": 0, "which": 0, "outside": 20},
    ),
    Case(
        2,
        "a kind of place that is none: December 2022",
        (
            "id_fs;insee_dep;lib_fs;lib_com;format_fs",
            "501;30;France services PIMMS Valbrune;Valbrune;Site principal",
            "502;69;France services PIMMS Saint-Orme - Centre;Saint-Orme;Site principal",
            "503;69;France services PIMMS Saint-Orme - Gare;Saint-Orme;Antenne",
            "504;59;France services PIMMS Hautrive;Hautrive;Site principal",
            "505;42;France services PIMMS Rochebelle;Rochebelle;Antenne",
        ),
        (
            certain("france_services_id"),
            certain("department"),
            certain("state_name"),
            certain("commune"),
            ASIDE,
        ),
        {"changed": 5, "wrong": 0, "outside": 0},
    ),
    Case(
        3,
        "headings that look like fields",
        (
            "Nom;Département;Ancienne adresse;Site internet;Vague précédente",
            "PIMMS Valbrune;30;1 rue Vieille;https://exemple.test;Janvier 2020",
            "PIMMS Hautrive;59;2 rue Vieille;https://exemple.test/2;Automne 2020",
        ),
        (certain("name"), certain("department"), UNKNOWN, UNKNOWN, UNKNOWN),
        {"unchanged": 2, "wrong": 0},
    ),
    Case(
        4,
        "a name under a word like a name",
        (
            "Raison sociale;Département;Site internet",
            "PIMMS Valbrune;30;https://exemple.test",
            "PIMMS Hautrive;59;https://exemple.test/2",
        ),
        (proven("name"), certain("department"), UNKNOWN),
        {"unchanged": 2},
    ),
    Case(
        6,
        "coordinates exchanged",
        (
            "Nom;Département;Latitude;Longitude",
            "PIMMS Valbrune;30;4,35;43,85",
            "PIMMS Saint-Orme - Gare;69;4,82;45,74",
            "PIMMS Hautrive;59;3,05;50,62",
        ),
        (certain("name"), certain("department"), ask("longitude"), ask("latitude")),
        is_closed=True,
    ),
    Case(
        7,
        "half a pair of coordinates",
        (
            "Nom;Département;Latitude",
            "PIMMS Valbrune;30;43,85",
            "PIMMS Hautrive;59;50,62",
        ),
        (certain("name"), certain("department"), ASIDE),
        {"unchanged": 2, "wrong": 0},
    ),
    Case(
        8,
        "a foreign list with coordinates",
        (
            "Lieu;Commune;Coord. X;Coord. Y",
            *(f"Atelier {'ABCDEFGHIJKL'[i]};Orsac;44,{10 + i};-0,{43 + i}" for i in range(12)),
        ),
        (proposed("name"), certain("commune"), proven("latitude"), proven("longitude")),
        {"new": 0, "changed": 0, "outside": 12},
        is_closed=True,
        in_order=(2, 3),
    ),
    Case(
        10,
        "no headings, sites that are known",
        ("PIMMS Valbrune;30;Valbrune", "PIMMS Hautrive;59;Hautrive"),
        (proven("name"), proven("department"), proven("commune")),
        {"unchanged": 2, "new": 0, "wrong": 0},
    ),
    Case(
        11,
        "no headings, sites that are not known",
        ("PIMMS Grandpré;13", "PIMMS Virelune;42"),
        (proven("name"), proposed("department")),
        is_closed=True,
    ),
    Case(
        12,
        "no headings, nothing of ours",
        ("Maison Alpha;13;12 rue A", "Maison Beta;42;3 rue B"),
        is_closed=True,
        said=("titres",),
    ),
    Case(
        13,
        "name and commune exchanged",
        (
            "Commune;Nom;Département",
            "PIMMS Valbrune;Valbrune;30",
            "PIMMS Hautrive;Hautrive;59",
            "PIMMS Rochebelle;Rochebelle;42",
        ),
        (ask("name"), ask("commune"), certain("department")),
        is_closed=True,
    ),
    Case(
        14,
        "headings of which the list knows none",
        (
            "Intitulé;Localité;Territoire",
            "PIMMS Valbrune;Valbrune;Gard",
            "PIMMS Hautrive;Hautrive;Nord",
        ),
        (proven("name"), proven("commune"), proven("department")),
        {"unchanged": 2, "new": 0, "wrong": 0},
    ),
    Case(
        15,
        "a foreign list under our headings",
        (
            "Nom;Département;Adresse;Code postal;Ville",
            *(f"Atelier {i};13;{i + 1} rue Haute;13{i:02}0;Orsac {i}" for i in range(40)),
        ),
        (
            certain("name"),
            certain("department"),
            certain("address"),
            certain("postcode"),
            certain("commune"),
        ),
        {"new": 0, "wrong": 0, "outside": 40},
        is_closed=True,
    ),
    Case(
        17,
        "a slip in one cell of a column that fits",
        (
            "Nom;Département;Vague",
            "PIMMS Valbrune;30;Janvier 2020",
            "PIMMS Hautrive;59;Autome 2020",
            "PIMMS Rochebelle;42;Janvier 2020",
        ),
        (certain("name"), certain("department"), certain("wave")),
        {"unchanged": 1, "changed": 1, "wrong": 1},
        wrong={3: "Automne 2020"},
    ),
    Case(
        18,
        "dates that are no waves",
        (
            "Nom;Département;Mise à jour",
            "PIMMS Valbrune;30;18/05/2020",
            "PIMMS Hautrive;59;19/05/2020",
        ),
        (certain("name"), certain("department"), UNKNOWN),
        {"unchanged": 2},
    ),
    Case(
        20,
        "the department as it is and as it was printed",
        (
            "Nom;Département imprimé;Code INSEE;Dép.",
            "PIMMS Valbrune;69;30501;30",
            "PIMMS Hautrive;62;59504;59",
            "PIMMS Rochebelle;69;42505;42",
        ),
        (certain("name"), LEFT, certain("commune_code"), certain("department")),
        {"unchanged": 3, "wrong": 0},
        said=("Département imprimé",),
    ),
    Case(
        21,
        "a mail with a greeting",
        (
            "Bonjour,",
            "- PIMMS Grandpré - Centre (Gard)",
            "- PIMMS Virelune (42) *",
            "- PIMMS Montferval (Corse)",
            "Cordialement",
        ),
        counts={"new": 2, "wrong": 1},
        said=("Bonjour", "Cordialement"),
        wrong={4: "Corse-du-Sud"},
        read={
            2: ("new", "PIMMS Grandpré - Centre", "30"),
            3: ("new", "PIMMS Virelune", "42"),
        },
        is_mail=True,
        in_order=None,
    ),
    Case(
        23,
        "a mail of sites in several ways",
        (
            "PIMMS Grandpré, Orsac, 30",
            "PIMMS Hautrive, Hautrive, 59",
            "69 - PIMMS Virelune",
            "PIMMS Valbrune",
        ),
        counts={"new": 2, "unchanged": 2, "wrong": 0},
        read={
            1: ("new", "PIMMS Grandpré - Orsac", "30"),
            2: ("unchanged", "PIMMS Hautrive", "59"),
            3: ("new", "PIMMS Virelune", "69"),
            4: ("unchanged", "PIMMS Valbrune", "30"),
        },
        is_mail=True,
        in_order=None,
    ),
    Case(
        24,
        "a line that a comma of its own shifts",
        ("Nom,Département,Adresse,Commune", "PIMMS A,30,12, rue Haute,Nîmes"),
        (certain("name"), certain("department"), certain("address"), certain("commune")),
        {"wrong": 1, "new": 0},
        wrong={2: "5 cellules pour 4 titres"},
        in_order=None,
    ),
    Case(
        25,
        "a line of cells in error",
        ("Nom;Département;Commune", "#REF!;#REF!;#REF!", "PIMMS A;30;Nîmes"),
        (certain("name"), certain("department"), certain("commune")),
        {"wrong": 1, "new": 1},
        wrong={2: "#REF!"},
    ),
    Case(
        26,
        "no column of departments, and the codes of communes",
        (
            "Nom;Code INSEE;Commune",
            "PIMMS Grandpré;13055;Orsac",
            "PIMMS Hautrive;59504;Hautrive",
            "PIMMS Montferval;2A004;Orsac",
        ),
        (certain("name"), certain("commune_code"), certain("commune")),
        {"new": 2, "unchanged": 1, "wrong": 0},
        said=("d’après", "Code commune (INSEE)"),
    ),
    Case(
        27,
        "no column of departments, and postcodes of which one is none",
        ("Nom;Code postal", "PIMMS Grandpré;13002", "PIMMS Hautrive;59330", "PIMMS Virelune;1300"),
        (certain("name"), certain("postcode")),
        {"new": 2, "changed": 1},
        said=("d’après", "département voisin"),
    ),
    Case(
        28,
        "lines that are counted, without headings",
        ("1;PIMMS Grandpré", "2;PIMMS Virelune", "3;PIMMS Montferval"),
        (UNKNOWN, proven("name")),
        is_closed=True,
    ),
    Case(
        29,
        "both coordinates in a cell",
        ("Nom;Département;GPS", "PIMMS Valbrune;30;43.85, 4.35", "PIMMS Hautrive;59;50.62, 3.05"),
        (certain("name"), certain("department"), ASIDE),
        {"unchanged": 2},
        said=("Chaque cellule a deux coordonnées",),
    ),
    Case(
        30,
        "coordinates whose decimals are parted by the commas of the file",
        (
            "Nom,Département,Latitude,Longitude",
            "PIMMS Valbrune,30,43,85,4,35",
            "PIMMS Hautrive,59,50,62,3,05",
        ),
        is_closed=True,
        said=("point-virgule",),
        in_order=None,
    ),
    Case(
        31,
        "a table that lies on its side",
        ("Nom;PIMMS Valbrune;PIMMS Hautrive", "Département;30;59", "Commune;Valbrune;Hautrive"),
        is_closed=True,
        said=("Le tableau est couché", "Transposer"),
        in_order=None,
    ),
    Case(
        32,
        "the State’s numbers under « id », and waves in digits alone",
        (
            "id;Lieu;Ville;Label",
            "501;PIMMS Valbrune;Valbrune;01/2020",
            "504;PIMMS Hautrive;Hautrive;01/01/20",
        ),
        (proven("france_services_id"), proven("name"), certain("commune"), proven("wave")),
        {"unchanged": 1, "changed": 1},
    ),
    Case(
        33,
        "numbers of somebody else under « id »",
        ("id;Nom;Département", "1;PIMMS Valbrune;30", "2;PIMMS Hautrive;59"),
        (ASIDE, certain("name"), certain("department")),
        {"unchanged": 2},
        said=("ne se remplit pas depuis un fichier",),
    ),
    Case(
        34,
        "no headings, and somebody else’s line first",
        (
            "900;Gard;Maison Alpha;Orsac;30700",
            "501;Gard;PIMMS Valbrune;Valbrune;30501",
            "504;Nord;PIMMS Hautrive;Hautrive;59504",
            "901;Ain;Maison Beta;Orsac;01702",
            "902;Ain;Maison Gamma;Orsac;01703",
        ),
        (
            proven("france_services_id"),
            proven("department"),
            proven("name"),
            proven("commune"),
            proven("commune_code"),
        ),
        {"unchanged": 2, "outside": 3},
    ),
    Case(
        35,
        "years over their visits, which are headings",
        (
            "Nos maisons;2019;2020;2021",
            "PIMMS Valbrune;120;130;2021",
            "PIMMS Hautrive;90;100;2020",
        ),
        (proven("name"), UNKNOWN, UNKNOWN, UNKNOWN),
        is_closed=True,
    ),
)
# Each also with its columns in another order, where that leaves the case what it is.
EVERY_CASE = (*CASES, *(case.shuffle() for case in CASES if case.in_order is not None))
