// Keeps an open chat of the support desk current, and is the agent's sign of life. What is typed is never touched.
// Without JavaScript "Look again" loads the page anew; an agent who does not for a minute loses the chat to the queue.
"use strict";
(() => {
  const root = document.querySelector("[data-desk]");
  if (!root) return;
  const lines = root.querySelector("[data-lines]");
  const said = root.querySelector("[data-live]");
  let last = Number(root.dataset.last);
  let version = Number(root.dataset.version);
  const tell = (words) => { if (said.textContent !== words) said.textContent = words; };
  lines.parentElement.scrollTop = lines.parentElement.scrollHeight;
  const renew = async () => {
    let pause = 50;
    try {
      const asked = `${root.dataset.desk}?after=${last}&version=${version}`;
      const answer = await fetch(asked, { credentials: "same-origin", headers: { "Holdfast-Renews": "1" } });
      if (!answer.ok) { tell("You are logged out, or this is not your chat. Load the page anew."); return; }
      const news = await answer.json();
      if (news.gone) { tell("This chat is not yours any more."); return; }
      if (news.lines.trim()) {
        const found = new DOMParser().parseFromString(`<ol>${news.lines}</ol>`, "text/html").querySelectorAll("li");
        for (const line of found) if (Number(line.dataset.number) > last) lines.append(line);
        lines.parentElement.scrollTop = lines.parentElement.scrollHeight;
      }
      last = news.last;
      version = news.version;
      tell("Current.");
      if (document.hidden) pause = 5000;
    } catch {
      tell("The control room does not answer; what you see is old.");
      pause = 2000;
    }
    setTimeout(renew, pause);
  };
  renew();
})();
