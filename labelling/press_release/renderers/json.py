"""The whole content as JSON, for programs."""

import json

from labelling.press_release.content import NO_PROPERTIES, Content, Properties


def render(content: Content, properties: Properties = NO_PROPERTIES) -> bytes:
    """Return UTF-8 that Content.from_json() reads back into the same content."""
    return (json.dumps(content.to_json(), ensure_ascii=False, indent=2) + "\n").encode()
