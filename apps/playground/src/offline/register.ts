import { type ReadonlySignal, signal } from '@preact/signals';

const kept = signal(false);
/** Whether the page opens without a network from now on. */
export const worksOffline: ReadonlySignal<boolean> = kept;

/** Lets the page be kept, once it is there; does nothing where the browser does not. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('./service-worker.js')
    .then(() => navigator.serviceWorker.ready)
    .then(() => {
      kept.value = true;
    })
    .catch(() => {}); // Without it the page works as any other.
}
