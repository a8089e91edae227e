import django.core.validators
import django.db.models.deletion
import labelling.models.base
import simple_history.models
from django.conf import settings
from django.db import migrations, models


def complete(apps, schema_editor):
    """Say when what was sent was sent, and what corrects for what it is."""
    releases = apps.get_model("labelling", "PressRelease")._base_manager
    releases.filter(status="sent").update(sent_on=models.F("issued_on"))
    releases.exclude(corrects=None).update(kind="erratum")
    for later in releases.order_by("wave", "pk"):
        earlier = releases.filter(wave=later.wave_id, pk__lt=later.pk).count()
        releases.filter(pk=later.pk).update(number=earlier + 1)
    schema_editor.connection.check_constraints()


def fold(apps, schema_editor):
    """Make every version but one of an original a correction, as there was one per wave."""
    releases = apps.get_model("labelling", "PressRelease")._base_manager
    for later in releases.exclude(replaces=None):
        if later.status == "draft":
            releases.filter(pk=later.pk, corrects=None).update(corrects=later.replaces_id)
        else:
            earlier = releases.filter(pk=later.replaces_id)
            earlier.update(status="final")
            earlier.filter(corrects=None).update(corrects=later.pk)
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0002_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalLetterhead',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('search_key', labelling.models.base.KeyField(default='', editable=False, max_length=2000)),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('slot', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('name', models.CharField(help_text='Imprimé en tête de chaque communiqué : « Union nationale des PIMMS ».', max_length=150, verbose_name='nom')),
                ('colour', models.CharField(default='#1F4E79', help_text='Celle du trait sous le nom, et du nom lui-même dans les fichiers. Assez foncée pour se lire sur du blanc.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Une couleur s’écrit avec un dièse et six signes : #1F4E79.')], verbose_name='couleur')),
                ('second_colour', models.CharField(blank=True, help_text='Celle d’un second trait, plus fin. Laissez vide s’il n’y en a pas.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Une couleur s’écrit avec un dièse et six signes : #1F4E79.')], verbose_name='seconde couleur')),
                ('logo', models.TextField(blank=True, editable=False, verbose_name='logo')),
                ('logo_type', models.CharField(blank=True, choices=[('image/png', 'PNG'), ('image/jpeg', 'JPEG')], editable=False, max_length=20, verbose_name='format du logo')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical en-tête',
                'verbose_name_plural': 'historical en-tête des communiqués',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Letterhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('search_key', labelling.models.base.KeyField(default='', editable=False, max_length=2000)),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('slot', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('name', models.CharField(help_text='Imprimé en tête de chaque communiqué : « Union nationale des PIMMS ».', max_length=150, verbose_name='nom')),
                ('colour', models.CharField(default='#1F4E79', help_text='Celle du trait sous le nom, et du nom lui-même dans les fichiers. Assez foncée pour se lire sur du blanc.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Une couleur s’écrit avec un dièse et six signes : #1F4E79.')], verbose_name='couleur')),
                ('second_colour', models.CharField(blank=True, help_text='Celle d’un second trait, plus fin. Laissez vide s’il n’y en a pas.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9A-Fa-f]{6}$', 'Une couleur s’écrit avec un dièse et six signes : #1F4E79.')], verbose_name='seconde couleur')),
                ('logo', models.TextField(blank=True, editable=False, verbose_name='logo')),
                ('logo_type', models.CharField(blank=True, choices=[('image/png', 'PNG'), ('image/jpeg', 'JPEG')], editable=False, max_length=20, verbose_name='format du logo')),
            ],
            options={
                'verbose_name': 'en-tête',
                'verbose_name_plural': 'en-tête des communiqués',
            },
        ),
        migrations.CreateModel(
            name='SentFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='nom')),
                ('content', models.BinaryField(verbose_name='contenu')),
                ('size', models.PositiveIntegerField(editable=False, verbose_name='taille')),
                ('digest', models.CharField(editable=False, max_length=64, verbose_name='empreinte')),
                ('attached_at', models.DateTimeField(verbose_name='joint le')),
            ],
            options={
                'verbose_name': 'fichier envoyé',
                'verbose_name_plural': 'fichiers envoyés',
                'ordering': ('attached_at', 'pk'),
                'default_permissions': (),
                'base_manager_name': 'objects',
            },
        ),
        migrations.AlterModelOptions(
            name='pressrelease',
            options={'base_manager_name': 'objects', 'ordering': ('-issued_on', '-pk'), 'permissions': (('validate_pressrelease', 'Valider la version définitive d’un communiqué'),), 'verbose_name': 'communiqué de presse', 'verbose_name_plural': 'communiqués de presse'},
        ),
        migrations.RemoveConstraint(
            model_name='pressrelease',
            name='release_is_the_only_original_of_its_wave',
        ),
        migrations.AddField(
            model_name='historicalpresscontact',
            name='replaced_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='labelling.presscontact', verbose_name='remplacé par'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='embargo_until',
            field=models.DateTimeField(blank=True, help_text='Date et heure. La mention est imprimée en haut de chaque fichier, dans son nom et en tête du courriel ; elle prévient, elle ne bloque rien.', null=True, verbose_name='sous embargo jusqu’au'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='errata',
            field=models.TextField(blank=True, help_text='Une ligne par rectification. Laissez « Au lieu de » vide pour ajouter un texte, « Lire » vide pour en supprimer un.', verbose_name='lignes à rectifier'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='kind',
            field=models.CharField(choices=[('original', 'Communiqué'), ('erratum', 'Rectificatif'), ('replacement', 'Annule et remplace')], default='original', editable=False, max_length=12, verbose_name='nature'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='number',
            field=models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='numéro'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_figures',
            field=models.TextField(blank=True, verbose_name='chiffres nationaux'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_lead',
            field=models.TextField(blank=True, verbose_name='chapô'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_list_title',
            field=models.TextField(blank=True, verbose_name='titre de la liste'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_network',
            field=models.TextField(blank=True, verbose_name='phrase sur le réseau'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_title',
            field=models.TextField(blank=True, verbose_name='titre'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='replaces',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='labelling.pressrelease', verbose_name='remplace'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='sent_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='envoyé le'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='validated_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='validé le'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='validated_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='validé par'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='verdicts',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='différences examinées'),
        ),
        migrations.AddField(
            model_name='presscontact',
            name='replaced_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='labelling.presscontact', verbose_name='remplacé par'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='embargo_until',
            field=models.DateTimeField(blank=True, help_text='Date et heure. La mention est imprimée en haut de chaque fichier, dans son nom et en tête du courriel ; elle prévient, elle ne bloque rien.', null=True, verbose_name='sous embargo jusqu’au'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='errata',
            field=models.TextField(blank=True, help_text='Une ligne par rectification. Laissez « Au lieu de » vide pour ajouter un texte, « Lire » vide pour en supprimer un.', verbose_name='lignes à rectifier'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='kind',
            field=models.CharField(choices=[('original', 'Communiqué'), ('erratum', 'Rectificatif'), ('replacement', 'Annule et remplace')], default='original', editable=False, max_length=12, verbose_name='nature'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='number',
            field=models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='numéro'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_figures',
            field=models.TextField(blank=True, verbose_name='chiffres nationaux'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_lead',
            field=models.TextField(blank=True, verbose_name='chapô'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_list_title',
            field=models.TextField(blank=True, verbose_name='titre de la liste'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_network',
            field=models.TextField(blank=True, verbose_name='phrase sur le réseau'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_title',
            field=models.TextField(blank=True, verbose_name='titre'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='replaces',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacement', to='labelling.pressrelease', verbose_name='remplace'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='sent_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='envoyé le'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='validated_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='validé le'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='validated_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='validé par'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='verdicts',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='différences examinées'),
        ),
        migrations.AlterField(
            model_name='historicalpressrelease',
            name='status',
            field=models.CharField(choices=[('draft', 'Brouillon'), ('final', 'Version définitive'), ('sent', 'Envoyé'), ('replaced', 'Remplacé')], default='draft', editable=False, max_length=10, verbose_name='état'),
        ),
        migrations.AlterField(
            model_name='pressrelease',
            name='status',
            field=models.CharField(choices=[('draft', 'Brouillon'), ('final', 'Version définitive'), ('sent', 'Envoyé'), ('replaced', 'Remplacé')], default='draft', editable=False, max_length=10, verbose_name='état'),
        ),
        migrations.RunPython(complete, fold),
        migrations.AddConstraint(
            model_name='pressrelease',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'original'), ('replaces', None)), fields=('wave',), name='release_is_the_only_original_of_its_wave', violation_error_code='wave', violation_error_message='Cette vague a déjà son communiqué.'),
        ),
        migrations.AddConstraint(
            model_name='pressrelease',
            constraint=models.UniqueConstraint(fields=('wave', 'number'), name='release_number_is_unique_in_its_wave', violation_error_message='Un autre communiqué de cette vague vient d’être préparé : recommencez.'),
        ),
        migrations.AddConstraint(
            model_name='pressrelease',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('kind', 'original')), models.Q(models.Q(('kind', 'original'), _negated=True), ('corrects__isnull', False)), _connector='OR'), name='release_that_corrects_says_which', violation_error_message='Un rectificatif dit quel communiqué il rectifie.'),
        ),
        migrations.AddConstraint(
            model_name='pressrelease',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_on__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('sent_on', None)), _connector='OR'), name='release_sent_has_its_date', violation_error_message='Un communiqué envoyé a sa date d’envoi.'),
        ),
        migrations.AddField(
            model_name='historicalletterhead',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='letterhead',
            constraint=models.UniqueConstraint(fields=('slot',), name='letterhead_is_alone', violation_error_message='Il y a déjà un en-tête : modifiez-le.'),
        ),
        migrations.AddConstraint(
            model_name='letterhead',
            constraint=models.CheckConstraint(condition=models.Q(('slot', 1)), name='letterhead_takes_the_only_place'),
        ),
        migrations.AddField(
            model_name='sentfile',
            name='attached_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='joint par'),
        ),
        migrations.AddField(
            model_name='sentfile',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sent_files', to='labelling.pressrelease', verbose_name='communiqué'),
        ),
    ]
