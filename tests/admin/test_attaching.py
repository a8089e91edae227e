"""« Rattacher ses sites »: two records of one association, of which one keeps all the sites."""

import re
from html import unescape

import pytest
from django.urls import reverse

from labelling.models import Association, Site
from tests.factories import AssociationFactory, SiteFactory

pytestmark = pytest.mark.django_db

LINK = "Rattacher ses sites à une autre association…"


def page(name: str, association: Association) -> str:
    return reverse(f"admin:labelling_association_{name}", args=[association.pk])


def read(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def said(answer) -> list[str]:
    return [str(message).replace("\u00a0", " ") for message in answer.context["messages"]]


@pytest.fixture
def twin() -> Association:
    """An association with three sites, of which it is the second record."""
    twin = AssociationFactory(name="Metropole Stephanoise (asso)")
    for situation in ({}, {"labelled": True}, {"ended": True}):
        SiteFactory(association=twin, **situation)
    return twin


@pytest.fixture
def kept() -> Association:
    return AssociationFactory(name="Métropole Stéphanoise")


class TestItsPage:
    def test_leads_there_who_may_change_sites(self, twin, as_editor, as_reader):
        address = page("change", twin)

        assert f'<a href="{page("attach", twin)}" class="quiet">{LINK}' in (
            as_editor.get(address).text
        )
        assert LINK not in as_reader.get(address).text

    def test_does_not_where_there_is_no_site(self, kept, as_editor):
        assert LINK not in as_editor.get(page("change", kept)).text

    def test_does_not_propose_it_to_itself(self, twin, kept, as_editor):
        asked = "app_label=labelling&model_name=site&field_name=association&term=stephan"
        answer = as_editor.get(page("attach", twin))
        (address,) = re.findall(r'data-ajax--url="(.*?)"', answer.text)

        found = as_editor.get(f"{address}&{asked}").json()

        assert [one["text"] for one in found["results"]] == [kept.name]

    def test_says_how_many_go(self, twin, as_editor):
        words = read(as_editor.get(page("attach", twin)))

        assert "3 sites passent de «" in words


class TestAttaching:
    def test_gives_all_the_sites_and_leaves_the_record_to_delete(self, twin, kept, as_manager):
        other = SiteFactory(association=kept)

        answer = as_manager.post(page("attach", twin), {"other": kept.pk}, follow=True)

        assert answer.redirect_chain == [(page("change", twin), 302)]
        (sentence,) = said(answer)
        assert sentence == (
            "3 sites sont rattachés à « Métropole Stéphanoise ». S’il s’agit d’une même "
            "association, cette fiche, qui n’a plus de site, peut être supprimée."
        )
        assert kept.sites.count() == 4
        assert [site.history.count() for site in Site.objects.exclude(pk=other.pk)] == [2, 2, 2]
        as_manager.post(page("delete", twin), {"post": "yes"})
        assert [*Association.objects.all()] == [kept]

    def test_is_taken_back_by_its_message(self, twin, kept, as_editor):
        answer = as_editor.post(page("attach", twin), {"other": kept.pk}, follow=True)
        (message,) = answer.context["messages"]

        back = as_editor.post(message.extra_tags.removeprefix("undo="), follow=True)

        assert back.redirect_chain == [(page("change", twin), 302)]
        assert (twin.sites.count(), kept.sites.count()) == (3, 0)

    def test_twice_is_done_once(self, twin, kept, as_editor):
        as_editor.post(page("attach", twin), {"other": kept.pk}, follow=True)

        again = as_editor.post(page("attach", twin), {"other": kept.pk}, follow=True)

        assert said(again) == [f"{twin} n’a aucun site : rien n’a été changé."]

    @pytest.mark.parametrize(
        ("other", "refusal"),
        [
            ("", "Choisissez l’autre association."),
            ("itself", "C’est la même association. Choisissez l’autre."),
        ],
    )
    def test_needs_another_association(self, twin, as_editor, other, refusal):
        sent = {"other": twin.pk if other else ""}

        answer = as_editor.post(page("attach", twin), sent)

        assert refusal in read(answer)
        assert twin.sites.count() == 3

    def test_is_no_matter_of_a_reader(self, twin, kept, as_reader):
        answer = as_reader.post(page("attach", twin), {"other": kept.pk})

        assert answer.status_code == 403
        assert twin.sites.count() == 3
