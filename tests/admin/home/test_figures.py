"""The figures of the home page: of a day or a wave, compared, each with the list that proves it."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from labelling import figures, text
from labelling.choices import WithdrawalReason
from labelling.figures.drawing import draw_steps
from labelling.models import LabellingWave, Site
from tests.conftest import signed_in
from tests.factories import (
    AssociationFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
)

OCTOBER = {"at": "14/10/2020"}
SINCE_OCTOBER = {"since": "14 octobre 2020"}


def plain(html: str) -> str:
    """What a part of a page says, its numbers without the words for who hears them."""
    heard = re.sub(r'<span\s+class="visually-hidden">.*?</span>', "", html, flags=re.S)
    words = unescape(re.sub(r"<[^>]+>", " ", heard))
    return re.sub(r"\s+([,.)])", r"\1", " ".join(words.split())).replace("( ", "(")


def read_table(page: str, caption: str) -> list[list[str]]:
    """The lines of a table, as they are read."""
    table = page.split(f"<caption>{caption}</caption>")[1]
    rows = table.split("</table>", maxsplit=1)[0].split("<tbody>")[1]
    return [
        [plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", rows, re.S)
    ]


def read_block(page: str) -> str:
    return page.split('<section class="network"')[1].split("</section>", maxsplit=1)[0]


def list_links(page: str) -> list[tuple[str, int]]:
    """The addresses of the block and the number that each stands under; waves have none."""
    links = re.findall(r'<a\s+href="([^"]+\?[^"]+)">(?:<strong>)?(\d+)', read_block(page))
    return [(unescape(address), int(number)) for address, number in links]


def prove(client, links: list[tuple[str, int]]) -> None:
    for address, number in links:
        assert client.get(address).context["cl"].result_count == number, address


class TestFigures:
    def test_of_october_2020_are_those_of_the_release(self, network, as_reader):
        page = as_reader.get("/", OCTOBER).text

        assert ">PIMMS labellisés France Services au 14\u00a0octobre 2020</h2>" in page
        assert "53 sites labellisés" in plain(page)
        assert "9 régions 21 départements 27 associations" in plain(page)
        assert read_table(page, "Vagues de labellisation") == [
            ["Automne 2020", "01/09/2020", "13", "0", "53"],
            ["Février 2020", "01/02/2020", "7", "0", "40"],
            ["Janvier 2020", "01/01/2020", "33", "0", "33"],
        ]

    def test_are_of_today_unless_a_day_is_asked_for(self, network, as_reader):
        page = as_reader.get("/").text

        today = text.long_date(timezone.localdate())
        assert f">PIMMS labellisés France Services au {today}</h2>" in page
        assert "Revenir à aujourd’hui" not in page
        assert "Depuis" not in read_block(page)

    def test_stand_at_the_day_that_is_asked_for(self, network, as_reader):
        page = as_reader.get("/", {"at": "31 août 2020"}).text

        assert "40 sites labellisés" in plain(page)
        assert [row[0] for row in read_table(page, "Vagues de labellisation")] == [
            "Février 2020",
            "Janvier 2020",
        ]
        assert 'value="31 août 2020"' in page
        assert "Revenir à aujourd’hui" in page

    def test_stand_as_the_list_of_a_wave(self, network, as_reader):
        page = as_reader.get("/", {"at_wave": "automne-2020"}).text

        assert ">PIMMS labellisés France Services avec la vague Automne 2020</h2>" in page
        assert "Situation arrêtée au 14\u00a0octobre 2020" in page
        assert '<option value="automne-2020" selected>' in page

    def test_list_the_regions_in_french_order_each_with_its_bar(self, network, as_reader):
        page = as_reader.get("/", OCTOBER).text

        assert read_table(page, "Par région") == [
            ["Auvergne-Rhône-Alpes", "", "16"],
            ["Bourgogne-Franche-Comté", "", "4"],
            ["Bretagne", "", "5"],
            ["Centre-Val de Loire", "", "2"],
            ["Grand Est", "", "2"],
            ["Hauts-de-France", "", "4"],
            ["Île-de-France", "", "14"],
            ["Nouvelle-Aquitaine", "", "2"],
            ["Occitanie", "", "4"],
        ]
        table = page.split("<caption>Par région")[1].split("</table>")[0]
        bars = re.findall(r'<rect width="(\d+)"', table)
        assert bars == ["1000", "250", "312", "125", "125", "250", "875", "125", "250"]

    def test_leave_out_the_sites_whose_label_has_ended(self, network, as_reader):
        site = Site.objects.order_by("pk").first()
        site.withdrawn_on, site.withdrawal_reason = date(2021, 3, 1), "closed"
        site.save()

        assert "52 sites labellisés" in plain(as_reader.get("/", {"at": "01/03/2021"}).text)
        assert "53 sites labellisés" in plain(as_reader.get("/", {"at": "28/02/2021"}).text)

    def test_take_the_singular_for_one(self, db, as_reader):
        SiteFactory(labelled=True)

        block = plain(read_block(as_reader.get("/", OCTOBER).text))

        assert "1 site labellisé " in block
        assert "1 région 1 département 0 association " in block

    def test_are_proved_by_the_lists_they_lead_to(self, network, as_reader):
        links = list_links(as_reader.get("/").text)

        # Of the first wave, nothing could end before. Then regions to priority districts.
        assert len(links) == 1 + 4 + 9 + (3 + 2 + 3) + 21 + 27 + 3 + 1
        prove(as_reader, links)

    def test_leave_very_many_associations_to_their_list(self, db, as_reader):
        wave = WaveFactory()
        for _ in range(2):
            SiteFactory(wave=wave, association=AssociationFactory())
        assert len(read_table(as_reader.get("/").text, "Par association")) == 2
        for _ in range(119):
            SiteFactory(wave=wave, association=AssociationFactory())

        page = as_reader.get("/").text

        assert "Par association" not in page
        places = [link for link in list_links(page) if "/association/" in link[0]]
        assert [number for _, number in places] == [121]
        prove(as_reader, places)

    def test_of_a_base_without_sites_are_nothing(self, db, as_reader):
        block = plain(read_block(as_reader.get("/").text))

        assert "0 site labellisé" in block
        assert "Par région" not in block
        assert "Croissance" not in block


class TestAComparison:
    def test_explains_the_number_by_the_earlier_one(self, grown_network, as_reader):
        page = as_reader.get("/", SINCE_OCTOBER).text

        block = plain(read_block(page))
        assert "83 sites labellisés" in block
        assert (
            "Depuis le 14 octobre 2020 (53 sites labellisés) : 37 nouveaux, 7 fins de label."
            in block
        )
        rows = read_table(page, "Par région")
        assert rows[0] == ["Auvergne-Rhône-Alpes", "", "15", "6", "7"]
        assert [sum(int(row[column]) for row in rows) for column in (2, 3, 4)] == [83, 37, 7]

    def test_says_why_labels_ended_each_reason_with_its_list(self, network, as_reader):
        autumn = Site.objects.filter(wave__slug="automne-2020").order_by("pk")
        taken, *closed = autumn.values_list("pk", flat=True)[:3]
        Site.objects.filter(pk__in=closed).end_labels(date(2022, 3, 1), WithdrawalReason.CLOSED)
        Site.objects.filter(pk=taken).end_labels(date(2023, 6, 1), WithdrawalReason.TAKEN_OVER)

        block = read_block(as_reader.get("/", SINCE_OCTOBER).text)

        said = "Motifs : fermeture du site (2), reprise par une autre structure (1)."
        assert said in plain(block).replace("\u00a0", " ")
        links = re.findall(r'href="([^"]+)">[^<(]+ \((\d)\)</a>', block)
        prove(as_reader, [(unescape(address), int(number)) for address, number in links])
        page = as_reader.get(unescape(links[0][0])).text
        cells = re.findall(r"field-(ended_on|end_reason)[^>]*>([^<]+)</td>", page)
        assert cells == 2 * [("ended_on", "01/03/2022"), ("end_reason", "Fermeture du site")]

    def test_says_which_labels_came_and_went_in_between(self, network, as_reader):
        autumn = Site.objects.filter(wave__slug="automne-2020").order_by("pk")
        first, second, *_ = autumn.values_list("pk", flat=True)
        since_february = {"since": "15/02/2020"}
        assert "entre-temps" not in read_block(as_reader.get("/", since_february).text)

        Site.objects.filter(pk=first).end_labels(date(2022, 3, 1), WithdrawalReason.CLOSED)
        block = read_block(as_reader.get("/", since_february).text)

        said = plain(block).replace("\u00a0", " ")
        assert "12 nouveaux, 0 fin de label." in said
        assert (
            "1 site a eu et perdu le label entre-temps : il n’est compté ni en nouveau, ni en fin "
            "de label."
        ) in said
        ended = [row[3] for row in read_table(as_reader.get("/").text, "Vagues de labellisation")]
        assert ended.count("1") == 1
        # Of a day when it had its label, it is an end like any other.
        assert "entre-temps" not in read_block(as_reader.get("/", SINCE_OCTOBER).text)

        Site.objects.filter(pk=second).end_labels(date(2023, 3, 1), WithdrawalReason.CLOSED)
        block = read_block(as_reader.get("/", since_february).text)

        assert "ils ne sont comptés ni en nouveaux, ni en fins" in plain(block)
        ((address, number),) = re.findall(r'href="([^"]+)">(\d+)&nbsp;sites ont eu', block)
        prove(as_reader, [(unescape(address), int(number))])
        page = as_reader.get(unescape(address))
        assert {site.pk for site in page.context["cl"].result_list} == {first, second}
        assert "01/03/2022" in page.text

    def test_names_the_region_that_grew_most(self, network, as_reader):
        said = "Région qui a le plus grandi : Auvergne-Rhône-Alpes."
        block = read_block(as_reader.get("/", OCTOBER | {"since": "31/01/2020"}).text)
        assert said in plain(block).replace("\u00a0", " ")

        block = read_block(as_reader.get("/", SINCE_OCTOBER).text)
        assert "le plus grandi" not in block

    def test_without_an_end_of_label_gives_no_reason(self, network, as_reader):
        assert "Motif" not in read_block(as_reader.get("/", SINCE_OCTOBER).text)

    def test_goes_from_a_wave_to_the_next(self, grown_network, as_reader):
        page = as_reader.get("/", {"at_wave": "vague-5", "since_wave": "vague-4"}).text

        assert "Depuis la vague 4 (59 sites labellisés) : 9 nouveaux, 1 fin de label." in plain(
            read_block(page)
        )

    def test_is_proved_by_the_lists_it_leads_to(self, grown_network, as_reader):
        links = list_links(as_reader.get("/", SINCE_OCTOBER).text)

        # All of what stands open; of the tables that are folded, what they have in common.
        shown = 4 + 4 + 14 * 3 + 13 * 3 - 1
        assert len(links) > shown + 200
        prove(as_reader, links[:shown] + links[shown::9])

    def test_marks_what_is_new_in_the_bars(self, grown_network, as_reader):
        table = as_reader.get("/", SINCE_OCTOBER).text.split("<caption>Par région")[1]

        bars = re.findall(r'width="(\d+)" height="10"', table.split("</table>")[0])

        # Auvergne-Rhône-Alpes: 9 of 17 known, 6 of 17 new.
        assert bars[:2] == ["530", "352"]


class TestGrowth:
    def test_goes_down_where_labels_end(self, grown_network):
        growth = figures.list_growth(date(2026, 11, 27))

        drawn = draw_steps(growth, date(2026, 11, 27))

        heights = [int(height) for height in re.findall(r"V(\d+)", drawn.line)]
        totals = [step.total.count for step in growth]
        assert sorted(range(13), key=lambda n: -heights[n]) == sorted(
            range(13), key=lambda n: totals[n]
        )
        assert [mark.label for mark in drawn.totals] == ["0", "50", "100"]
        assert [mark.label for mark in drawn.years] == [str(year) for year in range(2020, 2027)]
        assert drawn.last.label == "83"

    def test_tells_of_what_ended_since_the_last_wave(self, network, as_reader):
        ended = Site.objects.filter(pk__in=list(Site.objects.values_list("pk", flat=True)[:3]))
        ended.end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)

        page = as_reader.get("/", {"at": "1er juin 2021"}).text

        assert read_table(page, "Vagues de labellisation")[:2] == [
            ["Au 1er juin 2021", "", "0", "3", "50"],
            ["Automne 2020", "01/09/2020", "13", "0", "53"],
        ]

    def test_shows_the_last_waves_and_leaves_the_others_to_their_list(self, db, as_reader):
        for month in range(1, 13):
            WaveFactory(name=f"Mois {month}", effective_on=date(2021, month, 1))
            last = WaveFactory(name=f"Suite {month}", effective_on=date(2022, month, 1))
        SiteFactory(wave=last)

        block = read_block(as_reader.get("/", {"at": "31/12/2022"}).text)

        table = read_table(block, "Vagues de labellisation")
        assert len(table) == 20
        assert table[0][0] == last.name
        others = re.search(r'<p><a href="([^"]+)">Et 4\u00a0autres</a></p>', block)
        assert others
        assert as_reader.get(others[1]).context["cl"].result_count == 24

    def test_leaves_out_the_name_of_a_year_of_which_only_the_end_is_drawn(self, db):
        SiteFactory(wave=WaveFactory(effective_on=date(2020, 12, 1)))
        last = date(2026, 11, 27)

        drawn = draw_steps(figures.list_growth(last), last)

        assert [mark.label for mark in drawn.years] == [str(year) for year in range(2021, 2027)]

    def test_of_one_day_is_drawn_too(self, network):
        first = date(2020, 1, 1)

        drawn = draw_steps(figures.list_growth(first), first)

        assert drawn.last.label == "33"
        assert [mark.label for mark in drawn.totals] == ["0", "10", "20", "30", "40"]
        assert draw_steps((), first) is None


class TestTheQuestion:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            (
                {"at": "31/02/2021", "since_wave": "janvier-2020"},
                "« 31/02/2021 » : ce jour n’existe pas.",
            ),
            ({"since": "hier"}, "« hier » : ce n’est pas une date."),
            ({"at": "14/10/2020", "at_wave": "automne-2020"}, "effacez l’une des deux."),
            ({"at_wave": "hiver-1999"}, "Cette vague n’existe pas : choisissez-en une"),
            ({"at": "2020\0"}, "« 2020 » : il manque le jour et le mois."),
            (
                {"at": "01/03/2020", "since": "14/10/2020"},
                "Les chiffres s’arrêtent au 1er mars 2020 : comparez-les à une date d’avant.",
            ),
            (
                {"at": "01/09/2020", "since_wave": "automne-2020"},
                "Les chiffres s’arrêtent au 1er septembre 2020 : comparez-les à une vague d’avant.",
            ),
        ],
    )
    def test_that_cannot_be_read_is_refused_where_it_stands(self, network, as_reader, query, said):
        answer = as_reader.get("/", query)

        assert answer.status_code == 200
        form = answer.text.split('<form method="get" class="network-moment')[1].split("</form>")[0]
        assert said in plain(form).replace("\u202f", " ")
        for name, typed in query.items():
            if name.endswith("wave") and typed != "hiver-1999":
                assert f'<option value="{typed}" selected>' in form
            elif name in {"at", "since"} and "\0" not in typed:
                assert f'value="{typed}"' in form

    def test_keeps_what_could_be_read(self, network, as_reader):
        page = as_reader.get("/", {"at": "31/08/2020", "since": "hier"}).text

        assert ">PIMMS labellisés France Services au 31\u00a0août 2020</h2>" in page
        assert "Depuis" not in read_block(page)

    def test_left_blank_asks_for_today(self, network, as_reader):
        page = as_reader.get("/", {"at": "", "at_wave": "", "since": "", "since_wave": ""}).text

        assert "Revenir à aujourd’hui" not in page
        today = text.short_date(timezone.localdate())
        [at] = re.findall(r'<input[^>]*name="at"[^>]*>', page)
        assert f'placeholder="{today}"' in at

    def test_is_remembered_in_the_address_alone(self, network, as_reader):
        as_reader.get("/", OCTOBER)

        assert "au 14\u00a0octobre 2020</h2>" not in as_reader.get("/").text


class TestRights:
    def see(self, *names: str) -> str:
        person = UserFactory()
        for name in names:
            person.user_permissions.add(Permission.objects.get(codename=name))
        return signed_in(person).get("/", SINCE_OCTOBER).text

    def test_to_see_the_sites_and_the_waves_show_the_figures(self, network):
        assert 'class="network"' not in self.see("view_site", "view_association")
        assert 'class="network"' not in self.see("view_labellingwave", "view_region")

    def test_that_open_no_list_lead_to_none(self, network):
        page = self.see("view_site", "view_labellingwave", "view_region")

        assert re.search(r'<a\s+href="/labelling/region/\?as_of=', page)
        assert "/labelling/department/?" not in page
        assert "21 départements 27 associations" in plain(page)


class TestTheListForThePress:
    def test_is_that_of_the_day_or_what_the_last_wave_brought(self, network, as_reader):
        page = as_reader.get("/").text

        menu = page.split("Liste pour la presse</summary>")[1].split("</details>")[0]
        assert re.findall(r'class="who">(.*?)<', menu) == [
            "Liste du jour\u00a0: 53\u00a0sites labellisés",
            "Automne 2020\u00a0: 13\u00a0nouveaux",
        ]
        links = re.findall(r'href="(.*?)">(.*?)<', menu)
        assert [label for _, label in links] == 2 * [
            "PDF",
            "Word",
            "Excel",
        ]
        workbook = as_reader.get(links[-1][0])
        assert workbook.headers["Content-Disposition"].startswith(
            'attachment; filename="pimms-labellises-vague-automne-2020-'
        )

    def test_is_not_beside_the_figures_of_another_day(self, network, as_reader):
        assert "Liste pour la presse" in as_reader.get("/", SINCE_OCTOBER).text
        assert "Liste pour la presse" not in as_reader.get("/", OCTOBER).text

    def test_follows_the_last_wave_after_ends_of_label(self, network, as_reader):
        ended = Site.objects.filter(wave=LabellingWave.objects.get(slug="janvier-2020"))
        ended.end_labels(date(2021, 3, 1), WithdrawalReason.CLOSED)

        page = as_reader.get("/").text

        assert "Automne 2020\u00a0: 13\u00a0nouveaux" in page

    def test_is_not_for_who_may_not_download(self, network):
        person = UserFactory()
        for name in ("view_site", "view_labellingwave"):
            person.user_permissions.add(Permission.objects.get(codename=name))

        page = signed_in(person).get("/").text

        assert "sites labellisés" in page
        assert "Liste pour la presse" not in page
