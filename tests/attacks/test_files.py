"""Attacks by files: what is attached to a release, and what heads it [S12, S21]."""

import base64
import struct
import zlib
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from labelling.models import Letterhead, SentFile
from labelling.press_release import publishing
from tests.admin.releases.test_steps import address
from tests.conftest import signed_in
from tests.factories import (
    LetterheadFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    manager,
    sent,
)

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n<script>alert(1)</script>"
WHY = {"reason": "mistaken", "details": "Parce que."}
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def release():
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return sent(ReleaseFactory())


@pytest.fixture
def file(release):
    return publishing.attach(
        release, name="lettre.pdf", content=PDF, by=manager(), at=timezone.now()
    )


def attach(client: Client, release, name: str, content: bytes):
    file = SimpleUploadedFile("x", content, content_type="application/pdf")
    file.name = name
    return client.post(address(release, "attach"), {"file": file})


class TestAnAttachedFile:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("photo.png", PAGE),
            ("photo.jpg", b"\n\n  " + PAGE),
            ("lettre.pdf", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("lettre.pdf", b"\x7fELF" + bytes(200)),
            ("lettre.html", b"%PDF-1.7"),
            ("lettre.pdf.exe", b"%PDF-1.7"),
            ("lettre.svg", PNG),
            ("mail.eml", PAGE),
        ],
    )
    def test_is_no_page_under_another_name(self, release, as_manager, name, content):
        """S12."""
        attach(as_manager, release, name, content)

        assert not SentFile.objects.exists()

    @pytest.mark.parametrize(
        "name",
        [
            'a"; filename="evil.html.pdf',
            "a\r\nSet-Cookie: x=1\r\n\r\n.pdf",
            "../../../etc/passwd.pdf",
            "..\\..\\boot.pdf",
            "a\u202efdp.pdf",
            "a\x00b.pdf",
            "é€\u2028\u2029.pdf",
            "x" * 900 + ".pdf",
        ],
    )
    def test_has_a_name_that_writes_no_header(self, release, as_manager, name):
        """S12."""
        publishing.attach(release, name=name, content=PDF, by=manager(), at=timezone.now())
        file = SentFile.objects.get()

        answer = as_manager.get(address(release, f"sent-files/{file.pk}"))

        assert answer.status_code == 200
        assert not answer.cookies
        said = answer["Content-Disposition"]
        assert said.startswith("attachment; filename")
        assert not set("/\\\r\n\x00\u202e") & set(file.name)
        assert said.count('"') in {0, 2}

    def test_is_kept_and_never_opened_by_a_browser(self, file, as_manager):
        """S12, S13."""
        answer = as_manager.get(address(file.release, f"sent-files/{file.pk}"))

        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("attachment")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]

    def test_is_removed_or_added_by_no_other(self, file, as_editor, as_reader):
        """S1."""
        for client in (as_editor, as_reader, Client()):
            client.post(address(file.release, f"sent-files/{file.pk}/remove"), WHY)
            attach(client, file.release, "autre.pdf", PDF)

        assert [*SentFile.objects.all()] == [file]

    def test_is_reached_by_no_other_release(self, file, as_manager):
        """S1."""
        wave = WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 1))
        other = ReleaseFactory(wave=wave)
        door = address(other, f"sent-files/{file.pk}")

        assert as_manager.get(door).status_code == 404
        assert as_manager.post(f"{door.rstrip('/')}/remove/", WHY).status_code == 404
        assert SentFile.objects.exists()

    def test_is_removed_by_no_address_alone(self, file, as_manager):
        """S14."""
        as_manager.get(address(file.release, f"sent-files/{file.pk}/remove"), WHY)

        assert SentFile.objects.exists()


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def picture(*more: bytes, after: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    drawn = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return PNG + head + b"".join(more) + drawn + chunk(b"IEND", b"") + after


class TestALogo:
    def send(self, content: bytes, name: str = "logo.png") -> bytes:
        letterhead = LetterheadFactory()
        file = SimpleUploadedFile(name, content, content_type="image/png")
        sent = {"name": letterhead.name, "colour": "#1F4E79", "logo_file": file, "version": 1}
        page = f"/labelling/letterhead/{letterhead.pk}/change/"
        client = signed_in(manager())
        opened = client.get(page).context["adminform"].form
        hidden = {one.html_name: one.value() or "" for one in opened.hidden_fields()}
        client.post(page, hidden | sent)
        return base64.b64decode(Letterhead.objects.get().logo)

    def test_is_kept(self):
        """What the tests below compare with."""
        assert self.send(picture()) == picture()

    @pytest.mark.parametrize("kind", [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"prVt"])
    def test_loses_what_is_not_picture(self, kind):
        """S12, S21."""
        assert b"script" not in self.send(picture(chunk(kind, b"x\0<script>alert(1)</script>")))

    def test_loses_what_follows_it(self):
        """S12: a page, or an archive, behind a picture."""
        assert self.send(picture(after=PAGE + b"PK\x03\x04")) == picture()

    @pytest.mark.parametrize("content", [PAGE, b"<svg onload='alert(1)'/>", b"GIF89a" + PAGE, PDF])
    def test_is_a_picture(self, content):
        """S12."""
        assert self.send(content) == b""
