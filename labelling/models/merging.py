"""Two records of one site: what keeps them apart, what goes along, making one of them, and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from labelling import text
from labelling.choices import ReleaseStatus
from labelling.models.accepted import AcceptedFinding
from labelling.models.base import StaleRecord
from labelling.models.deleted import find_deleted
from labelling.models.imports import ImportRun
from labelling.models.merged import MERGED, MergedSite
from labelling.models.release import PressRelease
from labelling.models.remembered import KeptValue
from labelling.models.site import Site

# The history takes no longer reason: what is left of a name.
_LONGEST_NAME = 50


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What is found on the page of the record that stays, once the other went into it."""

    entries: int
    imports: int
    kept_values: int
    accepted: int
    # The releases in force that list it, by the day of each.
    releases: list[Any]


def find_obstacle(stays: Site, goes: Site) -> str:
    """Why two records cannot become one, and what to do instead; empty if they can."""
    mine, theirs = _list_keys(stays), _list_keys(goes)
    sent = PressRelease.objects.filter(status=ReleaseStatus.SENT).with_lines()
    releases: Any = sent.order_by("issued_on", "pk")
    for release in releases:
        listed = _list_listed(release)
        if listed & mine and listed & theirs:
            sentence = (
                f"Le communiqué du {text.long_date(release.issued_on)}, envoyé, compte ces deux "
                "sites : leurs fiches restent."
            )
            if not (stays.withdrawn_on or goes.withdrawn_on):
                sentence += (
                    " Si l’un a été inscrit par erreur, choisissez sur sa fiche « Mettre fin au "
                    "label… »."
                )
            return text.typeset(sentence)
    for first, second in ((stays, goes), (goes, stays)):
        end, wave = first.withdrawn_on, second.wave
        if first.wave and end and wave and end <= wave.effective_on:
            return text.typeset(
                f"Ce sont deux labels : celui de « {first} » a pris fin le {text.long_date(end)}, "
                f"celui de « {second} » est valable à partir du "
                f"{text.long_date(wave.effective_on)}. Chacun garde sa fiche."
            )
    return ""


def choose_staying(one: Site, other: Site) -> tuple[Site, Site]:
    """Which of the two stays and which goes, unless a person says otherwise.

    The printed one stays; else the one with the label, else the one that was made first.
    """
    printed = PressRelease.objects.find_printed_sites()
    stays, goes = sorted(
        (one, other), key=lambda site: (site.pk not in printed, site.wave_id is None, site.pk)
    )
    return stays, goes


def find_moved(stays: Site, goes: Site) -> Moved:
    """What would go along."""
    keys = _list_keys(goes)
    releases: Any = PressRelease.objects.in_force().with_lines().order_by("issued_on", "pk")
    return Moved(
        entries=Site.history.filter(id__in=keys).count(),
        imports=ImportRun.objects.of(goes).count(),
        kept_values=_find_kept(stays, goes).count(),
        accepted=_find_accepted(stays, goes).count(),
        releases=[release for release in releases if _list_listed(release) & keys],
    )


def merge(stays: Site, goes: Site) -> None:
    """Make one record of two: `stays` with the values that it has here, which are stored nowhere.

    Raise StaleRecord if somebody saved or deleted one of them since it was read, ValidationError,
    in French, if they cannot become one or the values cannot stand. Nothing is written then.
    """
    with transaction.atomic():
        stored = _lock(stays, goes)
        if obstacle := find_obstacle(*stored):
            raise ValidationError(obstacle)
        _find_kept(stays, goes).update(record_id=stays.pk)
        KeptValue.objects.of(goes).delete()
        _find_accepted(stays, goes).update(record_id=stays.pk)
        AcceptedFinding.objects.of(Site, [goes.pk]).delete()
        former = stored[0]
        if stays.name != former.name and stays.name == goes.made_name:
            stays.made_name = goes.made_name  # Still to be read.
        if stays.rank is None and stays.department_id == goes.department_id:
            stays.rank = goes.rank
        key = goes.pk
        MergedSite.objects.filter(into=goes).update(into=stays)
        MergedSite.objects.create(pk=key, into=stays)
        goes._change_reason = _word_reason(former)
        # Round what a deletion is refused for: nothing is lost, and its key still leads somewhere.
        models.Model.delete(goes)
        goes.pk = key
        stays.full_clean()
        stays._change_reason = _word_reason(goes)
        stays._tells_anyway = True
        stays.save()


def unmerge(key: int) -> Site:
    """Make two records again: the one of this key as it was, the other without what its merge
    changed; what was changed of it since stays.

    Return the other. Raise ValidationError, in French, where one of the two cannot stand so.
    Nothing is written then.

    What was refused and accepted of the one that went stays with the other.
    """
    with transaction.atomic():
        successor = MergedSite.objects.filter(pk=key).values("into")
        stays = Site.objects.select_for_update().filter(pk__in=successor).first()
        if stays is None:
            raise ValidationError(text.typeset("Cette fusion a déjà été annulée."))
        if through := find_through(stays, key):
            raise ValidationError(word_through(stays, through))
        merged, before = _find_versions(stays, key)
        followers = _list_followers(stays, key)
        for field in Site._meta.concrete_fields:
            if getattr(stays, field.attname) != getattr(merged, field.attname):
                setattr(before, field.attname, getattr(stays, field.attname))
        stays.made_name = before.made_name
        stays._tells_anyway = True
        stays.restore(before, f"Fusion du {text.moment(merged.history_date)} annulée")
        deleted = find_deleted(Site, key)
        if deleted is None:
            raise ValidationError(text.typeset("Cette fusion a déjà été annulée."))
        if deleted.obstacles:
            raise ValidationError([obstacle.sentence for obstacle in deleted.obstacles])
        deleted.put_back()
        MergedSite.objects.filter(pk__in=followers).update(into=key)
        return stays


def find_through(stays: Site, key: int) -> Site | None:
    """The record that the one of this key went into, where it went into `stays` in its turn."""
    keys = MergedSite.objects.list_keys([stays.pk])
    deletion = Site.history.filter(id=key, history_type="-").order_by("-history_id").first()
    reason = (deletion and deletion.history_change_reason) or ""
    through = next((one for one in keys if reason.endswith(_word_number(one))), None)
    last = Site.history.filter(id=through).order_by("-version", "-history_id").first()
    return last and last.instance


def word_through(stays: Site, through: Site) -> str:
    """Why its merge is not taken back yet, and which one is before."""
    return text.typeset(
        f"Cette fiche a été fusionnée avec « {through} », qui l’a été ensuite avec « {stays} ». "
        f"Annulez d’abord la fusion de « {through} »."
    )


def is_owed(stays: Site, key: int, fields: Iterable[str]) -> bool:
    """Whether `stays` has one of these values by its merge with the record of this key, so that it
    gives it back as the merge is taken back."""
    while through := find_through(stays, key):
        key = through.pk
    merged, before = _find_versions(stays, key)
    stored: list[Any] = [Site._meta.get_field(name) for name in fields]
    return any(
        getattr(before, one.attname) != getattr(merged, one.attname) == getattr(stays, one.attname)
        for one in stored
    )


def _find_versions(stays: Site, key: int) -> tuple[Any, Any]:
    """The entry of its history that tells of the merge with the record of this key, and the one
    before it."""
    entries = stays.history.order_by("-version")
    told = {"history_change_reason__startswith": MERGED}
    merged = entries.filter(**told, history_change_reason__endswith=_word_number(key))[0]
    return merged, entries.filter(version__lt=merged.version)[0]


def _list_followers(stays: Site, key: int) -> list[int]:
    """The records that had gone into the one of this key before it went into `stays`."""
    keys = MergedSite.objects.list_keys([stays.pk])
    deletions = Site.history.filter(id__in=keys, history_type="-").order_by("history_id")
    told = dict(deletions.values_list("id", "history_change_reason"))
    found = [key]
    while fresh := [
        one
        for one, reason in told.items()
        if one not in found and (reason or "").endswith(tuple(map(_word_number, found)))
    ]:
        found += fresh
    return found[1:]


def _lock(*sites: Site) -> tuple[Site, ...]:
    """The records as they are stored, held until the end of the transaction."""
    keys = [site.pk for site in sites]
    locked = Site.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    versions = dict(locked.values_list("pk", "version"))
    for site in sites:
        if versions.get(site.pk) != site.version:
            raise StaleRecord(site)
    stored = Site.objects.with_place().in_bulk(keys)
    return tuple(stored[key] for key in keys)


def _word_reason(other: Site) -> str:
    name = str(other)
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    return text.typeset(f"{MERGED} « {name} » ") + _word_number(other.pk)


def _word_number(key: int) -> str:
    return text.typeset(f"(fiche n° {key})")


def _list_keys(site: Site) -> set[int]:
    return {site.pk, *MergedSite.objects.list_keys([site.pk])}


def _list_listed(release: Any) -> set[int]:
    return {line["site"] for line in release.lines or () if line.get("site")}


def _find_kept(stays: Site, goes: Site) -> Any:
    """The values refused of the one that goes, but of the fields of which the other has its own."""
    own = _list_own(KeptValue.objects.of(stays), "field")
    return KeptValue.objects.of(goes).exclude(field__in=own)


def _find_accepted(stays: Site, goes: Site) -> Any:
    own = _list_own(AcceptedFinding.objects.of(Site, [stays.pk]), "rule")
    return AcceptedFinding.objects.of(Site, [goes.pk]).exclude(rule__in=own)


def _list_own(stored: Any, name: str) -> Iterable[Any]:
    return [*stored.values_list(name, flat=True)]
