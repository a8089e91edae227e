"""The pages of the waves: their list, their form, their sites."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from labelling.models import Department, LabellingWave, Site
from tests.admin.forms import filled
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
)


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def page(name, *args) -> str:
    return reverse(f"admin:labelling_labellingwave_{name}", args=args)


def typed(*lines, **more) -> dict:
    """What the form of new sites sends; each line is (name, department, …)."""
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0", **more}
    for number, line in enumerate(lines):
        for field, value in line.items():
            data[f"lines-{number}-{field}"] = value
    return data


@pytest.fixture
def autumn(network):
    return LabellingWave.objects.get(slug="automne-2020")


class TestTheList:
    def test_says_what_each_wave_brought(self, as_reader, network):
        html = as_reader.get(page("changelist")).content.decode()

        rows = html.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
        assert [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows] == [
            "Automne 2020 01/09/2020 14/10/2020 13 0 53 Envoyé le 14 octobre 2020",
            "Février 2020 01/02/2020 – 7 0 40 Pas encore",
            "Janvier 2020 01/01/2020 – 33 0 33 Pas encore",
        ]

    def test_asks_the_same_number_of_queries_for_more_waves_and_sites(
        self, as_reader, network, django_assert_max_num_queries
    ):
        def queries():
            with django_assert_max_num_queries(50) as captured:
                as_reader.get(page("changelist"))
            return len(captured)

        before = queries()
        for year in range(2001, 2011):
            wave = WaveFactory(name=f"Hiver {year}", effective_on=date(year, 1, 1))
            ReleaseFactory(wave=wave)
            SiteFactory(wave=wave)

        assert queries() == before

    def test_counts_a_site_that_closed_since_in_the_lists_of_its_time(self, autumn):
        Site.objects.filter(name="PIMMS Nîmes").update(
            withdrawn_on=date(2021, 3, 1), withdrawal_reason="closed"
        )
        spring = WaveFactory(name="Printemps 2021", effective_on=date(2021, 4, 1))

        counts = {
            wave.pk: (wave.new_count, wave.ended_count, wave.total_count)
            for wave in LabellingWave.objects.with_counts()
        }

        assert counts[autumn.pk] == (13, 0, 53)
        assert counts[spring.pk] == (0, 1, 52)

    def test_leads_from_each_number_to_its_list(self, as_reader, autumn):
        Site.objects.filter(name="PIMMS Nîmes").update(
            withdrawn_on=date(2021, 3, 1), withdrawal_reason="closed"
        )
        spring = WaveFactory(name="Printemps 2021", effective_on=date(2021, 4, 1))
        SiteFactory(wave=spring)
        addresses = [page("changelist"), page("sites", spring.pk)]

        followed = []
        for address in addresses:
            html = as_reader.get(address).content.decode()
            for target, words in re.findall(
                r'<a href="([^"]*\?(?:as_of|gained|ended)=[^"]*)">([0-9]+)', html
            ):
                number = int(words)
                assert as_reader.get(unescape(target)).context["cl"].result_count == number
                followed.append(number)

        in_the_list = [1, 1, 53, 13, 0, 53, 7, 0, 40, 33, 33]
        assert followed == [*in_the_list, 1, 53]


class TestTheForm:
    def test_warns_that_the_carriers_do_not_add_up_and_saves_nevertheless(self, as_editor, autumn):
        form = as_editor.get(page("change", autumn.pk)).context["adminform"].form
        data = {name: form.initial.get(name) or "" for name in form.fields}

        response = as_editor.post(page("change", autumn.pk), {**data, "national_cantons": "675"})

        assert response.status_code == 302
        assert LabellingWave.objects.get(pk=autumn.pk).national_cantons == 675
        assert messages_of(response)[-1] == (
            "Les chiffres par porteur font 859, le total annoncé est 856. 11 + 154 + 131 + 19 + "
            "544 = 859. Le communiqué du 14\u00a0octobre 2020 imprime ces chiffres. Vérifiez "
            "auprès de l’État\u202f; vous pouvez enregistrer quand même."
        )

    @pytest.mark.parametrize("typed", ["6e", "six cents", "6,5"])
    def test_refuses_what_is_no_whole_number_and_erases_nothing(self, as_editor, autumn, typed):
        address = page("change", autumn.pk)

        refused = as_editor.post(address, filled(as_editor.get(address), national_cantons=typed))

        errors = refused.context["adminform"].form.errors
        assert errors == {"national_cantons": ["Écrivez un nombre entier, sans virgule."]}
        assert f'<input type="text" name="national_cantons" value="{typed}"' in refused.text
        assert LabellingWave.objects.get(pk=autumn.pk).national_cantons == 674

    def test_makes_the_slug_without_asking(self, as_editor):
        response = as_editor.post(
            page("add"), {"name": "Été 2021", "effective_on": "01/07/2021", "_save": "1"}
        )

        assert messages_of(response) == ["Été 2021\u00a0: vague ajoutée."]
        assert LabellingWave.objects.get().slug == "ete-2021"

    def test_leads_to_the_sites_and_to_the_release(self, as_editor, autumn):
        html = as_editor.get(page("change", autumn.pk)).content.decode()

        assert f'<a href="{page("sites", autumn.pk)}">Les sites de la vague</a>' in html
        assert f'<a href="{page("press_release", autumn.pk)}">Voir le communiqué</a>' in html
        assert "Préparer le communiqué" not in html
        assert "slug" not in html

    def test_offers_to_prepare_the_release_that_is_missing(self, as_editor, as_reader, network):
        winter = LabellingWave.objects.get(slug="janvier-2020")

        address = f"{reverse('admin:labelling_pressrelease_add')}?wave={winter.pk}"
        assert f'href="{address}"' in as_editor.get(page("change", winter.pk)).content.decode()
        assert address not in as_reader.get(page("change", winter.pk)).content.decode()


class TestDeletion:
    @pytest.mark.parametrize(
        ("slug", "sentence"),
        [
            (
                "automne-2020",
                (
                    "Cette vague a son communiqué du 14\u00a0octobre 2020\u00a0: elle ne peut pas "
                    "être supprimée. Si une date ou un chiffre est faux, corrigez sa fiche."
                ),
            ),
            (
                "janvier-2020",
                (
                    "33\u00a0sites sont labellisés avec cette vague\u00a0: elle ne peut pas être "
                    "supprimée. Rattachez-les d’abord à une autre vague."
                ),
            ),
        ],
    )
    def test_of_a_wave_in_use_is_refused_with_what_to_do_instead(
        self, as_manager, network, slug, sentence
    ):
        wave = LabellingWave.objects.get(slug=slug)

        asked = as_manager.get(page("delete", wave.pk))
        forced = as_manager.post(page("delete", wave.pk), {"post": "yes"})

        for response in (asked, forced):
            assert response.status_code == 200
            assert sentence in response.content.decode()
        assert LabellingWave.objects.filter(pk=wave.pk).exists()

    def test_of_a_wave_with_a_draft_says_to_delete_it_first(self, as_manager):
        wave = ReleaseFactory().wave

        response = as_manager.post(page("delete", wave.pk), {"post": "yes"})

        assert (
            "Cette vague a un communiqué en préparation\u00a0: elle ne peut pas être supprimée. "
            "Supprimez d’abord ce brouillon."
        ) in response.content.decode()

    def test_of_an_unused_wave_is_done(self, as_manager):
        wave = WaveFactory(name="Pilote")

        response = as_manager.post(page("delete", wave.pk), {"post": "yes"})

        assert messages_of(response) == ["Pilote\u00a0: vague supprimée."]
        assert not LabellingWave.objects.exists()


class TestMoving:
    def order(self, wave, code):
        sites = Site.objects.labelled_as_of(wave).filter(department__code=code)
        return [site.name for site in sites.in_printed_order()]

    def test_takes_a_new_site_one_line_up_or_down(self, as_editor, autumn):
        site = Site.objects.get(name="PIMMS Isère - Villefontaine")

        response = as_editor.post(page("move", autumn.pk, site.pk), {"direction": "up"})

        assert self.order(autumn, "38")[:2] == [
            "PIMMS Isère - Villefontaine",
            "PIMMS Isère - La Villeneuve",
        ]
        assert response.url == f"{page('sites', autumn.pk)}#site-{site.pk}"
        assert messages_of(response) == ["PIMMS Isère - Villefontaine\u00a0: monté d’une ligne."]

    def test_passes_a_printed_line_and_not_a_site_that_the_list_does_not_show(
        self, as_editor, autumn
    ):
        gard = Department.objects.get(code="30")
        mobile = Site.objects.get(name="PIMMS Nîmes - PIMMS mobile")
        Site.objects.filter(pk=mobile.pk).update(rank=9)
        SiteFactory(name="PIMMS candidat", department=gard, rank=5)

        as_editor.post(page("move", autumn.pk, mobile.pk), {"direction": "up"})

        assert self.order(autumn, "30") == ["PIMMS Nîmes - PIMMS mobile", "PIMMS Nîmes"]

    def test_past_the_end_of_the_department_does_nothing(self, as_editor, autumn):
        last = Site.objects.get(name="PIMMS Métropole Stéphanoise - Montreynaud")

        response = as_editor.post(page("move", autumn.pk, last.pk), {"direction": "down"})

        assert messages_of(response) == [
            "PIMMS Métropole Stéphanoise - Montreynaud\u00a0: déjà à cette place."
        ]
        assert last.history.count() == 1

    def test_asks_for_the_right_to_change_and_a_post(self, as_reader, as_editor, autumn):
        site = Site.objects.new_in(autumn).first()
        address = page("move", autumn.pk, site.pk)

        assert as_reader.post(address, {"direction": "up"}).status_code == 403
        answer = as_editor.get(address)
        assert (answer.status_code, answer["Location"]) == (302, page("sites", autumn.pk))
        assert not messages_of(answer)

    def test_moves_no_site_of_another_wave(self, as_editor, autumn):
        older = Site.objects.get(name="PIMMS Isère - La Villeneuve")

        response = as_editor.post(page("move", autumn.pk, older.pk), {"direction": "down"})

        assert response.status_code == 404


class TestTypingNewSites:
    def test_adds_them_at_the_end_of_their_departments_with_their_history(
        self, as_editor, editor, autumn
    ):
        gard = Department.objects.get(code="30")
        association = AssociationFactory(name="Gard rhodanien")

        response = as_editor.post(
            page("sites", autumn.pk),
            typed(
                {
                    "name": " PIMMS Uzès ",
                    "department": gard.pk,
                    "association": association.pk,
                    "format": "bus",
                },
                {},
                {"name": "PIMMS Alès", "department": gard.pk},
            ),
        )

        assert response.url == page("sites", autumn.pk)
        assert messages_of(response) == [
            "2\u00a0sites sont ajoutés à la vague «\u00a0Automne 2020\u00a0»."
        ]
        new = Site.objects.filter(department=gard, wave=autumn).in_printed_order()
        assert [s.name for s in new] == ["PIMMS Nîmes - PIMMS mobile", "PIMMS Uzès", "PIMMS Alès"]
        uzes = new[1]
        assert (uzes.association, uzes.format) == (association, "bus")
        assert [e.history_user for e in uzes.history.all()] == [editor]

    def test_comes_last_even_where_the_others_had_no_place(self, as_editor):
        wave, first = WaveFactory(), SiteFactory(name="PIMMS Alès", labelled=True)

        as_editor.post(
            page("sites", wave.pk),
            typed({"name": "PIMMS Aigues", "department": first.department.pk}),
        )

        sites = Site.objects.labelled_as_of(wave).in_printed_order()
        assert [(s.name, s.rank) for s in sites] == [("PIMMS Alès", 1), ("PIMMS Aigues", 2)]

    def test_one_is_singular(self, as_editor):
        wave = WaveFactory()

        response = as_editor.post(
            page("sites", wave.pk),
            typed({"name": "PIMMS Uzès", "department": DepartmentFactory().pk}),
        )

        assert messages_of(response) == [
            "1\u00a0site est ajouté à la vague «\u00a0Automne 2020\u00a0»."
        ]

    def test_says_beside_each_wrong_line_why_and_loses_nothing(self, as_editor, autumn):
        gard = Department.objects.get(code="30")

        response = as_editor.post(
            page("sites", autumn.pk),
            typed(
                {"name": "PIMMS Uzès", "department": gard.pk},
                {"name": "", "department": gard.pk},
                {"name": "PIMMS Alès", "department": ""},
                {"name": "pimms nimes", "department": gard.pk},
                {"name": "PIMMS d’Uzès", "department": gard.pk},
                {"name": "pimms d'uzes", "department": gard.pk},
            ),
        )

        assert response.status_code == 200
        errors = [dict(form.errors) for form in response.context["lines"].forms]
        assert errors == [
            {},
            {"name": ["Donnez le nom du site."]},
            {"department": ["Choisissez le département."]},
            {"name": ["Un site de ce département porte déjà ce nom."]},
            {},
            {"name": ["C’est le même site qu’à la ligne 5."]},
        ]
        html = response.content.decode()
        assert "Rien n’est encore enregistré" in html
        assert 'value="PIMMS Uzès"' in html
        assert not Site.objects.filter(name__in=["PIMMS Uzès", "PIMMS d’Uzès"]).exists()

    def test_nothing_typed_adds_nothing(self, as_editor, autumn):
        response = as_editor.post(page("sites", autumn.pk), typed({}, {}, {}))

        assert messages_of(response) == ["Aucune ligne n’est remplie\u00a0: rien n’a été ajouté."]
        assert Site.objects.count() == 53

    def test_without_a_script_more_lines_come_from_the_server(self, as_editor, autumn):
        gard = Department.objects.get(code="30")

        response = as_editor.post(
            page("sites", autumn.pk),
            typed({"name": "PIMMS Uzès", "department": gard.pk}, more="yes"),
        )

        assert len(response.context["lines"].forms) == 4
        assert 'value="PIMMS Uzès"' in response.content.decode()
        assert Site.objects.count() == 53

    @pytest.mark.parametrize(
        ("tampered", "sentence"),
        [
            ({}, "Les lignes n’ont pas été reçues en entier."),
            ({"lines-TOTAL_FORMS": "x", "lines-INITIAL_FORMS": "0"}, "Les lignes n’ont pas été"),
            ({"lines-TOTAL_FORMS": "201", "lines-INITIAL_FORMS": "0"}, "Cela fait trop de lignes"),
            ({**typed({"name": "A", "department": "999999"})}, "errorlist"),
            ({**typed({"name": "\0", "department": "1"})}, "Donnez le nom du site."),
        ],
    )
    def test_a_tampered_form_writes_nothing(self, as_editor, autumn, tampered, sentence):
        response = as_editor.post(page("sites", autumn.pk), tampered)

        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert Site.objects.count() == 53

    def test_asks_for_the_right_to_add(self, as_reader, autumn):
        gard = Department.objects.get(code="30")

        html = as_reader.get(page("sites", autumn.pk)).content.decode()
        response = as_reader.post(
            page("sites", autumn.pk), typed({"name": "PIMMS Uzès", "department": gard.pk})
        )

        assert "Ajouter des sites" not in html
        assert "Monter" not in html
        assert response.status_code == 403
        assert Site.objects.count() == 53


class TestChoosingCandidates:
    def test_gives_the_label_to_those_that_were_ticked(self, as_editor, autumn):
        ticked, left = SiteFactory(name="PIMMS Uzès"), SiteFactory(name="PIMMS Alès")

        response = as_editor.post(page("label", autumn.pk), {"site": [ticked.pk]})

        assert messages_of(response) == [
            "1\u00a0site est labellisé avec la vague «\u00a0Automne 2020\u00a0»."
        ]
        ticked.refresh_from_db()
        left.refresh_from_db()
        assert (ticked.wave, left.wave) == (autumn, None)
        assert ticked.history.count() == 2

    @pytest.mark.parametrize("sites", [[], ["x", "²", "9" * 30, "-1"]])
    def test_without_a_tick_says_to_tick(self, as_editor, autumn, sites):
        response = as_editor.post(page("label", autumn.pk), {"site": sites})

        assert messages_of(response) == ["Cochez d’abord les sites concernés."]

    def test_a_site_labelled_since_is_not_labelled_twice(self, as_editor, autumn):
        site = Site.objects.get(name="PIMMS Nîmes")

        response = as_editor.post(page("label", autumn.pk), {"site": [site.pk]})

        assert messages_of(response) == [
            "Ce site n’est plus candidat\u00a0: rien n’a été fait deux fois."
        ]
        site.refresh_from_db()
        assert site.wave.slug == "janvier-2020"

    def test_are_searched_without_accents(self, as_editor, autumn):
        SiteFactory(name="PIMMS Uzès")
        SiteFactory(name="PIMMS Alès")

        html = as_editor.get(page("sites", autumn.pk), {"q": "uzes"}).content.decode()

        assert "PIMMS Uzès" in html
        assert "PIMMS Alès" not in html
        assert "1\u00a0candidat</legend>" in html

    def test_nothing_found_says_what_to_try(self, as_editor, autumn):
        html = as_editor.get(page("sites", autumn.pk), {"q": "zzz"}).content.decode()

        assert (
            "Aucun candidat ne correspond à «&nbsp;zzz&nbsp;». Essayez un mot plus court." in html
        )

    def test_asks_for_the_right_to_change_and_a_post(self, as_reader, as_editor, autumn):
        assert as_reader.post(page("label", autumn.pk)).status_code == 403
        answer = as_editor.get(page("label", autumn.pk))
        assert (answer.status_code, answer["Location"]) == (302, page("sites", autumn.pk))


class TestTheSitesPage:
    def test_shows_the_new_ones_among_the_lines_of_their_departments(self, as_reader, autumn):
        response = as_reader.get(page("sites", autumn.pk))

        shown = {
            str(department): [(line.site.name, line.is_new) for line in listed]
            for department, listed in response.context["departments"]
        }
        assert shown["Gard"] == [("PIMMS Nîmes", False), ("PIMMS Nîmes - PIMMS mobile", True)]
        assert list(shown) == [
            "Isère",
            "Rhône",
            "Saône-et-Loire",
            "Meurthe-et-Moselle",
            "Paris",
            "Gard",
        ]
        assert "13\u00a0nouveaux sites" in response.content.decode()

    def test_asks_the_same_number_of_queries_for_more_sites(
        self, as_editor, autumn, django_assert_max_num_queries
    ):
        def queries():
            with django_assert_max_num_queries(50) as captured:
                as_editor.get(page("sites", autumn.pk))
            return len(captured)

        SiteFactory()
        before = queries()
        SiteFactory.create_batch(20, wave=autumn)
        SiteFactory.create_batch(20)

        assert queries() == before

    def test_of_an_unknown_wave_is_not_found(self, as_reader):
        assert as_reader.get(page("sites", 999)).status_code == 404
