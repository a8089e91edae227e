"""A worker of “make start”."""

import signal

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Heeds the server alone.

    A terminal sends Ctrl+C to the server and to its workers, and the server then ends them by a
    second signal: one that comes while a worker heeds the first can stop it for good.
    """

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
