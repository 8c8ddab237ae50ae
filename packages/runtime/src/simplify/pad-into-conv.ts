import { type Graph, ints, type Node, toNumbers, type Value } from '@espalier/core';
import { numberIn, soleProducer } from './producer.js';

/** A Pad with zeros before a convolution becomes padding of its own. */
export function padIntoConv(graph: Graph, conv: Node): boolean {
  const pad = soleProducer(graph, conv.inputs[0], 'Pad');
  const source = pad?.inputs[0];
  const mode = conv.attributes.string('auto_pad', 'NOTSET');
  if (pad === null || source == null || source.type?.quantization !== undefined) return false;
  const added = spatialPads(pad, conv.inputs[0]?.type?.dims?.length ?? 0);
  if (added === null || (mode !== 'NOTSET' && mode !== 'VALID')) return false;
  const own = mode === 'VALID' ? undefined : conv.attributes.ints('pads');
  const pads = added.map((count, i) => count + (own?.[i] ?? 0));
  graph.setAttributes(conv, conv.attributes.with({ pads: ints(pads), auto_pad: undefined }));
  graph.setInput(conv, 0, source);
  return true;
}

/** What a Pad with zeros adds before each spatial axis and then behind each; null where it does anything else. */
function spatialPads({ inputs, attributes }: Node, rank: number): readonly number[] | null {
  const [, list, filler, axisList] = inputs;
  const [counts, given] = [numbersIn(list), axisList == null ? null : numbersIn(axisList)];
  if (attributes.string('mode', 'constant') !== 'constant' || counts === null || rank < 3) return null;
  if ((filler != null && numberIn(filler) !== 0) || (axisList != null && given === null)) return null;
  const axes = given ?? Array.from({ length: rank }, (_, axis) => axis);
  const all = new Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    const at = axis < 0 ? axis + rank : axis;
    all[at] = counts[i] ?? 0;
    all[at + rank] = counts[i + axes.length] ?? 0;
  }
  const isPlain = all.every((count, i) => count >= 0 && (count === 0 || i % rank >= 2));
  return isPlain ? all.filter((_, i) => i % rank >= 2) : null;
}

/** The numbers of a small constant; null where it is computed. */
function numbersIn(value: Value | null | undefined): readonly number[] | null {
  return value?.constant == null ? null : Array.from(toNumbers(value.constant.decode()));
}
