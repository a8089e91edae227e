"""What is displayed in a list, and what is ticked there."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from labelling.admin.addresses import locate_page
from labelling.admin.base import RecordAdmin
from labelling.admin.doors import read_keys
from labelling.models import Record


def read_changelist(model_admin: admin.ModelAdmin, request: HttpRequest) -> ChangeList | None:
    """The list that the question of an address narrows, all its pages; None if it is no question.

    The address may be that of another page than the list's own.
    """
    try:
        return model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return None


def lead_to_list(model_admin: admin.ModelAdmin) -> HttpResponse:
    """Lead to the whole list, which says that an address could not be read."""
    return HttpResponseRedirect(f"{locate_page(model_admin.model, 'changelist')}?{ERROR_FLAG}=1")


def is_whole_ticked(request: HttpRequest) -> bool:
    """Whether all that the list displays is ticked, on its other pages too."""
    return request.POST.get("select_across") == "1"


def read_ticked_keys(request: HttpRequest) -> list[int]:
    """The keys of the records ticked on the page."""
    return read_keys(request.POST.getlist(ACTION_CHECKBOX_NAME))


class TickedListAdmin(RecordAdmin):
    """A list whose lines have tick boxes, for those to whom its template offers a use of them."""

    def has_tick_boxes(self, request: HttpRequest) -> bool:
        raise NotImplementedError

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        ticks = self.has_tick_boxes(request) and IS_POPUP_VAR not in request.GET
        return [*(["action_checkbox"] if ticks else []), *super().get_list_display(request)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        others = [column for column in list_display if column != "action_checkbox"]
        return super().get_list_display_links(request, others)

    @admin.display(
        description=mark_safe(
            '<input type="checkbox" id="action-toggle" aria-label="Cocher toute la page">'
        )
    )
    def action_checkbox(self, obj: Record) -> SafeString:
        return format_html(
            '<input type="checkbox" name="_selected_action" value="{}" class="action-select"'
            ' aria-label="Cocher {}">',
            obj.pk,
            obj,
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"has_tick_boxes": self.has_tick_boxes(request), **(extra_context or {})}
        return super().changelist_view(request, context)
