/** Bytes before the taps of an element in a table, and of a tap. */
export const START_BYTES: i32 = 4;
export const TAP_BYTES: i32 = 8;

/**
 * One axis of [outer, length, inner] resampled to [outer, count, inner]: element i is its start and then, tap after tap,
 * weight * element place, each product and each sum rounded to float32. Where the first place is below 0 it is its start.
 *
 * table: for each of `count` elements its start as float32, and `taps` times a place below `length` as int32 and a weight
 * as float32 (`resampleTable`). y must not overlap x.
 */
export function resampleF32(
  outer: i32, length: i32, count: i32, inner: i32, taps: i32, table: usize, x: usize, y: usize,
): void {
  assert(outer >= 0 && length > 0 && count >= 0 && inner >= 0 && taps > 0);
  const entryBytes = START_BYTES + taps * TAP_BYTES;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      for (let n = 0; n < inner; n++) {
        let sum = load<f32>(table + i * entryBytes);
        const isFilled = load<i32>(table + i * entryBytes + START_BYTES) < 0;
        for (let tap = 0; tap < taps && !isFilled; tap++) {
          const at = table + i * entryBytes + START_BYTES + tap * TAP_BYTES;
          const place = load<i32>(at);
          assert(place >= 0 && place < length);
          sum += load<f32>(at, 4) * load<f32>(x + (((o * length + place) * inner + n) << 2));
        }
        store<f32>(y + (((o * count + i) * inner + n) << 2), sum);
      }
    }
  }
}
