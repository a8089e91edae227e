"""Those who ask: somebody with a browser, many at once, and some who are very slow."""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PASSWORD = "tranquille-sur-le-quai-42"
FORM = "/labelling/association/add/"
LIST = "/labelling/site/"

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Answer:
    status: int
    headers: Any
    page: str

    @property
    def hidden(self) -> dict[str, str]:
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.page)}


@dataclass
class Person:
    """Somebody with a browser, which keeps cookies."""

    host: str
    port: int
    certificate: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context(cafile=str(self.certificate))

    def connect(self, timeout: float = 30) -> ssl.SSLSocket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout)
        return self.context.wrap_socket(line, server_hostname=self.host)

    def ask(self, path: str, sent: Any = None, **headers: str) -> Answer:
        """Ask for a page, or send a form: its fields, or a body as it is."""
        told = {"Host": self.host, "Accept": "text/html", "Referer": f"https://{self.host}/"}
        told["Connection"] = "close"
        told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(sent, dict):
            token = self.cookies.get("csrftoken", "")
            sent = urlencode({"csrfmiddlewaretoken": token, **sent})
            told["Content-Type"] = "application/x-www-form-urlencoded"
        line = http.client.HTTPConnection(self.host, self.port)
        line.sock = self.connect()
        try:
            line.request("GET" if sent is None else "POST", path, sent, told)
            answer = line.getresponse()
            page = answer.read().decode(errors="replace")
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, page)

    def sign_in(self, address: str, password: str = PASSWORD, **headers: str) -> Answer:
        self.ask("/login/")
        return self.ask("/login/", {"username": address, "password": password}, **headers)

    def add_association(self, name: str) -> Answer:
        """Fill a real form in and send it: saved, the answer is 302."""
        return self.ask(FORM, {"name": name, "_save": ""})


@dataclass
class Crowd:
    """What people got who asked for pages, or sent forms, one after another, until it was over."""

    seconds: list[float] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]

    def wait_for_forms(self, count: int, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while len(self.saved) < count and time.monotonic() < until:
            time.sleep(0.05)

    def __str__(self) -> str:
        told = f"{len(self.seconds)} answered, {len(self.saved)} of them forms"
        return told + (f"; {len(self.lost)} lost, as {self.lost[:3]}" if self.lost else "")


@contextmanager
def asking(person: Person, label: str = "", readers: int = 3, writers: int = 0) -> Any:
    """People at work for as long as the block lasts. Each new form has the label in its name."""
    crowd, over = Crowd(), threading.Event()

    def work(ask: Callable[[int], Answer], wanted: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            began = time.monotonic()
            try:
                answer = ask(number)
            except (OSError, http.client.HTTPException) as fault:
                crowd.lost.append(repr(fault))
                continue
            if answer.status == wanted:
                crowd.seconds.append(time.monotonic() - began)
            else:
                crowd.lost.append(f"{answer.status} {_title(answer.page)}")
            time.sleep(0.01)

    def write(writer: int, number: int) -> Answer:
        name = f"{label} {writer}-{number}"
        answer = person.add_association(name)
        if answer.status == 302:
            crowd.saved.append(name)
        return answer

    def read(number: int) -> Answer:
        return person.ask(LIST)

    tasks = [(read, 200)] * readers + [(partial(write, writer), 302) for writer in range(writers)]
    threads = [threading.Thread(target=work, args=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


@contextmanager
def dawdling(person: Person, count: int, head: bytes) -> Any:
    """Slow people: each has begun a request and sends one more octet a second."""
    lines, over = [], threading.Event()

    def dawdle() -> None:
        while not over.wait(1):
            for line in lines:
                with suppress(OSError):
                    line.send(b"a")

    for _ in range(count):
        line = person.connect()
        line.send(head)
        lines.append(line)
    thread = threading.Thread(target=dawdle, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        for line in lines:
            line.close()


def ask_socket(path: Path, address: str, host: str = "localhost") -> int:
    """The status that an instance answers by its own socket, as systemd and the proxy reach it."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        line.sendall(
            f"GET {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        return int(line.recv(64).split()[1])


def _title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    return found[1].strip() if found else page[:60]
