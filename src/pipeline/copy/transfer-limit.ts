import pLimit from 'p-limit';

/** Largest blob, in bytes, that is held in memory while it is copied. */
export const maxHeldSize = 256 * 1024;

/** Runs the transfer of a blob of this many bytes when its turn comes. */
export type TransferLimit = <T>(size: number, transfer: () => Promise<T>) => Promise<T>;

/**
 * Most transfers at once: large ones to one target, large ones in total, and small ones, which take round trips
 * rather than bandwidth. Each holds a connection at its source and then one at its target; where both are one host,
 * all of them together must leave some of its 32 connections free.
 */
const maxTransfers = { target: 12, large: 12, small: 16 };

/** Makes the limits of a run's targets, which also limit all targets together. */
export function transferLimits(): () => TransferLimit {
  const large = pLimit(maxTransfers.large);
  const small = pLimit(maxTransfers.small);
  return () => {
    const target = pLimit(maxTransfers.target);
    return (size, transfer) => (size <= maxHeldSize ? small(transfer) : target(() => large(transfer)));
  };
}
