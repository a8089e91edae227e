"""Every day that a form of the back-office asks for is typed and refused in one way."""

import re
from pathlib import Path

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory

from labelling.admin.day_fields import DayField, MomentField
from labelling.models import LabellingWave
from tests.admin.forms import filled
from tests.factories import WaveFactory

LABELLING = Path(__file__).parents[2] / "labelling"
OTHER_FIELDS = re.compile(
    r"forms\.(?:Split)?Date(?:Time)?(?:Field|Input)\(|AdminDateWidget\(\)|SelectDateWidget|"
    r'(?<!-)type="(?:date|time|datetime-local)"'
)


class TestEveryDay:
    def test_of_a_record_has_the_one_field(self, manager):
        request = RequestFactory().get("/")
        request.user = manager
        found = [
            (model.__name__, name, field)
            for model, pages in admin.site._registry.items()
            for name, field in pages.get_form(request).base_fields.items()
            if isinstance(field, forms.DateField | forms.DateTimeField | MomentField)
        ]

        assert {(model, name) for model, name, _ in found} == {
            ("LabellingWave", "announced_on"),
            ("LabellingWave", "decided_on"),
            ("LabellingWave", "effective_on"),
            ("LabellingWave", "list_closed_on"),
            ("PressContact", "proposed_until"),
            ("PressRelease", "embargo_until"),
            ("PressRelease", "issued_on"),
            ("Site", "withdrawn_on"),
            ("User", "access_until"),
        }
        assert [name for _, name, f in found if not isinstance(f, DayField | MomentField)] == []

    def test_that_a_page_asks_for_has_no_other(self):
        files = [*LABELLING.rglob("*.py"), *LABELLING.rglob("*.html"), *LABELLING.rglob("*.js")]

        assert [
            f"{path.relative_to(LABELLING)}: {match[0]}"
            for path in files
            for match in OTHER_FIELDS.finditer(path.read_text(encoding="utf-8"))
        ] == []


@pytest.mark.django_db
class TestTheDaysOfAWave:
    @pytest.fixture
    def page(self):
        return f"/labelling/labellingwave/{WaveFactory().pk}/change/"

    @pytest.mark.parametrize("typed", ["1er octobre 2020", "1.10.2020", "01102020", "2020-10-01"])
    def test_are_typed_in_each_way_that_imports_take(self, page, as_editor, typed):
        as_editor.post(page, filled(as_editor.get(page), decided_on=typed))

        assert 'value="01/10/2020"' in as_editor.get(page).text

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            (
                "31/02/2021",
                (
                    "«~31/02/2021~»~: ce jour n’existe pas. Le mois finit le 28~février 2021~: "
                    "écrivez par exemple 28/02/2021."
                ),
            ),
            (
                "14/10/0202",
                (
                    "«~14/10/0202~»~: l’année 202 n’est pas entre 1998 et 2099. Écrivez la date "
                    "ainsi~: 14/10/2020."
                ),
            ),
            (
                "<b>demain</b>",
                "«~<b>demain</b>~»~: ce n’est pas une date. Écrivez la date ainsi~: 14/10/2020.",
            ),
        ],
    )
    def test_are_shown_again_as_typed_with_the_remedy(self, page, as_editor, typed, sentence):
        answer = as_editor.post(page, filled(as_editor.get(page), announced_on=typed, name="Été"))

        errors = answer.context["adminform"].form.errors
        assert errors == {"announced_on": [sentence.replace("~", "\u00a0")]}
        assert filled(answer).items() >= {"announced_on": typed, "name": "Été"}.items()
        assert not LabellingWave.objects.filter(name="Été").exists()

    def test_say_how_they_are_typed(self, page, as_editor):
        (day,) = re.findall(r'<input[^>]*name="effective_on"[^>]*>', as_editor.get(page).text)

        assert 'type="text"' in day
        assert 'placeholder="14/10/2020"' in day
        assert 'autocomplete="off"' in day
        assert 'aria-describedby="id_effective_on_helptext"' in day
