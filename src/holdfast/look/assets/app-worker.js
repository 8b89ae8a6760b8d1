// Answers when nothing can be reached: with our page /offline, never with an old page of a bank. What was sent is not
// kept and not sent later; the page says so.
"use strict";
const CACHE = "holdfast-app-1";
const OFFLINE = "/offline";
const OWN = [OFFLINE, "/assets/holdfast.css", "/assets/kept.js"];
const AGAIN_MS = 400;

async function take() {
  const cache = await caches.open(CACHE);
  await cache.addAll(OWN.map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
}

self.addEventListener("install", (event) => {
  event.waitUntil(take().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("holdfast-app-") && name !== CACHE) await caches.delete(name);
    }
    if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
    await self.clients.claim();
  })());
});

async function offline(sent) {
  const page = await caches.match(OFFLINE);
  if (!page) return Response.error();
  const text = await page.text();
  return new Response(sent ? text.replace('data-sent="no"', 'data-sent="yes"') : text, {
    status: 503, headers: page.headers,
  });
}

async function page(event) {
  const asked = event.request;
  if (asked.method !== "GET") {
    try {
      return await fetch(asked);
    } catch {
      return offline(true);
    }
  }
  try {
    return (await event.preloadResponse) || await fetch(asked);
  } catch {
    await new Promise((done) => setTimeout(done, AGAIN_MS)); // a front door that was lost is back, or another answers
  }
  try {
    return await fetch(asked);
  } catch {
    return offline(false);
  }
}

self.addEventListener("fetch", (event) => {
  const there = new URL(event.request.url);
  if (there.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (event.request.method === "GET" && OWN.includes(there.pathname)) {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(there.pathname)) || Response.error()));
  }
});
