"""The list and the pages of the people who sign in."""

from typing import Any

import django.contrib.auth.admin  # noqa: F401  # its pages exist before ours replace them
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from labelling import text
from labelling.access import keepers, lending
from labelling.access.links import make_link
from labelling.access.tries import find_locks, unlock, word_unlocking
from labelling.admin.addresses import locate_page
from labelling.admin.doors import ListAdmin
from labelling.admin.people.factor_reset import answer_reset, may_reset_factor
from labelling.admin.people.forms import InvitationForm, PersonForm
from labelling.admin.people.links import answer_link, may_make_link, show_link
from labelling.admin.people.role_names import word_role
from labelling.admin.people.standing import note_change
from labelling.models.account import read_account
from labelling.models.base import name_user


class PersonAdmin(ListAdmin):
    """The pages of the accounts. Closing an access replaces deleting: history keeps its authors."""

    list_name = "Personnes et accès"
    add_label = "Inviter une personne"

    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name")}),
        ("Accès", {"fields": ("role", "is_active", "access_until", "validates_until")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "description": "Vous obtiendrez un lien à transmettre : la personne choisit "
                "elle-même son mot de passe.",
                "fields": ("username", "first_name", "last_name"),
            },
        ),
        ("Accès", {"fields": ("role", "access_until")}),
    )
    list_display = ("name", "username", "role", "access", "last_seen")
    list_filter = ()
    list_select_related = ("account",)
    search_fields = ("username", "first_name", "last_name")
    ordering = ("last_name", "first_name")
    actions = None
    list_max_show_all = 0

    # What the list says

    @admin.display(description="nom", ordering="last_name")
    def name(self, person: User) -> str:
        return name_user(person)

    @admin.display(description="rôle")
    def role(self, person: User) -> str:
        return word_role(person)

    @admin.display(description="accès ouvert", ordering="is_active")
    def access(self, person: Any) -> str | SafeString:
        words = _word_access(person)
        if until := getattr(person, "locked_until", None):
            return format_html("{} {}", words, _make_lock_badge(until, person.unlock_address))
        return words

    @admin.display(description="accès jusqu’au")
    def access_until(self, person: User) -> str:
        until = read_account(person).access_until
        return text.short_date(until) if until else "–"

    @admin.display(description="responsable jusqu’au")
    def validates_until(self, person: User) -> str:
        until = read_account(person).validates_until
        return text.short_date(until) if until else "–"

    @admin.display(description="dernière connexion", ordering="last_login")
    def last_seen(self, person: User) -> str:
        if person.last_login is None:
            return "Jamais"
        return text.short_date(timezone.localtime(person.last_login).date())

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        people: Any = changelist.result_list
        locks = find_locks(people)
        for person in people:
            person.locked_until = locks.get(person.pk)
            person.unlock_address = self._locate_unlock(request, person)
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.list_name, **(extra_context or {})})

    # The form

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs.setdefault("form", InvitationForm)
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.author = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context: dict[str, Any] = {}
        person = self.get_object(request, object_id)
        if person and self.has_change_permission(request, person):
            until = find_locks([person]).get(person.pk)
            context = {
                "may_make_link": may_make_link(request, person),
                "may_reset_factor": may_reset_factor(request, person),
                "lock": f"Bloqué jusqu’à {word_unlocking(until)}" if until else "",
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who invites could give any role that they may give by a change."""
        return super().has_add_permission(request) and super().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody touches those who may do more than they may themselves."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        theirs = keepers.list_rights(obj) | lending.list_lent_rights(obj)
        return not obj.is_superuser and keepers.may_grant(request.user, theirs)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.save(update_fields=form.list_written() if change else None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            note_change(request.user, form.instance, form.before)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"{self.name(obj)} : accès ouvert.")
        link = make_link(request.build_absolute_uri, obj, author=request.user)
        return show_link(self, request, obj, link)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        messages.success(request, f"{self.name(obj)} : modifications enregistrées.")
        stays = "_continue" in request.POST
        page = locate_page(obj, "change", obj.pk) if stays else locate_page(obj, "changelist")
        return HttpResponseRedirect(page)

    # Links, locks and second factors

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:person_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"auth_user_{name}",
            )
            for name, view in (
                ("link", self.link_view),
                ("unlock", self.unlock_view),
                ("reset_factor", self.reset_factor_view),
            )
        ]
        return [*own, *super().get_urls()]

    def link_view(self, request: HttpRequest, person_id: int) -> HttpResponse:
        return answer_link(self, request, self._find_person(request, person_id))

    def reset_factor_view(self, request: HttpRequest, person_id: int) -> HttpResponse:
        return answer_reset(self, request, self._find_person(request, person_id))

    def unlock_view(self, request: HttpRequest, person_id: int) -> HttpResponse:
        person = self._find_person(request, person_id)
        if request.method != "POST":
            return HttpResponseRedirect(locate_page(person, "change", person.pk))
        was_locked = unlock(person, author=request.user)
        said = "accès débloqué" if was_locked else "cet accès n’était plus bloqué"
        messages.success(request, f"{name_user(person)} : {said}.")
        return HttpResponseRedirect(locate_page(person, "changelist"))

    def _find_person(self, request: HttpRequest, person_id: int) -> User:
        if not self.has_change_permission(request):
            raise PermissionDenied
        person = self.get_object(request, str(person_id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person

    def _locate_unlock(self, request: HttpRequest, person: User) -> str:
        """Where the person is unlocked; empty for who may not."""
        user = request.user
        may = self.has_change_permission(request) and (user.is_superuser or not person.is_superuser)
        return locate_page(person, "unlock", person.pk) if may else ""


def _word_access(person: User) -> str:
    until = read_account(person).access_until
    if not person.is_active:
        return "Non"
    if until is None:
        return "Oui"
    is_over = until < timezone.localdate()
    return f"{'Terminé le' if is_over else 'Jusqu’au'} {text.short_date(until)}"


def _make_lock_badge(until: Any, address: str) -> SafeString:
    button = format_html(
        ' <button type="submit" class="button" formaction="{}">Débloquer</button>', address
    )
    badge = format_html('<span class="badge bad">Bloqué jusqu’à {}</span>', word_unlocking(until))
    return badge + button if address else badge


admin.site.unregister([User, Group])
admin.site.register(User, PersonAdmin)
