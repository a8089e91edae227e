"""« Personnes et accès »: who may sign in, and with which role."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone

from labelling import roles, text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import LegibleForm, ListAdmin
from labelling.admin.second_factor import reset_view
from labelling.models.account import LONGEST_ADDRESS, find_account
from labelling.models.base import name_user

# In the order in which each includes the one before.
ROLE_NAMES = {
    roles.READER: ("Consultation", "voir les fiches, télécharger les listes et les communiqués"),
    roles.EDITOR: ("Rédaction", "corriger les fiches, importer, préparer les communiqués"),
    roles.MANAGER: ("Responsable", "valider les communiqués, ouvrir et fermer les accès"),
}
ALL_RIGHTS = "Tous les droits"


def name_people_in_charge() -> str:
    """Whom one asks for another role, or to validate: « Prénom Nom ou Prénom Nom ».

    Somebody with every right, if nobody has the role; empty if there is nobody at all.
    """
    active = User.objects.filter(is_active=True).order_by("last_name", "first_name", "pk")
    people = active.filter(groups__name=roles.MANAGER) or active.filter(is_superuser=True)
    return " ou ".join(map(name_user, people[:3]))


class RoleField(forms.ModelChoiceField):
    """One of the roles, each with what it allows."""

    def __init__(self) -> None:
        super().__init__(
            Group.objects.none(),
            label="Rôle",
            empty_label=None,
            widget=forms.RadioSelect(attrs={"class": "radiolist"}),
        )

    def label_from_instance(self, obj: Group) -> str:
        name, allows = ROLE_NAMES[obj.name]
        return f"{name}{text.NO_BREAK_SPACE}: {allows}"


class PersonForm(LegibleForm, forms.ModelForm):
    """Somebody's name, address, role and access."""

    # Nobody closes their own access, nor changes their own role.
    is_own_account: ClassVar[bool] = False

    username = forms.EmailField(
        label="Adresse électronique",
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="Elle sert à se connecter.",
    )
    role = RoleField()

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "is_active")
        labels = {"first_name": "Prénom", "last_name": "Nom", "is_active": "Accès ouvert"}
        help_texts = {
            "is_active": "Décochez la case au départ de la personne : elle ne peut plus se "
            "connecter, et l’historique garde son nom."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self._offer_roles()
        if self.is_own_account:
            for name in self.fields.keys() & {"role", "is_active"}:
                self.fields[name].disabled = True
                self.fields[name].help_text = "Un autre responsable peut le changer pour vous."

    def _offer_roles(self) -> None:
        field: Any = self.fields["role"]
        groups = {group.name: group for group in Group.objects.filter(name__in=ROLE_NAMES)}
        field.queryset = Group.objects.filter(name__in=ROLE_NAMES)
        field.choices = [
            (groups[name].pk, field.label_from_instance(groups[name]))
            for name in ROLE_NAMES
            if name in groups
        ]
        if self.instance.pk:
            held = self.instance.groups.filter(name__in=ROLE_NAMES).first()
            self.initial["role"] = held and held.pk
        if self.instance.is_superuser:
            field.disabled, field.required = True, False
            field.help_text = "Cette personne a tous les droits, sans avoir besoin d’un rôle."

    def clean_username(self) -> str:
        address = self.cleaned_data["username"].lower()
        holder = find_account(address)
        if holder and holder.pk != self.instance.pk:
            raise ValidationError("Une personne a déjà un accès avec cette adresse.")
        return address

    def save(self, commit: bool = True) -> User:
        person = self.instance
        # Everybody here works in the back-office; the role says what they may do in it.
        person.is_staff = True
        person.email = person.username
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if role := self.cleaned_data.get("role"):
            self.instance.groups.set([role])


class NewPersonForm(PersonForm, BaseUserCreationForm):
    """A person to whom the access is opened, with a first password."""


class NewPasswordForm(SetPasswordForm):
    """A password that somebody gives to another person."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # The stock page asks whether the person signs in with a password: everybody does here.
        self.cleaned_data["set_usable_password"] = True
        return cleaned


class PersonAdmin(ListAdmin, UserAdmin):
    """The pages of the accounts. Closing an access replaces deleting: history keeps its authors."""

    list_name = "Personnes et accès"
    add_label = "Ajouter une personne"
    add_another_label = "Enregistrer puis ajouter une autre personne"

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = NewPasswordForm
    add_form_template = "admin/change_form.html"
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name")}),
        ("Accès", {"fields": ("role", "is_active")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "role")}),
        (
            "Premier mot de passe",
            {
                "description": "Transmettez-le de vive voix ; la personne pourra le changer.",
                "fields": ("password1", "password2"),
            },
        ),
    )
    list_display = ("name", "username", "role", "access", "last_seen")
    list_filter = ()
    search_fields = ("username", "first_name", "last_name")
    ordering = ("last_name", "first_name")
    actions = None
    list_max_show_all = 0

    @admin.display(description="nom", ordering="last_name")
    def name(self, person: User) -> str:
        return name_user(person)

    @admin.display(description="rôle")
    def role(self, person: User) -> str:
        if person.is_superuser:
            return ALL_RIGHTS
        held = [group.name for group in person.groups.all()]
        return ", ".join(name for role, (name, _) in ROLE_NAMES.items() if role in held) or "Aucun"

    @admin.display(description="accès ouvert", ordering="is_active")
    def access(self, person: User) -> str:
        return "Oui" if person.is_active else "Non"

    @admin.display(description="dernière connexion", ordering="last_login")
    def last_seen(self, person: User) -> str:
        if person.last_login is None:
            return "Jamais"
        return text.short_date(timezone.localtime(person.last_login).date())

    def get_urls(self) -> list[URLPattern]:
        reset = self.admin_site.admin_view(partial(reset_view, self))
        own = path("<int:user_id>/reset-factor/", reset, name="auth_user_reset_factor")
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.list_name, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.is_own_account = obj == request.user
        return form

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody but their like touches those who have all rights."""
        is_above = bool(obj and obj.is_superuser) and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"{self.name(obj)} : accès ouvert.")
        return self._go_on(request, obj)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        messages.success(request, f"{self.name(obj)} : modifications enregistrées.")
        return self._go_on(request, obj)

    def _go_on(self, request: HttpRequest, person: User) -> HttpResponse:
        if "_continue" in request.POST:
            return HttpResponseRedirect(locate_page(person, "change", person.pk))
        return HttpResponseRedirect(
            locate_page(person, "add" if "_addanother" in request.POST else "changelist")
        )


admin.site.unregister([User, Group])
admin.site.register(User, PersonAdmin)
