/** Results of asynchronous work, each found out once. A failure is a result, too. */
export class Memo<Key, Value> {
  readonly #results = new Map<Key, Promise<Value>>();

  /** The result for a key; the first call starts the work, and all others share its promise. */
  get(key: Key, work: () => Promise<Value>): Promise<Value> {
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const result = work();
    this.#results.set(key, result);
    return result;
  }

  /** Whether the work for a key has started. */
  has(key: Key): boolean {
    return this.#results.has(key);
  }

  /** Lets the next call for this key start again. */
  forget(key: Key): void {
    this.#results.delete(key);
  }
}
