import { dense } from '../encoding/dense.js';
import type { Encoding } from '../encoding/encoding.js';
import { ModelError } from '../errors/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { Attributes } from './attributes.js';
import { Links } from './links.js';
import type { Node, NodeSpec, Use, Value } from './node.js';
import { sortTopologically } from './topological-order.js';
import type { ValueType } from './value-type.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableNode = Mutable<Omit<Node, 'inputs' | 'outputs'>> & {
  inputs: (Value | null)[];
  outputs: (Value | null)[];
};

/**
 * Nodes and values in static single assignment form: each value is an input, a constant, or the
 * output of one node. All edits go through this class, which keeps the links both ways.
 */
export class Graph {
  name: string;
  readonly #nodes = new Set<Node>();
  readonly #values = new Map<string, Value>();
  readonly #links = new Links();
  #inputs: Value[] = [];
  /** The same, to ask in constant time: a file may name hundreds of thousands. */
  readonly #fed = new Set<Value>();
  #outputs: Value[] = [];
  #sorted: readonly Node[] | null = null;
  #nextName = 0;

  constructor(name = '') {
    this.name = name;
  }

  /** The values that are fed, in the model's order. */
  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  /** The values that are handed out, in the model's order. */
  get outputs(): readonly Value[] {
    return this.#outputs;
  }

  /**
   * A snapshot of all nodes, producers before consumers: safe to edit the graph while iterating.
   *
   * @throws {ModelError} when the graph has a cycle
   */
  get nodes(): readonly Node[] {
    this.#sorted ??= Object.freeze(
      sortTopologically([...this.#nodes], (value) => this.#links.producer(value)),
    );
    return this.#sorted;
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** A snapshot of all values. */
  get values(): readonly Value[] {
    return [...this.#values.values()];
  }

  /** A snapshot of all constants. */
  get constants(): readonly Value[] {
    return this.values.filter((value) => value.constant !== null);
  }

  /** A snapshot of the nodes with one of the given operators (of ONNX's own domain). */
  nodesOf(...ops: readonly string[]): readonly Node[] {
    return this.nodes.filter((node) => node.domain === '' && ops.includes(node.op));
  }

  /** The value with this name. */
  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** Whether the value belongs to this graph. */
  has(value: Value): boolean {
    return this.#values.get(value.name) === value;
  }

  /** The node that computes the value; undefined for inputs and constants. */
  producer(value: Value | null | undefined): Node | undefined {
    return value == null ? undefined : this.#links.producer(value);
  }

  /** All places that read the value. */
  uses(value: Value | null | undefined): ReadonlySet<Use> {
    return value == null ? noUses : this.#links.uses(value);
  }

  /** The nodes that read the value, each once. */
  consumers(value: Value | null | undefined): readonly Node[] {
    const nodes = new Set<Node>();
    for (const use of this.uses(value)) if (use.kind === 'input') nodes.add(use.node);
    return [...nodes];
  }

  /** Whether the value is handed out. */
  isOutput(value: Value | null | undefined): boolean {
    return value != null && this.#outputs.includes(value);
  }

  /** Whether the value is fed. */
  isInput(value: Value | null | undefined): boolean {
    return value != null && this.#fed.has(value);
  }

  // ------------------------------------------------------------------------------------- adding

  /** A new value without a producer. `name` gets a number behind it where it is taken. */
  addValue(name = '', type: ValueType | null = null): Value {
    return this.#register({ name: this.#freshName(name), type, constant: null });
  }

  /** A new value that is fed. */
  addInput(name: string, type: ValueType): Value {
    this.#assertFree(name);
    const value = this.#register({ name, type, constant: null });
    this.#inputs.push(value);
    this.#fed.add(value);
    return value;
  }

  /** Hands a value out, after those that are handed out already. */
  addOutput(value: Value): void {
    this.#assertOwn(value);
    this.#outputs.push(value);
    this.#links.addUse(value, { kind: 'output', index: this.#outputs.length - 1 });
  }

  /** Makes the outputs exactly these. */
  setOutputs(values: readonly Value[]): void {
    for (const value of this.#outputs) {
      for (const use of [...this.uses(value)]) if (use.kind === 'output') this.#links.removeUse(value, use);
    }
    this.#outputs = [];
    for (const value of values) this.addOutput(value);
  }

  /** A new constant. */
  constant(weights: Encoding | Tensor, name = ''): Value {
    const encoding = weights instanceof Tensor ? dense(weights) : weights;
    return this.#register({
      name: this.#freshName(name || 'constant'),
      type: typeOf(encoding),
      constant: encoding,
    });
  }

  /** A new node. Its outputs must have no producer yet. */
  addNode(spec: NodeSpec): Node {
    const attributes =
      spec.attributes instanceof Attributes ? spec.attributes : new Attributes(spec.attributes);
    const node: MutableNode = {
      name: spec.name ?? '',
      op: spec.op,
      domain: spec.domain ?? '',
      attributes,
      inputs: [],
      outputs: [...spec.outputs],
    };
    // All checks come before the first link: a node that is refused leaves no trace.
    for (const input of spec.inputs) if (input !== null) this.#assertOwn(input);
    const computed = new Set<Value>();
    for (const output of spec.outputs) {
      if (output === null) continue;
      this.#assertOwn(output);
      const taken = this.producer(output) !== undefined || computed.has(output);
      if (output.constant !== null || taken || this.isInput(output)) {
        throw new ModelError({
          what: `The value "${output.name}" has two producers.`,
          where: `node "${node.name}" (${node.op})`,
          fix: 'Give every node output a name of its own.',
        });
      }
      computed.add(output);
    }
    for (const output of computed) this.#links.setProducer(output, node);
    this.#nodes.add(node);
    for (const [index, input] of spec.inputs.entries()) {
      node.inputs.push(null);
      this.setInput(node, index, input);
    }
    this.#sorted = null;
    return node;
  }

  /** A new node with one new output of the given name and type; returns that output. */
  apply(spec: Omit<NodeSpec, 'outputs'>, outputName = '', type: ValueType | null = null): Value {
    const output = this.addValue(outputName || spec.name || spec.op, type);
    this.addNode({ ...spec, outputs: [output] });
    return output;
  }

  // ------------------------------------------------------------------------------------ editing

  /** Makes `node` read `value` as its input number `index`; the list grows where it is shorter. */
  setInput(node: Node, index: number, value: Value | null): void {
    const inputs = this.#own(node).inputs;
    if (value !== null) this.#assertOwn(value);
    while (inputs.length <= index) inputs.push(null);
    const old = inputs[index];
    if (old != null) this.#links.removeInputUse(old, node, index);
    inputs[index] = value;
    if (value !== null) this.#links.addUse(value, { kind: 'input', node, index });
    this.#sorted = null;
  }

  /** Makes `node` read exactly these inputs. */
  setInputs(node: Node, values: readonly (Value | null)[]): void {
    for (let i = 0; i < node.inputs.length; i++) this.setInput(node, i, null);
    this.#own(node).inputs.length = 0;
    for (const [index, value] of values.entries()) this.setInput(node, index, value);
  }

  setAttributes(node: Node, attributes: Attributes): void {
    this.#own(node).attributes = attributes;
  }

  setType(value: Value, type: ValueType | null): void {
    this.#mutable(value).type = type;
  }

  /** Renames a value; the new name must be free. */
  rename(value: Value, name: string): void {
    if (name === value.name) return;
    this.#assertFree(name);
    const mutable = this.#mutable(value);
    this.#values.delete(value.name);
    mutable.name = name;
    this.#values.set(name, value);
  }

  /** Puts another encoding of the same type and shape under a constant. All its readers see it. */
  replaceConstant(value: Value, encoding: Encoding): void {
    const mutable = this.#mutable(value);
    if (value.constant === null) {
      throw new ModelError({
        what: `The value "${value.name}" is no constant.`,
        fix: 'Replace constants only.',
      });
    }
    mutable.constant = encoding;
    mutable.type = typeOf(encoding);
  }

  /** Makes every reader of `from` (graph outputs too) read `to`. */
  replaceAllUses(from: Value, to: Value): void {
    if (from === to) return;
    this.#assertOwn(to);
    for (const use of [...this.uses(from)]) {
      if (use.kind === 'input') {
        this.setInput(use.node, use.index, to);
      } else {
        this.#outputs[use.index] = to;
        this.#links.removeUse(from, use);
        this.#links.addUse(to, use);
      }
    }
  }

  /**
   * Lets `to` take the place of `from`, graph outputs and their public names included. `from` must
   * not be needed after this. Use it where a node that ends the graph is folded away.
   */
  supersede(from: Value, to: Value): void {
    const publicName = this.isOutput(from) && !this.isOutput(to) && !this.isInput(to) ? from.name : null;
    this.replaceAllUses(from, to);
    if (publicName !== null) {
      this.rename(from, this.#freshName(`${publicName}_before`));
      this.rename(to, publicName);
    }
  }

  /**
   * Puts a new one-input node between `value` and all nodes that read it now; returns the new output.
   * A graph output stays what it is: `supersede` moves that.
   */
  insertAfter(
    value: Value,
    spec: Omit<NodeSpec, 'inputs' | 'outputs'>,
    type: ValueType | null = value.type,
  ): Value {
    const readers = [...this.uses(value)];
    const output = this.addValue(`${value.name}_${spec.op}`, type);
    for (const use of readers) {
      if (use.kind === 'input') this.setInput(use.node, use.index, output);
    }
    this.addNode({ ...spec, inputs: [value], outputs: [output] });
    return output;
  }

  /** Puts a new one-input node before input `index` of `node`; returns the new node's output. */
  insertBefore(
    node: Node,
    index: number,
    spec: Omit<NodeSpec, 'inputs' | 'outputs'>,
    type: ValueType | null = null,
  ): Value {
    const input = node.inputs[index];
    if (input == null) throw new ModelError({ what: `Node "${node.name}" has no input ${index}.` });
    const output = this.addValue(`${input.name}_${spec.op}`, type);
    this.addNode({ ...spec, inputs: [input], outputs: [output] });
    this.setInput(node, index, output);
    return output;
  }

  /** Puts another node in the place of `node`: it computes the same values, which keep their names. */
  replaceNode(node: Node, spec: Omit<NodeSpec, 'outputs'>): Node {
    const own = this.#own(node);
    const { outputs } = own;
    own.outputs = [];
    for (const output of outputs) if (output !== null) this.#links.removeProducer(output);
    this.remove(node);
    return this.addNode({ name: node.name, ...spec, outputs });
  }

  // ----------------------------------------------------------------------------------- removing

  /**
   * Takes a node out, and its outputs with it.
   *
   * @throws {ModelError} when one of its outputs is still read
   */
  remove(node: Node): void {
    const own = this.#own(node);
    for (const output of own.outputs) {
      if (this.uses(output).size > 0) {
        throw new ModelError({
          what: `The value "${output?.name}" is still read.`,
          where: `node "${node.name}" (${node.op})`,
          fix: 'Replace its uses before the node is removed.',
        });
      }
    }
    for (let i = 0; i < own.inputs.length; i++) this.setInput(node, i, null);
    for (const output of own.outputs) {
      if (output === null) continue;
      this.#forget(output);
    }
    this.#nodes.delete(node);
    this.#sorted = null;
  }

  /** Removes nodes and constants that no output depends on; returns how many nodes went. */
  removeDead(): number {
    let removed = 0;
    for (const node of [...this.nodes].reverse()) {
      if (node.outputs.some((output) => this.uses(output).size > 0)) continue;
      this.remove(node);
      removed++;
    }
    for (const value of this.values) {
      if (this.uses(value).size === 0 && !this.isInput(value) && this.producer(value) === undefined)
        this.#forget(value);
    }
    return removed;
  }

  /** Takes an input out that nothing reads. */
  removeInput(value: Value): void {
    if (this.uses(value).size > 0) throw new ModelError({ what: `The input "${value.name}" is still read.` });
    this.#inputs = this.#inputs.filter((input) => input !== value);
    this.#fed.delete(value);
    this.#forget(value);
  }

  /** A graph of its own with the same nodes. Weights are shared: they are never written in place. */
  clone(): Graph {
    const copy = new Graph(this.name);
    const values = new Map<Value, Value>();
    for (const value of this.#values.values()) values.set(value, copy.#register({ ...value }));
    const copyOf = (value: Value | null): Value | null =>
      value === null ? null : (values.get(value) ?? null);
    copy.#inputs = this.#inputs.map((value) => values.get(value) as Value); // all values were copied above
    for (const value of copy.#inputs) copy.#fed.add(value);
    for (const node of this.#nodes) {
      copy.addNode({ ...node, inputs: node.inputs.map(copyOf), outputs: node.outputs.map(copyOf) });
    }
    for (const value of this.#outputs) copy.addOutput(values.get(value) as Value); // likewise
    copy.#nextName = this.#nextName;
    return copy;
  }

  // ------------------------------------------------------------------------------------ private

  #register(value: Value): Value {
    this.#values.set(value.name, value);
    return value;
  }

  #forget(value: Value): void {
    this.#values.delete(value.name);
    this.#links.forget(value);
  }

  #freshName(name: string): string {
    if (name !== '' && !this.#values.has(name)) return name;
    let fresh: string;
    do fresh = `${name}_${this.#nextName++}`;
    while (this.#values.has(fresh));
    return fresh;
  }

  #assertFree(name: string): void {
    if (this.#values.has(name)) {
      throw new ModelError({
        what: `Two values are named "${name}".`,
        fix: 'Give every value a name of its own.',
      });
    }
  }

  #assertOwn(value: Value): void {
    if (!this.has(value)) {
      throw new ModelError({ what: `The value "${value.name}" belongs to another graph, or was removed.` });
    }
  }

  #own(node: Node): MutableNode {
    if (!this.#nodes.has(node)) {
      throw new ModelError({ what: `The node "${node.name}" belongs to another graph, or was removed.` });
    }
    return node as MutableNode; // only addNode makes nodes, and it makes mutable ones
  }

  #mutable(value: Value): Mutable<Value> {
    this.#assertOwn(value);
    return value as Mutable<Value>; // only #register makes values
  }
}

const noUses: ReadonlySet<Use> = new Set();

function typeOf(encoding: Encoding): ValueType {
  return { dtype: encoding.type, dims: encoding.dims };
}
