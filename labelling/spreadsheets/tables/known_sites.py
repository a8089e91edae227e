"""What evidence needs of our sites, read once for a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Self

from labelling.models import Site
from labelling.text import fold


class KnownSite(NamedTuple):
    """A site, by what the cells of a line may repeat of it. Texts are folded.

    The first of its `names` is the printed one.
    """

    key: int
    number: str
    department: str
    commune: str
    commune_code: str
    postcode: str
    wave_on: date | None
    has_ended: bool
    names: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """What shows, beside its number, that a line speaks of it."""
        return (self.commune_code.lower(), self.commune, *self.names)


@dataclass
class KnownSites:
    """Our sites by the State's number, and by each name that is one site's alone."""

    sites: list[KnownSite] = field(default_factory=list)
    by_number: dict[str, KnownSite] = field(default_factory=dict)
    by_name: dict[str, KnownSite | None] = field(default_factory=dict)
    # Whether a name of ours goes without that of the network.
    has_unbranded: bool = False

    @classmethod
    def read(cls) -> Self:
        columns = (
            "pk",
            "france_services_id",
            "department__code",
            "commune",
            "commune_code",
            "postcode",
            "wave__effective_on",
            "withdrawn_on",
            "name",
            "state_name",
        )
        rows: Iterable[tuple[Any, ...]] = Site.objects.order_by("pk").values_list(*columns)
        known = cls()
        for key, number, department, commune, code, postcode, wave_on, ended_on, *names in rows:
            folded = tuple(dict.fromkeys(fold(name) for name in names if name))
            site = KnownSite(
                key,
                number,
                department,
                fold(commune),
                code,
                postcode,
                wave_on,
                ended_on is not None,
                folded,
            )
            known.add(site)
        return known

    def add(self, site: KnownSite) -> None:
        self.sites.append(site)
        # « 0660 » is 660.
        number = site.number.lstrip("0")
        if number and not (site.has_ended and number in self.by_number):
            self.by_number[number] = site
        self.has_unbranded |= any("pimms" not in name for name in site.names)
        for name in site.names:
            # What two sites are called names neither, unless one's label ended.
            other = self.by_name.get(name, site)
            if other is None or (other is not site and site.has_ended == other.has_ended):
                self.by_name[name] = None
            elif other is site or other.has_ended:
                self.by_name[name] = site

    def find_named(self, words: str) -> KnownSite | None:
        """The one site that a text names, whole."""
        return self.by_name.get(fold(words))
