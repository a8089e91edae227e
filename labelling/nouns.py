"""What a record is called in a sentence: its gender, its number, and what agrees with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """« site », « sites »; `is_feminine` for « une vague »."""

    one: str
    many: str
    is_feminine: bool = False

    @property
    def a(self) -> str:
        """« un site », « une vague »."""
        return f"{'une' if self.is_feminine else 'un'} {self.one}"

    @property
    def another(self) -> str:
        """« un autre site », « une autre vague »."""
        return f"{'une' if self.is_feminine else 'un'} autre {self.one}"

    @property
    def the(self) -> str:
        """« le site », « la vague », « l’association »."""
        if self.one[0] in "aeiouéèêh":
            return f"l’{self.one}"
        return f"{'la' if self.is_feminine else 'le'} {self.one}"

    def agree(self, participle: str, *, many: bool = False) -> str:
        """« ajouté », « ajoutée », « ajoutés », « ajoutées »."""
        return f"{participle}{'e' * self.is_feminine}{'s' * many}"
