// Makes the bank an app that opens without a connection, and keeps the last balances on this device where its owner
// wanted that (page /app). They are the words of the overview as it stood, with its time; they leave with a log-out.
// Without this script everything works but this.
"use strict";
(() => {
  if (!(window.isSecureContext && "serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/app-worker.js").catch(() => undefined);
  const KEEP = "holdfast-keep";
  const KEPT = "holdfast-kept";
  const LANGUAGE = "holdfast-language";
  const ACCOUNTS_MAX = 50;
  const body = document.body;

  function kept() {
    const accounts = [...document.querySelectorAll("section[data-account]")].slice(0, ACCOUNTS_MAX).map((one) => ({
      title: one.querySelector("h2").textContent.trim(),
      end: (one.dataset.number || "").slice(-4),
      amount: one.querySelector(".amount").textContent.trim(),
    }));
    return { at: body.dataset.freshAt, customer: body.dataset.customer, accounts };
  }

  try {
    localStorage.setItem(LANGUAGE, document.documentElement.lang);
    for (const form of document.querySelectorAll("form[action='/logout']")) {
      form.addEventListener("submit", () => localStorage.removeItem(KEPT));
    }
    if (localStorage.getItem(KEEP) === "yes" && body.dataset.page === "overview" && body.dataset.freshAt) {
      localStorage.setItem(KEPT, JSON.stringify(kept()));
    }
  } catch {
    return; // a browser that keeps nothing
  }
})();
