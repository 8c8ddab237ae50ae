export {
  type Diagnosis,
  type DiagnosisRequest,
  diagnose,
  type LayerDiagnosis,
} from './diagnosis/diagnose.js';
export type { Finding } from './diagnosis/findings.js';
export { OutputJudge, type OutputLoss } from './diagnosis/output-judge.js';
export type { FinetuneOptions } from './finetune/finetune-options.js';
export { type QuantizeOptions, quantizeOptions } from './options.js';
export { quantize } from './plugin.js';
export { KNOWN_RANGES, KnownRanges, type Ranges } from './static/known-ranges.js';
