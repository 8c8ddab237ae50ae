// What same-bits.test.ts runs in Node, in a page and in another version of Node.
import {
  affine,
  createRandom,
  dense,
  float,
  Graph,
  int,
  ints,
  Model,
  quantization,
  Tensor,
  tensorOf,
  toFloat32,
  type Value,
} from '@espalier/core';
import {
  adam,
  cosine,
  distillation,
  randomShift,
  type Samples,
  samples,
  softmaxCrossEntropy,
  Trainer,
  warmup,
} from '../src/index.js';

/** What to train with. */
export interface TrainingJob {
  readonly loss: 'labels' | 'teacher' | 'teacher, quantized';
  readonly threads: number;
}

const CLASSES = 6;
const COUNT = 70;

/** Convolutions of all kinds with a norm, pools, a gate, an LSTM over what is left, and a layer of classes. */
function network(seed: string): Model {
  const random = createRandom(seed);
  const graph = new Graph('elsewhere');
  const weight = (name: string, dims: readonly number[], size = 0.4): Value => {
    const data = Float32Array.from(
      { length: dims.reduce((a, b) => a * b, 1) },
      () => (random.next() * 2 - 1) * size,
    );
    return graph.constant(new Tensor('float32', data, dims), name);
  };
  const filled = (name: string, length: number, value: number): Value =>
    graph.constant(new Tensor('float32', new Float32Array(length).fill(value), [length]), name);
  const numbers = (...values: readonly bigint[]): Value =>
    graph.constant(new Tensor('int64', BigInt64Array.from(values), [values.length]));
  let x = graph.addInput('image', { dtype: 'float32', dims: ['N', 2, 12, 12] });
  const padded = { pads: ints([1, 1, 1, 1]) };
  x = graph.apply({ op: 'Conv', attributes: padded, inputs: [x, weight('conv1', [8, 2, 3, 3])] });
  const statistics = [
    filled('scale', 8, 1),
    filled('shift', 8, 0),
    filled('mean', 8, 0),
    filled('variance', 8, 1),
  ];
  x = graph.apply({
    op: 'BatchNormalization',
    attributes: { momentum: float(0.9) },
    inputs: [x, ...statistics],
  });
  x = graph.apply({ op: 'Relu', name: 'relu', inputs: [x] });
  x = graph.apply({
    op: 'Conv',
    attributes: { ...padded, group: int(8) },
    inputs: [x, weight('depthwise', [8, 1, 3, 3])],
  });
  x = graph.apply({ op: 'HardSwish', inputs: [x] });
  const halved = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
  x = graph.apply({ op: 'MaxPool', attributes: halved, inputs: [x] });
  const pooled = graph.apply({ op: 'GlobalAveragePool', inputs: [x] });
  x = graph.apply({ op: 'Mul', inputs: [x, graph.apply({ op: 'Sigmoid', inputs: [pooled] })] });
  x = graph.apply({ op: 'Reshape', inputs: [x, numbers(-1n, 8n, 36n)] });
  x = graph.apply({ op: 'Transpose', attributes: { perm: ints([1, 0, 2]) }, inputs: [x] });
  const last = graph.addValue('last');
  const gates = [weight('w', [1, 40, 36]), weight('r', [1, 40, 10]), weight('b', [1, 80])];
  graph.addNode({
    op: 'LSTM',
    attributes: { hidden_size: int(10) },
    inputs: [x, ...gates],
    outputs: [null, last],
  });
  x = graph.apply({ op: 'Squeeze', inputs: [last, numbers(0n)] });
  x = graph.apply({ op: 'Tanh', inputs: [x] });
  const layer = [weight('fc', [10, CLASSES]), weight('bias', [CLASSES])];
  graph.addOutput(graph.apply({ op: 'Gemm', inputs: [x, ...layer] }));
  return new Model(graph);
}

/** The same with weights and values held in codes. */
function quantized(model: Model): Model {
  const { graph } = model;
  for (const [name, axis] of [
    ['conv1', 0],
    ['fc', 1],
  ] as const) {
    const value = graph.value(name);
    if (value?.constant == null) continue;
    const { dims } = value.constant;
    const codes = Array.from(toFloat32(value.constant.decode()), (weight) => Math.round(weight / 0.07));
    const scale = new Float32Array(dims[axis] ?? 1).fill(0.07);
    graph.replaceConstant(value, affine(dense(tensorOf('int8', codes, dims)), quantization({ scale, axis })));
  }
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (output == null || (node.op !== 'Relu' && node.op !== 'HardSwish' && node.op !== 'MaxPool')) continue;
    const parameters = quantization({ scale: 0.03, zeroPoint: -100 });
    graph.setType(output, { dtype: 'float32', dims: output.type?.dims ?? null, quantization: parameters });
  }
  return model;
}

function images(): Samples {
  const random = createRandom('images');
  const data = Uint8Array.from({ length: COUNT * 288 }, () => random.below(256));
  const labels = Int32Array.from({ length: COUNT }, () => random.below(CLASSES));
  return samples({ inputs: { image: { data, dims: [2, 12, 12], scale: 1 / 255 } }, labels });
}

/** The weights after some epochs, by name, and what was told of the run. */
export async function trainElsewhere({ loss, threads }: TrainingJob): Promise<{
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly losses: readonly number[];
}> {
  const all = images();
  const model = loss === 'teacher, quantized' ? quantized(network('student')) : network('student');
  const trainer = await Trainer.create(model, {
    loss:
      loss === 'labels'
        ? softmaxCrossEntropy({ labelSmoothing: 0.1 })
        : distillation({ teacher: network('teacher'), temperature: 2 }),
    optimizer: adam({ learningRate: 0.01, weightDecay: 1e-3 }),
    batchSize: 16,
    seed: 7,
    l2: 1e-3,
    dropout: { relu: 0.2 },
    constraints: { fc: { mask: Uint8Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 0 : 1)) } },
    threads,
  });
  const losses: number[] = [];
  await trainer.fit(loss === 'labels' ? all : { ...all, labels: null }, {
    epochs: 3,
    schedule: warmup(4, cosine({ floor: 0.01 })),
    augment: randomShift({ pixels: 2 }),
    onEpoch(progress) {
      losses.push(progress.loss);
      trainer.addToAverage({ decay: 0.9 });
    },
  });
  trainer.useAverage();
  trainer.writeBack();
  trainer.release();
  const weights = model.graph.constants.flatMap(({ name, constant }) => {
    const data = constant?.decode().data;
    return data instanceof Float32Array ? [[name, data] as const] : [];
  });
  return { weights: Object.fromEntries(weights), losses };
}
