import type { Header } from '../header/header.js';
import { aligned, CHECKSUM_BYTES, MAX_ENCODINGS, type Place, place } from '../layout.js';
import { damaged } from './damage.js';
import { assertChecksum, type Frame } from './frame.js';
import { at, NumberReader } from './number-reader.js';

/** One encoding as it is stored: its kind is not looked at yet. */
export interface Stored {
  readonly kind: string;
  readonly params: Uint8Array;
  readonly place: Place;
  /** Where the payload begins, null where it has none outside the header. */
  readonly offset: number | null;
  /** A view of the file. */
  readonly payload: Uint8Array | null;
}

interface Entry {
  readonly kind: string;
  readonly params: Uint8Array;
  readonly place: Place;
  readonly length: number;
}

/**
 * All encodings with their payloads. Checks that the sections fill the file exactly, that what lies
 * between them is zero, and every checksum.
 */
export function readStored(
  bytes: Uint8Array,
  { header, headerOffset, bodyOffset }: Frame,
): readonly Stored[] {
  const entries = readEntries(header, headerOffset);
  const offsets = locate(bytes, entries, bodyOffset);
  return entries.map(({ length, ...entry }, index) => {
    const offset = offsets[index] ?? null;
    return { ...entry, offset, payload: offset === null ? null : bytes.subarray(offset, offset + length) };
  });
}

function readEntries(header: Header, headerOffset: number): readonly Entry[] {
  const numbers = new NumberReader(header.trees, 'trees', headerOffset);
  const entries: Entry[] = [];
  let nextParams = 0;
  while (numbers.left > 0) {
    if (entries.length === MAX_ENCODINGS)
      throw numbers.error(`there are more than ${MAX_ENCODINGS} encodings`);
    const head = numbers.take();
    const kind = at(numbers, header.strings, head >>> 3, 'string');
    const payloadPlace = (head & 3) as Place; // two bits: the four places there are
    const paramsLength = (head & 4) === 0 ? 0 : numbers.take();
    if (paramsLength > header.params.length - nextParams) {
      throw numbers.error(
        `${paramsLength} bytes of params are needed, ${header.params.length - nextParams} are left`,
      );
    }
    const params = header.params.subarray(nextParams, nextParams + paramsLength);
    nextParams += paramsLength;
    const hasLength = payloadPlace === place.shared || payloadPlace === place.own;
    entries.push({ kind, params, place: payloadPlace, length: hasLength ? numbers.take() : 0 });
  }
  if (nextParams < header.params.length)
    throw numbers.error(`${header.params.length - nextParams} bytes of params are left over`);
  return entries;
}

/** The offset of each payload; null where it has none. */
function locate(
  bytes: Uint8Array,
  entries: readonly Entry[],
  bodyOffset: number,
): readonly (number | null)[] {
  const shared = entries.filter((entry) => entry.place === place.shared);
  const sharedBytes = shared.reduce((sum, { length }) => sum + length, 0);
  let end = bodyOffset;
  if (shared.length > 0) end = checkSection(bytes, bodyOffset, sharedBytes);
  let nextShared = bodyOffset;
  const offsets = entries.map((entry) => {
    if (entry.place === place.shared) {
      nextShared += entry.length;
      return nextShared - entry.length;
    }
    if (entry.place !== place.own) return null;
    const start = aligned(end);
    checkPadding(bytes, end, start);
    end = checkSection(bytes, start, entry.length);
    return start;
  });
  if (end < bytes.length) throw damaged(`${bytes.length - end} bytes are left over`, `byte ${end}`);
  return offsets;
}

/** Checks a section of `length` bytes; returns the offset behind its checksum. */
function checkSection(bytes: Uint8Array, start: number, length: number): number {
  const end = start + length;
  if (end + CHECKSUM_BYTES > bytes.length) {
    throw damaged(`a section of ${length} bytes leads past its end at byte ${bytes.length}`, `byte ${start}`);
  }
  assertChecksum(bytes, start, end);
  return end + CHECKSUM_BYTES;
}

function checkPadding(bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (bytes[i] !== 0 && i < bytes.length) throw damaged('a byte between sections is not zero', `byte ${i}`);
  }
}
