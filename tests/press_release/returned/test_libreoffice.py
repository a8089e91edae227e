"""A file that LibreOffice saved on its way, as Word or through OpenDocument, says the same."""

import pytest

from labelling.press_release import publishing
from labelling.press_release.content import Properties
from labelling.press_release.formats import FORMATS
from labelling.press_release.returned.comparing import compare
from tests.factories import ReleaseFactory, SiteFactory
from tests.press_release.libreoffice import LOWRITER, save_as
from tests.press_release.returned.test_reading import read
from tests.press_release.returned.word_edits import Word

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(LOWRITER is None, reason="LibreOffice Writer is not installed"),
]

FIRST = "Les sites ouvriront leurs portes au public dès le mois de novembre."
SECOND = "Une carte interactive permet de trouver le site le plus proche de chez soi."
THIRD = "Les habitants y trouvent une aide pour leurs démarches de tous les jours."
ABOUT = "L’Union nationale des PIMMS rassemble les associations du réseau."
BY = "La directrice"


def test_what_it_saves_is_read_alike(tmp_path):
    for name in ("Alès", "Nîmes", "Uzès"):
        SiteFactory(labelled=True, name=f"PIMMS {name}")
    release = ReleaseFactory(closing=f"{FIRST}\n\n{SECOND}\n\n{THIRD}", about=ABOUT)
    sent = publishing.compose_draft(release)
    digest = publishing.compute_digest(sent)
    file = FORMATS["docx"].render(sent, Properties(draft=release.pk, draft_digest=digest))
    word = Word(file)
    word.track(FIRST, "novembre", "décembre", BY)
    word.rewrite(SECOND, SECOND.replace("interactive", "papier"))
    word.track_addition(THIRD, "Un paragraphe neuf.", BY)
    word.track_deletion(ABOUT, BY)
    word.delete_row("PIMMS Alès")
    edited = word.save()

    again = save_as("docx", {"a.docx": edited, "same.docx": file}, tmp_path)
    through = save_as("odt", {"a.docx": edited}, tmp_path)
    back = save_as("docx", {"b.odt": through["a.docx"]}, tmp_path)

    def said_by(data):
        document = read(data)
        assert (document.draft, document.digest) == (str(release.pk), digest)
        comparison = compare(document, release, sent, digest, sent)
        assert comparison.has_marks
        changes = {(each.kind.value, each.old, each.new, each.by) for each in comparison.changes}
        return changes, [(line.label, line.line) for line in comparison.lines], comparison.notes

    changes, lines, notes = said_by(edited)
    assert len(changes) == 4
    assert lines == [("Supprimée", "PIMMS Alès (Gard)")]
    assert not notes
    assert said_by(again["a.docx"]) == (changes, lines, notes)
    assert said_by(back["b.odt"]) == (changes, lines, notes)
    assert said_by(again["same.docx"]) == (set(), [], ())
