// « Chercher partout »: what the field of the header would find, as one types. A combobox of the
// WAI-ARIA practices: arrows choose, Enter goes there, Escape closes; Enter alone sends the form.
"use strict";

for (const form of document.querySelectorAll("#search-everywhere")) {
  const field = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  const said = form.querySelector("[role=status]");
  const opener = document.querySelector("[aria-controls=search-everywhere]");
  const PAUSE = 150; // In milliseconds: shorter than between two words, longer than within one.
  let waiting;
  let asking;
  let chosen = -1;

  field.role = "combobox";
  field.ariaAutoComplete = "list";
  field.ariaExpanded = "false";
  field.setAttribute("aria-controls", list.id);

  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
    if (chosen === options.length) chosen = -1; // Back in what was typed.
    for (const [place, option] of options.entries()) option.ariaSelected = String(place === chosen);
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.replaceChildren();
    list.hidden = true;
    said.textContent = "";
    field.ariaExpanded = "false";
    choose(-1);
  };
  const draw = ({ name, kind, facts, address }, place) => {
    const option = document.createElement("li");
    const parts = [name, kind, facts].map((words) => {
      const part = document.createElement("span");
      part.textContent = words;
      return part;
    });
    // A blank between them: read aloud, they are words of a sentence.
    option.append(...parts.flatMap((part) => [part, " "]));
    option.id = `proposal-${place}`;
    option.role = "option";
    option.dataset.address = address;
    return option;
  };
  const propose = async () => {
    asking?.abort();
    asking = new AbortController();
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const headers = { Accept: "application/json" };
    try {
      const answer = await fetch(address, { headers, redirect: "manual", signal: asking.signal });
      if (!answer.ok) {
        close();
        said.textContent = said.dataset.unanswered; // Enter will say why.
        return;
      }
      const found = await answer.json();
      list.replaceChildren(...found.proposals.map(draw));
      list.hidden = !found.proposals.length;
      said.textContent = found.said;
      field.ariaExpanded = String(!list.hidden);
      choose(-1);
    } catch {
      // Another letter was typed, or the network is away.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    if (field.value.trim()) waiting = setTimeout(propose, PAUSE);
    else close();
  });
  field.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && field.value.trim()) propose();
      else choose(key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1);
    } else if (key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.address);
    } else if (key === "Escape" && (said.textContent || !list.hidden)) {
      event.preventDefault();
      close();
    }
  });
  field.addEventListener("blur", close);
  // A press of the mouse leaves the field where it is: nothing closes before the click.
  form.querySelector(".proposals").addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
  // Where it is folded: open, it is where one writes; left, it covers nothing.
  opener.addEventListener("click", () => {
    if (opener.ariaExpanded === "true") field.focus();
  });
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== opener && !form.contains(relatedTarget)) opener.ariaExpanded = "false";
  });
}
