import { type Dataset, type Model, memoryDataset, type RunData, tensorOf } from '@espalier/core';
import { seededValues } from '../seeded-values.js';

const samples = { train: 24, calibration: 8, holdout: 8 } as const;

/** Data of every role that fit a model: normal-sized seeded inputs, labels of its training data. */
export function seededData(model: Model): RunData {
  return {
    train: dataset(model, 'train', true),
    calibration: dataset(model, 'calibration', false),
    holdout: dataset(model, 'holdout', true),
  };
}

function dataset(model: Model, role: keyof typeof samples, labelled: boolean): Dataset {
  const count = samples[role];
  const feeds = model.graph.inputs.map(({ name, type }) => {
    const dims = (type?.dims ?? []).slice(1).map((dim) => (typeof dim === 'number' ? dim : 2));
    const size = dims.reduce((product, dim) => product * dim, count);
    return [
      name,
      tensorOf(type?.dtype ?? 'float32', seededValues(`${role} ${name}`, size, -1, 1), [count, ...dims]),
    ];
  });
  // Two classes: every model has at least two outputs.
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  return memoryDataset(`${role} data of the kit`, Object.fromEntries(feeds), labelled ? labels : undefined);
}
