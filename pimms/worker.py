"""A worker of the service, on a laptop and on a server."""

import signal
import sys
from threading import Event, get_ident
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Leaves what comes to an idle worker while it answers, and ends at once when it must.

    Python lets one thread of a process run at a time: beside an import that is applied a page
    waits in the same worker, and not in another one.

    Gunicorn's own ends wherever it is: one that hands a connection to its threads then waits for
    ever for a lock which it holds itself, until it is killed. And it heeds the terminal's Ctrl+C,
    which is the server's: the server's word then comes too late to be heeded, and it says so.
    """

    # [R2] For so many seconds whoever is at work leaves what comes to the others. An idle one takes
    # it at once; where all are busy it has waited so long, once.
    courtesy = 0.01

    # The most of a first line, in bytes, that gunicorn can take: of a longer one it says in English
    # that it is too long, before the application hears of it.
    longest_line = 8190

    def init_process(self) -> None:
        self.answering: set[int] = set()  # The threads that do.
        self.idle = Event()
        self.idle.set()
        self.cfg.set("limit_request_line", self.longest_line)
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_quit(self, sig: int, frame: Any) -> None:
        self.method_queue.defer(sys.exit)

    def accept(self, listener: Any) -> None:
        self.idle.wait(self.courtesy)
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        self.answering.add(get_ident())
        self.idle.clear()
        try:
            return super().handle(conn)
        finally:
            self.answering.discard(get_ident())
            if not self.answering:
                self.idle.set()
