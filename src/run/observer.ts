/**
 * The messages of the lower layers about their work; the runner's log implements it. Text may hold a registry's own
 * words: the implementation makes it harmless before it is shown.
 */
export interface Observer {
  debug(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  /**
   * Registers a secret, so that no log shows it; called before its first use. `server`: a server chose it, and a text
   * that the run itself reads or writes in the open is no secret then.
   */
  secret(value: string, chosenBy?: 'server'): void;
}
