"""The README and its pages tell the truth: commands run, targets and settings are there."""

import os
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
PAGES = "".join(
    path.read_text("utf-8") for path in [ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
)
MANAGE = ".venv/bin/python manage.py "


SECRET = secrets.token_urlsafe(50)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {"DJANGO_SETTINGS_MODULE": "pimms.settings", "SECRET_KEY": SECRET}
    return subprocess.run(
        arguments,
        cwd=ROOT,
        env=os.environ | settings | {"PLAIN_HTTP": "yes"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> str:
    """The address of a database as `make start` prepares it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('readme') / 'network.sqlite3'}"
    prepared = run(sys.executable, "manage.py", "prepare_database", DATABASE_URL=url)
    assert prepared.returncode == 0, prepared.stderr
    return url


class TestReadme:
    @pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith(MANAGE)])
    def test_its_commands_run(self, command, base):
        arguments = shlex.split(command.removeprefix(MANAGE))

        done = run(sys.executable, "manage.py", *arguments, DATABASE_URL=base)

        assert done.returncode == 0, done.stderr
        assert "PIMMS Nîmes" in done.stdout

    @pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)", README + PAGES))))
    def test_make_has_the_targets_it_names(self, target):
        # -n says what would be done, and does nothing.
        assert run("make", "-n", target, DATABASE_URL="sqlite://").returncode == 0

    def test_it_shows_a_picture_that_is_there(self):
        (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

        assert (ROOT / picture).is_file()

    def test_the_picture_of_the_architecture_has_every_room(self):
        picture = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("```")[1]
        application = ROOT / "labelling"
        rooms = [
            path.stem
            for folder in (application, application / "spreadsheets")
            for path in folder.iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        ]

        assert set(rooms) - {"__init__", "apps", "migrations", "templatetags"} <= set(
            re.findall(r"\w+", picture)
        )

    def test_it_lists_the_settings_that_are_read(self):
        source = (ROOT / "pimms" / "settings.py").read_text(encoding="utf-8")
        read = set(re.findall(r'(?:is_on|read_\w+|environ\.get)\(\s*"([A-Z_]+)"', source))

        table = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGES, flags=re.MULTILINE))

        assert table == read
