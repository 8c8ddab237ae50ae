import type { Member, MembersOf } from './fields.js';

/** 0 NONE, 1 RELU, 2 RELU_N1_TO_1, 3 RELU6, 4 TANH, 5 SIGN_BIT. */
export interface ActivationOptions {
  readonly activation: number;
}

/** A window that slides over an image. */
export interface WindowOptions extends ActivationOptions {
  /** 0 is SAME, 1 is VALID. */
  readonly padding: number;
  readonly strideW: number;
  readonly strideH: number;
}

export interface ConvOptions extends WindowOptions {
  readonly dilationW: number;
  readonly dilationH: number;
}

interface SumOptions {
  /** Of TensorType: that of sums without a bias; 0 where the bias says it. */
  readonly quantizedBiasType: number;
}

export interface ResizeOptions {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

interface ArgOptions {
  /** Of TensorType. */
  readonly outputType: number;
}

interface PieceOptions {
  readonly numSplits: number;
}

interface BlockOptions {
  readonly blockSize: number;
}

/**
 * The options of the operators that are read or written here. Operators whose options have no fields have none in this
 * table: they are left out of files too.
 *
 * @see union BuiltinOptions in schema.fbs of TensorFlow Lite, version 3
 */
export interface OptionTables {
  readonly Add: ActivationOptions;
  readonly ArgMax: ArgOptions;
  readonly ArgMin: ArgOptions;
  readonly BatchMatMul: { readonly adjX: boolean; readonly adjY: boolean };
  readonly Cast: { readonly inDataType: number; readonly outDataType: number };
  readonly Concatenation: ActivationOptions & { readonly axis: number };
  readonly Conv2D: ConvOptions & SumOptions;
  readonly DepthToSpace: BlockOptions;
  readonly DepthwiseConv2D: ConvOptions & { readonly depthMultiplier: number };
  readonly Div: ActivationOptions;
  readonly FullyConnected: ActivationOptions &
    SumOptions & {
      /** 0 is rows as they are. */
      readonly weightsFormat: number;
      readonly keepNumDims: boolean;
      /** Whether reals beside integer weights get a zero point, where TensorFlow Lite's own kernel quantizes them. */
      readonly asymmetricQuantizeInputs: boolean;
    };
  readonly Gather: { readonly axis: number; readonly batchDims: number };
  readonly Gelu: { readonly approximate: boolean };
  readonly L2Norm: ActivationOptions;
  readonly LeakyRelu: { readonly alpha: number };
  /** 0 is REFLECT, 1 is SYMMETRIC. */
  readonly MirrorPad: { readonly mode: number };
  readonly Mul: ActivationOptions;
  readonly Pack: { readonly valuesCount: number; readonly axis: number };
  readonly Pool2D: WindowOptions & { readonly filterW: number; readonly filterH: number };
  readonly Reducer: { readonly keepDims: boolean };
  readonly Reshape: { readonly newShape: readonly number[] };
  readonly ResizeBilinear: ResizeOptions;
  readonly ResizeNearestNeighbor: ResizeOptions;
  readonly Shape: { readonly outType: number };
  readonly Softmax: { readonly beta: number };
  readonly SpaceToDepth: BlockOptions;
  readonly Split: PieceOptions;
  readonly SplitV: PieceOptions;
  readonly Squeeze: { readonly squeezeDims: readonly number[] };
  readonly StridedSlice: {
    readonly beginMask: number;
    readonly endMask: number;
    readonly ellipsisMask: number;
    readonly newAxisMask: number;
    readonly shrinkAxisMask: number;
    readonly offset: boolean;
  };
  readonly Sub: ActivationOptions;
  readonly TransposeConv: WindowOptions;
  readonly Unpack: { readonly num: number; readonly axis: number };
}

export type OptionName = keyof OptionTables;
export type OptionsMember = Member<OptionTables>;

const activation = { slot: 0, kind: 'int8' } as const;
const window = {
  padding: { slot: 0, kind: 'int8' },
  strideW: { slot: 1, kind: 'int32' },
  strideH: { slot: 2, kind: 'int32' },
} as const;

export const optionTables: MembersOf<OptionTables> = {
  Add: { number: 11, fields: { activation } },
  ArgMax: { number: 40, fields: { outputType: { slot: 0, kind: 'int8' } } },
  ArgMin: { number: 57, fields: { outputType: { slot: 0, kind: 'int8' } } },
  BatchMatMul: { number: 101, fields: { adjX: { slot: 0, kind: 'bool' }, adjY: { slot: 1, kind: 'bool' } } },
  Cast: {
    number: 37,
    fields: { inDataType: { slot: 0, kind: 'int8' }, outDataType: { slot: 1, kind: 'int8' } },
  },
  Concatenation: {
    number: 10,
    fields: { axis: { slot: 0, kind: 'int32' }, activation: { slot: 1, kind: 'int8' } },
  },
  Conv2D: {
    number: 1,
    fields: {
      ...window,
      activation: { slot: 3, kind: 'int8' },
      dilationW: { slot: 4, kind: 'int32', absent: 1 },
      dilationH: { slot: 5, kind: 'int32', absent: 1 },
      quantizedBiasType: { slot: 6, kind: 'int8' },
    },
  },
  DepthToSpace: { number: 94, fields: { blockSize: { slot: 0, kind: 'int32' } } },
  DepthwiseConv2D: {
    number: 2,
    fields: {
      ...window,
      depthMultiplier: { slot: 3, kind: 'int32' },
      activation: { slot: 4, kind: 'int8' },
      dilationW: { slot: 5, kind: 'int32', absent: 1 },
      dilationH: { slot: 6, kind: 'int32', absent: 1 },
    },
  },
  Div: { number: 29, fields: { activation } },
  FullyConnected: {
    number: 8,
    fields: {
      activation,
      weightsFormat: { slot: 1, kind: 'int8' },
      keepNumDims: { slot: 2, kind: 'bool' },
      asymmetricQuantizeInputs: { slot: 3, kind: 'bool' },
      quantizedBiasType: { slot: 4, kind: 'int8' },
    },
  },
  Gather: { number: 23, fields: { axis: { slot: 0, kind: 'int32' }, batchDims: { slot: 1, kind: 'int32' } } },
  Gelu: { number: 116, fields: { approximate: { slot: 0, kind: 'bool' } } },
  L2Norm: { number: 12, fields: { activation } },
  LeakyRelu: { number: 75, fields: { alpha: { slot: 0, kind: 'float32' } } },
  MirrorPad: { number: 77, fields: { mode: { slot: 0, kind: 'int8' } } },
  Mul: { number: 21, fields: { activation } },
  Pack: { number: 59, fields: { valuesCount: { slot: 0, kind: 'int32' }, axis: { slot: 1, kind: 'int32' } } },
  Pool2D: {
    number: 5,
    fields: {
      ...window,
      filterW: { slot: 3, kind: 'int32' },
      filterH: { slot: 4, kind: 'int32' },
      activation: { slot: 5, kind: 'int8' },
    },
  },
  Reducer: { number: 27, fields: { keepDims: { slot: 0, kind: 'bool' } } },
  Reshape: { number: 17, fields: { newShape: { slot: 0, kind: 'int32s' } } },
  ResizeBilinear: {
    number: 15,
    fields: { alignCorners: { slot: 2, kind: 'bool' }, halfPixelCenters: { slot: 3, kind: 'bool' } },
  },
  ResizeNearestNeighbor: {
    number: 74,
    fields: { alignCorners: { slot: 0, kind: 'bool' }, halfPixelCenters: { slot: 1, kind: 'bool' } },
  },
  Shape: { number: 55, fields: { outType: { slot: 0, kind: 'int8' } } },
  Softmax: { number: 9, fields: { beta: { slot: 0, kind: 'float32' } } },
  SpaceToDepth: { number: 19, fields: { blockSize: { slot: 0, kind: 'int32' } } },
  Split: { number: 35, fields: { numSplits: { slot: 0, kind: 'int32' } } },
  SplitV: { number: 79, fields: { numSplits: { slot: 0, kind: 'int32' } } },
  Squeeze: { number: 30, fields: { squeezeDims: { slot: 0, kind: 'int32s' } } },
  StridedSlice: {
    number: 32,
    fields: {
      beginMask: { slot: 0, kind: 'int32' },
      endMask: { slot: 1, kind: 'int32' },
      ellipsisMask: { slot: 2, kind: 'int32' },
      newAxisMask: { slot: 3, kind: 'int32' },
      shrinkAxisMask: { slot: 4, kind: 'int32' },
      offset: { slot: 5, kind: 'bool' },
    },
  },
  Sub: { number: 28, fields: { activation } },
  TransposeConv: { number: 49, fields: { ...window, activation: { slot: 3, kind: 'int8' } } },
  Unpack: { number: 64, fields: { num: { slot: 0, kind: 'int32' }, axis: { slot: 1, kind: 'int32' } } },
};
