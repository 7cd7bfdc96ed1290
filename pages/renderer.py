"""How every form of the portal renders itself: label, hint, error, field; USWDS classes and ARIA wiring."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

INPUTS = frozenset(f"django/forms/widgets/{kind}.html" for kind in ("text", "email", "password", "hidden"))
CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


class PortalBoundField(BoundField):
    """A field on a page, which knows its template, its classes and what describes it."""

    # The first that matches wins; anything else is a line of text.
    looks: ClassVar[tuple[tuple[Any, str, str], ...]] = (
        (forms.CheckboxSelectMultiple, "choices", "usa-checkbox__input usa-checkbox__input--tile"),
        (forms.RadioSelect, "choices", "usa-radio__input usa-radio__input--tile"),
        (forms.CheckboxInput, "checkbox", "usa-checkbox__input"),
        (forms.PasswordInput, "password", "usa-input"),
        (forms.Select, "line", "usa-select"),
        (forms.Textarea, "line", "usa-textarea"),
        (forms.Widget, "line", "usa-input"),
    )

    @property
    def look(self) -> tuple[str, str]:
        """The name of the field's template and the classes of its control."""
        return next((name, classes) for kinds, name, classes in self.looks if isinstance(self.field.widget, kinds))

    @property
    def template_name(self) -> str:
        """The field's own template where it names one."""
        return getattr(self.field, "template_name", None) or f"components/fields/{self.look[0]}.html"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the classes; the attributes given to the widget stay and their classes come after ours."""
        built = super().build_widget_attrs(attrs, widget)
        if not (widget or self.field.widget).is_hidden:
            own = (widget or self.field.widget).attrs.get("class", "")
            built["class"] = " ".join(filter(None, [self.look[1], own, "usa-input--error" if self.errors else ""]))
        if self.use_fieldset:
            built.pop("aria-invalid", None)  # ARIA 1.2 has no such thing on a radio button
        return built

    @property
    def kind(self) -> str:
        """What the choices of a group are: "radio" or "checkbox"."""
        return "checkbox" if isinstance(self.field.widget, forms.CheckboxSelectMultiple) else "radio"

    @property
    def aria_describedby(self) -> str | None:
        """The ids of the hint, the error, the rules and the echo, as far as they are on the page."""
        if self.is_hidden or not self.auto_id:
            return None
        parts = {
            "helptext": self.help_text,
            "rules": getattr(self.field, "rules", ()),
            "error": self.errors,
            "echo": hasattr(self.field, "echo"),
        }
        return " ".join(f"{self.auto_id}_{name}" for name, there in parts.items() if there) or None

    @property
    def focus_id(self) -> str:
        """The id of the control that the error summary leads to: of a group, its first choice."""
        return f"{self.auto_id}_0" if isinstance(self.field.widget, CHOICES) else self.id_for_label

    @property
    def echo(self) -> str:
        """What the field understood, in words, once it was sent and is sound; else nothing."""
        say = getattr(self.field, "echo", None)
        if say is None or not self.form.is_bound or self.errors:
            return ""
        value = self.form.cleaned_data.get(self.name)
        return str(say(value, get_language())) if value else ""


class PortalRenderer(TemplatesSetting):
    """Forms take their templates from the project's own folder (settings.FORM_RENDERER)."""

    form_template_name = "components/fields/form.html"
    bound_field_class = PortalBoundField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """As Django does; but an input, which is two templates there, is put together here (decision 16)."""
        if template_name not in INPUTS:
            return super().render(template_name, context, request)
        widget = context["widget"]
        typed = None if widget["value"] is None else str(widget["value"])
        attributes = {"type": widget["type"], "name": widget["name"], "value": typed, **widget["attrs"]}
        said = (
            f" {name}" if value is True else f' {name}="{escape(value)}"'
            for name, value in attributes.items()
            if value is not None and value is not False
        )
        return SafeString(f"<input{''.join(said)}>")
