"""Makes spreadsheet files byte by byte, honest or hostile, as no library would write them."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

Content = str | bytes

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"

ODS_NAMES = (
    "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("draw", "drawing"),
        )
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def zipped(parts: Mapping[str, Content], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file of these parts."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return output.getvalue()


def worksheet(rows: str, *, before: str = "", after: str = "") -> str:
    """Return the XML of a worksheet around its rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def text_cell(reference: str, text: str) -> str:
    """Return a cell of text that needs no shared strings."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def xlsx_parts(
    *sheets: str,
    states: tuple[str, ...] = (),
    active: int = 0,
    strings: str = "",
    cell_formats: tuple[int, ...] = (),
    main_type: str = MAIN_TYPE,
    uses_1904: bool = False,
) -> dict[str, Content]:
    """Return the parts of a workbook; sheets are named "Feuille 1", "Feuille 2"…."""
    places = range(1, len(sheets) + 1)
    states = states or ("visible",) * len(sheets)
    listed = "".join(
        f'<sheet name="Feuille {n}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, state in zip(places, states, strict=True)
    )
    linked = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in places
    )
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in cell_formats)
    return {
        "[Content_Types].xml": (
            f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main_type}"/></Types>'
        ),
        "_rels/.rels": (
            f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
            f'<workbookPr date1904="{int(uses_1904)}"/>'
            f'<bookViews><workbookView activeTab="{active}"/></bookViews>'
            f"<sheets>{listed}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">{linked}'
            f'<Relationship Id="rId90" Type="{RELATIONS}/sharedStrings"'
            ' Target="sharedStrings.xml"/>'
            f'<Relationship Id="rId91" Type="{RELATIONS}/styles" Target="styles.xml"/>'
            "</Relationships>"
        ),
        "xl/sharedStrings.xml": f'<?xml version="1.0"?><sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": (
            f'<?xml version="1.0"?><styleSheet xmlns="{MAIN}"><cellXfs>{styles}</cellXfs>'
            "</styleSheet>"
        ),
        **{f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in zip(places, sheets, strict=True)},
    }


def xlsx(*rows: str) -> bytes:
    """Return an XLSX workbook of one sheet with these rows."""
    return zipped(xlsx_parts(worksheet("".join(rows))))


def ods_parts(tables: str, styles: str = "") -> dict[str, Content]:
    """Return the parts of an ODS workbook around its tables."""
    return {
        "mimetype": ODS_TYPE,
        "content.xml": (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{ODS_NAMES}>'
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>"
        ),
        "META-INF/manifest.xml": (
            '<?xml version="1.0"?>'
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{ODS_TYPE}"/></m:manifest>'
        ),
    }


def ods_table(*rows: str, name: str = "Feuille 1", attributes: str = "") -> str:
    """Return the XML of one sheet of an ODS workbook."""
    return f'<table:table table:name="{name}" {attributes}>{"".join(rows)}</table:table>'


def ods_row(*cells: str, repeated: int = 1) -> str:
    """Return a row, which may stand for several."""
    repeats = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{repeats}>{''.join(cells)}</table:table-row>"


def ods_text(text: str, attributes: str = "") -> str:
    """Return a cell of text; the text may hold elements."""
    return ods_cell(f'office:value-type="string" {attributes}', f"<text:p>{text}</text:p>")


def ods_cell(attributes: str, content: str = "") -> str:
    """Return any cell."""
    return f"<table:table-cell {attributes}>{content}</table:table-cell>"


def ods_blank(repeated: int = 1) -> str:
    """Return empty cells."""
    return f'<table:table-cell table:number-columns-repeated="{repeated}"/>'


def ods(*rows: str) -> bytes:
    """Return an ODS workbook of one sheet with these rows."""
    return zipped(ods_parts(ods_table(*rows)))


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return an OLE container of these streams, each padded to the size of a large one."""
    table: list[int] = []
    sectors: list[bytes] = []

    def store(content: bytes) -> int:
        first = len(sectors)
        pieces = [content[place : place + 512] for place in range(0, len(content), 512)]
        sectors.extend(piece.ljust(512, b"\0") for piece in pieces)
        table.extend([*range(first + 1, len(sectors)), 0xFFFFFFFE])
        return first

    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for place, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(4096, b"\0")
        after = place + 1 if place < len(streams) else 0xFFFFFFFF
        entries.append(_entry(name, 2, store(padded), len(padded), after=after))
    while len(entries) % 4:
        entries.append(bytes(128))
    directory = store(b"".join(entries))
    table_place = len(sectors)
    table.append(0xFFFFFFFD)
    table += [0xFFFFFFFF] * (128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", table_place, *[0xFFFFFFFF] * 108)
    return header + b"".join(sectors) + struct.pack("<128I", *table)


def _entry(
    name: str, kind: int, first: int, size: int, *, child: int = 0xFFFFFFFF, after: int = 0xFFFFFFFF
) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, after, child)
        + bytes(36)
        + struct.pack("<III", first, size, 0)
    )


def xls(*records: tuple[int, bytes], before: Sequence[tuple[int, bytes]] = ()) -> bytes:
    """Return a workbook of Excel 97 with one sheet, "Feuille 1", made of these records.

    Those that stand `before` it are fonts and styles.
    """

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def beginning(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 6))

    name = b"\x09\x00" + b"Feuille 1"
    books = beginning(0x5) + b"".join(record(*content) for content in before)
    end = record(0xA)
    start = len(books) + 4 + 6 + len(name) + len(end)
    books += record(0x85, struct.pack("<IH", start, 0) + name) + end
    sheet = beginning(0x10) + b"".join(record(*content) for content in records) + end
    return compound({"Workbook": books + sheet})


def xls_text(row: int, column: int, text: str) -> tuple[int, bytes]:
    """Return the record of a cell of text."""
    return 0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("latin-1")


def xls_error(row: int, column: int, code: int) -> tuple[int, bytes]:
    """Return the record of a cell in error; 0x2A is #N/A."""
    return 0x205, struct.pack("<HHHBB", row, column, 0, code, 1)
