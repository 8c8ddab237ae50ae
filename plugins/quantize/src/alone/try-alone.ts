import type { Execution, Executor, Feeds, HeldRun, Model } from '@espalier/core';
import { type Change, changedLayer, changedModel } from './change.js';

/** What is tried, on what. */
export interface AloneRequest {
  readonly executor: Executor;
  /** In float. */
  readonly reference: Model;
  readonly changes: readonly Change[];
  readonly batches: readonly Feeds[];
  /** Called before each change is tried. */
  before(): Promise<void>;
  /** Outputs of a batch, of the reference and with one change. */
  see(change: number, expected: Feeds, actual: Feeds): void;
}

/**
 * Runs a float model with one change at a time: what a layer does to the outputs when it alone is quantized.
 *
 * Where the executor can hold a run, a change costs what follows it: its layer is computed by itself, and the run goes on from there. What
 * can't be done so is done with a whole model for each change, which gives the same but for the last bits.
 */
export async function tryAlone(request: AloneRequest): Promise<void> {
  const { executor, reference, changes, batches } = request;
  /** Batches that each change was tried on, from the first on. */
  const done = changes.map(() => 0);
  const execution = await executor.prepare(reference);
  const layers = new Layers(executor, reference, changes);
  try {
    if (execution.hold !== undefined) await tryHeld(request, execution, layers, done);
    const isOpen = (batch: number): boolean => done.some((count) => count <= batch);
    const expected: (Feeds | null)[] = [];
    for (const [batch, feeds] of batches.entries())
      expected.push(isOpen(batch) ? await execution.run(feeds) : null);
    for (const [index, from] of done.entries())
      if (from < batches.length) await tryWhole(request, index, from, expected);
  } finally {
    execution.dispose();
    layers.dispose();
  }
}

async function tryHeld(
  { reference, changes, batches, before, see }: AloneRequest,
  execution: Execution,
  layers: Layers,
  done: number[],
): Promise<void> {
  const order = fromLastToFirst(reference, changes);
  const wanted = new Set(
    reference.graph.values.flatMap(({ name, constant }) => (constant === null ? [name] : [])),
  );
  for (const [batch, feeds] of batches.entries()) {
    const held = (await execution.hold?.(feeds, wanted)) ?? null;
    if (held === null) return;
    try {
      for (const index of order) {
        if (done[index] !== batch) continue;
        await before();
        const outputs = await layers.outputs(index, held);
        if (outputs === null) continue;
        see(index, held.outputs, outputs);
        done[index] = batch + 1;
      }
    } finally {
      held.release();
    }
  }
}

async function tryWhole(
  { executor, reference, changes, batches, before, see }: AloneRequest,
  index: number,
  from: number,
  expected: readonly (Feeds | null)[],
): Promise<void> {
  const change = changes[index];
  if (change === undefined) return;
  const execution = await executor.prepare(changedModel(reference, change));
  try {
    for (const [i, feeds] of batches.entries()) {
      if (i < from) continue;
      await before();
      see(index, expected[i] ?? {}, await execution.run(feeds));
    }
  } finally {
    execution.dispose();
  }
}

/** The cheapest order for a held run. */
function fromLastToFirst({ graph }: Model, changes: readonly Change[]): readonly number[] {
  const places = new Map<string, number>();
  for (const [place, { outputs }] of graph.nodes.entries())
    for (const value of outputs) if (value !== null) places.set(value.name, place);
  const placeOf = (index: number): number => places.get(changes[index]?.value ?? '') ?? -1;
  return [...changes.keys()].sort((a, b) => placeOf(b) - placeOf(a));
}

/** The layers that changes change, ready to run by themselves. */
class Layers {
  readonly #executor: Executor;
  readonly #reference: Model;
  readonly #changes: readonly Change[];
  readonly #ready = new Map<number, Execution>();

  constructor(executor: Executor, reference: Model, changes: readonly Change[]) {
    this.#executor = executor;
    this.#reference = reference;
    this.#changes = changes;
  }

  /** The outputs of a held run with a change; null where they can't be told. */
  async outputs(index: number, held: HeldRun): Promise<Feeds | null> {
    const change = this.#changes[index];
    const layer = change === undefined ? null : changedLayer(this.#reference, change);
    if (change === undefined || layer === null) return null;
    const feeds: Record<string, NonNullable<ReturnType<HeldRun['value']>>> = {};
    for (const { name } of layer.graph.inputs) {
      const value = held.value(name);
      if (value === null || value.type !== 'float32') return null;
      feeds[name] = value;
    }
    const execution = this.#ready.get(index) ?? (await this.#executor.prepare(layer));
    this.#ready.set(index, execution);
    const outputs = await execution.run(feeds);
    const other = outputs[layer.graph.outputs[0]?.name ?? ''];
    return other === undefined ? null : held.outputsWith(change.value, other);
  }

  dispose(): void {
    for (const execution of this.#ready.values()) execution.dispose();
  }
}
