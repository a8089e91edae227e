"""No page of a Word or OpenDocument release holds a heading or the contact alone.

It is the paging of LibreOffice, the same as Word's in what is asked of it here: lines that keep the
next one. Without `lowriter` it is passed over; the continuous integration installs it.
"""

import re
from dataclasses import replace

import pytest

from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.formats import FORMATS
from tests.press_release.contents import with_lines
from tests.press_release.libreoffice import LOWRITER, Page, lay_out, read_pages, squeeze
from tests.press_release.test_renderers import FULL

pytestmark = pytest.mark.skipif(LOWRITER is None, reason="LibreOffice Writer is not installed")

BARE = replace(FULL, letterhead=None, notices=(), quote=())
KINDS = ("docx", "odt")
# They end pages at many heights. Of all from 1 to 120, with a letterhead and without, LibreOffice
# 7.4 ends no page otherwise than these tests want it.
LENGTHS = (1, 9, 17, 31, 46, 58, 82, 120)


def any_length(whole: Content, count: int) -> Content:
    return replace(whole, lines=with_lines(count, regions=max(1, count // 6)).lines)


def long_names(count: int) -> Content:
    """Names of 200 characters, one word each: higher than any estimate says."""
    lines = (
        ReleaseLine(
            region=f"Région {i // 9}",
            department="W" * 60,
            name=f"{i:03}" + "W" * 197,
            is_new=i % 4 == 0,
        )
        for i in range(count)
    )
    return replace(FULL, lines=tuple(lines))


CONTENTS = {
    **{f"full-{count}": any_length(FULL, count) for count in LENGTHS},
    **{f"bare-{count}": any_length(BARE, count) for count in LENGTHS},
    "one-region": replace(FULL, lines=with_lines(90, regions=1).lines),
    "long-names": long_names(40),
    "no-about": replace(any_length(FULL, 46), about_heading="", about=(), situation=""),
    "no-list": replace(FULL, lines=(), paragraphs=FULL.paragraphs * 4),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, list[Page]]:
    """The pages of each content in each kind, all laid out at once."""
    files = {
        f"{name}-{kind}.{kind}": FORMATS[kind].render(content)
        for name, content in CONTENTS.items()
        for kind in KINDS
    }
    pdfs = lay_out(files, tmp_path_factory.mktemp("pages"))
    return {
        f"{name}-{kind}": read_pages(pdfs[f"{name}-{kind}.{kind}"], content)
        for name, content in CONTENTS.items()
        for kind in KINDS
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CONTENTS)
class TestEveryPage:
    def test_has_what_its_headings_announce(self, pages, name, kind):
        content = CONTENTS[name]
        headings = (
            content.list_title,
            content.legend,
            content.columns[-1],
            content.about_heading,
            content.contact_heading,
        )

        for page in pages[f"{name}-{kind}"]:
            assert not page.text.endswith(tuple(squeeze(text) for text in headings if text))

    def test_has_more_than_the_contact(self, pages, name, kind):
        content = CONTENTS[name]

        *_, last = pages[f"{name}-{kind}"]

        before, found, _ = last.text.partition(squeeze(content.contact_heading))
        assert found
        assert before
        assert squeeze(content.about_heading) in before

    def test_names_the_region_of_its_first_line(self, pages, name, kind):
        content = CONTENTS[name]
        rows = {
            squeeze(f"{line.region}{continued}{line.department}{line.name}")
            for line in content.lines
            for continued in ("", "(suite)")
        }

        for page in pages[f"{name}-{kind}"]:
            assert not page.begins_list or any(map(page.begins_list.startswith, rows))
            # Nowhere else does a page say that a region goes on.
            below = re.sub(r"^Région[0-9]{1,2}\(suite\)", "", page.begins_list)
            assert "(suite)" not in below

    def test_has_lost_no_line(self, pages, name, kind):
        content = CONTENTS[name]

        rest = "".join(page.text for page in pages[f"{name}-{kind}"])

        for line in content.lines:
            _, found, rest = rest.partition(squeeze(line.name))
            assert found
