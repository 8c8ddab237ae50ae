import {
  type Attribute,
  Attributes,
  type DataType,
  dataTypes,
  EspalierError,
  elementCount,
  floats,
  int,
  ints,
  string,
  type Tensor,
  tensorOf,
} from '@espalier/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operatorTable } from '../../src/operators/operator-table.js';

// Nothing that makes a result just below the limit of 2^31 elements: that is allowed, and slow to fill.
const odd = fc.constantFrom(-(2 ** 40), -3, -2, -1, 0, 1, 2, 3, 5, 2 ** 33, 2 ** 40);
const anyDims = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 });
const usualType: fc.Arbitrary<DataType> = fc.constantFrom<DataType>('float32', 'int64', 'int8', 'bool');
const anyType = fc.oneof(usualType, fc.constantFrom(...dataTypes));

const anyValues = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) }, { weight: 1, arbitrary: odd }),
  { minLength: 1, maxLength: 8 },
);

function tensorFrom(type: DataType, dims: readonly number[], values: readonly number[]): Tensor {
  const count = elementCount(dims);
  const cycled = Array.from({ length: count }, (_, i) => values[i % values.length] ?? 0);
  return tensorOf(type, cycled, dims);
}

const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(anyType, anyDims, anyValues)
  .map(([type, dims, values]) => tensorFrom(type, dims, values));

/** Small vectors of integers: axes, shapes, pads, indices, lengths. */
const anyList: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DataType>('int64', 'int32'), fc.integer({ min: 0, max: 8 }), anyValues)
  .map(([type, length, values]) => tensorFrom(type, [length], values));

/** Inputs of all sorts, or of one type and shape with lists among them: those get further. */
const anyInputs: fc.Arbitrary<(Tensor | null)[]> = fc.oneof(
  fc.array(fc.option(anyTensor, { freq: 8 }), { maxLength: 8 }),
  fc.tuple(anyType, anyDims).chain(([type, dims]) => {
    const alike = anyValues.map((values) => tensorFrom(type, dims, values));
    return fc.array(fc.oneof(alike, alike, anyList, fc.constant(null)), { minLength: 1, maxLength: 8 });
  }),
);

const integerNames = [
  'axis',
  'batch_dims',
  'k',
  'to',
  'dtype',
  'group',
  'num_groups',
  'keepdims',
  'num_outputs',
  'blocksize',
  'size',
  'p',
  'start',
  'end',
  'block_size',
  'output_dtype',
  'ceil_mode',
  'hidden_size',
  'num_heads',
  'q_num_heads',
  'kv_num_heads',
  'rotary_embedding_dim',
  'left_window_size',
  'layout',
  'antialias',
  'allowzero',
  'storage_order',
  'is_causal',
];
const listNames = [
  'axes',
  'perm',
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'output_padding',
  'output_shape',
];
const stringNames = [
  'mode',
  'auto_pad',
  'direction',
  'reduction',
  'equation',
  'coordinate_transformation_mode',
];
const texts = [
  '',
  'SAME_UPPER',
  'reflect',
  'linear',
  'cubic',
  'add',
  'bidirectional',
  'LEFT',
  'ii',
  'ij,jk',
  '...i->i...',
  'tf_crop_and_resize',
];

const anyAttribute: fc.Arbitrary<[string, Attribute]> = fc.oneof(
  fc.tuple(fc.constantFrom(...integerNames), fc.oneof(odd, fc.integer({ min: -2, max: 4 })).map(int)),
  fc.tuple(fc.constantFrom(...listNames), fc.array(odd, { maxLength: 6 }).map(ints)),
  fc.tuple(
    fc.constantFrom(...listNames),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }).map(ints),
  ),
  fc.tuple(fc.constantFrom(...stringNames), fc.constantFrom(...texts).map(string)),
  fc.tuple(fc.constant('activation_alpha'), fc.constant(floats([1]))),
);

test.each(Object.keys(operatorTable))(
  '%s, whatever it is given, throws EspalierErrors and nothing else',
  (op) => {
    fc.assert(
      fc.property(
        anyInputs,
        fc.array(anyAttribute, { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        (tensors, list, count) => {
          const outputs = new Array<boolean>(count).fill(true);
          try {
            operatorTable[op]?.run(tensors, { attributes: new Attributes(list), outputs, name: 'fuzzed' });
          } catch (error) {
            if (!(error instanceof EspalierError)) throw error;
            expect(error.what).not.toBe('');
          }
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  },
);
