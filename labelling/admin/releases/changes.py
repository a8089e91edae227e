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
from labelling.press_release.corrections import Comparison
from labelling.press_release.differences import Difference
from labelling.press_release.explanations import Explanation, explain_differences
from labelling.press_release.publishing import NotDone

# Why a release was saved whose differences a person judged.
JUDGED = "Différences examinées"


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
    contradicts: PressRelease | None  # The sent rectificatif that is false now.

    @property
    def is_answered(self) -> bool:
        """Whether somebody has dealt with it."""
        return bool(self.rectified_by or (self.verdict and not self.is_proposed))

    @property
    def is_to_examine(self) -> bool:
        """Whether a record changed and nobody has said why: the rest is mostly spelling."""
        is_explained = self.explanation.has_change or self.verdict or self.contradicts
        return bool(is_explained and not self.is_answered)

    @property
    def correction_state(self) -> str:
        return word_progress(self.rectified_by) if self.rectified_by else ""

    @property
    def is_to_rectify(self) -> bool:
        return self.verdict == Verdict.ERROR and self.rectified_by is None

    @property
    def is_alarming(self) -> bool:
        """Whether a rectificatif that was sent is false, as far as anybody has said."""
        is_evolution = self.verdict == Verdict.EVOLUTION and not self.is_proposed
        return self.contradicts is not None and not is_evolution

    @property
    def name(self) -> str:
        difference = self.difference
        return " – ".join(filter(None, [str(difference.part.label), difference.subject]))


def changes_page(
    pages: ModelAdmin, request: HttpRequest, release: PressRelease, *, may_judge: bool
) -> HttpResponse:
    """Show the differences; keep what is said of them, and prepare the correction asked for."""
    if release.status != ReleaseStatus.SENT:
        raise Http404
    if release.corrects and release.is_erratum:
        messages.info(
            request,
            text.typeset(
                "Un rectificatif ne se rectifie pas : voici ce qui a changé depuis dans le "
                "communiqué qu’il rectifie."
            ),
        )
        return HttpResponseRedirect(locate_release(release.corrects, "changes"))
    if request.method == "POST":
        return _judge(request, release)
    if request.method not in READ:
        return HttpResponseNotAllowed([*READ, "POST"])
    compared = corrections.compare(release)
    listed = list_rows(compared, request.user)
    context = {
        **make_release_frame(pages, request, release, "Ce qui a changé depuis"),
        "cancelled_by": release.find_cancelling(),
        "rows": listed,
        "to_examine": [row for row in listed if row.is_to_examine],
        "following": compared.following,
        "answered": [row for row in listed if row.is_answered],
        "others": [row for row in listed if not row.is_to_examine and not row.is_answered],
        "errata": [
            (erratum, corrections.list_corrections(erratum))
            for erratum in release.list_sent_errata()
        ],
        "missed": compared.missed,
        "verdicts": Verdict.choices,
        "may_judge": may_judge,
    }
    return TemplateResponse(request, "labelling/release/changes.html", context)


def list_rows(compared: Comparison, user: Any) -> list[Row]:
    """What a person judges of a release, as it was corrected, and of the records: for this reader.

    Of one that was cancelled, nothing is: what took its place is compared.
    """
    release, differences = compared.release, compared.differences
    if release.find_cancelling():
        return []
    sites = [Site(pk=key) for key in {difference.site for difference in differences} - {None}]
    imports = locate_imports(user, *sites) | locate_imports(user, release.wave)
    why = explain_differences(release, differences)
    rectified = corrections.find_rectified(compared)
    contradicted = corrections.find_contradicted(compared)
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
                # What only a person wrote is worded otherwise by no change of a record.
                contradicts=contradicted.get(difference) if why[key].has_change else None,
            )
        )
    return listed


def is_contradicted(erratum: PressRelease, user: Any) -> bool:
    """Whether the records deny what a sent rectificatif says."""
    if erratum.corrects is None:
        return False
    rows = list_rows(corrections.compare(erratum.corrects), user)
    return any(row.is_alarming and row.contradicts == erratum for row in rows)


def _judge(request: HttpRequest, release: PressRelease) -> HttpResponse:
    here = locate_release(release, "changes")
    if request.POST.get("version") != str(release.version):
        messages.warning(request, _word_already_judged(release, request.user))
        return HttpResponseRedirect(here)
    compared = corrections.compare(release)
    listed = list_rows(compared, request.user)
    # What changed after the page was shown is not on it: what it says stays as it was kept.
    answered = [
        replace(row, verdict=verdict, is_proposed=False)
        for row in listed
        if (verdict := request.POST.get(f"verdict-{row.key}")) in Verdict.values
    ]
    release.verdicts = release.verdicts | {row.key: row.verdict for row in answered}
    release._change_reason = JUDGED
    draft, refusal = _keep_and_prepare(request, compared, answered)
    if refusal:
        messages.warning(request, refusal)
        return HttpResponseRedirect(here)
    _say_what_is_gone(request, listed)
    if draft:
        _say_what_is_unanswered(request, draft, listed, answered)
        return HttpResponseRedirect(locate_page(draft, "change", draft.pk))
    messages.success(request, text.typeset("Vos réponses sont enregistrées."))
    return HttpResponseRedirect(here)


def _word_already_judged(release: PressRelease, user: Any) -> str:
    """Why the answers of a page that was opened before others were kept are not."""
    last = release.history.order_by("version", "history_id").last()
    if last and last.history_user == user:
        return text.typeset(
            "Vous avez enregistré d’autres réponses depuis que cette page est ouverte : rien n’a "
            "été fait deux fois. Relisez-les ci-dessous."
        )
    return text.typeset(
        "Une autre personne a examiné ces différences entre-temps : rien n’a été enregistré. "
        "Relisez ses réponses ci-dessous."
    )


def _say_what_is_gone(request: HttpRequest, listed: Sequence[Row]) -> None:
    """Answers to what is no longer a difference are not kept: whoever gave them is told."""
    keys = {f"verdict-{row.key}" for row in listed}
    gone = sum(name.startswith("verdict-") and name not in keys for name in request.POST)
    if gone:
        said = text.counted(gone, "de vos réponses n’a", "de vos réponses n’ont")
        messages.warning(
            request,
            text.typeset(
                f"{said} plus d’objet : une fiche a changé, ou un rectificatif est parti, depuis "
                "que cette page est ouverte."
            ),
        )


def _say_what_is_unanswered(
    request: HttpRequest, draft: PressRelease, listed: Sequence[Row], answered: Sequence[Row]
) -> None:
    """A rectificatif says nothing of what nobody answered: whoever prepares it is told."""
    keys = {row.key for row in answered}
    left = [f"« {row.name} »" for row in listed if row.is_to_examine and row.key not in keys]
    if left and draft.is_erratum:
        said = text.counted(len(left), "différence sans réponse", "différences sans réponse")
        messages.warning(
            request,
            text.typeset(f"{said} : {text.enumeration(left)}. Ce rectificatif n’en dit rien."),
        )


def _keep_and_prepare(
    request: HttpRequest, compared: Comparison, answered: Sequence[Row]
) -> tuple[PressRelease | None, str]:
    """Keep the answers, whatever becomes of the draft; return it, or why there is none."""
    with transaction.atomic():
        compared.release.save()
        try:
            return _prepare(request, compared, answered), ""
        except NotDone as refusal:
            return None, str(refusal)


def _prepare(
    request: HttpRequest, compared: Comparison, answered: Sequence[Row]
) -> PressRelease | None:
    """The draft that the button pressed asks for; None if it only keeps the answers."""
    day = timezone.localdate()
    if "erratum" in request.POST:
        errors = compared.list_corrections(row.difference for row in answered if row.is_to_rectify)
        return drafting.prepare_erratum(compared.release, errors, day)
    if "replacement" in request.POST:
        return drafting.prepare_replacement(compared.release, day)
    return None
