import { type Attribute, int, ints, string, type Value } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adam, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { Builder, checkGradients, seededSamples } from './gradient-check.js';

type Attributes = Readonly<Record<string, Attribute>>;

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

/** An image, channels-last where `turned` says so. */
function imageOf(b: Builder, dims: readonly number[], turned: boolean, name?: string): Value {
  const image = b.trainedImage(dims, name);
  if (!turned || dims.length < 2) return image;
  const [channels = 1, ...spatial] = dims;
  const weight = b.weight([channels, channels, ...spatial.map(() => 1)], `${name ?? 'image'}.turn`, 2);
  return b.apply({ op: 'Conv', inputs: [image, weight] });
}

async function check(b: Builder, value: Value, dims: readonly number[]): Promise<void> {
  const model = b.model(b.classes(value, dims));
  await checkGradients(model, seededSamples(model, 3, 4), { terms: 0.1 });
}

describe('gradients of what moves elements are those of central differences', () => {
  test('Transpose, by any permutation, in either layout', async () => {
    const cases = fc.record({ dims: sizes, order: fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), async ({ dims, order }, turned) => {
        const b = new Builder();
        // The batch stays where it is.
        const perm = dims.map((_, axis) => axis + 1).sort((i, j) => (order[i] ?? 0) - (order[j] ?? 0));
        const attributes = { perm: ints([0, ...perm]) };
        const inputs = [imageOf(b, dims, turned)];
        const moved = b.apply({ op: 'Transpose', attributes, inputs });
        await check(b, moved, dims);
      }),
      { numRuns: 10 },
    );
  });

  test('Concat of computed and constant parts along any axis, in either layout', async () => {
    const cases = fc.record({ dims: sizes, axis: fc.nat(2), more: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), fc.boolean(), async ({ dims, axis, more }, turned, first) => {
        const b = new Builder();
        const along = axis % dims.length;
        const wider = dims.map((size, i) => (i === along ? more : size));
        const parts = [imageOf(b, dims, turned), b.trainedImage(wider, 'more')];
        const joined = dims.map((size, i) => (i === along ? size + more : size));
        const attributes = { axis: int(along - dims.length) };
        const inputs = first ? parts : parts.toReversed();
        await check(b, b.apply({ op: 'Concat', attributes, inputs }), joined);
      }),
      { numRuns: 10 },
    );
  });

  test('Concat of constants, and of one value with itself', async () => {
    const b = new Builder();
    const rows = b.apply({
      op: 'Concat',
      attributes: { axis: int(0) },
      inputs: [b.weight([1, 3], 'first'), b.weight([2, 3], 'second')],
    });
    const image = b.trainedImage([2, 3]);
    const twice = b.apply({ op: 'Concat', attributes: { axis: int(1) }, inputs: [image, image] });
    const cut = b.apply({ op: 'Slice', inputs: [twice, b.ints(1), b.ints(4), b.ints(1)] });
    await check(b, b.apply({ op: 'Mul', inputs: [cut, rows] }), [3, 3]);
  });

  test('Slice from anywhere, in steps of any size, in either layout', async () => {
    const bounds = fc.record({
      start: fc.integer({ min: -5, max: 5 }),
      end: fc.integer({ min: -5, max: 5 }),
      step: fc.constantFrom(1, 1, 2, -1, -2),
    });
    const cases = fc.record({ dims: sizes, bounds: fc.array(bounds, { minLength: 3, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), async ({ dims, bounds: given }, turned) => {
        const cuts = given.slice(0, dims.length);
        const left = dims.map((size, axis) => lengthOf(size, cuts[axis] ?? { start: 0, end: size, step: 1 }));
        fc.pre(!left.includes(0));
        const b = new Builder();
        const list = (of: 'start' | 'end' | 'step') => b.ints(...cuts.map((cut) => cut[of]));
        const axes = b.ints(...dims.map((_, axis) => axis + 1));
        const inputs = [imageOf(b, dims, turned), list('start'), list('end'), axes, list('step')];
        await check(b, b.apply({ op: 'Slice', inputs }), left);
      }),
      { numRuns: 10 },
    );
  });

  test.each(['constant', 'edge', 'reflect', 'wrap'])(
    'Pad, %s, more and less, in either layout',
    async (mode) => {
      const pads = fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 6, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(
          fc.record({ dims: sizes, pads }),
          fc.boolean(),
          async ({ dims, pads: given }, turned) => {
            const rank = dims.length;
            const before = given.slice(0, rank);
            const after = given.slice(3, 3 + rank);
            const padded = dims.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0));
            const left = dims.map(
              (size, i) => size + Math.min(before[i] ?? 0, 0) + Math.min(after[i] ?? 0, 0),
            );
            // What is cut off altogether has no gradient.
            fc.pre(left.every((size) => size > 0) && padded.every((size) => size > 0));
            const b = new Builder();
            const image = imageOf(b, dims, turned);
            const inputs = [image, b.ints(0, ...before, 0, ...after), b.scalar(0.25)];
            await check(b, b.apply({ op: 'Pad', attributes: { mode: string(mode) }, inputs }), padded);
          },
        ),
        { numRuns: 6 },
      );
    },
  );

  test.each<{ op: string; dims: number[]; left: number[]; attributes: Attributes; others?: number[] }>([
    { op: 'Gather', dims: [4, 3], left: [3, 3], attributes: { axis: int(1) }, others: [3, 0, 3] },
    { op: 'DepthToSpace', dims: [8, 2, 3], left: [2, 4, 6], attributes: { blocksize: int(2) } },
    { op: 'SpaceToDepth', dims: [2, 4, 2], left: [8, 2, 1], attributes: { blocksize: int(2) } },
    { op: 'Tile', dims: [2, 3], left: [4, 3], attributes: {}, others: [1, 2, 1] },
    { op: 'Expand', dims: [3, 1, 2], left: [3, 4, 2], attributes: {}, others: [3, 4, 1] },
  ])('$op', async ({ op, dims, left, attributes, others }) => {
    const b = new Builder();
    const inputs = [b.trainedImage(dims), ...(others === undefined ? [] : [b.ints(...others)])];
    await check(b, b.apply({ op, attributes, inputs }), left);
  });

  test('Split, of which one part is read by nobody and one twice', async () => {
    const b = new Builder();
    const parts = ['a', 'b', 'c'].map((name) => b.graph.addValue(name));
    const [first, , last] = parts;
    if (first === undefined || last === undefined) throw new Error('There are three.');
    b.graph.addNode({
      op: 'Split',
      attributes: { axis: int(2) },
      inputs: [b.trainedImage([2, 6]), b.ints(1, 3, 2)],
      outputs: parts,
    });
    const sum = b.apply({ op: 'Mul', inputs: [last, last] });
    await check(b, b.apply({ op: 'Add', inputs: [first, sum] }), [2, 2]);
  });
});

describe('gradients along axes are those of central differences', () => {
  test.each(['ReduceMean', 'ReduceSum'])('%s over any axes, in either layout', async (op) => {
    const cases = fc.record({ dims: sizes, reduced: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), fc.boolean(), async ({ dims, reduced }, turned, keep) => {
        const axes = dims.flatMap((_, axis) => (reduced[axis] ? [axis + 1] : []));
        fc.pre(axes.length > 0);
        const b = new Builder();
        const inputs = [imageOf(b, dims, turned), b.ints(...axes)];
        const attributes = { keepdims: int(keep ? 1 : 0) };
        const left = dims.map((size, axis) => (reduced[axis] ? 1 : size));
        await check(b, b.apply({ op, attributes, inputs }), left);
      }),
      { numRuns: 10 },
    );
  });

  test('Softmax along any axis, in either layout', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(2), fc.boolean(), async (dims, axis, turned) => {
        fc.pre((dims[axis % dims.length] ?? 1) > 1);
        const b = new Builder();
        const attributes = { axis: int((axis % dims.length) - dims.length) };
        const y = b.apply({ op: 'Softmax', attributes, inputs: [imageOf(b, dims, turned)] });
        await check(b, y, dims);
      }),
      { numRuns: 10 },
    );
  });
});

describe('what has no way for a gradient is refused by name', () => {
  test.each<{ what: string; build: (b: Builder, x: Value) => Value; message: RegExp }>([
    {
      what: 'a Slice whose bounds are fed',
      build(b, x) {
        const end = b.graph.addInput('end', { dtype: 'int64', dims: [1] });
        return b.apply({ op: 'Slice', inputs: [x, b.ints(0), end] });
      },
      message: /Slice can't be trained through: its input 2 is not constant/,
    },
    {
      what: 'a constant alone',
      build: (b, x) => b.apply({ op: 'Add', inputs: [x, b.apply({ op: 'Relu', inputs: [b.weight([4])] })] }),
      message: /Relu can't be trained through: its input is constant/,
    },
    {
      what: 'integers that are fed',
      build(b, x) {
        const integers = b.graph.addInput('size', { dtype: 'int64', dims: [1] });
        const sum = b.apply({ op: 'Concat', attributes: { axis: int(0) }, inputs: [b.ints(-1), integers] });
        return b.apply({ op: 'Reshape', inputs: [x, sum] });
      },
      message: /Concat can't be trained through: its result is int64/,
    },
    {
      what: 'Pad by a mode that there is none of',
      build: (b, x) =>
        b.apply({ op: 'Pad', attributes: { mode: string('mirror') }, inputs: [x, b.ints(0, 1, 0, 1)] }),
      message: /Pad can't be trained through: its mode is "mirror"/,
    },
  ])('$what', async ({ build, message }) => {
    const b = new Builder();
    const x = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 4], 'w')] });
    const model = b.model(build(b, x));
    const options = { loss: softmaxCrossEntropy(), optimizer: adam() };
    await expect(Trainer.create(model, options)).rejects.toThrow(message);
  });
});

/** Elements that a Slice leaves of an axis: ONNX Slice, opset 13. */
function lengthOf(size: number, cut: { start: number; end: number; step: number }): number {
  let count = 0;
  const [least, most] = cut.step > 0 ? [0, size] : [-1, size - 1];
  const bound = (index: number) => Math.min(most, Math.max(least, index < 0 ? index + size : index));
  for (let i = bound(cut.start); cut.step > 0 ? i < bound(cut.end) : i > bound(cut.end); i += cut.step)
    count++;
  return count;
}
