"""The sentences that name sites: the new ones, and those whose label ended. Read them aloud."""

from datetime import date

import pytest

from labelling.choices import WithdrawalReason
from labelling.models import Department, LabellingWave, PressRelease, Site
from labelling.press_release import composition, corrections, drafting, publishing, sentences
from labelling.press_release.content import ReleaseLine
from labelling.press_release.findings import list_remarks
from labelling.press_release.sentences import Manner
from tests.factories import (
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    sent,
    tamper,
)
from tests.press_release.test_composition import said

DAY = date(2021, 1, 20)

NIMES = ReleaseLine(
    region="Occitanie", department="Gard", name="PIMMS Nîmes - PIMMS mobile", is_new=True
)
JOEUF = ReleaseLine(
    region="Grand Est",
    department="Meurthe-et-Moselle",
    name="PIMMS Pays de l'Orne - Joeuf",
    is_new=True,
)
OLD = ReleaseLine(region="Bretagne", department="Finistère", name="PIMMS Brest")


class TestTheNewOnes:
    @pytest.mark.parametrize(
        ("lines", "sentence"),
        [
            ([], ""),
            ([OLD], ""),
            ([OLD, NIMES], "Nouveau labellisé_: PIMMS Nîmes - PIMMS mobile (Gard)."),
            (
                [JOEUF, NIMES],
                (
                    "Nouveaux labellisés_: PIMMS Pays de l'Orne - Joeuf (Meurthe-et-Moselle) et "
                    "PIMMS Nîmes - PIMMS mobile (Gard)."
                ),
            ),
            (
                [NIMES] * 6,
                (
                    "Nouveaux labellisés_: "
                    + "PIMMS Nîmes - PIMMS mobile (Gard), " * 4
                    + "PIMMS Nîmes - PIMMS mobile (Gard) et PIMMS Nîmes - PIMMS mobile (Gard)."
                ),
            ),
            (
                [JOEUF, *[NIMES] * 6],
                "Nouveaux labellisés_: 6_en Occitanie et 1_dans le Grand Est.",
            ),
            ([*[JOEUF] * 1000, OLD], "Nouveaux labellisés_: 1~000_dans le Grand Est."),
        ],
    )
    def test_are_named_up_to_six_and_counted_by_region_beyond(self, lines, sentence):
        assert said(sentences.newcomers("PIMMS", lines)) == sentence

    @pytest.mark.parametrize(
        ("lines", "sentence"),
        [
            ([], ""),
            ([NIMES], "PIMMS labellisé_: PIMMS Nîmes - PIMMS mobile (Gard)."),
            ([NIMES] * 7, "PIMMS labellisés_: 7_en Occitanie."),
        ],
    )
    def test_are_not_new_in_the_first_wave(self, lines, sentence):
        assert said(sentences.newcomers("PIMMS", lines, Manner.FIRST)) == sentence


class TestTheFirstWave:
    @pytest.mark.parametrize(
        ("new", "title", "lead"),
        [
            (
                0,
                "Aucun PIMMS n’obtient la labellisation France Services",
                "Aucun PIMMS n’a obtenu la labellisation France Services.",
            ),
            (
                1,
                "Un PIMMS obtient la labellisation France Services",
                "Un PIMMS a obtenu la labellisation France Services.",
            ),
            (
                13,
                "13_PIMMS obtiennent la labellisation France Services",
                "La labellisation France Services a été accordée à 13_PIMMS.",
            ),
        ],
    )
    def test_has_nothing_more_and_nothing_since(self, new, title, lead):
        wave = WaveFactory.build()

        assert said(sentences.title("PIMMS", new, Manner.FIRST)) == title
        assert said(sentences.lead(wave, "PIMMS", new, new, Manner.FIRST)) == lead

    def test_has_a_network_without_new_sites(self):
        assert said(sentences.network("PIMMS", 13, 13, "", Manner.FIRST)) == (
            "Le réseau des PIMMS comporte 13_structures labellisées France Services."
        )

    def test_is_the_one_that_no_other_came_before(self, network):
        first = composition.from_records(LabellingWave.objects.get(slug="janvier-2020"))
        second = composition.from_records(LabellingWave.objects.get(slug="automne-2020"))

        assert said(first.title) == "33_PIMMS obtiennent la labellisation France Services"
        assert "supplémentaires" in second.title


class TestTheLead:
    @pytest.mark.parametrize(
        ("new", "grant"),
        [
            (0, "aucun nouveau PIMMS n’a obtenu la labellisation"),
            (1, "un nouveau PIMMS a obtenu la labellisation"),
            (13, "13_nouveaux PIMMS ont obtenu la labellisation"),
        ],
    )
    def test_reads_as_in_2020_after_its_committee(self, new, grant):
        wave = WaveFactory.build(decided_on=date(2020, 9, 30))

        lead = said(sentences.lead(wave, "PIMMS", new, 53))

        assert f"le mercredi 30_septembre 2020, {grant}" in lead

    def test_begins_with_no_figure(self):
        lead = said(sentences.lead(WaveFactory.build(), "PIMMS", 13, 53))

        assert lead == (
            "La labellisation France Services a été accordée à 13_nouveaux PIMMS. Au total, ce "
            "sont désormais 53_PIMMS qui sont labellisés France Services."
        )


@pytest.fixture
def winter(network):
    return WaveFactory(
        name="Hiver 2021", effective_on=date(2021, 1, 15), announced_on=date(2021, 1, 21)
    )


def remarks_of(release):
    """What is said beside each field of a draft."""
    listed = list_remarks(release, publishing.compose_draft(release), DAY)
    return {remark.field: said(remark.sentence) for remark in listed}


def end_label(name, **values):
    site = Site.objects.get(name=name)
    end = {"withdrawn_on": date(2021, 1, 1), "withdrawal_reason": WithdrawalReason.CLOSED}
    for field, value in (end | values).items():
        setattr(site, field, value)
    site.save()
    return site


def ends_of(wave):
    release = drafting.draft_original(wave, DAY)
    return drafting.compute_sentences(release, publishing.compose_draft(release))["own_ends"]


def rectify_all(release):
    """A rectificatif, sent, of all that the records say otherwise."""
    compared = corrections.compare(release)
    wrong = compared.list_corrections(compared.differences)
    sent(drafting.prepare_erratum(release, wrong, date(2020, 11, 2)), on=date(2020, 11, 2))


class TestTheEndsOfLabel:
    def test_are_none(self, winter):
        assert ends_of(winter) == ""

    def test_name_those_of_the_last_release_that_are_not_in_this_one(self, winter):
        end_label("PIMMS Quimper Cornouaille")
        end_label("PIMMS Nîmes", withdrawn_on=date(2021, 1, 21))

        assert said(ends_of(winter)) == (
            "Depuis le communiqué du 14_octobre 2020, le label a pris fin pour PIMMS Quimper "
            "Cornouaille (Finistère) et PIMMS Nîmes (Gard)."
        )

    def test_leave_out_what_ends_after_the_list(self, winter):
        end_label("PIMMS Nîmes", withdrawn_on=date(2021, 1, 22))

        assert ends_of(winter) == ""

    def test_leave_out_what_was_listed_by_mistake(self, winter):
        end_label("PIMMS Nîmes", withdrawal_reason=WithdrawalReason.MISTAKE)

        assert ends_of(winter) == ""

    def test_leave_out_a_label_that_was_granted_again(self, winter):
        site = end_label("PIMMS Nîmes")
        SiteFactory(name="PIMMS Nîmes", department=site.department, wave=winter)

        assert ends_of(winter) == ""

    def test_tell_those_that_the_release_listed_after_they_had_ended(self, winter):
        end_label("PIMMS Nîmes", withdrawn_on=date(2020, 10, 1))

        assert "PIMMS Nîmes (Gard)" in ends_of(winter)

    def test_tell_no_more_what_a_rectificatif_took_out(self, winter):
        end_label("PIMMS Nîmes", withdrawn_on=date(2020, 10, 1))
        rectify_all(PressRelease.objects.get())

        assert ends_of(winter) == ""

    def test_tell_what_a_rectificatif_put_in(self, winter):
        october = PressRelease.objects.get()
        SiteFactory(
            name="PIMMS Uzès", wave=october.wave, department=Department.objects.get(code="30")
        )
        rectify_all(october)
        end_label("PIMMS Uzès")

        assert said(ends_of(winter)).endswith("le label a pris fin pour PIMMS Uzès (Gard).")

    @pytest.mark.parametrize(
        ("count", "ending"),
        [
            (1, "le label a pris fin pour PIMMS Ambazac (Haute-Vienne)."),
            (7, "le label a pris fin pour 7_PIMMS_: 4_en Occitanie, 2_en Nouvelle-Aquitaine et "),
        ],
    )
    def test_are_counted_by_region_beyond_six(self, winter, count, ending):
        regions = ("Nouvelle-Aquitaine", "Occitanie", "Île-de-France")
        names = [
            site.name
            for region in regions
            for site in Site.objects.filter(department__region__name=region).in_printed_order()
        ]
        for name in names[:count]:
            end_label(name)

        assert ending in said(ends_of(winter))

    def test_without_a_release_are_those_since_the_list_before(self, db):
        first = WaveFactory(effective_on=date(2020, 1, 1), name="Janvier 2020")
        SiteFactory(name="PIMMS Nîmes", wave=first)
        end_label("PIMMS Nîmes", withdrawn_on=date(2020, 3, 1))

        assert said(ends_of(WaveFactory())) == (
            "Depuis la liste arrêtée au 1er_janvier 2020, le label a pris fin pour PIMMS Nîmes "
            "(Gard)."
        )
        assert ends_of(first) == ""

    def test_are_never_printed_unasked(self, winter):
        end_label("PIMMS Nîmes")
        release = drafting.draft_original(winter, DAY)
        assert not release.prints_ends
        assert "a pris fin" not in " ".join(publishing.compose_draft(release).paragraphs)

        release.prints_ends = True

        # After what the network is now.
        assert "a pris fin" in publishing.compose_draft(release).paragraphs[1]


class TestWhatIsAsked:
    def test_a_new_draft_names_the_new_ones_first(self, winter):
        SiteFactory(name="PIMMS Alès", wave=winter)
        release = drafting.draft_original(winter, DAY)
        release.attendance = "Étaient présents la ministre et le préfet."

        paragraphs = publishing.compose_draft(release).paragraphs

        assert said(paragraphs[0]) == "Nouveau labellisé_: PIMMS Alès (Gard)."
        assert paragraphs[1] == "Étaient présents la ministre et le préfet."

    def test_a_release_that_was_begun_before_has_none(self, db):
        release = ReleaseFactory(wave=SiteFactory(labelled=True).wave)

        assert "labellisé\u00a0:" not in " ".join(publishing.compose_draft(release).paragraphs)

    def test_a_corrected_version_keeps_what_was_asked_and_the_quote_a_new_draft_does_not(
        self, winter
    ):
        release = drafting.draft_original(winter, DAY)
        release.prints_ends, release.own_ends = True, "Un label a pris fin."
        release.quote, release.quote_name, release.quote_role = "Merci.", "Ana Durand", "préfète"
        release.save()
        final(release)

        again = drafting.prepare_corrected_version(release)
        sent(again)
        whole = drafting.prepare_replacement(PressRelease.objects.get(pk=again.pk), DAY)
        later = drafting.draft_original(WaveFactory(effective_on=date(2021, 4, 1), name="A"), DAY)

        for kept in (again, whole):
            assert (kept.prints_newcomers, kept.prints_ends) == (True, True)
            assert (kept.quote, kept.quote_name, kept.quote_role, kept.own_ends) == (
                "Merci.",
                "Ana Durand",
                "préfète",
                "Un label a pris fin.",
            )
        assert (later.quote, later.quote_name, later.quote_role, later.own_ends) == ("",) * 4
        assert (later.prints_newcomers, later.prints_ends) == (True, False)


class TestTheQuote:
    @pytest.mark.parametrize(
        ("quote", "name", "role", "printed"),
        [
            ("", "", "", ()),
            ("", "Ana Durand", "préfète", ()),
            ("À tous !", "Ana Durand", "élue d'Alès", ("«_À tous~!_»", "Ana Durand, élue d’Alès")),
            ("Merci.", "Ana Durand", "", ("«_Merci._»", "Ana Durand")),
            ("Merci.", "", "", ("«_Merci._»",)),
            # However the words were typed, they stand between quotes once.
            ('"Merci."', "Ana O'Neil", "", ("«_Merci._»", "Ana O'Neil")),
            ("« Merci. »", "", "préfète", ("«_Merci._»", "préfète")),
            ('Il dit "oui" et "non"', "", "", ("«_Il dit “oui” et “non”_»",)),
            ("« Oui » ou « non »", "", "", ("«_“Oui” ou “non”_»",)),
            ("Un.\r\n\r\nDeux.", "", "", ("«_Un. Deux._»",)),
        ],
    )  # fmt: skip
    def test_is_the_words_then_who_says_them(self, db, quote, name, role, printed):
        release = ReleaseFactory(quote=quote, quote_name=name, quote_role=role)

        assert tuple(map(said, publishing.compose_draft(release).quote)) == printed

    @pytest.mark.parametrize(
        ("values", "said_of"),
        [
            ({}, {}),
            ({"quote": "Merci.", "quote_name": "Ana Durand", "quote_role": "préfète"}, {}),
            (
                {"quote_name": "Ana Durand", "quote_role": "préfète"},
                {
                    "quote": "Il manque les mots de «_Ana Durand, préfète_»_: rien n’est imprimé. "
                    "Écrivez-les, ou effacez le nom et la fonction."
                },
            ),
            (
                {"quote": "Merci."},
                {
                    "quote_name": "La citation n’est signée de personne_: donnez le nom de qui "
                    "parle.",
                    "quote_role": "La citation ne dit pas à quel titre la personne parle_: donnez "
                    "sa fonction.",
                },
            ),
        ],
    )
    def test_half_filled_says_what_is_missing(self, db, values, said_of):
        release = ReleaseFactory(**values)

        beside = remarks_of(release)

        assert {name: beside[name] for name in beside if "quote" in name} == said_of


class TestASentenceThatIsNotTicked:
    def test_is_said_to_be_left_out(self, db):
        release = ReleaseFactory(own_ends="Un label a pris fin.")

        assert remarks_of(release)["own_ends"] == (
            "Votre phrase n’est pas imprimée. Pour qu’elle le soit, cochez «_Imprimer la phrase "
            "sur les fins de label_»."
        )
        release.prints_ends = True
        assert "own_ends" not in remarks_of(release)


class TestWhatIsTyped:
    def test_is_printed_as_the_rest(self, db):
        release = ReleaseFactory(
            own_title='Un "titre"',
            attendance="Qui? L'État!",
            network_detail="dont 2 000 d'entre eux",
            closing="Fin: voir https://pimms.org/l'union?a=1;b",
            about="En 2019, les 68 PIMMS...",
        )
        SiteFactory(wave=release.wave)

        made = publishing.compose_draft(release)

        assert said(made.title) == "Un «_titre_»"
        assert [said(p) for p in made.paragraphs] == [
            "Qui~? L’État~!",
            (
                "Le réseau des PIMMS comporte 1_structure labellisée France Services, dont 2~000 "
                "d’entre eux."
            ),
            "Fin_: voir https://pimms.org/l'union?a=1;b",
        ]
        assert made.about == ("En 2019, les 68 PIMMS…",)

    def test_of_a_rectificatif_too(self, network):
        draft = drafting.prepare_erratum(PressRelease.objects.get(), [], DAY)
        draft.closing = 'La préfète dit "oui"!'

        assert said(publishing.compose_draft(draft).paragraphs[-1]) == ("La préfète dit «_oui_»~!")


class TestWhatWasSent:
    """What is only worded, or set, otherwise since is no difference."""

    def freeze_as_before(self, release, content):
        """As a release that was frozen before schema 3 is stored."""
        sent(release)
        stored = publishing.compose_final(release).to_json() | content | {"schema": 2}
        tamper(release, content=stored)
        release.refresh_from_db()

    def test_of_october_2020_differs_as_ever(self, network):
        october = PressRelease.objects.get()

        parts = [d.part for d in corrections.compare_with_records(october)]

        assert "title" not in parts
        assert "lead" not in parts
        assert '"médiation sociale"' in " ".join(
            composition.from_records(october.wave, october).about
        )

    def test_of_a_first_wave_and_of_one_site_does_not_differ(self, db):
        release = ReleaseFactory(wave=SiteFactory(labelled=True).wave, closing='Un "mot"!')
        self.freeze_as_before(
            release,
            {
                "title": "1\u00a0PIMMS supplémentaire obtient la labellisation France Services",
                "lead": "1\u00a0nouveau PIMMS a obtenu la labellisation France Services. Au total, "
                "c’est désormais 1\u00a0PIMMS qui est labellisé France Services.",
                "paragraphs": [
                    (
                        "Avec le nouveau site labellisé, le réseau des PIMMS comporte désormais "
                        "1\u00a0structure labellisée France Services."
                    ),
                    'Un "mot"!',
                ],
            },
        )

        assert corrections.compare_with_records(release) == ()

    def test_of_one_more_site_is_told_in_the_words_of_then(self, db):
        release = ReleaseFactory(wave=SiteFactory(labelled=True).wave)
        self.freeze_as_before(
            release, {"title": "1\u00a0PIMMS supplémentaire obtient la labellisation"}
        )
        SiteFactory(wave=release.wave)

        title = next(d for d in corrections.compare_with_records(release) if d.part == "title")

        assert said(title.after) == (
            "2_PIMMS supplémentaires obtiennent la labellisation France Services"
        )

    def test_since_then_is_compared_in_the_words_of_now(self, db):
        gard = SiteFactory(labelled=True)
        release = sent(
            ReleaseFactory(
                wave=gard.wave, closing='Un "mot"!', prints_newcomers=True, quote="Merci"
            )
        )
        assert corrections.compare_with_records(release) == ()

        paris = DepartmentFactory(
            code="75", name="Paris", region=RegionFactory(code="11", name="Île-de-France")
        )
        SiteFactory(name="PIMMS Paris", department=paris, wave=gard.wave)

        told = {said(d.after) for d in corrections.compare_with_records(release)}
        assert f"PIMMS labellisés_: PIMMS Paris (Paris) et {gard.name} (Gard)." in told
