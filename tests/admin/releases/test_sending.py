"""A release that leaves: what is noted of it, added, removed, and taken back whole."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from labelling.choices import Event
from labelling.models import Dispatch, JournalEntry, PressRelease
from labelling.press_release import drafting, publishing
from tests.admin.forms import sentences
from tests.admin.releases.test_steps import address
from tests.factories import (
    ContactFactory,
    ReleaseFactory,
    SiteFactory,
    final,
    sent,
)

MAIL = ("2020-10-14", "09:00", "mail", "rédactions régionales, 120 destinataires")
AGENCY = ("2020-10-15", "", "agency", "AFP")
SAID = "14\u00a0octobre 2020 à 9\u00a0h, courriel\u00a0: rédactions régionales, 120 destinataires"


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory(contact=ContactFactory(name="Ana Durand"))


@pytest.fixture
def release(draft):
    return final(draft)


def token(client, release, page="send"):
    return re.search(r'name="seen" value="([\d-]+)"', client.get(address(release, page)).text)[1]


def typed(*lines, **more):
    """What the browser sends of lines; three at least."""
    rows = [*lines, *[("", "", "", "")] * (3 - len(lines))]
    names = ("left_on", "left_at", "channel", "recipients")
    data = {
        f"lines-{index}-{name}": value
        for index, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
    }
    return data | {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": 0} | more


def send(client, release, *lines, **more):
    data = typed(*lines, **{"seen": token(client, release), **more})
    return client.post(address(release, "send"), data, follow=True)


def errors(answer):
    return [
        f"{name}: {message}"
        for form in answer.context["lines"]
        for name, messages in form.errors.items()
        for message in messages
    ]


def words(answer):
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


class TestMarkingAsSent:
    def test_shows_which_document_it_is(self, release, as_manager):
        page = as_manager.get(address(release, "send"))

        assert "Un PIMMS obtient la labellisation France Services" in words(page)
        assert "Communiqué du 14 octobre 2020, liste de 1 ligne, dont 1 nouvelle, validé" in (
            words(page).replace("\u00a0", " ")
        )
        assert f"<code>{release.digest}</code>" in page.text
        assert f'value="{timezone.localdate():%d/%m/%Y}"' in page.text

    def test_notes_the_lines_and_the_first_day(self, release, as_manager, manager):
        answer = send(as_manager, release, AGENCY, MAIL)

        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : marqué comme envoyé le 14 octobre 2020. Il ne "
                "change plus."
            )
        ]
        first, second = release.dispatches.all()
        assert (first.left_on, first.left_at, first.channel) == (
            date(2020, 10, 14),
            time(9),
            "mail",
        )
        assert (str(first), first.noted_by) == (SAID, manager)
        assert str(second) == "15\u00a0octobre 2020, agence de presse\u00a0: AFP"
        assert PressRelease.objects.get().sent_on == date(2020, 10, 14)
        assert '<span class="badge ok">Envoyé le 14\u00a0octobre 2020</span>' in answer.text
        assert SAID in answer.text

    def test_leaves_what_was_frozen(self, release, as_manager):
        before = PressRelease.objects.values("content", "digest", "validated_at").get()

        send(as_manager, release, MAIL)

        assert PressRelease.objects.values("content", "digest", "validated_at").get() == before

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (
                ("01/01/2099", "", "mail", "AFP"),
                "left_on: Le 1er janvier 2099 est à venir : donnez le jour où il est parti.",
            ),
            (
                ("2019-01-01", "", "mail", "AFP"),
                (
                    "left_on: Ce communiqué n’a pas pu partir le 1er janvier 2019 : il n’était "
                    "prêt que le 14 octobre 2020. Donnez le jour où il est parti."
                ),
            ),
            (("", "", "mail", "AFP"), "left_on: Donnez le jour où il est parti."),
            (
                ("2020-10-14", "", "", "AFP"),
                "channel: Choisissez par quel moyen il est parti.",
            ),
            (("2020-10-14", "", "mail", " "), "recipients: Écrivez à qui il a été envoyé."),
            (
                ("2020-10-14", "", "mail", "x" * 201),
                "recipients: 200 caractères au plus (il y en a 201).",
            ),
        ],
    )
    def test_says_beside_the_field_what_cannot_be(self, release, as_manager, line, said):
        answer = send(as_manager, release, MAIL, line)

        assert [one.replace("\u00a0", " ") for one in errors(answer)] == [said]
        assert f'value="{MAIL[3]}"' in answer.text
        assert not Dispatch.objects.exists()
        assert PressRelease.objects.get().status == "final"

    def test_refuses_an_hour_to_come(self, release, as_manager):
        soon = timezone.localtime() + timedelta(minutes=5)
        answer = send(as_manager, release, (f"{soon:%Y-%m-%d}", f"{soon:%H:%M}", "mail", "AFP"))

        assert len(errors(answer)) == 1
        assert not Dispatch.objects.exists()

    def test_asks_for_a_line_at_least(self, release, as_manager):
        today = f"{timezone.localdate():%Y-%m-%d}"
        answer = send(as_manager, release, (today, "", "", ""))

        assert answer.context["lines"].non_form_errors() == [
            "Notez au moins une diffusion\u00a0: le jour, le moyen, les destinataires."
        ]

    def test_offers_more_lines_and_keeps_what_was_typed(self, release, as_manager):
        answer = send(as_manager, release, MAIL, more="yes")

        assert len(answer.context["lines"].forms) == 6
        assert f'value="{MAIL[3]}"' in answer.text
        assert not Dispatch.objects.exists()

    def test_is_only_for_a_final_version_without_a_successor(self, draft, as_manager):
        answer = as_manager.get(address(draft, "send"), follow=True)
        assert sentences(answer) == [
            "Un brouillon ne s’envoie pas : validez d’abord sa version définitive."
        ]

        release = final(draft)
        drafting.prepare_corrected_version(release)
        answer = as_manager.get(address(release, "send"), follow=True)
        sentence = "Une version corrigée est en préparation : validez-la ou supprimez-la d’abord."
        assert sentences(answer) == [sentence]
        page = as_manager.get(address(release))
        assert sentence in words(page).replace("\u00a0", " ")
        assert address(release, "send") not in page.text

    def test_is_no_affair_of_who_does_not_validate(self, release, as_editor, as_reader):
        for client in as_editor, as_reader:
            assert client.get(address(release, "send")).status_code == 403
            assert client.post(address(release, "send"), typed(MAIL)).status_code == 403
        assert not Dispatch.objects.exists()


class TestADayBeforeItsDate:
    LINE = ("2020-10-12", "", "mail", "AFP")

    def test_is_asked_again_without_an_embargo(self, release, as_manager):
        answer = send(as_manager, release, self.LINE)

        assert "Oui, il est parti le 12 octobre 2020, avant sa date du 14 octobre 2020" in (
            words(answer).replace("\u00a0", " ")
        )
        assert PressRelease.objects.get().status == "final"

        confirmed = re.search(r'name="early" value="([\d-]+)"', answer.text)[1]
        send(as_manager, release, self.LINE, early=confirmed)
        assert PressRelease.objects.get().sent_on == date(2020, 10, 12)

    def test_is_asked_again_for_another_day(self, release, as_manager):
        answer = send(as_manager, release, ("2020-10-11", "", "mail", "AFP"), early=self.LINE[0])

        assert "il est parti le 11" in words(answer)
        assert PressRelease.objects.get().status == "final"

    def test_once_corrected_needs_no_tick(self, release, as_manager):
        send(as_manager, release, MAIL, early=self.LINE[0])

        assert PressRelease.objects.get().status == "sent"


class TestUnderEmbargo:
    @pytest.fixture
    def release(self, draft):
        draft.embargo_until = datetime(2020, 10, 14, 8, tzinfo=UTC)  # 10 h in Paris.
        draft.save()
        return final(draft)

    def test_leaves_before_its_date_unasked(self, release, as_manager):
        answer = send(as_manager, release, ("2020-10-12", "", "mail", "AFP"))

        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : marqué comme envoyé le 12 octobre 2020, embargo "
                "levé. Il ne change plus."
            )
        ]
        assert '<span class="badge info">sous embargo</span>' in answer.text

    def test_says_so_until_the_hour_has_passed(self, draft, as_manager):
        draft.issued_on = timezone.localdate() + timedelta(days=2)
        draft.embargo_until = timezone.now() + timedelta(days=2)
        draft.save()
        release = final(draft, at=timezone.now())
        today = f"{timezone.localdate():%Y-%m-%d}"

        answer = send(as_manager, release, (today, "", "mail", "AFP"))

        assert "marqué comme envoyé sous embargo le" in sentences(answer)[0]
        assert '<span class="badge ok">Envoyé sous embargo le ' in answer.text

    def test_gives_the_hour_on_the_day_itself(self, release, as_manager):
        answer = send(as_manager, release, ("2020-10-14", "", "mail", "AFP"))
        assert [one.replace("\u00a0", " ") for one in errors(answer)] == [
            "left_at: L’embargo finissait ce jour-là à 10 h : donnez l’heure où il est parti."
        ]

        send(
            as_manager,
            release,
            ("2020-10-14", "09:59", "mail", "AFP"),
            ("2020-10-14", "10:00", "mail", "France 3"),
        )
        assert [one.is_under_embargo for one in Dispatch.objects.all()] == [True, False]


class TestAddingADispatch:
    def test_is_done_later_on_the_same_page(self, release, as_manager):
        answer = send(as_manager, release, MAIL)
        assert f'<a href="{address(release, "send")}" class="button">Ajouter une diffusion</a>' in (
            answer.text
        )
        assert SAID in as_manager.get(address(release, "send")).text

        answer = send(as_manager, release, AGENCY)

        assert sentences(answer) == [
            "Communiqué du 14 octobre 2020 : le journal de diffusion est complété."
        ]
        assert release.dispatches.count() == 2
        assert PressRelease.objects.get().sent_on == date(2020, 10, 14)

    def test_that_is_older_moves_the_first_day(self, release, as_manager):
        send(as_manager, release, AGENCY)

        send(as_manager, release, MAIL)

        assert PressRelease.objects.get().sent_on == date(2020, 10, 14)
        assert release.history.first().history_change_reason == "Journal de diffusion"

    def test_goes_on_for_a_release_that_was_sent_before_there_was_a_journal(
        self, draft, as_manager
    ):
        release = sent(draft)
        assert "Aucune diffusion n’est notée." in as_manager.get(address(release)).text

        send(as_manager, release, AGENCY)

        assert PressRelease.objects.get().sent_on == date(2020, 10, 14)

    def test_has_an_end(self, release, as_manager, settings):
        lines = [("2020-10-14", "", "mail", f"liste {n}") for n in range(100)]
        send(as_manager, release, *lines)

        answer = send(as_manager, release, AGENCY)

        assert sentences(answer)[0].startswith("Un journal de diffusion garde 100 lignes au plus")
        assert release.dispatches.count() == 100

    def test_is_read_by_who_sees_the_release_alone(self, release, as_manager, as_reader):
        send(as_manager, release, MAIL)

        page = as_reader.get(address(release)).text

        assert SAID in page
        assert "Ajouter une diffusion" not in page
        assert "Retirer" not in page


class TestTwice:
    def test_by_the_same_button_is_done_once(self, release, as_manager):
        data = typed(MAIL, seen=token(as_manager, release))
        as_manager.post(address(release, "send"), data)

        answer = as_manager.post(address(release, "send"), data, follow=True)

        assert sentences(answer)[-1] == (
            "Cette diffusion est déjà notée. Rien n’a été fait deux fois."
        )
        assert Dispatch.objects.count() == 1

    def test_the_same_line_typed_otherwise_is_one(self, release, as_manager):
        send(as_manager, release, MAIL, (*MAIL[:3], MAIL[3].upper()))

        assert Dispatch.objects.count() == 1

    def test_by_two_people_shows_the_second_what_the_first_noted(self, release, as_manager):
        mine = typed(AGENCY, seen=token(as_manager, release))
        send(as_manager, release, MAIL)

        answer = as_manager.post(address(release, "send"), mine, follow=True)

        assert sentences(answer) == [
            (
                "Ce communiqué ou son journal de diffusion a changé depuis que vous avez ouvert "
                "cette page. Votre saisie est gardée : vérifiez qu’elle n’y est pas déjà, puis "
                "enregistrez."
            )
        ]
        assert SAID in answer.text
        assert 'value="AFP"' in answer.text
        assert Dispatch.objects.count() == 1

    def test_a_page_opened_before_it_was_taken_back_does_not_send_again(self, release, as_manager):
        send(as_manager, release, MAIL)
        mine = typed(AGENCY, seen=token(as_manager, release))
        take_back(as_manager, release)

        answer = as_manager.post(address(release, "send"), mine, follow=True)

        assert "a changé depuis que vous avez ouvert cette page" in sentences(answer)[-1]
        assert PressRelease.objects.get().status == "final"
        assert not Dispatch.objects.exists()


class TestRemovingADispatch:
    WHY = {"reason": "mistaken", "details": "Jamais partie."}

    @pytest.fixture
    def lines(self, release, as_manager):
        send(as_manager, release, MAIL, AGENCY)
        return list(release.dispatches.all())

    def door(self, line):
        return address(line.release, f"dispatches/{line.pk}/remove")

    def test_is_said_on_the_page_and_in_the_journal(self, lines, as_manager, manager):
        mail, agency = lines
        assert f'<a href="{self.door(mail)}"' in as_manager.get(address(mail.release)).text
        assert SAID in as_manager.get(self.door(mail)).text

        answer = as_manager.post(self.door(mail), self.WHY, follow=True)

        assert list(Dispatch.objects.all()) == [agency]
        assert PressRelease.objects.get().sent_on == agency.left_on
        assert re.search(
            f"{SAID} – retirée le .* par {manager.get_full_name()}\u00a0: Notée par erreur – "
            "Jamais partie.",
            answer.text,
        )
        entry = JournalEntry.objects.get(event=Event.DISPATCH_REMOVED)
        assert (entry.author, entry.model_key, entry.record_id) == (
            manager,
            "pressrelease",
            mail.release_id,
        )

    def test_that_names_people_leaves_nothing_of_whom(self, lines, as_manager):
        as_manager.post(self.door(lines[0]), self.WHY | {"reason": "personal"})

        entry = JournalEntry.objects.get(event=Event.DISPATCH_REMOVED)
        assert entry.details["dispatch"] == "14\u00a0octobre 2020 à 9\u00a0h"

    def test_has_a_reason(self, lines, as_manager):
        for lacking in {"reason": ""}, {"details": ""}, {"details": "x" * 201}:
            answer = as_manager.post(self.door(lines[0]), self.WHY | lacking)
            assert 'class="errorlist"' in answer.text
        assert Dispatch.objects.count() == 2

    def test_leaves_the_only_one(self, lines, as_manager):
        as_manager.post(self.door(lines[0]), self.WHY)

        answer = as_manager.post(self.door(lines[1]), self.WHY, follow=True)

        assert sentences(answer)[-1].startswith("C’est la seule diffusion notée.")
        assert Dispatch.objects.count() == 1

    def test_is_of_this_release_and_of_who_validates(self, lines, as_manager, as_editor):
        other = ReleaseFactory(wave__name="Hiver 2021", wave__effective_on=date(2021, 1, 1))

        away = address(other, f"dispatches/{lines[0].pk}/remove")
        assert as_manager.post(away, self.WHY).status_code == 404
        assert as_editor.post(self.door(lines[0]), self.WHY).status_code == 403
        assert Dispatch.objects.count() == 2


def take_back(client, release):
    seen = token(client, release, "take-back")
    return client.post(address(release, "take-back"), {"seen": seen}, follow=True)


class TestTakingBack:
    def test_makes_it_a_final_version_and_keeps_what_was_noted(self, release, as_manager, manager):
        before = PressRelease.objects.values("content", "digest", "validated_at").get()
        page = send(as_manager, release, MAIL)
        assert address(release, "take-back") in page.text
        assert SAID in as_manager.get(address(release, "take-back")).text

        answer = take_back(as_manager, release)

        assert sentences(answer) == [
            (
                "Communiqué du 14 octobre 2020 : il n’est plus marqué comme envoyé. Son texte n’a "
                "pas bougé."
            )
        ]
        release = PressRelease.objects.get()
        assert (release.status, release.sent_on) == ("final", None)
        assert PressRelease.objects.values("content", "digest", "validated_at").get() == before
        assert not Dispatch.objects.exists()
        entry = JournalEntry.objects.get(event=Event.SENDING_TAKEN_BACK)
        assert (entry.author, entry.record_id) == (manager, release.pk)
        assert entry.details["dispatches"] == [SAID]
        assert re.search(f"Marque «\u00a0Envoyé\u00a0» retirée le .*\u00a0: {SAID}", answer.text)

        send(as_manager, release, AGENCY)
        assert PressRelease.objects.get().sent_on == date(2020, 10, 15)

    def test_is_done_once(self, release, as_manager):
        send(as_manager, release, MAIL)
        seen = token(as_manager, release, "take-back")
        as_manager.post(address(release, "take-back"), {"seen": seen})

        answer = as_manager.post(address(release, "take-back"), {"seen": seen}, follow=True)

        assert sentences(answer)[-1] == (
            "Ce communiqué n’est pas marqué comme envoyé. Rien n’a été fait deux fois."
        )
        assert JournalEntry.objects.filter(event=Event.SENDING_TAKEN_BACK).count() == 1

    def test_waits_where_a_colleague_noted_something_meanwhile(self, release, as_manager):
        send(as_manager, release, MAIL)
        seen = token(as_manager, release, "take-back")
        send(as_manager, release, AGENCY)

        answer = as_manager.post(address(release, "take-back"), {"seen": seen}, follow=True)

        assert "rien n’a été retiré" in sentences(answer)[-1]
        assert "AFP" in answer.text
        assert Dispatch.objects.count() == 2

    def test_is_refused_and_not_offered_while_a_correction_stands_on_it(self, release, as_manager):
        send(as_manager, release, MAIL)
        seen = token(as_manager, release, "take-back")
        erratum = drafting.prepare_erratum(PressRelease.objects.get(), [], date(2020, 10, 20))
        erratum.errata = "Titre | a | b"
        erratum.save()

        for sentence in (
            (
                "« Rectificatif du 20 octobre 2020 » est en préparation : supprimez d’abord ce "
                "brouillon, puis retirez la marque « Envoyé »."
            ),
            (
                "« Rectificatif du 20 octobre 2020 » corrige ce communiqué : la marque « Envoyé » "
                "ne se retire plus."
            ),
        ):
            answer = as_manager.post(address(release, "take-back"), {"seen": seen}, follow=True)
            assert sentences(answer) == [sentence]
            assert address(release, "take-back") not in answer.text
            assert sentences(as_manager.get(address(release, "take-back"), follow=True)) == [
                sentence
            ]
            if not erratum.is_frozen:
                erratum = final(erratum)
        assert PressRelease.objects.get(pk=release.pk).status == "sent"

    def test_is_refused_while_a_file_proves_that_it_left(self, release, as_manager, manager):
        send(as_manager, release, MAIL)
        publishing.attach(release, name="a.pdf", content=b"%PDF", by=manager, at=timezone.now())

        answer = as_manager.get(address(release, "take-back"), follow=True)

        assert sentences(answer) == [
            (
                "Un fichier envoyé est joint : c’est la preuve qu’il est parti. S’il n’a rien à "
                "faire ici, retirez-le d’abord, avec un motif."
            )
        ]
        assert PressRelease.objects.get().status == "sent"

    def test_of_an_annule_et_remplace_gives_its_place_back(self, release, as_manager):
        send(as_manager, release, MAIL)
        release = PressRelease.objects.get()
        whole = final(drafting.prepare_replacement(release, date(2020, 10, 20)))
        send(as_manager, whole, ("2020-10-20", "", "mail", "AFP"))
        assert PressRelease.objects.standing().get() == whole

        take_back(as_manager, whole)

        assert PressRelease.objects.standing().get() == release

    def test_is_for_who_validates(self, release, as_manager, as_editor):
        send(as_manager, release, MAIL)

        assert as_editor.get(address(release, "take-back")).status_code == 403
        assert as_editor.post(address(release, "take-back"), {}).status_code == 403
        assert PressRelease.objects.get().status == "sent"
