"""Who reads a draft and what they answer; the right to validate, lent until a day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0016_merged_sites'),
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
    ]
