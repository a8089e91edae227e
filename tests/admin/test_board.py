"""« Les PIMMS labellisés en une page »: the figures of the home page, as a PDF for the board."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from labelling.choices import SiteFormat, WithdrawalReason
from labelling.figures import make_situation
from labelling.models import Department, LabellingWave, Letterhead, Region, Site
from labelling.press_release.board.composition import compose_page
from labelling.press_release.renderers import board
from tests.admin.forms import sentences
from tests.admin.home.test_figures import OCTOBER, SINCE_OCTOBER, plain, read_block, read_table
from tests.conftest import signed_in
from tests.factories import LetterheadFactory, SiteFactory, UserFactory, WaveFactory
from tests.press_release.reading_pdf import pictures_of_pdf, words_of_pdf
from tests.press_release.test_renderers import PIXEL

AT = datetime(2026, 11, 27, 13, 32, tzinfo=UTC)
TODAY = date(2026, 11, 27)
A4 = (595, 842)  # In points.


def locate() -> str:
    return reverse("admin:labelling_site_board")


def download(client, query: dict[str, str] | None = None) -> bytes:
    answer = client.get(locate(), query or {})
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


def follow(client, query: dict[str, str] | None = None) -> tuple[str, bytes]:
    """The home page, and what its button downloads."""
    page = client.get("/", query or {}).text
    [address] = re.findall(rf'<a href="({locate()}[^"]*)"', page)
    return page, client.get(unescape(address)).content


def render(then: date | None = None, now: date = TODAY) -> bytes:
    page = compose_page(make_situation(now), then and make_situation(then), AT)
    return board.render(page, AT)


def open_pdf(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def read(pdf: bytes) -> str:
    """All that the page says, its blanks made equal; a line may end within « Saint-Chamond »."""
    words = " ".join(open_pdf(pdf).pages[0].extract_text().split())
    return re.sub(r"(?<=\w-) ", "", words)


def read_rows(pdf: bytes) -> list[str]:
    """The rows of its tables, cell after cell."""
    return [" ".join(row.split()) for row in words_of_pdf(pdf, "/Table", "/TR")]


def join(rows: list[list[str]]) -> list[str]:
    """Rows of the home page as `read_rows` has them: no words stand in the place of a bar."""
    return ["".join(row) for row in rows]


class TestItsFigures:
    @pytest.mark.parametrize("query", [OCTOBER | {"since_wave": "fevrier-2020"}, SINCE_OCTOBER])
    def test_are_those_of_the_home_page(self, grown_network, as_reader, query):
        page, pdf = follow(as_reader, query)

        assert read_rows(pdf) == [
            "RégionSitesNouveauxFins de label",
            *join(read_table(page, "Par région")),
            "Accueil du publicSitesNouveauxFins de label",
            *join(read_table(page, "Par accueil du public")),
        ]
        block, said = plain(read_block(page)), read(pdf)
        for number, noun in re.findall(
            r"(\d+) (sites? labellisés?|régions?|départements?|associations?) (?!:)", block
        ):
            assert f"{number} {noun}" in said
        [came, went] = re.findall(r": (\d+ nouveaux), (\d+ fins? de label)\.", block)[0]
        assert f" : {came}, {went}" in said

    def test_of_october_2020_are_those_of_the_release(self, network, as_reader):
        said = read(download(as_reader, {"at_wave": "automne-2020"}))

        assert "53 sites labellisés 9 régions 21 départements 27 associations 0 site" in said
        assert (
            "40 sites labellisés avec la vague Février 2020, 53 avec la vague Automne 2020 : "
            "13 nouveaux, 0 fin de label." in said
        )

    def test_say_how_many_sites_are_not_known_to_be_in_a_district(self, grown_network):
        assert "12 sites en quartier prioritaire (QPV) 59 sites non renseignés" in read(render())

    def test_of_the_first_wave_compare_nothing(self, network):
        pdf = render(now=date(2020, 1, 15))

        assert read_rows(pdf)[:2] == ["RégionSites", "Auvergne-Rhône-Alpes4"]
        assert "Première vague : Janvier 2020 33 nouveaux PIMMS Portes de Provence" in read(pdf)

    def test_of_nothing_say_so(self, db):
        pdf = render()

        assert "0 site labellisé 0 région 0 département 0 association" in read(pdf)
        assert "Aucun site n’est labellisé au 27 novembre 2026." in read(pdf)
        assert words_of_pdf(pdf, "/H2") == ["Carte"]
        assert read_rows(pdf) == []


class TestWhatChanged:
    def test_since_the_wave_before_is_told_by_name(self, network):
        said = read(render())

        assert "Ce qui a changé depuis la vague Février 2020" in said
        assert "13 nouveaux PIMMS Isère - Villefontaine, PIMMS Métropole Stéphanoise" in said
        assert said.count("fin de label.") == 1

    def test_since_a_day_names_who_came_and_who_went(self, network):
        gone = Site.objects.filter(name__contains="Stéphanoise")
        gone.end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)
        SiteFactory(name="PIMMS de Lille", wave=make_wave("Hiver 2021"))

        said = read(render(then=date(2020, 10, 14)))

        assert (
            "53 sites labellisés au 14 octobre 2020, 51 au 27 novembre 2026 : 1 nouveau, "
            "3 fins de label (fermeture du site, 3)." in said
        )
        assert "1 nouveau PIMMS de Lille." in said
        assert (
            "3 fins de label PIMMS Métropole Stéphanoise - La Cotonne, PIMMS Métropole "
            "Stéphanoise - Saint-Chamond et PIMMS Métropole Stéphanoise - Montreynaud." in said
        )

    def test_says_how_many_came_and_went_in_between(self, network):
        gone = Site.objects.filter(name__contains="Stéphanoise")
        gone.end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)
        said = "3 sites ont eu et perdu le label entre-temps : ils ne sont comptés ni en nouveaux"

        assert said in read(render(then=date(2020, 2, 15)))
        assert "entre-temps" not in read(render(then=date(2020, 10, 14)))

    def test_is_folded_where_there_are_too_many_names(self, grown_network):
        said = read(render(then=date(2020, 1, 15)))

        named, others = re.search(r"53 nouveaux (PIMMS .*) et (\d+) autres\.", said).groups()
        assert named.count(", ") + 1 + int(others) == 53
        assert int(others) > 1

    def test_is_told_in_numbers_where_there_is_no_room_for_names(self, network):
        SiteFactory(name="W" * 200, wave=make_wave("W" * 100))
        last = make_wave("M" * 100, 2022)
        for number in range(3):
            SiteFactory(name=f"{number}{'W' * 199}", wave=last)
        set_letterhead("W" * 150)

        assert "3 nouveaux La place manque ici pour les nommer." in read(render())


class TestItsPictures:
    def test_are_told_to_who_does_not_see_them(self, network):
        chart, growth = sorted(pictures_of_pdf(render()))

        assert chart.startswith(
            "Carte des PIMMS labellisés France Services. Situation arrêtée au 27\u00a0novembre "
            "2026. 53\u00a0sites labellisés dont 13\u00a0nouveaux\u00a0: Auvergne-Rhône-Alpes, "
        )
        assert growth == (
            "Croissance du nombre de sites labellisés, vague par vague\u00a0: Janvier 2020, "
            "33\u00a0sites (33\u00a0nouveaux, 0\u00a0fin de label)\u202f; Février 2020, "
            "40\u00a0sites (7\u00a0nouveaux, 0\u00a0fin de label)\u202f; Automne 2020, "
            "53\u00a0sites (13\u00a0nouveaux, 0\u00a0fin de label)."
        )

    def test_have_their_own_words_and_the_credit_of_the_map(self, network):
        said = read(render())

        assert "40 sites déjà labellisés" in said
        assert "13 nouveaux sites" in said
        assert "Contours : IGN, Admin Express 2018, Licence Ouverte." in said
        assert "2020 2021 2022 2023 2024 2025 2026 53" in said

    def test_have_room_for_large_numbers(self, network):
        add_many(20_000)

        svg = compose_page(make_situation(TODAY), None, AT).growth[-1].svg

        # « 20 000 » ends at 26, and each of its six letters is 6 wide at most.
        assert ">20\u202f000</text>" in svg
        assert 'viewBox="-10 0 322 150"' in svg

    def test_mark_what_came_since_the_compared_day(self, network):
        said = read(render(then=date(2020, 1, 15)))

        assert "33 sites déjà labellisés" in said
        assert "20 nouveaux sites" in said

    def test_tell_of_what_came_since_the_last_wave(self, network):
        gone = Site.objects.filter(name__contains="Stéphanoise")
        gone.end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)

        growth = max(pictures_of_pdf(render()))

        assert growth.endswith(
            "Au 27\u00a0novembre 2026, 50\u00a0sites (0\u00a0nouveau, 3\u00a0fins de label)."
        )


class TestTheDocument:
    def test_is_for_people_and_for_archives(self, network):
        pdf = open_pdf(render())

        root, metadata = pdf.trailer["/Root"], pdf.xmp_metadata.stream.get_data().decode()
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "fr"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
        assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A<" in metadata
        assert pdf.metadata.title == (
            "Les PIMMS labellisés en une page – "
            "PIMMS labellisés France Services au 27\u00a0novembre 2026"
        )
        assert pdf.metadata.author == "Union nationale des PIMMS"
        assert pdf.metadata.creation_date == AT

    def test_has_headings(self, network):
        pdf = render()

        assert words_of_pdf(pdf, "/H1") == ["Les PIMMS labellisés en une page"]
        assert words_of_pdf(pdf, "/H2") == [
            "Ce qui a changé depuis la vague Février 2020",
            "Carte",
            "Par région",
            "Par accueil du public",
            "Croissance",
        ]
        assert words_of_pdf(pdf, "/H3") == ["13\u00a0nouveaux"]

    def test_has_tables_whose_rows_and_columns_are_headed(self, network):
        pdf = render()

        heads = words_of_pdf(pdf, "/Table", "/TR", "/TH")
        assert heads[:5] == [
            "Région",
            "Sites",
            "Nouveaux",
            "Fins de label",
            "Auvergne-Rhône-Alpes",
        ]
        assert pdf.count(b"/S/TH/") == 2 * 4 + 9 + 3
        assert pdf.count(b"/Scope/Row") == 9 + 3
        assert words_of_pdf(pdf, "/Table", "/TR", "/TD")[:3] == ["16", "8", "0"]

    def test_is_dated(self, network):
        assert (
            "Situation arrêtée au 27 novembre 2026. Page établie le 27 novembre 2026 à 14 h 32."
            in read(render())
        )
        assert (
            "PIMMS labellisés France Services avec la vague Automne 2020. Situation arrêtée au "
            "14 octobre 2020."
            in read(board.render(compose_page(make_situation(find_autumn()), None, AT)))
        )

    def test_has_the_letterhead(self, network):
        set_letterhead("Union nationale des PIMMS Médiation")

        pdf = render()

        assert read(pdf).startswith("Union nationale des PIMMS Médiation Les PIMMS labellisés")
        assert pictures_of_pdf(pdf)[0] == "Logo\u00a0: Union nationale des PIMMS Médiation"

    def test_has_the_same_bytes_for_the_same_figures(self, network):
        assert render() == render()

    def test_a_name_is_no_source(self, db):
        SiteFactory(labelled=True, name='#read("/etc/passwd") *PIMMS*\tde $x$')

        assert '1 nouveau #read("/etc/passwd") *PIMMS* de $x$.' in read(render())


def find_autumn() -> LabellingWave:
    return LabellingWave.objects.get(slug="automne-2020")


def make_wave(name: str, year: int = 2021) -> LabellingWave:
    return WaveFactory(name=name, effective_on=date(year, 2, 1))


def set_letterhead(name: str) -> None:
    head = LetterheadFactory(name=name, colour="#7A1F5C", second_colour="#E0A030")
    head.set_logo(PIXEL)
    head.save()


def add_many(count: int) -> None:
    departments = [*Department.objects.all()]
    last = make_wave("Hiver 2024", 2024)
    waves = [last, *LabellingWave.objects.exclude(pk=last.pk)]
    formats = [*SiteFormat.values, ""]
    Site.objects.bulk_create(
        Site(
            name=f"PIMMS n° {number}",
            department=departments[number * 7 % len(departments)],
            wave=waves[number % len(waves)],
            format=formats[number % len(formats)],
            in_priority_district=(None, True, False)[number % 3],
        )
        for number in range(count)
    )


def make_everything_long() -> None:
    """Names as long as they may be, in more regions than there are in France."""
    before, last = (make_wave(letter * 100, year) for year, letter in ((2021, "W"), (2022, "M")))
    taken = {*Region.objects.values_list("code", flat=True)}
    for code in sorted({f"{number:02}" for number in range(40)} - taken):
        region = Region.objects.create(code=code, name=f"{code} {'Mmmmm ' * 16}".strip())
        department = Department.objects.create(code=f"9{code}", name="W" * 97 + code, region=region)
        for wave in (before, last):
            SiteFactory(name=f"{wave.name[0] * 190} {code}", department=department, wave=wave)
    ended = Site.objects.filter(wave__slug="automne-2020")
    ended.end_labels(date(2022, 3, 1), WithdrawalReason.CLOSED)


class TestItIsOnePage:
    @pytest.mark.parametrize("has_letterhead", [False, True])
    @pytest.mark.parametrize(
        ("sites", "make"),
        [
            ("0", lambda: None),
            ("1", lambda: SiteFactory(labelled=True)),
            ("20 053", lambda: add_many(20_000)),
            ("100", make_everything_long),
        ],
    )
    def test_of_so_many_sites(
        self, request, db, sites: str, make: Callable[[], object], has_letterhead: bool
    ):
        if len(sites) > 1:
            request.getfixturevalue("network")
        if has_letterhead:
            set_letterhead("Union nationale des PIMMS" if len(sites) < 3 else "W" * 150)
        make()

        self.check(sites, render())

    @pytest.mark.parametrize("then", [None, date(2019, 12, 31), date(2020, 10, 14)])
    def test_of_the_network(self, grown_network, then):
        self.check("83", render(then=then))
        self.check("53", render(then=then, now=date(2020, 10, 15)))

    def check(self, sites: str, pdf: bytes) -> None:
        [page] = open_pdf(pdf).pages
        assert tuple(map(round, page.mediabox[2:])) == A4
        # To its last line, and within its margins.
        said = read(pdf)
        assert f"{sites} site" in said
        assert said.endswith("à 14 h 32.")
        assert find_lowest(pdf) >= 30

    def test_that_leaves_regions_out_says_so(self, network):
        make_everything_long()
        pdf = render()

        rows = read_rows(pdf)
        listed = rows[1 : rows.index("Accueil du publicSitesNouveauxFins de label")]
        cells = words_of_pdf(pdf, "/Table", "/TR", "/TD")[: 3 * len(listed) : 3]
        left_out, sites = re.search(r"Et (\d+) autres : (\d+) sites\.", read(pdf)).groups()
        assert len(listed) + int(left_out) == 9 + 30
        assert sum(map(int, cells)) + int(sites) == 100


def find_lowest(pdf: bytes) -> float:
    """How far above the foot of the sheet the lowest words stand."""
    heights = []
    open_pdf(pdf).pages[0].extract_text(
        visitor_text=lambda words, cm, tm, *_: heights.append(
            tm[4] * cm[1] + tm[5] * cm[3] + cm[5] if words.strip() else 842
        )
    )
    return min(heights)


class TestTheDoor:
    def test_is_beside_the_figures(self, network, as_reader):
        page = as_reader.get("/").text

        assert ">Télécharger la page pour le conseil</a>" in read_block(page)

    def test_leads_to_the_moment_and_the_comparison_that_are_shown(self, network, as_reader):
        _, pdf = follow(as_reader, {"at_wave": "automne-2020", "since": "15/01/2020"})

        said = read(pdf)
        assert "avec la vague Automne 2020. Situation arrêtée au 14 octobre 2020." in said
        assert "33 sites labellisés au 15 janvier 2020, 53 avec la vague Automne 2020" in said

    def test_leads_to_what_could_be_read_of_a_question(self, network, as_reader):
        _, pdf = follow(as_reader, {"at": "31/08/2020", "since": "hier"})

        assert "40 sites labellisés" in read(pdf)

    def test_is_there_where_there_is_no_site(self, db, as_reader):
        _, pdf = follow(as_reader)

        assert "0 site labellisé" in read(pdf)

    def test_gives_today_unless_a_day_is_asked_for(self, network, as_reader):
        answer = as_reader.get(locate())

        today = timezone.localdate()
        assert answer["Content-Disposition"] == (
            f'attachment; filename="pimms-labellises-en-une-page-{today}.pdf"'
        )

    def test_names_the_file_after_what_it_compares(self, network, as_reader):
        answer = as_reader.get(locate(), {"at_wave": "automne-2020", "since": "2020-01-15"})

        assert answer["Content-Disposition"] == (
            'attachment; filename="pimms-labellises-en-une-page-automne-2020-depuis-2020-01-15.pdf"'
        )

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"at": "31/02/2021"}, "« 31/02/2021 » : ce jour n’existe pas."),
            ({"since": "hier"}, "« hier » : ce n’est pas une date."),
            ({"at_wave": "hiver-1999"}, "Cette vague n’existe pas : choisissez-en une"),
            (
                {"at": "01/03/2020", "since": "14/10/2020"},
                "Les chiffres s’arrêtent au 1er mars 2020 : comparez-les à une date d’avant.",
            ),
            ({"at": "14/10/2020", "at_wave": "automne-2020"}, "effacez l’une des deux."),
        ],
    )
    def test_says_what_it_cannot_read(self, network, as_reader, query, said):
        answer = as_reader.get(locate(), query, follow=True)

        assert answer.redirect_chain == [("/", 302)]
        [sentence] = sentences(answer)
        assert said in " ".join(sentence.split())

    def test_says_which_character_it_cannot_print(self, db, as_reader):
        SiteFactory(labelled=True, name="PIMMS \U0001f3e0 Nîmes")

        answer = as_reader.get(locate(), follow=True)

        [sentence] = sentences(answer)
        assert "(U+1F3E0)" in sentence
        assert "PIMMS \U0001f3e0 Nîmes" in sentence

    def test_is_for_who_sees_the_figures(self, network):
        for names, status in (
            (("view_site",), 403),
            (("view_labellingwave",), 403),
            (("view_site", "view_labellingwave"), 200),
        ):
            person = UserFactory()
            for name in names:
                person.user_permissions.add(Permission.objects.get(codename=name))
            assert signed_in(person).get(locate()).status_code == status

    def test_asks_no_more_for_more_sites(self, grown_network, as_reader):
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                download(as_reader, SINCE_OCTOBER)
            return len(queries)

        count()
        few = count()
        add_many(300)
        assert Site.objects.labelled_on(timezone.localdate()).count() == 383
        assert count() == few
        assert few < 40

    def test_changes_nothing(self, network, as_reader):
        with CaptureQueriesContext(connection) as queries:
            download(as_reader)

        assert not [one for one in queries if not one["sql"].startswith("SELECT")]
        assert not Letterhead.objects.exists()
