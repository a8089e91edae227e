"""A drawing as points, for what shows no SVG."""

from functools import lru_cache
from typing import Any

import typst

from labelling.press_release.renderers.fonts import load_fonts

# In points of print: at this resolution, 2,000 pixels.
_WIDTH, _RESOLUTION = 600, 240
_PAGE = f"""
#set page(width: {_WIDTH}pt, height: auto, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: 100%)
"""


def measure_height(png: bytes, width: float) -> float:
    """How high a PNG is that is printed so wide."""
    across, down = (int.from_bytes(png[start : start + 4]) for start in (16, 20))
    return round(width * down / across, 2)


@lru_cache(maxsize=1)  # A release and its regional editions print the same.
def rasterise(svg: str) -> bytes:
    """Return the PNG of an SVG, 2,000 pixels wide, on white."""
    png: Any = typst.compile(
        _PAGE.encode(),
        format="png",
        ppi=_RESOLUTION,
        font_paths=load_fonts(with_all=False),
        ignore_system_fonts=True,
        sys_inputs={"drawing": svg},
    )
    return bytes(png)
