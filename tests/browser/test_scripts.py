"""What scripts add to the pages: each feature once, as a person meets it."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from labelling.models import Association, Department, LabellingWave, Site
from labelling.press_release.formats import FORMATS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("session"),
]

PHONE = {"width": 390, "height": 800}


@pytest.fixture
def nimes(network) -> Site:
    return Site.objects.get(name="PIMMS Nîmes")


@pytest.fixture
def form(page, live_server, nimes):
    """The form of a site, open in the browser."""
    page.goto(live_server.url + reverse("admin:labelling_site_change", args=[nimes.pk]))
    return page


@pytest.fixture
def questions(page) -> list[str]:
    """What the browser asks before it leaves a page; the answer is to leave."""
    asked: list[str] = []

    def leave(dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    return asked


class TestUnsavedChanges:
    def test_are_not_left_without_a_question(self, form, questions):
        form.get_by_role("textbox", name="Note interne").fill("À rappeler")

        form.get_by_role("link", name="Accueil").click()

        form.wait_for_url("**/")
        assert questions == ["beforeunload"]

    def test_that_were_saved_are_left_without_one(self, form, questions, nimes):
        form.get_by_role("textbox", name="Note interne").fill("À rappeler")

        form.get_by_role("button", name="Enregistrer et rester sur la fiche").click()
        form.get_by_text("modifications enregistrées").wait_for()
        form.get_by_role("link", name="Accueil").click()

        form.wait_for_url("**/")
        assert questions == []
        assert Site.objects.get(pk=nimes.pk).note == "À rappeler"

    def test_of_a_refused_form_are_still_unsaved(self, form, questions):
        form.get_by_label("Code postal").fill("300")
        form.get_by_role("button", name="Enregistrer", exact=True).click()
        form.get_by_text("Rien n’est encore enregistré").wait_for()

        form.get_by_role("link", name="Accueil").click()

        form.wait_for_url("**/")
        assert questions == ["beforeunload"]


class TestASessionThatExpires:
    def test_loses_nothing_of_what_was_typed(self, form, nimes):
        form.get_by_role("textbox", name="Note interne").fill("À rappeler")
        form.get_by_label("En quartier prioritaire (QPV)").select_option("Oui")
        form.locator("#select2-id_department-container").click()
        form.locator(".select2-search__field").fill("lozere")
        form.locator(".select2-results__option", has_text="Lozère").click()
        person = User.objects.get(groups=None, is_superuser=True)
        person.set_password("un mot de passe")
        person.save()
        Session.objects.all().delete()

        form.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(form.locator("[data-kept-notice]")).to_have_text(
            "Votre session est terminée. Reconnectez-vous\u00a0: votre saisie est conservée."
        )
        form.locator("#id_username").fill(person.username)
        form.locator("#id_password").fill("un mot de passe")
        form.get_by_role("button", name="Se connecter", exact=True).click()

        expect(form.locator(".kept-typing")).to_have_text(
            "Votre saisie a été conservée\u00a0: relisez-la avant de continuer."
        )
        form.get_by_role("button", name="Enregistrer", exact=True).click()
        form.get_by_text("modifications enregistrées").wait_for()
        nimes.refresh_from_db()
        assert (nimes.note, nimes.in_priority_district) == ("À rappeler", True)
        assert nimes.department.name == "Lozère"

    def test_is_all_that_brings_typing_back(self, form, questions):
        form.get_by_role("textbox", name="Note interne").fill("À rappeler")

        form.reload()

        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")
        assert questions == ["beforeunload"]


class TestListsThatAreSearched:
    """Select2 draws them; what has the focus is its own, not the list."""

    def test_say_their_label_help_and_need_to_a_screen_reader(self, form):
        department = form.get_by_role("combobox", name="Département (obligatoire) Gard")
        expect(department).to_have_accessible_description(
            "Celui de l’adresse du site. La région en découle."
        )
        expect(department).to_have_attribute("aria-required", "true")

        department.press("Enter")

        searched = form.get_by_role("searchbox", name="Département (obligatoire)")
        expect(searched).to_be_focused()
        expect(searched).to_have_accessible_description(
            "Celui de l’adresse du site. La région en découle."
        )
        expect(form.get_by_role("combobox", name="Vague")).not_to_have_attribute(
            "aria-required", "true"
        )

    def test_say_their_fault_to_a_screen_reader(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_site_add"))
        page.get_by_role("button", name="Enregistrer", exact=True).click()

        department = page.get_by_role("combobox", name="Département")

        expect(department).to_have_attribute("aria-invalid", "true")
        expect(department).to_have_accessible_description(
            "Celui de l’adresse du site. La région en découle. À remplir."
        )

    def test_say_it_in_rows_that_are_added_too(self, form):
        form.evaluate(
            """() => {
              const row = document.querySelector(".field-wave").cloneNode(true);
              row.querySelector(".select2-container").remove();
              const list = row.querySelector("select");
              list.id = row.querySelector("label").htmlFor = "id_added";
              list.className = "admin-autocomplete";
              delete list.dataset.select2Id;
              row.querySelector("label").textContent = "Ajoutée";
              row.querySelector("label").id = "";
              document.querySelector(".field-wave").after(row);
              row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true }));
            }"""
        )

        added = form.get_by_role("combobox", name="Ajoutée")

        expect(added).to_have_accessible_description("Laissez vide tant que le site est candidat.")

    def test_hold_their_choice_after_back(self, form, questions, nimes):
        form.locator("#select2-id_department-container").click()
        form.keyboard.type("lozere")
        form.get_by_role("option", name="Lozère").click()
        form.get_by_role("link", name="Accueil").click()
        form.wait_for_url("**/")

        form.go_back()

        expect(form.locator("#select2-id_department-container")).to_have_text("Lozère")
        form.get_by_role("button", name="Enregistrer", exact=True).click()
        form.get_by_text("modifications enregistrées").wait_for()
        nimes.refresh_from_db()
        assert nimes.department.name == "Lozère"

    def test_hold_none_after_a_reload(self, form, questions):
        form.locator("#select2-id_department-container").click()
        form.keyboard.type("lozere")
        form.get_by_role("option", name="Lozère").click()
        form.reload()
        form.get_by_role("link", name="Accueil").click()
        form.wait_for_url("**/")

        form.go_back()

        expect(form.locator("#select2-id_department-container")).to_have_text("Gard")


class TestADoubleClick:
    def test_sends_once(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_association_add"))
        page.locator("#id_name").fill("Ardèche")

        page.get_by_role("button", name="Enregistrer", exact=True).dblclick()

        page.get_by_text("Ardèche").first.wait_for()
        assert page.locator(".errornote").count() == 0
        assert Association.objects.filter(name="Ardèche").count() == 1


class TestConflict:
    def test_the_saved_value_is_taken_into_the_form(self, form, nimes):
        other = Site.objects.get(pk=nimes.pk)
        other.note, other.department = "Sa note", Department.objects.get(code="34")
        other.save()
        form.get_by_role("textbox", name="Note interne").fill("Ma note")
        form.locator("#select2-id_department-container").click()
        form.keyboard.type("finistere")
        form.get_by_role("option", name="Finistère").click()
        form.get_by_role("button", name="Enregistrer", exact=True).click()

        for field in ("Note interne", "Département"):
            row = form.locator(".conflict tr", has=form.get_by_role("rowheader", name=field))
            row.get_by_role("button", name="Prendre la valeur enregistrée").click()

        assert form.locator("#id_note").input_value() == "Sa note"
        assert "Hérault" in form.locator("#select2-id_department-container").inner_text()
        form.get_by_role("button", name="Enregistrer", exact=True).click()
        form.get_by_text("rien n’a changé").wait_for()
        nimes.refresh_from_db()
        assert (nimes.note, nimes.department.name) == ("Sa note", "Hérault")


class TestNewSitesOfAWave:
    def test_a_line_is_added_and_saved_with_the_others(self, page, live_server):
        wave = LabellingWave.objects.get(slug="automne-2020")
        page.goto(live_server.url + reverse("admin:labelling_labellingwave_sites", args=[wave.pk]))

        page.get_by_role("button", name="Ajouter une ligne").click()

        line = page.locator("#new-site-lines > *").nth(3)
        assert line.locator(":focus").count() == 1
        page.keyboard.type("PIMMS Uzès")
        line.get_by_label("Département").select_option(label="Gard (30)")
        page.get_by_role("button", name="Ajouter ces sites à la vague").click()
        page.get_by_text("est ajouté à la vague").wait_for()
        assert Site.objects.get(name="PIMMS Uzès").wave == wave


class TestOnAPhone:
    def test_a_search_and_its_button_share_a_line(self, page, live_server):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + reverse("admin:labelling_pressrelease_changelist"))

        field = page.get_by_role("searchbox").bounding_box()
        button = page.get_by_role("button", name="Rechercher").bounding_box()

        assert field["y"] == button["y"]

    def test_what_comes_first_stands_first(self, page, live_server):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + reverse("admin:labelling_site_changelist"))

        first = page.get_by_role("link", name="Ajouter un site").bounding_box()
        download = page.locator(".object-tools summary").bounding_box()

        assert first["y"] == download["y"]
        assert first["x"] < download["x"]

    def test_the_menu_opens_and_leads_on(self, page, live_server):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url)
        link = page.get_by_label("Menu", exact=True).get_by_role("link", name="Sites")
        assert not link.is_visible()

        page.get_by_role("button", name="Menu").click()
        link.click()

        page.wait_for_url("**/labelling/site/")

    def test_the_values_of_a_list_bear_its_headings(self, page, live_server):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + reverse("admin:labelling_region_changelist"))

        count = page.locator("#result_list td.field-department_count").first
        title = count.evaluate("(cell) => getComputedStyle(cell, '::before').content")

        assert title == '"Départements\u00a0: "'

    @pytest.mark.parametrize("extension", FORMATS)
    def test_each_format_of_the_press_list_is_within_reach(self, page, live_server, extension):
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + reverse("admin:labelling_site_changelist"))

        page.get_by_text(re.compile(r"^Télécharger \d+\ssites?$")).click()
        with page.expect_download() as download:
            page.get_by_role("link", name=FORMATS[extension].label, exact=True).click()

        assert re.fullmatch(
            rf"pimms-labellises-\d{{4}}-\d\d-\d\d\.{extension}", download.value.suggested_filename
        )


class TestFilters:
    def test_stay_beside_the_search_when_one_is_on(self, page, live_server):
        page.set_viewport_size({"width": 1366, "height": 800})
        page.goto(live_server.url + reverse("admin:labelling_site_changelist"))
        before = page.locator(".pill > summary").first.bounding_box()

        page.locator("summary", has_text="Région").click()
        page.get_by_role("link", name="Occitanie").click()

        expect(page.get_by_role("link", name="Effacer les filtres")).to_be_visible()
        after = page.locator(".pill > summary").first.bounding_box()
        assert (after["x"], after["y"]) == (before["x"], before["y"])


class TestTickBoxes:
    def test_take_the_whole_list_beyond_the_page(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_site_changelist"))

        page.get_by_label("Cocher toute la page").check()
        page.get_by_role("button", name="Cocher toute la liste").click()
        assert page.get_by_text("Toute la liste est cochée").is_visible()
        page.get_by_role("button", name="Mettre fin au label…").click()

        page.get_by_role("heading", level=1).wait_for()
        assert "53" in page.locator("#content").inner_text()

    def test_are_not_there_in_the_window_that_chooses_one(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_site_changelist") + "?_popup=1")

        assert page.get_by_role("link", name="PIMMS Nîmes", exact=True).is_visible()
        assert page.get_by_role("checkbox").count() == 0


class TestOnPaper:
    def test_the_list_is_there_without_what_only_a_screen_can_do(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_site_changelist"))
        assert not page.get_by_text("Lignes 1 à 50").is_visible()
        page.get_by_role("link", name="Tout afficher pour imprimer").click()

        page.emulate_media(media="print")

        page.get_by_role("link", name="PIMMS Yvelines").wait_for()
        assert page.get_by_text("Situation arrêtée au").is_visible()
        for selector in ("#header", "#toolbar", "#changelist-filter", ".actions", ".object-tools"):
            assert not page.locator(selector).is_visible()

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "labelling/pressrelease/",
            "labelling/pressrelease/1/document/",
            "labelling/labellingwave/",
            "labelling/labellingwave/3/sites/",
            "labelling/presscontact/",
            "labelling/importrun/1/",
        ],
    )
    def test_a_page_has_no_control_and_a_white_ground(self, page, live_server, path):
        page.emulate_media(media="print", color_scheme="dark")

        page.goto(f"{live_server.url}/{path}")

        controls = "button, .button, summary.button, [type=submit], [type=file], .steps, #header"
        shown = f"[...document.querySelectorAll('{controls}')].filter((e) => e.checkVisibility())"
        assert page.evaluate(f"{shown}.map((e) => e.outerHTML)") == []
        ground = "getComputedStyle(document.querySelector('.main')).backgroundColor"
        assert page.evaluate(ground) in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")


class TestTheCalendar:
    def test_leaves_its_button_in_sight(self, page, live_server):
        page.goto(live_server.url + reverse("admin:labelling_labellingwave_change", args=[3]))

        page.locator("#calendarlink0").click()

        button = page.locator("#calendarlink0").bounding_box()
        calendar = page.locator("#calendarbox0").bounding_box()
        assert calendar["x"] >= button["x"] + button["width"]
