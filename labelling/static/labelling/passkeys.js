// Passkeys: what stands where they can be used and where they cannot, and what is said when the
// browser gives none. The library's scripts ask for them.
"use strict";

{
  // They belong to a name: an address in digits has none.
  const hasName = !/^[\d.]+$|:/.test(location.hostname);
  const canAsk = Boolean(window.PublicKeyCredential) && hasName;
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = !canAsk;
  for (const part of document.querySelectorAll("[data-no-passkey]")) part.hidden = canAsk;

  const said = document.querySelector("[data-passkey-said]");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (!said) return;
    said.textContent =
      "L’ordinateur n’a rien reçu : l’empreinte ou la clé n’y est pas connue, ou l’attente a été longue. Réessayez, ou utilisez l’autre moyen.";
    said.hidden = false;
  });
}
