import type { Encoding, EncodingSource } from '../src/encoding/encoding.js';

/** What a kind reads an encoding back from, with some of it changed. Children are the real ones. */
export function sourceOf(encoding: Encoding, changes: Partial<EncodingSource> = {}): EncodingSource {
  const children = Object.entries(encoding.children);
  return {
    type: encoding.type,
    dims: encoding.dims,
    params: encoding.params(),
    payload: encoding.payload(),
    where: 'tensor "w"',
    child(slot, type, dims) {
      const [name, child] = children.shift() ?? [];
      if (child === undefined || name !== slot) throw new Error(`slot ${slot} is asked for, ${name} is next`);
      if (child.type !== type || child.dims.join() !== dims.join())
        throw new Error(`${type}[${dims.join()}]`);
      return child;
    },
    ...changes,
  };
}
