"""The filters of the list of sites: each names itself and says how many sites each choice has."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from secrets import token_hex
from typing import Any, ClassVar, cast
from urllib.parse import quote_plus

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labelling import figures, quality, text
from labelling.admin.addresses import locate_page
from labelling.admin.doors import read_number
from labelling.admin.facets import MOST_JUDGED, SiteList, find_told, list_told, list_told_by_rule
from labelling.choices import ImportStatus, LabelStatus, SiteFormat, WithdrawalReason
from labelling.models import Association, Site
from labelling.models.site import compute_label_status, is_standing
from labelling.press_release import places

_UNKNOWN = "none"  # In addresses: what no choice was made for.
# In an address that is being written, where the choice goes: nobody can have typed it.
_CHOSEN = f"chosen{token_hex(8)}"


# Of more choices than that, a person looks for theirs in the list of the records themselves.
MOST_CHOICES = 150


@dataclass(frozen=True)
class Choice:
    """A choice that some sites of the list share."""

    value: str
    label: str
    count: int | None
    kind: str = ""  # How the count stands out: « warn ».


class SiteFilter(admin.ListFilter):
    """A question about the sites; its choices are those that the displayed sites give."""

    title: str
    parameter_name: ClassVar[str]
    all_label: ClassVar[str]
    unknown_label: ClassVar[str] = "Non renseigné"
    is_tabs = False
    # What it asks of each site of the list, to count those of each choice.
    columns: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        values = params.pop(self.parameter_name, None)
        self.value: str | None = values[-1] if values else None

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> QuerySet[Site]:
        if self.value is None:
            return queryset
        # PostgreSQL fails on a NUL where SQLite finds nothing.
        if "\0" in self.value:
            raise IncorrectLookupParameters
        try:
            return self.narrow(queryset, self.value)
        except ValueError as error:
            raise IncorrectLookupParameters from error

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        yield {
            "selected": self.value is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": self.all_label,
        }
        choices = list(self.count_choices(changelist))
        if self.value is not None and self.value not in {choice.value for choice in choices}:
            choices.append(Choice(self.value, self.word_choice(), 0))
        # Of hundreds of choices, the address is written once.
        address = changelist.get_query_string({self.parameter_name: _CHOSEN})
        for choice in choices:
            yield {
                "selected": choice.value == self.value,
                "query_string": address.replace(_CHOSEN, quote_plus(choice.value)),
                "display": choice.label,
                "count": None if choice.count is None else text.number(choice.count),
                "kind": choice.kind,
            }

    def read_others(self, changelist: Any) -> list[list[Any]]:
        """The columns of the sites of a `SiteList`, whatever is chosen here."""
        read = changelist.read_others(self)
        return [read[name] for name in self.columns]

    def word_choice(self) -> str:
        """The words of the choice that was made; empty if none was."""
        if self.value is None:
            return ""
        if self.value == _UNKNOWN:
            return self.unknown_label
        return self.find_label(self.value) or "choix inconnu"

    def word_scope(self) -> str:
        """What the choice that was made says in the title of a list."""
        label = self.word_choice()
        return label and f"{self.title[:1].lower()}{self.title[1:]}{text.NO_BREAK_SPACE}: {label}"

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        """The sites of a choice. Raise ValueError if there is no such choice."""
        raise NotImplementedError

    def find_keys(self) -> set[int] | None:
        """The keys of all the sites of the choice that was made, where they are known."""
        return None

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """The choices that the sites of the list give, in their order."""
        raise NotImplementedError

    def find_label(self, value: str) -> str | None:
        """The words of a choice, or None if there is none such."""
        raise NotImplementedError


class RecordFilter(SiteFilter):
    """A choice among the records that the sites belong to."""

    path: ClassVar[str]  # From the site to the record.
    key: ClassVar[str]  # What addresses call the record by.

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        if value == _UNKNOWN:
            return queryset.filter(**{self.path: None})
        return queryset.filter(**{f"{self.path}__{self.key}": value})

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        counts = self.count_records(changelist)
        for pk, key, name in self.list_choices(changelist):
            if counts[pk]:
                yield Choice(str(key), name, counts[pk])
        if counts[None]:
            yield Choice(_UNKNOWN, self.unknown_label, counts[None])

    def list_choices(self, changelist: Any) -> Iterable[tuple[int, Any, str]]:
        """The key of each record, what addresses call it by, and people."""
        return self._list_records().order_by("sort_key").values_list("pk", self.key, "name")

    def count_records(self, changelist: ChangeList) -> Counter[int | None]:
        """How many sites belong to each record, by its key."""
        (keys,) = self.read_others(changelist)
        return Counter(keys)

    def find_label(self, value: str) -> str | None:
        named = self._list_records().filter(**{self.key: value})
        return named.values_list("name", flat=True).first()

    def _list_records(self) -> QuerySet[Any]:
        related: Any = Site
        for step in self.path.split("__"):
            related = related._meta.get_field(step).related_model
        return related.objects.all()


class RegionFilter(RecordFilter):
    title, all_label = "Région", "Toutes les régions"
    parameter_name, path, key = "region", "department__region", "code"
    columns = ("department",)

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """Each with the sites of its departments."""
        counts, names = Counter[str](), dict[str, str]()
        by_department = self.count_records(changelist)
        departments = cast("SiteList", changelist).departments
        for one in sorted(departments, key=attrgetter("region__sort_key")):
            counts[one.region__code] += by_department[one.pk]
            names[one.region__code] = one.region__name
        for code, name in names.items():
            if counts[code]:
                yield Choice(code, name, counts[code])

    def word_scope(self) -> str:
        return self.word_choice()


class DepartmentFilter(RecordFilter):
    title, all_label = "Département", "Tous les départements"
    parameter_name, path, key = "department", "department", "code"
    columns = ("department",)

    def list_choices(self, changelist: Any) -> Iterable[tuple[int, Any, str]]:
        return ((one.pk, one.code, one.name) for one in changelist.departments)

    def word_scope(self) -> str:
        return self.word_choice()


class AssociationFilter(RecordFilter):
    title, all_label, unknown_label = "Association", "Toutes les associations", "Non renseignée"
    parameter_name, path, key = "association", "association", "id"
    columns = ("association",)

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        if value != _UNKNOWN and read_number(value) is None:
            raise ValueError(value)
        return super().narrow(queryset, value)

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """Of too many associations, the one that was chosen alone."""
        counts = self.count_records(changelist)
        self.count = len(counts)
        if self.count <= MOST_CHOICES:
            yield from super().count_choices(changelist)
        elif self.value is not None:
            key = None if self.value == _UNKNOWN else read_number(self.value)
            yield Choice(self.value, self.word_choice(), counts[key])

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        yield from super().choices(changelist)
        if self.count > MOST_CHOICES:
            yield {
                "selected": False,
                "query_string": locate_page(Association, "changelist"),
                "display": f"Choisir parmi les {text.number(self.count)} associations…",
            }


class WaveFilter(RecordFilter):
    """The waves, the last one first, then the sites that are still candidates."""

    title, all_label, unknown_label = "Vague", "Toutes les vagues", "Candidat"
    parameter_name, path, key = "wave", "wave", "slug"
    columns = ("wave",)

    def list_choices(self, changelist: Any) -> Iterable[tuple[int, Any, str]]:
        return ((one.pk, one.slug, one.name) for one in changelist.waves)


class VocabularyFilter(SiteFilter):
    """A choice in a closed list of words, stored in a field of the site."""

    field: ClassVar[str]
    vocabulary: ClassVar[tuple[tuple[str, Any, str], ...]]  # In addresses, stored, in words.

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        for name, stored, _label in self.vocabulary:
            if name == value:
                return queryset.filter(**{self.field: stored})
        raise ValueError(value)

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        (values,) = self.read_others(changelist)
        counts = Counter(values)
        for name, stored, label in self.vocabulary:
            if counts[stored]:
                yield Choice(name, label, counts[stored])

    def find_label(self, value: str) -> str | None:
        return next((label for name, _stored, label in self.vocabulary if name == value), None)


class FormatFilter(VocabularyFilter):
    title, all_label = "Accueil du public", "Tous les accueils"
    parameter_name = field = "format"
    columns = ("format",)
    vocabulary = (
        *((str(format.value), str(format.value), str(format.label)) for format in SiteFormat),
        (_UNKNOWN, "", SiteFilter.unknown_label),
    )


class DistrictFilter(VocabularyFilter):
    title, all_label = "Quartier prioritaire (QPV)", "Tous, en quartier prioritaire ou non"
    parameter_name, field = "district", "in_priority_district"
    columns = ("district",)
    vocabulary = (
        ("yes", True, "Oui"),
        ("no", False, "Non"),
        (_UNKNOWN, None, SiteFilter.unknown_label),
    )


TO_CHECK, _TO_CHECK_LABEL, _TO_CHECK_SCOPE = "to_check", "À vérifier", "sites à vérifier"
_TABS = {
    LabelStatus.CANDIDATE: "Candidats",
    LabelStatus.LABELLED: "Labellisés",
    LabelStatus.ENDED: "Fin de label",
}


class StatusFilter(SiteFilter):
    """What the sites are today, and those that a rule finds: tabs above the list."""

    title, all_label = "Statut", "Tous"
    is_tabs, template = True, "labelling/tabs.html"
    parameter_name = "status"
    columns = ("wave", "end")
    _told: dict[str, set[int]] | None = None
    _counts: Counter[LabelStatus] | None = None

    def narrow(self, queryset: Any, value: str) -> Any:
        if value == TO_CHECK:
            return queryset.filter(pk__among=list_told(self.request))
        return queryset.with_status(LabelStatus(value), timezone.localdate())

    def find_keys(self) -> set[int] | None:
        return list_told(self.request) if self.value == TO_CHECK else None

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        sites = cast("SiteList", changelist)
        yield self._count_to_check(sites)
        for status in LabelStatus:
            yield Choice(status.value, _TABS[status], self._count_by_status(sites)[status])

    def _count_by_status(self, changelist: SiteList) -> Counter[LabelStatus]:
        """How many of the sites that the tabs count have each status today."""
        if self._counts is None:
            today, self._counts = timezone.localdate(), Counter()
            starts = {one.pk: one.effective_on for one in changelist.waves}
            for wave, has_ended, sites in self._count_labels(changelist, today):
                end = today if has_ended else None
                self._counts[compute_label_status(starts.get(wave or 0), end, today)] += sites
        return self._counts

    def _count_labels(
        self, changelist: SiteList, today: date
    ) -> Iterator[tuple[int | None, bool, int]]:
        """How many have the label of each wave, and how many had it."""
        if self.value is None:
            waves, ends = self.read_others(changelist)
            until = today.isoformat()
            have_ended = (end is not None and end <= until for end in ends)
            for (wave, has_ended), sites in Counter(zip(waves, have_ended, strict=True)).items():
                yield wave, has_ended, sites
        else:
            standing = Count("pk", filter=is_standing(today))
            labels = changelist.find_others(self).values_list("wave_id")
            for wave, sites, stand in labels.annotate(sites=Count("*"), standing=standing):
                yield wave, False, stand
                yield wave, True, sites - stand

    def list_told(self, changelist: SiteList) -> dict[str, set[int]] | None:
        """What is told of the sites that the tabs count, rule by rule.

        None where they are so many that judging them takes long: they are counted on demand.
        """
        if self._told is None:
            if is_about_findings(self.request):
                self._told = find_told(self.request)
            elif self._count_by_status(changelist).total() <= MOST_JUDGED:
                judged = Site.objects.filter(pk__among=changelist.list_other_keys(self))
                self._told = list_told_by_rule(judged)
        return self._told

    def _count_to_check(self, changelist: SiteList) -> Choice:
        told = self.list_told(changelist)
        if told is None:
            return Choice(TO_CHECK, _TO_CHECK_LABEL, None)
        if self.value == TO_CHECK:
            count = changelist.result_count
        else:
            keys = set[int]().union(*told.values())
            count = len(keys & changelist.list_other_keys(self))
        return Choice(TO_CHECK, _TO_CHECK_LABEL, count, kind="warn" if count else "")

    def find_label(self, value: str) -> str | None:
        return _TO_CHECK_LABEL if value == TO_CHECK else str(LabelStatus(value).label)

    def word_scope(self) -> str:
        return _TO_CHECK_SCOPE if self.value == TO_CHECK else self.word_choice()


def is_about_findings(request: HttpRequest) -> bool:
    """Whether a list is asked for the sites to check, or for what one rule finds."""
    is_to_check = request.GET.get(StatusFilter.parameter_name) == TO_CHECK
    return is_to_check or FindingFilter.parameter_name in request.GET


class FindingFilter(SiteFilter):
    """What a rule finds of the sites to check: asked among those alone."""

    title, all_label = "Ce qui est signalé", "Tout ce qui est signalé"
    parameter_name = "rule"

    def has_output(self) -> bool:
        return is_about_findings(self.request)

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        if value not in _SITE_RULES:
            raise ValueError(value)
        return queryset.filter(pk__among=find_told(self.request).get(value, ()))

    def find_keys(self) -> set[int] | None:
        return None if self.value is None else find_told(self.request).get(self.value, set())

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        told = find_told(self.request)
        others = cast("SiteList", changelist).list_other_keys(self)
        for rule in quality.sort_rules(told):
            if count := len(told[rule] & others):
                yield Choice(rule, quality.RULES[rule].name, count)

    def find_label(self, value: str) -> str | None:
        return _SITE_RULES.get(value)

    def word_scope(self) -> str:
        return text.lowered(self.word_choice())


_SITE_RULES = {key: rule.name for key, rule in quality.RULES.items() if rule.model is Site}


class MomentFilter(SiteFilter):
    """The sites that a figure counts: shown where a figure led to them, else left out."""

    def has_output(self) -> bool:
        return self.value is not None

    def count_choices(self, changelist: ChangeList) -> Iterator[Choice]:
        if self.value is not None:
            yield Choice(self.value, self.word_choice(), changelist.result_count)

    def find_label(self, value: str) -> str | None:
        try:
            return self.word_moment(value)
        except ValueError:
            return None

    def word_moment(self, value: str) -> str:
        """When, in words. Raise ValueError if it is no moment."""
        raise NotImplementedError

    def word_scope(self) -> str:
        return f"{text.lowered(self.title)} {self.word_choice()}"


class AsOfFilter(MomentFilter):
    title, all_label, parameter_name = "Labellisés", "À toute date", "as_of"

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(figures.read_situation(value).has())

    def word_moment(self, value: str) -> str:
        return figures.read_situation(value).at


class GainedFilter(MomentFilter):
    title, all_label, parameter_name = "Nouveaux", "Nouveaux ou non", "gained"

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        return queryset.filter(figures.read_between(value).gained)

    def word_moment(self, value: str) -> str:
        return figures.read_between(value).words


class EndedFilter(MomentFilter):
    title, all_label, parameter_name = "Fins de label", "Fins de label ou non", "ended"

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        return queryset.filter(figures.read_between(value).ended)

    def word_moment(self, value: str) -> str:
        return figures.read_between(value).words


class PassedFilter(MomentFilter):
    title, all_label, parameter_name = "Label eu et perdu", "Label eu et perdu ou non", "passed"

    def narrow(self, queryset: QuerySet[Site], value: str) -> QuerySet[Site]:
        return queryset.filter(figures.read_between(value).passed)

    def word_moment(self, value: str) -> str:
        return figures.read_between(value).words


def is_about_ends(request: HttpRequest) -> bool:
    """Whether a list is asked for the sites whose label ended, or for those of one reason."""
    is_ended = request.GET.get(StatusFilter.parameter_name) == LabelStatus.ENDED
    others = (EndedFilter, PassedFilter, ReasonFilter)
    return is_ended or any(one.parameter_name in request.GET for one in others)


class ReasonFilter(VocabularyFilter):
    """Why the label ended: asked where the list is of such sites."""

    title, all_label = "Motif", "Tous les motifs"
    parameter_name, field = "reason", "withdrawal_reason"
    columns = ("reason",)
    vocabulary = tuple(
        (str(reason.value), str(reason.value), str(reason.label)) for reason in WithdrawalReason
    )

    def has_output(self) -> bool:
        return is_about_ends(self.request)


class HolderFilter(AsOfFilter):
    """The regions, departments or associations that had labelled sites at a moment."""

    title, all_label = "Avec des sites labellisés", "Avec ou sans sites labellisés"
    paths: ClassVar[dict[str, str]] = {
        "region": "department__region",
        "department": "department",
        "association": "association",
    }

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        path = self.paths[str(queryset.model._meta.model_name)]
        held = Site.objects.filter(figures.read_situation(value).has())
        return queryset.filter(pk__in=held.exclude(**{path: None}).values(path))


SITE_FILTERS = (
    StatusFilter,
    FindingFilter,
    AsOfFilter,
    GainedFilter,
    EndedFilter,
    PassedFilter,
    ReasonFilter,
    RegionFilter,
    DepartmentFilter,
    AssociationFilter,
    WaveFilter,
    FormatFilter,
    DistrictFilter,
)


class WordsFilter(admin.SimpleListFilter):
    """A choice in a list of words, whatever the records; an unknown one narrows nothing."""

    all_label: ClassVar[str]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The records of a choice."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return self.narrow(queryset, value) if value in dict(self.lookup_choices) else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": self.all_label}
        yield from others


class StatusOfImportFilter(WordsFilter):
    """What became of an import: tabs above the list."""

    title, all_label = "État", "Tous"
    is_tabs, template = True, "labelling/tabs.html"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(status.value), str(status.label)) for status in ImportStatus]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(status=value)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        imports = changelist.get_queryset(self.request, self.expected_parameters()).order_by()
        counts = dict(imports.values_list("status").annotate(Count("pk", distinct=True)))
        first, *others = super().choices(changelist)
        yield first
        for (status, _label), choice in zip(self.lookup_choices, others, strict=True):
            yield {**choice, "count": text.number(counts.get(status, 0))}


_PLACES: dict[type[SiteFilter], Callable[[str, str], str]] = {
    DepartmentFilter: places.in_department,
    RegionFilter: lambda _code, name: places.in_region(name),
}


def word_filters(
    changelist: ChangeList, *, for_press: bool = False, with_place: bool = True
) -> list[str]:
    """What the filters of a list narrow it to, in words."""
    filters = [spec for spec in changelist.filter_specs if isinstance(spec, SiteFilter)]
    if for_press:
        filters = [s for s in filters if not isinstance(s, StatusFilter) or s.value == TO_CHECK]
    if not with_place:
        filters = [spec for spec in filters if type(spec) not in _PLACES]
    return [words for spec in filters if (words := spec.word_scope())]


def word_place(changelist: ChangeList) -> str:
    """Where the sites of a list are: « en Occitanie », « dans le Gard »; empty if anywhere."""
    chosen = {type(spec): spec for spec in changelist.filter_specs if isinstance(spec, SiteFilter)}
    for kind, word in _PLACES.items():
        if (spec := chosen.get(kind)) and spec.value is not None:
            return word(spec.value, spec.word_choice())
    return ""


def word_scope(changelist: ChangeList, *, for_press: bool = False, with_place: bool = True) -> str:
    """What a list was narrowed to, for its title: « Occitanie, « nimes » »; empty if to nothing.

    What was looked for may stand in an internal note, and what is to be checked is ours to know:
    the press reads « sélection ». Its list holds the labelled sites alone, and says so already.
    """
    choices = word_filters(changelist, for_press=for_press, with_place=with_place)
    ours = {
        spec.word_scope()
        for spec in changelist.filter_specs
        if isinstance(spec, FindingFilter)
        or (isinstance(spec, StatusFilter) and spec.value == TO_CHECK)
    }
    own = [words for words in choices if words in ours]
    if searched := changelist.query:
        own.append(f"« {searched} »")
    shown = ["sélection"] if own and for_press else own
    return text.typeset(", ".join([*(words for words in choices if words not in own), *shown]))
