export { AffineEncoding, affine, affineKind, dequantize } from './encoding/affine.js';
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
export { type SliceLayout, sliceLayout } from './encoding/slices.js';
export { gapsOf, SparseEncoding, sparse, sparseKind } from './encoding/sparse.js';
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
export { Graph, type Node, type NodeSpec, type Use, type Value } from './ir/graph.js';
export { Model, type RequantizationRule, type Weight } from './ir/model.js';
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
export { elementCount, isFloat32, Tensor, tensorOf, toFloat32, toNumbers, zeros } from './tensor/tensor.js';
export type { Execution, Executor, Feeds, Observe } from './pass/executor.js';
export type { Batch, Dataset, RunData } from './pass/dataset.js';
