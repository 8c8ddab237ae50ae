/** What a kernel must be able to do beyond reals. */
export type Ability = 'reals' | 'codes' | 'wide codes';

/** Where codes are not version 2 of the operator. @see tensorflow/lite/tools/versioning/op_version.cc */
const codeVersions: Readonly<Record<string, number>> = {
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 3,
  FULLY_CONNECTED: 4,
  TRANSPOSE_CONV: 3,
  BATCH_MATMUL: 2,
  QUANTIZE: 2,
  DEQUANTIZE: 2,
  RESHAPE: 1,
  HARD_SWISH: 1,
};

/** Where codes of 16 bits are not version 3 of the operator. */
const wideVersions: Readonly<Record<string, number>> = {
  CONV_2D: 4,
  DEPTHWISE_CONV_2D: 5,
  FULLY_CONNECTED: 7,
  GATHER: 4,
  LEAKY_RELU: 2,
  MAXIMUM: 4,
  MINIMUM: 4,
  MUL: 4,
  QUANTIZE: 2,
  RESHAPE: 1,
  SLICE: 4,
  SPLIT: 4,
  SPLIT_V: 2,
  STRIDED_SLICE: 2,
  SUB: 5,
  TRANSPOSE: 5,
};

/** Of products of reals with int8 weights that have a scale for each channel. */
const hybridVersions: Readonly<Record<string, number>> = {
  CONV_2D: 5,
  DEPTHWISE_CONV_2D: 6,
  FULLY_CONNECTED: 12,
  TRANSPOSE_CONV: 3,
};

/** The version of a product whose kernel puts reals on a grid of their own range; undefined for what is none. */
export function hybridVersion(operator: string): number | undefined {
  return Object.hasOwn(hybridVersions, operator) ? hybridVersions[operator] : undefined;
}

/** The version of an operator whose kernel is sure to do it. */
export function versionOf(operator: string, ability: Ability): number {
  if (ability === 'reals') return 1;
  return ability === 'codes' ? (codeVersions[operator] ?? 2) : (wideVersions[operator] ?? 3);
}
