"""What is asked beside the fields of a draft: its words, and its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from labelling import text
from labelling.models import LabellingWave
from labelling.press_release import questions

# What these buttons send is answered by the same page with all that was typed, and saves no draft.
TAKE, LIST_DAY = "take", "list_day"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A button that answers: what the form then sends, and what it says."""

    name: str
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked beside a field of a draft; `quoted` are the words that it is about.

    The `key` tells it from the others of the page.
    """

    key: str
    sentence: str
    quoted: str = ""
    answers: tuple[Answer, ...]


def ask_about(offer: questions.Offer) -> Question:
    what, it = (
        ("la fin de phrase", "elle") if offer.field == "network_detail" else ("le paragraphe", "il")
    )
    day = text.long_date(offer.issued_on)
    return Question(
        key=offer.key,
        sentence=text.typeset(f"Reprendre {what} du {day} : parle-t-{it} encore vrai ?"),
        quoted=offer.words,
        answers=(Answer(name=TAKE, value=offer.key, label=f"Reprendre {what}"),),
    )


def ask_list_day(wave: LabellingWave, asked: questions.ListDay) -> Question:
    """`answer_list_day` reads what the buttons send."""
    standing, issued = text.long_date(asked.standing), text.long_date(asked.issued)
    return Question(
        key=LIST_DAY,
        sentence=text.typeset(
            f"À quelle date la liste de {text.the_wave(wave.name)} est-elle arrêtée ?"
        ),
        answers=(
            Answer(
                name=LIST_DAY,
                value=f"list_closed_on {asked.standing.isoformat()}",
                label=f"La garder arrêtée au {standing}",
            ),
            Answer(
                name=LIST_DAY,
                value=f"announced_on {asked.issued.isoformat()}",
                label=f"L’arrêter au {issued}, date du communiqué",
            ),
        ),
    )


def draw_questions(fields: Mapping[str, Any]) -> dict[str, str]:
    """What is asked beside each of the `fields` of a form, as its page has it."""
    return {
        name: render_to_string(
            "labelling/release/questions.html", {"questions": field.questions, "name": name}
        )
        for name, field in fields.items()
        if field.questions
    }
