// What is typed survives a session that expires: this tab keeps it until the person has signed in
// again. The key holds the person, the record and its version: nobody else's typing comes back,
// and none that was already saved.
"use strict";

{
  const PREFIX = "kept-typing ";
  const SIGNED_IN = "signed-in-again";
  const isKept = (name) => name.startsWith(PREFIX);
  const forgetAll = () => {
    for (const name of Object.keys(sessionStorage).filter(isKept)) sessionStorage.removeItem(name);
  };

  document.getElementById("logout-form")?.addEventListener("submit", forgetAll);

  // The page where one signs in.
  const notice = document.querySelector("[data-kept-notice]");
  if (notice) {
    sessionStorage.setItem(SIGNED_IN, "yes");
    notice.hidden = !Object.keys(sessionStorage).some(isKept);
  }

  const place = document.querySelector("[data-keep]");
  const form = place?.closest("form");
  if (form) {
    const key = PREFIX + place.dataset.keep;
    const say = (sentence) => {
      place.textContent = sentence;
      place.hidden = false;
    };
    const isChecked = (field) => field.type === "checkbox" || field.type === "radio";
    const fields = () => {
      const untold = ["hidden", "file", "password", "submit", "button"];
      return [...form.elements]
        .filter((field) => field.name && !untold.includes(field.type))
        .map((field) => [isChecked(field) ? `${field.name}=${field.value}` : field.name, field]);
    };
    const read = (field) => {
      if (isChecked(field)) return field.checked;
      if (field.options) return readChoices(field);
      return field.value;
    };
    const write = (field, state) => {
      if (isChecked(field)) field.checked = state;
      else if (field.options) choose(field, state);
      else field.value = state;
    };
    const typed = () => JSON.stringify(fields().map(([name, field]) => [name, read(field)]));

    // Once every script has set up its fields, and what stood in them is known.
    window.addEventListener("load", () => {
      const kept = sessionStorage.getItem(key);
      const hasSignedIn = sessionStorage.getItem(SIGNED_IN);
      forgetAll();
      sessionStorage.removeItem(SIGNED_IN);
      // A form that comes back refused holds what was typed already.
      if (hasSignedIn && form.dataset.unsaved === "watch" && kept && kept !== typed()) {
        const states = new Map(JSON.parse(kept));
        // What has rows makes as many as there were.
        document.dispatchEvent(new CustomEvent("typing-returns", { detail: [...states.keys()] }));
        for (const [name, field] of fields()) {
          if (states.has(name)) write(field, states.get(name));
        }
        sessionStorage.setItem(key, kept);
        say(place.dataset.restored);
        document.dispatchEvent(new CustomEvent("typing-restored"));
      }
      const keep = () => sessionStorage.setItem(key, typed());
      form.addEventListener("input", keep);
      form.addEventListener("change", keep);
      // The lists that are searched tell jQuery alone.
      window.django?.jQuery?.(form).on("change", keep);
    });
    document.addEventListener("session-expired", () => say(place.dataset.expired));
  }
}
