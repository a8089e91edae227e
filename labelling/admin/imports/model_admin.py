"""« Imports »: the ledger, and the addresses under which files come in, are applied and undone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt

from labelling import text
from labelling.admin.badges import make_status_badge
from labelling.admin.doors import ListAdmin, read_search
from labelling.admin.filters import StatusOfImportFilter
from labelling.admin.imports import answers, learned, preview, steps, upload
from labelling.admin.imports.upload import find_person
from labelling.choices import ImportStatus
from labelling.models import ImportRow, ImportRun
from labelling.models.base import LONGEST_SEARCH
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import rights
from labelling.spreadsheets.runs.lines_to_correct import find_origin_remark

# What no list needs: a file may weigh five megabytes.
HEAVY = ("content", "columns", "totals", "left")


def list_seen(request: HttpRequest) -> Any:
    """The imports that the person may open, without what no list needs."""
    seen = [key for key, _ in upload.list_kinds(find_person(request))]
    return ImportRun.objects.filter(model_key__in=seen).defer(*HEAVY)


def _count(rows: QuerySet[ImportRow]) -> Coalesce:
    """How many lines of each import these are."""
    counted = rows.order_by().values("run").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


_View = Callable[[HttpRequest, ImportRun], HttpResponse]


@admin.register(ImportRun)
class ImportRunAdmin(ListAdmin):
    """The imports, the last one first. Who may import sees them; nobody edits them as records."""

    add_label = "Importer un tableur"
    empty_sentence = text.typeset(
        "Aucun fichier n’a encore été importé. Choisissez « Importer un tableur »."
    )

    actions = None
    list_display = (
        "label",
        "file",
        "kind",
        "author_name",
        "prepared",
        "status_name",
        "lines",
    )
    list_display_links = ("label",)
    list_filter = (StatusOfImportFilter,)
    list_per_page = 50
    list_max_show_all = 0
    list_select_related = ("author", "applied_by", "undone_by")
    ordering = ("-pk",)
    search_fields = ("file_name",)  # It only makes the box appear: see get_search_results.
    search_help_text = (
        "Nom du fichier, personne, numéro de l’import, ou nom d’un site dont une ligne parle."
    )
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "–"

    # Who

    def has_view_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        if obj is not None:
            return rights.may_prepare(find_person(request), obj.model_key)
        return bool(upload.list_kinds(find_person(request)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        rows = ImportRow.objects.filter(run=OuterRef("pk"))
        return list_seen(request).annotate(
            line_count=_count(rows),
            settle_count=_count(rows.to_settle()),
            write_count=_count(rows.to_write()),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        for word in text.legible(search_term).split():
            lines = ImportRow.objects.filter(run=OuterRef("pk")).matching(word)
            named = ImportRun.objects.matching(word).values("pk")
            queryset = queryset.filter(Q(pk__in=named) | Exists(lines))
        return queryset, False

    @admin.display(description="Import", ordering="pk")
    def label(self, run: ImportRun) -> str:
        return str(run)

    @admin.display(description="Fichier", ordering="file_name")
    def file(self, run: ImportRun) -> str:
        name, origin = preview.name_file(run), find_origin_remark(run)
        return format_html("{}<br><small>{}</small>", name, origin) if origin else name

    @admin.display(description="Fiches", ordering="model_key")
    def kind(self, run: ImportRun) -> str:
        return RESOURCES[run.model_key].sheet_name

    @admin.display(description="Préparé par", ordering="author__last_name")
    def author_name(self, run: ImportRun) -> str:
        return rights.name_user(run.author)

    @admin.display(description="Quand", ordering="prepared_at")
    def prepared(self, run: ImportRun) -> str:
        return text.short_moment(run.prepared_at)

    @admin.display(description="État", ordering="status")
    def status_name(self, run: ImportRun) -> str:
        return make_status_badge(run)

    @admin.display(description="Lignes")
    def lines(self, run: Any) -> str:
        """How many they are, and what waits of them, or what they did."""
        if run.status == ImportStatus.PREPARING:
            settle = [f"{text.number(run.settle_count)} à corriger"] if run.settle_count else []
            parts = [*settle, f"{text.number(run.write_count)} à appliquer"]
        else:
            added = text.counted(run.created_count, "ajoutée")
            parts = [added, text.counted(run.changed_count, "modifiée")]
        return text.typeset(f"{text.number(run.line_count)} : {', '.join(parts)}")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        asked = read_search(request)
        context = {
            "title": "Imports",
            "empty_sentence": self.empty_sentence,
            "no_match_sentence": text.typeset(
                f"Aucun import ne correspond à « {asked} ». Essayez un mot plus court, ou "
                "effacez les filtres."
                if asked
                else "Aucun import ne correspond à ces filtres. Essayez-en moins à la fois."
            ),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    # The addresses

    def get_urls(self) -> list[URLPattern]:
        # What is sent for the address and the token is read by the page itself, which limits it.
        add = csrf_exempt(partial(upload.upload_page, self))
        pages: tuple[tuple[str, Any, str], ...] = (
            ("", self.changelist_view, "changelist"),
            ("add/", add, "add"),
            ("kept/<int:kept_id>/forget/", steps.forget, "forget"),
            ("learned/", learned.learned_page, "learned"),
            ("learned/<int:heading_id>/forget/", learned.forget_heading, "forget_heading"),
        )
        of_one: tuple[tuple[str, _View, str, tuple[str, ...]], ...] = (
            ("", preview.run_page, "change", ("GET", "HEAD")),
            ("answer/", answers.answer, "answer", ("POST",)),
            ("apply/", steps.apply_page, "apply", ("POST",)),
            ("undo/", steps.undo_page, "undo", ("GET", "HEAD", "POST")),
            ("take-over/", steps.take_over_page, "take_over", ("POST",)),
            ("discard/", steps.discard_page, "discard", ("POST",)),
            ("to-correct/", steps.download_lines_to_correct, "to_correct", ("GET", "HEAD")),
            ("file/", steps.download_original, "file", ("GET", "HEAD")),
        )
        return [
            *(self._make_path(route, view, name) for route, view, name in pages),
            *(
                self._make_path(f"<int:run_id>/{route}", self._wrap_view(view, methods), name)
                for route, view, name, methods in of_one
            ),
        ]

    def _make_path(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        return path(route, wrapped, name=f"labelling_importrun_{name}")

    def _wrap_view(self, view: _View, methods: tuple[str, ...]) -> Any:
        """The view of one import: for who may import such records, by these methods alone."""

        def run_view(request: HttpRequest, run_id: int) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            run = None
            if run_id < 2**63:
                people = ("author", "applied_by", "undone_by", "wave", "association")
                runs = ImportRun.objects.select_related(*people).defer("content")
                runs = runs.annotate(
                    has_content=ExpressionWrapper(
                        Q(content__isnull=False), output_field=BooleanField()
                    )
                )
                run = runs.filter(pk=run_id).first()
            if run is None:
                raise Http404
            if not self.has_view_permission(request, run):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, run)

        return run_view
