"""Imports in preparation, from lines written out in a test."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from labelling.models import ImportRow, ImportRun
from labelling.models.stored import CellProblem
from labelling.spreadsheets.runs import preparation


def lines(*lines: str) -> bytes:
    """A CSV file."""
    return "\n".join(lines).encode()


def prepared(*content: str, name: str = "sites.csv", **options: Any) -> ImportRun:
    """An import prepared from the lines of a CSV file; by the command line if nobody is named."""
    return preparation.prepare(lines(*content), name=name, **options)


def row(run: ImportRun, number: int) -> ImportRow:
    return run.rows.get(number=number)


def problems(run: ImportRun, number: int) -> list[CellProblem]:
    """What is wrong with a line."""
    return row(run, number).problems


def states(run: ImportRun) -> dict[int, str]:
    """The state of each line, by its number."""
    return dict(run.rows.order_by("number").values_list("number", "state"))


def reasons(run: ImportRun, number: int) -> list[str]:
    """What is said to be wrong with a line."""
    return [problem.reason for problem in problems(run, number)]


def import_of(person: User, key: int = 1) -> ImportRun:
    """An import that has something of everything, prepared by `person`, under a known key.

    Of the network of October 2020.
    """
    with transaction.atomic():
        run = prepared(
            "Les PIMMS de la rentrée : 7 PIMMS;;;;",
            "Région;Département;Nom;Code postal;Labellisé le;Fax",
            "Occitanie;Gard;PIMMS de la Gare*;30000;01/10/2021;0",
            "Occitanie;Izère;PIMMS Échirolles;38130;01/10/2021;0",
            ";Izère;PIMMS Fontaine;38600;01/10/2021;0",
            ";Isère;PIMMS Meylan;38240;le mois dernier;0",
            ";Isère;PIMMS Isère - Villefontaine;38090;;",
            ";Rhône;PIMMS Meyzieu;69330;;",
            ";Rhône;PIMMS Meyzieu;69330;;",
            name="rentrée.csv",
            author=person,
        )
        # The base gives the key that comes next, whatever was rolled back before.
        ImportRun.objects.filter(pk=run.pk).update(id=key)
        ImportRow.objects.filter(run=run.pk).update(run=key)
    return ImportRun.objects.get(pk=key)
