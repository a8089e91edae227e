"""What the records make a release say: read every sentence aloud."""

from datetime import date

import pytest

from labelling.models import PressRelease, Site
from labelling.press_release import composition, places, sentences
from labelling.press_release.composition import Source
from labelling.press_release.content import Content
from tests.factories import (
    ContactFactory,
    DepartmentFactory,
    LetterheadFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
)


def said(sentence: str) -> str:
    """The sentence with its no-break spaces shown: « _ » the wide one, « ~ » the narrow one."""
    return sentence.replace("\u00a0", "_").replace("\u202f", "~")


class TestTitle:
    @pytest.mark.parametrize(
        ("new", "title"),
        [
            (0, "Aucun PIMMS supplémentaire n’obtient la labellisation France Services"),
            (1, "Un PIMMS supplémentaire obtient la labellisation France Services"),
            (2, "2_PIMMS supplémentaires obtiennent la labellisation France Services"),
            (53, "53_PIMMS supplémentaires obtiennent la labellisation France Services"),
            (1784, "1~784_PIMMS supplémentaires obtiennent la labellisation France Services"),
        ],
    )
    def test_agrees_with_the_number(self, new, title):
        assert said(sentences.title("PIMMS", new)) == title


class TestLead:
    @pytest.mark.parametrize(
        ("new", "total", "lead"),
        [
            (
                0,
                0,
                (
                    "Aucun nouveau PIMMS n’a obtenu la labellisation France Services. Au total, "
                    "aucun PIMMS n’est labellisé France Services."
                ),
            ),
            (
                0,
                1,
                (
                    "Aucun nouveau PIMMS n’a obtenu la labellisation France Services. Au total, "
                    "1_PIMMS est labellisé France Services."
                ),
            ),
            (
                0,
                53,
                (
                    "Aucun nouveau PIMMS n’a obtenu la labellisation France Services. Au total, "
                    "53_PIMMS sont labellisés France Services."
                ),
            ),
            (
                1,
                1,
                (
                    "Un nouveau PIMMS a obtenu la labellisation France Services. Au total, c’est "
                    "désormais 1_PIMMS qui est labellisé France Services."
                ),
            ),
            (
                2,
                1784,
                (
                    "La labellisation France Services a été accordée à 2_nouveaux PIMMS. Au total, "
                    "ce sont désormais 1~784_PIMMS qui sont labellisés France Services."
                ),
            ),
        ],
    )
    def test_agrees_with_both_numbers(self, new, total, lead):
        wave = WaveFactory.build()

        assert said(sentences.lead(wave, "PIMMS", new, total)) == lead

    def test_begins_with_the_committee_if_its_day_is_known(self):
        wave = WaveFactory.build(decided_on=date(2020, 10, 1))

        assert said(sentences.lead(wave, "PIMMS", 0, 2)).startswith(
            "Suite au comité de pilotage ministériel national France Services qui s’est tenu le "
            "jeudi 1er_octobre 2020, aucun nouveau PIMMS n’a obtenu la labellisation"
        )


class TestNetworkSentence:
    @pytest.mark.parametrize(
        ("new", "total", "sentence"),
        [
            (0, 0, ""),
            (0, 53, "Le réseau des PIMMS comporte 53_structures labellisées France Services."),
            (
                1,
                1,
                (
                    "Avec le nouveau site labellisé, le réseau des PIMMS comporte désormais "
                    "1_structure labellisée France Services."
                ),
            ),
            (
                13,
                53,
                (
                    "Avec les 13_nouveaux sites labellisés, le réseau des PIMMS comporte désormais "
                    "53_structures labellisées France Services."
                ),
            ),
            (
                1000,
                1784,
                (
                    "Avec les 1~000_nouveaux sites labellisés, le réseau des PIMMS comporte "
                    "désormais 1~784_structures labellisées France Services."
                ),
            ),
        ],
    )
    def test_agrees_with_both_numbers(self, new, total, sentence):
        assert said(sentences.network("PIMMS", new, total, "")) == sentence

    @pytest.mark.parametrize(
        "detail", ["dont deux en ville", ", dont deux en ville.", " dont deux en ville "]
    )
    def test_ends_with_the_detail_of_the_release_however_it_was_typed(self, detail):
        sentence = sentences.network("PIMMS", 0, 2, detail)

        assert said(sentence) == (
            "Le réseau des PIMMS comporte 2_structures labellisées France Services, dont deux en "
            "ville."
        )


class TestNationalFigures:
    def test_are_said_as_in_october_2020(self):
        wave = WaveFactory.build(
            decided_on=date(2020, 9, 30),
            national_sites=856,
            national_cantons=674,
            state_sites=11,
            association_sites=154,
            post_sites=131,
            msa_sites=19,
            local_authority_sites=544,
        )

        assert said(sentences.figures(wave)) == (
            "Ce comité de pilotage a permis de dresser le bilan de déploiement des structures à "
            "l’automne 2020. Au total, ce seront 856_espaces labellisés France Services répartis "
            "sur 674_cantons. Sur ces 856_sites labellisés_: 11 seront portés par l’État, 154 par "
            "des associations, 131 par le Groupe La Poste, 19 par la Mutualité sociale agricole "
            "(MSA) et 544 par des collectivités territoriales."
        )

    @pytest.mark.parametrize(
        ("figures", "ending"),
        [
            (
                {"national_sites": 2000},
                "Au total, ce seront 2~000_espaces labellisés France Services.",
            ),
            (
                {"national_sites": 1, "national_cantons": 1, "state_sites": 1},
                "Au total, ce sera 1_espace labellisé France Services réparti sur 1_canton.",
            ),
            (
                {"national_sites": 2, "state_sites": 1, "post_sites": 1},
                "Sur ces 2_sites labellisés_: 1 sera porté par l’État et 1 par le Groupe La Poste.",
            ),
            (
                {"national_sites": 2, "state_sites": 0, "msa_sites": 2},
                (
                    "Sur ces 2_sites labellisés_: 2 seront portés par la Mutualité sociale "
                    "agricole (MSA)."
                ),
            ),
        ],
    )
    def test_leave_out_what_is_not_known(self, figures, ending):
        assert said(sentences.figures(WaveFactory.build(**figures))).endswith(ending)

    def test_do_not_speak_of_a_committee_that_did_not_meet(self):
        wave = WaveFactory.build(decided_on=None, national_sites=856)

        assert said(sentences.figures(wave)) == (
            "Au total, ce seront 856_espaces labellisés France Services."
        )

    @pytest.mark.parametrize("total", [None, 0])
    def test_are_not_said_without_their_total(self, total):
        wave = WaveFactory.build(national_sites=total, national_cantons=674, state_sites=11)

        assert sentences.figures(wave) == ""


class TestListTitle:
    @pytest.mark.parametrize(
        ("name", "period"),
        [
            ("Automne 2020", "à l’automne 2020"),
            ("Printemps 2021", "au printemps 2021"),
            ("Été 2021", "à l’été 2021"),
            ("Hiver 2021", "à l’hiver 2021"),
            ("Janvier 2020", "en janvier 2020"),
            ("Pilote", "(vague Pilote)"),
            ("Rattrapage d'été", "(vague Rattrapage d’été)"),
        ],
    )
    def test_says_when(self, name, period):
        title = sentences.list_title("PIMMS", WaveFactory.build(name=name))

        assert said(title) == f"Liste des PIMMS labellisés France Services {period}_:"


class TestLegend:
    @pytest.mark.parametrize(
        ("new", "legend"),
        [
            (0, ""),
            (
                1,
                (
                    "(la nouvelle labellisation est surlignée en jaune et marquée d’un astérisque "
                    "rouge)"
                ),
            ),
            (
                2,
                (
                    "(les nouvelles labellisations sont surlignées en jaune et marquées d’un "
                    "astérisque rouge)"
                ),
            ),
        ],
    )
    def test_agrees_with_what_is_marked(self, new, legend):
        assert sentences.legend(new) == legend


@pytest.mark.django_db
class TestFromTheRecords:
    def test_a_wave_without_a_release_gives_the_list_and_its_sentences_alone(self):
        site = SiteFactory(name="PIMMS Nîmes", labelled=True)

        made = composition.from_records(site.wave)

        assert said(made.title) == "Un PIMMS obtient la labellisation France Services"
        assert [said(p) for p in made.paragraphs] == [
            "Le réseau des PIMMS comporte 1_structure labellisée France Services."
        ]
        assert [(line.region, line.department, line.name, line.is_new) for line in made.lines] == [
            ("Occitanie", "Gard", "PIMMS Nîmes", True)
        ]
        assert said(made.situation) == "Situation arrêtée au 1er_septembre 2020"
        assert (made.place_and_date, made.kind, made.about, made.contact) == ("", "", (), ())

    def test_a_release_adds_what_no_record_gives(self):
        release = ReleaseFactory(
            attendance="Étaient présents le ministre\r\net la préfète.",
            closing="Un paragraphe.\n \nUn autre de 1\u202f784\u00a0mots.",
            about="Créée en 1998.",
            contact=ContactFactory(name="Prénom Nom", role="Porte-parole", phone="01 23 45 67 89"),
        )

        made = composition.from_records(release.wave, release)

        assert said(made.place_and_date) == "Paris, mercredi 14_octobre 2020"
        assert made.kind == "COMMUNIQUÉ DE PRESSE"
        assert [said(p) for p in made.paragraphs] == [
            "Étaient présents le ministre et la préfète.",
            "Un paragraphe.",
            "Un autre de 1~784_mots.",
        ]
        assert made.about_heading == "À propos de l’Union nationale des PIMMS"
        assert made.about == ("Créée en 1998.",)
        assert made.contact_heading == "Contact presse"
        assert made.contact == (
            "Prénom Nom",
            "Porte-parole",
            "Union nationale des PIMMS",
            "01 23 45 67 89",
        )

    def test_says_nothing_of_a_contact_or_an_about_that_it_has_not(self):
        release = ReleaseFactory()

        made = composition.from_records(release.wave, release)

        assert (made.about_heading, made.contact_heading) == ("", "")

    def test_the_brand_is_that_of_the_release(self):
        release = ReleaseFactory(brand="Pimms Médiation", about="Créée en 1998.")
        SiteFactory(wave=release.wave)

        made = composition.from_records(release.wave, release)

        assert said(made.title).startswith("Un Pimms Médiation obtient")
        assert made.columns[2] == "Nom du Pimms Médiation labellisé France Services"
        assert said(made.list_title) == (
            "Liste des Pimms Médiation labellisés France Services à l’automne 2020_:"
        )
        assert "PIMMS " not in " ".join([made.title, made.lead, *made.paragraphs])

    def test_the_list_is_in_french_order_whatever_the_order_of_creation(self):
        loiret = DepartmentFactory(
            code="45", name="Loiret", region=RegionFactory(code="24", name="Centre-Val de Loire")
        )
        loir_et_cher = DepartmentFactory(code="41", name="Loir-et-Cher", region=loiret.region)
        normandie = RegionFactory(code="28", name="Normandie")
        orne = DepartmentFactory(code="61", name="Orne", region=normandie)
        paris = DepartmentFactory(
            code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France")
        )
        for department in (orne, loiret, paris, loir_et_cher):
            SiteFactory(labelled=True, department=department)

        made = composition.from_records(WaveFactory())

        assert [line.department for line in made.lines] == [
            "Loir-et-Cher",
            "Loiret",
            "Paris",
            "Orne",
        ]

    def test_reads_as_many_rows_as_there_are_in_the_same_number_of_queries(
        self, django_assert_num_queries
    ):
        wave = WaveFactory()
        SiteFactory.create_batch(30, wave=wave)

        with django_assert_num_queries(2):  # The list, and whether a wave came before.
            composition.from_records(wave)


@pytest.mark.usefixtures("network")
class TestFrozen:
    def test_content_comes_back_from_json_as_it_was(self):
        release = PressRelease.objects.get()

        made = composition.read_published(release)

        assert Content.from_json(made.to_json()) == made
        frozen = {name: said for name, said in release.content.items() if name != "imprint"}
        lines = [line | {"commune": "", "address": ""} for line in frozen["lines"]]
        said = {name: made.to_json()[name] for name in frozen}
        assert said == frozen | {"schema": 3, "lines": lines}
        assert (len(made.lines), made.new_count) == (53, 13)

    def test_content_of_a_schema_to_come_is_refused_with_a_reason(self):
        stored = {**PressRelease.objects.get().content, "schema": 6}

        with pytest.raises(
            ValueError, match="figé au schéma 6, que cette version ne sait pas lire"
        ):
            Content.from_json(stored)

    def test_a_renamed_site_leaves_it_alone(self):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "PIMMS du Gard"
        site.save()

        release = PressRelease.objects.get()
        names = {line.name for line in composition.read_published(release).lines}
        assert "PIMMS Nîmes" in names
        assert "PIMMS du Gard" in {
            line.name for line in composition.from_records(release.wave, release).lines
        }

    def test_it_is_shown_first_and_a_draft_or_nothing_leaves_the_records(self):
        release = PressRelease.objects.get()

        assert composition.list_sources(release) == (Source.PUBLISHED, Source.RECORDS)
        assert composition.list_sources(ReleaseFactory.build()) == (Source.RECORDS,)
        assert composition.list_sources(None) == (Source.RECORDS,)


class TestAPlace:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("Guadeloupe", "en Guadeloupe"),
            ("Martinique", "en Martinique"),
            ("Guyane", "en Guyane"),
            ("La Réunion", "à La Réunion"),
            ("Mayotte", "à Mayotte"),
            ("Île-de-France", "en Île-de-France"),
            ("Centre-Val de Loire", "en Centre-Val de Loire"),
            ("Bourgogne-Franche-Comté", "en Bourgogne-Franche-Comté"),
            ("Normandie", "en Normandie"),
            ("Hauts-de-France", "dans les Hauts-de-France"),
            ("Grand Est", "dans le Grand Est"),
            ("Pays de la Loire", "dans les Pays de la Loire"),
            ("Bretagne", "en Bretagne"),
            ("Nouvelle-Aquitaine", "en Nouvelle-Aquitaine"),
            ("Occitanie", "en Occitanie"),
            ("Auvergne-Rhône-Alpes", "en Auvergne-Rhône-Alpes"),
            ("Provence-Alpes-Côte d’Azur", "en Provence-Alpes-Côte d’Azur"),
            ("Corse", "en Corse"),
        ],
    )
    def test_that_is_a_region_has_its_preposition(self, name, words):
        assert places.in_region(name) == words

    @pytest.mark.parametrize(
        ("code", "name", "words"),
        [
            ("30", "Gard", "dans le Gard"),
            ("42", "Loire", "dans la Loire"),
            ("34", "Hérault", "dans l’Hérault"),
            ("13", "Bouches-du-Rhône", "dans les Bouches-du-Rhône"),
            ("38", "Isère", "en Isère"),
            ("2A", "Corse-du-Sud", "en Corse-du-Sud"),
            ("75", "Paris", "à Paris"),
            ("974", "La Réunion", "à La Réunion"),
        ],
    )
    def test_that_is_a_department_has_its_preposition(self, code, name, words):
        assert places.in_department(code, name) == words


@pytest.mark.django_db
class TestListOfTheDay:
    @pytest.mark.parametrize(
        ("count", "title", "lead"),
        [
            (
                0,
                "Aucun PIMMS n’est labellisé en Occitanie, sur 87 en France",
                (
                    "Au 1er_mars 2021, aucun PIMMS n’est labellisé France Services en Occitanie, "
                    "sur 87 en France."
                ),
            ),
            (
                1,
                "Un PIMMS est labellisé en Occitanie, sur 87 en France",
                (
                    "Au 1er_mars 2021, un PIMMS est labellisé France Services en Occitanie, "
                    "sur 87 en France."
                ),
            ),
            (
                2,
                "2_PIMMS sont labellisés en Occitanie, sur 87 en France",
                (
                    "Au 1er_mars 2021, 2_PIMMS sont labellisés France Services en Occitanie, "
                    "sur 87 en France."
                ),
            ),
        ],
    )
    def test_says_where_how_many_and_when(self, count, title, lead):
        SiteFactory.create_batch(count, labelled=True)

        made = composition.compose_list_of_the_day(
            Site.objects.with_place(), date(2021, 3, 1), total=87, place="en Occitanie"
        )

        assert (said(made.title), said(made.lead)) == (title, lead)
        assert said(made.list_title) == "Liste des PIMMS labellisés France Services en Occitanie_:"
        assert said(made.situation) == "Situation arrêtée au 1er_mars 2021"
        assert (len(made.lines), made.new_count, made.legend) == (count, 0, "")

    def test_of_all_france_compares_with_nothing(self):
        SiteFactory.create_batch(2, labelled=True)

        made = composition.compose_list_of_the_day(
            Site.objects.with_place(), date(2021, 3, 1), total=2
        )

        assert said(made.title) == "2_PIMMS sont labellisés France Services"
        assert said(made.lead) == "Au 1er_mars 2021, 2_PIMMS sont labellisés France Services."

    def test_bears_the_sender_and_where_each_site_is(self):
        LetterheadFactory(name="Union des PIMMS", logo="AAAA", logo_type="image/png")
        SiteFactory(labelled=True, commune="Nîmes", address="2 rue des Halles", postcode="30000")

        made = composition.compose_list_of_the_day(
            Site.objects.with_place(), date(2021, 3, 1), total=1
        )

        assert made.letterhead.name == "Union des PIMMS"
        assert made.letterhead.logo == "AAAA"
        assert made.columns[3:] == ("Commune", "Adresse")
        assert made.list_places(made.lines[0]) == ("Nîmes", "2 rue des Halles, 30000")

    def test_bears_the_name_of_the_union_where_no_letterhead_is_set(self):
        made = composition.compose_list_of_the_day(Site.objects.none(), date(2021, 3, 1), total=0)

        assert made.letterhead.name == "Union nationale des PIMMS"
