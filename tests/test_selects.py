"""The options of a select, which are written at once, are those that Django writes one by one."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test.html import parse_html

CHOICES = [("", "–"), (3, "<b> & « c »"), ("Groupe <1>", [('a"b', "A"), ("d", "D")])]


@pytest.mark.parametrize("chosen", ["", "3", 'a"b', None])
def test_are_written_as_django_does(chosen):
    widget = forms.Select({"class": "wide"}, CHOICES)

    ours = widget.render("field", chosen, renderer=get_default_renderer())

    assert ours != widget.render("field", chosen, renderer=DjangoTemplates())
    assert parse_html(ours) == parse_html(
        widget.render("field", chosen, renderer=DjangoTemplates())
    )
