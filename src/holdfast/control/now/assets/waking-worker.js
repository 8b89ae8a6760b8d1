// Shows what the control room pushed, and opens its page when it is pressed.
self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch { told = {}; }
  event.waitUntil(self.registration.showNotification(told.title || "The control room", {
    body: told.body || "Look at the console.", tag: told.tag || "control-room", renotify: true,
    requireInteraction: true, data: { url: told.url || "/" },
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const there = new URL(event.notification.data.url, self.location.origin);
  if (there.origin === self.location.origin) event.waitUntil(self.clients.openWindow(there.href));
});
