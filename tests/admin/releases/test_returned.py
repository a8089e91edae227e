"""« Reprendre un Word corrigé »: from the file that was downloaded to the draft that takes it."""

import io
import re
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labelling.models import DraftText, PressRelease, ReturnedWord, Site
from labelling.press_release import drafting, publishing
from labelling.press_release.errata import Correction
from tests.admin.forms import sentences
from tests.factories import (
    ContactFactory,
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
)
from tests.press_release.returned.word_edits import (
    W,
    Word,
    make_change,
    make_paragraph,
    make_run,
    mark_end,
)

PRESENT = "Le comité s’est tenu en présence de Prénom Nom, ministre."
FIRST = "Les sites ouvriront leurs portes au public dès le mois de novembre."
SECOND = "Une carte interactive permet de trouver le site le plus proche de chez soi."
ABOUT = "L’Union nationale des PIMMS rassemble les associations du réseau."
LEADER = "La directrice"


@pytest.fixture
def draft(db):
    SiteFactory(labelled=True, name="PIMMS Nîmes")
    SiteFactory(labelled=True, name="PIMMS Alès")
    SiteFactory(labelled=True, name="PIMMS Uzès")
    return ReleaseFactory(
        attendance=PRESENT,
        closing=f"{FIRST}\n\n{SECOND}",
        about=ABOUT,
        quote="Nous sommes fiers de ce label.",
        quote_name="Prénom Nom",
        quote_role="présidente de l’Union",
        contact=ContactFactory(),
    )


def address(release, page="word"):
    return f"/labelling/pressrelease/{release.pk}/{page}/"


def download(client, release):
    return Word(client.get(f"{address(release, 'download')}docx/").content)


def drop(client, release, word, name="corrigé.docx"):
    """The page once a file was dropped on a draft."""
    data = word if isinstance(word, bytes) else word.save()
    file = SimpleUploadedFile(name, data)
    return client.post(address(release), {"file": file}, follow=True)


def download_edition(client, release):
    (row,) = client.get(address(release, "editions")).context["rows"]
    (way,) = [where for _, where in row.files if where.endswith("docx/")]
    return Word(client.get(way).content)


def title_of(word):
    """What stands under the title of a file."""
    style = f"{W}pPr/{W}pStyle"
    (title,) = (p for p in word.root.iter(f"{W}p") if p.find(style).get(f"{W}val") == "Title")
    return "".join(title.itertext(f"{W}t"))


def changes_of(page):
    """What the page says of each change, by its kind and its old and new words."""
    return [
        (row.change.kind.value, row.change.label, row.change.old, row.change.new)
        for group in ("to_take", "elsewhere", "done")
        for row in page.context[group]
    ]


def ticked(page):
    return re.findall(r'name="change" value="([^"]+)"[^>]*? checked', page.text)


def take(client, release, page, *keys):
    hidden = {name: page.context[name] for name in ("seen", "offered")}
    sent = {"take": "yes", "word": page.context["mark"], "change": keys or ticked(page), **hidden}
    answer = client.post(address(release), sent, follow=True)
    release.refresh_from_db()
    return answer


class TestTheFile:
    def test_names_the_draft_and_its_text(self, draft, as_editor):
        word = download(as_editor, draft)

        kept = draft.draft_texts.get()
        properties = word.parts["docProps/custom.xml"].decode()
        assert f">{draft.pk}<" in properties
        assert f">{kept.digest}<" in properties
        names = [mark.get(f"{W}name") for mark in word.root.iter(f"{W}bookmarkStart")]
        assert f"_pimms_{kept.digest[:8]}_title_0" in names
        assert f"_pimms_{kept.digest[:8]}_row_2" in names
        assert len(names) == len({*names})
        assert max(map(len, names)) <= 40

    def test_keeps_its_text_once(self, draft, as_editor):
        download(as_editor, draft)
        download(as_editor, draft)
        as_editor.get(f"{address(draft, 'download')}zip/")
        as_editor.get(f"{address(draft, 'download')}pdf/")

        assert DraftText.objects.count() == 1

    def test_of_what_is_validated_says_nothing_of_a_draft(self, draft, as_editor):
        word = download(as_editor, final(draft))

        properties = word.parts["docProps/custom.xml"].decode()
        assert "PimmsRelease" in properties
        assert "PimmsText" not in properties
        assert not [*word.root.iter(f"{W}bookmarkStart")]
        assert not DraftText.objects.exists()


class TestAFileAsItWas:
    def test_has_nothing_to_take(self, draft, as_editor):
        page = drop(as_editor, draft, download(as_editor, draft))

        assert page.context["comparison"].is_empty
        assert "il n’y a rien à reprendre" in page.text


class TestTrackedChanges:
    def test_are_shown_with_who_and_ticked(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)

        page = drop(as_editor, draft, word)

        new = FIRST.replace("novembre", "décembre")
        assert changes_of(page) == [("rewritten", "Autres paragraphes", FIRST, (new,))]
        assert "Réécrit par La directrice" in " ".join(page.text.split())
        assert "<del>novembre.</del>" in page.text
        assert "<ins>décembre.</ins>" in page.text
        assert len(ticked(page)) == 1

    def test_taken_stand_in_their_field(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        page = drop(as_editor, draft, word)

        answer = take(as_editor, draft, page)

        assert draft.closing == f"{FIRST.replace('novembre', 'décembre')}\n\n{SECOND}"
        assert sentences(answer) == ["1 correction reprise dans le brouillon."]
        assert draft.history.first().history_change_reason == "Word corrigé repris"
        assert [row.change.is_done for row in answer.context["done"]] == [True]
        assert not answer.context["to_take"]

    def test_of_a_derived_sentence_make_a_rewritten_one(self, draft, as_editor):
        title = publishing.compose_draft(draft).title
        word = download(as_editor, draft).track(title, title, "Trois PIMMS de plus", LEADER)

        take(as_editor, draft, drop(as_editor, draft, word))

        assert draft.own_title == "Trois PIMMS de plus"
        assert draft.own_lead == ""

    def test_left_change_nothing(self, draft, as_editor):
        word = (
            download(as_editor, draft)
            .track(FIRST, "novembre", "décembre", LEADER)
            .track(SECOND, "interactive", "papier", LEADER)
        )
        page = drop(as_editor, draft, word)
        *_, second = ticked(page)

        answer = take(as_editor, draft, page, second)

        assert draft.closing == f"{FIRST}\n\n{SECOND.replace('interactive', 'papier')}"
        assert len(answer.context["to_take"]) == 1

    def test_left_are_not_ticked_again(self, draft, as_editor):
        word = (
            download(as_editor, draft)
            .track(FIRST, "novembre", "décembre", LEADER)
            .track(SECOND, "interactive", "papier", LEADER)
        )
        first, second = ticked(drop(as_editor, draft, word))

        answer = take(as_editor, draft, as_editor.get(address(draft)), second)

        assert ticked(answer) == ticked(as_editor.get(address(draft))) == []
        assert "Ne le sont pas : celles que vous avez laissées," in " ".join(
            answer.text.replace("&nbsp;", " ").split()
        )
        take(as_editor, draft, answer, first)
        assert draft.closing.startswith(FIRST.replace("novembre", "décembre"))

    def test_delete_a_paragraph(self, draft, as_editor):
        word = download(as_editor, draft).track_deletion(SECOND, LEADER)
        page = drop(as_editor, draft, word)

        assert changes_of(page) == [("deleted", "Autres paragraphes", SECOND, ())]
        take(as_editor, draft, page)

        assert draft.closing == FIRST

    def test_add_a_paragraph_by_enter_at_the_end_of_one(self, draft, as_editor):
        word = download(as_editor, draft).track_addition(FIRST, "Un paragraphe neuf.", LEADER)
        page = drop(as_editor, draft, word)

        assert changes_of(page) == [
            ("added", "Autres paragraphes", "", ("Un paragraphe neuf.",)),
        ]
        take(as_editor, draft, page)

        assert draft.closing == f"{FIRST}\n\nUn paragraphe neuf.\n\n{SECOND}"

    @pytest.mark.parametrize(
        ("before", "field", "label"),
        [
            ("list_title", "closing", "Autres paragraphes"),
            ("contact", "about", "À propos de l’Union"),
        ],
    )
    def test_add_a_paragraph_with_its_own_mark(self, draft, as_editor, before, field, label):
        content = publishing.compose_draft(draft)
        following = {"list_title": content.list_title, "contact": "Contact presse"}[before]
        word = download(as_editor, draft)
        added = make_paragraph(make_change("ins", LEADER, make_run("Un paragraphe neuf.")))
        mark_end(added, "ins", LEADER)
        word.find(following).addprevious(added)
        page = drop(as_editor, draft, word)
        written = getattr(draft, field)

        assert changes_of(page) == [("added", label, "", ("Un paragraphe neuf.",))]
        take(as_editor, draft, page)

        assert getattr(draft, field) == f"{written}\n\nUn paragraphe neuf."

    def test_add_a_paragraph_with_its_own_mark_between_two(self, draft, as_editor):
        word = download(as_editor, draft)
        added = make_paragraph(make_change("ins", LEADER, make_run("Un paragraphe neuf.")))
        mark_end(added, "ins", LEADER)
        word.find(SECOND).addprevious(added)

        take(as_editor, draft, drop(as_editor, draft, word))

        assert draft.closing == f"{FIRST}\n\nUn paragraphe neuf.\n\n{SECOND}"

    def test_part_a_sentence_that_is_one_paragraph(self, draft, as_editor):
        title = publishing.compose_draft(draft).title
        first, _, _ = title.partition("obtiennent")
        word = download(as_editor, draft).split(title, first, LEADER)

        page = drop(as_editor, draft, word)

        assert (
            "Cette phrase tient en un paragraphe\u00a0: la coupure n’est pas reprise." in page.text
        )
        assert "déjà dans le brouillon" not in page.text
        assert not page.context["to_take"]

    def test_part_a_sentence_and_tell_nothing_of_what_it_was(self, draft, as_editor):
        title = publishing.compose_draft(draft).title
        first, _, after = title.partition("obtiennent")
        word = download(as_editor, draft)
        word.rewrite(title, f"{first}obtiennent enfin{after}")
        word.split(f"{first}obtiennent enfin{after}", f"{first}obtiennent enfin", LEADER)

        page = drop(as_editor, draft, word)

        assert "la coupure n’est pas reprise" in page.text
        assert "Écrit puis supprimé" not in page.text

    def test_part_a_paragraph_in_two(self, draft, as_editor):
        word = download(as_editor, draft).split(FIRST, "Les sites ouvriront leurs portes ", LEADER)
        page = drop(as_editor, draft, word)

        take(as_editor, draft, page)

        assert draft.closing.split("\n\n") == [
            "Les sites ouvriront leurs portes",
            "au public dès le mois de novembre.",
            SECOND,
        ]

    def test_join_two_paragraphs(self, draft, as_editor):
        word = download(as_editor, draft)
        word.rewrite(FIRST, f"{FIRST} ")
        mark_end(word.find(FIRST), "del", LEADER)
        page = drop(as_editor, draft, word)

        take(as_editor, draft, page)

        assert draft.closing == f"{FIRST} {SECOND}"

    def test_move_a_paragraph_without_losing_a_word(self, draft, as_editor):
        word = (
            download(as_editor, draft)
            .track_addition(ABOUT, FIRST, LEADER, "moveTo")
            .track_deletion(FIRST, LEADER, "moveFrom")
        )

        page = drop(as_editor, draft, word)

        ((kind, _, old, new),) = changes_of(page)
        assert (kind, old, new) == ("moved", FIRST, (FIRST,))
        assert not ticked(page)

    def test_of_two_people_name_both_and_what_one_wrote_for_the_other_to_delete(
        self, draft, as_editor
    ):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        inserted = next(word.find(FIRST[:20]).iter(f"{W}ins"))
        inserted.append(make_change("del", "Le président", make_run(" prochain", "delText")))

        page = drop(as_editor, draft, word)

        said = " ".join(page.text.split())
        assert "Réécrit par La directrice et Le président" in said
        assert (
            "Écrit puis supprimé par La directrice et Le président\u00a0: «\u00a0 prochain\u00a0»"
            in page.text.replace("&nbsp;", "\u00a0").replace("\n", " ")
            or "«\u00a0 prochain" in page.text
        )
        assert draft.history.count() == 1

    def test_of_a_quote_its_words_and_who_says_them(self, draft, as_editor):
        word = (
            download(as_editor, draft)
            .track("fiers de ce label", "fiers", "heureux", LEADER)
            .track("présidente de l’Union", "présidente", "directrice", LEADER)
        )

        take(as_editor, draft, drop(as_editor, draft, word))

        assert draft.quote == "Nous sommes heureux de ce label."
        assert (draft.quote_name, draft.quote_role) == ("Prénom Nom", "directrice de l’Union")

    def test_of_the_place_and_the_day(self, draft, as_editor):
        dateline = publishing.compose_draft(draft).place_and_date
        word = download(as_editor, draft).track(
            dateline, dateline, "Lyon, jeudi 15 octobre 2020", LEADER
        )

        take(as_editor, draft, drop(as_editor, draft, word))

        assert (draft.place, draft.issued_on) == ("Lyon", date(2020, 10, 15))

    def test_too_long_for_their_field_are_refused_with_its_name(self, draft, as_editor):
        word = download(as_editor, draft).track(
            "présidente de l’Union", "présidente", "présidente " * 40, LEADER
        )
        page = drop(as_editor, draft, word)

        answer = take(as_editor, draft, page)

        (sentence,) = sentences(answer)
        assert sentence.startswith("Rien n’est repris. Fonction de la personne citée : ")
        assert draft.quote_role == "présidente de l’Union"
        assert len(ticked(answer)) == 1


class TestUntrackedChanges:
    def test_are_found_by_their_marks(self, draft, as_editor):
        word = download(as_editor, draft).rewrite(FIRST, "Les portes s’ouvrent au public en mai.")

        page = drop(as_editor, draft, word)

        assert changes_of(page) == [
            (
                "rewritten",
                "Autres paragraphes",
                FIRST,
                ("Les portes s’ouvrent au public en mai.",),
            )
        ]
        assert "sans suivi des modifications" in page.text
        assert len(ticked(page)) == 1

    def test_that_delete_or_add_are_offered_unticked(self, draft, as_editor):
        word = download(as_editor, draft).delete(SECOND).add(ABOUT, "Elle a vingt ans.")

        page = drop(as_editor, draft, word)

        assert changes_of(page) == [
            ("deleted", "Autres paragraphes", SECOND, ()),
            ("added", "À propos de l’Union", "", ("Elle a vingt ans.",)),
        ]
        assert "Les corrections sûres sont cochées." in page.text
        assert not ticked(page)
        take(as_editor, draft, page, *[row.change.key for row in page.context["to_take"]])
        assert (draft.closing, draft.about) == (FIRST, f"{ABOUT}\n\nElle a vingt ans.")

    def test_that_move_a_paragraph_are_said(self, draft, as_editor):
        word = download(as_editor, draft).move(FIRST, ABOUT)

        page = drop(as_editor, draft, word)

        ((kind, _, old, new),) = changes_of(page)
        assert (kind, old, new) == ("moved", FIRST, (FIRST,))
        assert not page.context["to_take"]
        assert (
            "L’ordre des paragraphes n’est pas repris\u00a0: changez-le vous-même dans le "
            "brouillon."
        ) in page.text


class TestWhatCannotBeTaken:
    def test_leads_to_its_record(self, draft, as_editor):
        word = download(as_editor, draft).rewrite(draft.contact.name, "Autre Personne")

        page = drop(as_editor, draft, word)

        assert [row.change.label for row in page.context["elsewhere"]] == ["Contact presse"]
        assert f'href="/labelling/presscontact/{draft.contact_id}/change/"' in page.text

    def test_is_a_derived_sentence_that_was_deleted(self, draft, as_editor):
        lead = publishing.compose_draft(draft).lead
        word = download(as_editor, draft).track_deletion(lead, LEADER)

        page = drop(as_editor, draft, word)

        assert not page.context["to_take"]
        assert "elle ne se supprime pas" in page.text
        (row,) = page.context["elsewhere"]
        answer = take(as_editor, draft, page, row.change.key)
        assert "Cochez au moins une correction à reprendre." in answer.text
        assert draft.own_lead == ""

    def test_is_a_comment(self, draft, as_editor):
        word = download(as_editor, draft)
        word.parts["word/comments.xml"] = (
            f'<w:comments xmlns:w="{W[1:-1]}"><w:comment w:id="1" w:author="{LEADER}">'
            "<w:p><w:r><w:t>Est-ce bien sûr ?</w:t></w:r></w:p></w:comment></w:comments>"
        ).encode()

        page = drop(as_editor, draft, word)

        assert "Commentaire de La directrice" in page.text
        assert "Est-ce bien sûr ?" in page.text

    def test_is_a_comment_of_two_paragraphs_shown_once(self, draft, as_editor):
        word = download(as_editor, draft)
        word.parts["word/comments.xml"] = (
            f'<w:comments xmlns:w="{W[1:-1]}"><w:comment w:id="1" w:author="{LEADER}">'
            "<w:p><w:r><w:t>Est-ce bien sûr ?</w:t></w:r></w:p>"
            "<w:p><w:r><w:t>Demandez au siège.</w:t></w:r></w:p></w:comment></w:comments>"
        ).encode()

        page = drop(as_editor, draft, word)

        assert [note.words for note in page.context["comparison"].notes] == [
            "Est-ce bien sûr ? Demandez au siège."
        ]


class TestTheList:
    def test_leads_to_the_record_of_a_line_that_was_edited(self, draft, as_editor):
        site = draft.wave.sites.get(name="PIMMS Alès")
        word = download(as_editor, draft).track("PIMMS Alès", "Alès", "Alais", LEADER)

        page = drop(as_editor, draft, word)

        (line,) = page.context["lines"]
        assert line.change.label == "Modifiée"
        assert f'href="/labelling/site/{site.pk}/change/"' in page.text
        assert "<ins>PIMMS Alais" in page.text
        assert not page.context["to_take"]

    @pytest.mark.parametrize("is_tracked", [True, False])
    def test_says_which_line_was_removed(self, draft, as_editor, is_tracked):
        word = download(as_editor, draft)
        # The first one, which bears the name of the region.
        if is_tracked:
            word.track_row_deletion("PIMMS Alès", LEADER)
        else:
            word.delete_row("PIMMS Alès")

        page = drop(as_editor, draft, word)

        lines = [(row.change.label, row.change.line) for row in page.context["lines"]]
        assert lines == [("Supprimée", "PIMMS Alès (Gard)")]

    def test_says_which_line_was_added_and_leads_to_a_new_site(self, draft, as_editor, as_manager):
        word = download(as_editor, draft).add_row("PIMMS Alès", "", "Gard", "PIMMS Bagnols & Cie")

        page = drop(as_manager, draft, word)

        (row,) = page.context["lines"]
        assert (row.change.label, row.change.line) == ("Ajoutée", "PIMMS Bagnols & Cie")
        way = "/labelling/site/add/?name=PIMMS+Bagnols+%26+Cie"
        assert f'<a href="{way}">Ajouter un site</a>' in page.text
        assert 'value="PIMMS Bagnols &amp; Cie"' in as_manager.get(way).text

    @pytest.mark.parametrize("is_tracked", [True, False])
    def test_says_which_heading_was_edited(self, draft, as_editor, is_tracked):
        word = download(as_editor, draft)
        heading = publishing.compose_draft(draft).columns[1]
        if is_tracked:
            word.track(heading, heading, "Territoire", LEADER)
        else:
            word.rewrite(heading, "Territoire")

        page = drop(as_editor, draft, word)

        (row,) = page.context["lines"]
        assert (row.change.label, row.change.line) == ("Modifiée", "Titres des colonnes")
        assert [(cell.old, cell.new) for cell in row.change.cells] == [(heading, "Territoire")]


class TestADraftThatChangedSince:
    """R35."""

    def test_is_said_and_nothing_is_ticked(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        draft.closing = f"{FIRST.replace('Les sites', 'Tous les sites')}\n\n{SECOND}"
        draft.save()

        page = drop(as_editor, draft, word)

        assert "Dans le brouillon, changé depuis" in page.text
        assert "Tous les sites ouvriront" in page.text
        assert not ticked(page)

    def test_by_a_rewritten_sentence_and_a_new_paragraph_replaces_the_sentence(
        self, draft, as_editor
    ):
        draft.closing = ""
        draft.save()
        sentence = publishing.compose_draft(draft).paragraphs[-1]
        word = download(as_editor, draft).rewrite(sentence, "Le réseau accueille tout le monde.")
        draft.own_network = "Partout en France, on trouve un PIMMS."
        draft.closing = "Une toute autre chose."
        draft.save()

        page = drop(as_editor, draft, word)

        ((_, label, _, _),) = changes_of(page)
        assert label == "Phrase sur le réseau"
        assert "Ce texte n’y est plus." not in page.text
        (row,) = page.context["to_take"]
        answer = take(as_editor, draft, page, row.change.key)
        assert draft.own_network == "Le réseau accueille tout le monde."
        assert draft.closing == "Une toute autre chose."
        assert not answer.context["to_take"]

    def test_by_a_paragraph_that_is_gone_is_added_at_the_end(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        draft.closing = SECOND
        draft.save()

        page = drop(as_editor, draft, word)

        assert "Ce texte n’y est plus." in page.text
        assert "Ajouter à la fin de «\u00a0Autres paragraphes\u00a0»" in page.text.replace(
            "&nbsp;", "\u00a0"
        )
        (row,) = page.context["to_take"]
        take(as_editor, draft, page, row.change.key)
        assert draft.closing == f"{SECOND}\n\n{FIRST.replace('novembre', 'décembre')}"

    def test_where_it_was_ticked_is_ticked_no_more(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        page = drop(as_editor, draft, word)
        theirs = f"{FIRST.replace('Les sites', 'Tous les sites')}\n\n{SECOND}"
        draft.closing = theirs
        draft.save()

        answer = take(as_editor, draft, page)

        assert draft.closing == theirs
        assert not ticked(answer)
        assert (
            "Ce texte a changé dans le brouillon depuis que vous l’aviez coché\u00a0: la case ne "
            "l’est plus."
        ) in answer.text.replace("&nbsp;", "\u00a0")

    def test_elsewhere_hinders_nothing(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        draft.closing = f"Un paragraphe de plus.\n\n{FIRST}\n\n{SECOND}"
        draft.save()

        take(as_editor, draft, drop(as_editor, draft, word))

        new = FIRST.replace("novembre", "décembre")
        assert draft.closing == f"Un paragraphe de plus.\n\n{new}\n\n{SECOND}"

    def test_while_the_page_is_read_is_looked_at_again(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        page = drop(as_editor, draft, word)
        draft.about = "Autre chose."
        draft.save()

        answer = take(as_editor, draft, page)

        assert "Le brouillon a changé pendant que vous lisiez cette page" in sentences(answer)[0]
        assert draft.closing == f"{FIRST}\n\n{SECOND}"
        assert len(ticked(answer)) == 1

    def test_that_a_colleague_validated_loses_no_word_of_the_file(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        page = drop(as_editor, draft, word)
        final(draft)

        answer = take(as_editor, draft, page)

        assert answer.status_code == 200
        assert "a été validé" in sentences(answer)[0]
        assert "<ins>décembre.</ins>" in answer.text
        assert 'name="change"' not in answer.text
        assert answer.text.count("Vous l’aviez cochée.") == 1
        assert "Vous l’aviez cochée." not in as_editor.get(address(draft)).text
        assert ReturnedWord.objects.count() == 1

    def test_that_a_colleague_deleted_gives_back_what_was_ticked(
        self, draft, as_editor, as_manager
    ):
        new = FIRST.replace("novembre", "décembre <b>")
        word = download(as_editor, draft).track(FIRST, FIRST, new, LEADER)
        page = drop(as_editor, draft, word.track_deletion(SECOND, LEADER).rewrite(ABOUT, "Autre."))
        as_manager.post(address(draft, "delete"), {"post": "yes"})

        keys = [row.change.key for row in page.context["to_take"] if row.change.old != ABOUT]
        sent = {"take": "yes", "offered": page.context["offered"], "change": keys}
        answer = as_editor.post(address(draft), sent)

        assert answer.status_code == 409
        assert "Ce brouillon a été supprimé par" in answer.text
        assert answer.context["words"] == [
            ("Autres paragraphes", new),
            ("Autres paragraphes", f"Supprimer\u00a0: «\u00a0{SECOND}\u00a0»"),
        ]
        forged = as_editor.post(address(draft), sent | {"offered": "{}"}, follow=True)
        assert forged.status_code == 200

    def test_takes_nothing_of_a_file_that_took_the_place_of_the_one_that_was_read(
        self, draft, as_editor
    ):
        read = drop(as_editor, draft, download(as_editor, draft).rewrite(FIRST, "Un texte lu."))
        drop(as_editor, draft, download(as_editor, draft).rewrite(FIRST, "Un texte jamais lu."))

        answer = take(as_editor, draft, read)

        assert answer.status_code == 409
        assert "remplacé par un autre" in answer.text
        assert answer.context["words"] == [("Autres paragraphes", "Un texte lu.")]
        assert draft.closing == f"{FIRST}\n\n{SECOND}"


class TestAnEditionOfARegion:
    TITLE = "Trois PIMMS ouvrent en Occitanie."

    @pytest.fixture
    def word(self, draft, as_editor):
        word = download_edition(as_editor, draft)
        return word.rewrite(title_of(word), self.TITLE)

    def test_gives_its_title_and_its_lead(self, draft, as_editor, word):
        page = drop(as_editor, draft, word)

        assert "édition régionale&nbsp;: Occitanie" in page.text
        assert [row.change.label for row in page.context["to_take"]] == ["Titre de l’édition"]
        assert len(ticked(page)) == 1
        taken = take(as_editor, draft, page)

        assert sentences(taken) == ["1 correction reprise dans le brouillon."]
        (edition,) = draft.editions
        assert (edition["region"], edition["title"], edition["lead"]) == (
            "Occitanie",
            self.TITLE,
            "",
        )
        assert edition["is_chosen"]
        assert draft.own_title == ""
        assert [row.change.is_done for row in taken.context["done"]] == [True]

    def test_leaves_all_else_to_the_release(self, draft, as_editor, word):
        word.track(FIRST, "novembre", "décembre", LEADER).rewrite(draft.contact.name, "Autrui")
        word.add(self.TITLE, "Un paragraphe de plus.")
        row = [*word.root.iter(f"{W}tr")][1]
        row.getparent().remove(row)

        page = drop(as_editor, draft, word)

        national = (
            "C’est le texte de toutes les éditions\u00a0: corrigez-le dans le brouillon du "
            "communiqué."
        )
        contact = (
            "Le contact presse s’imprime d’après sa fiche, le contact local d’après "
            "«\u00a0Éditions régionales\u00a0»\u00a0: corrigez-les là."
        )
        told = {row.change.new: row.change.obstacle for row in page.context["elsewhere"]}
        assert told == {
            ("Un paragraphe de plus.",): national,
            (FIRST.replace("novembre", "décembre"),): national,
            ("Autrui",): contact,
        }
        assert [row.change.line for row in page.context["lines"]] == ["PIMMS Alès (Gard)"]
        take(as_editor, draft, page)
        assert draft.closing == f"{FIRST}\n\n{SECOND}"

    def test_as_it_was_has_nothing_to_take(self, draft, as_editor):
        as_editor.get(f"{address(draft, 'download')}docx/")
        archive = as_editor.get(f"/labelling/pressrelease/{draft.pk}/editions.zip").content
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            (name,) = (name for name in files.namelist() if name.endswith(".docx"))
            page = drop(as_editor, draft, files.read(name))

        assert page.context["comparison"].is_empty
        assert DraftText.objects.count() == 1

    def test_refuses_what_its_own_form_would(self, draft, as_editor, word):
        page = drop(as_editor, draft, word.rewrite(self.TITLE, "x" * 20_001))

        answer = take(as_editor, draft, page)

        assert "Rien n’est repris. Titre : " in sentences(answer)[0]
        assert draft.editions is None

    def test_is_told_where_its_region_has_left_the_list(self, draft, as_editor, word):
        bretagne = RegionFactory(code="53", name="Bretagne")
        department = DepartmentFactory(code="35", name="Ille-et-Vilaine", region=bretagne)
        page = drop(as_editor, draft, word)
        Site.objects.update(department=department)

        page = as_editor.get(address(draft))

        assert not page.context["to_take"]
        (row,) = (row for row in page.context["elsewhere"] if row.change.new == (self.TITLE,))
        assert row.change.obstacle == (
            "Cette région n’a plus de site dans la liste\u00a0: elle n’a plus d’édition."
        )


class TestAFileThatIsNotOfThisDraft:
    """R35."""

    def test_is_refused_with_the_name_of_the_other_one(self, draft, as_editor):
        other = ReleaseFactory(wave=WaveFactory(name="Été 2020", effective_on=date(2020, 6, 1)))
        word = download(as_editor, other)

        page = drop(as_editor, draft, word)

        assert "Ce fichier a été fait d’un autre communiqué\u00a0: " in page.text
        assert f'<a href="{address(other)}">' in page.text
        assert not ReturnedWord.objects.exists()

    def test_is_refused_if_nobody_knows_that_one(self, draft, as_editor):
        word = download(as_editor, draft)
        DraftText.objects.all().delete()
        properties = word.parts["docProps/custom.xml"]
        word.parts["docProps/custom.xml"] = properties.replace(
            f">{draft.pk}<".encode(), b">999999<"
        )

        page = drop(as_editor, draft, word)

        assert "un communiqué qui n’est pas, ou n’est plus, dans cet outil" in page.text

    def test_is_refused_if_it_is_an_edition_of_what_was_validated(self, draft, as_editor):
        word = download_edition(as_editor, final(draft))
        corrected = drafting.prepare_corrected_version(PressRelease.objects.get())

        page = drop(as_editor, corrected, word)

        assert (
            "C’est une édition régionale (Occitanie) qui n’a pas été faite d’un brouillon\u00a0: "
            "rien n’en est repris. Reportez ses corrections à la main, dans "
            "«\u00a0Éditions régionales\u00a0»."
        ) in page.text
        assert not ReturnedWord.objects.exists()

    def test_is_refused_if_it_was_validated(self, draft, as_editor):
        validated = final(draft)
        word = download(as_editor, validated)
        corrected = drafting.prepare_corrected_version(validated)

        page = drop(as_editor, corrected, word)

        assert (
            "Ce fichier a été fait d’une version validée, pas d’un brouillon\u00a0: rien n’en est "
            "repris. Reportez ses corrections à la main, dans «\u00a0Modifier le brouillon\u00a0»."
        ) in page.text
        assert not ReturnedWord.objects.exists()

    def test_is_named_above_the_one_that_stays(self, draft, as_editor):
        drop(as_editor, draft, download(as_editor, draft))

        page = drop(as_editor, draft, b"%PDF-1.7", name="autre.docx")

        said = page.text.replace("&nbsp;", "\u00a0")
        above, _, below = said.partition("Déposer un autre fichier")
        assert "«\u00a0autre.docx\u00a0» n’est pas lu." in above
        assert "Ce fichier n’est pas un document Word." in above
        assert "Ce fichier n’est pas un document Word." in below

    def test_asks_which_one_if_it_does_not_say(self, draft, as_editor):
        word = (
            download(as_editor, draft)
            .drop_properties()
            .drop_marks()
            .rewrite(FIRST, FIRST.replace("novembre", "mai"))
        )

        page = drop(as_editor, draft, word)

        assert "Ce fichier ne dit pas de quel texte il vient" in page.text
        assert page.context.get("comparison") is None
        page = as_editor.post(address(draft), {"origin": "yes", "release": draft.pk}, follow=True)
        assert changes_of(page) == [
            ("rewritten", "Autres paragraphes", FIRST, (FIRST.replace("novembre", "mai"),))
        ]
        assert not ticked(page)
        assert "comparé au brouillon tel qu’il était quand vous l’avez choisi" in page.text
        assert "comparé au texte téléchargé" not in page.text

    def test_goes_to_the_one_that_is_chosen(self, draft, as_editor):
        other = ReleaseFactory(wave=WaveFactory(name="Été 2020", effective_on=date(2020, 6, 1)))
        word = download(as_editor, draft).drop_properties().drop_marks()
        drop(as_editor, other, word)

        page = as_editor.post(address(other), {"origin": "yes", "release": draft.pk}, follow=True)

        assert page.redirect_chain == [(address(draft), 302)]
        assert page.context["comparison"].is_empty

    def test_of_what_was_validated_is_taken_by_its_corrected_version(self, draft, as_editor):
        word = download(as_editor, draft).track(FIRST, "novembre", "décembre", LEADER)
        corrected = drafting.prepare_corrected_version(final(draft))

        take(as_editor, corrected, drop(as_editor, corrected, word))

        assert corrected.closing == f"{FIRST.replace('novembre', 'décembre')}\n\n{SECOND}"

    def test_that_was_deleted_meanwhile_says_so(self, draft, as_editor, as_manager):
        word = download(as_editor, draft)
        as_manager.post(address(draft, "delete"), {"post": "yes"})

        page = drop(as_editor, draft, word)

        assert "Ce brouillon a été supprimé par" in sentences(page)[0]

    def test_is_not_taken_by_what_is_validated(self, draft, as_editor):
        word = download(as_editor, draft)
        final(draft)

        page = drop(as_editor, draft, word)

        assert "Préparez une version corrigée" in page.text
        assert not ReturnedWord.objects.exists()


class TestWhatIsNoWordFile:
    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"%PDF-1.7", "Ce fichier n’est pas un document Word."),
            (b"PK\x03\x04", "Ce document est incomplet ou abîmé."),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9,
                "Ce fichier est un document Word d’avant 2007",
            ),
        ],
    )
    def test_is_refused_in_words(self, draft, as_editor, data, sentence):
        page = drop(as_editor, draft, data)

        assert sentence in page.text
        assert not ReturnedWord.objects.exists()

    def test_is_refused_if_nothing_was_chosen(self, draft, as_editor):
        page = as_editor.post(address(draft))

        assert "Choisissez d’abord le fichier corrigé." in page.text


class TestOnceItIsDone:
    def test_the_file_is_forgotten(self, draft, as_editor):
        drop(as_editor, draft, download(as_editor, draft))

        page = as_editor.post(address(draft), {"done": "yes"}, follow=True)

        assert sentences(page) == ["« corrigé.docx » est refermé."]
        assert not ReturnedWord.objects.exists()

    def test_another_file_takes_its_place(self, draft, as_editor):
        drop(as_editor, draft, download(as_editor, draft), "un.docx")
        page = drop(as_editor, draft, download(as_editor, draft), "deux.docx")

        assert ReturnedWord.objects.get().name == "deux.docx"
        assert "<strong>deux.docx</strong>" in page.text


class TestARectificatif:
    @pytest.fixture
    def draft(self, network):
        release = PressRelease.objects.get()
        return ReleaseFactory(
            wave=release.wave,
            kind="erratum",
            corrects=release,
            errata=Correction(where="Liste", before="Isère", after="Loire").typed,
            closing=f"{FIRST}\n\n{SECOND}",
        )

    def test_takes_its_free_sentences(self, draft, as_editor):
        word = download(as_editor, draft).track(SECOND, "interactive", "papier", LEADER)

        take(as_editor, draft, drop(as_editor, draft, word))

        assert draft.closing == f"{FIRST}\n\n{SECOND.replace('interactive', 'papier')}"

    def test_takes_its_own_lines_in_its_form_alone(self, draft, as_editor):
        (sentence, *_) = publishing.compose_draft(draft).paragraphs
        word = download(as_editor, draft).track(sentence, sentence, "Lire Loire.", LEADER)

        page = drop(as_editor, draft, word)

        assert not page.context["to_take"]
        assert "Une ligne à rectifier se corrige dans le brouillon" in page.text


class TestThePage:
    def test_asks_no_more_of_a_long_list(self, draft, as_editor):
        def count(*names):
            word = download(as_editor, draft)
            for name in names:
                word.track(name, "PIMMS", "Maison", LEADER)
            drop(as_editor, draft, word)
            with CaptureQueriesContext(connection) as queries:
                page = as_editor.get(address(draft))
            assert len(page.context["lines"]) == len(names)
            return len(queries)

        assert count("PIMMS Alès") == count("PIMMS Alès", "PIMMS Nîmes", "PIMMS Uzès")

    def test_goes_with_the_draft_that_is_deleted(self, draft, as_editor, as_manager):
        drop(as_editor, draft, download(as_editor, draft))

        as_manager.post(address(draft, "delete"), {"post": "yes"})

        assert not PressRelease.objects.exists()
        assert not DraftText.objects.exists()


def test_the_draft_leads_there(draft, as_editor, as_reader):
    link = f'href="{address(draft)}"'

    assert link in as_editor.get(address(draft, "document")).text
    assert link not in as_reader.get(address(draft, "document")).text
    assert PressRelease.objects.get().pk == draft.pk
