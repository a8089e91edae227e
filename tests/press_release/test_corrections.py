"""Errata: what they propose, say and rectify; and the whole document again."""

from datetime import UTC, date, datetime

import pytest

from labelling.models import Department, LabellingWave, PressRelease, Region, Site
from labelling.press_release import corrections, drafting, errata, publishing
from labelling.press_release.composition import read_published
from labelling.press_release.differences import Kind, Part
from labelling.press_release.errata import Correction
from labelling.press_release.explanations import explain_differences
from labelling.press_release.publishing import NotDone
from tests.factories import (
    ContactFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    UserFactory,
    WaveFactory,
    final,
    sent,
)

DAY = date(2020, 10, 20)
STEPHANOISE = (
    "PIMMS Métropole Stéphanoise - La Cotonne",
    "PIMMS Métropole Stéphanoise - Saint-Chamond",
    "PIMMS Métropole Stéphanoise - Montreynaud",
)


# What follows from one new site less.
COUNTED_ONE_LESS = (
    (
        "Titre. Au lieu de : « 13 PIMMS supplémentaires obtiennent », lire : « 12 PIMMS "
        "supplémentaires obtiennent »."
    ),
    (
        "Chapô. Au lieu de : « 13 nouveaux PIMMS ont obtenu », lire : « 12 nouveaux PIMMS ont "
        "obtenu »."
    ),
    (
        "Phrase sur le réseau. Au lieu de : « 13 nouveaux sites labellisés », lire : « 12 nouveaux "
        "sites labellisés »."
    ),
)


@pytest.fixture
def october(network):
    return PressRelease.objects.get()


@pytest.fixture
def in_loire(october):
    """Somebody puts the three sites of Métropole Stéphanoise where the State has them."""
    loire, author = Department.objects.get(code="42"), UserFactory(last_name="Durand")
    for site in Site.objects.filter(name__in=STEPHANOISE):
        site.department = loire
        site._history_user = author
        site._change_reason = "Liste de l’État du 12 octobre 2020"
        site.save()


def errors_of(release):
    found = corrections.compare_with_records(release)
    why = explain_differences(release, found)
    return [d for d in found if why[corrections.make_key(d)].proposed == "error"]


def corrections_of(differences):
    return [correction for d in differences for correction in Correction.list_of(d)]


def rectified_by(release):
    """What a correction that is not sent would end."""
    return corrections.find_rectified(corrections.compare(release))


def as_plain(sentence: str) -> str:
    return sentence.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.usefixtures("in_loire")
class TestTheThreeStephanoiseSites:
    def test_are_what_the_erratum_proposes_and_nothing_else(self, october):
        errors = errors_of(october)

        assert [(d.subject, d.before, d.after) for d in errors] == [
            (name, "Isère", "Loire") for name in STEPHANOISE
        ]
        assert len(corrections.compare_with_records(october)) == 27

    def test_are_explained_by_the_entry_of_their_history(self, october):
        found = [d for d in corrections.compare_with_records(october) if d.subject in STEPHANOISE]
        why = explain_differences(october, found)

        for difference in found:
            explanation = why[corrections.make_key(difference)]
            sentence = as_plain(explanation.sentence)
            assert sentence.startswith("Prénom Durand, le ")
            assert sentence.endswith("« département » : modification de la fiche.")
            assert explanation.reason == "Liste de l’État du 12 octobre 2020"

    def test_are_rectified_in_so_many_words(self, october):
        errors = corrections_of(errors_of(october))

        content = publishing.compose_draft(drafting.prepare_erratum(october, errors, DAY))

        assert content.kind == "RECTIFICATIF"
        assert as_plain(content.title) == "Rectificatif au communiqué du 14 octobre 2020"
        assert as_plain(content.lead) == (
            "Dans le communiqué du mercredi 14 octobre 2020, « 13 PIMMS supplémentaires obtiennent "
            "la labellisation France Services », 3 mentions sont à rectifier :"
        )
        assert [as_plain(paragraph) for paragraph in content.paragraphs] == [
            f"{name}, département. Au lieu de : « Isère », lire : « Loire »."
            for name in STEPHANOISE
        ]
        assert as_plain(content.list_title) == "Lignes rectifiées :"
        assert [(line.department, line.name) for line in content.lines] == [
            ("Loire", name) for name in STEPHANOISE
        ]
        assert content.new_count == 3

    def test_are_not_proposed_twice(self, october):
        errors = corrections_of(errors_of(october))
        erratum = drafting.prepare_erratum(october, errors, DAY)
        sent(erratum, on=DAY)

        assert errors_of(october) == []
        assert len(corrections.compare_with_records(october)) == 24

    def test_are_rectified_by_the_whole_document_again_too(self, october):
        again = drafting.prepare_replacement(october, DAY)
        assert publishing.compose_draft(again).notices == (
            "PROJET – NE PAS DIFFUSER",
            "Annule et remplace le communiqué du 14\u00a0octobre 2020",
        )
        final(again)

        assert set(rectified_by(october).values()) == {again}
        document = read_published(PressRelease.objects.get(pk=again.pk))
        assert (len(document.lines), document.new_count) == (53, 13)
        assert document.notices == ("Annule et remplace le communiqué du 14\u00a0octobre 2020",)

    def test_join_the_erratum_that_is_being_prepared(self, october):
        first = drafting.prepare_erratum(october, [], DAY)
        first.errata = "Chapô | secrétaire d’Etat | secrétaire d’État"
        first.save()

        errors = corrections_of(errors_of(october))
        second = drafting.prepare_erratum(october, errors, DAY)

        assert second == first
        assert len(corrections.list_corrections(second)) == 4

    def test_join_it_once(self, october):
        errors = corrections_of(errors_of(october))

        drafting.prepare_erratum(october, errors[:2], DAY)
        erratum = drafting.prepare_erratum(october, errors, DAY)

        assert [one.where for one in corrections.list_corrections(erratum)] == [
            f"{name}, département" for name in STEPHANOISE
        ]

    def test_are_signed_by_who_may_still_be_named(self, october):
        assert drafting.prepare_erratum(october, [], DAY).contact == october.contact

        successor = ContactFactory(name="Ana Durand")
        drafting.replace_contact(october.contact, successor, DAY)
        again = drafting.prepare_replacement(october, DAY)

        assert again.contact == successor


@pytest.mark.usefixtures("in_loire")
class TestALineThatWasTypedOtherwise:
    """What a line corrects is what it says, wherever it says that it is."""

    def erratum(self, october, *lines):
        draft = drafting.prepare_erratum(october, [], DAY)
        draft.errata = "\n".join(lines)
        draft.save()
        return draft

    def rectified(self, october):
        return [d.subject for d in rectified_by(october)]

    def test_corrects_the_only_difference_that_has_its_texts(self, october):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "PIMMS du Gard"
        site.save()
        erratum = self.erratum(october, "Occitanie, Gard | PIMMS Nîmes | PIMMS du Gard")

        assert [line.name for line in publishing.compose_draft(erratum).lines] == ["PIMMS du Gard"]
        assert self.rectified(october) == ["PIMMS Nîmes"]
        sent(erratum, on=DAY)
        assert [d for d in corrections.compare_with_records(october) if d.part == Part.NAME] == []

    def test_corrects_of_several_the_one_that_it_names(self, october):
        erratum = self.erratum(october, f"Loire : {STEPHANOISE[1]} | Isère | Loire")

        assert [line.name for line in publishing.compose_draft(erratum).lines] == [STEPHANOISE[1]]
        assert self.rectified(october) == [STEPHANOISE[1]]

    def test_corrects_none_of_several_if_it_names_none(self, october):
        erratum = self.erratum(october, "Auvergne-Rhône-Alpes | Isère | Loire")

        assert publishing.compose_draft(erratum).lines == ()
        assert self.rectified(october) == []

    def test_is_done_by_what_is_final_rather_than_by_a_draft(self, october):
        lines = [f"{name}, département | Isère | Loire" for name in STEPHANOISE]
        done = final(self.erratum(october, *lines))
        self.erratum(october, *lines)

        assert set(rectified_by(october).values()) == {done}

    def test_leaves_out_what_the_records_no_longer_have(self, october):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.wave, site.rank = None, None
        site.save()
        (gone,) = [d for d in corrections.compare_with_records(october) if d.kind == Kind.REMOVED]
        erratum = self.erratum(october, Correction.list_of(gone)[0].typed)

        content = publishing.compose_draft(erratum)

        assert content.lines == ()
        assert [as_plain(paragraph) for paragraph in content.paragraphs] == [
            "Ligne de la liste. Supprimer : « Occitanie, Gard, PIMMS Nîmes »."
        ]


class TestDifferences:
    def test_that_no_record_explains_propose_nothing(self, october):
        assert errors_of(october) == []
        assert len(corrections.compare_with_records(october)) == 24

    def test_a_renamed_site_is_an_evolution(self, october):
        site = Site.objects.get(name="PIMMS Nîmes")
        site.name = "PIMMS du Gard"
        site.save()

        (difference,) = [
            d for d in corrections.compare_with_records(october) if d.part == Part.NAME
        ]
        why = explain_differences(october, [difference])[corrections.make_key(difference)]

        assert why.proposed == "evolution"
        assert why.sentence.endswith(
            "«\u00a0nom imprimé dans les communiqués\u00a0»\u00a0: modification de la fiche."
        )


def why_of(release, part, **wanted):
    """The explanations of the differences of a part, those that have such values."""
    found = [
        d
        for d in corrections.compare_with_records(release)
        if d.part == part and all(getattr(d, name) == value for name, value in wanted.items())
    ]
    why = explain_differences(release, found)
    return [why[corrections.make_key(d)] for d in found]


@pytest.mark.usefixtures("clock")
class TestWhatExplainsADifference:
    """Never more is claimed than is known."""

    @pytest.fixture
    def clock(self, monkeypatch):
        moment = datetime(2021, 3, 1, 9, 30, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    def test_of_a_renamed_department_is_its_own_entry(self, october):
        department = Department.objects.get(name="Saône-et-Loire")
        department.name = "Saône-et-Loire (Bourgogne)"
        department._change_reason = "Décret du 1er mars 2021"
        department.save()

        found = why_of(october, Part.DEPARTMENT, after="Saône-et-Loire (Bourgogne)")

        assert {(as_plain(one.sentence), one.reason, one.proposed) for one in found} == {
            (
                "Le 1er mars 2021 à 10 h 30, « nom » : modification de la fiche.",
                "Décret du 1er mars 2021",
                "evolution",
            )
        }

    def test_of_a_department_that_changed_its_region_is_that_change(self, october):
        department = Department.objects.get(code="30")
        department.region = Region.objects.get(name="Provence-Alpes-Côte d'Azur")
        department.save()

        found = why_of(october, Part.REGION, before="Occitanie")

        assert {as_plain(one.sentence) for one in found} == {
            "Le 1er mars 2021 à 10 h 30, « région » : modification de la fiche."
        }

    def test_of_one_line_more_is_the_record_that_was_created(self, october):
        SiteFactory(wave=october.wave, department=Department.objects.get(code="30"))

        (why,) = why_of(october, Part.LINE)

        assert as_plain(why.sentence) == "Le 1er mars 2021 à 10 h 30, fiche créée."
        assert why.proposed == "error"

    def test_of_the_counts_is_the_list(self, october):
        SiteFactory(wave=october.wave, department=Department.objects.get(code="30"))

        for part in (Part.TITLE, Part.LEAD):
            (why,) = why_of(october, part)
            assert why.sentence == "Se déduit de la liste et de la fiche de la vague."

    def test_of_the_title_is_no_change_of_the_waves_dates(self, october):
        october.wave.announced_on = date(2020, 10, 15)
        october.wave.save()
        SiteFactory(wave=october.wave, department=Department.objects.get(code="30"))

        (title,) = why_of(october, Part.TITLE)
        (situation,) = why_of(october, Part.SITUATION)

        assert title.sentence == "Se déduit de la liste et de la fiche de la vague."
        assert as_plain(situation.sentence) == (
            "Le 1er mars 2021 à 10 h 30, « annoncée le » : modification de la fiche."
        )

    def test_of_a_phone_is_the_change_of_that_phone(self, october):
        contact = october.contact
        contact.phone = "01 23 45 67 89"
        contact.save()

        (why,) = why_of(october, Part.CONTACT)

        assert as_plain(why.sentence) == (
            "Le 1er mars 2021 à 10 h 30, « téléphone » : modification de la fiche."
        )
        assert why.proposed == "evolution"

    def test_of_a_contact_who_is_gone_is_that_they_were_erased(self, october):
        october.contact.delete()
        october.refresh_from_db()

        (why,) = why_of(october, Part.CONTACT)

        assert (why.sentence, why.proposed) == ("Le contact presse a été effacé.", "evolution")
        assert why_of(october, Part.CONTACT_HEADING) == []

    def test_of_the_letterhead_is_its_own_entry(self, db):
        letterhead = LetterheadFactory(name="Union nationale des PIMMS")
        release = sent(ReleaseFactory())
        letterhead.name = "Union Pimms Médiation"
        letterhead.save()

        (difference,) = corrections.compare_with_records(release)
        (why,) = why_of(release, Part.LETTERHEAD)

        assert (difference.before, difference.after) == (
            "Union nationale des PIMMS",
            "Union Pimms Médiation",
        )
        assert as_plain(why.sentence) == (
            "Le 1er mars 2021 à 10 h 30, « nom » : modification de la fiche."
        )

    def test_of_a_move_may_be_that_of_its_neighbour(self, db):
        first, second = (SiteFactory(labelled=True, name=f"PIMMS {n}", rank=n) for n in (2, 3))
        release = sent(ReleaseFactory())
        second.rank = 1
        second.save()

        (difference,) = corrections.compare_with_records(release)
        (why,) = why_of(release, Part.PLACE)

        assert difference.site == first.pk
        assert as_plain(why.sentence) == (
            "Le 1er mars 2021 à 10 h 30, « place dans la liste imprimée » : modification de la "
            "fiche de PIMMS 3."
        )

    def test_that_nothing_explains_says_no_more(self, october):
        (melun,) = why_of(october, Part.PLACE)

        assert melun.sentence == "Aucun changement de fiche ne l’explique."


class TestTheNewOnesThatAreNamed:
    def test_are_corrected_by_words_that_hold_those_that_were_sent(self, network):
        wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 15))
        site = SiteFactory(name="PIMMS Uzès", wave=wave)
        SiteFactory(name="PIMMS Vallauris", wave=wave)
        release = sent(ReleaseFactory(wave=wave, prints_newcomers=True))
        site.name = "PIMMS d’Uzès"
        site.save()

        compared = corrections.compare(release)
        found = compared.list_corrections(d for d in compared.differences if d.site)
        erratum = drafting.prepare_erratum(release, found, date(2021, 1, 22))

        assert "d’Uzès" in erratum.errata.partition("Nouveaux labellisés")[2]
        assert corrections.find_outcome(erratum).unfollowed == ()


class TestFreeLines:
    def test_correct_the_prose(self, october):
        erratum = drafting.prepare_erratum(october, [], DAY)
        erratum.errata = (
            "Troisième paragraphe | Joël Giraud, secrétaire d’Etat | "
            "Joël Giraud, secrétaire d’État\n"
            "Texte | | Une phrase oubliée.\n"
            "Texte | Une phrase de trop. |"
        )

        content = publishing.compose_draft(erratum)

        assert [as_plain(paragraph) for paragraph in content.paragraphs] == [
            (
                "Troisième paragraphe. Au lieu de : « Joël Giraud, secrétaire d’Etat », lire : "
                "« Joël Giraud, secrétaire d’État »."
            ),
            "Texte. Ajouter : « Une phrase oubliée. »",
            "Texte. Supprimer : « Une phrase de trop. »",
        ]
        assert (content.lines, content.list_title, content.situation) == ((), "", "")

    def test_of_what_is_new_and_of_a_place_have_a_sentence_of_their_own(self, october):
        site = Site.objects.get(name=STEPHANOISE[0])
        site.wave = LabellingWave.objects.get(slug="janvier-2020")
        site.save()
        wanted = (Part.NEW, Part.PLACE)
        found = corrections_of(
            d for d in corrections.compare_with_records(october) if d.part in wanted
        )

        content = publishing.compose_draft(drafting.prepare_erratum(october, found, DAY))

        assert [as_plain(paragraph) for paragraph in content.paragraphs] == [
            f"{STEPHANOISE[0]} ne fait pas partie des nouvelles labellisations.",
            (
                "PIMMS Melun est à lire après « PIMMS Paris - Paris Est (20e) », et non après "
                "« PIMMS Sevran »."
            ),
            *COUNTED_ONE_LESS,
        ]

    def test_what_is_new_after_all_is_said_to_be(self):
        correction = Correction(where="PIMMS Nîmes, nouveau", before="Non", after="Oui")

        assert correction.sentence == "PIMMS Nîmes fait partie des nouvelles labellisations."

    def test_none_are_announced_where_there_are_none(self, october):
        assert publishing.compose_draft(drafting.prepare_erratum(october, [], DAY)).lead == ""

    def test_one_is_one(self, october):
        erratum = drafting.prepare_erratum(october, [], DAY)
        erratum.errata = "Titre | a | b"

        assert as_plain(publishing.compose_draft(erratum).lead).endswith(
            "1 mention est à rectifier :"
        )

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("Titre", "Titre"),
            ("Titre | a", "Titre \u2223 a"),
            ("Titre | a | b | c", "Titre \u2223 a \u2223 b \u2223 c"),
            ("Titre | | ", "Titre"),
        ],
    )
    def test_that_are_not_in_three_parts_are_refused_with_their_text(self, line, said):
        with pytest.raises(ValueError, match=f"^Ligne «\u00a0{said}\u00a0»"):
            errata.read_corrections(f"Titre | a | b\n{line}")

    def test_that_are_blank_are_none(self):
        assert errata.read_corrections(" \n | | \n") == ()

    def test_a_name_with_a_bar_survives(self):
        correction = Correction(where="Nom", before="A | B", after="C")

        (read,) = errata.read_corrections(correction.typed)

        assert read.before == "A \u2223 B"


class TestAWholeDocumentAgain:
    @pytest.mark.parametrize(
        ("days", "ending"),
        [
            ([], ""),
            ([2], " et son rectificatif du 2 novembre 2020"),
            ([2, 9], " et ses rectificatifs du 2 et du 9 novembre 2020"),
            ([2, 2], " et ses rectificatifs du 2 novembre 2020"),
            ([2, 9, 16], " et ses rectificatifs du 2, du 9 et du 16 novembre 2020"),
        ],
    )
    def test_names_all_that_it_replaces(self, october, days, ending):
        for day in days:
            erratum = drafting.prepare_erratum(october, [], date(2020, 11, day))
            erratum.errata = "Titre | a | b"
            erratum.save()
            sent(erratum, on=date(2020, 11, day))

        again = publishing.compose_final(drafting.prepare_replacement(october, DAY))

        (notice,) = map(as_plain, again.notices)
        assert notice == f"Annule et remplace le communiqué du 14 octobre 2020{ending}"


@pytest.mark.django_db
class TestWhatIsNotSent:
    def test_is_not_rectified(self):
        release = ReleaseFactory()

        with pytest.raises(NotDone) as refusal:
            drafting.prepare_erratum(release, [], DAY)

        assert as_plain(str(refusal.value)) == (
            "Ce communiqué n’est pas encore envoyé : il n’y a rien à rectifier. Préparez une "
            "version corrigée."
        )

    def test_an_erratum_is_not_rectified_either(self, october):
        erratum = drafting.prepare_erratum(october, [], DAY)
        erratum.errata = "Titre | a | b"
        erratum.save()

        with pytest.raises(NotDone):
            drafting.prepare_erratum(sent(erratum, on=DAY), [], DAY)
