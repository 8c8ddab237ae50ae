import { dense, Graph, Model, type Tensor, Tensor as TensorClass, tensorOf, toBytes } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureEspalier, readEspalier, writeEspalier } from '../src/index.js';
import { allKinds, encodings, models } from './random-models.js';
import { encodingSnapshot, hex, snapshot } from './snapshot.js';

const read = (bytes: Uint8Array): Model => readEspalier(bytes, { encodings: allKinds });

function modelOf(constant: Parameters<Graph['constant']>[0]): Model {
  const graph = new Graph();
  graph.addOutput(graph.constant(constant, 'c'));
  return new Model(graph);
}

describe('a model that is written and read', () => {
  test('is the same model, where all names and types are kept', () => {
    fc.assert(
      fc.property(models, (model) => {
        const back = read(writeEspalier(model, { names: 'all', types: 'all' }));
        const all = { names: true, types: true };
        expect(snapshot(back, all)).toStrictEqual(snapshot(model, all));
      }),
      { numRuns: 300 },
    );
  });

  test('differs in made-up names and types that follow from others only', () => {
    fc.assert(
      fc.property(models, (model) => {
        const back = read(writeEspalier(model));
        const publicOnly = { names: false, types: false };
        expect(snapshot(back, publicOnly)).toStrictEqual(snapshot(model, publicOnly));
        expect(back.graph.inputs.map(({ name }) => name)).toEqual(model.graph.inputs.map(({ name }) => name));
        expect(back.graph.outputs.map(({ name }) => name)).toEqual(
          model.graph.outputs.map(({ name }) => name),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('is written again as the same bytes', () => {
    fc.assert(
      fc.property(models, fc.constantFrom('all' as const, 'public' as const), (model, kept) => {
        const options = { names: kept, types: kept };
        const bytes = writeEspalier(model, options);
        expect(hex(writeEspalier(read(bytes), options))).toBe(hex(bytes));
      }),
    );
  });

  test('has the length that was measured', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(measureEspalier(model)).toBe(writeEspalier(model).length);
        const all = { names: 'all', types: 'all' } as const;
        expect(measureEspalier(model, all)).toBe(writeEspalier(model, all).length);
      }),
    );
  });
});

describe('an encoding that is written and read', () => {
  test('has the same parts at every depth, and decodes to the same bits', () => {
    fc.assert(
      fc.property(encodings, (encoding) => {
        const back = read(writeEspalier(modelOf(encoding))).graph.constants[0]?.constant;
        expect(back && encodingSnapshot(back)).toStrictEqual(encodingSnapshot(encoding));
        expect(hex(decodedBytes(back?.decode()))).toBe(hex(decodedBytes(encoding.decode())));
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps int64 and uint64 at their ends, small and large', () => {
    for (const values of [
      [0n, 1n, -1n],
      [2n ** 63n - 1n, -(2n ** 63n)],
      [300n, -300n],
    ]) {
      const tensor = new TensorClass('int64', BigInt64Array.from(values));
      expect(read(writeEspalier(modelOf(tensor))).graph.constants[0]?.constant?.decode().data).toEqual(
        tensor.data,
      );
    }
    const tensor = new TensorClass('uint64', BigUint64Array.of(2n ** 64n - 1n, 0n, 2n ** 63n));
    expect(read(writeEspalier(modelOf(tensor))).graph.constants[0]?.constant?.decode().data).toEqual(
      tensor.data,
    );
  });

  test('keeps a payload with a section of its own as a view of the file, aligned', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => i / 7);
    const bytes = writeEspalier(modelOf(new TensorClass('float64', values)));
    const data = read(bytes).graph.constants[0]?.constant?.decode().data;
    expect(data).toEqual(values);
    expect(data?.buffer).toBe(bytes.buffer);
  });

  test('is read from a Node Buffer at an odd offset', () => {
    const values = Float32Array.from({ length: 5000 }, (_, i) => i / 7);
    const bytes = writeEspalier(modelOf(new TensorClass('float32', values)));
    const shifted = Buffer.alloc(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(read(shifted.subarray(1)).graph.constants[0]?.constant?.decode().data).toEqual(values);
  });
});

describe('what a file can not hold', () => {
  test('is refused by the writer: half a surrogate pair, an open dim beyond 2^31, a fraction for an int', () => {
    const graph = (): Graph => {
      const made = new Graph();
      made.addOutput(made.addInput('x', { dtype: 'float32', dims: [1] }));
      return made;
    };
    const half = graph();
    half.name = '\ud800';
    expect(() => writeEspalier(new Model(half))).toThrow(/surrogate/);
    const wide = graph();
    wide.addInput('y', { dtype: 'float32', dims: [2 ** 31] });
    expect(() => writeEspalier(new Model(wide))).toThrow(/can't hold the type/);
    const fraction = graph();
    fraction.apply({
      op: 'Relu',
      inputs: [fraction.inputs[0] ?? null],
      attributes: { a: { type: 'int', value: 0.5 } },
    });
    expect(() => writeEspalier(new Model(fraction))).toThrow(/integer attribute is 0.5/);
  });

  test('is refused by the writer: an encoding whose byteLength is not what it makes', () => {
    const honest = dense(tensorOf('float32', [1, 2, 3]));
    const liar = Object.assign(Object.create(honest), { payload: () => new Uint8Array(5) });
    expect(() => writeEspalier(modelOf(liar))).toThrow(/announced 12 bytes of payload and made 5/);
  });
});

function decodedBytes(tensor: Tensor | undefined): Uint8Array {
  return tensor === undefined ? new Uint8Array() : toBytes(tensor.data);
}
