"""The lines of a « rectificatif » on its pages: three fields each, and no bar to type."""

import html
import re
from datetime import date

import pytest

from labelling.models import PressRelease
from labelling.press_release import drafting
from tests.admin.forms import filled, sentences
from tests.factories import final

STATE = "Chapô | secrétaire d’Etat | secrétaire d’État"


@pytest.fixture
def erratum(network):
    return with_lines(
        drafting.prepare_erratum(PressRelease.objects.get(), [], date(2020, 10, 20)), STATE
    )


def with_lines(erratum, *lines):
    erratum.errata = "\n".join(lines)
    erratum.save()
    return erratum


def address(erratum, page="change"):
    return f"/labelling/pressrelease/{erratum.pk}/{page}/"


def shown(page):
    """What stands in the fields of the lines, by their names."""
    found = re.findall(r'<textarea name="(errata-\d+-\w+)".*?>(.*?)</textarea>', page.text, re.S)
    return {name: html.unescape(value) for name, value in found}


def typed(page, *rows, **changes):
    """What a browser would send, with these lines."""
    data = filled(page, **changes)
    del data["errata"]
    for n, row in enumerate(rows):
        for part, value in zip(("where", "before", "after"), row, strict=True):
            data[f"errata-{n}-{part}"] = value
    return data


def as_it_stands(page, **changes):
    return typed(page, **changes) | shown(page)


def said_beside(page):
    return page.text.split('data-findings="errata">')[1].split("</div>")[0]


class TestTheRows:
    def test_of_a_prepared_rectificatif_come_before_two_blank_ones(self, erratum, as_editor):
        names = [f"PIMMS Métropole Stéphanoise - {n}" for n in ("La Cotonne", "Montreynaud")]
        with_lines(erratum, *[f"{name}, département | Isère | Loire" for name in names])

        page = as_editor.get(address(erratum))

        assert list(shown(page).values()) == [
            "PIMMS Métropole Stéphanoise - La Cotonne, département",
            "Isère",
            "Loire",
            "PIMMS Métropole Stéphanoise - Montreynaud, département",
            "Isère",
            "Loire",
            *[""] * 6,
        ]
        assert re.findall(r"<label for=\"(id_errata-1-\w+)\">(.*?)</label>", page.text) == [
            ("id_errata-1-where", "Où"),
            ("id_errata-1-before", "Au lieu de"),
            ("id_errata-1-after", "Lire"),
        ]
        assert "barre" not in page.text

    def test_are_saved_in_their_order_without_the_blank_ones(self, erratum, as_editor):
        page = as_editor.get(address(erratum))
        rows = [("Titre", "a", "b"), ("", " ", "\r\n"), ("Texte", "", "Une phrase."), ("", "c", "")]

        as_editor.post(address(erratum), typed(page, *rows))

        erratum.refresh_from_db()
        assert erratum.errata == "Titre | a | b\nTexte |  | Une phrase.\n | c | "

    def test_may_all_be_removed(self, erratum, as_editor):
        as_editor.post(address(erratum), typed(as_editor.get(address(erratum))))

        erratum.refresh_from_db()
        assert erratum.errata == ""

    def test_hold_bars_and_the_ends_of_lines(self, erratum, as_editor):
        row = ("Texte", "A | B", "un\r\n\r\ndeux")

        as_editor.post(address(erratum), typed(as_editor.get(address(erratum)), row))

        page = as_editor.get(address(erratum))
        assert list(shown(page).values())[:3] == ["Texte", "A \u2223 B", "un deux"]

    def test_sent_as_they_stand_change_nothing(self, erratum, as_editor):
        with_lines(erratum, STATE, "Ligne de la liste | PIMMS Nîmes | ")

        data = as_it_stands(as_editor.get(address(erratum)))
        answer = as_editor.post(address(erratum), data, follow=True)

        assert sentences(answer) == ["Rectificatif du 20 octobre 2020 : rien n’a changé."]

    def test_are_printed_as_they_are_typed(self, erratum, as_editor):
        data = typed(as_editor.get(address(erratum)), ("Titre", "a", "b"), ("", "", ""))

        answer = as_editor.post(
            address(erratum, "preview"), data, headers={"Accept": "application/json"}
        ).json()

        said = "Titre. Au lieu de\u00a0: «\u00a0a\u00a0», lire\u00a0: «\u00a0b\u00a0»."
        assert said in answer["body"]
        assert answer["findings"].get("errata") is None


class TestAnUnfinishedRow:
    SENTENCE = (
        "Ligne «\u00a0Chapô\u00a0»\u00a0: remplissez «\u00a0Au lieu de\u00a0», «\u00a0Lire\u00a0» "
        "ou les deux."
    )

    def test_is_saved_and_refused_when_validating(self, erratum, as_editor, as_manager):
        rows = [("Titre", "a", "b"), ("Chapô", "", "")]
        as_editor.post(address(erratum), typed(as_editor.get(address(erratum)), *rows))

        page = as_editor.get(address(erratum))
        assert said_beside(page) == f"<p>{self.SENTENCE}</p>"
        assert list(shown(page).values())[3:6] == ["Chapô", "", ""]
        refusal = as_manager.get(address(erratum, "validate")).text
        assert f"<li>{self.SENTENCE}</li>" in refusal.split('id="obstacles-title"')[1]

    def test_is_what_an_old_line_in_other_than_three_parts_becomes(self, erratum, as_editor):
        with_lines(erratum, "Chapô | un ministre", STATE)

        page = as_editor.get(address(erratum))
        assert list(shown(page).values())[:3] == ["Chapô \u2223 un ministre", "", ""]
        as_editor.post(address(erratum), as_it_stands(page, own_title="Un titre"))

        page = as_editor.get(address(erratum))
        assert "Ligne «\u00a0Chapô \u2223 un ministre\u00a0»" in said_beside(page)
        assert list(shown(page).values())[:4] == ["Chapô \u2223 un ministre", "", "", "Chapô"]


class TestOnlyRead:
    LINES = (
        "Chapô. Au lieu de\u00a0: «\u00a0secrétaire d’Etat\u00a0», lire\u00a0: "
        "«\u00a0secrétaire d’État\u00a0».<br>Texte. Ajouter\u00a0: «\u00a0Une phrase\u00a0»."
    )

    def test_are_the_printed_sentences(self, erratum, as_reader):
        with_lines(erratum, STATE, "Texte |  | Une phrase", "Titre |  | ")

        page = as_reader.get(address(erratum)).text

        assert f'<div class="readonly">{self.LINES}<br>Titre</div>' in page

    def test_once_validated_too(self, erratum, as_manager):
        final(with_lines(erratum, STATE, "Texte |  | Une phrase"))

        page = as_manager.get(address(erratum)).text

        assert f'<div class="readonly">{self.LINES}</div>' in page
        assert "labelling/errata.js" not in page

    def test_in_the_history_too(self, erratum, as_reader):
        with_lines(erratum, STATE, "Texte |  | Une phrase")

        assert f">{self.LINES}</td>" in as_reader.get(address(erratum, "history")).text


class TestTwoPeople:
    def test_see_the_lines_of_each_other(self, erratum, as_editor):
        data = typed(as_editor.get(address(erratum)), ("Titre", "a", "b"))
        with_lines(PressRelease.objects.get(pk=erratum.pk), "Titre | a | c", "Texte | d | ")

        answer = as_editor.post(address(erratum), data)

        _, mine, theirs, _ = re.findall(r"<t[dh].*?>(.*?)</t[dh]>", conflict_of(answer), re.S)
        assert mine == "Titre. Au lieu de\u00a0: «\u00a0a\u00a0», lire\u00a0: «\u00a0b\u00a0»."
        assert theirs == (
            "Titre. Au lieu de\u00a0: «\u00a0a\u00a0», lire\u00a0: «\u00a0c\u00a0»."
            "<br>Texte. Supprimer\u00a0: «\u00a0d\u00a0»."
        )
        as_editor.post(address(erratum), as_it_stands(answer))
        erratum.refresh_from_db()
        assert erratum.errata == "Titre | a | b"

    def test_who_changed_other_fields_have_both_put_together(self, erratum, as_editor):
        data = as_it_stands(as_editor.get(address(erratum)), own_title="Un titre")
        with_lines(PressRelease.objects.get(pk=erratum.pk), "Titre | a | c", "Texte | d | ")

        answer = as_editor.post(address(erratum), data)

        assert answer.context["adminform"].form.clashes == ()
        as_editor.post(address(erratum), as_it_stands(answer))
        erratum.refresh_from_db()
        assert (erratum.own_title, erratum.errata) == ("Un titre", "Titre | a | c\nTexte | d | ")


def conflict_of(answer):
    return (
        answer.text.split('<section class="conflict"')[1].split("<tbody>")[1].split("</tbody>")[0]
    )
