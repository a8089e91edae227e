"""R29: several people at once get the sentence of who comes after, and keep what they typed."""

import html
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

import manage
from labelling import roles
from labelling.admin.addresses import locate_page
from labelling.choices import ReleaseKind, Verdict
from labelling.models import (
    Association,
    Dispatch,
    ImportRun,
    LabellingWave,
    Letterhead,
    PressContact,
    PressRelease,
    Site,
)
from labelling.press_release import corrections, dispatches, drafting
from tests.admin.forms import filled, sentences
from tests.admin.simultaneous import awaited, held, overtaken_by
from tests.admin.test_letterheads import PNG
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    editor,
    final,
    manager,
    sent,
)

SPRING = {"name": "Printemps 2021", "effective_on": date(2021, 4, 1)}
# What is typed, who makes the same meanwhile, and what is said beside which field.
TWINS = {
    Site: (
        {"name": "PIMMS Alès", "note": "Ma note"},
        lambda: SiteFactory(name="PIMMS Alès"),
        {"name": ["Un site de ce département porte déjà ce nom. Voir «\u00a0PIMMS Alès\u00a0»"]},
    ),
    Association: (
        {"name": "Métropole Stéphanoise"},
        lambda: AssociationFactory(name="Métropole Stéphanoise"),
        {"name": ["Une association porte déjà ce nom. Voir «\u00a0Métropole Stéphanoise\u00a0»"]},
    ),
    LabellingWave: (
        {"name": "Printemps 2021", "effective_on": "01/04/2021", "national_sites": "859"},
        lambda: WaveFactory(**SPRING),
        {
            "effective_on": [
                "Une autre vague commence déjà à cette date. Voir «\u00a0Printemps 2021\u00a0»"
            ],
            "name": ["Une autre vague porte déjà ce nom. Voir «\u00a0Printemps 2021\u00a0»"],
        },
    ),
    PressContact: (
        {"name": "Ana Durand", "role": "Présidente"},
        lambda: ContactFactory(name="Ana Durand"),
        {"name": ["Cette personne figure déjà dans les contacts. Voir «\u00a0Ana Durand\u00a0»"]},
    ),
    User: (
        {"username": "ana@example.org", "first_name": "Ana", "role": roles.READER},
        lambda: UserFactory(username="ana@example.org"),
        {"username": ["Une personne a déjà un accès avec cette adresse."]},
    ),
    Letterhead: (
        {"name": "Union nationale des PIMMS", "colour": "#1F4E79"},
        LetterheadFactory,
        {
            "__all__": [
                (
                    "Il y a déjà un en-tête\u00a0: modifiez-le. "
                    "Voir «\u00a0En-tête des communiqués\u00a0»"
                )
            ]
        },
    ),
}


def errors_of(answer):
    assert answer.status_code == 200
    return answer.context["adminform"].form.errors


def words_of(answer):
    """What is said beside each field, without the links."""
    return {name: [strip_tags(one) for one in told] for name, told in errors_of(answer).items()}


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def client(transactional_db):
    return signed_in(manager())


def form_to_add(client, model, typed):
    form = filled(client.get(locate_page(model, "add")), **typed)
    if "department" in form:
        form["department"] = DepartmentFactory().pk
    return form


class TestAdding:
    @pytest.mark.parametrize("model", TWINS, ids=lambda model: model.__name__)
    def test_what_a_colleague_has_just_added_is_refused_beside_its_field(self, client, model):
        typed, add_the_same, said = TWINS[model]
        form = form_to_add(client, model, typed)

        with overtaken_by(add_the_same):
            answer = client.post(locate_page(model, "add"), form)

        assert words_of(answer) == said
        shown = answer.context["adminform"].form
        assert {name: shown[name].value() for name in typed} == typed
        assert sentences(answer) == []

    def test_a_file_is_read_again(self, client):
        form = form_to_add(client, Letterhead, TWINS[Letterhead][0])
        form["logo_file"] = SimpleUploadedFile("logo.png", PNG, "image/png")

        with overtaken_by(LetterheadFactory):
            answer = client.post(locate_page(Letterhead, "add"), form)

        assert words_of(answer) == TWINS[Letterhead][2]

    def test_a_line_of_a_wave_is_refused_and_the_others_are_kept(self, client):
        wave, gard = WaveFactory(), DepartmentFactory()
        lines = {"lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 0}
        for n, name in enumerate(("PIMMS Nîmes", "PIMMS Alès")):
            lines |= {f"lines-{n}-name": name, f"lines-{n}-department": gard.pk}

        with overtaken_by(lambda: SiteFactory(name="PIMMS Alès")):
            answer = client.post(locate_page(wave, "sites", wave.pk), lines)

        nimes, ales = answer.context["lines"].forms
        assert nimes["name"].value() == "PIMMS Nîmes"
        assert ales.errors == {"name": ["Un site de ce département porte déjà ce nom."]}
        assert [site.name for site in Site.objects.all()] == ["PIMMS Alès"]

    def test_a_release_of_a_wave_that_has_one_by_now_leads_to_it(self, client):
        wave = WaveFactory()
        form = filled(
            client.get(f"{locate_page(PressRelease, 'add')}?wave={wave.pk}"), brand="Nous"
        )

        with overtaken_by(lambda: ReleaseFactory(wave=wave)):
            answer = client.post(locate_page(PressRelease, "add"), form)

        (release,) = PressRelease.objects.all()
        address = locate_page(release, "document", release.pk)
        link = f'<a href="{address}">Communiqué du 14\u00a0octobre 2020</a>'
        said = f"Cette vague a déjà son communiqué\u00a0: {link}."
        assert errors_of(answer) == {"wave": [said]}
        assert answer.context["adminform"].form["brand"].value() == "Nous"


class TestDeleting:
    """The record that is gone is named; what something stands on by now is not deleted."""

    def test_a_site_is_not_saved_to_an_association_that_is_gone(self, client):
        association = AssociationFactory(name="Métropole Stéphanoise")
        typed = {"name": "PIMMS Nîmes", "association": association.pk, "note": "Ma note"}
        form = form_to_add(client, Site, typed)

        with overtaken_by(association.delete):
            answer = client.post(locate_page(Site, "add"), form)

        said = (
            "La fiche «\u00a0Métropole Stéphanoise\u00a0» n’existe plus\u00a0: choisissez-en une "
            "autre."
        )
        assert errors_of(answer) == {"association": [said]}
        assert answer.context["adminform"].form["note"].value() == "Ma note"
        # That the site was added is said as it is saved: on PostgreSQL, its commit was refused.
        assert sentences(answer) == []
        assert not Site.objects.exists()

    def test_an_association_that_has_a_site_by_now_stays(self, client):
        association = AssociationFactory(name="Métropole Stéphanoise")

        with overtaken_by(lambda: SiteFactory(association=association)):
            answer = client.post(
                locate_page(association, "delete", association.pk), {"post": "yes"}
            )

        (obstacle,) = answer.context["protected"]
        assert obstacle == (
            "Cette association a 1\u00a0site\u00a0: elle ne peut pas être supprimée. Rattachez "
            "d’abord ce site à une autre association."
        )
        assert Association.objects.exists()

    def test_a_release_is_not_saved_of_a_wave_that_is_gone(self, client):
        wave = WaveFactory(**SPRING)
        form = filled(
            client.get(f"{locate_page(PressRelease, 'add')}?wave={wave.pk}"), brand="Nous"
        )

        with overtaken_by(wave.delete):
            answer = client.post(locate_page(PressRelease, "add"), form)

        said = "La fiche «\u00a0Printemps 2021\u00a0» n’existe plus\u00a0: choisissez-en une autre."
        assert errors_of(answer) == {"wave": [said]}
        assert answer.context["adminform"].form["brand"].value() == "Nous"

    def test_a_wave_that_has_a_draft_by_now_stays(self, client):
        wave = WaveFactory()

        with overtaken_by(lambda: ReleaseFactory(wave=wave)):
            answer = client.post(locate_page(wave, "delete", wave.pk), {"post": "yes"})

        (obstacle,) = answer.context["protected"]
        assert obstacle == (
            "Cette vague a un communiqué en préparation\u00a0: elle ne peut pas être supprimée. "
            "Supprimez d’abord ce brouillon."
        )

    def test_the_label_is_not_given_with_a_wave_that_is_gone(self, client):
        wave, site = WaveFactory(**SPRING), SiteFactory()

        with overtaken_by(wave.delete):
            answer = client.post(
                "/labelling/site/label/", {"apply": "1", "sites": site.pk, "wave": wave.pk}
            )

        said = "La fiche «\u00a0Printemps 2021\u00a0» n’existe plus\u00a0: choisissez-en une autre."
        assert answer.context["form"].errors == {"wave": [said]}
        assert Site.objects.get().wave is None

    def test_a_person_who_was_erased_does_not_take_over_and_is_not_named(self, client):
        contact, successor = ContactFactory(), ContactFactory(name="Ana Durand")

        with overtaken_by(successor.delete):
            answer = client.post(
                locate_page(contact, "replace", contact.pk), {"successor": successor.pk}
            )

        assert answer.context["form"].errors == {
            "successor": ["Cette fiche n’existe plus. Choisissez-en une autre."]
        }

    def test_twice_is_written_once(self, client):
        site = SiteFactory()

        with overtaken_by(site.delete):
            answer = client.post(locate_page(Site, "delete", site.pk), {"post": "yes"}, follow=True)

        (said,) = sentences(answer)
        assert said == f"La fiche « {site} » a été supprimée : rien n’a été changé."
        assert Site.history.filter(history_type="-").count() == 1


class TestOtherSteps:
    def test_a_file_is_not_prepared_for_a_wave_that_is_gone(self, client):
        wave = WaveFactory()
        DepartmentFactory()
        file = SimpleUploadedFile("x.csv", "Nom;Département\nPIMMS Nîmes*;30".encode())

        with overtaken_by(wave.delete):
            answer = client.post(
                "/labelling/importrun/add/", {"file": file, "model": "site", "wave": wave.pk}
            )

        assert answer.context["form"].errors == {
            "wave": ["Cette vague n’existe plus. Choisissez-en une autre."]
        }
        assert not ImportRun.objects.exists()

    def test_an_earlier_name_that_is_taken_by_now_is_not_restored(self, client):
        association = AssociationFactory(name="Métropole Stéphanoise")
        association.name = "Loire"
        association.save()
        entry = association.history.earliest()

        with overtaken_by(lambda: AssociationFactory(name="Métropole Stéphanoise")):
            answer = client.post(
                locate_page(association, "restore", association.pk, entry.pk), follow=True
            )

        (said,) = sentences(answer)
        assert said == (
            "Cette version ne peut pas être reprise telle quelle. Une association porte déjà ce "
            "nom."
        )

    def test_a_draft_deleted_while_it_is_validated_is_not_found(self, client):
        release = ReleaseFactory()

        with overtaken_by(release.delete):
            answer = client.post(locate_page(release, "validate", release.pk), {"seen": ""})

        assert answer.status_code == 404

    def test_answers_are_kept_once_with_the_rectificatif_they_ask_for(self, client):
        """A number is taken while the draft takes it: nobody is told that a colleague answered."""
        site = SiteFactory(labelled=True)
        wave = site.wave
        original = sent(ReleaseFactory(wave=wave))
        whole = sent(ReleaseFactory(wave=wave, kind=ReleaseKind.REPLACEMENT, corrects=original))
        site.name = "PIMMS Alès"
        site.save()
        (difference,) = corrections.compare_with_records(whole)
        answer_to_it = f"verdict-{corrections.make_key(difference)}"

        def prepare_another():
            ReleaseFactory(wave=wave, kind=ReleaseKind.ERRATUM, corrects=original)

        with overtaken_by(prepare_another, at='INSERT INTO "labelling_pressrelease"'):
            answer = client.post(
                locate_page(whole, "changes", whole.pk),
                {"version": whole.version, answer_to_it: Verdict.ERROR, "erratum": "1"},
                follow=True,
            )

        draft = PressRelease.objects.get(corrects=whole)
        assert draft.number == 4
        assert "PIMMS Alès" in draft.errata
        assert answer.redirect_chain == [(locate_page(draft, "change", draft.pk), 302)]
        assert sentences(answer) == []

    def test_a_sending_stays_once_a_rectificatif_was_begun(self, client):
        release = sent(ReleaseFactory())
        seen = dispatches.make_token(release)

        with overtaken_by(lambda: drafting.prepare_erratum(release, [], date(2020, 10, 20))):
            answer = client.post(
                locate_page(release, "take_back", release.pk), {"seen": seen}, follow=True
            )

        assert "est en préparation" in sentences(answer)[0]
        assert PressRelease.objects.get(pk=release.pk).status == "sent"

    def test_a_sending_that_a_colleague_has_just_noted_is_shown_beside_what_was_typed(self, client):
        release = final(ReleaseFactory())
        line = {"left_on": "2020-10-14", "channel": "mail", "recipients": "AFP"}
        mine = {f"lines-0-{name}": value for name, value in line.items()}
        mine |= {"lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0}
        mine |= {"seen": dispatches.make_token(release)}

        def note_theirs():
            theirs = Dispatch(left_on=date(2020, 10, 15), channel="agency", recipients="Reuters")
            dispatches.note(
                release,
                [theirs],
                by=None,
                at=timezone.now(),
                seen=dispatches.make_token(release),
            )

        with overtaken_by(note_theirs):
            answer = client.post(locate_page(release, "send", release.pk), mine, follow=True)

        assert "Votre saisie est gardée" in sentences(answer)[0]
        assert "Reuters" in answer.text
        assert 'value="AFP"' in answer.text
        assert Dispatch.objects.count() == 1

    def test_a_wave_that_has_a_draft_by_now_is_none_of_the_past(self, client):
        wave = WaveFactory(**SPRING)

        with overtaken_by(lambda: ReleaseFactory(wave=wave)):
            answer = client.post(
                locate_page(wave, "past_release", wave.pk), {"answer": "none"}, follow=True
            )

        assert "Cette vague a son communiqué ici" in sentences(answer)[0]
        assert LabellingWave.objects.get().past_release == ""

    def test_two_neighbours_moved_at_once_both_move(self, client):
        wave = WaveFactory()
        one, two, three = (SiteFactory(name=f"PIMMS {n}", labelled=True) for n in "123")

        with awaited(lambda: three.move(-2)):
            client.post(locate_page(wave, "move", wave.pk, two.pk), {"direction": "up"})

        assert list(Site.objects.in_printed_order()) == [three, two, one]


class TestFourAtOnce:
    @pytest.mark.parametrize(
        "model", [Site, Association, LabellingWave, PressContact], ids=lambda model: model.__name__
    )
    def test_one_adds_and_the_others_are_told(self, transactional_db, model):
        typed, _, said = TWINS[model]
        people = [signed_in(editor()) for _ in range(4)]
        forms = [form_to_add(client, model, typed) for client in people]
        start = Barrier(4)

        def add(n):
            try:
                start.wait()
                return people[n].post(locate_page(model, "add"), forms[n])
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(add, range(4)))

        assert model.objects.count() == 1
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
        for answer in answers:
            if answer.status_code == 200:
                # The first may commit between two checks of a form: then one of them speaks.
                told = words_of(answer)
                assert told
                assert told.items() <= said.items()
                assert f'value="{typed["name"]}"' in answer.text


def sent_again(answer):
    """What the button of the page sends."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


class TestABusyBase:
    @pytest.fixture
    def client(self, client):
        client.raise_request_exception = False
        return client

    def test_says_that_nothing_is_saved_and_sends_again_what_was_typed(self, client):
        note = 'Deux lignes,\r\net « des " guillemets »\u00a0!'
        form = form_to_add(client, Site, {"name": "PIMMS Nîmes", "note": note})

        with held("labelling_site"):
            answer = client.post(locate_page(Site, "add"), form)
        again = client.post(locate_page(Site, "add"), sent_again(answer))

        assert answer.status_code == 503
        assert "<h1>La base est occupée</h1>" in answer.text
        assert (
            "<p>Une autre opération est en cours. Rien n’a été enregistré&#8239;; réessayez dans "
            "un instant.</p>\n<p>Votre saisie est conservée dans cette page&nbsp;: ne la fermez "
            "pas.</p>"
        ) in answer.text
        assert 'action="/labelling/site/add/"' in answer.text
        assert "no-store" in answer.headers["Cache-Control"]
        assert again.status_code == 302
        site = Site.objects.get()
        assert (site.name, site.note) == ("PIMMS Nîmes", note)

    def test_repeats_no_password(self, client):
        person = User.objects.get()
        person.set_password("la-porte-est-bleue")
        person.save()
        new = "la-girafe-est-au-tournevis"
        form = {"old_password": "la-porte-est-bleue", "new_password1": new, "new_password2": new}
        client.force_login(person)

        with held("auth_user"):
            answer = client.post("/password_change/", form)

        assert answer.status_code == 503
        assert "est-bleue" not in answer.text
        assert "tournevis" not in answer.text
        assert (
            "Votre saisie est conservée dans cette page, sauf le mot de passe ou le fichier, à "
            "donner de nouveau&nbsp;: ne la fermez pas."
        ) in answer.text

    def test_is_no_failure_of_the_application(self, client, caplog):
        form = form_to_add(client, Site, {"name": "PIMMS Nîmes"})

        with held("labelling_site"):
            client.post(locate_page(Site, "add"), form)

        assert not [record for record in caplog.records if "Failure" in record.getMessage()]

    def test_is_said_to_who_runs_a_command(self, transactional_db, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["manage.py", "purge_imports"])

        with held("labelling_importrun"), pytest.raises(SystemExit) as stop:
            manage.main()

        assert str(stop.value.code).startswith(
            "La base est occupée : attendez la fin d’une autre opération. Relancez ensuite la "
            "commande (base\u00a0: "
        )

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone")
    def test_is_said_of_a_page_that_takes_too_long(self, client):
        other = connection.copy()
        other.cursor().execute("BEGIN; LOCK TABLE labelling_site")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '50ms'")

        answer = client.get("/labelling/site/?q=nimes")

        other.close()
        connection.close()
        assert answer.status_code == 503
        assert "<p>Une autre opération est en cours. Réessayez dans un instant.</p>" in answer.text
        assert '<a href="/labelling/site/?q=nimes" class="button">Réessayer</a>' in answer.text


@pytest.mark.django_db
class TestAFault:
    def test_that_nobody_else_explains_is_one_all_the_same(self, as_editor, caplog):
        """An index that no check of ours knows: whoever comes again is refused again."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE UNIQUE INDEX a_commune_has_one_site ON labelling_site (commune)")
        SiteFactory(commune="Nîmes")
        form = form_to_add(as_editor, Site, {"name": "PIMMS Nîmes", "commune": "Nîmes"})
        as_editor.raise_request_exception = False

        answer = as_editor.post(locate_page(Site, "add"), form)

        assert answer.status_code == 500
        assert re.search(r"en citant ce numéro&nbsp;: <strong>[0-9a-f]{8}<", answer.text)
        assert "commune" in str(caplog.records[-1].exc_info[1])
