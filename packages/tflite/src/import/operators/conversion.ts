import { AffineEncoding, cast, int, isFloat, numberOfType } from '@espalier/core';
import type { Translate } from '../operator-context.js';
import { mapped } from './elementwise.js';

/** QUANTIZE: to a grid, from reals or another grid. */
export const quantize: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const grid = context.grid(y);
  if (y.quantization?.storageType === 'int32') throw context.unsupported('its result has codes of 32 bits');
  if (grid === null) throw context.broken(`Its result ${y.where} has no scale.`);
  if (x.type !== 'float32' && context.grid(x) === null) {
    throw context.unsupported(`its input ${x.where} is ${x.type}`);
  }
  mapped(context, (value) => context.apply('Identity', [value], { grid }));
};

/** DEQUANTIZE. Of a constant it is the constant: integers with a scale, or float16. */
export const dequantize: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const constant = context.constantOf(x);
  if (y.type !== 'float32') throw context.unsupported(`it gives ${y.type}`);
  if (constant instanceof AffineEncoding) {
    context.forms.fold(y, constant, x);
  } else if (constant?.type === 'float16') {
    context.forms.fold(y, cast(constant), x);
  } else if (x.quantization !== null) {
    mapped(context, (value) => context.apply('Identity', [value]));
  } else if (x.type === 'float16') {
    convert(context);
  } else {
    throw context.broken(`Its input ${x.where} has no scale.`);
  }
};

export const convert: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  if (x.quantization !== null || y.quantization !== null) throw context.unsupported('it casts codes');
  // Floats beyond the range of an integer have no defined result in either.
  const known = isFloat(x.type) || x.type.includes('int') || x.type === 'bool';
  if (!known) throw context.unsupported(`it casts ${x.type}`);
  mapped(context, (value) =>
    context.apply('Cast', [value], { attributes: { to: int(numberOfType(y.type)) } }),
  );
};
