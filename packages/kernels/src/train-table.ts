import type { KernelEntry } from './kernel-table.js';
import type { TrainFunctions } from './train-functions.js';

/** The exported function of a kernel that only training calls. */
export type TrainKernelName = keyof TrainFunctions;

/** A row for every function, with the right number of arguments. */
export type TrainTable = {
  readonly [Name in TrainKernelName]: Omit<
    KernelEntry<Parameters<TrainFunctions[Name]>['length']>,
    'binaries'
  >;
};

/** The kernels of the binary `train` that the others do not have; it has all of theirs too. */
export const trainTable: TrainTable = {
  averagePoolGradientF32: {
    name: 'average-pool-gradient-f32',
    arity: 4,
    summary: 'Gradient of an average pool',
  },
  clampGradientF32: { name: 'clamp-gradient-f32', arity: 6, summary: 'Gradient of a clamp' },
  fakeQuantizeF32: { name: 'fake-quantize-f32', arity: 9, summary: 'Quantized and back, in float32' },
  fakeQuantizeGradientF32: {
    name: 'fake-quantize-f32',
    arity: 11,
    summary: 'Straight-through gradient of fake quantization, and of its scale',
  },
  fakeRequantizeF32: {
    name: 'fake-requantize-f32',
    arity: 13,
    summary: 'Sums of whole numbers to reals on a grid, as int8 kernels round them',
  },
  requantizeMultipliersF32: {
    name: 'fake-requantize-f32',
    arity: 5,
    summary: 'Multipliers of rule onnx from scales',
  },
  wholeF32: {
    name: 'fake-requantize-f32',
    arity: 6,
    summary: 'Codes of reals on a grid, in float32',
  },
  fillF32: { name: 'fill-f32', arity: 3, summary: 'One value everywhere' },
  gatherSumF32: { name: 'gather-sum-f32', arity: 5, summary: 'Gradients of what was copied several times' },
  maskF32: { name: 'mask-f32', arity: 4, summary: 'Pruned weights set to zero' },
  maxPoolGradientF32: { name: 'max-pool-gradient-f32', arity: 5, summary: 'Gradient of a max pool' },
  convInputGradientF32: {
    name: 'conv-input-gradient-f32',
    arity: 6,
    summary: "Gradient of a convolution's input",
  },
  convWeightGradientF32: {
    name: 'conv-weight-gradient-f32',
    arity: 7,
    summary: "Gradient of a convolution's weights",
  },
  convWeightGradientWinogradF32: {
    name: 'conv-weight-gradient-winograd-f32',
    arity: 6,
    summary: "Gradient of a 3 x 3 convolution's weights",
  },
  packWinogradF32: { name: 'pack-winograd-f32', arity: 8, summary: 'Weights of a 3 x 3 convolution, packed' },
  crossEntropyF32: { name: 'cross-entropy-f32', arity: 7, summary: 'Softmax, cross-entropy and gradient' },
  depthwiseInputGradientF32: {
    name: 'depthwise-gradient-f32',
    arity: 4,
    summary: "Gradient of a depthwise convolution's input",
  },
  depthwiseWeightGradientF32: {
    name: 'depthwise-gradient-f32',
    arity: 5,
    summary: "Gradient of a depthwise convolution's weights",
  },
  dropoutF32: { name: 'dropout-f32', arity: 8, summary: 'Dropout by hashed indices' },
  fromClustersF32: { name: 'cluster-f32', arity: 4, summary: 'Weights from centroids' },
  clusterSumF32: { name: 'cluster-f32', arity: 5, summary: 'Gradients of centroids' },
  unaryGradientF32: {
    name: 'unary-gradient-f32',
    arity: 8,
    summary: 'Gradients of functions of one float32',
  },
  sgdF32: { name: 'sgd-f32', arity: 9, summary: 'Gradient descent with momentum' },
  adamF32: { name: 'adam-f32', arity: 13, summary: 'Adam' },
};

/** The names in the order of the table. */
// Object.keys of a record with literal keys: exactly those keys.
export const trainKernelNames: readonly TrainKernelName[] = Object.keys(trainTable) as TrainKernelName[];
