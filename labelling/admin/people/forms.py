"""The forms of a person: who it is, what they may do, until when."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.utils import timezone

from labelling import roles, text
from labelling.access import keepers, lending
from labelling.admin.day_fields import DayField
from labelling.admin.doors import LegibleForm
from labelling.admin.people.role_names import ALL_RIGHTS, ROLE_NAMES
from labelling.admin.people.standing import Standing, read_standing
from labelling.models import Account
from labelling.models.account import LONGEST_ADDRESS, find_account, read_account

# What the form calls the role of those who have all rights.
_ADMINISTRATOR = "administrator"
# What of the form is kept in the account that Django does not know.
_ACCOUNT = ("access_until", "validates_until")
# What a field of the form writes to the user, where it is not the column of its name.
_WRITTEN: dict[str, set[str]] = {
    "username": {"username", "email"},
    "role": {"is_superuser"},
    **{name: set() for name in _ACCOUNT},
}
_LAST_ONE = (
    "Cette personne est la seule à pouvoir ouvrir des accès sans date de fin : donnez d’abord ce "
    "droit à une autre, qui aura choisi son mot de passe."
)


class PersonForm(LegibleForm, forms.ModelForm):
    """Somebody's name, address, role and access."""

    # Who fills it in.
    author: ClassVar[Any]

    username = forms.EmailField(
        label="Adresse électronique",
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="Elle sert à se connecter.",
    )
    role = forms.ChoiceField(
        label="Rôle",
        widget=forms.RadioSelect(attrs={"class": "radiolist"}),
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    access_until = DayField(
        label="Accès jusqu’au",
        required=False,
        help_text="Dernier jour, pour un stage ou un remplacement. Vide : sans fin.",
    )

    validates_until = DayField(
        label="Responsable jusqu’au",
        required=False,
        help_text="Prête à une personne de rédaction le droit de valider les communiqués et de "
        "noter leur envoi, pour une absence : il finit de lui-même après ce jour. Vide : aucun "
        "prêt.",
    )

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = ("username", "first_name", "last_name", "is_active")
        labels = {"first_name": "Prénom", "last_name": "Nom", "is_active": "Accès ouvert"}
        help_texts = {
            "is_active": "Décochez la case au départ de la personne : elle ne peut plus se "
            "connecter, et l’historique garde son nom."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the person may do before this change.
        self.before: Standing | None = None
        if "role" in self.fields:
            self._offer_roles()
        if self.instance.pk:
            account = read_account(self.instance)
            for name in self.fields.keys() & {*_ACCOUNT}:
                self.initial[name] = getattr(account, name)
        if self.instance == self.author:
            # Nobody closes their own access, nor changes their own role.
            for name in self.fields.keys() & {"role", "is_active", *_ACCOUNT}:
                self.fields[name].disabled = True
                self.fields[name].help_text = "Un autre responsable peut le changer pour vous."
        elif "validates_until" in self.fields and not lending.may_lend(self.author):
            self.fields["validates_until"].disabled = True

    def _offer_roles(self) -> None:
        """Offer the roles that hold nothing which their giver lacks, and the one that is held."""
        field: Any = self.fields["role"]
        held = self._read_role() if self.instance.pk else None
        groups = Group.objects.filter(name__in=ROLE_NAMES).prefetch_related("permissions")
        rights = {group.name: {right.pk for right in group.permissions.all()} for group in groups}
        field.choices = [
            (role, f"{name}{text.NO_BREAK_SPACE}: {allows}")
            for role, (name, allows) in ROLE_NAMES.items()
            if role in rights and (role == held or keepers.may_grant(self.author, rights[role]))
        ]
        if self.author.is_superuser:
            label = f"Administrateur{text.NO_BREAK_SPACE}: {text.lowered(ALL_RIGHTS)}"
            field.choices = [*field.choices, (_ADMINISTRATOR, label)]
        self.initial["role"] = held

    def _read_role(self) -> str | None:
        if self.instance.is_superuser:
            return _ADMINISTRATOR
        held = {group.name for group in self.instance.groups.all()}
        return next((role for role in ROLE_NAMES if role in held), None)

    def clean_username(self) -> str:
        address = self.cleaned_data["username"].lower()
        holder = find_account(address)
        if holder and holder.pk != self.instance.pk:
            raise ValidationError("Une personne a déjà un accès avec cette adresse.")
        return address

    def clean_access_until(self) -> Any:
        return self._refuse_past("access_until", "de l’accès")

    def clean_validates_until(self) -> Any:
        return self._refuse_past("validates_until", "du prêt")

    def _refuse_past(self, name: str, of_what: str) -> Any:
        day = self.cleaned_data[name]
        # A day that has passed since stays as it is.
        if day and day < timezone.localdate() and name in self.changed_data:
            raise ValidationError(
                f"Le {text.long_date(day)} est passé : écrivez le dernier jour {of_what}, ou "
                "laissez vide."
            )
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            is_last = keepers.is_last_keeper(self.instance)
            self.before = read_standing(self.instance.pk)
            if is_last:
                self._refuse_losing_the_last()
            self._refuse_useless_loan()
        return cleaned

    def _refuse_useless_loan(self) -> None:
        """Refuse to lend to who validates for good, and to who does not write releases."""
        day, role = (self.cleaned_data.get(name) for name in ("validates_until", "role"))
        if not day or day < timezone.localdate() or role in (None, roles.EDITOR):
            return
        name = next((name for key, (name, _) in ROLE_NAMES.items() if key == role), ALL_RIGHTS)
        self.add_error(
            "validates_until",
            f"Le droit de valider se prête à une personne de rédaction : avec le rôle « {name} », "
            "laissez vide.",
        )

    def _refuse_losing_the_last(self) -> None:
        kept = self.cleaned_data
        role = kept.get("role", _ADMINISTRATOR)
        if not kept.get("is_active", True):
            self.add_error("is_active", _LAST_ONE)
        if kept.get("access_until"):
            self.add_error("access_until", _LAST_ONE)
        if "role" in self.changed_data and role != _ADMINISTRATOR and not keepers.holds_right(role):
            self.add_error("role", _LAST_ONE)

    def save(self, commit: bool = True) -> User:
        person = self.instance
        # Everybody here works in the back-office; the role says what they may do in it.
        person.is_staff = True
        person.email = person.username
        if "role" in self.changed_data:
            person.is_superuser = self.cleaned_data["role"] == _ADMINISTRATOR
        return super().save(commit)

    def list_written(self) -> list[str]:
        """What saving a person writes: what was changed, and nothing that others wrote since."""
        written = {"is_staff"}
        for name in self.changed_data:
            written |= _WRITTEN.get(name, {name})
        return sorted(written)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "role" in self.changed_data:
            role = self.cleaned_data["role"]
            self.instance.groups.set(Group.objects.filter(name=role))
        days = {name: self.cleaned_data[name] for name in _ACCOUNT if name in self.changed_data}
        if days:
            Account.objects.update_or_create(user=self.instance, defaults=days)


class InvitationForm(PersonForm):
    """Somebody to whom an access is opened; they choose their password by a link."""

    # Nobody is lent anything before they have come in.
    validates_until = None  # type: ignore[assignment]

    class Meta(PersonForm.Meta):
        fields = ("username", "first_name", "last_name")

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)
