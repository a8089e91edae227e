"""What systemd does of our units, where there is none: run as “systemctl VERB UNIT…”.

The units and all their paths lie below ROOT. What a unit forbids its process is left to
systemd-analyze: nobody but root can forbid it.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

UNITS = "etc/systemd/system"


class Unit:
    """A unit with its instance, as “pimms@a.service”, whose files lie below `root`."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name if "." in name else f"{name}.service"
        kind, _, instance = self.name.partition("@")
        self.instance = instance.removesuffix(".service")
        file = root / UNITS / (f"{kind}@.service" if instance else self.name)
        self.says: dict[str, list[str]] = defaultdict(list)
        for line in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                self.says[key.strip()].append(self.expand(value.strip()))
        self.pid_file = root / "run" / f"{self.name}.pid"
        self.log = root / "log" / f"{self.name}.log"

    def expand(self, value: str) -> str:
        known = {"%i": self.instance, "%n": self.name, "%t": str(self.root / "run")}
        known["%d"] = str(self.credentials)
        for sign, meaning in known.items():
            value = value.replace(sign, meaning)
        return value

    @property
    def credentials(self) -> Path:
        return self.root / "run" / "credentials" / self.name

    def environment(self) -> dict[str, str]:
        told = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        for file in self.says["EnvironmentFile"]:
            for line in Path(file.removeprefix("-")).read_text(encoding="utf-8").splitlines():
                name, equals, value = line.partition("=")
                if equals and not line.startswith("#"):
                    told[name.strip()] = "".join(shlex.split(value))
        for line in self.says["Environment"]:
            told |= dict(one.split("=", 1) for one in shlex.split(line))
        for credential in self.says["LoadCredential"]:
            name, _, source = credential.partition(":")
            self.credentials.mkdir(0o700, parents=True, exist_ok=True)
            (self.credentials / name).unlink(missing_ok=True)
            shutil.copyfile(source, self.credentials / name)
            (self.credentials / name).chmod(0o400)
            told["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        return told

    def run(self, key: str, serving: subprocess.Popen[bytes] | None = None) -> bool:
        """Run each command of the key, to its end; tell whether all did well.

        None does once the process is gone that they are about.
        """
        for command in self.says[key]:
            process, until = self.spawn(command), time.monotonic() + 90
            while process.poll() is None:
                if (serving and serving.poll() is not None) or time.monotonic() > until:
                    process.kill()
                time.sleep(0.05)
            if process.returncode and not command.startswith("-"):
                return False
        return True

    def spawn(self, command: str) -> subprocess.Popen[bytes]:
        pid = self.pid_file.read_text() if self.pid_file.exists() else ""
        words = shlex.split(command.lstrip("-+!@:").replace("$MAINPID", pid))
        with self.log.open("ab") as log:
            return subprocess.Popen(
                words,
                cwd=(self.says["WorkingDirectory"] or [str(self.root)])[-1],
                env=self.environment(),
                umask=int((self.says["UMask"] or ["0022"])[-1], 8),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> bool:
        if self.is_active():
            return True
        for folder in " ".join(self.says["RuntimeDirectory"]).split():
            mode = int((self.says["RuntimeDirectoryMode"] or ["0755"])[-1], 8)
            (self.root / "run" / folder).mkdir(mode, exist_ok=True)
        if not self.run("ExecStartPre"):
            return False
        if "oneshot" in self.says["Type"]:
            return self.run("ExecStart")
        process = self.spawn(self.says["ExecStart"][-1])
        self.pid_file.write_text(str(process.pid))
        if self.run("ExecStartPost", process) and process.poll() is None:
            return True
        self.stop()
        return False

    def stop(self, way: signal.Signals = signal.SIGTERM) -> bool:
        """End the process as systemd does: it first, what is left of its group after a while."""
        if self.pid_file.exists():
            pid = int(self.pid_file.read_text())
            if way == signal.SIGTERM and self.is_active():
                self.run("ExecStop")
            with suppress(ProcessLookupError):
                os.kill(pid, way)
                until = time.monotonic() + 40
                while self.is_active() and time.monotonic() < until:
                    time.sleep(0.05)
                os.killpg(pid, signal.SIGKILL)
            self.pid_file.unlink()
            for folder in " ".join(self.says["RuntimeDirectory"]).split():
                shutil.rmtree(self.root / "run" / folder, ignore_errors=True)
        return True

    def reload(self) -> bool:
        return self.run("ExecReload")

    def restart(self) -> bool:
        return self.stop() and self.start()

    def is_active(self) -> bool:
        if not self.pid_file.exists():
            return False
        pid = int(self.pid_file.read_text())
        with suppress(ChildProcessError):  # Else whoever started it has to see that it ended.
            os.waitpid(pid, os.WNOHANG)
        try:
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return False


def main(root: Path, *words: str) -> int:
    verb, *names = [word for word in words if not word.startswith("-")]
    if verb in {"daemon-reload", "enable", "disable", "reset-failed"}:
        return 0
    verb = verb.replace("-", "_").replace("reload_or_restart", "restart")
    return int(not all(getattr(Unit(root, name), verb)() for name in names))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
