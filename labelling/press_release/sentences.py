"""The sentences of a release that are derived from its wave and its list, for 0, 1 and n."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum

from labelling import text
from labelling.choices import PastRelease
from labelling.models import LabellingWave
from labelling.press_release.content import ReleaseLine
from labelling.press_release.places import in_region

_CARRIERS = (
    "par l’État",
    "par des associations",
    "par le Groupe La Poste",
    "par la Mutualité sociale agricole (MSA)",
    "par des collectivités territoriales",
)

DRAFT_NOTICE = "PROJET – NE PAS DIFFUSER"

# So many sites are named; more are told by region.
MOST_NAMED = 6


class Manner(Enum):
    """How the derived sentences tell what a wave adds.

    A title may begin with a figure, a running sentence does not.
    """

    FIRST = (
        "first"  # No wave came before: nothing is « supplémentaire », « nouveau » or « désormais ».
    )
    LATER = "later"
    # Before Content had its schema 3: « 1 PIMMS supplémentaire », and any sentence may begin with a
    # figure. What was frozen so is compared so, or each such release would seem to have changed.
    BEFORE_SCHEMA_3 = "before_schema_3"


# What the records say of a wave whose release was no affair of this tool.
PAST_NOTICES: dict[str, str] = {
    PastRelease.SENT: "Recalculé d’après les fiches – n’est pas le communiqué diffusé",
    PastRelease.NONE: "Recalculé d’après les fiches – cette vague n’a pas eu de communiqué",
}


def recalculated(*, is_sent: bool) -> str:
    """What tells the records' own version from the frozen one."""
    frozen = "le communiqué envoyé" if is_sent else "la version définitive"
    return f"Recalculé d’après les fiches – n’est pas {frozen}"


def embargo(until: datetime) -> str:
    """« Sous embargo jusqu’au mercredi 14 octobre 2020 à 10 h »; `until` is in local time."""
    hour = text.clock_time(until.hour, until.minute)
    return f"Sous embargo jusqu’au {text.weekday_date(until)} à {hour}"


def replaces(issued_on: date, errata: Sequence[date] = ()) -> str:
    """What a whole document takes the place of; `errata` are the days of its rectificatifs."""
    days = text.enumerate_days(errata)
    and_errata = text.plural(len(errata), " et son rectificatif", " et ses rectificatifs")
    followed = f"{and_errata} {days}" if errata else ""
    return f"Annule et remplace le communiqué du {text.long_date(issued_on)}{followed}"


def erratum_title(issued_on: date) -> str:
    return f"Rectificatif au communiqué du {text.long_date(issued_on)}"


def erratum_lead(title: str, issued_on: date, count: int, errata: Sequence[date] = ()) -> str:
    """What the corrections below are of; empty if there are none.

    `title` is that of the release as it was sent, `errata` the days of its rectificatifs: what is
    quoted is what they made of it.
    """
    if not count:
        return ""
    release = f"Dans le communiqué du {text.weekday_date(issued_on)}, « {title} »"
    if errata:
        release += f", déjà rectifié {text.enumerate_days(errata, 'le')}"
    corrections = text.counted(count, "mention est à rectifier", "mentions sont à rectifier")
    return text.typeset(f"{release}, {corrections} :")


def rectified_lines(count: int) -> str:
    """The title of the lines as they should read."""
    return text.typeset(text.plural(count, "Ligne rectifiée :", "Lignes rectifiées :"))


def title(brand: str, new: int, manner: Manner = Manner.LATER) -> str:
    more = "" if manner == Manner.FIRST else f" {text.plural(new, 'supplémentaire')}"
    if not new:
        return f"Aucun {brand}{more} n’obtient la labellisation France Services"
    verb = text.plural(new, "obtient", "obtiennent")
    sites = _capitalise(_count_sites(new, brand, brand, manner))
    return f"{sites}{more} {verb} la labellisation France Services"


def lead(
    wave: LabellingWave, brand: str, new: int, total: int, manner: Manner = Manner.LATER
) -> str:
    opening = ""
    if wave.decided_on:
        opening = (
            "Suite au comité de pilotage ministériel national France Services qui s’est tenu le "
            f"{text.weekday_date(wave.decided_on)}, "
        )
    first = _capitalise(f"{opening}{_word_grant(brand, new, manner, is_opened=bool(opening))}.")
    if manner == Manner.FIRST:  # The total is what was just said.
        return first
    return f"{first} {_word_total(brand, new, total)}"


def _word_grant(brand: str, new: int, manner: Manner, *, is_opened: bool) -> str:
    """What the wave granted; `is_opened` if something of the sentence stands before."""
    label = "la labellisation France Services"
    one, several = f"nouveau {brand}", f"nouveaux {brand}"
    if manner == Manner.FIRST:
        one = several = brand
    if not new:
        return f"aucun {one} n’a obtenu {label}"
    sites = _count_sites(new, one, several, manner)
    begins_with_a_figure = not is_opened and text.is_number(sites[0])
    if begins_with_a_figure and manner != Manner.BEFORE_SCHEMA_3:
        return f"{label} a été accordée à {sites}"
    return f"{sites} {text.plural(new, 'a', 'ont')} obtenu {label}"


def _count_sites(count: int, one: str, several: str, manner: Manner) -> str:
    """« un nouveau PIMMS », « 13 nouveaux PIMMS »."""
    if count == 1 and manner != Manner.BEFORE_SCHEMA_3:
        return f"un {one}"
    return text.counted(count, one, several)


def _word_total(brand: str, new: int, total: int) -> str:
    if not total:
        return f"Au total, aucun {brand} n’est labellisé France Services."
    sites = text.counted(total, brand, brand)
    if not new:  # Nothing has changed « désormais ».
        labelled = text.plural(total, "est labellisé", "sont labellisés")
        return f"Au total, {sites} {labelled} France Services."
    these_are = text.plural(total, "c’est", "ce sont")
    labelled = text.plural(total, "qui est labellisé", "qui sont labellisés")
    return f"Au total, {these_are} désormais {sites} {labelled} France Services."


def figures(wave: LabellingWave) -> str:
    """The State's figures of the day, those that are known; a carrier without a site is left out.

    Empty if the total is not known.
    """
    if not wave.national_sites:
        return ""
    this_is = text.plural(wave.national_sites, "ce sera", "ce seront")
    spaces = text.counted(wave.national_sites, "espace labellisé", "espaces labellisés")
    report = "Ce comité de pilotage a permis de dresser le bilan de déploiement des structures"
    sentences = [f"Au total, {this_is} {spaces} France Services{_word_spread(wave)}."]
    if wave.decided_on:
        sentences.insert(0, f"{report} {text.in_wave(wave.name)}.")
    carriers = _word_carriers(wave)
    if carriers and wave.national_sites > 1:
        sites = text.counted(wave.national_sites, "site labellisé", "sites labellisés")
        sentences.append(f"Sur ces {sites} : {carriers}.")
    return text.typeset(" ".join(sentences))


def _word_spread(wave: LabellingWave) -> str:
    if not wave.national_cantons:
        return ""
    cantons = text.counted(wave.national_cantons, "canton")
    return f" {text.plural(wave.national_sites or 0, 'réparti')} sur {cantons}"


def _word_carriers(wave: LabellingWave) -> str:
    known = [
        (figure, carrier)
        for figure, carrier in zip(wave.carrier_figures, _CARRIERS, strict=True)
        if figure
    ]
    if not known:
        return ""
    (figure, carrier), *others = known
    verb = text.plural(figure, "sera porté", "seront portés")
    return text.enumeration(
        [
            f"{text.number(figure)} {verb} {carrier}",
            *(f"{text.number(figure)} {carrier}" for figure, carrier in others),
        ]
    )


def newcomers(brand: str, lines: Sequence[ReleaseLine], manner: Manner = Manner.LATER) -> str:
    """Who has the label from this wave on; empty if nobody has."""
    new = [line for line in lines if line.is_new]
    if not new:
        return ""
    who = text.plural(len(new), "Nouveau labellisé", "Nouveaux labellisés")
    if manner == Manner.FIRST:
        who = text.plural(len(new), f"{brand} labellisé", f"{brand} labellisés")
    return f"{who}{text.NO_BREAK_SPACE}: {_tell_which(new)}."


def ends(brand: str, since: str, lines: Sequence[ReleaseLine]) -> str:
    """Whose label ended, without a word that blames; empty if nobody's did.

    `since` is what last listed them: « le communiqué du 14 octobre 2020 ».
    """
    if not lines:
        return ""
    who = _tell_which(lines)
    if len(lines) > MOST_NAMED:
        who = f"{text.counted(len(lines), brand, brand)}{text.NO_BREAK_SPACE}: {who}"
    return f"Depuis {since}, le label a pris fin pour {who}."


def _tell_which(lines: Sequence[ReleaseLine]) -> str:
    """A few by their names as they are printed, without « de »; more by region, the most first."""
    if len(lines) <= MOST_NAMED:
        return text.enumeration([f"{line.name} ({line.department})" for line in lines])
    return text.enumeration(
        [
            f"{text.number(count)}{text.NO_BREAK_SPACE}{in_region(region)}"
            for region, count in Counter(line.region for line in lines).most_common()
        ]
    )


def network(brand: str, new: int, total: int, detail: str, manner: Manner = Manner.LATER) -> str:
    """What the network is now; `detail` ends the sentence. Empty if nothing is labelled."""
    if not total:
        return ""
    structures = text.counted(total, "structure labellisée", "structures labellisées")
    if new and manner != Manner.FIRST:
        sites = text.counted(new, "nouveau site labellisé", "nouveaux sites labellisés")
        with_them = text.plural(new, "Avec le nouveau site labellisé", f"Avec les {sites}")
        sentence = f"{with_them}, le réseau des {brand} comporte désormais {structures}"
    else:
        sentence = f"Le réseau des {brand} comporte {structures}"
    ending = f", {detail.strip(' .,')}" if detail else ""
    return f"{sentence} France Services{ending}."


def list_title(brand: str, wave: LabellingWave) -> str:
    return text.typeset(f"Liste des {brand} labellisés France Services {text.in_wave(wave.name)} :")


def legend(new: int) -> str:
    """What the mark and the colour mean; empty if no line bears them."""
    if not new:
        return ""
    if new == 1:
        return "(la nouvelle labellisation est surlignée en jaune et marquée d’un astérisque rouge)"
    return (
        "(les nouvelles labellisations sont surlignées en jaune et marquées d’un astérisque rouge)"
    )


def listed_title(brand: str, count: int, total: int, place: str, details: str) -> str:
    """What a list for the press is of: « 4 PIMMS sont labellisés en Occitanie, sur 87 en France ».

    `place` is « en Occitanie » and `details` say what else was chosen; empty, nothing was.
    """
    if not place and not details:
        return f"{_word_listed(brand, count)} France Services"
    return text.typeset(f"{_word_listed(brand, count)}{_word_part(total, place, details)}")


def listed_lead(brand: str, count: int, total: int, place: str, details: str, *, day: date) -> str:
    """The same as a sentence, with its day."""
    part = _word_part(total, place, details) if place or details else ""
    listed = text.lowered(_word_listed(brand, count))
    return text.typeset(f"Au {text.long_date(day)}, {listed} France Services{part}.")


def listed_heading(brand: str, place: str) -> str:
    where = f" {place}" if place else ""
    return text.typeset(f"Liste des {brand} labellisés France Services{where} :")


def regional_title(
    brand: str, region: str, lines: Sequence[ReleaseLine], total: int, manner: Manner
) -> str:
    """The title of the edition of a region: what is new there, or how many it has of `total`."""
    new = sum(line.is_new for line in lines)
    if not new:
        return listed_title(brand, len(lines), total, in_region(region), "")
    return text.typeset(f"{title(brand, new, manner)} {in_region(region)}")


def regional_lead(
    brand: str, region: str, lines: Sequence[ReleaseLine], total: int, manner: Manner
) -> str:
    """What is new in a region, named if it is little, and how many sites it has of `total`."""
    new = [line for line in lines if line.is_new]
    where, of_all = _capitalise(in_region(region)), f"sur {text.number(total)} en France."
    if not new:
        listed = text.lowered(_word_listed(brand, len(lines)))
        return text.typeset(f"{where}, {listed} France Services, {of_all}")
    granted = f"{where}, {_word_grant(brand, len(new), manner, is_opened=True)}"
    if len(new) <= MOST_NAMED:
        granted += f" : {_tell_which(new)}"
    if manner == Manner.FIRST:
        return text.typeset(f"{granted}. {_word_total(brand, 0, total)}")
    sites = _count_sites(len(lines), brand, brand, manner)
    labelled = text.plural(len(lines), "labellisé", "labellisés")
    return text.typeset(
        f"{granted}. La région compte désormais {sites} {labelled} France Services, {of_all}"
    )


def _word_listed(brand: str, count: int) -> str:
    if not count:
        return f"Aucun {brand} n’est labellisé"
    if count == 1:
        return f"Un {brand} est labellisé"
    return f"{text.counted(count, brand, brand)} sont labellisés"


def _word_part(total: int, place: str, details: str) -> str:
    where = f" {place}" if place else ""
    chosen = f" ({details})" if details else ""
    return f"{where}{chosen}, sur {text.number(total)} en France"


def _capitalise(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
