import { ShapeError } from '../errors/errors.js';
import { isDynamicRange } from '../ir/dynamic-range.js';
import type { Graph } from '../ir/graph.js';
import type { Model } from '../ir/model.js';
import type { Node, Value } from '../ir/node.js';
import type { Dim, ValueType } from '../ir/value-type.js';
import { printType, unknownDim } from '../ir/value-type.js';
import { kernelFor, type OperatorKernel } from '../plugin/operator-kernel.js';
import { elementCount, toNumbers } from '../tensor/tensor.js';
import { betterDim, type Dims, dimsDiffer, printDims } from './dims.js';
import { type Contents, NodeView, type PartialType } from './node-view.js';
import { ruleOf } from './rules/registry.js';

export interface ShapeOptions {
  /**
   * Sizes of inputs, by name, where the model leaves them open. A name of a size that becomes known
   * so becomes known everywhere.
   */
  readonly inputs?: Readonly<Record<string, readonly Dim[]>>;
  /**
   * Called where a type that the model declares contradicts the computed one, which is taken then.
   * Without it such a contradiction is thrown.
   */
  readonly onContradiction?: (error: ShapeError) => void;
  /** Tell the types of what operators beside ONNX's own give. */
  readonly operatorKernels?: readonly OperatorKernel[];
}

/** What shape inference found out beside the types. */
export interface ShapeFacts {
  /** Elements of small tensors that shapes are computed with: numbers, or names of sizes. */
  contents(value: Value): Contents | null;
}

/** Vectors longer than this are no shapes. */
const longestContents = 256;

/**
 * Fills in the types of all values that follow from the inputs, in place. What the model declares is
 * kept where it says more, and so is quantization. Unknown operators leave unknown types.
 *
 * Shapes that are computed in the graph (Shape, Gather, Concat and so on, into Reshape or Expand) are
 * followed element by element, with sizes that have a name as names.
 *
 * @throws {ShapeError} when shapes contradict each other, naming the node
 * @throws {ModelError} when a node lacks an input, or mixes types
 * @see ONNX operator schemas, newest opset
 */
export function inferShapes(model: Model, options: ShapeOptions = {}): ShapeFacts {
  const inference = new Inference(model.graph, options);
  inference.bindInputs(options.inputs ?? {});
  for (const node of model.graph.nodes) inference.infer(node);
  return inference;
}

/** Inference node by node. */
export interface IncrementalInference extends ShapeFacts {
  /** Fills in the types of the outputs of one node; the nodes before it must have been inferred. */
  infer(node: Node): void;
}

/** Inference for a graph that is still being built, in which producers come before consumers. */
export function startInference(graph: Graph, options: ShapeOptions = {}): IncrementalInference {
  return new Inference(graph, options);
}

class Inference implements IncrementalInference {
  readonly #graph: Graph;
  readonly #options: ShapeOptions;
  readonly #contents = new Map<Value, Contents | null>();

  constructor(graph: Graph, options: ShapeOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  bindInputs(sizes: Readonly<Record<string, readonly Dim[]>>): void {
    const bound = new Map<Dim, Dim>();
    for (const [name, dims] of Object.entries(sizes)) {
      const value = this.#graph.inputs.find((input) => input.name === name);
      if (value?.type == null) {
        const names = this.#graph.inputs.map((input) => `"${input.name}"`).join(', ');
        throw new ShapeError({ what: `The model has no input "${name}".`, fix: `Its inputs are ${names}.` });
      }
      for (const [old, now] of matchDims(value.type.dims, dims, `input "${name}"`)) bound.set(old, now);
      this.#graph.setType(value, { ...value.type, dims });
    }
    if (bound.size > 0) this.#substitute(bound);
  }

  /** Names that became numbers do so in every type that is known already. */
  #substitute(bound: ReadonlyMap<Dim, Dim>): void {
    for (const value of this.#graph.values) {
      const { type } = value;
      if (value.constant !== null || type?.dims == null) continue;
      const dims = type.dims.map((dim) => bound.get(dim) ?? dim);
      if (dims.some((dim, i) => dim !== type.dims?.[i])) this.#graph.setType(value, { ...type, dims });
    }
  }

  infer(node: Node): void {
    const rule = node.domain === '' || isDynamicRange(node) ? ruleOf(node.op) : undefined;
    if (rule === undefined) {
      this.#inferByKernel(node);
      return;
    }
    const view = new NodeView(node, (value) => this.contents(value));
    const least = rule.least ?? 1;
    for (let index = 0; index < least; index++) {
      if (!view.has(index)) throw view.broken(`input ${index} is missing.`);
    }
    const types = rule.infer(view);
    for (const [index, output] of node.outputs.entries()) {
      if (output !== null) this.#refine(view, output, types[index] ?? null);
    }
    const contents = rule.evaluate?.(view) ?? [];
    for (const [index, output] of node.outputs.entries()) {
      if (output !== null) this.#note(output, contents[index] ?? null);
    }
  }

  #inferByKernel(node: Node): void {
    const kernel = kernelFor(this.#options.operatorKernels ?? [], node);
    if (kernel === undefined) return;
    const inputs = node.inputs.map((input) => input?.type ?? null);
    const types = kernel.infer(inputs, node.attributes);
    const view = new NodeView(node, () => null);
    for (const [index, output] of node.outputs.entries()) {
      if (output !== null) this.#refine(view, output, types[index] ?? null);
    }
  }

  contents(value: Value): Contents | null {
    const known = this.#contents.get(value);
    if (known !== undefined) return known;
    const read = value.constant === null ? null : readContents(value.constant);
    this.#contents.set(value, read);
    return read;
  }

  /** Only vectors and scalars have contents: their order is the order of their elements. */
  #note(value: Value, contents: Contents | null): void {
    const dims = value.type?.dims;
    const isVector = dims != null && dims.length <= 1 && (dims[0] ?? 1) === contents?.length;
    if (isVector) this.#contents.set(value, contents);
  }

  #refine(view: NodeView, value: Value, computed: PartialType | null): void {
    if (computed === null) return;
    const declared = value.type;
    const dtype = computed.dtype ?? declared?.dtype ?? null;
    if (dtype === null) return;
    if (declared === null) {
      this.#graph.setType(value, { dtype, dims: computed.dims });
      return;
    }
    if (contradicts(declared, computed)) {
      const error = new ShapeError({
        what: `"${value.name}" is declared as ${printType(declared)}, but computed as ${dtype}${printDims(computed.dims)}.`,
        where: view.where,
        fix: 'Export the model again, or drop the declared type.',
      });
      if (this.#options.onContradiction === undefined) throw error;
      this.#options.onContradiction(error);
      const { quantization } = declared;
      this.#graph.setType(value, { dtype, dims: computed.dims, ...(quantization && { quantization }) });
      return;
    }
    this.#graph.setType(value, { ...declared, dims: mergeDims(declared.dims, computed.dims) });
  }
}

function readContents(constant: NonNullable<Value['constant']>): Contents | null {
  if (constant.dims.length > 1 || elementCount(constant.dims) > longestContents) return null;
  return Array.from(toNumbers(constant.decode()));
}

function contradicts(declared: ValueType, computed: PartialType): boolean {
  if (computed.dtype !== null && declared.dtype !== computed.dtype) return true;
  if (declared.dims === null || computed.dims === null) return false;
  const { dims } = declared;
  return dims.length !== computed.dims.length || computed.dims.some((dim, i) => dimsDiffer(dim, dims[i]));
}

function mergeDims(declared: Dims | null, computed: Dims | null): Dims | null {
  if (declared === null || computed === null) return declared ?? computed;
  return declared.map((dim, i) => betterDim(dim, computed[i] ?? unknownDim));
}

/** The names in `declared` with the sizes they take. */
function matchDims(declared: Dims | null, dims: Dims, where: string): readonly (readonly [Dim, Dim])[] {
  if (declared === null) return [];
  if (declared.length !== dims.length || declared.some((dim, i) => dimsDiffer(dim, dims[i]))) {
    throw new ShapeError({
      what: `The shape ${printDims(dims)} does not fit ${printDims(declared)}.`,
      where,
      fix: 'Give sizes to named dims only.',
    });
  }
  return declared.flatMap((dim, i) => {
    const now = dims[i] ?? unknownDim;
    return typeof dim === 'string' && dim !== unknownDim ? [[dim, now] as const] : [];
  });
}
