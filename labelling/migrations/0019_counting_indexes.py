"""What is counted of many sites is read from an index alone, and few among many are found."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0018_telling_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='historicalassociation',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='association_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicaldepartment',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='department_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicallabellingwave',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='labellingwave_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicalletterhead',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='letterhead_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicalpresscontact',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='presscontact_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicalpressrelease',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='pressrelease_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicalregion',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='region_by_people'),
        ),
        migrations.AddIndex(
            model_name='historicalsite',
            index=models.Index(condition=models.Q(('history_user__isnull', False)), fields=['-history_date', '-history_id'], name='site_by_people'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['wave', 'withdrawn_on', 'department', 'association', 'format', 'in_priority_district'], name='site_labels'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['made_name'], name='site_made_name'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['sort_key'], name='site_sort_key'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['rank', 'department'], name='site_rank'),
        ),
    ]
