import { expect, inject, test } from 'vitest';
import { dynamicRelaxedWasm } from '../src/gen/dynamic-relaxed-wasm.js';
import { dynamicWasm } from '../src/gen/dynamic-wasm.js';
import { fastWasm } from '../src/gen/fast-wasm.js';
import { relaxedFixedWasm } from '../src/gen/relaxed-fixed-wasm.js';
import { relaxedProbeWasm } from '../src/gen/relaxed-probe-wasm.js';
import { relaxedWasm } from '../src/gen/relaxed-wasm.js';
import { simdFixedWasm } from '../src/gen/simd-fixed-wasm.js';
import { simdWasm } from '../src/gen/simd-wasm.js';
import { trainWasm } from '../src/gen/train-wasm.js';
import { wideWasm } from '../src/gen/wide-wasm.js';

const fresh = inject('binaries');

test.each([
  { name: 'simd', text: simdWasm },
  { name: 'relaxed', text: relaxedWasm },
  { name: 'fast', text: fastWasm },
  { name: 'simdFixed', text: simdFixedWasm },
  { name: 'relaxedFixed', text: relaxedFixedWasm },
  { name: 'train', text: trainWasm },
  { name: 'wide', text: wideWasm },
  { name: 'dynamic', text: dynamicWasm },
  { name: 'dynamicRelaxed', text: dynamicRelaxedWasm },
  { name: 'relaxedProbe', text: relaxedProbeWasm },
] as const)(
  'the $name binary in src/gen is what assembly/ compiles to (else run: node bin/build-wasm.js)',
  ({ name, text }) => {
    // Compared as a yes or no: a diff of two binaries tells nobody anything.
    expect(text === fresh[name]).toBe(true);
  },
);
