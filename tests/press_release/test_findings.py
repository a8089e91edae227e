"""What is missing or contradictory in a draft: each said beside its field, in a sentence."""

from datetime import UTC, date, datetime

import pytest

from labelling.choices import ReleaseKind
from labelling.models import Site
from labelling.models.record_sets import unguarded
from labelling.press_release import publishing
from labelling.press_release.findings import list_remarks
from tests.factories import ContactFactory, ReleaseFactory, SiteFactory, WaveFactory, sent

TODAY = date(2020, 10, 14)


@pytest.fixture
def draft(db):
    """A draft that nothing can be said against."""
    wave = WaveFactory(
        decided_on=date(2020, 9, 30), announced_on=date(2020, 10, 14), national_sites=856
    )
    SiteFactory.create_batch(12, wave=wave)
    return ReleaseFactory(wave=wave, contact=ContactFactory(name="Ana Durand"))


def found(release, day=None):
    by_field = {}
    for remark in list_remarks(release, publishing.compose_draft(release), day or TODAY):
        by_field.setdefault(remark.field, []).append(remark.sentence)
    return by_field


def said(release, field, day=None):
    return found(release, day).get(field, [])


class TestFindings:
    def test_are_none_where_all_is_well(self, draft):
        assert found(draft) == {}

    def test_a_character_that_no_file_can_hold(self, draft):
        draft.closing = "Merci\u0001 à tous"

        (sentence,) = said(draft, "closing")
        assert sentence == (
            "Le caractère invisible U+0001 du texte «\u00a0Merci□ à tous\u00a0» ne peut pas être "
            "imprimé dans ce format. Remplacez-le dans la fiche ou dans le communiqué, puis "
            "recommencez."
        )

    def test_such_a_character_in_a_record_is_said_beside_the_list(self, draft):
        """No door lets it in any more: an older base may hold it."""
        unguarded(Site).filter(pk=draft.wave.sites.first().pk).update(name="PIMMS\ufffe")

        (sentence,) = said(draft, "own_list_title")
        assert sentence.startswith("Le caractère invisible U+FFFE du texte «\u00a0PIMMS□")

    def test_a_wave_without_a_committee(self, draft):
        draft.wave.decided_on = None

        assert said(draft, "own_lead") == [
            (
                "La vague n’a pas de date de comité de pilotage\u00a0: le chapô ne la donne pas. "
                "Ajoutez-la sur la fiche de la vague."
            )
        ]

    def test_a_wave_without_figures(self, draft):
        draft.wave.national_sites = None

        assert said(draft, "own_figures") == [
            (
                "La vague n’a pas de chiffres nationaux\u00a0: ce paragraphe manque. Ajoutez-les "
                "sur la fiche de la vague."
            )
        ]

    @pytest.mark.parametrize(
        ("field", "sentence"),
        [
            ("own_title", "13 PIMMS supplémentaires obtiennent la labellisation"),
            ("own_lead", "13 nouveaux PIMMS ont obtenu la labellisation. Au total, 12 PIMMS."),
            ("own_network", "Avec les 13 nouveaux sites, le réseau a 12 structures."),
        ],
    )
    def test_thirteen_announced_and_twelve_counted(self, draft, field, sentence):
        setattr(draft, field, sentence)

        (finding,) = said(draft, field)

        assert finding.startswith("«\u00a013 ")
        assert finding.endswith(
            "est annoncé\u202f; la liste compte 12\u00a0nouveaux sites et 12\u00a0sites en tout."
        )

    @pytest.mark.parametrize(
        "sentence",
        ["12 PIMMS rejoignent le réseau", "En 2020, 12\u00a0nouveaux PIMMS", "Douze PIMMS de plus"],
    )
    def test_the_right_number_is_no_finding(self, draft, sentence):
        draft.own_title = sentence

        assert said(draft, "own_title") == []

    def test_the_total_in_a_title_is_no_finding(self, draft):
        earlier = WaveFactory(name="Hiver 2019", effective_on=date(2019, 12, 1))
        SiteFactory.create_batch(3, wave=earlier)
        draft.own_title = "Avec Digoin, 15 PIMMS sont labellisés"
        assert said(draft, "own_title") == []

        draft.own_title = "Avec Digoin, 16 PIMMS sont labellisés"
        (finding,) = said(draft, "own_title")
        assert finding.endswith("12\u00a0nouveaux sites et 15\u00a0sites en tout.")

    @pytest.mark.parametrize("field", ["about", "closing", "network_detail", "attendance"])
    def test_a_number_of_labelled_sites_that_stands_and_the_list_contradicts(self, draft, field):
        setattr(draft, field, "Les 68 PIMMS vous accueillent. 12 PIMMS sont labellisés.")
        assert said(draft, field) == []

        setattr(draft, field, "Les 68 PIMMS vous accueillent. 11 PIMMS sont labellisés.")
        (finding,) = said(draft, field)
        assert finding.startswith("«\u00a011 PIMMS\u00a0» est annoncé")

    def test_a_wave_that_does_not_say_when_its_list_is_closed(self, draft):
        draft.wave.announced_on = None

        assert said(draft, "issued_on") == [
            (
                "La vague n’a pas de date d’annonce\u00a0: la liste serait arrêtée au "
                "30\u00a0septembre 2020, le communiqué est daté du 14\u00a0octobre 2020. Dites à "
                "quelle date elle est arrêtée."
            )
        ]
        draft.wave.list_closed_on = date(2020, 9, 30)
        assert said(draft, "issued_on") == []

    @pytest.mark.parametrize(
        ("sentence", "finding"),
        [
            (
                "le mardi 30 septembre 2020",
                "Le 30\u00a0septembre 2020 est un mercredi, pas un mardi.",
            ),
            ("ce jeudi 14\u00a0octobre", "Le 14\u00a0octobre 2020 est un mercredi, pas un jeudi."),
            ("Lundi 1er octobre 2020", "Le 1er\u00a0octobre 2020 est un jeudi, pas un lundi."),
            (
                "le lundi 31 septembre 2020",
                "«\u00a0lundi 31 septembre 2020\u00a0»\u00a0: cette date n’existe pas.",
            ),
        ],
    )
    def test_a_weekday_that_is_wrong(self, draft, sentence, finding):
        draft.attendance = sentence

        assert said(draft, "attendance") == [finding]

    def test_a_weekday_that_is_right(self, draft):
        draft.closing = "Le comité s’est tenu le mercredi 30 septembre 2020."

        assert said(draft, "closing") == []

    def test_nobody_to_call(self, draft):
        draft.contact = None

        assert said(draft, "contact") == [
            "Aucun contact presse\u00a0: les journalistes ne sauront pas qui appeler."
        ]

    def test_a_date_that_is_not_the_waves(self, draft):
        draft.issued_on = date(2020, 9, 29)

        assert said(draft, "issued_on") == [
            (
                "La fiche de la vague dit qu’elle est annoncée le 14\u00a0octobre 2020\u202f; le "
                "communiqué est daté du 29\u00a0septembre 2020."
            ),
            "Le communiqué est daté d’avant le comité de pilotage du 30\u00a0septembre 2020.",
        ]

    def test_an_embargo_is_said_and_one_that_ends_too_early(self, draft):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        day = date(2020, 10, 12)
        assert said(draft, "embargo_until", day) == [
            (
                "Sous embargo jusqu’au mercredi 14\u00a0octobre 2020 à 10\u00a0h. La mention est "
                "imprimée en haut de chaque fichier."
            )
        ]

        draft.embargo_until = datetime(2020, 10, 13, 8, tzinfo=UTC)
        assert said(draft, "embargo_until", day)[0].endswith(
            "Cet embargo finit avant la date du communiqué."
        )

    def test_an_embargo_that_has_passed(self, draft):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)
        assert said(draft, "embargo_until", date(2020, 10, 15)) == [
            (
                "L’embargo est passé depuis le 14\u00a0octobre 2020 à 10\u00a0h\u00a0: "
                "corrigez-le, ou effacez-le."
            )
        ]

    def test_a_wave_without_a_site(self, draft):
        earlier = WaveFactory(name="Hiver 2019", effective_on=date(2019, 12, 1))
        draft.wave.sites.update(wave=earlier)

        assert said(draft, "own_list_title") == []
        assert said(draft, "own_title") == [
            (
                "Aucun site n’est labellisé avec cette vague. S’il en manque, ajoutez-les par "
                "«\u00a0Les sites de la vague\u00a0», sur la fiche de la vague."
            )
        ]

    def test_an_empty_list(self, db):
        draft = ReleaseFactory()

        assert said(draft, "own_list_title") == ["La liste est vide."]

    def test_an_erratum_that_says_nothing_or_that_cannot_be_read(self, draft):
        erratum = ReleaseFactory(
            wave=draft.wave, kind=ReleaseKind.ERRATUM, corrects=sent(draft), contact=draft.contact
        )
        assert said(erratum, "errata") == [
            "Aucune ligne à rectifier\u00a0: ajoutez-en au moins une."
        ]

        erratum.errata = "Chapô | un ministre"
        assert said(erratum, "errata") == [
            (
                "Ligne «\u00a0Chapô \u2223 un ministre\u00a0»\u00a0: remplissez "
                "«\u00a0Au lieu de\u00a0», «\u00a0Lire\u00a0» ou les deux."
            )
        ]
