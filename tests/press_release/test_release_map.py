"""« Joindre la carte »: the map in a release, frozen with it, in the formats that show pictures."""

import base64
import io
import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from pypdf import PdfReader

from labelling.figures import make_situation
from labelling.models import LabellingWave, PressRelease, Site
from labelling.press_release import drafting, publishing
from labelling.press_release.content import Content
from labelling.press_release.formats import FORMATS
from labelling.press_release.network_map import compose_map
from labelling.press_release.renderers import html
from tests.admin.forms import filled
from tests.factories import ReleaseFactory, SiteFactory, final, sent
from tests.press_release.contents import october_2020
from tests.press_release.reading import read_docx, xml_parts
from tests.press_release.reading_pdf import pictures_of_pdf

SVG = "{http://www.w3.org/2000/svg}"
SPOKEN = (
    "Carte des PIMMS labellisés France Services. Situation arrêtée au 1er\u00a0février 2020. "
    "40\u00a0sites labellisés dont 7\u00a0nouveaux\u00a0: "
)


def locate(release: PressRelease, page: str, *args: object) -> str:
    return reverse(f"admin:labelling_pressrelease_{page}", args=(release.pk, *args))


def count_marks(svg: str) -> tuple[int, int]:
    """Known and new ones, without those of the legend."""
    drawn = ET.fromstring(svg)  # noqa: S314
    known, new = (drawn.findall(f".//{SVG}g[@class='map-{kind}']/*") for kind in ("known", "new"))
    return sum(one.tag == f"{SVG}circle" for one in known) - 1, sum(
        one.tag == f"{SVG}path" for one in new
    ) - 1


@pytest.fixture
def february(network):
    return LabellingWave.objects.get(slug="fevrier-2020")


@pytest.fixture
def draft(february):
    return ReleaseFactory(wave=february, prints_map=True, editions=[])


def tick(client, release: PressRelease) -> None:
    page = client.get(locate(release, "change"))
    client.post(locate(release, "change"), filled(page, prints_map="on"))
    release.refresh_from_db()


class TestTheTick:
    def test_puts_the_map_into_the_document(self, february, as_editor):
        release = ReleaseFactory(wave=february)
        assert "release-map" not in as_editor.get(locate(release, "document")).text

        assert "Joindre la carte" in as_editor.get(locate(release, "change")).text
        tick(as_editor, release)

        page = as_editor.get(locate(release, "document")).text
        assert f'alt="{SPOKEN}' in page
        (svg,) = re.findall('src="data:image/svg[+]xml;base64,([^"]+)"', page)
        assert count_marks(base64.b64decode(svg).decode()) == (33, 7)

    def test_is_not_shown_to_who_only_reads(self, draft, as_reader):
        assert "prints_map" not in as_reader.get(locate(draft, "change")).text
        assert "release-map" in as_reader.get(locate(draft, "document")).text

    def test_is_not_offered_in_a_rectificatif(self, network, as_manager, manager):
        release = PressRelease.objects.get(wave__slug="automne-2020")
        erratum = drafting.prepare_erratum(release, (), date(2020, 10, 20))

        assert "prints_map" not in as_manager.get(locate(erratum, "change")).text

    def test_is_kept_in_a_corrected_version_and_asked_again_for_the_next_wave(self, draft):
        corrected = drafting.prepare_corrected_version(final(draft))
        replacement = drafting.prepare_replacement(
            publishing.mark_as_sent(final(corrected), on=date(2020, 10, 14)), date(2020, 10, 20)
        )

        assert (corrected.prints_map, replacement.prints_map) == (True, True)
        january = LabellingWave.objects.get(slug="janvier-2020")
        assert not drafting.draft_original(january, date(2020, 10, 20)).prints_map

    def test_is_that_of_the_brand_of_the_release(self, draft):
        draft.brand = "Point PIMMS"

        drawn = publishing.compose_draft(draft).map

        assert drawn.text.startswith("Carte des Point PIMMS labellisés France Services. ")
        assert ">Carte des Point PIMMS labellisés" in drawn.svg


class TestFrozen:
    def test_what_was_validated_stays_as_it_was_drawn(self, draft):
        release = final(draft)
        drawn = publishing.compose_draft(release).map.svg
        assert (release.content["schema"], release.content["map"]["svg"]) == (4, drawn)

        site = Site.objects.new_in(release.wave).exclude(longitude=None).first()
        site.longitude, site.latitude = 2.0, 47.0
        site.save()

        assert Content.from_json(release.content).map.svg == drawn
        assert publishing.compose_draft(release).map.svg != drawn

    def test_content_comes_back_from_json_as_it_was(self, draft):
        content = publishing.compose_draft(draft)

        assert Content.from_json(content.to_json()) == content

    def test_a_release_without_it_is_stored_as_before_there_were_maps(self, february):
        stored = final(ReleaseFactory(wave=february, editions=[])).content

        assert stored["schema"] == 3
        assert "map" not in stored
        assert Content.from_json(stored).map is None

    def test_what_the_records_say_otherwise_has_it_too(self, draft):
        release = sent(draft)

        content = publishing.compose_content(release.wave, release, "records", release.validated_at)

        assert content.map == Content.from_json(release.content).map

    def test_no_name_of_a_site_is_in_the_drawing(self, draft):
        """Names are told by the list; a rectificatif need not look for them in a picture."""
        drawn = publishing.compose_draft(draft).map.svg

        assert count_marks(drawn) == (33, 7)
        assert not any(mark.name in drawn for mark in compose_map(make_situation(draft.wave)).marks)


class TestFormats:
    @pytest.fixture
    def content(self, draft):
        return publishing.compose_draft(draft)

    def test_the_pdf_has_it_with_its_text(self, content):
        pdf = FORMATS["pdf"].render(content)

        assert pictures_of_pdf(pdf) == [content.map.text]
        words = PdfReader(io.BytesIO(pdf)).pages[-1].extract_text()
        assert "Contours : IGN" in words.replace("\u00a0", " ")

    def test_word_has_it_with_its_text(self, content):
        (shape,) = read_docx(FORMATS["docx"].render(content)).inline_shapes

        assert shape._inline.docPr.get("descr") == content.map.text
        assert (round(shape.width.mm), 140 < shape.height.mm < 170) == (120, True)
        relation = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        picture = read_docx(FORMATS["docx"].render(content)).part.related_parts[relation].blob
        assert picture.startswith(b"\x89PNG")
        assert int.from_bytes(picture[16:20]) == 2000

    def test_opendocument_has_it_with_its_text(self, content):
        root = xml_parts(FORMATS["odt"].render(content))["content.xml"]

        (frame,) = root.iterfind(".//{*}frame")
        assert frame.findtext("{*}desc") == content.map.text
        picture = base64.b64decode(frame.findtext(".//{*}binary-data"))
        assert picture.startswith(b"\x89PNG")

    def test_the_page_has_it_and_asks_no_server_for_it(self, content):
        page = FORMATS["html"].render(content).decode()

        assert f'alt="{SPOKEN}' in page
        assert page.count("<img") == page.count('src="data:image/svg+xml;base64,') == 1
        assert ".release-map img" in page

    @pytest.mark.parametrize("extension", ["xlsx", "ods", "txt", "csv"])
    def test_those_without_pictures_say_what_they_said(self, extension, content, draft):
        draft.prints_map = False

        without = publishing.compose_draft(draft)

        assert FORMATS[extension].render(content) == FORMATS[extension].render(without)

    def test_a_mail_says_what_it_said(self, content, draft):
        draft.prints_map = False

        without = publishing.compose_draft(draft)

        assert html.render_mail(content) == html.render_mail(without)

    @pytest.mark.parametrize("extension", FORMATS)
    def test_the_same_content_gives_the_same_bytes(self, extension, content):
        assert FORMATS[extension].render(content) == FORMATS[extension].render(content)

    def test_a_release_without_it_has_no_picture(self):
        content = october_2020()

        assert content.map is None
        assert pictures_of_pdf(FORMATS["pdf"].render(content)) == []
        assert len(read_docx(FORMATS["docx"].render(content)).inline_shapes) == 0
        assert "release-map" not in FORMATS["html"].render(content).decode()

    def test_a_map_of_many_sites_is_printed_too(self, draft):
        department = Site.objects.new_in(draft.wave)[0].department
        Site.objects.bulk_create(
            Site(name=f"Site {number}", department=department, wave=draft.wave)
            for number in range(400)
        )
        SiteFactory(wave=draft.wave)

        content = publishing.compose_draft(draft)

        assert "441\u00a0sites par département" in content.map.svg
        assert FORMATS["pdf"].render(content).startswith(b"%PDF")
