import type { Model } from '../ir/model.js';
import type { PassReport } from '../report/report.js';

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly kind: 'run-start'; readonly passes: readonly string[]; readonly sizeBytes: number }
  | { readonly kind: 'pass-start'; readonly pass: string; readonly index: number; readonly of: number }
  | {
      readonly kind: 'pass-progress';
      readonly pass: string;
      readonly index: number;
      readonly of: number;
      readonly done: number;
      readonly total: number;
      readonly what: string;
    }
  | {
      readonly kind: 'pass-end';
      readonly index: number;
      readonly of: number;
      readonly report: PassReport;
      /** As the pass left it. Later passes work on copies, so it may be kept; it is not to be changed. */
      readonly model: Model;
    }
  | { readonly kind: 'measure'; readonly what: string };
