import type { Contents, NodeView, PartialType } from './node-view.js';

/** How the outputs of one operator follow from its inputs. Rules know no graph. */
export interface ShapeRule {
  /** Inputs that can't be left out. 1 where not said. */
  readonly least?: number;
  /**
   * The types of the outputs, in order; null where nothing is known.
   *
   * @throws {ShapeError} when the inputs contradict each other
   */
  infer(view: NodeView): readonly (PartialType | null)[];
  /** What is known of the elements of the outputs, for operators that shapes are computed with. */
  evaluate?(view: NodeView): readonly (Contents | null)[];
}

/** Rules by operator. */
export type ShapeRules = Readonly<Record<string, ShapeRule>>;
