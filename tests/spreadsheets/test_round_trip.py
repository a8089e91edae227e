"""A download comes back: untouched it changes nothing, edited it respects what others did since."""

import csv
import io
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from labelling.choices import RowState, SiteFormat, WithdrawalReason
from labelling.models import Department, ImportRun, Site
from labelling.spreadsheets import exporting
from labelling.spreadsheets.resources import RESOURCES
from labelling.spreadsheets.runs import preparation, repairs
from labelling.spreadsheets.runs.apply import apply
from labelling.spreadsheets.runs.rights import ImportRefused
from tests.factories import AssociationFactory, ContactFactory, SiteFactory, WaveFactory
from tests.spreadsheets.prepared import reasons, row, states

EXTENSIONS = ("xlsx", "ods", "csv")
IMPORTED = tuple(key for key, resource in RESOURCES.items() if resource.is_imported)
NOTES = ["Situation arrêtée au 23\u00a0novembre 2026 – Gard, «\u00a0nimes\u00a0»"]
NOTHING_TO_APPLY = "Il n’y a rien à appliquer\u00a0: aucune fiche ne change."


def come_back(data: bytes, model_key: str, extension: str) -> ImportRun:
    return preparation.prepare(data, name=f"x.{extension}", model_key=model_key)


def downloaded(model_key: str, extension: str = "csv") -> bytes:
    return exporting.download(RESOURCES[model_key](), extension, notes=NOTES)


def assert_changes_nothing(run: ImportRun) -> None:
    model = RESOURCES[run.model_key]._meta.model
    entries = model.history.count()

    assert set(states(run).values()) == {RowState.UNCHANGED}, [
        (line.number, line.state, line.problems, line.before, line.after)
        for line in run.rows.exclude(state=RowState.UNCHANGED)
    ]
    assert len(states(run)) == model.objects.count()
    with pytest.raises(ImportRefused) as refusal:
        apply(run, None)
    assert str(refusal.value) == NOTHING_TO_APPLY
    assert model.history.count() == entries


class TestAnUntouchedDownload:
    @pytest.mark.parametrize("extension", EXTENSIONS)
    @pytest.mark.parametrize("model_key", IMPORTED)
    def test_changes_nothing(self, model_key, extension, network):
        """I11, R9, R17."""
        ContactFactory(phone="0466012345", email="prenom.nom@example.org", role="=1+1")
        ContactFactory(name="Prénom Standard", phone="poste 12")

        run = come_back(downloaded(model_key, extension), model_key, extension)

        assert_changes_nothing(run)

    @pytest.mark.parametrize("extension", EXTENSIONS)
    def test_of_one_part_changes_nothing_either(self, extension, network):
        gard = Site.objects.filter(department__code="30")
        data = exporting.download(RESOURCES["site"](), extension, gard, notes=NOTES)

        run = come_back(data, "site", extension)

        assert list(states(run).values()) == [RowState.UNCHANGED] * gard.count()


# What a form or an import lets into a record: no control characters, nothing to strip.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(["=1+1", "+33", "-5", "@x", "'=1", '"', "a;b", "1.0", "01", "#N/A", "<r>x"]),
).map(lambda words: " ".join(words.split()))
long_texts = st.lists(texts, max_size=3).map(lambda lines: "\n".join(lines).strip())
names = texts.map(lambda words: words.rstrip("* ") or "PIMMS")
coordinates = st.one_of(st.none(), st.floats(-90, 90))

sites = st.lists(
    st.fixed_dictionaries(
        {
            "name": names,
            "state_name": texts,
            "department": st.sampled_from(["01", "2A", "30", "974"]),
            "address": texts,
            "commune": texts,
            "postcode": st.from_regex(r"\A[0-9]{5}\Z"),
            "commune_code": st.sampled_from(["", "01004", "2A004", "30189"]),
            "note": long_texts,
            "latitude": coordinates,
            "longitude": coordinates,
            "rank": st.one_of(st.none(), st.integers(0, 32767)),
            "format": st.sampled_from(["", *SiteFormat.values]),
            "in_priority_district": st.sampled_from([None, True, False]),
            "ended": st.one_of(
                st.none(),
                st.tuples(
                    st.dates(date(2020, 9, 2), date(2100, 12, 31)),
                    st.sampled_from(WithdrawalReason.values),
                ),
            ),
        }
    ),
    min_size=1,
    max_size=4,
)


def store(number: int, values: dict) -> None:
    """Store a site as a form does; a name that others have gets a number."""
    ended = values.pop("ended")
    department = Department.objects.get(code=values.pop("department"))
    name = f"{values.pop('name')} {number}"
    if (values["latitude"] is None) != (values["longitude"] is None):
        values["latitude"] = values["longitude"] = None
    site = Site(name=name, department=department, france_services_id=str(9000 + number), **values)
    if ended:
        site.withdrawn_on, site.withdrawal_reason = ended
    site.wave = WaveFactory()
    site.association = AssociationFactory(name=f"Association {number}")
    site.full_clean()
    site.save()


class TestAnUntouchedDownloadOfAnySites:
    @pytest.mark.parametrize("extension", EXTENSIONS)
    @settings(
        max_examples=5,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(generated=sites)
    def test_changes_nothing(self, extension, network, generated):
        """R17."""
        with transaction.atomic():
            for number, values in enumerate(generated):
                store(number, dict(values))

            run = come_back(downloaded("site", extension), "site", extension)

            assert_changes_nothing(run)
            transaction.set_rollback(True)


def edited(data: bytes, **cells: str) -> bytes:
    """A CSV download in which somebody writes over the cells of its only line, by heading."""
    note, headings, line = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    for heading, value in cells.items():
        line[headings.index(heading)] = value
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([note, headings, line])
    return written.getvalue().encode()


@pytest.fixture
def site(db):
    return SiteFactory(name="PIMMS Nîmes", commune="Nîmes", postcode="30000")


def saved_by_a_colleague(site: Site, **values: str) -> None:
    colleague = Site.objects.get(pk=site.pk)
    for name, value in values.items():
        setattr(colleague, name, value)
    colleague.save()


class TestADownloadEditedWhileSomebodyElseSavedTheRecord:
    """The version that the sheet bears tells what each of the two changed."""

    def test_shows_the_three_values_where_both_changed_one(self, site):
        data = downloaded("site")
        saved_by_a_colleague(site, commune="Alès")

        run = come_back(edited(data, Commune="Uzès"), "site", "csv")

        assert states(run) == {3: RowState.WRONG}
        assert reasons(run, 3) == [
            (
                "Une autre personne a modifié cette valeur depuis le téléchargement\u00a0: "
                "«\u00a0Nîmes\u00a0» alors, «\u00a0Alès\u00a0» aujourd’hui, «\u00a0Uzès\u00a0» "
                "dans le fichier. Gardez la nôtre, ou prenez la valeur du fichier."
            )
        ]
        assert (row(run, 3).label, row(run, 3).version) == ("PIMMS Nîmes", 2)

    @pytest.mark.parametrize(
        ("decision", "commune", "version"), [("file", "Uzès", 3), ("ours", "Alès", 2)]
    )
    def test_writes_what_is_decided_then(self, decision, commune, version, site):
        data = downloaded("site")
        saved_by_a_colleague(site, commune="Alès")
        run = come_back(edited(data, Commune="Uzès"), "site", "csv")

        repairs.decide(run, None, row(run, 3).pk, "commune", decision)
        if decision == "file":
            apply(run, None)

        site.refresh_from_db()
        assert (site.commune, site.version) == (commune, version)

    def test_leaves_the_other_s_values_where_the_file_was_not_touched(self, site):
        data = downloaded("site")
        saved_by_a_colleague(site, commune="Alès")

        run = come_back(edited(data, **{"Code postal": "30100"}), "site", "csv")
        apply(run, None)

        site.refresh_from_db()
        assert (site.commune, site.postcode, site.version) == ("Alès", "30100", 3)

    def test_changes_nothing_if_the_file_was_not_touched_at_all(self, site):
        data = downloaded("site")
        saved_by_a_colleague(site, commune="Alès")

        run = come_back(data, "site", "csv")

        assert states(run) == {3: RowState.UNCHANGED}

    def test_agrees_where_both_wrote_the_same(self, site):
        data = downloaded("site")
        saved_by_a_colleague(site, commune="Alès")

        run = come_back(edited(data, Commune="Alès"), "site", "csv")

        assert states(run) == {3: RowState.UNCHANGED}

    def test_says_that_a_record_is_no_more(self, site):
        data = downloaded("site")
        site.delete()

        run = come_back(data, "site", "csv")

        assert reasons(run, 3) == [
            (
                "Cette fiche n’existe plus. Videz cette cellule pour en créer une autre, "
                "ou mettez la ligne de côté."
            )
        ]
