import { allInt8, type Choice, errorOf, heldAs, type Network } from './network.js';

/** Milliseconds of a run, as far as they are known. */
export type MsOf = (choice: Choice) => number;

/** A choice, and what is expected of it. */
export interface Rated {
  readonly choice: Choice;
  readonly ms: number;
  readonly error: number;
}

/**
 * The choices from the fastest to the most accurate that takes no more than `limit`: layers, runs of layers and joints are
 * given more precision one after the other, that first which gains most for a millisecond.
 *
 * Runs are tried, since a float layer between two of int8 costs two steps between codes and reals, and keeps the noise of both grids.
 *
 * @param limit - milliseconds; where even int8 takes more, the first choice is the fastest there is
 * @returns at least one; each of less error than the one before
 */
export function choicesWithin(network: Network, msOf: MsOf, limit: number): readonly Rated[] {
  const rated = (choice: Choice): Rated => ({ choice, ms: msOf(choice), error: errorOf(network, choice) });
  let now = rated(allInt8);
  while (now.ms > limit) {
    const next = best(now, moves(network, now.choice).map(rated), (move) => now.ms - move.ms);
    if (next === null) return [now];
    now = next;
  }
  const line = [now];
  for (;;) {
    const fitting = moves(network, now.choice)
      .map(rated)
      .filter(({ ms, error }) => ms <= limit && error < now.error);
    const from = now;
    // What takes no more time comes first, that which gains most.
    const next = best(
      from,
      fitting,
      (move) => (from.error - move.error) / Math.max(move.ms - from.ms, limit * 1e-6),
    );
    if (next === null) return line;
    now = next;
    line.push(now);
  }
}

/** The one that is worth most; null where none is worth anything. */
function best(from: Rated, moves: readonly Rated[], worthOf: (move: Rated) => number): Rated | null {
  let [found, most]: [Rated | null, number] = [null, 0];
  for (const move of moves) {
    const worth = move === from ? 0 : worthOf(move);
    if (worth > most) [found, most] = [move, worth];
  }
  return found;
}

/** Choices with more precision: a joint of 16 bits, or a run of 1, 2, 4, ... layers in float32. */
function moves(network: Network, choice: Choice): readonly Choice[] {
  const { layers } = network;
  const found: Choice[] = [];
  for (const [joint, held] of heldAs(network, choice).entries()) {
    if (held === 'int8' && network.joints[joint]?.canBeWide)
      found.push({ ...choice, wide: new Set(choice.wide).add(joint) });
  }
  const open = [...layers.keys()].filter((index) => (layers[index]?.excludedAs.length ?? 0) > 0);
  for (let length = 1; length < 2 * open.length; length *= 2) {
    for (let start = 0; start === 0 || start + length <= open.length; start++) {
      const added = open.slice(start, start + length).filter((index) => !choice.real.has(index));
      if (added.length > 0) found.push({ ...choice, real: new Set([...choice.real, ...added]) });
    }
  }
  return found;
}
