// A file dropped on the page of imports is as good as one that was chosen.
"use strict";

{
  const zone = document.getElementById("import-drop");
  const field = zone?.querySelector("input[type=file]");
  const help = document.getElementById("import-drop-help");

  if (field && help) {
    const invitation = document.createElement("p");
    invitation.className = "import-drop-invitation";
    invitation.textContent = help.dataset.drop;
    zone.insertBefore(invitation, field);

    const hover = (isOver) => zone.classList.toggle("over", isOver);
    // Anywhere on the page: a file that misses the zone would replace the page.
    addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      hover(true);
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) hover(false);
    });
    addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      hover(false);
      field.files = event.dataTransfer.files;
      field.focus();
    });
  }
}
