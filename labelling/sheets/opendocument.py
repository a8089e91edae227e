"""ODS out: the few parts of it that a flat sheet needs, written by hand."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from xml.sax.saxutils import escape, quoteattr

from xlsxwriter.utility import xl_rowcol_to_cell

from .package import pack
from .table import PARIS, Table, Value, make_storable, name_tabs, to_french_text, to_plain_text

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

DAY = (
    '<number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/>'
)
HOUR = (
    '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/>'
)
STYLES = (
    f'<number:date-style style:name="day">{DAY}</number:date-style>'
    f'<number:date-style style:name="moment">{DAY}{HOUR}</number:date-style>'
    '<style:style style:name="date" style:family="table-cell" style:data-style-name="day"/>'
    '<style:style style:name="datetime" style:family="table-cell" style:data-style-name="moment"/>'
    '<style:style style:name="heading" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="note" style:family="table-cell">'
    '<style:table-cell-properties fo:wrap-option="wrap"/></style:style>'
)
# A4, as wide as the sheet, with the number of the page.
PAGES = (
    '<office:automatic-styles><style:page-layout style:name="page">'
    '<style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="1.5cm"'
    ' style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout></office:automatic-styles>'
    '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="page">'
    "<style:footer><text:p><text:page-number/> / <text:page-count/></text:p></style:footer>"
    "</style:master-page></office:master-styles>"
)
# An average character of the usual font and a line of it, in centimetres.
CHARACTER = 0.2
LINE = 0.45
SOFT_SPACES = re.compile(r"^ | {2,}|\t")
LINE_END = re.compile(r"\r\n|\r|\n")


def to_ods(tables: Sequence[Table], zone: tzinfo = PARIS, *, meta: str = "") -> bytes:
    """Return an ODS workbook. `meta` is what it says of itself, as the XML of that part."""
    titles = name_tabs([table.title for table in tables])
    parts = {
        "content": "".join(_write_content(tables, titles, zone)),
        "styles": PAGES,
        "settings": _write_settings(tables, titles),
        **({"meta": meta} if meta else {}),
    }
    return pack(MEDIA_TYPE, parts)


def _write_content(tables: Sequence[Table], titles: Sequence[str], zone: tzinfo) -> Iterator[str]:
    yield f"<office:automatic-styles>{STYLES}"
    for width in sorted({width for table in tables for width in table.measure_widths()}):
        yield f'<style:style style:name="w{width}" style:family="table-column">'
        yield f'<style:table-column-properties style:column-width="{width * CHARACTER:.1f}cm"/>'
        yield "</style:style>"
    for lines in sorted({_count_lines(table, note) for table in tables for note in table.notes}):
        yield f'<style:style style:name="h{lines}" style:family="table-row">'
        yield f'<style:table-row-properties style:row-height="{lines * LINE:.2f}cm"/></style:style>'
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    for table, title in zip(tables, titles, strict=True):
        yield f"<table:table table:name={quoteattr(title)}>"
        for column, width in zip(table.columns, table.measure_widths(), strict=True):
            hidden = ' table:visibility="collapse"' if column.is_hidden else ""
            yield f'<table:table-column table:style-name="w{width}"{hidden}/>'
        for note in table.notes:
            yield _write_note(table, note, zone)
        headings = "".join(_write_cell(column.heading, "heading") for column in table.columns)
        yield f"<table:table-header-rows>{_write_row(headings)}</table:table-header-rows>"
        for line in table.rows:
            yield _write_row("".join(_write_cell(make_storable(value, zone)) for value in line))
        yield "</table:table>"
    yield "<table:database-ranges>"
    for number, (table, title) in enumerate(zip(tables, titles, strict=True)):
        top, bottom = len(table.notes), len(table.notes) + len(table.rows)
        last = xl_rowcol_to_cell(bottom, len(table.columns) - 1)
        sheet = "'" + title.replace("'", "''") + "'"
        area = quoteattr(f"{sheet}.{xl_rowcol_to_cell(top, 0)}:{sheet}.{last}")
        # The name by which LibreOffice knows the filter of a sheet.
        yield f'<table:database-range table:name="__Anonymous_Sheet_DB__{number}"'
        yield f" table:target-range-address={area}"
        yield ' table:display-filter-buttons="true"/>'
    yield "</table:database-ranges></office:spreadsheet></office:body>"


def _write_row(cells: str) -> str:
    return f"<table:table-row>{cells or '<table:table-cell/>'}</table:table-row>"


def _write_note(table: Table, note: str, zone: tzinfo) -> str:
    """A note, on several lines if it is wider than the sheet.

    No program fits the height of merged cells by itself.
    """
    lines, others = _count_lines(table, note), len(table.columns) - 1
    if lines == 1 or not others:
        return _write_row(_write_cell(make_storable(note, zone)))
    span = f' table:number-columns-spanned="{others + 1}" table:number-rows-spanned="1"'
    cell = _write_cell(make_storable(note, zone), "note", span)
    covered = f'<table:covered-table-cell table:number-columns-repeated="{others}"/>'
    return f'<table:table-row table:style-name="h{lines}">{cell}{covered}</table:table-row>'


def _count_lines(table: Table, note: str) -> int:
    """How many lines a note takes over the width of the sheet: an estimate."""
    return max(1, -(-len(note) // sum(table.measure_widths())))


def _write_cell(value: Value, style: str = "", span: str = "") -> str:
    # bool before int, datetime before date: the former is one of the latter.
    match value:
        case None:
            return f"<table:table-cell{span}/>"
        case str():
            content, kind = _write_paragraphs(value), 'office:value-type="string"'
            if "\r" in value:  # no element for it: the value is told apart from what is shown
                kind += f" office:string-value={quoteattr(value)}"
        case bool():
            content = f"<text:p>{to_french_text(value)}</text:p>"
            kind = f'office:value-type="boolean" office:boolean-value="{to_plain_text(value)}"'
        case int() | float():
            content = f"<text:p>{to_french_text(value)}</text:p>"
            kind = f'office:value-type="float" office:value="{value!r}"'
        case date():
            style = "datetime" if isinstance(value, datetime) else "date"
            content = f"<text:p>{to_french_text(value)}</text:p>"
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    look = f' table:style-name="{style}"' if style else ""
    return f"<table:table-cell{look}{span} {kind}>{content}</table:table-cell>"


def _write_paragraphs(text: str) -> str:
    return "".join(
        f"<text:p>{SOFT_SPACES.sub(_write_space, escape(line))}</text:p>"
        for line in LINE_END.split(text)
    )


def _write_space(match: re.Match[str]) -> str:
    return "<text:tab/>" if match[0] == "\t" else f'<text:s text:c="{len(match[0])}"/>'


def _write_settings(tables: Sequence[Table], titles: Sequence[str]) -> str:
    """Return the settings that freeze the headings."""
    views = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(title)}>"
        + "".join(
            f'<config:config-item config:name="{name}" config:type="{kind}">{value}'
            "</config:config-item>"
            for name, kind, value in (
                ("VerticalSplitMode", "short", 2),
                ("VerticalSplitPosition", "int", len(table.notes) + 1),
                ("ActiveSplitRange", "short", 2),
                ("PositionBottom", "int", len(table.notes) + 1),
            )
        )
        + "</config:config-item-map-entry>"
        for table, title in zip(tables, titles, strict=True)
    )
    return (
        '<office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        f'<config:config-item-map-named config:name="Tables">{views}</config:config-item-map-named>'
        "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings>"
    )
