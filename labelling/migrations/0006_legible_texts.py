"""Texts become what is read of them, and digits are 0 to 9 alone.

Two rows that look the same cannot be made one by a program: the second one's name gets a number
that is seen, « Métropole Stéphanoise (2) », and a person decides.
"""

import unicodedata
from itertools import chain

import django.core.validators
from django.conf import settings
from django.db import IntegrityError, migrations, models, transaction
from django.utils import timezone
from django.utils.text import slugify

from labelling import text

# What each record is searched by, and the key that its name is sorted or called by.
_RECORDS = {
    "Region": (("code", "name"), "sort_key"),
    "Department": (("code", "name"), "sort_key"),
    "Association": (("name",), "sort_key"),
    "LabellingWave": (("name",), "slug"),
    "PressContact": (("name", "role", "organisation"), "sort_key"),
    "Letterhead": (("name",), None),
    "Site": (("name", "state_name", "commune", "postcode", "france_services_id"), "sort_key"),
    "PressRelease": (("place", "brand"), None),
}
_COMPUTED = ("search_key", "sort_key", "slug")
# What the digits of other scripts were taken for.
_DIGITS = ("postcode", "commune_code")
_ACCOUNT = ("username", "first_name", "last_name", "email")


def make_legible(apps, schema_editor):
    """Take out what nobody sees, but of what was validated; one entry in each history."""
    for name, (searched, key) in _RECORDS.items():
        model = apps.get_model("labelling", name)
        for row in model._base_manager.order_by("pk"):
            if getattr(row, "status", "draft") == "draft" and _differs(row, _legible(row)):
                _rewrite(row, searched, key, apps.get_model("labelling", f"Historical{name}"))
    for kept in apps.get_model("labelling", "KeptValue")._base_manager.order_by("pk"):
        if isinstance(kept.value, str) and text.legible(kept.value) != kept.value:
            kept.value = text.legible(kept.value)
            kept.save()
    for person in apps.get_model(settings.AUTH_USER_MODEL)._base_manager.order_by("pk"):
        values = {name: text.legible(getattr(person, name)) for name in _ACCOUNT}
        if _differs(person, values):
            _written(person, values)
    schema_editor.connection.check_constraints()


def _legible(row):
    values = {
        field.attname: text.legible(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and field.name not in _COMPUTED
    }
    for name in values.keys() & set(_DIGITS):
        values[name] = "".join(str(unicodedata.decimal(sign, sign)) for sign in values[name])
    return values


def _differs(row, values):
    return any(getattr(row, name) != value for name, value in values.items())


def _rewrite(row, searched, key, history):
    values = {**_legible(row), "version": row.version + 1}
    longest = {field.name: field.max_length for field in row._meta.concrete_fields}
    numbered = (f" ({number})" for number in range(2, 10))
    for suffix in chain([""], numbered if key else []):
        named = dict(values)
        if key:
            named["name"] = values["name"][: longest["name"] - len(suffix)] + suffix
            plain = text.sort_key(named["name"])
            named[key] = (slugify(plain) if key == "slug" else plain)[: longest[key]]
        words = text.search_key(*(named[name] for name in searched))
        named["search_key"] = words[: longest["search_key"]]
        if _written(row, named):
            history._base_manager.create(
                **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields},
                history_date=timezone.now(),
                history_type="~",
                history_change_reason="Caractères invisibles retirés",
            )
            return
    # A code or a number is taken: what the constraints ask for, and nothing else.
    row.refresh_from_db()
    _written(row, {name: values[name] for name in _DIGITS if name in values})


def _written(row, values):
    """Whether the row took its new values: what must be unique may be taken."""
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True


class Migration(migrations.Migration):

    dependencies = [
        ('labelling', '0005_journal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(make_legible, migrations.RunPython.noop, elidable=False),
        migrations.RemoveConstraint(
            model_name='site',
            name='site_postcode_has_five_digits',
        ),
        migrations.RemoveConstraint(
            model_name='site',
            name='site_commune_code_has_five_characters',
        ),
        # Lengths and patterns that forms ask for: no column changes, so no table is made anew.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='department',
                    name='code',
                    field=models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^([0-9]{2}|2[AB]|97[0-9])$', 'Le code d’un département s’écrit 01, 2A ou 971.')], verbose_name='code INSEE'),
                ),
                migrations.AlterField(
                    model_name='historicaldepartment',
                    name='code',
                    field=models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^([0-9]{2}|2[AB]|97[0-9])$', 'Le code d’un département s’écrit 01, 2A ou 971.')], verbose_name='code INSEE'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='about',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='à propos de l’Union'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='attendance',
                    field=models.TextField(blank=True, help_text='Le paragraphe qui dit qui a pris part au comité.', max_length=20000, verbose_name='présents au comité de pilotage'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='closing',
                    field=models.TextField(blank=True, help_text='Imprimés après les chiffres, avant la liste.', max_length=20000, verbose_name='autres paragraphes'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='errata',
                    field=models.TextField(blank=True, help_text='Une ligne par rectification. Laissez «\xa0Au lieu de\xa0» vide pour ajouter un texte, «\xa0Lire\xa0» vide pour en supprimer un.', max_length=20000, verbose_name='lignes à rectifier'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='own_figures',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='chiffres nationaux'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='own_lead',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='chapô'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='own_list_title',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='titre de la liste'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='own_network',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='phrase sur le réseau'),
                ),
                migrations.AlterField(
                    model_name='historicalpressrelease',
                    name='own_title',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='titre'),
                ),
                migrations.AlterField(
                    model_name='historicalregion',
                    name='code',
                    field=models.CharField(max_length=2, validators=[django.core.validators.RegexValidator('^[0-9]{2}$', 'Le code d’une région a deux chiffres\xa0: 84.')], verbose_name='code INSEE'),
                ),
                migrations.AlterField(
                    model_name='historicalsite',
                    name='note',
                    field=models.TextField(blank=True, help_text='Pour l’équipe\u202f; jamais imprimée.', max_length=20000, verbose_name='note interne'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='about',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='à propos de l’Union'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='attendance',
                    field=models.TextField(blank=True, help_text='Le paragraphe qui dit qui a pris part au comité.', max_length=20000, verbose_name='présents au comité de pilotage'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='closing',
                    field=models.TextField(blank=True, help_text='Imprimés après les chiffres, avant la liste.', max_length=20000, verbose_name='autres paragraphes'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='errata',
                    field=models.TextField(blank=True, help_text='Une ligne par rectification. Laissez «\xa0Au lieu de\xa0» vide pour ajouter un texte, «\xa0Lire\xa0» vide pour en supprimer un.', max_length=20000, verbose_name='lignes à rectifier'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='own_figures',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='chiffres nationaux'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='own_lead',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='chapô'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='own_list_title',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='titre de la liste'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='own_network',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='phrase sur le réseau'),
                ),
                migrations.AlterField(
                    model_name='pressrelease',
                    name='own_title',
                    field=models.TextField(blank=True, max_length=20000, verbose_name='titre'),
                ),
                migrations.AlterField(
                    model_name='region',
                    name='code',
                    field=models.CharField(max_length=2, validators=[django.core.validators.RegexValidator('^[0-9]{2}$', 'Le code d’une région a deux chiffres\xa0: 84.')], verbose_name='code INSEE'),
                ),
                migrations.AlterField(
                    model_name='site',
                    name='note',
                    field=models.TextField(blank=True, help_text='Pour l’équipe\u202f; jamais imprimée.', max_length=20000, verbose_name='note interne'),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('postcode', ''), ('postcode__regex', '^[0-9]{5}$'), _connector='OR'), name='site_postcode_has_five_digits', violation_error_code='postcode', violation_error_message='Un code postal a cinq chiffres\xa0: 42000.'),
        ),
        migrations.AddConstraint(
            model_name='site',
            constraint=models.CheckConstraint(condition=models.Q(('commune_code', ''), ('commune_code__regex', '^([0-9]{2}|2[AB])[0-9]{3}$'), _connector='OR'), name='site_commune_code_has_five_characters', violation_error_code='commune_code', violation_error_message='Un code commune de l’INSEE a cinq caractères\xa0: 42218, 2A004.'),
        ),
    ]
