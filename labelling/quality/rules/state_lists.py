"""What the last list of the State says of our sites, as the ledger of imports keeps it."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from labelling import text
from labelling.days import find_day
from labelling.models import ImportRow, ImportRun, MergedSite, Site
from labelling.models.accepted import STILL_LISTED
from labelling.models.site import SiteQuerySet
from labelling.quality.findings import Finding, Findings


def find_sites_still_listed(sites: SiteQuerySet, day: date, taken: Any) -> Findings:
    """Q005: the last list of the State has a site whose label had ended by then.

    OK =>  ended on the day after the list was taken in; ended, and no longer in the list
    NOK => ended on 1 March, in the list of 1 August
    """
    if taken is None:
        return Findings.worded(())
    ended = sites.withdrawn_by(min(day, _find_day(taken)))
    return Findings.among(
        ended.filter(_is_listed(taken)).select_related(None),
        lambda listed: (
            Finding(
                rule=STILL_LISTED,
                record=site,
                # Those of `make_end_evidence`: importing asks the same question.
                facts=(site.withdrawn_on.isoformat(),),
                field="withdrawn_on",
                title="L’État liste encore ce site, dont le label a pris fin.",
                evidence=text.typeset(
                    f"Fin du label le {text.long_date(site.withdrawn_on)} ; {_word_list(taken)}."
                ),
                advice="Dites à l’État que le label a pris fin, ou effacez la fin du label.",
            )
            for site in listed
        ),
    )


def find_sites_no_longer_listed(sites: SiteQuerySet, day: date, taken: Any) -> Findings:
    """Q014: the last list of the State does not have a labelled site that has a number.

    A list that lacks most of our sites is no list of all: it says nothing of those.

    OK =>  in the list; no number yet; a label of after the list
    NOK => number 260, labelled since 2020, and not in the list of 1 August 2024
    """
    if taken is None:
        return Findings.worded(())
    listed = _is_listed(taken)
    absent = _list_listable(sites, day, taken).exclude(listed)
    ours = _list_listable(Site.objects.all(), day, taken)
    if not absent.exists() or 2 * ours.filter(listed).count() < ours.count():
        return Findings.worded(())
    advice = text.typeset(
        "Une ligne qui manque n’est pas une fin de label : demandez à l’association, puis "
        "choisissez s’il le faut « Mettre fin au label… »."
    )
    return Findings.among(
        absent.select_related(None),
        lambda sites: (
            Finding(
                rule="Q014",
                record=site,
                facts=(site.france_services_id,),
                field="france_services_id",
                title="La dernière liste de l’État n’a plus ce site.",
                evidence=text.typeset(
                    f"Le numéro {site.france_services_id} n’y est pas : {_word_list(taken)}."
                ),
                advice=advice,
            )
            for site in sites
        ),
    )


def _list_listable(sites: Any, day: date, taken: Any) -> Any:
    """The labelled sites that a list should have: they have a number, and were there by then."""
    known = sites.labelled_on(day).exclude(france_services_id="")
    return known.filter(wave__effective_on__lte=_find_day(taken))


def find_last_list() -> Any:
    """The last import of a list of the whole country; None if there is none."""
    lists = ImportRun.objects.national_lists().only("file_name", "prepared_at")
    return lists.order_by("-applied_at", "-pk").first()


def _find_day(taken: Any) -> date:
    """The day of a list: that of its name; else that on which it came, it being no later."""
    return find_day(taken.file_name) or timezone.localdate(taken.prepared_at)


def _is_listed(taken: Any) -> Q:
    """Whether a line of the list is a site's, or that of a record that went into it."""
    lines = ImportRow.objects.filter(run=taken, record_id=OuterRef("pk"))
    merged = MergedSite.objects.filter(Exists(lines), into=OuterRef("pk"))
    return Q(Exists(lines)) | Q(Exists(merged))


def _word_list(taken: Any) -> str:
    name = f"« {taken.file_name} », " if taken.file_name else ""
    return f"{name}{text.lowered(str(taken))} du {text.long_date(_find_day(taken))}"
