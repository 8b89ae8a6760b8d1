// "Wake me on this device": asks the browser for its consent and tells the console where its push service is.
(() => {
  const place = document.querySelector("[data-wake]");
  if (!place) return;
  const said = place.querySelector("[data-wake-said]");
  const form = place.querySelector("form");
  const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window;
  said.textContent = able
    ? "The browser will ask you whether this page may send notifications."
    : "This browser cannot be woken here: it needs Web Push, and a page that comes by https.";
  form.hidden = !able;
  if (!able) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const active = (registration) => new Promise((done, failed) => {
    if (registration.active) { done(); return; }
    const worker = registration.installing || registration.waiting;
    const late = setTimeout(() => failed(new Error("the worker did not start")), 10000);
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") { clearTimeout(late); done(); }
    });
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "Asking the browser …";
    try {
      const registration = await navigator.serviceWorker.register("/assets/waking-worker.js");
      await active(registration);
      const before = await registration.pushManager.getSubscription();
      const wanted = bytes(place.dataset.wake);
      const same = before && text(before.options.applicationServerKey) === text(wanted.buffer);
      if (before && !same) await before.unsubscribe();
      const found = same ? before : await registration.pushManager.subscribe({
        userVisibleOnly: true, applicationServerKey: wanted,
      });
      form.elements.endpoint.value = found.endpoint;
      form.elements.p256dh.value = text(found.getKey("p256dh"));
      form.elements.auth.value = text(found.getKey("auth"));
      form.submit();
    } catch (error) {
      said.textContent = `The browser did not agree (${error.name}): allow notifications for this page, then try again.`;
    }
  });
})();
