import { Graph, type Node } from '@espalier/core';
import { expect, test } from 'vitest';
import { OperatorsNotLoaded, operatorOf, withOperators } from './lookup.js';
import { operatorTable } from './operator-table.js';

function node(op: string, domain = ''): Node {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [2] });
  return graph.addNode({ op, domain, inputs: [x], outputs: [graph.addValue('y')] });
}

// In this order: what is loaded stays loaded.
test('operators that only reshape are there before the others are loaded', () => {
  for (const op of ['Reshape', 'Flatten', 'Identity', 'Shape']) expect(operatorOf(node(op))).toBeDefined();
  expect(() => operatorOf(node('Sin'))).toThrow(OperatorsNotLoaded);
  expect(operatorOf(node('Sin', 'com.example'))).toBeUndefined();
});

test('what turns out to need the others is made again, once they are loaded', async () => {
  let attempts = 0;
  const entry = await withOperators(() => {
    attempts++;
    return operatorOf(node('Sin'));
  });
  expect(entry).toBe(operatorTable['Sin']);
  expect(attempts).toBe(2);
  expect(operatorOf(node('NoSuchOperator'))).toBeUndefined();
  expect(operatorOf(node('toString'))).toBeUndefined();
});

test('another error is handed on, and nothing is made again', async () => {
  let attempts = 0;
  const failing = withOperators(() => {
    attempts++;
    throw new RangeError('something else');
  });
  await expect(failing).rejects.toThrow('something else');
  expect(attempts).toBe(1);
});
