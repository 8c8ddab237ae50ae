/**
 * PackBits: bytes as literals and runs. A header of 0 to 127 stands before one literal more than it says; 129 to 255
 * before a byte that comes 257 minus the header times; 128 is not used.
 *
 * @see TIFF, revision 6.0, section 9
 */
const longest = 128;

/** The packed bytes. Shorter runs than three cost as much as literals, and stay among them. */
export function packRuns(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let literals = 0;
  const flush = (end: number): void => {
    if (literals > 0) out.push(literals - 1, ...bytes.subarray(end - literals, end));
    literals = 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const run = runAt(bytes, at);
    if (run >= 3) {
      flush(at);
      out.push(257 - run, bytes[at] as number); // at < length
      at += run;
    } else {
      at++;
      if (++literals === longest) flush(at);
    }
  }
  flush(bytes.length);
  return Uint8Array.from(out);
}

/** Equal bytes from `at` on, 128 at the most. */
function runAt(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < bytes.length && end - at < longest && bytes[end] === bytes[at]) end++;
  return end - at;
}

/** How many bytes the packed ones stand for; null where they are cut, or no PackBits. Allocates nothing. */
export function unpackedLength(packed: Uint8Array): number | null {
  let length = 0;
  let at = 0;
  while (at < packed.length) {
    const header = packed[at] as number; // at < length
    if (header === longest) return null;
    length += header < longest ? header + 1 : 257 - header;
    at += header < longest ? header + 2 : 2;
  }
  return at === packed.length ? length : null;
}

/** The inverse of `packRuns`. `packed` must have an unpacked length, and `length` be that. */
export function unpackRuns(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let to = 0;
  for (let at = 0; at < packed.length; ) {
    const header = packed[at] as number; // at < length
    if (header < longest) {
      out.set(packed.subarray(at + 1, at + header + 2), to);
      to += header + 1;
      at += header + 2;
    } else {
      out.fill(packed[at + 1] as number, to, to + 257 - header); // a length was found, so the byte is there
      to += 257 - header;
      at += 2;
    }
  }
  return out;
}
