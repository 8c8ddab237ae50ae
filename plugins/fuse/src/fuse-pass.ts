import {
  type Executor,
  inferShapes,
  type Model,
  type Node,
  type Pass,
  type PassContext,
  type PassResult,
  type ShapeFacts,
} from '@espalier/core';
import type { FuseOptions } from './options.js';
import type { Rewrite, RewriteContext } from './rewrite.js';
import { rounds } from './rewrites.js';

export const FUSE = 'fuse';

/**
 * Simplifies a graph: what exporters spell out becomes one operator, what is constant is computed, what
 * does nothing or is not needed goes. Outputs stay as they are, but for float rounding.
 *
 * Operators keep ONNX's meaning: a Relu stays a node of its own behind its Conv. The runtime's plan runs
 * both as one, and quantization sees through it.
 */
export class FusePass implements Pass<FuseOptions> {
  readonly name: string = FUSE;
  readonly effect: Pass['effect'] = 'exact';
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];
  readonly #executor: Executor | null;

  /** @param executor - computes nodes over constants; without one these stay */
  constructor(executor: Executor | null) {
    this.#executor = executor;
  }

  async run(model: Model, context: PassContext<FuseOptions>): Promise<PassResult> {
    const { options, count, log } = context;
    const { graph } = model;
    if (this.#executor === null) log.info('Nothing here can compute nodes: those over constants stay.');
    const before = graph.nodeCount;
    const dead = graph.removeDead();
    count('nodes.dead', dead);
    let changed = dead > 0;
    const allowed = rounds.map((round) => round.filter(({ name }) => !options.without.includes(name)));
    // What a later round leaves may be more work for an earlier one.
    for (let again = true; again; ) {
      again = false;
      for (const round of allowed) {
        while (this.#sweep(model, round, context)) again = true;
        await context.progress(before - graph.nodeCount, before, 'nodes removed');
      }
      changed ||= again;
    }
    count('nodes.removed', before - graph.nodeCount);
    return { modified: changed };
  }

  /** Offers every node to every rewrite once; returns whether one took it. */
  #sweep(
    model: Model,
    rewrites: readonly Rewrite[],
    { options, count, log }: PassContext<FuseOptions>,
  ): boolean {
    const { graph } = model;
    const facts = inferShapes(model, { onContradiction: (error) => log.debug(error.message) });
    const rewriteContext = this.#contextOf(model, facts, options);
    let changed = false;
    for (const node of graph.nodes) {
      for (const rewrite of rewrites) {
        if (!isThere(node, model)) break;
        if (!looksAt(rewrite, node) || !rewrite.apply(node, rewriteContext)) continue;
        count(`rewrites.${rewrite.name}`, 1);
        log.debug(`${rewrite.name}: ${node.op} "${node.name}"`);
        changed = true;
      }
    }
    // Also where nothing changed: a rewrite that was tried leaves constants behind.
    graph.removeDead();
    return changed;
  }

  #contextOf({ graph }: Model, facts: ShapeFacts, { maxGrowthBytes }: FuseOptions): RewriteContext {
    return {
      graph,
      maxGrowthBytes,
      contents: (value) => facts.contents(value),
      evaluate: (node, inputs) => this.#executor?.evaluate(node, inputs) ?? null,
    };
  }
}

function looksAt({ ops }: Rewrite, { op, domain }: Node): boolean {
  return domain === '' && (ops === null || ops.includes(op));
}

/** A rewrite of an earlier node may have taken this one out. */
function isThere(node: Node, { graph }: Model): boolean {
  return graph.producer(node.outputs.find((value) => value !== null)) === node;
}
