"""What every record's pages share: search, versions, history, and sentences in French."""

from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, FloatField, IntegerField, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst

from labelling import quality, text
from labelling.admin import deleted, history, lost
from labelling.admin.addresses import locate_page
from labelling.admin.conflicts import RecordChoiceField, RecordForm
from labelling.admin.day_fields import DayField, DayInput
from labelling.admin.doors import BESIDES, KeySelect, ListAdmin, read_number, read_search
from labelling.models import Record
from labelling.models.deleted import find_deletion
from labelling.nouns import Noun


class RecordAdmin(ListAdmin):
    """The pages of a record."""

    form = RecordForm
    actions = None
    list_per_page = 50
    # « Tout afficher pour imprimer »: what a person would print, and a server show, at once.
    list_max_show_all = 1000
    search_fields = ("search_key",)  # It only makes the box appear: see get_search_results.
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "–"
    # Plain text: where a form is sent without the browser's check, a number field that was typed
    # wrongly arrives empty, and wipes what was there. A position is written with its comma, and a
    # sign that the keyboards for decimals lack.
    formfield_overrides: ClassVar = {
        IntegerField: {
            "widget": forms.TextInput(attrs={"class": "vIntegerField", "inputmode": "numeric"})
        },
        FloatField: {"widget": forms.TextInput, "localize": True},
        DateField: {"form_class": DayField, "widget": DayInput},
    }

    continue_label: ClassVar[str] = "Enregistrer et rester sur la fiche"
    # What an empty list says before anything was searched.
    empty_sentence: ClassVar[str] = "Rien n’est encore enregistré ici."
    # What it says where nothing is found; left empty, the template has one for all.
    no_match_sentence: ClassVar[str] = ""

    class Media:
        js = ("labelling/conflict.js",)

    # What buttons and messages say of a record; a page may have its own words.

    @property
    def noun(self) -> Noun:
        return cast("type[Record]", self.model).noun

    @property
    def add_label(self) -> str:
        return f"Ajouter {self.noun.a}"

    @property
    def add_another_label(self) -> str:
        return f"Enregistrer puis ajouter {self.noun.another}"

    @property
    def delete_label(self) -> str:
        return f"Supprimer {self.noun.the}"

    @property
    def created_sentence(self) -> str:
        return text.typeset(f"{{record}} : {self.noun.singular} {self.noun.agree('ajouté')}.")

    @property
    def deleted_sentence(self) -> str:
        return text.typeset(f"{{record}} : {self.noun.singular} {self.noun.agree('supprimé')}.")

    # The lists and the forms

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KeySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(
            db_field, request, **{"form_class": RecordChoiceField, **kwargs}
        )

    def find(self, queryset: Any, searched: str) -> Any:
        """The records of a list in which what is searched is found."""
        return queryset.matching(searched)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        records = self.find(queryset, search_term)
        if request.path == reverse("admin:autocomplete"):  # Of these, the first ones are seen.
            records = records.nearest_first(search_term)
            if besides := read_number(request.GET.get(BESIDES)):
                records = records.exclude(pk=besides)
        return records, False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "empty_sentence": self.empty_sentence,
            "no_match_sentence": self.no_match_sentence.format(searched=read_search(request)),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Give back what was typed for a record that is not there, or lead to what is known of it.

        Whoever sent something else is told there that it changed nothing.
        """
        key = read_number(object_id)
        if key and lost.is_typed(request):
            return lost.lost_page(self, request, key, self.locate_remains(key))
        entry = find_deletion(self.model, key)
        address = entry and deleted.locate_deleted(self.model, entry.id)
        if not address:
            answer: HttpResponse = super()._get_obj_does_not_exist_redirect(  # type: ignore[misc]
                request, opts, object_id
            )
            return answer
        if request.method == "POST":
            sentence = f"{history.word_end(entry)} : rien n’a été changé."
            messages.info(request, text.typeset(sentence))
        return HttpResponseRedirect(address)

    def locate_remains(self, key: int) -> tuple[str, str]:
        """What is left of a record that is there no more: where, and what the way there says."""
        entry = find_deletion(self.model, key)
        if address := entry and deleted.locate_deleted(self.model, key):
            return address, "Voir la fiche supprimée"
        return locate_page(self.model, "changelist"), "Revenir à la liste"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if record := context.get("original"):
            context["findings"] = self.list_findings(record)
            _describe(context["adminform"].form, context["findings"])
        return super().render_change_form(request, context, *args, **kwargs)

    def list_findings(self, record: Record) -> list[quality.Finding]:
        """What the form tells of a record as it is stored: a refused form left what was typed."""
        stored = self.model._default_manager.filter(pk=record.pk)
        return quality.list_findings(stored, timezone.localdate())

    def save_model(self, request: HttpRequest, obj: Record, form: ModelForm, change: bool) -> None:
        if change:
            obj.version = form.cleaned_data["version"]
        before = obj.version
        obj.save()
        request.is_unchanged = change and obj.version == before  # type: ignore[attr-defined]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What deleting takes along; the obstacles, if any, stand where the protected would."""
        if obstacles := [why for record in objs if (why := record.find_deletion_obstacle())]:
            return [], {}, set(), obstacles
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request: HttpRequest, obj: Record) -> None:
        obj.delete()

    # What the history holds needs no second journal.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any: ...

    # What the pages say after something happened

    def response_add(
        self, request: HttpRequest, obj: Record, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, self.created_sentence.format(record=obj))
        return self._go_on(request, obj)

    def response_change(self, request: HttpRequest, obj: Record) -> HttpResponse:
        if "_popup" in request.POST:
            return super().response_change(request, obj)
        self.say_saved(request, obj)
        return self._go_on(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        address = deleted.locate_deleted(self.model, obj_id)
        undo = address and deleted.may_put_back(request.user, self.model)
        messages.success(
            request,
            self.deleted_sentence.format(record=obj_display),
            extra_tags=f"undo={address}" if undo else "",
        )
        return self.response_post_save_change(request, None)

    def say_saved(self, request: HttpRequest, obj: Record) -> None:
        """Say that the record was saved, with the means of taking it back, or that nothing was."""
        if request.is_unchanged:  # type: ignore[attr-defined]
            messages.info(request, f"{obj} : rien n’a changé.")
        else:
            self._say_with_undo(request, obj, f"{obj} : modifications enregistrées.")

    def say_restored(self, request: HttpRequest, obj: Record, moment: str) -> None:
        self._say_with_undo(request, obj, f"{obj} : fiche revenue à la version du {moment}.")

    def _say_with_undo(self, request: HttpRequest, obj: Record, sentence: str) -> None:
        previous = history.find_entry_before(obj)
        undo = ""
        if previous:
            address = locate_page(obj, "restore", obj.pk, previous.history_id)
            undo = f"undo={address}?version={obj.version}"
        messages.success(request, sentence, extra_tags=undo)

    def _go_on(self, request: HttpRequest, obj: Record) -> HttpResponse:
        if "_continue" in request.POST:
            return HttpResponseRedirect(locate_page(obj, "change", obj.pk))
        if "_addanother" in request.POST:
            return HttpResponseRedirect(locate_page(obj, "add"))
        return self.response_post_save_change(request, obj)

    # History

    def get_urls(self) -> list[URLPattern]:
        options = self.opts
        restore = path(
            "<path:object_id>/history/<int:entry_id>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name=f"{options.app_label}_{options.model_name}_restore",
        )
        return [restore, *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return history.history_page(self, request, self._find_record(request, object_id))

    def restore_view(self, request: HttpRequest, object_id: str, entry_id: int) -> HttpResponse:
        record = self.get_object(request, object_id)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        say_restored = partial(self.say_restored, request, record)
        return history.restore(request, record, entry_id, say_restored)

    def _find_record(self, request: HttpRequest, object_id: str) -> Record:
        """Return the record, or answer 404; who may not see it is refused."""
        record = self.get_object(request, object_id)
        if record is None:
            from django.http import Http404

            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        return record


def _describe(form: ModelForm, findings: list[quality.Finding]) -> None:
    """Have a screen reader read with each field what was found of it."""
    for name in {finding.field for finding in findings} & form.fields.keys():
        parts = [finding.anchor for finding in findings if finding.field == name]
        if own := form[name].aria_describedby:
            parts.insert(0, own)
        # A choice of a record is drawn by the widget within its own.
        outer: Any = form.fields[name].widget
        for widget in (outer, getattr(outer, "widget", outer)):
            widget.attrs["aria-describedby"] = " ".join(parts)
