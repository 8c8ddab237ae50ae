import { create } from '@bufbuild/protobuf';
import {
  AffineEncoding,
  Attributes,
  BlockwiseEncoding,
  CastEncoding,
  type Encoding,
  type Graph,
  int,
  type Node,
  type Quantization,
  Tensor,
  tensorOf,
  UnsupportedError,
  unknownDim,
  type Value,
} from '@espalier/core';
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../gen/onnx_pb.js';
import { operatorSignature } from '../operators.js';
import { elementTypeNumber } from '../proto/element-types.js';
import { rawName } from '../raw-name.js';
import { attributesToProto } from './attributes-to-proto.js';
import { contribDomain } from './q-operators.js';
import { fitsFourBits, packedToProto, tensorToProto } from './tensor-to-proto.js';

/** Writes the IR's graph in ONNX's words: quantizations as Q/DQ pairs, encodings as what decodes them. */
export class GraphExporter {
  readonly #graph: Graph;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #names: Set<string>;
  readonly #nodeNames = new Set<string>();
  /** The names that readers use, where it is not the value's own. */
  readonly #readNames = new Map<Value, string>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#names = new Set(graph.values.map((value) => value.name));
  }

  run(): GraphProto {
    for (const value of this.#graph.constants) if (this.#graph.uses(value).size > 0) this.#addConstant(value);
    for (const value of this.#graph.inputs) this.#addInput(value);
    for (const node of this.#graph.nodes) this.#addNode(node);
    return create(GraphProtoSchema, {
      name: this.#graph.name || 'graph',
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#graph.inputs.map(valueInfo),
      output: this.#graph.outputs.map(valueInfo),
    });
  }

  // ------------------------------------------------------------------------------------ constants

  #addConstant(value: Value): void {
    const encoding = value.constant;
    if (encoding === null) return;
    if (encoding instanceof AffineEncoding && isWritable(encoding.quantization)) {
      const codes = encoding.children.codes.decode();
      const isSymmetric = encoding.quantization.zeroPoint.every((zero) => zero === 0);
      // Products of 4-bit codes with 8-bit ones have no kernel in ONNX Runtime: those stay in 8 bits.
      const isPacked = isSymmetric && this.#meetsRealsOnly(value) && fitsFourBits(codes);
      const name = this.#codes(`${value.name}_quantized`, codes, isPacked);
      this.#dequantize(name, value.name, value.name, encoding.quantization, isPacked);
    } else if (encoding instanceof BlockwiseEncoding && isBlockwiseWritable(encoding)) {
      this.#dequantizeBlocks(encoding, value.name);
    } else if (encoding instanceof CastEncoding) {
      this.#castBack(encoding, value.name);
    } else {
      this.#initializers.push(tensorToProto(encoding.decode(), value.name));
    }
  }

  #meetsRealsOnly(value: Value): boolean {
    return this.#graph
      .consumers(value)
      .every(({ inputs }) => inputs.every((input) => input?.type?.quantization === undefined));
  }

  #castBack({ children }: CastEncoding, to: string): void {
    const half = this.#initializer(`${to}_float16`, children.source);
    this.#emit('Cast', '', [half], [to], new Attributes({ to: int(elementTypeNumber('float32')) }));
  }

  /** @see ONNX DequantizeLinear-21, `block_size` */
  #dequantizeBlocks({ children, axis, blockSize }: BlockwiseEncoding, to: string): void {
    const { codes, scales, zeroPoints } = children;
    const [q, zero] = [codes.decode(), zeroPoints?.decode()];
    const isPacked = fitsFourBits(q) && (zero === undefined || fitsFourBits(zero));
    const inputs = [this.#codes(`${to}_quantized`, q, isPacked)];
    if (scales instanceof CastEncoding) {
      const name = this.#fresh(`${to}_scale`);
      this.#castBack(scales, name);
      inputs.push(name);
    } else inputs.push(this.#initializer(`${to}_scale`, scales));
    if (zero !== undefined) inputs.push(this.#codes(`${to}_zero_point`, zero, isPacked));
    const attributes = new Attributes({ axis: int(axis), block_size: int(blockSize) });
    this.#emit('DequantizeLinear', '', inputs, [to], attributes);
  }

  #codes(wanted: string, codes: Tensor, isPacked: boolean): string {
    if (!isPacked || !fitsFourBits(codes)) return this.#initializer(wanted, codes);
    const name = this.#fresh(wanted);
    this.#initializers.push(packedToProto(codes, name));
    return name;
  }

  #initializer(wanted: string, content: Encoding | Tensor): string {
    const name = this.#fresh(wanted);
    this.#initializers.push(tensorToProto(content instanceof Tensor ? content : content.decode(), name));
    return name;
  }

  // --------------------------------------------------------------------------------- quantization

  /** A quantized input is fed as reals, and quantized before anybody reads it. */
  #addInput(value: Value): void {
    const quantization = quantizationOf(value);
    if (quantization === undefined) return;
    const name = this.#fresh(`${value.name}_dequantized`);
    this.#readNames.set(value, name);
    this.#quantizeAndBack(value.name, name, value.name, quantization);
  }

  #quantizeAndBack(from: string, to: string, base: string, quantization: Quantization): void {
    const { scale, zeroPoint } = this.#parameters(base, quantization);
    const codes = this.#fresh(`${base}_codes`);
    const attributes = axisOf(quantization);
    this.#emit('QuantizeLinear', '', [from, scale, zeroPoint], [codes], attributes);
    this.#emit('DequantizeLinear', '', [codes, scale, zeroPoint], [to], attributes);
  }

  #dequantize(codes: string, to: string, base: string, quantization: Quantization, isPacked: boolean): void {
    const { scale, zeroPoint } = this.#parameters(base, quantization, isPacked);
    const isZeroLeftOut = isPacked || quantization.storageType === 'int32';
    this.#emit(
      'DequantizeLinear',
      '',
      isZeroLeftOut ? [codes, scale] : [codes, scale, zeroPoint],
      [to],
      axisOf(quantization),
    );
  }

  #parameters(base: string, q: Quantization, isPacked = false): { scale: string; zeroPoint: string } {
    const dims = q.axis === null ? [] : [q.scale.length];
    const scale = this.#initializer(`${base}_scale`, new Tensor('float32', q.scale, dims));
    // 32-bit codes have no zero point, and those of 4 bits are symmetric.
    if (q.storageType === 'int32' || isPacked) return { scale, zeroPoint: '' };
    const zeroPoint = this.#initializer(`${base}_zero_point`, tensorOf(q.storageType, q.zeroPoint, dims));
    return { scale, zeroPoint };
  }

  // ---------------------------------------------------------------------------------------- nodes

  #addNode(node: Node): void {
    const isKnown = node.domain === '' && operatorSignature(node.op) !== undefined;
    if (!isKnown && node.domain !== contribDomain) {
      throw new UnsupportedError({
        what: `ONNX has no operator ${node.domain === '' ? '' : `${node.domain}.`}${node.op}.`,
        where: `node "${node.name}"`,
        fix: 'Undo the pass that made it, or write another format.',
      });
    }
    const pending: (() => void)[] = [];
    const outputs = node.outputs.map((value) => {
      if (value === null) return '';
      const quantization = quantizationOf(value);
      if (quantization === undefined) return value.name;
      const raw = this.#fresh(rawName(value.name));
      pending.push(() => this.#quantizeAndBack(raw, value.name, value.name, quantization));
      return raw;
    });
    const inputs = node.inputs.map((value) =>
      value === null ? '' : (this.#readNames.get(value) ?? value.name),
    );
    this.#emit(node.op, node.name, inputs, outputs, node.attributes, node.domain);
    for (const quantize of pending) quantize();
  }

  #emit(
    op: string,
    name: string,
    input: string[],
    output: string[],
    attributes: Attributes,
    domain = '',
  ): void {
    this.#nodes.push(
      create(NodeProtoSchema, {
        name: this.#nodeName(name || `${output[0]}_${op}`),
        opType: op,
        domain,
        input,
        output,
        attribute: attributesToProto(attributes),
      }),
    );
  }

  #nodeName(wanted: string): string {
    const name = unused(wanted, this.#nodeNames);
    this.#nodeNames.add(name);
    return name;
  }

  #fresh(wanted: string): string {
    const name = unused(wanted, this.#names);
    this.#names.add(name);
    return name;
  }
}

function unused(wanted: string, used: ReadonlySet<string>): string {
  let name = wanted;
  for (let i = 1; used.has(name); i++) name = `${wanted}_${i}`;
  return name;
}

/** 32-bit codes have no zero point in ONNX. */
function isBlockwiseWritable({ children: { codes, zeroPoints } }: BlockwiseEncoding): boolean {
  if (codes.type === 'int32') return zeroPoints === undefined;
  return codes.type !== 'uint32';
}

/** Whether ONNX has integers of this kind with scales. 32-bit ones have no zero point there. */
function isWritable({ storageType, zeroPoint }: Quantization): boolean {
  if (storageType === 'int32') return zeroPoint.every((zero) => zero === 0);
  return storageType !== 'uint32';
}

/** @throws {UnsupportedError} for values of a type that scales of float32 do not fit, and 32-bit codes */
function quantizationOf({ name, type }: Value): Quantization | undefined {
  const quantization = type?.quantization;
  if (type == null || quantization === undefined) return undefined;
  if (type.dtype === 'float32' && !quantization.storageType.endsWith('32')) return quantization;
  throw new UnsupportedError({
    what: `ONNX can't quantize ${type.dtype} to ${quantization.storageType}.`,
    where: `value "${name}"`,
    fix: 'Quantize float32 values to 8 or 16 bits.',
  });
}

function axisOf({ axis }: Quantization): Attributes {
  return new Attributes(axis === null ? {} : { axis: int(axis) });
}

function valueInfo({ name, type }: Value): ValueInfoProto {
  if (type === null) return create(ValueInfoProtoSchema, { name });
  const dim = type.dims?.map((size) => ({
    value:
      typeof size === 'number'
        ? ({ case: 'dimValue', value: BigInt(size) } as const)
        : size === unknownDim
          ? ({ case: undefined } as const)
          : ({ case: 'dimParam', value: size } as const),
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: elementTypeNumber(type.dtype), ...(dim === undefined ? {} : { shape: { dim } }) },
      },
    },
  });
}
