"""How long a press officer waits for the regional editions, and for a Word that comes back.

`python -m tests.bench_releases` fills a database of its own, on the server that DATABASE_URL names,
with a draft that lists sites of 13 regions, and prints the map of all of them. Its editions, in PDF
and in Word, come as one archive in less than EDITIONS seconds; its Word, PARAGRAPHS paragraphs of
which were corrected, every other one tracked, is read and shown in less than WORD. Both by the
addresses that people use, in this process, the best of some times.

By the clock, and what this process and its children worked: where others use the same machine, the
last says more.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench_imports import Bench, out, own_database

REGIONS, SITES_OF_A_REGION, PARAGRAPHS, TIMES = 13, 6, 60, 5
EDITIONS, WORD = 3.0, 1.0
_SAID = "Le paragraphe {} dit comment les habitants sont accueillis et aidés par le réseau."


def write_draft() -> Any:
    """A draft whose list has sites of so many regions, each at a place of its own."""
    from labelling.models import Department, Letterhead, Region
    from tests.factories import ReleaseFactory, SiteFactory, WaveFactory

    wave = WaveFactory(name="Banc", effective_on=date(2021, 1, 15))
    for number, region in enumerate(Region.objects.order_by("pk")[:REGIONS]):
        department = Department.objects.filter(region=region).first()
        for site in range(SITES_OF_A_REGION):
            place = {"latitude": 44 + number / 3, "longitude": site, "commune": f"Ville {site}"}
            SiteFactory(wave=wave, department=department, **place)
    said = "\n\n".join(map(_SAID.format, range(PARAGRAPHS)))
    Letterhead.objects.get_or_create(name="Union nationale des PIMMS")
    return ReleaseFactory(wave=wave, closing=said, prints_map=True)


def correct(data: bytes) -> bytes:
    from tests.press_release.returned.word_edits import Word

    word = Word(data)
    for number in range(PARAGRAPHS):
        said = _SAID.format(number)
        if number % 2:
            word.track(said, "accueillis", "reçus", "La directrice")
        else:
            word.rewrite(said, said.replace("aidés", "accompagnés"))
    return word.save()


def time_best(what: str, ask: Callable[[], None], most: float) -> bool:
    """Say what the best of some times takes, and whether it is soon enough."""
    found = []
    for _ in range(TIMES):
        before, began = os.times(), time.perf_counter()
        ask()
        found.append((time.perf_counter() - began, sum(os.times()[:4]) - sum(before[:4])))
    took, worked = map(min, zip(*found, strict=True))
    out(f"{what:50}{took:7.2f}{worked:7.2f}{'' if took < most else '   MISSED'}")
    return took < most


def measure() -> bool:
    """In a process of its own: print what each takes."""
    import django

    django.setup()

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from tests.factories import UserFactory

    client = Client(SERVER_NAME="localhost")
    client.force_login(UserFactory(is_superuser=True))
    place = f"/labelling/pressrelease/{write_draft().pk}"

    def take_editions() -> None:
        with zipfile.ZipFile(io.BytesIO(client.get(f"{place}/editions.zip").content)) as archive:
            assert len(archive.namelist()) == 2 * REGIONS

    corrected = correct(client.get(f"{place}/download/docx/").content)

    def drop_word() -> None:
        file = SimpleUploadedFile("corrigé.docx", corrected)
        page = client.post(f"{place}/word/", {"file": file}, follow=True)
        assert page.text.count('name="change"') == PARAGRAPHS

    out(f"\n{'in seconds':50}{'all':>7}{'work':>7}")
    return all(
        [
            time_best(f"{REGIONS} regional editions, in PDF and Word", take_editions, EDITIONS),
            time_best(f"a Word of {PARAGRAPHS} corrected paragraphs", drop_word, WORD),
        ]
    )


def main(arguments: list[str]) -> int:
    if arguments == ["--measure"]:
        return 0 if measure() else 1
    with own_database() as address, tempfile.TemporaryDirectory() as directory:
        environment = Bench(address, Path(directory)).environment
        command = [sys.executable, "-m", "tests.bench_releases", "--measure"]
        environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
