// A session that sleeps: the page is veiled where it stands, and goes on once the person has said the
// password again. The server decides; the clock here only says when to ask it. Asking keeps nothing
// awake, typing does. A page that another person's session finds is loaded anew.
"use strict";

{
  const veil = document.getElementById("veil");
  if (veil) {
    const { person, session, passkey, signIn } = veil.dataset;
    const pattern = veil.querySelector("template");
    const others = new BroadcastChannel("session");
    const { title } = document;
    const seconds = 1000;
    const canUsePasskey = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
    let isDown = false;
    let refusal;
    let askedAt = performance.now();
    let typedAt = askedAt;
    let ends;

    // By two clocks: the one stops while the computer sleeps, the other may be set.
    const expect = (left) => {
      ends = [performance.now() + left * seconds, Date.now() + left * seconds];
    };
    const isPast = () => performance.now() >= ends[0] || Date.now() >= ends[1];
    const find = (selector) => veil.querySelector(`:scope > :not(template)${selector}`);
    const cover = () => document.documentElement.classList.add("veiled");
    const isCovered = () => document.documentElement.classList.contains("veiled");

    const ask = async (address, body) => {
      try {
        const method = body ? "POST" : "GET";
        const headers = { Accept: "application/json" };
        const answer = await fetch(address, { method, body, headers, redirect: "manual" });
        // Our own server says why it cannot, in a sentence; a proxy, in a page.
        const isSentence = answer.headers.get("Content-Type")?.startsWith("text/plain");
        refusal = answer.status === 503 && isSentence ? await answer.text() : undefined;
        return answer.ok ? await answer.json() : null;
      } catch {
        refusal = undefined;
        return null; // The network failed, or what answered was not our page.
      }
    };
    const makePost = (values = {}) => {
      const body = new FormData();
      const [token] = pattern.content.querySelectorAll("[name=csrfmiddlewaretoken]");
      body.set("csrfmiddlewaretoken", token.value);
      for (const [name, value] of Object.entries(values)) body.set(name, value);
      return body;
    };

    // The page is left for good: it asks nothing of what was typed, which is kept or forgotten.
    const leave = () => document.dispatchEvent(new CustomEvent("page-left"));
    const sayFault = (fault) => {
      const place = document.getElementById("veil-fault");
      place.textContent = fault;
      place.hidden = !fault;
    };

    const fill = () => {
      veil.append(pattern.content.cloneNode(true));
      find("[data-resume]").addEventListener("submit", resume);
      find("[data-again]").addEventListener("click", leave);
      find("[data-use-passkey]").addEventListener("click", usePasskey);
      find("[data-leave]").addEventListener("submit", () => {
        keptTyping.forgetAll();
        leave();
      });
    };
    // Told by the server how the session stands; by nobody, if it does not answer.
    const lower = (told) => {
      if (!isDown) {
        isDown = true;
        fill();
        keptTyping.keepAll();
        veil.showModal();
        cover();
      }
      const isOver = told?.state === "over";
      const mustSignIn = isOver || Boolean(told?.needs_sign_in);
      const why = isOver
        ? "Votre session est terminée\u00a0: elle dure douze heures au plus."
        : "Aucune activité depuis une heure\u00a0: la page est telle que vous l’avez laissée.";
      const then = keptTyping.isAny()
        ? "Reconnectez-vous\u00a0: votre saisie est conservée."
        : "Reconnectez-vous.";
      const heading = isOver ? "Session terminée" : "Session en veille";
      document.getElementById("veil-title").textContent = heading;
      document.title = `${heading} | Réseau PIMMS`;
      document.getElementById("veil-why").textContent = mustSignIn ? `${why} ${then}` : why;
      const again = find("[data-again]");
      const page = encodeURIComponent(location.pathname + location.search);
      again.href = `${signIn}?next=${page}`;
      const hadFocus = veil.contains(document.activeElement);
      again.hidden = !mustSignIn;
      find("[data-resume]").hidden = mustSignIn;
      find("[data-leave]").hidden = isOver;
      find("[data-use-passkey]").hidden = isOver || !told?.has_passkey || !canUsePasskey;
      if (mustSignIn && hadFocus) again.focus();
    };
    const lift = () => {
      document.documentElement.classList.remove("veiled");
      if (!isDown) return;
      isDown = false;
      document.title = title;
      veil.close();
      veil.replaceChildren(pattern);
      others.postMessage("awake");
    };
    const startAnew = () => {
      cover();
      keptTyping.forgetAll();
      leave();
      location.replace(location.pathname + location.search);
    };
    const hear = (told) => {
      if (told.token) {
        for (const root of [document, pattern.content]) {
          const fields = root.querySelectorAll("[name=csrfmiddlewaretoken]");
          for (const field of fields) field.value = told.token;
        }
      }
      if (told.person && String(told.person) !== person) startAnew();
      else if (told.state !== "awake") lower(told);
      else {
        expect(told.left);
        lift();
      }
    };
    const check = async () => {
      askedAt = performance.now();
      const told = await ask(session);
      if (told) hear(told);
      else if (isPast() || isCovered()) lower();
      return told;
    };

    async function resume(event) {
      event.preventDefault();
      const field = document.getElementById("veil-password");
      const told = await ask(event.target.action, makePost({ password: field.value }));
      if (told) hear(told);
      if (!isDown) return;
      sayFault(told ? told.fault : (refusal ?? "Le serveur ne répond pas. Réessayez."));
      field.select();
    }
    async function usePasskey() {
      try {
        const { request_options: asked } = await ask(passkey);
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey);
        const credential = JSON.stringify(await navigator.credentials.get({ publicKey }));
        await fetch(passkey, { method: "POST", body: makePost({ credential }), redirect: "manual" });
      } catch {
        // Refused by the person, or by the computer.
      }
      await check();
      if (isDown) sayFault("Cela n’a pas fonctionné. Réessayez, ou écrivez le mot de passe.");
    }

    expect(Number(veil.dataset.left));
    setInterval(() => {
      if (isPast() && !isDown) check();
    }, 5 * seconds);
    // Whoever comes back to the page sees it once the server has said whose it is.
    const look = () => {
      if (document.visibilityState !== "visible") return;
      if (isPast()) cover();
      if (isDown || isPast() || performance.now() - askedAt > 10 * seconds) check();
    };
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", ({ persisted }) => persisted && cover());
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      cover();
      check();
    });
    // Another tab, where somebody woke the session, signed in or signed out.
    others.addEventListener("message", check);
    if (keptTyping.hasSignedIn) others.postMessage("signed in");
    // What a page asked for in the background was answered by the page where one signs in.
    document.addEventListener("session-expired", check);
    window.django?.jQuery?.(document).on("ajaxError", check);

    document.addEventListener("input", async () => {
      if (isDown || performance.now() - typedAt < 300 * seconds) return;
      typedAt = performance.now();
      const told = await ask(session, makePost());
      if (told) hear(told);
    });

    // Nothing but an answer of the server lifts it.
    veil.addEventListener("cancel", (event) => event.preventDefault());
    veil.addEventListener("close", () => isDown && veil.showModal());
  }
}
