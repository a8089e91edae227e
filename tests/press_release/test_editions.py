"""One release, an edition for each region of its list: its words, its document, its files."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from labelling.models import LabellingWave, PressRelease, Region, Site
from labelling.press_release import editions, file_names, publishing
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.editions import Wording
from labelling.press_release.formats import FORMATS
from labelling.press_release.places import in_region
from tests.factories import ReleaseFactory, SiteFactory, final
from tests.press_release.contents import october_2020
from tests.press_release.reading import read_docx

WHERE = {
    "Auvergne-Rhône-Alpes": "en Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté": "en Bourgogne-Franche-Comté",
    "Bretagne": "en Bretagne",
    "Centre-Val de Loire": "en Centre-Val de Loire",
    "Corse": "en Corse",
    "Grand Est": "dans le Grand Est",
    "Guadeloupe": "en Guadeloupe",
    "Guyane": "en Guyane",
    "Hauts-de-France": "dans les Hauts-de-France",
    "Île-de-France": "en Île-de-France",
    "La Réunion": "à La Réunion",
    "Martinique": "en Martinique",
    "Mayotte": "à Mayotte",
    "Normandie": "en Normandie",
    "Nouvelle-Aquitaine": "en Nouvelle-Aquitaine",
    "Occitanie": "en Occitanie",
    "Pays de la Loire": "dans les Pays de la Loire",
    "Provence-Alpes-Côte d’Azur": "en Provence-Alpes-Côte d’Azur",
}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def content_of(**regions: tuple[int, int]) -> Content:
    """A content with, for each region, so many known sites and so many new ones."""
    lines = (
        ReleaseLine(
            region=region.replace("_", " "),
            department="Gard",
            name=f"PIMMS {region} {number}",
            is_new=number >= known,
        )
        for region, (known, new) in regions.items()
        for number in range(known + new)
    )
    return replace(october_2020(), lines=tuple(lines))


def words_of(content: Content, region: str) -> tuple[str, str]:
    [found] = [one for one in editions.list_regions(content) if one.name == region]
    edition = editions.make_edition(content, "PIMMS", found)
    return plain(edition.title), plain(edition.lead)


class TestTheWords:
    def test_say_where_of_each_region(self, network):
        names = Region.objects.values_list("name", flat=True)

        said = {name.replace("'", "’"): in_region(name).replace("'", "’") for name in names}
        assert said == WHERE

    def test_of_a_region_with_new_ones_name_them(self):
        content = content_of(Grand_Est=(1, 2), Corse=(3, 0))

        assert words_of(content, "Grand Est") == (
            "2 PIMMS supplémentaires obtiennent la labellisation France Services dans le Grand Est",
            (
                "Dans le Grand Est, 2 nouveaux PIMMS ont obtenu la labellisation France Services : "
                "PIMMS Grand_Est 1 (Gard) et PIMMS Grand_Est 2 (Gard). La région compte désormais "
                "3 PIMMS labellisés France Services, sur 6 en France."
            ),
        )

    def test_of_one_new_site_are_in_the_singular(self):
        content = content_of(Corse=(0, 1), Bretagne=(1, 0))

        assert words_of(content, "Corse") == (
            "Un PIMMS supplémentaire obtient la labellisation France Services en Corse",
            (
                "En Corse, un nouveau PIMMS a obtenu la labellisation France Services : PIMMS "
                "Corse 0 (Gard). La région compte désormais un PIMMS labellisé France Services, "
                "sur 2 en France."
            ),
        )

    def test_of_a_region_without_a_new_one_count(self):
        content = content_of(La_Réunion=(4, 0), Mayotte=(1, 0), Corse=(0, 1))

        assert words_of(content, "La Réunion") == (
            "4 PIMMS sont labellisés à La Réunion, sur 6 en France",
            "À La Réunion, 4 PIMMS sont labellisés France Services, sur 6 en France.",
        )
        assert words_of(content, "Mayotte") == (
            "Un PIMMS est labellisé à Mayotte, sur 6 en France",
            "À Mayotte, un PIMMS est labellisé France Services, sur 6 en France.",
        )

    def test_of_many_new_ones_do_not_name_them(self):
        _, lead = words_of(content_of(Bretagne=(2, 7)), "Bretagne")

        assert lead.startswith(
            "En Bretagne, 7 nouveaux PIMMS ont obtenu la labellisation France Services. La région"
        )

    def test_of_the_first_wave_say_nothing_of_what_came_before(self):
        content = content_of(Bretagne=(0, 2), Normandie=(0, 1))

        title, lead = words_of(content, "Bretagne")
        assert title == "2 PIMMS obtiennent la labellisation France Services en Bretagne"
        assert lead == (
            "En Bretagne, 2 PIMMS ont obtenu la labellisation France Services : PIMMS Bretagne 0 "
            "(Gard) et PIMMS Bretagne 1 (Gard). Au total, 3 PIMMS sont labellisés France Services."
        )


@pytest.fixture
def release(db):
    wave = {"labelled": True, "wave__name": "Automne 2020"}
    SiteFactory(
        **wave,
        name="PIMMS Nîmes",
        commune="Nîmes",
        address="13 rue Émile Jamais",
        postcode="30900",
    )
    return ReleaseFactory(place="Paris", own_lead="Un chapô national.", about="L’Union existe.")


def regional(release: PressRelease, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Content:
    release.refresh_from_db()
    document = publishing.read_document(release, at)
    [region] = editions.list_regions(document)
    return editions.compose(document, editions.read_edition(document, release, region))


class TestTheDocument:
    def test_has_the_sites_of_the_region_with_their_places_then_all_france(self, release):
        content = regional(release)

        assert content.columns[3:] == ("Commune", "Adresse")
        assert content.list_places(content.lines[0]) == ("Nîmes", "13 rue Émile Jamais, 30900")
        assert (content.national_heading, content.national[0]) == (
            "Dans toute la France",
            "Un chapô national.",
        )
        assert content.notices == ("PROJET – NE PAS DIFFUSER",)
        assert content.about == ("L’Union existe.",)

    def test_leaves_the_columns_out_where_no_place_is_known(self, release):
        Site.objects.update(address="", postcode="")
        assert regional(release).columns[3:] == ("Commune",)

        Site.objects.update(commune="")
        assert len(regional(release).columns) == 3

    def test_has_only_its_own_lines(self, network):
        release = PressRelease.objects.get()
        document = publishing.read_document(release, datetime(2026, 1, 1, tzinfo=UTC))

        for region in editions.list_regions(document):
            edition = editions.read_edition(document, release, region)
            content = editions.compose(document, edition)
            assert {line.region for line in content.lines} == {region.name}
            assert content.contact == document.contact
        assert sum(len(r.lines) for r in editions.list_regions(document)) == 53

    @pytest.mark.parametrize("extension", FORMATS)
    def test_is_made_in_every_format(self, release, extension):
        content = regional(release)

        file = FORMATS[extension].render(content)

        assert Content.from_json(content.to_json()) == content
        if extension == "pdf":
            said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
        elif extension == "docx":
            said = " ".join(paragraph.text for paragraph in read_docx(file).paragraphs)
        elif extension in {"txt", "html"}:
            said = file.decode()
        else:
            return
        said = " ".join(said.split())
        assert "Dans toute la France" in said
        assert said.index("Dans toute la France") < said.index("Un chapô national.")
        assert said.index("Un chapô national.") < said.index("L’Union existe.")


class TestWhatIsFrozen:
    def test_are_the_editions_that_were_chosen_with_a_persons_words(self, release):
        words = Wording(region="Occitanie", title='Nîmes "enfin" !', contact="Zoé, 04 00 00 00 00")
        editions.store_wordings(release, [words])

        final(release)

        content = regional(release)
        assert plain(content.title) == "Nîmes « enfin » !"
        assert plain(content.contact[-1]) == "Contact local : Zoé, 04 00 00 00 00"
        assert content.notices == ()

    def test_does_not_move_when_records_or_regions_are_renamed(self, release):
        final(release)
        before = regional(release)

        site = Site.objects.get()
        site.name = "PIMMS Tout autre"
        site.save()
        region = Region.objects.get()
        region.name = "Languedoc"
        region.save()

        assert regional(release) == before

    def test_of_who_chose_nothing_are_the_regions_with_a_new_site(self, release):
        final(release)

        release.refresh_from_db()
        assert [edition.region for edition in publishing.read_published(release).editions] == [
            "Occitanie"
        ]
        assert release.content["schema"] == 5

    def test_is_nothing_of_who_wants_none(self, release):
        editions.store_wordings(release, [])

        final(release)

        release.refresh_from_db()
        assert publishing.read_published(release).editions == ()
        assert release.content["schema"] == 3

    def test_must_be_printable(self, release):
        editions.store_wordings(
            release, [Wording(region="Occitanie", title="PIMMS \U0001f4a5\ue000")]
        )

        obstacles = publishing.find_obstacles(release, publishing.compose_final(release))

        assert any("PIMMS" in obstacle for obstacle in obstacles)

    def test_an_older_release_has_editions_too(self, network):
        release = PressRelease.objects.get()
        document = publishing.read_published(release)
        assert release.content["schema"] < 5

        names = {region.name for region in editions.list_regions(document)}

        assert len(names) == 9


class TestTheNames:
    def test_of_files_have_the_region_and_the_marks(self, release):
        wave = LabellingWave.objects.get()
        at = datetime(2020, 10, 1, tzinfo=UTC)

        draft = file_names.name_file(wave, release, "pdf", at, region="grand-est")
        assert draft == f"PROJET-communique-{wave.slug}-grand-est.pdf"
        release.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        embargoed = file_names.name_file(wave, release, "pdf", at, region="grand-est")
        assert embargoed.endswith("-grand-est-SOUS-EMBARGO-2020-10-14-10h.pdf")


@pytest.mark.usefixtures("network")
class TestTheCommand:
    def test_writes_the_edition_of_a_region(self, tmp_path):
        path = tmp_path / "occitanie.txt"

        call_command(
            "write_press_release", "automne-2020", "--region", "Occitanie", "--output", str(path)
        )

        said = plain(path.read_text())
        assert (
            "Un PIMMS supplémentaire obtient la labellisation France Services en Occitanie" in said
        )
        assert said.count("PIMMS Nîmes") == 3
        assert "PIMMS Rennes" not in said

    def test_takes_the_name_that_addresses_have(self, tmp_path):
        path = tmp_path / "grand-est.txt"

        call_command(
            "write_press_release", "automne-2020", "--region", "grand-est", "--output", str(path)
        )

        assert "dans le Grand Est" in path.read_text()

    def test_writes_all_regions_in_pdf_and_word(self, tmp_path):
        call_command(
            "write_press_release", "automne-2020", "--all-regions", "--output", str(tmp_path)
        )

        names = sorted(path.name for path in tmp_path.iterdir())
        assert len(names) == 18
        assert "communique-automne-2020-hauts-de-france.docx" in names
        assert "communique-automne-2020-hauts-de-france.pdf" in names

    def test_names_the_regions_that_there_are(self):
        with pytest.raises(CommandError) as refusal:
            call_command("write_press_release", "automne-2020", "--region", "Normandie")

        assert plain(str(refusal.value)).startswith(
            "Aucun site de la liste dans « Normandie ». Les régions qui en ont : Auvergne-Rhône-"
        )

    def test_asks_for_the_wave_and_the_folder(self):
        with pytest.raises(CommandError, match="Nommez la vague"):
            call_command("write_press_release", "--all-regions", "--output", "x")
        with pytest.raises(CommandError, match="--output DOSSIER"):
            call_command("write_press_release", "automne-2020", "--all-regions")
