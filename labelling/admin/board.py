"""The page for the board: the figures of the home page, as a PDF of one page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from labelling import text
from labelling.admin.exports import make_attachment
from labelling.admin.home.figures.question import FiguresForm, may_see_figures
from labelling.figures import Situation
from labelling.press_release.board.composition import compose_page
from labelling.press_release.renderers import board
from labelling.press_release.renderers.characters import UnprintableCharacterError

_READ = ("GET", "HEAD")


def board_view(request: HttpRequest) -> HttpResponse:
    """Send the page of what the address asks for, in the words of the home page.

    What cannot be read, or printed, is said there.
    """
    if not may_see_figures(request):
        raise PermissionDenied
    if request.method not in _READ:
        return HttpResponseNotAllowed(_READ)
    at = timezone.now()
    form = FiguresForm(request.GET, today=timezone.localdate(at))
    if form.errors:
        refusals = [str(fault) for faults in form.errors.values() for fault in faults]
        return _refuse(request, *refusals)
    try:
        pdf = board.render(compose_page(form.now, form.then, at), at)
    except UnprintableCharacterError as refusal:
        return _refuse(request, str(refusal))
    return make_attachment(pdf, _name_file(form.now, form.then), "application/pdf")


def _name_file(now: Situation, then: Situation | None) -> str:
    parts = ["pimms-labellises-en-une-page", now.key, *(["depuis", then.key] if then else [])]
    return f"{'-'.join(parts)}.pdf"


def _refuse(request: HttpRequest, *sentences: str) -> HttpResponse:
    for sentence in sentences:
        messages.error(request, text.typeset(sentence))
    return HttpResponseRedirect(reverse("admin:index"))
