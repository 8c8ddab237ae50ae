import {
  type Graph,
  type Model,
  type Node,
  type Quantization,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { sameOrder } from '../axes.js';
import type { ModelTable } from '../schema/model.js';
import { FileBuilder } from './file-builder.js';
import { OperatorWriter, type Writing } from './operator-writer.js';
import { writingOf } from './operators/table.js';
import { dimsOf, tensorType, ValueTensors } from './value-tensors.js';
import { versionOf } from './versions.js';

/** Writes the IR's graph as that of a .tflite file, node by node. */
export class GraphExporter {
  readonly #model: Model;
  readonly #graph: Graph;
  readonly #file = new FileBuilder();
  readonly #tensors = new ValueTensors(this.#file);
  /** Tensors that are inputs or outputs. */
  readonly #public = new Set<number>();

  /** @param model - whose types have been inferred */
  constructor(model: Model) {
    this.#model = model;
    this.#graph = model.graph;
  }

  /** @throws {UnsupportedError} that names every operator which a file can't say */
  run(): ModelTable {
    const inputs = this.#graph.inputs.map((value) => this.#addInput(value));
    this.#writeAll(this.#writings());
    const outputs = this.#graph.outputs.map((value) => this.#addOutput(value));
    const description = this.#model.metadata.get('description') ?? '';
    return this.#file.build(inputs, outputs, { name: this.#graph.name || 'main', description });
  }

  /** The nodes that results depend on, and not only by their shape, each with what writes it. */
  #writings(): readonly (readonly [Node, Writing])[] {
    const needed = new Set<Node>();
    const values: Value[] = [...this.#graph.outputs];
    const unknown = new Map<string, string[]>();
    for (let value = values.pop(); value !== undefined; value = values.pop()) {
      const node = this.#graph.producer(value);
      if (node === undefined || needed.has(node)) continue;
      needed.add(node);
      const writing = writingOf(node);
      if (writing === undefined) unknown.set(node.op, [...(unknown.get(node.op) ?? []), node.name]);
      for (const [index, input] of node.inputs.entries()) {
        if (input !== null && (writing?.operands?.includes(index) ?? true)) values.push(input);
      }
    }
    if (unknown.size > 0) throw unsupportedOperators(unknown);
    return this.#graph.nodes.flatMap((node) => {
      const writing = writingOf(node);
      return needed.has(node) && writing !== undefined ? [[node, writing] as const] : [];
    });
  }

  #writeAll(writings: readonly (readonly [Node, Writing])[]): void {
    const done = new Set<Node>();
    for (const [node, writing] of writings) {
      if (done.has(node)) continue;
      const writer = new OperatorWriter(this.#graph, node, this.#file, this.#tensors, writing);
      writing.write(writer);
      // The clamp that is part of it.
      if (writer.result.node !== null) done.add(writer.result.node);
    }
  }

  /** A fed value on a grid is fed as reals, and rounded before anybody reads it. */
  #addInput(value: Value): number {
    const dims = dimsOf(value);
    const order = sameOrder(dims.length);
    const grid = this.#gridOfFed(value);
    const type = value.type?.dtype ?? 'float32';
    const fed = this.#file.tensor({ name: value.name, type, dims, quantization: grid });
    this.#public.add(fed);
    if (value.type?.quantization === undefined) {
      this.#tensors.keep(value, fed, order, 'reals');
      return fed;
    }
    const codes = this.#file.tensor({ ...tensorType(value, 'codes'), name: `${value.name}_codes`, dims });
    this.#file.operator('QUANTIZE', versionOf('QUANTIZE', 'codes'), [fed], [codes]);
    this.#tensors.keep(value, codes, order, 'codes');
    return fed;
  }

  /** Integers that are fed have the scale of the DequantizeLinear that reads them. */
  #gridOfFed(value: Value): Quantization | null {
    const readers = this.#graph.consumers(value).filter(({ op }) => op === 'DequantizeLinear');
    const [reader] = readers;
    if (reader === undefined || readers.length !== this.#graph.consumers(value).length) return null;
    const [, scale, zero] = reader.inputs;
    return gridOf(value, scale ?? null, zero ?? null);
  }

  /** Each output has a tensor of its own: none that is fed, or handed out under another name. */
  #addOutput(value: Value): number {
    const held = this.#tensors.tensor(value, 'reals');
    const isFree = !this.#public.has(held);
    const tensor = isFree ? held : this.#tensors.reshape(held, value, 'reals', dimsOf(value));
    this.#public.add(tensor);
    this.#file.rename(tensor, value.name);
    return tensor;
  }
}

function gridOf(value: Value, scale: Value | null, zero: Value | null): Quantization | null {
  const storageType = value.type?.dtype;
  const scales = scale?.constant?.decode().data;
  if (!(scales instanceof Float32Array) || scales.length !== 1) return null;
  if (storageType !== 'int8' && storageType !== 'uint8' && storageType !== 'int16') return null;
  const zeroPoint = Int32Array.of(Number(zero?.constant?.decode().data[0] ?? 0));
  return { scale: scales, zeroPoint, axis: null, storageType };
}

function unsupportedOperators(found: ReadonlyMap<string, readonly string[]>): UnsupportedError {
  const names = [...found].map(
    ([op, nodes]) =>
      `${op} (${nodes
        .slice(0, 3)
        .map((name) => `"${name}"`)
        .join(', ')}${nodes.length > 3 ? ', …' : ''})`,
  );
  return new UnsupportedError({
    what: `A .tflite file has no form for operators of the model: ${names.join(', ')}.`,
    where: 'nodes by name, as in parentheses',
    fix: 'Write .espalier or .onnx.',
  });
}
