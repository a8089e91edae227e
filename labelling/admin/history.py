"""The history of a record: who changed what, from what to what; and going back."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_number
from labelling.admin.imports.links import locate_imports
from labelling.models import MergedSite, Record, Site, StaleRecord
from labelling.models.base import name_user
from labelling.models.deleted import list_deletions
from labelling.models.merged import tells_merge
from labelling.press_release import editions, errata

_PER_PAGE = 25
_NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A field of one entry, as people read it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the history page."""

    stored: Any
    event: str
    author: str
    when: str
    reason: str
    # Of the import that wrote it, for who may see it.
    import_address: str
    changes: tuple[Change, ...]
    is_current: bool
    is_deletion: bool


def find_latest(record: Record) -> Any:
    """The last entry, or None."""
    return record.history.select_related("history_user").order_by("-version").first()


def find_entry_before(record: Record) -> Any:
    """The entry of the version before this one, or None if the record has just been created."""
    return record.history.filter(version__lt=record.version).order_by("-version").first()


def find_values_at(record: Record, version: int | None) -> dict[str, Any] | None:
    """The stored values of `record` at `version`; None if its history does not hold it."""
    entry = record.history.filter(version=version).first()
    return entry and {f.attname: getattr(entry, f.attname) for f in record._meta.concrete_fields}


def word_deletion(model: type[Record], key: Any) -> str:
    """What to say where a record was chosen that somebody deleted; empty if it is there."""
    if read_number(str(key)) is None or model._base_manager.filter(pk=key).exists():
        return ""
    entry = model.history.filter(id=key).order_by("-version").first()
    if entry is None:  # A person who was erased left no name.
        return "Cette fiche n’existe plus. Choisissez-en une autre."
    return text.typeset(f"La fiche « {entry.instance} » n’existe plus : choisissez-en une autre.")


def word_end(entry: Any) -> str:
    """What became of a record, and by whom, of the entry that tells its end."""
    what = "fusionnée avec une autre" if tells_merge(entry) else "supprimée"
    by = f" par {author}" if (author := name_author(entry)) else ""
    return f"La fiche « {entry.instance} » a été {what}{by}"


def name_author(entry: Any) -> str:
    """Who made an entry; empty for what a program made."""
    return name_user(entry.history_user)


def word_value(field: models.Field, value: Any, names: dict[Any, str] | None = None) -> str:
    """A stored value as a page shows it. `names` gives those of the related records."""
    if value is None or value == "":
        return "Non renseigné" if isinstance(field, models.BooleanField) else _NOTHING
    if isinstance(field, models.BooleanField):
        return "Oui" if value else "Non"
    if isinstance(field, models.ForeignKey):
        if names is None:
            names = _find_names(field, [value])
        return names.get(value, "fiche supprimée")
    if isinstance(field, models.TextField) and not field.editable:
        return "image"  # In base64: nobody reads it.
    if field.name == "errata":
        return errata.word_errata(value)
    if field.name == "editions":
        return editions.word_editions(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return text.short_moment(value)
    if isinstance(value, date):
        return text.short_date(value)
    return str(value)


def list_values(record: Record) -> list[tuple[str, str]]:
    """What is told of a record, field by field: those that hold something."""
    # A draft is all that is ever deleted; which editions it has says no sentence.
    kinds = [f for f in _list_fields(record) if f.name != "status"]
    fields = [field for field in kinds if not isinstance(field, models.JSONField)]
    names = _find_related_names(fields, [record])
    values = [(field, getattr(record, field.attname)) for field in fields]
    return [
        (capfirst(field.verbose_name), word_value(field, value, names.get(field.name)))
        for field, value in values
        if value not in (None, "")
    ]


def history_page(pages: ModelAdmin, request: HttpRequest, record: Record) -> HttpResponse:
    """Show the entries, the last one first, each with its old and new values."""
    context = make_context(pages, request, record)
    return TemplateResponse(request, "labelling/history.html", context)


def make_context(pages: ModelAdmin, request: HttpRequest, record: Record) -> dict[str, Any]:
    """What a page with the history of a record shows. The record may be deleted."""
    merged = _name_merged(record)
    # Of the record itself, or of one that went into it.
    key = read_number(request.GET.get("merged"))
    shown = key if key in merged else record.pk
    whole = type(record).history.filter(id=shown)
    stored = whole.select_related("history_user").order_by("-version", "-history_id")
    page = Paginator(stored, _PER_PAGE).get_page(request.GET.get("p"))
    entries = list(page.object_list)
    # The entry before the page's last one, to compare with.
    older = stored.filter(version__lt=entries[-1].version).first() if entries else None

    return {
        **pages.admin_site.each_context(request),
        "title": f"Historique de {merged.get(shown, record)}",
        "merged": merged,
        "shown": shown,
        "opts": pages.opts,
        "object": record,
        "entries": _list_entries(record, entries, older, locate_imports(request.user, record)),
        "page": page,
        "can_restore": not record._state.adding
        and shown == record.pk
        and pages.has_change_permission(request, record),
        "list_title": capfirst(pages.opts.verbose_name_plural),
    }


def _name_merged(record: Record) -> dict[int, str]:
    """The records that went into this one: what each was called, by its key."""
    if not isinstance(record, Site):
        return {}
    keys = MergedSite.objects.list_keys([record.pk])
    entries = Site.history.filter(id__in=keys).order_by("version", "history_id")
    return dict(entries.values_list("id", "name"))


def list_latest(user: Any, record: Record, count: int) -> list[Entry]:
    """The last entries of a record, the last one first."""
    stored = record.history.select_related("history_user").order_by("-version", "-history_id")
    entries = list(stored[: count + 1])
    older = entries[count] if len(entries) > count else None
    return _list_entries(record, entries[:count], older, locate_imports(user, record))


def restore(
    request: HttpRequest, record: Record, entry_id: int, say_restored: Callable[[str], None]
) -> HttpResponse:
    """Give the record the values of an entry, on POST alone; say of what moment it was.

    Refused, with its reason, if somebody saved since the page that asks for it was shown.
    """
    if request.method != "POST":  # After a session that expired: back to where the button is.
        return HttpResponseRedirect(locate_page(record, "history", record.pk))
    entry = record.history.filter(history_id=entry_id).first()
    if entry is None:
        raise Http404
    try:
        asked_at = request.GET.get("version", "")
        if asked_at and asked_at != str(record.version):
            raise StaleRecord(record)
        restored = record.restore(
            entry, f"Retour à la version du {text.moment(entry.history_date)}"
        )
    except StaleRecord:
        who = name_author(find_latest(record)) or "Une autre personne"
        messages.error(
            request,
            f"{who} a modifié cette fiche entre-temps : rien n’a été remis. Regardez "
            "l’historique, puis choisissez la version à reprendre.",
        )
    except ValidationError as error:
        reasons = " ".join(error.messages)
        messages.error(request, f"Cette version ne peut pas être reprise telle quelle. {reasons}")
    else:
        if not restored:
            messages.info(request, f"{record} : la fiche est déjà ainsi, rien n’a changé.")
        else:
            say_restored(text.moment(entry.history_date))
        return HttpResponseRedirect(locate_page(record, "change", record.pk))
    return HttpResponseRedirect(locate_page(record, "history", record.pk))


def _list_entries(
    record: Record, entries: list[Any], older: Any, imports: dict[str, str]
) -> list[Entry]:
    fields = _list_fields(record)
    names = _find_related_names(fields, [*entries, older] if older else entries)
    readable = []
    for entry, previous in zip(entries, [*entries[1:], older], strict=True):
        is_deletion = entry.history_type == "-"
        is_compared = previous is not None and not is_deletion
        changes = tuple(_list_changes(fields, previous, entry, names)) if is_compared else ()
        readable.append(
            Entry(
                stored=entry,
                event=_word_event(entry, is_first=previous is None),
                author=name_author(entry),
                when=text.moment(entry.history_date),
                reason=entry.history_change_reason or "",
                import_address=imports.get(entry.history_change_reason or "", ""),
                changes=changes,
                is_current=_is_current(entry, record),
                is_deletion=is_deletion,
            )
        )
    return readable


def _is_current(entry: Any, record: Record) -> bool:
    is_of_it = entry.id == record.pk and not record._state.adding
    return is_of_it and entry.version == record.version


def _word_event(entry: Any, *, is_first: bool) -> str:
    if tells_merge(entry):
        return "Fusion"
    if entry.history_type == "-":
        return "Suppression"
    if is_first:
        return "Fiche créée"
    return "Fiche remise" if entry.history_type == "+" else "Modification"


def _list_fields(record: Record) -> list[Any]:
    # A status is never restored: it has its own steps.
    names_besides = {*record.restored_fields, "status"}
    return [
        field
        for field in record._meta.concrete_fields
        if not field.primary_key and (field.editable or field.name in names_besides)
    ]


def _list_changes(
    fields: list[Any], before: Any, after: Any, names: dict[str, dict[Any, str]]
) -> Iterable[Change]:
    for field in fields:
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old != new:
            yield Change(
                label=capfirst(field.verbose_name),
                before=word_value(field, old, names.get(field.name)),
                after=word_value(field, new, names.get(field.name)),
            )


def _find_related_names(fields: list[Any], entries: list[Any]) -> dict[str, dict[Any, str]]:
    """The names of all that the entries refer to: one query per foreign key."""
    wanted: dict[str, set[Any]] = defaultdict(set)
    keys = [f for f in fields if isinstance(f, models.ForeignKey)]
    for field in keys:
        wanted[field.name] |= {getattr(entry, field.attname) for entry in entries}
    return {field.name: _find_names(field, wanted[field.name]) for field in keys}


def _find_names(field: Any, values: Iterable[Any]) -> dict[Any, str]:
    model, keys = field.related_model, {value for value in values if value is not None}
    names = {key: str(record) for key, record in model._base_manager.in_bulk(keys).items()}
    if issubclass(model, Record) and (gone := keys - names.keys()):
        entries = list_deletions(model).filter(id__in=gone)
        names |= {entry.id: f"{entry.instance} (fiche supprimée)" for entry in entries}
    return names
