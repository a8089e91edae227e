// What is typed survives a session that ends: this tab keeps it until the person has signed in
// again. Every form that is posted and has text or a list in it, but those with data-keep="no".
// The key holds the person and the page: nobody else's typing comes back. What is kept says which
// form it is by all that the form holds unseen, the version of a record with it: nothing comes back
// that was already saved. The first page after signing in gives it back, and any page forgets it,
// but for those on the way with [data-typing-waits].
"use strict";

const keptTyping = {};
{
  const PREFIX = "kept-typing ";
  const SIGNED_IN = "signed-in-again";
  const person = document.getElementById("veil")?.dataset.person;
  const ours = `${PREFIX}${person} `;
  const list = (prefix) => Object.keys(sessionStorage).filter((name) => name.startsWith(prefix));
  const forget = (names) => names.forEach((name) => sessionStorage.removeItem(name));
  keptTyping.forgetAll = () => forget(list(PREFIX));
  keptTyping.isAny = () => list(PREFIX).length > 0;

  // The page where one signs in: it leads back to where something was typed.
  const notice = document.querySelector("[data-kept-notice]");
  if (notice) {
    sessionStorage.setItem(SIGNED_IN, "yes");
    const [kept] = list(PREFIX);
    if (kept) notice.hidden = notice.querySelector("[data-kept]").hidden = false;
    for (const field of document.querySelectorAll("input[name=next]")) {
      if (kept) field.value = kept.split(" ")[2];
    }
  }

  const isChecked = (field) => field.type === "checkbox" || field.type === "radio";
  const isSecret = ({ type, autocomplete }) =>
    type === "password" || autocomplete?.startsWith("one-time-code");
  const listFields = (form) => {
    const untold = ["hidden", "file", "submit", "button", "reset", "fieldset"];
    return [...form.elements]
      .filter((field) => field.name && !untold.includes(field.type) && !isSecret(field))
      .map((field) => [isChecked(field) ? `${field.name}=${field.value}` : field.name, field]);
  };
  const read = (field) => {
    if (isChecked(field)) return field.checked;
    if (field.options) return readChoices(field);
    return field.value;
  };
  // As the server sent it, whatever the browser brought back into it.
  const readSent = (field) => {
    if (isChecked(field)) return field.defaultChecked;
    if (!field.options) return field.defaultValue;
    const options = [...field.options];
    const sent = options.filter((option) => option.defaultSelected);
    const first = options.find((option) => !option.disabled);
    const shown = field.multiple || sent.length ? sent : first ? [first] : [];
    return (field.multiple ? shown : shown.slice(-1)).map(({ value, text }) => [value, text]);
  };
  const readAll = (form, reading) =>
    JSON.stringify(listFields(form).map(([name, field]) => [name, reading(field)]));
  const write = (field, state) => {
    if (isChecked(field)) field.checked = state;
    else if (field.options) choose(field, state);
    else field.value = state;
  };

  const isKept = (form) =>
    form.getAttribute("method")?.toLowerCase() === "post" &&
    form.dataset.keep !== "no" &&
    listFields(form).some(([, field]) => !isChecked(field));
  const identify = (form) => {
    const unseen = [...form.elements].filter(
      ({ type, name }) =>
        type === "hidden" && name !== "csrfmiddlewaretoken" && !name.endsWith("-TOTAL_FORMS"),
    );
    const names = ["id", "action"].map((name) => form.getAttribute(name));
    return JSON.stringify([...names, ...unseen.map(({ name, value }) => [name, value])]);
  };

  const forms = new Map();
  const keep = (form) => {
    const { key, identity, sent } = forms.get(form) ?? {};
    if (!key) return;
    const typed = readAll(form, read);
    sessionStorage.removeItem(key);
    // What came back refused is saved nowhere, though nobody typed in it since.
    if (typed === sent && form.dataset.unsaved !== "yes") return;
    try {
      sessionStorage.setItem(key, JSON.stringify([identity, typed]));
    } catch {
      // More than a tab may hold: the page where one signs in promises nothing.
    }
  };
  keptTyping.keepAll = () => [...forms.keys()].forEach(keep);

  const say = (form, field) => {
    const note = document.createElement("p");
    note.className = "kept-typing";
    note.role = "status";
    note.textContent = "Votre saisie a été conservée\u00a0: relisez-la avant de continuer.";
    for (let fold = field; (fold = fold.parentElement?.closest("details")); ) fold.open = true;
    // At the head of a form that can be seen whole; where it is a line of a table, at its field.
    if (form.checkVisibility() && !form.closest("table")) form.prepend(note);
    else field.before(note);
    note.scrollIntoView({ block: "nearest" });
  };
  const restore = (form, typed) => {
    const states = new Map(JSON.parse(typed));
    // What has rows makes as many as there were.
    const detail = [...states.keys()];
    form.dispatchEvent(new CustomEvent("typing-returns", { bubbles: true, detail }));
    const changed = listFields(form).filter(
      ([name, field]) =>
        states.has(name) && JSON.stringify(read(field)) !== JSON.stringify(states.get(name)),
    );
    for (const [name, field] of changed) write(field, states.get(name));
    if (!changed.length) return;
    say(form, changed[0][1]);
    // What counts or shows what is typed; and it is kept again.
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  if (person) {
    forget(list(PREFIX).filter((name) => !name.startsWith(ours)));
    keptTyping.hasSignedIn = sessionStorage.getItem(SIGNED_IN) !== null;
    document.getElementById("logout-form")?.addEventListener("submit", keptTyping.forgetAll);
    const listen = ({ target }) => keep(target.form ?? target.closest("form"));
    for (const event of ["input", "change", "submit"]) document.addEventListener(event, listen);
    // The lists that are searched tell jQuery alone.
    window.django?.jQuery?.(document).on("change", listen);
  }
  if (person && !document.querySelector("[data-typing-waits]")) {
    // Once every script has set up its fields, and what stood in them is known.
    window.addEventListener("load", () => {
      const page = `${ours}${location.pathname}${location.search} `;
      const kept = new Map(list(page).map((name) => JSON.parse(sessionStorage.getItem(name))));
      keptTyping.forgetAll();
      sessionStorage.removeItem(SIGNED_IN);
      for (const form of [...document.forms].filter(isKept)) {
        const identity = identify(form);
        forms.set(form, { key: page + forms.size, identity, sent: readAll(form, readSent) });
        if (keptTyping.hasSignedIn && kept.has(identity)) restore(form, kept.get(identity));
      }
    });
  }
}
