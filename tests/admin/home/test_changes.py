"""« Dernières modifications »: who did what, lately."""

import re
from datetime import date

import pytest

from labelling.models import Site
from labelling.press_release import publishing
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.admin.forms import filled
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
)
from tests.spreadsheets.prepared import prepared


def changes(client) -> str:
    return re.search(r'<ul class="changes">(.*?)</ul>', client.get("/").text, re.DOTALL)[1]


class TestLatestChanges:
    def test_say_who_changed_what(self, network, client):
        client.force_login(UserFactory(first_name="Ana", last_name="Durand", is_superuser=True))
        site = Site.objects.get(name="PIMMS Nîmes")
        address = f"/labelling/site/{site.pk}/change/"
        client.post(address, filled(client.get(address), commune="Nîmes centre"))

        block = changes(client)

        assert block.count("<li>") == 1
        assert f'<a href="/labelling/site/{site.pk}/history/">PIMMS Nîmes</a>' in block
        assert "Modification par Ana Durand, " in block

    def test_say_what_became_of_a_label(self, client, db):
        client.force_login(UserFactory(first_name="Ana", last_name="Durand", is_superuser=True))
        site, wave = SiteFactory(name="PIMMS Nîmes"), WaveFactory()
        address = f"/labelling/site/{site.pk}/change/"
        over = {"withdrawn_on": "01/03/2021", "withdrawal_reason": "closed"}
        for typed in ({"wave": wave.pk}, over, dict.fromkeys(over, ""), {"commune": "Nîmes"}):
            client.post(address, filled(client.get(address), **typed))

        told = re.findall(r"<br>(.*?) par Ana Durand", changes(client))

        assert told == ["Modification", "Fin du label annulée", "Fin du label", "Label attribué"]

    def test_leave_out_what_no_person_did(self, network, as_reader):
        page = as_reader.get("/").text

        assert "Personne n’a encore rien modifié." in page

    def test_are_eight_at_most_the_last_one_first(self, client, db):
        user = UserFactory(is_superuser=True)
        client.force_login(user)
        for number in range(9):
            site = SiteFactory(name=f"PIMMS {number}")
            site.history.update(history_user=user)
        wave = WaveFactory(name="Hiver 2021")
        wave.history.update(history_user=user)

        block = changes(client)

        names = re.findall(r'history/">(.*?)</a>', block)
        assert names == ["Hiver 2021", *(f"PIMMS {number}" for number in range(8, 1, -1))]

    def test_tell_an_import_and_its_undo_in_a_line_each(self, client, db):
        user = UserFactory(first_name="Ana", last_name="Durand", is_superuser=True)
        client.force_login(user)
        DepartmentFactory()
        run = prepared(
            "Nom;Département;Vague",
            *(f"PIMMS {number};30;15/01/2021" for number in range(9)),
            author=user,
        )
        apply(run, user)
        undo(run, user)
        site = SiteFactory(name="PIMMS Nîmes")
        site.history.update(history_user=user)

        block = changes(client)

        lines = re.findall(r"<li>(.*?) par Ana Durand, <time", block)
        told = f"Import n°\u00a0{run.pk}\u00a0: 9\u00a0fiches"
        assert lines == [
            f'<a href="/labelling/site/{site.pk}/history/">PIMMS Nîmes</a><br>Fiche créée',
            f'<a href="/labelling/importrun/{run.pk}/">{told}</a><br>Annulé',
            f'<a href="/labelling/importrun/{run.pk}/">{told}</a><br>Appliqué',
        ]

    def test_lead_a_reader_to_no_import(self, as_reader, editor):
        DepartmentFactory()
        run = prepared("Nom;Département", "PIMMS Nîmes;30", author=editor)
        apply(run, editor)

        assert f"<li>Import n°\u00a0{run.pk}\u00a0: 1\u00a0fiche<br>Appliqué" in changes(as_reader)

    def test_say_that_a_release_was_validated_then_sent(self, as_manager, manager):
        release = ReleaseFactory()
        release.history.update(history_user=manager)
        document = f"/labelling/pressrelease/{release.pk}/document/"
        final(release, by=manager)
        release.history.update(history_user=manager)
        publishing.mark_as_sent(release, on=date(2020, 10, 14))
        release.history.update(history_user=manager)

        block = changes(as_manager)

        events = re.findall(r'<a href="(.*?)">(.*?)</a><br>(.*?) par ', block)
        name = "Communiqué du 14\u00a0octobre 2020"
        assert events == [
            (document, name, "Envoi"),
            (document, name, "Validation"),
            (document, name, "Brouillon préparé"),
        ]

    @pytest.mark.parametrize(
        ("make", "told"),
        [
            (lambda: AssociationFactory(name="Nord"), "Nord</a><br>Suppression par "),
            (lambda: WaveFactory(name="Hiver 2021"), "Hiver 2021</a><br>Suppression par "),
            (lambda: SiteFactory(name="PIMMS Nîmes"), "PIMMS Nîmes</a><br>Suppression par "),
            (ReleaseFactory, "Communiqué du 14\u00a0octobre 2020</a><br>Brouillon supprimé par "),
        ],
        ids=["association", "wave", "site", "draft"],
    )
    def test_say_what_was_deleted(self, as_manager, manager, make, told):
        record = make()
        page = f"/labelling/site/deleted/{record._meta.model_name}/{record.pk}/"
        record.delete()
        type(record).history.filter(history_type="-").update(history_user=manager)

        assert f'<li><a href="{page}">{told}' in changes(as_manager)

    def test_tell_a_reader_nothing_of_what_they_may_not_see(self, as_reader, manager):
        for record in (ContactFactory(name="Zoé Petit"), AssociationFactory(name="Nord")):
            record.history.update(history_user=manager)

        block = changes(as_reader)

        assert "Nord" in block
        assert "Zoé Petit" not in block

    def test_name_nobody_who_was_erased(self, as_manager, manager):
        contact = ContactFactory(name="Zoé Petit")
        contact.history.update(history_user=manager)
        assert "Zoé Petit" in changes(as_manager)

        contact.delete()

        assert "Zoé Petit" not in as_manager.get("/").text
