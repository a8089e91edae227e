"""ODS out: the few parts of it that a flat sheet needs, written by hand."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from xml.sax.saxutils import escape, quoteattr

from xlsxwriter.utility import xl_rowcol_to_cell

from .archive import archive
from .table import PARIS, Table, Value, french_text, plain_text, storable, tab_names

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3">'
    '<manifest:file-entry manifest:full-path="/"'
    f' manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
NAMES = "".join(
    f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
        ("config", "config"),
    )
)
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
    f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-styles{NAMES}'
    ' office:version="1.3"><office:automatic-styles><style:page-layout style:name="page">'
    '<style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="1.5cm"'
    ' style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout></office:automatic-styles>'
    '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="page">'
    "<style:footer><text:p><text:page-number/> / <text:page-count/></text:p></style:footer>"
    "</style:master-page></office:master-styles></office:document-styles>"
)
# An average character of the usual font and a line of it, in centimetres.
CHARACTER = 0.2
LINE = 0.45
SOFT_SPACES = re.compile(r"^ | {2,}|\t")


def to_ods(tables: Sequence[Table], zone: tzinfo = PARIS) -> bytes:
    """Return an ODS workbook."""
    titles = tab_names([table.title for table in tables])
    parts = {
        # First, as the format asks: the file is recognised by its first bytes.
        "mimetype": MEDIA_TYPE,
        "META-INF/manifest.xml": MANIFEST,
        "content.xml": "".join(_content(tables, titles, zone)),
        "styles.xml": PAGES,
        "settings.xml": _settings(tables, titles),
    }
    return archive((name, part.encode()) for name, part in parts.items())


def _content(tables: Sequence[Table], titles: Sequence[str], zone: tzinfo) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content{NAMES}'
    yield f' office:version="1.3"><office:automatic-styles>{STYLES}'
    for width in sorted({width for table in tables for width in table.widths()}):
        yield f'<style:style style:name="w{width}" style:family="table-column">'
        yield f'<style:table-column-properties style:column-width="{width * CHARACTER:.1f}cm"/>'
        yield "</style:style>"
    for lines in sorted({_lines(table, note) for table in tables for note in table.notes}):
        yield f'<style:style style:name="h{lines}" style:family="table-row">'
        yield f'<style:table-row-properties style:row-height="{lines * LINE:.2f}cm"/></style:style>'
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    for table, title in zip(tables, titles, strict=True):
        yield f"<table:table table:name={quoteattr(title)}>"
        for column, width in zip(table.columns, table.widths(), strict=True):
            hidden = ' table:visibility="collapse"' if column.is_hidden else ""
            yield f'<table:table-column table:style-name="w{width}"{hidden}/>'
        for note in table.notes:
            yield _note_row(table, note, zone)
        headings = "".join(_cell(column.heading, "heading") for column in table.columns)
        yield f"<table:table-header-rows>{_row(headings)}</table:table-header-rows>"
        for line in table.rows:
            yield _row("".join(_cell(storable(value, zone)) for value in line))
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
    yield "</table:database-ranges></office:spreadsheet></office:body></office:document-content>"


def _row(cells: str) -> str:
    return f"<table:table-row>{cells or '<table:table-cell/>'}</table:table-row>"


def _note_row(table: Table, note: str, zone: tzinfo) -> str:
    """A note, on several lines if it is wider than the sheet.

    No program fits the height of merged cells by itself.
    """
    lines, others = _lines(table, note), len(table.columns) - 1
    if lines == 1 or not others:
        return _row(_cell(storable(note, zone)))
    span = f' table:number-columns-spanned="{others + 1}" table:number-rows-spanned="1"'
    cell = _cell(storable(note, zone), "note", span)
    covered = f'<table:covered-table-cell table:number-columns-repeated="{others}"/>'
    return f'<table:table-row table:style-name="h{lines}">{cell}{covered}</table:table-row>'


def _lines(table: Table, note: str) -> int:
    """How many lines a note takes over the width of the sheet: an estimate."""
    return max(1, -(-len(note) // sum(table.widths())))


def _cell(value: Value, style: str = "", span: str = "") -> str:
    # bool before int, datetime before date: the former is one of the latter.
    match value:
        case None:
            return f"<table:table-cell{span}/>"
        case str():
            content, kind = _paragraphs(value), 'office:value-type="string"'
            if "\r" in value:  # no element for it: the value is told apart from what is shown
                kind += f" office:string-value={quoteattr(value)}"
        case bool():
            content = f"<text:p>{french_text(value)}</text:p>"
            kind = f'office:value-type="boolean" office:boolean-value="{plain_text(value)}"'
        case int() | float():
            content = f"<text:p>{french_text(value)}</text:p>"
            kind = f'office:value-type="float" office:value="{value!r}"'
        case date():
            style = "datetime" if isinstance(value, datetime) else "date"
            content = f"<text:p>{french_text(value)}</text:p>"
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    look = f' table:style-name="{style}"' if style else ""
    return f"<table:table-cell{look}{span} {kind}>{content}</table:table-cell>"


def _paragraphs(text: str) -> str:
    return "".join(
        f"<text:p>{SOFT_SPACES.sub(_spaces, escape(line))}</text:p>"
        for line in re.split(r"\r\n|\r|\n", text)
    )


def _spaces(found: re.Match[str]) -> str:
    return "<text:tab/>" if found[0] == "\t" else f'<text:s text:c="{len(found[0])}"/>'


def _settings(tables: Sequence[Table], titles: Sequence[str]) -> str:
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
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-settings{NAMES}'
        ' xmlns:ooo="http://openoffice.org/2004/office" office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        f'<config:config-item-map-named config:name="Tables">{views}</config:config-item-map-named>'
        "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )
