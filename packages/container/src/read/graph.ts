import { Graph, type Value, type ValueType } from '@espalier/core';
import type { Header } from '../header/header.js';
import { MAX_NODES, MAX_VALUES } from '../layout.js';
import { NameReader } from './names.js';
import { at, NumberReader, takeFrom } from './number-reader.js';
import type { Operator } from './operators.js';
import type { TreeReader } from './trees.js';
import { staticType } from './types.js';

/** What a graph is read from. */
export interface GraphSource {
  readonly header: Header;
  readonly headerOffset: number;
  readonly types: readonly ValueType[];
  readonly trees: TreeReader;
}

/** Builds the graph in the order of the file: sources, then nodes, then outputs. */
export class GraphReader {
  readonly #graph = new Graph();
  readonly #source: GraphSource;
  readonly #names: NameReader;
  readonly #values: Value[] = [];
  readonly #constants: Value[] = [];
  /** Inputs, and what nodes compute: what references of the odd kind count back from. */
  readonly #flowing: Value[] = [];
  #readConstants = 0;

  constructor(source: GraphSource) {
    const { header, headerOffset } = source;
    this.#source = source;
    this.#names = new NameReader(header, headerOffset);
    if (header.graphName > 0) this.#graph.name = this.#names.string(header.graphName - 1, 'graph_name');
  }

  /** Inputs and constants: before the operators, whose tensors follow theirs in the file. */
  readSources(): void {
    const { header, headerOffset, types, trees } = this.#source;
    const numbers = new NumberReader(header.sources, 'sources', headerOffset);
    if (header.sources.length > MAX_VALUES) throw numbers.error(`there are ${header.sources.length} values`);
    if (header.inputCount > numbers.left) throw numbers.error(`there are ${header.inputCount} inputs`);
    for (let i = 0; i < header.inputCount; i++) {
      const value = this.#graph.addInput(this.#names.value(`input_${i}`), takeFrom(numbers, types, 'type'));
      this.#values.push(value);
      this.#flowing.push(value);
    }
    for (let i = 0; numbers.left > 0; i++) {
      const name = this.#names.value(`constant_${i}`);
      const { dtype, dims } = staticType(numbers, types, numbers.take());
      const value = this.#graph.constant(trees.read(dtype, dims, `constant "${name}"`), name);
      this.#values.push(value);
      this.#constants.push(value);
    }
  }

  /** Nodes and outputs. `quantize` is called with all values before the graph is handed out. */
  readNodes(
    operators: readonly Operator[],
    quantize: (graph: Graph, values: readonly Value[]) => void,
  ): Graph {
    const { header, headerOffset } = this.#source;
    const numbers = new NumberReader(header.nodes, 'nodes', headerOffset);
    for (let count = 0; numbers.left > 0; count++) {
      if (count === MAX_NODES) throw numbers.error(`there are more than ${MAX_NODES} nodes`);
      this.#node(numbers, takeFrom(numbers, operators, 'operator'), count);
    }
    const outputs = new NumberReader(header.outputs, 'outputs', headerOffset);
    while (outputs.left > 0) {
      const value = this.#reference(outputs);
      if (value === null) throw outputs.error('a graph output is left out');
      this.#graph.addOutput(value);
    }
    this.#names.finish();
    quantize(this.#graph, this.#values);
    return this.#graph;
  }

  #node(numbers: NumberReader, { inputCount, outputCount, ...operator }: Operator, index: number): void {
    if (inputCount + outputCount > numbers.left) {
      throw numbers.error(`${inputCount} inputs and ${outputCount} outputs do not fit its column`);
    }
    const inputs = Array.from({ length: inputCount }, () => this.#reference(numbers));
    const base = `${operator.op}_${index}`;
    const outputs = Array.from({ length: outputCount }, (_, i) =>
      this.#output(numbers, i === 0 ? base : `${base}_${i}`),
    );
    this.#graph.addNode({ ...operator, name: this.#names.node(base), inputs, outputs });
    // Only now: a node must not read what it computes itself.
    for (const output of outputs) if (output !== null) this.#flowing.push(output);
  }

  #output(numbers: NumberReader, name: string): Value | null {
    const code = numbers.take();
    if (code === 0) return null;
    if (this.#values.length === MAX_VALUES) throw numbers.error(`there are more than ${MAX_VALUES} values`);
    const type = code === 1 ? null : at(numbers, this.#source.types, code - 2, 'type');
    const value = this.#graph.addValue(this.#names.value(name), type);
    this.#values.push(value);
    return value;
  }

  /** See `References` of the writer. */
  #reference(numbers: NumberReader): Value | null {
    const code = numbers.take();
    if (code === 0) return null;
    if (code % 2 === 1) {
      return at(numbers, this.#flowing, this.#flowing.length - (code + 1) / 2, 'value');
    }
    const constant = at(numbers, this.#constants, this.#readConstants - (code / 2 - 1), 'constant');
    if (code === 2) this.#readConstants++;
    return constant;
  }
}
