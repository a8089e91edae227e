"""The fonts of the documents: ours, and those inside typst for the signs that ours lack."""

from functools import cache
from pathlib import Path

import typst

_FOLDER = Path(__file__).parents[1] / "fonts"


@cache
def load_fonts(with_all: bool) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=with_all, font_paths=[str(_FOLDER)]
    )
