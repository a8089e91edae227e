// A button that acts on ticked lines says how many they are; without a script, how many they were.
"use strict";

for (const button of document.querySelectorAll("button[data-ticked]")) {
  const { ticked, none, one, many } = button.dataset;
  const say = () => {
    const boxes = button.form.querySelectorAll(`input[name="${ticked}"]:checked`);
    const words = boxes.length > 1 ? many.replace("%", boxes.length) : boxes.length ? one : none;
    button.textContent = words;
  };
  button.form.addEventListener("change", say);
  say();
}
