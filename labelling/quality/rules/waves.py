"""What is wrong with waves: their figures, their dates, a release that lacks."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from labelling import text
from labelling.models import LabellingWave, PressRelease
from labelling.models.wave import LabellingWaveQuerySet
from labelling.quality.findings import Finding

UNDATED_DRAFT = "Q016"
WITHOUT_RELEASE = "Q017"


def find_carriers_that_differ(waves: Iterable[LabellingWave]) -> list[Finding]:
    """Q001: the State's figures by carrier do not add up to its total.

    OK =>  11 + 154 + 131 + 19 + 544 = 859, total 859; a figure is not known
    NOK => the same, total 856
    """
    differing: list[tuple[LabellingWave, list[int]]] = []
    for wave in waves:
        known = [figure for figure in wave.carrier_figures if figure is not None]
        all_known = len(known) == len(LabellingWave.CARRIERS)
        if all_known and wave.national_sites not in (None, sum(known)):
            differing.append((wave, known))
    if not differing:
        return []
    printed = PressRelease.objects.find_paragraphs(wave.pk for wave, _ in differing)
    findings = []
    for wave, known in differing:
        total, stated = text.number(sum(known)), text.number(wave.national_sites or 0)
        figures = [*map(text.number, known), stated]
        evidence = f"{' + '.join(figures[:-1])} = {total}."
        day, paragraphs = printed.get(wave.pk, (None, []))
        if day and any(_has_all(paragraph, figures) for paragraph in paragraphs):
            evidence += f" Le communiqué du {text.long_date(day)} imprime ces chiffres."
        findings.append(
            Finding(
                rule="Q001",
                record=wave,
                facts=(*known, wave.national_sites),
                field="national_sites",
                title=f"Les chiffres par porteur font {total}, le total annoncé est {stated}.",
                evidence=text.typeset(evidence),
                advice=text.typeset(
                    "Vérifiez auprès de l’État ; vous pouvez enregistrer quand même."
                ),
            )
        )
    return findings


def find_undated_drafts(waves: QuerySet[LabellingWave]) -> list[Finding]:
    """Q016: the release of a wave is being prepared, and the day of its committee is not known.

    OK =>  a draft, committee on 30 September 2020; no date, and no release or one that is final
    NOK => a draft, and no date
    """
    drafts = PressRelease.objects.drafts().originals().filter(wave=OuterRef("pk"))
    return [
        Finding(
            rule=UNDATED_DRAFT,
            record=wave,
            facts=(),
            field="decided_on",
            title="Le communiqué se prépare, et la date du comité de pilotage manque.",
            evidence="Le chapô ne peut pas la donner.",
            advice="Ajoutez-la.",
        )
        for wave in waves.filter(Exists(drafts), decided_on=None)
    ]


def find_waves_without_release(waves: LabellingWaveQuerySet, day: date) -> list[Finding]:
    """Q017: a wave was announced, and nothing says what became of its release.

    OK =>  announced on 14 October 2020, a release of any status; « Pas de communiqué » was said;
           announced today, or on a day to come
    NOK => announced on 14 October 2020, nothing
    """
    return [
        Finding(
            rule=WITHOUT_RELEASE,
            record=wave,
            facts=(wave.announced_on.isoformat(),),
            field="announced_on",
            title="La vague est annoncée, et n’a pas de communiqué.",
            evidence=text.typeset(
                f"Annoncée le {text.long_date(wave.announced_on)}, "
                f"il y a {text.counted((day - wave.announced_on).days, 'jour')}."
            ),
            advice=text.typeset(
                "Préparez-le, ou dites ce qu’il est devenu sur la page « Communiqué » de la vague."
            ),
        )
        for wave in waves.filter(announced_on__lt=day).without_release()
        if wave.announced_on
    ]


def _has_all(paragraph: str, figures: Iterable[str]) -> bool:
    """Whether a paragraph gives all these figures, each a number of its own."""
    return {*figures} <= {*paragraph.replace(",", " ").replace(".", " ").split(" ")}
