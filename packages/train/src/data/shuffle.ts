import type { Random } from '@espalier/core';

/** The numbers 0 ... count - 1 in random order: Fisher and Yates 1938, as Durstenfeld 1964 has it. */
export function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const last = order[i] as number; // i and j are below the length
    order[i] = order[j] as number;
    order[j] = last;
  }
  return order;
}
