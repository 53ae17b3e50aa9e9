/** The least and the greatest of numbers, however many there are. Pure. */

/** Infinity without numbers. */
export function least(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

/** Minus infinity without numbers. */
export function greatest(values: readonly number[]): number {
  return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}
