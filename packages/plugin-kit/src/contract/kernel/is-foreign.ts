import { dataTypes, type OperatorKernel } from '@espalier/core';
import type { Clause } from '../clause.js';

/** ONNX's own operators mean what ONNX says, in every program. */
export const isForeign: Clause<OperatorKernel> = {
  name: 'is-foreign',
  promise: 'it is for an operator of a domain that is not that of ONNX, and says for which types',
  fix: 'Name the domain as files have it: com.microsoft; list the element types of the first input.',
  breach({ domain, op, types }) {
    if (domain === '' || domain === 'ai.onnx') return `its domain is "${domain}"`;
    if (op === '') return 'its operator has no name';
    const unknown = types.find((type) => !dataTypes.includes(type));
    if (types.length === 0 || unknown !== undefined) return `its types are [${types.join(', ')}]`;
    return null;
  },
};
