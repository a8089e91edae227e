"""The history of a record: who changed what, taking it back, and what a save says."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling.models import Department, Site
from tests.admin.forms import filled, sentences
from tests.factories import AssociationFactory, SiteFactory

pytestmark = pytest.mark.usefixtures("network")


def change_page(site):
    return reverse("admin:labelling_site_change", args=[site.pk])


def history_page(site):
    return reverse("admin:labelling_site_history", args=[site.pk])


def restore_address(site, version):
    entry = site.history.get(version=version)
    return reverse("admin:labelling_site_restore", args=[site.pk, entry.history_id])


def nimes():
    return Site.objects.get(name="PIMMS Nîmes")


def renamed(site, name="PIMMS de Nîmes"):
    site.name = name
    site.save()
    return site


class TestSaving:
    def test_says_what_was_saved_and_offers_to_take_it_back(self, as_editor):
        site = nimes()
        form = filled(as_editor.get(change_page(site)), name="PIMMS de Nîmes")

        answer = as_editor.post(change_page(site), form, follow=True)

        assert sentences(answer) == ["PIMMS de Nîmes : modifications enregistrées."]
        undo = re.search(r'<form[^>]*action="([^"]*restore[^"]*)"', answer.text)
        assert undo
        answer = as_editor.post(undo[1].replace("&amp;", "&"), follow=True)
        assert nimes().version == 3
        assert sentences(answer)[0].startswith("PIMMS Nîmes : fiche revenue à la version du ")

    def test_without_a_change_says_so_and_writes_no_history(self, as_editor):
        site = nimes()
        form = filled(as_editor.get(change_page(site)))

        answer = as_editor.post(change_page(site), form, follow=True)

        assert sentences(answer) == ["PIMMS Nîmes : rien n’a changé."]
        assert site.history.count() == 1

    def test_notes_who_did_it(self, as_editor, editor):
        site = nimes()
        form = filled(as_editor.get(change_page(site)), commune="NÎMES")

        as_editor.post(change_page(site), form)

        assert site.history.latest().history_user == editor


class TestHistoryPage:
    def test_shows_old_and_new_values_in_french(self, as_reader, editor):
        site = nimes()
        site.department = Department.objects.get(code="42")
        site.in_priority_district = True
        site._history_user = editor
        site.save()

        page = as_reader.get(history_page(site))

        text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        assert editor.get_full_name() in text
        assert "Département Gard Loire" in text
        assert "En quartier prioritaire (QPV) Non renseigné Oui" in text
        assert "Communiqué du 14 octobre 2020" in text

    def test_names_what_was_deleted_since(self, as_reader):
        site, association = nimes(), AssociationFactory(name="Gard rhodanien")
        former = site.association
        for value in (association, former):
            site.association = value
            site.save()
        association.delete()

        page = as_reader.get(history_page(site)).text

        assert page.count("Gard rhodanien (fiche supprimée)") == 2

    def test_offers_a_reader_no_way_back(self, as_reader):
        page = as_reader.get(history_page(renamed(nimes())))

        assert "Revenir à cette version" not in page.text

    def test_asks_as_many_queries_for_many_entries_as_for_few(self, as_editor):
        site = nimes()
        departments = list(Department.objects.all()[:20])
        for department in departments[:3]:
            site.department = department
            site.save()
        as_editor.get(history_page(site))

        with CaptureQueriesContext(connection) as few:
            as_editor.get(history_page(site))
        for department in departments[3:]:
            site.department = department
            site.save()
        with CaptureQueriesContext(connection) as many:
            as_editor.get(history_page(site))

        assert len(many) == len(few)

    def test_goes_on_to_older_entries(self, as_reader):
        site = nimes()
        for n in range(30):
            renamed(site, f"PIMMS Nîmes {n}")

        page = as_reader.get(history_page(site), {"p": "2"})

        assert "Page 2 sur 2" in page.text
        assert "Fiche créée" in page.text


class TestRestoring:
    def test_gives_the_values_back_in_a_new_version(self, as_editor):
        site = renamed(nimes())

        as_editor.post(restore_address(site, 1))

        site = nimes()
        assert (site.name, site.version, site.sort_key) == ("PIMMS Nîmes", 3, "pimms nimes")
        assert site.history.count() == 3

    @pytest.mark.parametrize("person", ["as_reader"])
    def test_is_refused_without_the_right_to_change(self, person, request):
        site = renamed(nimes())
        client = request.getfixturevalue(person)

        answer = client.post(restore_address(site, 1))

        assert answer.status_code == 403
        assert Site.objects.get(pk=site.pk).name == "PIMMS de Nîmes"

    def test_changes_nothing_on_get(self, as_editor):
        site = renamed(nimes())

        answer = as_editor.get(restore_address(site, 1))

        assert answer.url == history_page(site)
        assert Site.objects.get(pk=site.pk).name == "PIMMS de Nîmes"

    def test_is_refused_if_somebody_saved_since_the_page_was_shown(self, as_editor, manager):
        site = renamed(nimes())
        address = restore_address(site, 1) + "?version=2"
        site._history_user = manager
        renamed(site, "PIMMS Nîmes centre")

        answer = as_editor.post(address, follow=True)

        assert sentences(answer) == [
            (
                f"{manager.get_full_name()} a modifié cette fiche entre-temps : rien n’a été "
                "remis. Regardez l’historique, puis choisissez la version à reprendre."
            )
        ]
        assert Site.objects.get(pk=site.pk).name == "PIMMS Nîmes centre"

    def test_is_refused_with_the_reason_if_the_values_no_longer_stand(self, as_editor):
        site = renamed(nimes())
        SiteFactory(name="PIMMS Nîmes", department=site.department)

        answer = as_editor.post(restore_address(site, 1), follow=True)

        assert sentences(answer) == [
            (
                "Cette version ne peut pas être reprise telle quelle. "
                "Un site de ce département porte déjà ce nom."
            )
        ]

    def test_gives_back_the_place_in_the_printed_list(self, as_editor):
        site = Site.objects.get(name="PIMMS Nîmes - PIMMS mobile")
        site.move(-1)

        as_editor.post(restore_address(site, 1))

        assert Site.objects.get(pk=site.pk).rank == 2

    def test_to_a_record_that_was_deleted_says_which_field(self, as_editor, as_manager):
        site = nimes()
        association = AssociationFactory()
        former, site.association = site.association, association
        site.save()
        site.association = former
        site.save()
        as_manager.post(f"/labelling/association/{association.pk}/delete/", {"post": "yes"})

        answer = as_editor.post(restore_address(site, 2), follow=True)

        assert sentences(answer) == [
            (
                "Cette version ne peut pas être reprise telle quelle. "
                "« Association membre » désigne une fiche qui a été supprimée depuis."
            )
        ]

    def test_of_an_entry_of_another_record_is_not_found(self, as_editor):
        other = Site.objects.get(name="PIMMS Blois").history.get()

        address = reverse("admin:labelling_site_restore", args=[nimes().pk, other.history_id])

        assert as_editor.post(address).status_code == 404

    def test_does_not_clash_with_the_version_check(self, as_editor):
        site = renamed(nimes())
        as_editor.post(restore_address(site, 1))
        form = filled(as_editor.get(change_page(site)), note="Une note")

        answer = as_editor.post(change_page(site), form, follow=True)

        assert sentences(answer)[-1] == "PIMMS Nîmes : modifications enregistrées."
