"""The release of a wave as a page, its downloads, and the forms of the releases."""

import re
from datetime import date
from importlib import import_module

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse

from labelling.choices import ReleaseStatus
from labelling.models import LabellingWave, PressContact, PressRelease, Site
from labelling.press_release import drafting
from tests.conftest import signed_in
from tests.factories import ContactFactory, ReleaseFactory, UserFactory, WaveFactory, tamper


def address_of(wave, *download) -> str:
    name = "press_release_download" if download else "press_release"
    return reverse(f"admin:labelling_labellingwave_{name}", args=[wave.pk, *download])


def release_address(name, *args) -> str:
    return reverse(f"admin:labelling_pressrelease_{name}", args=args)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").split())


@pytest.fixture
def autumn(network):
    return LabellingWave.objects.get(slug="automne-2020")


class TestThePage:
    def test_shows_the_release_as_sent_first(self, as_reader, autumn):
        html = as_reader.get(address_of(autumn)).content.decode()

        text = words(html)
        assert "COMMUNIQUE DE PRESSE 13 PIMMS supplémentaires obtiennent" in text
        assert "Saône et Loire PIMMS Bourgogne du Sud - Melay" in text
        assert len(re.findall(r'class="release-new">\*<', html)) == 13
        assert re.findall(r'aria-current="page">(.*?)<', html)[-1:] == ["Tel qu’envoyé"]

    def test_shows_what_the_records_give_when_asked(self, as_reader, autumn):
        html = as_reader.get(address_of(autumn), {"source": "records"}).content.decode()

        release = words(html.split("<article")[1].split("</article>")[0])
        assert "Recalculé d’après les fiches – n’est pas le communiqué envoyé Paris," in release
        assert "COMMUNIQUÉ DE PRESSE" in release
        assert "Saône-et-Loire PIMMS Bourgogne du Sud - Melay" in release
        assert re.findall(r'aria-current="page">(.*?)<', html)[-1:] == [
            "Recalculé d’après les fiches"
        ]

    def test_calls_a_final_version_by_its_name(self, as_reader, autumn):
        tamper(PressRelease.objects.get(), status=ReleaseStatus.FINAL, sent_on=None)

        html = as_reader.get(address_of(autumn)).text

        assert re.findall(r'aria-current="page">(.*?)<', html)[-1:] == ["Version définitive"]
        assert "Tel qu’envoyé" not in html
        records = as_reader.get(address_of(autumn), {"source": "records"}).text
        assert "Recalculé d’après les fiches – n’est pas la version définitive" in records

    def test_counts_and_shows_what_changed_since(self, as_reader, autumn):
        html = as_reader.get(address_of(autumn)).content.decode()

        changes = html.split('<details class="release-changes"')[1].split("</details>")[0]
        text = words(changes)
        assert "Ce qui a changé depuis 24 différences" in text
        assert (
            "Département Modifié Val d&#x27;Oise Val-d&#x27;Oise PIMMS Garges-Sarcelles PIMMS Cergy"
        ) in text
        assert "<del>réparties</del>" in changes
        assert "<ins>répartis</ins>" in changes

    def test_says_that_nothing_changed(self, as_reader, autumn):
        from labelling.models.release import compute_content_digest
        from labelling.press_release.composition import from_records

        release = PressRelease.objects.get()
        content = from_records(autumn, release).to_json()
        tamper(release, content=content, digest=compute_content_digest(content))

        text = words(as_reader.get(address_of(autumn)).content.decode())

        assert "Ce qui a changé depuis Rien" in text
        assert "Les fiches disent encore ce que dit le communiqué." in text

    def test_of_a_wave_without_a_release_gives_the_list_alone(self, as_editor, network):
        winter = LabellingWave.objects.get(slug="janvier-2020")

        html = as_editor.get(address_of(winter)).content.decode()

        assert "Cette vague n’a pas encore de communiqué" in html
        assert "33 PIMMS obtiennent" in words(html)
        assert "Ce qui a changé depuis" not in html
        add = f"{release_address('add')}?wave={winter.pk}"
        assert f'<a href="{add}" class="default">Préparer le communiqué' in html

    def test_of_a_draft_follows_the_records_and_says_so(self, as_reader):
        release = ReleaseFactory()

        html = as_reader.get(address_of(release.wave)).content.decode()

        assert "Ce communiqué est un brouillon" in html
        assert "Ce qui a changé depuis" not in html

    def test_an_unknown_source_shows_the_first_one(self, as_reader, autumn):
        html = as_reader.get(address_of(autumn), {"source": "x"}).content.decode()

        assert "COMMUNIQUE DE PRESSE" in html

    def test_shows_the_digest_and_cries_out_if_the_text_is_no_longer_it(self, as_reader, autumn):
        release = PressRelease.objects.get()
        assert release.digest in as_reader.get(address_of(autumn)).content.decode()

        tamper(release, content={**release.content, "title": "14 PIMMS"})

        html = as_reader.get(address_of(autumn)).content.decode()
        assert "n’est plus celui qui a été validé" in html

    def test_shows_names_as_text(self, as_reader, autumn):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "<script>alert(1)</script>"
        site.save()

        html = as_reader.get(address_of(autumn), {"source": "records"}).content.decode()

        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html

    def test_is_read_only(self, as_manager, autumn):
        assert as_manager.post(address_of(autumn)).status_code == 405

    def test_asks_for_the_right_to_see_waves_and_releases(self, autumn):
        person = UserFactory()
        client = signed_in(person)
        assert client.get(address_of(autumn)).status_code == 403

        person.user_permissions.add(Permission.objects.get(codename="view_labellingwave"))
        assert client.get(address_of(autumn)).status_code == 403

        person.user_permissions.add(Permission.objects.get(codename="view_pressrelease"))
        response = client.get(address_of(autumn))
        assert response.status_code == 200
        assert "Télécharger" not in response.content.decode()


class TestDownloads:
    def test_are_offered_for_what_is_shown_the_main_formats_first(self, as_reader, autumn):
        html = as_reader.get(address_of(autumn), {"source": "records"}).content.decode()

        offered = html.split('<summary class="button">Télécharger</summary>')[1]
        offered = offered.split("</details>")[0]
        main, others = offered.split("Autres formats")
        assert re.findall(r'href="(.*?)">(.*?)<', main) == [
            (address_of(autumn, "records", "pdf"), "PDF"),
            (address_of(autumn, "records", "docx"), "Word"),
            (address_of(autumn, "records", "xlsx"), "Excel"),
        ]
        assert re.findall(r'href="(.*?)">(.*?)<', others) == [
            (address_of(autumn, "records", "odt"), "Texte OpenDocument"),
            (address_of(autumn, "records", "ods"), "Tableur OpenDocument"),
            (address_of(autumn, "records", "txt"), "Texte"),
            (address_of(autumn, "records", "html"), "Page HTML"),
            (address_of(autumn, "records", "csv"), "Tableur CSV"),
            (address_of(autumn, "records", "json"), "Données JSON"),
            (address_of(autumn, "records", "zip"), "Tous, en ZIP"),
        ]

    @pytest.mark.parametrize(
        ("source", "extension", "name", "media_type"),
        [
            ("published", "txt", "communique-automne-2020.txt", "text/plain; charset=utf-8"),
            ("published", "html", "communique-automne-2020.html", "text/html; charset=utf-8"),
            ("records", "csv", "communique-automne-2020-recalcule.csv", "text/csv; charset=utf-8"),
        ],
    )
    def test_are_files_to_keep(self, as_reader, autumn, source, extension, name, media_type):
        response = as_reader.get(address_of(autumn, source, extension))

        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.headers["Content-Type"] == media_type

    def test_offer_the_mail_of_the_release_beside_the_release_alone(self, as_reader, autumn):
        mail = release_address("mail", PressRelease.objects.get().pk)

        assert mail in as_reader.get(address_of(autumn)).text
        assert mail not in as_reader.get(address_of(autumn), {"source": "records"}).text

    @pytest.mark.parametrize("extension", ["txt", "csv", "html"])
    def test_say_that_they_are_recalculated(self, as_reader, autumn, extension):
        notice = "Recalculé d’après les fiches – n’est pas le communiqué envoyé"

        assert notice in as_reader.get(address_of(autumn, "records", extension)).text
        assert notice not in as_reader.get(address_of(autumn, "published", extension)).text

    def test_as_sent_has_the_spellings_of_the_original(self, as_reader, autumn):
        document = as_reader.get(address_of(autumn, "published", "csv")).content.decode()

        assert document.startswith(
            "\ufeffRégion;Département;Nom du PIMMS labellisé France Services;"
        )
        assert (
            "Bourgogne-Franche-Comté;Saône et Loire;PIMMS Bourgogne du Sud - Melay;Non" in document
        )

    @pytest.mark.parametrize(
        ("slug", "source", "extension"),
        [
            ("automne-2020", "records", "exe"),
            ("automne-2020", "x", "txt"),
            ("janvier-2020", "published", "txt"),
        ],
    )
    def test_that_do_not_exist_are_not_found(self, as_reader, network, slug, source, extension):
        wave = LabellingWave.objects.get(slug=slug)

        assert as_reader.get(address_of(wave, source, extension)).status_code == 404

    def test_ask_for_the_right_to_download(self, autumn):
        person = UserFactory()
        for codename in ("view_labellingwave", "view_pressrelease"):
            person.user_permissions.add(Permission.objects.get(codename=codename))

        response = signed_in(person).get(address_of(autumn, "published", "txt"))

        assert response.status_code == 403


class TestAFrozenRelease:
    def test_is_read_by_all_and_changed_by_none(self, as_manager, network):
        release = PressRelease.objects.get()

        response = as_manager.get(release_address("change", release.pk))

        html = response.content.decode()
        assert "Ce communiqué a été envoyé\u00a0: son texte ne change plus." in html
        assert "Votre accès permet de consulter" not in html
        assert 'name="_save"' not in html

        response = as_manager.post(
            release_address("change", release.pk),
            {"place": "Lyon", "version": release.version},
        )

        said = response.context["sentence"]
        assert said.endswith("il ne change plus, et rien de votre saisie n’est enregistré.")
        release.refresh_from_db()
        assert release.place == "Paris"

    def test_is_not_restored_either(self, as_manager, network):
        release = PressRelease.objects.get()
        entry = release.history.get()

        response = as_manager.post(
            reverse("admin:labelling_pressrelease_restore", args=[release.pk, entry.history_id])
        )

        assert response.status_code == 403

    def test_cannot_be_deleted_and_says_what_to_do_instead(self, as_manager, network):
        release = PressRelease.objects.get()

        response = as_manager.post(release_address("delete", release.pk), {"post": "yes"})

        assert response.status_code == 200
        assert (
            "Ce communiqué a été envoyé\u00a0: il ne peut pas être supprimé. S’il contient une "
            "faute, corrigez les fiches\u00a0: «\u00a0Ce qui a changé depuis\u00a0» la montrera."
        ) in response.content.decode()
        assert PressRelease.objects.exists()

    def test_in_its_final_version_says_that_it_can_be_replaced(self, as_manager, network):
        release = PressRelease.objects.get()
        tamper(release, status=ReleaseStatus.FINAL, sent_on=None)

        html = as_manager.post(release_address("delete", release.pk), {"post": "yes"}).content
        assert "Une version corrigée pourra le remplacer." in html.decode()

        html = as_manager.get(release_address("change", release.pk)).content
        assert "Ce communiqué est en version définitive\u00a0: son texte ne change plus." in (
            html.decode()
        )


class TestADraft:
    def test_begins_with_what_the_last_release_said(self, as_editor, network):
        winter = LabellingWave.objects.get(slug="janvier-2020")

        form = as_editor.get(release_address("add"), {"wave": winter.pk}).context["adminform"].form

        assert str(form.initial["wave"]) == str(winter.pk)
        assert form.initial["place"] == "Paris"
        assert form.initial["brand"] == "PIMMS"
        assert form.initial["about"].startswith("Créée en 1998, l’Union nationale des PIMMS")
        assert form.initial["contact"] == PressContact.objects.get().pk
        assert "attendance" not in form.initial

    def test_proposes_no_contact_who_has_left(self, as_editor, network):
        PressContact.objects.update(proposed_until=date(2021, 12, 31))

        form = as_editor.get(release_address("add")).context["adminform"].form

        assert "contact" not in form.initial

    def test_is_saved_and_corrected(self, as_editor):
        wave, contact = WaveFactory(), ContactFactory()
        data = {
            "wave": wave.pk,
            "place": "Paris",
            "issued_on": "14/10/2020",
            "brand": "PIMMS",
            "contact": contact.pk,
        }

        response = as_editor.post(release_address("add"), data)

        assert [str(m) for m in get_messages(response.wsgi_request)] == [
            "Communiqué du 14\u00a0octobre 2020\u00a0: brouillon enregistré."
        ]
        release = PressRelease.objects.get()
        assert (release.wave, release.contact, release.status) == (wave, contact, "draft")

        response = as_editor.post(
            release_address("change", release.pk),
            {**data, "place": "Lyon", "version": release.version},
        )

        release.refresh_from_db()
        assert release.place == "Lyon"

    def test_of_a_wave_that_has_one_is_refused(self, as_editor, autumn):
        response = as_editor.post(
            release_address("add"),
            {"wave": autumn.pk, "place": "Paris", "issued_on": "14/10/2020", "brand": "PIMMS"},
        )

        existing = PressRelease.objects.get()
        assert (
            "Cette vague a déjà son communiqué\u00a0: "
            f'<a href="{release_address("document", existing.pk)}">Communiqué du 14\u00a0octobre'
            " 2020</a>."
        ) in response.content.decode()
        assert PressRelease.objects.count() == 1

    def test_is_deleted_by_who_may(self, as_manager):
        release = ReleaseFactory()

        response = as_manager.post(release_address("delete", release.pk), {"post": "yes"})

        assert [str(m) for m in get_messages(response.wsgi_request)] == [
            "Communiqué du 14\u00a0octobre 2020\u00a0: brouillon supprimé."
        ]
        assert not PressRelease.objects.exists()


class TestTheListOfReleases:
    def test_says_the_title_which_opens_the_document(self, as_reader, network):
        october = PressRelease.objects.get()

        page = as_reader.get(release_address("changelist")).text

        title = "13 PIMMS supplémentaires obtiennent la labellisation France Services"
        assert f'<a href="{release_address("document", october.pk)}">{title}</a>' in page
        assert (
            f"{title} 14 octobre 2020 Communiqué Automne 2020 Envoyé le 14 octobre 2020"
        ) in words(page)

    def test_says_the_title_of_a_draft_as_it_stands(self, as_reader, network):
        january = LabellingWave.objects.get(slug="janvier-2020")
        ReleaseFactory(wave=january)
        erratum = drafting.prepare_erratum(
            PressRelease.objects.get(number=1, wave__slug="automne-2020"), [], date(2020, 10, 20)
        )
        own = ReleaseFactory(
            wave=WaveFactory(name="Été 2021", effective_on=date(2021, 7, 1)),
            own_title="Un été à la une",
        )

        page = as_reader.get(release_address("changelist")).text

        assert "33\u00a0PIMMS obtiennent la labellisation France Services" in page
        assert "Rectificatif au communiqué du 14\u00a0octobre 2020" in page
        assert f'<a href="{release_address("document", own.pk)}">Un été à la une</a>' in page
        assert erratum.corrects

    @pytest.mark.parametrize("asked", ["supplementaires", "ETE à la une", "paris"])
    def test_finds_by_title(self, as_reader, network, asked):
        ReleaseFactory(
            wave=WaveFactory(name="Été 2021", effective_on=date(2021, 7, 1)),
            own_title="Un été à la une",
        )
        searched = as_reader.get(release_address("changelist"), {"q": asked})

        found = searched.context["cl"].queryset
        assert {release.wave.name for release in found} == (
            {"Automne 2020"}
            if asked == "supplementaires"
            else {"Été 2021"}
            if "une" in asked
            else {"Automne 2020", "Été 2021"}
        )

    def test_finds_by_wave(self, as_reader, network):
        text = words(
            as_reader.get(release_address("changelist"), {"q": "AUTOMNE"}).content.decode()
        )

        assert "Automne 2020" in text

    def test_asks_the_same_number_of_queries_for_more_releases(
        self, as_reader, network, django_assert_max_num_queries
    ):
        def queries():
            with django_assert_max_num_queries(50) as captured:
                as_reader.get(release_address("changelist"))
            return len(captured)

        before = queries()
        for year in range(2001, 2011):
            wave = WaveFactory(name=f"Hiver {year}", effective_on=date(year, 1, 1))
            ReleaseFactory(wave=wave, contact=ContactFactory())

        assert queries() == before


class TestALongList:
    def test_begins_on_the_page_and_is_shown_whole_on_demand(self, network, as_reader, monkeypatch):
        monkeypatch.setattr(import_module("labelling.admin.releases.frame"), "MOST_LINES", 10)
        address = release_address("document", PressRelease.objects.get().pk)

        page = as_reader.get(address).text

        assert page.count("<td>PIMMS") + page.count('<td class="release-marked">') == 10
        cut = "Les 10 premières lignes sur 53\u00a0: les fichiers les ont toutes."
        assert f'<p>{cut} <a href="?lines=all">Afficher toute la liste</a></p>' in page
        whole = as_reader.get(address, {"lines": "all"}).text
        assert whole.count("<td>PIMMS") + whole.count('<td class="release-marked">') == 53
        assert cut not in whole
