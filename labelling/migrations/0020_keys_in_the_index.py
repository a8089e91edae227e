"""The index of what is counted holds the keys too: a base reads nothing else to list them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0019_counting_indexes'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='site',
            name='site_labels',
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['wave', 'withdrawn_on', 'department', 'association', 'format', 'in_priority_district', 'id'], name='site_labels'),
        ),
    ]
