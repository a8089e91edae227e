"""The list as CSV: one for staff's spreadsheets, one for programs."""

from labelling.press_release.content import NO_PROPERTIES, Content, Properties
from labelling.press_release.renderers import flat
from labelling.sheets import Column, Table, to_csv


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return what French Excel opens: semicolons, French headings, a byte order mark.

    The headings of a plain release come first: what people made to read them expects it. Above
    those of a draft, under an embargo, of what corrects another release and of a list without new
    sites stands what it is.
    """
    is_plain = content.new_count and not content.notices and not content.is_correction
    above = [] if is_plain else flat.write_preface(content)
    return to_csv(flat.make_table(content, [*above, ""] if above else []))


def render_for_programs(content: Content) -> bytes:
    """Return commas, an English header and the texts to the letter; no notice, nothing above."""
    rows = [
        [line.region, line.department, line.name, "yes" if line.is_new else "no"]
        for line in content.lines
    ]
    columns = [Column(heading) for heading in ("region", "department", "name", "new")]
    return to_csv(Table(title="", columns=columns, rows=rows), for_programs=True)
