export { RuntimeExecutor } from './executor.js';
export type { Implementation } from './plan/job.js';
export type { PlanLine } from './plan/plan.js';
export type { NodeProfile, Profile } from './plan/profile.js';
export type { TensorLike } from './session/feeds.js';
export {
  type Fetches,
  InferenceSession,
  type SessionOptions,
  type ValueMetadata,
} from './session/inference-session.js';
