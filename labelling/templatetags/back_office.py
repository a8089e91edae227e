"""What the frame of the back-office asks from a template: menu, home page, counts, messages."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.contrib.messages.storage.base import Message
from django.db.models import Model
from django.db.models.options import Options
from django.forms.utils import flatatt
from django.template import RequestContext
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from labelling import text
from labelling.models import base
from labelling.quality import Finding

register = template.Library()


@register.inclusion_tag("labelling/menu.html", takes_context=True)
def menu(context: RequestContext) -> dict[str, Any]:
    """The pages that the person may open; none where nobody is signed in."""
    from labelling.admin import home

    request = context.get("request")
    if not request or not hasattr(request, "user"):
        return {"entries": []}
    return {"entries": home.make_menu(request, context.get("opts"))}


@register.inclusion_tag("labelling/search_everywhere.html", takes_context=True)
def search_everywhere(context: RequestContext) -> dict[str, Any]:
    """The field that searches every list; nothing for who may open none."""
    from labelling.admin import search

    request = context.get("request")
    is_offered = bool(request and hasattr(request, "user") and search.list_kinds(request))
    return {
        "is_offered": is_offered,
        "searched": context.get("searched_everywhere", ""),
        "longest": base.LONGEST_SEARCH,
    }


@register.inclusion_tag("labelling/second_factor_announcement.html", takes_context=True)
def second_factor_announcement(context: RequestContext) -> dict[str, Any]:
    """What is said of the second factor to who has none, and is or will be asked for one."""
    from labelling.admin.sign_in.banners import make_announcement

    return make_announcement(context.get("request"))


@register.inclusion_tag("labelling/home.html", takes_context=True)
def home_page(context: RequestContext) -> dict[str, Any]:
    """The figures of today. The clock is read here, and nowhere below."""
    from labelling.admin import home

    request = context["request"]
    overview = home.make_overview(request, timezone.localdate(), timezone.now())
    return {"overview": overview, "user": request.user}


@register.simple_tag
def pages_of(opts: "Options[Model]") -> admin.ModelAdmin:
    """The pages of a model, whose attributes hold what a gender decides (`add_label`…)."""
    return admin.site.get_model_admin(opts.model)


@register.simple_tag(takes_context=True)
def merge_address(context: RequestContext, finding: Finding) -> str:
    """Where the two records of a finding are made one; empty where there are none to merge."""
    from labelling.admin import merging

    if finding.double is None or not merging.may_merge(context["request"].user):
        return ""
    return merging.locate_merge(finding.record.pk, finding.double.pk)


@register.simple_tag(takes_context=True)
def import_address(context: RequestContext, opts: "Options[Model]") -> str:
    """Where spreadsheets of a model's records are imported; empty for who may not import them."""
    from labelling.admin.imports import links

    return links.locate_import(context["request"].user, str(opts.model_name))


@register.simple_tag
def deleted_address(opts: "Options[Model]") -> str:
    """Where the deleted records of a model are; empty for those that are never put back."""
    from labelling.admin import deleted

    return deleted.locate_list(opts.model)


@register.inclusion_tag("labelling/kept_values.html", takes_context=True)
def kept_values(context: RequestContext, record: Model) -> dict[str, Any]:
    """The values of files that were refused for good for a record."""
    from labelling.admin.imports import links

    request = context["request"]
    return {
        **links.list_kept_values(request.user, record),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("labelling/accepted.html", takes_context=True)
def accepted_findings(context: RequestContext, record: Any) -> dict[str, Any]:
    """What was found of a record and is no longer told."""
    from labelling.admin import settling

    return {
        **settling.list_accepted(context["request"].user, record),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def people_in_charge() -> str:
    """The names of those whom one asks for another role."""
    from labelling.admin.people.role_names import name_people_in_charge

    return name_people_in_charge()


@register.simple_tag
def people_who_validate() -> str:
    """The names of those whom one asks to validate."""
    from labelling.admin.people.role_names import name_people_who_validate

    return name_people_who_validate()


@register.simple_tag
def may_mail() -> bool:
    """Whether links to choose a password go by mail here."""
    from labelling.access.mail import is_configured

    return is_configured()


@register.inclusion_tag("labelling/notices.html", takes_context=True)
def notices(context: RequestContext) -> dict[str, Any]:
    """What others did to the access of who is signed in, until they have read it."""
    from labelling.admin.sign_in.banners import make_notices

    return make_notices(context.get("request"))


@register.inclusion_tag("labelling/steps.html")
def release_steps(release: Any) -> dict[str, Any]:
    """The way of a release, and how far it has come."""
    from labelling.admin import progress

    return {"steps": progress.list_release_steps(release)}


@register.inclusion_tag("labelling/steps.html")
def import_steps(run: Any = None, is_undoing: bool = False) -> dict[str, Any]:
    """The way of an import, and how far it has come; without one, before its file."""
    from labelling.admin import progress

    return {"steps": progress.list_import_steps(run, is_undoing=is_undoing)}


@register.filter
def options(groups: list[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The options of a select, by its groups, of which one without a name is none."""
    written = []
    for name, choices, _ in groups:
        listed = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (one["value"], flatatt(one["attrs"]) if one["attrs"] else "", one["label"])
                for one in choices
            ),
        )
        group = '<optgroup label="{}">\n{}\n</optgroup>'
        written.append(format_html(group, name, listed) if name else listed)
    return format_html_join("\n", "{}", ((group,) for group in written))


@register.filter
def about(findings: list[Finding] | None, field: str) -> list[Finding]:
    """What was found of a field of the record; nothing on pages that look for nothing."""
    return [finding for finding in findings or () if finding.field == field]


@register.filter
def within(findings: list[Finding] | None, fieldset: Any) -> bool:
    """Whether anything was found of a field of the set: it is not folded away."""
    return any(finding.field in flatten(fieldset.fields) for finding in findings or ())


@register.filter
def status_badge(record: Any) -> SafeString:
    """The status of an import, of a release or of a reading: its word, its colour, its shape."""
    from labelling.admin.badges import make_status_badge

    return make_status_badge(record)


@register.filter
def word_status(release: Any) -> str:
    """The status of a release in words, at the moment when the page is made."""
    return str(release.word_status(timezone.now()))


@register.filter
def lowered(label: str) -> str:
    """A label as a sentence carries it: « numéro France Services »."""
    return text.lowered(label)


@register.filter
def list_name(opts: "Options[Model]") -> str:
    """What a list is called in breadcrumbs and titles: « Sites »."""
    return str(getattr(pages_of(opts), "list_name", "") or capfirst(opts.verbose_name_plural))


@register.filter
def record_count(changelist: ChangeList) -> str:
    """« 1 site », « 53 sites »."""
    options = changelist.opts
    return text.counted(
        changelist.result_count, str(options.verbose_name), str(options.verbose_name_plural)
    )


@register.filter
def chosen(choices: Sequence[dict[str, Any]]) -> str:
    """The words of the choice that was made in a filter; empty where it narrows nothing."""
    return next((choice["display"] for choice in choices[1:] if choice["selected"]), "")


@register.filter
def as_links(choices: Sequence[dict[str, Any]]) -> SafeString:
    """The choices of a filter, of which there may be hundreds: a template takes long for each, and
    so does `format_html`."""
    return mark_safe("\n".join(map(_write_choice, choices)))  # noqa: S308


def _write_choice(choice: dict[str, Any]) -> str:
    current = ' aria-current="true"' if choice["selected"] else ""
    count = choice.get("count")
    said = "" if count is None else f' <span class="count">{escape(str(count))}</span>'
    address, label = escape(str(choice["query_string"])), escape(str(choice["display"]))
    return f'<li><a href="{address}"{current}>{label}{said}</a></li>'


@register.filter
def word_lines_shown(changelist: ChangeList) -> str:
    """Which lines of a list its page holds: « Lignes 1 à 50 »."""
    page = changelist.paginator.page(changelist.page_num)
    return f"Lignes {text.number(page.start_index())} à {text.number(page.end_index())}"


@register.filter
def scope(changelist: ChangeList) -> str:
    """What a list was narrowed to: on paper the filters are not there to say it."""
    from labelling.admin.filters import word_scope

    return word_scope(changelist)


@register.filter
def as_stored(record: Model, is_refused: Any) -> Model:
    """The record as the base has it: what a refused form typed into it is nobody's yet."""
    if not is_refused:
        return record
    return type(record)._base_manager.filter(pk=record.pk).first() or record


@register.filter
def without_search(changelist: ChangeList) -> str:
    """The address of the same list, its filters kept and what was searched forgotten."""
    return changelist.get_query_string(remove=[SEARCH_VAR, PAGE_VAR])


@register.filter
def counted(count: int, noun: str) -> str:
    """« 2|counted:"nouveau,nouveaux" »; the plural is made with « s » if it is not given."""
    singular, _, plural = noun.partition(",")
    return text.counted(count, singular, plural or None)


@register.filter
def moment(at: datetime) -> str:
    """« 14 octobre 2020 à 10 h », in local time."""
    return text.moment(at)


@register.filter
def name_of(user: Any) -> str:
    """Who somebody is; empty for nobody."""
    return base.name_user(user)


@register.filter
def of_name(name: str) -> str:
    """« de Léa », « d’Omar »."""
    return text.of_name(name)


@register.filter
def enumerated(names: Sequence[str]) -> str:
    """« Léa, Omar et Paul »."""
    return text.enumeration(names)


@register.filter
def number(value: int) -> str:
    """« 1 784 739 »."""
    return text.number(value)


@register.filter
def typeset(sentence: str) -> SafeString:
    """What a page says, with its no-break spaces: a help text, an error, a message."""
    # Escaped first, so that what people wrote stays as they wrote it, and stays text.
    return mark_safe(text.typeset(conditional_escape(sentence)))  # noqa: S308


@register.filter
def typeset_words(words: str) -> str:
    """What somebody wrote, shown with the apostrophes and spaces of the page; not escaped."""
    return text.typeset(words)


@register.filter
def undo_address(message: Message) -> str:
    """Where a message is taken back, as its tag « undo=/… » says; empty if it has none."""
    for tag in (message.extra_tags or "").split():
        name, _, address = tag.partition("=")
        parts = urlsplit(address)
        if name == "undo" and parts.path.startswith("/") and not parts.netloc:
            return address
    return ""
