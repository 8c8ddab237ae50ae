import { dataTypes, isFloat, type Model, ModelError, type Node, type Value } from '@espalier/core';
import { emptyHeader, type Header } from '../header/header.js';
import { MAX_NODES, MAX_VALUES, requantizationRules } from '../layout.js';
import { assertAtMost } from './limits.js';
import { OperatorTable } from './operators.js';
import { StringTable } from './strings.js';
import { type Part, TreeWriter } from './trees.js';
import { TypeTable } from './types.js';
import { ValueNumbers } from './value-numbers.js';

/** What is left out of a file because a reader can do without it. */
export interface WriteOptions {
  /**
   * `public` (the default) keeps the names of the graph, inputs, outputs and weights (float constants
   * with at least one dim), and a reader makes up the others; `all` keeps those of all values and nodes.
   */
  readonly names?: 'all' | 'public';
  /**
   * `public` (the default) keeps the types of inputs, constants, outputs, quantized values and of
   * what operators outside ONNX's own set compute; the others follow from these. `all` keeps all.
   */
  readonly types?: 'all' | 'public';
}

/** A header, and the payloads that follow it. */
export interface FileContent {
  readonly header: Header;
  readonly shared: readonly Part[];
  readonly own: readonly Part[];
}

/** The content of a file that holds `model`. */
export function contentOf(model: Model, options: WriteOptions): FileContent {
  return new HeaderWriter(model, options).write();
}

class HeaderWriter {
  readonly #model: Model;
  readonly #options: WriteOptions;
  readonly #header: Header = emptyHeader();
  readonly #strings = new StringTable(this.#header.strings);
  readonly #types = new TypeTable(this.#header, this.#strings);
  readonly #trees = new TreeWriter(this.#header, this.#strings);
  readonly #operators = new OperatorTable(this.#header, this.#strings, this.#types, this.#trees);
  readonly #nodes: readonly Node[];
  readonly #values: ValueNumbers;

  constructor(model: Model, options: WriteOptions) {
    this.#model = model;
    this.#options = options;
    this.#nodes = model.graph.nodes;
    this.#values = new ValueNumbers(model.graph);
  }

  write(): FileContent {
    assertAtMost(MAX_NODES, this.#nodes.length, 'nodes');
    assertAtMost(MAX_VALUES, this.#values.count, 'values');
    // First, so that kinds are among the first strings: a tree names them in one byte then.
    this.#writeSources();
    this.#writeModel();
    this.#writeNodes();
    this.#writeQuantizations();
    this.#writeNames();
    this.#trees.finish();
    return { header: this.#header, shared: this.#trees.shared, own: this.#trees.own };
  }

  #writeModel(): void {
    const { graph, metadata, requantization } = this.#model;
    this.#header.requantization = requantizationRules.indexOf(requantization);
    if (graph.name !== '') this.#header.graphName = this.#strings.add(graph.name) + 1;
    for (const [key, value] of metadata) {
      this.#header.metadata.push(this.#strings.add(key), this.#strings.add(value));
    }
  }

  #writeSources(): void {
    const { inputs, constants } = this.#values;
    this.#header.inputCount = inputs.length;
    for (const input of inputs) {
      if (input.type === null) throw new ModelError({ what: `The input "${input.name}" has no type.` });
      this.#header.sources.push(this.#types.add(input.type));
    }
    for (const { name, constant } of constants) {
      if (constant === null) continue; // the list holds constants only
      this.#header.sources.push(this.#types.add({ dtype: constant.type, dims: constant.dims }));
      this.#trees.add(constant, `constant "${name}"`);
    }
  }

  #writeNodes(): void {
    const { nodes, outputs } = this.#header;
    const references = this.#values.references();
    for (const node of this.#nodes) {
      nodes.push(this.#operators.add(node));
      for (const input of node.inputs) nodes.push(references.to(input));
      for (const output of node.outputs) {
        nodes.push(output === null ? 0 : this.#outputType(node, output));
        if (output !== null) references.define();
      }
    }
    for (const output of this.#model.graph.outputs) outputs.push(references.to(output));
  }

  #outputType({ domain }: Node, value: Value): number {
    const { type } = value;
    if (type === null) return 1;
    const kept =
      this.#options.types === 'all' ||
      domain !== '' ||
      type.quantization !== undefined ||
      this.#values.isOutput(value);
    return kept ? this.#types.add(type) + 2 : 1;
  }

  #writeQuantizations(): void {
    const { quantizations, scales, zeroPoints } = this.#header;
    let before = -1;
    for (const [number, { type }] of this.#values.all.entries()) {
      const q = type?.quantization;
      if (q === undefined) continue;
      const symmetric = q.zeroPoint.every((zero) => zero === 0);
      quantizations.push(
        number - before,
        dataTypes.indexOf(q.storageType) * 2 + (symmetric ? 1 : 0),
        q.axis === null ? 0 : q.axis + 1,
        q.scale.length,
      );
      for (const scale of q.scale) scales.push(scale);
      if (!symmetric) for (const zero of q.zeroPoint) zeroPoints.push(zero);
      before = number;
    }
  }

  #writeNames(): void {
    const { valueNames, nodeNames } = this.#header;
    const all = this.#options.names === 'all';
    const kept = all ? null : this.#publicValues();
    for (const value of this.#values.all) {
      valueNames.push(kept === null || kept.has(value) ? this.#strings.add(value.name) + 1 : 0);
    }
    if (all) for (const { name } of this.#nodes) nodeNames.push(this.#strings.add(name) + 1);
    while (valueNames.at(-1) === 0) valueNames.pop();
  }

  /** Inputs, outputs, and constants that people know by name; a scalar or a shape is none of them. */
  #publicValues(): ReadonlySet<Value> {
    const { inputs, outputs } = this.#model.graph;
    const weights = this.#values.constants.filter(
      ({ constant }) => constant !== null && isFloat(constant.type) && constant.dims.length > 0,
    );
    return new Set([...inputs, ...weights, ...outputs]);
  }
}
