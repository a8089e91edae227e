// « Ajouter une ligne » without a round trip to the server; without a script, the server adds some.
"use strict";

{
  const button = document.getElementById("more-lines");
  const lines = document.getElementById("new-site-lines");
  const pattern = document.getElementById("new-site-line");
  const total = document.querySelector("#new-sites [name$=-TOTAL_FORMS]");

  const add = () => {
    const line = pattern.content.cloneNode(true);
    for (const element of line.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        if (element.hasAttribute(name)) {
          element.setAttribute(name, element.getAttribute(name).replace("__prefix__", total.value));
        }
      }
    }
    total.value = Number(total.value) + 1;
    line.querySelector(".new-site-number").textContent = total.value;
    lines.append(line);
  };

  button?.addEventListener("click", (event) => {
    event.preventDefault();
    add();
    lines.lastElementChild.querySelector("input").focus();
  });
  // Typed before the session ended, in more lines.
  button?.form.addEventListener("typing-returns", ({ detail }) => {
    const count = detail.filter((name) => name.endsWith("-name")).length;
    while (lines.children.length < count) add();
  });
}
