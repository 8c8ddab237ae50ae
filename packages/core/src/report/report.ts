import type { Step } from '../plugin/plugin.js';

/** What one layer's output lost. */
export interface LayerDrift {
  /** Name of the value, and the operator that computes it. */
  readonly name: string;
  readonly op: string;
  /** Infinity where nothing changed. */
  readonly sqnrDb: number;
  readonly cosine: number;
}

/** How far a model's activations are from the original's, on real samples. */
export interface DriftReport {
  /** Where the samples came from, and how many. */
  readonly data: string;
  readonly samples: number;
  readonly layers: readonly LayerDrift[];
  /** SQNR of the model's outputs, together. */
  readonly outputSqnrDb: number;
  /** Share of samples whose best class is the same in both; null where the output is no vector of scores. */
  readonly agreement: number | null;
  /** Right best classes among the samples, where these are labelled. */
  readonly top1: { readonly before: number; readonly after: number } | null;
}

/** One curve of a plot. */
export interface ReportSeries {
  readonly name: string;
  /** In the order in which a line goes through them. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** An x to point out, such as the one that was chosen. */
  readonly marked?: number;
}

/** Curves over the same axes. */
export interface ReportPlot {
  /** What is along the axes. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly ReportSeries[];
}

/** What a pass chose or found, to be read by people: `share-weights` lists the bits that it gave each layer. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** One cell for each column. A number stands right, and is shown with at most four digits behind a point. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** The same to be looked at. */
  readonly plot?: ReportPlot;
}

/** What one pass did. */
export interface PassReport {
  readonly pass: string;
  readonly options: Step['options'];
  readonly effect: 'exact' | 'lossy';
  readonly modified: boolean;
  readonly elapsedMs: number;
  /** Bytes of the whole file after the pass. */
  readonly sizeBytes: number;
  /** What it counted: `weights.zeroed`. */
  readonly statistics: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** In the order in which the pass gave them. */
  readonly tables: readonly ReportTable[];
  /** null where no data or no runtime was given. Always against the model the run began with. */
  readonly drift: DriftReport | null;
}

/** One weight tensor, before and after the run. */
export interface WeightReport {
  readonly name: string;
  readonly op: string;
  readonly dims: readonly number[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** The encoding tree in words. */
  readonly encodingBefore: string;
  readonly encodingAfter: string;
  /** Share of elements that are not zero, after. */
  readonly density: number;
  /** SQNR of the weights themselves. */
  readonly sqnrDb: number;
}

/** What a whole run did. */
export interface RunReport {
  readonly seed: number | string;
  /** Bytes of the file of the model as it came, in the same format as `sizeBytes` of the passes. */
  readonly sizeBytesBefore: number;
  readonly sizeBytesAfter: number;
  /** In the order in which they ran. */
  readonly passes: readonly PassReport[];
  readonly weights: readonly WeightReport[];
  /** The format whose bytes are counted; null where none is registered and only weights are. */
  readonly sizeFormat: string | null;
  readonly warnings: readonly string[];
}
