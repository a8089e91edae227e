"""The lists that a journalist may be sent today."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.http import urlencode

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.home.figures import Figures
from labelling.admin.releases.files import sort_downloads
from labelling.models import Site
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights


@dataclass(frozen=True, kw_only=True)
class PressList:
    """A list to send to journalists, in the formats that they are sent."""

    label: str
    formats: tuple[tuple[str, str], ...]


def list_press_lists(request: HttpRequest, figures: Figures) -> tuple[PressList, ...]:
    """What a journalist may be sent today: all that is labelled, and what the last wave brought.

    Nothing beside the figures of another day.
    """
    may_download = rights.may_download(cast("User", request.user), RESOURCES["site"])
    if not may_download or not figures.is_of_today or not figures.labelled.count:
        return ()
    formats = sort_downloads(lambda extension: locate_page(Site, "press_list", extension))["main"]
    count = text.counted(figures.labelled.count, "site labellisé", "sites labellisés")
    lists = [PressList(label=f"Liste du jour\u00a0: {count}", formats=tuple(formats))]
    for wave in [wave for wave in figures.waves if wave.slug][:1]:
        if wave.new.count:
            new = text.counted(wave.new.count, "nouveau", "nouveaux")
            query = urlencode({"wave": wave.slug})
            lists.append(
                PressList(
                    label=f"{wave.name}\u00a0: {new}",
                    formats=tuple((label, f"{address}?{query}") for label, address in formats),
                )
            )
    return tuple(lists)
