"""What a workbook hides is counted and said with its place, and one button reverses each choice."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from labelling.models import ImportRun
from labelling.spreadsheets.exporting import download
from labelling.spreadsheets.files.reading import ReadingError
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import preparation, repairs
from labelling.spreadsheets.runs.rights import ImportRefused
from labelling.spreadsheets.tables.headings import HeadingsError
from tests.conftest import signed_in
from tests.factories import DepartmentFactory, SiteFactory, editor
from tests.spreadsheets.prepared import lines, row, states
from tests.spreadsheets.right_files import (
    MAIN,
    PACKAGE,
    RELATIONS,
    ods,
    ods_cell,
    ods_row,
    ods_text,
    text_cell,
    worksheet,
    xlsx,
    xlsx_parts,
    zipped,
)

pytestmark = pytest.mark.django_db

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts><font/><font><strike/></font></fonts>'
    '<cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs></styleSheet>'
)


@pytest.fixture(autouse=True)
def gard(db):
    return DepartmentFactory()


@pytest.fixture
def ana(db):
    return editor(first_name="Ana", last_name="Diallo")


def line(number: int, *texts: str, attributes: str = "", style: int = 0) -> str:
    cells = "".join(
        text_cell(f"{letter}{number}", text).replace("<c ", f'<c s="{style}" ')
        for letter, text in zip("ABC", texts, strict=False)
    )
    return f'<row r="{number}" {attributes}>{cells}</row>'


def workbook(*others: str, states: tuple[str, ...] = ("visible",)) -> bytes:
    """Lines 3 and 4 are hidden, line 5 is struck through, line 6 both; column C is hidden."""
    rows = (
        line(1, "Nom", "Département", "Commune"),
        line(2, "PIMMS Nîmes", "Gard", "Nîmes"),
        line(3, "PIMMS Alès", "Gard", "Alès", attributes='hidden="1"'),
        line(4, "PIMMS Uzès", "Gare", attributes='hidden="1"'),
        line(5, "PIMMS Barré", "Gard", style=1),
        line(6, "PIMMS Caché", "Gard", style=1, attributes='hidden="1"'),
    )
    columns = '<cols><col min="3" max="3" hidden="1"/></cols>'
    parts = xlsx_parts(worksheet("".join(rows), before=columns), *others, states=states)
    parts["xl/styles.xml"] = STYLES
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{RELATIONS}/comments" Target="../comments1.xml"/></Relationships>'
    )
    comments = "".join(f'<comment ref="B{n}"><text/></comment>' for n in range(2, 9))
    parts["xl/comments1.xml"] = f'<comments xmlns="{MAIN}">{comments}</comments>'
    return zipped(parts)


HIDDEN = "2\u00a0lignes masquées (3, 4) ont été lues."
STRUCK = "2\u00a0lignes barrées (5, 6) n’ont pas été lues."
COLUMN = "La colonne «\u00a0Commune\u00a0» (C) est masquée\u00a0: elle a été lue."
COMMENTS = "7\u00a0commentaires (B2, B3, B4, B5, B6 et 2\u00a0autres) n’ont pas été lus."


class TestWhatIsSaid:
    def test_of_hidden_and_struck_lines_hidden_columns_and_comments(self):
        run = preparation.prepare(workbook(), name="sites.xlsx")

        assert states(run) == {2: "new", 3: "new", 4: "wrong"}
        assert run.remarks == [HIDDEN, STRUCK, COLUMN, COMMENTS]

    def test_of_one_of_each(self):
        rows = (
            line(1, "Nom", "Département"),
            line(2, "PIMMS Alès", "Gard", attributes='hidden="1"'),
            line(3, "PIMMS Nîmes", "Gard", style=1),
        )
        parts = xlsx_parts(worksheet("".join(rows)))
        parts["xl/styles.xml"] = STYLES

        run = preparation.prepare(zipped(parts))

        assert run.remarks == [
            "1\u00a0ligne masquée (2) a été lue.",
            "1\u00a0ligne barrée (3) n’a pas été lue.",
        ]

    def test_of_many_lines_is_not_endless(self):
        rows = [line(1, "Nom", "Département")]
        for number in range(2, 103):
            hidden = 'hidden="1"' if number % 2 else ""
            rows.append(line(number, f"PIMMS {number}", "Gard", attributes=hidden))

        (remark,) = preparation.prepare(xlsx(*rows)).remarks

        assert remark.startswith("50\u00a0lignes masquées (3, 5, 7,")
        assert remark.endswith("39, 41…) ont été lues.")

    def test_of_a_sheet_that_no_menu_shows(self):
        secret = worksheet(line(1, "Nom", "Département"))

        run = preparation.prepare(workbook(secret, states=("visible", "veryHidden")))

        assert run.sheet == "Feuille 1"
        assert run.remarks[-1] == (
            "La feuille «\u00a0Feuille 2\u00a0» est masquée sans que les menus du tableur puissent "
            "l’afficher\u00a0: elle n’a pas été lue."
        )

    def test_of_a_sheet_that_is_too_large(self):
        archive = worksheet(line(30_001, "PIMMS"))

        run = preparation.prepare(workbook(archive, states=("visible", "visible")))

        assert len(states(run)) == 3
        assert run.remarks[-1] == (
            "La feuille «\u00a0Feuille 2\u00a0» va jusqu’à la ligne 30\u202f001\u202f; la limite "
            "est de 20\u202f000 lignes sous les titres\u00a0: elle n’a pas été lue."
        )
        with pytest.raises(ReadingError, match="va jusqu’à la ligne 30\u202f001"):
            preparation.prepare(workbook(archive, states=("visible", "visible")), sheet="Feuille 2")

    def test_in_our_own_downloads_is_nothing(self):
        SiteFactory(name="PIMMS Nîmes")

        for kind in ("xlsx", "ods"):
            run = preparation.prepare(download(RESOURCES["site"](), kind))
            assert not any("masqué" in remark for remark in run.remarks)
            assert set(states(run).values()) == {"unchanged"}


class TestTheChoice:
    def test_reverses_the_lines_that_are_read(self, ana):
        run = preparation.prepare(workbook(), author=ana)

        repairs.choose_lines(run, ana, leaves_hidden=True, reads_struck=True)

        run.refresh_from_db()
        assert states(run) == {2: "new", 5: "new", 6: "new"}
        assert run.remarks[:2] == [
            "2\u00a0lignes masquées (3, 4) n’ont pas été lues.",
            "2\u00a0lignes barrées (5, 6) ont été lues.",
        ]

    def test_keeps_what_was_answered_of_the_other_lines_and_of_the_columns(self, ana):
        run = preparation.prepare(workbook(), author=ana)
        repairs.edit_cells(run, ana, row(run, 4).pk, {1: "Gard"})
        repairs.set_aside(run, ana, [row(run, 2).pk])
        repairs.change_columns(run, ana, {2: ("", False)})

        repairs.choose_lines(run, ana, leaves_hidden=False, reads_struck=True)

        run.refresh_from_db()
        assert states(run) == {2: "new", 3: "new", 4: "new", 5: "new", 6: "new"}
        assert row(run, 2).is_aside
        assert "commune" not in row(run, 3).after
        assert [column.how for column in run.columns] == ["exact", "exact", "person"]

    def test_is_one_button_of_the_page(self, ana):
        client = signed_in(ana)
        run = preparation.prepare(workbook(), author=ana)
        page, answer = f"/labelling/importrun/{run.pk}/", f"/labelling/importrun/{run.pk}/answer/"

        shown = client.get(page).content.decode()
        assert HIDDEN in shown
        assert STRUCK in shown
        assert _list_buttons(shown) == [
            ("leave-hidden", "Ne pas lire les 2 lignes masquées"),
            ("read-struck", "Lire aussi les 2 lignes barrées"),
        ]

        client.post(answer, {"lines": "leave-hidden"})
        shown = client.get(page).content.decode()
        assert "Les lignes masquées ne sont plus lues." in shown
        assert _list_buttons(shown) == [
            ("read-hidden", "Lire aussi les 2 lignes masquées"),
            ("read-struck", "Lire aussi les 2 lignes barrées"),
        ]
        assert states(run) == {2: "new"}

        client.post(answer, {"lines": "read-struck"})
        client.post(answer, {"lines": "read-hidden"})
        assert states(run) == {2: "new", 3: "new", 4: "wrong", 5: "new", 6: "new"}
        client.post(answer, {"lines": "leave-struck"})
        assert states(run) == {2: "new", 3: "new", 4: "wrong"}

    def test_of_what_no_button_offers_does_nothing(self, ana):
        client = signed_in(ana)
        run = preparation.prepare(workbook(), author=ana)

        answer = client.post(f"/labelling/importrun/{run.pk}/answer/", {"lines": "x"}, follow=True)

        assert "Rien n’a été demandé" in answer.content.decode()
        assert len(states(run)) == 3

    def test_is_not_offered_to_others_nor_where_nothing_is_hidden(self, ana):
        client = signed_in(ana)
        others = preparation.prepare(workbook(), author=editor())
        plain = preparation.prepare(lines("Nom;Département", "PIMMS Nîmes;Gard"), author=ana)

        for run in (others, plain):
            page = client.get(f"/labelling/importrun/{run.pk}/").content.decode()
            assert _list_buttons(page) == []

    def test_is_made_on_the_command_line(self, tmp_path: Path):
        path = tmp_path / "sites.xlsx"
        path.write_bytes(workbook())

        output = io.StringIO()
        call_command(
            "import_spreadsheet",
            str(path),
            "--without-hidden-lines",
            "--struck-lines",
            stdout=output,
        )

        assert "2\u00a0lignes masquées (3, 4) n’ont pas été lues." in output.getvalue()
        assert "2\u00a0lignes barrées (5, 6) ont été lues." in output.getvalue()
        assert "Nouvelles : 3" in output.getvalue()


def _list_buttons(page: str) -> list[tuple[str, str]]:
    """The buttons of the lines: what each sends, and what it says."""
    found = re.findall(r'name="lines" value="([^"]*)">([^<]*)</button>', page)
    return [(value, " ".join(label.split())) for value, label in found]


class TestCellsInError:
    """R14."""

    def test_make_a_line_to_correct_even_if_it_has_nothing_else(self):
        """RECOGNITION's case 25."""

        run = preparation.prepare(
            lines("Nom;Département;Commune", "#REF!;#REF!;#REF!", "PIMMS A;30;Nîmes")
        )

        assert states(run) == {2: "wrong", 3: "new"}
        assert [(p.letter, p.reason) for p in row(run, 2).problems] == [
            (letter, "La cellule contient une erreur (#REF!). Ressaisissez sa valeur.")
            for letter in "ABC"
        ]

    @pytest.mark.parametrize("content", ["A", "AB"])
    def test_on_every_line_refuse_the_file_with_the_remedy(self, content: str):
        rows = [line(1, "Nom", "Département")] if content == "AB" else []
        rows += [f'<row r="{n}"><c r="A{n}"><f>B{n}</f></c></row>' for n in (2, 3)]

        with pytest.raises(ImportRefused) as refusal:
            preparation.prepare(xlsx(*rows))

        assert str(refusal.value) == (
            "Les formules de la feuille «\u00a0Feuille 1\u00a0» n’ont pas de valeur\u00a0: ouvrez "
            "le fichier dans votre tableur, enregistrez-le, puis déposez-le à nouveau."
        )
        assert not ImportRun.objects.exists()

    def test_of_a_text_file_are_to_be_corrected(self):
        with pytest.raises(ImportRefused) as refusal:
            preparation.prepare(lines("Nom;Département", "#REF!;#N/A"))

        assert str(refusal.value) == (
            "Les cellules sont toutes en erreur\u00a0: ouvrez le fichier dans votre tableur, "
            "corrigez-les, enregistrez-le, puis déposez-le à nouveau."
        )

    def test_in_one_column_of_ods_are_told_line_by_line(self):
        blank = ods_cell('table:formula="of:=1"')
        run = preparation.prepare(
            ods(
                ods_row(ods_text("Nom"), ods_text("Département")),
                ods_row(ods_text("PIMMS Nîmes"), blank),
                ods_row(blank, blank),
            )
        )

        assert states(run) == {2: "wrong", 3: "wrong"}


class TestAccents:
    """R15."""

    TEXT = "Nom;Département;Commune\nPIMMS Cœur de Nîmes;Gard;Nîmes\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "mac_roman", "iso8859-15"])
    def test_are_read_in_each_encoding(self, encoding: str):
        run = preparation.prepare(self.TEXT.encode(encoding))

        assert row(run, 2).after["name"] == "PIMMS Cœur de Nîmes"
        assert row(run, 2).after["commune"] == "Nîmes"
        assert run.remarks == []

    @pytest.mark.parametrize("kind", ["csv", "xlsx", "pasted"])
    def test_that_were_written_twice_are_mended_and_it_is_said(self, kind: str):
        twice = self.TEXT.encode().decode("cp1252")
        if kind == "xlsx":
            rows = (line(n, *text.split(";")) for n, text in enumerate(twice.splitlines(), 1))
            run = preparation.prepare(xlsx(*rows))
        elif kind == "csv":
            run = preparation.prepare(twice.encode())
        else:
            run = preparation.prepare(pasted=twice)

        assert row(run, 2).after["name"] == "PIMMS Cœur de Nîmes"
        (remark,) = run.remarks
        assert remark == (
            "Les accents de ce fichier se lisaient mal («\u00a0DÃ©partement\u00a0»)\u00a0: "
            "ils sont rétablis."
        )

    def test_that_no_word_explains_are_doubted(self):
        run = preparation.prepare("Nom;Commune\nPIMMS AlŽs;Alès\nPIMMS X;Uzès".encode("cp1252"))

        assert run.remarks[0] == (
            "Ce fichier se lit mal\u00a0: «\u00a0PIMMS AlŽs\u00a0» (A2). Enregistrez-le au format "
            "«\u00a0CSV UTF-8\u00a0», puis déposez-le à nouveau."
        )

    def test_that_were_lost_are_doubted(self):
        run = preparation.prepare(b"Nom;D?partement;Adresse\nPIMMS X;30;1 rue de la R?publique")

        said = "Ce fichier se lit mal\u00a0: «\u00a0D?partement\u00a0» (B1)."
        assert any(remark.startswith(said) for remark in run.remarks)

    def test_that_only_ask_are_not_doubted(self):
        run = preparation.prepare(
            b"Nom;QPV ?;Site;Note\nPIMMS X;?;https://exemple.test/?d=region?x;Ouvert ?"
        )

        assert not any("se lit mal" in remark for remark in run.remarks)

    def test_that_are_doubted_in_a_workbook_are_to_be_mended_there(self):
        run = preparation.prepare(
            xlsx(line(1, "Nom", "Département"), line(2, "PIMMS é LodÃ¨ve", "Gard"))
        )

        (remark,) = run.remarks
        assert remark == (
            "Ce fichier se lit mal\u00a0: «\u00a0PIMMS é LodÃ¨ve\u00a0» (A2). Corrigez ces accents "
            "dans votre tableur, ou repartez du fichier d’origine, puis déposez-le à nouveau."
        )

    def test_that_hide_the_headings_are_told_with_the_refusal(self):
        with pytest.raises(HeadingsError, match="Ce fichier se lit mal\u00a0: «\u00a0LocalitŽs"):
            preparation.prepare("LocalitŽs;é\nx;y\n".encode("cp1252"))

    def test_of_french_are_never_doubted(self):
        words = "CŒUR de l’Île – « Nîmes » ; n° 3, 20 €, 2½ h, Žilina, l\u00b4été, Ñ…"
        run = preparation.prepare(lines("Nom\tDépartement\tAdresse", f"PIMMS Nîmes\tGard\t{words}"))

        assert run.remarks == []


class TestTheCommand:
    def test_says_what_the_page_says_of_a_file_without_values(self, tmp_path: Path):
        path = tmp_path / "sites.csv"
        path.write_bytes(lines("Nom;Département", "#REF!;#N/A"))

        with pytest.raises(CommandError, match="Les cellules sont toutes en erreur"):
            call_command("import_spreadsheet", str(path))
