/** Characters that need no escape in quotes of any kind, nor in HTML. The same as in src/binary-text.ts. */
const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (c) => !'\'"\\`$<'.includes(c),
);
/** So many of them, the last ones, begin a pair. */
const PREFIXES = 2;

/**
 * A binary as ASCII text that compresses as the binary does: behind brotli 1.7 % above its bytes, where base64, whose
 * characters are parts of two bytes, is 52 % above them. src/binary-text.ts says how it is read.
 *
 * @param {Uint8Array} binary
 * @returns {string}
 */
export function encodeBinary(binary) {
  const counts = new Array(256).fill(0);
  for (const byte of binary) counts[byte]++;
  const byCount = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const single = ALPHABET.length - PREFIXES;
  const common = new Set(byCount.slice(0, single));
  const characters = new Map();
  let [ones, twos] = [0, 0];
  for (let byte = 0; byte < 256; byte++) {
    if (common.has(byte)) characters.set(byte, ALPHABET[ones++]);
    else {
      const prefix = ALPHABET[single + Math.floor(twos / ALPHABET.length)];
      characters.set(byte, prefix + ALPHABET[twos++ % ALPHABET.length]);
    }
  }
  return bitmap(common) + Array.from(binary, (byte) => characters.get(byte)).join('');
}

/** 64 hexadecimal digits, a bit for each byte. */
function bitmap(bytes) {
  return Array.from({ length: 64 }, (_, digit) =>
    [0, 1, 2, 3].reduce((sum, bit) => sum + (bytes.has(digit * 4 + bit) ? 1 << bit : 0), 0).toString(16),
  ).join('');
}
