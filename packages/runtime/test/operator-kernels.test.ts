import {
  ModelError,
  type OperatorKernel,
  PluginError,
  Tensor,
  tensorOf,
  UnsupportedError,
} from '@espalier/core';
import { readOnnx, writeOnnx } from '@espalier/onnx';
import { parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { InferenceSession, RuntimeExecutor } from '../src/index.js';

const twice: OperatorKernel = {
  domain: 'com.microsoft',
  op: 'Twice',
  types: ['float32'],
  infer: ([x = null]) => [x],
  run: ([x]) => {
    if (x == null) throw new ModelError({ what: 'Twice has no input.' });
    return [
      new Tensor(
        'float32',
        (x.data as Float32Array).map((value) => 2 * value),
        x.dims,
      ),
    ];
  },
};

/** The operator between two layers, without a type of its own. */
const model = parseModel(`
  input x: float32[1, 2]
  constant w: float32[2, 2] = [1, 0, 0, 3]
  h = MatMul(x, w)
  t = com.microsoft.Twice(h)
  y = MatMul(t, w)
  output y
`);
const feeds = { x: tensorOf('float32', [1, -1], [1, 2]) };
const running = (run: OperatorKernel['run']) => ({ operatorKernels: [{ ...twice, run }] });

describe('an operator that is not one of ONNX', () => {
  test('is refused by name without a kernel', async () => {
    await expect(InferenceSession.create(model)).rejects.toThrow(UnsupportedError);
    await expect(InferenceSession.create(model)).rejects.toThrow(/com\.microsoft\.Twice/);
  });

  test('runs with one, and what follows it on our own kernels', async () => {
    const session = await InferenceSession.create(model, { operatorKernels: [twice] });
    for (let i = 0; i < 2; i++) expect([...((await session.run(feeds))['y']?.data ?? [])]).toEqual([2, -18]);
    expect(session.plan.map(({ implementation }) => implementation)).toEqual([
      'float32',
      'typescript',
      'float32',
    ]);
  });

  test('runs where passes run models', async () => {
    const execution = await new RuntimeExecutor({ operatorKernels: [twice] }).prepare(model);
    expect([...((await execution.run(feeds))['y']?.data ?? [])]).toEqual([2, -18]);
  });

  test('is read from ONNX where there is a kernel, and refused where there is none', async () => {
    const bytes = writeOnnx(model);
    await expect(readOnnx(bytes)).rejects.toThrow(/com\.microsoft\.Twice is not supported/);
    const read = await readOnnx(bytes, { operatorKernels: [twice] });
    const node = read.graph.nodes.find(({ op }) => op === 'Twice');
    expect(node?.domain).toBe('com.microsoft');
    expect(node?.outputs[0]?.type?.dims).toEqual([1, 2]);
    const session = await InferenceSession.create(read, { operatorKernels: [twice] });
    expect([...((await session.run(feeds))['y']?.data ?? [])]).toEqual([2, -18]);
  });
});

describe('a kernel that fails', () => {
  test.each([
    {
      what: 'throws',
      run: () => {
        throw new RangeError('no such row');
      },
      says: /Twice failed: no such row/,
    },
    { what: 'leaves an output out', run: () => [], says: /gave 0 of 1 outputs/ },
  ])('because it $what is named', async ({ run, says }) => {
    const session = await InferenceSession.create(model, running(run));
    await expect(session.run(feeds)).rejects.toThrow(PluginError);
    await expect(session.run(feeds)).rejects.toThrow(says);
  });
});
