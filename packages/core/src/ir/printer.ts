import { describeEncoding } from '../encoding/encoding.js';
import { elementCount, type Tensor, toNumbers } from '../tensor/tensor.js';
import type { Attribute } from './attributes.js';
import type { Model } from './model.js';
import type { Node, Value } from './node.js';
import { printType, shortNumber } from './value-type.js';

/** How many elements of a constant are printed before it is cut. */
const shownElements = 16;

/**
 * The model as text, one line an input, constant, node and output. Tests and fixtures read it:
 *
 *     input x: float32[1, 3]
 *     constant w: float32[3, 2] = float32 [1, 2, 3, 4, 5, 6]
 *     y: float32[1, 2] = MatMul(x, w)
 *     output y
 */
export function printModel({ graph }: Model): string {
  const lines = graph.inputs.map((value) => `input ${typed(value)}`);
  const printed = new Set<Value>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input === null || input.constant === null || printed.has(input)) continue;
      printed.add(input);
      lines.push(printConstant(input));
    }
    lines.push(printNode(node));
  }
  for (const value of graph.outputs) {
    if (value.constant !== null && !printed.has(value)) lines.push(printConstant(value));
    lines.push(`output ${value.name}`);
  }
  return `${lines.join('\n')}\n`;
}

function typed(value: Value): string {
  return `${value.name}: ${printType(value.type)}`;
}

function printConstant(value: Value): string {
  const encoding = value.constant;
  if (encoding === null) return '';
  const shown = elementCount(encoding.dims) <= shownElements ? ` ${printElements(encoding.decode())}` : '';
  return `constant ${typed(value)} = ${describeEncoding(encoding)}${shown}`;
}

function printElements(tensor: Tensor): string {
  const print = tensor.type === 'float32' ? shortNumber : String;
  return `[${Array.from(toNumbers(tensor), print).join(', ')}]`;
}

function printNode(node: Node): string {
  const outputs = node.outputs.map((value) => (value === null ? '_' : typed(value))).join(', ');
  const inputs = node.inputs.map((value) => value?.name ?? '_').join(', ');
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const attributes = [...node.attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, a]) => `${name}: ${printAttribute(a)}`);
  return `${outputs} = ${op}(${inputs})${attributes.length === 0 ? '' : ` { ${attributes.join(', ')} }`}`;
}

/** Floats keep a point, so that text says which of int and float an attribute is. */
function printAttribute(attribute: Attribute): string {
  switch (attribute.type) {
    case 'int':
      return String(attribute.value);
    case 'float':
      return printFloat(attribute.value);
    case 'string':
      return JSON.stringify(attribute.value);
    case 'ints':
      return `[${attribute.value.join(', ')}]`;
    case 'floats':
      return `[${attribute.value.map(printFloat).join(', ')}]`;
    case 'strings':
      return `[${attribute.value.map((text) => JSON.stringify(text)).join(', ')}]`;
    case 'tensor':
      return `${attribute.value.type}[${attribute.value.dims.join(', ')}] ${printElements(attribute.value)}`;
    default:
      return attribute satisfies never;
  }
}

function printFloat(value: number): string {
  const text = shortNumber(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
