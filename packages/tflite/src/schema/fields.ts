/** How a field is stored. Of one that a file leaves out `absent` is what stands for it. */
export type ScalarKind = 'bool' | 'int8' | 'int32' | 'uint32' | 'uint64' | 'float32';

/** What is stored elsewhere in the file. Left out, it is empty. */
export type VectorKind = 'string' | 'bytes' | 'int32s' | 'int64s' | 'float32s';

interface NumberField {
  readonly slot: number;
  readonly kind: Exclude<ScalarKind, 'bool'>;
  readonly absent?: number;
}

interface BoolField {
  readonly slot: number;
  readonly kind: 'bool';
}

interface VectorField<K extends VectorKind> {
  readonly slot: number;
  readonly kind: K;
}

/** Another table; null where it is left out. */
interface TableField<F> {
  readonly slot: number;
  readonly kind: 'table';
  readonly fields: F;
}

interface TablesField<F> {
  readonly slot: number;
  readonly kind: 'tables';
  readonly fields: F;
}

/** One of several tables: its number is stored in `slot`, itself in the slot behind. */
interface UnionField<M> {
  readonly slot: number;
  readonly kind: 'union';
  readonly members: M;
}

/** A value of a union: the name of a member and its table, or the number of a member that is not described here. */
export type Member<M> =
  | { readonly [N in keyof M]: { readonly name: N; readonly table: M[N] } }[keyof M]
  | UnknownMember;

export interface UnknownMember {
  readonly name: null;
  readonly number: number;
}

/** The description of a union: each member with its number in the schema. */
export type MembersOf<M> = {
  readonly [N in keyof M]: { readonly number: number; readonly fields: FieldsOf<M[N]> };
};

/** The description of a table, field by field: where and how each is stored. */
export type FieldsOf<T> = { readonly [N in keyof T]-?: FieldFor<T[N]> };

type FieldFor<V> = [V] extends [boolean]
  ? BoolField
  : [V] extends [number]
    ? NumberField
    : [V] extends [string]
      ? VectorField<'string'>
      : [V] extends [Uint8Array]
        ? VectorField<'bytes'>
        : [V] extends [readonly number[]]
          ? VectorField<'int32s' | 'int64s' | 'float32s'>
          : [V] extends [readonly (infer T)[]]
            ? TablesField<FieldsOf<T>>
            : [V] extends [{ readonly name: string | null } | null]
              ? UnionField<Members>
              : TableField<FieldsOf<NonNullable<V>>>;

/** A field as code sees it that walks through any schema. */
export type Field =
  | NumberField
  | BoolField
  | VectorField<VectorKind>
  | TableField<Fields>
  | TablesField<Fields>
  | UnionField<Members>;

export interface Fields {
  readonly [name: string]: Field;
}

export interface Members {
  readonly [name: string]: { readonly number: number; readonly fields: Fields };
}
