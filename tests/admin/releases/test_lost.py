"""What is typed in a draft that a colleague validates or deletes meanwhile is given back."""

import pytest

from labelling.models import PressRelease
from tests.admin.forms import filled, sentences
from tests.admin.releases.test_steps import address
from tests.factories import ReleaseFactory, SiteFactory, final


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory(place="Paris")


def typed(client, release, **words):
    return filled(client.get(address(release, "change")), **words)


@pytest.mark.parametrize("button", ["_save", "_continue"])
def test_of_a_draft_that_was_validated(draft, as_editor, button):
    sent = typed(as_editor, draft, place="Lyon", closing="Un paragraphe.\n\nUn autre <b>.")
    final(draft)

    page = as_editor.post(address(draft, "change"), sent | {button: "yes"})

    assert page.status_code == 409
    assert "a été validé" in page.text
    assert page.context["words"] == [
        ("Lieu", "Lyon"),
        ("Autres paragraphes", "Un paragraphe.\n\nUn autre <b>."),
    ]
    assert "Un paragraphe.<br><br>Un autre &lt;b&gt;." in page.text
    assert f'href="{address(draft)}"' in page.text
    draft.refresh_from_db()
    assert draft.place == "Paris"


def test_of_a_draft_that_was_deleted(draft, as_editor, as_manager):
    sent = typed(as_editor, draft, own_lead="Un long chapô.")
    as_manager.post(address(draft, "delete"), {"post": "yes"})

    page = as_editor.post(address(draft, "change"), sent)

    assert page.status_code == 409
    assert "Ce brouillon a été supprimé par Prénom" in page.text
    assert ("Chapô", "Un long chapô.") in page.context["words"]
    assert 'href="/labelling/pressrelease/"' in page.text


def test_of_the_lines_of_a_rectificatif(network, as_editor):
    release = PressRelease.objects.get()
    draft = ReleaseFactory(wave=release.wave, kind="erratum", corrects=release)
    sent = typed(as_editor, draft) | {
        "errata-0-where": "Ligne de la liste",
        "errata-0-before": "Isère",
        "errata-0-after": "Loire",
    }
    del sent["errata"]  # Each line has fields of its own.
    here = address(draft, "change")
    draft.delete()

    page = as_editor.post(here, sent)

    [(_, said)] = [row for row in page.context["words"] if row[0] == "Lignes à rectifier"]
    assert "Isère" in said
    assert "Loire" in said


def test_is_nothing_where_nothing_was_changed(draft, as_editor):
    sent = typed(as_editor, draft)
    final(draft)

    page = as_editor.post(address(draft, "change"), sent, follow=True)

    assert page.redirect_chain == [(address(draft), 302)]
    assert "a été validé" in sentences(page)[0]


def test_is_for_who_may_write(draft, as_reader):
    final(draft)

    assert as_reader.post(address(draft, "change"), {"place": "Lyon"}).status_code == 403


def test_of_what_never_was_is_nothing(as_editor):
    page = as_editor.post("/labelling/pressrelease/424242/change/", {"place": "Lyon"})

    assert page.status_code == 302
