import { type Node, UnsupportedError } from '@espalier/core';
import type { OperatorEntry } from './operator.js';
import { type OperatorTable, operatorEntries } from './operator-entries.js';
import { shapeOperators } from './shape.js';

/** Operators that even networks have which kernels compute from end to end. */
const usual: OperatorTable = operatorEntries([shapeOperators]);

/** All operators, once they are loaded: the same for every session. */
let all: OperatorTable | null = null;

/** A plain operator was wanted, and they are not loaded. Nobody outside of this package sees it. */
export class OperatorsNotLoaded extends UnsupportedError {
  constructor(op: string) {
    super({ what: `The plain operator ${op} is not loaded.` });
  }
}

/**
 * Loads the plain operators. They are a module of their own, a third of all that a page would load to run a model,
 * because most models of pictures need none of them.
 */
export async function loadOperators(): Promise<void> {
  all ??= (await import('./operator-table.js')).operatorTable;
}

/**
 * The plain operator of a node; undefined where there is none.
 *
 * @throws {OperatorsNotLoaded} where that is not known yet
 */
export function operatorOf({ domain, op }: Node): OperatorEntry | undefined {
  if (domain !== '') return undefined;
  const table = Object.hasOwn(usual, op) ? usual : all;
  if (table === null) throw new OperatorsNotLoaded(op);
  return Object.hasOwn(table, op) ? table[op] : undefined;
}

/** What `make` makes, with the plain operators loaded if it turns out to need them. */
export async function withOperators<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof OperatorsNotLoaded)) throw error;
  }
  await loadOperators();
  return make();
}
