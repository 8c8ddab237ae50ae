import { writeEspalier } from '@espalier/container';
import type { Model, Value } from '@espalier/core';
import { writeOnnx } from '@espalier/onnx';
import type { EdgeGrid } from '../engines/engine.js';
import { dimsOf, product } from '../networks/network-builder.js';
import { type Network, networkMacs } from '../networks/networks.js';
import { referenceAnswer } from '../networks/reference.js';
import { writeTflite } from '../tflite/write-tflite.js';
import { seededInput } from './input.js';
import { quantizedModel, withSharedConcatGrids, withUnsignedActivations } from './quantized.js';

/** Files by format and type. ONNX int8 has both types of activations: engines are fast in one or the other. */
export type FileName =
  | 'float32.espalier'
  | 'int8.espalier'
  | 'float32.onnx'
  | 'uint8.onnx'
  | 'int8.onnx'
  | 'float32.tflite'
  | 'int8.tflite';

/** One network as every engine takes it, with the answer that all are held to. */
export interface ModelSet {
  readonly network: Network;
  readonly macs: number;
  readonly dims: readonly number[];
  readonly input: Float32Array;
  readonly reference: Float32Array;
  readonly files: Readonly<Record<FileName, Uint8Array>>;
  readonly grids: { readonly input: EdgeGrid; readonly output: EdgeGrid };
}

export async function makeModelSet(network: Network): Promise<ModelSet> {
  const float = network.make();
  const int8 = await quantizedModel(float);
  const shared = withSharedConcatGrids(int8);
  const dims = dimsOf(float.graph.inputs[0]);
  const input = seededInput(`${network.name}/input`, product(dims));
  return {
    network,
    macs: networkMacs(float),
    dims,
    input,
    reference: referenceAnswer(float, input),
    files: {
      'float32.espalier': writeEspalier(float),
      'int8.espalier': writeEspalier(int8),
      'float32.onnx': writeOnnx(float),
      'uint8.onnx': writeOnnx(withUnsignedActivations(shared)),
      'int8.onnx': writeOnnx(shared),
      'float32.tflite': writeTflite(float),
      'int8.tflite': writeTflite(shared),
    },
    grids: edgeGrids(int8),
  };
}

function edgeGrids({ graph }: Model): ModelSet['grids'] {
  return { input: edgeGrid(graph.inputs[0]), output: edgeGrid(graph.outputs[0]) };
}

function edgeGrid(value: Value | undefined): EdgeGrid {
  const grid = value?.type?.quantization;
  return { scale: grid?.scale[0] ?? 1, zeroPoint: grid?.zeroPoint[0] ?? 0 };
}
