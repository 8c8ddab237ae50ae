/** The four bytes behind the first offset of a file. */
export const fileIdentifier = 'TFL3';

/** Whether a file begins as .tflite files do. */
export function hasIdentifier(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(4, 8)) === fileIdentifier;
}
