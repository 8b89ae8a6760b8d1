// The pages /app and /offline: choose to keep the last balances on this device, see them while nothing can be reached.
"use strict";
(() => {
  const KEEP = "holdfast-keep";
  const KEPT = "holdfast-kept";
  const LANGUAGE = "holdfast-language";

  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) || "null");
    } catch {
      return null;
    }
  }

  function language() {
    try {
      const chosen = localStorage.getItem(LANGUAGE);
      if (chosen === "en" || chosen === "nb") return chosen;
    } catch {
      return "en";
    }
    return /^(nb|no|nn)/.test(navigator.language) ? "nb" : "en";
  }

  function choosing(box) {
    const button = box.querySelector("button");
    const said = box.querySelector("[data-said]");
    const show = () => {
      const keeps = localStorage.getItem(KEEP) === "yes";
      button.textContent = keeps ? box.dataset.stop : box.dataset.begin;
      button.setAttribute("aria-pressed", String(keeps));
      said.textContent = keeps ? box.dataset.on : box.dataset.off;
    };
    try {
      show();
    } catch {
      said.textContent = box.dataset.unable;
      return;
    }
    button.hidden = false;
    button.addEventListener("click", () => {
      if (localStorage.getItem(KEEP) === "yes") {
        localStorage.removeItem(KEEP);
        localStorage.removeItem(KEPT);
      } else {
        localStorage.setItem(KEEP, "yes");
      }
      show();
    });
  }

  function installing(button) {
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      button.hidden = false;
      button.addEventListener("click", () => event.prompt(), { once: true });
    });
  }

  function showing(box) {
    const language = box.dataset.offline;
    const found = read();
    const list = box.querySelector("[data-kept]");
    if (!found || !Array.isArray(found.accounts) || found.accounts.length === 0) return;
    const at = new Date(found.at);
    const when = Number.isNaN(at.getTime()) ? "" : at.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
    box.querySelector("[data-none]").hidden = true;
    const heading = box.querySelector("[data-kept-at]");
    heading.textContent = heading.dataset.keptAt.replace("{at}", when);
    heading.hidden = false;
    for (const one of found.accounts) {
      const name = document.createElement("dt");
      name.textContent = `${one.title} · ${one.end}`;
      const amount = document.createElement("dd");
      amount.textContent = one.amount;
      list.append(name, amount);
    }
  }

  const box = document.querySelector("[data-keep]");
  if (box) choosing(box);
  const button = document.querySelector("[data-install]");
  if (button) installing(button);
  const boxes = [...document.querySelectorAll("[data-offline]")];
  if (boxes.length) {
    const wanted = language();
    const sent = document.querySelector("[data-sent]").dataset.sent === "yes";
    for (const one of boxes) {
      one.hidden = one.dataset.offline !== wanted;
      one.querySelector("[data-was-sent]").hidden = !sent;
      showing(one);
    }
    document.documentElement.lang = wanted;
  }
})();
