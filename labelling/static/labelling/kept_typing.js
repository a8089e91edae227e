// What is typed survives a session that expires: this tab keeps it until the person has signed in
// again. A form that holds a [data-keep] promises it. The key holds the person, and the record with
// its version or the address that the form is sent to: nobody else's typing comes back, and none
// that was already saved. The first page after signing in gives it back, and any page forgets it.
"use strict";

{
  const PREFIX = "kept-typing ";
  const SIGNED_IN = "signed-in-again";
  const isKept = (name) => name.startsWith(PREFIX);
  const forgetAll = () => {
    for (const name of Object.keys(sessionStorage).filter(isKept)) sessionStorage.removeItem(name);
  };

  // The page where one signs in.
  const notice = document.querySelector("[data-kept-notice]");
  if (notice) {
    sessionStorage.setItem(SIGNED_IN, "yes");
    notice.hidden = !Object.keys(sessionStorage).some(isKept);
  }

  const isChecked = (field) => field.type === "checkbox" || field.type === "radio";
  const listFields = (form) => {
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
  const readAll = (form) =>
    JSON.stringify(listFields(form).map(([name, field]) => [name, read(field)]));

  // As the server sent it, whatever the browser brought back into it.
  const readSent = (form) => {
    const sent = form.cloneNode(true);
    sent.reset();
    return readAll(sent);
  };
  const keepTyping = (form, key) => {
    const sent = readSent(form);
    const keep = () => {
      const typed = readAll(form);
      sessionStorage.removeItem(key);
      // What came back refused is saved nowhere, though nobody typed in it since.
      if (typed === sent && form.dataset.unsaved !== "yes") return;
      try {
        sessionStorage.setItem(key, typed);
      } catch {
        // More than a tab may hold: the page where one signs in promises nothing.
      }
    };
    for (const event of ["input", "change", "submit"]) form.addEventListener(event, keep);
    // The lists that are searched tell jQuery alone.
    window.django?.jQuery?.(form).on("change", keep);
  };
  const restore = (form, kept) => {
    const states = new Map(JSON.parse(kept));
    // What has rows makes as many as there were.
    document.dispatchEvent(new CustomEvent("typing-returns", { detail: [...states.keys()] }));
    for (const [name, field] of listFields(form)) {
      if (states.has(name)) write(field, states.get(name));
    }
    document.dispatchEvent(new CustomEvent("typing-restored"));
  };

  const signingOut = document.getElementById("logout-form");
  signingOut?.addEventListener("submit", forgetAll);
  const places = [...document.querySelectorAll("form [data-keep]")];
  const say = (place, sentence) => {
    place.textContent = sentence;
    place.hidden = false;
  };
  // Once every script has set up its fields, and what stood in them is known.
  if (signingOut) {
    window.addEventListener("load", () => {
      const hasSignedIn = sessionStorage.getItem(SIGNED_IN);
      const forms = places.map((place) => {
        const key = PREFIX + place.dataset.keep;
        return { place, key, form: place.closest("form"), kept: sessionStorage.getItem(key) };
      });
      forgetAll();
      sessionStorage.removeItem(SIGNED_IN);
      for (const { place, key, form, kept } of forms) {
        keepTyping(form, key);
        if (hasSignedIn && kept && kept !== readAll(form)) {
          restore(form, kept);
          sessionStorage.setItem(key, kept);
          say(place, place.dataset.restored);
        }
      }
    });
  }
  document.addEventListener("session-expired", () => {
    for (const place of places) say(place, place.dataset.expired);
  });
}
