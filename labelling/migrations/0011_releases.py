"""A release says what is true: its sentences, when it left and to whom; it is found by its title."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from labelling import text


def add_titles(apps, schema_editor):
    releases = apps.get_model("labelling", "PressRelease")._base_manager
    for release in releases.order_by("pk"):
        title = release.content["title"] if release.content else release.own_title
        words = text.search_key(title, release.place, release.brand)
        longest = release._meta.get_field("search_key").max_length
        releases.filter(pk=release.pk).update(search_key=words[:longest])


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0010_upkeep'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='historicallabellingwave',
            name='list_closed_on',
            field=models.DateField(blank=True, help_text='Seulement si ce n’est pas le jour de l’annonce. Sans l’une ni l’autre : le jour du comité, sinon celui du label.', null=True, verbose_name='liste arrêtée au'),
        ),
        migrations.AddField(
            model_name='labellingwave',
            name='list_closed_on',
            field=models.DateField(blank=True, help_text='Seulement si ce n’est pas le jour de l’annonce. Sans l’une ni l’autre : le jour du comité, sinon celui du label.', null=True, verbose_name='liste arrêtée au'),
        ),
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('left_on', models.DateField(verbose_name='parti le')),
                ('left_at', models.TimeField(blank=True, null=True, verbose_name='à')),
                ('channel', models.CharField(choices=[('mail', 'Courriel'), ('agency', 'Agence de presse'), ('site', 'Dépôt sur un site'), ('hand', 'Remise en main propre'), ('other', 'Autre moyen')], max_length=10, verbose_name='par')),
                ('recipients', models.CharField(max_length=200, verbose_name='à qui')),
                ('noted_at', models.DateTimeField(editable=False, verbose_name='noté le')),
            ],
            options={
                'verbose_name': 'diffusion',
                'verbose_name_plural': 'diffusions',
                'ordering': ('left_on', models.OrderBy(models.F('left_at'), nulls_last=True), 'pk'),
                'default_permissions': (),
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='historicallabellingwave',
            name='past_release',
            field=models.CharField(blank=True, choices=[('sent', 'Communiqué diffusé avant cet outil'), ('none', 'Pas de communiqué pour cette vague')], editable=False, help_text='Se dit depuis la page « Communiqué » de la vague, où se joint le fichier.', max_length=10, verbose_name='communiqué d’avant cet outil'),
        ),
        migrations.AddField(
            model_name='labellingwave',
            name='past_release',
            field=models.CharField(blank=True, choices=[('sent', 'Communiqué diffusé avant cet outil'), ('none', 'Pas de communiqué pour cette vague')], editable=False, help_text='Se dit depuis la page « Communiqué » de la vague, où se joint le fichier.', max_length=10, verbose_name='communiqué d’avant cet outil'),
        ),
        migrations.AddField(
            model_name='sentfile',
            name='wave',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sent_files', to='labelling.labellingwave', verbose_name='vague'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='event',
            field=models.CharField(choices=[('download', 'Téléchargement'), ('signed_in', 'Connexion'), ('sign_in_failed', 'Connexion refusée'), ('locked', 'Blocage après trop d’essais'), ('unlocked', 'Déblocage'), ('signed_out', 'Déconnexion'), ('sessions_closed', 'Sessions fermées'), ('password_changed', 'Mot de passe changé'), ('invited', 'Invitation'), ('link_made', 'Lien pour un nouveau mot de passe'), ('role_changed', 'Changement de rôle'), ('access_changed', 'Accès ouvert ou fermé'), ('factor_set', 'Seconde étape activée'), ('factor_removed', 'Seconde étape retirée'), ('factor_reset', 'Seconde étape remise à zéro'), ('refused', 'Page refusée'), ('file_removed', 'Fichier envoyé retiré'), ('dispatch_removed', 'Diffusion retirée'), ('sending_taken_back', 'Marque « Envoyé » retirée'), ('backed_up', 'Sauvegarde'), ('rehearsed', 'Restauration répétée'), ('task_failed', 'Tâche en échec'), ('task_recovered', 'Tâche rétablie')], max_length=30, verbose_name='action'),
        ),
        migrations.AlterField(
            model_name='sentfile',
            name='release',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sent_files', to='labelling.pressrelease', verbose_name='communiqué'),
        ),
        migrations.AddConstraint(
            model_name='sentfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('release', None), ('wave__isnull', False)), models.Q(('release__isnull', False), ('wave', None)), _connector='OR'), name='sent_file_is_of_a_release_or_of_a_wave', violation_error_message='Un fichier envoyé est celui d’un communiqué, ou d’une vague qui n’en a pas ici.'),
        ),
        migrations.AddField(
            model_name='dispatch',
            name='noted_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='noté par'),
        ),
        migrations.AddField(
            model_name='dispatch',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='labelling.pressrelease', verbose_name='communiqué'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_ends',
            field=models.TextField(blank=True, max_length=20000, verbose_name='fins de label'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='own_newcomers',
            field=models.TextField(blank=True, max_length=20000, verbose_name='nouveaux labellisés'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='prints_ends',
            field=models.BooleanField(default=False, verbose_name='imprimer la phrase sur les fins de label'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='prints_newcomers',
            field=models.BooleanField(default=False, verbose_name='imprimer la phrase sur les nouveaux labellisés'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='quote',
            field=models.TextField(blank=True, help_text='Les mots de la personne, imprimés entre guillemets après les paragraphes.', max_length=20000, verbose_name='citation'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='quote_name',
            field=models.CharField(blank=True, max_length=200, verbose_name='nom de la personne citée'),
        ),
        migrations.AddField(
            model_name='historicalpressrelease',
            name='quote_role',
            field=models.CharField(blank=True, help_text='Telle qu’elle suit le nom : « présidente de l’Union nationale des PIMMS ».', max_length=200, verbose_name='fonction de la personne citée'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_ends',
            field=models.TextField(blank=True, max_length=20000, verbose_name='fins de label'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='own_newcomers',
            field=models.TextField(blank=True, max_length=20000, verbose_name='nouveaux labellisés'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='prints_ends',
            field=models.BooleanField(default=False, verbose_name='imprimer la phrase sur les fins de label'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='prints_newcomers',
            field=models.BooleanField(default=False, verbose_name='imprimer la phrase sur les nouveaux labellisés'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='quote',
            field=models.TextField(blank=True, help_text='Les mots de la personne, imprimés entre guillemets après les paragraphes.', max_length=20000, verbose_name='citation'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='quote_name',
            field=models.CharField(blank=True, max_length=200, verbose_name='nom de la personne citée'),
        ),
        migrations.AddField(
            model_name='pressrelease',
            name='quote_role',
            field=models.CharField(blank=True, help_text='Telle qu’elle suit le nom : « présidente de l’Union nationale des PIMMS ».', max_length=200, verbose_name='fonction de la personne citée'),
        ),
        migrations.RunPython(add_titles, migrations.RunPython.noop, elidable=True),
    ]
