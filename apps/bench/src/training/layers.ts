import { type Model, type Node, type Tensor, toFloat32 } from '@espalier/core';

/** Weights of a layer, in the order of ONNX. */
export interface Weights {
  /** [outputs, inputs, height, width] of a convolution, [outputs, inputs] of a fully connected layer. */
  readonly weight: Parameter;
  readonly bias: Parameter;
}

export interface Parameter {
  readonly values: Float32Array;
  readonly dims: readonly number[];
}

/** A layer of a network in which each takes what the one before gives: what other libraries build theirs from. */
export type Layer =
  | ({ readonly kind: 'conv' | 'connected' } & Weights)
  | { readonly kind: 'max-pool'; readonly window: readonly number[]; readonly strides: readonly number[] }
  | { readonly kind: 'relu' }
  | { readonly kind: 'flatten' };

/**
 * The layers of a model, so that all engines train the same network from the same weights.
 *
 * @throws {RangeError} when it is no chain, or has an operator or a form of one that is not known here
 */
export function layersOf({ graph }: Model): readonly Layer[] {
  let last = graph.inputs[0];
  return graph.nodes.map((node) => {
    if (node.inputs[0] !== last) throw new RangeError(`${node.name} does not follow the layer before it.`);
    last = node.outputs[0] ?? undefined;
    return layerOf(node);
  });
}

function layerOf(node: Node): Layer {
  const { attributes } = node;
  switch (node.op) {
    case 'Conv': {
      const ones = [...attributes.ints('strides', [1, 1]), ...attributes.ints('dilations', [1, 1])];
      const isPlain = ones.every((one) => one === 1) && attributes.int('group', 1) === 1;
      if (!isPlain || isPadded(node)) break;
      return { kind: 'conv', ...weightsOf(node) };
    }
    case 'Gemm':
      if (attributes.int('transB', 0) !== 1) break;
      return { kind: 'connected', ...weightsOf(node) };
    case 'MaxPool':
      if (isPadded(node)) break;
      return {
        kind: 'max-pool',
        window: attributes.ints('kernel_shape', []),
        strides: attributes.ints('strides', []),
      };
    case 'Relu':
      return { kind: 'relu' };
    case 'Flatten':
      return { kind: 'flatten' };
  }
  throw new RangeError(`${node.name}: this ${node.op} is not trained by other engines here.`);
}

function isPadded(node: Node): boolean {
  return node.attributes.ints('pads', []).some((pad) => pad > 0);
}

function weightsOf(node: Node): Weights {
  const [weight, bias] = [1, 2].map((index) => node.inputs[index]?.constant?.decode());
  if (weight === undefined || bias === undefined)
    throw new RangeError(`${node.name} has no constant weights.`);
  return { weight: parameterOf(weight), bias: parameterOf(bias) };
}

function parameterOf(tensor: Tensor): Parameter {
  return { values: toFloat32(tensor), dims: tensor.dims };
}
