// Keeps a page of the console current without moving focus or losing what is being typed; Pause stops it.
// Without JavaScript the page stands still, and "Look again" loads it anew.
(() => {
  const seconds = Number(document.body.dataset.refreshS);
  const said = document.querySelector("[data-live]");
  if (!seconds || !said) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  let paused = false;
  const tell = () => {
    said.textContent = paused ? "Stands still." : `Renewed every ${seconds} s.`;
    button.textContent = paused ? "Go on" : "Pause";
  };
  button.addEventListener("click", () => { paused = !paused; tell(); });
  said.after(" ", button);
  tell();
  const held = (main) => main.contains(document.activeElement) || String(document.getSelection()).length > 0
    || [...main.querySelectorAll("input, textarea")].some((one) => one.value !== one.defaultValue);
  const renew = async () => {
    const main = document.getElementById("main");
    if (!paused && !document.hidden && !held(main)) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", headers: { "Holdfast-Renews": "1" } });
        if (answer.redirected) { location.reload(); return; }
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = fresh.getElementById("main");
        if (answer.ok && next && !paused && !held(main)) {
          const frame = main.querySelector("iframe");
          const place = next.querySelector("iframe");
          if (frame && place && frame.src === place.src) {
            for (const part of main.querySelectorAll("[data-part]")) {
              const other = next.querySelector(`[data-part="${part.dataset.part}"]`);
              if (other) part.replaceWith(other);
            }
          } else {
            main.replaceChildren(...next.childNodes);
          }
          tell();
        }
      } catch {
        said.textContent = "The control room does not answer; what you see is old.";
      }
    }
    setTimeout(renew, seconds * 1000);
  };
  setTimeout(renew, seconds * 1000);
})();
