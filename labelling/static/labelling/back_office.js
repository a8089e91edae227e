// Small things of every page: the menu of narrow screens, and unsaved changes.
"use strict";

for (const button of document.querySelectorAll(".menu-button")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
  });
}

// An open menu closes by a choice in it, a click elsewhere or Escape.
{
  const close = (except) => {
    for (const menu of document.querySelectorAll(".dropdown[open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", ({ target }) => {
    const isChoice = target.closest(".dropdown a, .dropdown button");
    // Once the form is sent: a button that is no longer shown sends nothing.
    setTimeout(close, 0, isChoice ? null : target.closest(".dropdown"));
  });
  document.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape") return;
    target.closest(".dropdown[open]")?.querySelector("summary").focus();
    close();
  });
}

// Select2 draws a field of its own in place of a list, and leaves it without the list's label.
// jQuery calls in the order of asking: what draws the fields has asked before.
window.django?.jQuery?.(() => {
  for (const list of document.querySelectorAll("select.select2-hidden-accessible[id]")) {
    const label = document.querySelector(`label[for="${list.id}"]`);
    const drawn = list.parentElement.querySelector(".select2-selection");
    if (!label || !drawn) continue;
    label.id ||= `${list.id}_label`;
    const value = drawn.querySelector(".select2-selection__rendered");
    drawn.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
    value.setAttribute("aria-labelledby", label.id);
  }
});

// A double click sends once what its button says.
{
  const sent = new WeakMap();
  document.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter ?? event.target;
      if (event.timeStamp - sent.get(button) < 1500) event.preventDefault();
      else sent.set(button, event.timeStamp);
    },
    true,
  );
}

// A form with data-unsaved="watch" warns when it is left changed; with "yes" it comes back from
// the server refused, so that what it holds is saved nowhere.
{
  const forms = [...document.querySelectorAll("form[data-unsaved]")];
  const typed = (form) =>
    JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  const opened = new Map();
  let isSent = false;

  // Once every script has set up its fields.
  window.addEventListener("load", () => {
    for (const form of forms) opened.set(form, typed(form));
  });
  for (const form of forms) form.addEventListener("submit", () => (isSent = true));
  window.addEventListener("beforeunload", (event) => {
    const isDirty = (form) =>
      form.dataset.unsaved === "yes" || (opened.has(form) && opened.get(form) !== typed(form));
    if (!isSent && forms.some(isDirty)) event.preventDefault();
  });
  // Back in the page that was sent: it can be changed again.
  window.addEventListener("pageshow", () => (isSent = false));
}
