import {
  type Attribute,
  createRandom,
  Graph,
  int,
  ints,
  Model,
  memoryDataset,
  type RequantizationRule,
  Tensor,
  toNumbers,
  type Value,
} from '@espalier/core';
import { fuse } from '@espalier/plugin-fuse';
import { quantize } from '@espalier/plugin-quantize';
import { InferenceSession } from '@espalier/runtime';
import { writeTflite } from '@espalier/tflite';
import { expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';
import { startLiteRt } from './litert.js';

const size = 64;
const dims = [1, 3, size, size] as const;

/** Inverted bottlenecks as MobileNetV2 has them, with seeded weights: nothing in them evens out an error of one code. */
function bottlenecks(count: number): Model {
  const graph = new Graph('bottlenecks');
  const random = createRandom(21);
  const conv = (
    x: Value,
    [inputs, outputs]: readonly [number, number],
    kernel: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value => {
    const shape = [outputs, inputs, kernel, kernel];
    const each = inputs * kernel * kernel;
    const values = Float32Array.from(
      { length: outputs * each },
      () => (random.next() - 0.5) * Math.sqrt(12 / each),
    );
    const weight = graph.constant(new Tensor('float32', values, shape));
    const pads = ints(new Array<number>(4).fill(kernel >> 1));
    const all = { kernel_shape: ints([kernel, kernel]), pads, ...attributes };
    return graph.apply({ op: 'Conv', inputs: [x, weight], attributes: all });
  };
  const bound = (value: number): Value => graph.constant(new Tensor('float32', Float32Array.of(value), []));
  const relu6 = (x: Value): Value => graph.apply({ op: 'Clip', inputs: [x, bound(0), bound(6)] });
  const image = graph.addInput('image', { dtype: 'float32', dims: [...dims] });
  let x = relu6(conv(image, [3, 16], 3, { strides: ints([2, 2]) }));
  for (let i = 0; i < count; i++) {
    const wide = relu6(conv(x, [16, 64], 1));
    const narrow = conv(relu6(conv(wide, [1, 64], 3, { group: int(64) })), [64, 16], 1);
    x = graph.apply({ op: 'Add', inputs: [x, narrow] });
  }
  graph.addOutput(x);
  return new Model(graph);
}

function noise(seed: number, step: number): Tensor {
  const random = createRandom(seed);
  // Whole steps of the input's grid: LiteRT rounds halves of the input to even, TensorFlow Lite away from zero.
  const data = Float32Array.from({ length: 3 * size * size }, () => {
    const real = 2 * random.next() - 1;
    return step === 0 ? real : Math.fround(step * Math.round(real / step));
  });
  return new Tensor('float32', data, [...dims]);
}

/** Codes that differ between LiteRT and a session of a rule. */
async function differences(rule: RequantizationRule, blocks: number): Promise<number> {
  const calibration = memoryDataset('noise', { image: noise(5, 0) });
  const steps = [fuse(), quantize({ batchSize: 1, requantization: rule })];
  const { model } = await createCompressor().run(bottlenecks(blocks), steps, {
    data: { calibration },
    driftSamples: 0,
  });
  const image = noise(9, model.graph.inputs[0]?.type?.quantization?.scale[0] ?? 0);
  const session = await InferenceSession.create(model);
  const ours = Object.values(await session.run({ image })).flatMap((tensor) => Array.from(toNumbers(tensor)));
  await session.release();
  const loaded = await (await startLiteRt()).load(writeTflite(model));
  const [theirs = []] = await loaded.run([image], ['float32']);
  loaded.release();
  return ours.filter((real, i) => real !== theirs[i]).length;
}

test('few codes of a layer differ from LiteRT, and what follows spreads them', {
  timeout: 60_000,
}, async () => {
  const codes = 16 * (size / 2) ** 2;
  const counts = async (blocks: number): Promise<readonly [onnx: number, once: number]> => [
    await differences('onnx', blocks),
    await differences('tflite', blocks),
  ];
  const [first, last] = [await counts(0), await counts(8)];
  console.log(
    `Of ${codes} codes differ from LiteRT after one convolution ${first.join(' (onnx) and ')} (tflite), after 8 bottlenecks ${last.join(' and ')}.`,
  );
  // It multiplies sums by float32, rounded at each step: a neighbour of the factor of rule onnx, and no fixed point.
  for (const count of first) expect(count).toBeLessThanOrEqual(3);
  for (const count of last) expect(count).toBeLessThan(codes / 10);
});
