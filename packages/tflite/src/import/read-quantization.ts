import {
  type DataType,
  FormatError,
  type IntegerType,
  integerRange,
  type Quantization,
  quantization,
  UnsupportedError,
} from '@espalier/core';
import type { QuantizationTable } from '../schema/model.js';

/** Types whose tensors may be codes of reals. */
const storageTypes: readonly DataType[] = ['int8', 'uint8', 'int16', 'int32'];

/**
 * Scale and zero point of a tensor; null where it has none.
 *
 * @throws {FormatError} for counts that do not fit, scales that are not positive, zero points out of range
 * @throws {UnsupportedError} for forms other than affine, and zero points of single channels
 * @see "TensorFlow Lite 8-bit quantization specification"
 */
export function readQuantization(
  table: QuantizationTable | null,
  type: DataType,
  dims: readonly number[],
  where: string,
): Quantization | null {
  if (table === null) return null;
  if (table.detailsType !== 0) {
    throw new UnsupportedError({
      what: `Only affine quantization is supported, not form ${table.detailsType} of its details.`,
      where,
      fix: 'Convert the model with per-tensor or per-channel quantization.',
    });
  }
  if (table.scale.length === 0 || !isStorageType(type)) return null;
  const scale = Float32Array.from(table.scale);
  const axis = axisOf(table, scale.length, dims, where);
  return quantization({ scale, zeroPoint: zeroPointsOf(table, type, where), axis, storageType: type });
}

function isStorageType(type: DataType): type is IntegerType {
  return storageTypes.includes(type);
}

function axisOf(
  table: QuantizationTable,
  count: number,
  dims: readonly number[],
  where: string,
): number | null {
  const wrong = table.scale.find((scale) => !(scale > 0) || scale === Infinity);
  if (wrong !== undefined) throw damaged(`A scale is ${wrong}; scales are positive numbers`, where);
  if (count === 1) return null;
  // Old converters left dimension 3 on biases, which have one dimension.
  const axis = dims.length === 1 ? 0 : table.quantizedDimension;
  if (axis < 0 || axis >= dims.length || dims[axis] !== count) {
    throw damaged(
      `There are ${count} scales along dimension ${table.quantizedDimension} of a tensor of shape [${dims.join(', ')}]`,
      where,
    );
  }
  return axis;
}

function zeroPointsOf(table: QuantizationTable, type: IntegerType, where: string): Int32Array {
  const { scale, zeroPoint } = table;
  if (zeroPoint.length > 1 && zeroPoint.length !== scale.length) {
    throw damaged(`There are ${scale.length} scales and ${zeroPoint.length} zero points`, where);
  }
  const { min, max } = integerRange(type);
  const outside = zeroPoint.find((zero) => zero < min || zero > max);
  if (outside !== undefined) throw damaged(`A zero point is ${outside}, outside ${type}`, where);
  const isWide = type === 'int16' || type === 'int32';
  if ((scale.length > 1 || isWide) && zeroPoint.some((zero) => zero !== 0)) {
    throw new UnsupportedError({
      what: `A zero point of ${isWide ? `${type} codes` : 'a single channel'} is not 0.`,
      where,
      fix: "TensorFlow Lite's quantization is symmetric there; convert the model again.",
    });
  }
  return Int32Array.from(scale, (_, index) => zeroPoint[zeroPoint.length === 1 ? 0 : index] ?? 0);
}

function damaged(what: string, where: string): FormatError {
  return new FormatError({ what: `${what}.`, where, fix: 'Convert the model again.' });
}
