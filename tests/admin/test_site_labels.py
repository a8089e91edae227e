"""Giving the label to several sites at once, and ending it."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labelling import text
from labelling.choices import WithdrawalReason
from labelling.models import Association, LabellingWave, Site
from tests.factories import (
    AssociationFactory,
    DepartmentFactory,
    RegionFactory,
    SiteFactory,
    WaveFactory,
)

LIST = "/labelling/site/"
GRANT = "/labelling/site/label/"
END = "/labelling/site/end-label/"


def read(response) -> str:
    """The page as people read it: without tags, in one line."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def ticked(*sites: Site) -> dict[str, list[int]]:
    """What the list sends for the sites that were ticked."""
    return {"_selected_action": [site.pk for site in sites]}


def numbers(*sites: Site) -> str:
    """What the page sends for the sites that it showed."""
    return ",".join(str(site.pk) for site in sites)


class TestTheList:
    def test_offers_both_to_those_who_edit(self, as_editor):
        SiteFactory()

        page = as_editor.get(LIST, {"region": "76"}).content.decode()

        assert f'formaction="{GRANT}?region=76">Attribuer le label…</button>' in page
        assert f'formaction="{END}?region=76">Mettre fin au label…</button>' in page
        assert 'aria-label="Cocher PIMMS' in page

    def test_offers_neither_to_a_reader(self, as_reader):
        SiteFactory()

        page = as_reader.get(LIST).content.decode()

        assert "Attribuer le label…" not in page
        assert "Mettre fin au label…" not in page


class TestTheFormOfASite:
    def test_leads_to_what_can_happen_to_its_label(self, as_editor):
        candidate, labelled = SiteFactory(), SiteFactory(labelled=True)
        ended = SiteFactory(ended=True)

        pages = [
            as_editor.get(f"{LIST}{site.pk}/change/").content.decode()
            for site in (candidate, labelled, ended)
        ]

        grant = f'<a href="{GRANT}?site={candidate.pk}">Attribuer le label…</a>'
        end = f'<a href="{END}?site={labelled.pk}">Mettre fin au label…</a>'
        assert [grant in page for page in pages] == [True, False, False]
        assert [end in page for page in pages] == [False, True, False]

    def test_leads_back_to_it(self, as_editor):
        site, wave = SiteFactory(), WaveFactory()

        answer = as_editor.post(
            f"{GRANT}?site={site.pk}", {"sites": site.pk, "wave": wave.pk, "apply": "x"}
        )

        assert answer["Location"] == f"{LIST}{site.pk}/change/"

    def test_shows_a_reader_no_such_link(self, as_reader):
        site = SiteFactory(labelled=True)

        page = as_reader.get(f"{LIST}{site.pk}/change/").content.decode()

        assert "Mettre fin au label…" not in page


class TestBeforeAnythingHappens:
    def test_the_page_says_which_sites_get_the_label_and_which_do_not(self, as_editor):
        first, second = SiteFactory(name="PIMMS A"), SiteFactory(name="PIMMS B")
        labelled = SiteFactory(name="PIMMS C", labelled=True)
        ended = SiteFactory(name="PIMMS D", ended=True)

        page = as_editor.post(GRANT, ticked(first, second, labelled, ended))

        shown = read(page)
        assert "2 sites concernés PIMMS A (Gard) PIMMS B (Gard)" in shown
        assert "2 sites laissés de côté" in shown
        assert (
            "PIMMS C (Gard) : le label lui est déjà attribué, avec la vague « Automne 2020 »."
            in shown
        )
        assert (
            "PIMMS D (Gard) : son label a pris fin ; pour une nouvelle labellisation, ajoutez un "
            "nouveau site." in shown
        )
        assert 'value="Attribuer le label à 2 sites"' in page.content.decode()
        assert Site.objects.candidates().count() == 2

    def test_a_label_that_ends_later_is_still_held(self, as_editor):
        SiteFactory(
            name="PIMMS A",
            labelled=True,
            withdrawn_on=date(2099, 3, 1),
            withdrawal_reason=WithdrawalReason.CLOSED,
        )

        shown = read(as_editor.post(GRANT, ticked(Site.objects.get())))

        assert (
            "PIMMS A (Gard)\u00a0: le label lui est déjà attribué, avec la vague «\u00a0Automne "
            "2020\u00a0», et prendra fin le 1er\u00a0mars 2099." in shown
        )

    def test_the_page_says_which_labels_end_and_which_do_not(self, as_editor):
        candidate = SiteFactory(name="PIMMS A")
        labelled = SiteFactory(name="PIMMS B", labelled=True)
        ended = SiteFactory(name="PIMMS C", ended=True)

        page = as_editor.post(END, ticked(candidate, labelled, ended))

        shown = read(page)
        assert "1 site concerné PIMMS B (Gard) – Automne 2020" in shown
        assert "PIMMS A (Gard) : encore candidat, il n’a pas de label." in shown
        assert "PIMMS C (Gard) : la fin de son label est déjà notée, au 1er mars 2021." in shown
        assert 'value="Mettre fin au label de 1 site"' in page.content.decode()
        assert Site.objects.with_label_to_end().count() == 1

    def test_the_page_has_no_button_when_no_site_is_concerned(self, as_editor):
        page = as_editor.post(END, ticked(SiteFactory()))

        assert "Aucun des sites choisis n’est concerné : rien ne sera enregistré." in read(page)
        assert 'name="apply"' not in page.content.decode()

    @pytest.mark.parametrize("address", [GRANT, END])
    def test_nothing_ticked_leads_back_to_the_list(self, as_editor, address):
        SiteFactory()

        page = as_editor.post(f"{address}?region=76", follow=True)

        assert page.redirect_chain == [(f"{LIST}?region=76", 302)]
        assert said(page) == ["Cochez d’abord les sites concernés."]

    @pytest.mark.parametrize("sites", ["x", "-1", "²", "9" * 40, "1;2", "\0"])
    def test_numbers_that_make_no_sense_name_no_site(self, as_editor, sites):
        page = as_editor.post(END, {"sites": sites}, follow=True)

        assert said(page) == ["Cochez d’abord les sites concernés."]

    def test_all_the_sites_of_the_list_may_be_chosen(self, as_editor):
        lozere = DepartmentFactory(code="48", name="Lozère")
        SiteFactory.create_batch(3, labelled=True, department=lozere)
        elsewhere = SiteFactory(labelled=True)

        page = as_editor.post(f"{END}?department=48", {"select_across": "1"} | ticked(elsewhere))

        assert "3 sites concernés" in read(page)
        assert elsewhere.name not in read(page)

    def test_an_address_that_makes_no_sense_chooses_none(self, as_editor):
        SiteFactory(labelled=True)

        page = as_editor.post(f"{END}?status=x", {"select_across": "1"}, follow=True)

        assert "Cochez d’abord les sites concernés." in said(page)


class TestGivingTheLabel:
    def test_to_several_sites_writes_their_history(self, as_editor, editor):
        sites, wave = SiteFactory.create_batch(3), WaveFactory()

        page = as_editor.post(
            f"{GRANT}?region=76",
            {"sites": numbers(*sites), "concerned": numbers(*sites), "wave": wave.pk, "apply": "x"},
            follow=True,
        )

        assert page.redirect_chain == [(f"{LIST}?region=76", 302)]
        assert said(page) == [
            (
                "Les 3 sites sont labellisés avec la vague « Automne 2020 », à partir du "
                "1er septembre 2020. Les communiqués déjà envoyés ne changent pas."
            )
        ]
        for site in Site.objects.all():
            assert site.wave == wave
            assert site.rank is None
            assert site.history.count() == 2
            assert site.history.first().history_user == editor

    def test_to_one_site_says_it_in_the_singular(self, as_editor):
        site, wave = SiteFactory(), WaveFactory()

        page = as_editor.post(GRANT, {"sites": site.pk, "wave": wave.pk, "apply": "x"}, follow=True)

        assert said(page) == [
            (
                "Le site est labellisé avec la vague « Automne 2020 », à partir du "
                "1er septembre 2020. Les communiqués déjà envoyés ne changent pas."
            )
        ]

    def test_asks_for_the_wave(self, as_editor):
        site = SiteFactory()

        page = as_editor.post(GRANT, {"sites": site.pk, "wave": "", "apply": "x"})

        assert "Choisissez la vague." in read(page)
        assert Site.objects.get().wave is None

    def test_twice_writes_once(self, as_editor):
        site, wave = SiteFactory(), WaveFactory()
        sent = {"sites": site.pk, "concerned": site.pk, "wave": wave.pk, "apply": "x"}
        as_editor.post(GRANT, sent, follow=True)

        page = as_editor.post(GRANT, sent, follow=True)

        assert said(page) == ["Ce site n’est plus candidat : rien n’a été fait deux fois."]
        assert site.history.count() == 2

    def test_says_which_sites_a_colleague_changed_meanwhile(self, as_editor):
        mine, theirs = SiteFactory(), SiteFactory()
        automn, winter = WaveFactory(), WaveFactory(name="H", effective_on=date(2021, 1, 15))
        Site.objects.filter(pk=theirs.pk).label(winter)

        page = as_editor.post(
            GRANT,
            {
                "sites": numbers(mine, theirs),
                "concerned": numbers(mine, theirs),
                "wave": automn.pk,
                "apply": "x",
            },
            follow=True,
        )

        assert said(page)[1:] == [f"« {theirs} » a changé entre-temps : il a été laissé de côté."]
        assert Site.objects.get(pk=theirs.pk).wave == winter


class TestEndingTheLabel:
    def test_of_several_sites_writes_their_history(self, as_editor, editor):
        sites = SiteFactory.create_batch(3, labelled=True)

        page = as_editor.post(
            END,
            {
                "sites": numbers(*sites),
                "concerned": numbers(*sites),
                "withdrawn_on": "01/03/2021",
                "withdrawal_reason": "closed",
                "apply": "x",
            },
            follow=True,
        )

        assert said(page) == [
            (
                "Les 3 sites ne figureront plus dans les listes à partir du 1er mars 2021 "
                "(3 → 0 site labellisé). Les communiqués déjà envoyés ne changent pas."
            )
        ]
        for site in Site.objects.all():
            assert site.withdrawn_on == date(2021, 3, 1)
            assert site.withdrawal_reason == WithdrawalReason.CLOSED
            assert site.history.count() == 2
            assert site.history.first().history_user == editor

    def test_of_one_site_says_it_in_the_singular(self, as_editor):
        site = SiteFactory(labelled=True)

        page = as_editor.post(END, ended(site, "2021-03-02"), follow=True)

        assert said(page) == [
            (
                "Le site ne figurera plus dans les listes à partir du 2 mars 2021 "
                "(1 → 0 site labellisé). Les communiqués déjà envoyés ne changent pas."
            )
        ]

    def test_proposes_today(self, as_editor):
        page = as_editor.get(f"{END}?site={SiteFactory(labelled=True).pk}")

        assert page.context["form"]["withdrawn_on"].value() == timezone.localdate()

    def test_asks_for_a_date_and_a_reason(self, as_editor):
        site = SiteFactory(labelled=True)

        page = read(as_editor.post(END, {"sites": site.pk, "withdrawn_on": "x", "apply": "x"}))

        assert "«\u00a0x\u00a0»\u00a0: ce n’est pas une date. Écrivez la date ainsi" in page
        assert "Choisissez le motif." in page
        assert Site.objects.with_label_to_end().exists()

    def test_before_it_began_ends_none(self, as_editor):
        early = SiteFactory(wave=WaveFactory(name="Été 2020", effective_on=date(2020, 7, 1)))
        late = SiteFactory(labelled=True)

        page = as_editor.post(END, ended(early, "01/08/2020") | {"sites": numbers(early, late)})

        assert (
            "La fin du label ne peut pas précéder son début\u00a0: la vague «\u00a0Automne 2020"
            f"\u00a0» prend effet le 01/09/2020. Site concerné\u00a0: {late.name}."
        ) in read(page)
        assert Site.objects.with_label_to_end().count() == 2
        assert early.history.count() == 1

    def test_twice_writes_once(self, as_editor):
        site = SiteFactory(labelled=True)
        as_editor.post(END, ended(site, "01/03/2021"), follow=True)

        page = as_editor.post(END, ended(site, "02/03/2021"), follow=True)

        assert said(page) == [
            (
                "La fin de ce label est déjà notée, au 1er mars 2021 : rien n’a été changé. "
                "Une autre date se corrige sur la fiche du site."
            )
        ]
        assert Site.objects.get().withdrawn_on == date(2021, 3, 1)
        assert site.history.count() == 2

    def test_that_a_colleague_noted_for_several_days_names_them(self, as_editor):
        first, second = SiteFactory.create_batch(2, labelled=True)
        as_editor.post(END, ended(first, "01/03/2021"))
        as_editor.post(END, ended(second, "02/03/2099"))

        page = as_editor.post(
            END, ended(first, "01/03/2021") | {"sites": numbers(first, second)}, follow=True
        )

        assert said(page)[-1] == (
            "La fin de ces labels est déjà notée, au 1er\u00a0mars 2021 et au 2\u00a0mars 2099"
            "\u00a0: rien n’a été changé. Une autre date se corrige sur la fiche du site."
        )

    def test_of_candidates_ends_nothing(self, as_editor):
        page = as_editor.post(END, ended(SiteFactory(), "01/03/2021"), follow=True)

        assert said(page) == [
            "Ce site n’a pas de label auquel mettre fin\u00a0: rien n’a été changé."
        ]

    def test_on_a_day_to_come_counts_from_that_day(self, as_editor):
        site = SiteFactory.create_batch(3, labelled=True)[0]

        page = as_editor.post(END, ended(site, "01/03/2099"), follow=True)

        assert said(page) == [
            (
                "Le site ne figurera plus dans les listes à partir du 1er\u00a0mars 2099 "
                "(3 → 2\u00a0sites labellisés). Les communiqués déjà envoyés ne changent pas."
            )
        ]

    def test_keeps_the_sites_in_the_lists_of_earlier_waves(self, network):
        Site.objects.filter(department__code="30").end_labels(date(2021, 3, 1), "closed")

        automn = LabellingWave.objects.get(slug="automne-2020")
        assert Site.objects.labelled_as_of(automn).count() == 53


def ended(site: Site, day: str) -> dict[str, object]:
    return {
        "sites": site.pk,
        "concerned": site.pk,
        "withdrawn_on": day,
        "withdrawal_reason": "closed",
        "apply": "x",
    }


class TestTakingBack:
    def test_gives_every_site_its_label_back(self, as_editor):
        sites = SiteFactory.create_batch(3, labelled=True)
        page = as_editor.post(
            END, ended(sites[0], "01/03/2021") | {"sites": numbers(*sites)}, follow=True
        )

        page = as_editor.post(undo_of(page), follow=True)

        assert said(page) == ["Les 3 sites sont revenus à ce qu’ils étaient."]
        assert Site.objects.with_label_to_end().count() == 3
        assert [site.history.count() for site in sites] == [3, 3, 3]
        assert sites[0].history.first().history_change_reason == "Annulation"

        as_editor.post(undo_of(page), follow=True)

        assert Site.objects.with_label_to_end().count() == 0

    def test_leaves_a_site_that_was_changed_since(self, as_editor):
        mine, theirs = SiteFactory(labelled=True), SiteFactory(labelled=True)
        page = as_editor.post(
            END, ended(mine, "01/03/2021") | {"sites": numbers(mine, theirs)}, follow=True
        )
        site = Site.objects.get(pk=theirs.pk)
        site.note = "Vu avec le préfet"
        site.save()

        page = as_editor.post(undo_of(page), follow=True)

        assert said(page) == [
            "Le site est revenu à ce qu’il était.",
            f"« {theirs} » a changé entre-temps : il a été laissé de côté.",
        ]
        assert [*Site.objects.with_label_to_end()] == [mine]

    def test_is_offered_where_candidates_are_labelled(self, as_editor):
        site, wave = SiteFactory(), WaveFactory()
        page = as_editor.post(
            f"/labelling/labellingwave/{wave.pk}/sites/label/", {"site": site.pk}, follow=True
        )

        as_editor.post(undo_of(page))

        assert [*Site.objects.candidates()] == [site]

    @pytest.mark.parametrize("sites", ["", "x", "1", "1:x", ":", f"{'9' * 30}:1", "1:1:1"])
    def test_of_nothing_that_was_left_so_does_nothing(self, as_editor, sites):
        site = SiteFactory()

        answer = as_editor.post(f"/labelling/site/take-back/?sites={sites}")

        assert answer.status_code == 302
        assert site.history.count() == 1


def undo_of(page) -> str:
    """Where the button « Annuler » of the page's message leads."""
    form = r'<form method="post" action="(/labelling/site/take-back/[^"]+)"'
    return unescape(re.search(form, page.text)[1])


class TestRights:
    @pytest.mark.parametrize("address", [GRANT, END])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_reader_is_refused(self, as_reader, address, method):
        candidate, labelled, wave = SiteFactory(), SiteFactory(labelled=True), WaveFactory()
        sent = ended(labelled, "01/03/2021") | {
            "sites": numbers(candidate, labelled),
            "wave": wave.pk,
        }

        answer = getattr(as_reader, method)(address, sent)

        assert answer.status_code == 403
        assert Site.objects.candidates().count() == 1
        assert Site.objects.with_label_to_end().count() == 1

    @pytest.mark.parametrize("address", [GRANT, END])
    def test_reading_a_page_changes_nothing(self, as_editor, address):
        candidate, labelled, wave = SiteFactory(), SiteFactory(labelled=True), WaveFactory()
        sent = ended(labelled, "01/03/2021") | {"wave": wave.pk}

        for site in (candidate, labelled):
            as_editor.get(address, sent | {"site": site.pk})

        assert Site.objects.candidates().count() == 1
        assert Site.objects.with_label_to_end().count() == 1


class TestWhatTheCountBecomes:
    def test_is_said_before_labels_end(self, as_editor):
        SiteFactory.create_batch(3, labelled=True)
        SiteFactory(ended=True)
        first, second = SiteFactory.create_batch(2, labelled=True)

        page = read(as_editor.post(END, ticked(first, second)))

        assert "5 → 3 sites labellisés" in page
        assert (
            "Le réseau compte aujourd’hui 5 sites labellisés ; sans les sites concernés, "
            "il en compterait 3." in page
        )

    def test_counts_those_of_the_day_when_it_comes(self, as_editor):
        today = timezone.localdate()
        SiteFactory(wave=WaveFactory(name="Bientôt", effective_on=today + timedelta(days=10)))
        site, _other = SiteFactory.create_batch(2, labelled=True)
        day = today + timedelta(days=20)

        page = as_editor.post(END, ended(site, day.isoformat()), follow=True)

        assert "(3 → 2 sites labellisés)" in said(page)[0]

    def test_counts_out_no_site_that_is_left_aside(self, as_editor):
        labelled, ended, candidate = (
            SiteFactory(labelled=True),
            SiteFactory(ended=True),
            SiteFactory(),
        )

        page = read(as_editor.post(END, ticked(labelled, ended, candidate)))

        assert "1 → 0 site labellisé" in page

    def test_is_said_for_the_whole_list_too(self, as_editor):
        SiteFactory.create_batch(3, labelled=True)
        corsica = RegionFactory(code="94", name="Corse")
        corse = DepartmentFactory(code="2A", name="Corse-du-Sud", region=corsica)
        SiteFactory.create_batch(2, labelled=True, department=corse)
        whole = {"select_across": "1", "_selected_action": "0"}

        page = read(as_editor.post(f"{END}?region=94", whole))

        assert "5 → 3 sites labellisés" in page

    def test_is_not_said_where_no_label_ends(self, as_editor):
        assert "→" not in read(as_editor.post(END, ticked(SiteFactory())))
        assert "→" not in read(as_editor.post(GRANT, ticked(SiteFactory())))


class TestTheLabelsOfAnAssociation:
    def address(self, association: Association) -> str:
        return f"/labelling/association/{association.pk}/change/"

    def test_its_page_leads_to_their_end(self, as_editor):
        association = AssociationFactory()
        SiteFactory(labelled=True, association=association)

        page = as_editor.get(self.address(association)).content.decode()

        link = f'<a href="{END}?of={association.pk}">Mettre fin au label de ces sites…</a>'
        assert link in page

    @pytest.mark.parametrize("situation", [{}, {"ended": True}])
    def test_does_not_where_no_label_can_end(self, as_editor, situation):
        association = AssociationFactory()
        SiteFactory(**situation, association=association)

        assert "Mettre fin au label" not in read(as_editor.get(self.address(association)))

    def test_does_not_for_a_reader(self, as_reader):
        association = AssociationFactory()
        SiteFactory(labelled=True, association=association)

        assert "Mettre fin au label" not in read(as_reader.get(self.address(association)))

    def test_the_page_names_its_sites_and_no_other(self, as_editor):
        association = AssociationFactory()
        SiteFactory(name="PIMMS A", labelled=True, association=association)
        SiteFactory(name="PIMMS B", association=association)
        SiteFactory(name="PIMMS C", ended=True, association=association)
        SiteFactory(name="PIMMS D", labelled=True)

        page = read(as_editor.get(f"{END}?of={association.pk}"))

        assert "2 → 1 site labellisé" in page
        assert "1 site concerné PIMMS A (Gard) – Automne 2020" in page
        assert "PIMMS B (Gard) : encore candidat, il n’a pas de label." in page
        assert "PIMMS C" not in page
        assert "PIMMS D" not in page

    def test_end_together_and_come_back(self, as_editor):
        association = AssociationFactory()
        sites = SiteFactory.create_batch(3, labelled=True, association=association)
        answers = {"apply": "x", "withdrawn_on": "2021-03-01", "withdrawal_reason": "closed"}

        answer = as_editor.post(
            f"{END}?of={association.pk}", {"sites": numbers(*sites), **answers}, follow=True
        )

        assert answer.redirect_chain == [(self.address(association), 302)]
        assert said(answer) == [
            (
                "Les 3 sites ne figureront plus dans les listes à partir du 1er mars 2021 "
                "(3 → 0 site labellisé). Les communiqués déjà envoyés ne changent pas."
            )
        ]
        assert not association.sites.with_label_to_end().exists()
        (message,) = answer.context["messages"]
        as_editor.post(message.extra_tags.removeprefix("undo="))
        assert association.sites.with_label_to_end().count() == 3

    @pytest.mark.parametrize("of", ["", "x", "0", "9" * 40])
    def test_an_association_that_is_not_there_names_no_site(self, as_editor, of):
        SiteFactory(labelled=True)

        page = as_editor.get(f"{END}?of={of}", follow=True)

        assert said(page) == ["Cette association n’existe pas : rien n’a été changé."]

    def test_all_ended_already_leave_nothing_to_end(self, as_editor):
        association = AssociationFactory()
        SiteFactory(ended=True, association=association)

        page = as_editor.get(f"{END}?of={association.pk}", follow=True)

        assert page.redirect_chain == [(self.address(association), 302)]
        assert said(page) == ["Aucun site de cette association n’a de label auquel mettre fin."]

    def test_of_which_the_end_is_noted_say_when(self, as_editor):
        association, day = AssociationFactory(), timezone.localdate() + timedelta(days=40)
        SiteFactory(
            labelled=True,
            withdrawn_on=day,
            withdrawal_reason=WithdrawalReason.CLOSED,
            association=association,
        )

        page = read(as_editor.get(f"{END}?of={association.pk}"))

        assert "1 site laissé de côté" in page.replace(" ", " ")
        assert f"la fin de son label est déjà notée, au {text.long_date(day)}." in page
        assert 'name="apply"' not in page

    def test_keep_the_label_of_one_that_left_it_meanwhile(self, as_editor):
        association, other = AssociationFactory.create_batch(2)
        stays, left = SiteFactory.create_batch(2, labelled=True, association=association)
        sent = ended(stays, "01/03/2021") | {"sites": numbers(stays, left)}
        Site.objects.filter(pk=left.pk).update(association=other)

        page = as_editor.post(
            f"{END}?of={association.pk}", sent | {"concerned": numbers(stays, left)}, follow=True
        )

        assert [*Site.objects.with_label_to_end()] == [left]
        assert said(page)[1:] == [f"« {left} » a changé entre-temps : il a été laissé de côté."]

    def test_name_one_that_left_it_beside_one_whose_end_is_noted(self, as_editor):
        association, other = AssociationFactory.create_batch(2)
        noted, left = SiteFactory.create_batch(2, labelled=True, association=association)
        sent = ended(noted, "01/03/2021") | {"sites": numbers(noted, left)}
        Site.objects.filter(pk=noted.pk).end_labels(date(2021, 2, 1), WithdrawalReason.CLOSED)
        Site.objects.filter(pk=left.pk).update(association=other)

        page = as_editor.post(
            f"{END}?of={association.pk}", sent | {"concerned": numbers(noted, left)}, follow=True
        )

        first, second = said(page)
        assert first.startswith("La fin de ce label est déjà notée, au 1er février 2021")
        assert f"{left} » a changé entre-temps" in second

    def test_keep_theirs_though_it_was_deleted_meanwhile(self, as_editor):
        association, other = AssociationFactory(name="Gard"), AssociationFactory()
        site = SiteFactory(labelled=True, association=association)
        address = f"{END}?of={association.pk}"
        Site.objects.filter(pk=site.pk).update(association=other)
        association.delete()

        page = as_editor.post(address, ended(site, "01/03/2021"), follow=True)

        assert Site.objects.with_label_to_end().count() == 1
        first, second = said(page)
        assert f"{site} » a changé entre-temps" in first
        assert second == "La fiche « Gard » a été supprimée : rien n’a été changé."

    def test_that_all_left_it_meanwhile_keep_their_labels(self, as_editor):
        association, other = AssociationFactory.create_batch(2)
        site = SiteFactory(labelled=True, association=association)
        Site.objects.filter(pk=site.pk).update(association=other)

        page = as_editor.post(f"{END}?of={association.pk}", ended(site, "01/03/2021"), follow=True)

        assert page.redirect_chain == [(self.address(association), 302)]
        assert Site.objects.with_label_to_end().count() == 1
        assert said(page) == [f"« {site} » a changé entre-temps : il a été laissé de côté."]

    def test_names_ten_of_those_left_aside_and_counts_the_others(self, as_editor):
        association, other = AssociationFactory.create_batch(2)
        sites = [
            SiteFactory(labelled=True, association=association, name=f"S{n}") for n in range(10, 22)
        ]
        sent = ended(sites[0], "01/03/2021") | {"concerned": numbers(*sites)}
        Site.objects.update(association=other)

        page = as_editor.post(f"{END}?of={association.pk}", sent, follow=True)

        (sentence,) = said(page)
        assert "S19 » et 2 autres sites ont changé entre-temps" in sentence

    def test_end_on_a_page_that_names_it(self, as_editor):
        for name, of_it in (("Lyon Métropole", "de Lyon Métropole"), ("Isère", "d’Isère")):
            association = AssociationFactory(name=name)
            SiteFactory(labelled=True, association=association)

            page = read(as_editor.get(f"{END}?of={association.pk}"))

            assert f"Mettre fin au label des sites {of_it} | Réseau PIMMS" in page
            assert f"Accueil › Associations › {name} › Mettre fin au label" in page

    def test_taken_back_lead_to_its_page(self, as_editor):
        association = AssociationFactory()
        site = SiteFactory(labelled=True, association=association)
        page = as_editor.post(f"{END}?of={association.pk}", ended(site, "01/03/2021"), follow=True)

        for has_label in (True, False):
            page = as_editor.post(undo_of(page), follow=True)

            assert page.redirect_chain == [(self.address(association), 302)]
            assert said(page) == ["Le site est revenu à ce qu’il était."]
            assert association.sites.with_label_to_end().exists() == has_label

    def test_its_page_says_which_labels_will_end(self, as_reader):
        association = AssociationFactory()
        SiteFactory(
            name="PIMMS A",
            labelled=True,
            association=association,
            withdrawn_on=date(2099, 3, 1),
            withdrawal_reason=WithdrawalReason.CLOSED,
        )
        SiteFactory(name="PIMMS B", labelled=True, association=association)
        SiteFactory(name="PIMMS C", ended=True, association=association)

        page = read(as_reader.get(self.address(association)))

        assert (
            "Ses sites PIMMS A (Gard) – Labellisé, ne le sera plus à partir du 1er\u00a0mars 2099 "
            "PIMMS B (Gard) – Labellisé PIMMS C (Gard) – " in page
        )

    def test_its_page_shows_so_many_in_as_many_queries_and_leads_to_all(self, as_reader):
        few, many = AssociationFactory.create_batch(2)
        SiteFactory.create_batch(2, association=few)
        SiteFactory.create_batch(60, association=many)
        # Django asks for the kinds of content once, and again after a test that emptied the base.
        as_reader.get(self.address(few))
        queries = []

        for association in (few, many):
            with CaptureQueriesContext(connection) as captured:
                page = as_reader.get(self.address(association)).content.decode()
            queries.append(len(captured))

        assert queries[0] == queries[1]
        assert len(re.findall(r'<li><a href="/labelling/site/[0-9]+/change/">', page)) == 50
        assert f'<a href="{LIST}?association={many.pk}">Les 60 sites dans la liste</a>' in page
