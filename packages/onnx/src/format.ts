import type { Format } from '@espalier/core';
import { readOnnx } from './read-onnx.js';
import { writeOnnx } from './write-onnx.js';

/** The format `.onnx`, for a registry. */
export const onnxFormat: Format = {
  name: 'onnx',
  extensions: ['.onnx'],
  detect: looksLikeOnnx,
  read: readOnnx,
  write: writeOnnx,
};

/**
 * Protocol Buffers carry no magic number. A model starts with one of its own fields, nearly always the
 * IR version: tag 8, and a small number.
 */
function looksLikeOnnx(bytes: Uint8Array): boolean {
  const [tag, value] = bytes;
  if (tag === undefined || value === undefined) return false;
  if (tag === 0x08) return value >= 1 && value < 0x40;
  // producer_name, producer_version, domain, doc_string, graph, opset_import
  return [0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42].includes(tag) && !isTextOrFlatBuffer(bytes);
}

function isTextOrFlatBuffer(bytes: Uint8Array): boolean {
  const identifier = String.fromCharCode(...bytes.subarray(4, 8));
  return identifier === 'TFL3' || /^[\x20-\x7e\r\n\t]*$/.test(String.fromCharCode(...bytes.subarray(0, 16)));
}
