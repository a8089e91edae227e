"""The pages of the press releases: a draft is written here, a frozen one is only read."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.forms import Script
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from labelling import text
from labelling.admin.addresses import locate_page
from labelling.admin.badges import make_status_badge
from labelling.admin.base import RecordAdmin
from labelling.admin.doors import FilteredList, read_number
from labelling.admin.releases import (
    answering,
    asked,
    asking,
    changes,
    editions,
    files,
    forms,
    lost,
    readings,
    returned,
    sending,
    sent_files,
    steps,
)
from labelling.admin.releases.frame import (
    TO_PREPARE,
    locate_release,
    make_frame,
    make_release_frame,
)
from labelling.admin.releases.titles import find_releases
from labelling.models import LabellingWave, PressRelease
from labelling.press_release import composition, drafting, errata
from labelling.quality import Finding

_TO_SEE = ("labelling.view_pressrelease",)
_TO_VALIDATE = ("labelling.view_pressrelease", "labelling.validate_pressrelease")


class ReleaseList(FilteredList):
    """A list that opens the documents themselves: their first button is the next step."""

    def url_for_result(self, result: Any) -> str:
        return locate_release(result)


@admin.register(PressRelease)
class PressReleaseAdmin(RecordAdmin):
    """The releases, the last one first."""

    add_label = "Préparer un communiqué"
    add_another_label = ""  # One by one: each belongs to its wave.
    created_sentence = text.typeset("{record} : brouillon enregistré.")
    deleted_sentence = text.typeset("{record} : brouillon supprimé.")
    empty_sentence = text.typeset(
        "Aucun communiqué n’est encore préparé. Ouvrez une vague, puis choisissez « Préparer le "
        "communiqué »."
    )
    no_match_sentence = text.typeset(
        "Aucun communiqué ne correspond à « {searched} ». Essayez un mot plus court."
    )

    form = forms.ReleaseForm
    list_display = ("title", "issued_day", "nature", "wave", "state")
    ordering = ("-issued_on", "-pk")
    search_help_text = "Titre, nom de la vague, lieu, marque."

    class Media:
        js = (Script("labelling/release_draft.js", defer=True),)

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ReleaseList]:
        return ReleaseList

    def get_queryset(self, request: HttpRequest) -> Any:
        waves = Prefetch("wave", LabellingWave.objects.with_counts())
        releases: Any = super().get_queryset(request)
        releases = releases.with_titles()
        return releases.with_corrections().select_related("corrects").prefetch_related(waves)

    def find(self, queryset: Any, searched: str) -> Any:
        return find_releases(queryset, searched)

    @admin.display(description="Titre")
    def title(self, release: Any) -> str:
        return release.frozen_title or composition.word_title(release)

    @admin.display(description="Date", ordering="issued_on")
    def issued_day(self, release: PressRelease) -> str:
        return text.long_date(release.issued_on)

    @admin.display(description="Nature", ordering="kind")
    def nature(self, release: PressRelease) -> str:
        return str(release.get_kind_display())

    @admin.display(description="État", ordering="status")
    def state(self, release: PressRelease) -> str:
        return make_status_badge(release)

    # The form

    def has_change_permission(self, request: HttpRequest, obj: PressRelease | None = None) -> bool:
        """A frozen release no longer changes, whoever asks."""
        return super().has_change_permission(request, obj) and not (obj and obj.is_frozen)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Give back what was typed in a draft that was validated or deleted meanwhile."""
        key = read_number(object_id)
        if key and request.method == "POST" and super().has_change_permission(request):
            is_lost, release = lost.find_lost(key)
            if is_lost:
                return lost.lost_page(self, request, release, key)
        return super().change_view(request, object_id, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: PressRelease | None = None) -> Any:
        read_only = not self.has_change_permission(request, obj)
        return forms.list_fieldsets(obj, read_only=read_only)

    @admin.display(description="Lignes à rectifier")
    def errata_as_read(self, release: PressRelease) -> str:
        return errata.word_errata(release.errata) or self.empty_value_display

    @admin.display(description="Sous embargo jusqu’au")
    def embargo_as_read(self, release: PressRelease) -> str:
        if release.embargo_until is None:
            return str(self.empty_value_display)
        return text.moment(release.embargo_until)

    @admin.display(description="Contact presse")
    def contact_as_read(self, release: PressRelease) -> str:
        """Their name, without the link to a page that is not for everybody."""
        return str(release.contact or self.empty_value_display)

    def get_readonly_fields(self, request: HttpRequest, obj: PressRelease | None = None) -> Any:
        return ("wave",) if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.day = timezone.localdate()
        form.may_change_wave = request.user.has_perm("labelling.change_labellingwave")
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return forms.make_formfield(db_field) or super().formfield_for_dbfield(
            db_field, request, **kwargs
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the last release said, for the wave that the address names, if it can have one."""
        asked = read_number(request.GET.get("wave"))
        waves = LabellingWave.objects.without_release()
        wave = waves.filter(pk=asked).first() if asked else None
        release = drafting.draft_original(wave, timezone.localdate())
        names = [f.name for f in PressRelease._meta.fields if f.editable and f.name != "id"]
        initial = {name: release.serializable_value(name) for name in names}
        return {name: value for name, value in initial.items() if value not in (None, "")}

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        release = context.get("original")
        if release:
            context["document_address"] = locate_release(release)
        form = context["adminform"].form
        if getattr(form, "is_answering", False):
            asking.answer(request, form)
        if release is None or self.has_change_permission(request, release):
            context["preview"] = form.say_what_it_would_print()
            context["preview_address"] = (
                locate_release(release, "preview")
                if release
                else locate_page(PressRelease, "preview_new")
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def list_findings(self, record: Any) -> list[Finding]:
        """What is found of a field of a draft stands there as one types."""
        return [finding for finding in super().list_findings(record) if not finding.field]

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        super().response_add(request, obj, *args)
        # The document is what one wants to see next, not the list.
        if "_continue" in request.POST:
            return HttpResponseRedirect(locate_page(obj, "change", obj.pk))
        return HttpResponseRedirect(locate_release(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        if "_continue" in request.POST:
            return response
        return HttpResponseRedirect(locate_release(obj))

    # The pages of one release

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("preview/", self.preview_new_view, "preview_new"),
            ("<int:release_id>/preview/", self.preview_view, "preview"),
            ("<int:release_id>/document/", self.document_view, "document"),
            ("<int:release_id>/download/<str:extension>/", self.download_view, "download"),
            ("<int:release_id>/mail/", self.mail_view, "mail"),
            ("<int:release_id>/validate/", self.validate_view, "validate"),
            ("<int:release_id>/send/", self.send_view, "send"),
            ("<int:release_id>/take-back/", self.taking_back_view, "take_back"),
            (
                "<int:release_id>/dispatches/<int:dispatch_id>/remove/",
                self.remove_dispatch_view,
                "remove_dispatch",
            ),
            ("<int:release_id>/attach/", self.attach_view, "attach"),
            ("<int:release_id>/sent-files/<int:file_id>/", self.sent_file_view, "sent_file"),
            (
                "<int:release_id>/sent-files/<int:file_id>/remove/",
                self.remove_sent_file_view,
                "remove_sent_file",
            ),
            ("<int:release_id>/changes/", self.changes_view, "changes"),
            ("<int:release_id>/correct/", self.correct_view, "correct"),
            ("<int:release_id>/word/", self.word_view, "word"),
            ("<int:release_id>/readings/ask/", self.ask_reading_view, "ask_reading"),
            ("<int:release_id>/readings/note/", self.note_reading_view, "note_reading"),
            ("<int:release_id>/readings/<int:reading_id>/", self.reading_view, "proofreading"),
            (
                "<int:release_id>/readings/<int:reading_id>/withdraw/",
                self.withdraw_reading_view,
                "withdraw_reading",
            ),
            ("<int:release_id>/editions/", self.editions_view, "editions"),
            ("<int:release_id>/editions.zip", self.editions_archive_view, "editions_archive"),
            ("<int:release_id>/editions/<slug:region>/", self.edition_view, "edition"),
            (
                "<int:release_id>/editions/<slug:region>/<str:extension>/",
                self.edition_download_view,
                "edition_download",
            ),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"labelling_pressrelease_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def preview_new_view(self, request: HttpRequest) -> HttpResponse:
        self._allow(request, "labelling.add_pressrelease")
        return self._preview(request, None)

    def preview_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, "labelling.change_pressrelease")
        release = self._find_release(release_id)
        if release.is_frozen:
            raise PermissionDenied
        return self._preview(request, release)

    def _preview(self, request: HttpRequest, release: PressRelease | None) -> HttpResponse:
        """Answer what the form would print: to a script in parts, to a browser as a page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form_class = self.get_form(request, release, change=release is not None)
        form = form_class(request.POST, instance=release)
        form.is_valid()  # What can be read of it is in its instance, which is not saved.
        printed = form.say_what_it_would_print()
        printed["findings"] |= form.list_unread_days()
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({**printed, "questions": asked.draw_questions(form.fields)})
        context = {
            **make_frame(self, request, "Aperçu"),
            **printed,
        }
        return TemplateResponse(request, "labelling/release/preview.html", context)

    def document_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, "labelling.view_pressrelease")
        return steps.document_page(self, request, self._find_release(release_id))

    def download_view(self, request: HttpRequest, release_id: int, extension: str) -> HttpResponse:
        self._allow(request, "labelling.view_pressrelease", "labelling.export_site")
        return files.download(request, self._find_release(release_id), extension)

    def mail_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, "labelling.view_pressrelease", "labelling.export_site")
        return files.mail_page(self, request, self._find_release(release_id))

    def validate_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        return steps.validate_page(self, request, self._find_release(release_id))

    def send_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        return sending.send_page(self, request, self._find_release(release_id))

    def taking_back_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        return sending.taking_back_page(self, request, self._find_release(release_id))

    def remove_dispatch_view(
        self, request: HttpRequest, release_id: int, dispatch_id: int
    ) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        release = self._find_release(release_id)
        return sending.dispatch_removal_page(self, request, release, dispatch_id)

    def attach_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        return sent_files.attach(request, sent_files.open_folder(self._find_release(release_id)))

    def sent_file_view(self, request: HttpRequest, release_id: int, file_id: int) -> HttpResponse:
        self._allow(request, "labelling.view_pressrelease", "labelling.export_site")
        return sent_files.download(
            request, sent_files.open_folder(self._find_release(release_id)), file_id
        )

    def remove_sent_file_view(
        self, request: HttpRequest, release_id: int, file_id: int
    ) -> HttpResponse:
        self._allow(request, *_TO_VALIDATE)
        release = self._find_release(release_id)
        frame = make_release_frame(self, request, release, "")
        return sent_files.removal_page(request, sent_files.open_folder(release), file_id, frame)

    def changes_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        may_judge = request.user.has_perms(TO_PREPARE)
        self._allow(request, *(TO_PREPARE if request.method == "POST" else _TO_SEE))
        release = self._find_release(release_id)
        return changes.changes_page(self, request, release, may_judge=may_judge)

    def correct_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *TO_PREPARE)
        return steps.correct(request, self._find_release(release_id))

    def word_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, "labelling.view_pressrelease", "labelling.change_pressrelease")
        if lost.find_lost(release_id) == (True, None):
            sentence = lost.word_deleted(release_id, lost.WORD_GONE)
            return lost.give_back(self, request, None, sentence, returned.list_ticked(request))
        return returned.returned_page(self, request, self._find_release(release_id))

    def ask_reading_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_SEE, readings.TO_ASK)
        return readings.ask_page(self, request, self._find_release(release_id))

    def note_reading_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_SEE, readings.TO_ASK)
        return readings.note_page(self, request, self._find_release(release_id))

    def reading_view(self, request: HttpRequest, release_id: int, reading_id: int) -> HttpResponse:
        self._allow(request, *_TO_SEE)
        if request.method == "POST":
            return answering.answer_reading(self, request, release_id, reading_id)
        release = self._find_release(release_id)
        return readings.reading_page(self, request, release, reading_id)

    def withdraw_reading_view(
        self, request: HttpRequest, release_id: int, reading_id: int
    ) -> HttpResponse:
        self._allow(request, *_TO_SEE, readings.TO_ASK)
        return readings.withdraw(request, self._find_release(release_id), reading_id)

    def editions_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        is_sent = request.method == "POST"
        self._allow(request, *_TO_SEE, *(TO_PREPARE if is_sent else ()))
        if is_sent and lost.find_lost(release_id) == (True, None):
            return editions.lost_page(self, request, None, release_id)
        return editions.editions_page(self, request, self._find_release(release_id))

    def edition_view(self, request: HttpRequest, release_id: int, region: str) -> HttpResponse:
        self._allow(request, *_TO_SEE)
        return editions.edition_page(self, request, self._find_release(release_id), region)

    def edition_download_view(
        self, request: HttpRequest, release_id: int, region: str, extension: str
    ) -> HttpResponse:
        self._allow(request, *_TO_SEE, "labelling.export_site")
        return editions.download(request, self._find_release(release_id), region, extension)

    def editions_archive_view(self, request: HttpRequest, release_id: int) -> HttpResponse:
        self._allow(request, *_TO_SEE, "labelling.export_site")
        return editions.download_all(request, self._find_release(release_id))

    def _allow(self, request: HttpRequest, *permissions: str) -> None:
        if not request.user.has_perms(permissions):
            raise PermissionDenied

    def _find_release(self, release_id: int) -> PressRelease:
        related = ("wave", "contact", "corrects", "replaces", "validated_by")
        release = PressRelease.objects.select_related(*related).filter(pk=release_id).first()
        if release is None:
            raise Http404
        return release
