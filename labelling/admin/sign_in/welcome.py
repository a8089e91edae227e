"""The page that a link opens: its person chooses a password, and is not signed in by it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from labelling.access import links, notices
from labelling.access.forms import BareForm
from labelling.access.new_password import write_password


class ChosenPasswordForm(BareForm, SetPasswordForm):
    """A password, twice."""


class WelcomeView(PasswordResetConfirmView):
    """The link leaves the address of the page at once: nothing that is opened from it learns it."""

    form_class = ChosenPasswordForm
    template_name = "labelling/welcome.html"
    token_generator = links.tokens
    reset_url_token = "password"  # noqa: S105  # what stands in the address for the link

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        answer = super().dispatch(request, *args, **kwargs)
        if isinstance(answer, HttpResponseRedirect):
            answer["Referrer-Policy"] = "no-referrer"
        return answer

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        token = self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        with transaction.atomic():
            # Of two who come with one link at once, one is served.
            person = User.objects.select_for_update().get(pk=form.user.pk)
            if not self.token_generator.check_token(person, token):
                self.validlink = False
                return self.render_to_response(self.get_context_data())
            password = form.cleaned_data["new_password1"]
            write_password(person, password, author=person, way="link")
            notices.tell_again(person)
        # Whoever was signed in here leaves the browser to the person.
        logout(self.request)
        messages.success(self.request, "Votre mot de passe est enregistré. Connectez-vous.")
        return redirect("account_login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "person": self.user, "title": ""}
