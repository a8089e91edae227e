"""The form of a draft: what is ticked, what is quoted, and what is typed, in view."""

from datetime import date

import pytest
from django.core.management import call_command

from labelling.models import PressRelease
from tests.admin.forms import filled
from tests.admin.releases.test_draft import ADD, AS_SCRIPT, NEW_PREVIEW, page_of
from tests.factories import ReleaseFactory, SiteFactory, WaveFactory, sent


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: date(2021, 1, 20))


@pytest.fixture
def winter(network):
    wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 15))
    SiteFactory(name="PIMMS Alès", wave=wave)
    return wave


NAMED = "Nouveau labellisé\u00a0: PIMMS Alès (Gard)."


class TestTheTick:
    def test_of_the_new_ones_is_set_in_a_new_draft_and_kept_with_it(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})
        assert f"<p>{NAMED}</p>" in page.text

        as_editor.post(ADD, filled(page))

        draft = PressRelease.objects.get(wave=winter)
        assert (draft.prints_newcomers, draft.prints_ends) == (True, False)
        # It follows the records.
        assert draft.own_newcomers == ""

    def test_taken_away_prints_nothing_of_them(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}))
        del data["prints_newcomers"]

        body = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()["body"]
        as_editor.post(ADD, data)

        assert "PIMMS Alès (Gard)" not in body
        assert not PressRelease.objects.get(wave=winter).prints_newcomers

    def test_of_the_ends_is_offered_with_its_sentence(self, winter, as_editor):
        page = as_editor.get(ADD, {"wave": winter.pk})

        assert "Imprimer la phrase sur les fins de label" in page.text
        assert 'name="prints_ends" id="id_prints_ends">' in page.text

    def test_is_not_shown_to_who_only_reads(self, winter, as_reader):
        release = ReleaseFactory(wave=winter, prints_newcomers=True)

        page = as_reader.get(page_of(release)).text

        assert "Nouveaux labellisés" in page
        assert "prints_newcomers" not in page

    def test_of_somebody_else_stays_where_one_s_own_is_typed(self, winter, as_editor):
        release = ReleaseFactory(wave=winter, prints_newcomers=True)
        data = filled(as_editor.get(page_of(release)), closing="Un paragraphe.")
        release.prints_newcomers, release.prints_ends = False, True
        release.save()

        answer = as_editor.post(page_of(release), data)
        assert "les deux saisies sont réunies" in answer.text
        as_editor.post(page_of(release), filled(answer))

        release.refresh_from_db()
        assert release.closing == "Un paragraphe."
        assert (release.prints_newcomers, release.prints_ends) == (False, True)


class TestTheQuote:
    def test_is_previewed_and_lacks_are_said_beside_its_fields(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), quote="Merci !")

        answer = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()

        assert "«\u00a0Merci\u202f!\u00a0»" in answer["body"]
        assert set(answer["findings"]) >= {"quote_name", "quote_role"}

    def test_is_written_by_the_command_with_the_new_ones(self, winter, capfdbinary):
        sent(
            ReleaseFactory(
                wave=winter,
                prints_newcomers=True,
                quote="Merci !",
                quote_name="Ana Durand",
                quote_role="préfète",
            )
        )

        call_command("write_press_release", "hiver-2021")

        written = " ".join(capfdbinary.readouterr().out.decode().split())
        assert "Nouveau labellisé : PIMMS Alès (Gard)." in written
        assert "« Merci ! » Ana Durand, préfète" in written


class TestWhatIsTyped:
    def test_is_seen_as_it_is_printed_before_and_after_saving(self, winter, as_editor):
        data = filled(
            as_editor.get(ADD, {"wave": winter.pk}),
            closing='Un "mot"!\r\n\r\nDe 10:30 à 2 000 personnes',
        )

        body = as_editor.post(NEW_PREVIEW, data, headers=AS_SCRIPT).json()["body"]
        as_editor.post(ADD, data)

        draft = PressRelease.objects.get(wave=winter)
        page = as_editor.get(page_of(draft)).text
        for set_so in ("Un «\u00a0mot\u00a0»\u202f!", "De 10:30 à 2\u202f000 personnes"):
            assert set_so in body
            assert set_so in page

    def test_saved_again_as_it_stands_changes_nothing(self, winter, as_editor):
        as_editor.post(ADD, filled(as_editor.get(ADD, {"wave": winter.pk}), closing='Un "mot"!'))
        draft = PressRelease.objects.get(wave=winter)

        answer = as_editor.post(page_of(draft), filled(as_editor.get(page_of(draft))), follow=True)

        assert "rien n’a changé" in answer.text

    def test_taken_over_from_the_last_release_is_not_offered_again(self, winter, as_editor):
        october = PressRelease.objects.get()
        assert "l'Agence" in october.attendance
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), attendance=october.attendance)

        as_editor.post(ADD, data)

        page = as_editor.get(page_of(PressRelease.objects.get(wave=winter))).text
        assert "l’Agence nationale" in page
        assert page.count("Nadia Hai") == 2  # In its field and in the preview.

    def test_names_stay_as_they_are(self, winter, as_editor):
        data = filled(as_editor.get(ADD, {"wave": winter.pk}), place="Val-d'Isère")

        as_editor.post(ADD, data)

        assert PressRelease.objects.get(wave=winter).place == "Val-d'Isère"
