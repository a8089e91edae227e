"""What a file is understood by: whose lines, how old, and who taught which heading."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("labelling", "0006_legible_texts"),
    ]

    operations = [
        migrations.RenameField("importrun", "is_national_list", "is_mostly_foreign"),
        migrations.AlterField(
            "importrun",
            "is_mostly_foreign",
            models.BooleanField("surtout d’autres réseaux", default=False),
        ),
        migrations.AddField(
            "importrun",
            "is_older",
            models.BooleanField("plus ancien que nos fiches", default=False),
        ),
        migrations.AddField("importrun", "answers", models.JSONField("réponses", null=True)),
        migrations.AddField(
            "importrun",
            "association",
            models.ForeignKey(
                "labelling.association",
                django.db.models.deletion.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="association des nouveaux sites",
            ),
        ),
        migrations.AlterField(
            "importrow",
            "state",
            models.CharField(
                "état",
                max_length=10,
                choices=[
                    ("new", "Nouvelles"),
                    ("changed", "Modifiées"),
                    ("unchanged", "Inchangées"),
                    ("wrong", "À corriger"),
                    ("which", "Quel site\u202f?"),
                    ("maybe", "Du réseau\u202f?"),
                    ("outside", "Hors réseau"),
                ],
            ),
        ),
        # Nobody knows who taught what was known before.
        migrations.AddField(
            "columnmapping", "taught_at", models.DateTimeField("appris le", null=True)
        ),
        migrations.AlterField(
            "columnmapping",
            "taught_at",
            models.DateTimeField("appris le", null=True, default=django.utils.timezone.now),
        ),
        migrations.AddField(
            "columnmapping",
            "taught_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
            ),
        ),
        migrations.AddField(
            "columnmapping",
            "run",
            models.ForeignKey(
                "labelling.importrun",
                django.db.models.deletion.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="import",
            ),
        ),
    ]
