"""What changed between two states of a release, and what does not count as a change."""

from dataclasses import replace

import pytest

from labelling.models import Department, LabellingWave, Site
from labelling.press_release.composition import find_release, from_records, read_published
from labelling.press_release.content import Content, ReleaseLine
from labelling.press_release.differences import (
    Difference,
    Kind,
    Part,
    find_differences,
    group_alike,
)
from tests.factories import SiteFactory

CONTENT = Content(
    title="Titre",
    list_title="Liste :",
    columns=("Région", "Département", "Nom"),
    lines=(
        ReleaseLine(region="Bretagne", department="Finistère", name="PIMMS Brest", site=1),
        ReleaseLine(region="Bretagne", department="Finistère", name="PIMMS Quimper", site=2),
        ReleaseLine(region="Occitanie", department="Gard", name="PIMMS Nîmes", site=3),
    ),
)


def changed_line(position: int, **values) -> Content:
    lines = list(CONTENT.lines)
    lines[position] = replace(lines[position], **values)
    return replace(CONTENT, lines=tuple(lines))


@pytest.fixture
def since(network):
    """What the records say otherwise than the release of October 2020."""

    def compare():
        wave = LabellingWave.objects.get(slug="automne-2020")
        release = find_release(wave)
        return find_differences(read_published(release), from_records(wave, release))

    return compare


class TestTheReleaseOfOctober2020:
    def test_differs_by_its_spellings_melun_and_the_situation_alone(self, since):
        found = since()

        assert [(d.part, d.kind) for d in found if d.part != Part.DEPARTMENT] == [
            (Part.KIND, Kind.CHANGED),
            (Part.PARAGRAPH, Kind.CHANGED),
            (Part.PLACE, Kind.MOVED),
            (Part.SITUATION, Kind.ADDED),
            (Part.ABOUT_HEADING, Kind.CHANGED),
        ]
        assert len(found) == 24

    def test_spells_nineteen_departments_otherwise(self, since):
        spellings = [d for d in since() if d.part == Part.DEPARTMENT]

        assert len(spellings) == 19
        assert [(g[0].before, g[0].after, len(g)) for g in group_alike(spellings)] == [
            ("Saône et Loire", "Saône-et-Loire", 4),
            ("Ille et Vilaine", "Ille-et-Vilaine", 2),
            ("Meurthe et Moselle", "Meurthe-et-Moselle", 2),
            ("Pas de Calais", "Pas-de-Calais", 4),
            ("Hauts de Seine", "Hauts-de-Seine", 1),
            ("Seine Saint Denis", "Seine-Saint-Denis", 2),
            ("Seine et Marne", "Seine-et-Marne", 1),
            ("Val d'Oise", "Val-d'Oise", 2),
            ("Haute Vienne", "Haute-Vienne", 1),
        ]

    def test_has_melun_out_of_place_and_not_its_neighbours(self, since):
        (move,) = [d for d in since() if d.kind == Kind.MOVED]

        assert move.subject == "PIMMS Melun"
        assert move.site == Site.objects.get(name="PIMMS Melun").pk
        assert move.before == "après «\u00a0PIMMS Sevran\u00a0»"
        assert move.after == "après «\u00a0PIMMS Paris - Paris Est (20e)\u00a0»"

    def test_marks_two_words_of_the_paragraph_of_figures(self, since):
        (paragraph,) = [d for d in since() if d.part == Part.PARAGRAPH]

        assert [s.words for s in paragraph.before_segments if s.is_changed] == [
            "réparties",
            "l’Etat,",
        ]
        assert [s.words for s in paragraph.after_segments if s.is_changed] == [
            "répartis",
            "l’État,",
        ]
        whole = "".join(s.words + s.gap for s in paragraph.after_segments)
        assert whole == paragraph.after

    def test_a_corrected_department_is_one_more_difference_and_no_move(self, since):
        loire = Department.objects.get(code="42")
        site = Site.objects.get(name="PIMMS Métropole Stéphanoise - La Cotonne")
        site.department = loire
        site.save()

        (found,) = [d for d in since() if d.site == site.pk]

        assert found == Difference(
            part=Part.DEPARTMENT,
            kind=Kind.CHANGED,
            before="Isère",
            after="Loire",
            subject="PIMMS Métropole Stéphanoise - La Cotonne",
            site=site.pk,
        )

    def test_one_site_more_changes_the_line_and_the_counts(self, since):
        wave = LabellingWave.objects.get(slug="automne-2020")
        site = SiteFactory(
            name="PIMMS Uzès", wave=wave, department=Department.objects.get(code="30"), rank=9
        )

        found = since()

        assert {d.part for d in found if "14" in d.after} >= {Part.TITLE, Part.LEAD, Part.PARAGRAPH}
        (line,) = [d for d in found if d.part == Part.LINE]
        assert line == Difference(
            part=Part.LINE,
            kind=Kind.ADDED,
            after="Occitanie, Gard, PIMMS Uzès *",
            subject="PIMMS Uzès",
            site=site.pk,
        )


class TestLines:
    def test_of_the_same_site_are_one_line_whatever_its_name(self):
        (found,) = find_differences(CONTENT, changed_line(2, name="PIMMS du Gard"))

        assert (found.part, found.before, found.after) == (
            Part.NAME,
            "PIMMS Nîmes",
            "PIMMS du Gard",
        )
        assert (found.subject, found.site) == ("PIMMS Nîmes", 3)

    def test_of_another_record_with_the_same_name_in_the_region_are_one_line(self):
        assert find_differences(CONTENT, changed_line(2, site=99)) == ()

    def test_of_the_same_name_in_another_region_are_two(self):
        elsewhere = changed_line(2, site=99, region="Normandie", department="Orne")

        found = find_differences(CONTENT, elsewhere)

        assert [(d.part, d.kind) for d in found] == [
            (Part.LINE, Kind.REMOVED),
            (Part.LINE, Kind.ADDED),
        ]

    def test_say_that_a_site_is_no_longer_new(self):
        (found,) = find_differences(changed_line(0, is_new=True), CONTENT)

        assert (found.part, found.before, found.after) == (Part.NEW, "Oui", "Non")

    def test_that_go_are_removed_and_the_next_ones_do_not_move(self):
        shorter = replace(CONTENT, lines=CONTENT.lines[1:])

        (found,) = find_differences(CONTENT, shorter)

        assert (found.kind, found.before) == (Kind.REMOVED, "Bretagne, Finistère, PIMMS Brest")

    def test_moved_to_the_head_of_the_list_say_so(self):
        first, second, third = CONTENT.lines
        (found,) = find_differences(CONTENT, replace(CONTENT, lines=(third, first, second)))

        assert (found.subject, found.kind, found.after) == (
            "PIMMS Nîmes",
            Kind.MOVED,
            "en tête de la liste",
        )


class TestTypography:
    @pytest.mark.parametrize(
        "title",
        ["L'État : 13 sites !", "L’État\u00a0: 13\u00a0sites\u202f!", "L’État  : 13 sites !"],
    )
    def test_is_no_difference(self, title):
        before = replace(CONTENT, title="L’État : 13 sites !")

        assert find_differences(before, replace(CONTENT, title=title)) == ()

    def test_but_an_accent_is_one(self):
        (found,) = find_differences(
            replace(CONTENT, kind="COMMUNIQUE"), replace(CONTENT, kind="COMMUNIQUÉ")
        )

        assert (found.part, found.kind) == (Part.KIND, Kind.CHANGED)


class TestParagraphs:
    def test_one_more_does_not_shift_the_others(self):
        before = replace(CONTENT, paragraphs=("Un.", "Deux."))
        after = replace(CONTENT, paragraphs=("Zéro.", "Un.", "Deux et demi."))

        found = find_differences(before, after)

        assert [(d.kind, d.before, d.after) for d in found] == [
            (Kind.ADDED, "", "Zéro."),
            (Kind.CHANGED, "Deux.", "Deux et demi."),
        ]


class TestTheContact:
    NAMED = replace(
        CONTENT,
        contact_heading="Contact presse",
        contact=("Prénom Nom", "Union nationale des PIMMS", "01 23 45 67 89"),
    )

    def test_who_left_is_one_difference(self):
        (found,) = find_differences(self.NAMED, CONTENT)

        assert (found.part, found.kind) == (Part.CONTACT, Kind.REMOVED)
        assert found.before == "Prénom Nom, Union nationale des PIMMS, 01 23 45 67 89"

    def test_who_changed_is_one_difference_too(self):
        now = replace(self.NAMED, contact=("Ana Durand", "Union nationale des PIMMS"))

        (found,) = find_differences(self.NAMED, now)

        assert (found.part, found.kind) == (Part.CONTACT, Kind.CHANGED)
        assert found.after == "Ana Durand, Union nationale des PIMMS"

    def test_is_said_under_another_heading(self):
        (found,) = find_differences(self.NAMED, replace(self.NAMED, contact_heading="Contacts"))

        assert found.part == Part.CONTACT_HEADING
