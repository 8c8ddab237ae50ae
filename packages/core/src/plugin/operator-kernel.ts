import type { Attributes } from '../ir/attributes.js';
import type { ValueType } from '../ir/value-type.js';
import type { DataType } from '../tensor/data-type.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Computes an operator that is not one of ONNX's: of ONNX Runtime's domain, say, or of an exporter of your own.
 * Plugins contribute these through the KERNEL token; what Espalier computes itself they do not replace.
 */
export interface OperatorKernel {
  /** Not '', which is ONNX's own: `com.microsoft`. */
  readonly domain: string;
  readonly op: string;
  /** Element types that its first input may have. */
  readonly types: readonly DataType[];
  /** The types of the outputs as they follow from those of the inputs; null where that is not known. */
  infer(inputs: readonly (ValueType | null)[], attributes: Attributes): readonly (ValueType | null)[];
  /**
   * The outputs, in new tensors. Inputs are lent: they are overwritten after the call. One that the node leaves out
   * is null.
   *
   * @throws {ShapeError} when shapes do not fit; {ModelError} when a required input or attribute is missing
   */
  run(inputs: readonly (Tensor | null)[], attributes: Attributes): readonly Tensor[];
}

/** The kernel for a node; undefined where none is. */
export function kernelFor(
  kernels: readonly OperatorKernel[],
  node: { readonly domain: string; readonly op: string },
): OperatorKernel | undefined {
  if (node.domain === '') return undefined;
  return kernels.find(({ domain, op }) => domain === node.domain && op === node.op);
}
