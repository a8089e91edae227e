"""Thirteen waves come from one list; two of them are told to the press, and what was told moves."""

import html
import json
import re
from datetime import date

import pytest

from labelling.models import ImportRun, LabellingWave, PressRelease, Site
from labelling.press_release import corrections
from labelling.press_release.composition import read_published
from labelling.press_release.differences import find_differences
from tests.admin.forms import filled
from tests.admin.imports.test_pages import applied
from tests.admin.imports.test_pages import sent as upload
from tests.admin.releases.test_changes import answers
from tests.admin.releases.test_sending import typed
from tests.spreadsheets.test_state_list import line, state_list

# Seen by the State on 1 August 2024: the day of a wave, and how many sites of ours it names there.
LATER_WAVES = {
    "15/01/2021": 6,
    "01/04/2021": 9,
    "01/07/2021": 4,
    "01/10/2021": 1,
    "01/01/2022": 5,
    "20/04/2022": 4,
    "01/07/2022": 3,
    "15/11/2022": 3,
    "08/12/2023": 1,
    "23/05/2024": 1,
}
TOTALS = [33, 40, 53, 59, 68, 72, 73, 78, 82, 85, 88, 89, 90]
DEPARTMENTS = ("30", "69", "13", "33", "59", "35")
ADD = "/labelling/pressrelease/add/"


@pytest.fixture
def waves(network, as_editor, day):
    """The waves, their new sites brought in by the pages of import."""
    number = 0
    lines = []
    for wave, new in LATER_WAVES.items():
        for _ in range(new):
            number += 1
            place = DEPARTMENTS[number % len(DEPARTMENTS)]
            name = f"France services Pimms Médiation Villeneuve {number:02}"
            lines.append(line(str(5000 + number), place, name, wave, f"{place:0<5}"))
    lines += [
        line(str(9000 + other), "01", f"France services La Poste {other}", "01/02/2020")
        for other in range(20)
    ]
    upload(as_editor, state_list(*lines), "liste-fs-20240801.csv")
    applied(as_editor, ImportRun.objects.get(), only="good")
    return list(LabellingWave.objects.order_by("effective_on"))


@pytest.fixture
def day(monkeypatch):
    """The day it is, which goes on."""
    today = [date(2024, 8, 2)]
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: today[0])

    def turn(*parts: int) -> None:
        today[0] = date(*parts)

    return turn


class Newsroom:
    """Who drafts and who validates, by the pages; what was told is read again at each step."""

    def __init__(self, as_editor, as_manager) -> None:
        self.as_editor, self.as_manager = as_editor, as_manager
        self.told: dict[int, tuple[str, str, tuple[bytes, ...]]] = {}

    def read(self, record, page: str) -> str:
        answer = self.as_editor.get(locate(record, page))
        assert answer.status_code == 200
        return plain(answer)

    def draft(self, wave) -> PressRelease:
        """Draft the release of the wave; of the last one, what it says is not asked for."""
        page = self.as_editor.get(ADD, {"wave": wave.pk})
        button = r'name="(\w+)" value="([^"]+)" formaction="[^"]+" [^>]+>La garder arrêtée'
        name, value = re.search(button, page.text).groups()
        page = self.as_editor.post(ADD, filled(page) | {name: value})
        assert "À quelle date la liste" not in page.text
        answer = self.as_editor.post(ADD, filled(page))
        release = PressRelease.objects.get(wave=wave)
        assert answer["Location"] == locate(release, "document")
        return release

    def correct(self, release, kind: str, **verdicts: str) -> PressRelease:
        """Prepare a correction with what the page proposes, or with these answers."""
        page = self.as_editor.get(locate(release, "changes"))
        sent = answers(page) | verdicts | {kind: "yes"}
        assert self.as_editor.post(locate(release, "changes"), sent).status_code == 302
        return release.corrections.drafts().get(kind=kind)

    def send(self, release, *lines: tuple[str, ...]) -> str:
        """Validate and send what was drafted; return what the page said before."""
        page = self.as_manager.get(locate(release, "validate"))
        seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
        self.as_manager.post(locate(release, "validate"), {"seen": seen})
        release.refresh_from_db()
        assert release.status == "final"
        form = self.as_manager.get(locate(release, "send"))
        token = re.search(r'name="seen" value="([\d-]+)"', form.text)[1]
        self.as_manager.post(locate(release, "send"), typed(*lines, seen=token))
        release.refresh_from_db()
        assert release.status == "sent"
        self.told[release.pk] = self.list_bytes(release)
        return plain(page)

    def list_bytes(self, release) -> tuple[str, str, tuple[bytes, ...]]:
        """What is stored of it, and what a reader downloads in each format that has no clock."""
        stored = PressRelease.objects.values("content", "digest").get(pk=release.pk)
        files = [
            self.as_editor.get(f"/labelling/pressrelease/{release.pk}/download/{extension}/")
            for extension in ("txt", "csv", "json", "html", "pdf", "docx")
        ]
        assert {file.status_code for file in files} == {200}
        return json.dumps(stored["content"]), stored["digest"], tuple(f.content for f in files)

    def check_told(self) -> None:
        """What left has not moved, to the byte."""
        for key, told in self.told.items():
            assert self.list_bytes(PressRelease.objects.get(pk=key)) == told


@pytest.fixture
def newsroom(as_editor, as_manager):
    return Newsroom(as_editor, as_manager)


def locate(record, page: str) -> str:
    return f"/labelling/{record._meta.model_name}/{record.pk}/{page}/"


def plain(answer) -> str:
    """The words of a page, without its marks, its blanks single."""
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(bare).split())


def save(client, site, **changes: str) -> None:
    address = f"/labelling/site/{site.pk}/change/"
    answer = client.post(address, filled(client.get(address), **changes))
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def corrected(release) -> list[str]:
    return [one.sentence.replace("\u00a0", " ") for one in corrections.list_corrections(release)]


class TestTheList:
    def test_gives_thirteen_waves_with_their_totals(self, waves, as_editor):
        counted = LabellingWave.objects.with_counts().order_by("effective_on")

        assert [wave.total_count for wave in counted] == TOTALS
        assert [wave.new_count for wave in counted[3:]] == list(LATER_WAVES.values())


class TestTheWaveOfOne:
    def test_is_told_in_the_singular(self, waves, newsroom):
        release = newsroom.draft(waves[6])

        page = newsroom.send(release, ("2024-08-02", "09:00", "mail", "rédactions régionales"))

        assert "Un PIMMS supplémentaire obtient la labellisation France Services" in page
        assert "Au total, ce sont désormais 73 PIMMS qui sont labellisés France Services." in page
        assert "Nouveau labellisé : PIMMS Villeneuve 20 (Bouches-du-Rhône)." in page
        assert "Situation arrêtée au 1er octobre 2021" in page
        assert "la liste de 73 lignes, dont 1 nouvelle" in page
        assert "2 août 2024 à 9 h, courriel : rédactions régionales" in newsroom.read(
            release, "document"
        )

    def test_loses_its_only_site_and_finds_it_again(self, waves, newsroom, day):
        wave = waves[6]
        release = newsroom.draft(wave)
        newsroom.send(release, ("2024-08-02", "09:00", "mail", "rédactions régionales"))
        only = wave.sites.get()

        # A fault of spelling, then the site itself: it was never labelled.
        day(2024, 9, 2)
        save(newsroom.as_editor, only, name="PIMMS Villeneuve-les-Vingt 20")
        spelt = newsroom.correct(release, "erratum", **only_verdict(newsroom, release, "error"))
        newsroom.send(spelt, ("2024-09-02", "", "mail", "rédactions"))
        assert corrected(spelt)[-1].startswith("Nouveaux labellisés. Au lieu de")
        day(2024, 9, 9)
        ended = {"withdrawn_on": "01/10/2021", "withdrawal_reason": "mistake"}
        save(newsroom.as_editor, only, **ended)
        assert "1 différence à examiner" in newsroom.read(release, "changes")
        emptied = newsroom.correct(release, "erratum")
        page = newsroom.send(emptied, ("2024-09-09", "", "mail", "rédactions"))
        assert "ceci serait faux" not in page
        said = corrected(emptied)
        assert (
            "Nouveaux labellisés. Supprimer : « Nouveau labellisé : PIMMS Villeneuve-les-Vingt 20 "
            "(Bouches-du-Rhône). »"
        ) in said
        read = corrections.read_corrected(release).content
        assert read.title == "Aucun PIMMS supplémentaire n’obtient la labellisation France Services"
        assert (read.new_count, len(read.lines), read.legend) == (0, 72, "")
        assert "Les fiches disent encore ce que dit" in newsroom.read(release, "changes")
        newsroom.check_told()

        # It was labelled after all: the other rectificatif says so, in every sentence.
        day(2024, 9, 16)
        save(newsroom.as_editor, only, withdrawn_on="", withdrawal_reason="")
        assert "n’est plus vrai" in newsroom.read(emptied, "document")
        assert "n’est plus vrai" not in newsroom.read(spelt, "document")
        again = newsroom.correct(release, "erratum")
        assert (
            "Nouveaux labellisés. Ajouter : « Nouveau labellisé : PIMMS Villeneuve-les-Vingt 20 "
            "(Bouches-du-Rhône). »"
        ) in corrected(again)
        page = newsroom.send(again, ("2024-09-16", "", "mail", "rédactions"))
        assert "ceci serait faux" not in page
        assert "Les fiches disent encore ce que dit" in newsroom.read(release, "changes")
        assert "n’est plus vrai" not in newsroom.read(emptied, "document")
        compared = corrections.compare(release)
        assert find_differences(compared.said, compared.now) == ()
        newsroom.check_told()

        whole = newsroom.correct(release, "replacement")
        notice = (
            "Annule et remplace le communiqué du 2 août 2024 et ses rectificatifs du 2, du 9 et du "
            "16 septembre 2024"
        )
        page = newsroom.send(whole, ("2024-09-16", "", "mail", "rédactions"))
        assert read_published(whole).notices[0].replace("\u00a0", " ") == notice
        assert "Nouveau labellisé : PIMMS Villeneuve-les-Vingt 20 (Bouches-du-Rhône)." in page
        newsroom.check_told()


class TestTheWaveOfSix:
    def test_is_told_corrected_twice_put_back_and_replaced(self, waves, newsroom, day):
        one = newsroom.draft(waves[6])
        newsroom.send(one, ("2024-08-02", "", "mail", "rédactions"))
        wave = waves[3]
        release = newsroom.draft(wave)
        page = newsroom.send(release, ("2024-08-02", "", "mail", "rédactions"))
        assert "6 PIMMS supplémentaires obtiennent la labellisation France Services" in page
        assert "Nouveaux labellisés : PIMMS Villeneuve 0" in page
        # Nor is it a part of another number, or of the name of a person.
        assert not re.search(r"\b73\b", page.split("Situation arrêtée")[0].split("À propos")[0])

        # One of the six was never labelled: it leaves the list, and what counts it follows.
        day(2024, 9, 2)
        gone = Site.objects.get(name="PIMMS Villeneuve 03")
        ended = {"withdrawn_on": "15/01/2021", "withdrawal_reason": "mistake"}
        save(newsroom.as_editor, gone, **ended)
        page = newsroom.read(release, "changes")
        assert "1 différence à examiner" in page
        assert "1 différence à examiner" in newsroom.read(one, "changes")
        first = newsroom.correct(release, "erratum")
        page = newsroom.send(first, ("2024-09-02", "", "mail", "rédactions"))
        wrong = page.split("Ce qui s’imprimerait faux")[1].split("Valider ne l’envoie")[0]
        assert wrong.strip() == (
            "« En 2019 » : c’est plus de deux ans avant le communiqué. Donnez des chiffres plus "
            "récents, ou vérifiez que la phrase dit encore vrai. Corriger dans le brouillon"
        )
        said = corrected(first)
        assert said[0].startswith("Ligne de la liste. Supprimer : « ")
        assert "« 6 PIMMS supplémentaires obtiennent »" in said[1]
        assert "« 5 PIMMS supplémentaires obtiennent »" in said[1]
        newsroom.check_told()

        # Another is renamed: the second rectificatif speaks of it alone.
        day(2024, 9, 9)
        renamed = Site.objects.get(name="PIMMS Villeneuve 05")
        save(newsroom.as_editor, renamed, name="PIMMS Villeneuve-la-Neuve")
        page = newsroom.read(release, "changes")
        assert "1 différence à examiner" in page
        assert "Supprimer" in page
        second = newsroom.correct(release, "erratum", **only_verdict(newsroom, release, "error"))
        newsroom.send(second, ("2024-09-09", "", "mail", "rédactions"))
        assert all("Villeneuve" in sentence for sentence in corrected(second))
        assert "Les fiches disent encore ce que dit" in newsroom.read(release, "changes")
        newsroom.check_told()

        # The first was right after all: the rectificatif that removed it is false now.
        day(2024, 9, 16)
        save(newsroom.as_editor, gone, withdrawn_on="", withdrawal_reason="")
        assert "n’est plus vrai" in newsroom.read(first, "document")
        assert "n’est plus vrai" not in newsroom.read(second, "document")
        page = newsroom.read(release, "changes")
        assert "1 différence à examiner" in page
        assert "ce rectificatif envoyé n’est plus vrai" in page
        newsroom.check_told()

        # One text says all of it.
        whole = newsroom.correct(release, "replacement")
        notice = (
            "Annule et remplace le communiqué du 2 août 2024 et ses rectificatifs du 2 et du "
            "9 septembre 2024"
        )
        assert notice in newsroom.read(whole, "document")
        page = newsroom.send(whole, ("2024-09-16", "", "mail", "rédactions"))
        assert "6 PIMMS supplémentaires obtiennent" in page
        assert "PIMMS Villeneuve-la-Neuve" in page
        assert "Au total, ce sont désormais 59 PIMMS" in page
        newsroom.check_told()

        content = read_published(whole)
        assert [line.name for line in content.lines].count("PIMMS Villeneuve 03") == 1
        assert "celui qui le remplace" in newsroom.read(release, "changes")
        assert "à examiner" not in newsroom.read(release, "document")
        assert "n’est plus vrai" not in newsroom.read(first, "document")
        assert "Les fiches disent encore ce que dit" in newsroom.read(whole, "changes")
        assert find_differences(content, corrections.compare(whole).now) == ()


def only_verdict(newsroom, release, verdict: str) -> dict[str, str]:
    """The same answer to each difference that waits for one."""
    page = newsroom.as_editor.get(locate(release, "changes")).text
    return dict.fromkeys(re.findall(r'name="(verdict-\w+)"', page), verdict)
