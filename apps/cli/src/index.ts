export {
  AbortedError,
  type Batch,
  Compressor,
  DataError,
  type Dataset,
  type DataType,
  type DriftReport,
  definePassPlugin,
  definePlugin,
  dense,
  describeEncoding,
  type Encoding,
  EspalierError,
  type Feeds,
  FileError,
  type Format,
  FormatError,
  Graph,
  InternalError,
  InvariantError,
  inferShapes,
  Model,
  ModelError,
  memoryDataset,
  type Node,
  OptionsError,
  type Pass,
  type PassContext,
  PassError,
  type PassPlugin,
  type PassReport,
  type PassResult,
  type Plugin,
  PluginError,
  parseRecipe,
  printModel,
  type Recipe,
  type RunData,
  type RunEvent,
  type RunOptions,
  type RunReport,
  type RunResult,
  recipeSchema,
  ShapeError,
  type Step,
  stepsOf,
  Tensor,
  UnsupportedError,
  type Value,
  type ValueType,
  verify,
  type Weight,
} from '@espalier/core';
export { budget } from '@espalier/plugin-budget';
export { deepCompressionFormat } from '@espalier/plugin-deep-compression-format';
export { equalize } from '@espalier/plugin-equalize';
export { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
export { fuse } from '@espalier/plugin-fuse';
export { huffman } from '@espalier/plugin-huffman';
export { prune, pruneChannels, removeDeadUnits } from '@espalier/plugin-prune';
export { quantize } from '@espalier/plugin-quantize';
export { rangeCoder } from '@espalier/plugin-range-coder';
export { shareWeights } from '@espalier/plugin-share-weights';
export { createCompressor, presets, recipes } from '@espalier/presets';
export {
  type CompressOptions,
  type CompressResult,
  compress,
  InferenceSession,
  readModel,
  writeModel,
} from './library.js';
