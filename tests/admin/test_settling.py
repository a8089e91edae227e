"""« Ne plus signaler »: on the pages of sites, waves and releases."""

import datetime as dt
import re

import pytest

from labelling.models import AcceptedFinding, LabellingWave, PressRelease, Site
from labelling.models.accepted import STILL_LISTED, make_end_evidence
from tests.admin.forms import sentences
from tests.factories import SiteFactory, UserFactory, tamper

pytestmark = pytest.mark.django_db

SETTLE = "/labelling/site/settle/"
LIST = "/labelling/site/"


def offered(page: str, rule: str) -> dict[str, str]:
    """What the form that accepts a finding holds."""
    form = re.search(rf'<form[^>]* id="settle-{rule}".*?</form>', page, re.DOTALL)
    assert form is not None
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))


def again(page: str) -> str:
    (key,) = re.findall(r'name="again" value="(\d+)"', page)
    return key


@pytest.fixture
def cotonne(network) -> Site:
    return Site.objects.get(name__endswith="La Cotonne")


@pytest.fixture
def address(cotonne) -> str:
    return f"{LIST}{cotonne.pk}/change/"


class TestAFindingOfASite:
    def test_is_told_no_longer_once_it_is_accepted(self, cotonne, address, as_editor):
        form = offered(as_editor.get(address).text, "Q002")

        answer = as_editor.post(SETTLE, {**form, "motive": "Vu avec la mairie"}, follow=True)

        assert answer.redirect_chain == [(address, 302)]
        assert sentences(answer) == [
            f"{cotonne} : « Le code commune dit Loire. » n’est plus signalé."
        ]
        assert "finding-Q002" not in answer.text
        assert "À vérifier" not in answer.text
        assert 'À vérifier\n<span class="count warn">2</span>' in as_editor.get(LIST).text

    def test_stands_on_its_page_with_who_and_why_and_is_told_again(
        self, cotonne, address, as_editor
    ):
        form = offered(as_editor.get(address).text, "Q002")
        until = {"motive": "Vu avec la mairie", "until": "31/12/2099"}
        page = " ".join(as_editor.post(SETTLE, {**form, **until}, follow=True).text.split())
        assert "Signalement accepté par " in page
        assert "jusqu’au 31 décembre 2099&nbsp;: Vu avec la mairie" in page

        told = as_editor.post(SETTLE, {"again": again(page)}, follow=True)

        assert sentences(told) == [f"{cotonne} : cela sera signalé de nouveau."]
        assert 'id="finding-Q002"' in told.text
        assert not AcceptedFinding.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            (
                {"motive": " "},
                "Écrivez pourquoi ce signalement est accepté : rien n’a été enregistré.",
            ),
            (
                {"motive": "Vu", "until": "2020-01-01"},
                "Le 1er janvier 2020 est passé : donnez une date à venir, ou aucune.",
            ),
            (
                {"motive": "Vu", "until": "bientôt"},
                "« bientôt » : ce n’est pas une date. Écrivez la date ainsi : 14/10/2020.",
            ),
            ({"motive": "x" * 301}, "Le motif est trop long : 300 caractères au plus."),
        ],
    )
    def test_is_not_accepted_without_a_motive_or_until_no_day(
        self, address, as_editor, typed, said
    ):
        form = offered(as_editor.get(address).text, "Q002")

        answer = as_editor.post(SETTLE, {**form, **typed}, follow=True)

        (refused,) = answer.context["form"].errors.values()
        assert [sentence.replace("\u00a0", " ") for sentence in refused] == [said]
        assert not AcceptedFinding.objects.exists()

    def test_that_was_refused_is_accepted_once_it_is_corrected(self, cotonne, address, as_editor):
        form = offered(as_editor.get(address).text, "Q002")
        del form["csrfmiddlewaretoken"]
        typed = {"motive": "Vu avec la mairie", "until": "31/02/2099"}
        refused = as_editor.post(SETTLE, {**form, **typed}).text
        assert 'value="Vu avec la mairie"' in refused
        assert 'value="31/02/2099"' in refused
        kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', refused))
        assert form.items() <= kept.items()

        as_editor.post(SETTLE, {**kept, "until": "28 février 2099"})

        assert AcceptedFinding.objects.get().until == dt.date(2099, 2, 28)

    def test_is_not_accepted_where_it_changed_meanwhile(self, cotonne, address, as_editor):
        form = offered(as_editor.get(address).text, "Q002")
        cotonne.commune_code = "69123"
        cotonne.save()

        answer = as_editor.post(SETTLE, {**form, "motive": "Vu"}, follow=True)

        assert sentences(answer) == [
            (
                f"{cotonne} : ce qui est signalé a changé depuis que cette page est ouverte. "
                "Rien n’a été accepté : relisez-le."
            )
        ]
        assert not AcceptedFinding.objects.exists()

    def test_that_somebody_mended_meanwhile_is_said_to_be(self, cotonne, address, as_editor):
        form = offered(as_editor.get(address).text, "Q002")
        cotonne.commune_code = ""
        cotonne.save()

        answer = as_editor.post(SETTLE, {**form, "motive": "Vu"}, follow=True)

        assert sentences(answer) == [f"{cotonne} : cela n’est plus signalé."]

    @pytest.mark.parametrize(
        "sent", [{"rule": "Q999", "record": "1"}, {"rule": "Q002", "record": "x"}, {"again": "9"}]
    )
    def test_that_is_none_is_not_accepted(self, sent, as_editor):
        answer = as_editor.post(SETTLE, sent, follow=True)

        assert sentences(answer) == ["Ce signalement n’existe plus : rien n’a été enregistré."]

    def test_is_not_settled_by_who_may_only_read(self, cotonne, address, as_editor, as_reader):
        form = offered(as_editor.get(address).text, "Q002")
        page = as_reader.get(address).text
        assert "Ne plus signaler" not in page

        assert as_reader.post(SETTLE, {**form, "motive": "Vu"}).status_code == 403
        assert not AcceptedFinding.objects.exists()

    def test_that_a_name_was_made_is_accepted_in_one_click(self, as_editor):
        site = SiteFactory(name="PIMMS Nîmes", made_name="PIMMS Nîmes", state_name="Pimms Nîmes")
        page = as_editor.get(f"{LIST}{site.pk}/change/").text
        assert "Accepter ce nom</button>" in page

        answer = as_editor.post(SETTLE, offered(page, "Q004"), follow=True)

        assert "finding-Q004" not in answer.text
        assert "Nom relu" in answer.text

    def test_that_the_state_still_lists_it_stands_on_its_page(self, as_editor):
        site = SiteFactory(ended=True)
        AcceptedFinding.objects.create(
            rule=STILL_LISTED,
            model_key="site",
            record_id=site.pk,
            evidence=make_end_evidence(site.withdrawn_on),
            motive="Notre fin de label fait foi",
            accepted_by=UserFactory(),
        )
        page = as_editor.get(f"{LIST}{site.pk}/change/").text
        assert "L’État liste encore ce site, dont le label a pris fin." in page

        as_editor.post(SETTLE, {"again": again(page)})

        assert not AcceptedFinding.objects.exists()


class TestAFindingOfAWave:
    def test_is_settled_on_its_page_and_in_its_release(self, network, as_editor):
        wave = LabellingWave.objects.get(slug="automne-2020")
        address = f"/labelling/labellingwave/{wave.pk}/change/"
        form = offered(as_editor.get(address).text, "Q001")

        answer = as_editor.post(SETTLE, {**form, "motive": "Chiffres de l’État"}, follow=True)

        assert answer.redirect_chain == [(address, 302)]
        assert "finding-Q001" not in answer.text
        assert "annoncé est 856" not in as_editor.get("/").text


class TestAFindingOfARelease:
    def test_is_settled_on_its_page(self, network, as_manager):
        release = PressRelease.objects.frozen().first()
        tamper(release, content={**release.content, "title": "Un autre titre"})
        address = f"/labelling/pressrelease/{release.pk}/document/"
        page = as_manager.get(address).text
        assert "son empreinte a changé" in page

        answer = as_manager.post(
            SETTLE, {**offered(page, "Q003"), "motive": "Coquille connue"}, follow=True
        )

        assert answer.redirect_chain == [(address, 302)]
        assert 'class="errornote"' not in answer.text.partition("<dialog")[0]
        assert "Coquille connue" in answer.text
        stored = AcceptedFinding.objects.get()
        assert (stored.rule, stored.accepted_at.date()) == ("Q003", dt.datetime.now(dt.UTC).date())
