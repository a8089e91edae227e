"""The pages of the waves: their list, their form, and the ways to their sites and their release."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from labelling import figures, text
from labelling.admin.addresses import locate_list, locate_page
from labelling.admin.exports import SheetAdmin
from labelling.admin.maps import download_map
from labelling.admin.releases import sent_files
from labelling.admin.waves import past_release, press_release, sites
from labelling.admin.waves.filters import ReleaseFilter
from labelling.models import LabellingWave, Site
from labelling.press_release.composition import find_release
from labelling.press_release.network_map import compose_map
from labelling.quality import find_carriers_that_differ, leave_accepted_out

_TO_ATTACH = ("labelling.view_pressrelease", "labelling.validate_pressrelease")


@admin.register(LabellingWave)
class LabellingWaveAdmin(SheetAdmin):
    """The waves, the last one first, each with what it brought and its release."""

    empty_sentence = text.typeset(
        "Aucune vague n’est encore enregistrée. Choisissez « Ajouter une vague »."
    )
    no_match_sentence = text.typeset(
        "Aucune vague ne correspond à « {searched} ». Essayez un mot plus court."
    )

    list_display = (
        "name",
        "effective_day",
        "announced_day",
        "new_sites",
        "ended_sites",
        "all_sites",
        "release",
    )
    list_filter = (ReleaseFilter,)
    ordering = ("-effective_on",)
    search_help_text = "Nom de la vague."
    fieldsets = (
        (
            "La vague",
            {"fields": ("name", "effective_on", "decided_on", "announced_on", "list_closed_on")},
        ),
        (
            "Chiffres nationaux du jour",
            {
                "description": text.typeset(
                    "Recopiez les chiffres de l’État ; laissez vide ceux que vous n’avez pas."
                ),
                "fields": ("national_sites", "national_cantons", *LabellingWave.CARRIERS),
            },
        ),
    )

    # The list

    def get_queryset(self, request: HttpRequest) -> Any:
        waves: Any = super().get_queryset(request)
        return waves.with_counts().with_releases()

    @admin.display(description="Label valable à partir du", ordering="effective_on")
    def effective_day(self, wave: LabellingWave) -> str:
        return text.short_date(wave.effective_on)

    @admin.display(description="Annoncée le", ordering="announced_on")
    def announced_day(self, wave: LabellingWave) -> str | None:
        return text.short_date(wave.announced_on) if wave.announced_on else None

    @admin.display(description="Nouveaux", ordering="new_count")
    def new_sites(self, wave: Any) -> str:
        return _link_figure(figures.make_gained(wave))

    @admin.display(description="Fins de label", ordering="ended_count")
    def ended_sites(self, wave: Any) -> str:
        return _link_figure(figures.make_ended(wave))

    @admin.display(description="Total", ordering="total_count")
    def all_sites(self, wave: Any) -> str:
        return _link_figure(figures.make_total(wave))

    @admin.display(description="Communiqué")
    def release(self, wave: Any) -> str:
        standing = wave.standing_releases
        status = (
            standing[-1].word_status(timezone.now())
            if standing
            else wave.word_past_release() or "Pas encore"
        )
        address = locate_page(wave, "press_release", wave.pk)
        return format_html('<a href="{}">{}</a>', address, status)

    # The form

    readonly_fields = ("past_release",)

    def get_fieldsets(self, request: HttpRequest, obj: LabellingWave | None = None) -> Any:
        """What became of a release is told where none is kept here."""
        fieldsets: Any = super().get_fieldsets(request, obj)
        if obj is None or obj.releases.exists():
            return fieldsets
        return (*fieldsets, ("Communiqué", {"fields": ("past_release",)}))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        wave = context.get("original")
        if wave:
            context["wave_links"] = self.make_links(request, wave)
        return super().render_change_form(request, context, *args, **kwargs)

    def make_links(self, request: HttpRequest, wave: LabellingWave) -> list[tuple[str, str]]:
        """Where the person may go from the form of a wave: what is said, and the address."""
        links = []
        if request.user.has_perm("labelling.view_site"):
            links.append(("Les sites de la vague", locate_page(wave, "sites", wave.pk)))
        if press_release.may_see(request):
            links.append(("Voir le communiqué", locate_page(wave, "press_release", wave.pk)))
        if prepare := press_release.locate_preparation(request, wave, find_release(wave)):
            links.append(("Préparer le communiqué", prepare))
        return links

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        self._say_findings(request, obj)
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        self._say_findings(request, obj)
        return response

    def _say_findings(self, request: HttpRequest, wave: LabellingWave) -> None:
        found = find_carriers_that_differ([wave])
        for finding in leave_accepted_out(found, timezone.localdate()):
            messages.warning(request, finding.sentence)

    # The pages of one wave

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("sites/", self.sites_view, "sites"),
            ("map/<str:picture>/", self.map_view, "map"),
            ("sites/label/", self.label_view, "label"),
            ("sites/<int:site_id>/move/", self.move_view, "move"),
            ("press-release/", self.release_view, "press_release"),
            ("past-release/", self.past_release_view, "past_release"),
            ("attach/", self.attach_view, "attach"),
            ("sent-files/<int:file_id>/", self.sent_file_view, "sent_file"),
            (
                "sent-files/<int:file_id>/remove/",
                self.remove_sent_file_view,
                "remove_sent_file",
            ),
            (
                "press-release/<str:source>/<str:extension>/",
                self.download_view,
                "press_release_download",
            ),
        )
        own = [
            path(
                f"<int:wave_id>/{route}",
                self.admin_site.admin_view(view),
                name=f"labelling_labellingwave_{name}",
            )
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def sites_view(self, request: HttpRequest, wave_id: int) -> HttpResponse:
        wave = self._find_wave(request, wave_id, "labelling.view_site")
        return sites.sites_page(self, request, wave)

    def map_view(self, request: HttpRequest, wave_id: int, picture: str) -> HttpResponse:
        wave = self._find_wave(request, wave_id, "labelling.view_site")
        return download_map(
            request, partial(compose_map, figures.make_situation(wave)), wave.slug, picture
        )

    def label_view(self, request: HttpRequest, wave_id: int) -> HttpResponse:
        wave = self._find_wave(request, wave_id, "labelling.change_site")
        return sites.label_candidates(request, wave)

    def move_view(self, request: HttpRequest, wave_id: int, site_id: int) -> HttpResponse:
        wave = self._find_wave(request, wave_id, "labelling.change_site")
        return sites.move_site(request, wave, site_id)

    def release_view(self, request: HttpRequest, wave_id: int) -> HttpResponse:
        wave = self._find_wave(request, wave_id, "labelling.view_pressrelease")
        return press_release.release_page(self, request, wave)

    def past_release_view(self, request: HttpRequest, wave_id: int) -> HttpResponse:
        permissions = ("labelling.view_pressrelease", "labelling.change_labellingwave")
        return past_release.declare(request, self._find_wave(request, wave_id, *permissions))

    def attach_view(self, request: HttpRequest, wave_id: int) -> HttpResponse:
        wave = self._find_wave(request, wave_id, *_TO_ATTACH)
        return sent_files.attach(request, sent_files.open_folder(wave))

    def sent_file_view(self, request: HttpRequest, wave_id: int, file_id: int) -> HttpResponse:
        wave = self._find_wave(
            request, wave_id, "labelling.view_pressrelease", "labelling.export_site"
        )
        return sent_files.download(request, sent_files.open_folder(wave), file_id)

    def remove_sent_file_view(
        self, request: HttpRequest, wave_id: int, file_id: int
    ) -> HttpResponse:
        wave = self._find_wave(request, wave_id, *_TO_ATTACH)
        return past_release.removal_page(self, request, wave, file_id)

    def download_view(
        self, request: HttpRequest, wave_id: int, source: str, extension: str
    ) -> HttpResponse:
        wave = self._find_wave(
            request, wave_id, "labelling.view_pressrelease", "labelling.export_site"
        )
        return press_release.download(request, wave, source, extension)

    def _find_wave(self, request: HttpRequest, wave_id: int, *permissions: str) -> LabellingWave:
        """Return the wave to who may see it and has the other permissions."""
        if not (
            self.has_view_or_change_permission(request) and request.user.has_perms(permissions)
        ):
            raise PermissionDenied
        wave = LabellingWave.objects.filter(pk=wave_id).first()
        if wave is None:
            raise Http404
        return wave


def _link_figure(figure: figures.Figure) -> str:
    """A number that leads to the list that proves it; none of the first wave ended before it."""
    count = text.number(figure.count)
    if not figure.query:
        return count
    return format_html('<a href="{}">{}</a>', locate_list(Site, figure.query), count)
