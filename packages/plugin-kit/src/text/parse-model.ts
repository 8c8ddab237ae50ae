import {
  type Attribute,
  Attributes,
  float,
  floats,
  Graph,
  int,
  ints,
  Model,
  type NodeSpec,
  staticDims,
  string,
  strings,
  tensor,
  tensorOf,
  type Value,
} from '@espalier/core';
import { Cursor } from './cursor.js';
import { type LeafKinds, parseConstant, parseElements } from './parse-constant.js';
import { parseDataType, parseType } from './parse-type.js';

/**
 * Reads a model from the text that core's `printModel` writes, and from what people write like it:
 *
 *     input x: float32[N, 3, 8, 8]
 *     constant w: float32[4, 3, 3, 3] = random(1)
 *     y = Conv(x, w) { pads: [1, 1, 1, 1] }
 *     output y
 *
 * Types of node outputs may be left out, `#` starts a comment line, `_` is an input left out.
 *
 * @param leaves - leaf encodings of plugins by kind, where the text names some
 * @throws {FormatError} with line and column, where the text is not of that form
 * @throws {ModelError} when names are missing or there twice
 */
export function parseModel(text: string, leaves: LeafKinds = {}): Model {
  const reader = new ModelReader(leaves);
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) reader.readLine(new Cursor(trimmed, index + 1));
  }
  return new Model(reader.graph);
}

class ModelReader {
  readonly graph = new Graph();
  readonly #leaves: LeafKinds;

  constructor(leaves: LeafKinds) {
    this.#leaves = leaves;
  }

  readLine(cursor: Cursor): void {
    const keyword = cursor.match(/(?:input|constant|output)(?= )/y);
    if (keyword === 'input') this.#readInput(cursor);
    else if (keyword === 'constant') this.#readConstant(cursor);
    else if (keyword === 'output') this.graph.addOutput(this.#known(cursor, cursor.name()));
    else this.#readNode(cursor);
    if (!cursor.atEnd) throw cursor.error('the line should end here');
  }

  #readInput(cursor: Cursor): void {
    const name = cursor.name();
    cursor.expect(':');
    const type = parseType(cursor);
    if (type === null) throw cursor.error('an input needs a type');
    this.graph.addInput(name, type);
  }

  #readConstant(cursor: Cursor): void {
    const name = cursor.name();
    cursor.expect(':');
    const type = parseType(cursor);
    const dims = staticDims(type);
    if (type === null || dims === null) throw cursor.error('a constant needs a type without open dims');
    cursor.expect('=');
    this.#assertFree(cursor, name);
    const value = this.graph.constant(parseConstant(cursor, type.dtype, dims, this.#leaves), name);
    if (type.quantization !== undefined) this.graph.setType(value, type);
  }

  #readNode(cursor: Cursor): void {
    const outputs: (Value | null)[] = [];
    do outputs.push(this.#readOutput(cursor));
    while (cursor.take(','));
    cursor.expect('=');
    const fullName = cursor.name();
    const dot = fullName.lastIndexOf('.');
    const inputs = cursor.list('(', ')', () => {
      const name = cursor.name();
      return name === '_' ? null : this.#known(cursor, name);
    });
    const node: NodeSpec = {
      op: fullName.slice(dot + 1),
      domain: dot < 0 ? '' : fullName.slice(0, dot),
      name: outputs.find((value) => value !== null)?.name ?? '',
      attributes: parseAttributes(cursor),
      inputs,
      outputs,
    };
    this.graph.addNode(node);
  }

  #readOutput(cursor: Cursor): Value | null {
    const name = cursor.name();
    if (name === '_') return null;
    this.#assertFree(cursor, name);
    return this.graph.addValue(name, cursor.take(':') ? parseType(cursor) : null);
  }

  #assertFree(cursor: Cursor, name: string): void {
    if (this.graph.value(name) !== undefined) throw cursor.error(`"${name}" is there already`);
  }

  #known(cursor: Cursor, name: string): Value {
    const value = this.graph.value(name);
    if (value === undefined) throw cursor.error(`nothing above is named "${name}"`);
    return value;
  }
}

function parseAttributes(cursor: Cursor): Attributes {
  const entries: [string, Attribute][] = [];
  if (cursor.match(/(?=\{)/y) !== null) {
    cursor.list('{', '}', () => {
      const name = cursor.name();
      cursor.expect(':');
      entries.push([name, parseAttribute(cursor)]);
    });
  }
  return new Attributes(entries);
}

/** Floats have a point, an exponent or no digits at all (`NaN`); integers have none. */
function isFloatText(text: string): boolean {
  return /[.eN]|Infinity/.test(text);
}

const numberText = /[-+]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|Infinity)|NaN/y;

function parseAttribute(cursor: Cursor): Attribute {
  const quoted = cursor.match(/"(?:[^"\\]|\\.)*"/y);
  if (quoted !== null) return string(JSON.parse(quoted) as string);
  if (cursor.match(/(?=\[)/y) !== null) return parseListAttribute(cursor);
  const number = cursor.match(numberText);
  if (number !== null) return isFloatText(number) ? float(Number(number)) : int(Number(number));
  const dtype = parseDataType(cursor);
  const dims = cursor.list('[', ']', () => cursor.number());
  const count = dims.reduce((product, dim) => product * dim, 1);
  return tensor(tensorOf(dtype, parseElements(cursor, count), dims));
}

/** An empty list is one of integers. */
function parseListAttribute(cursor: Cursor): Attribute {
  const items = cursor.list(
    '[',
    ']',
    () => cursor.match(/"(?:[^"\\]|\\.)*"/y) ?? cursor.match(numberText) ?? '',
  );
  if (items.includes('')) throw cursor.error('a list holds numbers or texts');
  if (items[0]?.startsWith('"')) return strings(items.map((item) => JSON.parse(item) as string));
  return items.some(isFloatText) ? floats(items.map(Number)) : ints(items.map(Number));
}
