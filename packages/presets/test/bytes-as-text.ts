// Bytes cross into a page as base64: a list of a million numbers takes a browser's driver seconds.

/** Bytes as base64. */
export function bytesToText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The bytes that `bytesToText` was given. */
export function textToBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
