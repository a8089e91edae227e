"""The admin application, with our own site in place of Django's."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "pimms.admin.BackOfficeSite"
