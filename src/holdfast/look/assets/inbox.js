// How many messages from us the customer has not seen, beside the link to them at the head of the page. Without this
// script the link is there without the number.
"use strict";
(async () => {
  const link = document.querySelector("[data-inbox]");
  if (!link) return;
  try {
    const got = await fetch("/inbox/unread", { headers: { Accept: "application/json" } });
    if (got.status !== 200) return;
    const { unread } = await got.json();
    if (!(unread > 0)) return;
    const tag = document.createElement("span");
    tag.className = "tag notice";
    tag.textContent = link.dataset.inbox.replace("{count}", String(unread));
    link.append(" ", tag);
  } catch {
    return; // the link stays as it is
  }
})();
