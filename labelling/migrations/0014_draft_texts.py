"""The texts of drafts that somebody has are kept; and what a corrected Word file says."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0013_regional_editions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DraftText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='empreinte')),
                ('content', models.JSONField(verbose_name='contenu')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='gardé le')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='draft_texts', to='labelling.pressrelease', verbose_name='communiqué')),
            ],
            options={
                'verbose_name': 'version d’un brouillon',
                'verbose_name_plural': 'versions d’un brouillon',
                'ordering': ('made_at', 'pk'),
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ReturnedWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='nom')),
                ('document', models.JSONField(verbose_name='ce qui a été lu')),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='lu le')),
                ('read_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='déposé par')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='returned_words', to='labelling.pressrelease', verbose_name='communiqué')),
                ('text', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='labelling.drafttext', verbose_name='version')),
            ],
            options={
                'verbose_name': 'Word corrigé',
                'verbose_name_plural': 'Word corrigés',
                'ordering': ('read_at', 'pk'),
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='drafttext',
            constraint=models.UniqueConstraint(fields=('release', 'digest'), name='draft_text_is_kept_once', violation_error_message='Cette version du brouillon est déjà gardée.'),
        ),
        migrations.AddConstraint(
            model_name='returnedword',
            constraint=models.UniqueConstraint(fields=('release', 'read_by'), name='returned_word_is_the_last_of_a_person', violation_error_message='Vous avez déjà déposé un Word sur ce brouillon.'),
        ),
    ]
