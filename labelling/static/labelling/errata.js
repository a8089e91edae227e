// The lines of a « rectificatif », in rows that are added and removed.
"use strict";

{
  const list = document.querySelector("[data-errata]");
  const add = list.querySelector("[data-add]");
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const fields = (row) => [...row.querySelectorAll("textarea")];
  const focus = (row) => (row ? fields(row)[0] : add).focus();
  const tell = () => list.dispatchEvent(new Event("input", { bubbles: true }));

  function number() {
    rows().forEach((row, index) => {
      for (const place of row.querySelectorAll("[data-number]")) place.textContent = index + 1;
      for (const element of row.querySelectorAll("[for], [id]")) {
        for (const name of ["for", "id", "name"]) {
          const value = element.getAttribute(name);
          if (value) element.setAttribute(name, value.replace(/-\d+-/, `-${index}-`));
        }
      }
    });
  }

  function resize(count) {
    for (const row of rows().slice(count)) row.remove();
    while (rows().length < count) add.before(blank.cloneNode(true));
    number();
  }

  for (const button of list.querySelectorAll("button")) button.hidden = false;
  const blank = rows().at(-1).cloneNode(true);
  // A page that is reloaded may hold what was typed.
  for (const field of fields(blank)) field.value = "";
  // Those at the end are for who has no script.
  const last = rows().findLastIndex((row) => fields(row).some(({ value }) => value));
  resize(Math.max(0, last) + 1);

  add.addEventListener("click", () => {
    resize(rows().length + 1);
    focus(rows().at(-1));
    tell();
  });
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("[data-remove]")?.closest("[data-row]");
    if (!row) return;
    const index = rows().indexOf(row);
    row.remove();
    number();
    focus(rows()[index] ?? rows().at(-1));
    tell();
  });
  // Typed before the session expired, with more rows or fewer.
  list.closest("form").addEventListener("typing-returns", ({ detail }) => {
    resize(detail.filter((name) => /^errata-\d+-where$/.test(name)).length);
  });
  // « Prendre la valeur enregistrée », the text as it is stored.
  list.querySelector("#id_errata").addEventListener("change", ({ target }) => {
    const lines = target.value.split("\n").filter(Boolean);
    resize(lines.length);
    lines.forEach((line, index) => {
      const cells = line.split("|");
      fields(rows()[index]).forEach((field, part) => (field.value = cells[part].trim()));
    });
    focus(rows()[0]);
  });
}
