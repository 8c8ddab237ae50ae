/** base^exponent mod 2^64, for exponent >= 0, in as many steps as the exponent has bits. */
export function wrappingPower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = BigInt.asUintN(64, base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * square);
    square = BigInt.asUintN(64, square * square);
  }
  return result;
}
