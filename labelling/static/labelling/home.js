// What takes long to count comes after the rest of the home page, from the page that has it.
"use strict";

for (const part of document.querySelectorAll("[data-later]")) {
  const bring = async () => {
    part.ariaBusy = "true";
    const answer = await fetch(part.dataset.later, { redirect: "manual" });
    if (!answer.ok) return; // Its link will say why.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(part.getAttribute("aria-labelledby"))?.closest("section");
    if (found) part.replaceWith(found);
  };
  bring()
    .catch(() => {}) // The network is away: the link is still there.
    .finally(() => (part.ariaBusy = "false"));
}
