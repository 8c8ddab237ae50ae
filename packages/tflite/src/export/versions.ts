/** What a kernel must be able to do beyond reals. */
export type Ability = 'reals' | 'codes';

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

/** The version of an operator whose kernel is sure to do it. */
export function versionOf(operator: string, ability: Ability): number {
  return ability === 'codes' ? (codeVersions[operator] ?? 2) : 1;
}
