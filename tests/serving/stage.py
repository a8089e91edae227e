"""A server in a scratch folder: the files of docs/deploy/, with other paths, ports and users.

Whatever the page puts below /srv, /etc, /run and /var lies below one folder here, under the same
names; the proxy listens on two free ports of 127.0.0.1; who runs the check is the service's user,
and the owner of the base. What is started is stopped by its number, whatever happens.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.serving.people import PASSWORD, Person, ask_socket
from tests.serving.units import UNITS, Unit

HOST = "pimms.example.org"
EDITOR = "redaction@example.org"
INSTANCES = ("a", "b")
# Short, so that what waits in vain need not be waited for.
PATIENCE = "options=-c%20lock_timeout%3D2s"
LONGEST = 300  # Seconds, for a command.
FOLDERS = (
    "srv/pimms/versions",
    "etc/pimms",
    "etc/nginx/conf.d",
    "etc/nginx/modules-enabled",
    "etc/nginx/sites-enabled",
    UNITS,
    "run/postgresql",
    "var/backups/pimms",
    "var/log/nginx",
    "var/lib/nginx",
    "log",
    "bin",
)
_OWN = re.compile(r"(?<![\w.%}])/(srv|etc|run|var)/")
_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))


class Fault(Exception):
    """What a check found."""


def wait_for(what: str, holds: Callable[[], Any], seconds: float = 20) -> Any:
    """Return what holds as soon as it does; it is a fault if that takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if held := holds():
            return held
        time.sleep(0.05)
    raise Fault(f"{what}: not within {seconds:g} s")


class Stage:
    def __init__(self, root: Path, tree: Path) -> None:
        self.root, self.tree = root, tree
        self.deploy = tree / "docs/deploy"
        self.certificate = root / f"etc/letsencrypt/live/{HOST}/fullchain.pem"
        self.plain_port, self.port = _draw_ports(2)
        self.data = root / "var/lib/postgresql"
        self.somebody: Person | None = None
        self.proxy: subprocess.Popen[bytes] | None = None

    # Files

    def place(self, text: str) -> str:
        """The text of one of our files, as it reads here."""
        text = _OWN.sub(rf"{self.root}/\1/", text)
        return text.replace("%2Frun%2Fpostgresql", quote(f"{self.root}/run/postgresql", safe=""))

    def give_ports(self, text: str) -> str:
        text = re.sub(r"listen \[::\].*", "", text)
        text = text.replace("listen 80", f"listen 127.0.0.1:{self.plain_port}")
        return text.replace("listen 443", f"listen 127.0.0.1:{self.port}")

    def change(self, path: Path, find: str, put: str) -> None:
        """Change the one place of a file that reads so."""
        text = path.read_text(encoding="utf-8")
        if text.count(find) != 1:
            raise SystemExit(f"{path} reads « {find} » {text.count(find)} times, not once.")
        path.write_text(text.replace(find, put), encoding="utf-8")

    @contextmanager
    def breaking(self, file: str, find: str, put: str, renew: str = "", **_: str) -> Iterator[None]:
        """Have a file otherwise for a while: of the code, of docs/deploy/, of the server itself."""
        served = self.root / "srv/pimms/current" / file
        places = (self.root / file, self.tree / file, served, self.root / UNITS / Path(file).name)
        before = [(path, path.read_bytes(), path.stat()) for path in places if path.is_file()]
        try:
            for path, *_kept in before:
                self.change(path, find, put)
            self.renew(renew)
            yield
        finally:
            for path, text, stat in before:
                path.write_bytes(text)
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            self.renew(renew)

    def renew(self, what: str) -> None:
        if what == "proxy":
            self.stop_proxy()
            self.start_proxy()
        elif what == "instances":
            for instance in INSTANCES:
                self.unit(instance).stop()
                self.point(instance, self.current())
            self.start_instances()

    def point(self, link: str, version: str) -> None:
        path = self.root / "srv/pimms" / link
        path.unlink()
        path.symlink_to(self.root / "srv/pimms/versions" / version)

    # Processes

    def run(self, *command: Any, check: bool = True, **told: str) -> subprocess.CompletedProcess:
        """Run a command to its end, as somebody on the server would."""
        with subprocess.Popen(
            [str(word) for word in command],
            cwd=self.root,
            env={"PATH": f"{self.root}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8", **told},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                said, complained = process.communicate(timeout=LONGEST)
            except BaseException:  # Whatever it started goes with it.
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if check and process.returncode:
            raise Fault(f"{command[0]} … ended with {process.returncode}:\n{said}{complained}")
        return subprocess.CompletedProcess(command, process.returncode, said, complained)

    def manage(self, *words: Any, check: bool = True, **told: str) -> subprocess.CompletedProcess:
        """Run manage.py as the service does: its environment, its secret."""
        version = self.root / "srv/pimms/current"
        environment = Unit(self.root, "pimms@a").environment()
        return self.run(
            version / ".venv/bin/python", version / "manage.py", *words, check=check,
            **{**environment, **told},
        )  # fmt: skip

    def python(self, code: str, **told: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code, **told).stdout.strip()

    def sql(self, statement: str, base: str = "pimms") -> str:
        """What the database answers, its fields separated by bars."""
        socket_folder = self.root / "run/postgresql"
        words = ["-h", socket_folder, "-d", base, "-qAtc", statement]
        return self.run(_BINARIES[-1] / "psql", *words).stdout.strip()

    def list_associations(self, label: str, base: str = "pimms") -> list[str]:
        """The names that begin so, in a base."""
        names = self.sql("SELECT name FROM labelling_association", base).splitlines()
        return [name for name in names if name.startswith(f"{label} ")]

    def start_cluster(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.root}/run/postgresql'"
        log = self.root / "log/postgresql.log"
        options += " -c fsync=off -c max_connections=60"
        self.control("start", "--log", log, "--wait", "--options", options)

    def stop_cluster(self, mode: str = "fast") -> None:
        self.control("stop", "--mode", mode)

    def control(self, *words: Any) -> None:
        self.run(_BINARIES[-1] / "pg_ctl", "--pgdata", self.data, "--silent", *words)

    def start_proxy(self) -> None:
        conf = self.root / "etc/nginx/nginx.conf"
        with (self.root / "log/nginx.log").open("ab") as log:
            self.proxy = subprocess.Popen(
                [_nginx(), "-c", conf, "-p", self.root, "-g", "daemon off;"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for("nginx listens", lambda: _listens(self.port) or self.proxy.poll())
        if self.proxy.poll():
            raise Fault(f"nginx does not start:\n{(self.root / 'log/nginx.log').read_text()}")

    def stop_proxy(self) -> None:
        if self.proxy:
            self.proxy.terminate()
            self.proxy.wait(20)
            self.proxy = None

    def unit(self, instance: str) -> Unit:
        return Unit(self.root, f"pimms@{instance}")

    def start_instances(self) -> None:
        for instance in INSTANCES:
            if not self.unit(instance).start():
                raise Fault(f"pimms@{instance} does not start:\n{self.log(instance)[-3000:]}")

    def socket(self, instance: str) -> Path:
        return self.root / f"run/pimms-{instance}/gunicorn.sock"

    def ask_socket(self, instance: str, address: str) -> int:
        return ask_socket(self.socket(instance), address)

    def current(self, link: str = "current") -> str:
        """The name of the version that a link leads to."""
        return (self.root / "srv/pimms" / link).resolve().name

    def back_up(self) -> Path:
        """Make a backup as the timer does; return it."""
        self.manage("back_up")
        kept = (self.root / "var/backups/pimms").glob("*.zip")
        return max(kept, key=lambda path: path.stat().st_mtime)

    def log(self, instance: str) -> str:
        path = self.unit(instance).log
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def person(self) -> Person:
        """Somebody who has signed in, once for all checks."""
        if self.somebody is None:
            self.somebody = self.stranger()
            answer = self.somebody.sign_in(EDITOR)
            if answer.status != 302:
                raise Fault(f"{EDITOR} cannot sign in: {answer.status}")
        return self.somebody

    def stranger(self) -> Person:
        return Person(HOST, self.port, self.certificate)

    # From nothing

    def build(self) -> None:
        """Do what the page says, from an empty server to where people can come in."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "var/backups/pimms").chmod(0o700)
        for file in (self.tree / "docs/deploy").rglob("*"):
            if file.is_file():
                text = self.place(file.read_text(encoding="utf-8"))
                file.write_text(self.give_ports(text), encoding="utf-8")
        self._install_commands()
        self._install_settings()
        self._install_proxy()
        self._create_cluster()
        self.upgrade(self.add_version("one"))
        self._fill_base()
        self.start_proxy()

    def stop(self) -> None:
        """Stop whatever runs."""
        self.stop_proxy()
        for instance in INSTANCES:
            if (self.root / UNITS / "pimms@.service").exists():
                self.unit(instance).stop(signal.SIGKILL)
        if (self.data / "postmaster.pid").exists():
            self.stop_cluster("immediate")

    def add_version(self, name: str) -> Path:
        """The code of a version, as one clones it; what it needs is there already."""
        version = self.root / "srv/pimms/versions" / name
        left_out = shutil.ignore_patterns(".venv", "__pycache__")
        shutil.copytree(self.tree, version, ignore=left_out)
        self.run("/usr/bin/python3", "-m", "venv", "--without-pip", version / ".venv")
        own = next((version / ".venv/lib").glob("python3*/site-packages"))
        own.rmdir() if not any(own.iterdir()) else shutil.rmtree(own)
        own.symlink_to(next((self.tree / ".venv/lib").glob("python3*/site-packages")).resolve())
        for step in ("made", "runtime"):
            (version / ".venv" / step).touch()
        return version

    def upgrade(self, version: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(version / "docs/deploy/upgrade", version, check=check)

    def begin_upgrade(self, version: Path) -> subprocess.Popen[bytes]:
        """One that its caller cuts off."""
        return subprocess.Popen(
            [version / "docs/deploy/upgrade", version],
            cwd=self.root,
            env={"PATH": f"{self.root}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _install_commands(self) -> None:
        """Those that only root, or only systemd, can run; the service's user is who runs this."""
        commands = {
            "systemctl": f'PYTHONPATH="{self.tree}" exec "{sys.executable}" -m tests.serving.units'
            f' "{self.root}" "$@"',
            "runuser": 'shift 3; exec "$@"',
        }
        for name, does in commands.items():
            path = self.root / "bin" / name
            path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
            path.chmod(0o755)

    def _install_settings(self) -> None:
        settings = shutil.copy(self.deploy / "pimms.env", self.root / "etc/pimms")
        self.change(
            Path(settings),
            "postgresql/pimms\n",
            "postgresql/pimms?options=-c%20lock_timeout%3D2s\n",
        )
        secret = self.root / "etc/pimms/secret"
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(50), encoding="ascii")

    def _install_proxy(self) -> None:
        """Debian's own nginx.conf, and our files in it."""
        own, debian = self.root / "etc/nginx", Path("/etc/nginx")
        shutil.copy(debian / "mime.types", own)
        text = self.place((debian / "nginx.conf").read_text(encoding="utf-8"))
        (own / "nginx.conf").write_text(text.replace("user www-data;", ""), encoding="utf-8")
        folders = "".join(
            f"{kind}_temp_path {self.root}/var/lib/nginx/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (own / "conf.d/folders.conf").write_text(folders, encoding="utf-8")
        (own / "conf.d/pimms.conf").symlink_to(self.deploy / "nginx/http.conf")
        (own / "sites-enabled/pimms").symlink_to(self.deploy / "nginx/site.conf")
        self.certificate.parent.mkdir(parents=True)
        self.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-noenc", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
            "-keyout", self.certificate.with_name("privkey.pem"), "-out", self.certificate,
        )  # fmt: skip

    def _create_cluster(self) -> None:
        me = self.run("id", "-un").stdout.strip()
        self.run(
            _BINARIES[-1] / "initdb", "--pgdata", self.data, "--username", me, "--no-sync",
            "--auth", "peer", "--encoding", "UTF8", "--locale", "C.UTF-8",
        )  # fmt: skip
        self.start_cluster()
        self.sql("CREATE DATABASE pimms", base="postgres")

    def _fill_base(self) -> None:
        self.manage("loaddata", "--verbosity", "0", "geography", "release_2020_10_14")
        self.python(
            "from django.contrib.auth.models import Group, User;"
            f"somebody = User.objects.create_user({EDITOR!r}, {EDITOR!r}, {PASSWORD!r});"
            "somebody.groups.add(Group.objects.get(name='rédaction'));"
            "somebody.is_staff = True; somebody.save()"
        )


def _nginx() -> str:
    return shutil.which("nginx") or "/usr/sbin/nginx"


def _draw_ports(count: int) -> list[int]:
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
