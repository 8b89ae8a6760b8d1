// "Tell me in this browser": asks the browser for its consent and tells the bank where its push service takes messages.
// Without this script every other way to be told can be chosen.
"use strict";
(() => {
  const form = document.querySelector("form[data-push-key]");
  const said = document.querySelector("[data-push-said]");
  if (!form || !said) return;
  const START_MS = 10000;
  if (!(window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window)) {
    said.textContent = said.dataset.unable;
    return;
  }
  form.hidden = false;
  const plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = (text) => Uint8Array.from(plain(text), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const started = (registration) => new Promise((done, failed) => {
    const worker = registration.active || registration.installing || registration.waiting;
    if (worker.state === "activated") {
      done();
      return;
    }
    const late = setTimeout(() => failed(new Error("the worker did not start")), START_MS);
    worker.addEventListener("statechange", () => {
      if (worker.state !== "activated") return;
      clearTimeout(late);
      done();
    });
  });

  async function consent() {
    const registration = await navigator.serviceWorker.register("/assets/told-worker.js");
    await started(registration);
    const wanted = bytes(form.dataset.pushKey);
    const before = await registration.pushManager.getSubscription();
    if (before && text(before.options.applicationServerKey) === text(wanted.buffer)) return before;
    if (before) await before.unsubscribe();
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const found = await consent();
      form.elements.endpoint.value = found.endpoint;
      form.elements.p256dh.value = text(found.getKey("p256dh"));
      form.elements.auth.value = text(found.getKey("auth"));
      form.submit();
    } catch {
      said.textContent = said.dataset.failed;
    }
  });
})();
