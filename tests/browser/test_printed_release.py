"""The page of a release on paper, as the browser prints it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from labelling.models import PressRelease
from labelling.press_release import publishing
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.renderers import html
from tests.press_release.contents import october_2020, with_lines
from tests.press_release.test_renderers import FULL

pytestmark = pytest.mark.browser


@pytest.fixture
def paper(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def print_out(paper: Page, content: Content) -> list[str]:
    """The text of each printed page, its blanks made equal."""
    paper.set_content(html.render(content).decode())
    printed = PdfReader(io.BytesIO(paper.pdf(prefer_css_page_size=True)))
    return [" ".join(page.extract_text().split()) for page in printed.pages]


def test_the_contact_stays_below_what_the_sender_says_of_itself(paper):
    heads = cycle([(None, ()), (FULL.letterhead, FULL.notices)])
    for count, (head, notices) in zip(range(4, 60, 5), heads, strict=False):
        content = replace(with_lines(count), letterhead=head, notices=notices)

        *_, last = print_out(paper, content)

        assert content.about_heading in last
        assert content.contact_heading in last


def test_the_title_of_the_list_stays_above_its_first_line(paper):
    content = october_2020()
    for count in range(3, 24, 4):
        paragraphs = (*content.paragraphs[:1] * 6, *["Mot."] * count)

        pages = print_out(paper, replace(content, paragraphs=paragraphs))

        (page,) = [page for page in pages if content.list_title in page]
        assert content.legend in page
        assert content.lines[0].name in page


def test_every_line_is_printed_and_every_page_has_its_number_and_notices(paper):
    content = replace(with_lines(120, regions=3), notices=FULL.notices)

    pages = print_out(paper, content)

    for number, page in enumerate(pages, start=1):
        assert f"Page {number} sur {len(pages)}" in page
        assert page.count(FULL.notices[0]) == 1
    printed = "".join("".join(page.split()) for page in pages)
    assert [line.name for line in content.lines if "".join(line.name.split()) not in printed] == []


@pytest.mark.django_db(transaction=True)
def test_its_page_begins_with_it_and_leaves_out_what_is_downloaded(live_server, page, session):
    release = PressRelease.objects.drafts().first()
    title = publishing.compose_draft(release).title
    page.goto(f"{live_server.url}/labelling/pressrelease/{release.pk}/document/")

    printed = PdfReader(io.BytesIO(page.pdf())).pages
    said = " ".join(" ".join(sheet.extract_text() for sheet in printed).split())

    assert " ".join(title.split()) in said.partition("Relectures")[0]
    assert "Relectures" in said
    assert "Fichiers" not in said


def test_a_long_word_breaks(paper):
    word = "W" * 200
    line = ReleaseLine(region=word, department=word, name=word)
    content = replace(october_2020(), title=word, lead=word, lines=(line,), contact=(word,))
    for width in (390, 1366):
        paper.set_viewport_size({"width": width, "height": 800})
        paper.set_content(html.render(content).decode())

        assert paper.evaluate("document.documentElement.scrollWidth") <= width
