"""What a server is made of: docs/deploy/ agrees with its page, the settings and the commands."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from labelling.sandbox.limits import MEGABYTE

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs/deploy"
PAGE = (ROOT / "docs/serving.md").read_text("utf-8")
CODE = "".join(re.findall(r"^```sh ?\w*\n(.*?)^```$", PAGE, re.M | re.S))
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
NGINX = {path.name: path.read_text("utf-8") for path in (DEPLOY / "nginx").iterdir()}
has_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")


def read(unit: Path) -> dict[str, list[str]]:
    """What a unit says, whatever the section."""
    says = defaultdict(list)
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            says[key].append(value)
    return says


class TestThePage:
    def test_names_files_that_are_there(self):
        named = re.findall(r"/docs/deploy/([\w./@-]+)", CODE)

        assert len(named) >= 5
        assert [name for name in named if not (DEPLOY / name).exists()] == []

    def test_names_units_that_are_there(self):
        named = set(re.findall(r"\b(pimms(?:-task)?@)\w", CODE))

        assert {f"{name}.service" for name in named} == {"pimms@.service", "pimms-task@.service"}
        assert all((DEPLOY / f"{name}.service").exists() for name in named)

    def test_names_commands_that_are_there(self):
        typed = (
            r"(?:^|[0-9] )(?:pimms|\S+ pimms|\S+python manage\.py|\S+ start pimms-task@) ?([a-z_]+)"
        )
        named = set(re.findall(typed, CODE, re.M))

        assert {"open_access", "back_up", "restore_backup", "copy_database"} <= named
        assert named - {*get_commands()} == set()

    def test_lets_secrets_be_read_by_nobody_else(self):
        """S28."""
        assert "chmod 600 /etc/pimms/secret" in CODE
        assert "install -m 600 ~/secret /etc/pimms/secret" in CODE
        assert re.search(r"install -m 600 \S+ /etc/pimms/pimms\.env", CODE)
        assert "install -d -m 700 -o pimms -g pimms /var/backups/pimms" in CODE


class TestTheUnits:
    @has_systemd
    @pytest.mark.parametrize("unit", [*SERVICES, *TIMERS], ids=lambda path: path.name)
    def test_are_understood_by_systemd(self, unit):
        # It ends well whatever it finds: what it says is a fault.
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", unit],
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout + done.stderr == ""

    @has_systemd
    @pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
    def test_forbid_the_service_what_it_does_not_need(self, unit):
        options = ["--offline=true", "--threshold=15"]

        done = subprocess.run(
            ["systemd-analyze", "security", *options, unit], capture_output=True, check=False
        )

        assert done.returncode == 0, done.stdout

    def test_forbid_each_service_the_same(self):
        forbids = re.compile(r"^NoNewPrivileges=.*?^SystemCallFilter=@chown$", re.M | re.S)

        [said] = {forbids.search(unit.read_text("utf-8"))[0] for unit in SERVICES}
        assert "ProtectSystem=strict" in said

    def test_are_given_the_secret_as_a_credential(self):
        """S24."""
        for unit in SERVICES:
            assert read(unit)["LoadCredential"] == ["secret:/etc/pimms/secret"]
            assert "SECRET_KEY" not in unit.read_text("utf-8")

    @pytest.mark.parametrize("timer", TIMERS, ids=lambda path: path.name)
    def test_run_each_command_by_a_timer(self, timer):
        says = read(timer)

        [unit] = says["Unit"]
        command = re.fullmatch(r"pimms-task@(\w+)\.service", unit)[1]
        assert timer.name == f"pimms-{command}.timer"
        assert command in get_commands()
        assert says["Persistent"] == ["true"]
        assert says["RandomizedDelaySec"]

    def test_say_what_is_wrong_where_the_page_looks_for_it(self):
        """Without it all lines are of the level “info”, whatever they say."""
        assert "--priority warning" in CODE
        assert read(DEPLOY / "pimms@.service")["SyslogLevel"] == ["warning"]

    def test_let_an_instance_finish_what_it_began(self):
        """R27."""
        told = (DEPLOY / "gunicorn.conf.py").read_text("utf-8")
        [longest] = re.findall(r"^graceful_timeout = ([0-9]+)$", told, re.M)

        assert int(read(DEPLOY / "pimms@.service")["TimeoutStopSec"][0]) > int(longest)

    def test_tell_of_a_task_that_failed(self):
        assert read(DEPLOY / "pimms-task@.service")["OnFailure"] == ["pimms-failed@%i.service"]


class TestTheSettings:
    def test_are_those_that_are_read(self):
        named = re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "pimms.env").read_text("utf-8"), re.M)
        rows = re.findall(
            r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text("utf-8"), re.M
        )

        assert len(named) > 8
        assert set(named) <= set(rows)


class TestTheProxy:
    def test_writes_itself_where_a_request_comes_from(self):
        """S15: what a browser claims is not passed on."""
        site = NGINX["site.conf"]

        assert re.findall(r"X-Forwarded-For (.*);", site) == ["$remote_addr"]
        assert re.findall(r"X-Forwarded-Proto (.*);", site) == ["https"]

    def test_logs_neither_what_is_searched_nor_links(self):
        """S21."""
        logged = re.search(r"log_format pimms (.*?);", NGINX["http.conf"], re.S)[1]

        assert {"$request_method", "$pimms_page", "$request_id"} <= {*re.findall(r"\$\w+", logged)}
        assert not {"$request", "$request_uri", "$args", "$query_string"} & {
            *re.findall(r"\$\w+", logged)
        }
        assert re.findall(r"access_log (.*);", NGINX["site.conf"]) == [
            "off",
            "/var/log/nginx/pimms.log pimms",
            "/var/log/nginx/pimms.log pimms",
        ]

    def test_lets_through_what_the_application_takes(self):
        megabytes = int(re.search(r"client_max_body_size ([0-9]+)m;", NGINX["site.conf"])[1])

        assert megabytes * MEGABYTE > 2 * settings.IMPORT_LIMITS["upload"]

    def test_never_asks_again_for_what_it_waited_for(self):
        """R27: else both instances make a page that takes two minutes, in turn."""
        passed_on = re.findall(r"proxy_next_upstream (.*);", NGINX["site.conf"])

        assert sorted(passed_on) == ["error", "error http_404"]

    def test_has_a_page_for_each_fault(self):
        named = re.findall(r"error_page [0-9 ]+ /(\w+\.html);", NGINX["site.conf"])

        assert sorted(named) == sorted(path.name for path in (DEPLOY / "errors").glob("*.html"))
        for name in named:
            page = (DEPLOY / "errors" / name).read_text("utf-8")
            assert '<html lang="fr">' in page
            assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["/errors.css", "/"]
