import type { DenseLayer } from '../studio/api.js';
import type { Setting } from './layer-preview.js';
import type { LayerLook } from './network-preview.js';

/** The worker that answers while a slider moves. */
export interface PreviewMethods {
  readonly load: { readonly takes: readonly DenseLayer[]; readonly tells: never; readonly gives: null };
  /** The retrained network: it is looked at instead of the sliders' where that is wanted. */
  readonly loadTrained: {
    readonly takes: readonly DenseLayer[];
    readonly tells: never;
    readonly gives: null;
  };
  readonly look: { readonly takes: LookTakes; readonly tells: never; readonly gives: LookGives };
}

export interface LookTakes {
  readonly setting: Setting;
  /** What was drawn, [28, 28] from 0 to 1; null for nothing yet. */
  readonly pixels: Float32Array | null;
  /** The layer that is looked at. */
  readonly layer: number;
  /** Whether the answer is the retrained network's. */
  readonly trained: boolean;
}

export interface LookGives {
  /** Shares of the ten digits by the network of the sliders, and by the one as it came. */
  readonly shares: readonly number[] | null;
  readonly sharesBefore: readonly number[] | null;
  readonly look: LayerLook | null;
  readonly elapsedMs: number;
}
