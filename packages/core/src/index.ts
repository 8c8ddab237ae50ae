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
