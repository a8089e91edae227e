"""« Ce qui a changé depuis »: each difference judged, and the correction prepared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.imports.links import locate_imports
from labelling.admin.releases.frame import READ, locate_release, make_release_frame, word_progress
from labelling.choices import ReleaseStatus, Verdict
from labelling.models import PressRelease, Site
from labelling.press_release import corrections, drafting
from labelling.press_release.corrections import Correction
from labelling.press_release.differences import Difference
from labelling.press_release.explanations import Explanation, explain_differences
from labelling.press_release.publishing import NotDone


@dataclass(frozen=True, kw_only=True)
class Row:
    """A difference on the page: why, what was said of it, and what already corrects it."""

    key: str
    difference: Difference
    explanation: Explanation
    # Of the import that explains it, for who may see it.
    import_address: str
    verdict: str
    is_proposed: bool
    rectified_by: PressRelease | None

    @property
    def is_to_examine(self) -> bool:
        """Whether a record changed, or somebody has dealt with it: the rest is mostly spelling."""
        return bool(self.explanation.has_change or self.verdict or self.rectified_by)

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be answered, or to be rectified."""
        is_settled = self.rectified_by or (self.verdict and self.verdict != Verdict.ERROR)
        return self.is_to_examine and (self.is_proposed or not is_settled)

    @property
    def correction_state(self) -> str:
        return (self.rectified_by and word_progress(self.rectified_by)) or "Déjà rectifié"

    @property
    def is_to_rectify(self) -> bool:
        return self.verdict == Verdict.ERROR and self.rectified_by is None


def changes_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, *, may_judge: bool
) -> HttpResponse:
    """Show the differences; keep what is said of them, and prepare the correction asked for."""
    if release.status != ReleaseStatus.SENT or release.is_erratum:
        raise Http404
    if request.method == "POST":
        return _judge(request, release)
    if request.method not in READ:
        return HttpResponseNotAllowed([*READ, "POST"])
    listed = list_rows(release, request.user)
    context = {
        **make_release_frame(pages, request, release, "Ce qui a changé depuis"),
        "rows": listed,
        "to_examine": [row for row in listed if row.is_to_examine],
        "others": [row for row in listed if not row.is_to_examine],
        "verdicts": Verdict.choices,
        "may_judge": may_judge,
    }
    return TemplateResponse(request, "labelling/release/changes.html", context)


def list_rows(release: PressRelease, user: Any) -> list[Row]:
    """The differences between what was sent and what the records say now, for this reader."""
    differences = corrections.compare_with_records(release)
    sites = [Site(pk=key) for key in {difference.site for difference in differences} - {None}]
    imports = locate_imports(user, *sites) | locate_imports(user, release.wave)
    why = explain_differences(release, differences)
    rectified = corrections.find_rectified(release, differences)
    listed = []
    for difference in differences:
        key = corrections.make_key(difference)
        kept = release.verdicts.get(key, "")
        listed.append(
            Row(
                key=key,
                difference=difference,
                explanation=why[key],
                import_address=imports.get(why[key].reason, ""),
                verdict=kept or why[key].proposed,
                is_proposed=not kept and bool(why[key].proposed),
                rectified_by=rectified.get(difference),
            )
        )
    return listed


def _judge(request: HttpRequest, release: PressRelease) -> HttpResponse:
    here = locate_release(release, "changes")
    if request.POST.get("version") != str(release.version):
        messages.warning(
            request,
            text.typeset(
                "Une autre personne a examiné ces différences entre-temps : rien n’a été "
                "enregistré. Relisez ses réponses ci-dessous."
            ),
        )
        return HttpResponseRedirect(here)
    # What changed after the page was shown is not on it: what it says stays as it was kept.
    answered = [
        replace(row, verdict=verdict)
        for row in list_rows(release, request.user)
        if (verdict := request.POST.get(f"verdict-{row.key}")) in Verdict.values
    ]
    release.verdicts = release.verdicts | {row.key: row.verdict for row in answered}
    release._change_reason = "Différences examinées"
    draft, refusal = _keep_and_prepare(request, release, answered)
    if refusal:
        messages.warning(request, refusal)
        return HttpResponseRedirect(here)
    if draft:
        return HttpResponseRedirect(locate_page(draft, "change", draft.pk))
    messages.success(request, text.typeset("Vos réponses sont enregistrées."))
    return HttpResponseRedirect(here)


def _keep_and_prepare(
    request: HttpRequest, release: PressRelease, answered: Sequence[Row]
) -> tuple[PressRelease | None, str]:
    """Keep the answers, whatever becomes of the draft; return it, or why there is none."""
    with transaction.atomic():
        release.save()
        try:
            return _prepare(request, release, answered), ""
        except NotDone as refusal:
            return None, str(refusal)


def _prepare(
    request: HttpRequest, release: PressRelease, answered: Sequence[Row]
) -> PressRelease | None:
    """The draft that the button pressed asks for; None if it only keeps the answers."""
    day = timezone.localdate()
    if "erratum" in request.POST:
        errors = [Correction.of(row.difference) for row in answered if row.is_to_rectify]
        return drafting.prepare_erratum(release, errors, day)
    if "replacement" in request.POST:
        return drafting.prepare_replacement(release, day)
    return None
