import { serve } from '../rpc/serve.js';
import type { LookGives, PreviewMethods } from './api.js';
import { NetworkPreview } from './network-preview.js';

let before: NetworkPreview | null = null;
let now: NetworkPreview | null = null;

serve<PreviewMethods>(
  {
    load(layers) {
      before = new NetworkPreview(layers);
      before.set({ density: 1, bits: 8, init: 'linear' });
      now = new NetworkPreview(layers);
      return null;
    },
    look({ setting, pixels, layer }) {
      const started = performance.now();
      now?.set(setting);
      return {
        shares: pixels && (now?.classify(pixels) ?? null),
        sharesBefore: pixels && (before?.classify(pixels) ?? null),
        look: now?.look(layer) ?? null,
        elapsedMs: performance.now() - started,
      };
    },
  },
  (gives) => {
    const picture = (gives as LookGives | null)?.look?.picture; // `load` gives null
    return picture === undefined ? [] : [picture.buffer];
  },
);
