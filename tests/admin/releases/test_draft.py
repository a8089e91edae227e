"""The page of a draft: what it takes over, its preview, rewritten sentences, what it warns of."""

import html
import json
import re
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labelling.models import LabellingWave, PressContact, PressRelease
from labelling.press_release import drafting
from tests.admin.forms import filled, sentences
from tests.conftest import signed_in
from tests.factories import (
    ContactFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
)

ADD = "/labelling/pressrelease/add/"
NEW_PREVIEW = "/labelling/pressrelease/preview/"
EMBARGO = datetime(2020, 10, 14, 8, tzinfo=UTC)
AS_SCRIPT = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: date(2021, 1, 20))


@pytest.fixture
def winter(network):
    wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 15))
    SiteFactory.create_batch(2, wave=wave)
    return wave


def page_of(release, page="change"):
    return f"/labelling/pressrelease/{release.pk}/{page}/"


class TestPreparing:
    def test_begins_on_the_wave(self, winter, as_editor):
        page = as_editor.get(f"/labelling/labellingwave/{winter.pk}/press-release/").text

        assert (
            f'<a href="{ADD}?wave={winter.pk}" class="default">Préparer le communiqué</a>' in page
        )

    def test_shows_a_complete_draft_before_anything_is_typed(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})

        assert "2\u00a0PIMMS supplémentaires obtiennent la labellisation" in page.text
        assert "PROJET – NE PAS DIFFUSER" in page.text
        assert not PressRelease.objects.filter(wave=winter).exists()

    def test_leads_to_the_document(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}))

        answer = as_editor.post(ADD, data)

        draft = PressRelease.objects.get(wave=winter)
        assert answer["Location"] == page_of(draft, "document")
        assert draft.about.startswith("Créée en 1998")

    def test_offers_the_waves_that_have_no_release(self, winter, as_editor):
        page = as_editor.get(ADD)

        names = [str(wave) for wave in page.context["adminform"].form.fields["wave"].queryset]
        assert names == ["Hiver 2021", "Février 2020", "Janvier 2020"]

    def test_offers_no_wave_of_which_it_was_said_what_became_of_its_release(
        self, winter, as_editor
    ):
        LabellingWave.objects.filter(name="Janvier 2020").update(past_release="none")

        page = as_editor.get(ADD)

        names = [str(wave) for wave in page.context["adminform"].form.fields["wave"].queryset]
        assert names == ["Hiver 2021", "Février 2020"]

    def test_does_not_begin_on_a_wave_that_has_its_release(self, winter, as_editor):
        wave = LabellingWave.objects.get(name="Automne 2020")

        page = as_editor.get(ADD, {"wave": wave.pk})

        assert page.context["adminform"].form["wave"].value() is None
        assert page.context["preview"]["body"] == ""

    def test_proposes_no_contact_past_their_date_but_keeps_the_one_there_is(self, as_editor, db):
        gone = ContactFactory(proposed_until=date(2020, 12, 31))
        there = ContactFactory()
        release = ReleaseFactory(contact=gone)

        offered = as_editor.get(ADD).context["adminform"].form.fields["contact"].queryset
        kept = as_editor.get(page_of(release)).context["adminform"].form.fields["contact"].queryset

        assert list(offered) == [there]
        assert list(kept) == [gone, there]


class TestTheOtherParagraphs:
    def test_say_where_they_are_printed(self, network, as_editor):
        october = PressRelease.objects.get()
        erratum = drafting.prepare_erratum(october, [], date(2021, 1, 20))
        again = drafting.prepare_replacement(october, date(2021, 1, 20))

        assert "Imprimés après les chiffres, avant la liste." in as_editor.get(page_of(again)).text
        page = as_editor.get(page_of(erratum)).text
        assert "après les chiffres" not in page
        assert "Imprimée après les lignes à rectifier." in page


class TestThePreview:
    @pytest.mark.parametrize(("day", "count"), [("14/10/2020", 0), ("14/10/2098", 1)])
    def test_shows_an_embargo_that_runs_and_none_that_has_passed(
        self, winter, as_editor, day, count
    ):
        typed = {"embargo_until_0": day, "embargo_until_1": "10 h"}
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), **typed)

        answer = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()

        assert answer["body"].count("Sous embargo") == count

    def test_says_what_is_typed_and_saves_nothing(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), own_title="13 PIMMS de plus")

        answer = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()

        assert "<h1>13 PIMMS de plus</h1>" in answer["body"]
        assert answer["computed"]["own_title"] == (
            "2\u00a0PIMMS supplémentaires obtiennent la labellisation France Services"
        )
        assert answer["findings"]["own_title"] == [
            (
                "«\u00a013 PIMMS\u00a0» est annoncé\u202f; la liste compte 2\u00a0nouveaux sites "
                "et 55\u00a0sites en tout."
            )
        ]
        assert not PressRelease.objects.filter(wave=winter).exists()

    def test_of_a_saved_draft_saves_nothing_either(self, as_editor, db):
        release = ReleaseFactory()
        data = filled(as_editor.get(page_of(release)), place="Lyon")

        answer = as_editor.post(page_of(release, "preview"), data, headers=AS_SCRIPT).json()

        assert "Lyon, mercredi" in answer["body"]
        release.refresh_from_db()
        assert (release.place, release.version) == ("Paris", 1)

    def test_without_a_script_is_a_page(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), own_title="Un titre")

        page = as_editor.post(NEW_PREVIEW, data).text

        assert "<h1>Un titre</h1>" in page
        assert "Rien n’est enregistré" in page

    def test_holds_what_can_be_read_of_a_form_that_is_wrong(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), issued_on="demain", brand="")

        answer = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()

        assert "Paris, mercredi 20\u00a0janvier 2021" in answer["body"]

    def test_without_a_wave_asks_for_it(self, as_editor, db):
        assert as_editor.post(NEW_PREVIEW, {}, headers=AS_SCRIPT).json()["body"] == ""
        assert "Choisissez d’abord la vague." in as_editor.post(NEW_PREVIEW, {}).text

    def test_of_what_is_frozen_is_refused(self, as_editor, db):
        release = final(ReleaseFactory())

        assert as_editor.post(page_of(release, "preview"), {}).status_code == 403

    def test_asks_for_its_token(self, editor, db):
        client = Client(enforce_csrf_checks=True)
        client.force_login(editor)

        assert client.post(NEW_PREVIEW, {}).status_code == 403

    def test_shows_names_as_text(self, winter, as_editor):
        data = filled(
            as_editor.get(ADD, {"wave": winter.pk}), own_title="<script>alert(1)</script>"
        )

        body = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()["body"]

        assert "<script>" not in body


class TestEachKeystroke:
    """The preview reads the list of sites once, whatever is said of it; a new one, ends too."""

    def lists_read(self, client, address, data):
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(address, data, headers=AS_SCRIPT)
        assert answer.json()["body"]
        return sum('FROM "labelling_site"' in query["sql"] for query in captured)

    def test_of_a_new_draft(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), own_title="13 PIMMS de plus")

        assert self.lists_read(as_editor, NEW_PREVIEW, data) == 2

    def test_of_a_rectificatif(self, network, as_editor):
        erratum = drafting.prepare_erratum(PressRelease.objects.get(), [], date(2021, 1, 20))
        data = filled(
            as_editor.get(page_of(erratum)), errata="PIMMS Nîmes, nom | PIMMS Nîmes | PIMMS"
        )

        assert self.lists_read(as_editor, page_of(erratum, "preview"), data) == 1


class TestWhatIsAsked:
    """By buttons of the form, without a script: it comes back with all that was typed."""

    def press(self, client, page, button, **typed):
        """Press the button that says `button`, with what was typed meanwhile."""
        name, value = re.search(
            rf'name="(\w+)" value="([^"]+)" formaction="[^"]+" aria-describedby="[^"]+">{button}<',
            page.text,
        ).groups()
        address = page.wsgi_request.get_full_path()
        return client.post(address, {**filled(page, **typed), name: value})

    def test_offers_the_paragraphs_of_the_last_release(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})

        assert page.text.count("Reprendre le paragraphe du 14\u00a0octobre 2020\u00a0:") == 2
        assert "Reprendre la fin de phrase du 14\u00a0octobre 2020\u00a0:" in page.text
        closing = page.text.split("field-closing")[1]
        assert "<blockquote>Les PIMMS ont été cités" in closing
        assert "cités" not in page.context["preview"]["body"]

    def test_takes_one_and_keeps_what_was_typed(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})

        page = self.press(
            as_editor, page, "Reprendre la fin de phrase", own_title="À nous", place="Lyon"
        )

        typed = filled(page)
        assert typed["network_detail"].startswith("dont une partie importante")
        assert (typed["own_title"], typed["place"], typed["closing"]) == ("À nous", "Lyon", "")
        assert "Reprendre la fin de phrase" not in page.text
        assert "dont une partie importante" in page.context["preview"]["body"]
        assert not PressRelease.objects.filter(wave=winter).exists()
        (said,) = sentences(page)
        assert said.startswith("Le texte du 14 octobre 2020 est repris dans « Complément à")

    def test_adds_to_what_is_written_in_a_stored_draft(self, winter, as_editor):
        draft = ReleaseFactory(wave=winter, issued_on=date(2021, 1, 20), attendance="Présents.")
        page = as_editor.get(page_of(draft))

        page = self.press(as_editor, page, "Reprendre le paragraphe")

        assert filled(page)["attendance"].startswith("Présents.\n\nLe comité de pilotage")
        draft.refresh_from_db()
        assert draft.attendance == "Présents."
        assert as_editor.post(page_of(draft), filled(page)).status_code == 302
        draft.refresh_from_db()
        assert draft.attendance.startswith("Présents.\n\nLe comité")

    def test_says_that_a_paragraph_is_no_longer_offered(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), take="closing-gone", place="Lyon")

        page = as_editor.post(ADD, data)

        assert sentences(page) == ["Ce paragraphe n’est plus proposé : rien n’a été ajouté."]
        assert filled(page)["place"] == "Lyon"

    @pytest.mark.parametrize(
        ("button", "field", "day"),
        [
            ("La garder arrêtée au 15.janvier 2021", "list_closed_on", date(2021, 1, 15)),
            ("L’arrêter au 20.janvier 2021, date du communiqué", "announced_on", date(2021, 1, 20)),
        ],
    )
    def test_when_the_list_is_closed_and_keeps_it_on_the_wave(
        self, winter, as_editor, button, field, day
    ):
        page = as_editor.get(ADD, {"wave": winter.pk})
        assert "À quelle date la liste de la vague Hiver 2021 est-elle arrêtée" in page.text

        page = self.press(as_editor, page, button, own_title="À nous")

        winter.refresh_from_db()
        assert (getattr(winter, field), winter.situation_on) == (day, day)
        entry = winter.history.first()
        assert entry.history_change_reason == "Répondu en préparant le communiqué"
        assert filled(page)["own_title"] == "À nous"
        assert "À quelle date" not in page.text
        assert f"Situation arrêtée au {day.day}" in page.context["preview"]["body"]
        assert "À quelle date" not in as_editor.get(ADD, {"wave": winter.pk}).text
        listed = LabellingWave.objects.with_counts().get(pk=winter.pk)
        assert (listed.new_count, listed.total_count) == (2, 55)

    def test_asks_about_the_date_that_is_typed(self, winter, as_editor):
        typed = filled(as_editor.get(ADD, {"wave": winter.pk}), issued_on="22 janvier 2021")

        asked = as_editor.post(NEW_PREVIEW, typed, headers=AS_SCRIPT).json()["questions"]

        assert "L’arrêter au 22\u00a0janvier 2021, date du communiqué" in asked["issued_on"]
        assert 'value="announced_on 2021-01-22"' in asked["issued_on"]
        winter.announced_on = date(2021, 1, 19)
        winter.save()
        asked = as_editor.post(NEW_PREVIEW, typed, headers=AS_SCRIPT).json()["questions"]
        assert "issued_on" not in asked

    def test_changes_nothing_that_somebody_else_said_meanwhile(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})
        winter.announced_on = date(2021, 1, 19)
        winter.save()

        page = self.press(as_editor, page, "La garder arrêtée au 15.janvier 2021")

        assert sentences(page) == [
            (
                "La liste de la vague Hiver 2021 est déjà arrêtée au 19 janvier 2021 : rien n’a "
                "été changé. Vous pouvez changer cette date sur la fiche de la vague."
            )
        ]
        winter.refresh_from_db()
        assert winter.list_closed_on is None

    def test_says_why_a_day_cannot_be(self, winter, as_editor):
        winter.decided_on = date(2021, 1, 25)
        winter.save()
        page = as_editor.get(ADD, {"wave": winter.pk})

        page = self.press(as_editor, page, "L’arrêter au 20.janvier 2021, date du communiqué")

        (said,) = sentences(page)
        assert said.startswith("L’annonce ne peut pas précéder le comité de pilotage")
        winter.refresh_from_db()
        assert winter.announced_on is None

    def test_asks_who_may_change_the_wave_alone(self, winter, db):
        names = ("view_pressrelease", "add_pressrelease", "change_pressrelease")
        person = UserFactory(is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client = signed_in(person)
        page = client.get(ADD, {"wave": winter.pk})

        assert "La vague n’a pas de date d’annonce" in page.text
        assert "À quelle date" not in page.text
        data = filled(page, list_day="announced_on 2021-01-20")
        assert client.post(ADD, data).status_code == 403
        winter.refresh_from_db()
        assert winter.announced_on is None

    def test_asks_nothing_of_what_corrects(self, network, as_editor):
        october = PressRelease.objects.get()
        october.wave.announced_on = None
        october.wave.save()
        again = drafting.prepare_replacement(october, date(2021, 1, 20))
        erratum = drafting.prepare_erratum(october, [], date(2021, 1, 20))

        for draft in (again, erratum):
            assert 'class="question"' not in as_editor.get(page_of(draft)).text


class TestASentence:
    def test_shows_whether_it_is_derived_or_rewritten(self, as_editor, db):
        release = ReleaseFactory(own_lead="Un chapô à nous.")

        page = as_editor.get(page_of(release)).text

        assert page.count("<strong data-state>Phrase réécrite</strong>") == 1
        assert page.count("<strong data-state>Phrase calculée</strong>") == 6
        assert page.count("Reprendre la phrase calculée") == 7

    def test_left_blank_is_given_back_to_the_records(self, as_editor, db):
        release = ReleaseFactory(own_lead="Un chapô à nous.")

        as_editor.post(
            page_of(release), filled(as_editor.get(page_of(release)), own_lead=""), follow=True
        )

        page = as_editor.get(page_of(release, "document")).text
        assert "Un chapô à nous." not in page
        assert "Aucun PIMMS n’a obtenu la labellisation" in page

    def test_typed_as_it_is_derived_still_follows_the_records(self, as_editor, db):
        release = ReleaseFactory()
        form = as_editor.get(page_of(release))
        derived = html.unescape(re.search(r'id_own_title_computed"[^>]*>([^<]+)<', form.text)[1])

        as_editor.post(page_of(release), filled(form, own_title=derived, own_lead="À nous."))

        release.refresh_from_db()
        assert (release.own_title, release.own_lead) == ("", "À nous.")


class TestWarnings:
    def test_stand_beside_their_field_and_block_nothing(self, as_editor, network):
        wave = LabellingWave.objects.get(slug="automne-2020")
        PressContact.objects.update(proposed_until=date(2020, 12, 31))
        release = ReleaseFactory(
            wave=wave,
            kind="erratum",
            corrects=PressRelease.objects.get(),
            contact=PressContact.objects.get(),
        )
        page = as_editor.get(page_of(release)).text

        contact = page.split('data-findings="contact"')[1].split("</div>")[0]
        assert "n’est plus à proposer depuis le 31\u00a0décembre 2020." in contact
        answer = as_editor.post(page_of(release), filled(as_editor.get(page_of(release))))
        assert answer.status_code == 302

    def test_tell_of_carriers_that_do_not_add_up(self, as_editor, network):
        draft = drafting.prepare_replacement(PressRelease.objects.get(), date(2021, 1, 20))

        page = as_editor.get(page_of(draft)).text

        figures = page.split('data-findings="own_figures"')[1].split("</div>")[0]
        assert "Les chiffres par porteur font 859, le total annoncé est 856." in figures


def typed(day: str, hour: str) -> dict[str, str]:
    return {"embargo_until_0": day, "embargo_until_1": hour}


class TestAnEmbargo:
    @pytest.mark.parametrize(
        ("day", "hour"),
        [("14/10/2020", "10 h"), ("1er septembre 2021", "10h30"), ("14102020", "9:05")],
    )
    def test_is_typed_as_people_write_it_in_local_time(self, as_editor, db, day, hour):
        release = ReleaseFactory()

        as_editor.post(
            page_of(release), filled(as_editor.get(page_of(release)), **typed(day, hour))
        )

        release.refresh_from_db()
        assert (
            release.embargo_until
            == {
                "14/10/2020": datetime(2020, 10, 14, 8, tzinfo=UTC),
                "1er septembre 2021": datetime(2021, 9, 1, 8, 30, tzinfo=UTC),
                "14102020": datetime(2020, 10, 14, 7, 5, tzinfo=UTC),
            }[day]
        )

    def test_is_read_in_words_by_who_may_only_read(self, as_reader, db):
        page = as_reader.get(page_of(ReleaseFactory(embargo_until=EMBARGO))).text

        assert "14\u00a0octobre 2020 à 10\u00a0h" in page

    def test_is_shown_in_two_fields_and_printed(self, as_editor, db):
        release = ReleaseFactory(embargo_until=EMBARGO.replace(year=2098))

        page = as_editor.get(page_of(release)).text

        day, hour = re.findall(r'<input[^>]* name="embargo_until_[01]"[^>]*>', page)
        assert 'type="text"' in day
        assert 'value="14/10/2098"' in day
        assert 'value="10\u00a0h"' in hour
        assert '<label for="id_embargo_until_0">Sous embargo jusqu’au</label>' in page
        assert '<label for="id_embargo_until_1">Heure</label>' in page
        assert "Sous embargo jusqu’au mardi 14\u00a0octobre 2098 à 10\u00a0h" in page
        assert as_editor.post(page_of(release), filled(as_editor.get(page_of(release))))
        assert release.history.count() == 1

    @pytest.mark.parametrize(
        ("day", "hour", "sentence"),
        [
            (
                "14/10/2020",
                " ",
                (
                    "«~14/10/2020~»~: il manque l’heure. Écrivez-la ainsi~: 10~h, ou effacez "
                    "aussi la date."
                ),
            ),
            (
                "",
                "10 h",
                (
                    "«~10 h~»~: il manque la date. Écrivez la date ainsi~: 14/10/2020, ou effacez "
                    "aussi l’heure."
                ),
            ),
            (
                "14/10/2020",
                "matin",
                "«~matin~»~: ce n’est pas une heure. Écrivez-la ainsi~: 10 h, ou 10 h 30.",
            ),
            (
                "31/02/2021",
                "10 h",
                (
                    "«~31/02/2021~»~: ce jour n’existe pas. Le mois finit le 28~février 2021~: "
                    "écrivez par exemple 28/02/2021."
                ),
            ),
            (
                "28/03/2021",
                "2h30",
                (
                    "«~28/03/2021 à 2 h 30~»~: on passe ce jour-là à l’heure d’été, cette heure "
                    "n’existe pas. Écrivez par exemple 1~h~30 ou 3~h~30."
                ),
            ),
        ],
    )
    def test_is_refused_where_it_stands_with_what_was_typed(
        self, as_editor, db, day, hour, sentence
    ):
        release = ReleaseFactory(embargo_until=EMBARGO)
        form = filled(as_editor.get(page_of(release)), **typed(day, hour), place="Lyon")

        answer = as_editor.post(page_of(release), form)

        errors = answer.context["adminform"].form.errors
        assert errors == {"embargo_until": [sentence.replace("~", "\u00a0")]}
        assert filled(answer).items() >= {**typed(day, hour), "place": "Lyon"}.items()
        release.refresh_from_db()
        assert release.embargo_until == EMBARGO

    def test_is_lifted_by_emptying_both_fields(self, as_editor, db):
        release = ReleaseFactory(embargo_until=EMBARGO)

        as_editor.post(page_of(release), filled(as_editor.get(page_of(release)), **typed("", "")))

        release.refresh_from_db()
        assert release.embargo_until is None

    def test_that_is_half_typed_is_told_in_the_preview(self, as_editor, db):
        release = ReleaseFactory()
        form = filled(as_editor.get(page_of(release)), **typed("14/10/2020", ""))

        printed = as_editor.post(page_of(release, "preview"), form, headers=AS_SCRIPT).json()

        assert printed["findings"]["embargo_until"] == [
            (
                "«\u00a014/10/2020\u00a0»\u00a0: il manque l’heure. Écrivez-la ainsi\u00a0: "
                "10\u00a0h, ou effacez aussi la date."
            )
        ]

    def test_of_a_colleague_is_put_together_with_what_one_typed(self, as_editor, db):
        release = ReleaseFactory()
        form = filled(as_editor.get(page_of(release)), place="Lyon")
        release.embargo_until = EMBARGO
        release.save()

        merged = filled(as_editor.post(page_of(release), form))

        assert merged["embargo_until_0"] == "14/10/2020"
        assert merged["embargo_until_1"] == "10\u00a0h"
        assert merged["place"] == "Lyon"

    def test_that_both_changed_is_shown_twice(self, as_editor, db):
        release = ReleaseFactory()
        form = filled(as_editor.get(page_of(release)), **typed("15/10/2020", ""))
        release.embargo_until = EMBARGO
        release.save()

        answer = as_editor.post(page_of(release), form)

        (clash,) = answer.context["adminform"].form.clashes
        assert (clash.mine, clash.theirs) == ("15/10/2020", "14/10/2020 à 10\u00a0h")
        assert json.loads(clash.taken) == {
            "id_embargo_until_0": "14/10/2020",
            "id_embargo_until_1": "10\u00a0h",
        }
        assert filled(answer).items() >= typed("15/10/2020", "").items()

    def test_stands_in_the_history_in_local_time(self, as_editor, db):
        release = ReleaseFactory()
        release.embargo_until = EMBARGO
        release.save()

        page = as_editor.get(page_of(release, "history")).text

        assert "14/10/2020 à 10\u00a0h" in page
