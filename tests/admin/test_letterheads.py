"""« En-tête des communiqués »: one record, a readable colour, a picture that is one."""

import base64
import re
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from labelling.models import Letterhead
from labelling.press_release import file_names, publishing
from labelling.press_release.composition import from_records
from labelling.press_release.content import NO_PROPERTIES
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

DAMAGED = "Cette image est abîmée ou incomplète\u00a0: enregistrez-la de nouveau, en PNG."


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
        assert file_names.archive(content, NO_PROPERTIES, "communique.zip")

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
        assert re.findall(r'"row">(.*?)</th>\s<td.*?>(.*?)</td>\s<td.*?>(.*?)</td>', page) == [
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
            (PNG[:-20], DAMAGED),
            (SIGNATURE + PIXELS + END, UNPRINTABLE),
            (SIGNATURE + HEAD + part(b"IDAT", b"xxxxxxxx") + END, UNPRINTABLE),
            (b"\xff\xd8\xff\xe0" + b"x" * 60 + b"\xff\xd9", DAMAGED),
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


def exif(orientation: int, order: str = "little") -> bytes:
    """The notes of a camera: how it was held, and where."""
    numbers = "<" if order == "little" else ">"
    turned = struct.pack(f"{numbers}HHIHH", 0x0112, 3, 1, orientation, 0)
    place = struct.pack(f"{numbers}HHII", 0x8825, 4, 1, 50) + bytes(4) + b"GPS 48.8566 N"
    mark = b"II*\0" if order == "little" else b"MM\0*"
    return mark + struct.pack(f"{numbers}IH", 8, 2) + turned + place


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


ARCHIVE = b"PK\x03\x04 GPS.txt"
NOTES_OF_PNG = {
    "text": part(b"tEXt", b"Author\0GPS"),
    "packed text": part(b"zTXt", b"Author\0\0" + zlib.compress(b"GPS")),
    "text of the world": part(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0GPS"),
    "notes of a camera": part(b"eXIf", exif(1)),
    "profile": part(b"iCCP", b"GPS\0\0" + zlib.compress(b"GPS")),
    "date": part(b"tIME", bytes(7)),
    "part of its own": part(b"prVt", b"GPS"),
}
NOTES_OF_JPEG = {
    "notes of a camera": segment(0xE1, b"Exif\0\0" + exif(1)),
    "the other order": segment(0xE1, b"Exif\0\0" + exif(0, "big")),
    "notes that are cut": segment(0xE1, b"Exif\0\0" + exif(1)[:11]),
    "notes without end": segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
    "XMP": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS"),
    "profile": segment(0xE2, b"ICC_PROFILE\0GPS"),
    "Photoshop": segment(0xED, b"Photoshop 3.0\0GPS"),
    "comment": segment(0xFE, b"GPS"),
    "thumbnail": segment(0xE0, b"JFXX\0\x10GPS"),
}


@pytest.mark.django_db
class TestWhatIsNoPicture:
    def strip(self, client, picture):
        letterhead = LetterheadFactory()
        send(client, letterhead, logo_file=SimpleUploadedFile("logo", picture))
        letterhead.refresh_from_db()
        return base64.b64decode(letterhead.logo)

    @pytest.mark.parametrize("note", NOTES_OF_PNG)
    def test_of_a_png_is_left(self, as_manager, note):
        picture = SIGNATURE + HEAD + NOTES_OF_PNG[note] + PIXELS + NOTES_OF_PNG[note] + END

        assert self.strip(as_manager, picture + ARCHIVE) == PNG

    @pytest.mark.parametrize("note", NOTES_OF_JPEG)
    def test_of_a_jpeg_is_left(self, as_manager, note):
        picture = JPEG[:20] + NOTES_OF_JPEG[note] + JPEG[20:]

        assert self.strip(as_manager, picture + ARCHIVE) == JPEG

    def test_of_a_jpeg_is_left_before_its_head_and_within_it(self, as_manager):
        """A thumbnail may stand in the head itself; markers may be filled up."""
        head = segment(0xE0, JPEG[6:18] + b"\x01\x01GPS")
        picture = JPEG[:2] + NOTES_OF_JPEG["XMP"] + b"\xff\xff" + head + JPEG[20:]

        assert self.strip(as_manager, picture) == JPEG

    def test_of_a_jpeg_of_several_passes_is_left_between_them(self, as_manager):
        scan = JPEG[JPEG.index(b"\xff\xda") : -2]
        between = NOTES_OF_JPEG["comment"]
        passes = JPEG[: JPEG.index(b"\xff\xda")] + scan
        letterhead = LetterheadFactory.build()

        letterhead.set_logo(passes + between + scan + b"\xff\xd9" + ARCHIVE)

        assert base64.b64decode(letterhead.logo) == passes + scan + b"\xff\xd9"

    def test_is_what_draws_it_in_colours(self):
        """The colours of a palette, what shows through, how bright, how many in an inch."""
        drawn = [
            part(b"gAMA", bytes(4)),
            part(b"sRGB", b"\0"),
            part(b"pHYs", bytes(9)),
            part(b"PLTE", bytes(768)),
            part(b"tRNS", bytes(256)),
        ]
        picture = SIGNATURE + HEAD + b"".join(drawn) + PIXELS + PIXELS + END
        letterhead = LetterheadFactory.build()

        letterhead.set_logo(picture)

        assert base64.b64decode(letterhead.logo) == picture

    @pytest.mark.parametrize("orientation", [2, 3, 6, 8])
    @pytest.mark.parametrize("order", ["little", "big"])
    @pytest.mark.parametrize("kind", ["png", "jpeg"])
    def test_may_not_be_what_sets_it_upright(self, as_manager, orientation, order, kind):
        notes = exif(orientation, order)
        picture = {
            "png": SIGNATURE + HEAD + part(b"eXIf", notes) + PIXELS + END,
            "jpeg": JPEG[:20] + segment(0xE1, b"Exif\0\0" + notes) + JPEG[20:],
        }[kind]
        letterhead = LetterheadFactory()

        answer = send(as_manager, letterhead, logo_file=SimpleUploadedFile("logo", picture))

        assert (
            "Cette photo est couchée\u00a0: seule une note de l’appareil la redresse, et un "
            "communiqué ne la lit pas. Ouvrez-la, tournez-la, puis enregistrez-la de nouveau, en "
            "PNG."
        ) in answer.text

    @pytest.mark.parametrize("picture", [PNG, JPEG])
    def test_of_a_picture_that_is_cut_is_refused(self, picture):
        for cut in range(8, len(picture)):
            with pytest.raises(ValidationError) as refusal:
                LetterheadFactory.build().set_logo(picture[:cut])
            assert refusal.value.messages == [DAMAGED]

    @pytest.mark.parametrize(
        "picture",
        [
            SIGNATURE + b"\xff\xff\xff\xffIHDR" + bytes(99),
            SIGNATURE + HEAD + part(b"pHYs", b"GPS" * 99) + PIXELS + END,
            SIGNATURE + HEAD + PIXELS + part(b"IEND", b"GPS"),
            JPEG[:2] + b"\xff\xe0\0\0" + JPEG[20:],
            JPEG[:2] + b"\xff" * 90_000,
            JPEG[:2] + b"\xff\xd0" * 40_000,
            JPEG[:-2] + b"\xff\0" * 40_000,
        ],
    )
    def test_of_a_damaged_picture_is_refused(self, picture):
        with pytest.raises(ValidationError) as refusal:
            LetterheadFactory.build().set_logo(picture)

        assert refusal.value.messages == [DAMAGED]
