/** What the code view begins with: a whole pass, small enough to be read. */
export const firstPass: string = `import {
  codebook,
  defineOptions,
  definePassPlugin,
  dense,
  type Model,
  option,
  PASS,
  type PassContext,
  type PassResult,
  Tensor,
  toFloat32,
} from '@espalier/core';

interface Options {
  readonly powers: number;
}

/** Every weight becomes 0 or a power of two: a shift, where others multiply. */
export const powersOfTwo = definePassPlugin<Options>({
  id: 'powers-of-two',
  about: 'Rounds weights to the nearest of a few powers of two.',
  options: defineOptions<Options>({
    powers: option.integer({ default: 7, min: 1, max: 100, about: 'How many powers.' }),
  }),
  register(container) {
    container.register(PASS, { useValue: { name: 'powers-of-two', effect: 'lossy', run } });
  },
});

function run(model: Model, { options, count }: PassContext<Options>): PassResult {
  for (const weight of model.weights()) {
    const values = toFloat32(weight.decode());
    const shared = powersUpTo(largest(values), options.powers);
    const indices = Uint8Array.from(values, (value) => nearest(shared, value));
    const tensor = new Tensor('uint8', indices, weight.encoding.dims);
    model.replaceWeight(weight, codebook(dense(new Tensor('float32', shared)), dense(tensor)));
    count('weights.rounded', values.length);
    console.log(weight.name, [...shared].join(' '));
  }
  return { modified: true };
}

/** 0, and powers of two of both signs, rising. */
function powersUpTo(magnitude: number, powers: number): Float32Array {
  const top = Math.round(Math.log2(magnitude));
  const positive = Array.from({ length: powers }, (_, i) => 2 ** (top - i));
  return Float32Array.from([...positive.map((power) => -power), 0, ...positive]).sort();
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 2 ** -20);
}

function nearest(shared: Float32Array, value: number): number {
  let best = 0;
  for (let i = 1; i < shared.length; i++)
    if (Math.abs(shared[i]! - value) < Math.abs(shared[best]! - value)) best = i;
  return best;
}
`;
