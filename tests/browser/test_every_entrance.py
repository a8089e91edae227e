"""What signing in shows by an act, held to what every page is: accessible, fitting every screen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from labelling.access.tries import MOST_BY_ACCOUNT
from labelling.models import Account, PressRelease
from tests.access.signing_in import give_codes, person, sign_in, wait_for_mail
from tests.browser.test_every_page import (
    DESKTOP,
    FLOATING,
    OVERFLOW,
    PHONE,
    SCHEMES,
    SETTLED,
    TOO_SMALL,
    list_violations,
)
from tests.browser.test_signing_in import add_passkey, fill, hold_passkeys, press, send_password
from tests.test_french import faults, values_of_records

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass
class Visit:
    """A page of a browser, and who may come in there."""

    page: Page
    url: str
    lea: User
    settings: Any

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def come_in(self, user: User | None = None) -> Client:
        """Sign in, just now: nothing asks again who one is."""
        client = Client()
        sign_in(client, user or self.lea)
        cookie = client.cookies["sessionid"].value
        self.page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.url}])
        return client


def _try_wrongly(visit: Visit) -> None:
    visit.go("/login/")
    send_password(visit.page, visit.lea.username, "ce n’est pas lui")
    visit.page.get_by_role("alert").wait_for()


def _lock(visit: Visit) -> None:
    for _ in range(MOST_BY_ACCOUNT):
        sign_in(Client(), visit.lea, "ce n’est pas lui")


def _come_locked(visit: Visit) -> None:
    _lock(visit)
    _try_wrongly(visit)


def _come_with_no_passkey(visit: Visit) -> None:
    hold_passkeys(visit.page)
    visit.go("/login/")
    visit.page.locator("#passkey").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("L’ordinateur n’a rien reçu")


def _come_with_a_passkey_of_nobody(visit: Visit) -> None:
    _add_passkey(visit)
    Authenticator.objects.all().delete()
    visit.page.context.clear_cookies()
    visit.go("/login/")
    visit.page.locator("#passkey").click()
    visit.page.locator(".messagelist").wait_for()


def _sign_out(visit: Visit) -> None:
    visit.come_in()
    visit.go("/")
    visit.page.locator("#user-tools > summary").click()
    press(visit.page, "Se déconnecter")


def _ask_a_code(visit: Visit) -> None:
    give_codes(visit.lea)
    visit.go("/login/")
    send_password(visit.page, visit.lea.username)
    visit.page.get_by_role("heading", name="Seconde étape").wait_for()


def _send_a_wrong_code(visit: Visit) -> None:
    _ask_a_code(visit)
    fill(visit.page, "Code", "000000")
    press(visit.page, "Se connecter")
    visit.page.locator(".errorlist").wait_for()


def _ask_a_passkey(visit: Visit) -> None:
    _add_passkey(visit)
    visit.page.context.clear_cookies()
    visit.go("/login/")
    send_password(visit.page, visit.lea.username)
    visit.page.locator("#passkey").wait_for()


def _activate(visit: Visit) -> None:
    visit.come_in()
    visit.go("/account/codes/")
    visit.page.locator("summary", has_text="Le téléphone ne le lit pas").click()


def _activate_wrongly(visit: Visit) -> None:
    _activate(visit)
    fill(visit.page, "Code", "000000")
    press(visit.page, "Activer les codes")
    visit.page.locator(".errorlist").wait_for()


def _name_a_passkey(visit: Visit) -> None:
    hold_passkeys(visit.page)
    visit.come_in()
    visit.go("/account/passkeys/add/")


def _add_passkey(visit: Visit) -> None:
    """Its recovery codes are shown once."""
    hold_passkeys(visit.page)
    visit.come_in()
    add_passkey(visit.page, visit.url.__add__)
    visit.page.locator("#recovery-codes").wait_for()


def _show_my_sign_in(visit: Visit) -> None:
    _add_passkey(visit)
    give_codes(visit.lea)
    visit.go("/account/")


def _remove(what: str) -> Callable[[Visit], None]:
    def open_removal(visit: Visit) -> None:
        _add_passkey(visit)
        give_codes(visit.lea)
        passkey = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
        visit.go(f"/account/{what.format(passkey.pk)}/")

    return open_removal


def _confirm(way: str) -> Callable[[Visit], None]:
    def open_confirmation(visit: Visit) -> None:
        _show_my_sign_in(visit)
        client = Client()
        client.force_login(visit.lea)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        visit.page.context.add_cookies([{**cookie, "url": visit.url}])
        visit.go(f"/confirm/{way}?next=/account/")

    return open_confirmation


def _make_link(visit: Visit) -> str:
    visit.come_in(person(is_superuser=True))
    visit.go(f"/auth/user/{visit.lea.pk}/link/")
    press(visit.page, "Faire le lien")
    return visit.page.locator("#link").inner_text()


def _follow_link(visit: Visit) -> None:
    visit.page.goto(_make_link(visit))


def _choose_badly(visit: Visit) -> None:
    _follow_link(visit)
    fill(visit.page, "Nouveau mot de passe", "Bienvenue2024!")
    fill(visit.page, "Le même, encore une fois", "Bienvenue2024!")
    press(visit.page, "Enregistrer mon mot de passe")
    visit.page.locator(".errorlist").wait_for()


def _ask_a_mail(visit: Visit) -> None:
    visit.settings.EMAIL_HOST = "mail.example.org"
    visit.go("/login/")
    visit.page.get_by_role("link", name="Recevoir un lien par courriel").click()


def _be_sent_a_mail(visit: Visit) -> None:
    _ask_a_mail(visit)
    fill(visit.page, "Adresse électronique", "nobody@example.org")
    press(visit.page, "Recevoir un lien")
    visit.page.get_by_text("Si un accès est ouvert").wait_for()
    wait_for_mail()


def _be_told(visit: Visit) -> None:
    give_codes(visit.lea)
    boss = Client()
    boss.force_login(person(is_superuser=True))
    boss.post(f"/auth/user/{visit.lea.pk}/link/")
    boss.post(f"/auth/user/{visit.lea.pk}/reset_factor/")
    _lock(visit)
    Account.objects.filter(user=visit.lea).update(told_at=None)
    visit.page.context.clear_cookies()
    client = Client()
    client.force_login(visit.lea)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    visit.page.context.add_cookies([{**cookie, "url": visit.url}])
    visit.go("/")
    visit.page.locator(".notices").wait_for()


def _announce(days: int, path: str) -> Callable[[Visit], None]:
    def open_page(visit: Visit) -> None:
        visit.settings.SECOND_FACTOR = "everybody"
        day = timezone.localdate() - timedelta(days=days)
        Account.objects.update_or_create(user=visit.lea, defaults={"factor_announced_on": day})
        visit.come_in()
        visit.go(path)
        visit.page.locator("[data-announcement]").wait_for()

    return open_page


def _save_when_due(visit: Visit) -> None:
    visit.lea.is_superuser = True
    visit.lea.save()
    visit.come_in()
    visit.go("/labelling/site/5/change/")
    visit.settings.SECOND_FACTOR = "everybody"
    day = timezone.localdate() - timedelta(days=14)
    Account.objects.update_or_create(user=visit.lea, defaults={"factor_announced_on": day})
    press(visit.page, "Enregistrer")
    visit.page.get_by_text("Rien n’a encore été enregistré").wait_for()


def _list_locked(path: str) -> Callable[[Visit], None]:
    def open_page(visit: Visit) -> None:
        _lock(visit)
        visit.come_in(person(is_superuser=True))
        visit.go(path.format(visit.lea.pk))
        visit.page.get_by_role("button", name="Débloquer").wait_for()

    return open_page


def _attach(visit: Visit) -> None:
    client = visit.come_in(person(is_superuser=True))
    release = PressRelease.objects.get()
    file = SimpleUploadedFile("communique.pdf", b"%PDF-1.7")
    client.post(f"/labelling/pressrelease/{release.pk}/attach/", {"file": file})
    visit.go(f"/labelling/pressrelease/{release.pk}/document/")


def _remove_a_file(visit: Visit) -> None:
    _attach(visit)
    visit.page.get_by_role("link", name="Retirer ce fichier").click()


def _remove_a_file_without_reason(visit: Visit) -> None:
    _remove_a_file(visit)
    fill(visit.page, "Précisions", "x" * 20)
    visit.page.locator("form").last.evaluate("(form) => { form.noValidate = true }")
    press(visit.page, "Retirer ce fichier")
    visit.page.locator(".errorlist").wait_for()


def _have_removed_a_file(visit: Visit) -> None:
    _remove_a_file(visit)
    visit.page.get_by_label("Motif").select_option("Joint par erreur")
    fill(visit.page, "Précisions", "Il va avec la vague d’après.")
    press(visit.page, "Retirer ce fichier")
    visit.page.get_by_text("Aucun fichier n’est joint").wait_for()


def _read_the_journal(visit: Visit) -> None:
    _have_removed_a_file(visit)
    _lock(visit)
    give_codes(visit.lea)
    visit.go(f"/auth/user/{visit.lea.pk}/link/")
    press(visit.page, "Faire le lien")
    visit.go("/labelling/journalentry/")


STATES: dict[str, Callable[[Visit], object]] = {
    "sign-in refused": _try_wrongly,
    "locked": _come_locked,
    "no passkey": _come_with_no_passkey,
    "a passkey of nobody": _come_with_a_passkey_of_nobody,
    "signed out": _sign_out,
    "a code": _ask_a_code,
    "a wrong code": _send_a_wrong_code,
    "a passkey": _ask_a_passkey,
    "codes to activate": _activate,
    "a wrong first code": _activate_wrongly,
    "a passkey to name": _name_a_passkey,
    "recovery codes": _add_passkey,
    "my sign-in": _show_my_sign_in,
    "codes to remove": _remove("codes/remove"),
    "a passkey to remove": _remove("passkeys/{}/remove"),
    "recovery codes to renew": _remove("recovery/new"),
    "recovery codes that were shown": _remove("recovery"),
    "a password to confirm": _confirm(""),
    "a code to confirm": _confirm("code/"),
    "a passkey to confirm": _confirm("passkey/"),
    "a link": _make_link,
    "a password to choose": _follow_link,
    "a password that is refused": _choose_badly,
    "a mail to ask for": _ask_a_mail,
    "a mail that was sent": _be_sent_a_mail,
    "notices": _be_told,
    "an announcement": _announce(0, "/"),
    "a second factor that is due": _announce(14, "/"),
    "what was typed when it was due": _save_when_due,
    "locked people": _list_locked("/auth/user/"),
    "a locked person": _list_locked("/auth/user/{}/change/"),
    "a file to remove": _remove_a_file,
    "a file without reason": _remove_a_file_without_reason,
    "a file that was removed": _have_removed_a_file,
    "a journal": _read_the_journal,
}


@pytest.fixture
def visit(live_server, page_without_policy, network, settings) -> Visit:
    page_without_policy.set_viewport_size(DESKTOP)
    lea = person(username="lea@example.org", first_name="Léa", last_name="Martin")
    return Visit(page_without_policy, live_server.url, lea, settings)


@pytest.mark.parametrize("state", STATES)
def test_fits_every_screen_and_is_accessible(state, visit):
    page = visit.page
    STATES[state](visit)

    for width in (1366, 1280, 1024, 768, 320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(OVERFLOW) <= 0, width
    assert page.evaluate(TOO_SMALL) == []
    first = "[...document.querySelectorAll('.default')].filter((e) => e.checkVisibility())"
    assert page.evaluate(f"{first}.map((e) => e.outerHTML)")[1:] == []
    assert faults(page.content(), values_of_records()) == []
    for screen in (DESKTOP, PHONE):
        page.set_viewport_size(screen)
        for scheme, options in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            assert list_violations(page, **FLOATING, **options) == [], (screen, scheme)
