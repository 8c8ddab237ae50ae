/** One entry of a layer. */
export interface Entry {
  readonly gap: number;
  readonly code: number;
}

/** Output channels of the 26 layers, from the README of the published file. */
const channels: readonly number[] = [
  96,
  ...[16, 16, 32, 32, 48, 48, 64, 64].flatMap((squeezed) => [squeezed, 4 * squeezed, 4 * squeezed]),
  1000,
];

/** A file by hand: codebooks of 0, 1/4, 2/4 …, biases that count up, and the entries of each layer; none where not given. */
export function storedFile(entriesOf: Readonly<Record<number, readonly Entry[]>>): Uint8Array {
  const layers = channels.map((out, i) => ({ out, entries: entriesOf[i] ?? [] }));
  const counts = Uint32Array.from(layers, ({ entries }) => entries.length);
  const parts = layers.flatMap(({ out, entries }) => {
    const nibbles = new Uint8Array(Math.ceil(entries.length / 2));
    for (const [i, { gap }] of entries.entries()) nibbles[i >> 1]! |= gap << (4 * (i & 1));
    return [
      Float32Array.from({ length: 256 }, (_, i) => i / 4),
      Float32Array.from({ length: out }, (_, i) => i),
      Uint8Array.from(entries, ({ code }) => code),
      nibbles,
    ];
  });
  return Uint8Array.from([counts, ...parts].flatMap((part) => [...new Uint8Array(part.buffer)]));
}
