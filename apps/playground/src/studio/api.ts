import type { DriftReport, JsonSchema, PassReport, Recipe } from '@espalier/core';

/** Where a model comes from: the page's own, or a file of the reader's. */
export type Source =
  | { readonly kind: 'page'; readonly url: string; readonly name: string }
  | { readonly kind: 'file'; readonly file: Blob; readonly name: string };

/** A model as it is drawn: what a reader asks of each node. */
export interface ModelView {
  readonly name: string;
  /** Of the file it was read from, or will be written to. */
  readonly format: string;
  readonly fileBytes: number;
  readonly parameters: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeView[];
  readonly weights: readonly WeightView[];
  /** Whether it takes images of digits and gives ten scores. */
  readonly readsDigits: boolean;
}

export interface NodeView {
  /** Unique in its model, and the same after a pass that leaves the node. */
  readonly id: string;
  readonly op: string;
  readonly name: string;
  /** Ids of the nodes that compute what it reads. */
  readonly reads: readonly string[];
  /** What goes in and comes out, typed. */
  readonly values: readonly { readonly role: string; readonly text: string }[];
  readonly attributes: readonly string[];
  /** Bytes of its constants. */
  readonly bytes: number;
  /** `int8`, `codebook`, `float32`: how its weight is held; empty where it has none. */
  readonly held: string;
  /** Scale and zero point of its output; empty where it is not quantized. */
  readonly quantization: string;
  /** Names of its weights. */
  readonly weights: readonly string[];
}

/** A weight in one line. */
export interface WeightView {
  readonly name: string;
  readonly op: string;
  readonly dims: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  /** The encoding tree in words. */
  readonly encoding: string;
}

/** A weight looked into. */
export interface WeightDetail extends WeightView {
  /** Share of elements that are not zero. */
  readonly density: number;
  /** Counts in equal bins from `least` to `most`. Zeros that were pruned are left out. */
  readonly bins: readonly number[];
  readonly least: number;
  readonly most: number;
  /** The values that it shares; none where each channel has its own. */
  readonly centroids: readonly number[];
  /** Its Huffman streams. */
  readonly codes: readonly CodeView[];
  /** A shade for each weight of a matrix, as `shadeOf` has them; null for what is none, or too large to be looked at. */
  readonly picture: Uint8Array<ArrayBuffer> | null;
}

/** One Huffman stream. */
export interface CodeView {
  /** `indices`, `gaps`, `codes`. */
  readonly slot: string;
  /** Bits of each symbol's code, and how often it stands in the stream; absent symbols are left out. */
  readonly symbols: readonly { readonly symbol: number; readonly bits: number; readonly count: number }[];
  readonly bytes: number;
}

/** What a layer became. */
export interface LayerView {
  readonly name: string;
  /** The node that reads it. */
  readonly node: string;
  readonly op: string;
  readonly dims: readonly number[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly density: number;
  readonly encoding: string;
  /** Of the weights; Infinity where they are as they were. */
  readonly weightSqnrDb: number;
  /** Of what the layer computes; null where there were no data. */
  readonly outputSqnrDb: number | null;
}

/** How a model does on the held-out digits. */
export interface Quality {
  readonly samples: number;
  readonly right: number;
  /** The same for the model as it came. */
  readonly rightBefore: number;
}

export interface RunTakes {
  readonly recipe: Recipe;
  readonly seed: number;
  /** The run is kept under this name, until another of that name ends. */
  readonly slot: string;
  /** Which digits the run may have; none of it for other models. */
  readonly data: 'none' | 'held-out' | 'training';
  /** Whether the drift of every layer is measured behind every pass. */
  readonly drift: boolean;
}

/** What a run tells on its way. */
export type RunNews =
  | { readonly kind: 'data'; readonly what: string }
  | { readonly kind: 'pass'; readonly pass: string; readonly index: number; readonly of: number }
  | {
      readonly kind: 'progress';
      readonly pass: string;
      readonly index: number;
      readonly of: number;
      /** 0 to 1. */
      readonly share: number;
      readonly what: string;
    }
  | { readonly kind: 'measure'; readonly what: string };

/** One pass of a run that has ended. */
export interface PassView
  extends Pick<
    PassReport,
    'pass' | 'effect' | 'modified' | 'elapsedMs' | 'sizeBytes' | 'statistics' | 'warnings'
  > {
  readonly drift: Pick<DriftReport, 'outputSqnrDb' | 'agreement' | 'samples'> | null;
}

export interface RunGives {
  /** The whole `.espalier` file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the file, in hexadecimal; null where the page is not served safely enough to have it. */
  readonly sha256: string | null;
  /** Bytes of the file that was opened. */
  readonly bytesBefore: number;
  readonly passes: readonly PassView[];
  readonly layers: readonly LayerView[];
  readonly quality: Quality | null;
  readonly warnings: readonly string[];
  readonly elapsedMs: number;
}

/** A pass as the page knows it: its form, and the order it asks for. */
export interface PassInfo {
  readonly id: string;
  readonly about: string;
  readonly schema: JsonSchema;
  readonly effect: 'exact' | 'lossy';
  readonly after: readonly string[];
  readonly before: readonly string[];
  readonly conflictsWith: readonly string[];
}

/** A recipe that was checked. */
export interface CheckedRecipe {
  /** The passes that are taken, in the order in which they will run. */
  readonly ordered: readonly string[];
  readonly given: readonly string[];
}

/** A pass of the reader's. */
export interface CodeTakes {
  /** CommonJS that exports a pass plugin. */
  readonly script: string;
  readonly seed: number;
  readonly data: RunTakes['data'];
}

/** A line that it wrote to its console. */
export interface CodeNews {
  readonly line: string;
}

/** How long a digit takes. */
export interface Race {
  readonly batch: number;
  /** Microseconds for one digit of a batch, in the best of many runs. */
  readonly float32: number;
  readonly int8: number;
  /** Right ones of the held-out digits, by the int8 network. */
  readonly int8Right: number;
  readonly samples: number;
}

/** A layer's parameters, for the preview. */
export interface DenseLayer {
  readonly name: string;
  /** [outputs, inputs] */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
  readonly outputs: number;
  readonly inputs: number;
}

export interface StudioMethods {
  readonly open: { readonly takes: Source; readonly tells: never; readonly gives: ModelView };
  readonly passes: { readonly takes: null; readonly tells: never; readonly gives: PassCatalogue };
  readonly check: {
    readonly takes: { readonly recipe: unknown; readonly data: RunTakes['data'] };
    readonly tells: never;
    readonly gives: CheckedRecipe;
  };
  readonly run: { readonly takes: RunTakes; readonly tells: RunNews; readonly gives: RunGives };
  /** The model behind a pass of a run; stage 0 is the model as it came. */
  readonly stage: {
    readonly takes: { readonly slot: string; readonly stage: number };
    readonly tells: never;
    readonly gives: ModelView;
  };
  readonly weight: {
    readonly takes: { readonly slot: string; readonly stage: number | 'last'; readonly name: string };
    readonly tells: never;
    readonly gives: WeightDetail;
  };
  readonly write: {
    readonly takes: { readonly slot: string; readonly format: string };
    readonly tells: never;
    readonly gives: Uint8Array<ArrayBuffer>;
  };
  readonly denseLayers: {
    readonly takes: { readonly slot: string; readonly stage: number | 'last' };
    readonly tells: never;
    readonly gives: readonly DenseLayer[];
  };
  /** Held-out digits to begin with: pixels [28, 28] and what they show. */
  readonly samples: {
    readonly takes: null;
    readonly tells: never;
    readonly gives: { readonly pixels: Uint8Array<ArrayBuffer>; readonly labels: Int32Array };
  };
  readonly runCode: { readonly takes: CodeTakes; readonly tells: CodeNews; readonly gives: RunGives };
  readonly race: { readonly takes: null; readonly tells: never; readonly gives: Race };
}

/** Everything that a pipeline may be made of. */
export interface PassCatalogue {
  readonly passes: readonly PassInfo[];
  readonly recipes: readonly Recipe[];
  /** Formats that can be written. */
  readonly formats: readonly { readonly name: string; readonly extension: string }[];
}
