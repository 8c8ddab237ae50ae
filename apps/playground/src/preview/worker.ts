import { serve } from '../rpc/serve.js';
import type { LookGives, PreviewMethods } from './api.js';
import { NetworkPreview } from './network-preview.js';

let before: NetworkPreview | null = null;
let now: NetworkPreview | null = null;
let retrained: NetworkPreview | null = null;

/** As fine as it gets: with this many values a network answers as it is. */
const asItIs = { density: 1, bits: 8, init: 'linear' } as const;

serve<PreviewMethods>(
  {
    load(layers) {
      before = new NetworkPreview(layers);
      before.set(asItIs);
      now = new NetworkPreview(layers);
      return null;
    },
    loadTrained(layers) {
      retrained = new NetworkPreview(layers);
      retrained.set(asItIs);
      return null;
    },
    look({ setting, pixels, layer, trained }) {
      const started = performance.now();
      now?.set(setting);
      return {
        shares: pixels && ((trained ? retrained : now)?.classify(pixels) ?? null),
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
