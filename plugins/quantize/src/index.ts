export {
  type Diagnosis,
  type DiagnosisRequest,
  diagnose,
  type LayerDiagnosis,
  type OutputLoss,
  outputLoss,
} from './diagnosis/diagnose.js';
export type { Finding } from './diagnosis/findings.js';
export { type QuantizeOptions, quantizeOptions } from './options.js';
export { quantize } from './plugin.js';
