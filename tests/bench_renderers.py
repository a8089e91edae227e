"""Each renderer beside the bare engine that it uses, on the same lines: “make bench”.

Run as python -m tests.bench_renderers. What the bare engine writes is the table alone: headings,
merged regions, new names in yellow with a red asterisk, by the shortest way that the library's
own documentation shows. No title, no paragraph, no page setup, no standard to meet, no fixed date.
Each measure is of a process of its own, which has rendered another list before; the best of some
counts. The ratio is that of processor time, in which the machine's other programs have no part;
the milliseconds are by the clock. A process loads the library that it measures and no other one.
"""

import io
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from labelling.press_release.content import Content  # noqa: E402
from labelling.press_release.formats import FORMATS  # noqa: E402
from tests.press_release.contents import october_2020, with_lines  # noqa: E402

MOST = 1.3
SIZES = (53, 5000)
# Fresh processes by size: what takes little is told apart from the machine's noise by many.
RUNS = {53: 15, 5000: 3}
# Seconds by the clock and megabytes of the whole process.
LIMITS = {("pdf", 53): (0.15, 300), ("pdf", 5000): (4, 300)}
_TYPST = b"""
#let rows = json(bytes(sys.inputs.rows))
#set document(title: "Liste")
#set text(lang: "fr")
#table(
  columns: 3,
  table.header([R\xc3\xa9gion], [D\xc3\xa9partement], [Nom]),
  ..for (region, lines) in rows {
    (table.cell(rowspan: lines.len(), region),)
    for (department, name, new) in lines {
      (department, if new { highlight(fill: rgb("#ffff00"))[#name #text(red)[\\*]] } else { name })
    }
  },
)
"""


def bare_pdf(content: Content) -> bytes:
    """Typst with its own defaults: its fonts, columns as wide as their cells, a tagged PDF."""
    import typst

    rows = [
        (region, [(line.department, line.name, line.is_new) for line in lines])
        for region, lines in content.by_region()
    ]
    return typst.compile(
        _TYPST, format="pdf", ignore_system_fonts=True, sys_inputs={"rows": json.dumps(rows)}
    )


def bare_docx(content: Content) -> bytes:
    """python-docx: a table made at once, filled row by row, regions merged."""
    import docx
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import RGBColor

    document = docx.Document()
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, column in zip(table.rows[0].cells, content.columns, strict=True):
        cell.text = column
    for region, lines in content.by_region():
        first = None
        for line in lines:
            cells = table.add_row().cells
            if first is None:
                first = cells[0]
                first.text = region
            cells[1].text = line.department
            run = cells[2].paragraphs[0].add_run(line.name)
            if line.is_new:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
                star = cells[2].paragraphs[0].add_run(" *")
                star.font.highlight_color = WD_COLOR_INDEX.YELLOW
                star.font.color.rgb = RGBColor(0xC0, 0, 0)
        if first is not None:
            first.merge(cells[0])
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def bare_odt(content: Content) -> bytes:
    """odfdo: the values alone, set at once. Merging and marking through it take minutes more."""
    import odfdo

    document = odfdo.Document("text")
    document.body.clear()
    table = odfdo.Table("Liste")
    lines = ([line.region, line.department, line.name] for line in content.lines)
    table.set_values([list(content.columns), *lines])
    document.body.append(table)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def bare_xlsx(content: Content) -> bytes:
    """XlsxWriter: the two sheets that the renderer writes, cell by cell, without their setup."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        yellow = book.add_format({"bg_color": "#FFFF00"})
        red = book.add_format({"font_color": "#C00000"})
        press, flat = book.add_worksheet(), book.add_worksheet()
        press.write_row(0, 0, content.columns)
        flat.write_row(0, 0, (*content.columns, content.words.new_column))
        row = 0
        for region, lines in content.by_region():
            if len(lines) > 1:
                press.merge_range(row + 1, 0, row + len(lines), 0, region)
            else:
                press.write_string(row + 1, 0, region)
            for line in lines:
                row += 1
                press.write_string(row, 1, line.department)
                if line.is_new:
                    press.write_rich_string(row, 2, line.name, red, "\u00a0*", yellow)
                else:
                    press.write_string(row, 2, line.name)
                flat.write_string(row, 0, line.region)
                flat.write_string(row, 1, line.department)
                flat.write_string(row, 2, line.name)
                flat.write_string(row, 3, "Oui" if line.is_new else "Non")
    return stream.getvalue()


BARE: dict[str, Callable[[Content], bytes]] = {
    "pdf": bare_pdf,
    "docx": bare_docx,
    "odt": bare_odt,
    "xlsx": bare_xlsx,
}


class Measure(NamedTuple):
    """What it takes to render once: seconds by the clock and of the processor, megabytes."""

    clock: float
    processor: float
    memory: float


def measure(extension: str, *sides: str, size: int) -> dict[str, Measure]:
    """The best of some fresh processes for each side, which take turns."""
    runs: dict[str, list[list[float]]] = {side: [] for side in sides}
    for _ in range(RUNS[size]):
        for side in sides:
            command = [sys.executable, "-m", "tests.bench_renderers", extension, side, str(size)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            runs[side].append([*map(float, printed.split())])
    return {side: Measure(*map(min, zip(*runs[side], strict=True))) for side in sides}


def render_once(extension: str, which: str, size: int) -> None:
    content = october_2020() if size == len(october_2020().lines) else with_lines(size)
    render = BARE[extension] if which == "bare" else FORMATS[extension].render
    render(with_lines(3))
    start, processor_start = time.perf_counter(), time.process_time()
    render(content)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor_start
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{seconds} {processor} {kilobytes // 1024}\n")


def main() -> None:
    """Print a line for each format and size, and fail if one takes too long."""
    headings = ("format", "lines", "ms", "MB", "bare ms", "bare MB", "ratio")
    sys.stdout.write("".join(f"{heading:>9}" for heading in headings) + "\n")
    missed = []
    for extension in FORMATS:
        for size in SIZES:
            sides = ("ours", "bare") if extension in BARE else ("ours",)
            measured = measure(extension, *sides, size=size)
            ours = measured["ours"]
            row = f"{extension:>9}{size:>9}{ours.clock * 1000:>9.0f}{ours.memory:>9.0f}"
            if bare := measured.get("bare"):
                ratio = ours.processor / bare.processor
                row += f"{bare.clock * 1000:>9.0f}{bare.memory:>9.0f}{ratio:>9.2f}"
                if ratio > MOST:
                    missed.append(f"{extension} of {size} lines: {ratio:.2f} times the bare engine")
            seconds, megabytes = LIMITS.get((extension, size), (math.inf, math.inf))
            if ours.clock > seconds or ours.memory > megabytes:
                missed.append(f"{extension} of {size} lines: over {seconds} s or {megabytes} MB")
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
    if missed:
        sys.exit("\n".join(missed))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        render_once(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
