import {
  AffineEncoding,
  Attributes,
  Graph,
  InternalError,
  int,
  Model,
  type Node,
  type Quantization,
  sameQuantization,
  Tensor,
  tensorOf,
  toNumbers,
  type Value,
  type ValueType,
} from '@espalier/core';
import { codesName } from '../codes-name.js';
import { movers } from '../movers.js';
import { rawName } from '../raw-name.js';

/** The domain of ONNX Runtime's own operators. */
export const contribDomain = 'com.microsoft';

/** Operators of one input that ONNX Runtime has on codes. */
const onOne: ReadonlySet<string> = new Set(['AveragePool', 'GlobalAveragePool', 'LeakyRelu', 'Sigmoid']);

/**
 * The same model with quantized operators: QLinearConv and QLinearMatMul of ONNX, and QGemm, QLinearAdd and others of ONNX
 * Runtime's own domain. Codes flow from one to the next; reals are where an operator has no such form.
 *
 * @see ONNX QLinearConv, opset 10; ONNX Runtime, docs/ContribOperators.md
 */
export function toQOperators(model: Model): Model {
  return new Model(new QOperators(model.graph).run(), model);
}

const none = new Attributes({});

/** A node with the grids that it reads and writes codes on. */
interface Form {
  readonly op: string;
  readonly domain: string;
  /** In order, of the new graph. */
  inputs(): readonly (Value | null)[];
  /** Those of the node that it has too. */
  readonly attributes: Attributes;
}

class QOperators {
  readonly #from: Graph;
  readonly #to: Graph;
  readonly #reals = new Map<Value, Value>();
  readonly #codes = new Map<Value, Value>();
  readonly #dequantized = new Map<Value, Value>();
  readonly #grids = new Map<Quantization, readonly [Value, Value]>();
  readonly #done = new Set<Node>();

  constructor(from: Graph) {
    this.#from = from;
    this.#to = new Graph(from.name);
  }

  run(): Graph {
    for (const value of this.#from.inputs)
      this.#reals.set(
        value,
        this.#to.addInput(value.name, real(value.type) ?? { dtype: 'float32', dims: null }),
      );
    for (const node of this.#from.nodes) if (!this.#done.has(node)) this.#add(node);
    for (const value of this.#from.outputs) this.#to.addOutput(this.#realOf(value));
    return this.#to;
  }

  #add(node: Node): void {
    const result = this.#resultOf(node);
    const form = result === null ? null : this.#formOf(node, result);
    if (form === null || result === null) {
      this.#addPlain(node);
      return;
    }
    const output = this.#to.addValue(codesName(result.name), null);
    this.#to.addNode({
      op: form.op,
      domain: form.domain,
      name: node.name,
      inputs: form.inputs(),
      outputs: [output],
      attributes: form.attributes,
    });
    this.#codes.set(result, output);
  }

  /** In float: what is quantized is put on its grid behind. */
  #addPlain(node: Node): void {
    const outputs = node.outputs.map((value) => (value === null ? null : this.#plainOutput(value)));
    this.#to.addNode({
      ...node,
      inputs: node.inputs.map((value) => (value === null ? null : this.#realOf(value))),
      outputs,
    });
    for (const [i, value] of node.outputs.entries()) {
      const output = outputs[i];
      if (value === null || output == null) continue;
      if (value.type?.quantization === undefined) this.#reals.set(value, output);
      else this.#codes.set(value, this.#quantize(output, value));
    }
  }

  #plainOutput(value: Value): Value {
    const name = value.type?.quantization === undefined ? value.name : rawName(value.name);
    return this.#to.addValue(name, real(value.type));
  }

  /**
   * What a node ends with: its result, or that of the clamp behind it, which the ends of its grid stand for. Null where
   * it is not quantized.
   */
  #resultOf(node: Node): Value | null {
    const [output, ...more] = node.outputs;
    if (output == null || more.some((other) => other !== null)) return null;
    if (grid(output) !== null) return output;
    const [use, ...others] = this.#from.uses(output);
    if (use?.kind !== 'input' || use.index !== 0 || others.length > 0) return null;
    const clamped = use.node.outputs[0];
    if (clamped == null || !isImplied(use.node, grid(clamped)) || this.#formOf(node, clamped) === null)
      return null;
    this.#done.add(use.node);
    return clamped;
  }

  #formOf(node: Node, result: Value): Form | null {
    const y = grid(result);
    const [a, b, c] = node.inputs;
    if (node.domain !== '' || y === null || a == null) return null;
    const x = a.constant === null ? grid(a) : null;
    if (x === null || x.storageType !== y.storageType) return null;
    const ends = (q: Quantization): readonly Value[] => this.#parameters(q, result.name);
    const codes = (value: Value, q: Quantization): readonly Value[] => [this.#codesOf(value), ...ends(q)];
    if (node.op === 'Conv' || node.op === 'Gemm' || node.op === 'MatMul') {
      const weight = b?.constant instanceof AffineEncoding ? b.constant : null;
      const bias = c?.constant instanceof AffineEncoding ? c.constant : null;
      const isPlainGemm =
        node.attributes.float('alpha', 1) === 1 &&
        node.attributes.float('beta', 1) === 1 &&
        node.attributes.int('transA', 0) === 0;
      if (weight === null || !isByte(weight.quantization) || !isPlainGemm) return null;
      if (c != null && (bias === null || bias.quantization.storageType !== 'int32')) return null;
      const w = (): readonly Value[] => [
        this.#to.constant(weight.children.codes, codesName(b?.name ?? '')),
        ...ends(weight.quantization),
      ];
      const sum = (): Value | null =>
        bias === null ? null : this.#to.constant(bias.children.codes, codesName(c?.name ?? ''));
      const isGemm = node.op === 'Gemm';
      return {
        op: isGemm ? 'QGemm' : `QLinear${node.op}`,
        domain: isGemm ? contribDomain : '',
        // alpha is 1, and beta is no attribute of QGemm.
        attributes: isGemm
          ? node.attributes.with({ alpha: undefined, beta: undefined, transA: undefined })
          : node.attributes,
        inputs: () => {
          const product = [...codes(a, x), ...w()];
          if (isGemm) return [...product, sum(), ...ends(y)];
          return node.op === 'Conv' ? [...product, ...ends(y), sum()] : [...product, ...ends(y)];
        },
      };
    }
    if (node.op === 'Add' || node.op === 'Mul') {
      const other = b == null ? null : grid(b);
      if (b == null || b.constant !== null || other?.storageType !== y.storageType) return null;
      return {
        op: `QLinear${node.op}`,
        domain: contribDomain,
        attributes: none,
        inputs: () => [...codes(a, x), ...codes(b, other), ...ends(y)],
      };
    }
    if (node.op === 'Concat') {
      const grids = node.inputs.map((value) =>
        value == null || value.constant !== null ? null : grid(value),
      );
      if (grids.some((q) => q?.storageType !== y.storageType)) return null;
      return {
        op: 'QLinearConcat',
        domain: contribDomain,
        attributes: node.attributes,
        inputs: () => [
          ...ends(y),
          ...node.inputs.flatMap((value, i) => {
            const q = grids[i];
            return value == null || q == null ? [] : codes(value, q);
          }),
        ],
      };
    }
    if (onOne.has(node.op)) {
      return {
        op: `QLinear${node.op}`,
        domain: contribDomain,
        attributes: node.attributes,
        inputs: () => [...codes(a, x), ...ends(y)],
      };
    }
    if (!movers.has(node.op) || !sameQuantization(x, y)) return null;
    return {
      op: node.op,
      domain: '',
      attributes: node.attributes,
      inputs: () => [
        this.#codesOf(a),
        ...node.inputs.slice(1).map((value) => (value === null ? null : this.#realOf(value))),
      ],
    };
  }

  /** The value in float. */
  #realOf(value: Value): Value {
    if (value.constant === null && value.type?.quantization !== undefined) return this.#dequantize(value);
    const known = this.#reals.get(value);
    if (known !== undefined) return known;
    if (value.constant === null)
      throw new InternalError({ what: `"${value.name}" is read before it is made.` });
    const constant = this.#to.constant(value.constant, value.name);
    this.#reals.set(value, constant);
    return constant;
  }

  /** The codes of a quantized value: those of an input are made from what is fed. */
  #codesOf(value: Value): Value {
    const known = this.#codes.get(value);
    if (known !== undefined) return known;
    const fed = this.#reals.get(value);
    if (fed === undefined) throw new InternalError({ what: `"${value.name}" is read before it is made.` });
    const codes = this.#quantize(fed, value);
    this.#codes.set(value, codes);
    return codes;
  }

  #dequantize(value: Value): Value {
    const known = this.#dequantized.get(value);
    const quantization = value.type?.quantization;
    if (known !== undefined || quantization === undefined) return known ?? this.#codesOf(value);
    const codes = this.#codesOf(value);
    const name = this.#from.isInput(value) ? `${value.name}_dequantized` : value.name;
    const output = this.#to.addValue(name, real(value.type));
    const inputs = [codes, ...this.#parameters(quantization, value.name)];
    this.#to.addNode({ op: 'DequantizeLinear', inputs, outputs: [output], ...along(quantization) });
    this.#dequantized.set(value, output);
    return output;
  }

  #quantize(source: Value, value: Value): Value {
    const quantization = value.type?.quantization;
    if (quantization === undefined) return source;
    const output = this.#to.addValue(codesName(value.name), null);
    const inputs = [source, ...this.#parameters(quantization, value.name)];
    this.#to.addNode({ op: 'QuantizeLinear', inputs, outputs: [output], ...along(quantization) });
    return output;
  }

  /** Scale and zero point; the same values wherever a grid is read. */
  #parameters(quantization: Quantization, name: string): readonly [Value, Value] {
    const known = this.#grids.get(quantization);
    if (known !== undefined) return known;
    const { scale, zeroPoint, axis, storageType } = quantization;
    const dims = axis === null ? [] : [scale.length];
    const made = [
      this.#to.constant(new Tensor('float32', scale, dims), `${name}_scale`),
      this.#to.constant(tensorOf(storageType, zeroPoint, dims), `${name}_zero_point`),
    ] as const;
    this.#grids.set(quantization, made);
    return made;
  }
}

function along({ axis }: Quantization): { readonly attributes?: { readonly axis: ReturnType<typeof int> } } {
  return axis === null ? {} : { attributes: { axis: int(axis) } };
}

function real(type: ValueType | null): ValueType | null {
  return type === null ? null : { dtype: type.dtype, dims: type.dims };
}

function isByte({ storageType }: Quantization): boolean {
  return storageType === 'int8' || storageType === 'uint8';
}

/** The grid of a value of 8-bit codes with one scale; null for every other one. */
function grid({ type }: Value): Quantization | null {
  const quantization = type?.quantization;
  return quantization !== undefined && quantization.axis === null && isByte(quantization)
    ? quantization
    : null;
}

/** Whether the codes of a grid end where a Relu or Clip does, within half a step. */
function isImplied({ op, domain, inputs }: Node, quantization: Quantization | null): boolean {
  if (quantization === null || domain !== '' || (op !== 'Relu' && op !== 'Clip')) return false;
  const [scale, zero] = [quantization.scale[0] ?? 1, quantization.zeroPoint[0] ?? 0];
  const [first, last] = quantization.storageType === 'int8' ? [-128, 127] : [0, 255];
  const bound = (index: number, absent: number): number => {
    const value = op === 'Relu' ? null : inputs[index];
    if (value == null) return op === 'Relu' && index === 1 ? 0 : absent;
    return value.constant === null ? NaN : (toNumbers(value.constant.decode())[0] ?? NaN);
  };
  const [low, high] = [bound(1, -Infinity), bound(2, Infinity)];
  // A code that a bound rounds to is the last one that is left.
  return scale * (first - zero) >= low - scale / 2 && scale * (last - zero) <= high + scale / 2;
}
