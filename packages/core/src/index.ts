export { type Candidate, type Tradeoff, totalBytes, tradeoff } from './budget/allocation.js';
export { codedBytes, entropyBits } from './budget/coded-bytes.js';
export { log2 } from './budget/log2.js';
export { type OutputChange, OutputProbe } from './budget/output-probe.js';
export type { ActivationRange, Calibrator, Observer, ObserverSettings } from './calibration/calibrator.js';
export { Compressor, type RunOptions, type RunResult } from './compressor.js';
export { AffineEncoding, affine, affineKind, dequantize } from './encoding/affine.js';
export { BlockwiseEncoding, type BlockwiseParts, blockwise, blockwiseKind } from './encoding/blockwise.js';
export { ByteReader, ByteWriter } from './encoding/bytes.js';
export { CastEncoding, cast, castKind } from './encoding/cast.js';
export { CodebookEncoding, codebook, codebookKind, indicesInRange } from './encoding/codebook.js';
export { DenseEncoding, dense, denseKind } from './encoding/dense.js';
export {
  describeEncoding,
  type Encoding,
  type EncodingKind,
  type EncodingSource,
  encodingError,
  mapEncoding,
  sumBytes,
  walkEncoding,
} from './encoding/encoding.js';
export { PackedEncoding, packBits, packed, packedBytes, packedKind, unpackBits } from './encoding/packed.js';
export { type BlockLayout, blockLayout, type SliceLayout, sliceLayout } from './encoding/slices.js';
export { gapsOf, positionsOf, SparseEncoding, sparse, sparseKind } from './encoding/sparse.js';
export {
  AbortedError,
  DataError,
  FileError,
  FormatError,
  InternalError,
  InvariantError,
  ModelError,
  OptionsError,
  PassError,
  PluginError,
  ShapeError,
  ThreadError,
  TrainingError,
  UnsupportedError,
} from './errors/errors.js';
export { type ErrorCode, type ErrorReport, EspalierError } from './errors/espalier-error.js';
export {
  type Attribute,
  Attributes,
  type AttributeType,
  float,
  floats,
  int,
  ints,
  string,
  strings,
  tensor,
} from './ir/attributes.js';
export {
  dynamicRange,
  espalierDomain,
  isDynamicRange,
  rangeAxes,
  roundedToRange,
} from './ir/dynamic-range.js';
export { Graph } from './ir/graph.js';
export { Model, type RequantizationRule, type Weight } from './ir/model.js';
export type { Node, NodeSpec, Use, Value } from './ir/node.js';
export { printModel } from './ir/printer.js';
export {
  type Dim,
  printType,
  type Quantization,
  quantization,
  sameQuantization,
  shortNumber,
  staticDims,
  unknownDim,
  type ValueType,
} from './ir/value-type.js';
export { verify } from './ir/verifier.js';
export { type WeightSlot, weightSlots } from './ir/weight-slots.js';
export { type ChannelMap, channelAt } from './layer/channel-map.js';
export {
  type ChannelAffine,
  type FoldOutcome,
  foldIntoLayerBefore,
  foldIntoLayerBehind,
} from './layer/fold-affine.js';
export { type BiasPlace, type Layer, readBias, readLayer } from './layer/layer.js';
export { readBatchNorm } from './layer/read-norm.js';
export { scaleChannels } from './layer/scale-channels.js';
export { forOp, unmatchedKeys } from './options/for-op.js';
export { nearest } from './options/nearest.js';
export { type JsonSchema, type Option, option, type PerOp } from './options/option.js';
export {
  assertKnown,
  defineOptions,
  type Given,
  type Options,
  optionEntries,
  optionsTable,
} from './options/options.js';
export type { Analysis } from './pass/analysis.js';
export type { Batch, Dataset, RunData } from './pass/dataset.js';
export type { RunEvent } from './pass/events.js';
export type { Execution, Executor, Feeds, HeldRun, Observe, RunTimes } from './pass/executor.js';
export { finiteDataset } from './pass/finite-dataset.js';
export {
  builtInInvariants,
  codebookInvariant,
  foldedNormsInvariant,
  type Invariant,
  quantizationInvariant,
  sparsityInvariant,
} from './pass/invariant.js';
export { type Logger, silentLogger } from './pass/logger.js';
export { memoryDataset } from './pass/memory-dataset.js';
export { orderSteps } from './pass/order.js';
export type { Pass, PassContext, PassResult } from './pass/pass.js';
export { createRandom, type Random } from './pass/random.js';
export {
  type Container,
  createContainer,
  resolveAll,
  resolveOptional,
  type Token,
  token,
} from './plugin/container.js';
export type { Format, ReadOptions, WriteOptions } from './plugin/format.js';
export { kernelFor, type OperatorKernel } from './plugin/operator-kernel.js';
export {
  apiVersion,
  definePassPlugin,
  definePlugin,
  type PassPlugin,
  type Plugin,
  type Step,
} from './plugin/plugin.js';
export { coreEncodings, createRegistry, detectFormat, formatForName, readModel } from './plugin/registry.js';
export {
  CALIBRATOR,
  ENCODING,
  EXECUTOR,
  FORMAT,
  INVARIANT,
  KERNEL,
  LOGGER,
  PASS,
  PASS_PLUGIN,
  RECIPE,
} from './plugin/tokens.js';
export {
  findPlugin,
  parseRecipe,
  type Recipe,
  type RecipeEntry,
  type RecipeStep,
  stepsOf,
} from './recipe/recipe.js';
export { recipeSchema } from './recipe/recipe-schema.js';
export { bestClasses, measureDrift } from './report/drift.js';
export type {
  DriftReport,
  LayerDrift,
  PassReport,
  ReportPlot,
  ReportSeries,
  ReportTable,
  RunReport,
  WeightReport,
} from './report/report.js';
export { Similarity } from './report/similarity.js';
export {
  type IncrementalInference,
  inferShapes,
  type ShapeFacts,
  type ShapeOptions,
  startInference,
} from './shape/infer-shapes.js';
export { macCount, modelParameterCount, parameterCount } from './shape/mac-count.js';
export { numberOfType, typeByNumber } from './shape/type-numbers.js';
export {
  allocate,
  bytesPerElement,
  type DataType,
  type DataTypeArrays,
  dataTypes,
  fromBytes,
  type IntegerType,
  integerRange,
  isBigInt,
  isFloat,
  type TensorData,
  toBytes,
} from './tensor/data-type.js';
export { float16ToFloat32, float32ToFloat16, toFloat16Bits } from './tensor/float16.js';
export { clamp, roundHalfAway, roundHalfEven } from './tensor/rounding.js';
export { elementCount, Tensor, tensorOf, toFloat32, toNumbers, zeros } from './tensor/tensor.js';
