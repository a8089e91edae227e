// The page of a draft: its preview beside the form, and sentences rewritten or given back.
"use strict";

{
  const preview = document.querySelector("[data-preview]");
  const form = preview?.form;
  const body = document.querySelector("[data-preview-body]");
  const state = document.querySelector("[data-preview-state]");
  let timer;
  let latest = 0;

  // An element's text without reading it as HTML.
  const paragraphs = (sentences) =>
    sentences.map((sentence) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = sentence;
      return paragraph;
    });

  function show(printed) {
    // The fragment is our own renderer's: it escapes every value.
    body.innerHTML = printed.body || body.innerHTML;
    for (const place of document.querySelectorAll("[data-findings]")) {
      place.replaceChildren(...paragraphs(printed.findings[place.dataset.findings] ?? []));
    }
    for (const place of document.querySelectorAll("[data-questions]")) {
      const asked = document.createElement("div");
      asked.innerHTML = printed.questions[place.dataset.questions] ?? "";
      // One that is the same stays: somebody may be about to answer it by the keyboard.
      if (asked.innerHTML.trim() !== place.innerHTML.trim()) {
        place.replaceChildren(...asked.childNodes);
      }
    }
    for (const place of document.querySelectorAll("[data-sentence]")) {
      const computed = place.querySelector("[data-computed]");
      const sentence = printed.computed[place.querySelector("textarea").name] ?? "";
      computed.dataset.computed = sentence;
      computed.textContent = sentence || "–";
      label(place);
    }
  }

  function label(place) {
    const isOwn = place.querySelector("textarea").value.trim() !== "";
    place.querySelector("[data-take-again]").hidden = isOwn || !place.dataset.own;
    place.querySelector("[data-state]").textContent = isOwn ? "Phrase réécrite" : "Phrase calculée";
    place.querySelector("[data-rewrite]").hidden = isOwn;
    place.querySelector("[data-give-back]").hidden = !isOwn;
  }

  async function refresh() {
    const asked = ++latest;
    let printed;
    try {
      const answer = await fetch(preview.dataset.preview, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (answer.redirected) {
        // To the page where one signs in.
        document.dispatchEvent(new CustomEvent("session-expired"));
        return;
      }
      printed = answer.ok && (await answer.json());
    } catch {
      // The network failed, or what answered was not our page.
    }
    if (asked !== latest) return;
    state.textContent = printed ? "" : "L’aperçu n’a pas pu être rafraîchi.";
    if (printed) show(printed);
  }

  if (preview) {
    preview.hidden = true;
    for (const place of document.querySelectorAll("[data-sentence]")) {
      const field = place.querySelector("textarea");
      const write = (sentence) => {
        field.value = sentence;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
      };
      const onClick = (button, act) => place.querySelector(button).addEventListener("click", act);
      onClick("[data-rewrite]", () =>
        write(place.querySelector("[data-computed]").dataset.computed),
      );
      onClick("[data-give-back]", () => {
        place.dataset.own = field.value;
        write("");
      });
      onClick("[data-take-again]", () => write(place.dataset.own));
      label(place);
    }
    const later = () => {
      for (const place of document.querySelectorAll("[data-sentence]")) label(place);
      clearTimeout(timer);
      timer = setTimeout(refresh, 400);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    // The stock calendar tells nobody what it writes, then goes back to its field.
    form.addEventListener("focusin", ({ target }) => {
      if (target.matches(".vDateField")) later();
    });
  }
}
