/**
 * Operators of ONNX Runtime's own domain that mean what one of ONNX's does. All others of that domain
 * are refused by name.
 *
 * @see ONNX Runtime, docs/ContribOperators.md
 */
const contribOperators: ReadonlySet<string> = new Set(['Gelu', 'QuantizeLinear', 'DequantizeLinear']);

export function isKnownContribOperator(domain: string, op: string): boolean {
  return domain === 'com.microsoft' && contribOperators.has(op);
}
