"""The press contacts: who sees them, and what is left of one who was erased."""

import json
import re
from datetime import date

import pytest
from django.apps import apps

from labelling.models import LabellingWave, PressContact, PressRelease
from labelling.press_release import drafting
from tests.admin.forms import filled
from tests.factories import ContactFactory, ReleaseFactory, sent

LIST = "/labelling/presscontact/"


def replace(client, contact, successor):
    return client.post(f"{LIST}{contact.pk}/replace/", {"successor": successor.pk}, follow=True)


def proposed(client):
    """Whom the form of a new release offers."""
    contacts = (
        client.get("/labelling/pressrelease/add/").context["adminform"].form.fields["contact"]
    )
    return {str(contact) for contact in contacts.queryset}


@pytest.mark.django_db
class TestContacts:
    def test_are_hidden_from_readers(self, as_reader):
        contact = ContactFactory(phone="06 78 61 38 26")

        pages = [as_reader.get(LIST), as_reader.get(f"{LIST}{contact.pk}/change/")]

        assert [page.status_code for page in pages] == [403, 403]
        assert all("06 78 61 38 26" not in page.text for page in pages)

    def test_are_listed_with_what_a_release_needs(self, as_editor):
        ContactFactory(
            name="Ana Durand", role="Presse", phone="01 23", proposed_until=date(2021, 12, 31)
        )

        page = as_editor.get(LIST).text

        for cell in ("Ana Durand", "Presse", "01 23", "31/12/2021"):
            assert f">{cell}<" in page

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("0678613826", "06 78 61 38 26"),
            ("06.78.61.38.26", "06 78 61 38 26"),
            ("+41 22 730 21 11", "+41 22 730 21 11"),
            ("01 23", "01 23"),
            ("", ""),
        ],
    )
    def test_have_their_number_as_it_is_printed(self, as_editor, typed, kept):
        page = as_editor.get(f"{LIST}add/")

        as_editor.post(f"{LIST}add/", filled(page, name="Ana Durand", phone=typed))

        assert PressContact.objects.get().phone == kept

    def test_are_not_journalists(self, as_editor):
        page = as_editor.get(f"{LIST}add/").text

        assert (
            "La personne de l’Union que les journalistes appellent. "
            "N’inscrivez pas ici de journalistes." in page
        )

    def test_are_added_and_corrected(self, as_editor):
        as_editor.post(f"{LIST}add/", filled(as_editor.get(f"{LIST}add/"), name="Ana Durand"))
        contact = PressContact.objects.get()
        address = f"{LIST}{contact.pk}/change/"

        answer = as_editor.post(address, filled(as_editor.get(address), phone="01"), follow=True)

        contact.refresh_from_db()
        assert contact.phone == "01"
        assert "Ana Durand\u00a0: modifications enregistrées." in answer.text

    def test_are_found_without_their_accents(self, as_editor):
        ContactFactory(name="Zoé Lévêque")

        page = as_editor.get(LIST, {"q": "leveque"}).text

        assert "Zoé Lévêque" in page


class TestErasing:
    def test_says_what_goes_and_what_stays(self, network, as_manager):
        contact = PressContact.objects.get()

        page = as_manager.get(f"{LIST}{contact.pk}/delete/").text

        assert f"<h1>Effacer ce contact\u00a0: {contact.name}</h1>" in page
        assert "tout son historique\u00a0: on ne pourra pas y revenir." in page
        assert (
            "Les communiqués en version définitive ou déjà envoyés ne changent pas\u00a0: "
            "ils gardent le nom et les coordonnées qu’ils portent." in page
        )
        assert f'value="Effacer ce contact\u00a0: {contact.name}"' in page

    def test_leaves_nothing_of_the_person_but_what_was_sent(self, network, as_manager):
        contact = PressContact.objects.get()
        address = f"{LIST}{contact.pk}/change/"
        as_manager.post(address, filled(as_manager.get(address), phone="01 99 99 99 99"))
        ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"), contact=contact)
        replace(as_manager, contact, ContactFactory(name="Zoé Lévêque"))
        replace(as_manager, ContactFactory(name="Ana Durand"), contact)

        answer = as_manager.post(f"{LIST}{contact.pk}/delete/", {"post": "yes"}, follow=True)

        assert f"{contact.name}\u00a0: contact presse effacé, avec son historique." in answer.text
        assert not PressContact.objects.filter(pk=contact.pk).exists()
        left = [
            name
            for model in apps.get_models()
            for row in model._base_manager.values()
            for name, value in row.items()
            if contact.name in json.dumps(value, default=str, ensure_ascii=False)
        ]
        assert set(left) <= {"content", "session_data"}
        october = PressRelease.objects.frozen().get()
        assert contact.name in json.dumps(october.content, ensure_ascii=False)

    def test_leaves_the_drafts_without_a_contact(self, as_manager, db):
        release = ReleaseFactory(contact=ContactFactory())

        as_manager.post(f"{LIST}{release.contact.pk}/delete/", {"post": "yes"})

        release.refresh_from_db()
        assert release.contact is None

    def test_is_a_managers_decision(self, as_editor, db):
        contact = ContactFactory()

        assert as_editor.post(f"{LIST}{contact.pk}/delete/", {"post": "yes"}).status_code == 403
        assert PressContact.objects.exists()


class TestReplacing:
    def test_moves_what_is_not_final_to_the_successor(self, as_editor, db):
        contact = ContactFactory(name="Ana Durand")
        successor = ContactFactory(name="Zoé Lévêque")
        release = ReleaseFactory(contact=contact)

        page = as_editor.get(f"{LIST}{contact.pk}/replace/").text
        answer = replace(as_editor, contact, successor)

        assert "1\u00a0brouillon change de contact presse" in page
        release.refresh_from_db()
        assert release.contact == successor
        assert (
            "Zoé Lévêque remplace Ana Durand\u00a0: 1\u00a0brouillon change de contact presse. Les "
            "communiqués validés ou envoyés ne changent pas."
        ) in answer.text

    def test_is_shown_and_taken_back_with_an_earlier_version(self, as_editor, db):
        contact, successor = ContactFactory(name="Ana Durand"), ContactFactory(name="Zoé Lévêque")
        replace(as_editor, contact, successor)
        assert proposed(as_editor) == {"Zoé Lévêque"}
        form = as_editor.get(f"{LIST}{contact.pk}/change/").text
        history = as_editor.get(f"{LIST}{contact.pk}/history/").text

        as_editor.post(re.findall(r'action="(\S+/restore/\S+)"', history)[0])

        contact.refresh_from_db()
        assert (contact.replaced_by, contact.proposed_until) == (None, None)
        assert proposed(as_editor) == {"Ana Durand", "Zoé Lévêque"}
        assert re.search(r"Remplacé par.*?Zoé Lévêque", form, re.DOTALL)
        assert re.search(r"Remplacé par</th>\s<td[^>]*>–</td>\s<td[^>]*>Zoé Lévêque</td>", history)

    def test_ends_when_the_person_is_to_be_proposed_again(self, as_editor, db):
        contact, successor = ContactFactory(name="Ana Durand"), ContactFactory(name="Zoé Lévêque")
        done = sent(ReleaseFactory(contact=contact))
        replace(as_editor, contact, successor)
        address = f"{LIST}{contact.pk}/change/"

        as_editor.post(address, filled(as_editor.get(address), proposed_until=""))

        assert proposed(as_editor) == {"Ana Durand", "Zoé Lévêque"}
        assert drafting.draft_original(None, done.issued_on).contact == contact

    def test_asks_for_a_successor(self, as_editor, db):
        contact = ContactFactory()

        answer = as_editor.post(f"{LIST}{contact.pk}/replace/", {"successor": ""})

        assert answer.status_code == 200
        contact.refresh_from_db()
        assert contact.replaced_by is None
