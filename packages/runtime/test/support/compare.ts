import { type Model, type Tensor, toFloat32 } from '@espalier/core';
import { expect } from 'vitest';
import { runOnEveryBinary } from './binaries.js';
import { reference } from './one-op.js';

/** Compares a session with the plain operators, and says what ran the node of one operator. */
export async function compare(
  model: Model,
  feeds: Readonly<Record<string, Tensor>>,
  op: string,
): Promise<string | undefined> {
  const { outputs, plan } = await runOnEveryBinary(model, feeds);
  const expected = reference(model, feeds);
  for (const [name, tensor] of Object.entries(outputs)) {
    const wanted = expected.get(name);
    expect(tensor.dims).toEqual(wanted?.dims);
    const values = wanted === undefined ? new Float32Array() : toFloat32(wanted);
    const largest = Math.max(1, ...values.map(Math.abs));
    // Sums of up to 200 products of numbers below 2, each rounded once: 200 * 2^-23 of the largest term.
    const worst = Math.max(0, ...values.map((value, i) => Math.abs(value - Number(tensor.data[i]))));
    expect(worst / largest).toBeLessThan(5e-5);
  }
  return plan.find((line) => line.op === op)?.implementation;
}
