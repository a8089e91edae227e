"""What a reader of a file can click: the contact's telephone and address."""

import re
from urllib.parse import quote

# As people write numbers: in pairs, with dots, after +33 or 0033, « (0) » within.
_PARTING = re.compile("[ \u00a0\u202f.()/-]")
_FRENCH = re.compile("(?:0|(?:\\+|00)330?)([1-9][0-9]{8})")
_ABROAD = re.compile("(?:\\+|00)([1-9][0-9]{6,14})")
_FORBIDDEN = frozenset(' \t\n\u00a0\u202f"<>(),;:\\[]')


def find_link(text: str) -> str:
    """Return « tel:+33123456789 » or « mailto:… » for what can be called or written to.

    Empty for everything else.
    """
    return _find_telephone(text) or _find_mail(text)


def _find_telephone(text: str) -> str:
    digits = _PARTING.sub("", text)
    if match := _FRENCH.fullmatch(digits):
        return f"tel:+33{match[1]}"
    if match := _ABROAD.fullmatch(digits):
        return f"tel:+{match[1]}"
    return ""


def _find_mail(text: str) -> str:
    name, at, host = text.partition("@")
    if not name or not at or "." not in host.strip(".") or "@" in host:
        return ""
    return "" if _FORBIDDEN & {*text} else f"mailto:{quote(text, safe='@+')}"
