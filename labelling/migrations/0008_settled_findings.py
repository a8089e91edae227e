"""What a person said not to tell any more, and the names that imports made of the State's."""

import hashlib
import json

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

_RULE, _MOTIVE = "Q005", "Notre fin de label fait foi"
_OF_END = {"model_key": "site", "field": "withdrawn_on"}
_BATCH = 500


def note_made_names(apps, schema_editor):
    """The names that imports made and that are as they were made; versions do not change."""
    rows = apps.get_model("labelling", "ImportRow")
    made = rows._base_manager.filter(
        run__model_key="site",
        run__status="applied",
        state="new",
        is_to_name=True,
        is_aside=False,
        record_id__isnull=False,
    )
    names = {key: after.get("name") for key, after in made.values_list("record_id", "after")}
    site, history = apps.get_model("labelling", "Site"), apps.get_model("labelling", "HistoricalSite")
    keys = sorted(names)
    for start in range(0, len(keys), _BATCH):
        for row in site._base_manager.filter(pk__in=keys[start : start + _BATCH]):
            if row.name == names[row.pk]:
                told = history._base_manager.filter(id=row.pk, version=row.version, name=row.name)
                told.update(made_name=row.name)
                site._base_manager.filter(pk=row.pk).update(made_name=row.name)


def move_answers(apps, schema_editor):
    """« Notre fin de label fait foi » was a value refused: it is an exception accepted."""
    kept = apps.get_model("labelling", "KeptValue")._base_manager.filter(**_OF_END)
    accepted = apps.get_model("labelling", "AcceptedFinding")
    sites = apps.get_model("labelling", "Site")._base_manager.exclude(withdrawn_on=None)
    days = dict(sites.values_list("pk", "withdrawn_on"))
    for row in kept.order_by("pk"):
        if row.value is None and (day := days.get(row.record_id)):
            accepted._base_manager.create(
                rule=_RULE,
                model_key="site",
                record_id=row.record_id,
                evidence=hashlib.sha256(json.dumps([day.isoformat()]).encode()).hexdigest(),
                motive=_MOTIVE,
                accepted_by_id=row.refused_by_id,
                accepted_at=row.refused_at,
            )
            row.delete()


def move_answers_back(apps, schema_editor):
    kept = apps.get_model("labelling", "KeptValue")._base_manager
    accepted = apps.get_model("labelling", "AcceptedFinding")._base_manager.filter(rule=_RULE)
    for row in accepted.order_by("pk"):
        kept.get_or_create(
            record_id=row.record_id,
            **_OF_END,
            defaults={
                "value": None,
                "refused_by_id": row.accepted_by_id,
                "refused_at": row.accepted_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("labelling", "0007_recognition"),
    ]

    operations = [
        *(
            migrations.AddField(
                model,
                "made_name",
                models.CharField(
                    "nom fait par un import",
                    max_length=200,
                    blank=True,
                    editable=False,
                    default="",
                ),
            )
            for model in ("site", "historicalsite")
        ),
        migrations.CreateModel(
            name="AcceptedFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField("règle", max_length=10)),
                ("model_key", models.CharField(max_length=30)),
                ("record_id", models.BigIntegerField()),
                ("evidence", models.CharField("empreinte", max_length=64)),
                ("motive", models.CharField("motif", max_length=300)),
                ("until", models.DateField("jusqu’au", null=True, blank=True)),
                (
                    "accepted_at",
                    models.DateTimeField("acceptée le", default=django.utils.timezone.now),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "verbose_name": "exception acceptée",
                "verbose_name_plural": "exceptions acceptées",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "model_key", "record_id"),
                        name="accepted_finding_is_unique_by_record",
                        violation_error_message="Ce signalement est déjà accepté.",
                    )
                ],
            },
        ),
        # Last: PostgreSQL alters no table that it has just been writing to.
        migrations.RunPython(note_made_names, migrations.RunPython.noop),
        migrations.RunPython(move_answers, move_answers_back),
    ]
