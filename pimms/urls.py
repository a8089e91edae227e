"""Every address: the admin is the whole application, at the root."""

from django.contrib import admin
from django.urls import path

handler500 = "pimms.failures.answer_failure"

urlpatterns = [path("", admin.site.urls)]
