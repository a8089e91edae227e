"""What two records of one site share is stored: of many sites, it is looked up."""

import labelling.models.base
from django.db import migrations, models

_PER_BATCH = 500
_FILLING = {
    *("pimms", "mediation", "france", "service", "services", "espace", "point"),
    *("de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et"),
}
_SIGNS = str.maketrans(dict.fromkeys('().,;:/&+«»"', " "))


def compute_keys(apps, schema_editor):
    sites = apps.get_model("labelling", "Site")._base_manager
    keys = list(sites.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(keys), _PER_BATCH):
        batch = list(sites.filter(pk__in=keys[first : first + _PER_BATCH]))
        for site in batch:
            words = {*site.sort_key.translate(_SIGNS).split()} - _FILLING
            site.telling_key = " ".join(sorted(words))
        sites.bulk_update(batch, ["telling_key"])


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0017_search_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalsite',
            name='telling_key',
            field=labelling.models.base.KeyField(default='', editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name='site',
            name='telling_key',
            field=labelling.models.base.KeyField(default='', editable=False, max_length=300),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['department', 'telling_key', 'withdrawn_on'], name='site_telling_key'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['department', 'state_name', 'withdrawn_on'], name='site_state_name'),
        ),
        migrations.RunPython(compute_keys, migrations.RunPython.noop, elidable=False),
    ]
