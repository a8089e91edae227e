"""`make demo`: it takes away no base but its own, and goes as docs/demo.md says."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from labelling.management.commands import reset_demo
from labelling.models import ImportRun, LabellingWave, PressRelease, Site
from tests.admin.forms import filled, sentences
from tests.admin.home.test_tasks import tasks
from tests.admin.releases.test_changes import answers
from tests.admin.releases.test_sending import send
from tests.admin.releases.test_steps import address, validate
from tests.admin.test_board import read

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs" / "demo.md").read_text("utf-8")
LIST = ROOT / "fixtures" / "demonstration" / "liste-fs-20240801.csv"


@pytest.fixture
def base(tmp_path, monkeypatch) -> Path:
    """The demonstration's base in a folder of its own, beside a real one."""
    monkeypatch.setattr(reset_demo, "BASE", tmp_path / "demo.sqlite3")
    for name in ("demo.sqlite3", "demo.sqlite3-journal", "network.sqlite3"):
        (tmp_path / name).write_bytes(b"rows")
    return tmp_path / "demo.sqlite3"


class TestItsBase:
    def test_is_taken_away_with_what_sqlite_keeps_beside_it(self, base):
        reset_demo.take_away("sqlite", base)

        assert [path.name for path in base.parent.iterdir()] == ["network.sqlite3"]

    def test_may_not_be_there(self, base):
        base.unlink()

        reset_demo.take_away("sqlite", base)

        assert not base.exists()

    def test_is_known_by_a_path_from_where_one_stands(self, base, monkeypatch):
        monkeypatch.chdir(base.parent)

        reset_demo.take_away("sqlite", Path("demo.sqlite3"))

        assert not base.exists()

    @pytest.mark.parametrize("other", ["the real one", "a link", "a second name", "PostgreSQL"])
    def test_is_no_other(self, base, other):
        named, real = base, base.with_name("network.sqlite3")
        match other:
            case "the real one":
                named = real
            case "a link":
                base.unlink()
                base.symlink_to(real)
            case "a second name":
                base.unlink()
                base.hardlink_to(real)
        vendor = "postgresql" if other == "PostgreSQL" else "sqlite"

        with pytest.raises(CommandError, match="été effacé"):
            reset_demo.take_away(vendor, named)

        assert real.read_bytes() == b"rows"
        assert base.exists()

    @pytest.mark.django_db(transaction=True)
    def test_is_not_that_of_the_settings(self):
        with pytest.raises(CommandError, match="lancez «\u00a0make demo\u00a0», sans DATABASE_URL"):
            call_command("reset_demo")


def drop(client) -> ImportRun:
    """The list, dropped as its page sends it."""
    file = SimpleUploadedFile(LIST.name, LIST.read_bytes())
    fields = {"model": "site", "pasted": "", "wave": "", "file": file}
    page = client.post("/labelling/importrun/add/", fields, follow=True)
    assert page.status_code == 200
    return ImportRun.objects.latest("pk")


def words(page) -> str:
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.text, flags=re.S)
    return " ".join(unescape(bare).split())


def count_today() -> int:
    return Site.objects.labelled_on(timezone.localdate()).count()


@pytest.mark.django_db
class TestTheFiveMinutes:
    def test_go_as_the_page_says(self, network, as_manager):
        # 1. What waits, and what is wrong.
        assert "Le code commune dit Loire." in words(as_manager.get("/"))

        # 2. The list of the State: shown, then applied.
        run = drop(as_manager)
        here = f"/labelling/importrun/{run.pk}/"
        shown = words(as_manager.get(here))
        assert "37 nouveaux" in shown or "37 nouvelles" in shown.lower(), shown[:3000]
        assert tasks(as_manager)[0].endswith("Reprendre l’import")
        run.refresh_from_db()
        seen = {"seen": run.touched_at.isoformat()}
        as_manager.post(f"{here}apply/", seen)
        run.refresh_from_db()
        assert (run.created_count, run.changed_count, count_today()) == (37, 53, 90)

        # 3. Again: nothing to change.
        again = drop(as_manager)
        assert again.rows.count_states() == {
            **dict.fromkeys(("new", "changed", "wrong", "which", "maybe", "aside"), 0),
            "unchanged": 90,
            "outside": 310,
        }
        as_manager.post(f"/labelling/importrun/{again.pk}/discard/")
        assert not ImportRun.objects.filter(pk=again.pk).exists()

        # 4. Taken back.
        answer = as_manager.post(f"{here}undo/", follow=True)
        assert sentences(answer)[-1:] == ["53 fiches remises comme avant et 37 fiches supprimées."]
        assert (count_today(), LabellingWave.objects.count()) == (53, 3)

        # 5. The three sites of the Loire, and their rectificatif.
        october = PressRelease.objects.get()
        for site in Site.objects.filter(name__contains="Stéphanoise"):
            page = as_manager.get(f"/labelling/site/{site.pk}/change/")
            (loire,) = re.findall(r'name="department"\s+value="(\d+)">Mettre Loire', page.text)
            as_manager.post(f"/labelling/site/{site.pk}/change/", filled(page, department=loire))
        assert any("3 erreurs à rectifier" in task for task in tasks(as_manager))
        changes = address(october, "changes")
        as_manager.post(changes, answers(as_manager.get(changes)) | {"erratum": "yes"})
        erratum = PressRelease.objects.get(kind="erratum")
        validate(as_manager, erratum)
        day = timezone.localdate()
        send(as_manager, erratum, (f"{day:%d/%m/%Y}", "", "mail", "La presse régionale"))
        erratum.refresh_from_db()
        assert erratum.status == "sent"
        assert not any("erreurs à rectifier" in task for task in tasks(as_manager))

        # 6. The list once more, against October 2020; and the page for the board.
        run = drop(as_manager)
        as_manager.get(f"/labelling/importrun/{run.pk}/")
        run.refresh_from_db()
        as_manager.post(
            f"/labelling/importrun/{run.pk}/apply/", {"seen": run.touched_at.isoformat()}
        )
        compared = as_manager.get("/", {"since": "14 octobre 2020"})
        assert "Depuis le 14 octobre 2020 ( 53 site" in words(compared)
        assert "37 nouveaux" in words(compared)
        [board] = re.findall(r'href="([^"]+)" class="button">Télécharger la page', compared.text)
        said = read(as_manager.get(unescape(board)).content)
        assert "90 sites labellisés" in said
        assert "Ce qui a changé depuis le 14 octobre 2020" in said
        assert "53 sites labellisés au 14 octobre 2020, 90 au" in said
        assert " : 37 nouveaux, 0 fin de label." in said

    @pytest.mark.parametrize(
        "button",
        [
            "Importer un tableur",
            "Annuler cet import",
            "Mettre Loire et enregistrer",
            "Préparer un rectificatif",
            "Valider la version définitive",
            "Marquer comme envoyé",
            "Télécharger la page pour le conseil",
        ],
    )
    def test_are_in_words_that_the_pages_have(self, button):
        assert f"*{button}*" in DOCS
        folder = ROOT / "labelling"
        sources = [*folder.rglob("*.py"), *folder.rglob("*.html")]
        wanted = button.replace("Mettre Loire et enregistrer", "et enregistrer")
        assert any(wanted in path.read_text("utf-8") for path in sources)
