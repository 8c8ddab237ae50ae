// Keeps the page's files, so that it opens without a network. Served as it is: no module, no imports. The build writes the
// version and the files in.

const version = '__VERSION__';
const cacheName = `espalier-playground-${version}`;
const files = [
  /* __FILES__ */
];
/** With these the page may share memory between threads. A static server can't send them; this script can. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(files.map((file) => new URL(file, self.registration.scope).href)))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('espalier-playground-') && name !== cacheName)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request));
});

/** Pages come from the network where there is one: a new version is seen at the next visit. The rest has its hash in its name. */
async function answer(request) {
  const cache = await caches.open(cacheName);
  const isPage = request.mode === 'navigate';
  if (isPage) {
    const fresh = await fetch(request).catch(() => null);
    if (fresh?.ok) return isolated(fresh);
  }
  const kept = await cache.match(isPage ? self.registration.scope : request);
  if (kept) return isolated(kept);
  const fetched = await fetch(request);
  if (fetched.ok) await cache.put(request, fetched.clone());
  return isolated(fetched);
}

function isolated(response) {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolation)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
