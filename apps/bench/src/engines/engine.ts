/** Scale and zero point of int8 tensors at the edge of a model. */
export interface EdgeGrid {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A model file, and the input that it is timed on. */
export interface LoadRequest {
  readonly file: Uint8Array;
  /** float32 reals, NCHW. */
  readonly input: Float32Array;
  readonly dims: readonly number[];
  /** Where the engine takes and gives integers. */
  readonly grids: { readonly input: EdgeGrid; readonly output: EdgeGrid } | null;
  /** That run the model, where that is a matter of a session: ours. */
  readonly threads: number;
}

/** A model that is ready to run on its input. */
export interface LoadedModel {
  /** One run, as a program of a user does it. */
  run(): Promise<unknown>;
  /** The output of one run as reals. */
  answer(): Promise<Float32Array>;
  /** Mean time of its products alone over some runs, in milliseconds; where the engine can tell. */
  productMs?(runs: number): Promise<number>;
  release(): Promise<void>;
}

/** An engine in this process or page. */
export interface Engine {
  load(request: LoadRequest): Promise<LoadedModel>;
}

/** All engines that are compared; `espalier-fast` is ours with fastMath, `litert-compat` LiteRT's build without relaxed SIMD. */
export const engineNames = [
  'espalier',
  'espalier-fast',
  'onnxruntime-web',
  'litert',
  'litert-compat',
  'onnxruntime-node',
] as const;
export type EngineName = (typeof engineNames)[number];
