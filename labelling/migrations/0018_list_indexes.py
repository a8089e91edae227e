"""The sites stand in their order: a page of their list sorts none of the others."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0016_merged_sites'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['sort_key'], name='site_in_order'),
        ),
    ]
