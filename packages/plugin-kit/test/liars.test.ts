import { type Encoding, type Plugin, PluginError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenPromises, type PluginContract } from '../src/index.js';
import { BytesEncoding, bytesPlugin, differencesOf } from './honest/bytes-encoding.js';
import { changesItsInput } from './liars/changes-its-input.js';
import { decodesPastItsEnd } from './liars/decodes-past-its-end.js';
import { differsInAPage } from './liars/differs-in-a-page.js';
import { ignoresAbort } from './liars/ignores-abort.js';
import { infersAnotherShape } from './liars/infers-another-shape.js';
import { isNotDeterministic } from './liars/is-not-deterministic.js';
import { losesOptionsInJson } from './liars/loses-options-in-json.js';
import { losesTheMask } from './liars/loses-the-mask.js';
import { registersTwice } from './liars/registers-twice.js';
import { throwsLate } from './liars/throws-late.js';
import { writesIntoItsInput } from './liars/writes-into-its-input.js';
import { wrongApiMajor } from './liars/wrong-api-major.js';
import { ShortEncoding, wrongByteLength } from './liars/wrong-byte-length.js';

type Make = new (bytes: Uint8Array, dims: readonly number[]) => Encoding;

function samplesOf(make: Make): PluginContract {
  const samples = fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => new make(differencesOf(bytes), [bytes.length]));
  return { encodings: { bytes: samples } };
}

const liars: readonly (readonly [Plugin, promise: string, said: RegExp, PluginContract?])[] = [
  [
    changesItsInput,
    'leaves-input-alone',
    /pass "changes-its-input" .* the model it was given changed: .*model "plain"/,
  ],
  [isNotDeterministic, 'same-bytes-twice', /two runs with one seed differ/],
  [
    losesTheMask,
    'preserves-what-it-says',
    /says that it preserves sparsity, and 77 pruned weights of "w" are no longer zero \(model "pruned"\)/,
  ],
  [
    wrongByteLength,
    'byte-length-is-exact',
    /encoding "bytes" .*it says 1 bytes and has 2/,
    samplesOf(ShortEncoding),
  ],
  [ignoresAbort, 'stops-when-cancelled', /cancelled, it went on to the end/],
  [
    throwsLate,
    'refuses-before-it-changes',
    /it changed the model and then threw UnsupportedError: "w" is not finite/,
  ],
  [
    decodesPastItsEnd,
    'reads-no-byte-beside',
    /other values when other bytes stand beside its own/,
    samplesOf(BytesEncoding),
  ],
  [registersTwice, 'registers-each-name-once', /it registers the encoding "bytes" twice/],
  [wrongApiMajor, 'speaks-this-api', /made for plugin API 2, this core speaks 1/],
  [
    infersAnotherShape,
    'computes-what-it-infers',
    /infers output 0 as float32\[2, 3\], and computes float32\[6\]/,
  ],
  [writesIntoItsInput, 'leaves-inputs-alone', /kernel "com\.example\.Twice" .*it wrote into an input/],
  [
    differsInAPage,
    'same-bytes-in-a-page',
    /a page differs: .*model "plain"/,
    { page: new URL('./liars/differs-in-a-page.ts', import.meta.url) },
  ],
  [losesOptionsInJson, 'options-survive-json', /default of "limit" is Infinity, and null once it was JSON/],
];

describe('liars are caught', () => {
  test.each(liars.map(([plugin, ...rest]) => [plugin.id, plugin, ...rest] as const))(
    '%s',
    async (_, plugin, promise, said, contract) => {
      const broken = await brokenPromises(plugin, contract);
      const found = broken.find((one) => one.promise === promise);
      expect(found?.error).toBeInstanceOf(PluginError);
      expect(found?.error.message).toContain(`broke the promise "${promise}"`);
      expect(found?.error.message).toMatch(said);
      expect(found?.error.message).toMatch(/\n {2}fix: /);
    },
  );
});

test('an honest encoding breaks no promise', async () => {
  expect(await brokenPromises(bytesPlugin, samplesOf(BytesEncoding))).toEqual([]);
});
