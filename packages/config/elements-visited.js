/** What walks through all elements of a list, or may. Loops by index are not seen. */
const WALKS = new Map([
  [
    Array.prototype,
    ['includes', 'indexOf', 'lastIndexOf', 'find', 'findIndex', 'findLast', 'findLastIndex', 'some', 'every', 'filter', 'map']
      .concat(['flatMap', 'forEach', 'reduce', 'slice', 'splice', 'concat', 'sort', 'join', 'values', 'keys', 'entries'])
      .concat([Symbol.iterator]),
  ],
  [Set.prototype, ['forEach', 'values', 'keys', 'entries', Symbol.iterator]],
  [Map.prototype, ['forEach', 'values', 'keys', 'entries', Symbol.iterator]],
]);

/**
 * Does something, and counts the elements of the arrays, sets and maps that are walked through meanwhile: work that is the same
 * on a machine of any speed, and betrays a search through all of a list for each of its elements.
 *
 * @template T
 * @param {() => T | Promise<T>} action
 * @returns {Promise<{ result: T, visited: number }>}
 */
export async function elementsVisited(action) {
  let visited = 0;
  const originals = [];
  for (const [prototype, names] of WALKS) {
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(prototype, name);
      if (own === undefined) throw new Error(`There is no ${String(name)}.`);
      originals.push([prototype, name, own]);
      Object.defineProperty(prototype, name, { ...own, value: counting(own.value) });
    }
  }
  try {
    return { result: await action(), visited };
  } finally {
    for (const [prototype, name, own] of originals) Object.defineProperty(prototype, name, own);
  }

  function counting(walk) {
    return function (...args) {
      visited += this.length ?? this.size ?? 0;
      return walk.apply(this, args);
    };
  }
}
