import { describe, expect, test } from 'vitest';
import { float16ToFloat32, float32ToFloat16, toFloat16Bits } from './float16.js';

const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const isNaN16 = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
const realOf = (bits: number): number => float16ToFloat32(Uint16Array.of(bits))[0] ?? 0;

/** Of two neighbours the nearer, of two equally near the one with the even last bit. */
function nearest(value: number, low: number, high: number): number {
  const toLow = value - realOf(low);
  const toHigh = realOf(high) - value;
  if (toLow !== toHigh) return toLow < toHigh ? low : high;
  return low % 2 === 0 ? low : high;
}

describe('binary16', () => {
  test('of all 65536 kinds comes back as it was, NaN as a NaN', () => {
    const back = toFloat16Bits(float16ToFloat32(all));
    for (const bits of all) {
      if (isNaN16(bits)) expect(isNaN16(back[bits] ?? 0), `${bits}`).toBe(true);
      else if (back[bits] !== bits) expect.fail(`${bits} came back as ${back[bits]}`);
    }
  });

  // IEEE 754-2019, table 3.5: binary16 has p = 11 and emax = 15.
  test.each([
    { bits: 0x0000, value: 0 },
    { bits: 0x8000, value: -0 },
    { bits: 0x0001, value: 2 ** -24 },
    { bits: 0x03ff, value: 1023 * 2 ** -24 },
    { bits: 0x0400, value: 2 ** -14 },
    { bits: 0x3555, value: 0.333251953125 },
    { bits: 0x3c00, value: 1 },
    { bits: 0xc000, value: -2 },
    { bits: 0x7bff, value: 65504 },
    { bits: 0x7c00, value: Infinity },
    { bits: 0xfc00, value: -Infinity },
  ])('$bits is $value', ({ bits, value }) => {
    expect(realOf(bits)).toBe(value);
    expect(float32ToFloat16(value)).toBe(bits);
  });

  test('is the nearest to a number between any two neighbours, ties to the even one', () => {
    for (let low = 0; low < 0x7bff; low++) {
      const [a, b] = [realOf(low), realOf(low + 1)];
      for (const value of [a + (b - a) / 4, (a + b) / 2, a + ((b - a) * 3) / 4]) {
        const wanted = nearest(value, low, low + 1);
        if (float32ToFloat16(value) !== wanted) expect.fail(`${value} gives ${float32ToFloat16(value)}`);
        if (float32ToFloat16(-value) !== (wanted | 0x8000)) expect.fail(`${-value}`);
      }
    }
  });

  test('is infinity from half a step beyond 65504 on, and zero up to half the least number', () => {
    expect(float32ToFloat16(65519.996)).toBe(0x7bff);
    expect(float32ToFloat16(65520)).toBe(0x7c00);
    expect(float32ToFloat16(3.4e38)).toBe(0x7c00);
    expect(float32ToFloat16(2 ** -25)).toBe(0);
    expect(float32ToFloat16(2 ** -25 * 1.0000002)).toBe(1);
    expect(float32ToFloat16(-1e-40)).toBe(0x8000);
    expect(float32ToFloat16(Number.NaN)).toBe(0x7e00);
  });
});
