"""The page of the regional editions: chosen and worded in a draft, read and taken away."""

import io
import re
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import PressRelease, Site
from tests.admin.forms import sentences
from tests.admin.releases.test_steps import address, validate
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
)
from tests.press_release.reading import read_docx


@pytest.fixture
def draft(db):
    """A wave that is new in Occitanie; Bretagne has a site of an older one."""
    SiteFactory(labelled=True, name="PIMMS Nîmes", commune="Nîmes")
    brittany = RegionFactory(code="53", name="Bretagne")
    SiteFactory(
        labelled=True,
        name="PIMMS Rennes",
        department=DepartmentFactory(code="35", name="Ille-et-Vilaine", region=brittany),
        wave=WaveFactory(name="Hiver 2020", effective_on="2020-01-15"),
    )
    return ReleaseFactory()


def edition(release, region, extension=""):
    return address(release, f"editions/{region}") + (f"{extension}/" if extension else "")


def sent(page, **changes) -> dict[str, str]:
    """What the browser would send of the page, with `changes`."""
    fields = {"seen": re.search(r'name="seen" value="(\w+)"', page.text)[1]}
    for row in page.context["rows"]:
        for field in row.form:
            if value := field.value():
                fields[field.html_name] = "on" if value is True else value
    fields |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in fields.items() if value is not None}


def save(client, release, **changes):
    page = client.get(address(release, "editions"))
    return client.post(address(release, "editions"), sent(page, **changes), follow=True)


def chosen(release) -> list[str] | None:
    release.refresh_from_db()
    if release.editions is None:
        return None
    return [stored["region"] for stored in release.editions if stored["is_chosen"]]


class TestChoosing:
    def test_has_the_regions_with_a_new_site_ticked(self, draft, as_editor):
        page = as_editor.get(address(draft, "editions"))

        ticked = {row.region.name: row.form["is_chosen"].value() for row in page.context["rows"]}
        assert ticked == {"Bretagne": False, "Occitanie": True}
        assert "Un PIMMS est labellisé en Bretagne, sur 2 en France" in page.text
        assert chosen(draft) is None

    def test_keeps_the_choice_and_the_words(self, draft, as_editor):
        page = save(
            as_editor, draft, bretagne__is_chosen="on", bretagne__title="La Bretagne attend."
        )

        assert sentences(page) == ["Les éditions régionales sont enregistrées."]
        assert chosen(draft) == ["Bretagne", "Occitanie"]
        assert "La Bretagne attend." in as_editor.get(edition(draft, "bretagne")).text
        assert "La Bretagne attend." not in as_editor.get(edition(draft, "occitanie")).text

    def test_leaves_a_sentence_derived_that_says_the_same(self, draft, as_editor):
        title = "Un PIMMS supplémentaire obtient la labellisation France Services en Occitanie"
        save(as_editor, draft, occitanie__title=title)

        draft.refresh_from_db()
        assert [stored["title"] for stored in draft.editions] == ["", ""]

    def test_takes_none(self, draft, as_editor):
        save(as_editor, draft, occitanie__is_chosen=None)

        assert chosen(draft) == []
        assert "Tout télécharger" not in as_editor.get(address(draft, "editions")).text

    def test_keeps_what_was_written_of_a_region_that_is_left_out(self, draft, as_editor):
        save(as_editor, draft, bretagne__is_chosen="on", bretagne__lead="La Bretagne attend.")
        save(as_editor, draft, bretagne__is_chosen=None)
        assert chosen(draft) == ["Occitanie"]
        assert "La Bretagne attend." in as_editor.get(address(draft, "editions")).text

        brittany = Site.objects.get(name="PIMMS Rennes")
        Site.objects.filter(pk=brittany.pk).update(wave=None)
        save(as_editor, draft, occitanie__title="Nîmes !")
        Site.objects.filter(pk=brittany.pk).update(wave=brittany.wave)
        assert "La Bretagne attend." in as_editor.get(address(draft, "editions")).text

    def test_shows_what_was_written_of_a_region_that_is_left_out(self, draft, as_editor):
        save(as_editor, draft, occitanie__is_chosen=None, occitanie__title="Nîmes à l’honneur")

        rows = as_editor.get(address(draft, "editions")).context["rows"]
        assert {row.region.name: (row.title, row.is_chosen) for row in rows}["Occitanie"] == (
            "Nîmes à l’honneur",
            False,
        )
        assert "Nîmes à l’honneur" in as_editor.get(edition(draft, "occitanie")).text

    def test_has_a_region_ticked_that_comes_with_a_new_site_later(self, draft, as_editor):
        save(as_editor, draft, occitanie__is_chosen=None)
        corsica = RegionFactory(code="94", name="Corse")
        department = DepartmentFactory(code="2A", name="Corse-du-Sud", region=corsica)
        SiteFactory(labelled=True, name="PIMMS Ajaccio", department=department)

        page = as_editor.get(address(draft, "editions"))

        ticked = {row.region.name: row.form["is_chosen"].value() for row in page.context["rows"]}
        assert ticked == {"Bretagne": False, "Corse": True, "Occitanie": False}

    def test_is_history(self, draft, as_editor):
        save(as_editor, draft, bretagne__is_chosen="on")

        assert draft.history.first().history_change_reason == "Éditions régionales"

    def test_refuses_what_is_too_long(self, draft, as_editor):
        page = save(as_editor, draft, occitanie__contact="x" * 201)

        assert "Rien n’est enregistré" in sentences(page)[0]
        assert chosen(draft) is None
        assert "x" * 201 in page.text

    def test_is_offered_from_the_document(self, draft, as_editor, as_reader):
        for client in (as_editor, as_reader):
            assert address(draft, "editions") in client.get(address(draft)).text
        assert "Enregistrer les éditions" not in as_reader.get(address(draft, "editions")).text
        assert as_reader.post(address(draft, "editions"), {}).status_code == 403


class TestTwoPeople:
    def test_see_what_the_other_one_saved(self, draft, as_editor, as_manager):
        mine = sent(
            as_editor.get(address(draft, "editions")), occitanie__title="Nîmes ouvre ses portes."
        )
        save(as_manager, draft, occitanie__title="Le Gard.", bretagne__is_chosen="on")

        page = as_editor.post(address(draft, "editions"), mine)

        assert "Un collègue a enregistré d’autres choix" in sentences(page)[0]
        assert "Nîmes ouvre ses portes." in page.text
        assert "Enregistré entre-temps\u00a0: «\u00a0Le Gard.\u00a0»." in page.text
        assert "Entre-temps, cette édition a été préparée." in page.text
        assert chosen(draft) == ["Bretagne", "Occitanie"]

        again = sent(page)
        as_editor.post(address(draft, "editions"), again)
        draft.refresh_from_db()
        assert chosen(draft) == ["Occitanie"]
        assert draft.editions[1]["title"] == "Nîmes ouvre ses portes."

    def test_who_types_while_it_is_validated_loses_no_word(self, draft, as_editor):
        mine = sent(
            as_editor.get(address(draft, "editions")),
            occitanie__title="Nîmes ouvre <b>ses</b> portes.",
            bretagne__is_chosen="on",
        )
        final(draft)

        page = as_editor.post(address(draft, "editions"), mine)

        assert page.status_code == 409
        assert "a été validé" in page.text
        assert page.context["words"] == [
            ("Occitanie, titre", "Nîmes ouvre <b>ses</b> portes."),
            ("Éditions à préparer", "Bretagne et Occitanie"),
        ]
        assert "Nîmes ouvre &lt;b&gt;ses&lt;/b&gt; portes." in page.text

    def test_who_types_while_it_is_deleted_loses_no_word(self, draft, as_editor, as_manager):
        mine = sent(
            as_editor.get(address(draft, "editions")), bretagne__contact="Ana Durand, 01 02 03"
        )
        as_manager.post(address(draft, "delete"), {"post": "yes"})

        page = as_editor.post(address(draft, "editions"), mine)

        assert page.status_code == 409
        assert "Ce brouillon a été supprimé par" in page.text
        assert page.context["words"] == [
            ("Bretagne, contact local", "Ana Durand, 01 02 03"),
            ("Éditions à préparer", "Occitanie"),
        ]

    def test_who_changed_nothing_has_nothing_to_get_back(self, draft, as_editor):
        save(as_editor, draft, occitanie__title="Le Gard.")
        mine = sent(as_editor.get(address(draft, "editions")))
        final(PressRelease.objects.get())

        page = as_editor.post(address(draft, "editions"), mine, follow=True)

        assert page.redirect_chain == [(address(draft), 302)]
        assert "a été validé" in sentences(page)[0]


class TestValidating:
    def test_says_which_editions_are_frozen(self, draft, as_manager):
        save(as_manager, draft, bretagne__is_chosen="on")

        page = as_manager.get(address(draft, "validate")).text
        assert "les éditions régionales préparées&nbsp;: Bretagne et Occitanie." in page
        validate(as_manager, draft)

        draft.refresh_from_db()
        assert [one["region"] for one in draft.content["editions"]] == ["Bretagne", "Occitanie"]
        page = as_manager.get(address(draft, "editions")).text
        assert "ont été figées avec lui" in page
        assert "Enregistrer les éditions" not in page

    def test_sees_a_choice_that_changed_meanwhile(self, draft, as_manager):
        page = as_manager.get(address(draft, "validate")).text
        seen = re.search(r'name="seen" value="(\w+)"', page)[1]
        save(as_manager, draft, occitanie__title="Autre chose.")

        answer = as_manager.post(address(draft, "validate"), {"seen": seen}, follow=True)

        assert "ont changé depuis que vous avez ouvert cette page" in sentences(answer)[0]


class TestTheFiles:
    @pytest.mark.parametrize(("extension", "head"), [("pdf", b"%PDF-"), ("docx", b"PK")])
    def test_are_pdf_and_word(self, draft, as_reader, extension, head):
        answer = as_reader.get(edition(draft, "occitanie", extension))

        assert answer.content.startswith(head)
        assert answer["Content-Disposition"] == (
            f'attachment; filename="PROJET-communique-automne-2020-occitanie.{extension}"'
        )

    def test_come_together_in_an_archive(self, draft, as_reader):
        answer = as_reader.get(f"/labelling/pressrelease/{draft.pk}/editions.zip")

        with ZipFile(io.BytesIO(answer.content)) as files:
            names = files.namelist()
            word = read_docx(files.read("PROJET-communique-automne-2020-occitanie.docx"))
        assert names == [
            "PROJET-communique-automne-2020-occitanie.pdf",
            "PROJET-communique-automne-2020-occitanie.docx",
        ]
        assert "PROJET – NE PAS DIFFUSER" in [paragraph.text for paragraph in word.paragraphs]

    def test_are_none_of_what_was_not_prepared(self, draft, as_editor):
        save(as_editor, draft, occitanie__is_chosen=None)

        assert as_editor.get(f"/labelling/pressrelease/{draft.pk}/editions.zip").status_code == 404

    def test_are_none_of_a_format_that_there_is_not(self, draft, as_reader):
        assert as_reader.get(edition(draft, "occitanie", "exe")).status_code == 404

    def test_are_none_of_a_region_without_a_site(self, draft, as_reader):
        assert as_reader.get(edition(draft, "corse")).status_code == 404
        assert as_reader.get(edition(draft, "corse", "pdf")).status_code == 404

    def test_are_none_of_a_rectificatif(self, network, as_editor):
        release = PressRelease.objects.get()
        page = as_editor.get(address(release, "editions"))
        assert page.text.count("Non préparée") == 4
        assert page.context["chosen_count"] == 5
        erratum = ReleaseFactory(wave=release.wave, kind="erratum", corrects=release)

        assert as_editor.get(address(erratum, "editions")).status_code == 404
        assert "Éditions régionales" not in as_editor.get(address(erratum)).text

    def test_ask_as_many_queries_for_many_regions(self, draft, as_reader):
        with CaptureQueriesContext(connection) as few:
            as_reader.get(address(draft, "editions"))
        for number in range(60, 70):
            region = RegionFactory(code=str(number), name=f"Région {number}")
            department = DepartmentFactory(code=f"X{number}", name=f"D {number}", region=region)
            SiteFactory(labelled=True, name=f"PIMMS {number}", department=department)

        with CaptureQueriesContext(connection) as many:
            page = as_reader.get(address(draft, "editions"))

        assert len(page.context["rows"]) == 12
        assert len(many) <= len(few)
