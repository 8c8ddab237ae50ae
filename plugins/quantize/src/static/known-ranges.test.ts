import { dense, Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { expect, test } from 'vitest';
import { samples } from '../../test/support/samples.js';
import { KnownRanges } from './known-ranges.js';

const model = parseModel(`
  input x: float32[1, 3, 6, 6]
  constant w: float32[4, 3, 3, 3] = random(1)
  y = Conv(x, w) { pads: [1, 1, 1, 1] }
  output y
`);

test('ranges are those of a model and its data, and of no model that a pass has changed', () => {
  const known = new KnownRanges();
  const data = samples([1, 3, 6, 6]);
  const ranges = known.of(model, model.clone(), data);
  ranges?.set('min-max y', { min: 0, max: 1 });
  expect(known.of(model, model.clone(), data)).toBe(ranges);
  expect(known.of(model, model.clone(), samples([1, 3, 6, 6]))?.size).toBe(0);
  expect(known.of(model.clone(), model.clone(), data)?.size).toBe(0);
  expect(known.of(model, model, undefined)).toBe(undefined);
  const pruned = model.clone();
  const weight = pruned.graph.value('w');
  if (weight === undefined) throw new Error('no w');
  pruned.graph.replaceConstant(weight, dense(new Tensor('float32', new Float32Array(108), [4, 3, 3, 3])));
  expect(known.of(model, pruned, data)).toBe(undefined);
  const folded = model.clone();
  folded.graph.apply({ op: 'Relu', inputs: [folded.graph.value('y') ?? null] });
  expect(known.of(model, folded, data)).toBe(undefined);
});
