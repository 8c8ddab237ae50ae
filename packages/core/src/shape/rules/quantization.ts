import type { ShapeRules } from '../rule.js';
import { typeByNumber } from '../type-numbers.js';

export const quantizationRules: ShapeRules = {
  QuantizeLinear: {
    least: 2,
    infer(view) {
      const named = typeByNumber(view.attributes.int('output_dtype'));
      const dtype = named ?? (view.has(2) ? view.dtype(2) : 'uint8');
      return [{ dtype, dims: view.dims(0) }];
    },
  },
  DequantizeLinear: {
    least: 2,
    infer(view) {
      const named = typeByNumber(view.attributes.int('output_dtype'));
      return [{ dtype: named ?? view.dtype(1), dims: view.dims(0) }];
    },
  },
  DynamicRange: { infer: (view) => [{ dtype: view.dtype(0), dims: view.dims(0) }] },
  DynamicQuantizeLinear: {
    infer: (view) => [
      { dtype: 'uint8', dims: view.dims(0) },
      { dtype: 'float32', dims: [] },
      { dtype: 'uint8', dims: [] },
    ],
  },
};
