"""What two records of one site say, part by part: whose value is proposed, and what is doubtful."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from labelling import text
from labelling.admin import history
from labelling.models import Site

# What is chosen together, in the order of the form: by itself, half a position would stand nowhere.
PARTS = (
    ("name",),
    ("association",),
    ("department",),
    ("wave",),
    ("france_services_id",),
    ("format",),
    ("in_priority_district",),
    ("address",),
    ("postcode",),
    ("commune",),
    ("note",),
    ("state_name",),
    ("commune_code",),
    ("latitude", "longitude"),
    ("withdrawn_on", "withdrawal_reason"),
)
# Of these, those of one place: where two places are told, one of them is proposed whole.
_PLACE = ("department", "address", "postcode", "commune", "commune_code", "latitude")
# Of those whose fields have no name together; and what is said of one that is blank.
_LABELS = {"latitude": "Position sur la carte", "withdrawn_on": "Fin du label"}
_BLANKS = {"wave": "Candidat", "withdrawn_on": "Aucune"}
STAYS, GOES = "stays", "goes"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is chosen together, and how each of the two records has it, in words."""

    names: tuple[str, ...]
    label: str
    stays: str
    goes: str
    is_alike: bool
    proposed: str


def list_parts(stays: Site, goes: Site) -> list[Part]:
    """All that is chosen, in the order of the form."""
    place = _propose_place(stays, goes)
    return [_make_part(names, stays, goes, place if names[0] in _PLACE else "") for names in PARTS]


def _propose_place(stays: Site, goes: Site) -> str:
    """Whose place is proposed, where each record tells another one; empty where they complete
    each other."""
    if not any(_differ(stays, goes, name) for name in _PLACE):
        return ""
    mine, theirs = (sum(bool(_read_key(one, name)) for name in _PLACE) for one in (stays, goes))
    return GOES if theirs > mine else STAYS


def _differ(stays: Site, goes: Site, name: str) -> bool:
    """Whether both tell something, and not the same but for case and accents."""
    mine, theirs = _read_key(stays, name), _read_key(goes, name)
    return bool(mine and theirs and mine != theirs)


def _read_key(site: Site, name: str) -> str:
    field: Any = Site._meta.get_field(name)
    value = getattr(site, field.attname)
    return "" if value is None else text.search_key(str(value))


def _make_part(names: tuple[str, ...], stays: Site, goes: Site, proposed: str) -> Part:
    fields: list[Any] = [Site._meta.get_field(name) for name in names]
    mine, theirs = ([getattr(site, f.attname) for f in fields] for site in (stays, goes))
    is_blank, is_filled = _are_blank(mine), not _are_blank(theirs)
    return Part(
        names=names,
        label=capfirst(_LABELS.get(names[0], str(fields[0].verbose_name))),
        stays=_word_values(fields, stays),
        goes=_word_values(fields, goes),
        is_alike=mine == theirs,
        proposed=proposed or (GOES if is_blank and is_filled else STAYS),
    )


def _are_blank(values: list[Any]) -> bool:
    return all(value is None or value == "" for value in values)


def _word_values(fields: list[Any], site: Site) -> str:
    """The values as a person reads them; what belongs to it has been read with the site."""
    if _are_blank([getattr(site, field.attname) for field in fields]):
        return _BLANKS.get(fields[0].name, "Non renseigné")
    words = []
    for field in fields:
        value = getattr(site, field.attname)
        related = {value: str(getattr(site, field.name))} if field.is_relation else None
        words.append(history.word_value(field, value, related))
    return ", ".join(words)


def list_warnings(stays: Site, goes: Site) -> list[str]:
    """What makes it doubtful that the two records are of one site."""
    told = []
    if stays.department_id != goes.department_id:
        told.append(f"le même département ({stays.department} et {goes.department})")
    if _read_key(stays, "commune") and _differ(stays, goes, "commune"):
        told.append(f"la même commune ({stays.commune} et {goes.commune})")
    return [
        text.typeset(
            f"Les deux fiches n’ont pas {one} : vérifiez que c’est bien un même site avant de les "
            "fusionner."
        )
        for one in told
    ]
