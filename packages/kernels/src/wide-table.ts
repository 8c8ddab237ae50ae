import type { KernelEntry } from './kernel-table.js';
import type { WideFunctions } from './wide-functions.js';

/** The exported function of a kernel for int16 activations. */
export type WideKernelName = keyof WideFunctions;

/** A row for every function, with the right number of arguments. */
export type WideTable = {
  readonly [Name in WideKernelName]: Omit<KernelEntry<Parameters<WideFunctions[Name]>['length']>, 'binaries'>;
};

/** The kernels of the binary `wide`, which stands beside another one. */
export const wideTable: WideTable = {
  gemmI16: { name: 'gemm-i16', arity: 12, summary: 'Matrix product, int16 by int8 weights' },
  convI16: { name: 'conv-i16', arity: 10, summary: 'Convolution, int16 by int8 weights' },
  depthwiseConvI16: { name: 'depthwise-conv-i16', arity: 9, summary: 'Depthwise convolution, int16' },
  matMulI16: { name: 'matmul-i16', arity: 13, summary: 'Product of two int16 activations' },
  addI16: { name: 'arithmetic-i16', arity: 15, summary: 'Sum as TensorFlow Lite has it' },
  subI16: { name: 'arithmetic-i16', arity: 15, summary: 'Difference as TensorFlow Lite has it' },
  mulI16: { name: 'arithmetic-i16', arity: 11, summary: 'Product as TensorFlow Lite has it' },
  rescale: { name: 'rescale', arity: 10, summary: 'Codes to another scale and size' },
  leakyReluI16: { name: 'leaky-relu-i16', arity: 6, summary: 'Leaky Relu as TensorFlow Lite has it' },
  sigmoidI16: { name: 'sigmoid-i16', arity: 6, summary: 'Logistic function by lines between points' },
  tanhI16: { name: 'sigmoid-i16', arity: 6, summary: 'Hyperbolic tangent by lines between points' },
  softmaxI16: { name: 'softmax-i16', arity: 8, summary: 'Softmax as TensorFlow Lite has it' },
  averagePoolI16: { name: 'average-pool-i16', arity: 5, summary: 'Mean under each window' },
  meanI16: { name: 'mean-i16', arity: 10, summary: 'Mean or sum over an axis' },
  transposeI16: { name: 'transpose-i16', arity: 5, summary: 'NCHW to NHWC and back, 16 bit' },
  quantizeF32I16: { name: 'quantize-f32-i16', arity: 6, summary: 'Float32 to int16' },
  dequantizeI16F32: { name: 'dequantize-i16-f32', arity: 5, summary: 'Int16 to float32' },
};

/** The names in the order of the table. */
// Object.keys of a record with literal keys: exactly those keys.
export const wideKernelNames: readonly WideKernelName[] = Object.keys(wideTable) as WideKernelName[];
