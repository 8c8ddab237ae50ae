import {
  type Attributes,
  type Encoding,
  FormatError,
  Graph,
  type IncrementalInference,
  kernelFor,
  ModelError,
  type Node,
  type OperatorKernel,
  startInference,
  type Tensor,
  UnsupportedError,
  type Value,
  type ValueType,
} from '@espalier/core';
import type { GraphProto } from '../gen/onnx_pb.js';
import { newestOpset, operatorSignature } from '../operators.js';
import { contribQOperator } from './adapters/q-operators.js';
import { adapterOf } from './adapters/table.js';
import { type AttributeReader, readAttributes } from './attribute-proto.js';
import { isKnownContribOperator } from './contrib-operators.js';
import { placeOf, type SourceNode, sortNodes } from './source-node.js';
import { SourceOp, type Target } from './source-op.js';
import { readTypeHint, readValueType } from './value-info.js';

/** Builds the IR's graph from one of a file, node by node, producers first. */
export class GraphImporter implements Target {
  readonly graph: Graph;
  readonly #proto: GraphProto;
  readonly #reader: AttributeReader;
  readonly #nodes: readonly SourceNode[];
  /** Values by the names of the file. */
  readonly #values = new Map<string, Value>();
  readonly #hints: ReadonlyMap<string, ValueType>;
  readonly #names: ReadonlySet<string>;
  readonly #read: ReadonlySet<string>;
  readonly #inference: IncrementalInference;
  /** Values of 4-bit integers, which are held as such of 8. */
  readonly #packed = new Set<string>();
  readonly #kernels: readonly OperatorKernel[];

  /** @param kernels - of operators beside ONNX's own, which are taken as they are */
  constructor(
    proto: GraphProto,
    nodes: readonly SourceNode[],
    reader: AttributeReader,
    kernels: readonly OperatorKernel[] = [],
  ) {
    this.graph = new Graph(proto.name);
    this.#proto = proto;
    this.#reader = reader;
    // What a file declares inside the graph is a hint; what follows from the inputs is taken instead.
    this.#inference = startInference(this.graph, { onContradiction: () => {}, operatorKernels: kernels });
    this.#kernels = kernels;
    const given = new Set([...proto.input, ...proto.initializer].map(({ name }) => name));
    this.#nodes = sortNodes(nodes, given);
    this.#names = new Set([...given, ...nodes.flatMap((node) => node.outputs)]);
    this.#read = new Set([...nodes.flatMap((node) => node.inputs), ...proto.output.map(({ name }) => name)]);
    this.#hints = hintsOf(proto);
  }

  run(): Graph {
    this.#addInitializers();
    this.#addInputs();
    for (const node of this.#nodes) this.#addSourceNode(node);
    this.#addOutputs();
    return this.graph;
  }

  #addInitializers(): void {
    const [sparse] = this.#proto.sparseInitializer;
    if (sparse !== undefined) {
      throw new UnsupportedError({
        what: 'Sparse initializers are not supported.',
        where: `initializer "${sparse.values?.name ?? ''}"`,
        fix: 'Export the model with dense weights.',
      });
    }
    for (const initializer of this.#proto.initializer) {
      if (initializer.name === '') throw new FormatError({ what: 'An initializer has no name.' });
      const packed = this.#reader.readPackedTensor(initializer);
      if (packed !== null) this.#packed.add(initializer.name);
      this.defineConstant(initializer.name, packed ?? this.#reader.readTensor(initializer));
    }
  }

  /** Before IR version 4 initializers had to be inputs too: those are constants here. */
  #addInputs(): void {
    const seen = new Set<string>();
    for (const input of this.#proto.input) {
      if (seen.has(input.name)) throw duplicate(input.name, 'input');
      seen.add(input.name);
      if (this.#values.has(input.name)) continue;
      this.#values.set(input.name, this.graph.addInput(input.name, readValueType(input, 'input')));
    }
  }

  #addOutputs(): void {
    const outputs = new Set<Value>();
    for (const output of this.#proto.output) {
      const value = this.#values.get(output.name);
      if (value === undefined) {
        throw new ModelError({
          what: `The model hands out "${output.name}", which nothing computes.`,
          where: `output "${output.name}"`,
          fix: 'Export the model again.',
        });
      }
      if (outputs.has(value)) throw duplicate(output.name, 'output');
      outputs.add(value);
      if (value.type === null && output.type !== undefined) {
        this.graph.setType(value, readValueType(output, 'output'));
      }
      this.graph.addOutput(value);
    }
    if (outputs.size === 0) {
      throw new ModelError({ what: 'The model has no outputs.', fix: 'Export the model again.' });
    }
  }

  #addSourceNode(node: SourceNode): void {
    const isForeign = kernelFor(this.#kernels, node) !== undefined;
    const ofCodes = contribQOperator(node.domain, node.op);
    if (!isForeign && ofCodes === undefined) assertKnown(node);
    const where = placeOf(node);
    this.#assertTakesPacked(node);
    const inputs = node.inputs.map((name) => (name === '' ? null : (this.#values.get(name) ?? null)));
    const attributes = readAttributes(node.attributes, this.#reader, where);
    if (isForeign) {
      const outputs = node.outputs.map((name) => (name === '' ? null : this.define(name)));
      const { op, name, domain } = node;
      this.#infer(this.graph.addNode({ op, name, domain, inputs, outputs, attributes }));
      return;
    }
    const adapt = ofCodes ?? adapterOf(node.op, node.opset);
    adapt(new SourceOp(node, inputs, attributes, this));
  }

  /** Where 4-bit codes are dequantized, 8 bits are as good; saturation and overflow would be others. */
  #assertTakesPacked(node: SourceNode): void {
    const name =
      node.op === 'DequantizeLinear' ? undefined : node.inputs.find((input) => this.#packed.has(input));
    if (name === undefined) return;
    throw new UnsupportedError({
      what: `Integers of 4 bits are read by DequantizeLinear only, not by ${node.op}.`,
      where: `${placeOf(node)}, input "${name}"`,
      fix: 'Export the model with weights that are dequantized, or with integers of 8 bits.',
    });
  }

  // ---------------------------------------------------------------------- what operators ask for

  freshName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name) || this.graph.value(name) !== undefined; i++)
      name = `${wanted}_${i}`;
    return name;
  }

  isRead(name: string): boolean {
    return this.#read.has(name);
  }

  define(name: string): Value {
    const value = this.graph.addValue(name);
    this.#values.set(name, value);
    return value;
  }

  defineConstant(name: string, content: Encoding | Tensor): void {
    if (this.#values.has(name)) throw duplicate(name, 'value');
    this.#values.set(name, this.graph.constant(content, name));
  }

  defineAlias(name: string, value: Value): boolean {
    if (this.#proto.output.some((output) => output.name === name)) return false;
    this.#values.set(name, value);
    return true;
  }

  addNode(
    op: string,
    name: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    outputs: readonly (Value | null)[],
  ): void {
    const node = this.graph.addNode({ op, name, inputs, outputs, attributes });
    assertArity(node);
    this.#infer(node);
  }

  #infer(node: Node): void {
    this.#inference.infer(node);
    for (const output of node.outputs) {
      const hint = output === null ? undefined : this.#hints.get(output.name);
      if (output !== null && hint !== undefined && (output.type === null || output.type.dims === null)) {
        this.graph.setType(output, hint);
      }
    }
  }
}

/** Types that the file tells for values inside the graph: taken where nothing better is known. */
function hintsOf(proto: GraphProto): ReadonlyMap<string, ValueType> {
  const hints = new Map<string, ValueType>();
  for (const info of [...proto.valueInfo, ...proto.output]) {
    const type = readTypeHint(info);
    if (type !== null) hints.set(info.name, type);
  }
  return hints;
}

function assertKnown(node: SourceNode): void {
  const isOwn = node.domain === '';
  const signature =
    isOwn || isKnownContribOperator(node.domain, node.op) ? operatorSignature(node.op) : undefined;
  if (signature === undefined) {
    throw new UnsupportedError({
      what: `The operator ${isOwn ? '' : `${node.domain}.`}${node.op || '""'} is not supported.`,
      where: placeOf(node),
      fix: 'Export the model without it, or in ONNX operators of opset 7 or newer.',
    });
  }
  if (!isOwn) return;
  if (node.opset < 1) {
    throw new ModelError({
      what: 'The model does not say which version of the operator set it means.',
      where: placeOf(node),
      fix: 'It lacks an opset_import; export it again.',
    });
  }
  if (node.opset > newestOpset) {
    throw new UnsupportedError({
      what: `Opset ${node.opset} is newer than ${newestOpset}, the newest that is known.`,
      where: placeOf(node),
      fix: `Export the model with opset ${newestOpset} or older.`,
    });
  }
  if (node.opset < signature[0]) {
    throw new ModelError({
      what: `Opset ${node.opset} has no operator ${node.op}: it came with opset ${signature[0]}.`,
      where: placeOf(node),
      fix: 'Export the model again.',
    });
  }
}

function assertArity(node: Node): void {
  const [, fewest, most, outputs] = operatorSignature(node.op) ?? [0, 0, Infinity, Infinity];
  const missing = node.inputs.slice(0, fewest).indexOf(null);
  const found = missing === -1 ? node.inputs.length : missing;
  if (found < fewest || found > most || node.outputs.length > outputs || node.outputs.length === 0) {
    throw new ModelError({
      what: `${node.op} has ${node.inputs.length} inputs${missing === -1 ? '' : ` (number ${missing} is left out)`} and ${node.outputs.length} outputs; it takes ${fewest} to ${most} and gives at most ${outputs}.`,
      where: `node "${node.name}" (${node.op})`,
      fix: 'Export the model again.',
    });
  }
}

function duplicate(name: string, role: string): ModelError {
  return new ModelError({
    what: `Two ${role}s are named "${name}".`,
    where: `${role} "${name}"`,
    fix: 'Give every value a name of its own; export the model again.',
  });
}
