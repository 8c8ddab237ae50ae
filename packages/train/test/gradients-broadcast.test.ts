import { Tensor, type Value } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sgd, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { Builder, checkGradients, seededSamples } from './gradient-check.js';

/** Sizes of a picture, and along which of its axes, batch first, the second operand is one element. */
const shapes = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    repeated: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    /** Axes that the second operand lacks in front. */
    lacking: fc.nat(4),
    swapped: fc.boolean(),
    /** Whether a convolution has turned the first one to channels-last. */
    turned: fc.boolean(),
  })
  .filter(({ sizes }) => sizes.reduce((a, b) => a * b, 1) > 1);

describe('gradients under broadcasting are those of central differences', () => {
  test.each(['Add', 'Sub', 'Mul', 'Div'])('%s by constants and by computed values', async (op) => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), async (shape, constant) => {
        const { sizes, repeated, lacking, swapped, turned } = shape;
        const b = new Builder();
        const image = b.trainedImage(sizes);
        const a = turned && sizes.length > 1 ? pointwise(b, image, sizes) : image;
        const dims = sizes.map((size, axis) => (repeated[axis + 1] ? 1 : size));
        const other = constant
          ? b.graph.constant(positive(b.tensor([1, ...dims].slice(lacking))), 'other')
          : b.trainedImage(dims, 'other');
        const operands = swapped ? [other, a] : [a, other];
        // Nothing is divided by a number near zero.
        const [left, right] = op === 'Div' ? operands.map((x) => awayFromZero(b, x)) : operands;
        const model = b.model(b.classes(b.apply({ op, inputs: [left ?? a, right ?? a] }), sizes));
        await checkGradients(model, seededSamples(model, 3, 4), { terms: 0.1 });
      }),
      { numRuns: 10 },
    );
  });

  test('both operands repeated, and one read twice', async () => {
    const b = new Builder();
    const product = b.apply({
      op: 'Mul',
      inputs: [b.trainedImage([3, 1, 4]), b.trainedImage([3, 2, 1], 'other')],
    });
    const model = b.model(b.flat(b.apply({ op: 'Mul', inputs: [product, product] })));
    await checkGradients(model, seededSamples(model, 3, 24));
  });

  test('a clamp behind a product', async () => {
    const b = new Builder();
    const scaled = b.apply({ op: 'Mul', inputs: [b.trainedImage([3, 3, 4]), b.weight([3, 1, 1], 'scale')] });
    const model = b.model(b.flat(b.apply({ op: 'Relu', inputs: [scaled] })));
    await checkGradients(model, seededSamples(model, 3, 12));
  });
});

describe('constants of elementwise operators', () => {
  test('are trained, but for single numbers of a formula, and penalties leave them out', async () => {
    const b = new Builder();
    const hidden = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 4], 'w')] });
    const six = b.graph.constant(new Tensor('float32', Float32Array.of(6), [1]), 'six');
    const sixth = b.apply({ op: 'Div', inputs: [hidden, six] });
    const scaled = b.apply({ op: 'Mul', inputs: [sixth, b.weight([1, 4], 'scale')] });
    const model = b.model(b.apply({ op: 'Add', inputs: [scaled, b.scalar(3)] }));
    const data = seededSamples(model, 20, 4);
    const optimizer = sgd({ learningRate: 0.1 });
    const train = async (l2: number) => {
      const trainer = await Trainer.create(model, { loss: softmaxCrossEntropy(), optimizer, l2 });
      await trainer.fit(data, { epochs: 1 });
      return trainer;
    };
    const [plain, penalized] = [await train(0), await train(10)];
    expect(plain.weightNames).toEqual(['w', 'scale']);
    expect(penalized.weight('scale')).toEqual(plain.weight('scale'));
    expect(penalized.weight('w')).not.toEqual(plain.weight('w'));
  });
});

/** What comes out is channels-last. */
function pointwise(b: Builder, x: Value, [channels = 1, ...spatial]: readonly number[]): Value {
  const weight = b.weight([channels, channels, ...spatial.map(() => 1)], 'turn', 2);
  return b.apply({ op: 'Conv', inputs: [x, weight] });
}

function positive({ data, dims }: Tensor): Tensor {
  return new Tensor(
    'float32',
    Float32Array.from(data as Float32Array, (x) => Math.abs(x) + 0.5),
    dims,
  );
}

/** e^x, which is above zero; constants are so already. */
function awayFromZero(b: Builder, x: Value): Value {
  return x.constant === null ? b.apply({ op: 'Exp', inputs: [x] }) : x;
}
