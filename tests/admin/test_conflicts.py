"""R8: two people on the same record; nobody overwrites, nobody loses what they typed."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from labelling.admin.addresses import locate_page
from labelling.admin.deleted import locate_deleted
from labelling.models import Site
from labelling.models.merging import merge
from tests.admin.forms import filled, sentences
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    LetterheadFactory,
    RegionFactory,
    SiteFactory,
    WaveFactory,
    editor,
)


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


def words_given_back(answer):
    """What the page gives back of what was typed, and what it says of it."""
    assert answer.status_code == 409
    return dict(answer.context["words"]), answer.context["sentence"].replace("\u00a0", " ")


@pytest.mark.django_db
class TestOneThatIsGone:
    @pytest.mark.parametrize(
        "factory",
        [
            SiteFactory,
            AssociationFactory,
            WaveFactory,
            ContactFactory,
            LetterheadFactory,
            RegionFactory,
            DepartmentFactory,
        ],
    )
    def test_what_was_typed_is_given_back(self, as_manager, factory):
        record = factory()
        address = locate_page(record, "change", record.pk)
        form = filled(as_manager.get(address), name="Ce que j’écris")
        record.delete()

        words, sentence = words_given_back(as_manager.post(address, form))

        assert "Ce que j’écris" in words.values()
        assert sentence.endswith(" : rien de votre saisie n’est enregistré.")

    @pytest.mark.parametrize("version", ["", "7", "x", "9" * 40])
    @pytest.mark.parametrize("factory", [SiteFactory, WaveFactory, LetterheadFactory])
    def test_at_a_version_that_nobody_knows_all_is_given_back(self, as_manager, factory, version):
        record = factory()
        addresses = [locate_page(record, "change", key) for key in (record.pk, record.pk + 1)]
        form = filled(as_manager.get(addresses[0]), name="Ce que j’écris") | {"version": version}
        record.delete()

        for address in addresses:
            words, _ = words_given_back(as_manager.post(address, form))

            assert "Ce que j’écris" in words.values()
            assert "–" not in words.values()

    def test_what_was_left_blank_is_told(self, as_editor):
        site = SiteFactory(note="Avant")
        address = change_page(site)
        form = filled(as_editor.get(address), name="", note="")
        site.delete()

        words, _ = words_given_back(as_editor.post(address, form))

        assert [*words.values()] == ["–", "–"]

    def test_though_the_wave_that_it_had_is_gone_too(self, as_editor):
        stays, goes = SiteFactory(), SiteFactory(labelled=True)
        wave, address = goes.wave, change_page(goes)
        form = filled(as_editor.get(address), note="Ma note")
        merge(stays, Site.objects.get(pk=goes.pk))
        wave.delete()

        words, _ = words_given_back(as_editor.post(address, form))

        assert words["Note interne"] == "Ma note"

    def test_who_deleted_it_is_said_and_the_way_to_it(self, as_editor, manager):
        site = SiteFactory(name="PIMMS Alès", note="Avant")
        form = filled(as_editor.get(change_page(site)), note="Ma note", commune="Alès")
        saved_by_another(site, manager, commune="Nîmes").delete()

        answer = as_editor.post(change_page(site), form)

        words, sentence = words_given_back(answer)
        assert words == {"Commune": "Alès", "Note interne": "Ma note"}
        assert sentence == (
            f"La fiche « PIMMS Alès » a été supprimée par {manager.get_full_name()} pendant que "
            "vous l’aviez ouverte : rien de votre saisie n’est enregistré."
        )
        assert answer.context["next_address"] == locate_deleted(Site, site.pk)

    def test_of_one_that_was_merged_the_way_leads_to_the_other(self, as_editor):
        stays, goes = SiteFactory(name="PIMMS Alès"), SiteFactory(name="PIMMS Alès centre")
        form = filled(as_editor.get(change_page(goes)), note="Ma note")
        merge(stays, Site.objects.get(pk=goes.pk))

        answer = as_editor.post(change_page(goes), form)

        words, sentence = words_given_back(answer)
        assert words == {"Note interne": "Ma note"}
        assert sentence.startswith("La fiche « PIMMS Alès centre » a été fusionnée avec une autre")
        assert answer.context["next_address"] == change_page(stays)

    def test_a_choice_and_a_mistake_are_given_back_in_words(self, as_editor):
        site, association = SiteFactory(), AssociationFactory(name="Isère")
        gone = WaveFactory(name="Automne")
        form = filled(
            as_editor.get(change_page(site)),
            association=association.pk,
            wave=gone.pk,
            in_priority_district="true",
            withdrawn_on="hier",
        )
        address = change_page(site)
        site.delete()
        gone.delete()

        words, _ = words_given_back(as_editor.post(address, form))

        assert words == {
            "Association membre": "Isère",
            "Labellisé avec la vague": "Automne (fiche supprimée)",
            "En quartier prioritaire (QPV)": "Oui",
            "N’est plus labellisé depuis le": "hier",
        }

    def test_who_typed_nothing_is_only_told(self, as_editor):
        site = SiteFactory()
        address, next_address = change_page(site), locate_deleted(Site, site.pk)
        form = filled(as_editor.get(address))
        site.delete()

        answer = as_editor.post(address, form, follow=True)

        assert answer.redirect_chain == [(next_address, 302)]
        (said,) = sentences(answer)
        assert said.endswith("vous l’aviez ouverte : rien de votre saisie n’est enregistré.")

    def test_an_undo_that_comes_too_late_says_so(self, as_editor):
        site = SiteFactory()
        address = locate_page(Site, "restore", site.pk, site.history.get().history_id)
        site.note = "Ma note"
        site.save()
        site.delete()

        answer = as_editor.post(address, follow=True)

        assert sentences(answer) == [f"La fiche « {site} » a été supprimée : rien n’a été changé."]
        assert not Site.objects.exists()


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
