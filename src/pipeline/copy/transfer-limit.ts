import pLimit from 'p-limit';

/** Blobs up to this size, in bytes, are held in memory on their way. */
export const heldSize = 256 * 1024;

/** Runs the transfer of a blob of so many bytes when its turn comes. */
export type TransferLimit = <T>(size: number, transfer: () => Promise<T>) => Promise<T>;

/**
 * Transfers at once: large ones to one target, large ones in all, and small ones, which take round trips rather
 * than bandwidth. Each holds a connection at its source and then one at its target; where both are one host,
 * all of them together must leave some of its 32 free.
 */
const most = { target: 6, large: 12, small: 16 };

/** Makes the limits of a run's targets, which hold all of them together too. */
export function transferLimits(): () => TransferLimit {
  const large = pLimit(most.large);
  const small = pLimit(most.small);
  return () => {
    const target = pLimit(most.target);
    return (size, transfer) => (size <= heldSize ? small(transfer) : target(() => large(transfer)));
  };
}
