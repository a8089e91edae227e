"""What a labelled site should have: its name read, an association, a number, a place of its own."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from labelling import text
from labelling.models import LabellingWave, Site
from labelling.models.site import SiteQuerySet, is_standing
from labelling.quality.findings import Acceptance, Finding, Findings

NAMES_TO_READ = "Q004"
# Why a name is accepted, or written anew.
NAME_READ = "Nom relu"
_NUMBERED_WITHIN = timedelta(weeks=8)
# The day from which a number is waited for is the first that its wave has.
_WAITED_FROM = ("announced_on", "decided_on", "effective_on")


def find_names_to_read(sites: SiteQuerySet) -> Findings:
    """Q004: the name to print is the one that an import made of the State's.

    OK =>  a name that somebody wrote, in a form, in a file, or over the one that was made
    NOK => « PIMMS Ambazac - Bus », made of « Bus France services Pimms Médiation Ambazac »
    """
    return Findings.sought(
        sites,
        Q(made_name__gt="", made_name=F("name")),
        lambda unread: (
            Finding(
                rule=NAMES_TO_READ,
                record=site,
                facts=(site.name,),
                field="name",
                title="Nom fait d’après celui de l’État, à relire.",
                evidence=text.typeset(f"L’État écrit « {site.state_name} »."),
                advice="Acceptez-le, ou écrivez celui que la presse lira.",
                acceptance=Acceptance(label="Accepter ce nom", motive=NAME_READ),
            )
            for site in unread.select_related(None).only("name", "state_name")
        ),
    )


def find_sites_without_association(sites: SiteQuerySet, day: date) -> Findings:
    """Q009: a labelled site is run by nobody that we know.

    OK =>  an association; a candidate, a label that ended or is still to come, without one
    NOK => labelled, without one
    """
    return _find_lacking(
        sites,
        Q(association=None) & _is_labelled(day),
        rule="Q009",
        field="association",
        title="Il manque l’association membre.",
        advice="Choisissez celle qui fait vivre le site.",
    )


def find_sites_without_commune(sites: SiteQuerySet, day: date) -> Findings:
    """Q010: nothing says in which commune a labelled site is.

    OK =>  a commune; a candidate, a label that ended or is still to come, without one
    NOK => labelled, without one
    """
    return _find_lacking(
        sites,
        Q(commune="") & _is_labelled(day),
        rule="Q010",
        field="commune",
        title="Il manque la commune.",
        advice="Écrivez celle de l’adresse.",
    )


def find_sites_without_format(sites: SiteQuerySet, day: date) -> Findings:
    """Q011: nothing says how a labelled site receives the public.

    OK =>  « Lieu fixe »; a candidate, a label that ended or is still to come, without a word
    NOK => labelled, without a word
    """
    return _find_lacking(
        sites,
        Q(format="") & _is_labelled(day),
        rule="Q011",
        field="format",
        title="Il manque l’accueil du public.",
        advice="Regardez la liste de l’État, ou demandez-le à l’association.",
    )


def find_sites_without_number(sites: SiteQuerySet, day: date) -> Findings:
    """Q012: the State's number still lacks, eight weeks after the wave was announced.

    Before, it is normal. A wave that was not announced counts from its committee, else its label.

    OK =>  announced on 14 October 2020, no number on 9 December
    NOK => the same, on 10 December
    """
    waves = LabellingWave.objects.alias(waited_from=Coalesce(*_WAITED_FROM))
    late = waves.filter(waited_from__lt=day - _NUMBERED_WITHIN)
    return _find_lacking(
        sites,
        Q(france_services_id="") & _is_labelled(day, late),
        rule="Q012",
        field="france_services_id",
        title="Il manque le numéro France Services.",
        advice="Demandez-le à l’État, ou importez sa dernière liste.",
        evidence=lambda site: (
            f"La vague date du {text.long_date(site.waited_from)}, il y a "
            f"{text.counted((day - site.waited_from).days // 7, 'semaine')}."
        ),
    )


def find_ranks_given_twice(sites: SiteQuerySet, day: date) -> Findings:
    """Q015: another site of the department has the same place in the printed list.

    OK =>  1, 2, 3; no place; the same place as a label that ended
    NOK => 1, 2, 2
    """
    # Without a bound, PostgreSQL reads all the others too, which have no place.
    placed = Site.objects.not_withdrawn_by(day).filter(rank__gte=0).order_by()
    same = placed.filter(department=OuterRef("department"), rank=OuterRef("rank"))
    twice = (
        sites.not_withdrawn_by(day)
        .filter(rank__gte=0)
        .filter(Exists(same.filter(pk__lt=OuterRef("pk"))))
        .select_related("department")
    )
    advice = text.typeset("Déplacez l’un des deux sur la page « Les sites de la vague ».")
    return Findings.among(
        twice,
        lambda found: (
            Finding(
                rule="Q015",
                record=site,
                facts=(site.department.code, site.rank),
                title="Sa place dans la liste imprimée est aussi celle d’un autre site.",
                evidence=text.typeset(
                    f"Place {site.rank} de {site.department.name} ({site.department.code})."
                ),
                advice=advice,
            )
            for site in found
        ),
    )


def _is_labelled(day: date, waves: Any = LabellingWave.objects) -> Q:
    """Labelled on `day`, in one of `waves`. These are few: to look for them apart costs less than
    to join each site with its own."""
    return Q(wave__in=waves.filter(effective_on__lte=day)) & is_standing(day)


def _find_lacking(
    sites: SiteQuerySet,
    condition: Q,
    *,
    evidence: Any = None,
    **said: str,
) -> Findings:
    waited_from = Coalesce(*(f"wave__{day}" for day in _WAITED_FROM))
    return Findings.sought(
        sites,
        condition,
        lambda lacking: (
            Finding(
                record=site,
                facts=(),
                evidence=text.typeset(evidence(site)) if evidence else "",
                **said,  # type: ignore[arg-type]
            )
            for site in lacking.select_related(None).annotate(waited_from=waited_from)
        ),
    )
