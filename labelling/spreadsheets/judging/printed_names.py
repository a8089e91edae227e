"""The name to print that is made from the State's, until a person gives a better one."""

import re

_FRANCE_SERVICES = re.compile(r"\b(?:espace\s+)?france\s+services?\b", re.IGNORECASE)
_BRAND = re.compile(r"\bpimms(?:\s+m[ée]diation)*\b", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def make_printed_name(state_name: str, brand: str = "PIMMS") -> str:
    """Return « PIMMS Ambazac - Bus » for « Bus France services Pimms Médiation Ambazac »."""
    bare = _SPACES.sub(" ", _FRANCE_SERVICES.sub(" ", state_name)).strip(" -–")
    match = _BRAND.search(bare)
    if not match:
        return bare or state_name
    before, after = bare[: match.start()].strip(" -–"), bare[match.end() :].strip(" -–")
    name = f"{brand} {after}".strip()
    return f"{name} - {before}" if before else name
