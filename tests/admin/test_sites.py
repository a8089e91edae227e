"""The list of sites, its filters, the form, and why a site cannot be deleted."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from labelling.models import Association, LabellingWave, Region, Site
from tests.admin.forms import filled
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
)

LIST = "/labelling/site/"


def read(response) -> str:
    """The page as people read it: without tags, in one line."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def names(response) -> list[str]:
    return [site.name for site in response.context["cl"].result_list]


def choices(response, title: str) -> list[tuple[str, str]]:
    """The choices of a filter and their counts, as the page gives them."""
    page = response.content.decode()
    block = re.search(rf"<summary>{title}(.*?)</details>", page, re.DOTALL) or re.search(
        rf'<nav aria-label="{title}">(.*?)</nav>', page, re.DOTALL
    )
    assert block is not None
    links = re.findall(r"<a [^>]*>(.*?)</a>", block[1], re.DOTALL)
    found = []
    for link in links:
        label, _, count = link.partition('<span class="count')
        found.append((unescape(label).strip(), re.sub(r'.*">|</span>', "", count)))
    return found


class TestTheList:
    def test_has_six_columns_and_shows_no_state_name(self, as_editor):
        SiteFactory(name="PIMMS Nîmes", state_name="France services Nimes", labelled=True)

        page = as_editor.get(LIST)

        headings = re.findall(r'<th scope="col" class="[^"]*column-(\w+)', page.content.decode())
        assert headings == [
            "printed_name",
            "department_name",
            "region",
            "association_name",
            "wave_name",
            "status",
        ]
        assert "PIMMS Nîmes Gard Occitanie – Automne 2020 Labellisé" in read(page)
        assert "France services Nimes" not in read(page)

    def test_is_in_french_alphabetical_order(self, as_reader):
        for name in ("PIMMS Zola", "Étoile", "pimms Écully", "PIMMS Eaubonne"):
            SiteFactory(name=name)

        page = as_reader.get(LIST)

        assert names(page) == ["Étoile", "PIMMS Eaubonne", "pimms Écully", "PIMMS Zola"]

    def test_is_sorted_by_department_in_french_order(self, as_editor):
        for code, department in (("45", "Loiret"), ("41", "Loir-et-Cher"), ("22", "Côtes-d'Armor")):
            SiteFactory(name=department, department=DepartmentFactory(code=code, name=department))

        page = as_editor.get(LIST, {"o": "2"})

        assert names(page) == ["Côtes-d'Armor", "Loir-et-Cher", "Loiret"]

    def test_puts_candidates_after_the_waves_when_sorted_by_wave(self, as_editor):
        SiteFactory(name="PIMMS candidat")
        SiteFactory(name="PIMMS labellisé", labelled=True)

        page = as_editor.get(LIST, {"o": "5"})

        assert names(page) == ["PIMMS labellisé", "PIMMS candidat"]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("stephanoise", 3),
            ("STÉPHANOISE", 3),
            ("villefontaine isere", 1),
            ("seine saint denis", 2),
            ("occitanie", 4),
        ],
    )
    def test_is_searched_without_case_or_accents(self, network, as_reader, query, count):
        page = as_reader.get(LIST, {"q": query})

        assert len(names(page)) == count

    def test_is_searched_by_the_name_of_the_state(self, as_reader):
        SiteFactory(name="PIMMS Nîmes", state_name="France services Pissevin")

        page = as_reader.get(LIST, {"q": "pissevin"})

        assert names(page) == ["PIMMS Nîmes"]

    def test_says_what_to_do_when_a_search_finds_nothing(self, network, as_reader):
        page = as_reader.get(LIST, {"q": "stephanoize"})

        assert (
            "Aucun site ne correspond à « stephanoize ». Essayez un mot plus court, ou effacez "
            "les filtres." in read(page)
        )

    def test_says_what_to_do_when_the_filters_leave_nothing(self, network, as_reader):
        page = as_reader.get(LIST, {"status": "ended"})

        assert "Aucun site ne correspond à ces filtres. Essayez-en moins à la fois." in read(page)

    def test_says_what_to_do_when_there_is_no_site(self, as_editor):
        page = as_editor.get(LIST)

        assert "Aucun site n’est encore enregistré. Choisissez « Ajouter un site »." in read(page)

    def test_says_the_status_of_today(self, as_reader):
        SiteFactory(name="A", labelled=True)
        SiteFactory(name="B", ended=True)
        SiteFactory(name="C")
        later = WaveFactory(name="Un jour", effective_on=date(2999, 1, 1))
        SiteFactory(name="D", wave=later)

        page = read(as_reader.get(LIST))

        assert "A Gard Occitanie – Automne 2020 Labellisé" in page
        assert "B Gard Occitanie – Automne 2020 Fin de label" in page
        assert "C Gard Occitanie – – Candidat" in page
        assert "D Gard Occitanie – Un jour Candidat" in page

    def test_leads_to_pages_from_which_one_comes_back_to_it_as_it_was(self, network, as_reader):
        chosen = f"{LIST}?q=p%26imms+%C3%A9t%C3%A9&region=84"
        SiteFactory(name="PIMMS p&imms été", department=Site.objects.get(pk=1).department)

        for address in (LIST, f"{LIST}?o=-4&region=84&status=labelled", chosen):
            (page, *_) = re.findall(
                r'<th class="field-printed_name"><a href="([^"]+)"', as_reader.get(address).text
            )
            (back,) = re.findall(
                r'<a href="([^"]+)"[^>]*>Revenir à la liste</a>', as_reader.get(unescape(page)).text
            )

            assert unescape(back) == address

    def test_bears_its_date(self, as_reader):
        assert re.search(r"Situation arrêtée au \d+(er)? \w+ \d{4}", read(as_reader.get(LIST)))

    def test_asks_as_many_questions_of_the_base_for_100_sites_as_for_5(self, as_editor):
        grow(5)
        as_editor.get(LIST)

        few = queries(as_editor, LIST)
        grow(95)

        assert queries(as_editor, LIST) == few

    def test_asks_as_many_when_everything_is_filtered(self, as_editor):
        chosen = LIST + "?region=01&department=001&status=candidate&association=none&wave=none"
        grow(5)
        as_editor.get(chosen)

        few = queries(as_editor, chosen)
        grow(95)

        assert queries(as_editor, chosen) == few


def grow(count: int) -> None:
    """Add sites, each with its own department and association."""
    made = Site.objects.count()
    for n in range(made, made + count):
        region, _ = Region.objects.get_or_create(
            code=f"{n % 18:02}", defaults={"name": f"Région {n % 18}"}
        )
        department = DepartmentFactory(code=f"{n:03}", name=f"Département {n}", region=region)
        SiteFactory(department=department, association=AssociationFactory(), labelled=n % 2)


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestTheFilters:
    def test_name_themselves_in_their_first_choice(self, network, as_reader):
        page = as_reader.get(LIST)

        firsts = {
            title: choices(page, title)[0][0]
            for title in (
                "Statut",
                "Région",
                "Département",
                "Association",
                "Vague",
                "Accueil du public",
                "Quartier prioritaire",
            )
        }
        assert firsts == {
            "Statut": "Tous",
            "Région": "Toutes les régions",
            "Département": "Tous les départements",
            "Association": "Toutes les associations",
            "Vague": "Toutes les vagues",
            "Accueil du public": "Tous les accueils",
            "Quartier prioritaire": "Tous, en quartier prioritaire ou non",
        }

    def test_count_the_sites_of_each_region_in_french_order(self, network, as_reader):
        page = as_reader.get(LIST)

        assert choices(page, "Région")[1:] == [
            ("Auvergne-Rhône-Alpes", "16"),
            ("Bourgogne-Franche-Comté", "4"),
            ("Bretagne", "5"),
            ("Centre-Val de Loire", "2"),
            ("Grand Est", "2"),
            ("Hauts-de-France", "4"),
            ("Île-de-France", "14"),
            ("Nouvelle-Aquitaine", "2"),
            ("Occitanie", "4"),
        ]

    def test_put_the_last_wave_first_and_the_candidates_last(self, network, as_reader):
        SiteFactory(name="PIMMS candidat")

        page = as_reader.get(LIST)

        assert choices(page, "Vague")[1:] == [
            ("Automne 2020", "13"),
            ("Février 2020", "7"),
            ("Janvier 2020", "33"),
            ("Candidat", "1"),
        ]

    def test_write_a_name_as_it_is_whatever_its_signs(self, as_reader):
        SiteFactory(wave=WaveFactory(name='<b>Été</b> & "3"'))

        page = as_reader.get(LIST)

        assert choices(page, "Vague")[1:] == [('<b>Été</b> & "3"', "1")]
        assert "<b>Été" not in page.text

    def test_count_what_is_not_known_last(self, as_reader):
        SiteFactory(association=AssociationFactory(name="Gard"), format="bus")
        SiteFactory(in_priority_district=True)
        SiteFactory(in_priority_district=False)

        page = as_reader.get(LIST)

        assert choices(page, "Association")[1:] == [("Gard", "1"), ("Non renseignée", "2")]
        assert choices(page, "Accueil")[1:] == [("Bus ou équivalent", "1"), ("Non renseigné", "2")]
        assert choices(page, "Quartier")[1:] == [
            ("Oui", "1"),
            ("Non", "1"),
            ("Non renseigné", "1"),
        ]

    def test_count_the_statuses_of_today(self, as_reader):
        SiteFactory.create_batch(2, labelled=True)
        SiteFactory(ended=True)

        page = as_reader.get(LIST)

        assert choices(page, "Statut")[1:] == [
            ("À vérifier", "2"),
            ("Candidats", "0"),
            ("Labellisés", "2"),
            ("Fin de label", "1"),
        ]

    def test_count_within_the_search_and_the_other_filters(self, network, as_reader):
        page = as_reader.get(LIST, {"q": "lyon", "wave": "automne-2020"})

        assert choices(page, "Département")[1:] == [("Rhône", "4")]
        assert choices(page, "Vague")[1:] == [("Automne 2020", "4"), ("Février 2020", "3")]

    @pytest.mark.parametrize(
        ("chosen", "count"),
        [
            ({"status": "labelled"}, 2),
            ({"status": "ended"}, 1),
            ({"status": "candidate"}, 1),
            ({"region": "76"}, 3),
            ({"department": "75"}, 1),
            ({"association": "none"}, 3),
            ({"wave": "automne-2020"}, 3),
            ({"wave": "none"}, 1),
            ({"format": "bus"}, 1),
            ({"format": "none"}, 3),
            ({"district": "yes"}, 1),
            ({"district": "none"}, 3),
            ({"region": "76", "status": "labelled"}, 1),
        ],
    )
    def test_leave_the_sites_of_the_choice(self, as_reader, chosen, count):
        paris = DepartmentFactory(
            code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France")
        )
        SiteFactory(labelled=True, department=paris, association=AssociationFactory())
        SiteFactory(labelled=True, format="bus")
        SiteFactory(ended=True, in_priority_district=True)
        SiteFactory()

        page = as_reader.get(LIST, chosen)

        assert len(names(page)) == count

    def test_say_what_was_chosen_and_are_folded_otherwise(self, network, as_reader):
        page = as_reader.get(LIST, {"region": "76"})

        html = page.content.decode()
        assert 'pill on">\n<summary>Région&nbsp;: Occitanie</summary>' in html
        assert 'pill">\n<summary>Vague</summary>' in html

    def test_still_name_a_choice_that_nothing_matches(self, network, as_reader):
        page = as_reader.get(LIST, {"region": "76", "q": "lyon"})

        assert ("Occitanie", "0") in choices(page, "Région")

    @pytest.mark.parametrize(
        "chosen",
        [
            {"status": "x"},
            {"format": "x"},
            {"district": "x"},
            {"association": "x"},
            {"wave": "\0"},
            {"unknown": "x"},
            {"p": "99"},
            {"association": "9" * 30},
        ],
    )
    def test_answer_an_address_that_makes_no_sense_with_the_whole_list(
        self, network, as_reader, chosen
    ):
        page = as_reader.get(LIST, chosen, follow=True)

        assert page.status_code == 200
        assert "Cette adresse ne se lit pas : voici la liste entière." in read(page)
        assert page.context["cl"].result_count == 53

    @pytest.mark.parametrize(
        "chosen", [{"region": "zz"}, {"wave": "x"}, {"association": "9" * 9}, {"department": "é"}]
    )
    def test_say_that_a_choice_is_unknown(self, network, as_reader, chosen):
        page = as_reader.get(LIST, chosen)

        assert names(page) == []
        assert "choix inconnu" in read(page)


class TestTheForm:
    def test_adds_a_site(self, as_editor):
        department = DepartmentFactory()

        page = as_editor.post(
            LIST + "add/",
            {"name": "PIMMS Nîmes", "department": department.pk, "version": "1"},
            follow=True,
        )

        assert "PIMMS Nîmes : site ajouté." in read(page)
        assert Site.objects.get().in_priority_district is None

    def test_names_its_buttons(self, as_editor):
        page = as_editor.get(LIST + "add/")

        assert re.findall(r'<input type="submit" value="([^"]+)"', page.content.decode()) == [
            "Enregistrer",
            "Enregistrer et rester sur la fiche",
            "Enregistrer puis ajouter un autre site",
        ]
        assert "<h1>Ajouter un site</h1>" in page.content.decode()

    def test_shows_the_region_and_the_status_of_today(self, as_editor):
        site = SiteFactory(ended=True)

        page = read(as_editor.get(f"{LIST}{site.pk}/change/")).replace("\u00a0", " ")

        assert "Fin de label depuis le 1er mars 2021 · Situation arrêtée au" in page
        assert "Région Occitanie" in page

    def test_offers_yes_no_or_not_known_for_the_district(self, as_editor):
        site = SiteFactory(in_priority_district=False)

        page = as_editor.get(f"{LIST}{site.pk}/change/").content.decode()

        options = re.search(r'<select name="in_priority_district".*?</select>', page, re.DOTALL)
        assert options is not None
        assert re.findall(r">([^<>\n]+)</option>", options[0]) == ["Non renseigné", "Oui", "Non"]
        assert 'value="false" selected' in options[0]

    def test_tells_a_reader_the_district_in_words(self, as_reader):
        site = SiteFactory()

        page = as_reader.get(f"{LIST}{site.pk}/change/")

        assert "En quartier prioritaire (QPV)" in read(page)
        assert "Non renseigné" in read(page)
        assert "icon-unknown" not in page.content.decode()

    def test_reads_a_position_written_with_its_comma_and_shows_it_so(self, as_editor):
        site = SiteFactory()
        address = f"{LIST}{site.pk}/change/"

        as_editor.post(
            address, filled(as_editor.get(address), latitude="43,8367", longitude="-4.36")
        )

        site.refresh_from_db()
        assert (site.latitude, site.longitude) == (43.8367, -4.36)
        page = as_editor.get(address).content.decode()
        assert re.search(r'<input type="text" name="latitude" value="43,8367"', page)
        assert re.search(r'<input type="text" name="longitude" value="-4,36"', page)

    def test_opens_what_is_folded_where_something_is_wrong_in_it(self, as_editor):
        site = SiteFactory(latitude=43.8367, longitude=4.36)
        address = f"{LIST}{site.pk}/change/"

        refused = as_editor.post(
            address, filled(as_editor.get(address), latitude="nord", longitude="200")
        )

        page = refused.content.decode()
        assert re.findall(r"<summary>\s*<h2[^>]*>(.+?)</h2>", page) == ["Fin du label"]
        errors = refused.context["adminform"].form.errors
        assert errors["latitude"] == ["Écrivez un nombre."]
        assert errors["longitude"] == ["Le plus grand nombre possible est 180."]
        assert 'name="latitude" value="nord"' in page

    def test_that_is_refused_keeps_the_name_that_is_stored_in_its_title(self, as_editor):
        site = SiteFactory(name="PIMMS Nîmes")
        address = f"{LIST}{site.pk}/change/"

        refused = as_editor.post(
            address, filled(as_editor.get(address), name="PIMMS Alès", postcode="300")
        )

        page = refused.content.decode()
        assert "<h1>PIMMS Nîmes</h1>" in page
        assert "<title>À corriger : PIMMS Nîmes |" in page.replace("\u00a0", " ")
        assert 'name="name" value="PIMMS Alès"' in page

    def test_folds_the_end_of_the_label_unless_there_is_one(self, as_editor):
        here, gone = SiteFactory(labelled=True), SiteFactory(ended=True)

        folded = as_editor.get(f"{LIST}{here.pk}/change/").content.decode()
        shown = as_editor.get(f"{LIST}{gone.pk}/change/").content.decode()

        assert re.findall(r"<summary>\s*<h2[^>]*>(.+?)</h2>", folded) == [
            "Selon l’État et position sur la carte",
            "Fin du label",
        ]
        assert re.findall(r"<summary>\s*<h2[^>]*>(.+?)</h2>", shown) == [
            "Selon l’État et position sur la carte"
        ]

    @pytest.mark.parametrize("name", ["association", "department", "wave"])
    def test_completes_what_is_typed_for_each_record(self, as_editor, name):
        page = as_editor.get(LIST + "add/").content.decode()

        assert re.search(rf'<select name="{name}"[^>]*admin-autocomplete', page)

    def test_offers_first_what_bears_the_words_itself(self, network, as_editor):
        asked = {"app_label": "labelling", "model_name": "site", "field_name": "department"}

        found = as_editor.get("/autocomplete/", asked | {"term": "Loire"}).json()["results"]

        assert [one["text"] for one in found[:4]] == [
            "Loire",
            "Loire-Atlantique",
            "Loiret",
            "Haute-Loire",
        ]


class TestAPlaceThatIsTaken:
    def test_by_name_leads_to_who_has_it(self, as_editor):
        department = DepartmentFactory()
        holder = SiteFactory(name="PIMMS Nîmes", department=department)
        address = f"{LIST}add/"

        page = as_editor.post(
            address,
            filled(as_editor.get(address), name="Pimms NIMES", department=department.pk),
        )

        assert (
            "Un site de ce département porte déjà ce nom. Voir «\u00a0PIMMS Nîmes\u00a0»"
        ) in read(page)
        link = f'<a href="{LIST}{holder.pk}/change/">Voir «\u00a0PIMMS Nîmes\u00a0»</a>'
        assert page.content.decode().count(link) == 1
        assert Site.objects.get() == holder

    def test_by_number_leads_to_who_has_it_and_not_to_itself(self, as_editor):
        holder = SiteFactory(name="<b>Nîmes</b>", france_services_id="1234")
        site = SiteFactory(france_services_id="5678")
        address = f"{LIST}{site.pk}/change/"

        page = as_editor.post(address, filled(as_editor.get(address), france_services_id="1234"))

        link = (
            f'<a href="{LIST}{holder.pk}/change/">Voir «\u00a0&lt;b&gt;Nîmes&lt;/b&gt;\u00a0»</a>'
        )
        assert (
            f"Un autre site porte déjà ce numéro France Services. {link}" in page.content.decode()
        )


class TestDeletingASite:
    def test_that_is_a_candidate_is_done(self, as_manager):
        site = SiteFactory(name="PIMMS Nîmes")

        page = as_manager.post(f"{LIST}{site.pk}/delete/", {"post": "yes"}, follow=True)

        assert "PIMMS Nîmes : site supprimé." in read(page)
        assert not Site.objects.exists()

    @pytest.mark.parametrize("wave", ["automne-2020", "janvier-2020"])
    def test_that_a_release_lists_is_refused(self, network, as_manager, wave):
        site = Site.objects.filter(wave__slug=wave).first()

        page = as_manager.post(f"{LIST}{site.pk}/delete/", {"post": "yes"})

        assert (
            "Ce site figure dans le communiqué du 14 octobre 2020 : il ne peut pas être supprimé. "
            "S’il a fermé, ou s’il a été inscrit par erreur, choisissez « Mettre fin au label… »."
        ) in read(page)
        assert Site.objects.filter(pk=site.pk).exists()

    def test_that_no_release_lists_names_the_wave(self, network, as_manager):
        wave = LabellingWave.objects.get(slug="automne-2020")
        site = SiteFactory(name="PIMMS Alès", wave=wave)

        page = as_manager.get(f"{LIST}{site.pk}/delete/")

        assert (
            "Ce site a été labellisé avec la vague « Automne 2020 » : il ne peut pas être supprimé."
        ) in read(page)

    def test_whose_release_is_a_draft_names_the_wave(self, as_manager):
        site = SiteFactory(labelled=True)
        ReleaseFactory(wave=site.wave)

        assert "avec la vague" in read(as_manager.get(f"{LIST}{site.pk}/delete/"))

    def test_whose_label_was_taken_back_is_refused_too(self, as_manager):
        site = SiteFactory(labelled=True)
        site.wave = None
        site.save()

        page = as_manager.post(f"{LIST}{site.pk}/delete/", {"post": "yes"})

        assert (
            "Ce site a été labellisé avec la vague « Automne 2020 » : il ne peut pas être "
            "supprimé. Dites dans sa note interne ce qu’il est devenu." in read(page)
        )
        assert Site.objects.filter(pk=site.pk).exists()

    def test_that_was_labelled_in_a_wave_deleted_since_is_refused(self, db):
        site = SiteFactory(labelled=True)
        site.wave = None
        site.save()
        LabellingWave.objects.all().delete()

        assert site.find_deletion_obstacle().startswith(
            "Ce site a été labellisé : il ne peut pas être supprimé."
        )

    def test_is_refused_whatever_the_door(self, db):
        site, _candidate = SiteFactory(labelled=True), SiteFactory()

        with pytest.raises(ProtectedError, match="il ne peut pas être supprimé"):
            site.delete()
        with pytest.raises(ProtectedError, match="il ne peut pas être supprimé"):
            Site.objects.all().delete()
        assert Site.objects.count() == 2

    def test_is_not_for_those_who_edit(self, as_editor):
        site = SiteFactory()

        assert as_editor.post(f"{LIST}{site.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Site.objects.exists()


class TestAssociations:
    def test_are_listed_with_their_departments_and_labelled_sites(self, network, as_reader):
        page = as_reader.get("/labelling/association/", {"q": "bourgogne du sud"})

        assert "Bourgogne du Sud Rhône, Saône-et-Loire 5" in read(page)

    def test_count_the_labels_of_today_alone(self, as_reader):
        association = AssociationFactory(name="Gard")
        SiteFactory(association=association, labelled=True)
        SiteFactory(association=association, ended=True)
        SiteFactory(association=association)

        page = as_reader.get("/labelling/association/")

        assert f'?association={association.pk}&amp;status=labelled">1</a>' in page.content.decode()

    def test_show_their_sites_with_links(self, as_reader):
        site = SiteFactory(name="PIMMS Nîmes", association=AssociationFactory(), labelled=True)

        page = as_reader.get(f"/labelling/association/{site.association_id}/change/")

        link = f'<a href="/labelling/site/{site.pk}/change/">PIMMS Nîmes</a> (Gard) – Labellisé'
        assert link in page.content.decode()

    def test_that_have_sites_cannot_be_deleted(self, as_manager):
        site = SiteFactory(association=AssociationFactory())

        page = as_manager.post(
            f"/labelling/association/{site.association_id}/delete/", {"post": "yes"}
        )

        assert (
            "Cette association a 1 site : elle ne peut pas être supprimée. Rattachez d’abord ce "
            "site à une autre association." in read(page)
        )
        assert Association.objects.exists()

    def test_without_sites_can_be_deleted(self, as_manager):
        association = AssociationFactory(name="Gard")

        page = as_manager.post(
            f"/labelling/association/{association.pk}/delete/", {"post": "yes"}, follow=True
        )

        assert "Gard : association supprimée." in read(page)
        assert not Association.objects.exists()

    def test_say_what_to_do_when_a_search_finds_nothing(self, as_reader):
        page = as_reader.get("/labelling/association/", {"q": "x"})

        assert "Aucune association ne correspond à « x ». Essayez un mot plus court." in read(page)


class TestOnPaper:
    """The list prints well, as a whole and saying what it is a list of."""

    def test_the_whole_list_is_one_click_away(self, network, as_reader):
        page = as_reader.get(LIST, {"o": "1"}).text

        assert page.count('<th class="field-printed_name') == 50
        assert '<span class="on-paper">Lignes 1 à 50 sur </span>53\u00a0sites' in page
        assert '<a href="?all=&amp;o=1" class="show-all">Tout afficher pour imprimer</a>' in page

        whole = as_reader.get(LIST, {"o": "1", "all": ""}).text
        assert whole.count('<th class="field-printed_name') == 53
        assert "Tout afficher pour imprimer" not in whole

    def test_a_list_that_nobody_would_print_stays_in_pages(self, network, as_reader, monkeypatch):
        monkeypatch.setattr(admin.site.get_model_admin(Site), "list_max_show_all", 52)

        page = as_reader.get(LIST, {"all": ""}).text

        assert page.count('<th class="field-printed_name') == 50
        assert "Tout afficher pour imprimer" not in page

    def test_says_what_it_is_narrowed_to(self, network, as_reader):
        page = as_reader.get(LIST, {"status": "ended", "region": "76", "q": "nîmes"}).text
        whole = as_reader.get(LIST).text

        assert " – Fin de label, Occitanie, «\u00a0nîmes\u00a0»</p>" in page
        assert re.search(r'<p class="situation">Situation arrêtée au [^–<]+</p>', whole)


class TestOfVeryMany:
    """What a list of a few dozens shows at once is asked for where there are thousands."""

    def test_those_to_check_are_counted_on_demand(self, network, as_reader, monkeypatch):
        assert choices(as_reader.get(LIST), "Statut")[1] == ("À vérifier", "3")

        monkeypatch.setattr("labelling.admin.filters.MOST_JUDGED", 5)

        assert choices(as_reader.get(LIST), "Statut")[1] == ("À vérifier", "")
        for asked in ({"status": "to_check"}, {"q": "stephanoise"}):
            assert choices(as_reader.get(LIST, asked), "Statut")[1] == ("À vérifier", "3")

    def test_an_association_is_chosen_in_their_own_list(self, network, as_reader, monkeypatch):
        monkeypatch.setattr("labelling.admin.filters.MOST_CHOICES", 10)
        chosen = Association.objects.get(name="Métropole Stéphanoise")

        page = as_reader.get(LIST, {"association": chosen.pk})

        assert [label for label, _ in choices(page, "Association")] == [
            "Toutes les associations",
            "Métropole Stéphanoise",
            "Choisir parmi les 27 associations…",
        ]
        assert 'href="/labelling/association/">Choisir parmi' in page.text

    def test_the_last_page_has_the_last_ones(self, as_reader):
        SiteFactory.create_batch(51)

        page = as_reader.get(LIST, {"p": "2"})

        assert names(page) == [Site.objects.order_by("sort_key").last().name]
