/** First byte of memory the binary does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}
