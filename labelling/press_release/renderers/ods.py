"""The list as an OpenDocument sheet: one value per cell, to filter."""

from labelling.press_release.content import NO_PROPERTIES, Content, Properties
from labelling.press_release.renderers import flat, opendocument
from labelling.press_release.renderers.characters import refuse_what_xml_forbids
from labelling.sheets import to_ods


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return the sheet. Raise UnprintableCharacterError for what no XML file can hold."""
    refuse_what_xml_forbids(content)
    table = flat.make_table(content, flat.write_preface(content))
    return to_ods([table], meta=opendocument.describe(content, properties))
