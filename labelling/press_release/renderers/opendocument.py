"""What an OpenDocument file says of itself."""

from datetime import UTC
from xml.sax.saxutils import escape

from labelling.press_release.content import Content, Properties

COUNTRIES = {"fr": "FR"}


def describe(content: Content, properties: Properties) -> str:
    """Return the properties of the file as the XML of its part « meta »."""
    country = COUNTRIES.get(content.language)
    author = properties.author
    at = properties.made_at
    made_at = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
    said = (
        ("dc:title", content.title),
        ("dc:subject", properties.subject),
        ("meta:initial-creator", author),
        ("dc:creator", author),
        ("meta:creation-date", made_at),
        ("dc:date", made_at),
        ("meta:keyword", f"sha256:{properties.digest}" if properties.digest else ""),
        ("dc:language", f"{content.language}-{country}" if country else content.language),
    )
    texts = (f"<{tag}>{escape(text)}</{tag}>" for tag, text in said if text)
    return f"<office:meta>{''.join(texts)}</office:meta>"
