// « Copier pour un courriel »: the text with its table as HTML, and as plain text beside it.
"use strict";

{
  const said = document.querySelector("[data-copied]");

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const plain = document.getElementById(button.dataset.plain)?.value;
      try {
        if (plain === undefined) await navigator.clipboard.writeText(source.textContent.trim());
        else {
          const item = new ClipboardItem({
            "text/html": new Blob([source.innerHTML], { type: "text/html" }),
            "text/plain": new Blob([plain], { type: "text/plain" }),
          });
          await navigator.clipboard.write([item]);
        }
        said.textContent = said.dataset.copied || "Copié. Collez dans votre courriel.";
      } catch {
        getSelection().selectAllChildren(source);
        said.textContent = "Le navigateur ne laisse pas copier : le texte est sélectionné, faites Ctrl+C.";
      }
    });
  }
}
