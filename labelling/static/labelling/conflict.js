// « Prendre la valeur enregistrée »: puts what the other person saved into the form's field.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-for]");
  if (!button) return;
  const field = document.getElementById(button.dataset.takeFor);
  const { value, label } = button.dataset;
  if (field.options) choose(field, [[value, label]]);
  else field.value = value;
  // The browser's event: jQuery, and Select2 through it, hear it too; of jQuery's, only they do.
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});
