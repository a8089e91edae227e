"""What holds on every page whoever asks: the policy, forged posts, scripts in names."""

import pytest
from django.test import Client

from labelling.models import Association, Department, LabellingWave, Region, Site
from tests.conftest import load_network
from tests.factories import UserFactory
from tests.spreadsheets.prepared import import_of
from tests.test_rights import ADDRESSES, PAGES

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture(scope="class")
def superuser(base_of_the_class):
    load_network()
    person = UserFactory(is_superuser=True)
    import_of(person)
    return person


@pytest.mark.parametrize("name", sorted(ADDRESSES))
class TestEveryAddress:
    def test_answers_under_the_policy(self, name, client, superuser):
        """S13."""
        client.force_login(superuser)

        answer = client.get(ADDRESSES[name])

        policy = answer.headers["Content-Security-Policy"]
        assert {part.strip() for part in policy.split(";")} == POLICY

    def test_refuses_a_post_without_token(self, name, superuser):
        """S14."""
        client = Client(enforce_csrf_checks=True)
        client.force_login(superuser)

        assert client.post(ADDRESSES[name]).status_code == 403


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_writes_names_as_text(self, name, client, superuser):
        """S12: a name is never read as a part of the page."""
        attack = "<script>alert(1)</script>\"'><img src=x>"
        for model in (Region, Department, Association, LabellingWave, Site):
            for record in model.objects.order_by("pk")[:1]:
                record.name = f"{attack} {model.__name__}"
                record.save()
        client.force_login(superuser)

        page = client.get(ADDRESSES[name]).text

        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_asks_nothing_of_another_server(self, name, client, superuser):
        client.force_login(superuser)

        page = client.get(ADDRESSES[name]).text

        assert 'src="http' not in page
        assert 'href="http' not in page
        assert "style=" not in page
        assert " on" + "click=" not in page
