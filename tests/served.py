"""The application as gunicorn serves it, in processes of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TREE = Path(__file__).resolve().parents[1]


@contextmanager
def serve(
    folder: Path, *options: str, app: str = "tests.failing", umask: int = 0o022, **environment: str
) -> Iterator[tuple[int, Path]]:
    """Serve with a configuration made of one line; give the port, and the file of what is said."""
    config, log = folder / "gunicorn.conf.py", folder / "log"
    config.write_text(
        "import os\n"
        "from pimms.logs import make_logging\n"
        "logconfig_dict = make_logging(os.environ['LOG_FORMAT'])\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as door, log.open("wb") as said:
        how = ["--threads", "4", "--no-control-socket"]
        if "--bind" not in options:  # It would be passed over beside a door that is handed down.
            how += ["--bind", f"fd://{door.fileno()}"]
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", app, "-c", str(config), *how, *options],
            cwd=TREE,
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{folder}/served.sqlite3",
                "LOG_FORMAT": "text",
                **environment,
            },
            pass_fds=[door.fileno()],
            stderr=said,
            umask=umask,
        ) as server:
            try:
                yield door.getsockname()[1], log
            finally:
                server.terminate()


def wait_for(log: Path, words: str) -> list[str]:
    """The lines of a log, once one has these words."""
    for _ in range(300):
        if words in log.read_text():
            return log.read_text().splitlines()
        time.sleep(0.1)
    raise AssertionError(log.read_text())
