"""docs/serving.md, run: on a first machine and on a second one, by .ci/serving_page.

Both are empty, without systemd and without a name that the world knows. So some commands find
something that stands in for them: systemctl, certbot, scp and journalctl. All others are the page's
own, and Debian's.
"""

import base64
import hashlib
import hmac
import itertools
import os
import re
import shlex
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from tests.serving.people import PASSWORD, Person
from tests.serving.units import UNITS, Unit

ROOT = Path("/")
TREE = Path("/tree")
LAPTOP = Path("/laptop")
# What one carries from one machine to the other.
CARRIED = Path("/carried")
STATE = Path("/run/exported")
DOMAIN, CONTACT = "pimms.example.org", "prenom.nom@example.org"
CERTIFICATE = Path(f"/etc/letsencrypt/live/{DOMAIN}/fullchain.pem")
LEA, FACTOR = "lea@example.org", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_BLOCK = re.compile(
    r"^## (?P<section>[^\n]+)$|^```sh ?(?P<place>\w*)\n(?P<code>.*?)^```$", re.M | re.S
)


class Fault(Exception):
    """What the page says and does not hold."""


def expect(what: str, holds: object) -> None:
    if not holds:
        raise Fault(f"{what}: no")
    print(f"    {what}", flush=True)  # noqa: T201


# The page


def read_blocks() -> Iterator[tuple[str, str, str]]:
    """Each block of commands: its section, where it is typed, what it is."""
    section = ""
    for found in _BLOCK.finditer((TREE / "docs/serving.md").read_text(encoding="utf-8")):
        section = found["section"] or section
        if found["code"]:
            yield section, found["place"], found["code"]


def run_blocks(place: str, section: str = "", until: str = "\0") -> str:
    """Run the blocks of a place in order, up to the one with `until`; return what they say."""
    said = ""
    for of, typed, code in read_blocks():
        if typed != place or section not in ("", of):
            continue
        if until in code:
            break
        said += run_block(code)
        start_what_debian_starts()
    return said


def run_block(code: str) -> str:
    """Run a block as typed in one terminal: what another one exported is known."""
    print(f"--- after {time.monotonic() - BEGAN:.0f} s\n{code}", end="", flush=True)  # noqa: T201
    script = f"{STATE.read_text() if STATE.exists() else ''}\n{code}\nexport -p > {STATE}\n"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=LAPTOP if ".venv/bin" in code else ROOT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(re.sub(r"^", "    | ", done.stdout[-3000:].rstrip(), flags=re.M), flush=True)  # noqa: T201
    if done.returncode:
        raise Fault(f"ended with {done.returncode}:\n{code}{list_logs()}")
    return done.stdout


def list_logs() -> str:
    return "".join(f"\n{log}:\n{log.read_text()[-2000:]}" for log in Path("/log").glob("*.log"))


def start_what_debian_starts() -> None:
    """What the installation of a package starts where systemd is: nginx, and a first cluster."""
    nginx = Path("/usr/sbin/nginx")
    if nginx.exists() and not Path("/run/nginx.pid").exists():
        call(str(nginx))
    if Path("/usr/bin/pg_createcluster").exists() and not call("pg_lsclusters", "--no-header"):
        version = max(int(path.name) for path in Path("/usr/lib/postgresql").iterdir())
        call("pg_createcluster", "--locale", "C.UTF-8", "--start", str(version), "main")


def call(*command: str, **options: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise Fault(f"{shlex.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


# What stands in


def prepare() -> None:
    """Make what an empty machine has: a name that leads to it, the code somewhere; and what
    stands in for what only a real one has.
    """
    for name in ("systemctl", "certbot", "scp", "journalctl"):
        path = Path("/usr/local/bin") / name
        path.write_text(
            f'#!/bin/sh\nPYTHONPATH=/tree exec /usr/bin/python3 -m tests.serving.page {name} "$@"\n'
        )
        path.chmod(0o755)
    for folder in ("/log", "/run/lock", f"/{UNITS}"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    if Path("/usr/bin/pg_lsclusters").exists():
        call("install", "-d", "-o", "postgres", "/run/postgresql")
        for line in call("pg_lsclusters", "--no-header").splitlines():
            call("pg_dropcluster", *line.split()[:2])  # Another machine's.
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"\n127.0.0.1 {DOMAIN}\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    call("apt-get", "install", "-y", "-qq", "git") if not Path("/usr/bin/git").exists() else None
    call(*git, "init", "-q", cwd=TREE)
    call(*git, "add", "-A", cwd=TREE)
    call(*git, "commit", "-q", "-m", "one", cwd=TREE)
    call("git", "tag", "2026-12", cwd=TREE)
    add_migration()
    call(*git, "add", "-A", cwd=TREE)
    call(*git, "commit", "-q", "-m", "two", cwd=TREE)
    call("git", "tag", "2027-01", cwd=TREE)
    instead = f"url.file://{TREE}.insteadOf"
    call("git", "config", "--system", instead, "https://git.example.org/pimms.git")


def add_migration() -> None:
    """The next version changes a table."""
    folder = TREE / "labelling/migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    (folder / f"{int(last[:4]) + 1:04}_next.py").write_text(
        '"""A new table, and nothing that reads it."""\n\n'
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("labelling", "{last}")]\n'
        '    operations = [migrations.RunSQL("CREATE TABLE next (i int)", "DROP TABLE next")]\n'
    )


class OwnedUnit(Unit):
    """A unit whose processes are its user's, as root can make them."""

    def environment(self) -> dict[str, str]:
        told = super().environment()
        if self.credentials.exists():
            self._give(self.credentials.parent.parent / "credentials", "root", 0o755)
            self._give(self.credentials, self._user, 0o500)
            for file in self.credentials.iterdir():
                self._give(file, self._user, 0o400)
        return told

    def spawn(self, command: str) -> Any:
        for folder in " ".join(self.says["RuntimeDirectory"]).split():
            path = self.root / "run" / folder
            self._give(path, self._user, path.stat().st_mode & 0o777)
        # It becomes the command, whose number is then the one to stop.
        owner = f"/usr/bin/setpriv --reuid {self._user} --regid {self._user} --init-groups"
        return super().spawn(f"{owner} {command.lstrip('-+!@:')}")

    def start(self) -> bool:
        done = super().start()
        if not done:
            for failed in self.says["OnFailure"]:
                OwnedUnit(self.root, failed).start()
        return done

    @property
    def _user(self) -> str:
        return (self.says["User"] or ["root"])[-1]

    def _give(self, path: Path, user: str, mode: int) -> None:
        call("chown", f"{user}:", str(path))
        path.chmod(mode)


def systemctl(*words: str) -> int:
    verb, *names = [word for word in words if not word.startswith("-")] or [""]
    if verb == "daemon-reload":
        units = sorted(str(path) for path in (ROOT / UNITS).glob("pimms*.[st]*"))
        verified = ["systemd-analyze", "verify", "--man=no", *units]
        done = subprocess.run(verified, capture_output=True, text=True, check=False)
        print(done.stdout + done.stderr, end="")  # noqa: T201
        return int(bool(done.stdout + done.stderr))
    if verb == "enable":
        for name in names:
            file = re.sub(r"@\w+", "@", name)
            text = (ROOT / UNITS / (file if "." in file else f"{file}.service")).read_text()
            if "[Install]" not in text:
                return 1
    if verb in {"", "enable", "list-timers"}:
        return 0
    if names == ["nginx"]:
        call("nginx", "-s", "reload") if verb == "reload" else call("nginx")
        time.sleep(1)
        return 0
    units = [OwnedUnit(ROOT, name) for name in names]
    return int(not all(getattr(unit, verb.replace("-", "_"))() for unit in units))


def certbot(verb: str, *words: str) -> int:
    """Prove that the name is ours as the issuer asks it; the certificate is signed by ourselves."""
    if verb != "certonly":
        return 0
    told = dict(itertools.pairwise(words))
    challenge = Path(told["--webroot-path"]) / ".well-known/acme-challenge/proof"
    challenge.parent.mkdir(parents=True, exist_ok=True)
    challenge.write_text("ours")
    name = told["--domain"]
    expect(
        "the challenge is served", ask_plainly(name, "/.well-known/acme-challenge/proof") == "ours"
    )
    CERTIFICATE.parent.mkdir(parents=True)
    call(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
        "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
        "-keyout", str(CERTIFICATE.with_name("privkey.pem")), "-out", str(CERTIFICATE),
    )  # fmt: skip
    return 0


def ask_plainly(name: str, path: str) -> str:
    """What the port 80 answers: a page, or where it leads."""
    shown = ["-w", "%{redirect_url}", f"http://{name}{path}"]
    return call("curl", "--silent", "--noproxy", "*", *shown)


def scp(*words: str) -> int:
    *files, _ = words
    call("cp", *files, str(Path.home()))
    return 0


def journalctl(*words: str) -> int:
    return 0


# What must hold


def visit() -> Person:
    return Person(DOMAIN, 443, CERTIFICATE)


def check_the_first_access(said: str) -> None:
    """The link that was printed leads to a password, and that to the application."""
    link = re.search(rf"https://{DOMAIN}(/welcome/\S+)", said)
    expect("a link is printed", link)
    person = visit()
    page = person.ask(person.ask(link[1]).headers["Location"])
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    path = person.ask(link[1]).headers["Location"]
    answer = person.ask(path, chosen)
    expect("it takes a password", page.status == 200 and answer.status == 302)
    expect("which signs in", person.sign_in(CONTACT).status == 302)
    expect("a responsable, who may open others", person.ask("/auth/user/").status == 200)


def check_the_proxy() -> None:
    person = visit()
    expect("http leads to https", ask_plainly(DOMAIN, "/x").endswith(f"https://{DOMAIN}/x"))
    expect("the probes are closed", person.ask("/.ready").status == 404)
    style = re.search(r'href="(/static/[^"]+\.css)"', person.ask("/login/").page)
    expect("static files are served", person.ask(style[1]).status == 200)


def check_the_moved_base() -> None:
    """What was on the laptop is here: who signs in, how, and what was sent."""
    person = visit()
    answer = person.sign_in(LEA)
    expect("the password signs in", answer.status == 302 and "code" in answer.headers["Location"])
    answer = person.ask("/login/code/", {"code": make_code()})
    expect("with the second factor", answer.status == 302)
    page = person.ask("/labelling/site/").page
    expect("53 sites are there", "Télécharger 53\u00a0sites" in unescape(page))
    said = call("pimms", "check_releases").replace("\u00a0", " ")
    expect("the release is whole", said == "1 communiqué vérifié : intact.")
    noted = (
        "from labelling.models import JournalEntry as J;"
        "print(J.objects.filter(details__name='laptop').count())"
    )
    expect("the journal too", call("pimms", "shell", "--no-imports", "-c", noted).endswith("1"))


def make_code() -> str:
    digest = hmac.new(
        base64.b32decode(FACTOR), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1
    ).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def start_the_laptop() -> None:
    """A base as `make start` makes it, and Léa, who works in it."""
    call("git", "clone", "-q", "--branch", "2026-12", f"file://{TREE}", str(LAPTOP))
    plainly = {"cwd": LAPTOP, "env": {**os.environ, "PLAIN_HTTP": "yes"}}
    call("make", "--no-print-directory", ".venv/runtime", ".local/secret", **plainly)
    python = ".venv/bin/python", "manage.py"
    call(*python, "prepare_database", **plainly)
    call(*python, "shell", "--no-imports", "-c", f"""
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, User
from labelling.choices import Event
from labelling.models import JournalEntry
lea = User.objects.create_user({LEA!r}, {LEA!r}, {PASSWORD!r}, is_staff=True)
lea.groups.add(Group.objects.get(name="responsable"))
TOTP.activate(lea, {FACTOR!r})
JournalEntry.objects.note_about(lea, Event.LINK_MADE, author=None, name="laptop")
""", **plainly)  # fmt: skip


def on_the_first_machine() -> None:
    said = run_blocks("", "From a bare server")
    check_the_proxy()
    check_the_first_access(said)
    start_the_laptop()
    run_blocks("laptop")
    run_blocks("move")
    check_the_moved_base()
    run_blocks("upgrade")
    expect("the new version serves", Path("/srv/pimms/current").resolve().name == "2027-01")
    check_the_moved_base_again()
    run_blocks("", "Backing up")
    run_blocks("watch")
    backups = sorted(Path("/var/backups/pimms").glob("*.zip"))
    expect("a backup is there, and nobody else reads it", backups[-1].stat().st_mode & 0o77 == 0)
    call("cp", str(backups[-1]), str(CARRIED / "pimms.zip"))
    call("cp", "/etc/pimms/secret", str(CARRIED / "secret"))


def check_the_moved_base_again() -> None:
    time.sleep(30 - time.time() % 30 + 1)  # A code serves once.
    check_the_moved_base()


def on_the_second_machine() -> None:
    Path("/etc/pimms").mkdir()
    call("install", "-m", "600", str(CARRIED / "secret"), "/etc/pimms/secret")
    call("cp", str(CARRIED / "pimms.zip"), str(Path.home()))
    call("git", "tag", "-f", "2026-12", "2027-01", cwd=TREE)
    run_blocks("", "From a bare server", until="loaddata")
    run_blocks("restore")
    check_the_moved_base()


BEGAN = time.monotonic()

if __name__ == "__main__":
    name, *words = sys.argv[1:]
    if name in {"systemctl", "certbot", "scp", "journalctl"}:
        sys.exit(
            {"systemctl": systemctl, "certbot": certbot, "scp": scp, "journalctl": journalctl}[
                name
            ](*words)
        )
    try:
        prepare()
        {"first": on_the_first_machine, "second": on_the_second_machine}[name]()
    except Fault as fault:
        sys.exit(f"FAILED on the {name} machine: {fault}")
