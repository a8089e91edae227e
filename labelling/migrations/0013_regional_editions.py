"""A release has the regional editions that a person chose, with their words."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0012_release_map'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalpressrelease',
            name='editions',
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name='éditions régionales'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='editions',
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name='éditions régionales'),
        ),
    ]
