/** The reals that an activation takes, as far as codes are to reach. */
export interface ActivationRange {
  readonly min: number;
  readonly max: number;
}

/** Sees an activation, batch by batch, and says its range. Takes the same memory however much it sees. */
export interface Observer {
  /**
   * @param values - finite, at least one; lent: they are overwritten after the call
   * @param extremes - the least and the greatest of `values`, which the check for finite ones found
   */
  see(values: Float32Array, extremes: ActivationRange): void;
  /** null where nothing was seen. */
  range(): ActivationRange | null;
}

/** What an observer may want to know of the run. */
export interface ObserverSettings {
  /** Share of values inside the range, in percent, for observers that cut off a share. 50 < percentile <= 100. */
  readonly percentile: number;
  /** Bits of the codes that the range is for. */
  readonly bitWidth: number;
}

/**
 * A way to choose the range of an activation. Plugins contribute these through the CALIBRATOR token;
 * the option `observer` of `quantize` names one.
 */
export interface Calibrator {
  /** Unique among all calibrators: `percentile`. */
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** Says that the range is the same however values are cut into batches, and in whatever order they come. */
  readonly batchInvariant?: boolean;
  /** An observer for one activation. */
  observe(settings: ObserverSettings): Observer;
}
