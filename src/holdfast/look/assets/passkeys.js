// Passkeys on our pages: forms marked data-passkey are shown where the browser can do it, and ask it on sending.
// data-passkey="get" logs in or confirms; "create" adds one. The challenge comes from the front door, so the form can
// be answered by either bank; data-challenge names another: what the passkey signs is then one payment. Without this script the password and a code do the same.
"use strict";
(() => {
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const known = (ids) => ids.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: toBytes(id) }));
  const TIME_MS = 120000;

  async function challenge(form) {
    if (form.dataset.challenge) return new TextEncoder().encode(form.dataset.challenge);
    const got = await fetch("/passkey/challenge", { cache: "no-store" });
    if (!got.ok) throw new Error("no challenge");
    return new TextEncoder().encode((await got.json()).challenge);
  }

  async function get(form) {
    const found = await navigator.credentials.get({
      publicKey: { challenge: await challenge(form), rpId: location.hostname, userVerification: "required", timeout: TIME_MS },
    });
    const said = found.response;
    return {
      id: found.id, rawId: found.id, type: found.type, clientExtensionResults: {},
      response: {
        clientDataJSON: toText(said.clientDataJSON), authenticatorData: toText(said.authenticatorData),
        signature: toText(said.signature), userHandle: said.userHandle ? toText(said.userHandle) : null,
      },
    };
  }

  async function create(form) {
    const { handle, username, person, bank, ids } = form.dataset;
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: await challenge(form), rp: { id: location.hostname, name: bank }, timeout: TIME_MS, attestation: "none",
        user: { id: toBytes(handle), name: username, displayName: person },
        pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        excludeCredentials: known(ids),
      },
    });
    const said = made.response;
    return {
      id: made.id, rawId: made.id, type: made.type, clientExtensionResults: {},
      response: {
        clientDataJSON: toText(said.clientDataJSON), attestationObject: toText(said.attestationObject),
        transports: said.getTransports ? said.getTransports() : [],
      },
    };
  }

  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const words = form.querySelector("[data-failed]");
    const button = form.querySelector("button");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      words.textContent = "";
      try {
        const said = await (form.dataset.passkey === "get" ? get(form) : create(form));
        form.elements.passkey.value = JSON.stringify(said);
        form.submit();
      } catch {
        words.textContent = words.dataset.failed;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
