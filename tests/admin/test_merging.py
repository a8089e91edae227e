"""« Fusionner »: two records of one site become one, and all that named the other finds it."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.admin.merged_values import PARTS
from labelling.choices import WithdrawalReason
from labelling.models import (
    AcceptedFinding,
    ImportRow,
    KeptValue,
    MergedSite,
    PressRelease,
    Site,
)
from labelling.press_release import corrections
from labelling.press_release.corrections import make_key
from labelling.spreadsheets.runs import absent, undo
from labelling.spreadsheets.runs.apply import apply
from tests.factories import (
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    sent,
)
from tests.spreadsheets.prepared import prepared, row

MERGE = "/labelling/site/merge/"
LIST = "/labelling/site/"


def read(response) -> str:
    """The page as people read it: without tags, in one line, its blanks alike."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    words = unescape(re.sub(r"<[^>]+>", " ", html))
    return re.sub(r"\s+", " ", words)


def said(response) -> list[str]:
    return [re.sub(r"\s", " ", str(message)) for message in response.context["messages"]]


def change_page(site) -> str:
    return f"{LIST}{getattr(site, 'pk', site)}/change/"


def ask(client, one, other, stays=None):
    query = {"site": one.pk, "other": other.pk} | ({"stays": stays.pk} if stays else {})
    return client.get(MERGE, query)


def merge(client, stays, goes, **choices):
    """Send the page as it is shown, but for what is chosen otherwise."""
    page = ask(client, stays, goes, stays)
    form = page.context["form"]
    data = {part.names[0]: part.proposed for part in form.differing} | choices
    versions = {"stays_version": stays.version, "goes_version": goes.version}
    address = f"{MERGE}?site={stays.pk}&other={goes.pk}&stays={stays.pk}"
    return client.post(address, {"apply": "x", **versions, **data}, follow=True)


@pytest.fixture
def pair(db) -> tuple[Site, Site]:
    stays = SiteFactory(name="PIMMS Nîmes", commune="Nîmes", labelled=True)
    goes = SiteFactory(name="PIMMS de Nîmes", postcode="30000", note="Vu au téléphone")
    return stays, goes


class TestTheWaysToIt:
    def test_are_the_page_of_a_site_and_the_list(self, as_manager):
        site = SiteFactory()

        page = as_manager.get(change_page(site)).content.decode()
        listed = as_manager.get(LIST).content.decode()

        assert f'<a href="{MERGE}?site={site.pk}" class="quiet">Fusionner avec un autre' in page
        assert f'formaction="{MERGE}?">Fusionner…</button>' in listed

    def test_are_not_shown_to_an_editor(self, as_editor):
        site = SiteFactory()

        assert "Fusionner" not in as_editor.get(change_page(site)).content.decode()
        assert "Fusionner" not in as_editor.get(LIST).content.decode()
        assert as_editor.get(MERGE, {"site": site.pk}).status_code == 403

    def test_two_ticked_sites_are_compared_at_once(self, as_manager, pair):
        keys = sorted(site.pk for site in pair)

        answer = as_manager.post(MERGE, {"_selected_action": keys})

        assert answer["Location"] == f"{MERGE}?site={keys[0]}&other={keys[1]}"

    def test_of_one_ticked_site_the_other_is_asked(self, as_manager, pair):
        page = as_manager.post(MERGE, {"_selected_action": pair[0].pk}, follow=True)

        assert "Première fiche PIMMS Nîmes (Gard) Autre fiche du même site" in read(page)

    @pytest.mark.parametrize("ticked", [[], [1, 2, 3]])
    def test_no_tick_or_too_many_lead_back(self, as_manager, ticked):
        page = as_manager.post(f"{MERGE}?region=76", {"_selected_action": ticked}, follow=True)

        assert page.redirect_chain == [(f"{LIST}?region=76", 302)]
        assert said(page) == [
            "Cochez les deux fiches du même site, ou une seule : vous choisirez l’autre ensuite."
        ]

    def test_is_the_finding_of_doubles_with_both_chosen(self, as_manager, as_editor):
        first, last = SiteFactory(name="PIMMS Nîmes"), SiteFactory(name="PIMMS de Nîmes")
        link = f"{MERGE}?site={last.pk}&amp;other={first.pk}"

        page = as_manager.get(change_page(last)).content.decode()
        group = as_manager.get("/labelling/site/findings/Q013/").content.decode()

        assert link in page
        assert link in group
        assert link not in as_editor.get(change_page(last)).content.decode()

    def test_another_is_found_as_in_every_form(self, as_manager, pair):
        asked = {"app_label": "labelling", "model_name": "mergedsite", "field_name": "into"}

        found = as_manager.get("/autocomplete/", {**asked, "term": "de nimes"}).json()

        assert [one["text"] for one in found["results"]] == ["PIMMS de Nîmes (Gard)"]

    def test_a_record_is_not_proposed_for_itself(self, as_manager, pair):
        asked = "app_label=labelling&model_name=mergedsite&field_name=into&term=nimes"

        page = as_manager.get(MERGE, {"site": pair[0].pk})
        (address,) = re.findall(r'data-ajax--url="(.*?)"', page.text)
        found = as_manager.get(f"{address}&{asked}").json()

        assert [one["text"] for one in found["results"]] == ["PIMMS de Nîmes (Gard)"]

    def test_tells_namesakes_apart_by_their_place(self, as_manager):
        first = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
        lozere = DepartmentFactory(code="48", name="Lozère")
        SiteFactory(name="PIMMS Nîmes", commune="Mende", department=lozere)
        asked = {"app_label": "labelling", "model_name": "mergedsite", "field_name": "into"}

        found = as_manager.get("/autocomplete/", {**asked, "term": "nimes"}).json()
        refused = as_manager.get(MERGE, {"site": first.pk, "other": first.pk})

        assert {one["text"] for one in found["results"]} == {
            "PIMMS Nîmes (Gard, Nîmes)",
            "PIMMS Nîmes (Lozère, Mende)",
        }
        assert "PIMMS Nîmes (Gard, Nîmes)</option>" in refused.content.decode()

    @pytest.mark.parametrize(
        ("other", "sentence"),
        [
            ("", "Choisissez l’autre fiche."),
            ("same", "C’est la même fiche. Choisissez l’autre."),
            ("x", "Choisissez dans la liste."),
        ],
    )
    def test_what_is_no_other_record_is_said(self, as_manager, pair, other, sentence):
        key = pair[0].pk

        page = as_manager.get(MERGE, {"site": key, "other": key if other == "same" else other})

        assert sentence in read(page)

    @pytest.mark.parametrize("site", ["", "0", "x", "9" * 40])
    def test_a_record_that_is_not_there_is_said(self, as_manager, site):
        page = as_manager.get(MERGE, {"site": site}, follow=True)

        assert page.redirect_chain == [(LIST, 302)]
        assert said(page) == ["Cette fiche n’existe plus : rien n’a été fusionné."]


class TestBothSideBySide:
    def test_shows_what_differs_and_proposes_what_is_filled(self, as_manager, pair):
        page = ask(as_manager, *pair)

        form = page.context["form"]
        differing = {
            part.names[0]: (part.stays, part.goes, part.proposed) for part in form.differing
        }
        assert differing == {
            "name": ("PIMMS Nîmes", "PIMMS de Nîmes", "stays"),
            "wave": ("Automne 2020", "Candidat", "stays"),
            "postcode": ("Non renseigné", "30000", "goes"),
            "commune": ("Nîmes", "Non renseigné", "stays"),
            "note": ("Non renseigné", "Vu au téléphone", "goes"),
        }
        assert "10 champs identiques" in read(page)
        assert Site.objects.count() == 2

    def test_chooses_together_what_stands_together(self, as_manager):
        stays = SiteFactory(latitude=43.8, longitude=4.3)
        goes = SiteFactory(latitude=43.9, longitude=4.3, ended=True)

        differing = {
            part.label: part
            for part in ask(as_manager, stays, goes, stays).context["form"].differing
        }

        assert differing["Position sur la carte"].stays == "43.8, 4.3"
        assert differing["Fin du label"].goes == "01/03/2021, Fermeture du site"
        assert differing["Fin du label"].stays == "Aucune"

    def test_proposes_one_whole_place_where_two_are_told(self, as_manager):
        stays = SiteFactory(commune="Nîmes", postcode="30000")
        goes = SiteFactory(
            address="1 rue de la Poste",
            commune="Uzès",
            commune_code="30334",
            latitude=44.0,
            longitude=4.4,
        )

        page = ask(as_manager, stays, goes, stays)

        proposed = {p.names[0]: p.proposed for p in page.context["form"].differing}
        place = ("address", "postcode", "commune", "commune_code", "latitude")
        assert {proposed[name] for name in place} == {"goes"}
        assert proposed["name"] == "stays"
        assert (
            "Les deux fiches n’ont pas la même commune (Nîmes et Uzès) : vérifiez que c’est bien "
            "un même site avant de les fusionner." in read(page)
        )

    def test_warns_of_two_departments(self, as_manager):
        stays = SiteFactory(commune="NIMES")
        goes = SiteFactory(commune="Nîmes", department=DepartmentFactory(code="48", name="Lozère"))

        page = read(ask(as_manager, stays, goes, stays))

        assert (
            "Les deux fiches n’ont pas le même département (Gard et Lozère) : vérifiez que c’est "
            "bien un même site avant de les fusionner." in page
        )
        assert "la même commune" not in page

    def test_chooses_of_every_field_that_people_fill_in(self):
        editable = {f.name for f in Site._meta.concrete_fields if f.editable and not f.primary_key}

        assert {name for names in PARTS for name in names} == editable

    def test_keeps_the_printed_one_unless_asked(self, as_manager):
        old, printed = SiteFactory(labelled=True), SiteFactory()
        Site.objects.filter(pk=old.pk).update(wave=None)
        printed.wave = WaveFactory()
        printed.save()
        sent(ReleaseFactory())

        pages = [ask(as_manager, old, printed), ask(as_manager, printed, old, old)]

        assert [page.context["stays"] for page in pages] == [printed, old]

    def test_keeps_the_labelled_one_else_the_first(self, as_manager):
        first, second = SiteFactory(), SiteFactory()
        labelled = SiteFactory(labelled=True)

        assert ask(as_manager, second, first).context["stays"] == first
        assert ask(as_manager, first, labelled).context["stays"] == labelled

    def test_says_what_will_happen(self, as_manager, pair):
        stays, goes = pair
        goes.wave = stays.wave
        goes.save()
        KeptValue.objects.create(model_key="site", record_id=goes.pk, field="format", value="bus")
        apply(prepared("Nom;Département;Adresse", "PIMMS de Nîmes;Gard;1 rue de la Poste"), None)

        page = read(ask(as_manager, stays, goes, stays))

        assert "Les liens vers la fiche qui disparaît mèneront à celle qui reste." in page
        assert "sa place dans la liste imprimée" not in page
        assert (
            "Historique : 3 versions restent lisibles depuis celui de la fiche qui reste." in page
        )
        assert (
            "Imports : 1 import a écrit la fiche qui disparaît. L’annuler ne changera plus ce site."
            in page
        )
        assert "1 valeur refusée passe à la fiche qui reste." in page
        assert "2 → 1 site labellisé : les deux fiches étaient comptées." in page
        assert (
            "Juste après, Annuler remet les deux fiches comme avant. Plus tard, sur la page de "
            "l’autre sous « Fiches supprimées », Annuler la fusion les sépare, et garde ce qui a "
            "été changé depuis. Les valeurs refusées et les signalements acceptés, eux, restent "
            "sur la fiche gardée." in page
        )

    def test_says_what_the_count_becomes_with_the_label_and_without(self, as_manager, pair):
        words = read(ask(as_manager, *pair))
        kept = merge(as_manager, *pair, wave="stays")
        lost = merge(as_manager, Site.objects.get(), SiteFactory(), wave="goes")

        assert (
            "1 site labellisé, comme avant, si vous gardez le label qui vaut aujourd’hui ; "
            "sinon 1 → 0 site labellisé."
        ) in words
        assert "→" not in said(kept)[0]
        assert said(lost)[0].endswith(". 1 → 0 site labellisé.")

    def test_keeps_what_was_chosen_when_the_other_is_to_stay(self, as_manager, pair):
        stays, goes = pair
        page = ask(as_manager, stays, goes, stays)
        chosen = {part.names[0]: "stays" for part in page.context["form"].differing}
        chosen |= {"commune": "goes", "stays_version": stays.version, "goes_version": goes.version}

        page = as_manager.post(page.context["swapped"], {**chosen, "note": "x"})

        form = page.context["form"]
        assert 'data-unsaved="yes"' in page.text
        assert said(page) == []
        assert form.stays == goes
        assert form["name"].value() == "goes"
        assert form["commune"].value() == "stays"
        assert form["note"].value() == "stays"  # As proposed.
        assert not form.errors
        assert Site.objects.count() == 2

    def test_says_what_changed_before_the_other_was_to_stay(self, as_manager, editor, pair):
        page = ask(as_manager, *pair, pair[0])
        changed = Site.objects.get(pk=pair[1].pk)
        changed.note, changed._history_user = "Fermé le lundi", editor
        changed.save()

        page = as_manager.post(
            page.context["swapped"], {"stays_version": 1, "goes_version": 1, "note": "goes"}
        )

        (sentence,) = said(page)
        assert sentence.startswith(f"{editor.get_full_name()} a modifié l’une des fiches")

    def test_says_that_the_printed_one_keeps_its_place(self, as_manager):
        stays = SiteFactory(labelled=True)
        sent(ReleaseFactory())

        page = read(ask(as_manager, stays, SiteFactory(), stays))

        assert "La fiche qui reste garde sa place dans la liste imprimée." in page

    def test_says_of_a_release_that_its_line_stays(self, as_manager):
        stays, goes = SiteFactory(), SiteFactory(labelled=True)
        sent(ReleaseFactory())

        page = read(ask(as_manager, stays, goes, stays))

        assert "Le communiqué du 14 octobre 2020 garde la ligne imprimée." in page

    def test_asks_the_base_as_often_whatever_it_holds(self, as_manager, pair):
        queries = []

        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                ask(as_manager, *pair)
            queries.append(len(captured))
            SiteFactory.create_batch(5, labelled=True)

        assert queries[0] == queries[1]


class TestMerging:
    def test_makes_one_record_with_what_was_chosen(self, as_manager, pair):
        stays, goes = pair

        page = merge(as_manager, stays, goes, name="goes")

        assert page.redirect_chain == [(change_page(stays), 302)]
        assert said(page) == [
            f"PIMMS de Nîmes : fusionné avec « PIMMS de Nîmes » (fiche n° {goes.pk})."
        ]
        site = Site.objects.get()
        assert (site.pk, site.name, site.postcode) == (stays.pk, "PIMMS de Nîmes", "30000")
        assert (site.commune, site.wave, site.note) == ("Nîmes", stays.wave, "Vu au téléphone")

    def test_takes_the_number_of_the_other_though_it_is_unique(self, as_manager):
        stays, goes = SiteFactory(), SiteFactory(france_services_id="180")

        merge(as_manager, stays, goes)

        assert Site.objects.get().france_services_id == "180"

    def test_is_told_by_the_history_of_both(self, as_manager, manager, pair):
        stays, goes = pair

        merge(as_manager, stays, goes)

        told = stays.history.order_by("-version").first()
        gone = Site.history.filter(id=goes.pk).order_by("-history_id").first()
        assert told.history_user == gone.history_user == manager
        assert told.history_change_reason.replace("\u00a0", " ") == (
            f"Fusionné avec « PIMMS de Nîmes » (fiche n° {goes.pk})"
        )
        assert gone.history_type == "-"

    def test_is_told_though_no_value_changes(self, as_manager):
        stays, goes = SiteFactory(commune="Nîmes"), SiteFactory()

        merge(as_manager, stays, goes)

        assert "Fusion " in read(as_manager.get(f"{LIST}{stays.pk}/history/"))
        assert Site.objects.get().version == 2

    def test_leaves_the_other_history_readable(self, as_manager, pair):
        stays, goes = pair
        goes.commune = "Uzès"
        goes.save()
        merge(as_manager, stays, goes)

        own = as_manager.get(f"{LIST}{stays.pk}/history/")
        theirs = as_manager.get(f"{LIST}{stays.pk}/history/", {"merged": goes.pk})

        assert f'<a href="?merged={goes.pk}">' in own.content.decode()
        assert "Historique de PIMMS de Nîmes" in read(theirs)
        assert "Uzès" in read(theirs)
        assert "Revenir à cette version" not in read(theirs)

    def test_the_former_address_of_a_history_leads_to_it(self, as_manager, as_reader, pair):
        stays, goes = pair
        merge(as_manager, stays, goes)

        page = as_reader.get(f"{LIST}{goes.pk}/history/", follow=True)

        assert page.redirect_chain == [(f"{LIST}{stays.pk}/history/?merged={goes.pk}", 302)]
        assert "Historique de PIMMS de Nîmes" in read(page)

    def test_the_one_that_goes_names_the_other_as_it_was(self, as_manager, pair):
        stays, goes = pair

        merge(as_manager, stays, goes, name="goes")

        gone = Site.history.filter(id=goes.pk).order_by("-history_id").first()
        assert gone.history_change_reason.replace("\u00a0", " ") == (
            f"Fusionné avec « PIMMS Nîmes » (fiche n° {stays.pk})"
        )

    def test_another_history_is_not_read_there(self, as_manager, pair):
        stays, goes = pair

        page = as_manager.get(f"{LIST}{stays.pk}/history/", {"merged": goes.pk})

        assert "Historique de PIMMS Nîmes" in read(page)

    def test_is_told_among_the_last_changes(self, as_manager, pair):
        merge(as_manager, *pair)

        assert "PIMMS de Nîmes Fusion" in read(as_manager.get("/"))

    def test_the_former_address_leads_to_the_one_that_stays(self, as_manager, as_reader, pair):
        stays, goes = pair
        merge(as_manager, stays, goes)

        page = as_reader.get(change_page(goes), follow=True)

        assert page.redirect_chain == [(change_page(stays), 302)]
        assert said(page) == [
            "La fiche « PIMMS de Nîmes » a été fusionnée avec celle-ci, qui reste."
        ]

    def test_takes_along_what_was_refused_and_accepted(self, as_manager, manager, pair):
        stays, goes = pair
        for site, field in ((goes, "format"), (goes, "postcode"), (stays, "postcode")):
            KeptValue.objects.create(
                model_key="site", record_id=site.pk, field=field, value=str(site.pk)
            )
        for site, rule in ((goes, "Q002"), (goes, "Q003"), (stays, "Q003")):
            AcceptedFinding.objects.create(
                model_key="site", record_id=site.pk, rule=rule, evidence="x", motive=site.name
            )

        merge(as_manager, stays, goes)

        kept = KeptValue.objects.values_list("record_id", "field", "value")
        assert {*kept} == {
            (stays.pk, "format", str(goes.pk)),
            (stays.pk, "postcode", str(stays.pk)),
        }
        accepted = AcceptedFinding.objects.values_list("record_id", "rule", "motive")
        assert {*accepted} == {
            (stays.pk, "Q002", "PIMMS de Nîmes"),
            (stays.pk, "Q003", "PIMMS Nîmes"),
        }

    def test_of_three_leads_every_former_key_to_the_last(self, as_manager):
        first, second, third = SiteFactory.create_batch(3)

        merge(as_manager, second, third)
        merge(as_manager, first, Site.objects.get(pk=second.pk))

        assert MergedSite.objects.read_successors() == {second.pk: first.pk, third.pk: first.pk}

    def test_the_name_that_an_import_made_is_still_to_be_read(self, as_manager):
        stays = SiteFactory()
        goes = SiteFactory(name="PIMMS Uzès", made_name="PIMMS Uzès")

        merge(as_manager, stays, goes, name="goes")

        assert Site.objects.get().made_name == "PIMMS Uzès"

    def test_the_place_in_the_list_stays(self, as_manager):
        stays, goes = SiteFactory(rank=2), SiteFactory(rank=1)

        merge(as_manager, stays, goes)

        assert Site.objects.get().rank == 2

    def test_a_number_that_was_taken_is_given_back_to_an_editor_by_the_history(
        self, as_manager, as_editor
    ):
        stays = SiteFactory(name="PIMMS Nîmes")
        goes = SiteFactory(name="PIMMS de Nîmes", france_services_id="180")
        merge(as_manager, stays, goes)
        address = f"/labelling/site/deleted/site/{goes.pk}/"

        page = as_editor.get(address)

        assert (
            "Un autre site porte déjà ce numéro France Services. C’est celui avec lequel cette "
            "fiche a été fusionnée. Revenez d’abord, dans l’historique de « PIMMS Nîmes », à la "
            "version d’avant la fusion : historique de PIMMS Nîmes" in read(page)
        )
        assert f'<a href="{LIST}{stays.pk}/history/">' in page.content.decode()

        entry = stays.history.get(version=1)
        as_editor.post(f"{LIST}{stays.pk}/history/{entry.history_id}/restore/")
        page = as_editor.post(address, follow=True)

        assert said(page)[-1] == "PIMMS de Nîmes : site remis, comme avant la fusion."
        back = Site.objects.get(pk=goes.pk).history.order_by("-version").first()
        assert back.history_change_reason.startswith("Fusion du ")

    @pytest.mark.parametrize("who", ["as_editor", "as_manager"])
    def test_a_name_that_was_typed_since_is_not_said_to_come_from_it(self, request, pair, who):
        stays, goes = pair
        merge(request.getfixturevalue("as_manager"), stays, goes)
        site = Site.objects.get()
        site.name = "PIMMS de Nîmes"
        site.save()

        page = request.getfixturevalue(who).get(f"/labelling/site/deleted/site/{goes.pk}/")

        ((obstacle, name, address),) = page.context["obstacles"]
        assert obstacle.sentence == "Un site de ce département porte déjà ce nom."
        assert (name, address) == ("PIMMS de Nîmes", change_page(stays))
        assert "Annuler la fusion" not in read(page)

    def test_a_record_that_comes_back_is_merged_no_more(self, as_manager, pair):
        stays, goes = pair
        merge(as_manager, stays, goes)

        listed = read(as_manager.get("/labelling/site/deleted/"))
        as_manager.post(f"/labelling/site/deleted/site/{goes.pk}/")

        assert f"Fusionné avec « PIMMS Nîmes » (fiche n° {stays.pk})" in listed
        assert Site.objects.get(pk=goes.pk).postcode == "30000"
        assert MergedSite.objects.read_successors() == {}


def undo_address(page) -> str:
    (message,) = page.context["messages"]
    return message.extra_tags.removeprefix("undo=")


class TestTakingAMergeBack:
    """R33."""

    def test_makes_two_records_as_they_were(self, as_manager):
        stays = SiteFactory(name="PIMMS Nîmes", made_name="PIMMS Nîmes", labelled=True)
        goes = SiteFactory(name="PIMMS de Nîmes", france_services_id="180", postcode="30000")
        merged = merge(as_manager, stays, goes, name="goes")

        page = as_manager.post(undo_address(merged), follow=True)

        assert page.redirect_chain == [(change_page(stays), 302)]
        assert said(page) == ["PIMMS Nîmes : fusion annulée, l’autre fiche est revenue."]
        one, other = Site.objects.get(pk=stays.pk), Site.objects.get(pk=goes.pk)
        assert (one.name, one.made_name, one.postcode) == ("PIMMS Nîmes", "PIMMS Nîmes", "")
        assert (one.france_services_id, other.france_services_id) == (
            stays.france_services_id,
            "180",
        )
        assert (other.name, other.postcode) == ("PIMMS de Nîmes", "30000")
        assert not MergedSite.objects.exists()
        for site in (one, other):
            reason = site.history.order_by("-version").first().history_change_reason
            assert re.fullmatch(r"Fusion du .+ annulée", reason)

    def test_is_told_though_no_value_changed(self, as_manager):
        stays, goes = SiteFactory(commune="Nîmes"), SiteFactory()
        merged = merge(as_manager, stays, goes)

        as_manager.post(undo_address(merged))

        assert Site.objects.get(pk=stays.pk).version == 3

    def test_keeps_what_changed_since(self, as_manager):
        stays = SiteFactory(name="PIMMS Nîmes", address="1 rue Haute", postcode="30000")
        goes = SiteFactory(name="PIMMS de Nîmes", address="2 rue Basse", commune="Nîmes")
        merged = merge(as_manager, stays, goes, name="goes", address="goes", commune="goes")
        site = Site.objects.get()
        site.address, site.note = "3 rue Neuve", "Fermé le lundi"
        site.save()

        as_manager.post(undo_address(merged))

        one, other = Site.objects.get(pk=stays.pk), Site.objects.get(pk=goes.pk)
        # What the merge had changed, and what people did since.
        assert (one.name, one.commune) == ("PIMMS Nîmes", "")
        assert (one.address, one.note, one.postcode) == ("3 rue Neuve", "Fermé le lundi", "30000")
        assert (other.name, other.address) == ("PIMMS de Nîmes", "2 rue Basse")
        assert not MergedSite.objects.exists()

    def test_of_two_merges_takes_back_the_first_one_alone(self, as_manager):
        stays = SiteFactory()
        first = SiteFactory(commune="Nîmes")
        second = SiteFactory(postcode="30900")
        merged = merge(as_manager, stays, first, commune="goes")
        merge(as_manager, Site.objects.get(pk=stays.pk), second, postcode="goes")

        as_manager.post(undo_address(merged))

        assert MergedSite.objects.read_successors() == {second.pk: stays.pk}
        one, other = Site.objects.get(pk=stays.pk), Site.objects.get(pk=first.pk)
        assert (one.commune, one.postcode, other.commune) == ("", "30900", "Nîmes")

    def test_stands_on_the_page_of_the_record_that_went(self, as_manager):
        stays = SiteFactory(name="PIMMS Nîmes")
        goes = SiteFactory(name="PIMMS de Nîmes", france_services_id="180")
        merge(as_manager, stays, goes, france_services_id="goes")

        page = as_manager.get(f"/labelling/site/deleted/site/{goes.pk}/")

        words = read(page)
        assert "Fusionnée avec PIMMS Nîmes Une fois la fusion annulée, cette fiche" in words
        assert "Remettre le site" not in words
        assert "Sa place" not in words
        (address,) = re.findall(r'action="(.*?unmerge.*?)"', page.text)
        assert "Annuler la fusion" in page.text.split(address)[1].split("</form>")[0]
        as_manager.post(address)
        numbers = dict(Site.objects.values_list("pk", "france_services_id"))
        assert numbers == {stays.pk: stays.france_services_id, goes.pk: "180"}

    def test_is_not_there_while_another_record_has_its_place(self, as_manager, pair):
        stays, goes = pair
        merge(as_manager, stays, goes)
        SiteFactory(name="PIMMS de Nîmes")

        page = read(as_manager.get(f"/labelling/site/deleted/site/{goes.pk}/"))

        assert "Sa place n’est pas libre" in page
        assert "Un site de ce département porte déjà ce nom." in page
        assert "Annuler la fusion" not in page

    def test_writes_nothing_where_a_place_was_taken(self, as_manager, pair):
        stays, goes = pair
        merged = merge(as_manager, stays, goes)
        SiteFactory(name="PIMMS de Nîmes")

        page = as_manager.post(undo_address(merged), follow=True)

        assert page.redirect_chain == [(f"/labelling/site/deleted/site/{goes.pk}/", 302)]
        assert said(page) == [
            "La fusion n’a pas été annulée. Un site de ce département porte déjà ce nom."
        ]
        assert "Sa place n’est pas libre" in read(page)
        assert "Corrigez ce qui prend sa place, puis revenez ici." in read(page)
        assert Site.objects.get(pk=stays.pk).version == 2
        assert MergedSite.objects.read_successors() == {goes.pk: stays.pk}

    def test_twice_is_done_once(self, as_manager, pair):
        stays, goes = pair
        address = undo_address(merge(as_manager, stays, goes))
        as_manager.post(address, follow=True)

        page = as_manager.post(address, follow=True)

        assert page.redirect_chain == [(change_page(goes), 302)]
        assert said(page) == ["Cette fusion a déjà été annulée."]

    def test_of_three_gives_back_what_had_gone_before(self, as_manager):
        first, second, third, fourth = SiteFactory.create_batch(4)
        merge(as_manager, second, third)
        merge(as_manager, first, fourth)
        merged = merge(as_manager, Site.objects.get(pk=first.pk), Site.objects.get(pk=second.pk))

        as_manager.post(undo_address(merged))

        assert MergedSite.objects.read_successors() == {third.pk: second.pk, fourth.pk: first.pk}

    def test_of_three_begins_with_the_last(self, as_manager, as_editor):
        first = SiteFactory(name="PIMMS Alès", france_services_id="180")
        second, third = SiteFactory(name="PIMMS Nîmes"), SiteFactory(name="PIMMS Gard")
        address = undo_address(merge(as_manager, second, first, france_services_id="goes"))
        merge(as_manager, third, Site.objects.get(pk=second.pk), france_services_id="goes")
        sentence = (
            "Cette fiche a été fusionnée avec « PIMMS Nîmes », qui l’a été ensuite avec "
            "« PIMMS Gard ». Annulez d’abord la fusion de « PIMMS Nîmes »."
        )

        page = as_manager.get(f"/labelling/site/deleted/site/{first.pk}/")
        as_read_by_an_editor = read(as_editor.get(f"/labelling/site/deleted/site/{first.pk}/"))
        answer = as_manager.post(address, follow=True)

        ((obstacle, name, before),) = page.context["obstacles"]
        assert re.sub(r"\s", " ", obstacle.sentence) == sentence
        assert (name, before) == ("PIMMS Nîmes", f"{LIST}deleted/site/{second.pk}/")
        assert "historique de « PIMMS Gard », à la version d’avant" in as_read_by_an_editor
        assert said(answer) == [f"La fusion n’a pas été annulée. {sentence}"]
        assert Site.objects.get().pk == third.pk
        for key in (second.pk, first.pk):
            as_manager.post(f"{LIST}unmerge/?record={key}")
        assert Site.objects.count() == 3
        assert Site.objects.get(pk=first.pk).france_services_id == "180"

    def test_of_one_that_was_deleted_since_says_that_it_is_done(self, as_manager, pair):
        address = undo_address(merge(as_manager, *pair))
        as_manager.post(address, follow=True)
        Site.objects.get(pk=pair[1].pk).delete()

        page = as_manager.post(address, follow=True)

        assert page.redirect_chain == [(LIST, 302)]
        assert said(page) == ["Cette fusion a déjà été annulée."]

    @pytest.mark.parametrize("record", ["", "0", "x", "9" * 40])
    def test_of_what_is_no_record_leads_to_the_list(self, as_manager, record):
        page = as_manager.post(f"{LIST}unmerge/?record={record}")

        assert page["Location"] == LIST

    def test_is_no_matter_of_an_editor(self, as_manager, as_editor, pair):
        address = undo_address(merge(as_manager, *pair))

        assert as_editor.post(address).status_code == 403
        assert Site.objects.count() == 1


class TestWhatIsRefused:
    """R33."""

    def test_two_sites_that_a_sent_release_counts(self, as_manager):
        stays, goes = SiteFactory.create_batch(2, labelled=True)
        sent(ReleaseFactory())

        page = ask(as_manager, stays, goes)
        merge_address = f"{MERGE}?site={stays.pk}&other={goes.pk}"
        again = as_manager.post(merge_address, {"apply": "x"})

        sentence = (
            "Le communiqué du 14 octobre 2020, envoyé, compte ces deux sites : leurs fiches "
            "restent. Si l’un a été inscrit par erreur, choisissez sur sa fiche « Mettre fin au "
            "label… »."
        )
        assert sentence in read(page)
        assert sentence in read(again)
        assert 'name="apply"' not in page.content.decode()
        Site.objects.filter(pk=goes.pk).end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)
        words = read(ask(as_manager, stays, goes))
        assert "compte ces deux sites : leurs fiches restent." in words
        assert "Mettre fin au label…" not in words
        assert Site.objects.count() == 2

    @pytest.mark.parametrize("year", [2021, 2022], ids=["at once", "later"])
    def test_two_labels_of_one_place(self, as_manager, year):
        ended = SiteFactory(name="PIMMS A", ended=True)
        later = WaveFactory(name="Printemps", effective_on=date(year, 3, 1))
        again = SiteFactory(name="PIMMS B", wave=later)

        page = read(ask(as_manager, ended, again))

        assert (
            "Ce sont deux labels : celui de « PIMMS A » a pris fin le 1er mars 2021, celui de "
            f"« PIMMS B » est valable à partir du 1er mars {year}. Chacun garde sa fiche." in page
        )

    def test_values_that_cannot_stand(self, as_manager):
        stays = SiteFactory(name="PIMMS A", labelled=True)
        goes = SiteFactory(name="PIMMS B")
        SiteFactory(name="PIMMS B", department=DepartmentFactory(code="48", name="Lozère"))
        goes.department = DepartmentFactory()
        third = Site.objects.get(department__code="48")
        stays.department = third.department
        stays.save()

        page = merge(as_manager, stays, goes, name="goes", department="stays")

        assert "Rien n’est encore fusionné : corrigez ce qui est signalé en rouge." in read(page)
        assert page.context["form"]["name"].value() == "goes"
        assert Site.objects.count() == 3
        assert not MergedSite.objects.exists()

    def test_a_candidate_of_what_a_release_lists(self, as_manager):
        stays, goes = SiteFactory(), SiteFactory(labelled=True)
        sent(ReleaseFactory())

        page = merge(as_manager, stays, goes, wave="stays")

        assert "Le label de ce site figure dans le communiqué du 14 octobre 2020" in read(page)
        assert Site.objects.count() == 2

    def test_what_somebody_changed_meanwhile(self, as_manager, editor, pair):
        stays, goes = pair
        changed = Site.objects.get(pk=goes.pk)
        changed.note, changed._history_user = "Fermé le lundi", editor
        changed.save()

        page = merge(as_manager, stays, goes, commune="goes")

        assert (
            f"{editor.get_full_name()} a modifié l’une des fiches pendant que cette page était "
            "ouverte : rien n’a été fusionné. Relisez les valeurs ci-dessous, puis recommencez."
            in read(page)
        )
        assert "Fermé le lundi" in read(page)
        assert page.context["form"]["commune"].value() == "goes"
        assert f'name="goes_version" value="{changed.version}"' in page.content.decode()
        assert Site.objects.count() == 2

    def test_what_somebody_merged_meanwhile(self, as_manager, pair):
        stays, goes = pair
        address = f"{MERGE}?site={stays.pk}&other={goes.pk}"
        merge(as_manager, stays, goes)

        page = as_manager.post(address, {"apply": "x"}, follow=True)

        assert page.redirect_chain == [(change_page(stays), 302)]
        assert said(page) == [
            (
                "La fiche « PIMMS de Nîmes » a été fusionnée avec celle-ci, qui reste. Elle "
                "l’était déjà : relisez la fiche, si vos choix étaient autres."
            )
        ]

    def test_a_difference_that_has_come_since_is_told_with_who_made_it(
        self, as_manager, editor, pair
    ):
        stays, goes = pair
        changed = Site.objects.get(pk=goes.pk)
        changed.address, changed._history_user = "3 rue Neuve", editor
        changed.save()

        page = merge(as_manager, stays, goes, address="")

        words = read(page)
        assert words.count(f"{editor.get_full_name()} a modifié l’une des fiches") == 1
        assert "Choisissez la valeur qui reste." in words
        assert Site.objects.count() == 2

    def test_a_choice_that_was_not_made(self, as_manager, pair):
        page = merge(as_manager, *pair, commune="")

        assert "Choisissez la valeur qui reste." in read(page)
        assert Site.objects.count() == 2


@pytest.fixture
def printed(db, as_manager) -> tuple[Site, Site, PressRelease]:
    """A record that a sent release lists went into one that it does not list."""
    goes = SiteFactory(name="PIMMS de Nîmes", labelled=True)
    release = sent(ReleaseFactory())
    stays = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")
    return stays, goes, release


class TestTheReleases:
    """R33."""

    def test_the_line_is_not_said_to_be_gone(self, as_manager, printed):
        stays, goes, release = printed
        merge(as_manager, stays, goes, name="goes", wave="goes")

        page = as_manager.get(f"/labelling/pressrelease/{release.pk}/changes/")

        assert corrections.compare(release).differences == ()
        assert page.status_code == 200
        assert "Ligne de la liste" not in read(page)

    def test_another_name_is_one_difference_of_the_record_that_stays(self, as_manager, printed):
        stays, goes, release = printed
        merge(as_manager, stays, goes, name="stays", wave="goes")

        (difference,) = corrections.compare(release).differences

        assert (difference.part, difference.before, difference.after, difference.site) == (
            "name",
            "PIMMS de Nîmes",
            "PIMMS Nîmes",
            stays.pk,
        )

    def test_what_was_printed_does_not_move(self, as_manager, printed):
        stays, goes, release = printed
        address = f"/labelling/pressrelease/{release.pk}/download/json/"
        before = as_manager.get(address)
        content = release.content

        merge(as_manager, stays, goes, name="stays", wave="goes")

        after = as_manager.get(address)
        assert PressRelease.objects.get(pk=release.pk).content == content
        assert b"".join(after) == b"".join(before)

    def test_the_page_of_the_site_names_the_release(self, as_manager, printed):
        stays, goes, _ = printed
        merge(as_manager, stays, goes, name="stays", wave="goes")

        page = read(as_manager.get(change_page(stays)))

        assert "ligne 1 sur 1, nouveau, sous le nom « PIMMS de Nîmes »" in page

    def test_the_record_that_stays_cannot_be_deleted(self, as_manager, printed):
        stays, goes, _ = printed
        merge(as_manager, stays, goes, name="stays", wave="goes")

        page = read(as_manager.get(f"{LIST}{stays.pk}/delete/"))

        assert (
            "Ce site figure dans le communiqué du 14 octobre 2020 : il ne peut pas être supprimé."
            in page
        )

    def test_a_verdict_holds_for_the_record_that_stays(self, as_manager, printed):
        stays, goes, release = printed
        goes.name = "PIMMS Nîmes Centre"
        goes.save()
        (before,) = corrections.compare(release).differences
        release.verdicts = {make_key(before): "error"}
        release.save()

        merge(as_manager, stays, goes, name="goes", wave="goes")

        (after,) = corrections.compare(release).differences
        kept = PressRelease.objects.get(pk=release.pk).verdicts
        assert after.site == stays.pk
        assert kept == {make_key(after): "error"}

    def test_two_lines_of_a_final_version_are_one_and_one_too_many(self, as_manager):
        stays, goes = SiteFactory.create_batch(2, labelled=True)
        release = final(ReleaseFactory())
        merge(as_manager, stays, goes)

        lines = [d for d in corrections.compare(release).differences if d.part == "line"]

        assert [(d.kind, d.subject) for d in lines] == [("removed", goes.name)]

    def test_a_department_that_moved_is_told_at_home(self, as_manager, printed):
        stays, goes, _ = printed
        Site.objects.filter(pk=stays.pk).update(
            department=DepartmentFactory(code="48", name="Lozère")
        )
        merge(as_manager, Site.objects.get(pk=stays.pk), goes, department="stays", wave="goes")

        assert "Préparer un rectificatif" in read(as_manager.get("/"))


FILE = ("Nom;Département;Commune", "PIMMS Uzès;Gard;Uzès")


class TestTheImports:
    """R33."""

    def test_undoing_one_that_added_the_record_says_so_and_leaves_the_site(self, as_manager):
        DepartmentFactory()
        run = prepared(*FILE)
        apply(run, None)
        goes, stays = Site.objects.get(), SiteFactory(name="PIMMS d’Uzès")
        merge(as_manager, stays, goes)
        run.refresh_from_db()

        undone = undo.undo(run, None)

        assert str(undone).replace("\u202f", " ").replace("\u00a0", " ") == (
            "Rien n’a pu être remis ; 1 fiche a été fusionnée depuis avec une autre."
        )
        (left,) = undone.left
        assert re.sub(r"\s", " ", left.reason) == (
            "Cette fiche a été fusionnée depuis avec « PIMMS d’Uzès », qui garde ses valeurs."
        )
        assert Site.objects.get().commune == "Uzès"

    def test_undoing_one_that_changed_the_record_leaves_the_site(self, as_manager):
        goes, stays = SiteFactory(name="PIMMS Uzès"), SiteFactory(name="PIMMS d’Uzès")
        run = prepared(*FILE)
        apply(run, None)
        merge(as_manager, stays, Site.objects.get(pk=goes.pk))
        run.refresh_from_db()

        undone = undo.undo(run, None)

        assert not undone.restored
        assert Site.objects.get().commune == "Uzès"

    def test_undoing_one_that_added_the_site_that_stays_leaves_it(self, as_manager):
        DepartmentFactory()
        run = prepared(*FILE)
        apply(run, None)
        stays, goes = Site.objects.get(), SiteFactory()
        merge(as_manager, stays, goes)
        run.refresh_from_db()

        undone = undo.undo(run, None)

        assert Site.objects.get().pk == stays.pk
        assert [left.reason for left in undone.left] == [
            "Une autre fiche s’y rattache depuis (fiche fusionnée)."
        ]

    def test_the_line_leads_to_the_site_and_its_history_to_the_import(self, as_manager):
        DepartmentFactory()
        run = prepared(*FILE)
        apply(run, None)
        goes, stays = Site.objects.get(), SiteFactory()
        merge(as_manager, stays, goes)

        page = as_manager.get(f"/labelling/importrun/{run.pk}/").content.decode()
        theirs = as_manager.get(f"{LIST}{stays.pk}/history/", {"merged": goes.pk})

        assert change_page(goes) in page
        assert f'href="/labelling/importrun/{run.pk}/"' in theirs.content.decode()

    def test_our_own_sheet_still_finds_the_site(self, as_manager, pair):
        stays, goes = pair
        merge(as_manager, stays, goes)

        run = prepared(f"Fiche n°;Nom;Département;Commune\n{goes.pk};PIMMS Nîmes;Gard;Uzès")

        assert row(run, 2).record_id == stays.pk

    def test_one_in_preparation_is_judged_again(self, as_manager, manager, pair):
        stays, goes = pair
        run = prepared("Nom;Département;Commune", "PIMMS de Nîmes;Gard;Uzès", author=manager)
        merge(as_manager, stays, goes, name="goes")

        page = f"/labelling/importrun/{run.pk}/apply/"
        as_manager.post(page, {"seen": run.touched_at.isoformat()})

        line = ImportRow.objects.get(run=run)
        assert line.record_id == stays.pk
        assert line.before["commune"] == "Nîmes"
        assert not absent.find_absent(run).exists()
        assert Site.objects.get().commune == "Nîmes"
