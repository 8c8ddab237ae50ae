/** A table of a FlatBuffer: fields by their number in the schema. Enough to read the goldens, which are no hostile files. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** Where a field is; 0 where it is left out. */
  #field(number: number): number {
    const table = this.#at - this.#view.getInt32(this.#at, true);
    const entry = 4 + 2 * number;
    if (entry >= this.#view.getUint16(table, true)) return 0;
    const offset = this.#view.getUint16(table + entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #behind(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  byte(number: number, fallback = 0): number {
    const at = this.#field(number);
    return at === 0 ? fallback : this.#view.getInt8(at);
  }

  int(number: number, fallback = 0): number {
    const at = this.#field(number);
    return at === 0 ? fallback : this.#view.getInt32(at, true);
  }

  float(number: number, fallback = 0): number {
    const at = this.#field(number);
    return at === 0 ? fallback : this.#view.getFloat32(at, true);
  }

  table(number: number): FlatTable | null {
    const at = this.#field(number);
    return at === 0 ? null : new FlatTable(this.#view, this.#behind(at));
  }

  tables(number: number): readonly FlatTable[] {
    return this.#elements(number, 4, (at) => new FlatTable(this.#view, this.#behind(at)));
  }

  ints(number: number): readonly number[] {
    return this.#elements(number, 4, (at) => this.#view.getInt32(at, true));
  }

  floats(number: number): readonly number[] {
    return this.#elements(number, 4, (at) => this.#view.getFloat32(at, true));
  }

  longs(number: number): readonly number[] {
    return this.#elements(number, 8, (at) => Number(this.#view.getBigInt64(at, true)));
  }

  /** A copy. */
  bytes(number: number): Uint8Array {
    return Uint8Array.from(this.#elements(number, 1, (at) => this.#view.getUint8(at)));
  }

  text(number: number): string {
    return new TextDecoder().decode(this.bytes(number));
  }

  #elements<T>(number: number, size: number, read: (at: number) => T): readonly T[] {
    const field = this.#field(number);
    if (field === 0) return [];
    const at = this.#behind(field);
    return Array.from({ length: this.#view.getUint32(at, true) }, (_, i) => read(at + 4 + i * size));
  }
}
