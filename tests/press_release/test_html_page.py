"""The looks of the page: its properties, its links, what its printed margins say."""

import re
from dataclasses import replace

import pytest

from labelling.press_release.renderers import html
from labelling.press_release.renderers.links import find_link
from tests.press_release.contents import october_2020
from tests.press_release.test_pdf import PROPERTIES
from tests.press_release.test_renderers import FULL


class TestTheProperties:
    def test_say_what_the_file_is(self):
        page = html.render(FULL, PROPERTIES).decode()

        assert dict(re.findall(r'<meta name="(.*?)" content="(.*?)">', page)) == {
            "viewport": "width=device-width, initial-scale=1",
            "author": "Union nationale des PIMMS",
            "description": "Communiqué de presse",
            "keywords": f"sha256:{PROPERTIES.digest}",
            "date": "2020-10-13T17:04:05+02:00",
        }
        assert PROPERTIES.digest not in page.partition("<body>")[2]

    def test_of_nothing_frozen_say_nothing(self):
        page = html.render(FULL).decode()

        assert re.findall(r'<meta name="(.*?)"', page) == ["viewport"]


class TestTheContact:
    def test_can_be_called_and_written_to(self):
        for page in (html.render_body(october_2020()), html.render_mail(october_2020())):
            assert re.findall(r'<a href="(.*?)">(.*?)</a>', page) == [
                ("tel:+33678613826", "06 78 61 38 26"),
                ("mailto:alexandre.carlier@pimms.org", "alexandre.carlier@pimms.org"),
            ]

    @pytest.mark.parametrize(
        ("line", "link"),
        [
            ("01 23 45 67 89", "tel:+33123456789"),
            ("01.23.45.67.89", "tel:+33123456789"),
            ("01\u00a023\u00a045\u00a067\u00a089", "tel:+33123456789"),
            ("+33 1 23 45 67 89", "tel:+33123456789"),
            ("+33 (0)1 23 45 67 89", "tel:+33123456789"),
            ("0033 1 23 45 67 89", "tel:+33123456789"),
            ("+32 2 555 12 34", "tel:+3225551234"),
            ("+262 692 12 34 56", "tel:+262692123456"),
            ("presse@pimms.org", "mailto:presse@pimms.org"),
            ("jean+presse@pimms.org", "mailto:jean+presse@pimms.org"),
            ("é&x?=1@pimms.org", "mailto:%C3%A9%26x%3F%3D1@pimms.org"),
            ("39 49", ""),
            ("01 23 45 67 8", ""),
            ("Union nationale des PIMMS", ""),
            ("1998", ""),
            ("@pimms", ""),
            ("Jean Martin presse@pimms.org", ""),
            ("a@b@c.org", ""),
            ("javascript:alert(1)@x.org", ""),
            ("", ""),
        ],
    )
    def test_is_a_link_where_it_is_a_number_or_an_address(self, line, link):
        assert find_link(line) == link


def test_the_cell_of_a_new_site_is_highlighted():
    body = html.render_body(october_2020())

    assert body.count('<td class="release-marked"><mark>') == 13


def test_the_name_of_the_sender_is_in_its_colour():
    assert '<font color="#1F4E79">Union nationale des PIMMS</font>' in html.render_body(FULL)


def test_what_a_margin_says_ends_no_style():
    notice = '</style><script>alert("1")</script> \\ } 10 h'

    page = html.render(replace(FULL, notices=(notice,))).decode()

    assert page.count("</style>") == 1
    assert "<script>" not in page
    assert r"\3c \2f style\3e \3c script\3e alert\28 \22 1\22 \29 " in page
