// The chat, kept current while its page is open: lines come as server-sent events, messages go without loading the page.
// Without this script everything works by its forms. Markup comes from our own door, which has escaped every word in it.
"use strict";
(() => {
  const root = document.querySelector("[data-chat]");
  if (!root) return;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const lines = part("lines");
  const scrolled = lines.parentElement;
  let last = Number(root.dataset.last);
  let source = null;
  let tries = 0;
  const TRIES_MAX = 20;
  const AGAIN_MS = 2000;

  const nodes = (markup) => new DOMParser().parseFromString(markup, "text/html").body.childNodes;

  function put(place, markup) {
    if (place.dataset.shown === markup || place.contains(document.activeElement)) return;
    place.dataset.shown = markup;
    place.replaceChildren(...nodes(markup));
  }

  function trouble(words) {
    const box = part("trouble");
    box.querySelector("span").textContent = words;
    box.hidden = !words;
  }

  function show(news) {
    const atEnd = scrolled.scrollHeight - scrolled.scrollTop - scrolled.clientHeight < 80;
    for (const [number, markup] of news.lines) {
      if (number <= last) continue;
      lines.append(...nodes(`<ol>${markup}</ol>`)[0].childNodes);
      last = number;
    }
    if (atEnd) scrolled.scrollTop = scrolled.scrollHeight;
    root.dataset.state = news.state;
    put(part("status"), news.status);
    put(part("controls"), news.controls);
    for (const button of root.querySelectorAll("[data-first]")) {
      button.hidden = news.state === "waiting" || news.state === "open";
    }
  }

  function follow() {
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(`/chat/stream?after=${last}`);
    source.addEventListener("message", (event) => { tries = 0; show(JSON.parse(event.data)); });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED || tries >= TRIES_MAX || root.dataset.state === "ended") return;
      tries += 1;
      setTimeout(follow, AGAIN_MS * tries);
    });
  }

  root.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const sent = new URLSearchParams(new FormData(form));
    if (button && button.name) sent.set(button.name, button.value);
    try {
      const answer = await fetch("/chat", { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        trouble("");
        if (button) button.blur();
        if (told.conversation !== root.dataset.conversation && root.dataset.state === "ended") {
          location.reload();
          return;
        }
        if (form.matches("[data-say]")) {
          form.elements.words.value = "";
          form.elements.id.value = told.next;
          form.elements.words.focus();
        }
        show(told);
        root.dataset.conversation = told.conversation;
        follow();
      } else {
        trouble(told.words);
      }
    } catch {
      trouble(root.dataset.away);
    } finally {
      delete form.dataset.busy;
    }
  });

  scrolled.scrollTop = scrolled.scrollHeight;
  if (["helper", "waiting", "open"].includes(root.dataset.state)) follow();
})();
