/** ASCII from the space on, without what would need an escape in quotes of any kind or in HTML. */
const LEFT_OUT = '\'"\\`$<';
/** Hexadecimal digits at the start, a bit for each byte: whether it has a character of its own. */
const BITMAP_DIGITS = 64;
/** The last characters of the alphabet begin pairs. */
const PREFIXES = 2;

/**
 * The bytes that bin/binary-text.js wrote as text. The 87 most frequent bytes are one character each, the others two,
 * both in ascending order: compressors see bytes, not the bits that base64 cuts them into.
 */
export function decodeBinary(text: string): Uint8Array<ArrayBuffer> {
  const places = alphabetPlaces();
  const letters = places.filter((place) => place >= 0).length;
  const single = letters - PREFIXES;
  const { common, others } = splitBytes(text);
  const bytes = new Uint8Array(text.length - BITMAP_DIGITS);
  let length = 0;
  for (let i = BITMAP_DIGITS; i < text.length; i++) {
    // The text has characters of the alphabet only, and as many bytes as it has codes for.
    const place = places[text.charCodeAt(i)]!;
    if (place < single) bytes[length++] = common[place]!;
    else bytes[length++] = others[(place - single) * letters + places[text.charCodeAt(++i)]!]!;
  }
  return bytes.subarray(0, length);
}

/** Where each ASCII character stands in the alphabet; -1 for those that are left out. */
function alphabetPlaces(): Int8Array {
  const places = new Int8Array(127).fill(-1);
  let next = 0;
  for (let code = 32; code < 127; code++) {
    if (!LEFT_OUT.includes(String.fromCharCode(code))) places[code] = next++;
  }
  return places;
}

function splitBytes(text: string): { common: readonly number[]; others: readonly number[] } {
  const common: number[] = [];
  const others: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const digit = Number.parseInt(text.charAt(byte >> 2), 16);
    ((digit >> (byte & 3)) & 1 ? common : others).push(byte);
  }
  return { common, others };
}
