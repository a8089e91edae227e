"""What the ledger of imports stores: the same JSON as every version before, read back typed."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core import serializers
from django.db.models import F, TextField
from django.db.models.functions import Cast

from labelling.models import ImportRow, ImportRun
from labelling.models.stored import (
    Answers,
    CellFault,
    CellProblem,
    FileColumn,
    FileSheet,
    LeftValue,
    NewWave,
    StatedTotal,
    Takeover,
)

pytestmark = pytest.mark.django_db

# By column of the table: what the base has held since 0002, and what it is read as.
OF_A_RUN = {
    "takeovers": (
        [{"from": "Ana", "to": "Bob", "at": "2026-01-31T09:05:00+00:00"}],
        [Takeover("Ana", "Bob", datetime(2026, 1, 31, 9, 5, tzinfo=UTC))],
    ),
    "sheets": (
        [
            {"name": "Sites", "is_hidden": False},
            {"name": "Liste", "is_hidden": True, "struck_lines": 2, "reads_struck": True},
        ],
        [
            FileSheet("Sites", is_hidden=False),
            FileSheet("Liste", is_hidden=True, struck_lines=2, reads_struck=True),
        ],
    ),
    "columns": (
        [
            {
                "position": 27,
                "letter": "AB",
                "heading": "Ville",
                "field": "commune",
                "how": "words",
                "samples": ["Nîmes", "Alès"],
                "note": "",
                "empties": True,
                "level": "proven",
                "proposed": "",
                "titled": "commune",
            }
        ],
        [
            FileColumn(
                *(27, "AB", "Ville", "commune", "words", ("Nîmes", "Alès")),
                empties=True,
                level="proven",
                titled="commune",
            )
        ],
    ),
    "totals": (
        [{"what": "new", "stated": 13, "sentence": "13 nouveaux"}],
        [StatedTotal("new", 13, "13 nouveaux")],
    ),
    "new_waves": (
        [
            {"effective_on": "2021-01-15", "name": "Janvier 2021", "record": 3},
            {"effective_on": "2021-02-15", "name": "Février 2021"},
        ],
        [
            NewWave(date(2021, 1, 15), "Janvier 2021", 3),
            NewWave(date(2021, 2, 15), "Février 2021"),
        ],
    ),
    "left": (
        [{"record": 3, "label": "PIMMS Nîmes", "field": "note", "reason": "Modifiée depuis."}],
        [LeftValue(3, "PIMMS Nîmes", "note", "Modifiée depuis.")],
    ),
}
OF_A_LINE = {
    "problems": (
        [
            {
                "is_choice": True,
                "unfilled": ["label_end_reason"],
                "letter": "B",
                "heading": "Département",
                "field": "department_id",
                "value": "Izère",
                "reason": "Inconnu.",
                "suggestions": [["Isère", "38"]],
            },
            {
                "letter": "",
                "heading": "",
                "field": "",
                "value": "PIMMS",
                "reason": "Deux fois.",
                "suggestions": [],
            },
        ],
        [
            CellProblem(
                "Inconnu.",
                (("Isère", "38"),),
                "Izère",
                "B",
                "Département",
                "department_id",
                is_choice=True,
                unfilled=("label_end_reason",),
            ),
            CellProblem("Deux fois.", value="PIMMS"),
        ],
    ),
    "answers": (
        {
            "cells": {"2": "30000", "11": {"date": "2021-01-15"}, "12": {"fault": "est en erreur"}},
            "values": {"note": "vu"},
            "record": "new",
            "fields": {"postcode": "always"},
        },
        Answers(
            {2: "30000", 11: date(2021, 1, 15), 12: CellFault("est en erreur")},
            {"note": "vu"},
            "new",
            {"postcode": "always"},
        ),
    ),
}


def raw(record, name):
    """What the base holds, as JSON."""
    as_text = Cast(F(name), TextField())
    stored = type(record).objects.filter(pk=record.pk).values_list(as_text, flat=True).get()
    return stored if stored is None else json.loads(stored)


class TestTheLedger:
    @pytest.mark.parametrize("name", OF_A_RUN)
    def test_stores_of_a_file_what_it_always_has(self, name):
        stored, value = OF_A_RUN[name]
        run = ImportRun.objects.create(model_key="site", **{name: value})

        assert raw(run, name) == stored
        assert getattr(ImportRun.objects.get(), name) == value

    @pytest.mark.parametrize(
        ("how", "level"), [("exact", "certain"), ("likeness", "proven"), (None, "unknown")]
    )
    def test_gives_a_level_to_columns_stored_without_one(self, how, level):
        column = FileColumn(0, "A", "Ville", "commune", how, ())
        names = ("position", "letter", "heading", "field", "how", "samples", "note", "empties")
        stored = {name: value for name, value in column.to_json().items() if name in names}

        assert FileColumn.from_json(stored).level == level

    @pytest.mark.parametrize("name", OF_A_LINE)
    def test_stores_of_a_line_what_it_always_has(self, name):
        stored, value = OF_A_LINE[name]
        run = ImportRun.objects.create(model_key="site")
        line = ImportRow.objects.create(run=run, number=2, state="new", **{name: value})

        assert raw(line, name) == stored
        assert getattr(ImportRow.objects.get(), name) == value

    def test_holds_nothing_where_nothing_was_said(self):
        run = ImportRun.objects.create(model_key="site")
        line = ImportRow.objects.create(run=run, number=2, state="new")

        assert (line.problems, line.answers) == ([], Answers())
        assert raw(line, "problems") is raw(line, "answers") is None
        assert raw(run, "columns") == []
        again = ImportRow.objects.get()
        assert (again.problems, again.answers) == ([], Answers())
        assert not ImportRow.objects.filter(answers__isnull=False).exists()

    def test_forgets_an_answer_that_is_taken_back(self):
        answers = Answers({1: "30000"}, {}, 12, {"postcode": "ours"})

        assert answers.without("record", "decisions") == Answers({1: "30000"})
        assert not answers.without("cells", "record", "decisions")

    def test_is_carried_to_another_base(self):
        values = {name: value for name, (_, value) in OF_A_RUN.items()}
        run = ImportRun.objects.create(model_key="site", **values)
        carried = serializers.serialize("json", [run])
        run.delete()
        for record in serializers.deserialize("json", carried):
            record.save()

        again = ImportRun.objects.get()
        assert {name: getattr(again, name) for name in values} == values
