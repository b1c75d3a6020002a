/** Finds the requests in the bytes of one connection, with as much of HTTP/1.1 as it takes to count and name them (RFC 9112). */

const headLimit = 64 * 1024;
const endOfHead = '\r\n\r\n';

export interface ScannedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
}

type State = 'head' | 'body' | 'chunk' | 'trailer' | 'foreign';

/** Reads the bytes of a client in chunks of any size. Ignores bytes that are not HTTP, such as a TLS handshake. */
export class RequestScanner {
  readonly #found: (request: ScannedRequest) => void;
  #state: State = 'head';
  #text = '';
  #bodyLeft = 0;

  constructor(found: (request: ScannedRequest) => void) {
    this.#found = found;
  }

  push(chunk: Uint8Array): void {
    // In Latin-1 every byte is one character, so both have the same length.
    this.#text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    while (this.#step());
  }

  /** Consumes the next part if it is complete; returns false if it needs more bytes. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#head();
      case 'body':
        return this.#body();
      case 'chunk':
        return this.#chunk();
      case 'trailer':
        return this.#trailer();
      case 'foreign':
        this.#text = '';
        return false;
    }
  }

  #head(): boolean {
    const end = this.#text.indexOf(endOfHead);
    if (end < 0) {
      if (!looksLikeHttp(this.#text)) this.#state = 'foreign';
      return this.#state === 'foreign';
    }
    const head = this.#take(end + endOfHead.length);
    const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
    if (method === undefined || target === undefined) this.#state = 'foreign';
    else {
      this.#found({ method, target });
      this.#expectBody(head);
    }
    return true;
  }

  #expectBody(head: string): void {
    this.#bodyLeft = Number(/^content-length:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
    this.#state = /^transfer-encoding:.*chunked/im.test(head) ? 'chunk' : 'body';
  }

  #body(): boolean {
    this.#bodyLeft -= this.#take(Math.min(this.#bodyLeft, this.#text.length)).length;
    if (this.#bodyLeft > 0) return false;
    this.#state = 'head';
    return this.#text.length > 0;
  }

  #chunk(): boolean {
    const end = this.#text.indexOf('\r\n');
    if (end < 0) return false;
    const size = Number.parseInt(this.#text, 16);
    if (size === 0) {
      this.#take(end + 2);
      this.#state = 'trailer';
      return true;
    }
    const whole = end + 2 + size + 2;
    if (this.#text.length < whole) return false;
    this.#take(whole);
    return true;
  }

  #trailer(): boolean {
    const end = this.#text.indexOf('\r\n');
    if (end < 0) return false;
    if (this.#take(end + 2) === '\r\n') this.#state = 'head';
    return true;
  }

  #take(length: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }
}

function looksLikeHttp(text: string): boolean {
  return text.length <= headLimit && /^[A-Z]{0,16}( |$)/.test(text);
}
