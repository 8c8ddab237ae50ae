/** Numbers of the sections of a WebAssembly binary. */
export function sectionsOf(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes[at++]!);
    let [size, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      const byte = bytes[at++]!;
      size |= (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
    at += size;
  }
  return found;
}
