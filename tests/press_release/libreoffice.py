"""Pages as LibreOffice lays them out: what else is there to count the pages of a Word file?"""

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from pypdf import PdfReader

from labelling.press_release.content import Content

SOFFICE = shutil.which("soffice")


class Page(NamedTuple):
    """What a page says without its header and its footer, and without any blank."""

    text: str
    begins_list: str  # What follows the headings of the list; empty if the page has none.


def lay_out(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """The PDF of each of these files, all made by one LibreOffice: starting it takes seconds."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    options = [f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    options += ["--convert-to", "pdf", "--outdir", str(folder / "pdf")]
    paths = [str(folder / name) for name in files]
    subprocess.run([str(SOFFICE), *options, *paths], check=True, capture_output=True, timeout=600)
    return {name: (folder / "pdf" / name).with_suffix(".pdf").read_bytes() for name in files}


def read_pages(pdf: bytes, content: Content) -> list[Page]:
    pages = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        words = re.sub(r"Page \d+ sur \d+", "", page.extract_text())
        # The first page has them in a frame, the others in their header.
        text = squeeze(words)
        for notices in (" – ".join(content.notices), "".join(content.notices)):
            text = text.replace(squeeze(notices), "")
        _, _, begins = text.partition(squeeze("".join(content.columns)))
        pages.append(Page(text, begins))
    return pages


def squeeze(text: str) -> str:
    return "".join(text.split())
