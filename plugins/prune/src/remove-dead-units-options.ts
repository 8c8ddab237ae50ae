import { defineOptions, type Options } from '@espalier/core';

/** There is nothing to choose: what is dead goes. */
export type RemoveDeadUnitsOptions = Readonly<Record<never, never>>;

export const removeDeadUnitsOptions: Options<RemoveDeadUnitsOptions> = defineOptions<RemoveDeadUnitsOptions>(
  {},
);
