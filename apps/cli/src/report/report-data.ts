import type { ReportTable } from '@espalier/core';

/** All that a report page shows. Plain data: it can be written as JSON and drawn elsewhere. */
export interface ReportData {
  /** The model's file name. */
  readonly title: string;
  readonly before: ReportFile;
  readonly after: ReportFile;
  /** In the order in which they ran. */
  readonly passes: readonly ReportPass[];
  /** Bytes of the model as it came, in the format that the passes' bytes are counted in. */
  readonly sizeBytesBefore: number;
  /** Name of that format; null where only weights are counted. */
  readonly sizeFormat: string | null;
  readonly layers: readonly ReportLayer[];
  readonly histograms: readonly WeightHistogram[];
  /** What the losses of layers were measured on; null where there was no data. */
  readonly measuredOn: { readonly data: string; readonly samples: number } | null;
  /** Of the written file on all samples; null where the run had none. */
  readonly quality: ReportQuality | null;
  readonly warnings: readonly string[];
  /** The steps as a recipe file has them. */
  readonly recipe: unknown;
  /** As typed, and what it ran on. */
  readonly command: string;
  readonly seed: number | string;
  readonly versions: Readonly<Record<string, string>>;
}

export interface ReportFile {
  readonly name: string;
  readonly format: string;
  /** Of the whole file, as the file system has it. */
  readonly sizeBytes: number;
}

export interface ReportPass {
  readonly name: string;
  readonly effect: 'exact' | 'lossy';
  readonly modified: boolean;
  readonly elapsedMs: number;
  /** Bytes of the whole file after this pass. */
  readonly sizeBytes: number;
  readonly statistics: Readonly<Record<string, number>>;
  /** What the pass chose or found. */
  readonly tables: readonly ReportTable[];
}

export interface ReportLayer {
  /** Name of the weight. */
  readonly name: string;
  readonly op: string;
  readonly dims: readonly number[];
  readonly parameters: number;
  /** The encoding tree in words. */
  readonly encoding: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Share of weights that are not zero, 0 to 1. */
  readonly density: number;
  /** Of the weights themselves; Infinity where they are unchanged, null where they have no counterpart. */
  readonly weightSqnrDb: number | null;
  /** Of what the layer computes on real samples; null where there were none. */
  readonly outputSqnrDb: number | null;
}

/** Counts of one weight tensor's values, before and after, in the same bins. */
export interface WeightHistogram {
  readonly name: string;
  /** Lower edge of the first bin and upper edge of the last. */
  readonly min: number;
  readonly max: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The shared values, where weights are shared. */
  readonly centroids: readonly number[];
}

export interface ReportQuality {
  /** Where the samples came from. */
  readonly data: string;
  readonly samples: number;
  readonly outputSqnrDb: number;
  /** Share of samples with the same best class, 0 to 1. */
  readonly agreement: number | null;
  /** Right answers among the samples, where these are labelled. */
  readonly top1: { readonly before: number; readonly after: number } | null;
}
