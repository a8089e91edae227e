"""What is typed into any form that is posted is there after a session that ends; nobody else's."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from labelling.models import LabellingWave, Site
from tests.browser.test_veil import NOTE, RESTORED, let_in, list_kept, make_person, sign_in
from tests.factories import ContactFactory, LetterheadFactory, WaveFactory, manager
from tests.spreadsheets.prepared import prepared

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana(network) -> User:
    return make_person(first_name="Ana", last_name="Martin", is_superuser=True)


@pytest.fixture
def officer(page, ana, live_server) -> Page:
    let_in(page, ana, live_server.url)
    page.on("dialog", lambda dialog: dialog.accept())
    return page


@pytest.fixture
def run(network, ana):
    """An import with a line to correct, in whose lines one may type."""
    return prepared("Nom;Département;Commune", "PIMMS Nîmes;Gard;Uzès", "PIMMS X;Y;Z", author=ana)


def find_page(name: str) -> str:
    waves = LabellingWave.objects.order_by("-pk")
    site = Site.objects.get(name="PIMMS Nîmes")
    return {
        "a site": lambda: reverse("admin:labelling_site_change", args=[site.pk]),
        "a new site": lambda: reverse("admin:labelling_site_add"),
        "an end of labels": lambda: f"{reverse('admin:labelling_site_end_label')}?site={site.pk}",
        "an association": lambda: reverse("admin:labelling_association_add"),
        "a contact": lambda: reverse(
            "admin:labelling_presscontact_change", args=[ContactFactory().pk]
        ),
        "a letterhead": lambda: reverse(
            "admin:labelling_letterhead_change", args=[LetterheadFactory().pk]
        ),
        "a person": lambda: reverse("admin:auth_user_change", args=[manager().pk]),
        "a wave": lambda: reverse("admin:labelling_labellingwave_change", args=[waves[0].pk]),
        "a release": lambda: f"{reverse('admin:labelling_pressrelease_add')}?wave={waves[0].pk}",
        "an import": lambda: reverse("admin:labelling_importrun_add"),
    }[name]()


# The first field of text that one sees in a form that is posted.
FIELD = (
    "form[method=post] :is(textarea, input[type=text], input[type=date], input[type=email]):visible"
)
NAMES = [
    "a site",
    "a new site",
    "an end of labels",
    "an association",
    "a contact",
    "a letterhead",
    "a person",
    "a wave",
    "a release",
    "an import",
]


def find_field(page: Page) -> Locator:
    return page.locator(FIELD).first


def type_into(field: Locator) -> str:
    text = "2021-03-01" if field.get_attribute("type") == "date" else "tapé"
    field.fill(text)
    return text


def end_session(page: Page, person: User) -> None:
    Session.objects.all().delete()
    page.goto(page.url)
    sign_in(page, person)


@pytest.mark.parametrize("name", NAMES)
def test_typing_of_every_kind_of_record_is_kept(name, officer, ana, live_server):
    officer.goto(live_server.url + find_page(name))
    text = type_into(find_field(officer))

    end_session(officer, ana)

    expect(officer.locator(".kept-typing")).to_have_text(RESTORED)
    expect(find_field(officer)).to_have_value(text)


class TestPagesOfManyForms:
    def test_keep_a_name_that_a_wave_will_have_with_its_lines(self, officer, ana, live_server):
        wave = WaveFactory(name="Janvier 2021", effective_on=date(2021, 1, 1))
        officer.goto(f"{live_server.url}/labelling/labellingwave/{wave.pk}/sites/")
        lines = officer.locator(".new-site")
        count = lines.count()
        for _ in range(2):
            officer.get_by_role("button", name="Ajouter une ligne").click()
        lines.last.get_by_label("Nom").fill("PIMMS Uzès")

        end_session(officer, ana)

        expect(lines).to_have_count(count + 2)
        expect(lines.last.get_by_label("Nom")).to_have_value("PIMMS Uzès")
        assert officer.locator("#new-sites [name$=-TOTAL_FORMS]").input_value() == str(count + 2)

    def test_keep_a_motive(self, officer, ana, live_server):
        site = Site.objects.get(pk=5)
        officer.goto(live_server.url + reverse("admin:labelling_site_change", args=[site.pk]))
        officer.get_by_text("Ne plus signaler…").first.click()
        officer.get_by_label("Motif").first.fill("Vu avec le site")

        end_session(officer, ana)

        expect(officer.get_by_label("Motif").first).to_be_visible()
        expect(officer.get_by_label("Motif").first).to_have_value("Vu avec le site")

    def test_keep_the_cell_of_a_line_and_no_other(self, officer, ana, live_server, run):
        officer.goto(f"{live_server.url}/labelling/importrun/{run.pk}/?state=error")
        cell = officer.locator("input[name^=cell-]").first
        cell.fill("Lozère")

        assert len(list_kept(officer)) == 1
        end_session(officer, ana)

        expect(cell).to_have_value("Lozère")
        expect(officer.locator(".kept-typing")).to_have_count(1)


class TestWhatIsNotKept:
    def test_is_what_was_saved_elsewhere(self, officer, ana, live_server):
        site = Site.objects.get(name="PIMMS Nîmes")
        officer.goto(live_server.url + reverse("admin:labelling_site_change", args=[site.pk]))
        officer.get_by_role("textbox", name="Note interne").fill(NOTE)
        site.note = "Écrit par une autre personne"
        site.save()

        end_session(officer, ana)

        expect(officer.get_by_role("textbox", name="Note interne")).to_have_value(site.note)
        assert list_kept(officer) == []

    def test_is_a_password_nor_a_search(self, officer, live_server):
        officer.goto(live_server.url + reverse("admin:password_change"))
        for field in officer.locator("[type=password]").all():
            field.fill("secret")
        assert list_kept(officer) == []

        officer.goto(live_server.url + reverse("admin:labelling_site_changelist"))
        officer.get_by_role("searchbox", name="Rechercher").fill("nimes")
        officer.locator(".action-select").first.check()
        assert list_kept(officer) == []

    def test_costs_a_page_of_many_forms_nothing(self, officer, ana, live_server):
        """One form is read at a time, however many there are."""
        lines = [f"PIMMS X{n};Y{n};Z" for n in range(60)]
        run = prepared("Nom;Département;Commune", *lines, author=ana)
        officer.goto(f"{live_server.url}/labelling/importrun/{run.pk}/?state=error")
        assert officer.locator("form[id^=form-]").count() > 15
        officer.evaluate(
            """() => {
              const form = HTMLFormElement.prototype;
              const { get } = Object.getOwnPropertyDescriptor(form, "elements");
              window.formsRead = new Set();
              Object.defineProperty(form, "elements", {
                get() {
                  window.formsRead.add(this);
                  return get.call(this);
                },
              });
            }"""
        )

        officer.locator("input[name^=cell-]").last.press_sequentially("Uzès")

        assert officer.evaluate("formsRead.size") == 1
        assert len(list_kept(officer)) == 1
