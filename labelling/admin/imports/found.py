"""What quality finds of the records that an applied import wrote."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from labelling import quality
from labelling.admin.findings import locate_group
from labelling.models import ImportRun
from labelling.spreadsheets.resources import RESOURCES


def list_found(request: HttpRequest, run: ImportRun) -> list[dict[str, Any]]:
    """Rule by rule: how many of these records, and where all that the rule finds is.

    But for names, which are the next step; none for who may not see such records.
    """
    if not request.user.has_perm(f"labelling.view_{run.model_key}"):
        return []
    records: Any = RESOURCES[run.model_key]._meta.model._default_manager
    written = records.filter(pk__in=run.rows.written().values("record_id"))
    groups = quality.group(quality.find_told(written, timezone.localdate()))
    return [
        {"name": one.name, "count": len(one.findings), "address": locate_group(one.rule)}
        for one in groups
        if one.rule != quality.NAMES_TO_READ
    ]
