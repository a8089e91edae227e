"""A column, its heading and what its values prove -> the field it gives, and how sure that is.

A column is what its values prove; its heading agrees, is silent, or is contradicted. A guess is
proposed, never applied; a column whose values do not fit is one wrong column, not many wrong lines.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from labelling.models.stored import How, Level
from labelling.spreadsheets.resources import Role, SheetResource
from labelling.spreadsheets.tables import kinds
from labelling.spreadsheets.tables.heading_words import find_field_like, is_against
from labelling.spreadsheets.tables.known_headings import NEVER_SET, list_known_headings
from labelling.spreadsheets.tables.rules import (
    Proof,
    Table,
    has_one_commune_a_code,
    is_counter,
    list_proofs,
)
from labelling.spreadsheets.tables.samples import Sample, read_value
from labelling.spreadsheets.widgets import is_blank
from labelling.text import counted, typeset

NOT_SET = "Cette colonne ne se remplit pas depuis un fichier."
NOT_KEPT = "Colonne connue, dont les fiches ne gardent rien."
NOT_TAKEN = "Colonne non reprise, par choix."
UNKNOWN = "Titre inconnu."
NAMELESS = "Colonne sans titre."
TWO_COORDINATES = (
    "Chaque cellule a deux coordonnées : séparez-les en deux colonnes, « Latitude » et "
    "« Longitude », pour les reprendre. Colonne laissée."
)

# From so sure on, values speak for themselves; of a column without a heading, from less.
_SURE, _SURE_WITHOUT_HEADING = 0.9, 0.7
# What fits a heading that is known: most of the values; below the second, a person is asked; below
# the third, of enough values, the column is left.
_FITS, _DOUBTFUL, _WRONG = 0.8, 0.5, 0.2
_ENOUGH = 5
# Of more distinct values than that, how many do not fit is told by the sample.
_MOST_COUNTED = 2000
# Few headings say the one for the other, and their values tell.
_CONFUSED = (
    frozenset(("postcode", "commune_code")),
    frozenset(("latitude", "longitude")),
)
_TEXTS = frozenset(("name", "state_name", "commune", "address"))
_NAMES = frozenset(("name", "state_name"))
# Values of a kind that few other columns have.
_STRICT = frozenset(
    (
        "department",
        "region",
        "postcode",
        "commune_code",
        "latitude",
        "longitude",
        "wave",
        "withdrawn_on",
        "email",
        "phone",
    )
)


@dataclass(frozen=True)
class Decision:
    """What a column is taken for. `strength` parts two columns that are as sure as each other."""

    level: Level
    how: How | None = None
    field: str = ""
    proposed: str = ""
    titled: str = ""
    note: str = ""
    strength: float = 0.0


@dataclass
class Decider:
    """Decides of the columns of one table. `saved` and `chosen` as in `give_columns`."""

    table: Table
    resource: SheetResource
    saved: Mapping[str, str]
    chosen: Mapping[int, str]
    proofs: dict[int, list[Proof]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = list_known_headings(type(self.resource))
        self.is_download = any(self.known.get(s.key) == "key" for s in self.table.samples)
        if self.resource.model_key == "site":
            self.proofs = {s.position: list_proofs(self.table, s) for s in self.table.samples}

    def decide(self, sample: Sample) -> Decision:
        """Take a person's word, else the heading's with what the values say of it."""
        if sample.position in self.chosen:
            return self._decide_chosen(sample, self.chosen[sample.position])
        if self._holds_points(sample):
            return Decision("aside", "values", note=typeset(TWO_COORDINATES))
        key = sample.key
        if key in self.saved and (not self.saved[key] or self.saved[key] in self.resource.fields):
            return self._decide_titled(sample, self.saved[key], "saved")
        if key in NEVER_SET and (proof := self._find_sure_number(sample)):
            # « id » does not say whose.
            return self._take(proof)
        if key in self.known:
            return self._decide_titled(sample, self.known[key], "exact")
        like = find_field_like(key, self.resource) if key else ""
        if like:
            return self._decide_like(sample, like)
        return self._decide_silent(sample)

    # By what is known of the heading

    def _decide_chosen(self, sample: Sample, name: str) -> Decision:
        titled = self.saved.get(sample.key) or self.known.get(sample.key, "")
        if not name:
            return Decision("aside", "person", titled=titled, note=NOT_TAKEN)
        note = "Choisie ici."
        if sample.filled and (fit := self._measure_fit(sample, name)) < _DOUBTFUL:
            note = f"Choisie ici. {self._word_fit(name, fit)}"
        return Decision("certain", "person", name, titled=titled, note=typeset(note))

    def _decide_titled(self, sample: Sample, name: str, how: How) -> Decision:
        if not name:
            note = NOT_TAKEN if how == "saved" else NOT_KEPT
            return Decision("aside", how, note=NOT_SET if sample.key in NEVER_SET else note)
        column = self.resource.find_column(name)
        sure = Decision("certain", how, name, titled=name, note=_HEADINGS_SAY[how])
        # What was downloaded here has the headings that were written here.
        is_checked = column.role in (Role.DATA, Role.CHECK) and not self.is_download
        # One value may be a slip, whatever it is: it contradicts no heading.
        if not is_checked or len(sample.values) < 2:
            return sure
        other = self._find_contradiction(sample, name)
        if other is not None:
            misfits = self._word_misfits(sample, name)
            note = f"Titre : {column.column_name} ; valeurs : {self._word_proof(other)}. {misfits}"
            return Decision("ask", how, "", other.field, name, typeset(note))
        if (
            name == "name"
            and self._is_named_elsewhere(sample, {"name"})
            and not self.proofs.get(sample.position)
        ):
            note = "Aucune de ces valeurs ne nomme un PIMMS, et une autre colonne en nomme."
            return Decision("ask", how, "", "", name, note)
        if name == "france_services_id" and self._is_disproved(sample):
            note = (
                "Ces numéros sont ceux de certaines de nos fiches, mais ni la commune ni le nom "
                "ne sont les leurs."
            )
            return Decision("ask", how, "", "", name, note)
        fit = self._measure_fit(sample, name)
        if fit >= _DOUBTFUL or (fit > 0 and sample.filled < _ENOUGH):
            return sure
        note = typeset(f"{self._word_fit(name, fit)} {self._word_misfits(sample, name)}")
        if fit < _WRONG and sample.filled >= _ENOUGH:
            return Decision("aside", how, "", "", name, typeset(f"{note} Colonne laissée."))
        return Decision("ask", how, "", self._find_best(sample, name), name, note)

    def _decide_like(self, sample: Sample, like: str) -> Decision:
        if not sample.filled:
            return Decision("unknown", note=UNKNOWN)
        for proof in self.proofs.get(sample.position, ()):
            if proof.field == like or {proof.field, like} <= _NAMES:
                return self._take(proof)
        if like == "association":
            # Associations are called as towns are.
            ours = sample.measure(self.table.kinds.is_association)
            if ours < 0.7:
                return Decision("unknown", note=UNKNOWN)
            note = f"Reconnu à ses valeurs : {round(100 * ours)} % sont nos associations"
            return Decision("proven", "values", like, note=typeset(f"{note}."), strength=ours)
        other = self._find_sure(sample)
        if other is not None:
            return self._propose(other.field, other.sentence, other.strength)
        fit = self._measure_fit(sample, like)
        is_commune = like == "commune" and has_one_commune_a_code(self.table, sample)
        if (like in _STRICT and fit >= _SURE) or is_commune:
            note = "Reconnu à son titre et à ses valeurs."
            return Decision("proven", "words", like, note=note, strength=fit)
        if fit < _FITS or like in _STRICT:
            return Decision("unknown", note=UNKNOWN)
        return self._propose(like, "d’après son titre", fit)

    def _decide_silent(self, sample: Sample) -> Decision:
        unknown = Decision("unknown", note=UNKNOWN if sample.key else NAMELESS)
        if is_against(sample.key):
            # « Statut de labellisation »: what only the State writes may be asked about.
            if sample.measure(self.table.kinds.is_state_label) >= _FITS:
                return self._propose("wave", "ce sont des labellisations de l’État", 1.0)
            return unknown
        best = next(iter(self.proofs.get(sample.position, ())), None)
        if best is None:
            return self._propose_code(sample) or unknown
        if best.strength >= (_SURE if sample.key else _SURE_WITHOUT_HEADING):
            return self._take(best)
        return self._propose(best.field, best.sentence, best.strength)

    # What the values say of it

    def _find_contradiction(self, sample: Sample, name: str) -> Proof | None:
        """What the values prove, if it is not what the heading says."""
        proofs = self.proofs.get(sample.position, ())
        if (
            name == "name"
            and proofs
            and proofs[0].field == "state_name"
            and proofs[0].strength == 1
        ):
            # Names of the State, under the heading of those that are printed.
            return proofs[0]
        if any(proof.field == name or {proof.field, name} <= _NAMES for proof in proofs):
            confused = [p for p in proofs if frozenset((p.field, name)) in _CONFUSED]
            # A code of five characters may pass for both: what our records say decides.
            return confused[0] if confused and confused[0].strength > _SURE else None
        if name == "postcode" and self._is_commune_code(sample):
            return Proof("commune_code", 1.0, "ce sont des codes de communes (INSEE)")
        fit = self._measure_fit(sample, name)
        for proof in proofs:
            if proof.strength >= _SURE and self._contradicts(sample, name, proof, fit):
                return proof
        return None

    def _contradicts(self, sample: Sample, name: str, proof: Proof, fit: float) -> bool:
        if name == "association" or proof.field == "address":
            return False
        if frozenset((name, proof.field)) in _CONFUSED:
            return True
        if name not in _TEXTS:
            return fit < _FITS
        if proof.field == "commune":
            # « Nom : Valbrune » may be a short name, unless the names are in another column.
            return name in _NAMES and self._is_named_elsewhere(sample)
        return proof.field not in ("department", "region") or len(sample.values) > 2

    def _holds_points(self, sample: Sample) -> bool:
        return "latitude" in self.resource.fields and sample.measure(kinds.is_point) >= _FITS

    def _is_named_elsewhere(self, sample: Sample, names: Collection[str] = _NAMES) -> bool:
        return any(
            proof.field in names
            for position, proofs in self.proofs.items()
            if position != sample.position
            for proof in proofs
        )

    def _is_commune_code(self, sample: Sample) -> bool:
        return (
            sample.filled >= _ENOUGH
            and self.table.measure_five(sample) >= _SURE
            and sample.measure(lambda value: value.endswith("0")) <= 0.1
        )

    def _is_disproved(self, sample: Sample) -> bool:
        """Whether numbers are ours, and nothing else of their lines is."""
        if self.resource.model_key != "site" or not self._is_comparable(sample):
            return False
        hits = self.table.anchors.hits.get(sample.position, 0)
        agreed = self.table.anchors.agreed.get(sample.position, 0)
        return hits >= 3 and agreed <= 0.2 * hits

    def _is_comparable(self, sample: Sample) -> bool:
        """Whether the file gives what a number could agree with."""
        places = ("name", "state_name", "commune", "commune_code")
        return any(
            other.filled
            and other.position != sample.position
            and (
                self.known.get(other.key) in places
                or find_field_like(other.key, self.resource) in places
                or any(p.field in places for p in self.proofs.get(other.position, ()))
            )
            for other in self.table.samples
        )

    def _find_sure(self, sample: Sample) -> Proof | None:
        proofs = self.proofs.get(sample.position, ())
        return next((proof for proof in proofs if proof.strength >= _SURE), None)

    def _find_sure_number(self, sample: Sample) -> Proof | None:
        """What proves that these are the State's numbers, in a file that is no download of ours."""
        if self.is_download:
            return None
        proof = self._find_sure(sample)
        return proof if proof and proof.field == "france_services_id" else None

    def _find_best(self, sample: Sample, name: str) -> str:
        proofs = self.proofs.get(sample.position, ())
        return next((proof.field for proof in proofs if proof.field != name), "")

    def _propose_code(self, sample: Sample) -> Decision | None:
        """Codes of departments prove nothing, but beside names of ours, without headings."""
        if sample.key or not self.proofs or not self._is_named_elsewhere(sample):
            return None
        if sample.measure(self.table.kinds.find_department_code) < _SURE or is_counter(sample):
            return None
        return self._propose("department", "ce sont des codes de départements", 0.5)

    def _measure_fit(self, sample: Sample, name: str) -> float:
        """What part of the cells fit, or of the values: one slip may stand on many lines."""
        widget = self.resource.find_column(name).widget
        good = [value for value in sample.values if kinds.fits(self.table.kinds, widget, value)]
        of_values = len(good) / len(sample.values) if good else 0.0
        return max(sample.measure(set(good).__contains__), of_values)

    # In words

    def _take(self, proof: Proof) -> Decision:
        note = typeset(f"Reconnu à ses valeurs : {proof.sentence}.")
        return Decision("proven", "values", proof.field, note=note, strength=proof.strength)

    def _propose(self, name: str, why: str, strength: float) -> Decision:
        label = self.resource.find_column(name).column_name
        note = typeset(f"Peut-être « {label} » : {why}.")
        return Decision("proposed", "values", "", name, note=note, strength=strength)

    def _word_proof(self, proof: Proof) -> str:
        label = self.resource.find_column(proof.field).column_name
        return f"{label} ({proof.sentence})" if proof.sentence else label

    def _word_fit(self, name: str, fit: float) -> str:
        label = self.resource.find_column(name).column_name
        return (
            f"{'Peu de valeurs conviennent' if fit else 'Aucune valeur ne convient'} à « {label} »."
        )

    def _word_misfits(self, sample: Sample, name: str) -> str:
        """How many lines would be wrong, if the column were taken all the same.

        Of a long file, what its sample tells.
        """
        widget = self.resource.find_column(name).widget
        cells = Counter(line.read_cell(sample.position) for line in self.table.lines)
        cells = Counter({cell: count for cell, count in cells.items() if not is_blank(cell)})
        if len(cells) > _MOST_COUNTED:
            part = sample.measure(lambda value: not kinds.fits(self.table.kinds, widget, value))
            about = counted(round(part * cells.total()), "ligne")
            return f"Reprise, elle donnerait environ {about} à corriger."
        wrong = sum(
            count
            for cell, count in cells.items()
            if not kinds.fits(self.table.kinds, widget, read_value(cell))
        )
        return f"Reprise, elle donnerait {counted(wrong, 'ligne')} à corriger."


_HEADINGS_SAY: Mapping[str, str] = {
    "saved": "Comme les fois précédentes.",
    "exact": "Titre connu.",
}
