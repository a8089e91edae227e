"""The figures of the home page: dated, each with the list that proves it."""

import re
from datetime import date
from html import unescape

from django.contrib.auth.models import Permission

from labelling.admin.home.figures import count_figures
from labelling.models import Site
from tests.conftest import signed_in
from tests.factories import (
    SiteFactory,
    UserFactory,
)

BEFORE_AUTUMN = date(2020, 8, 31)
OCTOBER = date(2020, 10, 14)


class TestFigures:
    def test_of_october_2020_are_those_of_the_release(self, network):
        shown = count_figures(OCTOBER)

        assert shown.situation == "Situation arrêtée au 14\u00a0octobre 2020"
        assert (shown.labelled.count, shown.labelled.label) == (53, "sites labellisés")
        assert [
            (w.name, w.effective_on, w.new.count, w.ended.count, w.total.count) for w in shown.waves
        ] == [
            ("Automne 2020", "01/09/2020", 13, 0, 53),
            ("Février 2020", "01/02/2020", 7, 0, 40),
            ("Janvier 2020", "01/01/2020", 33, 0, 33),
        ]

    def test_stand_at_the_day_that_is_asked_for(self, network):
        shown = count_figures(BEFORE_AUTUMN)

        assert shown.labelled.count == 40
        assert [wave.name for wave in shown.waves] == ["Février 2020", "Janvier 2020"]

    def test_list_the_regions_in_french_order(self, network):
        names = [region.label for region in count_figures(OCTOBER).regions]

        assert names == [
            "Auvergne-Rhône-Alpes",
            "Bourgogne-Franche-Comté",
            "Bretagne",
            "Centre-Val de Loire",
            "Grand Est",
            "Hauts-de-France",
            "Île-de-France",
            "Nouvelle-Aquitaine",
            "Occitanie",
        ]
        assert sum(region.count for region in count_figures(OCTOBER).regions) == 53

    def test_leave_out_the_sites_whose_label_has_ended(self, network):
        site = Site.objects.order_by("pk").first()
        site.withdrawn_on, site.withdrawal_reason = date(2021, 3, 1), "closed"
        site.save()

        assert count_figures(date(2021, 3, 1)).labelled.count == 52
        assert count_figures(date(2021, 2, 28)).labelled.count == 53

    def test_take_the_singular_for_one(self, db):
        SiteFactory(labelled=True)

        assert count_figures(OCTOBER).labelled.label == "site labellisé"

    def test_are_proved_by_the_lists_they_lead_to(self, network, as_reader):
        page = as_reader.get("/").text
        links = re.findall(r'href="(/labelling/site/\?[^"]+)">(?:<strong>)?(\d+)', page)

        counts = {
            as_reader.get(unescape(address)).context["cl"].result_count == int(count)
            for address, count in links
        }

        # Of the first wave, nothing could end before.
        assert len(links) == 1 + (3 + 2 + 3) + 9
        assert counts == {True}


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

    def test_is_not_for_who_may_not_download(self, network):
        person = UserFactory()
        for name in ("view_site", "view_labellingwave"):
            person.user_permissions.add(Permission.objects.get(codename=name))

        page = signed_in(person).get("/").text

        assert "sites labellisés" in page
        assert "Liste pour la presse" not in page
