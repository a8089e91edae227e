// Small things of every page: what narrow screens fold in the header, and unsaved changes.
"use strict";

for (const button of document.querySelectorAll(".menu-button, .search-button")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
  });
}

// What the browser brings back into a page, after Back or a reload, is for the person whose it is.
{
  const person = document.getElementById("veil")?.dataset.person ?? "";
  const [visit] = performance.getEntriesByType("navigation");
  const before = history.state;
  const isTheirs = before && before.person !== person;
  if (visit?.type !== "back_forward" || !before || isTheirs) history.replaceState({ person }, "");
  // Asked for anew, it comes with nothing: the browser fills in a page that is gone back to, and
  // may do so after it was loaded.
  if (isTheirs) {
    document.documentElement.hidden = true;
    location.replace(location.href);
  }
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

// Chooses in a list, even what only a search would have brought into it.
function choose(list, choices) {
  const values = choices.map(([value]) => value);
  for (const [value, text] of choices) {
    if (![...list.options].some((option) => option.value === value)) list.add(new Option(text, value));
  }
  for (const option of list.options) option.selected = values.includes(option.value);
  window.django?.jQuery?.(list).trigger("change.select2");
}
const readChoices = (list) => [...list.selectedOptions].map(({ value, text }) => [value, text]);

// A menu that would leave the window opens to the other side.
document.addEventListener(
  "toggle",
  ({ target: menu }) => {
    const end = menu.querySelector(":scope > ul")?.getBoundingClientRect().right;
    if (end > document.documentElement.clientWidth) menu.classList.remove("to-the-right");
  },
  true,
);

// Select2 draws a field of its own in place of a list. It says what the list would say: its label,
// its help, its error. What was chosen in it is there after Back: the browser keeps what is typed,
// and of a list only what the page came with.
window.django?.jQuery?.(($) => {
  const LISTS = "select.admin-autocomplete";
  const chosen = history.state;

  const say = (list, field, labels) => {
    field.setAttribute("aria-labelledby", labels);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (list.hasAttribute(name)) field.setAttribute(name, list.getAttribute(name));
    }
    if (list.required) field.setAttribute("aria-required", "true");
  };
  const complete = (root) => {
    for (const list of root.querySelectorAll(LISTS)) {
      const field = list.nextElementSibling?.querySelector(".select2-selection");
      const [label] = list.labels;
      if (!field || !label) continue;
      label.id ||= `${list.id}_label`;
      const value = field.querySelector(".select2-selection__rendered");
      value.setAttribute("aria-labelledby", label.id);
      say(list, field, `${label.id} ${value.id}`);
      if (chosen[list.id]) choose(list, chosen[list.id]);
    }
  };

  // jQuery calls in the order of asking: what draws the fields has asked before.
  complete(document);
  document.addEventListener("formset:added", ({ target }) => complete(target));
  $(document).on("select2:open", LISTS, ({ target }) => {
    const [{ id }] = target.labels;
    const choices = document.querySelector(".select2-results__options");
    choices.setAttribute("aria-labelledby", id);
    target.nextElementSibling.querySelector("[role]").setAttribute("aria-controls", choices.id);
    say(target, document.querySelector(".select2-search__field"), id);
  });
  $(document).on("change", LISTS, ({ target }) => {
    chosen[target.id] = readChoices(target);
    history.replaceState(chosen, "");
  });
});

// On a phone a list has no headings: its values bear them.
for (const cell of document.querySelectorAll("#result_list tbody td:not(.action-checkbox)")) {
  const heading = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
  cell.dataset.title = heading.querySelector(".text").textContent.trim();
}

// Of a row that scrolls, the browser leaves cut off what is seen in part.
document.addEventListener("focusin", ({ target }) => {
  const isByKeyboard = target.matches(":is(.tabs, .pills) :focus-visible");
  if (isByKeyboard) target.scrollIntoView({ block: "nearest" });
});

// The calendars of dates float outside of the page's own parts.
addEventListener("load", () => {
  for (const calendar of document.querySelectorAll(".calendarbox")) {
    calendar.role = "dialog";
    calendar.ariaLabel = "Calendrier";
  }
});

// On paper, folds that say so are open; a link to a fold opens it.
{
  const unfold = () => {
    const fold = document.getElementById(location.hash.slice(1));
    if (fold?.matches("details")) fold.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
  const opened = [];
  addEventListener("beforeprint", () => {
    opened.push(...document.querySelectorAll("details[data-printed]:not([open])"));
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened.splice(0)) fold.open = false;
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

// « Plus tard » takes the announcement away, and leaves what is typed on the page where it is.
for (const announcement of document.querySelectorAll("[data-announcement]")) {
  announcement.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { action } = event.target;
    const body = new FormData(event.target);
    // Kept from following to a page: nobody would read what that page says once. It goes on when
    // the person goes on to another one.
    fetch(action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(
      () => {}, // It is said again on the next page.
    );
    announcement.remove();
  });
}

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
  document.addEventListener("page-left", () => (isSent = true));
}
