export {
  type Diagnosis,
  type DiagnosisRequest,
  diagnose,
  type LayerDiagnosis,
  type OutputLoss,
  outputLoss,
} from './diagnosis/diagnose.js';
export type { Finding } from './diagnosis/findings.js';
export type { FinetuneOptions } from './finetune/finetune-options.js';
export { type QuantizeOptions, quantizeOptions } from './options.js';
export { quantize } from './plugin.js';
