"""What is counted of many sites is read from an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0018_telling_keys'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['wave', 'withdrawn_on', 'department', 'association', 'format', 'in_priority_district'], name='site_labels'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['made_name'], name='site_made_name'),
        ),
    ]
