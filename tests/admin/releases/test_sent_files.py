"""The files that were really sent: which are kept, how one is removed, what is still said of it."""

import hashlib
import io
import re
from datetime import date
from zipfile import ZipFile, ZipInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from labelling.choices import Event, RemovalReason
from labelling.models import JournalEntry, LabellingWave, PressRelease, SentFile
from labelling.press_release import publishing, sent_files
from tests.admin.forms import sentences
from tests.admin.releases.test_steps import address
from tests.factories import ContactFactory, ReleaseFactory, SiteFactory, WaveFactory, final, sent

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def zipped(*names: str, of: str = "") -> bytes:
    """An archive of empty files, of no day: each process that names a test by it makes the same.
    The first file says the kind of an OpenDocument."""
    archive = io.BytesIO()
    with ZipFile(archive, "w") as file:
        for name in names:
            kind = f"application/vnd.oasis.{of}" if name == "mimetype" else ""
            file.writestr(ZipInfo(name), kind)
    return archive.getvalue()


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    return ReleaseFactory(contact=ContactFactory(name="Ana Durand"))


class TestTheFileThatWasSent:
    def attach(self, client, release, content=b"%PDF-1.7", name="communique.pdf"):
        file = SimpleUploadedFile(name, content)
        return client.post(address(release, "attach"), {"file": file}, follow=True)

    def test_is_kept_as_it_was(self, draft, as_manager):
        release = sent(draft)

        answer = self.attach(as_manager, release)

        assert sentences(answer) == ["« communique.pdf » est joint au communiqué."]
        file = SentFile.objects.get()
        given_back = as_manager.get(address(release, f"sent-files/{file.pk}"))
        assert given_back.content == b"%PDF-1.7"
        assert given_back.headers["Content-Disposition"] == 'attachment; filename="communique.pdf"'
        assert given_back.headers["Content-Type"] == "application/octet-stream"
        assert given_back.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Choisissez d’abord le fichier qui a été envoyé."),
            (b"x" * 5_000_001, "Ce fichier pèse plus de 5 Mo : joignez-en un plus léger."),
        ],
    )
    def test_is_refused_empty_or_too_big(self, draft, as_manager, content, sentence):
        answer = self.attach(as_manager, sent(draft), content)

        assert sentences(answer) == [sentence]
        assert not SentFile.objects.exists()

    def test_waits_until_it_is_sent(self, draft, as_manager):
        answer = self.attach(as_manager, final(draft))

        assert sentences(answer) == [
            "Marquez d’abord le communiqué comme envoyé, puis joignez le fichier."
        ]

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("lettre.PDF", b"%PDF-1.7\n..."),
            ("lettre.docx", zipped("[Content_Types].xml", "word/document.xml")),
            ("lettre.doc", OLE + "WordDocument".encode("utf-16-le")),
            ("lettre.odt", zipped("mimetype", "content.xml", of="opendocument.text")),
            (
                "envoi.eml",
                b"Received: by x\r\n y\r\nFrom: a@example.org\r\nTo: b@x.org\r\n\r\nBonjour",
            ),
            ("envoi.msg", OLE + "__properties_version1.0".encode("utf-16-le")),
            ("page.png", b"\x89PNG\r\n\x1a\n..."),
            ("page.jpeg", b"\xff\xd8\xff\xe1 Exif GPS"),
        ],
    )
    def test_is_a_document_a_mail_or_a_picture(self, draft, as_manager, name, content):
        """What is joined is kept to the byte, whatever it holds."""
        self.attach(as_manager, sent(draft), content, name)

        file = SentFile.objects.get()
        assert (file.name, bytes(file.content)) == (name, content)

    @pytest.mark.parametrize(
        ("name", "content", "what"),
        [
            ("liste.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "un classeur"),
            ("lettre.pdf", zipped("[Content_Types].xml", "xl/workbook.xml"), "un classeur"),
            ("tout.zip", zipped("lettre.pdf"), "une archive ZIP"),
            ("tout.docx", zipped("lettre.pdf"), "une archive ZIP"),
            ("lettre.pdf", b"MZ\x90\0", "un programme"),
            ("lettre.eml", b"<!DOCTYPE html><p>", "une page web"),
            ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "un dessin SVG"),
            ("liste.xls", OLE + "Workbook".encode("utf-16-le"), "un fichier d’un ancien Office"),
            ("note.eml", b"Bonjour\n\nFrom: a@example.org", "un fichier d’une autre sorte"),
            ("lettre", b"Bonjour", "un fichier d’une autre sorte"),
        ],
    )
    def test_is_nothing_else(self, draft, as_manager, name, content, what):
        answer = self.attach(as_manager, sent(draft), content, name)

        assert sentences(answer) == [
            (
                f"« {name} » est {what} : joignez un PDF, un document Word ou LibreOffice (.odt), "
                "un courriel (.eml, .msg) ou une image (PNG, JPEG)."
            )
        ]
        assert not SentFile.objects.exists()

    @pytest.mark.parametrize("name", ["photo.pdf", "photo.exe", "photo"])
    def test_has_a_name_that_says_what_it_is(self, draft, as_manager, name):
        answer = self.attach(as_manager, sent(draft), b"\xff\xd8\xff\xe0", name)

        assert sentences(answer) == [
            (
                f"« {name} » est une image JPEG, et son nom ne le dit pas : "
                "renommez-le « photo.jpg », puis joignez-le."
            )
        ]

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/lettre.pdf", "lettre.pdf"),
            ("C:\\Bureau\\lettre.pdf", "lettre.pdf"),
            ("let\u202etre\x07\n <1>.pdf", "lettre -1-.pdf"),
            ("..lettre.pdf", "lettre.pdf"),
            ("l" * 300 + ".pdf", "l" * 146 + ".pdf"),
        ],
    )
    def test_has_a_name_that_any_system_may_keep(self, draft, manager, given, kept):
        publishing.attach(sent(draft), name=given, content=b"%PDF", by=manager, at=timezone.now())

        assert SentFile.objects.get().name == kept

    def test_is_one_of_ten_at_most(self, draft, as_manager):
        release = sent(draft)
        for _ in range(10):
            self.attach(as_manager, release)

        answer = self.attach(as_manager, release)

        assert sentences(answer) == [
            (
                "10 fichiers sont déjà joints à ce communiqué, qui n’en garde pas plus : "
                "retirez-en un d’abord."
            )
        ]
        assert SentFile.objects.count() == 10

    def test_of_another_release_is_not_found(self, network, as_manager):
        self.attach(as_manager, PressRelease.objects.get())
        other = ReleaseFactory(wave=LabellingWave.objects.get(slug="janvier-2020"))

        page = as_manager.get(address(other, f"sent-files/{SentFile.objects.get().pk}"))

        assert page.status_code == 404


class TestAFileThatIsRemoved:
    WHY = {"reason": "mistaken", "details": "La lettre d’une autre association."}

    @pytest.fixture
    def file(self, draft, manager):
        return publishing.attach(
            sent(draft), name="lettre.pdf", content=b"%PDF", by=manager, at=timezone.now()
        )

    def door(self, file):
        return address(file.release, f"sent-files/{file.pk}/remove")

    def test_is_said_on_the_page_and_in_the_journal(self, file, as_manager, manager):
        page = as_manager.get(address(file.release, "document")).text
        assert f'<a href="{self.door(file)}"' in page
        assert "sera effacé" in as_manager.get(self.door(file)).text

        answer = as_manager.post(self.door(file), self.WHY, follow=True)

        assert sentences(answer) == [
            "« lettre.pdf » est retiré. Cette page et le journal gardent qu’il y était."
        ]
        assert not SentFile.objects.exists()
        entry = JournalEntry.objects.get()
        assert (entry.event, entry.author, entry.model_key) == (
            Event.FILE_REMOVED,
            manager,
            "pressrelease",
        )
        assert entry.record_id == file.release_id
        assert entry.details == {
            "name": "lettre.pdf",
            "size": 4,
            "digest": hashlib.sha256(b"%PDF").hexdigest(),
            "release": str(file.release),
            "reason": "Joint par erreur – La lettre d’une autre association.",
        }
        said = answer.text.replace("\u00a0", " ")
        assert re.search(
            r"« lettre.pdf » retiré le .* par Prénom Nom\d+ : Joint par erreur – La lettre d’une "
            "autre association.",
            said,
        )

    @pytest.mark.parametrize(
        "lacking", [{"reason": ""}, {"reason": "x"}, {"details": " "}, {"details": "x" * 201}]
    )
    def test_has_a_reason(self, file, as_manager, lacking):
        answer = as_manager.post(self.door(file), self.WHY | lacking)

        assert 'class="errorlist"' in answer.text
        assert SentFile.objects.exists()
        assert not JournalEntry.objects.exists()

    def test_is_removed_by_who_validates_alone(self, file, as_editor):
        assert as_editor.post(self.door(file), self.WHY).status_code == 403
        page = as_editor.get(address(file.release, "document")).text

        assert "Retirer ce fichier" not in page
        assert SentFile.objects.exists()

    def test_is_of_this_release(self, file, as_manager):
        other = ReleaseFactory(wave=WaveFactory(name="Hiver 2021", effective_on=date(2021, 1, 1)))
        door = address(other, f"sent-files/{file.pk}/remove")

        assert as_manager.post(door, self.WHY).status_code == 404
        assert SentFile.objects.exists()

    def test_is_removed_once(self, file, manager):
        reason, details = RemovalReason.TWICE, "Deux fois le même."
        sent_files.remove(file, by=manager, reason=reason, details=details)

        with pytest.raises(ValidationError) as refusal:
            sent_files.remove(file, by=manager, reason=reason, details=details)

        assert refusal.value.messages == ["«\u00a0lettre.pdf\u00a0» a déjà été retiré."]
        assert JournalEntry.objects.count() == 1
