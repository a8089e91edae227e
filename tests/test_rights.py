"""S1: every address × six people × GET and POST. An address absent from the table fails."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from labelling import roles
from tests.conftest import load_network
from tests.factories import OUT_OF_SEQUENCE, UserFactory, records_of_every_page
from tests.spreadsheets.prepared import import_of

# What an answer is, in one letter.
LOGIN, REFUSED, SHOWN, SENT_ON, NOT_FOUND, WRONG_METHOD = "L", "F", "O", "R", "N", "M"

# Who asks, in the order of the letters below.
PEOPLE = ("anonymous", "not staff", "no rights", roles.READER, roles.EDITOR, roles.MANAGER)

# For each address: what GET answers to each of the six, then what POST answers. A POST without
# data that is answered by the form again (O) has changed nothing.
ANSWERS: dict[str, tuple[str, str]] = {
    "(?P<url>.*)$": ("LLNNNN", "LLNNNN"),
    "account_login": ("OORRRR", "OORRRR"),
    "account_logout": ("MMMMMM", "OOOOOO"),
    "account_told": ("LLMMMM", "LLRRRR"),
    "account_reauthenticate": ("LLOOOO", "LLOOOO"),
    "app_list": ("LLRRRR", "LLRRRR"),
    "auth/user/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "auth_user_add": ("LLFFFO", "LLFFFO"),
    "auth_user_change": ("LLFFFO", "LLFFFO"),
    "auth_user_changelist": ("LLFFFO", "LLFFFO"),
    "auth_user_delete": ("LLFFFF", "LLFFFF"),
    "auth_user_history": ("LLFFFO", "LLFFFO"),
    "auth_user_link": ("LLFFFO", "LLFFFO"),
    "auth_user_unlock": ("LLFFFR", "LLFFFR"),
    "auth_user_reset_factor": ("LLFFFO", "LLFFFR"),
    "autocomplete": ("LLFOOO", "LLMMMM"),
    "help": ("LLOOOO", "LLMMMM"),
    # Where no mail is configured, as here.
    "forgotten": ("NNNNNN", "NNNNNN"),
    "close_other_sessions": ("LLMMMM", "LLRRRR"),
    "index": ("LLOOOO", "LLOOOO"),
    "jsi18n": ("LLOOOO", "LLMMMM"),
    "labelling/association/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/department/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/labellingwave/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/letterhead/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/presscontact/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/pressrelease/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/region/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling/site/<path:object_id>/": ("LLRRRR", "LLRRRR"),
    "labelling_association_add": ("LLFFOO", "LLFFOO"),
    "labelling_association_attach": ("LLFFOO", "LLFFOO"),
    "labelling_association_change": ("LLFOOO", "LLFFOO"),
    "labelling_association_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_association_delete": ("LLFFFO", "LLFFFO"),
    "labelling_association_download": ("LLFRRR", "LLFOOO"),
    "labelling_association_history": ("LLFOOO", "LLFOOO"),
    "labelling_association_model_sheet": ("LLFFOO", "LLFFMM"),
    "labelling_association_restore": ("LLFFRR", "LLFFRR"),
    "labelling_department_add": ("LLFFFO", "LLFFFO"),
    "labelling_department_change": ("LLFOOO", "LLFFFO"),
    "labelling_department_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_department_delete": ("LLFFFO", "LLFFFO"),
    "labelling_department_download": ("LLFRRR", "LLFOOO"),
    "labelling_department_history": ("LLFOOO", "LLFOOO"),
    "labelling_department_restore": ("LLFFFR", "LLFFFR"),
    "labelling_importrun_add": ("LLFFOO", "LLFFOO"),
    "labelling_importrun_answer": ("LLFFMM", "LLFFRR"),
    "labelling_importrun_apply": ("LLFFMM", "LLFFRR"),
    "labelling_importrun_change": ("LLFFOO", "LLFFMM"),
    "labelling_importrun_changelist": ("LLFFOO", "LLFFOO"),
    # Its author gives it up: it is no more for who comes after.
    "labelling_importrun_discard": ("LLFFMM", "LLFFRN"),
    "labelling_importrun_file": ("LLFFOO", "LLFFMM"),
    "labelling_importrun_forget": ("LLFFMM", "LLFFRN"),
    # Forgotten for who asks first, it is no more for who comes after.
    "labelling_importrun_forget_heading": ("LLFFRR", "LLFFRN"),
    "labelling_importrun_learned": ("LLFFOO", "LLFFMM"),
    "labelling_importrun_take_over": ("LLFFMM", "LLFFRR"),
    "labelling_importrun_to_correct": ("LLFFOO", "LLFFMM"),
    "labelling_importrun_undo": ("LLFFRR", "LLFFRR"),
    "labelling_journalentry_changelist": ("LLFFFO", "LLFFFO"),
    "labelling_journalentry_download": ("LLFFFR", "LLFFFO"),
    "labelling_labellingwave_add": ("LLFFOO", "LLFFOO"),
    "labelling_labellingwave_change": ("LLFOOO", "LLFFOO"),
    "labelling_labellingwave_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_labellingwave_delete": ("LLFFFO", "LLFFFO"),
    "labelling_labellingwave_download": ("LLFRRR", "LLFOOO"),
    "labelling_labellingwave_history": ("LLFOOO", "LLFOOO"),
    "labelling_labellingwave_label": ("LLFFRR", "LLFFRR"),
    "labelling_labellingwave_map": ("LLFOOO", "LLFMMM"),
    "labelling_labellingwave_model_sheet": ("LLFFOO", "LLFFMM"),
    "labelling_labellingwave_move": ("LLFFRR", "LLFFRR"),
    "labelling_labellingwave_press_release": ("LLFOOO", "LLFMMM"),
    "labelling_labellingwave_press_release_download": ("LLFOOO", "LLFMMM"),
    "labelling_labellingwave_restore": ("LLFFRR", "LLFFRR"),
    "labelling_labellingwave_attach": ("LLFFFM", "LLFFFR"),
    "labelling_labellingwave_past_release": ("LLFFMM", "LLFFRR"),
    "labelling_labellingwave_remove_sent_file": ("LLFFFN", "LLFFFN"),
    "labelling_labellingwave_sent_file": ("LLFNNN", "LLFMMM"),
    "labelling_labellingwave_sites": ("LLFOOO", "LLFFOO"),
    "labelling_letterhead_add": ("LLFFFF", "LLFFFO"),
    "labelling_letterhead_change": ("LLFFOO", "LLFFFO"),
    "labelling_letterhead_changelist": ("LLFFOO", "LLFFOO"),
    "labelling_letterhead_delete": ("LLFFFF", "LLFFFF"),
    "labelling_letterhead_history": ("LLFFOO", "LLFFOO"),
    "labelling_letterhead_restore": ("LLFFFR", "LLFFFR"),
    "labelling_presscontact_add": ("LLFFOO", "LLFFOO"),
    "labelling_presscontact_change": ("LLFFOO", "LLFFOO"),
    "labelling_presscontact_changelist": ("LLFFOO", "LLFFOO"),
    "labelling_presscontact_delete": ("LLFFFO", "LLFFFO"),
    "labelling_presscontact_download": ("LLFFFR", "LLFFFO"),
    "labelling_presscontact_history": ("LLFFOO", "LLFFOO"),
    "labelling_presscontact_model_sheet": ("LLFFOO", "LLFFMM"),
    "labelling_presscontact_replace": ("LLFFOO", "LLFFOO"),
    "labelling_presscontact_restore": ("LLFFRR", "LLFFRR"),
    "labelling_pressrelease_add": ("LLFFOO", "LLFFOO"),
    "labelling_pressrelease_ask_reading": ("LLFFOO", "LLFFOO"),
    "labelling_pressrelease_attach": ("LLFFFM", "LLFFFR"),
    "labelling_pressrelease_change": ("LLFOOO", "LLFFRR"),
    "labelling_pressrelease_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_pressrelease_changes": ("LLFNNN", "LLFFNN"),
    "labelling_pressrelease_correct": ("LLFFMM", "LLFFRR"),
    "labelling_pressrelease_delete": ("LLFFFO", "LLFFFO"),
    "labelling_pressrelease_document": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_download": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_edition": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_edition_download": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_word": ("LLFFOO", "LLFFOO"),
    "labelling_pressrelease_editions": ("LLFOOO", "LLFFOO"),
    "labelling_pressrelease_editions_archive": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_history": ("LLFOOO", "LLFOOO"),
    "labelling_pressrelease_mail": ("LLFOOO", "LLFMMM"),
    "labelling_pressrelease_note_reading": ("LLFFOO", "LLFFOO"),
    "labelling_pressrelease_preview": ("LLFFMM", "LLFFOO"),
    "labelling_pressrelease_preview_new": ("LLFFMM", "LLFFOO"),
    # Asked of somebody else.
    "labelling_pressrelease_proofreading": ("LLFOOO", "LLFFFF"),
    "labelling_pressrelease_remove_sent_file": ("LLFFFN", "LLFFFN"),
    "labelling_pressrelease_remove_dispatch": ("LLFFFN", "LLFFFN"),
    "labelling_pressrelease_restore": ("LLFFFF", "LLFFFF"),
    "labelling_pressrelease_send": ("LLFFFR", "LLFFFR"),
    "labelling_pressrelease_sent_file": ("LLFNNN", "LLFMMM"),
    "labelling_pressrelease_take_back": ("LLFFFR", "LLFFFR"),
    "labelling_pressrelease_withdraw_reading": ("LLFFMM", "LLFFRR"),
    "labelling_pressrelease_validate": ("LLFFFO", "LLFFFR"),
    "labelling_region_add": ("LLFFFO", "LLFFFO"),
    "labelling_region_change": ("LLFOOO", "LLFFFO"),
    "labelling_region_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_region_delete": ("LLFFFO", "LLFFFO"),
    "labelling_region_download": ("LLFRRR", "LLFOOO"),
    "labelling_region_history": ("LLFOOO", "LLFOOO"),
    "labelling_region_restore": ("LLFFFR", "LLFFFR"),
    "labelling_site_add": ("LLFFOO", "LLFFOO"),
    "labelling_site_board": ("LLFOOO", "LLFMMM"),
    "labelling_site_change": ("LLFOOO", "LLFFOO"),
    "labelling_site_changelist": ("LLFOOO", "LLFOOO"),
    "labelling_site_delete": ("LLFFFO", "LLFFFO"),
    "labelling_site_deleted": ("LLFOOO", "LLFMMM"),
    "labelling_site_deleted_record": ("LLFOOO", "LLFFRR"),
    "labelling_site_download": ("LLFRRR", "LLFOOO"),
    "labelling_site_end_label": ("LLFFRR", "LLFFRR"),
    "labelling_site_findings": ("LLFOOO", "LLFFOO"),
    "labelling_site_history": ("LLFOOO", "LLFOOO"),
    "labelling_site_label": ("LLFFRR", "LLFFRR"),
    "labelling_site_map": ("LLFOOO", "LLFMMM"),
    "labelling_site_merge": ("LLFFFO", "LLFFFO"),
    "labelling_site_model_sheet": ("LLFFOO", "LLFFMM"),
    "labelling_site_names": ("LLFFOO", "LLFFRR"),
    "labelling_site_press_list": ("LLFOOO", "LLFMMM"),
    "labelling_site_restore": ("LLFFRR", "LLFFRR"),
    "labelling_site_settle": ("LLFFRR", "LLFFRR"),
    "labelling_site_take_back": ("LLFFRR", "LLFFRR"),
    "labelling_site_unmerge": ("LLFFFR", "LLFFFR"),
    "labelling_site_whole_base": ("LLFRRR", "LLFOOO"),
    "login": ("OORRRR", "OORRRR"),
    "logout": ("MMMMMM", "OOOOOO"),
    "mfa_activate_totp": ("LLRRRR", "LLRRRR"),
    "mfa_add_webauthn": ("LLRRRR", "LLRRRR"),
    "mfa_authenticate": ("LLRRRR", "LLRRRR"),
    "mfa_deactivate_totp": ("LLNNNN", "LLNNNN"),
    "mfa_generate_recovery_codes": ("LLRRRR", "LLRRRR"),
    "mfa_index": ("LLOOOO", "LLMMMM"),
    "mfa_login_webauthn": ("LLRRRR", "LLRRRR"),
    "mfa_reauthenticate": ("LLRRRR", "LLRRRR"),
    "mfa_reauthenticate_webauthn": ("LLRRRR", "LLRRRR"),
    "mfa_remove_webauthn": ("LLRRRR", "LLRRRR"),
    "mfa_view_recovery_codes": ("LLNNNN", "LLMMMM"),
    "password_change": ("LLOOOO", "LLOOOO"),
    "password_change_done": ("LLOOOO", "LLMMMM"),
    "search": ("LLFOOO", "LLMMMM"),
    "second_factor_later": ("LLMMMM", "LLRRRR"),
    # Nobody is told that there is no session.
    "session": ("OOOOOO", "OOOOOO"),
    "session_resume": ("MMMMMM", "OOOOOO"),
    "view_on_site": ("LLNNNN", "LLNNNN"),
    # What no link led to: the page that says so.
    "welcome": ("OOOOOO", "OOOOOO"),
}

# The record that an address is asked for: the first one, but for these. The site is one with
# something to check.
RECORDS = {"labelling_labellingwave": 3, "labelling_site": 5, "auth_user": OUT_OF_SEQUENCE}

# What stands in an address for its other arguments.
ARGUMENTS = {
    "app_label": "labelling",
    "content_type_id": 1,
    "extension": "csv",
    "heading_id": OUT_OF_SEQUENCE,
    "kept_id": OUT_OF_SEQUENCE,
    "key": OUT_OF_SEQUENCE,
    "kind": "association",
    "picture": "svg",
    "reading_id": OUT_OF_SEQUENCE,
    "region": "ile-de-france",
    "release_id": OUT_OF_SEQUENCE,  # A draft: what was sent answers to fewer of them.
    "rule": "Q002",
    "source": "published",
    "url": "x",
}

# What an address needs after its question mark to be more than a mistake.
QUESTIONS = {
    "autocomplete": "?app_label=labelling&model_name=site&field_name=department",
    "labelling_site_end_label": "?_selected_action=1",
    "labelling_site_label": "?_selected_action=1",
    "labelling_site_merge": f"?site={OUT_OF_SEQUENCE}&other={OUT_OF_SEQUENCE + 1}",
}


# What answers with a file or data rather than a page.
FILES = {
    "autocomplete",
    "jsi18n",
    "labelling_importrun_file",
    "labelling_importrun_to_correct",
    "labelling_labellingwave_map",
    "labelling_labellingwave_press_release_download",
    "labelling_pressrelease_download",
    "labelling_pressrelease_edition_download",
    "labelling_pressrelease_editions_archive",
    "labelling_site_board",
    "labelling_site_map",
    "labelling_site_press_list",
    "session",
    *(
        f"labelling_{name}_model_sheet"
        for name in ("association", "labellingwave", "presscontact", "site")
    ),
}


def addresses(
    patterns: list[URLPattern | URLResolver],
    route: str = "",
    records: dict[str, int] = RECORDS,
    arguments: dict[str, object] = ARGUMENTS,
    namespace: str = "",
) -> Iterator[tuple[str, str]]:
    """Yield the name of each address that the project answers to, and the address for a record.

    One without a name goes by its route.
    """
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, here, records, arguments, inside)
            continue
        name = pattern.name or here
        model = here.replace("/", "_", 1).split("/")[0]
        record = records.get(model, 1)
        values = {name: arguments.get(name, record) for name in _arguments(pattern)}
        if pattern.name:
            address = reverse(namespace + name, kwargs=values)
        else:
            address = "/" + _ARGUMENT.sub(partial(_value, values=values), here)
        yield name, address + QUESTIONS.get(name, "")


# An argument as a route writes it, in either of Django's two ways.
_ARGUMENT = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>.*")


def _value(match: re.Match[str], values: dict[str, object]) -> str:
    return str(values[match[1] or match[2]])


def _arguments(pattern: URLPattern) -> list[str]:
    if pattern.pattern.converters:
        return [*pattern.pattern.converters]
    regex = getattr(pattern.pattern, "regex", None)
    return [*regex.groupindex] if regex else []


ADDRESSES = dict(addresses(get_resolver().url_patterns))


# The pages, as their readers see them.
PAGES = sorted(n for n, (got, _) in ANSWERS.items() if got.endswith(SHOWN) and n not in FILES)


def letter(response) -> str:
    if response.status_code == 302:
        return LOGIN if response["Location"].startswith("/login/") else SENT_ON
    letters = {200: SHOWN, 403: REFUSED, 404: NOT_FOUND, 405: WRONG_METHOD}
    return letters.get(response.status_code, str(response.status_code))


@pytest.fixture(scope="class")
def signed_in(base_of_the_class) -> dict[str, Client]:
    load_network()
    clients = {name: Client() for name in PEOPLE}
    records_of_every_page()
    clients["not staff"].force_login(UserFactory(is_staff=False))
    clients["no rights"].force_login(UserFactory())
    for role in roles.ROLES:
        person = UserFactory(role=role)
        clients[role].force_login(person)
        if role == roles.EDITOR:
            import_of(person)
    return clients


@pytest.fixture
def people(signed_in) -> dict[str, Client]:
    """Whoever signs out in a test comes back in the next."""
    return deepcopy(signed_in)


@pytest.mark.django_db
class TestRights:
    def test_the_table_names_every_address(self):
        assert set(ADDRESSES) == set(ANSWERS)

    @pytest.mark.parametrize("name", sorted(ADDRESSES))
    def test_each_person_gets_what_the_table_says(self, people, name):
        address = ADDRESSES[name]

        got = "".join(letter(people[who].get(address)) for who in PEOPLE)
        posted = "".join(letter(people[who].post(address)) for who in PEOPLE)

        assert (got, posted) == ANSWERS[name], address

    def test_a_role_that_exists_is_left_alone(self):
        from django.contrib.auth.models import Group

        Group.objects.get(name=roles.READER).permissions.clear()

        roles.create_roles()

        assert not Group.objects.get(name=roles.READER).permissions.exists()

    def test_a_superuser_is_no_condition_for_managing(self):
        manager = UserFactory(role=roles.MANAGER)

        assert not User.objects.filter(is_superuser=True).exists()
        assert manager.has_perms(
            [
                "labelling.import_site",
                "labelling.export_site",
                "labelling.validate_pressrelease",
                "labelling.change_region",
                "auth.change_user",
            ]
        )
