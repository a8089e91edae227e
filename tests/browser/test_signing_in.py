"""How people come in, in a real browser: codes, passkeys, links, locks, and what is told of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from labelling import roles
from labelling.access.tries import MOST_BY_ACCOUNT
from labelling.models import Account, PressRelease
from tests.access.signing_in import PASSWORD, code_of, give_codes, person, recovery_codes
from tests.conftest import open_watched_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OTHER_PASSWORD = "x9rt-v4qe-k7mw-3hdp"
ALONE = "Se connecter avec l’empreinte ou la clé"
ADD = "Ajouter l’empreinte ou la clé"
AS_FACTOR = "Utiliser l’empreinte ou la clé"
HELD = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def lea(network) -> User:
    return person(
        username="lea@example.org", first_name="Léa", last_name="Martin", role=roles.EDITOR
    )


@pytest.fixture
def ines(network) -> User:
    return person(
        username="ines@example.org", first_name="Inès", last_name="Roy", role=roles.MANAGER
    )


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """A page of another browser: of another person, or of another computer."""
    with open_watched_page(browser) as page:
        yield page


@pytest.fixture
def at(live_server):
    """Give the address of a page; a passkey belongs to a name, which « localhost » is."""
    assert live_server.url.startswith("http://localhost:")
    return lambda path: live_server.url + path


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def fill(page: Page, label: str, words: str) -> None:
    """Fill in what has to be."""
    page.get_by_label(f"{label} (obligatoire)", exact=True).fill(words)


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def send_password(
    page: Page, address: str, password: str = PASSWORD, *, trust: bool = False
) -> None:
    fill(page, "Adresse électronique", address)
    fill(page, "Mot de passe", password)
    if trust:
        page.get_by_label("Faire confiance à ce navigateur 30 jours").check()
    press(page, "Se connecter")


def send_code(page: Page, code: str) -> None:
    fill(page, "Code", code)
    press(page, "Se connecter")


def sign_out(page: Page) -> None:
    page.locator("#user-tools > summary").click()
    press(page, "Se déconnecter")
    expect(page.locator("h1")).to_have_text("À bientôt")


def expect_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()


def expect_heading(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_have_text(words)


def hold_passkeys(page: Page) -> None:
    """Plug an authenticator into the page, which says yes by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": HELD})


def add_passkey(page: Page, at) -> None:
    page.goto(at("/account/"))
    follow(page, "Ajouter l’empreinte ou la clé de cet ordinateur")
    page.get_by_label("Nom", exact=True).fill("Mon portable")
    press(page, ADD)


def lock(page: Page, address: str) -> None:
    for _ in range(MOST_BY_ACCOUNT):
        send_password(page, address, "ce n’est pas lui")
        expect(page.get_by_role("alert")).to_contain_text("ne correspondent à aucun accès ouvert")
    send_password(page, address)
    expect(page.get_by_role("alert")).to_contain_text("Trop d’essais. Réessayez à")


class TestWithACode:
    def test_one_is_activated_then_asked(self, at, page, lea):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(at("/login/"))
        send_password(page, lea.username)
        expect_in(page)

        # Activated: the secret goes to the telephone, a first code comes back.
        page.locator("#user-tools > summary").click()
        follow(page, "Ma connexion")
        follow(page, "Activer les codes du téléphone")
        page.locator("summary", has_text="Le téléphone ne le lit pas").click()
        secret = page.locator(".secret").inner_text()
        fill(page, "Code", "000000")
        press(page, "Activer les codes")
        expect(page.locator(".errorlist")).to_contain_text("Ce code n’est pas le bon")
        page.locator("summary", has_text="Le téléphone ne le lit pas").click()
        assert page.locator(".secret").inner_text() == secret
        fill(page, "Code", code_of(secret))
        press(page, "Activer les codes")

        # Recovery codes are shown once, and copied.
        expect_heading(page, "Codes de secours")
        shown = page.locator("#recovery-codes code").all_inner_texts()
        assert len(shown) == 10
        press(page, "Copier les codes")
        expect(page.locator("[data-copied]")).to_contain_text("Copié")
        assert page.evaluate("navigator.clipboard.readText()").split() == shown
        follow(page, "J’ai gardé les codes")
        expect_in(page)
        page.goto(at("/account/recovery/"))
        expect(page.locator("main")).to_contain_text("10 codes encore valables")
        expect(page.locator("#recovery-codes")).to_have_count(0)

        # The next time it is asked for.
        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, lea.username)
        expect_heading(page, "Seconde étape")
        send_code(page, "000000")
        expect(page.locator(".errorlist")).to_contain_text("Ce code n’est pas le bon")
        send_code(page, code_of(secret, later=1))
        expect_in(page)

    def test_a_recovery_code_replaces_it_once(self, at, page, lea):
        give_codes(lea)
        code = recovery_codes(lea)[0]
        page.goto(at("/login/"))
        send_password(page, lea.username)
        send_code(page, code)
        expect_in(page)
        page.goto(at("/account/"))
        expect(page.locator("main")).to_contain_text("9 codes encore valables")

        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, lea.username)
        send_code(page, code)

        expect(page.locator(".errorlist")).to_contain_text("il a déjà servi")

    def test_it_is_asked_no_more_of_a_trusted_browser(self, at, page, other_page, lea):
        secret = give_codes(lea)
        page.goto(at("/login/"))
        send_password(page, lea.username, trust=True)
        expect(page.get_by_label("Faire confiance à ce navigateur 30 jours")).to_be_checked()
        send_code(page, code_of(secret))
        expect_in(page)

        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, lea.username)
        expect_in(page)

        other_page.goto(at("/login/"))
        send_password(other_page, lea.username)
        expect_heading(other_page, "Seconde étape")


class TestWithAPasskey:
    def test_alone_after_the_password_then_removed(self, at, page, lea):
        hold_passkeys(page)
        page.goto(at("/login/"))
        send_password(page, lea.username)
        expect_in(page)
        add_passkey(page, at)
        expect_heading(page, "Codes de secours")

        # Alone, without password.
        sign_out(page)
        page.goto(at("/labelling/site/"))
        press(page, ALONE)
        expect_heading(page, "Sites")

        # After the password.
        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, lea.username)
        expect_heading(page, "Seconde étape")
        press(page, AS_FACTOR)
        expect_in(page)

        # Removed: the password is enough again.
        page.goto(at("/account/"))
        follow(page, "Retirer Mon portable")
        press(page, "Retirer cette empreinte ou cette clé")
        expect_heading(page, "Ma connexion")
        expect(page.locator("main")).not_to_contain_text("Mon portable")
        assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, lea.username)
        expect_in(page)

    def test_one_that_the_base_does_not_know_is_refused(self, at, page, lea):
        hold_passkeys(page)
        page.goto(at("/login/"))
        send_password(page, lea.username)
        add_passkey(page, at)
        sign_out(page)
        Authenticator.objects.all().delete()

        page.goto(at("/login/"))
        press(page, ALONE)

        expect(page.locator(".messagelist")).to_contain_text(
            "Cette empreinte ou cette clé n’est pas connue ici"
        )
        expect_heading(page, "Connexion")

    def test_a_computer_that_holds_none_says_what_to_do(self, at, page, lea):
        hold_passkeys(page)
        page.goto(at("/login/"))

        press(page, ALONE)

        expect(page.get_by_role("alert")).to_contain_text("L’ordinateur n’a rien reçu")
        send_password(page, lea.username)
        expect_in(page)


class TestLocked:
    def test_strangers_keep_out_neither_a_trusted_browser_nor_a_passkey(
        self, at, page, other_page, lea
    ):
        hold_passkeys(page)
        page.goto(at("/login/"))
        send_password(page, lea.username)
        add_passkey(page, at)
        expect_heading(page, "Codes de secours")
        sign_out(page)
        page.goto(at("/login/"))
        send_password(page, lea.username, trust=True)
        press(page, AS_FACTOR)
        expect_in(page)
        sign_out(page)

        other_page.goto(at("/login/"))
        lock(other_page, lea.username)

        # The browser that was trusted: the password is enough, and one is told.
        page.goto(at("/login/"))
        send_password(page, lea.username)
        expect_in(page)
        expect(page.locator(".notices")).to_contain_text("5 mots de passe faux ont été essayés")
        sign_out(page)

        # Without what it keeps, it is a stranger's; the passkey alone still comes in.
        page.context.clear_cookies()
        page.goto(at("/login/"))
        send_password(page, lea.username)
        expect(page.get_by_role("alert")).to_contain_text("Trop d’essais. Réessayez à")
        press(page, ALONE)
        expect_in(page)

    def test_somebody_in_charge_unlocks(self, at, page, other_page, lea, ines):
        other_page.goto(at("/login/"))
        lock(other_page, lea.username)

        page.goto(at("/login/"))
        send_password(page, ines.username)
        page.goto(at("/auth/user/"))
        row = page.get_by_role("row", name="Léa Martin")
        expect(row).to_contain_text("Bloqué jusqu’à")
        row.get_by_role("button", name="Débloquer").click()
        expect(page.locator(".messagelist")).to_contain_text("Léa Martin : accès débloqué.")

        send_password(other_page, lea.username)
        expect_in(other_page)


class TestALink:
    def choose(self, page: Page, password: str) -> None:
        fill(page, "Nouveau mot de passe", password)
        fill(page, "Le même, encore une fois", password)
        press(page, "Enregistrer mon mot de passe")

    def test_invites_once(self, at, page, other_page, ines):
        page.goto(at("/login/"))
        send_password(page, ines.username)
        page.goto(at("/auth/user/"))
        follow(page, "Inviter une personne")
        fill(page, "Adresse électronique", "lea@example.org")
        page.get_by_label("Prénom").fill("Léa")
        page.get_by_label("Nom", exact=True).fill("Martin")
        page.get_by_role("radio", name="Rédaction").check()
        press(page, "Inviter cette personne")
        expect_heading(page, "Lien d’invitation")
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        press(page, "Copier le lien")
        expect(page.locator("[data-copied]")).to_contain_text("Copié")
        link = page.evaluate("navigator.clipboard.readText()")

        # A password that anybody would try, then one that nobody does.
        other_page.goto(link)
        expect(other_page.locator("main")).to_contain_text("Bonjour Léa Martin")
        assert link.rsplit("/", 2)[1] not in other_page.url
        self.choose(other_page, "Bienvenue2024!")
        expect(other_page.locator(".errorlist")).to_contain_text(
            "est fait de mots que l’on devine (« bienvenue »)"
        )
        self.choose(other_page, PASSWORD)
        expect(other_page.locator(".messagelist")).to_contain_text(
            "Votre mot de passe est enregistré. Connectez-vous."
        )
        send_password(other_page, "lea@example.org")
        expect_in(other_page)

        # It does not serve twice.
        sign_out(other_page)
        other_page.goto(link)
        expect_heading(other_page, "Ce lien ne sert plus")
        follow(other_page, "Se connecter")
        send_password(other_page, "lea@example.org")
        expect_in(other_page)

    def test_replaces_a_forgotten_password_and_the_person_is_told(
        self, at, page, other_page, ines, lea
    ):
        page.goto(at("/login/"))
        send_password(page, ines.username)
        page.goto(at(f"/auth/user/{lea.pk}/change/"))
        follow(page, "Mot de passe oublié")
        press(page, "Faire le lien")
        link = page.locator("#link").inner_text()

        other_page.goto(link)
        self.choose(other_page, OTHER_PASSWORD)
        send_password(other_page, lea.username, OTHER_PASSWORD)

        notices = other_page.locator(".notices")
        expect(notices).to_contain_text("Inès Roy a fait un lien pour changer votre mot de passe")
        other_page.goto(at("/labelling/site/"))
        expect(notices).to_be_visible()
        press(other_page, "J’ai lu")
        expect_heading(other_page, "Sites")
        expect(notices).to_have_count(0)
        other_page.goto(at("/"))
        expect(notices).to_have_count(0)


class TestTheSecondFactorOfManagers:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.SECOND_FACTOR = "managers"

    def test_is_announced_from_the_first_day(self, at, page, ines):
        page.goto(at("/login/"))
        send_password(page, ines.username)
        announcement = page.locator("[data-announcement]")
        expect(announcement).to_contain_text("la connexion demandera aussi un code ou l’empreinte")
        assert Account.objects.get(user=ines).factor_announced_on == timezone.localdate()

        page.goto(at("/labelling/site/"))
        with page.expect_response("**/account/later/"):  # The page stays.
            press(page, "Plus tard")
        expect_heading(page, "Sites")
        expect(announcement).to_have_count(0)
        page.goto(at("/"))
        expect_in(page)
        expect(announcement).to_have_count(0)

        # Signed in again, it is told again.
        sign_out(page)
        follow(page, "Se reconnecter")
        send_password(page, ines.username)
        expect(announcement).to_be_visible()
        follow(page, "L’activer")
        expect_heading(page, "Ma connexion")

    def test_is_asked_before_anything_else_on_the_fifteenth(self, at, page, ines):
        began = timezone.localdate() - timedelta(days=14)
        Account.objects.update_or_create(user=ines, defaults={"factor_announced_on": began})
        page.goto(at("/labelling/site/?q=nimes"))
        send_password(page, ines.username)

        expect_heading(page, "Ma connexion")
        expect(page.locator("[data-announcement]")).to_contain_text(
            "Avant de continuer, activez la seconde étape."
        )
        expect(page.get_by_role("button", name="Plus tard")).to_have_count(0)
        page.goto(at("/labelling/site/?q=nimes"))
        expect_heading(page, "Ma connexion")

        follow(page, "Activer les codes du téléphone")
        secret = page.locator(".secret").text_content()
        fill(page, "Code", code_of(secret))
        press(page, "Activer les codes")
        expect_heading(page, "Codes de secours")
        follow(page, "J’ai gardé les codes")

        expect_heading(page, "Sites")
        assert page.url.endswith("/labelling/site/?q=nimes")
        expect(page.locator("[data-announcement]")).to_have_count(0)


class TestWhatIsKept:
    def test_a_file_is_attached_and_removed_with_a_reason(self, at, page, ines):
        release = PressRelease.objects.get()
        page.goto(at(f"/labelling/pressrelease/{release.pk}/document/"))
        send_password(page, ines.username)
        page.locator("#id_file").set_input_files(
            {"name": "communique.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
        )
        press(page, "Joindre ce fichier")
        expect(page.locator(".messagelist")).to_contain_text("« communique.pdf » est joint")

        follow(page, "Retirer ce fichier")
        page.get_by_label("Motif").select_option("Joint par erreur")
        press(page, "Retirer ce fichier")
        expect(page.locator(":focus")).to_have_attribute("id", "id_details")
        fill(page, "Précisions", "Il va avec la vague d’après.")
        press(page, "Retirer ce fichier")

        files = page.get_by_role("region", name="Ce qui a été envoyé")
        expect(files).to_contain_text("Aucun fichier n’est joint.")
        expect(files).to_contain_text("Joint par erreur")
        expect(files).to_contain_text("Il va avec la vague d’après.")

        # The journal says it, and is taken away.
        page.goto(at("/auth/user/"))
        follow(page, "Journal")
        expect(page.locator("#result_list")).to_contain_text("communique.pdf")
        page.locator("summary", has_text="Télécharger").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="CSV").click()
        taken = waiting.value.path().read_text(encoding="utf-8-sig")
        assert "communique.pdf" in taken
        assert ines.username not in taken.partition("communique.pdf")[2].partition("\n")[0]
