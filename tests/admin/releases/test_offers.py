"""What the pages of a release offer is never refused: links open, buttons are let through."""

from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

import pytest
from django.db import transaction

from labelling.models import Site
from labelling.press_release import drafting
from labelling.press_release.errata import Correction
from tests.conftest import signed_in
from tests.factories import (
    ContactFactory,
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    editor,
    final,
    manager,
    reader,
    sent,
)

# As long as nobody ticks them.
_NOT_SENT = {"checkbox", "radio", "file"}
ROLES = {"reader": reader, "editor": editor, "manager": manager}


@dataclass
class Form:
    """Where it is sent, and what goes with which of its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class Offers(HTMLParser):
    """The links and the forms that are sent by POST, in the main part of a page."""

    def __init__(self, address: str, page: str) -> None:
        super().__init__()
        self.address, self.links, self.forms = address, set[str](), list[Form]()
        self._form: Form | None = None
        self.feed(page.split('id="content"', 1)[1].split('id="veil', 1)[0])

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.add(given["href"].split("#")[0])
        elif tag == "form":
            is_sent = given.get("method", "").lower() == "post"
            self._form = Form(given.get("action", "").split("#")[0] or self.address)
            self.forms += [self._form] * is_sent
        elif self._form and tag == "button" and given.get("type") != "button":
            if "disabled" not in given:
                self._form.buttons.append({name: value} if name else {})
        elif self._form and tag == "input" and name and given.get("type") not in _NOT_SENT:
            self._form.fields[name] = value

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None


def a_draft():
    SiteFactory(labelled=True)
    return ReleaseFactory(contact=ContactFactory())


def a_final_one():
    return final(a_draft())


def a_sent_one():
    return sent(a_draft())


def one_that_a_colleague_replaced():
    release = a_final_one()
    final(drafting.prepare_corrected_version(release))
    release.refresh_from_db()
    return release


def one_that_a_draft_would_replace():
    release = a_final_one()
    drafting.prepare_corrected_version(release)
    return release


def one_whose_records_changed():
    release = a_sent_one()
    site = Site.objects.get()
    site.name = "PIMMS Uzès"
    site.save()
    return release


def one_with_a_rectificatif():
    release = one_whose_records_changed()
    rows = [Correction(where="Chapô", before="Un", after="Deux")]
    erratum = drafting.prepare_erratum(release, rows, date(2020, 11, 2))
    sent(erratum, on=date(2020, 11, 2))
    return release


def the_draft_of_a_rectificatif():
    return drafting.prepare_erratum(one_whose_records_changed(), [], date(2020, 11, 2))


def one_that_was_cancelled():
    release = a_sent_one()
    sent(drafting.prepare_replacement(release, date(2020, 11, 2)), on=date(2020, 11, 2))
    release.refresh_from_db()
    return release


STATES = {
    state.__name__: state
    for state in (
        a_draft,
        a_final_one,
        a_sent_one,
        one_that_a_colleague_replaced,
        one_that_a_draft_would_replace,
        one_whose_records_changed,
        one_with_a_rectificatif,
        the_draft_of_a_rectificatif,
        one_that_was_cancelled,
    )
}


def list_pages(release) -> list[str]:
    own = f"/labelling/pressrelease/{release.pk}/"
    pages = [f"{own}document/", f"{own}change/", f"{own}history/"]
    if release.status == "sent":
        pages.append(f"{own}changes/")
    return [
        *pages,
        "/labelling/pressrelease/",
        f"/labelling/labellingwave/{release.wave_id}/press-release/",
        f"/labelling/labellingwave/{release.wave_id}/change/",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_offered_that_is_refused(state, role):
    LetterheadFactory()
    release = STATES[state]()
    client = signed_in(ROLES[role]())
    refused, tried = [], 0

    for address in list_pages(release):
        page = client.get(address)
        assert page.status_code == 200, address
        offers = Offers(address, page.text)
        for link in sorted(offers.links):
            tried += 1
            with transaction.atomic():
                if client.get(link).status_code not in {200, 302}:
                    refused.append((address, link))
                transaction.set_rollback(True)
        for form in offers.forms:
            for button in form.buttons:
                tried += 1
                with transaction.atomic():
                    answer = client.post(form.action, form.fields | button)
                    if answer.status_code not in {200, 302}:
                        refused.append((address, form.action, button))
                    transaction.set_rollback(True)

    assert refused == [], "\n".join(map(str, refused))
    assert tried > 10
