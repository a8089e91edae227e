"""Fill in a form as a person does: open the page, change what is to change, send all of it."""

from typing import Any

from django.forms import CheckboxInput, MultiWidget


def filled(response: Any, **changes: Any) -> dict[str, Any]:
    """Return what the browser would send from the page in `response`, with `changes`."""
    form = response.context["adminform"].form
    sent = {}
    for bound in form:
        widget = bound.field.widget
        if isinstance(widget, MultiWidget):
            parts = widget.get_context(bound.html_name, bound.value(), {})["widget"]["subwidgets"]
            sent |= {part["name"]: part["value"] or "" for part in parts}
            continue
        if isinstance(widget, CheckboxInput):
            if bound.value():
                sent[bound.html_name] = "on"
            continue
        value = widget.format_value(bound.value())
        if isinstance(value, list):
            value = value[0] if value else ""
        sent[bound.html_name] = "" if value is None else value
    return sent | changes


def sentences(response: Any) -> list[str]:
    """Return the messages that the answer shows, their no-break spaces as plain ones."""
    return [
        str(message).replace("\u00a0", " ").replace("\u202f", " ")
        for message in response.context["messages"]
    ]
