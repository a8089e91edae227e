"""« En-tête des communiqués »: one record, a readable colour, a picture that is one."""

import base64
import re
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from labelling.models import Letterhead
from labelling.press_release import file_names, publishing
from labelling.press_release.composition import from_records
from labelling.press_release.renderers import html, txt
from tests.admin.forms import filled
from tests.factories import LetterheadFactory, ReleaseFactory

ADD = "/labelling/letterhead/add/"


def part(name: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum


SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = part(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
IMMENSE = part(b"IHDR", struct.pack(">IIBBBBB", 20_000, 30, 8, 2, 0, 0, 0))
PIXELS = part(b"IDAT", zlib.compress(b"\0\x1f\x4e\x79"))
END = part(b"IEND", b"")
PNG = SIGNATURE + HEAD + PIXELS + END
# Eight pixels by four, all of one blue.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4"
    "UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj"
    "Y2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAEAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEA"
    "AAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhED"
    "EQA/AIIBwT//2Q=="
)
# The same, as Adobe's programs begin it; Word's library does not know it for a JPEG.
BY_ADOBE = JPEG[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x01" + JPEG[20:]
UNPRINTABLE = (
    "Ce logo ne peut pas être imprimé dans tous les formats\u00a0: enregistrez-le de nouveau, en "
    "PNG."
)


def address(letterhead, page="change"):
    return f"/labelling/letterhead/{letterhead.pk}/{page}/"


def send(client, letterhead, **changes):
    data = filled(client.get(address(letterhead)), no_logo="") | changes
    # A browser sends no box that is not ticked, and no file that was not chosen.
    return client.post(address(letterhead), {k: v for k, v in data.items() if v})


@pytest.mark.django_db
class TestTheLetterhead:
    def test_is_made_once(self, as_manager):
        data = {"name": "Union nationale des PIMMS", "colour": "#1F4E79", "second_colour": ""}

        as_manager.post(ADD, data)

        assert str(Letterhead.objects.get()) == "En-tête des communiqués"
        assert as_manager.get(ADD).status_code == 403
        with pytest.raises(IntegrityError), transaction.atomic():
            LetterheadFactory()

    @pytest.mark.parametrize(("picture", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
    def test_takes_a_logo_that_every_format_prints(self, as_manager, picture, kind):
        letterhead = LetterheadFactory()

        send(as_manager, letterhead, logo_file=SimpleUploadedFile("logo", picture))

        letterhead.refresh_from_db()
        assert letterhead.logo_type == kind
        page = as_manager.get(address(letterhead)).text
        assert f'<img src="data:{kind};base64,{letterhead.logo}"' in page
        assert letterhead.history.count() == 2
        content = publishing.compose_draft(ReleaseFactory())
        assert file_names.archive(content, "communique.zip")

    def test_gets_its_logo_back_with_an_earlier_version(self, as_manager):
        letterhead = LetterheadFactory()
        send(as_manager, letterhead, logo_file=SimpleUploadedFile("logo.png", PNG))
        send(as_manager, letterhead, logo_file=SimpleUploadedFile("logo.jpg", JPEG))

        page = as_manager.get(address(letterhead, "history")).text
        back_to_the_first_logo = re.findall(r'action="(\S+/restore/\S+)"', page)[0]
        as_manager.post(back_to_the_first_logo)

        letterhead.refresh_from_db()
        assert base64.b64decode(letterhead.logo) == PNG
        assert letterhead.logo_type == "image/png"
        assert re.findall(r'"row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', page) == [
            ("Logo", "image", "image"),
            ("Format du logo", "PNG", "JPEG"),
            ("Logo", "–", "image"),
            ("Format du logo", "–", "PNG"),
        ]

    @pytest.mark.parametrize(
        ("picture", "sentence"),
        [
            (
                b"<svg/>",
                (
                    "Ce fichier n’est pas une image PNG ou JPEG\u00a0: enregistrez le logo dans "
                    "l’un de ces formats."
                ),
            ),
            (PNG[:-20], UNPRINTABLE),
            (SIGNATURE + PIXELS + END, UNPRINTABLE),
            (SIGNATURE + HEAD + part(b"IDAT", b"xxxxxxxx") + END, UNPRINTABLE),
            (b"\xff\xd8\xff\xe0" + b"x" * 60 + b"\xff\xd9", UNPRINTABLE),
            (JPEG[:200] + b"\xff\xd9", UNPRINTABLE),
            (BY_ADOBE, UNPRINTABLE),
            (
                SIGNATURE + IMMENSE + PIXELS + END,
                (
                    "Ce logo fait 20\u202f000 × 30\u00a0pixels\u00a0: enregistrez-le en plus "
                    "petit, 4\u202f000\u00a0pixels de côté au plus."
                ),
            ),
            (
                PNG + b"x" * 100_000,
                "Ce logo pèse plus de 100\u00a0ko\u00a0: enregistrez-le en plus petit.",
            ),
        ],
    )
    def test_refuses_what_is_no_picture_or_too_big(self, as_manager, picture, sentence):
        letterhead = LetterheadFactory()

        answer = send(as_manager, letterhead, logo_file=SimpleUploadedFile("logo.png", picture))

        assert sentence in answer.text
        letterhead.refresh_from_db()
        assert letterhead.logo == ""

    def test_loses_its_logo(self, as_manager):
        letterhead = LetterheadFactory()
        letterhead.set_logo(PNG)
        letterhead.save()

        send(as_manager, letterhead, no_logo="on")

        letterhead.refresh_from_db()
        assert (letterhead.logo, letterhead.logo_type) == ("", "")

    @pytest.mark.parametrize(
        ("colour", "sentence"),
        [
            (
                "#FFFF00",
                "Cette couleur est trop claire pour se lire sur du blanc\u00a0: foncez-la.",
            ),
            ("bleu", "Une couleur s’écrit avec un dièse et six signes\u00a0: #1F4E79."),
        ],
    )
    def test_refuses_a_colour_that_cannot_be_read(self, as_manager, colour, sentence):
        letterhead = LetterheadFactory()

        answer = send(as_manager, letterhead, colour=colour)

        assert sentence in answer.text

    def test_is_printed_by_every_format_that_has_a_head(self):
        letterhead = LetterheadFactory(second_colour="#C00000")
        letterhead.set_logo(PNG)
        letterhead.save()
        release = ReleaseFactory()

        content = from_records(release.wave, release)

        page = html.render(content).decode()
        assert 'alt="Logo\u00a0: Union nationale des PIMMS"' in page
        assert 'fill="#1F4E79"' in page
        assert "Union nationale des PIMMS" in txt.render(content).decode()
