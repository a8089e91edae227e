"""The first start and the next ones: what they prepare, what they print."""

import io
import re

import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from labelling.models import Association, Department, LabellingWave, Region, Site

ADMINISTRATOR = "admin@localhost"


def run(*arguments: str) -> str:
    """Run a command and return what it prints."""
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def password_in(output: str) -> str:
    """Return the only password in what was printed, or an empty text."""
    return "".join(re.findall(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", output))


def everything() -> dict[str, list]:
    """Return every row of ours and every account."""
    models = [*apps.get_app_config("labelling").get_models(), get_user_model()]
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


@pytest.mark.django_db
class TestFirstStart:
    def test_gives_an_empty_base_the_network_of_october_2020(self):
        run("prepare_database")

        assert Region.objects.count() == 18
        assert Department.objects.count() == 101
        assert Association.objects.count() == 27
        assert LabellingWave.objects.count() == 3
        assert Site.objects.count() == 53

    def test_says_where_to_go_and_how_to_sign_in(self):
        output = run("prepare_database", "--address", "http://127.0.0.1:8765/")

        assert output.replace(password_in(output), "PASSWORD") == (
            "\n"
            "Réseau PIMMS\n"
            "\n"
            "  Ouvrez http://127.0.0.1:8765/\n"
            "  Adresse électronique : admin@localhost\n"
            "  Mot de passe : PASSWORD\n"
            "  Notez ce mot de passe : il ne sera plus affiché.\n"
            "\n"
            "Pour arrêter : Ctrl+C.\n"
            "\n"
        )

    def test_opens_the_back_office_to_an_administrator(self):
        password = password_in(run("prepare_database"))

        user = authenticate(username=ADMINISTRATOR, password=password)

        assert user is not None
        assert user.is_superuser

    def test_never_gives_a_known_password(self):
        """S24."""
        first = password_in(run("prepare_database"))
        get_user_model().objects.all().delete()
        second = password_in(run("prepare_database"))

        assert first != second

    def test_leaves_a_base_that_holds_a_record(self):
        Association.objects.create(name="Métropole Stéphanoise")

        run("prepare_database")

        assert Association.objects.count() == 1
        assert Region.objects.count() == 0

    def test_leaves_a_base_that_somebody_emptied(self):
        Association.objects.create(name="Métropole Stéphanoise").delete()

        run("prepare_database")

        assert Region.objects.count() == 0

    def test_leaves_the_accounts_that_exist(self):
        get_user_model().objects.create_user("ana@example.org")

        output = run("prepare_database")

        assert get_user_model().objects.count() == 1
        assert password_in(output) == ""
        assert "  Connectez-vous avec votre compte.\n" in output


@pytest.mark.django_db
class TestNextStart:
    def test_changes_nothing(self):
        run("prepare_database")
        before = everything()

        run("prepare_database")

        assert everything() == before

    def test_says_how_to_renew_the_password_and_does_not_repeat_it(self):
        run("prepare_database")

        output = run("prepare_database")

        assert password_in(output) == ""
        assert output == (
            "\n"
            "Réseau PIMMS\n"
            "\n"
            "  Ouvrez http://127.0.0.1:8000/\n"
            "  Adresse électronique : admin@localhost\n"
            "  Mot de passe : celui que le premier lancement a affiché.\n"
            "  Il est perdu ? « make password » en crée un autre.\n"
            "\n"
            "Pour arrêter : Ctrl+C.\n"
            "\n"
        )


@pytest.mark.django_db
class TestNewPassword:
    def test_replaces_that_of_the_administrator(self):
        first = password_in(run("prepare_database"))

        output = run("renew_password")

        second = password_in(output)
        assert authenticate(username=ADMINISTRATOR, password=first) is None
        assert authenticate(username=ADMINISTRATOR, password=second) is not None
        assert output == (
            "Adresse électronique : admin@localhost\n"
            f"Nouveau mot de passe : {second}\n"
            "Notez-le : il ne sera plus affiché.\n"
        )

    def test_can_be_given_to_somebody_else(self):
        get_user_model().objects.create_user("ana@example.org", is_staff=True)

        password = password_in(run("renew_password", "ana@example.org"))

        assert authenticate(username="ana@example.org", password=password) is not None

    def test_needs_an_account(self):
        with pytest.raises(CommandError) as refusal:
            run("renew_password", "personne@example.org")

        assert str(refusal.value) == (
            "Aucun compte « personne@example.org ». Vérifiez l’adresse ; "
            "si rien n’a encore été lancé ici, commencez par « make start »."
        )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestSignIn:
    def test_leads_to_the_home_page(self, page, live_server):
        password = password_in(run("prepare_database"))

        page.goto(live_server.url)
        page.get_by_label("Adresse électronique").fill(ADMINISTRATOR)
        page.get_by_label("Mot de passe").fill(password)
        page.get_by_role("button", name="Se connecter", exact=True).click()

        page.wait_for_url(f"{live_server.url}/")
        assert page.title().startswith("Accueil")
