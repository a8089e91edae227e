"""R8: two people on the same record; nobody overwrites, nobody loses what they typed."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from labelling.models import Site
from tests.admin.forms import filled
from tests.factories import SiteFactory, editor


def change_page(site):
    return reverse("admin:labelling_site_change", args=[site.pk])


def saved_by_another(site, person, **values):
    site = Site.objects.get(pk=site.pk)
    for name, value in values.items():
        setattr(site, name, value)
    site._history_user = person
    site.save()
    return site


@pytest.mark.usefixtures("network")
class TestTwoPeople:
    def test_the_second_is_told_who_saved_and_nothing_is_written(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note")
        saved_by_another(site, manager, note="Sa note")

        answer = as_editor.post(change_page(site), form)

        conflict = answer.context["adminform"].form.conflict.replace("\u00a0", " ")
        assert conflict.startswith(f"{manager.get_full_name()} a modifié cette fiche à ")
        assert conflict.endswith(
            ", pendant que vous l’aviez ouverte. Rien de votre saisie n’est perdu : "
            "choisissez ce qu’il faut garder."
        )
        assert Site.objects.get(pk=site.pk).note == "Sa note"
        assert site.history.count() == 2

    def test_both_values_are_shown(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note", department="42")
        saved_by_another(site, manager, note="Sa note")

        answer = as_editor.post(change_page(site), form)

        (clash,) = answer.context["adminform"].form.clashes
        assert (clash.field.name, clash.mine, clash.theirs) == ("note", "Ma note", "Sa note")
        assert "Ma note" in answer.text
        assert "Sa note" in answer.text

    def test_what_each_of_them_changed_alone_is_put_together(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note")
        saved_by_another(site, manager, commune="Nismes", in_priority_district=True)
        answer = as_editor.post(change_page(site), form)
        assert answer.context["adminform"].form.clashes == ()

        as_editor.post(change_page(site), filled(answer))

        site.refresh_from_db()
        assert (site.note, site.commune, site.in_priority_district) == ("Ma note", "Nismes", True)

    def test_sent_again_what_the_second_typed_is_kept(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note")
        saved_by_another(site, manager, note="Sa note")
        answer = as_editor.post(change_page(site), form)

        as_editor.post(change_page(site), filled(answer))

        assert Site.objects.get(pk=site.pk).note == "Ma note"

    def test_a_neighbour_that_is_moved_is_no_conflict(self, as_editor):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note")
        Site.objects.get(name="PIMMS Nîmes - PIMMS mobile").move(-1)

        answer = as_editor.post(change_page(site), form)

        assert answer.status_code == 302
        site.refresh_from_db()
        assert (site.note, site.rank) == ("Ma note", 2)

    def test_a_third_save_in_between_is_seen_too(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), note="Ma note")
        saved_by_another(site, manager, note="Sa note")
        answer = as_editor.post(change_page(site), form)
        saved_by_another(site, manager, note="Sa seconde note")

        answer = as_editor.post(change_page(site), filled(answer))

        (clash,) = answer.context["adminform"].form.clashes
        assert clash.theirs == "Sa seconde note"

    def test_a_typing_mistake_at_the_same_time_is_not_lost(self, as_editor, manager):
        site = Site.objects.get(name="PIMMS Nîmes")
        form = filled(as_editor.get(change_page(site)), withdrawn_on="hier", note="Ma note")
        saved_by_another(site, manager, note="Sa note")

        answer = as_editor.post(change_page(site), form)

        assert answer.context["adminform"].form["withdrawn_on"].value() == "hier"
        assert answer.context["adminform"].form["note"].value() == "Ma note"


@pytest.mark.django_db(transaction=True)
class TestEightPeopleAtOnce:
    def test_one_is_accepted_and_the_others_keep_what_they_typed(self):
        site = SiteFactory(name="PIMMS Nîmes")
        people = [Client() for _ in range(8)]
        forms = []
        for n, client in enumerate(people):
            client.force_login(editor())
            forms.append(filled(client.get(change_page(site)), note=f"Note {n}"))
        start = Barrier(8)

        def save(n):
            try:
                start.wait()
                return people[n].post(change_page(site), forms[n])
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(save, range(8)))

        accepted = [n for n, answer in enumerate(answers) if answer.status_code == 302]
        assert len(accepted) == 1
        assert Site.objects.get(pk=site.pk).note == f"Note {accepted[0]}"
        assert site.history.count() == 2
        for n, answer in enumerate(answers):
            if n not in accepted:
                # The client's `context` is that of whichever thread rendered last.
                assert re.search(r"<textarea[^>]*>\s*" + f"Note {n}</textarea>", answer.text)
