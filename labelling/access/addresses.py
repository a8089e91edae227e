"""Where a request comes from, as far as it can be believed [S15]."""

import ipaddress
from typing import Any

from django.conf import settings

# One subscriber has as many addresses of version 6 as there are: they count as one.
_PREFIX = 64


def find_address(request: Any) -> str:
    """The address of who asks, as the connection or our own proxy gives it; empty if unknown.

    What the request says of itself is not believed: behind our proxy, the last address of the
    header is the one that the proxy wrote.
    """
    if settings.BEHIND_PROXY:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    else:
        told = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return ""


def find_network(request: Any) -> str:
    """The address, or of version 6 the network that one subscriber has."""
    address = find_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{_PREFIX}", strict=False))
