"""How fast imports are: ours, stock django-import-export with validation, and the floor.

`python -m tests.bench_imports [ROWS …]` measures on the base that DATABASE_URL names, in a
database of its own, deleted afterwards. The floor is calamine and `bulk_create` of the same
columns. Each figure comes from a process of its own: its time, and its peak memory above idle.
While an import is applied, another process asks for the list of sites over and over [R2]. Hostile
files of four times as many lines take less than eight times as long, and leave little behind [S8].

First, tables of many kinds are made, from a new seed each time, and counted: what is taken unasked
and wrong, what is missed, whose lines are whose. `--seed N` does that again, and nothing else.
"""

import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SIZES = (5_000, 20_000)
PREVIEW_RATIO, APPLY_RATIO, FLOOR_RATIO, MEGABYTES = 20, 15, 8, 150
# So many rows are previewed in so many seconds.
SOON_ROWS, SOON = 3_000, 1.0
# R2: what a page reads of the base takes so many milliseconds, 19 times of 20.
READING = 50
# How many tables are made, and how many faults are shown.
TABLES, SHOWN = 300, 60
# S8: four times as much takes so many times as long at most, and leaves so many megabytes.
GROWTH, LEFT = 8, 64
FIXTURES = ("geography", "release_2020_10_14")
# Before the import begins, the list is asked for during so many seconds, to compare.
ALONE = 10
# Departments, and the latitude and longitude of a place well within each.
PLACES = (
    ("30", 43.84, 4.36),
    ("42", 45.44, 4.39),
    ("38", 45.19, 5.72),
    ("69", 45.85, 4.75),
    ("974", -21.1, 55.5),
)
HEADINGS = (
    "Nom",
    "Département",
    "Vague",
    "Numéro France Services",
    "Adresse",
    "Code postal",
    "Commune",
    "Code commune (INSEE)",
    "Latitude",
    "Longitude",
)
FIELDS = (
    "name",
    "department",
    "wave",
    "france_services_id",
    "address",
    "postcode",
    "commune",
    "commune_code",
    "latitude",
    "longitude",
)


def cells(number: int, *, changed: bool) -> tuple[Any, ...]:
    """A line of the file; `changed` gives it another address and position."""
    (department, latitude, longitude), of_it = PLACES[number % 5], number // 5
    # A hundred metres apart, so as to stay there.
    shift = of_it % 30 / 1000 + (0.02 if changed else 0.0)
    figures = 5 - len(department)
    return (
        f"PIMMS de la Ville numéro {number}",
        department,
        "Automne 2020",
        str(100_000 + number),
        f"{number} avenue {'du Général' if changed else 'de la République'}",
        # As postcodes are, and codes of communes are not: most end by 0.
        f"{department}{of_it * 10 % 10**figures:0{figures}}",
        f"Ville-sur-Rivière {number % 500}",
        f"{department}{of_it % 10**figures:0{figures}}",
        latitude + shift,
        longitude + shift,
    )


def write_file(path: Path, rows: int, *, changed: bool) -> None:
    """Write a sheet of so many rows, the headings among them."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Sites")
        sheet.write_row(0, 0, HEADINGS)
        for number in range(rows - 1):
            sheet.write_row(number + 1, 0, cells(number, changed=changed))


def six_bad_values(rows: int) -> str:
    """Lines of which no cell is right, nor like another."""
    headings = "Nom;Département;Code postal;Vague;Région;Labellisé le;Accueil du public"
    wrong = "PIMMS {0};Izère {0};{0}x;Vague {0};Région {0};{0}/99/2020;Forme {0}"
    return "\n".join([headings, *map(wrong.format, range(rows))])


def words(rows: int) -> str:
    """As many columns as may be, and no word twice."""
    headings = ";".join(["Nom", "Département", *(f"Titre {n}" for n in range(198))])
    lines = (";".join(f"{row * 200 + cell:x}" for cell in range(200)) for row in range(rows))
    return "\n".join([headings, *lines])


def no_headings(rows: int) -> str:
    return words(rows + 1).partition("\n")[2]


def the_same_line(rows: int) -> str:
    return "Nom;Département\n" + "PIMMS de la Ville;Gard\n" * rows


# By name: what makes a text of so many lines, and how many are the most.
HOSTILE: dict[str, tuple[Callable[[int], str], int]] = {
    "six bad values": (six_bad_values, 19_990),
    "the same line": (the_same_line, 19_990),
    "200 columns": (words, 3_000),
    "no headings": (no_headings, 60),
}


# What is measured


def floor(data: bytes) -> Callable[[], object]:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    from labelling.models import Department, LabellingWave, Site
    from labelling.models.record_sets import unguarded

    def run() -> object:
        departments = dict(Department.objects.values_list("code", "pk"))
        waves = dict(LabellingWave.objects.values_list("name", "pk"))
        sheet = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
        rows: list[list[Any]] = sheet.to_python()[1:]
        names = [
            Site._meta.get_field(field).attname  # type: ignore[union-attr]
            for field in FIELDS
        ]
        return unguarded(Site).bulk_create(
            Site(
                **dict(zip(names, [r[0], departments[r[1]], waves[r[2]], *r[3:]], strict=True)),
                sort_key=r[0],
            )
            for r in rows
        )

    return run


def stock(data: bytes, *, dry_run: bool) -> Callable[[], object]:
    import tablib
    from import_export import fields, resources, widgets

    from labelling.models import Department, LabellingWave, Site

    class StockResource(resources.ModelResource):
        """What the documentation of django-import-export has people write."""

        department = fields.Field(
            "department", "department", widgets.ForeignKeyWidget(Department, "code")
        )
        wave = fields.Field("wave", "wave", widgets.ForeignKeyWidget(LabellingWave, "name"))

        class Meta:
            model = Site
            fields = FIELDS
            import_id_fields = ("france_services_id",)
            clean_model_instances = True
            skip_unchanged = True

    def run() -> object:
        dataset = tablib.Dataset().load(data, format="xlsx")
        dataset.headers = list(FIELDS)
        result = StockResource().import_data(dataset, dry_run=dry_run, use_transactions=True)
        assert not result.has_errors(), result.row_errors()[:1]
        assert not result.has_validation_errors(), result.invalid_rows[:1]
        return result

    return run


def ours_preview(data: bytes) -> Callable[[], object]:
    from labelling.spreadsheets.runs import preparation
    from labelling.spreadsheets.tables.headings import HeadingsError

    def run() -> object:
        try:
            return preparation.prepare(data, name="banc.xlsx")
        except HeadingsError:  # A hostile file may have none.
            return None

    return run


def ours_apply(data: bytes) -> Callable[[], object]:
    from labelling.models import ImportRun
    from labelling.spreadsheets.runs import apply

    run = ImportRun.objects.in_preparation().defer("content").latest("pk")
    return lambda: apply.apply(run, None)


TASKS: dict[str, Callable[[bytes], Callable[[], object]]] = {
    "floor": floor,
    "stock preview": lambda data: stock(data, dry_run=True),
    "stock apply": lambda data: stock(data, dry_run=False),
    "ours preview": ours_preview,
    "ours apply": ours_apply,
}


def resident() -> float:
    """The memory of this process now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(task: str, path: str) -> None:
    """In a process of its own: print the seconds and the megabytes that `task` takes."""
    import django

    django.setup()
    from django.db import connection

    data = Path(path).read_bytes()
    run = TASKS[task](data)
    connection.ensure_connection()
    idle, began, at = resident(), time.perf_counter(), time.time()
    spent = time.process_time()
    run()
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    left = resident() - idle
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # The child is gone before the parent is at its highest: the sum is more than ever was.
    found = {"seconds": seconds, "megabytes": peak - idle + children, "child": children, "at": at}
    found |= {"spent": spent, "left": left}
    print(json.dumps(found))  # noqa: T201


def processor() -> float:
    """The seconds that processors gave to this process and to its children."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def recognise(seed: int) -> bool:
    """In a process of its own: make tables from `seed`, say how they are understood and in what
    time, and whether every target is reached."""
    import django

    django.setup()
    from random import Random

    from labelling.spreadsheets.files import reading
    from tests.spreadsheets.made_tables import make_tables
    from tests.spreadsheets.made_world import make_world, write_world
    from tests.spreadsheets.recognition import Measure, understand

    world = make_world(Random(seed))  # noqa: S311
    write_world(world)
    found, times = Measure(), []
    for table in make_tables(world, seed, TABLES):
        data, began = table.write(), processor()
        reading.read(data, table.file_name)
        read = processor()
        outcome = understand(data, table.file_name)
        times.append((read - began, processor() - read))
        found.add(table, outcome)
    out(f"\n{found.report()}")
    out(f"\nms of processor a table{'p50':>10}{'p95':>7}{'max':>7}")
    for what, some in zip(("reading", "preparing"), zip(*times, strict=True), strict=True):
        p50, p95, most = latency(1000 * seconds for seconds in some)
        out(f"{what:23}{p50:10.1f}{p95:7.1f}{most:7.1f}")
    for fault in found.faults[:SHOWN]:
        out(f"  {fault}")
    out(f"again: python -m tests.bench_imports --seed {seed}{'' if found.is_good else '   MISSED'}")
    return found.is_good


def read_the_list(stop: str) -> None:
    """In a process of its own: ask the application for the list of sites until `stop` is there.

    Print a line once awake, then, for each answer, when it was asked for, and the seconds of the
    base and of the page.
    """
    from wsgiref.util import setup_testing_defaults

    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()

    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    client = Client()
    person, _ = User.objects.get_or_create(username="banc", is_staff=True, is_superuser=True)
    client.force_login(person)
    asked: dict[str, Any] = {}
    setup_testing_defaults(asked)
    asked |= {"PATH_INFO": "/labelling/site/", "HTTP_HOST": "localhost"}
    asked["HTTP_COOKIE"] = client.cookies.output(header="", attrs=[]).strip()
    in_base = 0.0

    def timed(execute: Any, *arguments: Any) -> Any:
        # SQLite waits for a lock here, and nowhere else.
        nonlocal in_base
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            in_base += time.perf_counter() - began

    def start(status: str, *arguments: Any) -> None:
        assert status == "200 OK", status

    answers = []
    with connection.execute_wrapper(timed):
        while not Path(stop).exists():
            in_base, at, began = 0.0, time.time(), time.perf_counter()
            answer = application(dict(asked), start)
            b"".join(answer)
            answer.close()  # The base is left as a server leaves it after each request.
            answers.append((at, in_base, time.perf_counter() - began))
            if len(answers) == 1:
                out("awake")
    print(json.dumps(answers))  # noqa: T201


# The database of the bench


@contextmanager
def own_database() -> Any:
    """The address of an empty database on the same server, deleted at the end."""
    address = os.environ.get("DATABASE_URL") or "sqlite://"
    if address.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as directory:
            yield f"sqlite:///{directory}/bench.sqlite3"
        return
    import psycopg

    name = f"bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(address.replace("postgres:", "postgresql:"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Bench:
    def __init__(self, address: str, directory: Path) -> None:
        self.directory = directory
        self.environment = os.environ | {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "pimms.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "PLAIN_HTTP": "yes",
        }
        self.manage("migrate", "--verbosity=0")
        self.manage("loaddata", *FIXTURES, "--verbosity=0")

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], env=self.environment, check=True)

    def shell(self, code: str) -> None:
        self.manage("shell", "--verbosity=0", "--command", code)

    def empty(self) -> None:
        """No site, no history, no import."""
        self.shell(
            "from labelling.models import *\n"
            "ImportRow.objects.all()._raw_delete('default')\n"
            "ImportRun.objects.all()._raw_delete('default')\n"
            "Site.history.all()._raw_delete('default')\n"
            "Site.objects.all()._raw_delete('default')\n"
            "from django.db import connection\n"
            "connection.vendor == 'postgresql' and connection.cursor().execute('ANALYZE')\n"
        )

    def run(self, task: str, path: Path) -> dict[str, float]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench_imports", "--measure", task, str(path)],
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return dict(json.loads(done.stdout))

    def recognise(self, seed: int) -> bool:
        """Say how the tables of a seed are understood, and whether every target is reached."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench_imports", "--recognise", str(seed)],
            env=self.environment,
            check=False,
        )
        return done.returncode == 0

    def soon(self) -> bool:
        """Preview the file of an ordinary day, say how long it takes, and whether it is soon."""
        path = self.directory / "soon.xlsx"
        write_file(path, SOON_ROWS, changed=False)
        self.empty()
        seconds = self.run("ours preview", path)["seconds"]
        reached = seconds < SOON
        out(f"\n{SOON_ROWS} rows previewed in {seconds:.2f} s{'' if reached else '   MISSED'}")
        return reached

    def hostile(self) -> bool:
        """Preview hostile files, and say how they grow and what they leave."""
        out(f"\n{'hostile files':16}{'lines':>9}{'a quarter':>11}{'all':>9}{'ratio':>7}{'left':>8}")
        good = True
        for name, (write, most) in HOSTILE.items():
            found = []
            for rows in (most // 4, most):
                path = self.directory / "hostile.csv"
                path.write_text(write(rows), encoding="utf-8")
                self.empty()
                found.append(self.run("ours preview", path))
            quarter, whole = (measured["spent"] for measured in found)
            ratio, left = whole / quarter, found[1]["left"]
            reached = ratio < GROWTH and left <= LEFT
            good = good and reached
            out(
                f"{name:16}{most:9}{quarter:10.2f}s{whole:8.2f}s{ratio:7.1f}{left:5.0f} MB"
                f"{'' if reached else '   MISSED'}"
            )
        return good

    def read(self, path: Path) -> bool:
        """Say how long the list of the 53 sites takes while `path`, previewed here, is applied."""
        self.empty()
        self.manage("loaddata", *FIXTURES, "--verbosity=0")
        self.run("ours preview", path)
        stop = self.directory / "stop"
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.bench_imports", "--read", str(stop)],
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert reader.stdout
            reader.stdout.readline()
            time.sleep(ALONE)
            began = time.time()
            applied = self.run("ours apply", path)
        finally:
            stop.touch()
            printed, _ = reader.communicate()
            stop.unlink()
        answers = json.loads(printed)
        ended = applied["at"] + applied["seconds"]
        # The first answer is that of an application that was asleep.
        alone = [answer for answer in answers[1:] if answer[0] < began]
        during = [answer for answer in answers if applied["at"] <= answer[0] < ended]
        out(f"\nthe list of sites, in ms{'p50':>14}{'p95':>7}{'max':>7}")
        good = True
        for what, place in (("base", 1), ("page", 2)):
            for when, some in (("alone", alone), ("while applied", during)):
                p50, p95, most = latency(1000 * answer[place] for answer in some)
                missed = what == "base" and some is during and p95 > READING
                good = good and not missed
                said = f"{what}, {when} ({len(some)})"
                out(f"{said:30}{p50:8.0f}{p95:7.0f}{most:7.0f}{'   MISSED' if missed else ''}")
        return good

    def size(self, rows: int) -> bool:
        """Measure everything on so many rows, say it, and tell whether every target is reached."""
        first, second = (self.directory / f"{kind}-{rows}.xlsx" for kind in ("new", "update"))
        write_file(first, rows, changed=False)
        write_file(second, rows, changed=True)
        found: dict[str, dict[str, float]] = {}
        self.empty()
        found["floor"] = self.run("floor", first)
        self.empty()
        for who in ("stock", "ours"):
            for kind, path in (("new", first), ("update", second)):
                for what in ("preview", "apply"):
                    found[f"{who} {what} {kind}"] = self.run(f"{who} {what}", path)
            self.empty()
        return all([self.say(rows, found), self.read(first)])

    def say(self, rows: int, found: dict[str, dict[str, float]]) -> bool:
        base = found["floor"]["seconds"]
        out(f"\n{rows} rows, {self.environment['DATABASE_URL'].split(':')[0]}; floor {base:.2f} s")
        out(f"{'':16}{'stock':>9}{'ours':>9}{'x stock':>9}{'x floor':>9}{'MB':>7}{'child':>7}")
        good = True
        for what, ratio in (("preview", PREVIEW_RATIO), ("apply", APPLY_RATIO)):
            for kind in ("new", "update"):
                theirs = found[f"stock {what} {kind}"]["seconds"]
                ours = found[f"ours {what} {kind}"]
                faster, slower = theirs / ours["seconds"], ours["seconds"] / base
                reached = (
                    faster >= ratio and slower <= FLOOR_RATIO and ours["megabytes"] <= MEGABYTES
                )
                good = good and reached
                out(
                    f"{what + ' ' + kind:16}{theirs:8.2f}s{ours['seconds']:8.2f}s"
                    f"{faster:9.1f}{slower:9.1f}{ours['megabytes']:7.0f}{ours['child']:7.0f}"
                    f"{'' if reached else '   MISSED'}"
                )
        return good


def latency(milliseconds: Iterable[float]) -> tuple[float, float, float]:
    """The median, what 19 answers of 20 do not exceed, and the longest."""
    ordered = sorted(milliseconds)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


def out(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--help"]:
        out(str(__doc__))
        return 0
    if arguments[:1] == ["--measure"]:
        measure(arguments[1], arguments[2])
        return 0
    if arguments[:1] == ["--read"]:
        read_the_list(arguments[1])
        return 0
    if arguments[:1] == ["--recognise"]:
        return 0 if recognise(int(arguments[1])) else 1
    with own_database() as address, tempfile.TemporaryDirectory() as directory:
        bench = Bench(address, Path(directory))
        if arguments[:1] == ["--seed"]:
            return 0 if bench.recognise(int(arguments[1])) else 1
        sizes = [int(size) for size in arguments] or SIZES
        seed = secrets.randbelow(10**6)
        good = [bench.recognise(seed), bench.soon(), bench.hostile(), *map(bench.size, sizes)]
        return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
