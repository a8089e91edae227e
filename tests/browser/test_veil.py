"""A session that sleeps, in a real browser: the veil, and what was typed below it [S17]."""

import base64
import re
from collections.abc import Callable

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from labelling.models import Site
from tests.browser.test_every_page import OVERFLOW, TOO_SMALL, list_violations
from tests.factories import manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "un mot de passe"
NOTE = "À rappeler"
HOUR = 3600
RESTORED = "Votre saisie a été conservée\u00a0: relisez-la avant de continuer."


def make_person(**names: str) -> User:
    person = manager(**names)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def ana(network) -> User:
    return make_person(first_name="Ana", last_name="Martin")


@pytest.fixture
def bob(network) -> User:
    return make_person(first_name="Bob", last_name="Petit")


@pytest.fixture
def nimes(network) -> Site:
    return Site.objects.get(name="PIMMS Nîmes")


@pytest.fixture
def address(live_server, nimes) -> str:
    return f"{live_server.url}/labelling/site/{nimes.pk}/change/"


def list_kept(page: Page) -> list[str]:
    """What the tab keeps, once the page is there with its scripts: then they forget."""
    page.wait_for_load_state()
    return [name for name in page.evaluate("Object.keys(sessionStorage)") if "kept-typing" in name]


def let_in(page: Page, person: User, url: str) -> None:
    client = Client()
    client.force_login(person)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])


@pytest.fixture
def officer(page, ana, live_server) -> Page:
    let_in(page, ana, live_server.url)
    return page


@pytest.fixture
def form(officer, address) -> Page:
    """The form of a site, with something typed in it."""
    officer.goto(address)
    write(officer)
    return officer


def write(page: Page) -> None:
    page.get_by_role("textbox", name="Note interne").fill(NOTE)


def pass_time(page: Page, seconds: int) -> None:
    """As if it were later, for the server; then somebody comes back to the page."""
    (cookie,) = (c for c in page.context.cookies() if c["name"] == "sessionid")
    page.context.clear_cookies(name="seen")
    session = Client().session.__class__(cookie["value"])
    limits = session["limits"]
    session["limits"] = {
        **limits,
        "opened": limits["opened"] - seconds,
        "seen": limits["seen"] - seconds,
    }
    session.save()
    come_back(page)


def come_back(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('session-expired'))")


def veil(page: Page):
    return page.get_by_role("dialog", name="Session en veille")


def resume(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Reprendre").click()


def sign_in(page: Page, person: User) -> None:
    page.locator("#id_username").fill(person.username)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


def save(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("modifications enregistrées").wait_for()
    site.refresh_from_db()
    assert site.note == NOTE


class TestTheVeil:
    def test_hides_the_page_and_gives_it_back_as_it_was(self, form, nimes):
        pass_time(form, 61 * 60)

        expect(veil(form)).to_be_visible()
        expect(veil(form)).to_contain_text("la page est telle que vous l’avez laissée")
        expect(veil(form)).to_contain_text("Ana Martin")
        expect(form).to_have_title("Session en veille | Réseau PIMMS")
        expect(form.get_by_label("Mot de passe")).to_be_focused()
        # Nothing of it is seen, nor read aloud.
        expect(form.locator("#container")).not_to_be_visible()
        assert "Nîmes" not in form.locator("html").aria_snapshot()
        form.keyboard.press("Escape")
        form.keyboard.press("Escape")
        expect(veil(form)).to_be_visible()

        resume(form)

        expect(veil(form)).to_be_hidden()
        expect(form).to_have_title(re.compile("PIMMS Nîmes"))
        note = form.get_by_role("textbox", name="Note interne")
        expect(note).to_have_value(NOTE)
        expect(note).to_be_focused()
        # Under its new key and with its new token.
        save(form, nimes)

    def test_falls_by_itself_after_an_hour(self, officer, address):
        officer.clock.install()
        officer.goto(address)
        officer.clock.fast_forward("59:00")
        expect(veil(officer)).to_be_hidden()
        Session.objects.all().delete()

        officer.clock.fast_forward("01:05")

        expect(officer.get_by_role("dialog", name="Session terminée")).to_be_visible()

    def test_falls_for_nobody_whom_another_tab_keeps_awake(self, officer, address):
        officer.clock.install()
        officer.goto(address)

        officer.clock.fast_forward("01:01:00")

        officer.wait_for_timeout(500)
        expect(veil(officer)).to_be_hidden()

    def test_keeps_typing_awake(self, officer, address, ana):
        """Who writes for an hour without sending anything is not inactive."""
        officer.clock.install()
        officer.goto(address)
        officer.clock.fast_forward("06:00")

        with officer.expect_request(
            lambda r: r.url.endswith("/account/session/") and r.method == "POST"
        ) as asked:
            write(officer)

        assert asked.value.response().json()["state"] == "awake"

    def test_says_a_wrong_password_and_locks_after_five(self, form):
        """S15."""
        pass_time(form, 61 * 60)
        fault = veil(form).get_by_role("alert")
        for _ in range(5):
            resume(form, "faux")
            expect(fault).to_contain_text("Ce n’est pas votre mot de passe")
            form.wait_for_timeout(1600)

        resume(form)

        expect(fault).to_contain_text("Trop d’essais")
        expect(veil(form)).to_be_visible()

    def test_lifts_in_every_tab_at_once(self, form, address, nimes):
        other = form.context.new_page()
        other.goto(address)
        pass_time(form, 61 * 60)
        come_back(other)
        expect(veil(other)).to_be_visible()

        resume(other)

        expect(veil(form)).to_be_hidden()
        save(form, nimes)

    def test_lifts_where_one_signed_in_again_in_another_tab(self, form, ana, address, nimes):
        pass_time(form, 61 * 60)
        expect(veil(form)).to_be_visible()
        other = form.context.new_page()
        other.goto(address)

        sign_in(other, ana)

        expect(veil(form)).to_be_hidden()
        # Though the token changed with the session.
        save(form, nimes)

    def test_leads_to_signing_in_after_twelve_hours(self, form, ana, nimes):
        pass_time(form, 12 * HOUR + 1)
        over = form.get_by_role("dialog", name="Session terminée")
        expect(over).to_contain_text(
            "elle dure douze heures au plus. Reconnectez-vous\u00a0: votre saisie est conservée."
        )

        over.get_by_role("link", name="Se reconnecter").click()
        expect(form.locator("[data-kept-notice]")).to_be_visible()
        sign_in(form, ana)

        expect(form.locator(".kept-typing")).to_have_text(RESTORED)
        save(form, nimes)

    def test_leads_to_signing_in_where_a_second_factor_is_asked(self, form, ana):
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        TOTP.activate(ana, generate_totp_secret())

        pass_time(form, 61 * 60)

        expect(veil(form)).to_contain_text("Reconnectez-vous\u00a0: votre saisie est conservée.")
        expect(veil(form).get_by_label("Mot de passe")).to_be_hidden()
        expect(veil(form).get_by_role("link", name="Se reconnecter")).to_be_focused()

    def test_is_answered_late_by_the_page_where_one_signs_in(self, form, ana, nimes):
        """Before the script knows: nothing is written, nothing is lost."""
        form.evaluate("document.addEventListener = () => {}")
        (cookie,) = (c for c in form.context.cookies() if c["name"] == "sessionid")
        session = Client().session.__class__(cookie["value"])
        session["limits"] = {**session["limits"], "seen": 0}
        session.save()

        form.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(form.locator("[data-kept-notice]")).to_have_text(
            "Aucune activité depuis une heure. Reconnectez-vous\u00a0: votre saisie est conservée."
        )
        sign_in(form, ana)

        expect(form.locator(".kept-typing")).to_have_text(RESTORED)
        save(form, nimes)


class TestAnotherPerson:
    def test_signs_out_from_the_veil(self, form, bob, address):
        pass_time(form, 61 * 60)

        form.get_by_role("button", name="Ce n’est pas moi").click()

        expect(form.get_by_text("Votre session est fermée.")).to_be_visible()
        assert list_kept(form) == []
        form.goto(address)
        sign_in(form, bob)
        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")

    def test_never_finds_what_was_typed_by_going_back(self, form, bob, nimes):
        form.locator("#select2-id_department-container").click()
        form.locator(".select2-search__field").fill("lozere")
        form.locator(".select2-results__option", has_text="Lozère").click()
        pass_time(form, 12 * HOUR + 1)
        form.get_by_role("link", name="Se reconnecter").click()
        sign_in(form, bob)
        form.wait_for_url("**/change/")
        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")
        assert list_kept(form) == []

        form.go_back()
        form.go_back()

        form.wait_for_url("**/change/")
        expect(form.locator("#select2-id_department-container")).to_have_text("Gard")
        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")

    def test_never_finds_what_was_typed_in_a_copy_of_the_tab(self, form, bob, ana, address):
        copy = form.context.new_page()
        copy.goto(form.url)
        write(copy)
        pass_time(form, 12 * HOUR + 1)
        form.get_by_role("link", name="Se reconnecter").click()

        sign_in(form, bob)

        # The copy hears of it, shows nothing, and is loaded for who is there.
        expect(copy.locator(".account .who")).to_have_text("Bob Petit", use_inner_text=False)
        expect(copy.get_by_role("textbox", name="Note interne")).to_have_value("")
        assert list_kept(copy) == []

    def test_is_not_shown_a_page_that_the_browser_had_put_by(self, form, bob, live_server):
        form.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        expect(form.locator("#container")).not_to_be_visible()
        let_in(form, bob, live_server.url)

        form.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

        expect(form.locator(".account .who")).to_have_text("Bob Petit", use_inner_text=False)
        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")

    def test_of_a_page_that_was_put_by_is_the_one_who_left_it(self, form):
        form.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        form.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

        expect(form.get_by_role("textbox", name="Note interne")).to_have_value(NOTE)
        expect(form.locator("#container")).to_be_visible()


class TestAPasskey:
    """« Utiliser l’empreinte ou la clé de cet ordinateur », with one that the browser makes up."""

    @pytest.fixture
    def lower(self, form) -> Callable[[User], None]:
        """The veil of Ana's page, on a computer that holds a passkey of somebody."""

        def lower(holder: User) -> None:
            devtools = form.context.new_cdp_session(form)
            devtools.send("WebAuthn.enable")
            options = {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
            devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
            made = form.evaluate(
                """async (handle) => {
                  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({
                    rp: { id: "localhost", name: "PIMMS" },
                    user: { id: handle, name: "a", displayName: "a" },
                    challenge: "AAAA",
                    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
                    authenticatorSelection: {
                      residentKey: "required", userVerification: "required",
                    },
                  });
                  const made = await navigator.credentials.create({ publicKey });
                  return JSON.parse(JSON.stringify(made));
                }""",
                base64.urlsafe_b64encode(user_pk_to_url_str(holder).encode()).decode().rstrip("="),
            )
            Authenticator.objects.create(
                user=holder,
                type=Authenticator.Type.WEBAUTHN,
                data={"name": "Cet ordinateur", "credential": made},
            )
            pass_time(form, 61 * 60)

        return lower

    def test_lifts_the_veil_of_the_person_whose_it_is(self, form, lower, ana, nimes):
        lower(ana)

        form.get_by_role("button", name="Utiliser l’empreinte").click()

        expect(veil(form)).to_be_hidden()
        save(form, nimes)

    def test_of_another_person_loads_the_page_for_that_one(self, form, lower, ana, bob):
        Authenticator.objects.create(user=ana, type="webauthn", data={"name": "x"})
        lower(bob)

        form.get_by_role("button", name="Utiliser l’empreinte").click()

        expect(form.locator(".account .who")).to_have_text("Bob Petit", use_inner_text=False)
        expect(form.get_by_role("textbox", name="Note interne")).to_have_value("")
        assert list_kept(form) == []

    def test_that_was_taken_away_says_so(self, form, lower, ana, bob):
        lower(ana)
        button = form.get_by_role("button", name="Utiliser l’empreinte")
        expect(button).to_be_visible()
        Authenticator.objects.update(user=bob)

        button.click()

        expect(veil(form).get_by_role("alert")).to_contain_text("Cela n’a pas fonctionné.")


@pytest.mark.parametrize("state", ["asleep", "over"])
class TestTheLookOfTheVeil:
    def lower(self, page: Page, state: str) -> None:
        pass_time(page, 61 * 60 if state == "asleep" else 13 * HOUR)
        page.get_by_role("dialog").wait_for()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1366, 390])
    def test_is_accessible(
        self, state, scheme, width, page_without_policy, ana, live_server, address
    ):
        page = page_without_policy
        let_in(page, ana, live_server.url)
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address)
        self.lower(page, state)

        assert list_violations(page) == []

    def test_fits_every_screen_and_a_thumb(self, state, form):
        self.lower(form, state)
        for width in (1366, 768, 320, 390):
            form.set_viewport_size({"width": width, "height": 800})
            assert form.evaluate(OVERFLOW) <= 0, width
        assert form.evaluate(TOO_SMALL) == []
