"""Who comes in: until when, what was tried, and what the journal keeps of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('labelling', '0008_settled_findings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='account', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('access_until', models.DateField(blank=True, null=True, verbose_name='accès jusqu’au')),
                ('session_number', models.PositiveIntegerField(default=0)),
                ('factor_announced_on', models.DateField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'accès',
                'verbose_name_plural': 'accès',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('count', models.PositiveIntegerField(default=0)),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': 'décompte d’essais',
                'verbose_name_plural': 'décomptes d’essais',
                'default_permissions': (),
            },
        ),
        migrations.AlterField(
            model_name='journalentry',
            name='event',
            field=models.CharField(choices=[('download', 'Téléchargement'), ('signed_in', 'Connexion'), ('sign_in_failed', 'Connexion refusée'), ('locked', 'Blocage après trop d’essais'), ('unlocked', 'Déblocage'), ('signed_out', 'Déconnexion'), ('sessions_closed', 'Sessions fermées'), ('password_changed', 'Mot de passe changé'), ('invited', 'Invitation'), ('link_made', 'Lien pour un nouveau mot de passe'), ('role_changed', 'Changement de rôle'), ('access_changed', 'Accès ouvert ou fermé'), ('factor_set', 'Seconde étape activée'), ('factor_removed', 'Seconde étape retirée'), ('factor_reset', 'Seconde étape remise à zéro'), ('refused', 'Page refusée'), ('file_removed', 'Fichier envoyé retiré')], max_length=30, verbose_name='action'),
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=models.Index(fields=['model_key', 'record_id'], name='journal_of_one_record'),
        ),
    ]
