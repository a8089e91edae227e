"""The figures of the home page: the labelled network on a day, wave by wave, region by region."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from labelling import figures, text
from labelling.admin.addresses import locate_list, locate_page
from labelling.choices import LabelStatus
from labelling.models import LabellingWave, Site
from labelling.press_release.composition import word_situation


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number and the address of the list that proves it; empty where there is nothing to list."""

    count: int
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class WaveFigures:
    """The growth that a wave brought."""

    name: str
    slug: str
    effective_on: str
    address: str
    new: Figure
    ended: Figure
    total: Figure


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The network as it stands on a day."""

    situation: str
    labelled: Figure
    waves: tuple[WaveFigures, ...]
    regions: tuple[Figure, ...]


def count_figures(day: date) -> Figures:
    """How many sites are labelled on `day`, wave by wave and region by region."""
    labelled = Site.objects.labelled_on(day)
    regions = (
        labelled.order_by("department__region__sort_key")
        .values_list("department__region__code", "department__region__name")
        .annotate(Count("pk"))
    )
    waves = LabellingWave.objects.effective_by(day).with_counts().order_by("-effective_on")
    total = labelled.count()
    return Figures(
        situation=word_situation(day),
        labelled=Figure(
            count=total,
            label=text.plural(total, "site labellisé", "sites labellisés"),
            address=_locate_sites(status=LabelStatus.LABELLED.value),
        ),
        waves=tuple(_count_wave_figures(wave) for wave in waves),
        regions=tuple(
            Figure(
                count=count,
                label=name,
                address=_locate_sites(region=code, status=LabelStatus.LABELLED.value),
            )
            for code, name, count in regions
        ),
    )


def _count_wave_figures(wave: Any) -> WaveFigures:
    return WaveFigures(
        name=wave.name,
        slug=wave.slug,
        effective_on=text.short_date(wave.effective_on),
        address=locate_page(wave, "change", wave.pk),
        new=_make_figure(figures.make_gained(wave), f"avec la vague {wave.name}"),
        ended=_make_figure(figures.make_ended(wave), "depuis la vague précédente"),
        total=_make_figure(figures.make_total(wave), f"en tout avec la vague {wave.name}"),
    )


def _make_figure(figure: figures.Figure, label: str) -> Figure:
    address = locate_list(Site, figure.query) if figure.query else ""
    return Figure(count=figure.count, label=label, address=address)


def _locate_sites(**choices: str) -> str:
    """The list of sites, filtered."""
    return locate_list(Site, choices)
