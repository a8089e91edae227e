"""What a record is called in a sentence: its gender, its number, and what agrees with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """« site », « sites »; `is_feminine` for « une vague »."""

    singular: str
    plural: str
    is_feminine: bool = False

    @property
    def a(self) -> str:
        """« un site », « une vague »."""
        return f"{'une' if self.is_feminine else 'un'} {self.singular}"

    @property
    def another(self) -> str:
        """« un autre site », « une autre vague »."""
        return f"{'une' if self.is_feminine else 'un'} autre {self.singular}"

    @property
    def the(self) -> str:
        """« le site », « la vague », « l’association »."""
        if self.singular[0] in "aeiouéèêh":
            return f"l’{self.singular}"
        return f"{'la' if self.is_feminine else 'le'} {self.singular}"

    def agree(self, participle: str, *, many: bool = False) -> str:
        """« ajouté », « ajoutée », « ajoutés », « ajoutées »."""
        return f"{participle}{'e' * self.is_feminine}{'s' * many}"
