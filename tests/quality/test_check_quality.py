"""`manage.py check_quality`, for a terminal and for a program."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from labelling.models import PressRelease
from labelling.quality import accept, group_findings
from tests.factories import AssociationFactory, DepartmentFactory, SiteFactory, tamper

pytestmark = pytest.mark.django_db


def check(*options: str) -> str:
    """What it prints."""
    out = StringIO()
    call_command("check_quality", *options, stdout=out)
    return out.getvalue()


def failing(*options: str) -> tuple[str, str]:
    """What it prints, and the sentence that it fails with."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("check_quality", *options, stdout=out)
    assert refusal.value.returncode == 1
    return out.getvalue().replace("\u00a0", " ").replace("\u202f", " "), str(refusal.value)


def test_finds_nothing_in_an_empty_base():
    assert check() == "Rien à signaler.\n"
    assert check("--format", "json") == "[]\n"


@pytest.mark.usefixtures("network")
def test_says_rule_by_rule_what_it_finds_and_fails():
    said, failure = failing()

    lines = said.splitlines()
    assert failure == "5\u00a0signalements."
    assert [line for line in lines if not line.startswith(" ")] == [
        "Q001 Chiffres par porteur (faux) : 1",
        "Q002 Département et code commune (faux) : 3",
        "Q021 Ligne hors de sa place (faux) : 1",
    ]
    assert lines[1].startswith("  Automne 2020 : Les chiffres par porteur font 859, le total ")


def test_says_them_to_a_program():
    site = SiteFactory(name="PIMMS Nîmes", commune_code="42218")
    DepartmentFactory(code="42", name="Loire")

    said, failure = failing("--format", "json")

    assert failure == "1\u00a0signalement."
    assert json.loads(said) == [
        {
            "rule": "Q002",
            "name": "Département et code commune",
            "seriousness": "wrong",
            "model": "site",
            "findings": [
                {
                    "record": site.pk,
                    "label": "PIMMS Nîmes",
                    "field": "department",
                    "title": "Le code commune dit Loire.",
                    "evidence": "42218 est une commune du département Loire (42) ; la fiche dit "
                    "Gard (30).",
                    "advice": "Vérifiez l’adresse, puis corrigez l’un des deux.",
                }
            ],
        }
    ]


@pytest.mark.usefixtures("network")
def test_says_that_a_frozen_text_was_altered():
    release = PressRelease.objects.get()
    tamper(release, content={**release.content, "title": "14 PIMMS"})

    assert "Q003 Texte figé modifié (faux) : 1" in failing()[0]


def test_leaves_out_what_was_accepted():
    AssociationFactory()
    (group,) = group_findings(date(2020, 10, 14))
    accept(group.findings, None, "Elle aura un site en mai")

    assert check() == "Rien à signaler.\n"
