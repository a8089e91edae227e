"""« Fiches supprimées »: who deleted what is seen, and put back while its place is free."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labelling.admin.addresses import locate_page
from labelling.choices import PastRelease, ReleaseKind
from labelling.models import (
    AcceptedFinding,
    Association,
    LabellingWave,
    PressContact,
    PressRelease,
    Site,
)
from labelling.press_release import publishing
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.undo import undo
from tests.admin.forms import filled, sentences
from tests.admin.simultaneous import overtaken_by
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    sent,
)
from tests.spreadsheets.prepared import prepared

pytestmark = pytest.mark.django_db

LIST = "/labelling/site/deleted/"


def page_of(record, key=None):
    return f"{LIST}{record._meta.model_name}/{key or record.pk}/"


def delete(client, record):
    """Delete a record by its page; return where it is shown from then on."""
    address = page_of(record)
    client.post(locate_page(record, "delete", record.pk), {"post": "yes"}, follow=True)
    return address


def read(page):
    """What a page says, its tags and no-break spaces as plain spaces."""
    said = re.sub(r"<[^>]+>", " ", page.text).replace("&nbsp;", " ")
    return " ".join(said.split())


def names(page):
    return [line.name for line in page.context["lines"]]


def obstacles(page):
    """Each sentence of why a record stays deleted, with where it leads."""
    return [
        (one.sentence.replace("\u00a0", " "), name, address)
        for one, name, address in page.context["obstacles"]
    ]


class TestTheMessageAfterADeletion:
    def test_takes_it_back(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")

        answer = as_manager.post(locate_page(site, "delete", site.pk), {"post": "yes"}, follow=True)

        assert sentences(answer) == ["PIMMS Nîmes : site supprimé."]
        (undo,) = re.findall(r'<form method="post" action="([^"]*)">', answer.text)[:1]
        assert undo == page_of(site)
        answer = as_manager.post(undo, follow=True)
        assert sentences(answer) == ["PIMMS Nîmes : site remis, comme avant sa suppression."]
        assert answer.request["PATH_INFO"] == locate_page(site, "change", site.pk)

    def test_takes_nothing_back_of_a_person_who_is_erased(self, as_manager):
        contact = ContactFactory(name="Ana Durand")

        answer = as_manager.post(
            locate_page(contact, "delete", contact.pk), {"post": "yes"}, follow=True
        )

        assert sentences(answer) == ["Ana Durand : contact presse effacé, avec son historique."]
        assert "Annuler" not in answer.text


class TestTheList:
    def test_tells_who_deleted_what_the_last_one_first(self, as_reader, as_manager, manager):
        for record in (AssociationFactory(name="Nord"), WaveFactory(), ReleaseFactory()):
            if not isinstance(record, LabellingWave):
                delete(as_manager, record)
        delete(as_manager, WaveFactory())
        delete(as_manager, SiteFactory(name="PIMMS Nîmes"))

        page = as_reader.get(LIST)

        assert names(page) == [
            "PIMMS Nîmes",
            "Automne 2020",
            "Communiqué du 14\u00a0octobre 2020",
            "Nord",
        ]
        assert [line.kind for line in page.context["lines"]] == [
            "Site",
            "Vague",
            "Brouillon",
            "Association",
        ]
        assert {line.author for line in page.context["lines"]} == {manager.get_full_name()}
        assert "4 fiches supprimées" in read(page)

    def test_says_where_a_record_is_put_back(self, as_reader, as_manager):
        delete(as_manager, SiteFactory())
        opens = "Le nom d’une fiche ouvre la page où la relire"

        assert f"{opens}, et la remettre tant que sa place est libre." in read(as_manager.get(LIST))
        assert f"{opens}." in read(as_reader.get(LIST))

    def test_has_neither_what_stands_nor_what_was_put_back(self, as_manager):
        SiteFactory(name="PIMMS Alès")
        address = delete(as_manager, SiteFactory(name="PIMMS Nîmes"))
        as_manager.post(address)

        page = as_manager.get(LIST)

        assert names(page) == []
        assert "Aucune fiche à remettre." in read(page)

    def test_tells_once_what_was_deleted_twice(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")
        address = delete(as_manager, site)
        as_manager.post(address)
        delete(as_manager, site)

        assert names(as_manager.get(LIST)) == ["PIMMS Nîmes"]

    def test_never_names_a_person_who_was_erased(self, as_manager):
        contact = ContactFactory(name="Ana Durand")
        contact.role = "Présidente"
        contact.save()
        address = delete(as_manager, contact)

        assert names(as_manager.get(LIST)) == []
        assert "Ana Durand" not in as_manager.get(LIST).text
        assert as_manager.get(address).status_code == 404
        assert as_manager.post(address).status_code == 404
        assert not PressContact.objects.exists()

    def test_is_narrowed_by_kind_by_person_and_by_words(self, as_manager, manager, editor):
        gard = DepartmentFactory()
        delete(as_manager, SiteFactory(name="PIMMS Nîmes", department=gard))
        delete(as_manager, AssociationFactory(name="Nîmes Métropole"))
        site = SiteFactory(name="PIMMS Alès", department=gard)
        site._history_user = editor
        site.delete()

        def found(**asked):
            return sorted(names(as_manager.get(LIST, asked)))

        assert found(kind="site") == ["PIMMS Alès", "PIMMS Nîmes"]
        assert found(person=editor.pk) == ["PIMMS Alès"]
        assert found(person=manager.pk, kind="site") == ["PIMMS Nîmes"]
        assert found(q="nimes") == ["Nîmes Métropole", "PIMMS Nîmes"]
        assert found(q="gard") == ["PIMMS Alès", "PIMMS Nîmes"]
        assert found(q="brest") == []
        assert found(q="x" * 300) == []

    def test_says_that_nothing_is_found(self, as_manager):
        delete(as_manager, SiteFactory(name="PIMMS Nîmes"))

        assert "Rien ne correspond à « brest »." in read(as_manager.get(LIST, {"q": "brest"}))
        page = read(as_manager.get(LIST, {"kind": "association"}))
        assert "Rien ne correspond à ces filtres." in page

    @pytest.mark.parametrize(
        "asked",
        [{"kind": "presscontact"}, {"kind": "x"}, {"person": "x"}, {"person": "0"}, {"p": "x"}],
    )
    def test_is_whole_where_the_address_cannot_be_read(self, as_manager, asked):
        delete(as_manager, SiteFactory(name="PIMMS Nîmes"))

        assert names(as_manager.get(LIST, asked)) == ["PIMMS Nîmes"]

    def test_asks_as_many_queries_for_many_as_for_few(self, as_manager):
        def delete_some():
            for make in (SiteFactory, AssociationFactory):
                for record in make.create_batch(10):
                    record.delete()

        delete_some()
        as_manager.get(LIST)
        with CaptureQueriesContext(connection) as few:
            as_manager.get(LIST)
        delete_some()
        with CaptureQueriesContext(connection) as many:
            page = as_manager.get(LIST)

        assert len(page.context["lines"]) == 40
        assert len(many) == len(few)

    def test_goes_on_to_the_older_ones(self, as_manager):
        for record in SiteFactory.create_batch(51):
            record.delete()

        page = as_manager.get(LIST, {"p": "2", "kind": "site"})

        assert len(page.context["lines"]) == 1
        assert "Page 2 sur 2" in read(page)
        assert "?p=1&amp;kind=site" in page.text

    def test_is_led_to_from_the_lists_and_from_what_changed_last(self, as_manager):
        address = delete(as_manager, AssociationFactory(name="Nord"))

        for model in (Site, Association, LabellingWave, PressRelease):
            page = as_manager.get(locate_page(model, "changelist")).text
            assert f'<a href="{LIST}?kind={model._meta.model_name}"' in page
        contacts = as_manager.get(locate_page(PressContact, "changelist")).text
        assert LIST not in contacts
        home = as_manager.get("/").text
        assert f'<a href="{address}">Nord</a><br>Suppression par ' in home
        as_manager.post(address)
        assert "Nord</a><br>Fiche remise par " in as_manager.get("/").text


class TestThePageOfADeletedRecord:
    def test_shows_its_last_values_and_its_history(self, as_reader, as_manager, manager):
        site = SiteFactory(name="PIMMS Nîmes", commune="NIMES")
        form = filled(as_manager.get(locate_page(site, "change", site.pk)), commune="Nîmes")
        as_manager.post(locate_page(site, "change", site.pk), form)
        address = delete(as_manager, site)

        page = as_reader.get(address)

        said = read(page)
        assert f"Site supprimé par {manager.get_full_name()}" in said
        assert ("Commune", "Nîmes") in page.context["values"]
        assert ("Département", "Gard") in page.context["values"]
        assert [entry.event for entry in page.context["entries"]] == [
            "Suppression",
            "Modification",
            "Fiche créée",
        ]
        assert "Commune NIMES Nîmes" in said
        assert "Revenir à cette version" not in said
        assert "Version en vigueur" not in said

    def test_offers_a_reader_no_way_to_put_it_back(self, as_reader, as_manager):
        address = delete(as_manager, SiteFactory())

        page = as_reader.get(address)

        assert "Votre accès permet de consulter cette fiche, pas de la remettre." in read(page)
        assert "Remise, la fiche retrouve" not in read(page)
        assert as_reader.post(address).status_code == 403
        assert not Site.objects.exists()

    def test_stands_where_the_page_of_the_record_was(self, as_reader, as_manager):
        site = SiteFactory()
        address = delete(as_manager, site)

        answer = as_reader.get(locate_page(site, "change", site.pk))

        assert answer.url == address
        page = as_reader.get(locate_page(site, "change", site.pk), follow=True)
        assert "Cette fiche n’existe pas." not in read(page)

    @pytest.mark.parametrize("path", ["site/1000000/", "x/1/", "user/1/", "letterhead/1/"])
    def test_is_not_found_for_what_never_was(self, as_manager, path):
        assert as_manager.get(LIST + path).status_code == 404
        assert as_manager.post(LIST + path).status_code == 404

    def test_of_a_record_that_stands_is_its_own(self, as_manager):
        site = SiteFactory()

        answer = as_manager.get(page_of(site), follow=True)

        assert answer.request["PATH_INFO"] == locate_page(site, "change", site.pk)
        assert sentences(answer) == []


class TestPuttingBack:
    """R34."""

    def test_gives_the_values_the_key_and_the_history_back(self, as_manager, as_editor, editor):
        site = SiteFactory(name="PIMMS Nîmes", note="À relire", rank=3)
        site.commune = "Nîmes"
        site.save()
        address = delete(as_manager, site)

        answer = as_editor.post(address, follow=True)

        assert sentences(answer) == ["PIMMS Nîmes : site remis, comme avant sa suppression."]
        back = Site.objects.get()
        assert (back.pk, back.version, back.name, back.commune, back.note, back.rank) == (
            site.pk,
            3,
            "PIMMS Nîmes",
            "Nîmes",
            "À relire",
            3,
        )
        assert (back.sort_key, back.search_key) == (site.sort_key, site.search_key)
        entries = back.history.order_by("history_id")
        assert [(e.history_type, e.version) for e in entries] == [
            ("+", 1),
            ("~", 2),
            ("-", 2),
            ("+", 3),
        ]
        assert entries.last().history_user == editor
        assert entries.last().history_change_reason.startswith("Suppression du ")
        history = read(as_editor.get(locate_page(site, "history", site.pk)))
        assert "Fiche remise" in history
        assert "Suppression " in history
        assert history.count("Version en vigueur") == 1

    def test_takes_no_key_that_the_next_record_is_given(self, as_manager):
        sites = [SiteFactory(), SiteFactory(), SiteFactory()]
        addresses = [delete(as_manager, site) for site in sites]
        between = SiteFactory()

        for address in addresses:
            as_manager.post(address)
        after = SiteFactory()

        keys = {*Site.objects.values_list("pk", flat=True)}
        assert keys == {*(site.pk for site in sites), between.pk, after.pk}

    def test_lets_it_be_changed_and_deleted_as_before(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")
        address = delete(as_manager, site)
        as_manager.post(address)
        page = locate_page(site, "change", site.pk)

        as_manager.post(page, filled(as_manager.get(page), commune="Nîmes"))
        delete(as_manager, site)
        as_manager.post(address)

        assert [(s.commune, s.version) for s in Site.objects.all()] == [("Nîmes", 4)]

    def test_twice_is_done_once_and_said(self, as_manager, manager):
        address = delete(as_manager, SiteFactory(name="PIMMS Nîmes"))
        as_manager.post(address, follow=True)

        answer = as_manager.post(address, follow=True)

        (said,) = sentences(answer)
        who = f"PIMMS Nîmes : cette fiche a déjà été remise par {manager.get_full_name()}, le "
        assert said.startswith(who)
        assert said.endswith(" Rien n’a été fait deux fois.")
        assert Site.objects.get().version == 2

    @pytest.mark.django_db(transaction=True)
    def test_by_two_people_at_once_is_done_once_and_said(self, as_manager, as_editor, editor):
        site = SiteFactory(name="PIMMS Nîmes")
        address = delete(as_manager, site)

        with overtaken_by(lambda: as_editor.post(address)):
            answer = as_manager.post(address, follow=True)

        said = sentences(answer)[-1]
        assert f"a déjà été remise par {editor.get_full_name()}" in said
        assert Site.history.filter(history_type="+").count() == 2

    def test_says_that_what_was_accepted_is_told_again(self, as_manager, manager):
        site = SiteFactory()
        AcceptedFinding.objects.create(
            rule="Q002", model_key="site", record_id=site.pk, motive="Vu", accepted_by=manager
        )
        address = delete(as_manager, site)

        page = as_manager.get(address)

        assert "Les signalements acceptés pour elle reparaissent." in read(page)
        as_manager.post(address)
        assert not AcceptedFinding.objects.exists()

    def test_goes_by_what_was_saved_last(self, as_manager):
        read_before = SiteFactory(name="PIMMS Nîmes")
        site = Site.objects.get()
        site.commune = "Nîmes"
        site.save()
        read_before.delete()

        as_manager.post(page_of(site, site.pk))

        back = Site.objects.get()
        assert (back.commune, back.version) == ("Nîmes", 3)


class TestAPlaceThatIsTaken:
    """R34."""

    def test_by_a_name_says_whose(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")
        address = delete(as_manager, site)
        other = SiteFactory(name="Pimms nîmes")

        page = as_manager.post(address)

        assert sentences(page) == ["Cette fiche n’a pas été remise : sa place n’est pas libre."]
        assert obstacles(page) == [
            (
                "Un site de ce département porte déjà ce nom.",
                "Pimms nîmes",
                locate_page(other, "change", other.pk),
            )
        ]
        assert "Remettre le site" not in page.text
        assert Site.objects.get() == other

    def test_by_a_number_of_the_state_says_whose(self, as_manager):
        site = SiteFactory(france_services_id="1234")
        address = delete(as_manager, site)
        other = SiteFactory(name="PIMMS Alès", france_services_id="1234")

        assert obstacles(as_manager.get(address)) == [
            (
                "Un autre site porte déjà ce numéro France Services.",
                "PIMMS Alès",
                locate_page(other, "change", other.pk),
            )
        ]

    def test_by_the_day_and_the_name_of_a_wave_says_both(self, as_manager):
        address = delete(as_manager, WaveFactory(name="Hiver", effective_on=date(2021, 1, 15)))
        named = WaveFactory(name="Hiver", effective_on=date(2021, 2, 1))
        dated = WaveFactory(name="Janvier", effective_on=date(2021, 1, 15))

        assert sorted(obstacles(as_manager.get(address))) == [
            (
                "Une autre vague commence déjà à cette date.",
                "Janvier",
                locate_page(dated, "change", dated.pk),
            ),
            (
                "Une autre vague porte déjà ce nom.",
                "Hiver",
                locate_page(named, "change", named.pk),
            ),
        ]

    def test_by_nothing_once_the_other_is_renamed(self, as_manager):
        address = delete(as_manager, AssociationFactory(name="Nord"))
        other = AssociationFactory(name="Nord")
        as_manager.post(address)
        other.name = "Nord et Sud"
        other.save()

        as_manager.post(address)

        assert sorted(Association.objects.values_list("name", flat=True)) == [
            "Nord",
            "Nord et Sud",
        ]

    def test_for_want_of_what_it_belongs_to_says_what_to_put_back_before(self, as_manager):
        association = AssociationFactory(name="Nord")
        site = SiteFactory(association=association, department=DepartmentFactory())
        address = delete(as_manager, site)
        theirs = delete(as_manager, association)
        department = delete(as_manager, site.department)

        assert obstacles(as_manager.post(address)) == [
            (
                (
                    "« Association membre » désigne une fiche qui a été supprimée aussi : "
                    "remettez-la d’abord."
                ),
                "Nord",
                theirs,
            ),
            (
                (
                    "« Département » désigne une fiche qui a été supprimée aussi : "
                    "remettez-la d’abord."
                ),
                "Gard",
                department,
            ),
        ]
        for each in (theirs, department, address):
            as_manager.post(each)
        assert Site.objects.get().association == association


class TestADraft:
    def test_is_put_back_whole(self, as_manager):
        release = ReleaseFactory(closing="À suivre.", editions=[])
        address = delete(as_manager, release)

        answer = as_manager.post(address, follow=True)

        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : brouillon remis. Ses relectures et ses Word "
                "corrigés, s’il en avait, ne reviennent pas."
            )
        ]
        back = PressRelease.objects.get()
        assert (back.pk, back.number, back.closing, back.editions) == (
            release.pk,
            1,
            "À suivre.",
            [],
        )
        assert "Brouillon remis par " in as_manager.get("/").text

    def test_comes_back_without_the_contact_who_was_erased(self, as_manager):
        contact = ContactFactory(name="Ana Durand")
        release = ReleaseFactory(contact=contact)
        address = delete(as_manager, release)
        contact.delete()

        page = as_manager.get(address)

        assert "« Contact presse » reste vide : la personne a été effacée." in read(page)
        assert "Ana Durand" not in page.text
        answer = as_manager.post(address, follow=True)
        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : brouillon remis. Ses relectures et ses Word "
                "corrigés, s’il en avait, ne reviennent pas. "
                "« Contact presse » reste vide : la personne a été effacée."
            )
        ]
        assert PressRelease.objects.get().contact is None

    def test_gives_way_to_the_one_that_its_wave_has_now(self, as_manager):
        release = ReleaseFactory()
        address = delete(as_manager, release)
        other = ReleaseFactory()

        (found,) = obstacles(as_manager.post(address))

        assert found == (
            "Cette vague a déjà son communiqué.",
            "Communiqué du 14\u00a0octobre 2020",
            locate_page(other, "document", other.pk),
        )

    def test_is_refused_where_its_wave_has_another_answer(self, as_manager):
        release = ReleaseFactory()
        address = delete(as_manager, release)
        release.wave.past_release = PastRelease.NONE
        release.wave.save()

        ((sentence, *_),) = obstacles(as_manager.post(address))

        assert sentence.startswith("La vague « Automne 2020 » porte la réponse ")

    def test_of_a_correction_is_refused_once_another_is_prepared(self, as_manager):
        original = sent(ReleaseFactory())

        def correct():
            return ReleaseFactory(wave=original.wave, kind=ReleaseKind.ERRATUM, corrects=original)

        address = delete(as_manager, correct())
        other = correct()

        ((sentence, _, where),) = obstacles(as_manager.post(address))

        assert sentence == "Un autre brouillon corrige déjà ce communiqué."
        assert where == locate_page(other, "document", other.pk)
        other.delete()
        as_manager.post(address)
        assert PressRelease.objects.drafts().get().number == 2

    def test_of_a_corrected_version_is_refused_once_the_first_is_sent(self, as_manager):
        first = final(ReleaseFactory())
        draft = ReleaseFactory(wave=first.wave, replaces=first)
        address = delete(as_manager, draft)
        publishing.mark_as_sent(first, on=date(2020, 10, 14))

        ((sentence, _, where),) = obstacles(as_manager.post(address))

        assert sentence == "La version que ce brouillon devait remplacer ne se remplace plus."
        assert where == locate_page(first, "document", first.pk)
        assert not PressRelease.objects.drafts().exists()


class TestWhatAnImportAddedAndTookBack:
    def test_is_seen_and_put_back_wave_first(self, as_manager, manager):
        DepartmentFactory()
        run = prepared("Nom;Département;Vague", "PIMMS Nîmes;30;15/01/2021", author=manager)
        apply(run, manager)
        site, wave = Site.objects.get(), LabellingWave.objects.get()
        foreseen = as_manager.get(reverse("admin:labelling_importrun_undo", args=[run.pk]))
        undo(run, manager)

        page = as_manager.get(LIST)

        assert "Ce qui est supprimé pourra être remis depuis Fiches supprimées" in read(foreseen)
        assert sorted(names(page)) == ["Janvier 2021", "PIMMS Nîmes"]
        assert {line.reason for line in page.context["lines"]} == {
            f"Annulation de l’import n°\u00a0{run.pk}"
        }
        ((_, name, where),) = obstacles(as_manager.post(page_of(site)))
        assert (name, where) == (wave.name, page_of(wave))
        as_manager.post(page_of(wave))
        as_manager.post(page_of(site))
        assert Site.objects.get().wave == wave
        answer = as_manager.get(reverse("admin:labelling_importrun_change", args=[run.pk]))
        assert answer.status_code == 200
