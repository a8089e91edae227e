"""R4: what whoever watches the server is answered, whatever the state of the base."""

import pytest
from django.db import connection
from django.test import Client

from pimms import outages
from tests.test_outages import missing, nothing_told, told, unreachable  # noqa: F401  # a fixture

PROBES = ["/.alive", "/.ready"]


@pytest.fixture
def client(transactional_db) -> Client:
    return Client(raise_request_exception=False)


class TestAProbe:
    @pytest.mark.parametrize("address", PROBES)
    def test_is_answered_by_a_word(self, client, address):
        answer = client.get(address)

        assert answer.status_code == 200
        assert answer.text == f"{address[2:]}\n"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]
        assert not answer.cookies

    @pytest.mark.parametrize("address", PROBES)
    def test_is_answered_whatever_it_is_asked_by(self, client, settings, address):
        """No other name of the server, no TLS, no session: it is asked by the machine itself."""
        settings.SECURE_SSL_REDIRECT = True

        for host in ("10.0.0.7", "nobody.example", "a_b", ""):
            assert client.get(address, headers={"host": host}).status_code == 200
        assert client.head(address).status_code == 200
        assert client.get(address, headers={"cookie": "sessionid=x"}).status_code == 200

    @pytest.mark.parametrize("address", PROBES)
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
    def test_is_asked_by_no_other_method(self, client, address, method):
        answer = client.generic(method, address)

        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"

    @pytest.mark.parametrize("address", ["/.alive/", "/.ready/", "/.readyx", "//.ready"])
    def test_has_no_address_beside(self, client, address):
        assert client.get(address).text not in {"alive\n", "ready\n"}


class TestReadiness:
    @pytest.mark.parametrize("fault", [unreachable, missing], ids=lambda fault: fault.__name__)
    def test_is_lost_with_the_base_and_comes_back(
        self, client, fault, tmp_path, caplog, monkeypatch
    ):
        """R4: the word tells nothing more; the log has the cause, once, and the end."""
        monkeypatch.setattr(outages, "_QUIET", 0)

        with fault(tmp_path):
            answers = [client.get("/.ready") for _ in range(3)]
            alive = client.get("/.alive")
        after = client.get("/.ready")

        for answer in answers:
            assert (answer.status_code, answer.text) == (503, "not ready\n")
        assert alive.status_code == after.status_code == 200
        assert len(told(caplog)) == 1
        assert caplog.records[-1].getMessage().startswith("C’est fini : ")

    def test_is_not_lost_by_a_base_of_a_later_version(self, client):
        """Instances are renewed in turn: the other still serves."""
        later = "VALUES ('labelling', '9999_later', '2030-01-01')"
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO django_migrations (app, name, applied) {later}")
        try:
            assert client.get("/.ready").status_code == 200
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")

    def test_asks_by_a_connection_that_it_closes(self, client):
        if connection.vendor != "postgresql":
            pytest.skip("of PostgreSQL alone")
        for _ in range(20):
            client.get("/.ready")

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            )
            assert cursor.fetchone()[0] < 5
