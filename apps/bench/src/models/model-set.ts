import { readEspalier, writeEspalier } from '@espalier/container';
import { coreEncodings, type Model, Tensor, toFloat32, type Value } from '@espalier/core';
import { writeOnnx } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import type { EdgeGrid } from '../engines/engine.js';
import { sqnr } from '../measure/statistics.js';
import { dimsOf, product } from '../networks/network-builder.js';
import { type Network, networkMacs } from '../networks/networks.js';
import { referenceAnswer } from '../networks/reference.js';
import { writeTflite } from '../tflite/write-tflite.js';
import { seededInput } from './input.js';
import { type ModelCache, noCache } from './model-cache.js';
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

/** @param cache - for the answer of the plain loops and the int8 model, which take longest */
export async function makeModelSet(network: Network, cache: ModelCache = noCache): Promise<ModelSet> {
  const float = network.make();
  const dims = dimsOf(float.graph.inputs[0]);
  const input = seededInput(`${network.name}/input`, product(dims));
  const answer = await cache.bytes(`${network.name}.answer`, () => bytesOf(referenceAnswer(float, input)));
  const reference = new Float32Array(answer.slice().buffer);
  const int8File = await cache.bytes(
    `${network.name}.int8.espalier`,
    async () => writeEspalier(await quantizedModel(float)),
    // Calibrated by a runtime that is being worked on, and wrong today, it is not to be used tomorrow.
    async () => sqnr(reference, await runtimeAnswer(float, input)) > 90,
  );
  const int8 = readEspalier(int8File, { encodings: coreEncodings });
  const shared = withSharedConcatGrids(int8);
  return {
    network,
    macs: networkMacs(float),
    dims,
    input,
    reference,
    files: {
      'float32.espalier': writeEspalier(float),
      'int8.espalier': int8File,
      'float32.onnx': writeOnnx(float),
      'uint8.onnx': writeOnnx(withUnsignedActivations(shared)),
      'int8.onnx': writeOnnx(shared),
      'float32.tflite': writeTflite(float),
      'int8.tflite': writeTflite(shared),
    },
    grids: edgeGrids(int8),
  };
}

async function runtimeAnswer(model: Model, input: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model);
  const [output] = Object.values(
    await session.run({ x: new Tensor('float32', input, dimsOf(model.graph.inputs[0])) }),
  );
  await session.release();
  return output === undefined ? new Float32Array(0) : toFloat32(output);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function edgeGrids({ graph }: Model): ModelSet['grids'] {
  return { input: edgeGrid(graph.inputs[0]), output: edgeGrid(graph.outputs[0]) };
}

function edgeGrid(value: Value | undefined): EdgeGrid {
  const grid = value?.type?.quantization;
  return { scale: grid?.scale[0] ?? 1, zeroPoint: grid?.zeroPoint[0] ?? 0 };
}
