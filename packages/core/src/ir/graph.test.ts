import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dense } from '../encoding/dense.js';
import { ModelError } from '../errors/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { int } from './attributes.js';
import { Graph } from './graph.js';
import { Model } from './model.js';
import type { Value } from './node.js';
import { printModel } from './printer.js';
import type { ValueType } from './value-type.js';
import { verify } from './verifier.js';

const vector: ValueType = { dtype: 'float32', dims: [2] };
const pair = new Tensor('float32', Float32Array.of(1, 2));

/** x -> Relu a -> Add(a, w) b -> Neg y */
function chain(): { graph: Graph; x: Value; w: Value; a: Value; b: Value; y: Value } {
  const graph = new Graph();
  const x = graph.addInput('x', vector);
  const w = graph.constant(pair, 'w');
  const a = graph.apply({ op: 'Relu', inputs: [x] }, 'a', vector);
  const b = graph.apply({ op: 'Add', inputs: [a, w] }, 'b', vector);
  const y = graph.apply({ op: 'Neg', inputs: [b] }, 'y', vector);
  graph.addOutput(y);
  return { graph, x, w, a, b, y };
}

/** Uses and inputs must tell the same story in both directions. */
function assertLinked(graph: Graph): void {
  for (const node of graph.nodes) {
    for (const [index, input] of node.inputs.entries()) {
      if (input === null) continue;
      const uses = [...graph.uses(input)].filter(
        (use) => use.kind === 'input' && use.node === node && use.index === index,
      );
      expect(uses.length, `${node.op} input ${index}`).toBe(1);
    }
    for (const output of node.outputs) if (output !== null) expect(graph.producer(output)).toBe(node);
  }
  for (const value of graph.values) {
    for (const use of graph.uses(value)) {
      expect(use.kind === 'output' ? graph.outputs[use.index] : use.node.inputs[use.index]).toBe(value);
    }
  }
}

describe('replacing all uses of a value', () => {
  test('moves its readers and the graph outputs to another, and leaves it unread', () => {
    const { graph, b, y, a } = chain();
    graph.addOutput(a);
    graph.replaceAllUses(a, b);
    expect(graph.uses(a).size).toBe(0);
    expect(graph.outputs).toEqual([y, b]);
  });

  test('moves a reader that reads it twice at both places', () => {
    const graph = new Graph();
    const x = graph.addInput('x', vector);
    const z = graph.addInput('z', vector);
    const sum = graph.apply({ op: 'Add', inputs: [x, x] }, 'sum');
    graph.addOutput(sum);
    graph.addOutput(sum);
    graph.replaceAllUses(x, z);
    expect(graph.producer(sum)?.inputs).toEqual([z, z]);
    graph.replaceAllUses(sum, z);
    expect(graph.outputs).toEqual([z, z]);
    assertLinked(graph);
  });

  test('refuses a value of another graph, and changes nothing then', () => {
    const { graph, a } = chain();
    const before = printModel(new Model(graph));
    expect(() => graph.replaceAllUses(a, new Graph().addInput('x', vector))).toThrow(ModelError);
    expect(printModel(new Model(graph))).toBe(before);
    assertLinked(graph);
  });
});

describe('superseding a value', () => {
  test('hands its public name on where it is a graph output', () => {
    const { graph, b, y } = chain();
    graph.supersede(y, b);
    expect(graph.outputs).toEqual([b]);
    expect(b.name).toBe('y');
    expect(graph.value('y')).toBe(b);
    graph.removeDead();
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Add']);
    verify(new Model(graph));
  });

  test('keeps the name of what replaces it where that is public itself, or fed', () => {
    const { graph, x, a, y } = chain();
    graph.addOutput(a);
    graph.supersede(y, a);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['a', 'a']);
    graph.supersede(a, x);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['x', 'x']);
  });

  test('renames nothing where it is inner', () => {
    const { graph, x, a } = chain();
    graph.supersede(a, x);
    expect([a.name, x.name]).toEqual(['a', 'x']);
    expect(graph.consumers(x).map(({ op }) => op)).toEqual(['Relu', 'Add']);
  });
});

describe('removing', () => {
  test('takes out dead nodes in chains, and the constants only they read, but no input', () => {
    const { graph, a, w } = chain();
    graph.setOutputs([a]);
    expect(graph.removeDead()).toBe(2);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu']);
    expect(graph.has(w)).toBe(false);
    graph.addInput('unread', vector);
    expect(graph.removeDead()).toBe(0);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'unread']);
  });

  test('keeps a node of which one output of several is read', () => {
    const graph = new Graph();
    const x = graph.addInput('x', vector);
    const outputs = [graph.addValue('p'), graph.addValue('q')];
    graph.addNode({ op: 'Split', inputs: [x], outputs });
    graph.setOutputs([outputs[1] as Value]);
    expect(graph.removeDead()).toBe(0);
  });

  test('of a node that is still read, or an input that is, is refused', () => {
    const { graph, x, a } = chain();
    const relu = graph.producer(a);
    expect(() => relu && graph.remove(relu)).toThrow(/"a" is still read/);
    expect(() => graph.removeInput(x)).toThrow(ModelError);
    assertLinked(graph);
  });

  test('an input makes it an input no more', () => {
    const graph = new Graph();
    const x = graph.addInput('x', vector);
    graph.removeInput(x);
    expect(graph.isInput(x)).toBe(false);
    expect(graph.has(x)).toBe(false);
    expect(() => graph.addOutput(x)).toThrow(/another graph, or was removed/);
  });
});

describe('a clone', () => {
  test('prints the same, shares weights, and goes its own way', () => {
    const { graph, x } = chain();
    const copy = graph.clone();
    expect(printModel(new Model(copy))).toBe(printModel(new Model(graph)));
    expect(copy.value('w')?.constant).toBe(graph.value('w')?.constant);
    expect(copy.value('x')).not.toBe(x);
    expect(copy.isInput(copy.value('x'))).toBe(true);
    const before = printModel(new Model(graph));
    const [y, b] = [copy.value('y'), copy.value('b')];
    if (y !== undefined && b !== undefined) copy.supersede(y, b);
    copy.removeDead();
    expect(printModel(new Model(graph))).toBe(before);
    assertLinked(graph);
    assertLinked(copy);
  });

  test('makes up names that are not those of the original', () => {
    const { graph } = chain();
    graph.addValue();
    const copy = graph.clone();
    expect(copy.value(copy.addValue().name)).toBeDefined();
    verify(new Model(copy));
  });
});

describe('cycles', () => {
  test('are found where nodes are asked for, and named', () => {
    const { graph, a, b } = chain();
    const relu = graph.producer(a);
    if (relu !== undefined) graph.setInput(relu, 0, b);
    expect(() => graph.nodes).toThrow(/cycle[\s\S]*node/);
    expect(() => verify(new Model(graph))).toThrow(ModelError);
  });

  test('of one node are found too', () => {
    const graph = new Graph();
    const y = graph.addValue('y');
    graph.addNode({ op: 'Relu', inputs: [y], outputs: [y] });
    expect(() => graph.nodes).toThrow(/cycle/);
  });

  test('are not a chain of 100,000 nodes, which does not overflow the stack', () => {
    const graph = new Graph();
    let value = graph.addInput('x', vector);
    for (let i = 0; i < 100_000; i++) value = graph.apply({ op: 'Relu', inputs: [value] }, `v${i}`);
    graph.addOutput(value);
    expect(graph.nodes.length).toBe(100_000);
  });
});

describe('a node that is refused leaves no trace', () => {
  test('where an output has a producer already, or is named twice', () => {
    const { graph, x, a } = chain();
    const fresh = graph.addValue('fresh');
    expect(() => graph.addNode({ op: 'Split', inputs: [x], outputs: [fresh, a] })).toThrow(/two producers/);
    expect(graph.producer(fresh)).toBeUndefined();
    expect(() => graph.addNode({ op: 'Split', inputs: [x], outputs: [fresh, fresh] })).toThrow(
      /two producers/,
    );
    expect(() => graph.addNode({ op: 'Relu', inputs: [], outputs: [x] })).toThrow(/two producers/);
    expect(graph.nodeCount).toBe(3);
    graph.addNode({ op: 'Relu', inputs: [x], outputs: [fresh] });
    assertLinked(graph);
  });

  test('where an input is of another graph', () => {
    const { graph, a } = chain();
    const foreign = new Graph().addInput('x', vector);
    const fresh = graph.addValue('fresh');
    expect(() => graph.addNode({ op: 'Relu', inputs: [foreign], outputs: [fresh] })).toThrow(ModelError);
    expect(graph.producer(fresh)).toBeUndefined();
    const relu = graph.producer(a);
    expect(() => relu && graph.setInput(relu, 0, foreign)).toThrow(ModelError);
    assertLinked(graph);
  });
});

describe('edits of single nodes', () => {
  test('put a node after a value for its readers, and before one input', () => {
    const { graph, x, a, b } = chain();
    const after = graph.insertAfter(a, { op: 'Abs' });
    expect(graph.consumers(a).map(({ op }) => op)).toEqual(['Abs']);
    expect(graph.consumers(after).map(({ op }) => op)).toEqual(['Add']);
    const add = graph.producer(b);
    const before = add && graph.insertBefore(add, 0, { op: 'Exp' });
    expect(graph.producer(before)?.inputs).toEqual([after]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Abs', 'Exp', 'Add', 'Neg']);
    expect(graph.isInput(x)).toBe(true);
    assertLinked(graph);
  });

  test('grow a list of inputs, leave one out, and shorten it', () => {
    const { graph, x, a, w } = chain();
    const relu = graph.producer(a);
    if (relu === undefined) throw new Error('a has a producer');
    graph.setInput(relu, 2, w);
    expect(relu.inputs).toEqual([x, null, w]);
    graph.setInputs(relu, [x]);
    expect(relu.inputs).toEqual([x]);
    expect(graph.uses(w).size).toBe(1);
    assertLinked(graph);
  });

  test('put a node in the place of another, under whose names it computes', () => {
    const { graph, x, a } = chain();
    const relu = graph.producer(a);
    const clip = relu && graph.replaceNode(relu, { op: 'Clip', inputs: [x], attributes: { k: int(1) } });
    expect(clip?.outputs).toEqual([a]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Clip', 'Add', 'Neg']);
    assertLinked(graph);
  });

  test('rename a value to a free name only', () => {
    const { graph, a } = chain();
    expect(() => graph.rename(a, 'y')).toThrow(/Two values are named "y"/);
    graph.rename(a, 'other');
    expect(graph.value('other')).toBe(a);
    expect(graph.value('a')).toBeUndefined();
    expect(() => graph.addInput('other', vector)).toThrow(ModelError);
  });

  test('replace the weights of a constant, and of nothing else', () => {
    const { graph, a, w } = chain();
    const other = dense(new Tensor('float32', Float32Array.of(3, 4)));
    graph.replaceConstant(w, other);
    expect(w.constant).toBe(other);
    expect(() => graph.replaceConstant(a, other)).toThrow(/"a" is no constant/);
  });
});

test('links agree both ways after any edits', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat(), fc.nat()), { maxLength: 40 }), (edits) => {
      const { graph } = chain();
      for (const [kind, i, j] of edits) {
        const { values, nodes } = graph;
        // Producers come before what follows them: an edit that keeps to it makes no cycle.
        const early = values[i % values.length] as Value;
        const node = nodes[j % Math.max(nodes.length, 1)];
        if (kind === 0) graph.apply({ op: 'Relu', inputs: [early] });
        else if (kind === 1) graph.addOutput(early);
        else if (kind === 2 && node !== undefined) graph.setInputs(node, [graph.inputs[0] ?? null]);
        else if (kind === 3 && graph.inputs[0] !== undefined) graph.replaceAllUses(early, graph.inputs[0]);
        else if (kind === 4) graph.removeDead();
        else if (kind === 5 && node !== undefined) graph.insertBefore(node, 0, { op: 'Abs' });
        assertLinked(graph);
      }
      assertLinked(graph.clone());
    }),
  );
});
