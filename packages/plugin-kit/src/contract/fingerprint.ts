import { type Dataset, type Encoding, type Model, printModel, toBytes, walkEncoding } from '@espalier/core';

/** The whole model as text: graph, and the bytes that every constant has in a file. Equal for equal models. */
export function fingerprint(model: Model): string {
  const constants = model.graph.constants.map(
    ({ name, constant }) => `${name} ${constant === null ? '' : hashOfEncoding(constant)}`,
  );
  return `${printModel(model)}${constants.sort().join('\n')}`;
}

/** Of all bytes that a tree has in a file. */
export function hashOfEncoding(root: Encoding): string {
  const parts = [...walkEncoding(root)].map(({ encoding, path }) => {
    const hash = hashOfBytes(encoding.params(), encoding.payload());
    return `${path.join('.')}:${encoding.kind}:${encoding.type}[${encoding.dims.join()}]:${hash}`;
  });
  return parts.join(' ');
}

/** Of all samples of a data set. */
export async function hashOfData(data: Dataset | undefined): Promise<string> {
  if (data === undefined) return '';
  const parts: string[] = [];
  for await (const { feeds, labels } of data.batches(64)) {
    for (const [name, tensor] of Object.entries(feeds))
      parts.push(`${name} ${hashOfBytes(toBytes(tensor.data))}`);
    if (labels !== undefined) parts.push(hashOfBytes(toBytes(labels)));
  }
  return parts.join(' ');
}

/** FNV-1a, 32 bits, and how many bytes there were. */
export function hashOfBytes(...parts: readonly Uint8Array[]): string {
  let h = 0x811c9dc5;
  let length = 0;
  for (const bytes of parts) {
    for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] ?? 0), 0x01000193);
    length += bytes.length;
  }
  return `${(h >>> 0).toString(16)}/${length}`;
}

/** The first line in which two texts differ, for messages. */
export function firstDifference(before: string, after: string): string {
  const [was, now] = [before.split('\n'), after.split('\n')];
  const line = was.findIndex((text, i) => text !== now[i]);
  const short = (text: string | undefined): string => (text ?? '(nothing)').slice(0, 120);
  return line < 0
    ? `a line more: ${short(now[was.length])}`
    : `"${short(was[line])}" became "${short(now[line])}"`;
}
