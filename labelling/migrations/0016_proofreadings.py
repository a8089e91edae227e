"""Who reads a draft and what they answer; the right to validate, lent until a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0015_merged_sites'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='validates_until',
            field=models.DateField(blank=True, null=True, verbose_name='responsable jusqu’au'),
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='event',
            field=models.CharField(choices=[('download', 'Téléchargement'), ('signed_in', 'Connexion'), ('sign_in_failed', 'Connexion refusée'), ('locked', 'Blocage après trop d’essais'), ('unlocked', 'Déblocage'), ('signed_out', 'Déconnexion'), ('sessions_closed', 'Sessions fermées'), ('password_changed', 'Mot de passe changé'), ('invited', 'Invitation'), ('link_made', 'Lien pour un nouveau mot de passe'), ('role_changed', 'Changement de rôle'), ('access_changed', 'Accès ouvert ou fermé'), ('right_lent', 'Droit de valider prêté ou repris'), ('factor_set', 'Seconde étape activée'), ('factor_removed', 'Seconde étape retirée'), ('factor_reset', 'Seconde étape remise à zéro'), ('refused', 'Page refusée'), ('file_removed', 'Fichier envoyé retiré'), ('dispatch_removed', 'Diffusion retirée'), ('sending_taken_back', 'Marque « Envoyé » retirée'), ('backed_up', 'Sauvegarde'), ('rehearsed', 'Restauration répétée'), ('task_failed', 'Tâche en échec'), ('task_recovered', 'Tâche rétablie')], max_length=30, verbose_name='action'),
        ),
        migrations.CreateModel(
            name='Proofreading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader_name', models.CharField(max_length=301, verbose_name='nom')),
                ('way', models.CharField(choices=[('here', 'Dans cet outil'), ('mail', 'Courriel'), ('phone', 'Téléphone')], default='here', max_length=10, verbose_name='moyen')),
                ('asked_at', models.DateTimeField(null=True, verbose_name='demandée le')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='message')),
                ('answer', models.CharField(blank=True, choices=[('read', 'Relu'), ('review', 'À revoir')], max_length=10, verbose_name='réponse')),
                ('answer_note', models.TextField(blank=True, max_length=2000, verbose_name='remarques')),
                ('answered_on', models.DateField(null=True, verbose_name='répondue le')),
                ('noted_at', models.DateTimeField(null=True, verbose_name='notée le')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par')),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='notée par')),
                ('reader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='qui relit')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofreadings', to='labelling.pressrelease', verbose_name='communiqué')),
                ('text', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='labelling.drafttext', verbose_name='version lue')),
            ],
            options={
                'verbose_name': 'relecture',
                'verbose_name_plural': 'relectures',
                'ordering': ('-pk',),
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('release', 'reader'), name='proofreading_is_asked_once_at_a_time', violation_error_message='Une relecture est déjà demandée à cette personne.'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_on', None), ('noted_at', None), ('text', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_on__isnull', False), ('noted_at__isnull', False)), _connector='OR'), name='proofreading_answer_has_its_day', violation_error_message='Une réponse dit quel jour elle a été donnée.'), models.CheckConstraint(condition=models.Q(models.Q(('asked_at__isnull', False), ('way', 'here')), models.Q(models.Q(('way', 'here'), _negated=True), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='proofreading_is_asked_or_received', violation_error_message='Une relecture reçue par courriel ou par téléphone a sa réponse.')],
            },
        ),
    ]
