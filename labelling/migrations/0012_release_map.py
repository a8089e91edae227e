"""A release has the map of its sites, if a person asks for it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0011_releases'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalpressrelease',
            name='prints_map',
            field=models.BooleanField(default=False, help_text='La carte des sites de la liste, les nouveaux marqués. Imprimée après la liste, dans le PDF, Word, le texte OpenDocument et la page HTML.', verbose_name='joindre la carte'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='prints_map',
            field=models.BooleanField(default=False, help_text='La carte des sites de la liste, les nouveaux marqués. Imprimée après la liste, dans le PDF, Word, le texte OpenDocument et la page HTML.', verbose_name='joindre la carte'),
        ),
    ]
