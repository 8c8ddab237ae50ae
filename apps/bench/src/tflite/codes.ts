// Numbers of TensorFlow Lite's schema (tensorflow/lite/schema/schema.fbs), as far as nine networks need them.

/** enum TensorType */
export const tensorTypes = { float32: 0, int32: 2, int8: 9 } as const;
export type TensorType = keyof typeof tensorTypes;

/** enum ActivationFunctionType */
export const activations = { none: 0, relu: 1, relu6: 3 } as const;
export type FusedActivation = keyof typeof activations;

/** enum Padding */
export const paddings = { same: 0, valid: 1 } as const;

export interface OperatorCode {
  /** enum BuiltinOperator */
  readonly operator: number;
  /** union BuiltinOptions */
  readonly options: number;
  /** The least version of the operator that takes per-channel int8. */
  readonly version: number;
}

export type OperatorName =
  | 'ADD'
  | 'CONCATENATION'
  | 'CONV_2D'
  | 'DEPTHWISE_CONV_2D'
  | 'FULLY_CONNECTED'
  | 'MAX_POOL_2D'
  | 'RESHAPE'
  | 'MEAN';

export const operatorCodes: Readonly<Record<OperatorName, OperatorCode>> = {
  ADD: { operator: 0, options: 11, version: 2 },
  CONCATENATION: { operator: 2, options: 10, version: 2 },
  CONV_2D: { operator: 3, options: 1, version: 3 },
  DEPTHWISE_CONV_2D: { operator: 4, options: 2, version: 3 },
  FULLY_CONNECTED: { operator: 9, options: 8, version: 4 },
  MAX_POOL_2D: { operator: 17, options: 5, version: 2 },
  RESHAPE: { operator: 22, options: 17, version: 1 },
  MEAN: { operator: 40, options: 27, version: 2 },
};
