"""The release as plain text, as a mail carries it."""

from collections.abc import Iterable

from labelling.press_release.blocks import Block
from labelling.press_release.content import NO_PROPERTIES, Content, Properties


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return UTF-8 text, its parts separated by blank lines."""
    texts = (text for block in content.blocks() for text in _list_texts(content, block))
    return ("\n\n".join(filter(None, texts)) + "\n").encode()


def _list_texts(content: Content, block: Block) -> Iterable[str]:
    match block:
        case Block.LETTERHEAD:
            return (content.letterhead.name,) if content.letterhead else ()
        case Block.QUOTE:
            return ("\n".join(content.quote),)
        case Block.LIST:
            return _write_list(content)
        case Block.NATIONAL | Block.ABOUT:
            return (getattr(content, f"{block}_heading"), *content.list_texts(block))
        case Block.CONTACT:
            return (content.contact_heading, "\n".join(content.contact))
    return content.list_texts(block)


def _write_list(content: Content) -> tuple[str, str]:
    heading = "\n".join(filter(None, [content.list_title, content.legend]))
    return heading, "\n".join(_write_rows(content))


def _write_rows(content: Content) -> list[str]:
    rows = ["\t".join(content.columns)]
    for region, lines in content.by_region():
        rows += ["", region]
        for line in lines:
            mark = f" {content.mark}" if line.is_new else ""
            cells = ("", line.department, f"{line.name}{mark}", *content.list_places(line))
            rows.append("\t".join(cells))
    return rows
