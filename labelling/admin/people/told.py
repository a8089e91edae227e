"""« J’ai lu »: what was told to a person is told no more."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labelling.access.notices import note_told
from labelling.admin.doors import read_number


@require_POST
def told_view(request: HttpRequest) -> HttpResponse:
    """Note that the person has read it, and go back to the page where it stood."""
    last = read_number(request.POST.get("last"))
    if last is not None:
        note_told(request.user, last)
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return HttpResponseRedirect(page if is_ours else reverse("admin:index"))
