"""Every record: one history entry for each change, a version, no save over another's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, ProtectedError, QuerySet, Value
from django.db.models.signals import pre_save

from labelling.admin.addresses import locate_page
from labelling.models import (
    Association,
    LabellingWave,
    PressContact,
    PressRelease,
    Record,
    Site,
    StaleRecord,
)
from labelling.models.record_sets import RecordQuerySet
from tests.admin.forms import filled
from tests.admin.simultaneous import awaited
from tests.factories import (
    AssociationFactory,
    ContactFactory,
    DepartmentFactory,
    RegionFactory,
    ReleaseFactory,
    SiteFactory,
    WaveFactory,
    final,
    tamper,
)

pytestmark = pytest.mark.django_db


def twice(record):
    """Two copies of the record, as two people read it."""
    return tuple(type(record).objects.get(pk=record.pk) for _ in range(2))


class TestSaving:
    def test_writes_one_history_entry_and_raises_the_version(self):
        site = SiteFactory()

        site.name = "PIMMS Nîmes"
        site.save()

        assert site.version == 2
        assert [(e.version, e.history_type) for e in site.history.order_by("version")] == [
            (1, "+"),
            (2, "~"),
        ]

    def test_without_a_change_writes_nothing(self):
        site = SiteFactory()

        site.save()

        assert site.version == 1
        assert site.history.count() == 1

    def test_refuses_a_copy_that_is_no_longer_the_last(self):
        site = SiteFactory(name="PIMMS Nîmes")
        mine, theirs = twice(site)
        theirs.note = "Leur note"
        theirs.save()

        mine.note = "Ma note"
        with pytest.raises(StaleRecord):
            mine.save()

        assert Site.objects.get(pk=site.pk).note == "Leur note"
        assert site.history.count() == 2

    def test_computes_the_keys(self):
        site = SiteFactory(name="PIMMS Pays de l’Orne - Jœuf", commune="Jœuf")

        assert site.sort_key == "pimms pays de l orne joeuf"
        assert site.search_key == "pimms pays de l orne joeuf joeuf"
        assert site.telling_key == "joeuf orne pays"


class TestTexts:
    """S26: records that look the same are the same, by whatever door they come."""

    @pytest.mark.parametrize(
        "twin",
        [
            "Métropole\u200b Stéphanoise",
            "Métro\xadpole Ste\u0301phanoise",
            "\uff2détropole Stéphanoise",
        ],
    )
    def test_that_look_the_same_are_no_two_names(self, twin):
        AssociationFactory(name="Métropole Stéphanoise")

        with pytest.raises(ValidationError, match="Une association porte déjà ce nom"):
            Association(name=twin).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Association(name=twin).save()

    def test_of_nothing_that_is_seen_are_blank(self):
        with pytest.raises(ValidationError) as refusal:
            Association(name="\u200b\u2060").full_clean()

        assert refusal.value.message_dict == {"name": ["À remplir."]}

    def test_are_stored_as_they_are_read(self):
        site = SiteFactory(
            name="PIMMS\u200b Nîmes",
            postcode="\uff13\uff10\uff10\uff10\uff10",
            note="un\r\ndeux\ufeff",
        )

        stored = Site.objects.get(pk=site.pk)
        assert (stored.name, stored.postcode, stored.note) == ("PIMMS Nîmes", "30000", "un\r\ndeux")
        assert stored.history.get().name == "PIMMS Nîmes"

    def test_of_a_frozen_release_stay_as_they_were_printed(self):
        release = final(ReleaseFactory())
        tamper(release, brand="PI\u200bMMS")
        stored = PressRelease.objects.get(pk=release.pk)

        stored.save()

        assert PressRelease.objects.get(pk=release.pk).brand == "PI\u200bMMS"

    def test_whose_key_is_longer_than_they_are_have_it_cut(self):
        association = AssociationFactory(name="ﷺ" * 150)
        wave = WaveFactory(name="ﬃ" * 100)

        assert len(association.sort_key) == 300
        assert len(wave.slug) == 100

    def test_are_found_by_what_is_pasted(self):
        site = SiteFactory(name="PIMMS Nîmes")

        assert list(Site.objects.matching("ni\u0302\u200bmes")) == [site]

    def test_that_are_too_long_to_be_looked_for_find_nothing(self):
        SiteFactory(name="PIMMS Nîmes")

        assert not Site.objects.matching("nimes " * 40).exists()

    @pytest.mark.parametrize("digits", ["٤٢٠٠٠", "\uff14\uff1200x"])
    def test_of_five_digits_are_of_those_of_french(self, digits):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteFactory(postcode=digits)


def intact(record):
    """The row, once its version, its history and its keys were seen to agree."""
    row = type(record).objects.get(pk=record.pk)
    entries = list(row.history.order_by("history_id"))
    names = [field.attname for field in row._meta.concrete_fields]
    assert {n: getattr(entries[-1], n) for n in names} == {n: getattr(row, n) for n in names}
    assert [entry.version for entry in entries] == [*range(1, row.version + 1)]
    keys = {name: getattr(row, name) for name in row.computed_fields}
    row.compute_keys()
    assert {name: getattr(row, name) for name in row.computed_fields} == keys
    return row


class TestTheOrdinaryCallsOfDjango:
    """Each keeps version, history and keys right, or refuses and names what to call instead."""

    def test_save_some_fields_saves_these_and_their_keys(self):
        site = SiteFactory(name="PIMMS Nîmes", commune="Nîmes")

        site.name, site.note = "PIMMS Alès", "Pas encore"
        site.save(update_fields=["name"])

        row = intact(site)
        assert (row.name, row.sort_key, row.note, row.version) == (
            "PIMMS Alès",
            "pimms ales",
            "",
            2,
        )
        assert row.search_key == "pimms ales nimes"
        assert (site.note, site.version) == ("Pas encore", 2)

    def test_save_some_fields_leaves_the_keys_of_the_others(self):
        site = SiteFactory(name="PIMMS Nîmes")

        site.name, site.note = "PIMMS Alès", "Une note"
        site.save(update_fields=["note"])

        row = intact(site)
        assert (row.name, row.sort_key, row.note) == ("PIMMS Nîmes", "pimms nimes", "Une note")
        assert site.name == "PIMMS Alès"

    def test_save_no_field_writes_nothing(self):
        site = SiteFactory(name="PIMMS Nîmes")

        site.name = "PIMMS Alès"
        site.save(update_fields=[])

        assert intact(site).version == 1

    def test_save_a_field_that_is_none_is_an_error(self):
        site = SiteFactory()

        with pytest.raises(ValueError, match=r"No such field to save: nom\."):
            site.save(update_fields=["nom"])

    def test_save_over_another_save_is_refused_whatever_the_fields(self):
        mine, theirs = twice(SiteFactory(name="PIMMS Nîmes"))
        theirs.note = "Leur note"
        theirs.save()

        mine.name = "PIMMS Alès"
        with pytest.raises(StaleRecord):
            mine.save(update_fields=["name"])

        assert intact(mine).name == "PIMMS Nîmes"

    def test_update_or_create(self):
        site = SiteFactory(name="PIMMS Nîmes")

        Site.objects.update_or_create(pk=site.pk, defaults={"name": "PIMMS Alès"})
        made, _ = Site.objects.update_or_create(
            france_services_id="863",
            defaults={"name": "PIMMS Sète", "department": site.department},
        )

        assert (intact(site).sort_key, intact(site).version) == ("pimms ales", 2)
        assert (intact(made).sort_key, intact(made).version) == ("pimms sete", 1)

    def test_get_or_create(self):
        made, _ = Association.objects.get_or_create(name="Métropole Stéphanoise")
        found, created = Association.objects.get_or_create(name="Métropole Stéphanoise")

        assert intact(made).sort_key == "metropole stephanoise"
        assert (found, created) == (made, False)

    def test_bulk_update(self):
        sites = SiteFactory.create_batch(2)

        for site in sites:
            site.name, site.note = f"{site.name} bis", "Pas encore"
        assert Site.objects.bulk_update(sites, ["name"]) == 2

        assert [intact(site).sort_key for site in sites] == [s.name.lower() for s in sites]
        assert {intact(site).note for site in sites} == {""}

    def test_bulk_update_saves_all_or_none(self):
        site = SiteFactory(name="PIMMS Nîmes")
        mine, theirs = twice(SiteFactory())
        theirs.note = "Leur note"
        theirs.save()

        site.note = mine.note = "Ma note"
        with pytest.raises(StaleRecord):
            Site.objects.bulk_update([site, mine], ["note"])

        assert intact(site).note == ""

    def test_bulk_create(self):
        department = DepartmentFactory()

        made = Site.objects.bulk_create(
            Site(name=name, department=department) for name in ("PIMMS Nîmes", "PIMMS Alès")
        )

        assert [intact(site).sort_key for site in made] == ["pimms nimes", "pimms ales"]

    @pytest.mark.parametrize(
        "conflicts",
        [
            {"ignore_conflicts": True},
            {"update_conflicts": True, "unique_fields": ["id"], "update_fields": ["name"]},
        ],
    )
    def test_bulk_create_never_passes_over_what_is_there(self, conflicts):
        site = SiteFactory(name="PIMMS Nîmes")

        with pytest.raises(TypeError, match=r"look for what is there already, and call save\(\)"):
            Site.objects.bulk_create(
                [Site(pk=site.pk, name="PIMMS Alès", department=site.department)], **conflicts
            )

        assert intact(site).name == "PIMMS Nîmes"

    def test_update(self):
        sites = SiteFactory.create_batch(2, note="Une note")
        other = SiteFactory(note="Autre note")

        assert Site.objects.filter(note="Une note").update(commune="Nîmes", note="") == 2

        assert [intact(site).search_key for site in sites] == [
            f"{site.sort_key} nimes" for site in sites
        ]
        assert intact(other).version == 1

    def test_update_the_records_of_a_list_that_joins_others(self):
        site = SiteFactory(labelled=True)

        assert Site.objects.with_place().in_printed_order().update(rank=3) == 1

        assert (intact(site).rank, intact(site).version) == (3, 2)

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"rank": F("rank") + 1}, "cannot set rank: the history needs the value itself"),
            ({"note": Value("x")}, "cannot set note: the history needs the value itself"),
            ({"sort_key": "x"}, "cannot set sort_key: it is computed"),
            ({"version": 1}, "cannot set version: it is computed"),
            ({"pk": 1}, "cannot set pk: it is the key"),
            ({"id": 1}, "cannot set id: it is the key"),
        ],
    )
    def test_update_refuses_what_it_cannot_keep_right(self, values, reason):
        site = SiteFactory()

        with pytest.raises(TypeError) as refusal:
            Site.objects.update(**values)

        assert str(refusal.value) == (
            f"Site.objects.update() {reason}. Change each record and call save()."
        )
        assert intact(site).version == 1

    def test_update_takes_the_key_of_a_relation(self):
        site, association = SiteFactory(), AssociationFactory()

        Site.objects.update(association=association.pk)

        assert (intact(site).association, intact(site).version) == (association, 2)

    def test_update_refuses_the_name_of_no_field(self):
        SiteFactory()

        with pytest.raises(FieldDoesNotExist, match="nmae"):
            Site.objects.update(nmae="PIMMS Nîmes")

    def test_save_of_a_copy_without_its_version_is_refused(self):
        site = SiteFactory()
        copy = Site.objects.only("name").get()
        copy.name = "PIMMS Alès"

        with pytest.raises(TypeError, match=r"Site.save\(\) compares with the version"):
            copy.save()

        assert intact(site).version == 1

    @pytest.mark.parametrize(
        "write",
        [
            lambda site: site.save(),
            lambda site: site.save(update_fields=["rank"]),
            lambda site: Site.objects.bulk_update([site], ["rank"]),
            lambda site: Site.objects.update_or_create(
                defaults={"rank": F("rank") + 1}, pk=site.pk
            ),
            lambda site: Site.objects.bulk_create(
                [Site(name="PIMMS Alès", department=site.department, rank=Value(1))]
            ),
        ],
        ids=["save", "save a field", "bulk_update", "update_or_create", "bulk_create"],
    )
    def test_an_expression_is_refused_in_words(self, write):
        site = SiteFactory()
        site.rank = F("rank") + 1

        with pytest.raises(TypeError) as refusal:
            write(site)

        assert str(refusal.value) == (
            "Site cannot hold an expression as its rank: the history needs the value itself. "
            "Read the record, change it and call save()."
        )
        assert intact(Site.objects.get(pk=site.pk)).version == 1

    def test_a_value_written_otherwise_is_no_change(self):
        site = SiteFactory(latitude=45.5, longitude=4.5)

        Site.objects.update(latitude="45.5")
        Site.objects.update_or_create(defaults={"longitude": "4.5"}, pk=site.pk)

        assert intact(site).version == 1

    def test_get_or_create_finds_what_is_read_of_a_name(self):
        association = AssociationFactory(name="Métropole Stéphanoise")

        found, is_new = Association.objects.get_or_create(name="Métropole\u200b Ste\u0301phanoise")

        assert (found, is_new) == (association, False)

    def test_bulk_create_of_two_releases_of_a_wave_is_refused_in_words(self):
        wave = WaveFactory()
        two = [PressRelease(wave=wave, issued_on=date(2020, 10, 14)) for _ in range(2)]

        with pytest.raises(TypeError, match=r"Call save\(\) on each"):
            PressRelease.objects.bulk_create(two)

        assert not PressRelease.objects.exists()

    def test_update_through_a_reverse_name(self):
        site, association = SiteFactory(), AssociationFactory()

        association.sites.add(site)
        assert (intact(site).association, intact(site).version) == (association, 2)
        association.sites.set([])
        assert (intact(site).association, intact(site).version) == (None, 3)

    def test_a_deletion_that_empties_a_field(self):
        contact, successor = ContactFactory(), ContactFactory()
        contact.replaced_by = successor
        contact.save()

        successor.delete()

        assert (intact(contact).replaced_by, intact(contact).version) == (None, 3)

    def test_a_copy_begins_a_history_of_its_own(self):
        site = SiteFactory(name="PIMMS Nîmes")
        site.note = "Une note"
        site.save()

        site.pk, site.name = None, "PIMMS Alès"
        site.save()

        assert (intact(site).version, Site.objects.count()) == (1, 2)

    def test_a_key_that_is_taken_is_never_written_over(self):
        site = SiteFactory(name="PIMMS Nîmes")

        with pytest.raises(IntegrityError), transaction.atomic():
            Site(pk=site.pk, name="PIMMS Alès", department=site.department).save()

        assert intact(site).name == "PIMMS Nîmes"

    def test_every_record_has_them(self):
        for model in Record.__subclasses__():
            for kind in [model, *model.__subclasses__()]:
                if not kind._meta.abstract:
                    assert isinstance(kind.objects.all(), RecordQuerySet)
                    assert isinstance(kind._base_manager.all(), RecordQuerySet)


class TestSavingWhatAnotherHolds:
    def test_is_refused_once_the_record_is_deleted(self):
        site = SiteFactory()
        mine, theirs = twice(site)
        theirs.delete()

        mine.note = "Ma note"
        with pytest.raises(StaleRecord):
            mine.save()

        assert not Site.objects.exists()

    def test_leaves_the_version_where_it_was_if_the_base_refuses(self):
        site, other = SiteFactory(name="PIMMS Nîmes"), SiteFactory(name="PIMMS Alès")

        site.name = other.name
        with pytest.raises(IntegrityError), transaction.atomic():
            site.save()
        site.name = "PIMMS Sète"
        site.save()

        assert (site.version, intact(site).name) == (2, "PIMMS Sète")

    @pytest.mark.django_db(transaction=True)
    def test_leaves_what_is_chosen_no_longer_once_they_are_done(self):
        site, wave = SiteFactory(), WaveFactory()

        def give_the_label():
            theirs = Site.objects.get(pk=site.pk)
            theirs.wave = wave
            theirs.save()

        with awaited(give_the_label):
            count = Site.objects.filter(wave=None).update(note="Sans label")

        assert count == 0
        assert (intact(site).wave, intact(site).note) == (wave, "")

    @pytest.mark.parametrize("door", ["save", "delete", "update"])
    def test_locks_the_row_first(self, door, monkeypatch):
        site = SiteFactory()
        site.note = "Ma note"
        monkeypatch.setattr(connection.features, "has_select_for_update", True)
        locking = []

        def without_lock(execute, sql, *rest):
            # Not every base knows the words; ours to ask for the lock all the same.
            if sql.endswith(" FOR UPDATE"):
                locking.append(connection.in_atomic_block)
            return execute(sql.removesuffix(" FOR UPDATE"), *rest)

        with connection.execute_wrapper(without_lock):
            if door == "update":
                Site.objects.update(note="Ma note")
            else:
                getattr(site, door)()

        assert locking
        assert all(locking)

    @pytest.mark.django_db(transaction=True)
    def test_keeps_everybody_else_waiting_until_it_is_done(self):
        site = SiteFactory()
        others = []

        def write_meanwhile(**kwargs):
            with ThreadPoolExecutor(1) as pool:
                others.append(pool.submit(impatient_save, site.pk).result())

        pre_save.connect(write_meanwhile, sender=Site)
        try:
            site.note = "Ma note"
            site.save()
        finally:
            pre_save.disconnect(write_meanwhile, sender=Site)

        assert others == ["OperationalError"]
        assert intact(site).note == "Ma note"


def impatient_save(key):
    """Save the note of a site, and do not wait for a lock; return what came of it."""
    wait = "SET lock_timeout = 50" if connection.vendor == "postgresql" else "PRAGMA busy_timeout=0"
    try:
        with connection.cursor() as cursor:
            cursor.execute(wait)
        with transaction.atomic():
            QuerySet(Site).select_for_update().get(pk=key)
        QuerySet(Site).filter(pk=key).update(note="Leur note")
    except OperationalError as refusal:
        return type(refusal).__name__
    finally:
        connection.close()
    return "saved"


class TestDeletingASet:
    def test_deletes_all_or_none(self):
        free = AssociationFactory(name="A")
        SiteFactory(association=AssociationFactory(name="B"))

        with pytest.raises(ProtectedError):
            Association.objects.order_by("name").delete()

        assert Association.objects.count() == 2
        assert Association.objects.filter(pk=free.pk).exists()


class TestAConstraintOnAKey:
    def test_says_nothing_of_a_field_that_is_left_out(self):
        """A form leaves out what is wrong already: one sentence for a field is enough."""
        wave = WaveFactory()
        twin = LabellingWave(name="Autre vague", effective_on=wave.effective_on)

        with pytest.raises(ValidationError, match="commence déjà à cette date"):
            twin.full_clean()
        twin.full_clean(exclude=["effective_on"])

    @pytest.mark.parametrize(
        ("make", "values", "field", "sentence"),
        [
            (RegionFactory, {"code": "99"}, "name", "Une région porte déjà ce nom."),
            (DepartmentFactory, {"code": "99"}, "name", "Un département porte déjà ce nom."),
            (AssociationFactory, {}, "name", "Une association porte déjà ce nom."),
            (
                WaveFactory,
                {"effective_on": date(2021, 1, 1)},
                "name",
                "Une autre vague porte déjà ce nom.",
            ),
            (SiteFactory, {}, "name", "Un site de ce département porte déjà ce nom."),
            (ContactFactory, {}, "name", "Cette personne figure déjà dans les contacts."),
        ],
    )
    def test_speaks_beside_the_name(self, as_manager, make, values, field, sentence):
        record = make(name="Île de l’Étang")
        address = locate_page(record, "add")
        form = filled(as_manager.get(address))
        own = {f.name: getattr(record, f.attname) for f in record._meta.fields if f.editable}
        sent = {name: "" if value is None else str(value) for name, value in own.items()}

        answer = as_manager.post(
            address,
            form | sent | {n: str(v) for n, v in values.items()} | {"name": "ILE DE L'ETANG"},
        )

        assert answer.status_code == 200
        its_page = locate_page(record, "change", record.pk)
        seen = f'<a href="{its_page}">Voir «\u00a0{record}\u00a0»</a>'
        assert answer.context["adminform"].form.errors == {field: [f"{sentence} {seen}"]}


class TestErasingAContact:
    def test_takes_their_history_along(self):
        contact = ContactFactory(name="Prénom Nom")
        contact.role = "Autre fonction"
        contact.save()

        contact.delete()

        assert not PressContact.history.exists()

    def test_leaves_a_release_without_contact(self):
        release = ReleaseFactory(contact=ContactFactory())

        release.contact.delete()

        release.refresh_from_db()
        assert release.contact is None
        assert release.version == release.history.count() == 2
