import type { SourceOp } from '../source-op.js';

/** Puts an operator into the graph, in the words of the newest opset. */
export type Adapter = (node: SourceOp) => void;

/** An operator as it was before an opset changed its signature or meaning. */
export interface OldVersion {
  /** The first opset that has the next form. `Infinity`: no opset has the IR's form. */
  readonly before: number;
  readonly adapt: Adapter;
}

/** By operator; the versions of one operator oldest first. */
export type AdapterTable = Readonly<Record<string, readonly OldVersion[]>>;
