"""Each number of the home page, counted again by what it leads to."""

import re
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict

from labelling.choices import WithdrawalReason
from labelling.models import Site
from labelling.spreadsheets.runs import preparation
from labelling.spreadsheets.runs.apply import apply

LIST = Path(__file__).parents[3] / "fixtures" / "demonstration" / "liste-fs-20240801.csv"
# What lists, groups of findings and the page of names say that they have.
_SAID = re.compile(
    r">\s*([0-9][0-9\s]*)\s"
    r"(?:sites?|régions?|départements?|associations?|fiches?|vagues?|noms? à relire)\b"
)
_NUMBER = re.compile(r"([0-9][0-9\s]*)(?:\s|$)")


@pytest.fixture
def listed_network(network):
    """That network once the State's list is applied."""
    run = preparation.prepare(LIST.read_bytes(), name=LIST.name)
    apply(run, None)
    assert Site.objects.count() == 90


def read(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def read_number(words: str) -> int:
    return int("".join(words.split()))


def list_figures(page: str) -> list[tuple[str, int]]:
    """The addresses of the figures, and the number that each is under."""
    block = page.split('<section class="network"')[1].split("</section>", maxsplit=1)[0]
    links = re.findall(r'<a\s+href="([^"]+)"[^>]*>(.*?)</a>', block, re.S)
    numbers = [(unescape(address), _NUMBER.match(read(words))) for address, words in links]
    return [(address, read_number(number[1])) for address, number in numbers if number]


def list_cells(page: str) -> list[str]:
    """The cells of figures, of which each number is a link unless it is nothing."""
    return re.findall(r'<td class="figure">(.*?)</td>', page, re.S)


def list_groups(page: str) -> list[tuple[str, int]]:
    block = page.split('aria-labelledby="home-findings"')[1].split("</section>", maxsplit=1)[0]
    found = re.findall(
        r'<h3><a href="[^"]+">.*?</h3>\s*<a href="([^"]+)">(\d+)\sfiches?<', block, re.S
    )
    return [(address, int(count)) for address, count in found]


def list_tasks(page: str) -> list[tuple[str, str, str]]:
    """What waits: the name, what is said of it, where its button leads."""
    block = page.split('aria-labelledby="home-tasks"')[1].split("</section>", maxsplit=1)[0]
    tasks = re.findall(
        r"<li>\s*<p><strong>(.*?)</strong>(.*?)</p>\s*<a href=\"(.*?)\"", block, re.S
    )
    return [(read(name), read(said), unescape(address)) for name, said, address in tasks]


def count_told(client, address: str) -> int:
    """How many records the page of that address says that it has; an empty list says no number."""
    parts = urlsplit(address)
    answer = client.get(parts.path, QueryDict(parts.query).dict())
    assert answer.status_code == 200, address
    words = unescape(answer.text.split('id="main"')[-1])
    said = _SAID.search(words)
    return read_number(said[1]) if said else 0


def check(client, numbers: list[tuple[str, int]]) -> None:
    told = [(address, count_told(client, address)) for address, _ in numbers]
    assert told == numbers


class TestTheSeededNetwork:
    def test_has_no_number_that_its_list_does_not_show(self, network, as_manager):
        page = as_manager.get("/").text

        figures = list_figures(page)
        # In all, tiles, regions, waves (nothing ended before the first), the folded tables.
        assert len(figures) == 1 + 4 + 9 + (3 + 3 + 2) + 21 + 27 + 3 + 1
        check(as_manager, [*figures, *list_groups(page)])
        assert [read(cell) for cell in list_cells(page) if "href" not in cell] == ["0"]


class TestTheNetworkOfTheStatesList:
    def test_has_no_number_that_its_list_does_not_show(self, listed_network, as_manager):
        page = as_manager.get("/").text

        figures, groups = list_figures(page), list_groups(page)
        assert figures[0][1] == 90
        assert len(groups) >= 3
        check(as_manager, [*figures, *groups])
        assert [read(cell) for cell in list_cells(page) if "href" not in cell] == ["0"]

    def test_has_none_since_a_day_either(self, listed_network, as_manager):
        first = Site.objects.filter(wave__slug="automne-2020").values_list("pk", flat=True)[:3]
        Site.objects.filter(pk__in=[*first]).end_labels(date(2025, 3, 1), WithdrawalReason.CLOSED)

        page = as_manager.get("/", {"since": "14/10/2020"}).text

        figures = list_figures(page)
        assert [number for _, number in figures[:4]] == [87, 53, 37, 3]
        check(as_manager, figures)

    def test_has_as_many_names_to_read_as_their_page(self, listed_network, as_manager):
        tasks = list_tasks(as_manager.get("/").text)

        names = [
            (address, number[1]) for name, _, address in tasks if (number := _NUMBER.match(name))
        ]
        check(as_manager, [(address, read_number(number)) for address, number in names])
        assert len(names) == 1

    def test_has_a_mark_for_each_site(self, listed_network, as_manager):
        drawing = as_manager.get("/").text.split("<svg xmlns")[1].split("</svg>")[0]

        marks = re.findall(r"<(?:circle|path)[^>]*><title>(.*?)</title>", drawing)
        placed = Site.objects.exclude(latitude=None)
        assert sorted(map(unescape, marks)) == sorted(placed.values_list("name", flat=True))
        assert len(marks) == 90

    def test_has_as_many_waves_without_release_as_their_list(self, listed_network, as_manager):
        page = as_manager.get("/").text

        ((address, said),) = re.findall(
            r'<a\s+href="([^"]+)">(\d+)\svagues sont sans communiqué</a>', page
        )
        check(as_manager, [(unescape(address), int(said))])


class TestAnImportInPreparation:
    def test_has_as_many_lines_to_settle_as_its_page(self, network, as_manager, manager):
        content = "Nom;Département\nPIMMS Agde;Izère\nPIMMS Sète;Zzz\nPIMMS Uzès;30\n"
        preparation.prepare(content.encode(), name="sites.csv", author=manager)

        tasks = list_tasks(as_manager.get("/").text)

        ((said, address),) = [(said, at) for _, said, at in tasks if "importrun" in at]
        assert said.startswith("2 lignes attendent une réponse")
        assert "2 lignes" in read(as_manager.get(address).text)
