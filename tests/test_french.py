"""Every page speaks French, in our words, typeset; the catalogue is the one that was written."""

import ast
import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from labelling.models import Site
from tests.admin.forms import filled
from tests.conftest import load_network
from tests.factories import UserFactory, records_of_every_page
from tests.spreadsheets.prepared import import_of
from tests.test_rights import ADDRESSES

# Words that no French sentence of ours holds.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
        about add added again all already an and any are back been by cancel changed choose
        clear close correct could day delete deleted does download edit empty enter error errors
        every false field file filter find first for forbidden found from go has have help
        history home if invalid is it items last list log login logout make may more must name
        new not nothing object objects of open or password please record records remove required
        revert run save search see select server show sign submit successfully that the there
        this time today true unknown update upload user username users view was welcome were
        with wrong yes yesterday you your
        """,
    )
)

# What the libraries say that is not ours, and words that no sentence of ours holds: docs/words.md.
NOT_OURS = (
    "Administration de Django",
    "Site d’administration",
    "Labelling",
    "Voir le site",
    "Voir sur le site",
    "Sélectionnez l’objet",
    "Ajouter vague",
    "Ajout de",
    "sélectionnés",
    "---------",
    "Exécuter l’action",
    "Des éléments doivent être",
    "avec succès",
    "L’objet",
    "objet ",
    "Oui, je suis sûr",
    "Écrivez ici pour filtrer",
    "les nombres",
    "Possède une date",
    "Inconnu",
    "algorithme",
    "pbkdf2",
    "itérations",
    "salage",
    "Statut équipe",
    "super-utilisateur",
    "LDAP",
    "Importation terminée",
    "selectionné",
    "Soumettre",
    "Historique de vue",
    "Raison de la modification",
    "Rétablir",
    "Nom d’utilisateur",
    "utilisateur",
    "sensibles à la casse",
    "Authentification",
    "Groupes",
    "Veuillez",
    "Saisissez",
    "invalide",
    "valide.",
    "est obligatoire",
    "requis",
    "entité",
    "base de données",
    "jeton",
    "slug",
    "requête",
    "NULL",
    "None",
    "par défaut",
    "Tout afficher",
)
ALONE = {"Tout", "Vide", "Envoyer", "Erreur", "OK", "Confirmer", "Valider", "ID"}

# Where a line could break in the middle of a sign, or the sign touches the word.
BREAKS = re.compile(
    r"«(?!\u00a0)|(?<!\u00a0)»|(?<!\u00a0):(?=\s|$)|(?<!\u202f)[;!?](?=\s|$)|\.\.\."
)

SAID_BY_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")


# Scripts, commands, and what a release says: it was printed so, and tests of its own read it.
PASSED_OVER = {"script", "style", "code", "article", "del", "ins"}


class Reader(HTMLParser):
    """What a page says to the eye and to the ear."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.silent = 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.silent += tag in PASSED_OVER
        self.said += [given[name] for name in SAID_BY_ATTRIBUTES if given.get(name)]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.said.append(given.get("value") or "")

    def handle_endtag(self, tag):
        self.silent -= tag in PASSED_OVER

    def handle_data(self, data):
        if not self.silent and data.strip():
            self.said.append(" ".join(data.split(" ")).strip("\n "))


def strings(value: Any) -> Iterator[str]:
    """Yield the lines of a text, or those in what a frozen release holds."""
    if isinstance(value, str):
        yield from (value, *value.splitlines())
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def values_of_records() -> list[str]:
    """Return what people or the press wrote, the longest first: it is not ours to typeset."""
    values = set()
    for model in apps.get_app_config("labelling").get_models():
        for record in model.objects.all():
            values |= {str(record)}
            for field in model._meta.concrete_fields:
                value = field.get_prep_value(getattr(record, field.attname))
                if not field.choices:
                    values |= set(strings(value))
    return sorted((v for v in values if len(v) > 1), key=len, reverse=True)


def faults(page: str, values: list[str]) -> list[str]:
    """Return the sentences of a page that are not in our French, each with what is wrong."""
    found = []
    for sentence in Reader(page).said:
        if len(sentence) > 20 and any(sentence in value for value in values):
            continue  # A piece of a release, next to what differs.
        own = sentence
        for value in values:
            own = own.replace(value, "…")
        words = set(re.findall(r"[a-zà-ÿœ]+", re.sub(r"\S+@\S+|https?://\S+", "", own.lower())))
        reasons = [
            *(words & ENGLISH),
            *(phrase for phrase in NOT_OURS if phrase.lower() in own.lower()),
            *({own.strip()} & ALONE),
            *(["straight apostrophe"] if "'" in own else []),
            *(["no-break space"] if BREAKS.search(own) else []),
        ]
        found += [f"{reason}: {sentence}" for reason in reasons]
    return found


PAGES = sorted(ADDRESSES)


@pytest.fixture(scope="class")
def superuser(base_of_the_class):
    load_network()
    client = Client()
    records_of_every_page()
    person = UserFactory(is_superuser=True)
    import_of(person)
    client.force_login(person)
    return client


@pytest.fixture(scope="class")
def values(superuser):
    return values_of_records()


@pytest.mark.django_db
class TestEveryPage:
    @pytest.mark.parametrize("name", PAGES)
    def test_speaks_french(self, name, superuser, values):
        answer = superuser.get(ADDRESSES[name])

        if answer.headers["Content-Type"].startswith("text/html"):
            assert faults(answer.text, values) == []

    @pytest.mark.parametrize("name", [n for n in PAGES if n.endswith("_changelist")])
    def test_of_a_list_that_finds_nothing_speaks_french(self, name, superuser, values):
        answer = superuser.get(ADDRESSES[name], {"q": "zzz"})

        assert answer.status_code == 200
        assert faults(answer.text, values) == []

    @pytest.mark.parametrize(
        "name", [n for n in PAGES if re.search("_(add|change)$", n) and "password" not in n]
    )
    def test_of_a_form_that_refuses_speaks_french(self, name, superuser, values):
        address = ADDRESSES[name]
        form = superuser.get(address)
        if form.status_code != 200 or not form.context.get("has_change_permission"):
            pytest.skip("What was sent is not written any more.")
        wrong = {
            "name": "",
            "username": "x",
            "email": "x",
            "latitude": "nord",
            "postcode": "42",
            "commune_code": "42",
            "code": "x",
            **dict.fromkeys(("effective_on", "withdrawn_on", "issued_on"), "demain"),
            **dict.fromkeys(("department", "region", "wave", "role", "association"), "0"),
        }

        answer = superuser.post(address, filled(form, **wrong))

        assert answer.status_code == 200
        assert faults(answer.text, values) == []

    def test_of_a_reader_speaks_french(self, as_reader, values):
        names = ("site", "labellingwave", "pressrelease", "association", "region", "department")

        for name in names:
            answer = as_reader.get(f"/labelling/{name}/1/change/")
            assert answer.status_code == 200
            assert faults(answer.text, values) == []

    def test_that_asks_to_sign_in_speaks_french(self, client, values):
        for answer in (
            client.get("/login/"),
            client.post("/login/", {"username": "", "password": ""}),
            client.post("/login/", {"username": "ana@example.org", "password": "non"}),
        ):
            assert answer.status_code == 200
            assert faults(answer.text, values) == []

    def test_that_says_that_something_failed_speaks_french(
        self, as_reader, superuser, values, monkeypatch
    ):
        from labelling.admin import home
        from pimms import outages

        strict = Client(enforce_csrf_checks=True)

        def fail(*args):
            raise RuntimeError

        answers = {
            404: superuser.get("/nowhere/"),
            403: as_reader.get("/labelling/site/add/"),
        }
        assert faults(strict.post("/login/").text, values) == []
        monkeypatch.setattr(home, "make_overview", fail)
        superuser.raise_request_exception = False
        answers[500] = superuser.get("/")

        for status, answer in answers.items():
            assert answer.status_code == status
            assert faults(answer.text, values) == []
        for outage in outages.OUTAGES:
            monkeypatch.setattr(outages, "find_outage", lambda failure, outage=outage: outage)
            for answer in (superuser.get("/"), superuser.post("/", {"name": "x"})):
                assert answer.status_code == 503
                assert faults(answer.text, values) == []

    def test_of_the_scripts_speaks_french(self, superuser):
        catalogue = superuser.get("/jsi18n/").text

        assert "Aujourd\\u2019hui" in catalogue or "Aujourd’hui" in catalogue
        assert "Aujourd'hui" not in catalogue


class TestTheCheck:
    """What finds nothing must be able to find."""

    @pytest.mark.parametrize(
        "sentence",
        [
            "Select site to change",
            "L’objet site a été modifié avec succès.",
            "L'Union",
            "Les chiffres : 859",
            "« Isère »",
            "Vraiment ?",
        ],
    )
    def test_sees_what_is_not_our_french(self, sentence):
        assert faults(f"<p>{sentence}</p>", []) != []

    def test_hears_what_only_a_screen_reader_says(self):
        assert faults('<img alt="True">', []) == ["true: True"]

    def test_passes_our_french(self):
        sentence = "Aucun site ne correspond à «\u00a0d’Oise\u00a0»\u202f; essayez\u00a0: 42."

        assert faults(f"<p>{sentence}</p>", []) == []

    def test_leaves_what_people_wrote(self, network):
        site = Site.objects.order_by("pk").first()
        site.name = "PIMMS The Village : l'accueil"
        site.save()

        assert faults(f"<p>{site.name}</p>", values_of_records()) == []


CATALOGUES = sorted((Path(settings.BASE_DIR) / "labelling/locale/fr/LC_MESSAGES").glob("*.po"))


def written(catalogue: Path) -> dict[str | tuple[str, int], str]:
    """Return what a catalogue says, as the compiled one holds it."""
    said: dict[str | tuple[str, int], str] = {}
    for block in catalogue.read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        part = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            keyword, _, rest = line.partition(" ") if not line.startswith('"') else ("", "", line)
            part = keyword or part
            parts[part] = parts.get(part, "") + ast.literal_eval(rest)
        if "msgid_plural" in parts:
            for index in (0, 1):
                said[parts["msgid"], index] = parts[f"msgstr[{index}]"]
        elif "msgid" in parts:
            said[parts["msgid"]] = parts["msgstr"]
    return said


class TestCatalogue:
    def test_is_there(self):
        assert [path.name for path in CATALOGUES] == ["django.po", "djangojs.po"]

    @pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.name)
    def test_is_compiled(self, catalogue):
        with catalogue.with_suffix(".mo").open("rb") as compiled:
            held = gettext.GNUTranslations(compiled)._catalog

        assert held == written(catalogue)

    @pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.name)
    def test_keeps_the_words_that_the_libraries_put_in(self, catalogue):
        for message, said in written(catalogue).items():
            source = message if isinstance(message, str) else message[0]
            if source:
                wanted = set(re.findall(r"%\(\w+\)s|\{\w*\}", source))
                assert set(re.findall(r"%\(\w+\)s|\{\w*\}", said)) <= wanted
