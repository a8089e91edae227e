// What is typed survives a session that expires: this tab keeps it until the record is saved.
// The key holds the person, the record and its version: nobody else's typing comes back, and
// none that was already saved.
"use strict";

{
  const PREFIX = "kept-typing ";
  const place = document.querySelector("[data-keep]");
  const form = place?.closest("form");
  const key = place && PREFIX + place.dataset.keep;
  const forgetAll = () => {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    }
  };
  const fields = () =>
    [...form.elements].filter(
      (field) => field.name && !["hidden", "file", "submit", "button"].includes(field.type),
    );
  const typed = () => JSON.stringify(fields().map((field) => [field.name, field.value]));
  const say = (sentence) => {
    place.textContent = sentence;
    place.hidden = false;
  };

  document.getElementById("logout-form")?.addEventListener("submit", forgetAll);

  if (form) {
    const opened = typed();
    const kept = sessionStorage.getItem(key);
    // A form that comes back refused holds what was typed already.
    if (form.dataset.unsaved === "watch" && kept && kept !== opened) {
      const values = new Map(JSON.parse(kept));
      for (const field of fields()) {
        if (values.has(field.name)) field.value = values.get(field.name);
      }
      say(place.dataset.restored);
      document.dispatchEvent(new CustomEvent("typing-restored"));
    } else if (!kept) {
      // This page is not one that signing in again leads back to. What the others of this tab
      // kept was saved, or left after the question that the browser asks.
      forgetAll();
    }
    form.addEventListener("input", () => sessionStorage.setItem(key, typed()));
    form.addEventListener("change", () => sessionStorage.setItem(key, typed()));
    document.addEventListener("session-expired", () => say(place.dataset.expired));
  }
}
