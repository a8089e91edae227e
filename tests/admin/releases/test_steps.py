"""The way of a release through its pages: validated, sent, attached, copied into a mail."""

import io
import re
from datetime import UTC, date, datetime
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F

from labelling.models import Department, PressRelease, Site
from labelling.models.record_sets import unguarded
from labelling.press_release import drafting, publishing
from labelling.press_release.renderers.characters import UnprintableCharacterError
from labelling.quality import accept, find_finding
from tests.admin.forms import sentences
from tests.conftest import signed_in
from tests.factories import (
    ContactFactory,
    DepartmentFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    final,
    manager,
    sent,
    tamper,
)


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory(contact=ContactFactory(name="Ana Durand"))


def address(release, page="document"):
    return f"/labelling/pressrelease/{release.pk}/{page}/"


def validate(client, release):
    page = client.get(address(release, "validate")).text
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    return client.post(address(release, "validate"), {"seen": seen}, follow=True)


class TestValidating:
    def test_shows_the_final_document_and_what_will_be_frozen(self, draft, as_manager):
        page = as_manager.get(address(draft, "validate")).text

        assert "Valider ne l’envoie à personne. Le texte ne changera plus" in page
        assert "la liste de 1\u00a0ligne, dont 1\u00a0nouvelle" in page
        assert "les coordonnées du contact presse (Ana Durand)" in page
        assert "PROJET" not in page.split('<article class="release"')[1]
        assert "embargo" not in page

    def test_says_what_to_check_first(self, draft, as_manager):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        draft.save()
        draft.wave.national_sites, draft.wave.decided_on = 856, date(2020, 9, 30)
        draft.wave.announced_on = date(2020, 10, 14)
        draft.wave.save()

        page = as_manager.get(address(draft, "validate")).text

        assert "<li>la mention de l’embargo jusqu’au 14\u00a0octobre 2020 à 10\u00a0h.</li>" in page
        warnings = page.split('<section class="release-warnings note warn"')[1].split("</section>")[
            0
        ]
        assert "À vérifier" in warnings
        assert re.findall(r"<li>(.*?)</li>", warnings) == [
            (
                "L’embargo est passé depuis le 14\u00a0octobre 2020 à 10\u00a0h\u00a0: "
                "corrigez-le, ou effacez-le."
            )
        ]

    def test_of_an_erratum_refuses_a_line_that_cannot_be_read(self, network, as_manager):
        erratum = drafting.prepare_erratum(PressRelease.objects.get(), [], date(2020, 10, 20))
        erratum.errata = "Titre | a | b\nChapô | un ministre"
        erratum.save()

        answer = validate(as_manager, erratum)

        assert sentences(answer) == [
            (
                "Rien n’a été validé. Ligne « Chapô \u2223 un ministre » : remplissez "
                "« Au lieu de », « Lire » ou les deux."
            )
        ]
        erratum.refresh_from_db()
        assert erratum.status == "draft"

    def test_parts_what_keeps_from_it_from_what_is_to_check(self, draft, as_manager):
        assert "À corriger avant de valider" not in as_manager.get(address(draft, "validate")).text
        draft.closing = "Merci 😀 à tous"
        draft.save()

        page = as_manager.get(address(draft, "validate")).text

        before, warnings = page.split('<h3 id="warnings-title">')
        assert "À corriger avant de valider" in before
        assert "(U+1F600)" in before
        assert "(U+1F600)" not in warnings.split("</section>")[0]
        assert re.search(
            r'<button type="submit" class="button default" disabled [^>]*>Valider', page
        )

    @pytest.mark.parametrize("errata", ["Chapô | un ministre", ""])
    def test_says_once_what_is_wrong_with_the_lines(self, network, as_manager, errata):
        erratum = drafting.prepare_erratum(PressRelease.objects.get(), [], date(2020, 10, 20))
        erratum.errata = errata
        erratum.save()

        page = as_manager.get(address(erratum, "validate")).text

        section = page.split('<h2 id="obstacles-title">')[1].split("</section>")[0]
        (said,) = re.findall(r"<li>(.*?)</li>", section)
        assert page.count(f"<li>{said}</li>") == 1

    def test_parts_what_would_print_wrong_from_what_has_no_effect(self, network, as_manager):
        """The figures that do not add up are printed; rewritten, nothing of them is."""
        october = PressRelease.objects.get()
        again = drafting.prepare_replacement(october, date(2022, 10, 20))
        site = Site.objects.get(name="PIMMS Nîmes - PIMMS mobile")
        site.commune_code, site.commune = "42218", "Saint-Étienne"
        site.save()
        elsewhere = SiteFactory(commune_code="42218", commune="Saint-Étienne")

        page = as_manager.get(address(again, "validate")).text

        wrong = page.split('<h3 id="wrong-title">Ce qui s’imprimerait faux')[1].split("</section>")[
            0
        ]
        wave = f'<a href="/labelling/labellingwave/{october.wave_id}/change/#finding-Q001">'
        assert f"{wave}Automne 2020</a>" in wrong
        assert "Les chiffres par porteur font 859, le total annoncé est 856." in wrong
        assert f'<a href="/labelling/site/{site.pk}/change/#finding-Q002">{site}</a>' in wrong
        marked = re.findall('<tr class="release-concerned">(.*?)</tr>', page, re.DOTALL)
        assert len(marked) == 4  # The three of Saint-Étienne, and this one.
        assert str(site) in marked[-1]
        assert "42218 (Saint-Étienne) est une commune du département Loire (42)" in wrong
        assert "«\u00a0En 2019\u00a0»" in wrong
        assert f'href="/labelling/pressrelease/{again.pk}/change/#id_about"' in wrong
        assert elsewhere.name not in page
        assert "Sans effet sur ce communiqué" not in page

        again.own_figures = "Nos chiffres."
        again.save()
        page = as_manager.get(address(again, "validate")).text

        wrong, without = page.split("<summary>Sans effet sur ce communiqué&nbsp;: 1\u00a0remarque")
        assert "Les chiffres par porteur" in without
        assert "Les chiffres par porteur" not in wrong.split('id="wrong-title"')[1]

    def test_leaves_out_what_was_accepted(self, network, as_manager):
        again = drafting.prepare_replacement(PressRelease.objects.get(), date(2020, 10, 20))
        assert "Les chiffres par porteur" in as_manager.get(address(again, "validate")).text

        accept(
            [find_finding("Q001", again.wave_id, date(2020, 10, 20))], None, "L’État le dit ainsi"
        )

        assert "Les chiffres par porteur" not in as_manager.get(address(again, "validate")).text

    def test_folds_what_one_rule_says_of_many_lines(self, draft, as_manager):
        sites = SiteFactory.create_batch(6, wave=draft.wave)
        unguarded(Site).filter(pk__in=[site.pk for site in sites]).update(made_name=F("name"))

        page = as_manager.get(address(draft, "validate")).text

        folded = page.split("<summary>6\u00a0fiches&nbsp;: Nom fait d’après celui de l’État")[1]
        assert folded.split("</details>")[0].count("#finding-Q004") == 6

    def test_links_to_what_the_person_may_see_alone(self, network, db):
        again = drafting.prepare_replacement(PressRelease.objects.get(), date(2020, 10, 20))
        person = UserFactory(is_staff=True)
        names = ("view_pressrelease", "validate_pressrelease")
        person.user_permissions.set(Permission.objects.filter(codename__in=names))

        page = signed_in(person).get(address(again, "validate")).text

        assert "Les chiffres par porteur" in page
        assert "#finding-Q001" not in page
        assert "#id_" not in page

    def test_reads_no_more_for_more_lines(self, draft, as_manager, django_assert_max_num_queries):
        def queries():
            with django_assert_max_num_queries(60) as captured:
                as_manager.get(address(draft, "validate"))
            return len(captured)

        site = SiteFactory(wave=draft.wave, commune_code="42218")
        DepartmentFactory(code="42", name="Loire")
        before = queries()
        for _ in range(3):
            SiteFactory(wave=draft.wave, commune_code=site.commune_code)
        assert queries() == before

    def test_may_be_done_in_spite_of_figures_that_do_not_add_up(self, network, as_manager):
        october = PressRelease.objects.get()
        again = drafting.prepare_replacement(october, date(2020, 10, 20))

        page = as_manager.get(address(again, "validate")).text

        assert "vous pouvez valider quand même." in page
        assert "enregistrer quand même" not in page

    def test_refuses_a_character_that_a_format_cannot_print(self, draft, as_manager):
        draft.closing = "Merci 😀 à tous"
        draft.save()

        answer = validate(as_manager, draft)

        assert sentences(answer) == [
            (
                "Rien n’a été validé. PDF : Le caractère « 😀 » (U+1F600) du texte "
                "« Merci 😀 à tous » ne peut pas être imprimé dans ce format. Remplacez-le dans la "
                "fiche ou dans le communiqué, puis recommencez."
            )
        ]
        draft.refresh_from_db()
        assert draft.status == "draft"

    def test_freezes_it(self, draft, as_manager):
        answer = validate(as_manager, draft)

        draft.refresh_from_db()
        assert draft.status == "final"
        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : version définitive validée. Téléchargez-la, "
                "envoyez-la, puis marquez-la comme envoyée."
            )
        ]
        assert draft.digest in answer.text
        facts = answer.text.split('<p class="situation">')[1].split("</p>")[0]
        assert facts.startswith('<span class="badge info">Version définitive</span>')
        assert "1\u00a0site, dont 1\u00a0nouveau · validé par Prénom " in facts
        assert "À faire valider" not in answer.text

    def test_has_a_right_of_its_own(self, draft, as_editor):
        assert as_editor.get(address(draft, "validate")).status_code == 403
        assert as_editor.post(address(draft, "validate"), {"seen": ""}).status_code == 403
        page = as_editor.get(address(draft)).text
        assert "Valider la version définitive" not in page
        assert "<p>À faire valider par un responsable.</p>" in page

        manager(first_name="Ana", last_name="Durand")
        manager(first_name="Zoé", last_name="Petit")
        page = as_editor.get(address(draft)).text
        assert "<p>À faire valider par Ana Durand ou Zoé Petit.</p>" in page

        person = UserFactory()
        for name in ("view_pressrelease", "validate_pressrelease"):
            person.user_permissions.add(Permission.objects.get(codename=name))
        validate(signed_in(person), draft)

        draft.refresh_from_db()
        assert (draft.status, draft.validated_by) == ("final", person)

    def test_of_what_changed_meanwhile_shows_it_again(self, draft, as_manager):
        answer = as_manager.post(address(draft, "validate"), {"seen": "x"}, follow=True)

        assert sentences(answer)[0].startswith("Le communiqué ou les fiches ont changé depuis")
        assert 'name="seen"' in answer.text

    def test_twice_is_said_and_done_once(self, draft, as_manager):
        validate(as_manager, draft)

        answer = as_manager.post(address(draft, "validate"), {"seen": "x"}, follow=True)

        assert sentences(answer)[0].endswith("Rien n’a été fait deux fois.")
        assert draft.history.count() == 2


class TestAFinalVersion:
    def test_is_replaced_by_a_corrected_one(self, draft, as_manager):
        validate(as_manager, draft)

        page = as_manager.post(address(draft, "correct"), follow=True)
        second = PressRelease.objects.get(replaces=draft)
        assert page.redirect_chain[-1][0] == f"/labelling/pressrelease/{second.pk}/change/"
        assert "qui sera gardé comme remplacé" in as_manager.get(address(second, "validate")).text
        validate(as_manager, second)

        page = as_manager.get(address(draft)).text
        assert '<span class="badge">Remplacé</span>' in page
        assert f'Remplacé par&nbsp;: <a href="{address(second)}">' in page
        assert "Marquer comme envoyé" not in page
        sentence = (
            "Cette version a été remplacée : elle est gardée et ne change plus. Ouvrez celle qui "
            "la remplace."
        ).replace(" :", "\u00a0:")
        assert sentence in as_manager.get(address(draft, "change")).text
        assert sentence in as_manager.post(address(draft, "delete"), {"post": "yes"}).text


class TestTheDocument:
    def test_says_until_when_it_is_under_embargo(self, draft, as_reader):
        assert "embargo" not in as_reader.get(address(draft)).text.lower()

        draft.embargo_until = datetime(2098, 10, 14, 8, tzinfo=UTC)
        draft.save()

        page = as_reader.get(address(draft)).text
        facts = page.split('<p class="situation">')[1].split("</p>")[0]
        assert facts.startswith('<span class="badge">Brouillon</span>')
        assert facts.endswith(" · sous embargo jusqu’au 14\u00a0octobre 2098 à 10\u00a0h")
        assert "Sous embargo jusqu’au mardi 14\u00a0octobre 2098" in page

    def test_says_of_an_embargo_that_it_has_passed_and_which_file_bore_it(self, draft, as_reader):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        draft.save()
        assert "SOUS-EMBARGO" not in as_reader.get(address(draft)).text
        release = final(draft, at=datetime(2020, 10, 13, 8, tzinfo=UTC))
        frozen = release.content

        page = as_reader.get(address(release)).text
        answer = as_reader.get(address(release, "download/txt"))

        assert "Sous embargo" not in page
        assert "embargo levé le 14\u00a0octobre 2020 à 10\u00a0h" in page
        assert "communique-automne-2020-SOUS-EMBARGO-2020-10-14-10h.pdf" in page
        assert "embargo" not in answer.content.decode()
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="communique-automne-2020.txt"'
        )
        release.refresh_from_db()
        assert release.content == frozen
        assert "Sous embargo" in frozen["notices"][0]

    def test_offers_nothing_to_send_as_long_as_it_is_a_draft(self, draft, as_reader):
        files = 'id="downloads-title"'
        uses = re.compile(r'<span class="help">(.*?)</span>')
        page = as_reader.get(address(draft)).text.split(files)[1].split("</section>")[0]
        assert uses.findall(page) == ["à relire", "à annoter", "à copier"]

        page = as_reader.get(address(final(draft))).text.split(files)[1].split("</section>")[0]
        assert uses.findall(page) == ["à envoyer", "à adapter", "à copier"]

    def test_says_which_release_stands_in_its_place(self, network, as_reader):
        october = PressRelease.objects.get()
        again = sent(drafting.prepare_replacement(october, date(2020, 10, 20)))
        link = f'<a href="{address(again)}">Communiqué du 20\u00a0octobre 2020, annule et remplace'

        page = as_reader.get(address(october)).text

        assert "Ce communiqué a été annulé et remplacé\u00a0: ne diffusez plus celui-ci." in page
        assert link in page
        assert "ne diffusez plus" not in as_reader.get(address(again)).text


def steps(page) -> list[str]:
    """The steps of a page, « * » before the one where the record stands."""
    found = page.text.split('<ol class="steps')[1].split("</ol>")[0]
    return [
        f"{'*' if here else ''}{' '.join(re.sub('<[^>]+>', ' ', step).split())}"
        for here, step in re.findall(
            r'<li[^>]*?( aria-current="step")?>(.*?)</li>', found, re.DOTALL
        )
    ]


def next_step(page) -> str:
    return page.text.split('<section class="next-step')[1].split("</section>")[0]


class TestTheNextStep:
    def test_of_a_draft_is_to_validate_it(self, draft, as_manager, as_reader):
        page = as_manager.get(address(draft))

        assert steps(page) == ["*Brouillon", "Validé", "Envoyé"]
        assert steps(as_manager.get(address(draft, "validate"))) == steps(page)
        assert "Prochaine étape\u00a0: valider" in next_step(page)
        assert 'class="button default">Valider la version définitive…</a>' in next_step(page)
        assert "button" not in next_step(as_reader.get(address(draft)))

    def test_of_a_draft_says_what_to_look_at_before(self, draft, as_manager):
        page = as_manager.get(address(draft)).text

        remarks = page.split('<h2 id="findings-title">')[1].split("</section>")[0]
        assert '<span class="badge warn">3\u00a0remarques</span>' in remarks
        assert remarks.count("<li>") == 3
        assert "findings-title" not in as_manager.get(address(final(draft))).text

    def test_of_a_final_version_is_to_send_it(self, draft, as_manager):
        page = as_manager.get(address(final(draft)))

        assert steps(page) == ["Brouillon (fait)", "*Validé", "Envoyé"]
        assert "Prochaine étape\u00a0: envoyer" in next_step(page)
        assert 'class="button default">Marquer comme envoyé…</a>' in next_step(page)

    def test_of_a_replaced_version_is_none(self, draft, as_manager):
        final(drafting.prepare_corrected_version(final(draft)))

        page = as_manager.get(address(draft))

        assert steps(page) == ["Brouillon (fait)", "Validé (fait)", "*Remplacé (fait)"]
        assert "button" not in next_step(page)

    def test_of_a_sent_one_is_a_rectificatif_once_a_record_says_otherwise(
        self, network, as_editor, as_reader
    ):
        october = PressRelease.objects.get()
        page = as_editor.get(address(october))
        assert steps(page) == ["Brouillon (fait)", "Validé (fait)", "*Envoyé (fait)"]
        assert "Ce qui a changé depuis</a>&nbsp;:\nrien à examiner." in next_step(page)
        prepare = f'<a href="{address(october, "changes")}" class="button{{}}">Préparer un rectif'
        assert prepare.format("") in next_step(page)

        for site in Site.objects.filter(name__contains="Stéphanoise"):
            site.department = Department.objects.get(code="42")
            site.save()

        page = as_editor.get(address(october))
        assert "Prochaine étape\u00a0: rectifier" in next_step(page)
        assert "3\u00a0différences à examiner." in next_step(page)
        assert prepare.format(" default") in next_step(page)
        assert "button" not in next_step(as_reader.get(address(october)))

    def test_is_not_to_rectify_what_was_found_to_be_an_evolution(self, network, as_editor):
        october = PressRelease.objects.get()
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "PIMMS Nîmes Métropole"
        site.save()
        page = as_editor.get(address(october, "changes")).text
        keys = re.findall(r'name="(verdict-\w+)"', page.split("changes-others")[0])
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        assert "1\u00a0différence à examiner." in next_step(as_editor.get(address(october)))

        answered = dict.fromkeys(keys, "evolution") | {"version": version, "keep": "yes"}
        as_editor.post(address(october, "changes"), answered)

        assert "rien à examiner." in next_step(as_editor.get(address(october)))

    def test_is_the_correction_that_was_begun(self, network, as_editor):
        october = PressRelease.objects.get()
        erratum = drafting.prepare_erratum(october, [], date(2020, 10, 20))

        page = as_editor.get(address(october))

        assert (
            f'<a href="{address(erratum)}" class="button default">Continuer la correction</a>'
        ) in next_step(page)
        assert "Préparer un rectificatif" not in next_step(page)


class TestWhatCorrectsIt:
    """The other releases that the page leads to, each with what it is to this one."""

    def page(self, client):
        links = client.get("/labelling/pressrelease/1/document/").text
        return re.findall(r"<li>([^<]*?)&nbsp;: <a href=\"[^\"]*\">(.*?)</a>", links)

    def test_is_a_rectificatif_or_the_whole_document_again(self, network, as_reader):
        october, day = PressRelease.objects.get(), date(2020, 10, 20)
        erratum = drafting.prepare_erratum(october, [], day)
        assert self.page(as_reader) == [
            ("Correction en préparation", "Rectificatif du 20\u00a0octobre 2020")
        ]

        erratum.errata = "Titre | a | b"
        erratum.save()
        final(erratum)
        assert self.page(as_reader) == [
            ("Correction validée, pas encore envoyée", "Rectificatif du 20\u00a0octobre 2020")
        ]

        publishing.mark_as_sent(erratum, on=day)
        sent(drafting.prepare_replacement(october, day), on=day)

        assert self.page(as_reader) == [
            ("Rectifié par", "Rectificatif du 20\u00a0octobre 2020"),
            (
                "Annulé et remplacé par",
                "Communiqué du 20\u00a0octobre 2020, annule et remplace",
            ),
        ]

    def test_is_not_what_was_replaced_itself(self, network, as_reader):
        october, day = PressRelease.objects.get(), date(2020, 10, 20)
        first = final(drafting.prepare_replacement(october, day))
        final(drafting.prepare_corrected_version(first))

        assert self.page(as_reader) == [
            (
                "Correction validée, pas encore envoyée",
                "Communiqué du 20\u00a0octobre 2020, annule et remplace",
            ),
        ]


class TestDownloads:
    def test_of_a_draft_say_so_in_the_file_and_in_its_name(self, draft, as_reader):
        answer = as_reader.get(address(draft, "download/txt"))

        assert answer.content.decode().startswith("PROJET – NE PAS DIFFUSER\n")
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="PROJET-communique-automne-2020.txt"'
        )

    def test_never_print_the_digest_of_what_is_frozen(self, draft, as_reader):
        release = final(draft)

        document = as_reader.get(address(release, "download/txt")).content.decode()

        assert release.digest not in document
        assert release.digest in as_reader.get(address(release)).text

    def test_are_all_in_one_archive(self, network, as_reader):
        october = PressRelease.objects.get()

        answer = as_reader.get(address(october, "download/zip"))

        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="communique-automne-2020.zip"'
        )
        names = ZipFile(io.BytesIO(answer.content)).namelist()
        assert "communique-automne-2020.pdf" in names
        assert len(names) == 9

    def test_of_no_format_of_ours_are_not_found(self, draft, as_reader):
        assert as_reader.get(address(draft, "download/exe")).status_code == 404

    def test_say_which_character_cannot_be_printed(self, draft, as_reader, monkeypatch):
        def fail(content, properties):
            raise UnprintableCharacterError("\u0001", "PIMMS\u0001")

        monkeypatch.setattr("labelling.press_release.renderers.txt.render", fail)

        answer = as_reader.get(address(draft, "download/txt"), follow=True)

        assert sentences(answer)[0].startswith("Le caractère invisible U+0001 du texte")


class TestTheMail:
    def test_has_its_subject_its_text_and_its_table(self, draft, as_reader):
        draft.embargo_until = datetime(2098, 10, 14, 8, tzinfo=UTC)
        draft.save()

        page = as_reader.get(address(final(draft), "mail")).text

        subject = re.search(r'id="mail-subject" class="mail-subject">(.*?)</p>', page)[1]
        assert subject.startswith("SOUS EMBARGO JUSQU’AU MARDI 14\u00a0OCTOBRE 2098 À 10\u00a0H – ")
        mail = page.split('id="mail-text"')[1].split("</article>")[0]
        assert '<td valign="top" bgcolor="#ffff00">PIMMS Nîmes' in mail
        assert "style=" not in mail
        assert "<noscript><p>Sélectionnez-les, puis copiez.</p></noscript>" in page
        assert "PIMMS Nîmes *" in page.split('id="mail-plain"')[1]

    def test_is_headed_by_the_letterhead(self, draft, as_reader):
        LetterheadFactory(name="Union Pimms Médiation", colour="#0B6E4F")

        page = as_reader.get(address(draft, "mail")).text

        mail = page.split('id="mail-text"')[1].split("</article>")[0]
        assert '<p><b><font color="#0B6E4F">Union Pimms Médiation</font></b></p>' in mail
        assert "Union Pimms Médiation" in page.split('id="mail-plain"')[1]

    def test_asks_for_the_right_to_download(self, draft):
        person = UserFactory()
        person.user_permissions.add(Permission.objects.get(codename="view_pressrelease"))

        assert signed_in(person).get(address(draft, "mail")).status_code == 403


class TestAnAlteredRelease:
    def test_is_cried_out_on_its_page(self, network, as_reader):
        release = PressRelease.objects.get()
        tamper(release, content={**release.content, "title": "14 PIMMS"})

        page = as_reader.get(address(release)).text

        assert "n’est plus celui qui a été validé" in page


class TestStatuses:
    def test_say_everywhere_that_a_release_was_rectified_once_that_was_sent(
        self, network, as_reader
    ):
        october = PressRelease.objects.get()
        erratum = drafting.prepare_erratum(october, [], date(2020, 10, 20))
        erratum.errata = "Titre | a | b"
        erratum.save()
        erratum = final(erratum)
        pages = ("/labelling/pressrelease/", "/labelling/labellingwave/", address(october))
        before = [as_reader.get(page).text for page in pages]

        publishing.mark_as_sent(erratum, on=date(2020, 10, 21))

        after = [as_reader.get(page).text for page in pages]
        assert all(">Envoyé le 14\u00a0octobre 2020<" in page for page in before)
        assert all(">Envoyé le 14\u00a0octobre 2020, rectifié<" in page for page in after)
        assert ">Version définitive<" in before[0]


class TestAnAnnuleEtRemplace:
    def test_takes_the_place_of_what_it_cancels_on_the_page_of_the_wave(self, network, as_reader):
        october = PressRelease.objects.get()
        again = drafting.prepare_replacement(october, date(2020, 10, 20))
        again.own_title = "14 PIMMS"
        again.save()
        before = as_reader.get(address(october, "download/txt")).content

        sent(again, on=date(2020, 10, 20))

        wave = f"/labelling/labellingwave/{october.wave_id}/press-release/"
        page = as_reader.get(wave).text
        file = as_reader.get(f"{wave}published/txt/")
        assert "<h1>14 PIMMS</h1>" in page
        assert "Annule et remplace le communiqué du 14\u00a0octobre 2020" in page
        assert "\n14 PIMMS\n" in file.content.decode()
        assert file.headers["Content-Disposition"] == (
            'attachment; filename="annule-et-remplace-automne-2020.txt"'
        )
        assert as_reader.get(address(october, "download/txt")).content == before
        old = as_reader.get(address(october)).text
        assert "Envoyé le 14\u00a0octobre 2020, annulé et remplacé" in old
