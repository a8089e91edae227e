"""A worker of “make start”."""

import signal
import sys
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Ends at once, when the server says so, between two things that it does.

    Gunicorn's own ends wherever it is: one that hands a connection to its threads then waits for
    ever for a lock which it holds itself, until it is killed. And it heeds the terminal's Ctrl+C,
    which is the server's: the server's word then comes too late to be heeded, and it says so.
    """

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_quit(self, sig: int, frame: Any) -> None:
        self.method_queue.defer(sys.exit)
