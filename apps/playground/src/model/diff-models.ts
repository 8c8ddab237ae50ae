import type { ModelView, NodeView } from '../studio/api.js';

/** What became of a node. */
export type Change = 'added' | 'changed' | 'same';

/** How a model differs from the one before. */
export interface ModelDiff {
  /** By id of the node, of the later model. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Nodes that are gone. */
  readonly removed: readonly NodeView[];
  readonly added: number;
  readonly changed: number;
}

/** Compares two models node by node. A node is the same one where its first output has the same name. */
export function diffModels(before: ModelView, after: ModelView): ModelDiff {
  const known = new Map(before.nodes.map((node) => [node.id, node]));
  const changes = new Map<string, Change>();
  let [added, changed] = [0, 0];
  for (const node of after.nodes) {
    const old = known.get(node.id);
    const change = old === undefined ? 'added' : tellsSame(old, node) ? 'same' : 'changed';
    if (change === 'added') added++;
    if (change === 'changed') changed++;
    changes.set(node.id, change);
  }
  return { changes, removed: before.nodes.filter(({ id }) => !changes.has(id)), added, changed };
}

function tellsSame(a: NodeView, b: NodeView): boolean {
  return (
    a.op === b.op &&
    a.bytes === b.bytes &&
    a.held === b.held &&
    a.quantization === b.quantization &&
    a.attributes.join() === b.attributes.join() &&
    a.reads.join() === b.reads.join()
  );
}
