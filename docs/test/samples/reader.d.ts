// What the reader of a sample has at hand: samples are parts of programs, and name what stands around them. A sample that declares one of
// these itself has its own. Only for the type check of samples.
import type * as core from '@espalier/core';
import type * as onnxPackage from '@espalier/onnx';
import type * as kit from '@espalier/plugin-kit';
import type * as runtimePackage from '@espalier/runtime';
import type * as training from '@espalier/train';
import type * as everything from 'espalier';
import type { Arbitrary } from 'fast-check';

declare global {
  // Models and files of theirs.
  const original: core.Model;
  const trained: core.Model;
  const pruned: core.Model;
  const quantized: core.Model;
  const model: core.Model;
  const network: core.Model;
  const bytes: Uint8Array;
  const onnxBytes: Uint8Array;
  const folder: URL;

  // Data of theirs.
  const pixels: Float32Array;
  const labels: Int32Array;
  const train: core.Dataset;
  const validation: core.Dataset;
  const data: core.Dataset;
  const calibration: core.Dataset;
  const holdout: core.Dataset;

  // What earlier samples of a page made.
  const compressor: core.Compressor;
  const session: Awaited<ReturnType<typeof everything.InferenceSession.create>>;
  const signal: AbortSignal;
  const onProgress: (event: core.RunEvent) => void;

  // What a pass that trains has.
  const context: core.PassContext<{ readonly retrain: training.TrainingOptions }>;
  const Trainer: typeof training.Trainer;
  const trainer: training.Trainer;
  const loss: training.Loss;
  const optimizer: training.Optimizer;
  const reals: Float32Array;
  const constraints: Readonly<Record<string, training.Constraint>>;
  const mask: Uint8Array;
  const indices: Uint8Array;
  const centroids: Float32Array;
  const keepLargest: (values: Float32Array, density: number) => Uint8Array;
  const maskAt: (epoch: number) => Uint8Array;
  const densityAt: (epoch: number) => number;

  // What tests a plugin, and a plugin of their own.
  const checkPlugin: typeof kit.checkPlugin;
  const RuntimeExecutor: typeof runtimePackage.RuntimeExecutor;
  const dropSmall: core.PassPlugin<{ readonly below: number }>;
  const other: core.Plugin;
  const samples: Arbitrary<core.Encoding>;
  const mine: (tensor: core.Tensor) => core.Encoding;
  const DropTinyPass: new () => core.Pass<{ readonly below: number }>;

  // Plugins that a sample puts beside its own.
  const fuse: typeof everything.fuse;
  const foldBatchNorm: typeof everything.foldBatchNorm;
  const prune: typeof everything.prune;
  const pruneChannels: typeof everything.pruneChannels;
  const removeDeadUnits: typeof everything.removeDeadUnits;
  const shareWeights: typeof everything.shareWeights;
  const quantize: typeof everything.quantize;
  const huffman: typeof everything.huffman;
  const rangeCoder: typeof everything.rangeCoder;
  const onnxFormat: typeof onnxPackage.onnxFormat;
  const runtime: core.Plugin;
}
