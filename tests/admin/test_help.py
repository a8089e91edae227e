"""« Aide »: each task in the words that its pages have, and each page leads to its own."""

import re
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from typing import ClassVar

import pytest
from django.test import Client

from labelling.admin.addresses import locate_page
from labelling.admin.help import TASKS, Step
from labelling.models import Association, LabellingWave, PressRelease, Site
from labelling.spreadsheets.runs import apply
from tests.conftest import load_network, signed_in
from tests.factories import (
    AssociationFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    records_of_every_page,
)
from tests.spreadsheets.prepared import import_of, prepared
from tests.test_rights import ADDRESSES

STEPS = {
    f"{task.key}-{number}": step
    for task in TASKS
    for number, step in enumerate(task.steps, start=1)
    if step.buttons
}


class Words(HTMLParser):
    """What a page says on buttons, links, headings and labels."""

    TOLD: ClassVar = {"a", "button", "summary", "label", "legend", "h1", "h2", "h3"}

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[str] = []
        self.open: list[int] = []
        self.feed(page)
        self.told = [" ".join(words.split(" ")).strip() for words in self.told]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in self.TOLD:
            self.open.append(len(self.told))
            self.told.append("")
        elif tag == "input" and given.get("type") == "submit":
            self.told.append(given.get("value") or "")

    def handle_endtag(self, tag):
        if tag in self.TOLD and self.open:
            self.open.pop()

    def handle_data(self, data):
        for place in self.open:
            self.told[place] += data


@dataclass(frozen=True)
class World:
    """Who may do everything, and where a page is at the moments when it has its buttons."""

    client: Client
    addresses: dict[str, list[str]]
    # What is posted to leave a message with its button on the next page.
    restoring: str


@pytest.fixture(scope="class")
def world(base_of_the_class) -> World:
    load_network()
    records_of_every_page()
    person = UserFactory(is_superuser=True)
    started = import_of(person)
    changing = prepared("Nom;Département;Commune", "PIMMS Nîmes;Gard;Alès", author=person)
    applied = prepared("Nom;Département", "PIMMS Uzès;Gard", author=person)
    apply.apply(applied, person)
    candidate = SiteFactory()
    coming = WaveFactory(name="Hiver 2030", effective_on=date(2030, 1, 1))
    sent = PressRelease.objects.get(wave__slug="automne-2020")
    draft = PressRelease.objects.drafts().get()
    validated = final(ReleaseFactory(wave=LabellingWave.objects.get(slug="fevrier-2020")))
    # What the sent one lists is found otherwise in the records.
    site = Site.objects.get(name="PIMMS Nîmes")
    site.name = "PIMMS de Nîmes"
    site.save()
    return World(
        signed_in(person),
        {
            "labelling_importrun_change": [
                *(locate_page(run, "change", run.pk) for run in (started, changing, applied)),
            ],
            "labelling_labellingwave_change": [locate_page(coming, "change", coming.pk)],
            "labelling_pressrelease_change": [locate_page(draft, "change", draft.pk)],
            "labelling_pressrelease_changes": [locate_page(sent, "changes", sent.pk)],
            "labelling_pressrelease_document": [
                locate_page(release, "document", release.pk) for release in (validated, sent)
            ],
            "labelling_site_end_label": [f"{locate_page(Site, 'end_label')}?site={site.pk}"],
            "labelling_site_history": [locate_page(site, "history", site.pk)],
            "labelling_site_label": [f"{locate_page(Site, 'label')}?site={candidate.pk}"],
        },
        locate_page(site, "restore", site.pk, site.history.earliest("version").history_id),
    )


@pytest.mark.django_db
class TestSteps:
    @pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
    def test_have_the_words_of_their_page(self, step: Step, world):
        world.client.post(world.restoring)
        addresses = [ADDRESSES[step.page], *world.addresses.get(step.page, ())]
        answers = [world.client.get(address) for address in addresses]
        told = [words for answer in answers for words in Words(answer.text).told]

        missing = [
            button for button in step.buttons if not any(words.startswith(button) for words in told)
        ]

        assert missing == []


class TestTasks:
    def test_are_ten_of_five_lines(self):
        assert [len(task.steps) for task in TASKS] == [5] * 10

    def test_belong_to_pages_that_are_there(self):
        pages = [page for task in TASKS for page in task.pages]

        assert sorted(set(pages)) == sorted(pages)
        assert set(pages) <= set(ADDRESSES)


@pytest.mark.django_db
class TestThePage:
    def test_shows_a_manager_every_task(self, as_manager):
        page = as_manager.get("/aide/").text

        assert titles(page) == [task.title for task in TASKS]
        assert "Ce que votre accès ne permet pas" not in page

    def test_shows_a_reader_what_they_may_do_and_whom_to_ask_for_more(self, as_reader):
        page = as_reader.get("/aide/").text

        assert titles(page) == [
            "Donner la liste, la carte ou la page pour le conseil",
            "Retrouver une fiche, ce qu’elle disait, ou celle qui a été supprimée",
        ]
        assert "Ce que votre accès ne permet pas n’est pas montré ici." in page

    def test_shows_a_reader_no_line_that_they_may_not_follow(self, as_reader, as_manager):
        for words in ("Revenir à cette version", "puis <strong>Remettre</strong>", "Fusionner"):
            assert words not in as_reader.get("/aide/").text
            assert words in as_manager.get("/aide/").text

    def test_marks_the_words_of_the_buttons(self, as_editor):
        page = as_editor.get("/aide/").text

        assert "puis <strong>Importer un tableur</strong>." in page
        assert "**" not in page


@pytest.mark.django_db
class TestTheWayThere:
    @pytest.mark.parametrize(
        ("page", "task"),
        [
            ("/labelling/importrun/add/", "#importer"),
            ("/labelling/site/", "#label"),
            ("/labelling/site/names/", "#noms"),
            ("/chercher/?q=x", "#historique"),
            ("/labelling/pressrelease/", "#communique"),
            ("/labelling/region/", "#presse"),
            ("/labelling/site/deleted/", "#historique"),
            ("/auth/user/", "#acces"),
            ("/labelling/journalentry/", "#acces"),
            ("/", ""),
            ("/aide/", ""),
        ],
    )
    def test_leads_to_the_task_of_the_page(self, page, task, as_manager):
        assert f'<a href="/aide/{task}"' in as_manager.get(page).text

    def test_leads_from_a_merge_to_its_line(self, as_manager):
        page = as_manager.get(f"/labelling/site/merge/?site={SiteFactory().pk}").text

        assert '<a href="/aide/#noms"' in page

    def test_leads_from_an_association_whose_sites_go_elsewhere_to_its_line(self, as_editor):
        page = as_editor.get(locate_page(Association, "attach", AssociationFactory().pk)).text

        assert '<a href="/aide/#noms"' in page

    def test_leads_to_the_top_where_the_task_is_not_told(self, as_reader):
        assert '<a href="/aide/"' in as_reader.get("/labelling/site/").text


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 id="[a-z]+-title">(.*?)</h2>', page)
