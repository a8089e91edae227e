"""« Recevoir un lien par courriel »: asked where one signs in, if mail is configured."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from labelling.access import mail
from labelling.access.forms import AddressField, BareForm
from labelling.access.tries import Locked, Scope, Try


class ForgottenForm(BareForm, forms.Form):
    """An address, known or not: a few times in a quarter of an hour [S15]."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["address"] = AddressField()

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        try:
            Try.begin(self.request, Scope.LINK, address)
        except Locked as lock:
            raise ValidationError(str(lock), code="locked") from None
        return address


@never_cache
def forgotten_view(request: HttpRequest) -> HttpResponse:
    """Send a link to who has the address; the page says the same to everybody."""
    if not mail.is_configured():
        raise Http404
    is_post = request.method == "POST"
    form = ForgottenForm(request, request.POST if is_post else None)
    is_asked = is_post and form.is_valid()
    if is_asked:
        mail.send_if_known(request, form.cleaned_data["address"])
    return TemplateResponse(
        request, "labelling/forgotten.html", {"form": form, "is_asked": is_asked}
    )
