import { describe, expect, test } from 'vitest';
import type { ModelView, NodeView } from '../studio/api.js';
import { diffModels } from './diff-models.js';

const node = (id: string, more: Partial<NodeView> = {}): NodeView => ({
  id,
  op: 'Conv',
  name: id,
  reads: [],
  values: [],
  attributes: [],
  bytes: 4,
  held: 'float32',
  quantization: '',
  weights: [],
  ...more,
});
const model = (...nodes: readonly NodeView[]): ModelView => ({
  name: 'm',
  format: 'onnx',
  fileBytes: 1,
  parameters: 1,
  inputs: [],
  outputs: [],
  nodes,
  weights: [],
  readsDigits: false,
});

describe('diffModels', () => {
  test('finds nothing between a model and itself', () => {
    const { changes, ...counts } = diffModels(model(node('a'), node('b')), model(node('a'), node('b')));
    expect(counts).toEqual({ removed: [], added: 0, changed: 0 });
    expect([...changes.values()]).toEqual(['same', 'same']);
  });

  test('tells a folded norm, a smaller weight and a new node apart', () => {
    const before = model(node('conv'), node('norm', { op: 'BatchNormalization', reads: ['conv'] }));
    const after = model(
      node('conv', { bytes: 2, held: 'int8' }),
      node('scale', { op: 'Mul', reads: ['conv'] }),
    );
    const { changes, removed, added, changed } = diffModels(before, after);
    expect(Object.fromEntries(changes)).toEqual({ conv: 'changed', scale: 'added' });
    expect(removed.map(({ id }) => id)).toEqual(['norm']);
    expect([added, changed]).toEqual([1, 1]);
  });
});
