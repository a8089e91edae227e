"""Files as LibreOffice saves them, and pages as it lays them out: what else counts the pages?"""

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from pypdf import PdfReader

from labelling.press_release.content import Content

# Its spreadsheets may be installed without it.
LOWRITER = shutil.which("lowriter")


class Page(NamedTuple):
    """What a page says without its header and its footer, and without any blank."""

    text: str
    begins_list: str  # What follows the headings of the list; empty if the page has none.


def lay_out(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """The PDF of each of these files."""
    return save_as("pdf", files, folder)


def save_as(extension: str, files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """Each of these files saved anew, all by one LibreOffice: starting it takes seconds."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    options = [f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    options += ["--convert-to", extension, "--outdir", str(folder / extension)]
    paths = [str(folder / name) for name in files]
    subprocess.run([str(LOWRITER), *options, *paths], check=True, capture_output=True, timeout=600)
    saved = {name: (folder / extension / name).with_suffix(f".{extension}") for name in files}
    return {name: path.read_bytes() for name, path in saved.items()}


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
