// « Prendre la valeur enregistrée »: puts what the other person saved into the form's field.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-for]");
  if (!button) return;
  const field = document.getElementById(button.dataset.takeFor);
  const value = button.dataset.value;
  if (field.tagName === "SELECT" && ![...field.options].some((o) => o.value === value)) {
    field.add(new Option(button.dataset.label, value));
  }
  field.value = value;
  // The browser's event: jQuery, and Select2 through it, hear it too; of jQuery's, only they do.
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});
