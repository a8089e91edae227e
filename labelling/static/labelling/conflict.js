// « Prendre la valeur enregistrée »: puts what the other person saved into the field's inputs.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (!button) return;
  const taken = Object.entries(JSON.parse(button.dataset.take));
  const fields = taken.map(([id]) => document.getElementById(id));
  taken.forEach(([, value], place) => {
    const field = fields[place];
    if (field.options) choose(field, [[value, button.dataset.label]]);
    else field.value = value;
    // The browser's event: jQuery, and Select2 through it, hear it too; of jQuery's, only they do.
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  fields[0].focus();
});
