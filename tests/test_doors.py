"""S8, S26: whatever an address, a form or a file holds, the answer is one in words."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from labelling.models import Association, ImportRow, JournalEntry, Site
from labelling.models.base import LONGEST_SEARCH
from labelling.spreadsheets.runs.apply import apply
from tests.admin.forms import filled, sentences
from tests.conftest import signed_in
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    SiteFactory,
    UserFactory,
    records_of_every_page,
)
from tests.spreadsheets.prepared import import_of, prepared, reasons, row, states
from tests.test_rights import ADDRESSES, PAGES

pytestmark = pytest.mark.django_db

# More than a database counts, more than Python reads, what no database takes, what Python takes
# for digits.
HOSTILE = ("9" * 20, "9" * 51_000, "4\0", "\uff14\uff12")
FIRST_AND_LAST = ("0001-01-01T00:00", "9999-12-31T23:59", "9" * 20)
# What every list reads in its address, and what other pages do.
OF_LISTS = ("q", "p", "e", "_to_field")
OF_NO_LIST = ("pk", "id__in", "version")
OF_LISTS_TOGETHER = ("o", "all", "_popup", "_facets", "_changelist_filters")
OF_PAGES = (
    *("q", "p", "state", "done", "line", "source", "model", "wave", "department", "association"),
    *("version", "next", "site", "sites", "_selected_action", "select_across", "latitude"),
    *("withdrawn_on", "issued_on", "embargo_until_0", "in_priority_district"),
)
TOO_LONG = "20000 caractères au plus (il y en a 20001)."
LEFT_OUT = ("logout", "jsi18n")  # One ends the session, the other is none of ours.


@pytest.fixture
def gard():
    return DepartmentFactory()


@pytest.fixture
def whoever(network, manager) -> Client:
    records_of_every_page()
    import_of(manager)
    return signed_in(manager)


def failures(client: Client, requests: Iterable[tuple[str, str, Any]]) -> list[str]:
    """Which of these requests the application fails to answer. Nothing of them is kept."""
    found = []
    for method, address, data in requests:
        asked = f"{method} {address[:80]} {data!s:.80}"
        try:
            with transaction.atomic():
                status = getattr(client, method)(address, data).status_code
                transaction.set_rollback(True)
        except Exception as failure:
            found.append(f"{asked}: {failure!r:.200}")
        else:
            if status >= 500:
                found.append(f"{asked}: {status}")
    return found


def questions_to_lists() -> Iterator[tuple[str, str, Any]]:
    for model, pages in admin.site._registry.items():
        address = ADDRESSES[f"{model._meta.app_label}_{model._meta.model_name}_changelist"]
        filters = [getattr(one, "parameter_name", None) for one in pages.list_filter]
        keys = [field.name for field in model._meta.concrete_fields if field.is_relation]
        for name in {*OF_LISTS, *filter(None, filters)}:
            yield from (("get", address, {name: value}) for value in HOSTILE)
        # A list reads no other field: whatever it holds, the answer is the same.
        yield from (("get", address, {name: HOSTILE[0]}) for name in (*keys, *OF_NO_LIST))
        yield from (("get", address, dict.fromkeys(OF_LISTS_TOGETHER, value)) for value in HOSTILE)


def questions_to_pages() -> Iterator[tuple[str, str, Any]]:
    for name, address in ADDRESSES.items():
        if name in LEFT_OUT or name.endswith("_changelist"):
            continue
        page, _, question = address.partition("?")
        known = dict(part.split("=") for part in question.split("&") if part)
        for value in HOSTILE:
            yield "get", page, {**dict.fromkeys(OF_PAGES, value), **known}
            if name not in PAGES:  # What a page sends itself is read of it: see `forms_sent`.
                yield "post", page, dict.fromkeys(OF_PAGES, value)
            if known:  # Each alone: the first that is refused hides the others.
                words = (*known, "term", "page")
                yield from (("get", page, {**known, word: value}) for word in words)


def hostile_addresses(patterns: list[Any], route: str = "/") -> Iterator[tuple[str, str, Any]]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from hostile_addresses(pattern.url_patterns, here)
        elif "<" in here and "(?P" not in here:
            for value in HOSTILE:
                address = re.sub(r"<\w+:\w+>", quote(value[:5_000], ""), here)
                yield from ((method, address, None) for method in ("get", "post"))


def forms_sent(client: Client) -> Iterator[tuple[str, str, Any]]:
    for name in PAGES:
        page = client.get(ADDRESSES[name]) if name not in LEFT_OUT else None
        fields = {*OF_PAGES, *re.findall(r'name="([^"]+)"', page.text if page else "")}
        fields -= {"csrfmiddlewaretoken"}
        # How many lines a page sends: nothing else of it would be read.
        counts = {field: "1" for field in fields if field.endswith("_FORMS")}
        for value in HOSTILE:
            yield "post", ADDRESSES[name], {**dict.fromkeys(fields, value), **counts}


def fields_sent(client: Client) -> Iterator[tuple[str, str, Any]]:
    for name in PAGES:
        page = client.get(ADDRESSES[name]) if name.endswith("_change") else None
        if page and page.context.get("adminform") and page.context.get("has_change_permission"):
            sent = filled(page)
            for field in sent:
                is_moment = re.search("_(on|at|until)(_[01])?$", field)
                for value in FIRST_AND_LAST if is_moment else HOSTILE[:1]:
                    yield "post", ADDRESSES[name], {**sent, field: value}


class TestNoPageFails:
    def test_on_a_parameter_of_a_list(self, whoever):
        assert failures(whoever, questions_to_lists()) == []

    def test_on_the_parameters_of_a_page(self, whoever):
        assert failures(whoever, questions_to_pages()) == []

    def test_on_the_arguments_of_an_address(self, whoever):
        assert failures(whoever, hostile_addresses(get_resolver().url_patterns)) == []

    def test_on_what_a_form_holds(self, whoever):
        assert failures(whoever, list(forms_sent(whoever))) == []

    def test_on_a_field_of_a_form(self, whoever):
        assert failures(whoever, list(fields_sent(whoever))) == []

    @pytest.mark.parametrize("words", ["a b " * 49, "a " * 2_000])
    def test_on_a_search_of_many_words(self, whoever, words):
        lists = [address for name, address in ADDRESSES.items() if name.endswith("_changelist")]

        assert failures(whoever, [("get", address, {"q": words}) for address in lists]) == []


class TestTwins:
    """What looks like a record is that record, by whatever door it comes [S26]."""

    NAME, TWIN = "Métropole Stéphanoise", "Métropole\u200b Ste\u0301phanoise"

    def test_are_refused_by_a_form_which_keeps_what_was_typed(self, as_editor):
        AssociationFactory(name=self.NAME)

        page = as_editor.post("/labelling/association/add/", {"name": self.TWIN})

        assert "Une association porte déjà ce nom." in page.text
        assert f'value="{self.NAME}"' in page.text
        assert Association.objects.count() == 1

    def test_are_recognised_in_a_file(self):
        association = AssociationFactory(name=self.NAME)
        site = SiteFactory(name="PIMMS Nîmes", association=association)

        run = prepared(
            "N\u200bom;Département;Association",
            f"PI\xadMMS Nîmes;\uff13\uff10;{self.TWIN}",
        )

        line = row(run, 2)
        assert (line.state, line.record_id, line.after) == ("unchanged", site.pk, {})

    def test_are_no_new_line_of_a_file(self):
        AssociationFactory(name=self.NAME)

        run = prepared("Nom", self.TWIN, model_key="association")

        assert states(run) == {2: "unchanged"}

    def test_are_not_written_by_an_import(self, gard):
        run = prepared("Nom;Département;Note interne", "PIMMS\u200b Nîmes;30;un\u2060deux")
        ImportRow.objects.filter(run=run).update(
            after={"name": "PIMMS\u200b Nîmes", "department_id": gard.pk}
        )

        apply(run, None)

        assert Site.objects.get().name == "PIMMS Nîmes"
        assert Site.objects.get().sort_key == "pimms nimes"

    def test_find_what_is_looked_for(self, as_reader):
        SiteFactory(name="PIMMS Nîmes")

        page = as_reader.get("/labelling/site/", {"q": "ni\u0302\u200bmes"})

        assert [site.name for site in page.context["cl"].result_list] == ["PIMMS Nîmes"]

    @pytest.mark.parametrize("name", ["\u2014", "\u0301", "'"])
    def test_of_nothing_are_no_names(self, as_editor, name):
        """A name of which no key is left would be every other such name's twin."""
        page = as_editor.post("/labelling/association/add/", {"name": name})
        nameless = as_editor.post("/labelling/association/add/", {"name": ""})

        assert "Écrivez un nom qui a des lettres ou des chiffres." in page.text
        assert "Une association porte déjà ce nom." not in page.text + nameless.text

    def test_are_noted_as_they_are_read(self, as_manager):
        ContactFactory(name="Ana Durand")

        as_manager.post("/labelling/presscontact/download/csv/?q=du\u200brand\u202e", {})

        assert JournalEntry.objects.get().details["searched"] == "durand"

    def test_of_an_address_have_no_second_access(self, as_manager):
        UserFactory(username="lea@example.org")

        page = as_manager.post("/auth/user/add/", {"username": "lea@exam\u200bple.org"})

        assert "Une personne a déjà un accès avec cette adresse." in page.text

    def test_of_an_address_open_the_access(self, client):
        user = UserFactory(username="lea@example.org")
        user.set_password("k7mw-\u200b3hdp-x9rt")
        user.save()

        refused = client.post("/login/", {"username": user.username, "password": "k7mw-3hdp-x9rt"})
        opened = client.post(
            "/login/", {"username": "lea@\u200bexample.org", "password": "k7mw-\u200b3hdp-x9rt"}
        )

        # A password is what was chosen, whatever is seen of it.
        assert (refused.status_code, opened.status_code) == (200, 302)


class TestLengths:
    @pytest.mark.parametrize("name", ["a" * 51_000, "9" * 51_000, "a\0@example.org"])
    def test_of_an_address_to_sign_in_are_answered_as_any_wrong_one(self, client, name):
        page = client.post("/login/", {"username": name, "password": "non"})

        assert page.status_code == 200
        assert "ne correspondent à aucun accès ouvert" in page.text

    def test_of_a_note_are_said_and_what_was_typed_is_kept(self, as_editor):
        site = SiteFactory()
        page = as_editor.get(f"/labelling/site/{site.pk}/change/")

        answer = as_editor.post(
            f"/labelling/site/{site.pk}/change/", filled(page, note="x" * 20_001)
        )

        assert answer.context["adminform"].form.errors == {"note": [TOO_LONG]}
        assert "x" * 20_001 in answer.text

    def test_of_a_note_are_said_of_a_file_too(self, gard):
        run = prepared("Nom;Département;Note interne", f"PIMMS Nîmes;30;{'x' * 20_001}")

        assert reasons(run, 2) == [
            "ce texte a 20\u202f001 caractères, la place est de 20\u202f000. Raccourcissez-le."
        ]

    def test_of_a_search_are_said(self, as_reader):
        SiteFactory(name="PIMMS Nîmes")

        page = as_reader.get("/labelling/site/", {"q": "nimes " * 100})

        assert f'maxlength="{LONGEST_SEARCH}"' in page.text
        assert not page.context["cl"].result_list
        assert (
            "Cette recherche est trop longue\u00a0: 200 signes au plus. Gardez-en quelques mots."
            in page.text
        )
        assert "nimes " * 100 not in page.context["no_match_sentence"]


class TestAddresses:
    @pytest.mark.parametrize("name", ["association", "pressrelease"])
    def test_that_name_a_field_lead_to_the_whole_list(self, as_manager, name):
        page = as_manager.get(f"/labelling/{name}/?wave=1&name=x", follow=True)

        assert page.status_code == 200
        assert sentences(page) == ["Cette adresse ne se lit pas : voici la liste entière."]

    @pytest.mark.parametrize("key", ["9" * 20, "x", "\uff11"])
    def test_fill_in_no_record_that_they_do_not_name(self, as_editor, key):
        page = as_editor.get("/labelling/site/add/", {"department": key, "name": "PIMMS Nîmes"})

        assert page.status_code == 200
        assert 'value="PIMMS Nîmes"' in page.text

    @pytest.mark.parametrize("key", ["9" * 20, "x", "\uff11"])
    def test_of_no_record_say_so(self, as_editor, key):
        page = as_editor.get(f"/labelling/site/{key}/change/", follow=True)

        assert sentences(page) == [
            "Cette fiche n’existe pas. Elle a peut-être été supprimée depuis."
        ]
