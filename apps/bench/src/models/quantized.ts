import {
  Compressor,
  type Dataset,
  InternalError,
  type Model,
  type Quantization,
  quantization,
  Tensor,
} from '@espalier/core';
import { quantize } from '@espalier/plugin-quantize';
import { runtimePlugin } from '@espalier/presets';
import { dimsOf, product } from '../networks/network-builder.js';
import { seededInput } from './input.js';

/** Samples that ranges are measured on: the speed does not depend on them. */
const CALIBRATION_SAMPLES = 4;

/** The network in int8, by our own static quantization, calibrated on seeded inputs. */
export async function quantizedModel(model: Model): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtimePlugin, quantize] });
  const { model: small } = await compressor.run(model, [quantize({ batchSize: 1 })], {
    data: { calibration: calibration(model) },
    driftSamples: 0,
    seed: 1,
  });
  return small;
}

function calibration({ graph }: Model): Dataset {
  const dims = dimsOf(graph.inputs[0]);
  return {
    name: 'seeded inputs',
    count: CALIBRATION_SAMPLES,
    labelled: false,
    async *batches(_, limit = CALIBRATION_SAMPLES) {
      for (let i = 0; i < Math.min(limit, CALIBRATION_SAMPLES); i++) {
        const data = seededInput(`${graph.name}/calibration ${i}`, product(dims));
        yield { feeds: { x: new Tensor('float32', data, dims) }, count: 1 };
      }
    },
  };
}

/**
 * The same with what a Concat reads on the grid of its result, as TensorFlow's converter has it: the
 * engines of others then only copy there.
 */
export function withSharedConcatGrids(model: Model): Model {
  const copy = model.clone();
  for (const node of copy.graph.nodesOf('Concat')) {
    const grid = node.outputs[0]?.type?.quantization;
    if (grid === undefined) continue;
    for (const value of node.inputs) {
      if (value?.type == null) continue;
      if (copy.graph.uses(value).size !== 1) {
        throw new InternalError({ what: `"${value.name}" has another reader, whose bias is on its grid.` });
      }
      copy.graph.setType(value, { ...value.type, quantization: grid });
    }
  }
  return copy;
}

/** The same with uint8 activations: each code and zero point 128 higher. */
export function withUnsignedActivations(model: Model): Model {
  const copy = model.clone();
  for (const value of copy.graph.values) {
    const grid = value.type?.quantization;
    if (value.constant !== null || value.type === null || grid === undefined) continue;
    copy.graph.setType(value, { ...value.type, quantization: unsigned(grid) });
  }
  return copy;
}

function unsigned({ scale, zeroPoint, axis }: Quantization): Quantization {
  return quantization({ scale, zeroPoint: zeroPoint.map((z) => z + 128), axis, storageType: 'uint8' });
}
