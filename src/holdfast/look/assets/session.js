// The end of a session is told two minutes before, on the page itself; "stay" asks our bank for any page, which renews
// the session. Clocks are compared, not waited for, so that a computer that slept knows too. Without this script nothing
// is lost: a form that is sent later is kept through the login.
"use strict";
(() => {
  const box = document.querySelector("[data-left-s]");
  if (!box) return;
  const words = box.querySelector("span");
  const stay = box.querySelector("button");
  const WARN_MS = 120000;
  const LOOK_MS = 1000;
  let ends = Date.now() + Number(box.dataset.leftS) * 1000;
  let shown = "";

  function show(said) {
    if (said === shown) return;
    shown = said;
    box.hidden = !said;
    stay.hidden = said !== "ending";
    words.textContent = said ? box.dataset[said] : "";
  }

  stay.addEventListener("click", async () => {
    try {
      const got = await fetch(box.dataset.stay || "/money", { cache: "no-store", redirect: "manual" });
      if (got.ok) ends = Date.now() + Number(box.dataset.idleS) * 1000;
    } catch {
      return; // the notice stays
    }
  });
  setInterval(() => {
    const left = ends - Date.now();
    show(left <= 0 ? "ended" : left <= WARN_MS ? "ending" : "");
  }, LOOK_MS);
})();
