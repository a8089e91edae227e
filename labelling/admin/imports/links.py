"""What the pages of records show of imports: the ways to them, and what they refused for good."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from labelling.models import ImportRun, KeptValue
from labelling.spreadsheets.judging.wording import Wording
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights


def locate_import(user: Any, model_key: str, **owner: int) -> str:
    """Where « Importer un tableur » leads from a list of records; empty without the right.

    From the page of an association or of a wave, with its key: `association`, `wave`.
    """
    if not rights.may_prepare(user, model_key):
        return ""
    query = {"model": model_key} | owner
    return f"{reverse('admin:labelling_importrun_add')}?{urlencode(query)}"


def list_kept_values(user: Any, record: Any) -> dict[str, Any]:
    """What files gave and was refused for good for `record`; whether `user` may take it back."""
    kept = list(KeptValue.objects.of(record).select_related("refused_by").order_by("field"))
    if not kept:
        return {"kept": []}
    model_key = record._meta.model_name
    wording = Wording(RESOURCES[model_key]())
    shown = [
        {
            "label": wording.word_label(kept_value.field),
            "value": wording.word_value(kept_value.field, kept_value.value),
            "who": rights.name_user(kept_value.refused_by),
            "when": rights.format_moment(kept_value.refused_at),
            "address": reverse("admin:labelling_importrun_forget", args=[kept_value.pk]),
        }
        for kept_value in kept
    ]
    may_forget = rights.may_prepare(user, model_key) and rights.may(user, "change", model_key)
    return {"kept": shown, "may_forget": may_forget}


def locate_imports(user: Any, *records: Any) -> dict[str, str]:
    """Where their history leads: by its reason, the address of each import that wrote one of them.

    None for who may not import such records; all are of one model.
    """
    if not all(rights.may_prepare(user, record._meta.model_name) for record in records[:1]):
        return {}
    runs = ImportRun.objects.of(*records).only("pk", "status")
    return {
        reason: reverse("admin:labelling_importrun_change", args=[run.pk])
        for run in runs
        for reason in (run.reason, run.undo_reason)
    }
