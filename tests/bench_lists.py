"""How long pages take on many records, and how that grows.

`python -m tests.bench_lists [SITES …]` fills databases of its own, on the server that DATABASE_URL
names, with so many sites, and asks for every list as a person in charge sees it: each filter, each
order, the first page and the last one, words that are common, rare, half of one, and nobody's; for
a site, an association and a wave, for what a rule finds, for the home page, the search of every
page and the help, and for releases of LINES lines. An address takes at most PAGE milliseconds at
the median with the first of SIZES, RELEASE_PAGE for a release; its queries do not grow with the
records, and with more sites it takes no more than in proportion.

Of each address: its queries, the median of the milliseconds that it takes in all, those of them
that this process works, and those spent waiting for the base. Where others use the same machine,
the two last ones say more than the first.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tests.bench_imports import Bench, out, own_database

SIZES = (20_000, 100_000)
PAGE, RELEASE_PAGE = 150, 1_000
# How many times as much as in proportion is still noise; and how many more queries there may be,
# for some are asked only where something is found.
GROWTH, MORE_QUERIES = 1.3, 3
WAVES, SITES_OF_AN_ASSOCIATION, LINES, TIMES = 100, 10, 5_000, 7
# Of a hundred sites, so many: the State's number, a candidate, a label that ended, a place known,
# the commune's code, a place in the printed list.
NUMBERED, CANDIDATES, ENDED, PLACED, CODED, RANKED = 37, 5, 5, 80, 70, 10
SEARCHES = {"common": "pimms", "rare": "tournemire", "half a word": "stepha", "nobody's": "zzzz"}
TOWNS = (
    "Saint-Étienne",
    "Villefranche-sur-Saône",
    "Métropole Stéphanoise",
    "La Rivière",
    "Les Ormeaux",
    "Nîmes",
    "Montfort",
    "Beaulieu",
    "L’Île-d’Abeau",
    "Bourg-lès-Valence",
    "Châteauneuf",
    "Sainte-Geneviève",
    "Champigny",
    "Vaulx",
)
KINDS = ("Centre", "Quartier du Marché", "Médiation", "Gare", "Bus", "Les Hauts", "Vieux Port")
_OTHER_PAGE = re.compile(r'href="(\?[^"]+)"')
_LAST_PAGE = re.compile(r'href="\?p=([0-9]{1,9})" class="end"')


# The base


def fill(count: int) -> None:
    """Write so many sites, and what belongs to them."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from labelling.models import Association, LabellingWave, Letterhead, PressContact, Site

    rules = Random(count)  # noqa: S311
    User.objects.create_superuser("banc", "banc@localhost", "la-girafe-est-au-tournevis")
    Letterhead.objects.get_or_create(name="Union nationale des PIMMS")
    PressContact.objects.create(name="Prénom Nom")
    associations = Association.objects.bulk_create(
        Association(name=f"Association {rules.choice(TOWNS)} {number}")
        for number in range(count // SITES_OF_AN_ASSOCIATION)
    )
    first = timezone.localdate() - timedelta(days=20 * WAVES)
    waves = []
    for number in range(WAVES):
        effective = first + timedelta(days=20 * number)
        wave = LabellingWave(
            name=f"Vague {number + 1}",
            effective_on=effective,
            decided_on=effective,
            announced_on=effective + timedelta(days=5),
        )
        waves.append(wave)
    for wave in waves:
        wave.save()
    places = _find_places(rules)
    # Half the country has few sites, as in life.
    weights = [1 + 3 * (at % 5 == 0) for at in range(len(places))]
    drawn = rules.choices(places, weights, k=count)
    sites = [
        _make_site(rules, number, place, associations, waves, count)
        for number, place in enumerate(drawn)
    ]
    Site.objects.bulk_create(sites, batch_size=2_000)
    _write_releases(waves)


def _find_places(rules: Random) -> list[tuple[int, str, list[tuple[float, float]]]]:
    """Of each department: its key, its code, and positions in it, of its towns as it were."""
    from labelling.models import Department
    from labelling.quality.contours import find_department

    found = defaultdict(list)
    for _ in range(3_000):
        longitude, latitude = rules.uniform(-4.5, 8), rules.uniform(42.5, 51)
        if code := find_department(longitude, latitude):
            found[code].append((latitude, longitude))
    return [
        (pk, code, found[code])
        for pk, code in Department.objects.order_by("code").values_list("pk", "code")
    ]


def _make_site(
    rules: Random, number: int, place: Any, associations: Any, waves: Any, count: int
) -> Any:
    from django.utils import timezone

    from labelling.models import Site

    department, code, positions = place
    town, kind = rules.choice(TOWNS), rules.choice(KINDS)
    is_candidate = rules.randrange(100) < CANDIDATES
    is_ended = not is_candidate and rules.randrange(100) < ENDED
    # The first LINES sites are of the first quarter of the waves: two of these have a release.
    spread = number < min(LINES, count // 4)
    wave = rules.choice(waves[: WAVES // 4] if spread else waves[WAVES // 4 :])
    is_placed = positions and rules.randrange(100) < PLACED
    latitude, longitude = rules.choice(positions) if is_placed else (0, 0)
    name = "Tournemire" if number % 5_000 == 7 else town
    figures = 5 - len(code)
    is_coded = code.isdigit() and rules.randrange(100) < CODED
    ended_on = timezone.localdate() - timedelta(days=rules.randrange(1, 15))
    return Site(
        name=f"PIMMS {name} {kind} {number}",
        state_name=f"France services {name} {number}",
        association=rules.choice(associations) if rules.randrange(20) else None,
        department_id=department,
        wave=None if is_candidate else wave,
        withdrawn_on=ended_on if is_ended else None,
        withdrawal_reason="closed" if is_ended else "",
        france_services_id=str(100_000 + number) if rules.randrange(100) < NUMBERED else "",
        format=rules.choice(("fixed", "fixed", "fixed", "bus", "itinerant", "")),
        commune=f"{town} {number % 500}",
        postcode=f"{code}{number % 10**figures:0{figures}}" if code.isdigit() else "",
        commune_code=f"{code}{number % 10**figures:0{figures}}" if is_coded else "",
        rank=number if rules.randrange(100) < RANKED else None,
        address=f"{number % 90} avenue de la République",
        latitude=latitude + rules.uniform(-0.01, 0.01) if is_placed else None,
        longitude=longitude + rules.uniform(-0.01, 0.01) if is_placed else None,
        in_priority_district=rules.choice((True, False, None)),
    )


def _write_releases(waves: Any) -> None:
    """A release that was sent, and a draft, each of a wave whose list has some LINES lines."""
    from django.utils import timezone

    from labelling.press_release import drafting, publishing

    for wave in (waves[WAVES // 4 - 2], waves[WAVES // 4 - 1]):
        release = drafting.draft_original(wave, timezone.localdate())
        release.save()
        if wave is waves[WAVES // 4 - 2]:
            seen = publishing.compute_digest(publishing.compose_final(release))
            final = publishing.validate(release, by=None, at=timezone.now(), seen=seen)
            publishing.mark_as_sent(final, on=timezone.localdate())


# What is measured


class Page(NamedTuple):
    """An address: its queries, and its milliseconds: in all, of this process, of the base."""

    address: str
    queries: int
    took: float
    worked: float
    waited: float


class Asker:
    """A person in charge, who asks for pages in this process."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(User.objects.get(username="banc"))
        self.waited, self.queries = 0.0, 0

    def count(self, execute: Any, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.waited += time.perf_counter() - began
            self.queries += 1

    def read(self, address: str) -> str:
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return str(response.content.decode())

    def measure(self, address: str) -> Page:
        from django.db import connection

        self.read(address)
        found = []
        with connection.execute_wrapper(self.count):
            for _ in range(TIMES):
                self.waited, self.queries = 0.0, 0
                began, worked = time.perf_counter(), time.process_time()
                self.read(address)
                took, worked = time.perf_counter() - began, time.process_time() - worked
                found.append((1000 * took, 1000 * worked, 1000 * self.waited))
        return Page(address, self.queries, *map(statistics.median, zip(*found, strict=True)))


def list_addresses(asker: Asker) -> Iterator[str]:
    """Every list, and the pages that many records could slow."""
    from django.contrib import admin
    from django.urls import reverse

    from labelling import quality
    from labelling.models import Association, LabellingWave, PressRelease, Site

    yield "/"
    yield from (f"{reverse('search')}?q={word}" for word in SEARCHES.values())
    yield reverse("help")
    for model, pages in admin.site._registry.items():
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if asker.client.get(place).status_code == 200:
            yield from _list_ways(asker, place)
            if pages.search_fields:
                yield from (f"{place}?q={word}" for word in SEARCHES.values())
    for model in (Site, Association, LabellingWave):
        page = f"admin:labelling_{model._meta.model_name}_change"
        yield reverse(page, args=[model.objects.order_by("pk")[7].pk])
    for rule in quality.RULES:
        yield reverse("admin:labelling_site_findings", args=[rule])
    for release in PressRelease.objects.order_by("pk"):
        yield reverse("admin:labelling_pressrelease_document", args=[release.pk])


def _list_ways(asker: Asker, place: str) -> Iterator[str]:
    """A list, its last page, its orders both ways, and a choice of each of its filters."""
    page = asker.read(place)
    yield place
    if last := _LAST_PAGE.search(page):
        yield f"{place}?p={last[1]}"
    seen = set()
    for found in _OTHER_PAGE.findall(page):
        question = dict(parse_qsl(found[1:].replace("&amp;", "&")))
        name, value = next(iter(question.items())) if len(question) == 1 else ("", "")
        if name in ("", "p", "all", "q", "e"):
            continue
        if name == "o":
            column = value.lstrip("-").partition(".")[0]
            ways = (f"{place}?o={column}", f"{place}?o=-{column}")
        # Each tab is a list of its own.
        else:
            ways = (f"{place}?{name}={value}",)
            column = name if name != "status" else value
        if (name, column) not in seen:
            seen.add((name, column))
            yield from ways


def measure() -> None:
    """In a process of its own: print what each address takes."""
    import django

    from labelling import memory

    django.setup()
    asker = Asker()
    asker.read("/")
    # As the service does once it has started.
    memory.settle()
    print(json.dumps([asker.measure(address) for address in list_addresses(asker)]))  # noqa: T201


def run(bench: Bench, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench_lists", *arguments],
        env=bench.environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def measure_size(sites: int) -> dict[str, Page]:
    with own_database() as address, tempfile.TemporaryDirectory() as directory:
        bench = Bench(address, Path(directory))
        run(bench, "--fill", str(sites))
        # As its server does by itself; nothing does so of a file.
        bench.shell(
            "from django.db import connection\n"
            "connection.vendor == 'postgresql' and connection.cursor().execute('VACUUM ANALYZE')\n"
        )
        return {page[0]: Page(*page) for page in json.loads(run(bench, "--measure"))}


def say(sites: int, pages: dict[str, Page], first: tuple[int, dict[str, Page]]) -> bool:
    """Say what each address takes, beside the first of the sizes, and whether it may."""
    least, fewest = first
    out(f"\n{sites} sites, in ms{'':38}{'queries':>8}{'all':>7}{'work':>7}{'base':>7}{'x':>7}")
    good = True
    for page in pages.values():
        # Keys differ from one base to the other: what has one is not compared.
        before = fewest.get(page.address)
        ratio = page.took / before.took if before else 1.0
        most = RELEASE_PAGE if page.address.endswith("/document/") else PAGE
        missed = (
            page.took > most
            if sites == least
            else before is not None
            and (page.queries > before.queries + MORE_QUERIES or ratio > GROWTH * sites / least)
        )
        good = good and not missed
        out(
            f"{page.address:54}{page.queries:8}{page.took:7.0f}{page.worked:7.0f}"
            f"{page.waited:7.0f}{ratio:7.1f}{'   MISSED' if missed else ''}"
        )
    return good


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--measure"]:
        measure()
        return 0
    if arguments[:1] == ["--fill"]:
        import django

        django.setup()
        fill(int(arguments[1]))
        return 0
    sizes = [int(size) for size in arguments] or SIZES
    found = [(sites, measure_size(sites)) for sites in sizes]
    good = [say(sites, pages, found[0]) for sites, pages in found]
    return 0 if all(good) else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pimms.settings")
    sys.exit(main(sys.argv[1:]))
