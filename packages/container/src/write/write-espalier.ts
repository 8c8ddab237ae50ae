import { ByteWriter, type Model, PluginError, verify } from '@espalier/core';
import { crc32 } from '../crc32.js';
import { deflate } from '../deflate.js';
import { encodeHeader } from '../header/encode-header.js';
import { aligned, CHECKSUM_BYTES, DEFLATED, MAGIC, MAX_HEADER_BYTES, VERSION } from '../layout.js';
import { contentOf, type WriteOptions } from './header.js';
import { assertAtMost } from './limits.js';
import type { Part } from './trees.js';

/** All that is known of a file before its payloads are made. */
interface FilePlan {
  /** Magic to header, without the checksum behind it. */
  readonly head: Uint8Array;
  readonly shared: readonly Part[];
  readonly own: readonly Part[];
  readonly byteLength: number;
}

/**
 * The `.espalier` file of a model: one allocation of the exact size. Equal models give equal bytes
 * on every machine.
 *
 * @throws {ModelError} when the model contradicts itself or is more than a file holds
 */
export function writeEspalier(model: Model, options: WriteOptions = {}): Uint8Array {
  const plan = planFile(model, options);
  const file = new Uint8Array(plan.byteLength);
  file.set(plan.head);
  let at = writeChecksum(file, 0, plan.head.length);
  if (plan.shared.length > 0) at = writeSection(file, at, plan.shared);
  for (const part of plan.own) at = writeSection(file, aligned(at), [part]);
  return file;
}

/** The length of what `writeEspalier` gives. Payloads are not made for it. */
export function measureEspalier(model: Model, options: WriteOptions = {}): number {
  return planFile(model, options).byteLength;
}

function planFile(model: Model, options: WriteOptions): FilePlan {
  verify(model);
  const { header, shared, own } = contentOf(model, options);
  const head = frameHeader(encodeHeader(header));
  let byteLength = head.length + CHECKSUM_BYTES;
  if (shared.length > 0) byteLength += shared.reduce((sum, { length }) => sum + length, CHECKSUM_BYTES);
  for (const { length } of own) byteLength = aligned(byteLength) + length + CHECKSUM_BYTES;
  return { head, shared, own, byteLength };
}

/** The header behind magic, version, flags and lengths: deflated where that is shorter. */
function frameHeader(raw: Uint8Array): Uint8Array {
  assertAtMost(MAX_HEADER_BYTES, raw.length, 'bytes of header');
  const plain = new ByteWriter()
    .bytes(Uint8Array.from(MAGIC))
    .u8(VERSION)
    .u8(0)
    .varint(raw.length)
    .bytes(raw);
  const stored = deflate(raw);
  const deflated = new ByteWriter().bytes(Uint8Array.from(MAGIC)).u8(VERSION).u8(DEFLATED);
  deflated.varint(stored.length).varint(raw.length).bytes(stored);
  return deflated.length < plain.length ? deflated.finish() : plain.finish();
}

/** Writes the parts end to end from `start`, and their checksum; returns the offset behind it. */
function writeSection(file: Uint8Array, start: number, parts: readonly Part[]): number {
  let at = start;
  for (const { encoding, length } of parts) {
    const payload = encoding.payload();
    if (payload.length !== length) {
      throw new PluginError({
        what: `The encoding "${encoding.kind}" announced ${length} bytes of payload and made ${payload.length}.`,
        fix: 'Update the plugin it comes from: byteLength is the sum of params, payload and children.',
      });
    }
    file.set(payload, at);
    at += length;
  }
  return writeChecksum(file, start, at);
}

/** Writes the checksum of [start, end) at `end`; returns the offset behind it. */
function writeChecksum(file: Uint8Array, start: number, end: number): number {
  new DataView(file.buffer).setUint32(end, crc32(file.subarray(start, end)), true);
  return end + CHECKSUM_BYTES;
}
