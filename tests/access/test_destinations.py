"""Where one stands after signing in, whatever `next` says."""

import pytest
from django.test import Client

from labelling.access.destinations import is_destination
from tests import factories
from tests.test_rights import ADDRESSES, ANSWERS, NOT_FOUND, WRONG_METHOD

PASSWORD = "une-phrase-qui-ne-se-devine-pas"


@pytest.fixture
def ana(network):
    person = factories.manager()
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(person, destination: str, *, posted: bool = True):
    """Sign in as people do, `next` given in the form or by the address; return where one stands."""
    client = Client()
    data = {"username": person.username, "password": PASSWORD}
    if posted:
        return client.post("/login/", data | {"next": destination}, follow=True)
    return client.post("/login/", data, follow=True, query_params={"next": destination})


ODD = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http://[evil",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil",
    "?next=/",
    "/nowhere/",
    "/nowhere",
    "/login/",
    "/login",
    "/login/code/",
    "/login/?next=//evil.example",
    "/logout/",
    "/confirm/",
    "/welcome/MQ/password/",
    "/auth/user/1/unlock/",
    "/auth/user/99999/link/",
    "/auth/user/99999/reset_factor/",
    "/jsi18n/",
    "/autocomplete/",
    "/labelling/site/99999/",
    "/labelling/pressrelease/99999/document/",
    "/labelling/importrun/1/apply/",
    "/labelling/pressrelease/1/attach/",
    "/labelling/site/\x00/",
    "/labelling/site/%00/",
    "/labelling/\nsite/",
    "/%6c%6fgin/",
    "/" + "x" * 5000,
    "/labelling/site/?q=" + "x" * 5000,
]


class TestAnOddDestination:
    @pytest.mark.parametrize("destination", ODD)
    @pytest.mark.parametrize("posted", [True, False])
    def test_leads_home(self, ana, destination, posted):
        answer = sign_in(ana, destination, posted=posted)

        assert answer.status_code == 200
        assert answer.redirect_chain == [("/", 302)]
        assert answer.context["user"] == ana

    @pytest.mark.parametrize(
        "name", [n for n, (got, _) in ANSWERS.items() if got[-1] in NOT_FOUND + WRONG_METHOD]
    )
    def test_is_every_address_that_shows_nothing(self, network, name):
        """But for pages of what is not there: a draft's differences or file, codes never made."""
        shown = {
            "labelling_pressrelease_changes",
            "labelling_labellingwave_remove_sent_file",
            "labelling_labellingwave_sent_file",
            "labelling_pressrelease_remove_dispatch",
            "labelling_pressrelease_remove_sent_file",
            "labelling_pressrelease_sent_file",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
        }
        factories.records_of_every_page()

        assert is_destination(ADDRESSES[name]) == (name in shown)


class TestAPageOfOurs:
    @pytest.mark.parametrize(
        "destination",
        [
            "/",
            "/labelling/site/",
            "/labelling/site/?q=d%C3%B4le&region=27",
            "/labelling/site/1/change/",
            "/labelling/pressrelease/1/document/",
            "/labelling/labellingwave/1/press-release/",
            "/password_change/",
            "/auth/user/{other}/link/",
        ],
    )
    def test_is_where_one_stands(self, ana, destination):
        destination = destination.format(other=factories.editor().pk)

        answer = sign_in(ana, destination)

        assert answer.status_code == 200
        assert answer.redirect_chain == [(destination, 302)]

    def test_may_be_one_of_somebody(self, ana):
        link = f"/auth/user/{factories.reader().pk}/link/"

        assert sign_in(ana, link).redirect_chain == [(link, 302)]

    def test_may_lack_its_last_stroke(self, ana):
        answer = sign_in(ana, "/labelling/site/1/change")

        assert answer.redirect_chain[-1][0] == "/labelling/site/1/change/"
        assert answer.status_code == 200

    def test_of_a_record_that_is_gone_says_so(self, ana):
        answer = sign_in(ana, "/labelling/site/99999/change/")

        assert answer.status_code == 200
        assert answer.redirect_chain[0] == ("/labelling/site/99999/change/", 302)
        assert "n’existe plus" in answer.text or "n’existe pas" in answer.text
