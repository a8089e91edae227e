"""From a sent release to what its readers know of it: rectified twice, then cancelled."""

import json
import re
from datetime import date

import pytest

from labelling.models import PressRelease, Site
from labelling.press_release import corrections, drafting, publishing
from labelling.press_release.composition import from_records, read_published
from labelling.press_release.differences import find_differences
from labelling.press_release.errata import read_rows
from tests.admin.forms import sentences
from tests.admin.releases.test_changes import answers
from tests.factories import ContactFactory, ReleaseFactory, SiteFactory, WaveFactory, final, sent

GONE = "« Occitanie, Gard, PIMMS Arras * »"


@pytest.fixture
def arras(db):
    """One of five sites, three of them new, in a release that was sent."""
    before = WaveFactory(name="Été 2020", effective_on=date(2020, 6, 1))
    wave = WaveFactory(
        name="Automne 2020",
        effective_on=date(2020, 9, 1),
        decided_on=date(2020, 9, 30),
        announced_on=date(2020, 10, 14),
    )
    for name in ("PIMMS Brest", "PIMMS Dijon"):
        SiteFactory(name=name, wave=before)
    for name in ("PIMMS Caen", "PIMMS Sète"):
        SiteFactory(name=name, wave=wave)
    site = SiteFactory(name="PIMMS Arras", wave=wave)
    closing = "La secrétaire d’Etat a salué les équipes, et dit combien elle comptait sur elles."
    sent(ReleaseFactory(wave=wave, closing=closing, contact=ContactFactory()))
    return site


@pytest.fixture
def release(arras):
    return PressRelease.objects.get()


def as_plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ").replace("&nbsp;", " ")


def locate(release, page="changes"):
    return f"/labelling/pressrelease/{release.pk}/{page}/"


def read(client, release, page="changes") -> str:
    return as_plain(client.get(locate(release, page)).text)


def withdraw(site):
    site.withdrawn_on, site.withdrawal_reason = date(2020, 10, 1), "mistake"
    site.save()


def give_back(site):
    site.withdrawn_on, site.withdrawal_reason = None, ""
    site.save()


def prepare(client, release, asked="erratum", **verdicts):
    """The correction that the page prepares, of what it proposes or of these answers."""
    page = client.get(locate(release))
    client.post(locate(release), answers(page) | verdicts | {asked: "yes"})
    return release.corrections.drafts().get(kind=asked)


def validate_and_send(client, draft, day) -> str:
    """What the page of validation said before the draft was validated through it, and sent."""
    draft.issued_on = day
    draft.save()
    page = client.get(locate(draft, "validate"))
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    client.post(locate(draft, "validate"), {"seen": seen})
    publishing.mark_as_sent(draft, on=day)
    draft.refresh_from_db()
    return as_plain(page.text)


def frozen():
    """What is stored of each release that is frozen, byte for byte."""
    stored = PressRelease.objects.frozen().values_list("pk", "content", "digest")
    return {pk: (json.dumps(content), digest) for pk, content, digest in stored}


def lines_of(erratum):
    return [as_plain(one.sentence) for one in corrections.list_corrections(erratum)]


class TestALineThatIsRemoved:
    LINES = (
        f"Ligne de la liste. Supprimer : {GONE}.",
        (
            "Titre. Au lieu de : « 3 PIMMS supplémentaires obtiennent », lire : « 2 PIMMS "
            "supplémentaires obtiennent »."
        ),
        (
            "Chapô. Au lieu de : « 3 nouveaux PIMMS ont obtenu », lire : « 2 nouveaux PIMMS ont "
            "obtenu »."
        ),
        (
            "Chapô. Au lieu de : « 5 PIMMS qui sont labellisés », lire : « 4 PIMMS qui sont "
            "labellisés »."
        ),
        (
            "Phrase sur le réseau. Au lieu de : « 3 nouveaux sites labellisés », lire : « 2 "
            "nouveaux sites labellisés »."
        ),
        (
            "Phrase sur le réseau. Au lieu de : « 5 structures labellisées France Services », "
            "lire : « 4 structures labellisées France Services »."
        ),
    )

    def test_takes_what_counts_it_along(self, arras, release, as_editor):
        withdraw(arras)

        page = read(as_editor, release)
        erratum = prepare(as_editor, release)

        assert "<h2>1 différence à examiner</h2>" in page
        assert "<h2>3 phrases qui comptent la liste</h2>" in page
        assert page.count("<fieldset") == 1
        assert lines_of(erratum) == list(self.LINES)

    def test_as_an_evolution_takes_nothing_along(self, arras, release, as_editor):
        withdraw(arras)
        key = next(key for key in answers(as_editor.get(locate(release))) if key != "version")

        assert lines_of(prepare(as_editor, release, **{key: "evolution"})) == []

    def test_counts_without_those_that_are_evolutions(self, arras, release, as_editor):
        """The records say 2 new sites: the rectificatif says 2 less the one that is no error."""
        withdraw(arras)
        other = release.wave.sites.get(name="PIMMS Caen")
        withdraw(other)
        page = as_editor.get(locate(release)).text
        (item,) = [
            one
            for one in page.split('<li class="change">')
            if "<h3>Ligne de la liste – PIMMS Caen" in one
        ]
        key = re.search(r'name="(verdict-\w+)"', item)[1]

        erratum = prepare(as_editor, release, **{key: "evolution"})

        assert lines_of(erratum) == list(self.LINES)

    def test_counts_again_with_another_one(self, arras, release, as_editor):
        withdraw(arras)
        prepare(as_editor, release)
        withdraw(release.wave.sites.get(name="PIMMS Caen"))

        erratum = prepare(as_editor, release)

        assert len(corrections.list_corrections(erratum)) == 7
        outcome = corrections.find_outcome(erratum)
        assert "Un PIMMS" in as_plain(outcome.content.title)
        assert find_differences(outcome.content, corrections.compare(release).now) == ()

    def test_says_what_waits_for_an_answer(self, arras, release, as_editor):
        withdraw(arras)
        data = answers(as_editor.get(locate(release)))
        unanswered = {"version": data["version"], "erratum": "yes"}

        answer = as_editor.post(locate(release), unanswered, follow=True)

        assert [as_plain(sentence) for sentence in sentences(answer)] == [
            (
                "1 différence sans réponse : « Ligne de la liste – PIMMS Arras ». Ce rectificatif "
                "n’en dit rien."
            )
        ]


class TestARectificatifThatContradictsItself:
    @pytest.fixture
    def erratum(self, arras, release):
        withdraw(arras)
        return drafting.prepare_erratum(release, [], date(2020, 11, 2))

    def findings(self, client, erratum, *lines):
        erratum.refresh_from_db()
        erratum.errata = "\n".join(lines)
        erratum.save()
        found = read(client, erratum, "validate").split('id="wrong-title"')
        listed = found[1].split("</section>")[0] if found[1:] else ""
        said = re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
        return [" ".join(re.sub(r"<a .*?</a>", "", sentence).split()) for sentence in said]

    GONE = "Ligne de la liste | Occitanie, Gard, PIMMS Arras * | "

    def test_says_what_it_makes_false(self, erratum, as_manager):
        found = self.findings(as_manager, erratum, self.GONE)

        assert len(found) == 5
        assert found[0] == (
            "Une fois la liste rectifiée, ceci serait faux et n’est pas rectifié. Ajoutez la "
            "ligne : Titre. Au lieu de : « 3 PIMMS supplémentaires obtiennent », lire : « 2 PIMMS "
            "supplémentaires obtiennent »."
        )

    def test_says_it_again_before_it_is_sent(self, erratum, as_manager):
        self.findings(as_manager, erratum, self.GONE)
        final(erratum)

        page = read(as_manager, erratum, "send")

        assert "À corriger avant d’envoyer" in page
        assert "Ajoutez la ligne : Titre. Au lieu de : « 3 PIMMS supplémentaires" in page

    def test_says_nothing_once_all_is_corrected(self, erratum, as_manager):
        drafted = drafting.prepare_erratum(
            erratum.corrects, read_rows(self.GONE), date(2020, 11, 2)
        )

        assert self.findings(as_manager, erratum, *drafted.errata.splitlines()) == []

    def test_says_what_it_counts_and_the_list_does_not_have(self, erratum, as_manager):
        give_back(erratum.wave.sites.get(name="PIMMS Arras"))

        (found,) = self.findings(
            as_manager, erratum, "Chapô | désormais 5 PIMMS | désormais 9 PIMMS"
        )

        assert found == (
            "Chapô : une fois rectifié, le communiqué annoncerait « 9 PIMMS » ; sa liste "
            "compterait 3 nouveaux sites et 5 sites en tout. Ajoutez ou corrigez une ligne."
        )

    def test_says_what_a_title_of_ones_own_still_counts(self, arras, release, as_manager):
        whole = drafting.prepare_replacement(release, date(2020, 10, 20))
        whole.own_title = "Avec Arras, 5 PIMMS sont labellisés"
        whole.contact = ContactFactory()
        whole.save()
        sent(whole, on=date(2020, 10, 20))
        withdraw(arras)

        erratum = prepare(as_manager, whole)
        (found,) = self.findings(as_manager, erratum, *erratum.errata.splitlines())

        assert found == (
            "Titre : une fois rectifié, le communiqué annoncerait « 5 PIMMS » ; sa liste "
            "compterait 2 nouveaux sites et 4 sites en tout. Ajoutez ou corrigez une ligne."
        )

    def test_says_what_it_quotes_and_nobody_finds(self, erratum, as_manager):
        (found,) = self.findings(as_manager, erratum, "Chapô | 50 PIMMS | 49 PIMMS")

        assert found.startswith(
            "Chapô : « 50 PIMMS » ne se trouve pas, ou pas une seule fois, dans"
        )

    def test_says_what_the_records_deny(self, erratum, as_manager):
        (found,) = self.findings(
            as_manager, erratum, "PIMMS Brest, nom | PIMMS Brest | PIMMS Brest 2"
        )

        assert found == (
            "PIMMS Brest 2, nom : les fiches ne disent pas ce que dit ce rectificatif. Corrigez la "
            "fiche, ou la ligne à rectifier."
        )


class TestTheWholeWay:
    def test_says_what_is_true_at_each_step(self, arras, release, as_editor, as_manager):
        withdraw(arras)
        stored = frozen()

        first = prepare(as_editor, release)
        assert "<h2>Aucune différence à examiner</h2>" in read(as_editor, release)
        page = validate_and_send(as_manager, first, date(2020, 11, 2))
        assert "Ce qui s’imprimerait faux" not in page
        page = read(as_editor, release)
        assert "Les fiches disent encore ce que dit le communiqué, tel qu’il se lit avec" in page
        assert f"Ligne de la liste. Supprimer : {GONE}." in page

        give_back(arras)
        page = read(as_editor, release)
        assert "<h2>1 différence à examiner</h2>" in page
        assert "ce rectificatif envoyé n’est plus vrai" in page
        assert f'{locate(first, "document")}">Rectificatif du 2 novembre 2020</a>' in page
        assert "n’est plus vrai" in read(as_editor, first, "document")
        assert "1 différence à examiner" in read(as_editor, release, "document")
        stored |= {first.pk: frozen()[first.pk]}
        assert frozen() == stored

        second = prepare(as_editor, release)
        assert lines_of(second)[:2] == [
            f"Ligne de la liste. Ajouter : {GONE}.",
            (
                "Titre. Au lieu de : « 2 PIMMS supplémentaires obtiennent », lire : « 3 PIMMS "
                "supplémentaires obtiennent »."
            ),
        ]
        assert "déjà rectifié le 2 novembre 2020, 6 mentions sont" in read(
            as_editor, second, "document"
        )
        assert "Ce qui s’imprimerait faux" not in validate_and_send(
            as_manager, second, date(2020, 11, 9)
        )
        said = corrections.read_corrected(release).content
        assert find_differences(said, from_records(release.wave, release)) == ()
        assert find_differences(said, read_published(release)) == ()
        assert "n’est plus vrai" not in read(as_editor, first, "document")

        whole = prepare(as_editor, release, "replacement")
        notice = (
            "Annule et remplace le communiqué du 14 octobre 2020 et ses rectificatifs du 2 et du "
            "9 novembre 2020"
        )
        assert notice in read(as_editor, whole, "document")
        validate_and_send(as_manager, whole, date(2020, 11, 12))
        assert as_plain(read_published(whole).notices[0]) == notice
        assert "celui qui le remplace" in read(as_editor, release)
        assert "à examiner" not in read(as_editor, release, "document")
        assert "Les fiches disent encore ce que dit" in read(as_editor, whole)
        stored |= {one.pk: frozen()[one.pk] for one in (second, whole)}
        assert frozen() == stored

    def test_keeps_in_the_whole_document_what_a_rectificatif_put_right(self, release, as_manager):
        erratum = drafting.prepare_erratum(release, [], date(2020, 11, 2))
        erratum.errata = "Texte | secrétaire d'Etat | secrétaire d’État"
        erratum.save()
        validate_and_send(as_manager, erratum, date(2020, 11, 2))

        whole = prepare(as_manager, release, "replacement")

        assert corrections.compare_with_records(release) == ()
        assert whole.closing.startswith("La secrétaire d’État a salué")

    def test_of_an_older_rectificatif_that_forgot_its_totals_has_a_way_out(
        self, arras, release, as_editor, as_manager
    ):
        withdraw(arras)
        erratum = drafting.prepare_erratum(release, [], date(2020, 11, 2))
        erratum.errata = TestARectificatifThatContradictsItself.GONE
        erratum.save()
        validate_and_send(as_manager, erratum, date(2020, 11, 2))

        page = read(as_editor, release)
        second = prepare(as_editor, release)

        assert "<h2>3 différences à examiner</h2>" in page
        assert page.count("Le communiqué, une fois rectifié, ne compte plus ainsi sa propre") == 3
        assert lines_of(second) == list(TestALineThatIsRemoved.LINES[1:])


class TestARectificatifIsNotRectified:
    def test_and_leads_to_what_it_rectifies(self, arras, release, as_manager):
        withdraw(arras)
        erratum = prepare(as_manager, release)
        validate_and_send(as_manager, erratum, date(2020, 11, 2))

        answer = as_manager.get(locate(erratum), follow=True)

        assert answer.redirect_chain == [(locate(release), 302)]
        assert as_plain(sentences(answer)[-1]) == (
            "Un rectificatif ne se rectifie pas : voici ce qui a changé depuis dans le communiqué "
            "qu’il rectifie."
        )

    def test_that_became_false_before_it_was_sent_says_so(self, arras, release, as_manager):
        withdraw(arras)
        erratum = prepare(as_manager, release)
        final(erratum)
        give_back(arras)

        page = read(as_manager, erratum, "document")

        assert "À corriger avant d’envoyer" in page
        assert "PIMMS Arras, ligne de la liste : les fiches ne disent pas" in page


class TestTheWave:
    def test_compares_what_its_readers_know(self, arras, release, as_manager):
        withdraw(arras)
        validate_and_send(as_manager, prepare(as_manager, release), date(2020, 11, 2))
        address = f"/labelling/labellingwave/{release.wave_id}/press-release/"
        assert "<span>Rien</span>" in as_manager.get(address).text

        give_back(arras)

        page = as_plain(as_manager.get(address).text)
        assert "<span>4 différences</span>" in page
        assert '<th scope="col">Avec ses rectificatifs</th>' in page

    def test_is_told_from_the_records_with_what_a_rectificatif_put_right(self, release, as_manager):
        erratum = drafting.prepare_erratum(release, [], date(2020, 11, 2))
        erratum.errata = "Texte | secrétaire d'Etat | secrétaire d’État"
        erratum.save()
        validate_and_send(as_manager, erratum, date(2020, 11, 2))
        address = f"/labelling/labellingwave/{release.wave_id}/press-release/"

        sent_page = as_manager.get(address).text
        page = as_manager.get(address, {"source": "records"}).text
        file = as_manager.get(f"{address}records/txt/").content.decode()

        assert "La secrétaire d’Etat a salué" in sent_page
        for told in (page, file):
            assert "La secrétaire d’État a salué" in told
            assert "secrétaire d’Etat" not in told


class TestTwoPeople:
    def test_who_answers_what_a_rectificatif_just_ended_is_told(
        self, arras, release, as_editor, as_manager
    ):
        withdraw(arras)
        data = answers(as_editor.get(locate(release)))
        erratum = drafting.prepare_erratum(
            release,
            corrections.compare(release).list_corrections(corrections.compare(release).differences),
            date(2020, 11, 2),
        )
        validate_and_send(as_manager, erratum, date(2020, 11, 2))

        answer = as_editor.post(locate(release), data | {"keep": "yes"}, follow=True)

        assert as_plain(sentences(answer)[0]) == (
            "1 de vos réponses n’a plus d’objet : une fiche a changé, ou un rectificatif est "
            "parti, depuis que cette page est ouverte."
        )

    def test_who_goes_back_and_answers_again_is_told(self, arras, release, as_editor):
        withdraw(arras)
        data = answers(as_editor.get(locate(release)))
        as_editor.post(locate(release), data | {"keep": "yes"}, follow=True)

        answer = as_editor.post(locate(release), data | {"erratum": "yes"}, follow=True)

        assert as_plain(sentences(answer)[0]) == (
            "Vous avez enregistré d’autres réponses depuis que cette page est ouverte : rien n’a "
            "été fait deux fois. Relisez-les ci-dessous."
        )
        assert not release.corrections.exists()

    def test_a_rectificatif_of_what_was_cancelled_meanwhile_says_so(
        self, arras, release, as_editor, as_manager
    ):
        withdraw(arras)
        erratum = prepare(as_editor, release)
        validate_and_send(as_manager, prepare(as_editor, release, "replacement"), date(2020, 11, 2))

        page = read(as_manager, erratum, "validate")

        assert (
            "Le communiqué du 14 octobre 2020 a été annulé et remplacé par celui du 2 novembre "
            "2020 : ce rectificatif n’a plus d’objet. Rectifiez celui qui le remplace."
        ) in page


class TestASentenceThatNobodyTicked:
    def test_is_not_added_by_a_rectificatif(self, release):
        closed = Site.objects.get(name="PIMMS Brest")
        closed.withdrawn_on, closed.withdrawal_reason = date(2020, 10, 1), "closed"
        closed.save()
        compared = corrections.compare(release)
        gone = compared.list_corrections(compared.differences)

        added = corrections.find_following(release, gone).added

        assert gone
        assert any("5 PIMMS" in as_plain(one.before) for one in added)
        assert not [one for one in added if "pris fin" in one.after or "Nouveaux" in one.after]


class TestTheNewOnesThatAreNamed:
    @pytest.fixture
    def told(self, db):
        """A release that names the only new site of its wave, whose name holds a number."""
        SiteFactory(wave=WaveFactory(name="Été 2020", effective_on=date(2020, 6, 1)))
        wave = WaveFactory(announced_on=date(2020, 10, 14))
        SiteFactory(name="PIMMS Paris 12", wave=wave)
        return sent(ReleaseFactory(wave=wave, prints_newcomers=True))

    def rectify(self, release, day) -> PressRelease:
        compared = corrections.compare(release)
        erratum = drafting.prepare_erratum(
            release, compared.list_corrections(compared.differences), day
        )
        assert corrections.find_outcome(erratum).unfollowed == ()
        return sent(erratum, on=day)

    def test_go_with_the_last_line_and_come_back_with_it(self, told):
        site = told.wave.sites.get()
        withdraw(site)
        gone = self.rectify(told, date(2020, 11, 2))
        assert (
            "Nouveaux labellisés. Supprimer : « Nouveau labellisé : PIMMS Paris 12 (Gard). »"
            in (lines_of(gone))
        )

        give_back(site)
        back = self.rectify(told, date(2020, 11, 9))

        assert "Nouveaux labellisés. Ajouter : « Nouveau labellisé : PIMMS Paris 12 (Gard). »" in (
            lines_of(back)
        )
        assert corrections.compare_with_records(told) == ()

    def test_are_not_named_beside_what_a_person_wrote(self, told):
        site = told.wave.sites.get()
        withdraw(site)
        whole = drafting.prepare_replacement(told, date(2020, 11, 2))
        whole.own_newcomers = "Personne de plus cet automne."
        whole.save()
        whole = sent(whole, on=date(2020, 11, 2))
        give_back(site)

        erratum = self.rectify(whole, date(2020, 11, 9))

        assert [line for line in lines_of(erratum) if "Ligne de la liste" in line]
        assert not [line for line in lines_of(erratum) if "Nouveau labellisé" in line]
