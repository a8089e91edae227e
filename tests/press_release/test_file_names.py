"""What leaves with a release: names of files, the archive, the subject of the mail."""

import io
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import pytest

from labelling.models import Department, PressRelease, Site
from labelling.press_release import corrections, drafting, file_names, mail, publishing
from labelling.press_release.composition import read_published
from labelling.press_release.content import NO_PROPERTIES
from labelling.press_release.errata import Correction
from labelling.press_release.formats import FORMATS
from tests.factories import ReleaseFactory, SiteFactory, final

EMBARGO = datetime(2020, 10, 14, 8, tzinfo=UTC)
BEFORE, AFTER = EMBARGO - timedelta(minutes=1), EMBARGO
DAY = date(2020, 10, 20)


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True)
    return ReleaseFactory()


def name_of(release, extension="pdf", at=BEFORE):
    return file_names.name_file(release.wave, release, extension, at)


def erratum_of(release):
    erratum = drafting.prepare_erratum(release, [], DAY)
    erratum.errata = "Titre | a | b"
    erratum.save()
    return erratum


class TestNames:
    def test_say_that_a_draft_is_one(self, draft):
        assert name_of(draft) == "PROJET-communique-automne-2020.pdf"

    def test_of_a_final_version_are_plain(self, draft):
        assert name_of(final(draft), "zip") == "communique-automne-2020.zip"

    def test_say_the_embargo(self, draft):
        draft.embargo_until = EMBARGO
        draft.save()

        release = final(draft)
        assert name_of(release) == "communique-automne-2020-SOUS-EMBARGO-2020-10-14-10h.pdf"
        assert name_of(release, at=AFTER) == "communique-automne-2020.pdf"

    def test_of_corrections_say_what_they_are(self, network):
        october = PressRelease.objects.get()

        erratum = drafting.prepare_erratum(october, [], DAY)
        again = drafting.prepare_replacement(october, DAY)

        assert name_of(erratum) == "PROJET-rectificatif-automne-2020.pdf"
        assert name_of(again) == "PROJET-annule-et-remplace-automne-2020.pdf"

    def test_of_corrections_count_those_of_their_kind(self, network):
        october = PressRelease.objects.get()
        first = final(erratum_of(october))
        corrected = final(drafting.prepare_corrected_version(first))
        second = erratum_of(october)

        first.refresh_from_db()
        assert name_of(first) == "rectificatif-automne-2020-remplace.pdf"
        assert name_of(corrected) == "rectificatif-automne-2020.pdf"
        assert name_of(second) == "PROJET-rectificatif-automne-2020-2.pdf"

    def test_say_where_the_list_comes_from(self, network):
        october = PressRelease.objects.get()

        assert file_names.name_file(october.wave, october, "csv", AFTER, "records") == (
            "communique-automne-2020-recalcule.csv"
        )
        assert file_names.name_file(october.wave, None, "csv", AFTER, "records") == (
            "PROJET-communique-automne-2020.csv"
        )


class TestTheSubject:
    def test_of_a_rectificatif_says_so_once(self, network):
        erratum = erratum_of(PressRelease.objects.get())

        assert mail.write_subject(erratum, publishing.compose_draft(erratum), AFTER) == (
            "PROJET – NE PAS DIFFUSER – Rectificatif au communiqué du 14\u00a0octobre 2020"
        )

    def test_is_what_it_is_and_its_title(self, network):
        october = PressRelease.objects.get()

        assert mail.write_subject(october, read_published(october), AFTER) == (
            "Communiqué de presse – 13 PIMMS supplémentaires obtiennent la labellisation France "
            "Services"
        )

    def test_of_a_draft_under_embargo_says_both_first(self, draft):
        draft.embargo_until = EMBARGO

        content = publishing.compose_draft(draft)
        subject = mail.write_subject(draft, content, BEFORE)
        assert "EMBARGO" not in mail.write_subject(draft, content, AFTER)
        assert subject == (
            "PROJET – NE PAS DIFFUSER – SOUS EMBARGO JUSQU’AU MERCREDI 14\u00a0OCTOBRE 2020 À "
            "10\u00a0H – Communiqué de presse – Un PIMMS obtient la labellisation "
            "France Services"
        )


class TestARectificatif:
    @pytest.mark.parametrize("extension", ["txt", "html", "csv", "json"])
    def test_of_a_new_site_names_what_it_corrects_in_each_file(self, network, extension):
        october = PressRelease.objects.get()
        site = Site.objects.get(name="PIMMS Métropole Stéphanoise - La Cotonne")
        site.department = Department.objects.get(name="Loire")
        site.save()
        errors = [
            correction
            for one in corrections.compare_with_records(october)
            if one.site == site.pk
            for correction in Correction.list_of(one)
        ]
        erratum = final(drafting.prepare_erratum(october, errors, DAY))

        document = FORMATS[extension].render(read_published(erratum)).decode()

        assert read_published(erratum).new_count == 1
        assert "Rectificatif au communiqué du 14\u00a0octobre 2020" in document
        assert "mardi 20\u00a0octobre 2020" in document
        assert "lire\u00a0: «\u00a0Loire\u00a0»." in document


class TestTheArchive:
    def test_holds_the_release_in_every_format(self, network):
        october = PressRelease.objects.get()
        content = read_published(october)

        archive = file_names.archive(content, NO_PROPERTIES, "communique-automne-2020.zip")

        names = ZipFile(io.BytesIO(archive)).namelist()
        assert names == [
            f"communique-automne-2020.{extension}"
            for extension in ("pdf", "docx", "xlsx", "odt", "ods", "txt", "html", "csv", "json")
        ]
        assert file_names.archive(content, NO_PROPERTIES, "communique-automne-2020.zip") == archive


class TestNotices:
    @pytest.mark.parametrize("extension", ["txt", "html", "csv"])
    def test_stand_above_everything_in_each_file(self, draft, extension):
        draft.embargo_until = EMBARGO

        document = FORMATS[extension].render(publishing.compose_draft(draft)).decode()

        body = document.split("<body>")[-1]
        assert body.index("PROJET – NE PAS DIFFUSER") < body.index("Sous embargo jusqu’au")
        assert body.index("Sous embargo jusqu’au") < body.index("Région")
