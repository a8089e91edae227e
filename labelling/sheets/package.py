"""An OpenDocument file: its parts, in an archive that says what it is."""

from collections.abc import Mapping

from .archive import archive

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = {
    **{
        name: f"{_OASIS}{name}:1.0"
        for name in ("office", "table", "text", "style", "config", "meta")
    },
    "draw": f"{_OASIS}drawing:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "number": f"{_OASIS}datastyle:1.0",
    "svg": f"{_OASIS}svg-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
    "ooo": "http://openoffice.org/2004/office",
}
_DECLARED = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _NAMES.items())


def pack(media_type: str, parts: Mapping[str, str]) -> bytes:
    """Return the file. `parts`: what stands in content, styles, settings, meta, each as XML."""
    files = {
        f"{part}.xml": f'{_XML}<office:document-{part}{_DECLARED} office:version="1.3">'
        f"{xml}</office:document-{part}>"
        for part, xml in parts.items()
    }
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", media_type), *((file, "text/xml") for file in files))
    )
    manifest = (
        f'{_XML}<manifest:manifest xmlns:manifest="{_OASIS}manifest:1.0" manifest:version="1.3">'
        f"{entries}</manifest:manifest>"
    )
    # The type first, as the format asks: the file is recognised by its first bytes.
    whole = {"mimetype": media_type, "META-INF/manifest.xml": manifest, **files}
    return archive((name, text.encode()) for name, text in whole.items())
