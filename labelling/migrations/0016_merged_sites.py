"""Where the key of a record leads that was merged with another of the same site."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0014_draft_texts'),
    ]

    operations = [
        migrations.CreateModel(
            name='MergedSite',
            fields=[
                ('key', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='ancienne fiche n°')),
                ('into', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merged', to='labelling.site', verbose_name='fusionnée avec')),
            ],
            options={
                'verbose_name': 'fiche fusionnée',
                'verbose_name_plural': 'fiches fusionnées',
                'default_permissions': (),
            },
        ),
    ]
