import {
  type DataType,
  dataTypes,
  type Graph,
  type IntegerType,
  quantization,
  type Value,
} from '@espalier/core';
import type { Header } from '../header/header.js';
import { MAX_RANK } from '../layout.js';
import { at, NumberReader } from './number-reader.js';

/** Gives the quantized values of a graph their parameters. */
export function readQuantizations(
  header: Header,
  headerOffset: number,
  graph: Graph,
  values: readonly Value[],
): void {
  const numbers = new NumberReader(header.quantizations, 'quantizations', headerOffset);
  const scales = new NumberReader(header.scales, 'scales', headerOffset);
  const zeroPoints = new NumberReader(header.zeroPoints, 'zero_points', headerOffset);
  let index = -1;
  while (numbers.left > 0) {
    const distance = numbers.take();
    if (distance === 0) throw numbers.error('a value is quantized twice');
    index += distance;
    const value = at(numbers, values, index, 'value');
    if (value.type === null) throw numbers.error(`value ${index} has a quantization and no type`);
    const head = numbers.take();
    const storageType = dataTypes[head >>> 1];
    if (!isStorage(storageType)) throw numbers.error(`values are stored as type ${head >>> 1}`);
    const axis = numbers.take() - 1;
    const count = numbers.take();
    if (axis >= MAX_RANK || count === 0 || (axis < 0 && count !== 1)) {
      throw numbers.error(`a quantization has axis ${axis} and ${count} scales`);
    }
    const scale = Float32Array.from(scales.takeAll(count));
    if (scale.some((s) => !(s > 0) || s === Infinity)) throw scales.error('a scale is not positive');
    const zeroPoint = (head & 1) === 1 ? new Int32Array(count) : Int32Array.from(zeroPoints.takeAll(count));
    const q = quantization({ scale, zeroPoint, axis: axis < 0 ? null : axis, storageType });
    graph.setType(value, { ...value.type, quantization: q });
  }
  scales.finish();
  zeroPoints.finish();
}

function isStorage(type: DataType | undefined): type is IntegerType {
  return type !== undefined && /^u?int(8|16|32)$/.test(type);
}
