"""A network of thirteen waves, with single new sites and withdrawals between, in every format."""

from datetime import date

import pytest
from django.core.management import call_command

from labelling.choices import WithdrawalReason
from labelling.models import LabellingWave, Site
from labelling.press_release.composition import from_records
from labelling.press_release.content import Content
from labelling.press_release.formats import FORMATS
from tests.factories import DepartmentFactory, RegionFactory, SiteFactory
from tests.press_release.reading import READERS, rows_of

# Effective on, new sites, ends of label between the wave before and this one, total printed.
WAVES = (
    (date(2020, 1, 1), 33, 0, 33),
    (date(2020, 2, 1), 7, 0, 40),
    (date(2020, 9, 1), 13, 0, 53),
    (date(2021, 1, 15), 6, 1, 58),
    (date(2021, 4, 1), 9, 0, 67),
    (date(2021, 7, 1), 4, 2, 69),
    (date(2021, 10, 1), 1, 0, 70),
    (date(2022, 1, 1), 5, 0, 75),
    (date(2022, 4, 20), 4, 1, 78),
    (date(2022, 7, 1), 3, 0, 81),
    (date(2022, 11, 15), 3, 3, 81),
    (date(2023, 12, 8), 1, 0, 82),
    (date(2024, 5, 23), 1, 1, 82),
)


@pytest.fixture
def waves(db) -> list[LabellingWave]:
    departments = [
        DepartmentFactory(code=code, name=name, region=RegionFactory(code=region, name=place))
        for code, name, region, place in (
            ("42", "Loire", "84", "Auvergne-Rhône-Alpes"),
            ("77", "Seine-et-Marne", "11", "Île-de-France"),
            ("30", "Gard", "76", "Occitanie"),
        )
    ]
    made = []
    for number, (effective_on, new, ended, _) in enumerate(WAVES, start=1):
        for site in Site.objects.not_withdrawn_by(effective_on).order_by("pk")[:ended]:
            site.withdrawn_on = effective_on
            site.withdrawal_reason = WithdrawalReason.CLOSED
            site.save()
        wave = LabellingWave.objects.create(name=f"Vague {number}", effective_on=effective_on)
        for rank in range(new):
            SiteFactory(
                name=f"PIMMS {number:02}-{rank:02}", wave=wave, department=departments[rank % 3]
            )
        made.append(wave)
    return made


def contents(waves) -> list[Content]:
    return [from_records(wave) for wave in waves]


class TestThirteenWaves:
    def test_each_lists_its_new_sites_and_all_that_still_hold_their_label(self, waves):
        counted = [(content.new_count, len(content.lines)) for content in contents(waves)]

        assert counted == [(new, total) for _, new, _, total in WAVES]

    def test_each_says_its_totals_in_the_singular_where_it_is_one(self, waves):
        said = [
            f"{content.title} {content.lead}".replace("\u00a0", " ") for content in contents(waves)
        ]

        assert said[0] == (
            "33 PIMMS obtiennent la labellisation France Services La labellisation France Services "
            "a été accordée à 33 PIMMS."
        )
        for number, total in ((7, 70), (12, 82), (13, 82)):
            assert said[number - 1] == (
                "Un PIMMS supplémentaire obtient la labellisation France Services Un nouveau PIMMS "
                "a obtenu la labellisation France Services. Au total, ce sont désormais "
                f"{total} PIMMS qui sont labellisés France Services."
            )

    def test_each_legend_agrees(self, waves):
        legends = [content.legend for content in contents(waves)]

        assert legends[0].startswith("(les nouvelles labellisations sont")
        assert legends[6].startswith("(la nouvelle labellisation est")

    @pytest.mark.parametrize("extension", list(FORMATS))
    def test_each_holds_all_its_lines_in_every_format(self, waves, extension):
        for content in contents(waves):
            document = FORMATS[extension].render(content)

            assert READERS[extension](document) == rows_of(content)

    def test_are_all_written_by_one_command(self, waves, tmp_path):
        call_command("write_press_release", "--all", "--output", tmp_path / "all", verbosity=0)

        files = sorted(path.name for path in (tmp_path / "all").iterdir())
        assert len(files) == 13 * len(FORMATS)
        assert files[0] == "PROJET-communique-vague-1.csv"
        assert all(path.stat().st_size for path in (tmp_path / "all").iterdir())
