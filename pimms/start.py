"""“make start”: takes the port, has made what is missing, prepares the base, and serves [R31].

The port first, and listening, so that nothing is made and no password shown in vain; it is handed
to the server at the end, so that nobody else can have it in between. Of the standard library alone:
at a first start nothing is installed. “make demo” does the same with a base of its own.
"""

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path
from string import digits
from typing import NoReturn

HOST, USUAL_PORT, _LAST_PORT = "127.0.0.1", 8000, 65535
ROOT = Path(__file__).resolve().parent.parent
LOCAL, VENV = ROOT / ".local", ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# What make makes, each with all that it stands on.
MADE = (".venv/runtime", ".local/secret", ".local/static/collected")
# How the person calls us: each has a base of its own.
COMMAND = "make demo" if "new-demo" in sys.argv else "make start"
# Our own make: not a part of the one that runs us, whose options it would report in English.
_OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}

# The least that a start needs to go on: less is no place left.
_ROOM = 256 * 1024

# What ends a start: Ctrl+C, whoever stops it, the terminal that is closed.
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# They wait while the server takes our place, then end it without a word until it heeds them itself.
_SERVE = """
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())
from gunicorn.app.wsgiapp import run
run()
"""


def main(port: str, workers: str, *make: str) -> NoReturn:
    """Serve on a port by so many workers; `make` is how to call make."""
    steps = Steps()
    door = take_port(port)
    folder = hold_folder()
    if not steps.run(folder, *make, "--silent", *MADE):
        sys.exit(
            "La préparation n’a pas abouti : remédiez à ce que disent les lignes ci-dessus, "
            f"puis relancez « {COMMAND} »."
        )
    address = f"http://{HOST}:{door.getsockname()[1]}/"
    if not steps.run(folder, PYTHON, "manage.py", "prepare_database", "--address", address):
        sys.exit(1)
    steps.hand_over(
        door,
        *(PYTHON, "-c", _SERVE, "pimms.wsgi", "--bind", f"fd://{door.fileno()}"),
        *("--workers", workers, "--worker-class", "pimms.worker.Worker", "--threads", "4"),
        *("--log-level", "warning", "--no-control-socket"),
    )


def take_port(port: str) -> socket.socket:
    """Listen on the port: who asks there meanwhile waits until the server answers."""
    is_number = 0 < len(port) <= len(str(_LAST_PORT)) and set(port) <= set(digits)
    if not is_number or not 1 <= int(port) <= _LAST_PORT:
        sys.exit(
            f"PORT vaut « {port} » : écrivez un nombre de 1 à {_LAST_PORT}, "
            f"par exemple « {COMMAND} PORT={find_free_port(USUAL_PORT)} »."
        )
    try:
        return socket.create_server((HOST, int(port)), backlog=2048)
    except OSError as error:
        why = {
            errno.EADDRINUSE: f"est déjà pris, peut-être par un autre « {COMMAND} »",
            errno.EACCES: "est réservé à l’administrateur de cette machine",
        }.get(error.errno or 0, "ne peut pas être pris")
    sys.exit(f"Le port {port} {why} : tapez « {COMMAND} PORT={find_free_port(int(port))} ».")


def find_free_port(near: int) -> int:
    """The next port that can be taken, none that is reserved; the usual one if there is none."""
    for port in chain(range(max(near, USUAL_PORT), _LAST_PORT + 1), range(USUAL_PORT, near)):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port
    return USUAL_PORT


def hold_folder() -> int:
    """Hold what a start makes, for as long as what we run goes on: a second start ends at once."""
    see_to(LOCAL, mode=0o700)
    folder = os.open(LOCAL, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(
            f"Un autre « {COMMAND} » prépare déjà ce dossier : attendez qu’il affiche l’adresse "
            "à ouvrir, puis relancez celui-ci s’il le faut."
        )
    if not (VENV / "runtime").exists():
        see_to(VENV)
    elif not PYTHON.exists():
        # Gone with an earlier system. Make then makes another environment.
        (VENV / "made").unlink(missing_ok=True)
    return folder


def see_to(folder: Path, mode: int = 0o777) -> None:
    """See that the folder is there, that we may write in it, and that there is room for it."""
    try:
        folder.mkdir(mode, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            sys.exit(
                f"Il n’y a plus de place pour écrire dans le dossier {folder} : "
                f"libérez-en, puis relancez « {COMMAND} »."
            )
        sys.exit(
            f"Le dossier {folder} ne peut pas être écrit : vérifiez que c’en est un, et que vous "
            f"en avez le droit, puis relancez « {COMMAND} »."
        )


class Steps:
    """What we run, one after the other. Whoever ends us ends it, in silence: it can go on later."""

    def __init__(self) -> None:
        self.is_over = False
        self.running: subprocess.Popen[bytes] | None = None
        for number in _ENDS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.end)

    def end(self, *_: object) -> None:
        self.is_over = True
        if self.running and self.running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)

    def run(self, folder: int, *command: str | Path) -> bool:
        """Run a step and all that it runs itself; whether it succeeded."""
        environment = {name: os.environ[name] for name in os.environ.keys() - _OF_MAKE}
        self.running = subprocess.Popen(  # noqa: S603  # our own commands
            command, env=environment, start_new_session=True, pass_fds=[folder]
        )
        if self.is_over:  # Before there was anything to end.
            self.end()
        has_succeeded = self.running.wait() == 0
        if self.is_over:
            sys.exit()
        return has_succeeded

    def hand_over(self, door: socket.socket, *command: str | Path) -> NoReturn:
        """Become the server, which holds the door from now on."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        if self.is_over:
            sys.exit()
        door.set_inheritable(True)
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
