"""The release as plain text, as a mail carries it."""

from dataclasses import replace

from labelling.press_release.content import Content


def render(content: Content) -> bytes:
    """Return UTF-8 text, its parts separated by blank lines."""
    parts = [
        *content.notices,
        content.letterhead.name if content.letterhead else "",
        content.place_and_date,
        content.kind,
        content.title,
        content.lead,
        *content.paragraphs,
        *(_list(content) if content.lines else ()),
        content.situation,
        content.about_heading,
        *content.about,
        content.contact_heading,
        "\n".join(content.contact),
        content.imprint,
    ]
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def render_for_programs(content: Content) -> bytes:
    """Return the same, word for word what was frozen: without its digest, which is not of it."""
    return render(replace(content, imprint=""))


def _list(content: Content) -> tuple[str, str]:
    heading = "\n".join(filter(None, [content.list_title, content.legend]))
    return heading, "\n".join(_rows(content))


def _rows(content: Content) -> list[str]:
    rows = ["\t".join(content.columns)]
    for region, lines in content.by_region():
        rows += ["", region]
        for line in lines:
            mark = f" {content.mark}" if line.is_new else ""
            rows.append(f"\t{line.department}\t{line.name}{mark}")
    return rows
