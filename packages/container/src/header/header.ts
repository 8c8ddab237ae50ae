/** The header of a file, a list for each column: proto/espalier.proto says what the numbers mean. */
export interface Header {
  readonly strings: string[];
  readonly types: number[];
  readonly trees: number[];
  params: Uint8Array;
  readonly operators: number[];
  readonly nodes: number[];
  readonly sources: number[];
  inputCount: number;
  readonly outputs: number[];
  readonly valueNames: number[];
  readonly nodeNames: number[];
  readonly integers: bigint[];
  readonly floats: number[];
  graphName: number;
  requantization: number;
  readonly metadata: number[];
  readonly quantizations: number[];
  readonly scales: number[];
  readonly zeroPoints: number[];
  readonly packages: number[];
}

type Named<T> = { [K in keyof Header]: Header[K] extends T ? K : never }[keyof Header];

/** A field of the message: its type in Protocol Buffers, and its name here. */
export type HeaderField =
  | readonly ['string', Named<string[]>]
  | readonly ['bytes', Named<Uint8Array>]
  | readonly ['uint32', Named<number>]
  | readonly ['repeated uint32' | 'repeated sint32' | 'repeated float', Named<number[]>]
  | readonly ['repeated sint64', Named<bigint[]>];

/**
 * The fields in the order of their numbers, from 1. They are read and written by hand: the library that tests
 * compare with was 13 of the 83 KB (brotli) that a page loaded to run a model.
 */
export const headerFields: readonly HeaderField[] = [
  ['string', 'strings'],
  ['repeated uint32', 'types'],
  ['repeated uint32', 'trees'],
  ['bytes', 'params'],
  ['repeated uint32', 'operators'],
  ['repeated uint32', 'nodes'],
  ['repeated uint32', 'sources'],
  ['uint32', 'inputCount'],
  ['repeated uint32', 'outputs'],
  ['repeated uint32', 'valueNames'],
  ['repeated uint32', 'nodeNames'],
  ['repeated sint64', 'integers'],
  ['repeated float', 'floats'],
  ['uint32', 'graphName'],
  ['uint32', 'requantization'],
  ['repeated uint32', 'metadata'],
  ['repeated uint32', 'quantizations'],
  ['repeated float', 'scales'],
  ['repeated sint32', 'zeroPoints'],
  ['repeated uint32', 'packages'],
];

/** How the bytes of a field are cut off: Protocol Buffers, "Message Structure". */
export const wireType = { varint: 0, eightBytes: 1, counted: 2, fourBytes: 5 } as const;

/** A header without content. */
export function emptyHeader(): Header {
  return {
    strings: [],
    types: [],
    trees: [],
    params: new Uint8Array(),
    operators: [],
    nodes: [],
    sources: [],
    inputCount: 0,
    outputs: [],
    valueNames: [],
    nodeNames: [],
    integers: [],
    floats: [],
    graphName: 0,
    requantization: 0,
    metadata: [],
    quantizations: [],
    scales: [],
    zeroPoints: [],
    packages: [],
  };
}
