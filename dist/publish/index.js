import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 4239:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { addAbortListener } = __nccwpck_require__(3795)
const { RequestAbortedError } = __nccwpck_require__(9700)

const kListener = Symbol('kListener')
const kSignal = Symbol('kSignal')

function abort (self) {
  if (self.abort) {
    self.abort(self[kSignal]?.reason)
  } else {
    self.reason = self[kSignal]?.reason ?? new RequestAbortedError()
  }
  removeSignal(self)
}

function addSignal (self, signal) {
  self.reason = null

  self[kSignal] = null
  self[kListener] = null

  if (!signal) {
    return
  }

  if (signal.aborted) {
    abort(self)
    return
  }

  self[kSignal] = signal
  self[kListener] = () => {
    abort(self)
  }

  addAbortListener(self[kSignal], self[kListener])
}

function removeSignal (self) {
  if (!self[kSignal]) {
    return
  }

  if ('removeEventListener' in self[kSignal]) {
    self[kSignal].removeEventListener('abort', self[kListener])
  } else {
    self[kSignal].removeListener('abort', self[kListener])
  }

  self[kSignal] = null
  self[kListener] = null
}

module.exports = {
  addSignal,
  removeSignal
}


/***/ }),

/***/ 147:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const { AsyncResource } = __nccwpck_require__(6698)
const { InvalidArgumentError, SocketError } = __nccwpck_require__(9700)
const util = __nccwpck_require__(3795)
const { addSignal, removeSignal } = __nccwpck_require__(4239)

class ConnectHandler extends AsyncResource {
  constructor (opts, callback) {
    if (!opts || typeof opts !== 'object') {
      throw new InvalidArgumentError('invalid opts')
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    const { signal, opaque, responseHeaders } = opts

    if (signal && typeof signal.on !== 'function' && typeof signal.addEventListener !== 'function') {
      throw new InvalidArgumentError('signal must be an EventEmitter or EventTarget')
    }

    super('UNDICI_CONNECT')

    this.opaque = opaque || null
    this.responseHeaders = responseHeaders || null
    this.callback = callback
    this.abort = null

    addSignal(this, signal)
  }

  onRequestStart (controller, context) {
    if (this.reason) {
      controller.abort(this.reason)
      return
    }

    assert(this.callback)

    this.abort = (reason) => controller.abort(reason)
    this.context = context
  }

  onResponseStart () {
    throw new SocketError('bad connect', null)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    const { callback, opaque, context } = this

    removeSignal(this)

    this.callback = null

    let responseHeaders = headers
    const rawHeaders = controller?.rawHeaders
    // Indicates is an HTTP2Session
    if (responseHeaders != null) {
      responseHeaders = this.responseHeaders === 'raw'
        ? util.parseRawHeaders(rawHeaders)
        : headers
    }

    this.runInAsyncScope(callback, null, null, {
      statusCode,
      headers: responseHeaders,
      socket,
      opaque,
      context
    })
  }

  onResponseError (_controller, err) {
    const { callback, opaque } = this

    removeSignal(this)

    if (callback) {
      this.callback = null
      queueMicrotask(() => {
        this.runInAsyncScope(callback, null, err, { opaque })
      })
    }
  }
}

function connect (opts, callback) {
  if (callback === undefined) {
    return new Promise((resolve, reject) => {
      connect.call(this, opts, (err, data) => {
        return err ? reject(err) : resolve(data)
      })
    })
  }

  try {
    const connectHandler = new ConnectHandler(opts, callback)
    const connectOptions = { ...opts, method: 'CONNECT' }
    this.dispatch(connectOptions, connectHandler)
  } catch (err) {
    if (typeof callback !== 'function') {
      throw err
    }
    const opaque = opts?.opaque
    queueMicrotask(() => callback(err, { opaque }))
  }
}

module.exports = connect


/***/ }),

/***/ 4576:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const { AsyncResource } = __nccwpck_require__(6698)
const { Readable } = __nccwpck_require__(7198)
const { InvalidArgumentError, RequestAbortedError } = __nccwpck_require__(9700)
const util = __nccwpck_require__(3795)

function noop () {}

class RequestHandler extends AsyncResource {
  constructor (opts, callback) {
    if (!opts || typeof opts !== 'object') {
      throw new InvalidArgumentError('invalid opts')
    }

    const { signal, method, opaque, body, onInfo, responseHeaders, highWaterMark } = opts

    try {
      if (typeof callback !== 'function') {
        throw new InvalidArgumentError('invalid callback')
      }

      if (highWaterMark != null && (!Number.isFinite(highWaterMark) || highWaterMark < 0)) {
        throw new InvalidArgumentError('invalid highWaterMark')
      }

      if (signal && typeof signal.on !== 'function' && typeof signal.addEventListener !== 'function') {
        throw new InvalidArgumentError('signal must be an EventEmitter or EventTarget')
      }

      if (method === 'CONNECT') {
        throw new InvalidArgumentError('invalid method')
      }

      if (onInfo && typeof onInfo !== 'function') {
        throw new InvalidArgumentError('invalid onInfo callback')
      }

      super('UNDICI_REQUEST')
    } catch (err) {
      if (util.isStream(body)) {
        util.destroy(body.on('error', noop), err)
      }
      throw err
    }

    this.method = method
    this.responseHeaders = responseHeaders || null
    this.opaque = opaque || null
    this.callback = callback
    this.res = null
    this.abort = null
    this.body = body
    this.trailers = {}
    this.context = null
    this.controller = null
    this.onInfo = onInfo || null
    this.highWaterMark = highWaterMark
    this.reason = null
    this.removeAbortListener = null

    if (signal?.aborted) {
      this.reason = signal.reason ?? new RequestAbortedError()
    } else if (signal) {
      this.removeAbortListener = util.addAbortListener(signal, () => {
        this.reason = signal.reason ?? new RequestAbortedError()
        if (this.res) {
          // Null the reference before destroying, mirroring onResponseError, so
          // that chunks flushed after the abort (e.g. an async decompressor
          // flush) are dropped by the `!this.res` guard in onResponseData
          // instead of being pushed into the torn-down stream.
          const res = this.res
          this.res = null
          util.destroy(res.on('error', noop), this.reason)
        } else if (this.abort) {
          this.abort(this.reason)
        }
      })
    }
  }

  onRequestStart (controller, context) {
    if (this.reason) {
      controller.abort(this.reason)
      return
    }

    assert(this.callback)

    this.controller = controller
    this.abort = (reason) => controller.abort(reason)
    this.context = context
  }

  onResponseStart (controller, statusCode, headers, statusText) {
    const { callback, opaque, context, responseHeaders, highWaterMark } = this

    const rawHeaders = controller?.rawHeaders
    const responseHeaderData = responseHeaders === 'raw'
      ? util.parseRawHeaders(rawHeaders)
      : headers

    if (statusCode < 200) {
      if (this.onInfo) {
        this.onInfo({ statusCode, headers: responseHeaderData })
      }
      return
    }

    const parsedHeaders = headers
    const contentType = parsedHeaders?.['content-type']
    const contentLength = parsedHeaders?.['content-length']
    const res = new Readable({
      resume: () => controller.resume(),
      abort: (reason) => controller.abort(reason),
      contentType,
      contentLength: this.method !== 'HEAD' && contentLength
        ? Number(contentLength)
        : null,
      highWaterMark
    })

    if (this.removeAbortListener) {
      res.on('close', this.removeAbortListener)
      this.removeAbortListener = null
    }

    this.callback = null
    this.res = res
    if (callback !== null) {
      try {
        this.runInAsyncScope(callback, null, null, {
          statusCode,
          statusText,
          headers: responseHeaderData,
          trailers: this.trailers,
          opaque,
          body: res,
          context
        })
      } catch (err) {
        // If the callback throws synchronously, we need to handle it
        // Remove reference to res to allow res being garbage collected
        this.res = null

        // Destroy the response stream
        util.destroy(res.on('error', noop), err)

        // Use queueMicrotask to re-throw the error so it reaches uncaughtException
        queueMicrotask(() => {
          throw err
        })
      }
    }
  }

  onResponseData (controller, chunk) {
    if (!this.res) {
      return
    }

    if (this.res.push(chunk) === false) {
      controller.pause()
    }
  }

  onResponseEnd (_controller, trailers) {
    if (trailers && typeof trailers === 'object') {
      for (const key of Object.keys(trailers)) {
        if (key === '__proto__') {
          Object.defineProperty(this.trailers, key, {
            value: trailers[key],
            enumerable: true,
            configurable: true,
            writable: true
          })
        } else {
          this.trailers[key] = trailers[key]
        }
      }
    }
    this.res?.push(null)
  }

  onResponseError (_controller, err) {
    const { res, callback, body, opaque } = this

    if (callback) {
      // TODO: Does this need queueMicrotask?
      this.callback = null
      queueMicrotask(() => {
        this.runInAsyncScope(callback, null, err, { opaque })
      })
    }

    if (res) {
      this.res = null
      // Ensure all queued handlers are invoked before destroying res.
      queueMicrotask(() => {
        util.destroy(res.on('error', noop), err)
      })
    }

    if (body) {
      this.body = null

      if (util.isStream(body)) {
        body.on('error', noop)
        util.destroy(body, err)
      }
    }

    if (this.removeAbortListener) {
      this.removeAbortListener()
      this.removeAbortListener = null
    }
  }
}

function request (opts, callback) {
  if (callback === undefined) {
    return new Promise((resolve, reject) => {
      request.call(this, opts, (err, data) => {
        return err ? reject(err) : resolve(data)
      })
    })
  }

  try {
    const handler = new RequestHandler(opts, callback)

    this.dispatch(opts, handler)
  } catch (err) {
    if (typeof callback !== 'function') {
      throw err
    }
    const opaque = opts?.opaque
    queueMicrotask(() => callback(err, { opaque }))
  }
}

module.exports = request
module.exports.RequestHandler = RequestHandler


/***/ }),

/***/ 7198:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const { addAbortListener } = __nccwpck_require__(8474)
const { Readable } = __nccwpck_require__(7075)
const { RequestAbortedError, NotSupportedError, InvalidArgumentError, AbortError } = __nccwpck_require__(9700)
const util = __nccwpck_require__(3795)

const kConsume = Symbol('kConsume')
const kReading = Symbol('kReading')
const kBody = Symbol('kBody')
const kAbort = Symbol('kAbort')
const kContentType = Symbol('kContentType')
const kContentLength = Symbol('kContentLength')
const kUsed = Symbol('kUsed')
const kBytesRead = Symbol('kBytesRead')

const noop = () => {}

/**
 * @class
 * @extends {Readable}
 * @see https://fetch.spec.whatwg.org/#body
 */
class BodyReadable extends Readable {
  /**
   * @param {object} opts
   * @param {(this: Readable, size: number) => void} opts.resume
   * @param {() => (void | null)} opts.abort
   * @param {string} [opts.contentType = '']
   * @param {number} [opts.contentLength]
   * @param {number} [opts.highWaterMark = 64 * 1024]
   */
  constructor ({
    resume,
    abort,
    contentType = '',
    contentLength,
    highWaterMark = 64 * 1024 // Same as nodejs fs streams.
  }) {
    super({
      autoDestroy: true,
      read: resume,
      highWaterMark
    })

    this._readableState.dataEmitted = false

    this[kAbort] = abort

    /** @type {Consume | null} */
    this[kConsume] = null

    /** @type {number} */
    this[kBytesRead] = 0

    /** @type {ReadableStream|null} */
    this[kBody] = null

    /** @type {boolean} */
    this[kUsed] = false

    /** @type {string} */
    this[kContentType] = contentType

    /** @type {number|null} */
    this[kContentLength] = Number.isFinite(contentLength) ? contentLength : null

    /**
     * Is stream being consumed through Readable API?
     * This is an optimization so that we avoid checking
     * for 'data' and 'readable' listeners in the hot path
     * inside push().
     *
     * @type {boolean}
     */
    this[kReading] = false
  }

  /**
   * @param {Error|null} err
   * @param {(error:(Error|null)) => void} callback
   * @returns {void}
   */
  _destroy (err, callback) {
    if (!err && !this._readableState.endEmitted) {
      err = new RequestAbortedError()
    }

    if (err) {
      this[kAbort]()
    }

    // Workaround for Node "bug". If the stream is destroyed in same
    // tick as it is created, then a user who is waiting for a
    // promise (i.e micro tick) for installing an 'error' listener will
    // never get a chance and will always encounter an unhandled exception.
    if (!this[kUsed]) {
      setImmediate(callback, err)
    } else {
      callback(err)
    }
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  on (event, listener) {
    if (event === 'data' || event === 'readable') {
      this[kReading] = true
      this[kUsed] = true
    }
    return super.on(event, listener)
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  addListener (event, listener) {
    return this.on(event, listener)
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  off (event, listener) {
    const ret = super.off(event, listener)
    if (event === 'data' || event === 'readable') {
      this[kReading] = (
        this.listenerCount('data') > 0 ||
        this.listenerCount('readable') > 0
      )
    }
    return ret
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  removeListener (event, listener) {
    return this.off(event, listener)
  }

  /**
   * @param {Buffer|null} chunk
   * @returns {boolean}
   */
  push (chunk) {
    if (chunk) {
      this[kBytesRead] += chunk.length
      if (this[kConsume]) {
        consumePush(this[kConsume], chunk)
        return this[kReading] ? super.push(chunk) : true
      }
    }

    return super.push(chunk)
  }

  /**
   * Consumes and returns the body as a string.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-text
   * @returns {Promise<string>}
   */
  text () {
    return consume(this, 'text')
  }

  /**
   * Consumes and returns the body as a JavaScript Object.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-json
   * @returns {Promise<unknown>}
   */
  json () {
    return consume(this, 'json')
  }

  /**
   * Consumes and returns the body as a Blob
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-blob
   * @returns {Promise<Blob>}
   */
  blob () {
    return consume(this, 'blob')
  }

  /**
   * Consumes and returns the body as an Uint8Array.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-bytes
   * @returns {Promise<Uint8Array>}
   */
  bytes () {
    return consume(this, 'bytes')
  }

  /**
   * Consumes and returns the body as an ArrayBuffer.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-arraybuffer
   * @returns {Promise<ArrayBuffer>}
   */
  arrayBuffer () {
    return consume(this, 'arrayBuffer')
  }

  /**
   * Not implemented
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-formdata
   * @throws {NotSupportedError}
   */
  async formData () {
    // TODO: Implement.
    throw new NotSupportedError()
  }

  /**
   * Returns true if the body is not null and the body has been consumed.
   * Otherwise, returns false.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-bodyused
   * @readonly
   * @returns {boolean}
   */
  get bodyUsed () {
    return util.isDisturbed(this)
  }

  /**
   * @see https://fetch.spec.whatwg.org/#dom-body-body
   * @readonly
   * @returns {ReadableStream}
   */
  get body () {
    if (!this[kBody]) {
      this[kBody] = ReadableStream.from(this)
      if (this[kConsume]) {
        // TODO: Is this the best way to force a lock?
        this[kBody].getReader() // Ensure stream is locked.
        assert(this[kBody].locked)
      }
    }
    return this[kBody]
  }

  /**
   * Dumps the response body by reading `limit` number of bytes.
   * @param {object} opts
   * @param {number} [opts.limit = 131072] Number of bytes to read.
   * @param {AbortSignal} [opts.signal] An AbortSignal to cancel the dump.
   * @returns {Promise<null>}
   */
  dump (opts) {
    const signal = opts?.signal

    if (signal != null && (typeof signal !== 'object' || !('aborted' in signal))) {
      return Promise.reject(new InvalidArgumentError('signal must be an AbortSignal'))
    }

    const limit = opts?.limit && Number.isFinite(opts.limit)
      ? opts.limit
      : 128 * 1024

    if (signal?.aborted) {
      return Promise.reject(signal.reason ?? new AbortError())
    }

    if (this._readableState.closeEmitted) {
      return Promise.resolve(null)
    }

    return new Promise((resolve, reject) => {
      if (
        (this[kContentLength] && (this[kContentLength] > limit)) ||
        this[kBytesRead] > limit
      ) {
        this.destroy(new AbortError())
      }

      if (signal) {
        const onAbort = () => {
          this.destroy(signal.reason ?? new AbortError())
        }
        const abortListener = addAbortListener(signal, onAbort)
        this
          .on('close', function () {
            abortListener[Symbol.dispose]()
            if (signal.aborted) {
              reject(signal.reason ?? new AbortError())
            } else {
              resolve(null)
            }
          })
      } else {
        this.on('close', resolve)
      }

      this
        .on('error', noop)
        .on('data', () => {
          if (this[kBytesRead] > limit) {
            this.destroy()
          }
        })
        .resume()
    })
  }

  /**
   * @param {BufferEncoding} encoding
   * @returns {this}
   */
  setEncoding (encoding) {
    if (Buffer.isEncoding(encoding)) {
      // Delegate to Node.js Readable.setEncoding() which initializes a
      // StringDecoder and re-encodes already-buffered chunks. This properly
      // handles multi-byte sequences split at chunk boundaries for the
      // for-await / on('data') paths. Without this, Node.js uses
      // buf.toString(encoding) on each chunk, producing U+FFFD for split chars.
      //
      // The consume path (body.text(), body.json(), ...) copes with the
      // decoded strings this leaves in state.buffer, see consumeStart().
      super.setEncoding(encoding)
    }
    return this
  }
}

/**
 * @see https://streams.spec.whatwg.org/#readablestream-locked
 * @param {BodyReadable} bodyReadable
 * @returns {boolean}
 */
function isLocked (bodyReadable) {
  // Consume is an implicit lock.
  return bodyReadable[kBody]?.locked === true || bodyReadable[kConsume] !== null
}

/**
 * @see https://fetch.spec.whatwg.org/#body-unusable
 * @param {BodyReadable} bodyReadable
 * @returns {boolean}
 */
function isUnusable (bodyReadable) {
  return util.isDisturbed(bodyReadable) || isLocked(bodyReadable)
}

/**
 * @typedef {'text' | 'json' | 'blob' | 'bytes' | 'arrayBuffer'} ConsumeType
 */

/**
 * @template {ConsumeType} T
 * @typedef {T extends 'text' ? string :
 *           T extends 'json' ? unknown :
 *           T extends 'blob' ? Blob :
 *           T extends 'arrayBuffer' ? ArrayBuffer :
 *           T extends 'bytes' ? Uint8Array :
 *           never
 * } ConsumeReturnType
 */
/**
 * @typedef {object} Consume
 * @property {ConsumeType} type
 * @property {BodyReadable} stream
 * @property {((value?: any) => void)} resolve
 * @property {((err: Error) => void)} reject
 * @property {number} length
 * @property {Buffer[]} body
 */

/**
 * @template {ConsumeType} T
 * @param {BodyReadable} stream
 * @param {T} type
 * @returns {Promise<ConsumeReturnType<T>>}
 */
function consume (stream, type) {
  assert(!stream[kConsume])

  return new Promise((resolve, reject) => {
    if (isUnusable(stream)) {
      const rState = stream._readableState
      if (rState.destroyed && rState.closeEmitted === false) {
        stream
          .on('error', reject)
          .on('close', () => {
            reject(new TypeError('unusable'))
          })
      } else {
        reject(rState.errored ?? new TypeError('unusable'))
      }
    } else {
      queueMicrotask(() => {
        stream[kConsume] = {
          type,
          stream,
          resolve,
          reject,
          length: 0,
          body: []
        }

        stream
          .on('error', function (err) {
            consumeFinish(this[kConsume], err)
          })
          .on('close', function () {
            if (this[kConsume].body !== null) {
              consumeFinish(this[kConsume], new RequestAbortedError())
            }
          })

        consumeStart(stream[kConsume])
      })
    }
  })
}

/**
 * @param {Consume} consume
 * @returns {void}
 */
function consumeStart (consume) {
  if (consume.body === null) {
    return
  }

  const { _readableState: state } = consume.stream

  if (state.bufferIndex) {
    const start = state.bufferIndex
    const end = state.buffer.length
    for (let n = start; n < end; n++) {
      consumePush(consume, state.buffer[n])
    }
  } else {
    for (const chunk of state.buffer) {
      consumePush(consume, chunk)
    }
  }

  // If setEncoding() was called, state.buffer holds decoded strings, which
  // consumePush() turns back into bytes. The trailing bytes of a multi-byte
  // sequence split across a chunk boundary are not part of any of those
  // strings, they are held inside the decoder until the rest arrives, so
  // take them from there.
  const decoder = state.decoder
  if (decoder != null && decoder.lastNeed > 0) {
    consumePush(consume, Buffer.from(decoder.lastChar.subarray(0, decoder.lastTotal - decoder.lastNeed)))
  }

  if (state.endEmitted) {
    // No `this` to read the consume off here: consumeStart is a free function, called from
    // the queueMicrotask above. The callback below does have one, because the emitter passes
    // the stream as its receiver. Returning matters too - consumeEnd() clears consume.stream,
    // which the resume() below would then dereference.
    consumeEnd(consume, state.encoding)
    return
  }

  consume.stream.on('end', function () {
    consumeEnd(this[kConsume], this._readableState.encoding)
  })

  consume.stream.resume()

  while (consume.stream.read() != null) {
    // Loop
  }
}

/**
 * @param {Buffer[]} chunks
 * @param {number} length
 * @param {BufferEncoding} [encoding='utf8']
 * @returns {string}
 */
function chunksDecode (chunks, length, encoding) {
  if (chunks.length === 0 || length === 0) {
    return ''
  }
  const buffer = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)
  const bufferLength = buffer.length

  // Skip BOM.
  const start =
    bufferLength > 2 &&
    buffer[0] === 0xef &&
    buffer[1] === 0xbb &&
    buffer[2] === 0xbf
      ? 3
      : 0
  if (!encoding || encoding === 'utf8' || encoding === 'utf-8') {
    return buffer.utf8Slice(start, bufferLength)
  } else {
    return buffer.subarray(start, bufferLength).toString(encoding)
  }
}

/**
 * @param {Buffer[]} chunks
 * @param {number} length
 * @returns {Uint8Array}
 */
function chunksConcat (chunks, length) {
  if (chunks.length === 0 || length === 0) {
    return new Uint8Array(0)
  }
  if (chunks.length === 1) {
    // fast-path
    return new Uint8Array(chunks[0])
  }
  const buffer = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)

  let offset = 0
  for (let i = 0; i < chunks.length; ++i) {
    const chunk = chunks[i]
    buffer.set(chunk, offset)
    offset += chunk.length
  }

  return buffer
}

/**
 * @param {Consume} consume
 * @param {BufferEncoding} encoding
 * @returns {void}
 */
function consumeEnd (consume, encoding) {
  const { type, body, resolve, stream, length } = consume

  try {
    if (type === 'text') {
      resolve(chunksDecode(body, length, encoding))
    } else if (type === 'json') {
      resolve(JSON.parse(chunksDecode(body, length, encoding)))
    } else if (type === 'arrayBuffer') {
      resolve(chunksConcat(body, length).buffer)
    } else if (type === 'blob') {
      resolve(new Blob(body, { type: stream[kContentType] }))
    } else if (type === 'bytes') {
      resolve(chunksConcat(body, length))
    }

    consumeFinish(consume)
  } catch (err) {
    stream.destroy(err)
  }
}

/**
 * @param {Consume} consume
 * @param {Buffer|string} chunk
 * @returns {void}
 */
function consumePush (consume, chunk) {
  if (consume.body === null) {
    return
  }

  if (typeof chunk === 'string') {
    // Buffered before the consume started, while an encoding was set.
    // consume.length has to stay a byte count and chunksDecode()/chunksConcat()
    // only work on bytes, so re-encode. A string's own length is in UTF-16 code
    // units and Uint8Array.prototype.set() ignores a string argument entirely.
    chunk = Buffer.from(chunk, consume.stream._readableState.encoding)
  }

  consume.length += chunk.length
  consume.body.push(chunk)
}

/**
 * @param {Consume} consume
 * @param {Error} [err]
 * @returns {void}
 */
function consumeFinish (consume, err) {
  if (consume.body === null) {
    return
  }

  if (err) {
    consume.reject(err)
  } else {
    consume.resolve()
  }

  // Reset the consume object to allow for garbage collection.
  consume.type = null
  consume.stream = null
  consume.resolve = null
  consume.reject = null
  consume.length = 0
  consume.body = null
}

module.exports = {
  Readable: BodyReadable,
  chunksDecode
}


/***/ }),

/***/ 1033:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const net = __nccwpck_require__(7030)
const assert = __nccwpck_require__(4656)
const util = __nccwpck_require__(3795)
const { InvalidArgumentError, ConnectTimeoutError } = __nccwpck_require__(9700)

let tls // include tls conditionally since it is not always available

// TODO: session re-use does not wait for the first
// connection to resolve the session and might therefore
// resolve the same servername multiple times even when
// re-use is enabled.

const SessionCache = class WeakSessionCache {
  constructor (maxCachedSessions) {
    this._maxCachedSessions = maxCachedSessions
    this._sessionCache = new Map()
    this._sessionRegistry = new FinalizationRegistry((key) => {
      if (this._sessionCache.size < this._maxCachedSessions) {
        return
      }

      const ref = this._sessionCache.get(key)
      if (ref !== undefined && ref.deref() === undefined) {
        this._sessionCache.delete(key)
      }
    })
  }

  get (sessionKey) {
    const ref = this._sessionCache.get(sessionKey)
    return ref ? ref.deref() : null
  }

  set (sessionKey, session) {
    if (this._maxCachedSessions === 0) {
      return
    }

    if (this._sessionCache.has(sessionKey)) {
      this._sessionCache.delete(sessionKey)
    } else if (this._sessionCache.size >= this._maxCachedSessions) {
      // Make room for the new session: prefer an entry whose session has
      // already been collected, otherwise evict the oldest one.
      let evicted = false
      for (const [key, ref] of this._sessionCache) {
        if (ref.deref() === undefined) {
          this._sessionCache.delete(key)
          evicted = true
          break
        }
      }

      if (!evicted) {
        const oldest = this._sessionCache.keys().next()
        if (!oldest.done) {
          this._sessionCache.delete(oldest.value)
        }
      }
    }

    this._sessionCache.set(sessionKey, new WeakRef(session))
    this._sessionRegistry.register(session, sessionKey)
  }
}

function buildConnector ({ allowH2, preferH2, useH2c, maxCachedSessions, socketPath, timeout, session: customSession, ...opts }) {
  if (maxCachedSessions != null && (!Number.isInteger(maxCachedSessions) || maxCachedSessions < 0)) {
    throw new InvalidArgumentError('maxCachedSessions must be a positive integer or zero')
  }

  const options = { path: socketPath, ...opts }
  const sessionCache = new SessionCache(maxCachedSessions == null ? 100 : maxCachedSessions)
  timeout = timeout == null ? 10e3 : timeout
  allowH2 = allowH2 != null ? allowH2 : true
  return function connect ({ hostname, host, protocol, port, servername, localAddress, httpSocket }, callback) {
    let socket
    if (protocol === 'https:') {
      if (!tls) {
        tls = __nccwpck_require__(1692)
      }
      servername = servername || options.servername || util.getServerName(host) || null

      const sessionKey = servername || hostname
      assert(sessionKey)

      const session = customSession || sessionCache.get(sessionKey) || null

      port = port || 443

      socket = tls.connect({
        highWaterMark: 16384, // TLS in node can't have bigger HWM anyway...
        ...options,
        servername,
        session,
        localAddress,
        ALPNProtocols: allowH2 ? (preferH2 ? ['h2', 'http/1.1'] : ['http/1.1', 'h2']) : ['http/1.1'],
        socket: httpSocket, // upgrade socket connection
        port,
        host: hostname
      })

      socket
        .on('session', function (session) {
          // TODO (fix): Can a session become invalid once established? Don't think so?
          sessionCache.set(sessionKey, session)
        })
    } else {
      assert(!httpSocket, 'httpSocket can only be sent on TLS update')

      port = port || 80

      const connectOptions = {
        highWaterMark: 64 * 1024, // Same as nodejs fs streams.
        ...options,
        localAddress,
        port,
        host: hostname
      }

      const family = net.isIP(hostname)
      if (family !== 0 && servername && servername !== hostname) {
        connectOptions.host = servername
        connectOptions.lookup = (_hostname, lookupOptions, cb) => {
          if (lookupOptions.all) {
            cb(null, [{ address: hostname, family }])
          } else {
            cb(null, hostname, family)
          }
        }
      }

      socket = net.connect(connectOptions)
      if (useH2c === true) {
        socket.alpnProtocol = 'h2'
      }
    }

    // Set TCP keep alive options on the socket here instead of in connect() for the case of assigning the socket
    if (options.keepAlive == null || options.keepAlive) {
      const keepAliveInitialDelay = options.keepAliveInitialDelay === undefined ? 60e3 : options.keepAliveInitialDelay
      socket.setKeepAlive(true, keepAliveInitialDelay)
    }

    const clearConnectTimeout = util.setupConnectTimeout(new WeakRef(socket), { timeout, hostname, port })

    socket
      .setNoDelay(true)
      .once(protocol === 'https:' ? 'secureConnect' : 'connect', function () {
        queueMicrotask(clearConnectTimeout)

        if (callback) {
          const cb = callback
          callback = null
          cb(null, this)
        }
      })
      .on('error', function (err) {
        queueMicrotask(clearConnectTimeout)

        if (callback) {
          const cb = callback
          callback = null
          cb(maybeNormalizeConnectError(err, this, { timeout, hostname, port }))
        }
      })

    return socket
  }
}

// `net.connect` with `autoSelectFamily` raises an `AggregateError` when every
// attempted address fails. If any of those failures is a timeout, surface the
// error as a `ConnectTimeoutError` so callers see the same error regardless of
// which timer (Node's internal one or undici's `connectTimeout`) wins the race.
// The original `AggregateError` is preserved on `.cause`.
function maybeNormalizeConnectError (err, socket, opts) {
  if (
    err instanceof AggregateError &&
    (err.code === 'ETIMEDOUT' || err.errors.some((e) => e != null && e.code === 'ETIMEDOUT'))
  ) {
    let message = 'Connect Timeout Error'
    if (Array.isArray(socket.autoSelectFamilyAttemptedAddresses)) {
      message += ` (attempted addresses: ${socket.autoSelectFamilyAttemptedAddresses.join(', ')},`
    } else {
      message += ` (attempted address: ${opts.hostname}:${opts.port},`
    }
    message += ` timeout: ${opts.timeout}ms)`

    const wrapped = new ConnectTimeoutError(message)
    wrapped.cause = err
    return wrapped
  }
  return err
}

module.exports = buildConnector


/***/ }),

/***/ 6494:
/***/ ((module) => {



/**
 * @see https://developer.mozilla.org/docs/Web/HTTP/Headers
 */
const wellknownHeaderNames = /** @type {const} */ ([
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Ranges',
  'Access-Control-Allow-Credentials',
  'Access-Control-Allow-Headers',
  'Access-Control-Allow-Methods',
  'Access-Control-Allow-Origin',
  'Access-Control-Expose-Headers',
  'Access-Control-Max-Age',
  'Access-Control-Request-Headers',
  'Access-Control-Request-Method',
  'Age',
  'Allow',
  'Alt-Svc',
  'Alt-Used',
  'Authorization',
  'Cache-Control',
  'Clear-Site-Data',
  'Connection',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Location',
  'Content-Range',
  'Content-Security-Policy',
  'Content-Security-Policy-Report-Only',
  'Content-Type',
  'Cookie',
  'Cross-Origin-Embedder-Policy',
  'Cross-Origin-Opener-Policy',
  'Cross-Origin-Resource-Policy',
  'Date',
  'Device-Memory',
  'Downlink',
  'ECT',
  'ETag',
  'Expect',
  'Expect-CT',
  'Expires',
  'Forwarded',
  'From',
  'Host',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Keep-Alive',
  'Last-Modified',
  'Link',
  'Location',
  'Max-Forwards',
  'Origin',
  'Permissions-Policy',
  'Pragma',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'RTT',
  'Range',
  'Referer',
  'Referrer-Policy',
  'Refresh',
  'Retry-After',
  'Sec-WebSocket-Accept',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version',
  'Server',
  'Server-Timing',
  'Service-Worker-Allowed',
  'Service-Worker-Navigation-Preload',
  'Set-Cookie',
  'SourceMap',
  'Strict-Transport-Security',
  'Supports-Loading-Mode',
  'TE',
  'Timing-Allow-Origin',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Upgrade-Insecure-Requests',
  'User-Agent',
  'Vary',
  'Via',
  'WWW-Authenticate',
  'X-Content-Type-Options',
  'X-DNS-Prefetch-Control',
  'X-Frame-Options',
  'X-Permitted-Cross-Domain-Policies',
  'X-Powered-By',
  'X-Requested-With',
  'X-XSS-Protection'
])

/** @type {Record<typeof wellknownHeaderNames[number]|Lowercase<typeof wellknownHeaderNames[number]>, string>} */
const headerNameLowerCasedRecord = {}

// Note: object prototypes should not be able to be referenced. e.g. `Object#hasOwnProperty`.
Object.setPrototypeOf(headerNameLowerCasedRecord, null)

for (let i = 0; i < wellknownHeaderNames.length; ++i) {
  const key = wellknownHeaderNames[i]
  const lowerCasedKey = key.toLowerCase()
  headerNameLowerCasedRecord[key] = headerNameLowerCasedRecord[lowerCasedKey] =
    lowerCasedKey
}

/**
 * Default WebSocket receive limits (see `webSocket` in Client.md). Used by
 * DispatcherBase#webSocketOptions and by the WebSocket parser when the
 * dispatcher doesn't provide a value, so a dispatcher without
 * `webSocketOptions` (a custom one, or a wrapper) doesn't remove the limits.
 */
const defaultWebSocketMaxFragments = 131072
const defaultWebSocketMaxPayloadSize = 128 * 1024 * 1024 // 128 MB

module.exports = {
  wellknownHeaderNames,
  headerNameLowerCasedRecord,
  defaultWebSocketMaxFragments,
  defaultWebSocketMaxPayloadSize
}


/***/ }),

/***/ 6403:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const diagnosticsChannel = __nccwpck_require__(3053)
const util = __nccwpck_require__(7975)

const undiciDebugLog = util.debuglog('undici')
const fetchDebuglog = util.debuglog('fetch')
const websocketDebuglog = util.debuglog('websocket')

const channels = {
  // Client
  beforeConnect: diagnosticsChannel.channel('undici:client:beforeConnect'),
  connected: diagnosticsChannel.channel('undici:client:connected'),
  connectError: diagnosticsChannel.channel('undici:client:connectError'),
  sendHeaders: diagnosticsChannel.channel('undici:client:sendHeaders'),
  // Request
  create: diagnosticsChannel.channel('undici:request:create'),
  bodySent: diagnosticsChannel.channel('undici:request:bodySent'),
  bodyChunkSent: diagnosticsChannel.channel('undici:request:bodyChunkSent'),
  bodyChunkReceived: diagnosticsChannel.channel('undici:request:bodyChunkReceived'),
  headers: diagnosticsChannel.channel('undici:request:headers'),
  trailers: diagnosticsChannel.channel('undici:request:trailers'),
  error: diagnosticsChannel.channel('undici:request:error'),
  // WebSocket
  open: diagnosticsChannel.channel('undici:websocket:open'),
  close: diagnosticsChannel.channel('undici:websocket:close'),
  socketError: diagnosticsChannel.channel('undici:websocket:socket_error'),
  ping: diagnosticsChannel.channel('undici:websocket:ping'),
  pong: diagnosticsChannel.channel('undici:websocket:pong'),
  // ProxyAgent
  proxyConnected: diagnosticsChannel.channel('undici:proxy:connected')
}

let isTrackingClientEvents = false

function trackClientEvents (debugLog = undiciDebugLog) {
  if (isTrackingClientEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.beforeConnect.hasSubscribers || channels.connected.hasSubscribers ||
      channels.connectError.hasSubscribers || channels.sendHeaders.hasSubscribers) {
    isTrackingClientEvents = true
    return
  }

  isTrackingClientEvents = true

  diagnosticsChannel.subscribe('undici:client:beforeConnect',
    evt => {
      const {
        connectParams: { version, protocol, port, host }
      } = evt
      debugLog(
        'connecting to %s%s using %s%s',
        host,
        port ? `:${port}` : '',
        protocol,
        version
      )
    })

  diagnosticsChannel.subscribe('undici:client:connected',
    evt => {
      const {
        connectParams: { version, protocol, port, host }
      } = evt
      debugLog(
        'connected to %s%s using %s%s',
        host,
        port ? `:${port}` : '',
        protocol,
        version
      )
    })

  diagnosticsChannel.subscribe('undici:client:connectError',
    evt => {
      const {
        connectParams: { version, protocol, port, host },
        error
      } = evt
      debugLog(
        'connection to %s%s using %s%s errored - %s',
        host,
        port ? `:${port}` : '',
        protocol,
        version,
        error.message
      )
    })

  diagnosticsChannel.subscribe('undici:client:sendHeaders',
    evt => {
      const {
        request: { method, path, origin }
      } = evt
      debugLog('sending request to %s %s%s', method, origin, path)
    })
}

let isTrackingRequestEvents = false

function trackRequestEvents (debugLog = undiciDebugLog) {
  if (isTrackingRequestEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.headers.hasSubscribers || channels.trailers.hasSubscribers ||
      channels.error.hasSubscribers) {
    isTrackingRequestEvents = true
    return
  }

  isTrackingRequestEvents = true

  diagnosticsChannel.subscribe('undici:request:headers',
    evt => {
      const {
        request: { method, path, origin },
        response: { statusCode }
      } = evt
      debugLog(
        'received response to %s %s%s - HTTP %d',
        method,
        origin,
        path,
        statusCode
      )
    })

  diagnosticsChannel.subscribe('undici:request:trailers',
    evt => {
      const {
        request: { method, path, origin }
      } = evt
      debugLog('trailers received from %s %s%s', method, origin, path)
    })

  diagnosticsChannel.subscribe('undici:request:error',
    evt => {
      const {
        request: { method, path, origin },
        error
      } = evt
      debugLog(
        'request to %s %s%s errored - %s',
        method,
        origin,
        path,
        error.message
      )
    })
}

let isTrackingWebSocketEvents = false

function trackWebSocketEvents (debugLog = websocketDebuglog) {
  if (isTrackingWebSocketEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.open.hasSubscribers || channels.close.hasSubscribers ||
      channels.socketError.hasSubscribers || channels.ping.hasSubscribers ||
      channels.pong.hasSubscribers) {
    isTrackingWebSocketEvents = true
    return
  }

  isTrackingWebSocketEvents = true

  diagnosticsChannel.subscribe('undici:websocket:open',
    evt => {
      if (evt.address != null) {
        const { address, port } = evt.address
        debugLog('connection opened %s%s', address, port ? `:${port}` : '')
      } else {
        debugLog('connection opened')
      }
    })

  diagnosticsChannel.subscribe('undici:websocket:close',
    evt => {
      const { websocket, code, reason } = evt
      debugLog(
        'closed connection to %s - %s %s',
        websocket.url,
        code,
        reason
      )
    })

  diagnosticsChannel.subscribe('undici:websocket:socket_error',
    err => {
      debugLog('connection errored - %s', err.message)
    })

  diagnosticsChannel.subscribe('undici:websocket:ping',
    evt => {
      debugLog('ping received')
    })

  diagnosticsChannel.subscribe('undici:websocket:pong',
    evt => {
      debugLog('pong received')
    })
}

if (undiciDebugLog.enabled || fetchDebuglog.enabled) {
  trackClientEvents(fetchDebuglog.enabled ? fetchDebuglog : undiciDebugLog)
  trackRequestEvents(fetchDebuglog.enabled ? fetchDebuglog : undiciDebugLog)
}

if (websocketDebuglog.enabled) {
  trackClientEvents(undiciDebugLog.enabled ? undiciDebugLog : websocketDebuglog)
  trackWebSocketEvents(websocketDebuglog)
}

module.exports = {
  channels
}


/***/ }),

/***/ 9700:
/***/ ((module) => {



const kUndiciError = Symbol.for('undici.error.UND_ERR')
class UndiciError extends Error {
  constructor (message, options) {
    super(message, options)
    this.name = 'UndiciError'
    this.code = 'UND_ERR'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kUndiciError] === true
  }

  get [kUndiciError] () {
    return true
  }
}

const kConnectTimeoutError = Symbol.for('undici.error.UND_ERR_CONNECT_TIMEOUT')
class ConnectTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ConnectTimeoutError'
    this.message = message || 'Connect Timeout Error'
    this.code = 'UND_ERR_CONNECT_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kConnectTimeoutError] === true
  }

  get [kConnectTimeoutError] () {
    return true
  }
}

const kHeadersTimeoutError = Symbol.for('undici.error.UND_ERR_HEADERS_TIMEOUT')
class HeadersTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'HeadersTimeoutError'
    this.message = message || 'Headers Timeout Error'
    this.code = 'UND_ERR_HEADERS_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHeadersTimeoutError] === true
  }

  get [kHeadersTimeoutError] () {
    return true
  }
}

const kHeadersOverflowError = Symbol.for('undici.error.UND_ERR_HEADERS_OVERFLOW')
class HeadersOverflowError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'HeadersOverflowError'
    this.message = message || 'Headers Overflow Error'
    this.code = 'UND_ERR_HEADERS_OVERFLOW'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHeadersOverflowError] === true
  }

  get [kHeadersOverflowError] () {
    return true
  }
}

const kBodyTimeoutError = Symbol.for('undici.error.UND_ERR_BODY_TIMEOUT')
class BodyTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'BodyTimeoutError'
    this.message = message || 'Body Timeout Error'
    this.code = 'UND_ERR_BODY_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kBodyTimeoutError] === true
  }

  get [kBodyTimeoutError] () {
    return true
  }
}

const kInvalidArgumentError = Symbol.for('undici.error.UND_ERR_INVALID_ARG')
class InvalidArgumentError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'InvalidArgumentError'
    this.message = message || 'Invalid Argument Error'
    this.code = 'UND_ERR_INVALID_ARG'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInvalidArgumentError] === true
  }

  get [kInvalidArgumentError] () {
    return true
  }
}

const kInvalidReturnValueError = Symbol.for('undici.error.UND_ERR_INVALID_RETURN_VALUE')
class InvalidReturnValueError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'InvalidReturnValueError'
    this.message = message || 'Invalid Return Value Error'
    this.code = 'UND_ERR_INVALID_RETURN_VALUE'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInvalidReturnValueError] === true
  }

  get [kInvalidReturnValueError] () {
    return true
  }
}

const kAbortError = Symbol.for('undici.error.UND_ERR_ABORT')
class AbortError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'AbortError'
    this.message = message || 'The operation was aborted'
    this.code = 'UND_ERR_ABORT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kAbortError] === true
  }

  get [kAbortError] () {
    return true
  }
}

const kRequestAbortedError = Symbol.for('undici.error.UND_ERR_ABORTED')
class RequestAbortedError extends AbortError {
  constructor (message) {
    super(message)
    this.name = 'AbortError'
    this.message = message || 'Request aborted'
    this.code = 'UND_ERR_ABORTED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestAbortedError] === true
  }

  get [kRequestAbortedError] () {
    return true
  }
}

const kInformationalError = Symbol.for('undici.error.UND_ERR_INFO')
class InformationalError extends UndiciError {
  constructor (message, options) {
    super(message, options)
    this.name = 'InformationalError'
    this.message = message || 'Request information'
    this.code = 'UND_ERR_INFO'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInformationalError] === true
  }

  get [kInformationalError] () {
    return true
  }
}

const kRequestContentLengthMismatchError = Symbol.for('undici.error.UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
class RequestContentLengthMismatchError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'RequestContentLengthMismatchError'
    this.message = message || 'Request body length does not match content-length header'
    this.code = 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestContentLengthMismatchError] === true
  }

  get [kRequestContentLengthMismatchError] () {
    return true
  }
}

const kResponseContentLengthMismatchError = Symbol.for('undici.error.UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
class ResponseContentLengthMismatchError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ResponseContentLengthMismatchError'
    this.message = message || 'Response body length does not match content-length header'
    this.code = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseContentLengthMismatchError] === true
  }

  get [kResponseContentLengthMismatchError] () {
    return true
  }
}

const kClientDestroyedError = Symbol.for('undici.error.UND_ERR_DESTROYED')
class ClientDestroyedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ClientDestroyedError'
    this.message = message || 'The client is destroyed'
    this.code = 'UND_ERR_DESTROYED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kClientDestroyedError] === true
  }

  get [kClientDestroyedError] () {
    return true
  }
}

const kClientClosedError = Symbol.for('undici.error.UND_ERR_CLOSED')
class ClientClosedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ClientClosedError'
    this.message = message || 'The client is closed'
    this.code = 'UND_ERR_CLOSED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kClientClosedError] === true
  }

  get [kClientClosedError] () {
    return true
  }
}

const kSocketError = Symbol.for('undici.error.UND_ERR_SOCKET')
class SocketError extends UndiciError {
  constructor (message, socket) {
    super(message)
    this.name = 'SocketError'
    this.message = message || 'Socket error'
    this.code = 'UND_ERR_SOCKET'
    this.socket = socket
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kSocketError] === true
  }

  get [kSocketError] () {
    return true
  }
}

const kNotSupportedError = Symbol.for('undici.error.UND_ERR_NOT_SUPPORTED')
class NotSupportedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'NotSupportedError'
    this.message = message || 'Not supported error'
    this.code = 'UND_ERR_NOT_SUPPORTED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kNotSupportedError] === true
  }

  get [kNotSupportedError] () {
    return true
  }
}

const kBalancedPoolMissingUpstreamError = Symbol.for('undici.error.UND_ERR_BPL_MISSING_UPSTREAM')
class BalancedPoolMissingUpstreamError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MissingUpstreamError'
    this.message = message || 'No upstream has been added to the BalancedPool'
    this.code = 'UND_ERR_BPL_MISSING_UPSTREAM'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kBalancedPoolMissingUpstreamError] === true
  }

  get [kBalancedPoolMissingUpstreamError] () {
    return true
  }
}

const kWebAssemblyNotSupportedError = Symbol.for('undici.error.ERR_WEBASSEMBLY_NOT_SUPPORTED')
class WebAssemblyNotSupportedError extends Error {
  constructor (message) {
    super(message || 'WebAssembly is not supported in this environment, but is required for HTTP/1 parsing')
    this.code = 'ERR_WEBASSEMBLY_NOT_SUPPORTED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kWebAssemblyNotSupportedError] === true
  }

  get [kWebAssemblyNotSupportedError] () {
    return true
  }
}

const kHTTPParserError = Symbol.for('undici.error.UND_ERR_HTTP_PARSER')
class HTTPParserError extends Error {
  constructor (message, code, data) {
    super(message)
    this.name = 'HTTPParserError'
    this.code = code ? `HPE_${code}` : undefined
    this.data = data ? data.toString() : undefined
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHTTPParserError] === true
  }

  get [kHTTPParserError] () {
    return true
  }
}

const kResponseExceededMaxSizeError = Symbol.for('undici.error.UND_ERR_RES_EXCEEDED_MAX_SIZE')
class ResponseExceededMaxSizeError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ResponseExceededMaxSizeError'
    this.message = message || 'Response content exceeded max size'
    this.code = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseExceededMaxSizeError] === true
  }

  get [kResponseExceededMaxSizeError] () {
    return true
  }
}

const kRequestRetryError = Symbol.for('undici.error.UND_ERR_REQ_RETRY')
class RequestRetryError extends UndiciError {
  constructor (message, code, { headers, data }) {
    super(message)
    this.name = 'RequestRetryError'
    this.message = message || 'Request retry error'
    this.code = 'UND_ERR_REQ_RETRY'
    this.statusCode = code
    this.data = data
    this.headers = headers
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestRetryError] === true
  }

  get [kRequestRetryError] () {
    return true
  }
}

const kResponseError = Symbol.for('undici.error.UND_ERR_RESPONSE')
class ResponseError extends UndiciError {
  constructor (message, code, { headers, body, bodyTruncated = false }) {
    super(message)
    this.name = 'ResponseError'
    this.message = message || 'Response error'
    this.code = 'UND_ERR_RESPONSE'
    this.statusCode = code
    this.body = body
    this.bodyTruncated = bodyTruncated
    this.headers = headers
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseError] === true
  }

  get [kResponseError] () {
    return true
  }
}

const kSecureProxyConnectionError = Symbol.for('undici.error.UND_ERR_PRX_TLS')
class SecureProxyConnectionError extends UndiciError {
  constructor (cause, message, options = {}) {
    super(message, { cause, ...options })
    this.name = 'SecureProxyConnectionError'
    this.message = message || 'Secure Proxy Connection failed'
    this.code = 'UND_ERR_PRX_TLS'
    this.cause = cause
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kSecureProxyConnectionError] === true
  }

  get [kSecureProxyConnectionError] () {
    return true
  }
}

const kProxyConnectionError = Symbol.for('undici.error.UND_ERR_PRX_CONN')
class ProxyConnectionError extends UndiciError {
  constructor (cause, message, options = {}) {
    super(message, { cause, ...options })
    this.name = 'ProxyConnectionError'
    this.message = message || 'Proxy Connection failed'
    this.code = 'UND_ERR_PRX_CONN'
    this.cause = cause
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kProxyConnectionError] === true
  }

  get [kProxyConnectionError] () {
    return true
  }
}

const kMaxRedirectsError = Symbol.for('undici.error.UND_ERR_REDIRECT_MAX')
class MaxRedirectsError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MaxRedirectsError'
    this.message = message || 'max redirects'
    this.code = 'UND_ERR_REDIRECT_MAX'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kMaxRedirectsError] === true
  }

  get [kMaxRedirectsError] () {
    return true
  }
}

const kMaxOriginsReachedError = Symbol.for('undici.error.UND_ERR_MAX_ORIGINS_REACHED')
class MaxOriginsReachedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MaxOriginsReachedError'
    this.message = message || 'Maximum allowed origins reached'
    this.code = 'UND_ERR_MAX_ORIGINS_REACHED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kMaxOriginsReachedError] === true
  }

  get [kMaxOriginsReachedError] () {
    return true
  }
}

class Socks5ProxyError extends UndiciError {
  constructor (message, code) {
    super(message)
    this.name = 'Socks5ProxyError'
    this.message = message || 'SOCKS5 proxy error'
    this.code = code || 'UND_ERR_SOCKS5'
  }
}

const kMessageSizeExceededError = Symbol.for('undici.error.UND_ERR_WS_MESSAGE_SIZE_EXCEEDED')
class MessageSizeExceededError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MessageSizeExceededError'
    this.message = message || 'Max decompressed message size exceeded'
    this.code = 'UND_ERR_WS_MESSAGE_SIZE_EXCEEDED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kMessageSizeExceededError] === true
  }

  get [kMessageSizeExceededError] () {
    return true
  }
}

module.exports = {
  AbortError,
  WebAssemblyNotSupportedError,
  HTTPParserError,
  UndiciError,
  HeadersTimeoutError,
  HeadersOverflowError,
  BodyTimeoutError,
  RequestContentLengthMismatchError,
  ConnectTimeoutError,
  InvalidArgumentError,
  InvalidReturnValueError,
  RequestAbortedError,
  ClientDestroyedError,
  ClientClosedError,
  InformationalError,
  SocketError,
  NotSupportedError,
  ResponseContentLengthMismatchError,
  BalancedPoolMissingUpstreamError,
  ResponseExceededMaxSizeError,
  RequestRetryError,
  ResponseError,
  SecureProxyConnectionError,
  ProxyConnectionError,
  MaxOriginsReachedError,
  MaxRedirectsError,
  Socks5ProxyError,
  MessageSizeExceededError
}


/***/ }),

/***/ 2234:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  InvalidArgumentError,
  NotSupportedError
} = __nccwpck_require__(9700)
const assert = __nccwpck_require__(4656)
const {
  isValidHTTPToken,
  isValidHeaderValue,
  isStream,
  destroy,
  isBuffer,
  isFormDataLike,
  isIterable,
  hasSafeIterator,
  isBlobLike,
  serializePathWithQuery,
  parseHeaders,
  assertRequestHandler,
  getServerName,
  normalizedMethodRecords,
  getProtocolFromUrlString
} = __nccwpck_require__(3795)
const { channels } = __nccwpck_require__(6403)
const { headerNameLowerCasedRecord } = __nccwpck_require__(6494)

// Verifies that a given path is valid does not contain control chars \x00 to \x20
const invalidPathRegex = /[^\u0021-\u00ff]/

function isValidContentLengthHeaderValue (val) {
  if (typeof val !== 'string' || val.length === 0) {
    return false
  }

  for (let i = 0; i < val.length; i++) {
    const charCode = val.charCodeAt(i)
    if (charCode < 48 || charCode > 57) {
      return false
    }
  }

  return true
}

const kHandler = Symbol('handler')
const kController = Symbol('controller')
const kResume = Symbol('resume')

class RequestController {
  #paused = false
  #reason = null
  #aborted = false
  #abort

  [kResume] = null

  rawHeaders = null
  rawTrailers = null

  constructor (abort) {
    this.#abort = abort
  }

  pause () {
    this.#paused = true
  }

  resume () {
    if (this.#paused) {
      this.#paused = false
      this[kResume]?.()
    }
  }

  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason
      this.#abort(reason)
    }
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }

  get paused () {
    return this.#paused
  }
}

class Request {
  constructor (origin, {
    path,
    method,
    body,
    headers,
    query,
    idempotent,
    blocking,
    upgrade,
    headersTimeout,
    bodyTimeout,
    reset,
    expectContinue,
    servername,
    throwOnError,
    maxRedirections,
    typeOfService
  }, handler) {
    if (typeof path !== 'string') {
      throw new InvalidArgumentError('path must be a string')
    } else if (
      path[0] !== '/' &&
      !(path.startsWith('http://') || path.startsWith('https://')) &&
      method !== 'CONNECT'
    ) {
      throw new InvalidArgumentError('path must be an absolute URL or start with a slash')
    } else if (invalidPathRegex.test(path)) {
      throw new InvalidArgumentError('invalid request path')
    }

    if (typeof method !== 'string') {
      throw new InvalidArgumentError('method must be a string')
    } else if (normalizedMethodRecords[method] === undefined && !isValidHTTPToken(method)) {
      throw new InvalidArgumentError('invalid request method')
    }

    if (upgrade && typeof upgrade !== 'string') {
      throw new InvalidArgumentError('upgrade must be a string')
    }

    if (upgrade && !isValidHeaderValue(upgrade)) {
      throw new InvalidArgumentError('invalid upgrade header')
    }

    if (headersTimeout != null && (!Number.isFinite(headersTimeout) || headersTimeout < 0)) {
      throw new InvalidArgumentError('invalid headersTimeout')
    }

    if (bodyTimeout != null && (!Number.isFinite(bodyTimeout) || bodyTimeout < 0)) {
      throw new InvalidArgumentError('invalid bodyTimeout')
    }

    if (reset != null && typeof reset !== 'boolean') {
      throw new InvalidArgumentError('invalid reset')
    }

    if (expectContinue != null && typeof expectContinue !== 'boolean') {
      throw new InvalidArgumentError('invalid expectContinue')
    }

    if (throwOnError != null) {
      throw new InvalidArgumentError('invalid throwOnError')
    }

    if (maxRedirections != null && maxRedirections !== 0) {
      throw new InvalidArgumentError('maxRedirections is not supported, use the redirect interceptor')
    }

    if (typeOfService != null && (!Number.isInteger(typeOfService) || typeOfService < 0 || typeOfService > 255)) {
      throw new InvalidArgumentError('typeOfService must be an integer between 0 and 255')
    }

    this.headersTimeout = headersTimeout

    this.bodyTimeout = bodyTimeout

    this.method = method

    this.typeOfService = typeOfService

    this.abort = null

    if (body == null) {
      this.body = null
    } else if (isStream(body)) {
      this.body = body

      const rState = this.body._readableState
      if (!rState || !rState.autoDestroy) {
        this.endHandler = function autoDestroy () {
          destroy(this)
        }
        this.body.on('end', this.endHandler)
      }

      this.errorHandler = err => {
        if (this.abort) {
          this.abort(err)
        } else {
          this.error = err
        }
      }
      this.body.on('error', this.errorHandler)
    } else if (isBuffer(body)) {
      this.body = body.byteLength ? body : null
    } else if (ArrayBuffer.isView(body)) {
      this.body = body.buffer.byteLength ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null
    } else if (body instanceof ArrayBuffer) {
      this.body = body.byteLength ? Buffer.from(body) : null
    } else if (typeof body === 'string') {
      this.body = body.length ? Buffer.from(body) : null
    } else if (isFormDataLike(body)) {
      if (!isUndiciFormData(body)) {
        throw new InvalidArgumentError('body must be a FormData created by this undici package instance; FormData from other sources, such as the built-in FormData provided by Node.js, is not supported')
      }
      this.body = body
    } else if (isIterable(body) || isBlobLike(body)) {
      this.body = body
    } else {
      throw new InvalidArgumentError('body must be a string, a Buffer, a Readable stream, an iterable, or an async iterable')
    }

    this.completed = false
    this.aborted = false

    this.upgrade = upgrade || null

    this.path = query ? serializePathWithQuery(path, query) : path

    // TODO: shall we maybe standardize it to an URL object?
    this.origin = origin

    this.protocol = getProtocolFromUrlString(origin)

    this.idempotent = idempotent == null
      ? method === 'HEAD' || method === 'GET' || method === 'QUERY'
      : idempotent

    this.blocking = blocking ?? this.method !== 'HEAD'

    this.reset = reset == null ? null : reset

    this.host = null

    this.contentLength = null

    this.contentType = null

    this.headers = []

    // Only for H2
    this.expectContinue = expectContinue != null ? expectContinue : false

    if (Array.isArray(headers)) {
      if (headers.length % 2 !== 0) {
        throw new InvalidArgumentError('headers array must be even')
      }
      for (let i = 0; i < headers.length; i += 2) {
        processHeader(this, headers[i], headers[i + 1])
      }
    } else if (headers && typeof headers === 'object') {
      if (hasSafeIterator(headers)) {
        for (const header of headers) {
          if (!Array.isArray(header) || header.length !== 2) {
            throw new InvalidArgumentError('headers must be in key-value pair format')
          }
          processHeader(this, header[0], header[1])
        }
      } else {
        const keys = Object.keys(headers)
        for (let i = 0; i < keys.length; ++i) {
          processHeader(this, keys[i], headers[keys[i]])
        }
      }
    } else if (headers != null) {
      throw new InvalidArgumentError('headers must be an object or an array')
    }

    assertRequestHandler(handler, method, upgrade)

    this.servername = servername || getServerName(this.host) || null

    this[kHandler] = handler

    if (channels.create.hasSubscribers) {
      channels.create.publish({ request: this })
    }
  }

  onBodySent (chunk) {
    if (channels.bodyChunkSent.hasSubscribers) {
      channels.bodyChunkSent.publish({ request: this, chunk })
    }
    if (this[kHandler].onBodySent) {
      try {
        return this[kHandler].onBodySent(chunk)
      } catch (err) {
        this.abort(err)
      }
    }
  }

  onRequestSent () {
    if (channels.bodySent.hasSubscribers) {
      channels.bodySent.publish({ request: this })
    }

    if (this[kHandler].onRequestSent) {
      try {
        return this[kHandler].onRequestSent()
      } catch (err) {
        this.abort(err)
      }
    }
  }

  onRequestStart (abort, context) {
    assert(!this.aborted)
    assert(!this.completed)

    this[kController] = new RequestController(abort)

    if (this.error) {
      this[kController].abort(this.error)
      return
    }

    this.abort = abort
    return this[kHandler].onRequestStart(this[kController], context)
  }

  onResponseStarted () {
    return this[kHandler].onResponseStarted?.()
  }

  onResponseStart (statusCode, headers, resume, statusText) {
    assert(!this.aborted)
    assert(!this.completed)

    if (channels.headers.hasSubscribers) {
      channels.headers.publish({ request: this, response: { statusCode, headers, statusText } })
    }

    const controller = this[kController]
    if (controller) {
      controller[kResume] = resume
      controller.rawHeaders = headers
    }

    const parsedHeaders = Array.isArray(headers) ? parseHeaders(headers) : headers

    try {
      this[kHandler].onResponseStart?.(controller, statusCode, parsedHeaders, statusText)
      return !controller?.paused
    } catch (err) {
      this.abort(err)
      return false
    }
  }

  onResponseData (chunk) {
    assert(!this.aborted)
    assert(!this.completed)

    if (channels.bodyChunkReceived.hasSubscribers) {
      channels.bodyChunkReceived.publish({ request: this, chunk })
    }

    const controller = this[kController]
    try {
      this[kHandler].onResponseData?.(controller, chunk)
      return !controller?.paused
    } catch (err) {
      this.abort(err)
      return false
    }
  }

  /**
   * @param {number} statusCode
   * @param {Buffer[]|string[]|import('../../types/header.d.ts').IncomingHttpHeaders} headers
   * @param {import('node:stream').Duplex} socket
   * @param {string} [statusText]
   */
  onRequestUpgrade (statusCode, headers, socket, statusText = '') {
    this.onFinally()

    assert(!this.aborted)
    assert(!this.completed)

    if (channels.headers.hasSubscribers) {
      channels.headers.publish({ request: this, response: { statusCode, headers, statusText } })
    }

    const controller = this[kController]
    if (controller) {
      controller.rawHeaders = headers
    }

    const parsedHeaders = Array.isArray(headers) ? parseHeaders(headers) : headers

    const result = this[kHandler].onRequestUpgrade?.(controller, statusCode, parsedHeaders, socket)

    if (!this.aborted) {
      this.completed = true
      if (channels.trailers.hasSubscribers) {
        channels.trailers.publish({ request: this, trailers: [] })
      }
    }

    return result
  }

  onResponseEnd (trailers) {
    this.onFinally()

    assert(!this.aborted)
    assert(!this.completed)

    this.completed = true
    if (channels.trailers.hasSubscribers) {
      channels.trailers.publish({ request: this, trailers })
    }

    const controller = this[kController]
    if (controller) {
      controller.rawTrailers = trailers
    }

    const parsedTrailers = Array.isArray(trailers) ? parseHeaders(trailers) : trailers

    try {
      return this[kHandler].onResponseEnd?.(controller, parsedTrailers)
    } catch (err) {
      // TODO (fix): This might be a bad idea?
      this.onResponseError(err)
    }
  }

  onResponseError (error) {
    this.onFinally()

    if (channels.error.hasSubscribers) {
      channels.error.publish({ request: this, error })
    }

    if (this.aborted) {
      return
    }
    this.aborted = true

    const controller = this[kController]

    return this[kHandler].onResponseError?.(controller, error)
  }

  onFinally () {
    if (this.errorHandler) {
      this.body.off('error', this.errorHandler)
      this.errorHandler = null
    }

    if (this.endHandler) {
      this.body.off('end', this.endHandler)
      this.endHandler = null
    }
  }

  addHeader (key, value) {
    processHeader(this, key, value)
    return this
  }
}

function processHeader (request, key, val) {
  if (val && (typeof val === 'object' && !Array.isArray(val))) {
    throw new InvalidArgumentError(`invalid ${key} header`)
  } else if (val === undefined) {
    return
  }

  let headerName = headerNameLowerCasedRecord[key]

  if (headerName === undefined) {
    headerName = key.toLowerCase()
    if (headerNameLowerCasedRecord[headerName] === undefined && !isValidHTTPToken(headerName)) {
      throw new InvalidArgumentError('invalid header key')
    }
  }

  if (Array.isArray(val)) {
    const arr = []
    for (let i = 0; i < val.length; i++) {
      if (typeof val[i] === 'string') {
        if (!isValidHeaderValue(val[i])) {
          throw new InvalidArgumentError(`invalid ${key} header`)
        }
        arr.push(val[i])
      } else if (val[i] === null) {
        arr.push('')
      } else if (typeof val[i] === 'object') {
        throw new InvalidArgumentError(`invalid ${key} header`)
      } else {
        // Coerce primitives (and reject unsafe coercions such as functions
        // with a crafted toString/Symbol.toPrimitive).
        const str = `${val[i]}`
        if (!isValidHeaderValue(str)) {
          throw new InvalidArgumentError(`invalid ${key} header`)
        }
        arr.push(str)
      }
    }
    val = arr
  } else if (typeof val === 'string') {
    if (!isValidHeaderValue(val)) {
      throw new InvalidArgumentError(`invalid ${key} header`)
    }
  } else if (val === null) {
    val = ''
  } else {
    // Coerce primitives (and reject unsafe coercions such as functions
    // with a crafted toString/Symbol.toPrimitive).
    val = `${val}`
    if (!isValidHeaderValue(val)) {
      throw new InvalidArgumentError(`invalid ${key} header`)
    }
  }

  if (headerName === 'host') {
    if (request.host !== null) {
      throw new InvalidArgumentError('duplicate host header')
    }
    if (typeof val !== 'string') {
      throw new InvalidArgumentError('invalid host header')
    }
    // Consumed by Client
    request.host = val
  } else if (headerName === 'content-length') {
    if (request.contentLength !== null) {
      throw new InvalidArgumentError('duplicate content-length header')
    }
    if (!isValidContentLengthHeaderValue(val)) {
      throw new InvalidArgumentError('invalid content-length header')
    }
    request.contentLength = parseInt(val, 10)
  } else if (request.contentType === null && headerName === 'content-type') {
    request.contentType = val
    request.headers.push(key, val)
  } else if (headerName === 'transfer-encoding' || headerName === 'keep-alive' || headerName === 'upgrade') {
    throw new InvalidArgumentError(`invalid ${headerName} header`)
  } else if (headerName === 'connection') {
    // Per RFC 7230 Section 6.1, Connection header can contain
    // a comma-separated list of connection option tokens (header names)
    const value = typeof val === 'string' ? val : null
    if (value === null) {
      throw new InvalidArgumentError('invalid connection header')
    }

    for (const token of value.toLowerCase().split(',')) {
      const trimmed = token.trim()
      if (!isValidHTTPToken(trimmed)) {
        throw new InvalidArgumentError('invalid connection header')
      }
      if (trimmed === 'close') {
        request.reset = true
      }
    }
  } else if (headerName === 'expect') {
    throw new NotSupportedError('expect header not supported')
  } else {
    request.headers.push(key, val)
  }
}

let isFormData

function isUndiciFormData (body) {
  if (isFormData === undefined) {
    __nccwpck_require__(2615)
    isFormData = (__nccwpck_require__(2522).webidl).is.FormData
  }
  return isFormData(body)
}

module.exports = Request


/***/ }),

/***/ 6750:
/***/ ((module) => {



module.exports = {
  kClose: Symbol('close'),
  kDestroy: Symbol('destroy'),
  kDispatch: Symbol('dispatch'),
  kUrl: Symbol('url'),
  kRequestOrigin: Symbol('request origin'),
  kRedirectCacheControl: Symbol('redirect cache control'),
  kOriginless: Symbol('originless'),
  kWriting: Symbol('writing'),
  kResuming: Symbol('resuming'),
  kQueue: Symbol('queue'),
  kConnect: Symbol('connect'),
  kConnecting: Symbol('connecting'),
  kKeepAliveDefaultTimeout: Symbol('default keep alive timeout'),
  kKeepAliveMaxTimeout: Symbol('max keep alive timeout'),
  kKeepAliveTimeoutThreshold: Symbol('keep alive timeout threshold'),
  kKeepAliveTimeoutValue: Symbol('keep alive timeout'),
  kKeepAlive: Symbol('keep alive'),
  kHeadersTimeout: Symbol('headers timeout'),
  kBodyTimeout: Symbol('body timeout'),
  kServerName: Symbol('server name'),
  kLocalAddress: Symbol('local address'),
  kHost: Symbol('host'),
  kNoRef: Symbol('no ref'),
  kBodyUsed: Symbol('used'),
  kBody: Symbol('abstracted request body'),
  kRunning: Symbol('running'),
  kBlocking: Symbol('blocking'),
  kPending: Symbol('pending'),
  kSize: Symbol('size'),
  kBusy: Symbol('busy'),
  kQueued: Symbol('queued'),
  kFree: Symbol('free'),
  kConnected: Symbol('connected'),
  kClosed: Symbol('closed'),
  kNeedDrain: Symbol('need drain'),
  kReset: Symbol('reset'),
  kDestroyed: Symbol.for('nodejs.stream.destroyed'),
  kResume: Symbol('resume'),
  kOnError: Symbol('on error'),
  kMaxHeadersSize: Symbol('max headers size'),
  kRunningIdx: Symbol('running index'),
  kPendingIdx: Symbol('pending index'),
  kError: Symbol('error'),
  kClients: Symbol('clients'),
  kClient: Symbol('client'),
  kParser: Symbol('parser'),
  kOnDestroyed: Symbol('destroy callbacks'),
  kPipelining: Symbol('pipelining'),
  kSocket: Symbol('socket'),
  kHostHeader: Symbol('host header'),
  kConnector: Symbol('connector'),
  kStrictContentLength: Symbol('strict content length'),
  kMaxRedirections: Symbol('maxRedirections'),
  kMaxRequests: Symbol('maxRequestsPerClient'),
  kProxy: Symbol('proxy agent options'),
  kCounter: Symbol('socket request counter'),
  kMaxResponseSize: Symbol('max response size'),
  kHTTP2Session: Symbol('http2Session'),
  kHTTP2Options: Symbol('http2 options'),
  kHTTP2SessionState: Symbol('http2Session state'),
  kRetryHandlerDefaultRetry: Symbol('retry agent default retry'),
  kConstruct: Symbol('constructable'),
  kListeners: Symbol('listeners'),
  kHTTPContext: Symbol('http context'),
  kMaxConcurrentStreams: Symbol('max concurrent streams'),
  kHostAuthority: Symbol('host authority'),
  kHTTP2InitialWindowSize: Symbol('http2 initial window size'),
  kHTTP2ConnectionWindowSize: Symbol('http2 connection window size'),
  kEnableConnectProtocol: Symbol('http2session connect protocol'),
  kRemoteSettings: Symbol('http2session remote settings'),
  kHTTP2Stream: Symbol('http2session client stream'),
  kPingInterval: Symbol('ping interval'),
  kUseMilo: Symbol('use milo'),
  kNoProxyAgent: Symbol('no proxy agent'),
  kHttpProxyAgent: Symbol('http proxy agent'),
  kHttpsProxyAgent: Symbol('https proxy agent'),
  kSocks5ProxyAgent: Symbol('socks5 proxy agent')
}


/***/ }),

/***/ 9431:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  wellknownHeaderNames,
  headerNameLowerCasedRecord
} = __nccwpck_require__(6494)

class TstNode {
  /** @type {any} */
  value = null
  /** @type {null | TstNode} */
  left = null
  /** @type {null | TstNode} */
  middle = null
  /** @type {null | TstNode} */
  right = null
  /** @type {number} */
  code
  /**
   * @param {string} key
   * @param {any} value
   * @param {number} index
   */
  constructor (key, value, index) {
    if (index === undefined || index >= key.length) {
      throw new TypeError('Unreachable')
    }
    const code = this.code = key.charCodeAt(index)
    // check code is ascii string
    if (code > 0x7F) {
      throw new TypeError('key must be ascii string')
    }
    if (key.length !== ++index) {
      this.middle = new TstNode(key, value, index)
    } else {
      this.value = value
    }
  }

  /**
   * @param {string} key
   * @param {any} value
   * @returns {void}
   */
  add (key, value) {
    const length = key.length
    if (length === 0) {
      throw new TypeError('Unreachable')
    }
    let index = 0
    /**
     * @type {TstNode}
     */
    let node = this
    while (true) {
      const code = key.charCodeAt(index)
      // check code is ascii string
      if (code > 0x7F) {
        throw new TypeError('key must be ascii string')
      }
      if (node.code === code) {
        if (length === ++index) {
          node.value = value
          break
        } else if (node.middle !== null) {
          node = node.middle
        } else {
          node.middle = new TstNode(key, value, index)
          break
        }
      } else if (node.code < code) {
        if (node.left !== null) {
          node = node.left
        } else {
          node.left = new TstNode(key, value, index)
          break
        }
      } else if (node.right !== null) {
        node = node.right
      } else {
        node.right = new TstNode(key, value, index)
        break
      }
    }
  }

  /**
   * @param {Uint8Array} key
   * @returns {TstNode | null}
   */
  search (key) {
    const keylength = key.length
    let index = 0
    /**
     * @type {TstNode|null}
     */
    let node = this
    while (node !== null && index < keylength) {
      let code = key[index]
      // A-Z
      // First check if it is bigger than 0x5a.
      // Lowercase letters have higher char codes than uppercase ones.
      // Also we assume that headers will mostly contain lowercase characters.
      if (code <= 0x5a && code >= 0x41) {
        // Lowercase for uppercase.
        code |= 32
      }
      while (node !== null) {
        if (code === node.code) {
          if (keylength === ++index) {
            // Returns Node since it is the last key.
            return node
          }
          node = node.middle
          break
        }
        node = node.code < code ? node.left : node.right
      }
    }
    return null
  }
}

class TernarySearchTree {
  /** @type {TstNode | null} */
  node = null

  /**
   * @param {string} key
   * @param {any} value
   * @returns {void}
   * */
  insert (key, value) {
    if (this.node === null) {
      this.node = new TstNode(key, value, 0)
    } else {
      this.node.add(key, value)
    }
  }

  /**
   * @param {Uint8Array} key
   * @returns {any}
   */
  lookup (key) {
    return this.node?.search(key)?.value ?? null
  }
}

const tree = new TernarySearchTree()

for (let i = 0; i < wellknownHeaderNames.length; ++i) {
  const key = headerNameLowerCasedRecord[wellknownHeaderNames[i]]
  tree.insert(key, key)
}

module.exports = {
  TernarySearchTree,
  tree
}


/***/ }),

/***/ 3795:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const { kDestroyed, kBodyUsed, kListeners, kBody } = __nccwpck_require__(6750)
const { IncomingMessage } = __nccwpck_require__(7622)
const stream = __nccwpck_require__(7075)
const net = __nccwpck_require__(7030)
const { stringify } = __nccwpck_require__(1792)
const { EventEmitter: EE, addAbortListener: addAbortListenerNative } = __nccwpck_require__(8474)
const timers = __nccwpck_require__(5364)
const { InvalidArgumentError, ConnectTimeoutError } = __nccwpck_require__(9700)
const { headerNameLowerCasedRecord } = __nccwpck_require__(6494)
const { tree } = __nccwpck_require__(9431)

class BodyAsyncIterable {
  constructor (body) {
    this[kBody] = body
    this[kBodyUsed] = false
  }

  async * [Symbol.asyncIterator] () {
    assert(!this[kBodyUsed], 'disturbed')
    this[kBodyUsed] = true
    yield * this[kBody]
  }
}

function noop () {}

/**
 * @param {*} body
 * @returns {*}
 */
function wrapRequestBody (body) {
  if (isStream(body)) {
    // TODO (fix): Provide some way for the user to cache the file to e.g. /tmp
    // so that it can be dispatched again?
    // TODO (fix): Do we need 100-expect support to provide a way to do this properly?
    if (bodyLength(body) === 0) {
      body
        .on('data', function () {
          assert(false)
        })
    }

    if (typeof body.readableDidRead !== 'boolean') {
      body[kBodyUsed] = false
      EE.prototype.on.call(body, 'data', function () {
        this[kBodyUsed] = true
      })
    }

    return body
  } else if (body && typeof body.pipeTo === 'function') {
    // TODO (fix): We can't access ReadableStream internal state
    // to determine whether or not it has been disturbed. This is just
    // a workaround.
    return new BodyAsyncIterable(body)
  } else if (body && isFormDataLike(body)) {
    return body
  } else if (
    body &&
    typeof body !== 'string' &&
    !ArrayBuffer.isView(body) &&
    isIterable(body)
  ) {
    // TODO: Should we allow re-using iterable if !this.opts.idempotent
    // or through some other flag?
    return new BodyAsyncIterable(body)
  } else {
    return body
  }
}

/**
 * @param {*} obj
 * @returns {obj is import('node:stream').Stream}
 */
function isStream (obj) {
  return obj && typeof obj === 'object' && typeof obj.pipe === 'function' && typeof obj.on === 'function'
}

/**
 * @param {*} object
 * @returns {object is Blob}
 */
function isBlobLike (object) {
  return object instanceof Blob
}

/**
 * @param {string} url The path to check for query strings or fragments.
 * @returns {boolean} Returns true if the path contains a query string or fragment.
 */
function pathHasQueryOrFragment (url) {
  return (
    url.includes('?') ||
    url.includes('#')
  )
}

/**
 * @param {string} url The URL to add the query params to
 * @param {import('node:querystring').ParsedUrlQueryInput} queryParams The object to serialize into a URL query string
 * @returns {string} The URL with the query params added
 */
function serializePathWithQuery (url, queryParams) {
  if (pathHasQueryOrFragment(url)) {
    throw new Error('Query params cannot be passed when url already contains "?" or "#".')
  }

  const stringified = stringify(queryParams)

  if (stringified) {
    url += '?' + stringified
  }

  return url
}

/**
 * @param {number|string|undefined} port
 * @returns {boolean}
 */
function isValidPort (port) {
  const value = parseInt(port, 10)
  return (
    value === Number(port) &&
    value >= 0 &&
    value <= 65535
  )
}

/**
 * Check if the value is a valid http or https prefixed string.
 *
 * @param {string} value
 * @returns {boolean}
 */
function isHttpOrHttpsPrefixed (value) {
  return (
    value != null &&
    value[0] === 'h' &&
    value[1] === 't' &&
    value[2] === 't' &&
    value[3] === 'p' &&
    (
      value[4] === ':' ||
      (
        value[4] === 's' &&
        value[5] === ':'
      )
    )
  )
}

/**
 * @param {string|URL|Record<string,string>} url
 * @returns {URL}
 */
function parseURL (url) {
  if (typeof url === 'string') {
    /**
     * @type {URL}
     */
    url = new URL(url)

    if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
      throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
    }

    return url
  }

  if (!url || typeof url !== 'object') {
    throw new InvalidArgumentError('Invalid URL: The URL argument must be a non-null object.')
  }

  if (!(url instanceof URL)) {
    if (url.port != null && url.port !== '' && isValidPort(url.port) === false) {
      throw new InvalidArgumentError('Invalid URL: port must be a valid integer or a string representation of an integer.')
    }

    if (url.path != null && typeof url.path !== 'string') {
      throw new InvalidArgumentError('Invalid URL path: the path must be a string or null/undefined.')
    }

    if (url.pathname != null && typeof url.pathname !== 'string') {
      throw new InvalidArgumentError('Invalid URL pathname: the pathname must be a string or null/undefined.')
    }

    if (url.hostname != null && typeof url.hostname !== 'string') {
      throw new InvalidArgumentError('Invalid URL hostname: the hostname must be a string or null/undefined.')
    }

    if (url.origin != null && typeof url.origin !== 'string') {
      throw new InvalidArgumentError('Invalid URL origin: the origin must be a string or null/undefined.')
    }

    if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
      throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
    }

    const port = url.port != null
      ? url.port
      : (url.protocol === 'https:' ? 443 : 80)
    let origin = url.origin != null
      ? url.origin
      : `${url.protocol || ''}//${url.hostname || ''}:${port}`
    let path = url.path != null
      ? url.path
      : `${url.pathname || ''}${url.search || ''}`

    if (origin[origin.length - 1] === '/') {
      origin = origin.slice(0, origin.length - 1)
    }

    if (path && path[0] !== '/') {
      path = `/${path}`
    }
    // new URL(path, origin) is unsafe when `path` contains an absolute URL
    // From https://developer.mozilla.org/en-US/docs/Web/API/URL/URL:
    // If first parameter is a relative URL, second param is required, and will be used as the base URL.
    // If first parameter is an absolute URL, a given second param will be ignored.
    return new URL(`${origin}${path}`)
  }

  if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
    throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
  }

  return url
}

/**
 * @param {string|URL|Record<string, string>} url
 * @returns {URL}
 */
function parseOrigin (url) {
  url = parseURL(url)

  if (url.pathname !== '/' || url.search || url.hash) {
    throw new InvalidArgumentError('invalid url')
  }

  return url
}

/**
 * @param {string} host
 * @returns {string}
 */
function getHostname (host) {
  if (host[0] === '[') {
    const idx = host.indexOf(']')

    assert(idx !== -1)
    return host.substring(1, idx)
  }

  const idx = host.indexOf(':')
  if (idx === -1) return host

  return host.substring(0, idx)
}

/**
 * IP addresses are not valid server names per RFC6066
 * Currently, the only server names supported are DNS hostnames
 * @param {string|null} host
 * @returns {string|null}
 */
function getServerName (host) {
  if (!host) {
    return null
  }

  assert(typeof host === 'string')

  const servername = getHostname(host)
  if (net.isIP(servername)) {
    return ''
  }

  return servername
}

/**
 * @function
 * @template T
 * @param {T} obj
 * @returns {T}
 */
function deepClone (obj) {
  return JSON.parse(JSON.stringify(obj))
}

/**
 * @param {*} obj
 * @returns {obj is AsyncIterable}
 */
function isAsyncIterable (obj) {
  return !!(obj != null && typeof obj[Symbol.asyncIterator] === 'function')
}

/**
 * @param {*} obj
 * @returns {obj is Iterable}
 */
function isIterable (obj) {
  return !!(obj != null && (typeof obj[Symbol.iterator] === 'function' || typeof obj[Symbol.asyncIterator] === 'function'))
}

/**
 * Checks whether an object has a safe Symbol.iterator \u2014 i.e. one that is
 * either own or inherited from a non-Object.prototype chain.  This prevents
 * prototype-pollution attacks from injecting a fake iterator on
 * Object.prototype.
 * @param {object} obj
 * @returns {boolean}
 */
function hasSafeIterator (obj) {
  const prototype = Object.getPrototypeOf(obj)
  const ownIterator = Object.hasOwn(obj, Symbol.iterator)
  return ownIterator || (prototype != null && prototype !== Object.prototype && typeof obj[Symbol.iterator] === 'function')
}

/**
 * @param {Blob|Buffer|import ('stream').Stream} body
 * @returns {number|null}
 */
function bodyLength (body) {
  if (body == null) {
    return 0
  } else if (isStream(body)) {
    const state = body._readableState
    return state && state.objectMode === false && state.ended === true && Number.isFinite(state.length)
      ? state.length
      : null
  } else if (isBlobLike(body)) {
    return body.size != null ? body.size : null
  } else if (isBuffer(body)) {
    return body.byteLength
  }

  return null
}

/**
 * @param {import ('stream').Stream} body
 * @returns {boolean}
 */
function isDestroyed (body) {
  return body && !!(body.destroyed || body[kDestroyed] || (stream.isDestroyed?.(body)))
}

/**
 * @param {import ('stream').Stream} stream
 * @param {Error} [err]
 * @returns {void}
 */
function destroy (stream, err) {
  if (stream == null || !isStream(stream) || isDestroyed(stream)) {
    return
  }

  if (typeof stream.destroy === 'function') {
    if (Object.getPrototypeOf(stream).constructor === IncomingMessage) {
      // See: https://github.com/nodejs/node/pull/38505/files
      stream.socket = null
    }

    try {
      stream.destroy(err)
    } catch {
      // stream.destroy may throw on managed sockets (e.g., http2).
      // Silently ignore \u2014 the socket lifecycle is handled by the subsystem.
    }
  } else if (err) {
    queueMicrotask(() => {
      stream.emit('error', err)
    })
  }

  if (stream.destroyed !== true) {
    stream[kDestroyed] = true
  }
}

const KEEPALIVE_TIMEOUT_EXPR = /(?:^|,)[\t ]*timeout=(\d+)/i
/**
 * @param {string} val
 * @returns {number | null}
 */
function parseKeepAliveTimeout (val) {
  const m = val.match(KEEPALIVE_TIMEOUT_EXPR)
  return m ? parseInt(m[1], 10) * 1000 : null
}

/**
 * Retrieves a header name and returns its lowercase value.
 * @param {string | Buffer} value Header name
 * @returns {string}
 */
function headerNameToString (value) {
  return typeof value === 'string'
    ? headerNameLowerCasedRecord[value] ?? value.toLowerCase()
    : tree.lookup(value) ?? value.toString('latin1').toLowerCase()
}

/**
 * Receive the buffer as a string and return its lowercase value.
 * @param {Buffer} value Header name
 * @returns {string}
 */
function bufferToLowerCasedHeaderName (value) {
  return tree.lookup(value) ?? value.toString('latin1').toLowerCase()
}

/**
 * Writes a header onto a plain object without going through the
 * `Object.prototype` `__proto__` setter. Plain assignment there drops a string
 * value and, when the value is an array, replaces the object's prototype
 * instead of storing anything. Every other name is a normal assignment.
 *
 * @param {Record<string, string | string[]>} obj Accumulator to write onto
 * @param {string} key Header name
 * @param {string | string[]} value Header value
 * @returns {void}
 */
function setHeader (obj, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(obj, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true
    })
  } else {
    obj[key] = value
  }
}

/**
 * @param {(Buffer | string)[]} headers
 * @param {Record<string, string | string[]>} [obj]
 * @returns {Record<string, string | string[]>}
 */
function parseHeaders (headers, obj) {
  if (obj === undefined) obj = {}

  for (let i = 0; i < headers.length; i += 2) {
    const key = headerNameToString(headers[i])
    let val = obj[key]

    if (val !== undefined) {
      if (!Object.hasOwn(obj, key)) {
        const headersValue = typeof headers[i + 1] === 'string'
          ? headers[i + 1]
          : Array.isArray(headers[i + 1])
            ? headers[i + 1].map(x => x.toString('latin1'))
            : headers[i + 1].toString('latin1')

        if (key === '__proto__') {
          Object.defineProperty(obj, key, {
            value: headersValue,
            enumerable: true,
            configurable: true,
            writable: true
          })
        } else {
          obj[key] = headersValue
        }
      } else {
        if (typeof val === 'string') {
          val = [val]
          obj[key] = val
        }
        val.push(headers[i + 1].toString('latin1'))
      }
    } else {
      const headersValue = typeof headers[i + 1] === 'string'
        ? headers[i + 1]
        : Array.isArray(headers[i + 1])
          ? headers[i + 1].map(x => x.toString('latin1'))
          : headers[i + 1].toString('latin1')

      obj[key] = headersValue
    }
  }

  return obj
}

/**
 * @param {Buffer[] | string[] | Record<string, string | string[]> | null | undefined} headers
 * @returns {string[]}
 */
function parseRawHeaders (headers) {
  if (headers == null) {
    return []
  }

  if (!Array.isArray(headers)) {
    const rawHeaders = []

    for (const [name, value] of Object.entries(headers)) {
      if (Array.isArray(value)) {
        for (const entry of value) {
          rawHeaders.push(name, `${entry}`)
        }
      } else {
        rawHeaders.push(name, `${value}`)
      }
    }

    return rawHeaders
  }

  const headersLength = headers.length
  /**
   * @type {string[]}
   */
  const ret = new Array(headersLength)

  let key
  let val

  for (let n = 0; n < headersLength; n += 2) {
    key = headers[n]
    val = headers[n + 1]

    typeof key !== 'string' && (key = key.toString())
    typeof val !== 'string' && (val = val.toString('latin1'))

    ret[n] = key
    ret[n + 1] = val
  }

  return ret
}

/**
 * @param {Record<string, string | string[]>} headers
 * @returns {Buffer[]}
 */
function toRawHeaders (headers) {
  const rawHeaders = []

  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) {
      for (const entry of value) {
        rawHeaders.push(Buffer.from(name, 'latin1'), Buffer.from(`${entry}`, 'latin1'))
      }
    } else {
      rawHeaders.push(Buffer.from(name, 'latin1'), Buffer.from(`${value}`, 'latin1'))
    }
  }

  return rawHeaders
}

/**
 * @param {string[]} headers
 * @param {Buffer[]} headers
 */
function encodeRawHeaders (headers) {
  if (!Array.isArray(headers)) {
    throw new TypeError('expected headers to be an array')
  }
  return headers.map(x => Buffer.from(x))
}

/**
 * @param {*} buffer
 * @returns {buffer is Buffer}
 */
function isBuffer (buffer) {
  // See, https://github.com/mcollina/undici/pull/319
  return buffer instanceof Uint8Array || Buffer.isBuffer(buffer)
}

/**
 * Asserts that the handler object is a request handler.
 *
 * @param {object} handler
 * @param {string} method
 * @param {string} [upgrade]
 * @returns {asserts handler is import('../api/api-request').RequestHandler}
 */
function assertRequestHandler (handler, method, upgrade) {
  if (!handler || typeof handler !== 'object') {
    throw new InvalidArgumentError('handler must be an object')
  }

  if (typeof handler.onRequestStart !== 'function') {
    throw new InvalidArgumentError('invalid onRequestStart method')
  }

  if (typeof handler.onResponseError !== 'function') {
    throw new InvalidArgumentError('invalid onResponseError method')
  }

  if (typeof handler.onBodySent !== 'function' && handler.onBodySent !== undefined) {
    throw new InvalidArgumentError('invalid onBodySent method')
  }

  if (typeof handler.onRequestSent !== 'function' && handler.onRequestSent !== undefined) {
    throw new InvalidArgumentError('invalid onRequestSent method')
  }

  if (upgrade || method === 'CONNECT') {
    if (typeof handler.onRequestUpgrade !== 'function') {
      throw new InvalidArgumentError('invalid onRequestUpgrade method')
    }
  } else {
    if (typeof handler.onResponseStart !== 'function') {
      throw new InvalidArgumentError('invalid onResponseStart method')
    }

    if (typeof handler.onResponseData !== 'function') {
      throw new InvalidArgumentError('invalid onResponseData method')
    }

    if (typeof handler.onResponseEnd !== 'function') {
      throw new InvalidArgumentError('invalid onResponseEnd method')
    }
  }
}

/**
 * A body is disturbed if it has been read from and it cannot be re-used without
 * losing state or data.
 * @param {import('node:stream').Readable} body
 * @returns {boolean}
 */
function isDisturbed (body) {
  // TODO (fix): Why is body[kBodyUsed] needed?
  return !!(body && (stream.isDisturbed(body) || body[kBodyUsed]))
}

/**
 * @typedef {object} SocketInfo
 * @property {string} [localAddress]
 * @property {number} [localPort]
 * @property {string} [remoteAddress]
 * @property {number} [remotePort]
 * @property {string} [remoteFamily]
 * @property {number} [timeout]
 * @property {number} bytesWritten
 * @property {number} bytesRead
 */

/**
 * @param {import('net').Socket} socket
 * @returns {SocketInfo}
 */
function getSocketInfo (socket) {
  return {
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    remoteFamily: socket.remoteFamily,
    timeout: socket.timeout,
    bytesWritten: socket.bytesWritten,
    bytesRead: socket.bytesRead
  }
}

/**
 * The object should be a FormData instance and contains all the required
 * methods.
 * @param {*} object
 * @returns {object is FormData}
 */
function isFormDataLike (object) {
  return (
    object &&
    typeof object === 'object' &&
    typeof object.append === 'function' &&
    typeof object.delete === 'function' &&
    typeof object.get === 'function' &&
    typeof object.getAll === 'function' &&
    typeof object.has === 'function' &&
    typeof object.set === 'function' &&
    object[Symbol.toStringTag] === 'FormData'
  )
}

function addAbortListener (signal, listener) {
  if (!signal || 'aborted' in signal) {
    return addAbortListenerNative(signal, listener)[Symbol.dispose]
  }

  if (typeof signal.addEventListener === 'function') {
    signal.addEventListener('abort', listener, { once: true })
    return () => signal.removeEventListener('abort', listener)
  }
  signal.once('abort', listener)
  return () => signal.removeListener('abort', listener)
}

const validTokenChars = new Uint8Array([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0-15
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 16-31
  0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, // 32-47 (!"#$%&'()*+,-./)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, // 48-63 (0-9:;<=>?)
  0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 64-79 (@A-O)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, // 80-95 (P-Z[\]^_)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 96-111 (`a-o)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, // 112-127 (p-z{|}~)
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 128-143
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 144-159
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 160-175
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 176-191
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 192-207
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 208-223
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 224-239
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0  // 240-255
])

/**
 * @see https://tools.ietf.org/html/rfc7230#section-3.2.6
 * @param {number} c
 * @returns {boolean}
 */
function isTokenCharCode (c) {
  return (validTokenChars[c] === 1)
}

const tokenRegExp = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/

/**
 * @param {string} characters
 * @returns {boolean}
 */
function isValidHTTPToken (characters) {
  if (characters.length >= 12) return tokenRegExp.test(characters)
  if (characters.length === 0) return false

  for (let i = 0; i < characters.length; i++) {
    if (validTokenChars[characters.charCodeAt(i)] !== 1) {
      return false
    }
  }
  return true
}

// headerCharRegex have been lifted from
// https://github.com/nodejs/node/blob/main/lib/_http_common.js

/**
 * Matches if val contains an invalid field-vchar
 *  field-value    = *( field-content / obs-fold )
 *  field-content  = field-vchar [ 1*( SP / HTAB ) field-vchar ]
 *  field-vchar    = VCHAR / obs-text
 */
const headerCharRegex = /[^\t\x20-\x7e\x80-\xff]/

/**
 * @param {string} characters
 * @returns {boolean}
 */
function isValidHeaderValue (characters) {
  return !headerCharRegex.test(characters)
}

const rangeHeaderRegex = /^bytes (\d+)-(\d+)\/(\d+|\*)?$/

/**
 * @typedef {object} RangeHeader
 * @property {number} start
 * @property {number | null} end
 * @property {number | null} size
 */

/**
 * Parse accordingly to RFC 9110
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.content-range
 * @param {string} [range]
 * @returns {RangeHeader|null}
 */
function parseRangeHeader (range) {
  if (range == null || range === '') return { start: 0, end: null, size: null }
  if (!range) return null

  const m = rangeHeaderRegex.exec(range)
  return m
    ? {
        start: parseInt(m[1]),
        end: m[2] ? parseInt(m[2]) : null,
        size: m[3] && m[3] !== '*' ? parseInt(m[3]) : null
      }
    : null
}

/**
 * @template {import("events").EventEmitter} T
 * @param {T} obj
 * @param {string} name
 * @param {(...args: any[]) => void} listener
 * @returns {T}
 */
function addListener (obj, name, listener) {
  const listeners = (obj[kListeners] ??= [])
  listeners.push([name, listener])
  obj.on(name, listener)
  return obj
}

/**
 * @template {import("events").EventEmitter} T
 * @param {T} obj
 * @returns {T}
 */
function removeAllListeners (obj) {
  if (obj[kListeners] != null) {
    for (const [name, listener] of obj[kListeners]) {
      obj.removeListener(name, listener)
    }
    obj[kListeners] = null
  }
  return obj
}

/**
 * @param {import ('../dispatcher/client')} client
 * @param {import ('../core/request')} request
 * @param {Error} err
 */
function errorRequest (client, request, err) {
  try {
    request.onResponseError(err)
    assert(request.aborted)
  } catch (err) {
    client.emit('error', err)
  }
}

/**
 * @param {WeakRef<net.Socket>} socketWeakRef
 * @param {object} opts
 * @param {number} opts.timeout
 * @param {string} opts.hostname
 * @param {number} opts.port
 * @returns {() => void}
 */
const setupConnectTimeout = process.platform === 'win32'
  ? (socketWeakRef, opts) => {
      if (!opts.timeout) {
        return noop
      }

      let s1 = null
      let s2 = null
      const fastTimer = timers.setFastTimeout(() => {
      // setImmediate is added to make sure that we prioritize socket error events over timeouts
        s1 = setImmediate(() => {
        // Windows needs an extra setImmediate probably due to implementation differences in the socket logic
          s2 = setImmediate(() => onConnectTimeout(socketWeakRef.deref(), opts))
        })
      }, opts.timeout)
      return () => {
        timers.clearFastTimeout(fastTimer)
        clearImmediate(s1)
        clearImmediate(s2)
      }
    }
  : (socketWeakRef, opts) => {
      if (!opts.timeout) {
        return noop
      }

      let s1 = null
      const fastTimer = timers.setFastTimeout(() => {
      // setImmediate is added to make sure that we prioritize socket error events over timeouts
        s1 = setImmediate(() => {
          onConnectTimeout(socketWeakRef.deref(), opts)
        })
      }, opts.timeout)
      return () => {
        timers.clearFastTimeout(fastTimer)
        clearImmediate(s1)
      }
    }

/**
 * @param {net.Socket} socket
 * @param {object} opts
 * @param {number} opts.timeout
 * @param {string} opts.hostname
 * @param {number} opts.port
 */
function onConnectTimeout (socket, opts) {
  // The socket could be already garbage collected
  if (socket == null) {
    return
  }

  let message = 'Connect Timeout Error'
  if (Array.isArray(socket.autoSelectFamilyAttemptedAddresses)) {
    message += ` (attempted addresses: ${socket.autoSelectFamilyAttemptedAddresses.join(', ')},`
  } else {
    message += ` (attempted address: ${opts.hostname}:${opts.port},`
  }

  message += ` timeout: ${opts.timeout}ms)`

  destroy(socket, new ConnectTimeoutError(message))
}

let lastUrlString = null
let lastProtocol = null

/**
 * @param {string} urlString
 * @returns {string}
 */
function getProtocolFromUrlString (urlString) {
  // Requests are typically dispatched against the same origin over and over,
  // so cache the last (urlString, protocol) pair to skip re-parsing.
  if (urlString === lastUrlString) {
    return lastProtocol
  }

  const protocol = getProtocolFromUrlStringSlow(urlString)
  lastUrlString = urlString
  lastProtocol = protocol

  return protocol
}

/**
 * @param {string} urlString
 * @returns {string}
 */
function getProtocolFromUrlStringSlow (urlString) {
  if (
    urlString[0] === 'h' &&
    urlString[1] === 't' &&
    urlString[2] === 't' &&
    urlString[3] === 'p'
  ) {
    switch (urlString[4]) {
      case ':':
        return 'http:'
      case 's':
        if (urlString[5] === ':') {
          return 'https:'
        }
    }
  }
  // fallback if none of the usual suspects
  return urlString.slice(0, urlString.indexOf(':') + 1)
}

const kEnumerableProperty = {
  __proto__: null,
  enumerable: true
}

const normalizedMethodRecordsBase = {
  delete: 'DELETE',
  DELETE: 'DELETE',
  get: 'GET',
  GET: 'GET',
  head: 'HEAD',
  HEAD: 'HEAD',
  options: 'OPTIONS',
  OPTIONS: 'OPTIONS',
  post: 'POST',
  POST: 'POST',
  put: 'PUT',
  PUT: 'PUT',
  query: 'QUERY',
  QUERY: 'QUERY'
}

const normalizedMethodRecords = {
  ...normalizedMethodRecordsBase,
  patch: 'patch',
  PATCH: 'PATCH'
}

// Note: object prototypes should not be able to be referenced. e.g. `Object#hasOwnProperty`.
Object.setPrototypeOf(normalizedMethodRecordsBase, null)
Object.setPrototypeOf(normalizedMethodRecords, null)

module.exports = {
  kEnumerableProperty,
  isDisturbed,
  isBlobLike,
  parseOrigin,
  parseURL,
  getServerName,
  isStream,
  isIterable,
  hasSafeIterator,
  isAsyncIterable,
  isDestroyed,
  headerNameToString,
  bufferToLowerCasedHeaderName,
  addListener,
  removeAllListeners,
  errorRequest,
  parseRawHeaders,
  toRawHeaders,
  encodeRawHeaders,
  parseHeaders,
  setHeader,
  parseKeepAliveTimeout,
  destroy,
  bodyLength,
  deepClone,
  isBuffer,
  assertRequestHandler,
  getSocketInfo,
  isFormDataLike,
  pathHasQueryOrFragment,
  serializePathWithQuery,
  addAbortListener,
  isValidHTTPToken,
  isValidHeaderValue,
  isTokenCharCode,
  parseRangeHeader,
  normalizedMethodRecordsBase,
  normalizedMethodRecords,
  isValidPort,
  isHttpOrHttpsPrefixed,
  safeHTTPMethods: Object.freeze(['GET', 'HEAD', 'OPTIONS', 'TRACE']),
  wrapRequestBody,
  setupConnectTimeout,
  getProtocolFromUrlString
}


/***/ }),

/***/ 5608:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { InvalidArgumentError, MaxOriginsReachedError } = __nccwpck_require__(9700)
const { kBusy, kClients, kConnected, kRunning, kPending, kClose, kDestroy, kDispatch, kUrl } = __nccwpck_require__(6750)
const DispatcherBase = __nccwpck_require__(592)
const Pool = __nccwpck_require__(5331)
const Client = __nccwpck_require__(9998)
const util = __nccwpck_require__(3795)

const kOnConnect = Symbol('onConnect')
const kOnDisconnect = Symbol('onDisconnect')
const kOnConnectionError = Symbol('onConnectionError')
const kOnDrain = Symbol('onDrain')
const kFactory = Symbol('factory')
const kOptions = Symbol('options')
const kOrigins = Symbol('origins')

function defaultFactory (origin, opts) {
  return opts && opts.connections === 1
    ? new Client(origin, opts)
    : new Pool(origin, opts)
}

class Agent extends DispatcherBase {
  constructor ({ factory = defaultFactory, maxOrigins = Infinity, connect, tls, ...options } = {}) {
    if (typeof factory !== 'function') {
      throw new InvalidArgumentError('factory must be a function.')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (typeof maxOrigins !== 'number' || Number.isNaN(maxOrigins) || maxOrigins <= 0) {
      throw new InvalidArgumentError('maxOrigins must be a number greater than 0')
    }

    super(options)

    if (connect && typeof connect !== 'function') {
      connect = { ...connect }
    }

    if (tls && typeof tls !== 'function') {
      tls = { ...tls }
    }

    this[kOptions] = { ...util.deepClone(options), maxOrigins, connect, tls }
    this[kFactory] = factory
    this[kClients] = new Map()
    this[kOrigins] = new Set()

    this[kOnDrain] = (origin, targets) => {
      this.emit('drain', origin, [this, ...targets])
    }

    this[kOnConnect] = (origin, targets) => {
      this.emit('connect', origin, [this, ...targets])
    }

    this[kOnDisconnect] = (origin, targets, err) => {
      this.emit('disconnect', origin, [this, ...targets], err)
    }

    this[kOnConnectionError] = (origin, targets, err) => {
      this.emit('connectionError', origin, [this, ...targets], err)
    }
  }

  get [kRunning] () {
    let ret = 0
    for (const dispatcher of this[kClients].values()) {
      ret += dispatcher[kRunning]
    }
    return ret
  }

  [kDispatch] (opts, handler) {
    let origin
    if (opts.origin && (typeof opts.origin === 'string' || opts.origin instanceof URL)) {
      origin = String(opts.origin)
    } else {
      throw new InvalidArgumentError('opts.origin must be a non-empty string or URL.')
    }

    const allowH2 = opts.allowH2 ?? this[kOptions].allowH2
    const key = allowH2 === false ? `${origin}#http1-only` : origin

    if (this[kOrigins].size >= this[kOptions].maxOrigins && !this[kOrigins].has(origin)) {
      throw new MaxOriginsReachedError()
    }

    let dispatcher = this[kClients].get(key)
    if (!dispatcher) {
      dispatcher = this[kFactory](opts.origin, allowH2 === false
        ? { ...this[kOptions], allowH2: false }
        : this[kOptions])

      const closeClientIfUnused = () => {
        if (this[kClients].get(key) !== dispatcher) {
          return
        }

        // A GOAWAY detaches the HTTP/2 session before requeued requests are
        // dispatched on a replacement connection. At that point the pool has
        // no connected clients and is not busy, but it still has pending work.
        // Closing it here lets the replacement Client finish those requests
        // and then destroys that new connection with ClientDestroyedError.
        if (dispatcher[kConnected] > 0 || dispatcher[kBusy] || dispatcher[kPending] > 0) {
          return
        }

        this[kClients].delete(key)
        if (!dispatcher.destroyed) {
          dispatcher.close()
        }

        let hasOrigin = false
        for (const k of this[kClients].keys()) {
          if (k === origin || k === `${origin}#http1-only`) {
            hasOrigin = true
            break
          }
        }

        if (!hasOrigin) {
          this[kOrigins].delete(origin)
        }
      }

      dispatcher
        .on('drain', this[kOnDrain])
        .on('connect', this[kOnConnect])
        .on('disconnect', (origin, targets, err) => {
          closeClientIfUnused()
          this[kOnDisconnect](origin, targets, err)
        })
        .on('connectionError', (origin, targets, err) => {
          closeClientIfUnused()
          this[kOnConnectionError](origin, targets, err)
        })

      this[kClients].set(key, dispatcher)
      this[kOrigins].add(origin)
    }

    return dispatcher.dispatch(opts, handler)
  }

  [kClose] () {
    const closePromises = []
    for (const dispatcher of this[kClients].values()) {
      closePromises.push(dispatcher.close())
    }
    this[kClients].clear()

    return Promise.all(closePromises)
  }

  [kDestroy] (err) {
    const destroyPromises = []
    for (const dispatcher of this[kClients].values()) {
      destroyPromises.push(dispatcher.destroy(err))
    }
    this[kClients].clear()

    return Promise.all(destroyPromises)
  }

  get stats () {
    const allClientStats = {}
    for (const dispatcher of this[kClients].values()) {
      if (dispatcher.stats) {
        allClientStats[dispatcher[kUrl].origin] = dispatcher.stats
      }
    }
    return allClientStats
  }
}

module.exports = Agent


/***/ }),

/***/ 1664:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



/* global WebAssembly */

const assert = __nccwpck_require__(4656)
const util = __nccwpck_require__(3795)
const { channels } = __nccwpck_require__(6403)
const timers = __nccwpck_require__(5364)
const {
  RequestContentLengthMismatchError,
  ResponseContentLengthMismatchError,
  RequestAbortedError,
  InvalidArgumentError,
  HeadersTimeoutError,
  HeadersOverflowError,
  SocketError,
  InformationalError,
  BodyTimeoutError,
  HTTPParserError,
  WebAssemblyNotSupportedError,
  ResponseExceededMaxSizeError
} = __nccwpck_require__(9700)
const {
  kUrl,
  kReset,
  kClient,
  kParser,
  kBlocking,
  kRunning,
  kPending,
  kSize,
  kWriting,
  kQueue,
  kNoRef,
  kKeepAliveDefaultTimeout,
  kHostHeader,
  kPendingIdx,
  kRunningIdx,
  kError,
  kPipelining,
  kSocket,
  kKeepAliveTimeoutValue,
  kMaxHeadersSize,
  kKeepAliveMaxTimeout,
  kKeepAliveTimeoutThreshold,
  kHeadersTimeout,
  kBodyTimeout,
  kStrictContentLength,
  kMaxRequests,
  kCounter,
  kMaxResponseSize,
  kOnError,
  kResume,
  kHTTPContext,
  kClosed,
  kUseMilo
} = __nccwpck_require__(6750)

const constants = __nccwpck_require__(605)
// Node.js core bundles only llhttp; experimental Milo remains available in npm builds.
const { H1Parser, getMiloEnabled } = typeof esbuildDetection === 'undefined'
  ? __nccwpck_require__(4524)
  : {}
const EMPTY_BUF = Buffer.alloc(0)
const FastBuffer = Buffer[Symbol.species]
const removeAllListeners = util.removeAllListeners
const kIdleSocketValidation = Symbol('kIdleSocketValidation')
const kIdleSocketValidationTimeout = Symbol('kIdleSocketValidationTimeout')
const kSocketUsed = Symbol('kSocketUsed')
const kTypeOfService = Symbol('kTypeOfService')

let extractBody

function lazyllhttp () {
  // Check only when HTTP/1 needs the parser, so other APIs remain usable without WASM.
  if (typeof WebAssembly === 'undefined') {
    throw new WebAssemblyNotSupportedError()
  }

  const llhttpWasmData = process.env.JEST_WORKER_ID ? __nccwpck_require__(9727) : undefined

  let mod

  // We disable wasm SIMD on older versions of Node.js on ppc64 that are broken on Power >=9 architectures.
  let useWasmSIMD = true
  if (process.arch === 'riscv64') {
    useWasmSIMD = false
  } else if (process.arch === 'ppc64') {
    const [major, minor] = process.versions.node.split('.').map(n => parseInt(n, 10))
    if (major < 24 || (major === 24 && minor < 12)) {
      useWasmSIMD = false
    }
  }
  // The Env Variable UNDICI_NO_WASM_SIMD allows explicitly overriding the default behavior
  if (process.env.UNDICI_NO_WASM_SIMD === '1') {
    useWasmSIMD = false
  } else if (process.env.UNDICI_NO_WASM_SIMD === '0') {
    useWasmSIMD = true
  }

  if (useWasmSIMD) {
    try {
      mod = new WebAssembly.Module(__nccwpck_require__(1893))
    } catch {}
  }

  if (!mod) {
    // We could check if the error was caused by the simd option not
    // being enabled, but the occurring of this other error
    // * https://github.com/emscripten-core/emscripten/issues/11495
    // got me to remove that check to avoid breaking Node 12.
    mod = new WebAssembly.Module(llhttpWasmData || __nccwpck_require__(9727))
  }

  return new WebAssembly.Instance(mod, {
    env: {
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_url: (p, at, len) => {
        return 0
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_status: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onStatus(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @returns {number}
       */
      wasm_on_message_begin: p => {
        assert(currentParser.ptr === p)
        return currentParser.onMessageBegin()
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_header_field: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onHeaderField(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_header_value: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onHeaderValue(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @param {number} statusCode
       * @param {0|1} upgrade
       * @param {0|1} shouldKeepAlive
       * @returns {number}
       */
      wasm_on_headers_complete: (p, statusCode, upgrade, shouldKeepAlive) => {
        assert(currentParser.ptr === p)
        return currentParser.onHeadersComplete(statusCode, upgrade === 1, shouldKeepAlive === 1)
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_body: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onBody(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @returns {number}
       */
      wasm_on_message_complete: p => {
        assert(currentParser.ptr === p)
        return currentParser.onMessageComplete()
      }
    }
  })
}

let llhttpInstance = null

/**
 * @type {Parser|null}
 */
let currentParser = null
let currentBufferRef = null
/**
 * @type {number}
 */
let currentBufferSize = 0
let currentBufferPtr = null
let currentBuffer = null

const USE_NATIVE_TIMER = 0
const USE_FAST_TIMER = 1

// Use fast timers for headers and body to take eventual event loop
// latency into account.
const TIMEOUT_HEADERS = 2 | USE_FAST_TIMER
const TIMEOUT_BODY = 4 | USE_FAST_TIMER

// Use native timers to ignore event loop latency for keep-alive
// handling.
const TIMEOUT_KEEP_ALIVE = 8 | USE_NATIVE_TIMER

class Parser {
  /**
   * @param {import('./client.js')} client
   * @param {import('net').Socket} socket
   * @param {*} llhttp
   */
  constructor (client, socket, { exports }) {
    this.llhttp = exports
    this.ptr = this.llhttp.llhttp_alloc(constants.TYPE.RESPONSE)
    this.client = client
    /**
     * @type {import('net').Socket}
     */
    this.socket = socket
    this.timeout = null
    this.timeoutWeakRef = new WeakRef(this)
    this.timeoutValue = null
    this.timeoutType = null
    this.statusCode = 0
    this.statusText = ''
    this.upgrade = false
    this.headers = []
    this.headersSize = 0
    this.headersMaxSize = client[kMaxHeadersSize]
    this.shouldKeepAlive = false
    this.paused = false
    this.resume = this.resume.bind(this)

    this.bytesRead = 0

    this.keepAlive = ''
    this.contentLength = -1
    this.hasTransferEncoding = false
    this.connection = ''
    this.maxResponseSize = client[kMaxResponseSize]
  }

  setTimeout (delay, type) {
    // If the existing timer and the new timer are of different timer type
    // (fast or native) or have different delay, we need to clear the existing
    // timer and set a new one.
    if (delay !== this.timeoutValue || (type & USE_FAST_TIMER) ^ (this.timeoutType & USE_FAST_TIMER)) {
      // If a timeout is already set, clear it with clearTimeout of the fast
      // timer implementation, as it can clear fast and native timers.
      if (this.timeout) {
        timers.clearTimeout(this.timeout)
        this.timeout = null
      }

      if (delay) {
        if (type & USE_FAST_TIMER) {
          this.timeout = timers.setFastTimeout(onParserTimeout, delay, this.timeoutWeakRef)
        } else {
          this.timeout = setTimeout(onParserTimeout, delay, this.timeoutWeakRef)
          this.timeout?.unref()
        }
      }

      this.timeoutValue = delay
    } else if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    this.timeoutType = type
  }

  resume () {
    if (this.socket.destroyed || !this.paused) {
      return
    }

    assert(this.ptr != null)
    assert(currentParser === null)

    this.llhttp.llhttp_resume(this.ptr)

    assert(this.timeoutType === TIMEOUT_BODY)
    if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    this.paused = false
    this.execute(this.socket.read() || EMPTY_BUF) // Flush parser.
    this.readMore()
  }

  readMore () {
    while (!this.paused && this.ptr) {
      const chunk = this.socket.read()
      if (chunk === null) {
        break
      }
      this.execute(chunk)
    }
  }

  /**
   * @param {Buffer} chunk
   */
  execute (chunk) {
    assert(currentParser === null)
    assert(this.ptr != null)
    assert(!this.paused)

    const { socket, llhttp } = this

    // Allocate a new buffer if the current buffer is too small.
    if (chunk.length > currentBufferSize) {
      if (currentBufferPtr) {
        llhttp.free(currentBufferPtr)
      }
      // Allocate a buffer that is a multiple of 4096 bytes.
      currentBufferSize = Math.ceil(chunk.length / 4096) * 4096
      currentBufferPtr = llhttp.malloc(currentBufferSize)
    }

    if (
      currentBuffer === null ||
      currentBuffer.buffer !== llhttp.memory.buffer ||
      currentBuffer.byteOffset !== currentBufferPtr ||
      currentBuffer.byteLength !== currentBufferSize
    ) {
      currentBuffer = new Uint8Array(llhttp.memory.buffer, currentBufferPtr, currentBufferSize)
    }

    currentBuffer.set(chunk)

    // Call `execute` on the wasm parser.
    // We pass the `llhttp_parser` pointer address, the pointer address of buffer view data,
    // and finally the length of bytes to parse.
    // The return value is an error code or `constants.ERROR.OK`.
    try {
      let ret

      try {
        currentBufferRef = chunk
        currentParser = this
        ret = llhttp.llhttp_execute(this.ptr, currentBufferPtr, chunk.length)
      } finally {
        currentParser = null
        currentBufferRef = null
      }

      if (ret !== constants.ERROR.OK) {
        const data = chunk.subarray(llhttp.llhttp_get_error_pos(this.ptr) - currentBufferPtr)

        if (ret === constants.ERROR.PAUSED_UPGRADE) {
          this.onUpgrade(data)
        } else if (ret === constants.ERROR.PAUSED) {
          this.paused = true
          socket.unshift(data)
        } else {
          throw this.createError(ret, data)
        }
      }
    } catch (err) {
      util.destroy(socket, err)
    }
  }

  finish () {
    assert(currentParser === null)
    assert(this.ptr != null)

    const { llhttp } = this

    // The peer closed the connection. If the body parser was paused by
    // backpressure we must finish parsing before signalling EOF, otherwise
    // llhttp_finish() would crash (it used to assert !paused) or report a
    // half-parsed message. Backpressure is advisory here: onData keeps buffering
    // delivered bytes into the response stream, so resume across pauses and
    // drain whatever is still buffered on the socket. A Content-Length/chunked
    // body reaches on_message_complete during execute(); an EOF-delimited body
    // stays paused (its length is unknown) and is completed by llhttp_finish().
    if (this.paused) {
      let data
      do {
        llhttp.llhttp_resume(this.ptr)
        this.paused = false
        data = this.socket.read() || EMPTY_BUF
        this.execute(data)
      } while (this.paused && data.length > 0)

      if (this.paused) {
        llhttp.llhttp_resume(this.ptr)
        this.paused = false
      }
    }

    let ret

    try {
      currentParser = this
      ret = llhttp.llhttp_finish(this.ptr)
    } finally {
      currentParser = null
    }

    if (ret === constants.ERROR.OK) {
      return null
    }

    if (ret === constants.ERROR.PAUSED || ret === constants.ERROR.PAUSED_UPGRADE) {
      this.paused = true
      return null
    }

    return this.createError(ret, EMPTY_BUF)
  }

  createError (ret, data) {
    const { llhttp, contentLength, bytesRead } = this

    if (contentLength !== -1 && bytesRead !== contentLength) {
      return new ResponseContentLengthMismatchError()
    }

    const ptr = llhttp.llhttp_get_error_reason(this.ptr)
    let message = ''
    if (ptr) {
      const len = new Uint8Array(llhttp.memory.buffer, ptr).indexOf(0)
      message =
        'Response does not match the HTTP/1.1 protocol (' + Buffer.from(llhttp.memory.buffer, ptr, len).toString() + ')'
    }

    return new HTTPParserError(message, constants.ERROR[ret], data)
  }

  destroy () {
    assert(currentParser === null)
    assert(this.ptr != null)

    this.llhttp.llhttp_free(this.ptr)
    this.ptr = null

    this.timeout && timers.clearTimeout(this.timeout)
    this.timeout = null
    this.timeoutValue = null
    this.timeoutType = null

    this.paused = false
  }

  /**
   * @param {Buffer} buf
   * @returns {0}
   */
  onStatus (buf) {
    this.statusText = buf.toString()
    return 0
  }

  /**
   * @returns {0|-1}
   */
  onMessageBegin () {
    const { socket, client } = this

    if (socket.destroyed) {
      return -1
    }

    if (client[kRunning] === 0) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]
    if (!request) {
      return -1
    }
    request.onResponseStarted()

    return 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onHeaderField (buf) {
    const len = this.headers.length

    if ((len & 1) === 0) {
      this.headers.push(buf)
    } else {
      this.headers[len - 1] = Buffer.concat([this.headers[len - 1], buf])
    }

    this.trackHeader(buf.length)

    return 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onHeaderValue (buf) {
    let len = this.headers.length
    const isContinuation = (len & 1) === 0

    if ((len & 1) === 1) {
      this.headers.push(buf)
      len += 1
    } else {
      this.headers[len - 1] = Buffer.concat([this.headers[len - 1], buf])
    }

    const key = this.headers[len - 2]
    if (key.length === 10) {
      const headerName = util.bufferToLowerCasedHeaderName(key)
      if (headerName === 'keep-alive') {
        this.keepAlive += (isContinuation || this.keepAlive.length === 0 ? '' : ',') + buf.toString()
      } else if (headerName === 'connection') {
        this.connection += (isContinuation || this.connection.length === 0 ? '' : ',') + buf.toString()
      }
    } else if (key.length === 14 && util.bufferToLowerCasedHeaderName(key) === 'content-length') {
      if (this.contentLength === -1) {
        this.contentLength = 0
      }
      for (let i = 0; i < buf.length; i++) {
        this.contentLength = this.contentLength * 10 + (buf[i] - 0x30)
      }
    } else if (key.length === 17 && util.bufferToLowerCasedHeaderName(key) === 'transfer-encoding') {
      this.hasTransferEncoding = true
    }

    this.trackHeader(buf.length)

    return 0
  }

  /**
   * @param {number} len
   */
  trackHeader (len) {
    this.headersSize += len
    if (this.headersSize >= this.headersMaxSize) {
      util.destroy(this.socket, new HeadersOverflowError())
    }
  }

  /**
   * @param {Buffer} head
   */
  onUpgrade (head) {
    const { upgrade, client, socket, headers, statusCode, statusText } = this

    assert(upgrade)
    assert(client[kSocket] === socket)
    assert(!socket.destroyed)
    assert(!this.paused)
    assert((headers.length & 1) === 0)

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)
    assert(request.upgrade || request.method === 'CONNECT')

    this.statusCode = 0
    this.statusText = ''
    this.shouldKeepAlive = false

    this.headers = []
    this.headersSize = 0

    socket.unshift(head)

    socket[kParser].destroy()
    socket[kParser] = null

    socket[kClient] = null
    socket[kError] = null

    removeAllListeners(socket)

    client[kSocket] = null
    client[kHTTPContext] = null // TODO (fix): This is hacky...
    client[kQueue][client[kRunningIdx]++] = null
    client.emit('disconnect', client[kUrl], [client], new InformationalError('upgrade'))

    try {
      request.onRequestUpgrade(statusCode, headers, socket, statusText)
    } catch (err) {
      util.errorRequest(client, request, err)
      util.destroy(socket, err)
    }

    client[kResume]()
  }

  /**
   * @param {number} statusCode
   * @param {boolean} upgrade
   * @param {boolean} shouldKeepAlive
   * @returns {number}
   */
  onHeadersComplete (statusCode, upgrade, shouldKeepAlive) {
    const { client, socket, headers, statusText } = this

    if (socket.destroyed) {
      return -1
    }

    if (client[kRunning] === 0) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]

    if (!request) {
      return -1
    }

    assert(!this.upgrade)
    assert(this.statusCode < 200)

    if (statusCode === 100) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    /* this can only happen if server is misbehaving */
    if (upgrade && !request.upgrade) {
      util.destroy(socket, new SocketError('bad upgrade', util.getSocketInfo(socket)))
      return -1
    }

    assert(this.timeoutType === TIMEOUT_HEADERS)

    this.statusCode = statusCode
    this.shouldKeepAlive =
      shouldKeepAlive ||
      // Override llhttp value which does not allow keepAlive for HEAD.
      (request.method === 'HEAD' && !socket[kReset] &&
        /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i.test(this.connection) &&
        !/(?:^|,)[\t ]*close[\t ]*(?:,|$)/i.test(this.connection))

    // Responses to HEAD and 204/304 responses never carry content
    if (request.method === 'HEAD' || statusCode === 204 || statusCode === 304) {
      // A non-zero Content-Length or Transfer-Encoding on a 204/304 means the
      // server may also have sent content inappropriately, which would then be
      // parsed as the next response on this connection. Accept it, but do not
      // reuse the connection. HEAD requests are fine tho.
      if (request.method !== 'HEAD' && (this.contentLength > 0 || this.hasTransferEncoding)) {
        this.shouldKeepAlive = false
      }
      this.contentLength = -1
    }

    if (this.statusCode >= 200) {
      const bodyTimeout = request.bodyTimeout != null ? request.bodyTimeout : client[kBodyTimeout]
      this.setTimeout(bodyTimeout, TIMEOUT_BODY)
    } else if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    if (request.method === 'CONNECT') {
      assert(client[kRunning] === 1)
      this.upgrade = true
      return 2
    }

    if (upgrade) {
      assert(client[kRunning] === 1)
      this.upgrade = true
      return 2
    }

    assert((this.headers.length & 1) === 0)
    this.headers = []
    this.headersSize = 0

    if (this.shouldKeepAlive && client[kPipelining]) {
      const keepAliveTimeout = this.keepAlive ? util.parseKeepAliveTimeout(this.keepAlive) : null

      if (keepAliveTimeout != null) {
        const timeout = Math.min(keepAliveTimeout - client[kKeepAliveTimeoutThreshold], client[kKeepAliveMaxTimeout])
        if (timeout <= 0) {
          socket[kReset] = true
        } else {
          client[kKeepAliveTimeoutValue] = timeout
        }
      } else {
        client[kKeepAliveTimeoutValue] = client[kKeepAliveDefaultTimeout]
      }
    } else {
      // Stop more requests from being dispatched.
      socket[kReset] = true
    }

    const pause = request.onResponseStart(statusCode, headers, this.resume, statusText) === false

    if (request.aborted) {
      return -1
    }

    if (request.method === 'HEAD') {
      return 1
    }

    if (statusCode < 200) {
      return 1
    }

    if (socket[kBlocking]) {
      socket[kBlocking] = false
      client[kResume]()
    }

    return pause ? constants.ERROR.PAUSED : 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onBody (buf) {
    const { client, socket, statusCode, maxResponseSize } = this

    if (socket.destroyed) {
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)

    assert(this.timeoutType === TIMEOUT_BODY)
    if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    assert(statusCode >= 200)

    if (maxResponseSize > -1 && this.bytesRead + buf.length > maxResponseSize) {
      util.destroy(socket, new ResponseExceededMaxSizeError())
      return -1
    }

    this.bytesRead += buf.length

    if (request.onResponseData(buf) === false) {
      return constants.ERROR.PAUSED
    }

    return 0
  }

  /**
   * @returns {number}
   */
  onMessageComplete () {
    const { client, socket, statusCode, upgrade, headers, contentLength, bytesRead, shouldKeepAlive } = this

    if (socket.destroyed && (!statusCode || shouldKeepAlive)) {
      return -1
    }

    if (upgrade) {
      return 0
    }

    assert(statusCode >= 100)
    assert((this.headers.length & 1) === 0)

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)

    this.statusCode = 0
    this.statusText = ''
    this.bytesRead = 0
    this.contentLength = -1
    this.hasTransferEncoding = false
    this.keepAlive = ''
    this.connection = ''

    this.headers = []
    this.headersSize = 0

    if (statusCode < 200) {
      return 0
    }

    if (contentLength !== -1 && bytesRead !== contentLength) {
      util.destroy(socket, new ResponseContentLengthMismatchError())
      return -1
    }

    request.onResponseEnd(headers)

    client[kQueue][client[kRunningIdx]++] = null
    socket[kSocketUsed] = client[kPending] === 0

    if (socket[kWriting]) {
      assert(client[kRunning] === 0)
      // Response completed before request.
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (!shouldKeepAlive) {
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (socket[kReset] && client[kRunning] === 0) {
      // Destroy socket once all requests have completed.
      // The request at the tail of the pipeline is the one
      // that requested reset and no further requests should
      // have been queued since then.
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (client[kPipelining] == null || client[kPipelining] === 1) {
      // We must wait a full event loop cycle to reuse this socket to make sure
      // that non-spec compliant servers are not closing the connection even if they
      // said they won't.
      setImmediate(client[kResume])
    } else {
      client[kResume]()
    }

    return 0
  }
}

function onParserTimeout (parserWeakRef) {
  const parser = parserWeakRef.deref()
  if (!parser) {
    return
  }

  const { socket, timeoutType, client, paused } = parser

  if (timeoutType === TIMEOUT_HEADERS) {
    if (!socket[kWriting] || socket.writableNeedDrain || client[kRunning] > 1) {
      assert(!paused, 'cannot be paused while waiting for headers')
      util.destroy(socket, new HeadersTimeoutError())
    }
  } else if (timeoutType === TIMEOUT_BODY) {
    if (!paused) {
      util.destroy(socket, new BodyTimeoutError())
    }
  } else if (timeoutType === TIMEOUT_KEEP_ALIVE) {
    assert(client[kRunning] === 0 && client[kKeepAliveTimeoutValue])
    util.destroy(socket, new InformationalError('socket idle timeout'))
  }
}

/**
 * @param {import ('./client.js')} client
 * @param {import('net').Socket} socket
 * @returns
 */
function connectH1 (client, socket) {
  client[kSocket] = socket

  if (!llhttpInstance) {
    llhttpInstance = lazyllhttp()
  }

  if (socket.errored) {
    throw socket.errored
  }

  if (socket.destroyed) {
    throw new SocketError('destroyed')
  }

  socket[kNoRef] = false
  socket[kWriting] = false
  socket[kReset] = false
  socket[kBlocking] = false
  socket[kIdleSocketValidation] = 0
  socket[kIdleSocketValidationTimeout] = null
  socket[kSocketUsed] = false
  socket[kParser] = typeof esbuildDetection === 'undefined' && (client[kUseMilo] ?? getMiloEnabled())
    ? new H1Parser(client, socket)
    : new Parser(client, socket, llhttpInstance)

  util.addListener(socket, 'error', onHttpSocketError)
  util.addListener(socket, 'readable', onHttpSocketReadable)
  util.addListener(socket, 'end', onHttpSocketEnd)
  util.addListener(socket, 'close', onHttpSocketClose)

  socket[kClosed] = false
  socket.on('close', onSocketClose)

  return {
    version: 'h1',
    defaultPipelining: 1,
    write (request) {
      return writeH1(client, request)
    },
    resume () {
      resumeH1(client)
    },
    /**
     * @param {Error|undefined} err
     * @param {() => void} callback
     */
    destroy (err, callback) {
      if (socket[kClosed]) {
        queueMicrotask(callback)
      } else {
        socket.on('close', callback)
        socket.destroy(err)
      }
    },
    /**
     * @returns {boolean}
     */
    get destroyed () {
      return socket.destroyed
    },
    /**
     * @param {import('../core/request.js')} request
     * @returns {boolean}
     */
    busy (request) {
      if (socket[kWriting] || socket[kReset] || socket[kBlocking] || socket[kIdleSocketValidation] === 1) {
        return true
      }

      if (request) {
        if (client[kRunning] > 0 && !request.idempotent) {
          // Non-idempotent request cannot be retried.
          // Ensure that no other requests are inflight and
          // could cause failure.
          return true
        }

        if (client[kRunning] > 0 && (request.upgrade || request.method === 'CONNECT')) {
          // Don't dispatch an upgrade until all preceding requests have completed.
          // A misbehaving server might upgrade the connection before all pipelined
          // request has completed.
          return true
        }

        if (
          client[kRunning] > 0 &&
          util.bodyLength(request.body) !== 0 &&
          (util.isStream(request.body) || util.isAsyncIterable(request.body) || util.isFormDataLike(request.body))
        ) {
          // Request with stream or iterator body can error while other requests
          // are inflight and indirectly error those as well.
          // Ensure this doesn't happen by waiting for inflight
          // to complete before dispatching.

          // Request with stream or iterator body cannot be retried.
          // Ensure that no other requests are inflight and
          // could cause failure.
          return true
        }
      }

      return false
    }
  }
}

function onHttpSocketError (err) {
  const parser = this[kParser]

  // On Mac OS, we get an ECONNRESET even if there is a full body to be forwarded
  // to the user.
  if (err.code === 'ECONNRESET' && parser.statusCode && !parser.shouldKeepAlive) {
    const parserErr = parser.finish()
    if (parserErr) {
      this[kError] = parserErr
      this[kClient][kOnError](parserErr)
    }
    return
  }

  this[kError] = err

  this[kClient][kOnError](err)
}

function onHttpSocketReadable () {
  this[kParser]?.readMore()
}

function onHttpSocketEnd () {
  const parser = this[kParser]

  if (parser.statusCode && !parser.shouldKeepAlive) {
    const parserErr = parser.finish()
    if (parserErr) {
      util.destroy(this, parserErr)
    }
    return
  }

  util.destroy(this, new SocketError('other side closed', util.getSocketInfo(this)))
}

function onHttpSocketClose () {
  const parser = this[kParser]

  clearIdleSocketValidation(this)

  if (parser) {
    if (!this[kError] && parser.statusCode && !parser.shouldKeepAlive) {
      this[kError] = parser.finish() || this[kError]
    }

    this[kParser].destroy()
    this[kParser] = null
  }

  const err = this[kError] || new SocketError('closed', util.getSocketInfo(this))

  const client = this[kClient]

  client[kSocket] = null
  client[kHTTPContext] = null // TODO (fix): This is hacky...

  if (client.destroyed) {
    assert(client[kPending] === 0)

    // Fail entire queue.
    const requests = client[kQueue].splice(client[kRunningIdx])
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      util.errorRequest(client, request, err)
    }
  } else if (client[kRunning] > 0 && err.code !== 'UND_ERR_INFO') {
    // Fail head of pipeline.
    const request = client[kQueue][client[kRunningIdx]]
    client[kQueue][client[kRunningIdx]++] = null

    util.errorRequest(client, request, err)
  }

  client[kPendingIdx] = client[kRunningIdx]

  assert(client[kRunning] === 0)

  client.emit('disconnect', client[kUrl], [client], err)

  client[kResume]()
}

function onSocketClose () {
  this[kClosed] = true
}

function clearIdleSocketValidation (socket) {
  if (socket[kIdleSocketValidationTimeout]) {
    clearImmediate(socket[kIdleSocketValidationTimeout])
    socket[kIdleSocketValidationTimeout] = null
  }

  socket[kIdleSocketValidation] = 0
}

function scheduleIdleSocketValidation (client, socket) {
  socket[kIdleSocketValidation] = 1
  // Yield to the check phase (after poll) so unsolicited bytes / FIN / RST
  // already pending on this idle keep-alive socket are processed before the
  // next request is written (GHSA-35p6-xmwp-9g52).
  //
  // setTimeout(0) pays Node's ~1ms timer floor on every sequential reuse
  // (#5493). setImmediate avoids that, but an *unref'd* Immediate lets poll
  // block for ~500ms when the event loop is otherwise idle (#5600 / #5606).
  // A ref'd Immediate both keeps the pending request alive and makes poll
  // return immediately \u2014 the hybrid those issues asked for.
  socket[kIdleSocketValidationTimeout] = setImmediate(() => {
    socket[kIdleSocketValidationTimeout] = null
    socket[kIdleSocketValidation] = 2

    if (client[kSocket] === socket && !socket.destroyed) {
      client[kResume]()
    }
  })
}

/**
 * @param {import('./client.js')} client
 */
function resumeH1 (client) {
  const socket = client[kSocket]

  if (socket && !socket.destroyed) {
    if (client[kSize] === 0) {
      if (!socket[kNoRef] && socket.unref) {
        socket.unref()
        socket[kNoRef] = true
      }
    } else if (socket[kNoRef] && socket.ref) {
      socket.ref()
      socket[kNoRef] = false
    }

    if (client[kRunning] === 0 && client[kPending] > 0 && socket[kSocketUsed]) {
      if (socket[kIdleSocketValidation] === 0) {
        scheduleIdleSocketValidation(client, socket)
        socket[kParser].readMore()
        if (socket.destroyed) {
          return
        }
        return
      }

      if (socket[kIdleSocketValidation] === 1) {
        socket[kParser].readMore()
        if (socket.destroyed) {
          return
        }
        return
      }
    }

    if (client[kRunning] === 0) {
      socket[kParser].readMore()
      if (socket.destroyed) {
        return
      }
    }

    if (client[kSize] === 0) {
      if (socket[kParser].timeoutType !== TIMEOUT_KEEP_ALIVE) {
        socket[kParser].setTimeout(client[kKeepAliveTimeoutValue], TIMEOUT_KEEP_ALIVE)
      }
    } else if (client[kRunning] > 0 && socket[kParser].statusCode < 200) {
      if (socket[kParser].timeoutType !== TIMEOUT_HEADERS) {
        const request = client[kQueue][client[kRunningIdx]]
        const headersTimeout = request.headersTimeout != null ? request.headersTimeout : client[kHeadersTimeout]
        socket[kParser].setTimeout(headersTimeout, TIMEOUT_HEADERS)
      }
    }
  }
}

// https://www.rfc-editor.org/rfc/rfc7230#section-3.3.2
function shouldSendContentLength (method) {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE' && method !== 'CONNECT'
}

function setTypeOfService (socket, request) {
  if (typeof socket.setTypeOfService !== 'function') {
    return
  }

  const typeOfService = request.typeOfService

  if (typeOfService === undefined) {
    return
  }

  const currentTypeOfService = socket[kTypeOfService]

  if (currentTypeOfService === typeOfService) {
    return
  }

  try {
    socket.setTypeOfService(typeOfService)
    socket[kTypeOfService] = typeOfService
  } catch {
    // QoS marking is best-effort. setTypeOfService() can throw synchronously on
    // some platforms depending on socket state, but that must not abort the request.
  }
}

/**
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @returns
 */
function writeH1 (client, request) {
  const { method, path, host, upgrade, blocking, reset } = request

  let { body, headers, contentLength } = request

  // https://tools.ietf.org/html/rfc7231#section-4.3.1
  // https://tools.ietf.org/html/rfc7231#section-4.3.2
  // https://tools.ietf.org/html/rfc7231#section-4.3.5

  // Sending a payload body on a request that does not
  // expect it can cause undefined behavior on some
  // servers and corrupt connection state. Do not
  // re-use the connection for further requests.

  const expectsPayload =
    method === 'PUT' ||
    method === 'POST' ||
    method === 'PATCH' ||
    method === 'QUERY' ||
    method === 'PROPFIND' ||
    method === 'PROPPATCH'

  if (util.isFormDataLike(body)) {
    if (!extractBody) {
      extractBody = (__nccwpck_require__(613).extractBody)
    }

    const [bodyStream, contentType] = extractBody(body)
    if (request.contentType == null) {
      headers.push('content-type', contentType)
    }
    body = bodyStream.stream
    contentLength = bodyStream.length
  } else if (util.isBlobLike(body) && request.contentType == null) {
    const contentType = body.type
    if (contentType) {
      const contentTypeValue = `${contentType}`
      if (!util.isValidHeaderValue(contentTypeValue)) {
        util.errorRequest(client, request, new InvalidArgumentError('invalid content-type header'))
        return false
      }
      headers.push('content-type', contentTypeValue)
    }
  }

  if (body && typeof body.read === 'function') {
    // Try to read EOF in order to get length.
    body.read(0)
  }

  const bodyLength = util.bodyLength(body)

  contentLength = bodyLength ?? contentLength

  if (contentLength === null) {
    contentLength = request.contentLength
  }

  if (contentLength === 0 && !expectsPayload) {
    // https://tools.ietf.org/html/rfc7230#section-3.3.2
    // A user agent SHOULD NOT send a Content-Length header field when
    // the request message does not contain a payload body and the method
    // semantics do not anticipate such a body.

    contentLength = null
  }

  // https://github.com/nodejs/undici/issues/2046
  // A user agent may send a Content-Length header with 0 value, this should be allowed.
  if (
    shouldSendContentLength(method) &&
    contentLength > 0 &&
    request.contentLength !== null &&
    request.contentLength !== contentLength
  ) {
    if (client[kStrictContentLength]) {
      util.errorRequest(client, request, new RequestContentLengthMismatchError())
      return false
    }

    process.emitWarning(new RequestContentLengthMismatchError())
  }

  const socket = client[kSocket]
  clearIdleSocketValidation(socket)

  /**
   * @param {Error} [err]
   * @returns {void}
   */
  const abort = err => {
    if (request.aborted || request.completed) {
      return
    }

    util.errorRequest(client, request, err || new RequestAbortedError())

    util.destroy(body)
    util.destroy(socket, new InformationalError('aborted'))
  }

  try {
    request.onRequestStart(abort, null)
  } catch (err) {
    util.errorRequest(client, request, err)
  }

  if (request.aborted) {
    return false
  }

  if (method === 'HEAD') {
    // https://github.com/mcollina/undici/issues/258
    // Close after a HEAD request to interop with misbehaving servers
    // that may send a body in the response.

    socket[kReset] = true
  }

  if (upgrade || method === 'CONNECT') {
    // On CONNECT or upgrade, block pipeline from dispatching further
    // requests on this connection.

    socket[kReset] = true
  }

  if (reset != null) {
    socket[kReset] = reset
  }

  if (client[kMaxRequests] && ++socket[kCounter] >= client[kMaxRequests]) {
    socket[kReset] = true
  }

  if (blocking) {
    socket[kBlocking] = true
  }

  setTypeOfService(socket, request)

  let header = `${method} ${path} HTTP/1.1\r\n`

  if (typeof host === 'string') {
    header += `host: ${host}\r\n`
  } else {
    header += client[kHostHeader]
  }

  if (upgrade) {
    header += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`
  } else if (client[kPipelining] && !socket[kReset]) {
    header += 'connection: keep-alive\r\n'
  } else {
    header += 'connection: close\r\n'
  }

  if (Array.isArray(headers)) {
    for (let n = 0; n < headers.length; n += 2) {
      const key = headers[n + 0]
      const val = headers[n + 1]

      if (Array.isArray(val)) {
        for (let i = 0; i < val.length; i++) {
          header += `${key}: ${val[i]}\r\n`
        }
      } else {
        header += `${key}: ${val}\r\n`
      }
    }
  }

  if (channels.sendHeaders.hasSubscribers) {
    channels.sendHeaders.publish({ request, headers: header, socket })
  }

  if (!body || bodyLength === 0) {
    writeBuffer(abort, null, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isBuffer(body)) {
    writeBuffer(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isBlobLike(body)) {
    if (typeof body.stream === 'function') {
      writeIterable(abort, body.stream(), client, request, socket, contentLength, header, expectsPayload)
    } else {
      writeBlob(abort, body, client, request, socket, contentLength, header, expectsPayload)
    }
  } else if (util.isStream(body)) {
    writeStream(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isIterable(body)) {
    writeIterable(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else {
    assert(false)
  }

  return true
}

/**
 * @param {AbortCallback} abort
 * @param {import('stream').Stream} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 */
function writeStream (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'stream body cannot be pipelined')

  let finished = false

  const writer = new AsyncWriter({ abort, socket, request, contentLength, client, expectsPayload, header })

  /**
   * @param {Buffer} chunk
   * @returns {void}
   */
  const onData = function (chunk) {
    if (finished) {
      return
    }

    try {
      if (!writer.write(chunk) && this.pause) {
        this.pause()
      }
    } catch (err) {
      util.destroy(this, err)
    }
  }

  /**
   * @returns {void}
   */
  const onDrain = function () {
    if (finished) {
      return
    }

    if (body.resume) {
      body.resume()
    }
  }

  /**
   * @returns {void}
   */
  const onClose = function () {
    // 'close' might be emitted *before* 'error' for
    // broken streams. Wait a tick to avoid this case.
    queueMicrotask(() => {
      // It's only safe to remove 'error' listener after
      // 'close'.
      body.removeListener('error', onFinished)
    })

    if (!finished) {
      const err = new RequestAbortedError()
      queueMicrotask(() => onFinished(err))
    }
  }

  /**
   * @param {Error} [err]
   * @returns
   */
  const onFinished = function (err) {
    if (finished) {
      return
    }

    finished = true

    assert(socket.destroyed || (socket[kWriting] && client[kRunning] <= 1))

    socket.off('drain', onDrain).off('error', onFinished)

    body.removeListener('data', onData).removeListener('end', onFinished).removeListener('close', onClose)

    if (!err) {
      try {
        writer.end()
      } catch (er) {
        err = er
      }
    }

    writer.destroy(err)

    if (err && (err.code !== 'UND_ERR_INFO' || err.message !== 'reset')) {
      util.destroy(body, err)
    } else {
      util.destroy(body)
    }
  }

  body.on('data', onData).on('end', onFinished).on('error', onFinished).on('close', onClose)

  if (body.resume) {
    body.resume()
  }

  socket.on('drain', onDrain).on('error', onFinished)

  if (body.errorEmitted ?? body.errored) {
    setImmediate(onFinished, body.errored)
  } else if (body.endEmitted ?? body.readableEnded) {
    setImmediate(onFinished, null)
  }

  if (body.closeEmitted ?? body.closed) {
    setImmediate(onClose)
  }
}

/**
 * @typedef AbortCallback
 * @type {Function}
 * @param {Error} [err]
 * @returns {void}
 */

/**
 * @param {AbortCallback} abort
 * @param {Uint8Array|null} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {void}
 */
function writeBuffer (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  try {
    if (!body) {
      if (contentLength === 0) {
        socket.write(`${header}content-length: 0\r\n\r\n`, 'latin1')
      } else {
        assert(contentLength === null, 'no body must not have content length')
        socket.write(`${header}\r\n`, 'latin1')
      }
    } else if (util.isBuffer(body)) {
      assert(contentLength === body.byteLength, 'buffer body must have content length')

      socket.cork()
      socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
      socket.write(body)
      socket.uncork()
      request.onBodySent(body)

      if (!expectsPayload && request.reset !== false) {
        socket[kReset] = true
      }
    }
    request.onRequestSent()

    client[kResume]()
  } catch (err) {
    abort(err)
  }
}

/**
 * @param {AbortCallback} abort
 * @param {Blob} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {Promise<void>}
 */
async function writeBlob (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  try {
    if (contentLength != null && contentLength !== body.size) {
      throw new RequestContentLengthMismatchError()
    }

    const buffer = Buffer.from(await body.arrayBuffer())

    socket.cork()
    socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
    socket.write(buffer)
    socket.uncork()

    request.onBodySent(buffer)
    request.onRequestSent()

    if (!expectsPayload && request.reset !== false) {
      socket[kReset] = true
    }

    client[kResume]()
  } catch (err) {
    abort(err)
  }
}

/**
 * @param {AbortCallback} abort
 * @param {Iterable} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {Promise<void>}
 */
async function writeIterable (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'iterator body cannot be pipelined')

  let callback = null
  function onDrain () {
    if (callback) {
      const cb = callback
      callback = null
      cb()
    }
  }

  const waitForDrain = () =>
    new Promise((resolve, reject) => {
      assert(callback === null)

      if (socket[kError]) {
        reject(socket[kError])
      } else {
        callback = resolve
      }
    })

  socket.on('close', onDrain).on('drain', onDrain)

  const writer = new AsyncWriter({ abort, socket, request, contentLength, client, expectsPayload, header })
  try {
    // It's up to the user to somehow abort the async iterable.
    for await (const chunk of body) {
      if (socket[kError]) {
        throw socket[kError]
      }

      if (!writer.write(chunk)) {
        await waitForDrain()
      }
    }

    writer.end()
  } catch (err) {
    writer.destroy(err)
  } finally {
    socket.off('close', onDrain).off('drain', onDrain)
  }
}

class AsyncWriter {
  /**
   *
   * @param {object} arg
   * @param {AbortCallback} arg.abort
   * @param {import('net').Socket} arg.socket
   * @param {import('../core/request.js')} arg.request
   * @param {number} arg.contentLength
   * @param {import('./client.js')} arg.client
   * @param {boolean} arg.expectsPayload
   * @param {string} arg.header
   */
  constructor ({ abort, socket, request, contentLength, client, expectsPayload, header }) {
    this.socket = socket
    this.request = request
    this.contentLength = contentLength
    this.client = client
    this.bytesWritten = 0
    this.expectsPayload = expectsPayload
    this.header = header
    this.abort = abort
    this.lengthMismatch = false

    socket[kWriting] = true
  }

  /**
   * The body doesn't match the declared content-length and strictContentLength
   * is off. Warn once, and mark the socket so it isn't reused: on the wire this
   * request's body no longer ends where the server expects, so anything sent
   * after it on the same connection would be misread.
   * @returns {void}
   */
  onLengthMismatch () {
    this.socket[kReset] = true

    if (!this.lengthMismatch) {
      this.lengthMismatch = true
      process.emitWarning(new RequestContentLengthMismatchError())
    }
  }

  /**
   * @param {string|Uint8Array} chunk
   * @returns
   */
  write (chunk) {
    const { socket, request, contentLength, client, bytesWritten, expectsPayload, header } = this

    if (socket[kError]) {
      throw socket[kError]
    }

    if (socket.destroyed) {
      return false
    }

    let len = chunk instanceof Uint8Array ? chunk.byteLength : Buffer.byteLength(chunk)
    if (!len) {
      return true
    }

    // We should defer writing chunks.
    if (contentLength !== null && bytesWritten + len > contentLength) {
      if (client[kStrictContentLength]) {
        throw new RequestContentLengthMismatchError()
      }

      this.onLengthMismatch()

      // Never write past the declared content-length. The server treats any
      // extra bytes as the start of the next request, so a body could inject
      // a request of its own (request smuggling).
      const remaining = contentLength - bytesWritten
      if (remaining === 0) {
        return true
      }
      chunk = (typeof chunk === 'string' ? Buffer.from(chunk) : chunk).subarray(0, remaining)
      len = remaining
    }

    socket.cork()

    if (bytesWritten === 0) {
      if (!expectsPayload && request.reset !== false) {
        socket[kReset] = true
      }

      if (contentLength === null) {
        socket.write(`${header}transfer-encoding: chunked\r\n`, 'latin1')
      } else {
        socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
      }
    }

    if (contentLength === null) {
      socket.write(`\r\n${len.toString(16)}\r\n`, 'latin1')
    }

    this.bytesWritten += len

    const ret = socket.write(chunk)

    socket.uncork()

    request.onBodySent(chunk)

    if (!ret) {
      if (socket[kParser].timeout && socket[kParser].timeoutType === TIMEOUT_HEADERS) {
        if (socket[kParser].timeout.refresh) {
          socket[kParser].timeout.refresh()
        }
      }
    }

    return ret
  }

  /**
   * @returns {void}
   */
  end () {
    const { socket, contentLength, client, bytesWritten, expectsPayload, header, request } = this
    request.onRequestSent()

    socket[kWriting] = false

    if (socket[kError]) {
      throw socket[kError]
    }

    if (socket.destroyed) {
      return
    }

    if (bytesWritten === 0) {
      if (expectsPayload) {
        // https://tools.ietf.org/html/rfc7230#section-3.3.2
        // A user agent SHOULD send a Content-Length in a request message when
        // no Transfer-Encoding is sent and the request method defines a meaning
        // for an enclosed payload body.

        socket.write(`${header}content-length: 0\r\n\r\n`, 'latin1')
      } else {
        socket.write(`${header}\r\n`, 'latin1')
      }
    } else if (contentLength === null) {
      socket.write('\r\n0\r\n\r\n', 'latin1')
    }

    if (contentLength !== null && bytesWritten !== contentLength) {
      if (client[kStrictContentLength]) {
        throw new RequestContentLengthMismatchError()
      }

      // The body is shorter than declared, so the server is still waiting for
      // the rest. Don't let the next request's bytes on this connection be
      // read as the missing part of this body.
      this.onLengthMismatch()
    }

    if (socket[kParser].timeout && socket[kParser].timeoutType === TIMEOUT_HEADERS) {
      if (socket[kParser].timeout.refresh) {
        socket[kParser].timeout.refresh()
      }
    }

    client[kResume]()
  }

  /**
   * @param {Error} [err]
   * @returns {void}
   */
  destroy (err) {
    const { socket, client, abort } = this

    socket[kWriting] = false

    if (err) {
      assert(client[kRunning] <= 1, 'pipeline should only contain this request')
      abort(err)
    }
  }
}

module.exports = connectH1


/***/ }),

/***/ 8039:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const { pipeline } = __nccwpck_require__(7075)
const util = __nccwpck_require__(3795)
const {
  RequestContentLengthMismatchError,
  ResponseContentLengthMismatchError,
  RequestAbortedError,
  SocketError,
  InformationalError,
  InvalidArgumentError,
  HeadersTimeoutError,
  BodyTimeoutError,
  ResponseExceededMaxSizeError
} = __nccwpck_require__(9700)
const {
  kUrl,
  kReset,
  kClient,
  kRunning,
  kPending,
  kQueue,
  kPendingIdx,
  kRunningIdx,
  kError,
  kSocket,
  kStrictContentLength,
  kOnError,
  kMaxConcurrentStreams,
  kHTTP2Session,
  kHostAuthority,
  kResume,
  kSize,
  kHTTPContext,
  kClosed,
  kKeepAliveDefaultTimeout,
  kHeadersTimeout,
  kBodyTimeout,
  kEnableConnectProtocol,
  kRemoteSettings,
  kHTTP2Stream,
  kHTTP2SessionState,
  kHTTP2Options,
  kMaxResponseSize
} = __nccwpck_require__(6750)
const { channels } = __nccwpck_require__(6403)

const kOpenStreams = Symbol('open streams')
const kRequestStream = Symbol('request stream')
const kRequestStreamCleanup = Symbol('request stream cleanup')
const kRequestStreamState = Symbol('request stream state')
const kReceivedGoAway = Symbol('received goaway')
const kGoAwayReplayAttempts = Symbol('goaway replay attempts')
const kRefusedStreamRetry = Symbol('refused stream retry')

// RFC 9113 section 8.7: a client SHOULD NOT automatically retry a request more
// than once. Without a budget a peer that keeps refusing turns one request into
// an unbounded connect/refuse/reconnect loop that never settles and starves the
// event loop.
const MAX_GOAWAY_REPLAY_ATTEMPTS = 1

// RFC 9113 section 6.2. node:http2 reports frame types as raw numbers.
const HTTP2_FRAME_TYPE_HEADERS = 1

// Lower bound on how long a liveness PING may take to be acked. Stream
// timeouts can be tiny (tens of ms), while an ack on a live connection can take
// longer than that on a loaded event loop; without a floor a slow but healthy
// connection would be torn down.
const MIN_PROBE_TIMEOUT = 1e3

let extractBody

/** @type {import('http2')} */
let http2
try {
  http2 = __nccwpck_require__(2467)
} catch {
  // @ts-ignore
  http2 = { constants: {} }
}

const {
  constants: {
    HTTP2_HEADER_AUTHORITY,
    HTTP2_HEADER_METHOD,
    HTTP2_HEADER_PATH,
    HTTP2_HEADER_SCHEME,
    HTTP2_HEADER_CONTENT_LENGTH,
    HTTP2_HEADER_EXPECT,
    HTTP2_HEADER_STATUS,
    HTTP2_HEADER_PROTOCOL,
    NGHTTP2_NO_ERROR,
    NGHTTP2_REFUSED_STREAM
  }
} = http2

function getGoAwayError (session, errorCode) {
  return session[kError] ||
    (errorCode === NGHTTP2_NO_ERROR
      ? new InformationalError(`HTTP/2: "GOAWAY" frame received with code ${errorCode}`)
      : new SocketError(`HTTP/2: "GOAWAY" frame received with code ${errorCode}`, util.getSocketInfo(session[kSocket])))
}

function resetHttp2Session (session, err) {
  const client = session[kClient]
  const socket = session[kSocket]

  if (client[kHTTP2Session] === session) {
    client[kSocket] = null
    client[kHTTPContext] = null
    client[kHTTP2Session] = null
  }

  if (socket != null && socket[kError] == null) {
    socket[kError] = err
  }

  if (!session.closed && !session.destroyed) {
    try {
      session.destroy(err)
    } catch {}
  }

  util.destroy(socket, err)
}

function getGoAwayPendingIdx (client, lastStreamID) {
  const maxAcceptedStreamID = Number.isInteger(lastStreamID) ? lastStreamID : Number.MAX_SAFE_INTEGER

  for (let i = client[kRunningIdx]; i < client[kPendingIdx]; i++) {
    const request = client[kQueue][i]

    if (request == null) {
      continue
    }

    // A pending stream may not have had an ID when it was bound to the request.
    const streamId = request[kRequestStream]?.id
    if (typeof streamId !== 'number' || streamId > maxAcceptedStreamID) {
      return i
    }
  }

  return client[kPendingIdx]
}

function detachRequestFromStream (request) {
  request[kRequestStream] = null
  request[kRequestStreamCleanup] = null
}

function bindRequestToStream (request, stream, cleanup) {
  const previousCleanup = request[kRequestStreamCleanup]
  const previousStream = request[kRequestStream]
  detachRequestFromStream(request)
  previousCleanup?.(previousStream)
  request[kRequestStream] = stream
  request[kRequestStreamCleanup] = cleanup
}

function clearRequestStream (request) {
  const cleanup = request[kRequestStreamCleanup]
  const stream = request[kRequestStream]
  detachRequestFromStream(request)
  cleanup?.(stream)
}

function requeueUnsentRequest (client, request) {
  client[kQueue].splice(client[kPendingIdx] + 1, 0, request)
}

function completeRequest (client, request, resetPendingIdx = false) {
  const queue = client[kQueue]
  const runningIdx = client[kRunningIdx]

  // In-order completion: clear the request and advance without splicing.
  // The client's resume loop compacts cleared slots once the index grows.
  if (runningIdx < client[kPendingIdx] && queue[runningIdx] === request) {
    queue[runningIdx] = null
    client[kRunningIdx] = runningIdx + 1
    return
  }

  const index = queue.indexOf(request, runningIdx)

  if (index === -1 || index >= client[kPendingIdx]) {
    return
  }

  queue.splice(index, 1)
  client[kPendingIdx]--

  if (resetPendingIdx && client[kPendingIdx] < client[kRunningIdx]) {
    client[kPendingIdx] = client[kRunningIdx]
  }
}

function canReplayRequest (request) {
  const { body } = request

  return body == null || util.isBuffer(body) || util.isBlobLike(body)
}

function hasResponseStarted (request) {
  const state = request[kRequestStream]?.[kRequestStreamState]
  return state?.responseReceived === true
}

// Count a GOAWAY refusal against the request's replay budget. A peer that
// refuses every connection must eventually surface an error to the caller
// rather than being retried forever. Kept separate from canReplayRequest so
// that the REFUSED_STREAM retry, which has its own single-attempt limit, does
// not consume this budget just by asking whether the body can be replayed.
function registerGoAwayRefusal (request) {
  const attempts = (request[kGoAwayReplayAttempts] ?? 0) + 1
  request[kGoAwayReplayAttempts] = attempts

  return attempts <= MAX_GOAWAY_REPLAY_ATTEMPTS
}

function closeStream (stream, code = NGHTTP2_REFUSED_STREAM) {
  if (stream != null && !stream.destroyed && !stream.closed) {
    try {
      stream.close(code)
    } catch {}
  }
}

function detachRequestStreamForClose (request) {
  const stream = request[kRequestStream]

  clearRequestStream(request)
  severRequestStream(stream)

  return stream
}

// Unbind a stream from its request for good. releaseRequestStream() alone
// leaves the 'close' listener attached and kRequestStreamState populated, so a
// stream abandoned here would still run completeRequestStream() later \u2014 and
// splice out the request that has since been requeued onto another session.
function severRequestStream (stream) {
  if (stream == null || stream[kRequestStreamState] == null) {
    return
  }

  stream[kRequestStreamState] = null
  stream.off('close', completeRequestStream)
  // Upgrade streams use their own close cleanup, which would otherwise release
  // the session a second time after the stream has been severed for GOAWAY.
  stream.off('close', onUpgradeStreamClose)

  if (stream[kHTTP2Session] != null) {
    closeStreamSession(stream)
  }

  // #5936: Node can still deliver a session-level error to a native stream
  // after undici has stopped tracking it (e.g. on idle session teardown). Keep
  // a persistent noop error sink so the 'error' event is never emitted with no
  // listener, which would crash the process. A single sink is enough even if
  // one was already attached by the onError path, so clear it first.
  if (!stream.destroyed && !stream.closed) {
    stream.off('error', noop)
    stream.on('error', noop)
  }
}

function connectH2 (client, socket) {
  client[kSocket] = socket

  const http2InitialWindowSize = client[kHTTP2Options].sessionOptions?.initialWindowSize
  const http2ConnectionWindowSize = client[kHTTP2Options].connectionWindowSize

  const session = http2.connect(client[kUrl], {
    createConnection: () => socket,
    peerMaxConcurrentStreams: client[kHTTP2Options].maxConcurrentStreams,
    settings: {
      // TODO(metcoder95): add support for PUSH
      enablePush: false,
      ...(http2InitialWindowSize != null ? { initialWindowSize: http2InitialWindowSize } : null)
    }
  })

  client[kSocket] = socket
  session[kOpenStreams] = 0
  session[kClient] = client
  session[kSocket] = socket
  session[kHTTP2SessionState] = {
    idleTimeout: null,
    // Armed while the peer advertises MAX_CONCURRENT_STREAMS = 0 and we have
    // work that cannot start. See setNoStreamsTimeout.
    noStreamsTimeout: null,
    // Armed while a PING checks whether the peer is still there after a
    // stream timed out. See probeHttp2Session.
    probeTimeout: null,
    // Sockets start out ref'd. Session ref/unref proxies to the socket, so a
    // single cached flag lets us skip redundant uv ref/unref calls, provided
    // every ref/unref of the session or its socket goes through
    // refH2Session/unrefH2Session.
    refed: true,
    ping: {
      interval: client[kHTTP2Options].pingInterval === 0 ? null : setInterval(onHttp2SendPing, client[kHTTP2Options].pingInterval, session).unref()
    }
  }
  session[kReceivedGoAway] = false
  // We set it to true by default in a best-effort; however once connected to an H2 server
  // we will check if extended CONNECT protocol is supported or not
  // and set this value accordingly.
  session[kEnableConnectProtocol] = false
  // States whether or not we have received the remote settings from the server
  session[kRemoteSettings] = false

  // Apply connection-level flow control once connected (if supported).
  if (http2ConnectionWindowSize) {
    util.addListener(session, 'connect', applyConnectionWindowSize.bind(session, http2ConnectionWindowSize))
  }

  util.addListener(session, 'error', onHttp2SessionError)
  util.addListener(session, 'frameError', onHttp2FrameError)
  util.addListener(session, 'goaway', onHttp2SessionGoAway)
  util.addListener(session, 'close', onHttp2SessionClose)
  util.addListener(session, 'remoteSettings', onHttp2RemoteSettings)
  // TODO (@metcoder95): implement SETTINGS support
  // util.addListener(session, 'localSettings', onHttp2RemoteSettings)

  unrefH2Session(session)

  client[kHTTP2Session] = session
  socket[kHTTP2Session] = session

  util.addListener(socket, 'error', onHttp2SocketError)
  util.addListener(socket, 'end', onHttp2SocketEnd)
  util.addListener(socket, 'close', onHttp2SocketClose)

  socket[kClosed] = false
  socket.on('close', onSocketClose)

  return {
    version: 'h2',
    defaultPipelining: Infinity,
    /**
     * @param {import('../core/request.js')} request
     * @returns {boolean}
    */
    write (request) {
      return writeH2(client, request)
    },
    /**
     * @returns {void}
     */
    resume () {
      resumeH2(client)
    },
    /**
     * @param {Error | null} err
     * @param {() => void} callback
     */
    destroy (err, callback) {
      if (socket[kClosed]) {
        queueMicrotask(callback)
      } else {
        socket.destroy(err).on('close', callback)
      }
    },
    /**
     * @type {boolean}
     */
    get destroyed () {
      return socket.destroyed
    },
    /**
     * @param {import('../core/request.js')} request
     * @returns {boolean}
    */
    busy (request) {
      if (session[kRemoteSettings] === false && client[kRunning] > 0) {
        return true
      }

      // Do not open streams on a connection that may be dead.
      if (session[kHTTP2SessionState].probeTimeout != null) {
        return true
      }

      if (client[kRunning] >= client[kMaxConcurrentStreams]) {
        return true
      }

      if (request != null) {
        if (client[kRunning] > 0) {
          // We are already processing requests

          // Unlike HTTP/1.1 pipelining, HTTP/2 multiplexes requests on
          // independent streams, so non-idempotent requests can be dispatched
          // concurrently. Retry eligibility is handled by stream/session error
          // handling instead of by serializing all non-idempotent requests.
          // Don't dispatch an upgrade until all preceding requests have completed.
          // Possibly, we do not have remote settings confirmed yet.
          if ((request.upgrade === 'websocket' || request.method === 'CONNECT') && session[kRemoteSettings] === false) return true
        } else {
          return (request.upgrade === 'websocket' || request.method === 'CONNECT') && session[kRemoteSettings] === false
        }
      }

      return false
    }
  }
}

// Session ref/unref proxies to the underlying socket, so refH2Session and
// unrefH2Session cover both and can skip the call when the cached ref state
// already matches.
function refH2Session (session) {
  const state = session[kHTTP2SessionState]

  if (state.refed === false) {
    state.refed = true
    session.ref()
  }
}

function unrefH2Session (session) {
  const state = session[kHTTP2SessionState]

  if (state.refed === true) {
    state.refed = false
    session.unref()
  }
}

function resumeH2 (client) {
  const socket = client[kSocket]
  const session = client[kHTTP2Session]

  if (socket?.destroyed === false) {
    // After an upgrade the queue is empty but its stream is still in use, so never unref while a stream is open.
    if (session[kOpenStreams] === 0 && client[kSize] === 0) {
      unrefH2Session(session)
    } else {
      refH2Session(session)
    }

    if (client[kSize] === 0 && session[kOpenStreams] === 0) {
      setHttp2IdleTimeout(session)
    } else {
      clearHttp2IdleTimeout(session)
    }

    if (client[kMaxConcurrentStreams] === 0 && client[kRunning] === 0 && client[kPending] > 0) {
      setNoStreamsTimeout(session)
    } else {
      clearNoStreamsTimeout(session)
    }
  }
}

function clearNoStreamsTimeout (session) {
  const state = session[kHTTP2SessionState]

  if (state?.noStreamsTimeout != null) {
    clearTimeout(state.noStreamsTimeout)
    state.noStreamsTimeout = null
  }
}

// A peer is allowed to advertise SETTINGS_MAX_CONCURRENT_STREAMS = 0 to refuse
// new streams (RFC 9113 \u00a76.5.2), and is expected to raise it again later. Until
// it does, busy() reports the client as permanently busy and queued requests
// cannot open a stream \u2014 which means no per-stream timeout covers them, and no
// reconnect can happen either, so the SETTINGS frame that would lift the limit
// can never arrive. Give the peer headersTimeout to start honouring requests
// before failing them; a request that cannot even be sent has missed the same
// deadline as one whose headers never arrive.
function setNoStreamsTimeout (session) {
  const client = session[kClient]
  const state = session[kHTTP2SessionState]
  const timeout = client[kHeadersTimeout]

  if (!timeout || state.noStreamsTimeout != null) {
    return
  }

  state.noStreamsTimeout = setTimeout(onNoStreamsTimeout, timeout, session).unref()
}

function onNoStreamsTimeout (session) {
  const client = session[kClient]
  const state = session[kHTTP2SessionState]

  state.noStreamsTimeout = null

  if (
    client[kHTTP2Session] !== session ||
    client[kMaxConcurrentStreams] !== 0 ||
    client[kRunning] !== 0 ||
    client[kPending] === 0
  ) {
    return
  }

  const err = new HeadersTimeoutError(
    `HTTP/2: server did not accept a new stream within ${client[kHeadersTimeout]}`
  )

  const requests = client[kQueue].splice(client[kPendingIdx])
  for (let i = 0; i < requests.length; i++) {
    if (requests[i] != null) {
      util.errorRequest(client, requests[i], err)
    }
  }

  // Drop the unusable session so the next request gets a fresh connection,
  // whose SETTINGS may well allow streams again.
  session[kError] = err
  resetHttp2Session(session, err)
}

// A stream timeout only resets that stream, unlike HTTP/1.1 which destroys the
// socket. If the connection itself silently died (dropped by a NAT or load
// balancer, a hung peer), every new stream would time out in turn and the
// session would never be replaced. Ask the peer for a PING ack within the
// timeout that just fired (but at least MIN_PROBE_TIMEOUT): if it answers, only
// that request was slow; if not, drop the session so queued requests move to a
// fresh connection.
function probeHttp2Session (session, timeout) {
  const state = session[kHTTP2SessionState]

  if (state.probeTimeout != null || session.closed || session.destroyed) {
    return
  }

  try {
    session.ping(onHttp2ProbeAck.bind(session))
  } catch {
    // The session is going away on its own.
    return
  }

  state.probeTimeout = setTimeout(onHttp2ProbeTimeout, Math.max(timeout, MIN_PROBE_TIMEOUT), session).unref()
}

function clearHttp2ProbeTimeout (session) {
  const state = session[kHTTP2SessionState]

  if (state?.probeTimeout != null) {
    clearTimeout(state.probeTimeout)
    state.probeTimeout = null
  }
}

function onHttp2ProbeAck () {
  if (this[kHTTP2SessionState].probeTimeout == null) {
    return
  }

  clearHttp2ProbeTimeout(this)
  this[kClient][kResume]()
}

function onHttp2ProbeTimeout (session) {
  session[kHTTP2SessionState].probeTimeout = null

  if (session.closed || session.destroyed) {
    return
  }

  const err = new SocketError('HTTP/2: connection unresponsive', util.getSocketInfo(session[kSocket]))
  session[kError] = err
  resetHttp2Session(session, err)
}

function clearHttp2IdleTimeout (session) {
  const state = session[kHTTP2SessionState]

  if (state?.idleTimeout != null) {
    clearTimeout(state.idleTimeout)
    state.idleTimeout = null
  }
}

function setHttp2IdleTimeout (session) {
  const client = session[kClient]

  if (client[kHTTP2Session] !== session || session.closed || session.destroyed) {
    return
  }

  if (session[kOpenStreams] !== 0 || client[kSize] !== 0) {
    clearHttp2IdleTimeout(session)
    return
  }

  const state = session[kHTTP2SessionState]
  if (state.idleTimeout == null) {
    state.idleTimeout = setTimeout(onHttp2SessionIdleTimeout, client[kKeepAliveDefaultTimeout], session).unref()
  }
}

function onHttp2SessionIdleTimeout (session) {
  const client = session[kClient]
  const socket = session[kSocket]
  const state = session[kHTTP2SessionState]

  state.idleTimeout = null

  if (client[kHTTP2Session] !== session || session[kOpenStreams] !== 0 || client[kSize] !== 0 || session.closed || session.destroyed) {
    return
  }

  const err = new InformationalError('socket idle timeout')
  socket[kError] = err
  util.destroy(socket, err)
}

function applyConnectionWindowSize (connectionWindowSize) {
  try {
    if (typeof this.setLocalWindowSize === 'function') {
      this.setLocalWindowSize(connectionWindowSize)
    }
  } catch {
    // Best-effort only.
  }
}

function onHttp2RemoteSettings (settings) {
  const client = this[kClient]

  // The configured maxConcurrentStreams (default 100) is the client's own
  // ceiling. The server's SETTINGS_MAX_CONCURRENT_STREAMS can lower it, but
  // must not raise it: a default Node.js server advertises 2^32-1.
  const localMaxConcurrentStreams = client[kHTTP2Options].maxConcurrentStreams
  const remoteMaxConcurrentStreams = settings.maxConcurrentStreams ?? client[kMaxConcurrentStreams] ?? localMaxConcurrentStreams
  client[kMaxConcurrentStreams] = Math.min(remoteMaxConcurrentStreams, localMaxConcurrentStreams)
  /**
   * From RFC-8441
   * A sender MUST NOT send a SETTINGS_ENABLE_CONNECT_PROTOCOL parameter
   * with the value of 0 after previously sending a value of 1.
   */
  // Note: Cannot be tested in Node, it does not supports disabling the extended CONNECT protocol once enabled
  if (this[kRemoteSettings] === true && this[kEnableConnectProtocol] === true && settings.enableConnectProtocol === false) {
    const err = new InformationalError('HTTP/2: Server disabled extended CONNECT protocol against RFC-8441')
    this[kSocket][kError] = err
    this[kClient][kOnError](err)
    return
  }

  this[kEnableConnectProtocol] = settings.enableConnectProtocol ?? this[kEnableConnectProtocol]
  this[kRemoteSettings] = true
  this[kClient][kResume]()
}

function onHttp2SendPing (session) {
  const state = session[kHTTP2SessionState]
  if ((session.closed || session.destroyed) && state.ping.interval != null) {
    clearInterval(state.ping.interval)
    state.ping.interval = null
    return
  }

  // If no ping sent, do nothing
  session.ping(onPing.bind(session))

  function onPing (err, duration) {
    const client = this[kClient]
    const socket = this[kSocket]

    if (err != null) {
      const error = new InformationalError(`HTTP/2: "PING" errored - type ${err.message}`)
      socket[kError] = error
      client[kOnError](error)
    } else {
      client.emit('ping', duration)
    }
  }
}

function onHttp2SessionError (err) {
  this[kSocket][kError] = err

  if (this[kReceivedGoAway]) {
    return
  }

  this[kClient][kOnError](err)
}

function onHttp2FrameError (type, code, id) {
  if (id === 0) {
    if (this[kReceivedGoAway]) {
      return
    }

    const err = new InformationalError(`HTTP/2: "frameError" received - type ${type}, code ${code}`)
    this[kSocket][kError] = err
    this[kClient][kOnError](err)
  }
}

/**
 * This is the root cause of #3011
 * We need to handle GOAWAY frames properly, and trigger the session close
 * along with the socket right away
 *
 * @this {import('http2').ClientHttp2Session}
 * @param {number} errorCode
 * @param {number} lastStreamID
 */
function onHttp2SessionGoAway (errorCode, lastStreamID) {
  if (this[kReceivedGoAway]) {
    return
  }

  this[kReceivedGoAway] = true

  const err = getGoAwayError(this, errorCode)
  const client = this[kClient]
  const previousPendingIdx = client[kPendingIdx]
  const pendingIdx = getGoAwayPendingIdx(client, lastStreamID)
  const retriableRequests = []
  const streamsToClose = []

  // Closing one stream after GOAWAY can synchronously emit frameError on
  // sibling streams. Detach all affected requests first so those errors do
  // not fail requests that are about to be requeued.
  for (let i = pendingIdx; i < previousPendingIdx; i++) {
    const request = client[kQueue][i]

    if (request != null) {
      // Read before detaching, which drops the stream state.
      const responseStarted = hasResponseStarted(request)

      streamsToClose.push(detachRequestStreamForClose(request))

      if (!responseStarted && canReplayRequest(request) && registerGoAwayRefusal(request)) {
        retriableRequests.push(request)
      } else {
        util.errorRequest(client, request, err)
      }
    }
  }

  if (pendingIdx !== previousPendingIdx) {
    const remainingPendingRequests = client[kQueue].slice(previousPendingIdx)
    client[kQueue].length = pendingIdx
    client[kQueue].push(...retriableRequests, ...remainingPendingRequests)
  }

  // Publish the rebuilt queue and detach the session before closing anything.
  // A synchronous sibling HEADERS frameError can requeue an accepted-but-unsent
  // request and resume the client. It must see the final indices and must not
  // dispatch its retry on the session that is being retired.
  client[kPendingIdx] = pendingIdx

  if (client[kHTTP2Session] === this) {
    client[kSocket] = null
    client[kHTTPContext] = null
    client[kHTTP2Session] = null
  }

  if (this[kOpenStreams] === 0) {
    unrefH2Session(this)
  }

  clearHttp2IdleTimeout(this)
  clearNoStreamsTimeout(this)
  clearHttp2ProbeTimeout(this)

  for (let i = 0; i < streamsToClose.length; i++) {
    closeStream(streamsToClose[i])
  }

  if (!this.closed && !this.destroyed) {
    this.close()
  }

  client.emit('disconnect', client[kUrl], [client], err)

  client[kResume]()
}

function onHttp2SessionClose () {
  const { [kClient]: client, [kHTTP2SessionState]: state, [kSocket]: socket } = this

  const err = socket[kError] || this[kError] || new SocketError('closed', util.getSocketInfo(socket))

  if (client[kHTTP2Session] === this) {
    client[kSocket] = null
    client[kHTTPContext] = null
    client[kHTTP2Session] = null
  }

  clearHttp2IdleTimeout(this)
  clearNoStreamsTimeout(this)
  clearHttp2ProbeTimeout(this)

  if (state.ping.interval != null) {
    clearInterval(state.ping.interval)
    state.ping.interval = null
  }

  if (client.destroyed) {
    assert(client[kPending] === 0)

    // Fail entire queue.
    const requests = client[kQueue].splice(client[kRunningIdx])
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      if (request != null) {
        util.errorRequest(client, request, err)
      }
    }
  }
}

function onHttp2SocketClose () {
  const err = this[kError] || new SocketError('closed', util.getSocketInfo(this))

  const session = this[kHTTP2Session]
  const client = session[kClient]

  if (client[kSocket] !== this) {
    // Ignore stale socket closes from a detached GOAWAY session and from any
    // session that has already been replaced. If the session was detached
    // without a GOAWAY and there is no replacement yet, we still need the
    // close event to flush the client state.
    if (session[kReceivedGoAway] || (client[kHTTP2Session] != null && client[kHTTP2Session] !== session)) {
      return
    }
  }

  client[kSocket] = null
  client[kHTTPContext] = null
  if (client[kHTTP2Session] === session) {
    client[kHTTP2Session] = null
  }

  session.destroy(err)

  client[kPendingIdx] = client[kRunningIdx]

  assert(client[kRunning] === 0)

  client.emit('disconnect', client[kUrl], [client], err)

  client[kResume]()
}

function onHttp2SocketError (err) {
  this[kError] = err

  if (this[kHTTP2Session]?.[kReceivedGoAway]) {
    return
  }

  this[kHTTP2Session]?.[kClient]?.[kOnError](err)
}

function onHttp2SocketEnd () {
  util.destroy(this, new SocketError('other side closed', util.getSocketInfo(this)))
}

function onSocketClose () {
  this[kClosed] = true
}

function noop () {}

function closeStreamSession (stream) {
  const session = stream[kHTTP2Session]
  const client = session[kClient]

  stream[kHTTP2Session] = null
  session[kOpenStreams] -= 1
  // A session that received GOAWAY does not need to stay ref'd for queued requests.
  if (session[kOpenStreams] === 0 && (client[kSize] === 0 || session[kReceivedGoAway])) {
    unrefH2Session(session)
    setHttp2IdleTimeout(session)
  }
}

function onUpgradeStreamClose () {
  // #5936: Retain the noop error sink so a session-level error delivered to
  // this stream after undici detaches it cannot crash via an unhandled 'error'.
  const state = this[kRequestStreamState]
  this[kRequestStreamState] = null

  failUpgradeStream(state, new InformationalError('HTTP/2: stream closed before response headers'))
  closeStreamSession(this)
}

// Idempotent terminal cleanup, called from both 'end' and 'close': the
// null-state guard no-ops the later call.
function completeRequestStream () {
  const state = this[kRequestStreamState]

  if (state == null) {
    return
  }

  // Release the stream first so request references are cleared,
  // then complete the response with trailers if available.
  releaseRequestStream(this)

  if (state.pendingEnd && !state.request.aborted && !state.request.completed) {
    state.request.onResponseEnd(state.trailers || {})
  } else if (!state.request.aborted && !state.request.completed) {
    // The stream closed without a complete response and without reporting an
    // error. finalizeRequest() below frees the queue slot either way, so
    // without this the request would simply vanish and its caller would never
    // hear back.
    util.errorRequest(
      state.client,
      state.request,
      new InformationalError('HTTP/2: stream closed before the response was complete')
    )
  }

  finalizeRequest(state)
  closeStreamSession(this)
  this[kRequestStreamState] = null
}

// https://www.rfc-editor.org/rfc/rfc7230#section-3.3.2
function shouldSendContentLength (method) {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE' && method !== 'CONNECT'
}

function buildRequestHeaders (reqHeaders) {
  const headers = {}

  for (let n = 0; n < reqHeaders.length; n += 2) {
    const key = reqHeaders[n + 0]
    const val = reqHeaders[n + 1]
    // Reading headers[key] directly resolves `__proto__` through the prototype
    // chain instead of reporting the header as absent.
    const current = Object.hasOwn(headers, key) ? headers[key] : undefined

    if (key === 'cookie') {
      if (current != null) {
        util.setHeader(headers, key, Array.isArray(current) ? (current.push(val), current) : [current, val])
      } else {
        util.setHeader(headers, key, val)
      }

      continue
    }

    if (typeof val === 'string') {
      util.setHeader(headers, key, current ? `${current}, ${val}` : val)
      continue
    }

    for (let i = 0; i < val.length; i++) {
      util.setHeader(headers, key, Object.hasOwn(headers, key) ? `${headers[key]}, ${val[i]}` : val[i])
    }
  }

  return headers
}

function removeUpgradeStreamListeners (stream) {
  stream.off('response', onUpgradeResponse)
  stream.off('error', onUpgradeStreamError)
  stream.off('end', onUpgradeStreamEnd)
  stream.off('timeout', onUpgradeStreamTimeout)
  stream.off('error', noop)
}

function releaseUpgradeStream (stream) {
  if (stream == null) {
    return
  }

  const state = stream[kRequestStreamState]
  if (state == null) {
    return
  }

  const { request } = state

  if (request[kRequestStream] === stream) {
    detachRequestFromStream(request)
  }

  removeUpgradeStreamListeners(stream)

  // #5936: removeUpgradeStreamListeners() dropped the noop sink; re-attach a
  // persistent one so a late session-level error on this (possibly still native
  // tracked) stream cannot crash via an unhandled 'error'.
  if (!stream.destroyed && !stream.closed) {
    stream.on('error', noop)
  }
}

function failUpgradeStream (state, err) {
  if (state == null) {
    return
  }

  const { request } = state
  if (state.responseReceived || request.aborted || request.completed) {
    return
  }

  releaseUpgradeStream(state.stream)
  state.abort(err, true)
}

function onUpgradeStreamError () {
  const state = this[kRequestStreamState]

  if (typeof this.rstCode === 'number' && this.rstCode !== 0) {
    failUpgradeStream(state, new InformationalError(`HTTP/2: "stream error" received - code ${this.rstCode}`))
  } else {
    failUpgradeStream(state, new InformationalError('HTTP/2: stream errored before response headers'))
  }
}

function onUpgradeStreamEnd () {
  failUpgradeStream(this[kRequestStreamState], new InformationalError('HTTP/2: stream half-closed (remote)'))
}

function onUpgradeStreamTimeout () {
  const state = this[kRequestStreamState]
  failUpgradeStream(state, new InformationalError(`HTTP/2: "stream timeout after ${state.headersTimeout}"`))
}

function onUpgradeResponse (headers, _flags) {
  const stream = this
  const state = stream[kRequestStreamState]
  const { request } = state

  state.responseReceived = true

  const statusCode = headers[HTTP2_HEADER_STATUS]
  delete headers[HTTP2_HEADER_STATUS]

  try {
    request.onRequestUpgrade(statusCode, headers, stream)
  } catch (err) {
    state.abort(err)
    return
  }

  if (request.aborted) {
    return
  }

  removeUpgradeStreamListeners(stream)
  detachRequestFromStream(request)
  finalizeRequest(state)
}

function setupUpgradeStream (stream, state) {
  const { request, headersTimeout, session } = state

  stream[kHTTP2Stream] = true
  stream[kHTTP2Session] = session
  stream[kRequestStreamState] = state
  state.stream = stream

  bindRequestToStream(request, stream, releaseUpgradeStream)
  stream.once('response', onUpgradeResponse)
  stream.on('error', onUpgradeStreamError)
  stream.once('end', onUpgradeStreamEnd)
  stream.on('timeout', onUpgradeStreamTimeout)
  stream.once('close', onUpgradeStreamClose)

  clearHttp2IdleTimeout(session)
  ++session[kOpenStreams]
  stream.setTimeout(headersTimeout)
}

function finalizeRequest (state, resetPendingIdx = false) {
  if (state.requestFinalized) {
    return
  }

  state.requestFinalized = true
  completeRequest(state.client, state.request, resetPendingIdx)

  state.client[kResume]()
}

function openStream (client, request, session, abort, headers, options) {
  try {
    return session.request(headers, options)
  } catch (err) {
    // A GOAWAY'd session rejects new streams, same as an invalid session:
    // reset and requeue on a fresh connection rather than the destroy + abort
    // below, whose destroy(socket, err) can crash via an unhandled 'error'.
    if (err?.code === 'ERR_HTTP2_INVALID_SESSION' || err?.code === 'ERR_HTTP2_GOAWAY_SESSION') {
      const wrappedErr = new SocketError(err.message, util.getSocketInfo(session[kSocket]))
      wrappedErr.cause = err
      session[kError] = wrappedErr
      resetHttp2Session(session, wrappedErr)
      requeueUnsentRequest(client, request)

      return null
    }

    const wrappedErr = new InformationalError(err.message, { cause: err })
    session[kError] = wrappedErr
    session[kSocket][kError] = wrappedErr

    session.destroy(wrappedErr)
    util.destroy(session[kSocket], wrappedErr)
    abort(wrappedErr)

    return null
  }
}

function writeH2 (client, request) {
  const headersTimeout = request.headersTimeout ?? client[kHeadersTimeout]
  const bodyTimeout = request.bodyTimeout ?? client[kBodyTimeout]
  const session = client[kHTTP2Session]
  const { method, path, host, upgrade, expectContinue, signal, protocol, headers: reqHeaders } = request

  if (upgrade != null && upgrade !== 'websocket') {
    util.errorRequest(client, request, new InvalidArgumentError(`Custom upgrade "${upgrade}" not supported over HTTP/2`))
    return false
  }

  const headers = buildRequestHeaders(reqHeaders)

  headers[HTTP2_HEADER_AUTHORITY] = host || client[kHostAuthority]
  headers[HTTP2_HEADER_METHOD] = method

  // Single pre-shaped state object shared by all stream event handlers.
  // All fields are declared up-front so the object keeps a stable hidden
  // class for the whole request lifetime.
  const state = {
    abort: null,
    body: request.body,
    bytesRead: 0,
    client,
    contentLength: null,
    expectsPayload: false,
    maxResponseSize: client[kMaxResponseSize],
    request,
    headersTimeout,
    bodyTimeout,
    requestFinalized: false,
    responseContentLength: null,
    responseReceived: false,
    bodySent: false,
    pendingEnd: false,
    trailers: null,
    session,
    stream: null
  }

  const abort = (err, resetPendingIdx = false) => {
    if (request.aborted || request.completed) {
      return
    }

    err = err || new RequestAbortedError()

    util.errorRequest(client, request, err)

    if (state.stream != null) {
      clearRequestStream(request)

      // On Abort, we close the stream to send RST_STREAM frame.
      const stream = state.stream
      stream.close()

      // close() alone leaves cleanup waiting on the 'close' event; on a busy,
      // long-lived multiplexed session that event can fail to fire, leaving the
      // native Http2Stream (and the whole request graph it pins) alive for the
      // session's life. Destroy the stream synchronously to release the handle
      // deterministically. Deferring the destroy (e.g. via setImmediate) leaks
      // the same way when the event loop is stalled and the callback never runs
      // under abort churn (#5558); close() has already queued the RST_STREAM
      // frame on the native session, so a synchronous destroy still sends it.
      if (!stream.destroyed) {
        util.destroy(stream)
      }

      // We move the running index to the next request
      client[kOnError](err)
      finalizeRequest(state, resetPendingIdx)
    }

    // We do not destroy the socket as we can continue using the session
    // the stream gets destroyed and the session remains to create new streams
    util.destroy(state.body, err)
  }

  state.abort = abort

  /** @type {import('node:http2').ClientHttp2Stream} */
  let stream = null

  try {
    // We are already connected, streams are pending.
    // We can call on connect, and wait for abort
    request.onRequestStart(abort, null)
  } catch (err) {
    util.errorRequest(client, request, err)
  }

  if (request.aborted) {
    return false
  }

  if (upgrade || method === 'CONNECT') {
    refH2Session(session)

    if (upgrade === 'websocket') {
      // We cannot upgrade to websocket if extended CONNECT protocol is not supported
      if (session[kEnableConnectProtocol] === false) {
        util.errorRequest(client, request, new InformationalError('HTTP/2: Extended CONNECT protocol not supported by server'))
        unrefH2Session(session)
        return false
      }

      // We force the method to CONNECT
      // as per RFC-8441
      // https://datatracker.ietf.org/doc/html/rfc8441#section-4
      headers[HTTP2_HEADER_METHOD] = 'CONNECT'
      headers[HTTP2_HEADER_PROTOCOL] = 'websocket'
      // :path and :scheme headers must be omitted when sending CONNECT but set if extended-CONNECT
      headers[HTTP2_HEADER_PATH] = path

      if (protocol === 'ws:' || protocol === 'wss:') {
        headers[HTTP2_HEADER_SCHEME] = protocol === 'ws:' ? 'http' : 'https'
      } else {
        headers[HTTP2_HEADER_SCHEME] = protocol === 'http:' ? 'http' : 'https'
      }

      stream = openStream(client, request, session, abort, headers, { endStream: false, signal })
      if (stream == null) {
        unrefH2Session(session)
        return false
      }
      setupUpgradeStream(stream, state)
      return true
    }

    // TODO: consolidate once we support CONNECT properly
    // NOTE: We are already connected, streams are pending, first request
    // will create a new stream. We trigger a request to create the stream and wait until
    // `ready` event is triggered
    // We disabled endStream to allow the user to write to the stream
    stream = openStream(client, request, session, abort, headers, { endStream: false, signal })
    if (stream == null) {
      unrefH2Session(session)
      return false
    }
    setupUpgradeStream(stream, state)

    return true
  }

  // https://tools.ietf.org/html/rfc7540#section-8.3
  // :path and :scheme headers must be omitted when sending CONNECT
  headers[HTTP2_HEADER_PATH] = path
  headers[HTTP2_HEADER_SCHEME] = protocol === 'http:' ? 'http' : 'https'

  // https://tools.ietf.org/html/rfc7231#section-4.3.1
  // https://tools.ietf.org/html/rfc7231#section-4.3.2
  // https://tools.ietf.org/html/rfc7231#section-4.3.5

  // Sending a payload body on a request that does not
  // expect it can cause undefined behavior on some
  // servers and corrupt connection state. Do not
  // re-use the connection for further requests.

  const expectsPayload = (
    method === 'PUT' ||
    method === 'POST' ||
    method === 'PATCH' ||
    method === 'QUERY' ||
    method === 'PROPFIND' ||
    method === 'PROPPATCH'
  )

  let body = state.body

  if (body && typeof body.read === 'function') {
    // Try to read EOF in order to get length.
    body.read(0)
  }

  let contentLength = util.bodyLength(body)

  if (util.isFormDataLike(body)) {
    extractBody ??= (__nccwpck_require__(613).extractBody)

    const [bodyStream, contentType] = extractBody(body)
    headers['content-type'] = contentType

    body = bodyStream.stream
    contentLength = bodyStream.length
  }

  if (contentLength == null) {
    contentLength = request.contentLength
  }

  if (contentLength === 0 && !expectsPayload) {
    // https://tools.ietf.org/html/rfc7230#section-3.3.2
    // A user agent SHOULD NOT send a Content-Length header field when
    // the request message does not contain a payload body and the method
    // semantics do not anticipate such a body.
    // And for methods that don't expect a payload, omit Content-Length.
    contentLength = null
  }

  // https://github.com/nodejs/undici/issues/2046
  // A user agent may send a Content-Length header with 0 value, this should be allowed.
  if (shouldSendContentLength(method) && contentLength > 0 && request.contentLength != null && request.contentLength !== contentLength) {
    if (client[kStrictContentLength]) {
      util.errorRequest(client, request, new RequestContentLengthMismatchError())
      return false
    }

    process.emitWarning(new RequestContentLengthMismatchError())
  }

  if (contentLength != null) {
    assert(body || contentLength === 0, 'no body must not have content length')
    headers[HTTP2_HEADER_CONTENT_LENGTH] = `${contentLength}`
  }

  refH2Session(session)

  if (channels.sendHeaders.hasSubscribers) {
    let header = ''
    for (const key in headers) {
      header += `${key}: ${headers[key]}\r\n`
    }
    channels.sendHeaders.publish({ request, headers: header, socket: session[kSocket] })
  }

  // TODO(metcoder95): add support for sending trailers
  const shouldEndStream = body === null || contentLength === 0

  state.body = body
  state.contentLength = contentLength
  state.expectsPayload = expectsPayload

  if (expectContinue) {
    headers[HTTP2_HEADER_EXPECT] = '100-continue'
  }

  stream = openStream(client, request, session, abort, headers, { endStream: shouldEndStream, signal })
  if (stream == null) {
    return false
  }
  stream[kHTTP2Stream] = true
  stream[kRequestStreamState] = state
  state.stream = stream

  // Increment counter as we have new streams open
  clearHttp2IdleTimeout(session)
  ++session[kOpenStreams]

  if (headersTimeout) {
    stream.setTimeout(headersTimeout)
  }

  stream[kHTTP2Session] = session
  stream.on('close', completeRequestStream)

  bindRequestToStream(request, stream, releaseRequestStream)
  if (expectContinue) {
    stream.once('continue', writeBodyH2)
  }
  // The handlers below either remove themselves on first invocation or
  // become unreachable once the stream closes, so plain `on` avoids the
  // per-listener `once` wrapper allocation.
  stream.on('response', onResponse)
  stream.on('headers', onInterimResponse)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('frameError', onFrameError)
  stream.on('aborted', onAborted)
  if (headersTimeout || bodyTimeout) {
    stream.on('timeout', onTimeout)
  }
  stream.on('trailers', onTrailers)

  if (!expectContinue) {
    writeBodyH2.call(stream)
  }

  return true
}

function removeRequestStreamListeners (stream) {
  stream.off('error', noop)
  stream.off('continue', writeBodyH2)
  stream.off('response', onResponse)
  stream.off('headers', onInterimResponse)
  stream.off('end', onEnd)
  stream.off('error', onError)
  stream.off('frameError', onFrameError)
  stream.off('aborted', onAborted)
  stream.off('timeout', onTimeout)
  stream.off('trailers', onTrailers)
  stream.off('data', onData)
}

function releaseRequestStream (stream) {
  if (stream == null) {
    return
  }

  const state = stream[kRequestStreamState]
  if (state == null) {
    return
  }

  const { request } = state

  if (request[kRequestStream] === stream) {
    detachRequestFromStream(request)
  }

  // #5936: Node can deliver a session-level error to a released stream before
  // its native handle is dropped (e.g. on idle session teardown). Attach a
  // persistent noop error sink so a late 'error' always has a listener and
  // cannot crash the process. A closed/destroyed stream cannot emit further
  // events and is no longer tracked natively, so skip the listener teardown.
  if (!stream.destroyed && !stream.closed) {
    removeRequestStreamListeners(stream)
    stream.on('error', noop)
  }
}

function onData (chunk) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  const { request, maxResponseSize, responseContentLength } = state

  if (request.aborted || request.completed) {
    return
  }

  if (responseContentLength != null && state.bytesRead + chunk.length > responseContentLength) {
    state.abort(new ResponseContentLengthMismatchError())
    return
  }

  if (maxResponseSize > -1 && state.bytesRead + chunk.length > maxResponseSize) {
    // Unlike HTTP/1.1, which destroys the socket because it cannot abandon one
    // response without losing framing, resetting the offending stream leaves
    // the session usable for its siblings.
    state.abort(new ResponseExceededMaxSizeError())
    return
  }

  state.bytesRead += chunk.length

  if (request.onResponseData(chunk) === false) {
    pauseResponseStream(stream, state)
  }
}

// The body timeout measures how long the peer takes to send data. While the
// consumer applies backpressure the peer can't send (it's out of flow-control
// window), and Http2Stream's timer, which counts stream activity, would fire.
// Stop it while paused and start a fresh one on resume, like HTTP/1.1, which
// ignores the body timeout while its parser is paused.
function pauseResponseStream (stream, state) {
  stream.pause()
  if (state.bodyTimeout) {
    stream.setTimeout(0)
  }
}

// Passed to the handler as its resume callback, bound to the stream.
function resumeResponseStream () {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state != null && state.bodyTimeout && stream.isPaused()) {
    stream.setTimeout(state.bodyTimeout)
  }

  stream.resume()
}

function onInterimResponse (headers) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  const { request } = state

  if (request.aborted || request.completed) {
    return
  }

  // node http2 emits 'headers' for interim (1xx) informational responses,
  // while the final response arrives via 'response'. Forward these to the
  // handler so that onInfo is invoked, matching the HTTP/1 behaviour and the
  // documented onInfo contract.
  const statusCode = headers[HTTP2_HEADER_STATUS]
  delete headers[HTTP2_HEADER_STATUS]

  request.onResponseStart(Number(statusCode), headers, noop, '')
}

function onResponse (headers) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  const { request } = state

  stream.off('response', onResponse)

  // Final response received while still awaiting 100 (Continue): the body won't
  // be sent, so close our half or the stream stays open and never completes.
  if (state.body != null && !state.bodySent && !stream.writableEnded) {
    stream.removeListener('continue', writeBodyH2)
    stream.end()
  }

  const statusCode = Number(headers[HTTP2_HEADER_STATUS])
  delete headers[HTTP2_HEADER_STATUS]
  request.onResponseStarted()
  state.responseReceived = true

  // A Content-Length in HEAD and 304 responses describes the selected
  // representation rather than DATA on this stream. Successful CONNECT uses
  // the upgrade path above; all other final responses use Content-Length as
  // their DATA payload length.
  if (request.method !== 'HEAD' && statusCode !== 304) {
    const contentLength = headers[HTTP2_HEADER_CONTENT_LENGTH]
    state.responseContentLength = contentLength == null ? null : Number(contentLength)
  }

  if (state.headersTimeout || state.bodyTimeout) {
    stream.setTimeout(state.bodyTimeout)
  }

  // Due to the stream nature, it is possible we face a race condition
  // where the stream has been assigned, but the request has been aborted
  // or already completed and headers hasn't been received yet. A late
  // 'response' delivered after completion would call request.onResponseStart
  // post-completion, tripping its `assert(!this.completed)` (an uncatchable
  // throw on the http2 event tick). Guard `completed` here as onEnd/onTrailers
  // already do; best effort is to release the stream immediately as there's
  // no value to keep it open.
  if (request.aborted || request.completed) {
    releaseRequestStream(stream)
    return
  }

  if (request.onResponseStart(statusCode, headers, resumeResponseStream.bind(stream), '') === false) {
    pauseResponseStream(stream, state)
  }

  stream.on('data', onData)
}

function onEnd () {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  const { request } = state

  stream.off('end', onEnd)

  // onTrailers (which may fire after 'end' on Windows) has already stored
  // trailers on the state by now, so completing here still delivers them.
  if (state.responseReceived) {
    if (!request.aborted && !request.completed) {
      if (state.responseContentLength != null && state.bytesRead !== state.responseContentLength) {
        state.abort(new ResponseContentLengthMismatchError())
        return
      }

      state.pendingEnd = true

      // Complete on 'end': a blocked event loop can keep the stream's 'close'
      // from firing, stranding its buffers until OOM. Idempotent, so a later
      // 'close' no-ops.
      completeRequestStream.call(stream)
    }
  } else {
    // Stream ended without receiving a response - this is an error
    // (e.g., server destroyed the stream before sending headers)
    state.abort(new InformationalError('HTTP/2: stream half-closed (remote)'), true)
  }
}

function retryRefusedStream (stream, state) {
  const { client, request } = state

  if (
    state.responseReceived ||
    request.aborted ||
    request.completed ||
    request[kRefusedStreamRetry] ||
    !canReplayRequest(request)
  ) {
    return false
  }

  // RFC 9113 section 8.7 permits retrying REFUSED_STREAM, but says clients
  // SHOULD NOT automatically retry the same request more than once.
  request[kRefusedStreamRetry] = true

  // The peer only reset this stream, so the HTTP/2 session remains usable for
  // the retry.
  requeueStreamRequest(client, state)

  return true
}

// nghttp2 refuses to send the HEADERS of a stream opened before a GOAWAY was
// received but flushed after it. The peer never saw the request, so it can be
// replayed on a new connection whatever its method. A GOAWAY whose
// lastStreamID covers the stream (e.g. 2^31-1, a graceful shutdown notice)
// leaves the stream attached to the session, so this is the only signal.
function retryUnsentStream (state) {
  const { client, request, session } = state

  if (
    !session[kReceivedGoAway] ||
    state.responseReceived ||
    request.aborted ||
    request.completed ||
    !canReplayRequest(request) ||
    !registerGoAwayRefusal(request)
  ) {
    return false
  }

  requeueStreamRequest(client, state)

  return true
}

function requeueStreamRequest (client, state) {
  const { request } = state

  // Detach the failed attempt before moving the request back to the pending
  // queue. Severing also drops the 'close' listener, so the abandoned stream
  // cannot later complete the retried request.
  detachRequestStreamForClose(request)
  state.stream = null
  state.requestFinalized = true

  completeRequest(client, request)
  client[kQueue].splice(client[kPendingIdx], 0, request)
  client[kResume]()
}

function onError (err) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  stream.off('error', onError)
  // #5936: The stream has already errored, but Node may destroy it again with a
  // session-level error before the native handle is released. Keep a persistent
  // noop error sink so that re-delivery cannot go unhandled.
  stream.on('error', noop)

  // Node's HTTP/2 implementation can turn an incomplete Content-Length body
  // into a protocol stream error instead of emitting 'end'. Prefer the
  // content-length mismatch error when the received byte count proves it.
  if (state.responseContentLength != null && state.bytesRead !== state.responseContentLength) {
    err = new ResponseContentLengthMismatchError()
  }

  if (typeof stream.rstCode === 'number' && stream.rstCode !== NGHTTP2_NO_ERROR) {
    err.http2ErrorCode = stream.rstCode
  }

  if (
    stream.rstCode === NGHTTP2_REFUSED_STREAM &&
    retryRefusedStream(stream, state)
  ) {
    return
  }

  state.abort(err)
}

function onFrameError (type, code) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  stream.off('frameError', onFrameError)

  if (type === HTTP2_FRAME_TYPE_HEADERS && retryUnsentStream(state)) {
    return
  }

  state.abort(new InformationalError(`HTTP/2: "frameError" received - type ${type}, code ${code}`))
}

function onAborted () {
  this.off('data', onData)
}

function onTimeout () {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  // Remove self so timeout doesn't fire again after we handle it
  stream.off('timeout', onTimeout)

  const { responseReceived, session, bodyTimeout, headersTimeout } = state
  const err = responseReceived
    ? new BodyTimeoutError(`HTTP/2: "stream timeout after ${bodyTimeout}"`)
    : new HeadersTimeoutError(`HTTP/2: "headers timeout after ${headersTimeout}"`)

  // Probe before aborting: completing the request resumes the queue, which
  // must not open new streams until the peer has proven it is alive.
  probeHttp2Session(session, responseReceived ? bodyTimeout : headersTimeout)
  state.abort(err)
}

function onTrailers (trailers) {
  const stream = this
  const state = stream[kRequestStreamState]

  if (state == null) {
    return
  }

  const { request } = state

  stream.off('trailers', onTrailers)
  stream.off('data', onData)

  if (request.aborted || request.completed) {
    return
  }

  // Store trailers for completeRequestStream to use when completing
  state.trailers = trailers
}

function writeBodyH2 () {
  const stream = this
  const state = stream[kRequestStreamState]
  state.bodySent = true
  const { abort, body, client, contentLength, expectsPayload, request } = state

  if (!body || contentLength === 0) {
    writeBuffer(
      abort,
      stream,
      null,
      client,
      request,
      client[kSocket],
      contentLength,
      expectsPayload
    )
  } else if (util.isBuffer(body)) {
    writeBuffer(
      abort,
      stream,
      body,
      client,
      request,
      client[kSocket],
      contentLength,
      expectsPayload
    )
  } else if (util.isBlobLike(body)) {
    if (typeof body.stream === 'function') {
      writeIterable(
        abort,
        stream,
        body.stream(),
        client,
        request,
        client[kSocket],
        contentLength,
        expectsPayload
      )
    } else {
      writeBlob(
        abort,
        stream,
        body,
        client,
        request,
        client[kSocket],
        contentLength,
        expectsPayload
      )
    }
  } else if (util.isStream(body)) {
    writeStream(
      abort,
      client[kSocket],
      expectsPayload,
      stream,
      body,
      client,
      request,
      contentLength
    )
  } else if (util.isIterable(body)) {
    writeIterable(
      abort,
      stream,
      body,
      client,
      request,
      client[kSocket],
      contentLength,
      expectsPayload
    )
  } else {
    assert(false)
  }
}

function writeBuffer (abort, h2stream, body, client, request, socket, contentLength, expectsPayload) {
  try {
    if (body != null && util.isBuffer(body)) {
      assert(contentLength === body.byteLength, 'buffer body must have content length')
      h2stream.cork()
      h2stream.write(body)
      h2stream.uncork()
      h2stream.end()

      request.onBodySent(body)
    }

    if (!expectsPayload) {
      socket[kReset] = true
    }

    request.onRequestSent()
    client[kResume]()
  } catch (error) {
    abort(error)
  }
}

function writeStream (abort, socket, expectsPayload, h2stream, body, client, request, contentLength) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'stream body cannot be pipelined')

  // For HTTP/2, is enough to pipe the stream
  const pipe = pipeline(
    body,
    h2stream,
    (err) => {
      if (err) {
        util.destroy(pipe, err)
        abort(err)
      } else {
        util.removeAllListeners(pipe)
        request.onRequestSent()

        if (!expectsPayload) {
          socket[kReset] = true
        }

        client[kResume]()
      }
    }
  )

  util.addListener(pipe, 'data', onPipeData)

  function onPipeData (chunk) {
    request.onBodySent(chunk)
  }
}

async function writeBlob (abort, h2stream, body, client, request, socket, contentLength, expectsPayload) {
  try {
    if (contentLength != null && contentLength !== body.size) {
      throw new RequestContentLengthMismatchError()
    }

    const buffer = Buffer.from(await body.arrayBuffer())

    h2stream.cork()
    h2stream.write(buffer)
    h2stream.uncork()
    h2stream.end()

    request.onBodySent(buffer)
    request.onRequestSent()

    if (!expectsPayload) {
      socket[kReset] = true
    }

    client[kResume]()
  } catch (err) {
    abort(err)
  }
}

async function writeIterable (abort, h2stream, body, client, request, socket, contentLength, expectsPayload) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'iterator body cannot be pipelined')

  let callback = null
  function onDrain () {
    if (callback) {
      const cb = callback
      callback = null
      cb()
    }
  }

  const waitForDrain = () => new Promise((resolve, reject) => {
    assert(callback === null)

    if (socket[kError]) {
      reject(socket[kError])
    } else {
      callback = resolve
    }
  })

  h2stream
    .on('close', onDrain)
    .on('drain', onDrain)

  try {
    // It's up to the user to somehow abort the async iterable.
    for await (const chunk of body) {
      if (socket[kError]) {
        throw socket[kError]
      }

      const res = h2stream.write(chunk)
      request.onBodySent(chunk)
      if (!res) {
        await waitForDrain()
      }
    }

    h2stream.end()

    request.onRequestSent()

    if (!expectsPayload) {
      socket[kReset] = true
    }

    client[kResume]()
  } catch (err) {
    abort(err)
  } finally {
    h2stream
      .off('close', onDrain)
      .off('drain', onDrain)
  }
}

module.exports = connectH2


/***/ }),

/***/ 7145:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

module.exports = (...values) => __nccwpck_require__(8039)(...values);


/***/ }),

/***/ 9998:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4656)
const net = __nccwpck_require__(7030)
const http = __nccwpck_require__(7622)
const util = __nccwpck_require__(3795)
const { ClientStats } = __nccwpck_require__(239)
const { channels } = __nccwpck_require__(6403)
const Request = __nccwpck_require__(2234)
const DispatcherBase = __nccwpck_require__(592)
const {
  InvalidArgumentError,
  InformationalError,
  ClientDestroyedError
} = __nccwpck_require__(9700)
const buildConnector = __nccwpck_require__(1033)
const {
  kUrl,
  kServerName,
  kClient,
  kBusy,
  kConnect,
  kResuming,
  kRunning,
  kPending,
  kSize,
  kQueue,
  kConnected,
  kConnecting,
  kNeedDrain,
  kKeepAliveDefaultTimeout,
  kHostHeader,
  kPendingIdx,
  kRunningIdx,
  kError,
  kPipelining,
  kKeepAliveTimeoutValue,
  kMaxHeadersSize,
  kKeepAliveMaxTimeout,
  kKeepAliveTimeoutThreshold,
  kHeadersTimeout,
  kBodyTimeout,
  kStrictContentLength,
  kConnector,
  kMaxRequests,
  kCounter,
  kClose,
  kDestroy,
  kDispatch,
  kLocalAddress,
  kMaxResponseSize,
  kOnError,
  kHTTPContext,
  kMaxConcurrentStreams,
  kHostAuthority,
  kResume,
  kHTTP2Options,
  kUseMilo
} = __nccwpck_require__(6750)
const connectH1 = __nccwpck_require__(1664)
const connectH2 = __nccwpck_require__(7145)

const kClosedResolve = Symbol('kClosedResolve')

const getDefaultNodeMaxHeaderSize = http &&
  http.maxHeaderSize &&
  Number.isInteger(http.maxHeaderSize) &&
  http.maxHeaderSize > 0
  ? () => http.maxHeaderSize
  : () => { throw new InvalidArgumentError('http module not available or http.maxHeaderSize invalid') }

const noop = () => { }

function getPipelining (client) {
  return client[kPipelining] ?? client[kHTTPContext]?.defaultPipelining ?? 1
}

let h2NamespaceOptsWarning = false
function emitH2OptionsNamespaceWarning (optName) {
  if (h2NamespaceOptsWarning === true) return

  process.emitWarning(`Use h2Options.${optName} instead. ${optName} for H2 will be deprecated in future major.`, {
    code: 'UNDICI-H2-OPTIONS'
  })
  h2NamespaceOptsWarning = true
}

// Protocol-aware dispatch ceiling. h1 RFC7230 pipelining is unrelated to h2
// stream multiplexing \u2014 over h2 the ceiling is the (server-confirmed)
// maxConcurrentStreams. Before a context is attached we use the h1
// pipelining factor; once h2 attaches the queued requests can drain in
// one batch up to maxConcurrentStreams.
function getMaxConcurrent (client) {
  if (client[kHTTPContext]?.version === 'h2') {
    return client[kMaxConcurrentStreams]
  }
  return getPipelining(client)
}

/**
 * @type {import('../../types/client.js').default}
 */
class Client extends DispatcherBase {
  /**
   *
   * @param {string|URL} url
   * @param {import('../../types/client.js').Client.Options} options
   */
  constructor (url, {
    maxHeaderSize,
    headersTimeout,
    socketTimeout,
    requestTimeout,
    connectTimeout,
    bodyTimeout,
    idleTimeout,
    keepAlive,
    keepAliveTimeout,
    maxKeepAliveTimeout,
    keepAliveMaxTimeout,
    keepAliveTimeoutThreshold,
    socketPath,
    pipelining,
    tls,
    strictContentLength,
    maxCachedSessions,
    connect,
    maxRequestsPerClient,
    localAddress,
    maxResponseSize,
    autoSelectFamily,
    autoSelectFamilyAttemptTimeout,
    // h2
    maxConcurrentStreams,
    allowH2,
    useH2c,
    initialWindowSize,
    connectionWindowSize,
    pingInterval,
    useMilo,
    webSocket,
    h2Options,
    eventSource
  } = {}) {
    if (keepAlive !== undefined) {
      throw new InvalidArgumentError('unsupported keepAlive, use pipelining=0 instead')
    }

    if (socketTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported socketTimeout, use headersTimeout & bodyTimeout instead')
    }

    if (requestTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported requestTimeout, use headersTimeout & bodyTimeout instead')
    }

    if (idleTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported idleTimeout, use keepAliveTimeout instead')
    }

    if (maxKeepAliveTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported maxKeepAliveTimeout, use keepAliveMaxTimeout instead')
    }

    if (maxHeaderSize != null) {
      if (!Number.isInteger(maxHeaderSize) || maxHeaderSize < 1) {
        throw new InvalidArgumentError('invalid maxHeaderSize')
      }
    } else {
      // If maxHeaderSize is not provided, use the default value from the http module
      // or if that is not available, throw an error.
      maxHeaderSize = getDefaultNodeMaxHeaderSize()
    }

    if (socketPath != null && typeof socketPath !== 'string') {
      throw new InvalidArgumentError('invalid socketPath')
    }

    if (connectTimeout != null && (!Number.isFinite(connectTimeout) || connectTimeout < 0)) {
      throw new InvalidArgumentError('invalid connectTimeout')
    }

    if (keepAliveTimeout != null && (!Number.isFinite(keepAliveTimeout) || keepAliveTimeout <= 0)) {
      throw new InvalidArgumentError('invalid keepAliveTimeout')
    }

    if (keepAliveMaxTimeout != null && (!Number.isFinite(keepAliveMaxTimeout) || keepAliveMaxTimeout <= 0)) {
      throw new InvalidArgumentError('invalid keepAliveMaxTimeout')
    }

    if (keepAliveTimeoutThreshold != null && !Number.isFinite(keepAliveTimeoutThreshold)) {
      throw new InvalidArgumentError('invalid keepAliveTimeoutThreshold')
    }

    if (headersTimeout != null && (!Number.isInteger(headersTimeout) || headersTimeout < 0)) {
      throw new InvalidArgumentError('headersTimeout must be a positive integer or zero')
    }

    if (bodyTimeout != null && (!Number.isInteger(bodyTimeout) || bodyTimeout < 0)) {
      throw new InvalidArgumentError('bodyTimeout must be a positive integer or zero')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (maxRequestsPerClient != null && (!Number.isInteger(maxRequestsPerClient) || maxRequestsPerClient < 0)) {
      throw new InvalidArgumentError('maxRequestsPerClient must be a positive number')
    }

    if (localAddress != null && (typeof localAddress !== 'string' || net.isIP(localAddress) === 0)) {
      throw new InvalidArgumentError('localAddress must be valid string IP address')
    }

    if (maxResponseSize != null && (!Number.isInteger(maxResponseSize) || maxResponseSize < -1)) {
      throw new InvalidArgumentError('maxResponseSize must be a positive number')
    }

    if (
      autoSelectFamilyAttemptTimeout != null &&
      (!Number.isInteger(autoSelectFamilyAttemptTimeout) || autoSelectFamilyAttemptTimeout < -1)
    ) {
      throw new InvalidArgumentError('autoSelectFamilyAttemptTimeout must be a positive number')
    }

    // h2
    if (allowH2 != null && typeof allowH2 !== 'boolean') {
      throw new InvalidArgumentError('allowH2 must be a valid boolean value')
    }

    // We validate only if allowH2 is enabled or null (enabled by default)
    if (allowH2 !== false) {
      // Prioritise new h2Options object, otherwise fallback to prior configuration options
      if (h2Options != null) {
        if (h2Options.useH2c != null && typeof h2Options.useH2c !== 'boolean') {
          throw new InvalidArgumentError('h2Options.useH2c must be a valid boolean value')
        }

        if (h2Options.settings?.initialWindowSize != null && (!Number.isInteger(h2Options.settings.initialWindowSize) || h2Options.settings.initialWindowSize < 1)) {
          throw new InvalidArgumentError('h2Options.settings.initialWindowSize must be a positive integer, greater than 0')
        }

        if (h2Options.maxConcurrentStreams != null && (!Number.isInteger(h2Options.maxConcurrentStreams) || h2Options.maxConcurrentStreams < 1)) {
          throw new InvalidArgumentError('h2Options.maxConcurrentStreams must be a positive integer, greater than 0')
        }

        if (h2Options.connectionWindowSize != null && (!Number.isInteger(h2Options.connectionWindowSize) || h2Options.connectionWindowSize < 1)) {
          throw new InvalidArgumentError('h2Options.connectionWindowSize must be a positive integer, greater than 0')
        }

        if (h2Options.pingInterval != null && (typeof h2Options.pingInterval !== 'number' || !Number.isInteger(h2Options.pingInterval) || h2Options.pingInterval < 0)) {
          throw new InvalidArgumentError('h2Options.pingInterval must be a positive integer, greater or equal to 0')
        }
      } else {
        if (useH2c != null && typeof useH2c !== 'boolean') {
          emitH2OptionsNamespaceWarning('useH2c')
          throw new InvalidArgumentError('useH2c must be a valid boolean value')
        }

        if (maxConcurrentStreams != null && (typeof maxConcurrentStreams !== 'number' || maxConcurrentStreams < 1)) {
          emitH2OptionsNamespaceWarning('maxConcurrentStreams')
          throw new InvalidArgumentError('maxConcurrentStreams must be a positive integer, greater than 0')
        }

        if (initialWindowSize != null && (!Number.isInteger(initialWindowSize) || initialWindowSize < 1)) {
          emitH2OptionsNamespaceWarning('initialWindowSize')
          throw new InvalidArgumentError('initialWindowSize must be a positive integer, greater than 0')
        }

        if (connectionWindowSize != null && (!Number.isInteger(connectionWindowSize) || connectionWindowSize < 1)) {
          emitH2OptionsNamespaceWarning('connectionWindowSize')
          throw new InvalidArgumentError('connectionWindowSize must be a positive integer, greater than 0')
        }

        if (pingInterval != null && (typeof pingInterval !== 'number' || !Number.isInteger(pingInterval) || pingInterval < 0)) {
          emitH2OptionsNamespaceWarning('pingInterval')
          throw new InvalidArgumentError('pingInterval must be a positive integer, greater or equal to 0')
        }
      }
    }

    super({ webSocket, eventSource })

    if (typeof connect !== 'function') {
      connect = buildConnector({
        ...tls,
        maxCachedSessions,
        allowH2,
        socketPath,
        useH2c: h2Options?.useH2c ?? useH2c,
        timeout: connectTimeout,
        ...(typeof autoSelectFamily === 'boolean' ? { autoSelectFamily, autoSelectFamilyAttemptTimeout } : undefined),
        ...connect
      })
    } else {
      const customConnect = connect
      connect = (opts, callback) => customConnect({
        ...opts,
        ...(socketPath != null ? { socketPath } : null),
        ...(allowH2 != null ? { allowH2 } : null)
      }, callback)
    }

    this[kUrl] = util.parseOrigin(url)
    this[kHostAuthority] = `${this[kUrl].hostname}${this[kUrl].port ? `:${this[kUrl].port}` : ''}`
    this[kConnector] = connect
    this[kPipelining] = pipelining != null ? pipelining : 1
    this[kMaxHeadersSize] = maxHeaderSize
    this[kKeepAliveDefaultTimeout] = keepAliveTimeout == null ? 4e3 : keepAliveTimeout
    this[kKeepAliveMaxTimeout] = keepAliveMaxTimeout == null ? 600e3 : keepAliveMaxTimeout
    this[kKeepAliveTimeoutThreshold] = keepAliveTimeoutThreshold == null ? 2e3 : keepAliveTimeoutThreshold
    this[kKeepAliveTimeoutValue] = this[kKeepAliveDefaultTimeout]
    this[kServerName] = null
    this[kLocalAddress] = localAddress != null ? localAddress : null
    this[kResuming] = 0 // 0, idle, 1, scheduled, 2 resuming
    this[kNeedDrain] = 0 // 0, idle, 1, scheduled, 2 resuming
    this[kHostHeader] = `host: ${this[kHostAuthority]}\r\n`
    this[kBodyTimeout] = bodyTimeout != null ? bodyTimeout : 300e3
    this[kHeadersTimeout] = headersTimeout != null ? headersTimeout : 300e3
    this[kStrictContentLength] = strictContentLength == null ? true : strictContentLength
    this[kMaxRequests] = maxRequestsPerClient
    this[kClosedResolve] = null
    this[kMaxResponseSize] = maxResponseSize > -1 ? maxResponseSize : -1
    this[kHTTPContext] = null
    // h2
    this[kHTTP2Options] = {
      pingInterval: h2Options?.pingInterval ?? pingInterval ?? 60e3,
      connectionWindowSize: h2Options?.connectionWindowSize ?? connectionWindowSize ?? 524288,
      maxConcurrentStreams: h2Options?.maxConcurrentStreams ?? maxConcurrentStreams ?? 100, // Max peerConcurrentStreams for a Node h2 server
      sessionOptions: {
        // HTTP/2 window sizes are set to higher defaults than Node.js core for better performance:
        // - initialWindowSize: 262144 (256KB) vs Node.js default 65535 (64KB - 1)
        //   Allows more data to be sent before requiring acknowledgment, improving throughput
        //   especially on high-latency networks. This matches common production HTTP/2 servers.
        // - connectionWindowSize: 524288 (512KB) vs Node.js default (none set)
        //   Provides better flow control for the entire connection across multiple streams.
        initialWindowSize: h2Options?.initialWindowSize ?? initialWindowSize ?? 262144
      }
    }
    this[kUseMilo] = useMilo

    // kQueue is built up of 3 sections separated by
    // the kRunningIdx and kPendingIdx indices.
    // |   complete   |   running   |   pending   |
    //                ^ kRunningIdx ^ kPendingIdx ^ kQueue.length
    // kRunningIdx points to the first running element.
    // kPendingIdx points to the first pending element.
    // This implements a fast queue with an amortized
    // time of O(1).

    this[kQueue] = []
    this[kRunningIdx] = 0
    this[kPendingIdx] = 0

    this[kResume] = (sync) => resume(this, sync)
    this[kOnError] = (err) => onError(this, err)
  }

  get pipelining () {
    return this[kPipelining]
  }

  set pipelining (value) {
    this[kPipelining] = value
    this[kResume](true)
  }

  get stats () {
    return new ClientStats(this)
  }

  get [kPending] () {
    return this[kQueue].length - this[kPendingIdx]
  }

  get [kRunning] () {
    return this[kPendingIdx] - this[kRunningIdx]
  }

  get [kSize] () {
    return this[kQueue].length - this[kRunningIdx]
  }

  get [kConnected] () {
    return !!this[kHTTPContext] && !this[kConnecting] && !this[kHTTPContext].destroyed
  }

  get [kBusy] () {
    // The `kPending > 0` check below is the gate Pool uses to decide whether
    // to spin up an additional Client. For h1 that fan-out is correct \u2014
    // each socket only handles one pipelined request at a time. Once an h2
    // context is attached we want concurrent dispatches to multiplex onto
    // the shared session, so suppress that signal in the h2 case.
    const allowsMux = this[kHTTPContext]?.version === 'h2'

    return Boolean(
      this[kHTTPContext]?.busy(null) ||
      (this[kSize] >= (getMaxConcurrent(this) || 1)) ||
      (this[kPending] > 0 && !allowsMux)
    )
  }

  [kConnect] (cb) {
    connect(this)
    this.once('connect', cb)
  }

  [kDispatch] (opts, handler) {
    const request = new Request(this[kUrl].origin, opts, handler)

    this[kQueue].push(request)
    if (this[kResuming]) {
      // Do nothing.
    } else if (util.bodyLength(request.body) == null && util.isIterable(request.body)) {
      // Wait a tick in case stream/iterator is ended in the same tick.
      this[kResuming] = 1
      queueMicrotask(() => resume(this))
    } else {
      this[kResume](true)
    }

    if (this[kResuming] && this[kNeedDrain] !== 2 && this[kBusy]) {
      this[kNeedDrain] = 2
    }

    return this[kNeedDrain] < 2
  }

  [kClose] () {
    // TODO: for H2 we need to gracefully flush the remaining enqueued
    // request and close each stream.
    return new Promise((resolve) => {
      if (this[kSize]) {
        this[kClosedResolve] = resolve
      } else {
        resolve(null)
      }
    })
  }

  [kDestroy] (err) {
    return new Promise((resolve) => {
      const requests = this[kQueue].splice(this[kPendingIdx])
      for (let i = 0; i < requests.length; i++) {
        const request = requests[i]
        if (request != null) {
          util.errorRequest(this, request, err)
        }
      }

      const callback = () => {
        if (this[kClosedResolve]) {
          // TODO (fix): Should we error here with ClientDestroyedError?
          this[kClosedResolve]()
          this[kClosedResolve] = null
        }
        resolve(null)
      }

      if (this[kHTTPContext]) {
        this[kHTTPContext].destroy(err, callback)
        this[kHTTPContext] = null
      } else {
        queueMicrotask(callback)
      }

      this[kResume]()
    })
  }
}

function onError (client, err) {
  if (
    client[kRunning] === 0 &&
    err.code !== 'UND_ERR_INFO' &&
    err.code !== 'UND_ERR_SOCKET'
  ) {
    // Error is not caused by running request and not a recoverable
    // socket error.

    assert(client[kPendingIdx] === client[kRunningIdx])

    const requests = client[kQueue].splice(client[kRunningIdx])

    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      if (request != null) {
        util.errorRequest(client, request, err)
      }
    }
    assert(client[kSize] === 0)
  }
}

/**
 * @param {Client} client
 * @returns {void}
 */
function connect (client) {
  assert(!client[kConnecting])
  assert(!client[kHTTPContext])

  let { host, hostname, protocol, port } = client[kUrl]

  // Resolve ipv6
  if (hostname[0] === '[') {
    const idx = hostname.indexOf(']')

    assert(idx !== -1)
    const ip = hostname.substring(1, idx)

    assert(net.isIPv6(ip))
    hostname = ip
  }

  client[kConnecting] = true

  if (channels.beforeConnect.hasSubscribers) {
    channels.beforeConnect.publish({
      connectParams: {
        host,
        hostname,
        protocol,
        port,
        version: client[kHTTPContext]?.version,
        servername: client[kServerName],
        localAddress: client[kLocalAddress]
      },
      connector: client[kConnector]
    })
  }

  try {
    client[kConnector]({
      host,
      hostname,
      protocol,
      port,
      servername: client[kServerName],
      localAddress: client[kLocalAddress]
    }, (err, socket) => {
      if (err) {
        handleConnectError(client, err, { host, hostname, protocol, port })
        client[kResume]()
        return
      }

      if (client.destroyed) {
        util.destroy(socket.on('error', noop), new ClientDestroyedError())
        client[kResume]()
        return
      }

      assert(socket)

      try {
        client[kHTTPContext] = socket.alpnProtocol === 'h2'
          ? connectH2(client, socket)
          : connectH1(client, socket)
      } catch (err) {
        socket.destroy().on('error', noop)
        handleConnectError(client, err, { host, hostname, protocol, port })
        client[kResume]()
        return
      }

      client[kConnecting] = false

      socket[kCounter] = 0
      socket[kMaxRequests] = client[kMaxRequests]
      socket[kClient] = client
      socket[kError] = null

      if (channels.connected.hasSubscribers) {
        channels.connected.publish({
          connectParams: {
            host,
            hostname,
            protocol,
            port,
            version: client[kHTTPContext]?.version,
            servername: client[kServerName],
            localAddress: client[kLocalAddress]
          },
          connector: client[kConnector],
          socket
        })
      }

      client.emit('connect', client[kUrl], [client])
      client[kResume]()
    })
  } catch (err) {
    handleConnectError(client, err, { host, hostname, protocol, port })
    client[kResume]()
  }
}

function handleConnectError (client, err, { host, hostname, protocol, port }) {
  if (client.destroyed) {
    return
  }

  client[kConnecting] = false

  if (channels.connectError.hasSubscribers) {
    channels.connectError.publish({
      connectParams: {
        host,
        hostname,
        protocol,
        port,
        version: client[kHTTPContext]?.version,
        servername: client[kServerName],
        localAddress: client[kLocalAddress]
      },
      connector: client[kConnector],
      error: err
    })
  }

  if (err.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const running = client[kQueue].splice(client[kRunningIdx], client[kRunning])
    client[kPendingIdx] = client[kRunningIdx]

    for (let i = 0; i < running.length; i++) {
      util.errorRequest(client, running[i], err)
    }

    while (client[kPending] > 0 && client[kQueue][client[kPendingIdx]].servername === client[kServerName]) {
      const request = client[kQueue].splice(client[kPendingIdx], 1)[0]
      util.errorRequest(client, request, err)
    }
  } else {
    onError(client, err)
  }

  client.emit('connectionError', client[kUrl], [client], err)
}

function emitDrain (client) {
  client[kNeedDrain] = 0
  client.emit('drain', client[kUrl], [client])
}

function resume (client, sync) {
  if (client[kResuming] === 2) {
    return
  }

  client[kResuming] = 2

  _resume(client, sync)
  client[kResuming] = 0

  if (client[kRunningIdx] > 256) {
    client[kQueue].splice(0, client[kRunningIdx])
    client[kPendingIdx] -= client[kRunningIdx]
    client[kRunningIdx] = 0
  }
}

function _resume (client, sync) {
  while (true) {
    if (client.destroyed) {
      assert(client[kPending] === 0)
      return
    }

    if (client[kClosedResolve] && !client[kSize]) {
      client[kClosedResolve]()
      client[kClosedResolve] = null
      return
    }

    if (client[kHTTPContext]) {
      client[kHTTPContext].resume()
    }

    if (client[kBusy]) {
      client[kNeedDrain] = 2
    } else if (client[kNeedDrain] === 2) {
      if (sync) {
        client[kNeedDrain] = 1
        queueMicrotask(() => emitDrain(client))
      } else {
        emitDrain(client)
      }
      continue
    }

    if (client[kPending] === 0) {
      return
    }

    if (client[kRunning] >= (getMaxConcurrent(client) || 1)) {
      return
    }

    const request = client[kQueue][client[kPendingIdx]]

    if (request === null) {
      return
    }

    if (request.aborted) {
      client[kQueue].splice(client[kPendingIdx], 1)
      continue
    }

    if (client[kUrl].protocol === 'https:' && client[kServerName] !== request.servername) {
      if (client[kRunning] > 0) {
        return
      }

      client[kServerName] = request.servername
      client[kHTTPContext]?.destroy(new InformationalError('servername changed'), () => {
        client[kHTTPContext] = null
        resume(client)
      })
    }

    if (client[kConnecting]) {
      return
    }

    if (!client[kHTTPContext]) {
      client[kServerName] = request.servername
      connect(client)
      return
    }

    if (client[kHTTPContext].destroyed) {
      return
    }

    if (client[kHTTPContext].busy(request)) {
      return
    }

    if (!request.aborted && client[kHTTPContext].write(request)) {
      client[kPendingIdx]++
    } else {
      client[kQueue].splice(client[kPendingIdx], 1)
    }
  }
}

module.exports = Client


/***/ }),

/***/ 592:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const buffer = __nccwpck_require__(4573)
const Dispatcher = __nccwpck_require__(8932)
const {
  ClientDestroyedError,
  ClientClosedError,
  InvalidArgumentError
} = __nccwpck_require__(9700)
const { kDestroy, kClose, kClosed, kDestroyed, kDispatch } = __nccwpck_require__(6750)
const { defaultWebSocketMaxFragments, defaultWebSocketMaxPayloadSize } = __nccwpck_require__(6494)

const kOnDestroyed = Symbol('onDestroyed')
const kOnClosed = Symbol('onClosed')
const kWebSocketOptions = Symbol('webSocketOptions')
const kEventSourceOptions = Symbol('eventSourceOptions')

class DispatcherBase extends Dispatcher {
  /** @type {boolean} */
  [kDestroyed] = false;

  /** @type {Array<Function|null} */
  [kOnDestroyed] = null;

  /** @type {boolean} */
  [kClosed] = false;

  /** @type {Array<Function>|null} */
  [kOnClosed] = null

  /**
   * @param {import('../../types/dispatcher').DispatcherOptions} [opts]
   */
  constructor (opts) {
    super()
    this[kWebSocketOptions] = opts?.webSocket ?? {}
    this[kEventSourceOptions] = opts?.eventSource ?? {}
  }

  /**
   * @returns {import('../../types/client').Client.WebSocketOptions}
   */
  get webSocketOptions () {
    return {
      maxFragments: this[kWebSocketOptions].maxFragments ?? defaultWebSocketMaxFragments,
      maxPayloadSize: this[kWebSocketOptions].maxPayloadSize ?? defaultWebSocketMaxPayloadSize
    }
  }

  /**
   * @returns {import('../../types/client').Client.EventSourceOptions}
   */
  get eventSourceOptions () {
    return {
      maxEventSize: this[kEventSourceOptions].maxEventSize ?? buffer.kStringMaxLength
    }
  }

  /** @returns {boolean} */
  get destroyed () {
    return this[kDestroyed]
  }

  /** @returns {boolean} */
  get closed () {
    return this[kClosed]
  }

  close (callback) {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.close((err, data) => {
          return err ? reject(err) : resolve(data)
        })
      })
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    if (this[kDestroyed]) {
      const err = new ClientDestroyedError()
      queueMicrotask(() => callback(err, null))
      return
    }

    if (this[kClosed]) {
      if (this[kOnClosed]) {
        this[kOnClosed].push(callback)
      } else {
        queueMicrotask(() => callback(null, null))
      }
      return
    }

    this[kClosed] = true
    this[kOnClosed] ??= []
    this[kOnClosed].push(callback)

    const onClosed = () => {
      const callbacks = this[kOnClosed]
      this[kOnClosed] = null
      for (let i = 0; i < callbacks.length; i++) {
        callbacks[i](null, null)
      }
    }

    // Should not error.
    this[kClose]()
      .then(() => this.destroy())
      .then(() => queueMicrotask(onClosed))
  }

  destroy (err, callback) {
    if (typeof err === 'function') {
      callback = err
      err = null
    }

    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.destroy(err, (err, data) => {
          return err ? reject(err) : resolve(data)
        })
      })
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    if (this[kDestroyed]) {
      if (this[kOnDestroyed]) {
        this[kOnDestroyed].push(callback)
      } else {
        queueMicrotask(() => callback(null, null))
      }
      return
    }

    if (!err) {
      err = new ClientDestroyedError()
    }

    this[kDestroyed] = true
    this[kOnDestroyed] ??= []
    this[kOnDestroyed].push(callback)

    const onDestroyed = () => {
      const callbacks = this[kOnDestroyed]
      this[kOnDestroyed] = null
      for (let i = 0; i < callbacks.length; i++) {
        callbacks[i](null, null)
      }
    }

    // Should not error.
    this[kDestroy](err)
      .then(() => queueMicrotask(onDestroyed))
  }

  dispatch (opts, handler) {
    if (!handler || typeof handler !== 'object') {
      throw new InvalidArgumentError('handler must be an object')
    }

    try {
      if (!opts || typeof opts !== 'object') {
        throw new InvalidArgumentError('opts must be an object.')
      }

      if (opts.dispatcher) {
        throw new InvalidArgumentError('opts.dispatcher is not supported by instance methods. Pass opts.dispatcher to the top-level undici functions or call the dispatcher instance method directly.')
      }

      if (this[kDestroyed] || this[kOnDestroyed]) {
        throw new ClientDestroyedError()
      }

      if (this[kClosed]) {
        throw new ClientClosedError()
      }

      return this[kDispatch](opts, handler)
    } catch (err) {
      if (typeof handler.onResponseError !== 'function') {
        throw err
      }

      handler.onResponseError(null, err)

      return false
    }
  }
}

module.exports = DispatcherBase


/***/ }),

/***/ 8932:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {


const EventEmitter = __nccwpck_require__(8474)
const { kOriginless, kUrl } = __nccwpck_require__(6750)

class Dispatcher extends EventEmitter {
  dispatch () {
    throw new Error('not implemented')
  }

  close () {
    throw new Error('not implemented')
  }

  destroy () {
    throw new Error('not implemented')
  }

  compose (...args) {
    // So we handle [interceptor1, interceptor2] or interceptor1, interceptor2, ...
    const interceptors = Array.isArray(args[0]) ? args[0] : args
    // null disables origin-dependent interceptors; undefined uses opts.origin.
    const interceptorOrigin = this[kOriginless] === true
      ? null
      : this[kUrl]?.origin
    let dispatch = this.dispatch.bind(this)

    for (const interceptor of interceptors) {
      if (interceptor == null) {
        continue
      }

      if (typeof interceptor !== 'function') {
        throw new TypeError(`invalid interceptor, expected function received ${typeof interceptor}`)
      }

      dispatch = interceptor(dispatch, interceptorOrigin)

      if (dispatch == null || typeof dispatch !== 'function' || dispatch.length !== 2) {
        throw new TypeError('invalid interceptor')
      }
    }

    const originalDispatch = dispatch
    const self = this
    dispatch = function (opts, handler) {
      if (opts && typeof opts === 'object' && !opts.origin && self[kUrl]) {
        opts = Object.assign({}, opts, { origin: self[kUrl].origin })
      }
      return originalDispatch(opts, handler)
    }

    return new Proxy(this, {
      get: (target, key) => key === 'dispatch' ? dispatch : target[key]
    })
  }
}

module.exports = Dispatcher


/***/ }),

/***/ 8201:
/***/ ((module) => {



// Extracted from node/lib/internal/fixed_queue.js

// Currently optimal queue size, tested on V8 6.0 - 6.6. Must be power of two.
const kSize = 2048
const kMask = kSize - 1

// The FixedQueue is implemented as a singly-linked list of fixed-size
// circular buffers. It looks something like this:
//
//  head                                                       tail
//    |                                                          |
//    v                                                          v
// +-----------+ <-----\       +-----------+ <------\         +-----------+
// |  [null]   |        \----- |   next    |         \------- |   next    |
// +-----------+               +-----------+                  +-----------+
// |   item    | <-- bottom    |   item    | <-- bottom       | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |       bottom --> |   item    |
// |   item    |               |   item    |                  |   item    |
// |    ...    |               |    ...    |                  |    ...    |
// |   item    |               |   item    |                  |   item    |
// |   item    |               |   item    |                  |   item    |
// | undefined | <-- top       |   item    |                  |   item    |
// | undefined |               |   item    |                  |   item    |
// | undefined |               | undefined | <-- top  top --> | undefined |
// +-----------+               +-----------+                  +-----------+
//
// Or, if there is only one circular buffer, it looks something
// like either of these:
//
//  head   tail                                 head   tail
//    |     |                                     |     |
//    v     v                                     v     v
// +-----------+                               +-----------+
// |  [null]   |                               |  [null]   |
// +-----------+                               +-----------+
// | undefined |                               |   item    |
// | undefined |                               |   item    |
// |   item    | <-- bottom            top --> | undefined |
// |   item    |                               | undefined |
// | undefined | <-- top            bottom --> |   item    |
// | undefined |                               |   item    |
// +-----------+                               +-----------+
//
// Adding a value means moving `top` forward by one, removing means
// moving `bottom` forward by one. After reaching the end, the queue
// wraps around.
//
// When `top === bottom` the current queue is empty and when
// `top + 1 === bottom` it's full. This wastes a single space of storage
// but allows much quicker checks.

/**
 * @type {FixedCircularBuffer}
 * @template T
 */
class FixedCircularBuffer {
  /** @type {number} */
  bottom = 0
  /** @type {number} */
  top = 0
  /** @type {Array<T|undefined>} */
  list = new Array(kSize).fill(undefined)
  /** @type {T|null} */
  next = null

  /** @returns {boolean} */
  isEmpty () {
    return this.top === this.bottom
  }

  /** @returns {boolean} */
  isFull () {
    return ((this.top + 1) & kMask) === this.bottom
  }

  /**
   * @param {T} data
   * @returns {void}
   */
  push (data) {
    this.list[this.top] = data
    this.top = (this.top + 1) & kMask
  }

  /** @returns {T|null} */
  shift () {
    const nextItem = this.list[this.bottom]
    if (nextItem === undefined) { return null }
    this.list[this.bottom] = undefined
    this.bottom = (this.bottom + 1) & kMask
    return nextItem
  }
}

/**
 * @template T
 */
module.exports = class FixedQueue {
  constructor () {
    /** @type {FixedCircularBuffer<T>} */
    this.head = this.tail = new FixedCircularBuffer()
  }

  /** @returns {boolean} */
  isEmpty () {
    return this.head.isEmpty()
  }

  /** @param {T} data */
  push (data) {
    if (this.head.isFull()) {
      // Head is full: Creates a new queue, sets the old queue's `.next` to it,
      // and sets it as the new main queue.
      this.head = this.head.next = new FixedCircularBuffer()
    }
    this.head.push(data)
  }

  /** @returns {T|null} */
  shift () {
    const tail = this.tail
    const next = tail.shift()
    if (tail.isEmpty() && tail.next !== null) {
      // If there is another queue, it forms the new tail.
      this.tail = tail.next
      tail.next = null
    }
    return next
  }
}


/***/ }),

/***/ 4524:
/***/ ((module) => {

module.exports = { getMiloEnabled: () => false };


/***/ }),

/***/ 5425:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { AsyncResource } = __nccwpck_require__(6698)
const { PoolStats } = __nccwpck_require__(239)
const DispatcherBase = __nccwpck_require__(592)
const FixedQueue = __nccwpck_require__(8201)
const { kConnected, kSize, kRunning, kPending, kQueued, kBusy, kFree, kUrl, kClose, kDestroy, kDispatch } = __nccwpck_require__(6750)

const kClients = Symbol('clients')
const kNeedDrain = Symbol('needDrain')
const kQueue = Symbol('queue')
const kClosedResolve = Symbol('closed resolve')
const kOnDrain = Symbol('onDrain')
const kOnConnect = Symbol('onConnect')
const kOnDisconnect = Symbol('onDisconnect')
const kOnConnectionError = Symbol('onConnectionError')
const kOnClientBusy = Symbol('on client busy')
const kOnClientDrain = Symbol('on client drain')
const kDrainQueue = Symbol('drain queue')
const kGetDispatcher = Symbol('get dispatcher')
const kHasDispatcher = Symbol('has dispatcher')
const kAddClient = Symbol('add client')
const kRemoveClient = Symbol('remove client')
const kRetireClient = Symbol('retire client')
const kRetiring = Symbol('retiring clients')

// Closes every live client, including clients that have been
// taken out of rotation but are still finishing their own
// requests.
// Requests that wait in the Pool queue are dispatched later from whichever
// callback drains the queue (another request's connect, drain, ...). Capture
// the caller's async context so Client#dispatch, and the diagnostics channel
// events it publishes, still run in it.
class QueuedRequest extends AsyncResource {
  constructor (opts, handler) {
    super('UNDICI_POOL_QUEUED_REQUEST')
    this.opts = opts
    this.handler = handler
  }

  dispatch (dispatcher) {
    return this.runInAsyncScope(dispatcher.dispatch, dispatcher, this.opts, this.handler)
  }
}

function closeClients (pool) {
  const closeAll = []
  for (let i = 0; i < pool[kClients].length; i++) {
    const client = pool[kClients][i]
    if (!client.destroyed) {
      closeAll.push(client.close())
    }
  }
  for (const closed of pool[kRetiring].values()) {
    closeAll.push(closed)
  }
  return Promise.all(closeAll)
}

class PoolBase extends DispatcherBase {
  [kQueue] = new FixedQueue();

  [kQueued] = 0;

  [kClients] = [];

  // Clients removed from kClients that have not finished closing,
  // mapped to a promise that settles once they have.
  [kRetiring] = new Map();

  [kNeedDrain] = false;

  [kOnDrain] (client, origin, targets) {
    if (client.closed || client.destroyed) {
      return
    }

    const queue = this[kQueue]
    let needDrain = false

    this[kOnClientDrain](client)

    while (!needDrain) {
      const item = queue.shift()
      if (!item) {
        break
      }
      this[kQueued]--
      needDrain = !item.dispatch(client)
    }

    client[kNeedDrain] = needDrain
    if (needDrain) {
      this[kOnClientBusy](client)

      // This client is full but requests are still queued, e.g. an h2
      // client that has just released everything queued while ALPN was
      // negotiated and hit maxConcurrentStreams. Hand the rest to other
      // clients, creating new ones up to the connection limit, instead of
      // leaving them for this client to drain one batch at a time.
      if (!queue.isEmpty()) {
        return this[kDrainQueue](origin, targets)
      }
    }

    if (!needDrain && this[kNeedDrain]) {
      this[kNeedDrain] = false
      this.emit('drain', origin, [this, ...targets])
    }

    if (this[kClosedResolve] && queue.isEmpty()) {
      return closeClients(this).then(this[kClosedResolve])
    }
  }

  [kOnClientBusy] () {}

  [kOnClientDrain] () {}

  [kDrainQueue] (origin, targets) {
    const queue = this[kQueue]
    let hasDispatcher = true

    while (!queue.isEmpty()) {
      const dispatcher = this[kGetDispatcher]()
      if (!dispatcher) {
        hasDispatcher = false
        break
      }

      const item = queue.shift()
      this[kQueued]--

      if (!item.dispatch(dispatcher)) {
        dispatcher[kNeedDrain] = true
        this[kOnClientBusy](dispatcher)
        hasDispatcher = this[kHasDispatcher]()
        if (!hasDispatcher) {
          break
        }
      }
    }

    if (hasDispatcher && this[kNeedDrain]) {
      this[kNeedDrain] = false
      this.emit('drain', origin, [this, ...targets])
    }

    if (this[kClosedResolve] && queue.isEmpty()) {
      return closeClients(this).then(this[kClosedResolve])
    }
  }

  [kOnConnect] = (origin, targets) => {
    this.emit('connect', origin, [this, ...targets])
  };

  [kOnDisconnect] = (origin, targets, err) => {
    this.emit('disconnect', origin, [this, ...targets], err)
  };

  [kOnConnectionError] = (origin, targets, err) => {
    this.emit('connectionError', origin, [this, ...targets], err)
  }

  get [kBusy] () {
    return this[kNeedDrain]
  }

  get [kConnected] () {
    let ret = 0
    for (const { [kConnected]: connected } of this[kClients]) {
      ret += connected
    }
    return ret
  }

  get [kFree] () {
    let ret = 0
    for (const { [kConnected]: connected, [kNeedDrain]: needDrain } of this[kClients]) {
      ret += connected && !needDrain
    }
    return ret
  }

  get [kPending] () {
    let ret = this[kQueued]
    for (const { [kPending]: pending } of this[kClients]) {
      ret += pending
    }
    return ret
  }

  get [kRunning] () {
    let ret = 0
    for (const { [kRunning]: running } of this[kClients]) {
      ret += running
    }
    return ret
  }

  get [kSize] () {
    let ret = this[kQueued]
    for (const { [kSize]: size } of this[kClients]) {
      ret += size
    }
    return ret
  }

  get stats () {
    return new PoolStats(this)
  }

  [kClose] () {
    if (this[kQueue].isEmpty()) {
      return closeClients(this)
    } else {
      return new Promise((resolve) => {
        this[kClosedResolve] = resolve
      })
    }
  }

  [kDestroy] (err) {
    while (true) {
      const item = this[kQueue].shift()
      if (!item) {
        break
      }
      item.handler.onResponseError(null, err)
    }

    const destroyAll = new Array(this[kClients].length)
    for (let i = 0; i < this[kClients].length; i++) {
      destroyAll[i] = this[kClients][i].destroy(err)
    }
    for (const client of this[kRetiring].keys()) {
      destroyAll.push(client.destroy(err))
    }
    return Promise.all(destroyAll)
  }

  [kDispatch] (opts, handler) {
    const dispatcher = this[kGetDispatcher]()

    if (!dispatcher) {
      this[kNeedDrain] = true
      this[kQueue].push(new QueuedRequest(opts, handler))
      this[kQueued]++
    } else if (!dispatcher.dispatch(opts, handler)) {
      dispatcher[kNeedDrain] = true
      this[kOnClientBusy](dispatcher)
      this[kNeedDrain] = !this[kHasDispatcher]()
    }

    return !this[kNeedDrain]
  }

  [kHasDispatcher] () {
    for (let i = 0; i < this[kClients].length; i++) {
      const dispatcher = this[kClients][i]

      if (
        !dispatcher[kNeedDrain] &&
        dispatcher.closed !== true &&
        dispatcher.destroyed !== true
      ) {
        return true
      }
    }

    return false
  }

  [kAddClient] (client) {
    client
      .on('drain', this[kOnDrain].bind(this, client))
      .on('connect', this[kOnConnect])
      .on('disconnect', this[kOnDisconnect])
      .on('connectionError', this[kOnConnectionError])

    this[kClients].push(client)

    if (this[kNeedDrain]) {
      queueMicrotask(() => {
        if (this[kNeedDrain] && !client[kNeedDrain]) {
          this[kOnDrain](client, client[kUrl], [client, this])
        }
      })
    }

    return this
  }

  // Takes a client out of rotation. A closed client no longer takes requests
  // from the pool queue (see kOnDrain), but it finishes the requests it
  // already has. Until it has, pool.close() waits for it and pool.destroy()
  // destroys it.
  [kRetireClient] (client) {
    const idx = this[kClients].indexOf(client)
    if (idx !== -1) {
      this[kClients].splice(idx, 1)
    }

    if (client.destroyed || this[kRetiring].has(client)) {
      return
    }

    // Use the callback form: custom dispatchers from `factory` are not
    // required to return a promise, and may call back synchronously.
    let done = false
    let resolveClosed
    const closed = new Promise((resolve) => { resolveClosed = resolve })
    this[kRetiring].set(client, closed)
    client.close(() => {
      if (!done) {
        done = true
        this[kRetiring].delete(client)
        resolveClosed()
      }
    })
  }

  [kRemoveClient] (client) {
    this[kRetireClient](client)

    this[kNeedDrain] = !this[kClients].some(dispatcher => (
      !dispatcher[kNeedDrain] &&
      dispatcher.closed !== true &&
      dispatcher.destroyed !== true
    ))
  }
}

module.exports = {
  PoolBase,
  kClients,
  kNeedDrain,
  kAddClient,
  kRemoveClient,
  kRetireClient,
  kDrainQueue,
  kOnClientBusy,
  kOnClientDrain,
  kGetDispatcher,
  kHasDispatcher
}


/***/ }),

/***/ 5331:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  PoolBase,
  kClients,
  kNeedDrain,
  kAddClient,
  kDrainQueue,
  kOnClientBusy,
  kOnClientDrain,
  kGetDispatcher,
  kHasDispatcher,
  kRemoveClient,
  kRetireClient
} = __nccwpck_require__(5425)
const Client = __nccwpck_require__(9998)
const {
  InvalidArgumentError
} = __nccwpck_require__(9700)
const util = __nccwpck_require__(3795)
const { kConnecting, kHTTPContext, kUrl, kQueued } = __nccwpck_require__(6750)
const buildConnector = __nccwpck_require__(1033)

const kOptions = Symbol('options')
const kConnections = Symbol('connections')
const kFactory = Symbol('factory')
const kProtocol = Symbol('protocol')
const kProtocolProbe = Symbol('protocol probe')

function defaultFactory (origin, opts) {
  return new Client(origin, opts)
}

function shouldCreateProtocolProbe (pool, dispatcher) {
  return dispatcher instanceof Client &&
    pool[kProtocol] !== 'h1' &&
    (pool[kOptions].useH2c === true || (pool[kUrl].protocol === 'https:' && pool[kOptions].allowH2 !== false))
}

function createClient (pool) {
  const dispatcher = pool[kFactory](pool[kUrl], pool[kOptions])

  // HTTPS does not reveal whether the peer selected h1 or h2 until ALPN
  // completes. While h2 is still possible, let one Client probe the protocol
  // and keep later requests in the Pool queue instead of opening one TLS
  // connection per request. A confirmed h1 connection disables this gate and
  // restores the usual Pool fan-out.
  if (shouldCreateProtocolProbe(pool, dispatcher)) {
    pool[kProtocolProbe] = dispatcher
  }

  pool[kAddClient](dispatcher)
  return dispatcher
}

class Pool extends PoolBase {
  constructor (origin, {
    connections,
    factory = defaultFactory,
    connect,
    connectTimeout,
    tls,
    maxCachedSessions,
    socketPath,
    autoSelectFamily,
    autoSelectFamilyAttemptTimeout,
    allowH2,
    useH2c,
    clientTtl,
    ...options
  } = {}) {
    if (connections != null && (!Number.isFinite(connections) || connections < 0)) {
      throw new InvalidArgumentError('invalid connections')
    }

    if (typeof factory !== 'function') {
      throw new InvalidArgumentError('factory must be a function.')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (typeof connect !== 'function') {
      connect = buildConnector({
        ...tls,
        maxCachedSessions,
        allowH2,
        useH2c,
        socketPath,
        timeout: connectTimeout,
        ...(typeof autoSelectFamily === 'boolean' ? { autoSelectFamily, autoSelectFamilyAttemptTimeout } : undefined),
        ...connect
      })
    }

    super(options)

    this[kConnections] = connections || null
    this[kUrl] = util.parseOrigin(origin)
    this[kOptions] = { ...util.deepClone(options), connect, allowH2, useH2c, clientTtl, socketPath }
    this[kFactory] = factory
    this[kProtocol] = null
    this[kProtocolProbe] = null

    this.on('connect', (origin, targets) => {
      if (clientTtl != null && clientTtl > 0) {
        for (const target of targets) {
          Object.assign(target, { ttl: Date.now() })
        }
      }

      const client = targets[targets.length - 1]
      if (client instanceof Client) {
        this[kProtocol] = client[kHTTPContext]?.version
      }

      if (client === this[kProtocolProbe]) {
        // An h2 Client's drain event releases the requests accumulated during
        // negotiation onto that Client. If ALPN selected h1, release the probe
        // immediately and restore normal Pool fan-out instead.
        if (this[kProtocol] !== 'h2') {
          this[kProtocolProbe] = null
          this[kDrainQueue](origin, targets.slice(1))
        }
      }
    })

    this.on('disconnect', (origin, targets) => {
      if (targets.includes(this[kProtocolProbe])) {
        this[kProtocolProbe] = null
        this[kDrainQueue](origin, targets.slice(1))
      }
    })

    this.on('connectionError', (origin, targets) => {
      let resumeQueued = false

      // If a connection error occurs, we remove the client from the pool,
      // and emit a connectionError event. They will not be re-used.
      // Fixes https://github.com/nodejs/undici/issues/3895
      for (const target of targets) {
        if (target === this[kProtocolProbe]) {
          this[kProtocolProbe] = null
          resumeQueued = true
        }

        // Retire (close) the client rather than only dropping it from
        // kClients: otherwise its drain listener keeps pulling requests from
        // the pool queue onto a client that pool.destroy() can't reach.
        if (this[kClients].includes(target)) {
          this[kRetireClient](target)
        }
      }

      // The retired client no longer drains the pool queue, so hand any
      // queued requests to another (possibly new) client.
      if (resumeQueued || this[kQueued] > 0) {
        this[kDrainQueue](origin, targets.slice(1))
      }
    })
  }

  [kOnClientBusy] (client) {
    if (
      this[kProtocolProbe] === null &&
      client[kConnecting] &&
      shouldCreateProtocolProbe(this, client)
    ) {
      this[kProtocolProbe] = client
    }
  }

  [kOnClientDrain] (client) {
    if (client === this[kProtocolProbe]) {
      this[kProtocolProbe] = null
    }
  }

  [kGetDispatcher] () {
    const clientTtlOption = this[kOptions].clientTtl
    for (let i = 0; i < this[kClients].length; i++) {
      const client = this[kClients][i]

      // check ttl of client and if it's stale, remove it from the pool
      if (clientTtlOption != null && clientTtlOption > 0 && client.ttl && ((Date.now() - client.ttl) > clientTtlOption)) {
        this[kRemoveClient](client)
        i--
      } else if (!client[kNeedDrain]) {
        return client
      }
    }

    if (this[kProtocolProbe] !== null) {
      return
    }

    if (!this[kConnections] || this[kClients].length < this[kConnections]) {
      return createClient(this)
    }
  }

  [kHasDispatcher] () {
    const clientTtlOption = this[kOptions].clientTtl
    for (let i = 0; i < this[kClients].length; i++) {
      const client = this[kClients][i]

      if (clientTtlOption != null && clientTtlOption > 0 && client.ttl && ((Date.now() - client.ttl) > clientTtlOption)) {
        this[kRemoveClient](client)
        i--
      } else if (!client[kNeedDrain]) {
        return true
      }
    }

    if (this[kProtocolProbe] !== null) {
      return false
    }

    if (!this[kConnections] || this[kClients].length < this[kConnections]) {
      createClient(this)
      return true
    }

    return false
  }
}

module.exports = Pool


/***/ }),

/***/ 605:
/***/ ((__unused_webpack_module, exports, __nccwpck_require__) => {


Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.SPECIAL_HEADERS = exports.MINOR = exports.MAJOR = exports.HTAB_SP_VCHAR_OBS_TEXT = exports.QUOTED_STRING = exports.CONNECTION_TOKEN_CHARS = exports.HEADER_CHARS = exports.TOKEN = exports.HEX = exports.URL_CHAR = exports.USERINFO_CHARS = exports.MARK = exports.ALPHANUM = exports.NUM = exports.HEX_MAP = exports.NUM_MAP = exports.ALPHA = exports.STATUSES_HTTP = exports.H_METHOD_MAP = exports.METHOD_MAP = exports.METHODS_RTSP = exports.METHODS_ICE = exports.METHODS_HTTP = exports.HEADER_STATE = exports.FINISH = exports.STATUSES = exports.METHODS = exports.LENIENT_FLAGS = exports.FLAGS = exports.TYPE = exports.ERROR = void 0;
const utils_1 = __nccwpck_require__(3601);
// Emums
exports.ERROR = {
    OK: 0,
    INTERNAL: 1,
    STRICT: 2,
    CR_EXPECTED: 25,
    LF_EXPECTED: 3,
    UNEXPECTED_CONTENT_LENGTH: 4,
    UNEXPECTED_SPACE: 30,
    CLOSED_CONNECTION: 5,
    INVALID_METHOD: 6,
    INVALID_URL: 7,
    INVALID_CONSTANT: 8,
    INVALID_VERSION: 9,
    INVALID_HEADER_TOKEN: 10,
    INVALID_CONTENT_LENGTH: 11,
    INVALID_CHUNK_SIZE: 12,
    INVALID_STATUS: 13,
    INVALID_EOF_STATE: 14,
    INVALID_TRANSFER_ENCODING: 15,
    CB_MESSAGE_BEGIN: 16,
    CB_HEADERS_COMPLETE: 17,
    CB_MESSAGE_COMPLETE: 18,
    CB_CHUNK_HEADER: 19,
    CB_CHUNK_COMPLETE: 20,
    PAUSED: 21,
    PAUSED_UPGRADE: 22,
    PAUSED_H2_UPGRADE: 23,
    USER: 24,
    CB_URL_COMPLETE: 26,
    CB_STATUS_COMPLETE: 27,
    CB_METHOD_COMPLETE: 32,
    CB_VERSION_COMPLETE: 33,
    CB_HEADER_FIELD_COMPLETE: 28,
    CB_HEADER_VALUE_COMPLETE: 29,
    CB_CHUNK_EXTENSION_NAME_COMPLETE: 34,
    CB_CHUNK_EXTENSION_VALUE_COMPLETE: 35,
    CB_RESET: 31,
    CB_PROTOCOL_COMPLETE: 38,
};
exports.TYPE = {
    BOTH: 0, // default
    REQUEST: 1,
    RESPONSE: 2,
};
exports.FLAGS = {
    CONNECTION_KEEP_ALIVE: 1 << 0,
    CONNECTION_CLOSE: 1 << 1,
    CONNECTION_UPGRADE: 1 << 2,
    CHUNKED: 1 << 3,
    UPGRADE: 1 << 4,
    CONTENT_LENGTH: 1 << 5,
    SKIPBODY: 1 << 6,
    TRAILING: 1 << 7,
    // 1 << 8 is unused
    TRANSFER_ENCODING: 1 << 9,
};
exports.LENIENT_FLAGS = {
    HEADERS: 1 << 0,
    CHUNKED_LENGTH: 1 << 1,
    KEEP_ALIVE: 1 << 2,
    TRANSFER_ENCODING: 1 << 3,
    VERSION: 1 << 4,
    DATA_AFTER_CLOSE: 1 << 5,
    OPTIONAL_LF_AFTER_CR: 1 << 6,
    OPTIONAL_CRLF_AFTER_CHUNK: 1 << 7,
    OPTIONAL_CR_BEFORE_LF: 1 << 8,
    SPACES_AFTER_CHUNK_SIZE: 1 << 9,
};
exports.METHODS = {
    'DELETE': 0,
    'GET': 1,
    'HEAD': 2,
    'POST': 3,
    'PUT': 4,
    /* pathological */
    'CONNECT': 5,
    'OPTIONS': 6,
    'TRACE': 7,
    /* WebDAV */
    'COPY': 8,
    'LOCK': 9,
    'MKCOL': 10,
    'MOVE': 11,
    'PROPFIND': 12,
    'PROPPATCH': 13,
    'SEARCH': 14,
    'UNLOCK': 15,
    'BIND': 16,
    'REBIND': 17,
    'UNBIND': 18,
    'ACL': 19,
    /* subversion */
    'REPORT': 20,
    'MKACTIVITY': 21,
    'CHECKOUT': 22,
    'MERGE': 23,
    /* upnp */
    'M-SEARCH': 24,
    'NOTIFY': 25,
    'SUBSCRIBE': 26,
    'UNSUBSCRIBE': 27,
    /* RFC-5789 */
    'PATCH': 28,
    'PURGE': 29,
    /* CalDAV */
    'MKCALENDAR': 30,
    /* RFC-2068, section 19.6.1.2 */
    'LINK': 31,
    'UNLINK': 32,
    /* icecast */
    'SOURCE': 33,
    /* RFC-7540, section 11.6 */
    'PRI': 34,
    /* RFC-2326 RTSP */
    'DESCRIBE': 35,
    'ANNOUNCE': 36,
    'SETUP': 37,
    'PLAY': 38,
    'PAUSE': 39,
    'TEARDOWN': 40,
    'GET_PARAMETER': 41,
    'SET_PARAMETER': 42,
    'REDIRECT': 43,
    'RECORD': 44,
    /* RAOP */
    'FLUSH': 45,
    /* DRAFT https://www.ietf.org/archive/id/draft-ietf-httpbis-safe-method-w-body-02.html */
    'QUERY': 46,
};
exports.STATUSES = {
    CONTINUE: 100,
    SWITCHING_PROTOCOLS: 101,
    PROCESSING: 102,
    EARLY_HINTS: 103,
    RESPONSE_IS_STALE: 110, // Unofficial
    REVALIDATION_FAILED: 111, // Unofficial
    DISCONNECTED_OPERATION: 112, // Unofficial
    HEURISTIC_EXPIRATION: 113, // Unofficial
    MISCELLANEOUS_WARNING: 199, // Unofficial
    OK: 200,
    CREATED: 201,
    ACCEPTED: 202,
    NON_AUTHORITATIVE_INFORMATION: 203,
    NO_CONTENT: 204,
    RESET_CONTENT: 205,
    PARTIAL_CONTENT: 206,
    MULTI_STATUS: 207,
    ALREADY_REPORTED: 208,
    TRANSFORMATION_APPLIED: 214, // Unofficial
    IM_USED: 226,
    MISCELLANEOUS_PERSISTENT_WARNING: 299, // Unofficial
    MULTIPLE_CHOICES: 300,
    MOVED_PERMANENTLY: 301,
    FOUND: 302,
    SEE_OTHER: 303,
    NOT_MODIFIED: 304,
    USE_PROXY: 305,
    SWITCH_PROXY: 306, // No longer used
    TEMPORARY_REDIRECT: 307,
    PERMANENT_REDIRECT: 308,
    BAD_REQUEST: 400,
    UNAUTHORIZED: 401,
    PAYMENT_REQUIRED: 402,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_ACCEPTABLE: 406,
    PROXY_AUTHENTICATION_REQUIRED: 407,
    REQUEST_TIMEOUT: 408,
    CONFLICT: 409,
    GONE: 410,
    LENGTH_REQUIRED: 411,
    PRECONDITION_FAILED: 412,
    PAYLOAD_TOO_LARGE: 413,
    URI_TOO_LONG: 414,
    UNSUPPORTED_MEDIA_TYPE: 415,
    RANGE_NOT_SATISFIABLE: 416,
    EXPECTATION_FAILED: 417,
    IM_A_TEAPOT: 418,
    PAGE_EXPIRED: 419, // Unofficial
    ENHANCE_YOUR_CALM: 420, // Unofficial
    MISDIRECTED_REQUEST: 421,
    UNPROCESSABLE_ENTITY: 422,
    LOCKED: 423,
    FAILED_DEPENDENCY: 424,
    TOO_EARLY: 425,
    UPGRADE_REQUIRED: 426,
    PRECONDITION_REQUIRED: 428,
    TOO_MANY_REQUESTS: 429,
    REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL: 430, // Unofficial
    REQUEST_HEADER_FIELDS_TOO_LARGE: 431,
    LOGIN_TIMEOUT: 440, // Unofficial
    NO_RESPONSE: 444, // Unofficial
    RETRY_WITH: 449, // Unofficial
    BLOCKED_BY_PARENTAL_CONTROL: 450, // Unofficial
    UNAVAILABLE_FOR_LEGAL_REASONS: 451,
    CLIENT_CLOSED_LOAD_BALANCED_REQUEST: 460, // Unofficial
    INVALID_X_FORWARDED_FOR: 463, // Unofficial
    REQUEST_HEADER_TOO_LARGE: 494, // Unofficial
    SSL_CERTIFICATE_ERROR: 495, // Unofficial
    SSL_CERTIFICATE_REQUIRED: 496, // Unofficial
    HTTP_REQUEST_SENT_TO_HTTPS_PORT: 497, // Unofficial
    INVALID_TOKEN: 498, // Unofficial
    CLIENT_CLOSED_REQUEST: 499, // Unofficial
    INTERNAL_SERVER_ERROR: 500,
    NOT_IMPLEMENTED: 501,
    BAD_GATEWAY: 502,
    SERVICE_UNAVAILABLE: 503,
    GATEWAY_TIMEOUT: 504,
    HTTP_VERSION_NOT_SUPPORTED: 505,
    VARIANT_ALSO_NEGOTIATES: 506,
    INSUFFICIENT_STORAGE: 507,
    LOOP_DETECTED: 508,
    BANDWIDTH_LIMIT_EXCEEDED: 509,
    NOT_EXTENDED: 510,
    NETWORK_AUTHENTICATION_REQUIRED: 511,
    WEB_SERVER_UNKNOWN_ERROR: 520, // Unofficial
    WEB_SERVER_IS_DOWN: 521, // Unofficial
    CONNECTION_TIMEOUT: 522, // Unofficial
    ORIGIN_IS_UNREACHABLE: 523, // Unofficial
    TIMEOUT_OCCURED: 524, // Unofficial
    SSL_HANDSHAKE_FAILED: 525, // Unofficial
    INVALID_SSL_CERTIFICATE: 526, // Unofficial
    RAILGUN_ERROR: 527, // Unofficial
    SITE_IS_OVERLOADED: 529, // Unofficial
    SITE_IS_FROZEN: 530, // Unofficial
    IDENTITY_PROVIDER_AUTHENTICATION_ERROR: 561, // Unofficial
    NETWORK_READ_TIMEOUT: 598, // Unofficial
    NETWORK_CONNECT_TIMEOUT: 599, // Unofficial
};
exports.FINISH = {
    SAFE: 0,
    SAFE_WITH_CB: 1,
    UNSAFE: 2,
};
exports.HEADER_STATE = {
    GENERAL: 0,
    CONNECTION: 1,
    CONTENT_LENGTH: 2,
    TRANSFER_ENCODING: 3,
    UPGRADE: 4,
    CONNECTION_KEEP_ALIVE: 5,
    CONNECTION_CLOSE: 6,
    CONNECTION_UPGRADE: 7,
    TRANSFER_ENCODING_CHUNKED: 8,
};
// C headers
exports.METHODS_HTTP = [
    exports.METHODS.DELETE,
    exports.METHODS.GET,
    exports.METHODS.HEAD,
    exports.METHODS.POST,
    exports.METHODS.PUT,
    exports.METHODS.CONNECT,
    exports.METHODS.OPTIONS,
    exports.METHODS.TRACE,
    exports.METHODS.COPY,
    exports.METHODS.LOCK,
    exports.METHODS.MKCOL,
    exports.METHODS.MOVE,
    exports.METHODS.PROPFIND,
    exports.METHODS.PROPPATCH,
    exports.METHODS.SEARCH,
    exports.METHODS.UNLOCK,
    exports.METHODS.BIND,
    exports.METHODS.REBIND,
    exports.METHODS.UNBIND,
    exports.METHODS.ACL,
    exports.METHODS.REPORT,
    exports.METHODS.MKACTIVITY,
    exports.METHODS.CHECKOUT,
    exports.METHODS.MERGE,
    exports.METHODS['M-SEARCH'],
    exports.METHODS.NOTIFY,
    exports.METHODS.SUBSCRIBE,
    exports.METHODS.UNSUBSCRIBE,
    exports.METHODS.PATCH,
    exports.METHODS.PURGE,
    exports.METHODS.MKCALENDAR,
    exports.METHODS.LINK,
    exports.METHODS.UNLINK,
    exports.METHODS.PRI,
    // TODO(indutny): should we allow it with HTTP?
    exports.METHODS.SOURCE,
    exports.METHODS.QUERY,
];
exports.METHODS_ICE = [
    exports.METHODS.SOURCE,
];
exports.METHODS_RTSP = [
    exports.METHODS.OPTIONS,
    exports.METHODS.DESCRIBE,
    exports.METHODS.ANNOUNCE,
    exports.METHODS.SETUP,
    exports.METHODS.PLAY,
    exports.METHODS.PAUSE,
    exports.METHODS.TEARDOWN,
    exports.METHODS.GET_PARAMETER,
    exports.METHODS.SET_PARAMETER,
    exports.METHODS.REDIRECT,
    exports.METHODS.RECORD,
    exports.METHODS.FLUSH,
    // For AirPlay
    exports.METHODS.GET,
    exports.METHODS.POST,
];
exports.METHOD_MAP = (0, utils_1.enumToMap)(exports.METHODS);
exports.H_METHOD_MAP = Object.fromEntries(Object.entries(exports.METHODS).filter(([k]) => k.startsWith('H')));
exports.STATUSES_HTTP = [
    exports.STATUSES.CONTINUE,
    exports.STATUSES.SWITCHING_PROTOCOLS,
    exports.STATUSES.PROCESSING,
    exports.STATUSES.EARLY_HINTS,
    exports.STATUSES.RESPONSE_IS_STALE,
    exports.STATUSES.REVALIDATION_FAILED,
    exports.STATUSES.DISCONNECTED_OPERATION,
    exports.STATUSES.HEURISTIC_EXPIRATION,
    exports.STATUSES.MISCELLANEOUS_WARNING,
    exports.STATUSES.OK,
    exports.STATUSES.CREATED,
    exports.STATUSES.ACCEPTED,
    exports.STATUSES.NON_AUTHORITATIVE_INFORMATION,
    exports.STATUSES.NO_CONTENT,
    exports.STATUSES.RESET_CONTENT,
    exports.STATUSES.PARTIAL_CONTENT,
    exports.STATUSES.MULTI_STATUS,
    exports.STATUSES.ALREADY_REPORTED,
    exports.STATUSES.TRANSFORMATION_APPLIED,
    exports.STATUSES.IM_USED,
    exports.STATUSES.MISCELLANEOUS_PERSISTENT_WARNING,
    exports.STATUSES.MULTIPLE_CHOICES,
    exports.STATUSES.MOVED_PERMANENTLY,
    exports.STATUSES.FOUND,
    exports.STATUSES.SEE_OTHER,
    exports.STATUSES.NOT_MODIFIED,
    exports.STATUSES.USE_PROXY,
    exports.STATUSES.SWITCH_PROXY,
    exports.STATUSES.TEMPORARY_REDIRECT,
    exports.STATUSES.PERMANENT_REDIRECT,
    exports.STATUSES.BAD_REQUEST,
    exports.STATUSES.UNAUTHORIZED,
    exports.STATUSES.PAYMENT_REQUIRED,
    exports.STATUSES.FORBIDDEN,
    exports.STATUSES.NOT_FOUND,
    exports.STATUSES.METHOD_NOT_ALLOWED,
    exports.STATUSES.NOT_ACCEPTABLE,
    exports.STATUSES.PROXY_AUTHENTICATION_REQUIRED,
    exports.STATUSES.REQUEST_TIMEOUT,
    exports.STATUSES.CONFLICT,
    exports.STATUSES.GONE,
    exports.STATUSES.LENGTH_REQUIRED,
    exports.STATUSES.PRECONDITION_FAILED,
    exports.STATUSES.PAYLOAD_TOO_LARGE,
    exports.STATUSES.URI_TOO_LONG,
    exports.STATUSES.UNSUPPORTED_MEDIA_TYPE,
    exports.STATUSES.RANGE_NOT_SATISFIABLE,
    exports.STATUSES.EXPECTATION_FAILED,
    exports.STATUSES.IM_A_TEAPOT,
    exports.STATUSES.PAGE_EXPIRED,
    exports.STATUSES.ENHANCE_YOUR_CALM,
    exports.STATUSES.MISDIRECTED_REQUEST,
    exports.STATUSES.UNPROCESSABLE_ENTITY,
    exports.STATUSES.LOCKED,
    exports.STATUSES.FAILED_DEPENDENCY,
    exports.STATUSES.TOO_EARLY,
    exports.STATUSES.UPGRADE_REQUIRED,
    exports.STATUSES.PRECONDITION_REQUIRED,
    exports.STATUSES.TOO_MANY_REQUESTS,
    exports.STATUSES.REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL,
    exports.STATUSES.REQUEST_HEADER_FIELDS_TOO_LARGE,
    exports.STATUSES.LOGIN_TIMEOUT,
    exports.STATUSES.NO_RESPONSE,
    exports.STATUSES.RETRY_WITH,
    exports.STATUSES.BLOCKED_BY_PARENTAL_CONTROL,
    exports.STATUSES.UNAVAILABLE_FOR_LEGAL_REASONS,
    exports.STATUSES.CLIENT_CLOSED_LOAD_BALANCED_REQUEST,
    exports.STATUSES.INVALID_X_FORWARDED_FOR,
    exports.STATUSES.REQUEST_HEADER_TOO_LARGE,
    exports.STATUSES.SSL_CERTIFICATE_ERROR,
    exports.STATUSES.SSL_CERTIFICATE_REQUIRED,
    exports.STATUSES.HTTP_REQUEST_SENT_TO_HTTPS_PORT,
    exports.STATUSES.INVALID_TOKEN,
    exports.STATUSES.CLIENT_CLOSED_REQUEST,
    exports.STATUSES.INTERNAL_SERVER_ERROR,
    exports.STATUSES.NOT_IMPLEMENTED,
    exports.STATUSES.BAD_GATEWAY,
    exports.STATUSES.SERVICE_UNAVAILABLE,
    exports.STATUSES.GATEWAY_TIMEOUT,
    exports.STATUSES.HTTP_VERSION_NOT_SUPPORTED,
    exports.STATUSES.VARIANT_ALSO_NEGOTIATES,
    exports.STATUSES.INSUFFICIENT_STORAGE,
    exports.STATUSES.LOOP_DETECTED,
    exports.STATUSES.BANDWIDTH_LIMIT_EXCEEDED,
    exports.STATUSES.NOT_EXTENDED,
    exports.STATUSES.NETWORK_AUTHENTICATION_REQUIRED,
    exports.STATUSES.WEB_SERVER_UNKNOWN_ERROR,
    exports.STATUSES.WEB_SERVER_IS_DOWN,
    exports.STATUSES.CONNECTION_TIMEOUT,
    exports.STATUSES.ORIGIN_IS_UNREACHABLE,
    exports.STATUSES.TIMEOUT_OCCURED,
    exports.STATUSES.SSL_HANDSHAKE_FAILED,
    exports.STATUSES.INVALID_SSL_CERTIFICATE,
    exports.STATUSES.RAILGUN_ERROR,
    exports.STATUSES.SITE_IS_OVERLOADED,
    exports.STATUSES.SITE_IS_FROZEN,
    exports.STATUSES.IDENTITY_PROVIDER_AUTHENTICATION_ERROR,
    exports.STATUSES.NETWORK_READ_TIMEOUT,
    exports.STATUSES.NETWORK_CONNECT_TIMEOUT,
];
exports.ALPHA = [];
for (let i = 'A'.charCodeAt(0); i <= 'Z'.charCodeAt(0); i++) {
    // Upper case
    exports.ALPHA.push(String.fromCharCode(i));
    // Lower case
    exports.ALPHA.push(String.fromCharCode(i + 0x20));
}
exports.NUM_MAP = {
    0: 0, 1: 1, 2: 2, 3: 3, 4: 4,
    5: 5, 6: 6, 7: 7, 8: 8, 9: 9,
};
exports.HEX_MAP = {
    0: 0, 1: 1, 2: 2, 3: 3, 4: 4,
    5: 5, 6: 6, 7: 7, 8: 8, 9: 9,
    A: 0XA, B: 0XB, C: 0XC, D: 0XD, E: 0XE, F: 0XF,
    a: 0xa, b: 0xb, c: 0xc, d: 0xd, e: 0xe, f: 0xf,
};
exports.NUM = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
];
exports.ALPHANUM = exports.ALPHA.concat(exports.NUM);
exports.MARK = ['-', '_', '.', '!', '~', '*', '\'', '(', ')'];
exports.USERINFO_CHARS = exports.ALPHANUM
    .concat(exports.MARK)
    .concat(['%', ';', ':', '&', '=', '+', '$', ',']);
// TODO(indutny): use RFC
exports.URL_CHAR = [
    '!', '"', '$', '%', '&', '\'',
    '(', ')', '*', '+', ',', '-', '.', '/',
    ':', ';', '<', '=', '>',
    '@', '[', '\\', ']', '^', '_',
    '`',
    '{', '|', '}', '~',
].concat(exports.ALPHANUM);
exports.HEX = exports.NUM.concat(['a', 'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F']);
/* Tokens as defined by rfc 2616. Also lowercases them.
 *        token       = 1*<any CHAR except CTLs or separators>
 *     separators     = "(" | ")" | "<" | ">" | "@"
 *                    | "," | ";" | ":" | "\" | <">
 *                    | "/" | "[" | "]" | "?" | "="
 *                    | "{" | "}" | SP | HT
 */
exports.TOKEN = [
    '!', '#', '$', '%', '&', '\'',
    '*', '+', '-', '.',
    '^', '_', '`',
    '|', '~',
].concat(exports.ALPHANUM);
/*
 * Verify that a char is a valid visible (printable) US-ASCII
 * character or %x80-FF
 */
exports.HEADER_CHARS = ['\t'];
for (let i = 32; i <= 255; i++) {
    if (i !== 127) {
        exports.HEADER_CHARS.push(i);
    }
}
// ',' = \x44
exports.CONNECTION_TOKEN_CHARS = exports.HEADER_CHARS.filter((c) => c !== 44);
exports.QUOTED_STRING = ['\t', ' '];
for (let i = 0x21; i <= 0xff; i++) {
    if (i !== 0x22 && i !== 0x5c) { // All characters in ASCII except \ and "
        exports.QUOTED_STRING.push(i);
    }
}
exports.HTAB_SP_VCHAR_OBS_TEXT = ['\t', ' '];
// VCHAR: https://tools.ietf.org/html/rfc5234#appendix-B.1
for (let i = 0x21; i <= 0x7E; i++) {
    exports.HTAB_SP_VCHAR_OBS_TEXT.push(i);
}
// OBS_TEXT: https://datatracker.ietf.org/doc/html/rfc9110#name-collected-abnf
for (let i = 0x80; i <= 0xff; i++) {
    exports.HTAB_SP_VCHAR_OBS_TEXT.push(i);
}
exports.MAJOR = exports.NUM_MAP;
exports.MINOR = exports.MAJOR;
exports.SPECIAL_HEADERS = {
    'connection': exports.HEADER_STATE.CONNECTION,
    'content-length': exports.HEADER_STATE.CONTENT_LENGTH,
    'proxy-connection': exports.HEADER_STATE.CONNECTION,
    'transfer-encoding': exports.HEADER_STATE.TRANSFER_ENCODING,
    'upgrade': exports.HEADER_STATE.UPGRADE,
};
exports["default"] = {
    ERROR: exports.ERROR,
    TYPE: exports.TYPE,
    FLAGS: exports.FLAGS,
    LENIENT_FLAGS: exports.LENIENT_FLAGS,
    METHODS: exports.METHODS,
    STATUSES: exports.STATUSES,
    FINISH: exports.FINISH,
    HEADER_STATE: exports.HEADER_STATE,
    ALPHA: exports.ALPHA,
    NUM_MAP: exports.NUM_MAP,
    HEX_MAP: exports.HEX_MAP,
    NUM: exports.NUM,
    ALPHANUM: exports.ALPHANUM,
    MARK: exports.MARK,
    USERINFO_CHARS: exports.USERINFO_CHARS,
    URL_CHAR: exports.URL_CHAR,
    HEX: exports.HEX,
    TOKEN: exports.TOKEN,
    HEADER_CHARS: exports.HEADER_CHARS,
    CONNECTION_TOKEN_CHARS: exports.CONNECTION_TOKEN_CHARS,
    QUOTED_STRING: exports.QUOTED_STRING,
    HTAB_SP_VCHAR_OBS_TEXT: exports.HTAB_SP_VCHAR_OBS_TEXT,
    MAJOR: exports.MAJOR,
    MINOR: exports.MINOR,
    SPECIAL_HEADERS: exports.SPECIAL_HEADERS,
    METHODS_HTTP: exports.METHODS_HTTP,
    METHODS_ICE: exports.METHODS_ICE,
    METHODS_RTSP: exports.METHODS_RTSP,
    METHOD_MAP: exports.METHOD_MAP,
    H_METHOD_MAP: exports.H_METHOD_MAP,
    STATUSES_HTTP: exports.STATUSES_HTTP,
};


/***/ }),

/***/ 9727:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

/* module decorator */ module = __nccwpck_require__.nmd(module);


const { Buffer } = __nccwpck_require__(4573)

const wasmBase64 = 'AGFzbQEAAAABJwdgAX8Bf2ADf39/AX9gAn9/AGABfwBgBH9/f38Bf2AAAGADf39/AALLAQgDZW52GHdhc21fb25faGVhZGVyc19jb21wbGV0ZQAEA2VudhV3YXNtX29uX21lc3NhZ2VfYmVnaW4AAANlbnYLd2FzbV9vbl91cmwAAQNlbnYOd2FzbV9vbl9zdGF0dXMAAQNlbnYUd2FzbV9vbl9oZWFkZXJfZmllbGQAAQNlbnYUd2FzbV9vbl9oZWFkZXJfdmFsdWUAAQNlbnYMd2FzbV9vbl9ib2R5AAEDZW52GHdhc21fb25fbWVzc2FnZV9jb21wbGV0ZQAAAzU0BQYAAAMAAAAAAAADAQMAAwMDAAACAAAAAAICAgICAgICAgIBAQEBAQEBAQEBAwAAAwAAAAQFAXABExMFAwEAAgYIAX8BQcDZBAsHxQcoBm1lbW9yeQIAC19pbml0aWFsaXplAAgZX19pbmRpcmVjdF9mdW5jdGlvbl90YWJsZQEAC2xsaHR0cF9pbml0AAkYbGxodHRwX3Nob3VsZF9rZWVwX2FsaXZlADcMbGxodHRwX2FsbG9jAAsGbWFsbG9jADkLbGxodHRwX2ZyZWUADARmcmVlAAwPbGxodHRwX2dldF90eXBlAA0VbGxodHRwX2dldF9odHRwX21ham9yAA4VbGxodHRwX2dldF9odHRwX21pbm9yAA8RbGxodHRwX2dldF9tZXRob2QAEBZsbGh0dHBfZ2V0X3N0YXR1c19jb2RlABESbGxodHRwX2dldF91cGdyYWRlABIMbGxodHRwX3Jlc2V0ABMObGxodHRwX2V4ZWN1dGUAFBRsbGh0dHBfc2V0dGluZ3NfaW5pdAAVDWxsaHR0cF9maW5pc2gAFgxsbGh0dHBfcGF1c2UAFw1sbGh0dHBfcmVzdW1lABgbbGxodHRwX3Jlc3VtZV9hZnRlcl91cGdyYWRlABkQbGxodHRwX2dldF9lcnJubwAaF2xsaHR0cF9nZXRfZXJyb3JfcmVhc29uABsXbGxodHRwX3NldF9lcnJvcl9yZWFzb24AHBRsbGh0dHBfZ2V0X2Vycm9yX3BvcwAdEWxsaHR0cF9lcnJub19uYW1lAB4SbGxodHRwX21ldGhvZF9uYW1lAB8SbGxodHRwX3N0YXR1c19uYW1lACAabGxodHRwX3NldF9sZW5pZW50X2hlYWRlcnMAISFsbGh0dHBfc2V0X2xlbmllbnRfY2h1bmtlZF9sZW5ndGgAIh1sbGh0dHBfc2V0X2xlbmllbnRfa2VlcF9hbGl2ZQAjJGxsaHR0cF9zZXRfbGVuaWVudF90cmFuc2Zlcl9lbmNvZGluZwAkGmxsaHR0cF9zZXRfbGVuaWVudF92ZXJzaW9uACUjbGxodHRwX3NldF9sZW5pZW50X2RhdGFfYWZ0ZXJfY2xvc2UAJidsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfbGZfYWZ0ZXJfY3IAJyxsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfY3JsZl9hZnRlcl9jaHVuawAoKGxsaHR0cF9zZXRfbGVuaWVudF9vcHRpb25hbF9jcl9iZWZvcmVfbGYAKSpsbGh0dHBfc2V0X2xlbmllbnRfc3BhY2VzX2FmdGVyX2NodW5rX3NpemUAKhhsbGh0dHBfbWVzc2FnZV9uZWVkc19lb2YANgkYAQBBAQsSAQIDBAUKBgcyNDMuKy8tLDAxCq/ZAjQWAEHA1QAoAgAEQAALQcDVAEEBNgIACxQAIAAQOCAAIAI2AjggACABOgAoCxQAIAAgAC8BNCAALQAwIAAQNxAACx4BAX9BwAAQOiIBEDggAUGACDYCOCABIAA6ACggAQuPDAEHfwJAIABFDQAgAEEIayIBIABBBGsoAgAiAEF4cSIEaiEFAkAgAEEBcQ0AIABBA3FFDQEgASABKAIAIgBrIgFB1NUAKAIASQ0BIAAgBGohBAJAAkBB2NUAKAIAIAFHBEAgAEH/AU0EQCAAQQN2IQMgASgCCCIAIAEoAgwiAkYEQEHE1QBBxNUAKAIAQX4gA3dxNgIADAULIAIgADYCCCAAIAI2AgwMBAsgASgCGCEGIAEgASgCDCIARwRAIAAgASgCCCICNgIIIAIgADYCDAwDCyABQRRqIgMoAgAiAkUEQCABKAIQIgJFDQIgAUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSgCBCIAQQNxQQNHDQIgBSAAQX5xNgIEQczVACAENgIAIAUgBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgASgCHCICQQJ0QfTXAGoiAygCACABRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAFGG2ogADYCACAARQ0BCyAAIAY2AhggASgCECICBEAgACACNgIQIAIgADYCGAsgAUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBU8NACAFKAIEIgBBAXFFDQACQAJAAkACQCAAQQJxRQRAQdzVACgCACAFRgRAQdzVACABNgIAQdDVAEHQ1QAoAgAgBGoiADYCACABIABBAXI2AgQgAUHY1QAoAgBHDQZBzNUAQQA2AgBB2NUAQQA2AgAMBgtB2NUAKAIAIAVGBEBB2NUAIAE2AgBBzNUAQczVACgCACAEaiIANgIAIAEgAEEBcjYCBCAAIAFqIAA2AgAMBgsgAEF4cSAEaiEEIABB/wFNBEAgAEEDdiEDIAUoAggiACAFKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwFCyACIAA2AgggACACNgIMDAQLIAUoAhghBiAFIAUoAgwiAEcEQEHU1QAoAgAaIAAgBSgCCCICNgIIIAIgADYCDAwDCyAFQRRqIgMoAgAiAkUEQCAFKAIQIgJFDQIgBUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSAAQX5xNgIEIAEgBGogBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgBSgCHCICQQJ0QfTXAGoiAygCACAFRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAVGG2ogADYCACAARQ0BCyAAIAY2AhggBSgCECICBEAgACACNgIQIAIgADYCGAsgBUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBGogBDYCACABIARBAXI2AgQgAUHY1QAoAgBHDQBBzNUAIAQ2AgAMAQsgBEH/AU0EQCAEQXhxQezVAGohAAJ/QcTVACgCACICQQEgBEEDdnQiA3FFBEBBxNUAIAIgA3I2AgAgAAwBCyAAKAIICyICIAE2AgwgACABNgIIIAEgADYCDCABIAI2AggMAQtBHyECIARB////B00EQCAEQSYgBEEIdmciAGt2QQFxIABBAXRrQT5qIQILIAEgAjYCHCABQgA3AhAgAkECdEH01wBqIQACQEHI1QAoAgAiA0EBIAJ0IgdxRQRAIAAgATYCAEHI1QAgAyAHcjYCACABIAA2AhggASABNgIIIAEgATYCDAwBCyAEQRkgAkEBdmtBACACQR9HG3QhAiAAKAIAIQACQANAIAAiAygCBEF4cSAERg0BIAJBHXYhACACQQF0IQIgAyAAQQRxakEQaiIHKAIAIgANAAsgByABNgIAIAEgAzYCGCABIAE2AgwgASABNgIIDAELIAMoAggiACABNgIMIAMgATYCCCABQQA2AhggASADNgIMIAEgADYCCAtB5NUAQeTVACgCAEEBayIAQX8gABs2AgALCwcAIAAtACgLBwAgAC0AKgsHACAALQArCwcAIAAtACkLBwAgAC8BNAsHACAALQAwC0ABBH8gACgCGCEBIAAvAS4hAiAALQAoIQMgACgCOCEEIAAQOCAAIAQ2AjggACADOgAoIAAgAjsBLiAAIAE2AhgL5YUCAgd/A34gASACaiEEAkAgACIDKAIMIgANACADKAIEBEAgAyABNgIECyMAQRBrIgkkAAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAygCHCICQQJrDvwBAfkBAgMEBQYHCAkKCwwNDg8QERL4ARP3ARQV9gEWF/UBGBkaGxwdHh8g/QH7ASH0ASIjJCUmJygpKivzASwtLi8wMTLyAfEBMzTwAe8BNTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5P+gFQUVJT7gHtAVTsAVXrAVZXWFla6gFbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gAGBAYIBgwGEAYUBhgGHAYgBiQGKAYsBjAGNAY4BjwGQAZEBkgGTAZQBlQGWAZcBmAGZAZoBmwGcAZ0BngGfAaABoQGiAaMBpAGlAaYBpwGoAakBqgGrAawBrQGuAa8BsAGxAbIBswG0AbUBtgG3AbgBuQG6AbsBvAG9Ab4BvwHAAcEBwgHDAcQBxQHGAccByAHJAcoBywHMAc0BzgHpAegBzwHnAdAB5gHRAdIB0wHUAeUB1QHWAdcB2AHZAdoB2wHcAd0B3gHfAeAB4QHiAeMBAPwBC0EADOMBC0EODOIBC0ENDOEBC0EPDOABC0EQDN8BC0ETDN4BC0EUDN0BC0EVDNwBC0EWDNsBC0EXDNoBC0EYDNkBC0EZDNgBC0EaDNcBC0EbDNYBC0EcDNUBC0EdDNQBC0EeDNMBC0EfDNIBC0EgDNEBC0EhDNABC0EIDM8BC0EiDM4BC0EkDM0BC0EjDMwBC0EHDMsBC0ElDMoBC0EmDMkBC0EnDMgBC0EoDMcBC0ESDMYBC0ERDMUBC0EpDMQBC0EqDMMBC0ErDMIBC0EsDMEBC0HeAQzAAQtBLgy/AQtBLwy+AQtBMAy9AQtBMQy8AQtBMgy7AQtBMwy6AQtBNAy5AQtB3wEMuAELQTUMtwELQTkMtgELQQwMtQELQTYMtAELQTcMswELQTgMsgELQT4MsQELQToMsAELQeABDK8BC0ELDK4BC0E/DK0BC0E7DKwBC0EKDKsBC0E8DKoBC0E9DKkBC0HhAQyoAQtBwQAMpwELQcAADKYBC0HCAAylAQtBCQykAQtBLQyjAQtBwwAMogELQcQADKEBC0HFAAygAQtBxgAMnwELQccADJ4BC0HIAAydAQtByQAMnAELQcoADJsBC0HLAAyaAQtBzAAMmQELQc0ADJgBC0HOAAyXAQtBzwAMlgELQdAADJUBC0HRAAyUAQtB0gAMkwELQdMADJIBC0HVAAyRAQtB1AAMkAELQdYADI8BC0HXAAyOAQtB2AAMjQELQdkADIwBC0HaAAyLAQtB2wAMigELQdwADIkBC0HdAAyIAQtB3gAMhwELQd8ADIYBC0HgAAyFAQtB4QAMhAELQeIADIMBC0HjAAyCAQtB5AAMgQELQeUADIABC0HiAQx/C0HmAAx+C0HnAAx9C0EGDHwLQegADHsLQQUMegtB6QAMeQtBBAx4C0HqAAx3C0HrAAx2C0HsAAx1C0HtAAx0C0EDDHMLQe4ADHILQe8ADHELQfAADHALQfIADG8LQfEADG4LQfMADG0LQfQADGwLQfUADGsLQfYADGoLQQIMaQtB9wAMaAtB+AAMZwtB+QAMZgtB+gAMZQtB+wAMZAtB/AAMYwtB/QAMYgtB/gAMYQtB/wAMYAtBgAEMXwtBgQEMXgtBggEMXQtBgwEMXAtBhAEMWwtBhQEMWgtBhgEMWQtBhwEMWAtBiAEMVwtBiQEMVgtBigEMVQtBiwEMVAtBjAEMUwtBjQEMUgtBjgEMUQtBjwEMUAtBkAEMTwtBkQEMTgtBkgEMTQtBkwEMTAtBlAEMSwtBlQEMSgtBlgEMSQtBlwEMSAtBmAEMRwtBmQEMRgtBmgEMRQtBmwEMRAtBnAEMQwtBnQEMQgtBngEMQQtBnwEMQAtBoAEMPwtBoQEMPgtBogEMPQtBowEMPAtBpAEMOwtBpQEMOgtBpgEMOQtBpwEMOAtBqAEMNwtBqQEMNgtBqgEMNQtBqwEMNAtBrAEMMwtBrQEMMgtBrgEMMQtBrwEMMAtBsAEMLwtBsQEMLgtBsgEMLQtBswEMLAtBtAEMKwtBtQEMKgtBtgEMKQtBtwEMKAtBuAEMJwtBuQEMJgtBugEMJQtBuwEMJAtBvAEMIwtBvQEMIgtBvgEMIQtBvwEMIAtBwAEMHwtBwQEMHgtBwgEMHQtBAQwcC0HDAQwbC0HEAQwaC0HFAQwZC0HGAQwYC0HHAQwXC0HIAQwWC0HJAQwVC0HKAQwUC0HLAQwTC0HMAQwSC0HNAQwRC0HOAQwQC0HPAQwPC0HQAQwOC0HRAQwNC0HSAQwMC0HTAQwLC0HUAQwKC0HVAQwJC0HWAQwIC0HjAQwHC0HXAQwGC0HYAQwFC0HZAQwEC0HaAQwDC0HbAQwCC0HdAQwBC0HcAQshAgNAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCADAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJ/AkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAMCfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAg7jAQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEjJCUnKCmeA5sDmgORA4oDgwOAA/0C+wL4AvIC8QLvAu0C6ALnAuYC5QLkAtwC2wLaAtkC2ALXAtYC1QLPAs4CzALLAsoCyQLIAscCxgLEAsMCvgK8AroCuQK4ArcCtgK1ArQCswKyArECsAKuAq0CqQKoAqcCpgKlAqQCowKiAqECoAKfApgCkAKMAosCigKBAv4B/QH8AfsB+gH5AfgB9wH1AfMB8AHrAekB6AHnAeYB5QHkAeMB4gHhAeAB3wHeAd0B3AHaAdkB2AHXAdYB1QHUAdMB0gHRAdABzwHOAc0BzAHLAcoByQHIAccBxgHFAcQBwwHCAcEBwAG/Ab4BvQG8AbsBugG5AbgBtwG2AbUBtAGzAbIBsQGwAa8BrgGtAawBqwGqAakBqAGnAaYBpQGkAaMBogGfAZ4BmQGYAZcBlgGVAZQBkwGSAZEBkAGPAY0BjAGHAYYBhQGEAYMBggF9fHt6eXZ1dFBRUlNUVQsgASAERw1yQf0BIQIMvgMLIAEgBEcNmAFB2wEhAgy9AwsgASAERw3xAUGOASECDLwDCyABIARHDfwBQYQBIQIMuwMLIAEgBEcNigJB/wAhAgy6AwsgASAERw2RAkH9ACECDLkDCyABIARHDZQCQfsAIQIMuAMLIAEgBEcNHkEeIQIMtwMLIAEgBEcNGUEYIQIMtgMLIAEgBEcNygJBzQAhAgy1AwsgASAERw3VAkHGACECDLQDCyABIARHDdYCQcMAIQIMswMLIAEgBEcN3AJBOCECDLIDCyADLQAwQQFGDa0DDIkDC0EAIQACQAJAAkAgAy0AKkUNACADLQArRQ0AIAMvATIiAkECcUUNAQwCCyADLwEyIgJBAXFFDQELQQEhACADLQAoQQFGDQAgAy8BNCIGQeQAa0HkAEkNACAGQcwBRg0AIAZBsAJGDQAgAkHAAHENAEEAIQAgAkGIBHFBgARGDQAgAkEocUEARyEACyADQQA7ATIgA0EAOgAxAkAgAEUEQCADQQA6ADEgAy0ALkEEcQ0BDLEDCyADQgA3AyALIANBADoAMSADQQE6ADYMSAtBACEAAkAgAygCOCICRQ0AIAIoAjAiAkUNACADIAIRAAAhAAsgAEUNSCAAQRVHDWIgA0EENgIcIAMgATYCFCADQdIbNgIQIANBFTYCDEEAIQIMrwMLIAEgBEYEQEEGIQIMrwMLIAEtAABBCkcNGSABQQFqIQEMGgsgA0IANwMgQRIhAgyUAwsgASAERw2KA0EjIQIMrAMLIAEgBEYEQEEHIQIMrAMLAkACQCABLQAAQQprDgQBGBgAGAsgAUEBaiEBQRAhAgyTAwsgAUEBaiEBIANBL2otAABBAXENF0EAIQIgA0EANgIcIAMgATYCFCADQZkgNgIQIANBGTYCDAyrAwsgAyADKQMgIgwgBCABa60iCn0iC0IAIAsgDFgbNwMgIAogDFoNGEEIIQIMqgMLIAEgBEcEQCADQQk2AgggAyABNgIEQRQhAgyRAwtBCSECDKkDCyADKQMgUA2uAgxDCyABIARGBEBBCyECDKgDCyABLQAAQQpHDRYgAUEBaiEBDBcLIANBL2otAABBAXFFDRkMJgtBACEAAkAgAygCOCICRQ0AIAIoAlAiAkUNACADIAIRAAAhAAsgAA0ZDEILQQAhAAJAIAMoAjgiAkUNACACKAJQIgJFDQAgAyACEQAAIQALIAANGgwkC0EAIQACQCADKAI4IgJFDQAgAigCUCICRQ0AIAMgAhEAACEACyAADRsMMgsgA0Evai0AAEEBcUUNHAwiC0EAIQACQCADKAI4IgJFDQAgAigCVCICRQ0AIAMgAhEAACEACyAADRwMQgtBACEAAkAgAygCOCICRQ0AIAIoAlQiAkUNACADIAIRAAAhAAsgAA0dDCALIAEgBEYEQEETIQIMoAMLAkAgAS0AACIAQQprDgQfIyMAIgsgAUEBaiEBDB8LQQAhAAJAIAMoAjgiAkUNACACKAJUIgJFDQAgAyACEQAAIQALIAANIgxCCyABIARGBEBBFiECDJ4DCyABLQAAQcDBAGotAABBAUcNIwyDAwsCQANAIAEtAABBsDtqLQAAIgBBAUcEQAJAIABBAmsOAgMAJwsgAUEBaiEBQSEhAgyGAwsgBCABQQFqIgFHDQALQRghAgydAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAFBAWoiARA0IgANIQxBC0EAIQACQCADKAI4IgJFDQAgAigCVCICRQ0AIAMgAhEAACEACyAADSMMKgsgASAERgRAQRwhAgybAwsgA0EKNgIIIAMgATYCBEEAIQACQCADKAI4IgJFDQAgAigCUCICRQ0AIAMgAhEAACEACyAADSVBJCECDIEDCyABIARHBEADQCABLQAAQbA9ai0AACIAQQNHBEAgAEEBaw4FGBomggMlJgsgBCABQQFqIgFHDQALQRshAgyaAwtBGyECDJkDCwNAIAEtAABBsD9qLQAAIgBBA0cEQCAAQQFrDgUPEScTJicLIAQgAUEBaiIBRw0AC0EeIQIMmAMLIAEgBEcEQCADQQs2AgggAyABNgIEQQchAgz/AgtBHyECDJcDCyABIARGBEBBICECDJcDCwJAIAEtAABBDWsOFC4/Pz8/Pz8/Pz8/Pz8/Pz8/Pz8APwtBACECIANBADYCHCADQb8LNgIQIANBAjYCDCADIAFBAWo2AhQMlgMLIANBL2ohAgNAIAEgBEYEQEEhIQIMlwMLAkACQAJAIAEtAAAiAEEJaw4YAgApKQEpKSkpKSkpKSkpKSkpKSkpKSkCJwsgAUEBaiEBIANBL2otAABBAXFFDQoMGAsgAUEBaiEBDBcLIAFBAWohASACLQAAQQJxDQALQQAhAiADQQA2AhwgAyABNgIUIANBnxU2AhAgA0EMNgIMDJUDCyADLQAuQYABcUUNAQtBACEAAkAgAygCOCICRQ0AIAIoAlwiAkUNACADIAIRAAAhAAsgAEUN5gIgAEEVRgRAIANBJDYCHCADIAE2AhQgA0GbGzYCECADQRU2AgxBACECDJQDC0EAIQIgA0EANgIcIAMgATYCFCADQZAONgIQIANBFDYCDAyTAwtBACECIANBADYCHCADIAE2AhQgA0G+IDYCECADQQI2AgwMkgMLIAMoAgQhAEEAIQIgA0EANgIEIAMgACABIAynaiIBEDIiAEUNKyADQQc2AhwgAyABNgIUIAMgADYCDAyRAwsgAy0ALkHAAHFFDQELQQAhAAJAIAMoAjgiAkUNACACKAJYIgJFDQAgAyACEQAAIQALIABFDSsgAEEVRgRAIANBCjYCHCADIAE2AhQgA0HrGTYCECADQRU2AgxBACECDJADC0EAIQIgA0EANgIcIAMgATYCFCADQZMMNgIQIANBEzYCDAyPAwtBACECIANBADYCHCADIAE2AhQgA0GCFTYCECADQQI2AgwMjgMLQQAhAiADQQA2AhwgAyABNgIUIANB3RQ2AhAgA0EZNgIMDI0DC0EAIQIgA0EANgIcIAMgATYCFCADQeYdNgIQIANBGTYCDAyMAwsgAEEVRg09QQAhAiADQQA2AhwgAyABNgIUIANB0A82AhAgA0EiNgIMDIsDCyADKAIEIQBBACECIANBADYCBCADIAAgARAzIgBFDSggA0ENNgIcIAMgATYCFCADIAA2AgwMigMLIABBFUYNOkEAIQIgA0EANgIcIAMgATYCFCADQdAPNgIQIANBIjYCDAyJAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQwoCyADQQ42AhwgAyAANgIMIAMgAUEBajYCFAyIAwsgAEEVRg03QQAhAiADQQA2AhwgAyABNgIUIANB0A82AhAgA0EiNgIMDIcDCyADKAIEIQBBACECIANBADYCBCADIAAgARAzIgBFBEAgAUEBaiEBDCcLIANBDzYCHCADIAA2AgwgAyABQQFqNgIUDIYDC0EAIQIgA0EANgIcIAMgATYCFCADQeIXNgIQIANBGTYCDAyFAwsgAEEVRg0zQQAhAiADQQA2AhwgAyABNgIUIANB1gw2AhAgA0EjNgIMDIQDCyADKAIEIQBBACECIANBADYCBCADIAAgARA0IgBFDSUgA0ERNgIcIAMgATYCFCADIAA2AgwMgwMLIABBFUYNMEEAIQIgA0EANgIcIAMgATYCFCADQdYMNgIQIANBIzYCDAyCAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQwlCyADQRI2AhwgAyAANgIMIAMgAUEBajYCFAyBAwsgA0Evai0AAEEBcUUNAQtBFyECDOYCC0EAIQIgA0EANgIcIAMgATYCFCADQeIXNgIQIANBGTYCDAz+AgsgAEE7Rw0AIAFBAWohAQwMC0EAIQIgA0EANgIcIAMgATYCFCADQZIYNgIQIANBAjYCDAz8AgsgAEEVRg0oQQAhAiADQQA2AhwgAyABNgIUIANB1gw2AhAgA0EjNgIMDPsCCyADQRQ2AhwgAyABNgIUIAMgADYCDAz6AgsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQz1AgsgA0EVNgIcIAMgADYCDCADIAFBAWo2AhQM+QILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEM8wILIANBFzYCHCADIAA2AgwgAyABQQFqNgIUDPgCCyAAQRVGDSNBACECIANBADYCHCADIAE2AhQgA0HWDDYCECADQSM2AgwM9wILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEMHQsgA0EZNgIcIAMgADYCDCADIAFBAWo2AhQM9gILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEM7wILIANBGjYCHCADIAA2AgwgAyABQQFqNgIUDPUCCyAAQRVGDR9BACECIANBADYCHCADIAE2AhQgA0HQDzYCECADQSI2AgwM9AILIAMoAgQhACADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQwbCyADQRw2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIM8wILIAMoAgQhACADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQzrAgsgA0EdNgIcIAMgADYCDCADIAFBAWo2AhRBACECDPICCyAAQTtHDQEgAUEBaiEBC0EmIQIM1wILQQAhAiADQQA2AhwgAyABNgIUIANBnxU2AhAgA0EMNgIMDO8CCyABIARHBEADQCABLQAAQSBHDYQCIAQgAUEBaiIBRw0AC0EsIQIM7wILQSwhAgzuAgsgASAERgRAQTQhAgzuAgsCQAJAA0ACQCABLQAAQQprDgQCAAADAAsgBCABQQFqIgFHDQALQTQhAgzvAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFDZ8CIANBMjYCHCADIAE2AhQgAyAANgIMQQAhAgzuAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFBEAgAUEBaiEBDJ8CCyADQTI2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIM7QILIAEgBEcEQAJAA0AgAS0AAEEwayIAQf8BcUEKTwRAQTohAgzXAgsgAykDICILQpmz5syZs+bMGVYNASADIAtCCn4iCjcDICAKIACtQv8BgyILQn+FVg0BIAMgCiALfDcDICAEIAFBAWoiAUcNAAtBwAAhAgzuAgsgAygCBCEAIANBADYCBCADIAAgAUEBaiIBEDEiAA0XDOICC0HAACECDOwCCyABIARGBEBByQAhAgzsAgsCQANAAkAgAS0AAEEJaw4YAAKiAqICqQKiAqICogKiAqICogKiAqICogKiAqICogKiAqICogKiAqICogIAogILIAQgAUEBaiIBRw0AC0HJACECDOwCCyABQQFqIQEgA0Evai0AAEEBcQ2lAiADQQA2AhwgAyABNgIUIANBlxA2AhAgA0EKNgIMQQAhAgzrAgsgASAERwRAA0AgAS0AAEEgRw0VIAQgAUEBaiIBRw0AC0H4ACECDOsCC0H4ACECDOoCCyADQQI6ACgMOAtBACECIANBADYCHCADQb8LNgIQIANBAjYCDCADIAFBAWo2AhQM6AILQQAhAgzOAgtBDSECDM0CC0ETIQIMzAILQRUhAgzLAgtBFiECDMoCC0EYIQIMyQILQRkhAgzIAgtBGiECDMcCC0EbIQIMxgILQRwhAgzFAgtBHSECDMQCC0EeIQIMwwILQR8hAgzCAgtBICECDMECC0EiIQIMwAILQSMhAgy/AgtBJSECDL4CC0HlACECDL0CCyADQT02AhwgAyABNgIUIAMgADYCDEEAIQIM1QILIANBGzYCHCADIAE2AhQgA0GkHDYCECADQRU2AgxBACECDNQCCyADQSA2AhwgAyABNgIUIANBmBo2AhAgA0EVNgIMQQAhAgzTAgsgA0ETNgIcIAMgATYCFCADQZgaNgIQIANBFTYCDEEAIQIM0gILIANBCzYCHCADIAE2AhQgA0GYGjYCECADQRU2AgxBACECDNECCyADQRA2AhwgAyABNgIUIANBmBo2AhAgA0EVNgIMQQAhAgzQAgsgA0EgNgIcIAMgATYCFCADQaQcNgIQIANBFTYCDEEAIQIMzwILIANBCzYCHCADIAE2AhQgA0GkHDYCECADQRU2AgxBACECDM4CCyADQQw2AhwgAyABNgIUIANBpBw2AhAgA0EVNgIMQQAhAgzNAgtBACECIANBADYCHCADIAE2AhQgA0HdDjYCECADQRI2AgwMzAILAkADQAJAIAEtAABBCmsOBAACAgACCyAEIAFBAWoiAUcNAAtB/QEhAgzMAgsCQAJAIAMtADZBAUcNAEEAIQACQCADKAI4IgJFDQAgAigCYCICRQ0AIAMgAhEAACEACyAARQ0AIABBFUcNASADQfwBNgIcIAMgATYCFCADQdwZNgIQIANBFTYCDEEAIQIMzQILQdwBIQIMswILIANBADYCHCADIAE2AhQgA0H5CzYCECADQR82AgxBACECDMsCCwJAAkAgAy0AKEEBaw4CBAEAC0HbASECDLICC0HUASECDLECCyADQQI6ADFBACEAAkAgAygCOCICRQ0AIAIoAgAiAkUNACADIAIRAAAhAAsgAEUEQEHdASECDLECCyAAQRVHBEAgA0EANgIcIAMgATYCFCADQbQMNgIQIANBEDYCDEEAIQIMygILIANB+wE2AhwgAyABNgIUIANBgRo2AhAgA0EVNgIMQQAhAgzJAgsgASAERgRAQfoBIQIMyQILIAEtAABByABGDQEgA0EBOgAoC0HAASECDK4CC0HaASECDK0CCyABIARHBEAgA0EMNgIIIAMgATYCBEHZASECDK0CC0H5ASECDMUCCyABIARGBEBB+AEhAgzFAgsgAS0AAEHIAEcNBCABQQFqIQFB2AEhAgyrAgsgASAERgRAQfcBIQIMxAILAkACQCABLQAAQcUAaw4QAAUFBQUFBQUFBQUFBQUFAQULIAFBAWohAUHWASECDKsCCyABQQFqIQFB1wEhAgyqAgtB9gEhAiABIARGDcICIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbrVAGotAABHDQMgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADMMCCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQLiIARQRAQeMBIQIMqgILIANB9QE2AhwgAyABNgIUIAMgADYCDEEAIQIMwgILQfQBIQIgASAERg3BAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEG41QBqLQAARw0CIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzCAgsgA0GBBDsBKCADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQLiIADQMMAgsgA0EANgIAC0EAIQIgA0EANgIcIAMgATYCFCADQeUfNgIQIANBCDYCDAy/AgtB1QEhAgylAgsgA0HzATYCHCADIAE2AhQgAyAANgIMQQAhAgy9AgtBACEAAkAgAygCOCICRQ0AIAIoAkAiAkUNACADIAIRAAAhAAsgAEUNbiAAQRVHBEAgA0EANgIcIAMgATYCFCADQYIPNgIQIANBIDYCDEEAIQIMvQILIANBjwE2AhwgAyABNgIUIANB7Bs2AhAgA0EVNgIMQQAhAgy8AgsgASAERwRAIANBDTYCCCADIAE2AgRB0wEhAgyjAgtB8gEhAgy7AgsgASAERgRAQfEBIQIMuwILAkACQAJAIAEtAABByABrDgsAAQgICAgICAgIAggLIAFBAWohAUHQASECDKMCCyABQQFqIQFB0QEhAgyiAgsgAUEBaiEBQdIBIQIMoQILQfABIQIgASAERg25AiADKAIAIgAgBCABa2ohBiABIABrQQJqIQUDQCABLQAAIABBtdUAai0AAEcNBCAAQQJGDQMgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMuQILQe8BIQIgASAERg24AiADKAIAIgAgBCABa2ohBiABIABrQQFqIQUDQCABLQAAIABBs9UAai0AAEcNAyAAQQFGDQIgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMuAILQe4BIQIgASAERg23AiADKAIAIgAgBCABa2ohBiABIABrQQJqIQUDQCABLQAAIABBsNUAai0AAEcNAiAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMtwILIAMoAgQhACADQgA3AwAgAyAAIAVBAWoiARArIgBFDQIgA0HsATYCHCADIAE2AhQgAyAANgIMQQAhAgy2AgsgA0EANgIACyADKAIEIQAgA0EANgIEIAMgACABECsiAEUNnAIgA0HtATYCHCADIAE2AhQgAyAANgIMQQAhAgy0AgtBzwEhAgyaAgtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDLQCC0HOASECDJoCCyADQesBNgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMsgILIAEgBEYEQEHrASECDLICCyABLQAAQS9GBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GyODYCECADQQg2AgxBACECDLECC0HNASECDJcCCyABIARHBEAgA0EONgIIIAMgATYCBEHMASECDJcCC0HqASECDK8CCyABIARGBEBB6QEhAgyvAgsgAS0AAEEwayIAQf8BcUEKSQRAIAMgADoAKiABQQFqIQFBywEhAgyWAgsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZcCIANB6AE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILIAEgBEYEQEHnASECDK4CCwJAIAEtAABBLkYEQCABQQFqIQEMAQsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZgCIANB5gE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILQcoBIQIMlAILIAEgBEYEQEHlASECDK0CC0EAIQBBASEFQQEhB0EAIQICQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQCABLQAAQTBrDgoKCQABAgMEBQYICwtBAgwGC0EDDAULQQQMBAtBBQwDC0EGDAILQQcMAQtBCAshAkEAIQVBACEHDAILQQkhAkEBIQBBACEFQQAhBwwBC0EAIQVBASECCyADIAI6ACsgAUEBaiEBAkACQCADLQAuQRBxDQACQAJAAkAgAy0AKg4DAQACBAsgB0UNAwwCCyAADQEMAgsgBUUNAQsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDQIgA0HiATYCHCADIAE2AhQgAyAANgIMQQAhAgyvAgsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZoCIANB4wE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ2YAiADQeQBNgIcIAMgATYCFCADIAA2AgwMrQILQckBIQIMkwILQQAhAAJAIAMoAjgiAkUNACACKAJEIgJFDQAgAyACEQAAIQALAkAgAARAIABBFUYNASADQQA2AhwgAyABNgIUIANBpA02AhAgA0EhNgIMQQAhAgytAgtByAEhAgyTAgsgA0HhATYCHCADIAE2AhQgA0HQGjYCECADQRU2AgxBACECDKsCCyABIARGBEBB4QEhAgyrAgsCQCABLQAAQSBGBEAgA0EAOwE0IAFBAWohAQwBCyADQQA2AhwgAyABNgIUIANBmRE2AhAgA0EJNgIMQQAhAgyrAgtBxwEhAgyRAgsgASAERgRAQeABIQIMqgILAkAgAS0AAEEwa0H/AXEiAkEKSQRAIAFBAWohAQJAIAMvATQiAEGZM0sNACADIABBCmwiADsBNCAAQf7/A3EgAkH//wNzSw0AIAMgACACajsBNAwCC0EAIQIgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDAyrAgsgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDEEAIQIMqgILQcYBIQIMkAILIAEgBEYEQEHfASECDKkCCwJAIAEtAABBMGtB/wFxIgJBCkkEQCABQQFqIQECQCADLwE0IgBBmTNLDQAgAyAAQQpsIgA7ATQgAEH+/wNxIAJB//8Dc0sNACADIAAgAmo7ATQMAgtBACECIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgwMqgILIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgxBACECDKkCC0HFASECDI8CCyABIARGBEBB3gEhAgyoAgsCQCABLQAAQTBrQf8BcSICQQpJBEAgAUEBaiEBAkAgAy8BNCIAQZkzSw0AIAMgAEEKbCIAOwE0IABB/v8DcSACQf//A3NLDQAgAyAAIAJqOwE0DAILQQAhAiADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMDKkCCyADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMQQAhAgyoAgtBxAEhAgyOAgsgASAERgRAQd0BIQIMpwILAkACQAJAAkAgAS0AAEEKaw4XAgMDAAMDAwMDAwMDAwMDAwMDAwMDAwEDCyABQQFqDAULIAFBAWohAUHDASECDI8CCyABQQFqIQEgA0Evai0AAEEBcQ0IIANBADYCHCADIAE2AhQgA0GNCzYCECADQQ02AgxBACECDKcCCyADQQA2AhwgAyABNgIUIANBjQs2AhAgA0ENNgIMQQAhAgymAgsgASAERwRAIANBDzYCCCADIAE2AgRBASECDI0CC0HcASECDKUCCwJAAkADQAJAIAEtAABBCmsOBAIAAAMACyAEIAFBAWoiAUcNAAtB2wEhAgymAgsgAygCBCEAIANBADYCBCADIAAgARAtIgBFBEAgAUEBaiEBDAQLIANB2gE2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMpQILIAMoAgQhACADQQA2AgQgAyAAIAEQLSIADQEgAUEBagshAUHBASECDIoCCyADQdkBNgIcIAMgADYCDCADIAFBAWo2AhRBACECDKICC0HCASECDIgCCyADQS9qLQAAQQFxDQEgA0EANgIcIAMgATYCFCADQeQcNgIQIANBGTYCDEEAIQIMoAILIAEgBEYEQEHZASECDKACCwJAAkACQCABLQAAQQprDgQBAgIAAgsgAUEBaiEBDAILIAFBAWohAQwBCyADLQAuQcAAcUUNAQtBACEAAkAgAygCOCICRQ0AIAIoAjwiAkUNACADIAIRAAAhAAsgAEUNoAEgAEEVRgRAIANB2QA2AhwgAyABNgIUIANBtxo2AhAgA0EVNgIMQQAhAgyfAgsgA0EANgIcIAMgATYCFCADQYANNgIQIANBGzYCDEEAIQIMngILIANBADYCHCADIAE2AhQgA0HcKDYCECADQQI2AgxBACECDJ0CCyABIARHBEAgA0EMNgIIIAMgATYCBEG/ASECDIQCC0HYASECDJwCCyABIARGBEBB1wEhAgycAgsCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAEtAABBwQBrDhUAAQIDWgQFBlpaWgcICQoLDA0ODxBaCyABQQFqIQFB+wAhAgySAgsgAUEBaiEBQfwAIQIMkQILIAFBAWohAUGBASECDJACCyABQQFqIQFBhQEhAgyPAgsgAUEBaiEBQYYBIQIMjgILIAFBAWohAUGJASECDI0CCyABQQFqIQFBigEhAgyMAgsgAUEBaiEBQY0BIQIMiwILIAFBAWohAUGWASECDIoCCyABQQFqIQFBlwEhAgyJAgsgAUEBaiEBQZgBIQIMiAILIAFBAWohAUGlASECDIcCCyABQQFqIQFBpgEhAgyGAgsgAUEBaiEBQawBIQIMhQILIAFBAWohAUG0ASECDIQCCyABQQFqIQFBtwEhAgyDAgsgAUEBaiEBQb4BIQIMggILIAEgBEYEQEHWASECDJsCCyABLQAAQc4ARw1IIAFBAWohAUG9ASECDIECCyABIARGBEBB1QEhAgyaAgsCQAJAAkAgAS0AAEHCAGsOEgBKSkpKSkpKSkoBSkpKSkpKAkoLIAFBAWohAUG4ASECDIICCyABQQFqIQFBuwEhAgyBAgsgAUEBaiEBQbwBIQIMgAILQdQBIQIgASAERg2YAiADKAIAIgAgBCABa2ohBSABIABrQQdqIQYCQANAIAEtAAAgAEGo1QBqLQAARw1FIABBB0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyZAgsgA0EANgIAIAZBAWohAUEbDEULIAEgBEYEQEHTASECDJgCCwJAAkAgAS0AAEHJAGsOBwBHR0dHRwFHCyABQQFqIQFBuQEhAgz/AQsgAUEBaiEBQboBIQIM/gELQdIBIQIgASAERg2WAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGm1QBqLQAARw1DIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyXAgsgA0EANgIAIAZBAWohAUEPDEMLQdEBIQIgASAERg2VAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGk1QBqLQAARw1CIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyWAgsgA0EANgIAIAZBAWohAUEgDEILQdABIQIgASAERg2UAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGh1QBqLQAARw1BIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyVAgsgA0EANgIAIAZBAWohAUESDEELIAEgBEYEQEHPASECDJQCCwJAAkAgAS0AAEHFAGsODgBDQ0NDQ0NDQ0NDQ0MBQwsgAUEBaiEBQbUBIQIM+wELIAFBAWohAUG2ASECDPoBC0HOASECIAEgBEYNkgIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBntUAai0AAEcNPyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMkwILIANBADYCACAGQQFqIQFBBww/C0HNASECIAEgBEYNkQIgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABBmNUAai0AAEcNPiAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMkgILIANBADYCACAGQQFqIQFBKAw+CyABIARGBEBBzAEhAgyRAgsCQAJAAkAgAS0AAEHFAGsOEQBBQUFBQUFBQUEBQUFBQUECQQsgAUEBaiEBQbEBIQIM+QELIAFBAWohAUGyASECDPgBCyABQQFqIQFBswEhAgz3AQtBywEhAiABIARGDY8CIAMoAgAiACAEIAFraiEFIAEgAGtBBmohBgJAA0AgAS0AACAAQZHVAGotAABHDTwgAEEGRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJACCyADQQA2AgAgBkEBaiEBQRoMPAtBygEhAiABIARGDY4CIAMoAgAiACAEIAFraiEFIAEgAGtBA2ohBgJAA0AgAS0AACAAQY3VAGotAABHDTsgAEEDRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADI8CCyADQQA2AgAgBkEBaiEBQSEMOwsgASAERgRAQckBIQIMjgILAkACQCABLQAAQcEAaw4UAD09PT09PT09PT09PT09PT09PQE9CyABQQFqIQFBrQEhAgz1AQsgAUEBaiEBQbABIQIM9AELIAEgBEYEQEHIASECDI0CCwJAAkAgAS0AAEHVAGsOCwA8PDw8PDw8PDwBPAsgAUEBaiEBQa4BIQIM9AELIAFBAWohAUGvASECDPMBC0HHASECIAEgBEYNiwIgAygCACIAIAQgAWtqIQUgASAAa0EIaiEGAkADQCABLQAAIABBhNUAai0AAEcNOCAAQQhGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMjAILIANBADYCACAGQQFqIQFBKgw4CyABIARGBEBBxgEhAgyLAgsgAS0AAEHQAEcNOCABQQFqIQFBJQw3C0HFASECIAEgBEYNiQIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBgdUAai0AAEcNNiAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMigILIANBADYCACAGQQFqIQFBDgw2CyABIARGBEBBxAEhAgyJAgsgAS0AAEHFAEcNNiABQQFqIQFBqwEhAgzvAQsgASAERgRAQcMBIQIMiAILAkACQAJAAkAgAS0AAEHCAGsODwABAjk5OTk5OTk5OTk5AzkLIAFBAWohAUGnASECDPEBCyABQQFqIQFBqAEhAgzwAQsgAUEBaiEBQakBIQIM7wELIAFBAWohAUGqASECDO4BC0HCASECIAEgBEYNhgIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABB/tQAai0AAEcNMyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhwILIANBADYCACAGQQFqIQFBFAwzC0HBASECIAEgBEYNhQIgAygCACIAIAQgAWtqIQUgASAAa0EEaiEGAkADQCABLQAAIABB+dQAai0AAEcNMiAAQQRGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhgILIANBADYCACAGQQFqIQFBKwwyC0HAASECIAEgBEYNhAIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABB9tQAai0AAEcNMSAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhQILIANBADYCACAGQQFqIQFBLAwxC0G/ASECIAEgBEYNgwIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBodUAai0AAEcNMCAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhAILIANBADYCACAGQQFqIQFBEQwwC0G+ASECIAEgBEYNggIgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABB8tQAai0AAEcNLyAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMgwILIANBADYCACAGQQFqIQFBLgwvCyABIARGBEBBvQEhAgyCAgsCQAJAAkACQAJAIAEtAABBwQBrDhUANDQ0NDQ0NDQ0NAE0NAI0NAM0NAQ0CyABQQFqIQFBmwEhAgzsAQsgAUEBaiEBQZwBIQIM6wELIAFBAWohAUGdASECDOoBCyABQQFqIQFBogEhAgzpAQsgAUEBaiEBQaQBIQIM6AELIAEgBEYEQEG8ASECDIECCwJAAkAgAS0AAEHSAGsOAwAwATALIAFBAWohAUGjASECDOgBCyABQQFqIQFBBAwtC0G7ASECIAEgBEYN/wEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABB8NQAai0AAEcNLCAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMgAILIANBADYCACAGQQFqIQFBHQwsCyABIARGBEBBugEhAgz/AQsCQAJAIAEtAABByQBrDgcBLi4uLi4ALgsgAUEBaiEBQaEBIQIM5gELIAFBAWohAUEiDCsLIAEgBEYEQEG5ASECDP4BCyABLQAAQdAARw0rIAFBAWohAUGgASECDOQBCyABIARGBEBBuAEhAgz9AQsCQAJAIAEtAABBxgBrDgsALCwsLCwsLCwsASwLIAFBAWohAUGeASECDOQBCyABQQFqIQFBnwEhAgzjAQtBtwEhAiABIARGDfsBIAMoAgAiACAEIAFraiEFIAEgAGtBA2ohBgJAA0AgAS0AACAAQezUAGotAABHDSggAEEDRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPwBCyADQQA2AgAgBkEBaiEBQQ0MKAtBtgEhAiABIARGDfoBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQaHVAGotAABHDScgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPsBCyADQQA2AgAgBkEBaiEBQQwMJwtBtQEhAiABIARGDfkBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQerUAGotAABHDSYgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPoBCyADQQA2AgAgBkEBaiEBQQMMJgtBtAEhAiABIARGDfgBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQejUAGotAABHDSUgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPkBCyADQQA2AgAgBkEBaiEBQSYMJQsgASAERgRAQbMBIQIM+AELAkACQCABLQAAQdQAaw4CAAEnCyABQQFqIQFBmQEhAgzfAQsgAUEBaiEBQZoBIQIM3gELQbIBIQIgASAERg32ASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHm1ABqLQAARw0jIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz3AQsgA0EANgIAIAZBAWohAUEnDCMLQbEBIQIgASAERg31ASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHk1ABqLQAARw0iIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz2AQsgA0EANgIAIAZBAWohAUEcDCILQbABIQIgASAERg30ASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEHe1ABqLQAARw0hIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz1AQsgA0EANgIAIAZBAWohAUEGDCELQa8BIQIgASAERg3zASADKAIAIgAgBCABa2ohBSABIABrQQRqIQYCQANAIAEtAAAgAEHZ1ABqLQAARw0gIABBBEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz0AQsgA0EANgIAIAZBAWohAUEZDCALIAEgBEYEQEGuASECDPMBCwJAAkACQAJAIAEtAABBLWsOIwAkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJAEkJCQkJAIkJCQDJAsgAUEBaiEBQY4BIQIM3AELIAFBAWohAUGPASECDNsBCyABQQFqIQFBlAEhAgzaAQsgAUEBaiEBQZUBIQIM2QELQa0BIQIgASAERg3xASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHX1ABqLQAARw0eIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzyAQsgA0EANgIAIAZBAWohAUELDB4LIAEgBEYEQEGsASECDPEBCwJAAkAgAS0AAEHBAGsOAwAgASALIAFBAWohAUGQASECDNgBCyABQQFqIQFBkwEhAgzXAQsgASAERgRAQasBIQIM8AELAkACQCABLQAAQcEAaw4PAB8fHx8fHx8fHx8fHx8BHwsgAUEBaiEBQZEBIQIM1wELIAFBAWohAUGSASECDNYBCyABIARGBEBBqgEhAgzvAQsgAS0AAEHMAEcNHCABQQFqIQFBCgwbC0GpASECIAEgBEYN7QEgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABB0dQAai0AAEcNGiAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7gELIANBADYCACAGQQFqIQFBHgwaC0GoASECIAEgBEYN7AEgAygCACIAIAQgAWtqIQUgASAAa0EGaiEGAkADQCABLQAAIABBytQAai0AAEcNGSAAQQZGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7QELIANBADYCACAGQQFqIQFBFQwZC0GnASECIAEgBEYN6wEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBx9QAai0AAEcNGCAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7AELIANBADYCACAGQQFqIQFBFwwYC0GmASECIAEgBEYN6gEgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABBwdQAai0AAEcNFyAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6wELIANBADYCACAGQQFqIQFBGAwXCyABIARGBEBBpQEhAgzqAQsCQAJAIAEtAABByQBrDgcAGRkZGRkBGQsgAUEBaiEBQYsBIQIM0QELIAFBAWohAUGMASECDNABC0GkASECIAEgBEYN6AEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBptUAai0AAEcNFSAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6QELIANBADYCACAGQQFqIQFBCQwVC0GjASECIAEgBEYN5wEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBpNUAai0AAEcNFCAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6AELIANBADYCACAGQQFqIQFBHwwUC0GiASECIAEgBEYN5gEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBvtQAai0AAEcNEyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM5wELIANBADYCACAGQQFqIQFBAgwTC0GhASECIAEgBEYN5QEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGA0AgAS0AACAAQbzUAGotAABHDREgAEEBRg0CIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADOUBCyABIARGBEBBoAEhAgzlAQtBASABLQAAQd8ARw0RGiABQQFqIQFBhwEhAgzLAQsgA0EANgIAIAZBAWohAUGIASECDMoBC0GfASECIAEgBEYN4gEgAygCACIAIAQgAWtqIQUgASAAa0EIaiEGAkADQCABLQAAIABBhNUAai0AAEcNDyAAQQhGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM4wELIANBADYCACAGQQFqIQFBKQwPC0GeASECIAEgBEYN4QEgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABBuNQAai0AAEcNDiAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM4gELIANBADYCACAGQQFqIQFBLQwOCyABIARGBEBBnQEhAgzhAQsgAS0AAEHFAEcNDiABQQFqIQFBhAEhAgzHAQsgASAERgRAQZwBIQIM4AELAkACQCABLQAAQcwAaw4IAA8PDw8PDwEPCyABQQFqIQFBggEhAgzHAQsgAUEBaiEBQYMBIQIMxgELQZsBIQIgASAERg3eASADKAIAIgAgBCABa2ohBSABIABrQQRqIQYCQANAIAEtAAAgAEGz1ABqLQAARw0LIABBBEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzfAQsgA0EANgIAIAZBAWohAUEjDAsLQZoBIQIgASAERg3dASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGw1ABqLQAARw0KIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzeAQsgA0EANgIAIAZBAWohAUEADAoLIAEgBEYEQEGZASECDN0BCwJAAkAgAS0AAEHIAGsOCAAMDAwMDAwBDAsgAUEBaiEBQf0AIQIMxAELIAFBAWohAUGAASECDMMBCyABIARGBEBBmAEhAgzcAQsCQAJAIAEtAABBzgBrDgMACwELCyABQQFqIQFB/gAhAgzDAQsgAUEBaiEBQf8AIQIMwgELIAEgBEYEQEGXASECDNsBCyABLQAAQdkARw0IIAFBAWohAUEIDAcLQZYBIQIgASAERg3ZASADKAIAIgAgBCABa2ohBSABIABrQQNqIQYCQANAIAEtAAAgAEGs1ABqLQAARw0GIABBA0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzaAQsgA0EANgIAIAZBAWohAUEFDAYLQZUBIQIgASAERg3YASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEGm1ABqLQAARw0FIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzZAQsgA0EANgIAIAZBAWohAUEWDAULQZQBIQIgASAERg3XASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGh1QBqLQAARw0EIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzYAQsgA0EANgIAIAZBAWohAUEQDAQLIAEgBEYEQEGTASECDNcBCwJAAkAgAS0AAEHDAGsODAAGBgYGBgYGBgYGAQYLIAFBAWohAUH5ACECDL4BCyABQQFqIQFB+gAhAgy9AQtBkgEhAiABIARGDdUBIAMoAgAiACAEIAFraiEFIAEgAGtBBWohBgJAA0AgAS0AACAAQaDUAGotAABHDQIgAEEFRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADNYBCyADQQA2AgAgBkEBaiEBQSQMAgsgA0EANgIADAILIAEgBEYEQEGRASECDNQBCyABLQAAQcwARw0BIAFBAWohAUETCzoAKSADKAIEIQAgA0EANgIEIAMgACABEC4iAA0CDAELQQAhAiADQQA2AhwgAyABNgIUIANB/h82AhAgA0EGNgIMDNEBC0H4ACECDLcBCyADQZABNgIcIAMgATYCFCADIAA2AgxBACECDM8BC0EAIQACQCADKAI4IgJFDQAgAigCQCICRQ0AIAMgAhEAACEACyAARQ0AIABBFUYNASADQQA2AhwgAyABNgIUIANBgg82AhAgA0EgNgIMQQAhAgzOAQtB9wAhAgy0AQsgA0GPATYCHCADIAE2AhQgA0HsGzYCECADQRU2AgxBACECDMwBCyABIARGBEBBjwEhAgzMAQsCQCABLQAAQSBGBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GbHzYCECADQQY2AgxBACECDMwBC0ECIQIMsgELA0AgAS0AAEEgRw0CIAQgAUEBaiIBRw0AC0GOASECDMoBCyABIARGBEBBjQEhAgzKAQsCQCABLQAAQQlrDgRKAABKAAtB9QAhAgywAQsgAy0AKUEFRgRAQfYAIQIMsAELQfQAIQIMrwELIAEgBEYEQEGMASECDMgBCyADQRA2AgggAyABNgIEDAoLIAEgBEYEQEGLASECDMcBCwJAIAEtAABBCWsOBEcAAEcAC0HzACECDK0BCyABIARHBEAgA0EQNgIIIAMgATYCBEHxACECDK0BC0GKASECDMUBCwJAIAEgBEcEQANAIAEtAABBoNAAai0AACIAQQNHBEACQCAAQQFrDgJJAAQLQfAAIQIMrwELIAQgAUEBaiIBRw0AC0GIASECDMYBC0GIASECDMUBCyADQQA2AhwgAyABNgIUIANB2yA2AhAgA0EHNgIMQQAhAgzEAQsgASAERgRAQYkBIQIMxAELAkACQAJAIAEtAABBoNIAai0AAEEBaw4DRgIAAQtB8gAhAgysAQsgA0EANgIcIAMgATYCFCADQbQSNgIQIANBBzYCDEEAIQIMxAELQeoAIQIMqgELIAEgBEcEQCABQQFqIQFB7wAhAgyqAQtBhwEhAgzCAQsgBCABIgBGBEBBhgEhAgzCAQsgAC0AACIBQS9GBEAgAEEBaiEBQe4AIQIMqQELIAFBCWsiAkEXSw0BIAAhAUEBIAJ0QZuAgARxDUEMAQsgBCABIgBGBEBBhQEhAgzBAQsgAC0AAEEvRw0AIABBAWohAQwDC0EAIQIgA0EANgIcIAMgADYCFCADQdsgNgIQIANBBzYCDAy/AQsCQAJAAkACQAJAA0AgAS0AAEGgzgBqLQAAIgBBBUcEQAJAAkAgAEEBaw4IRwUGBwgABAEIC0HrACECDK0BCyABQQFqIQFB7QAhAgysAQsgBCABQQFqIgFHDQALQYQBIQIMwwELIAFBAWoMFAsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgzBAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgzAAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgy/AQsgA0EANgIcIAMgATYCFCADQfkPNgIQIANBBzYCDEEAIQIMvgELIAEgBEYEQEGDASECDL4BCwJAIAEtAABBoM4Aai0AAEEBaw4IPgQFBgAIAgMHCyABQQFqIQELQQMhAgyjAQsgAUEBagwNC0EAIQIgA0EANgIcIANB0RI2AhAgA0EHNgIMIAMgAUEBajYCFAy6AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgy5AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgy4AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgy3AQsgA0EANgIcIAMgATYCFCADQfkPNgIQIANBBzYCDEEAIQIMtgELQewAIQIMnAELIAEgBEYEQEGCASECDLUBCyABQQFqDAILIAEgBEYEQEGBASECDLQBCyABQQFqDAELIAEgBEYNASABQQFqCyEBQQQhAgyYAQtBgAEhAgywAQsDQCABLQAAQaDMAGotAAAiAEECRwRAIABBAUcEQEHpACECDJkBCwwxCyAEIAFBAWoiAUcNAAtB/wAhAgyvAQsgASAERgRAQf4AIQIMrwELAkAgAS0AAEEJaw43LwMGLwQGBgYGBgYGBgYGBgYGBgYGBgYFBgYCBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGAAYLIAFBAWoLIQFBBSECDJQBCyABQQFqDAYLIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB2wA2AhwgAyABNgIUIAMgADYCDEEAIQIMqwELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB3QA2AhwgAyABNgIUIAMgADYCDEEAIQIMqgELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB+gA2AhwgAyABNgIUIAMgADYCDEEAIQIMqQELIANBADYCHCADIAE2AhQgA0GNFDYCECADQQc2AgxBACECDKgBCwJAAkACQAJAA0AgAS0AAEGgygBqLQAAIgBBBUcEQAJAIABBAWsOBi4DBAUGAAYLQegAIQIMlAELIAQgAUEBaiIBRw0AC0H9ACECDKsBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQdsANgIcIAMgATYCFCADIAA2AgxBACECDKoBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQd0ANgIcIAMgATYCFCADIAA2AgxBACECDKkBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQfoANgIcIAMgATYCFCADIAA2AgxBACECDKgBCyADQQA2AhwgAyABNgIUIANB5Ag2AhAgA0EHNgIMQQAhAgynAQsgASAERg0BIAFBAWoLIQFBBiECDIwBC0H8ACECDKQBCwJAAkACQAJAA0AgAS0AAEGgyABqLQAAIgBBBUcEQCAAQQFrDgQpAgMEBQsgBCABQQFqIgFHDQALQfsAIQIMpwELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB2wA2AhwgAyABNgIUIAMgADYCDEEAIQIMpgELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB3QA2AhwgAyABNgIUIAMgADYCDEEAIQIMpQELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB+gA2AhwgAyABNgIUIAMgADYCDEEAIQIMpAELIANBADYCHCADIAE2AhQgA0G8CjYCECADQQc2AgxBACECDKMBC0HPACECDIkBC0HRACECDIgBC0HnACECDIcBCyABIARGBEBB+gAhAgygAQsCQCABLQAAQQlrDgQgAAAgAAsgAUEBaiEBQeYAIQIMhgELIAEgBEYEQEH5ACECDJ8BCwJAIAEtAABBCWsOBB8AAB8AC0EAIQACQCADKAI4IgJFDQAgAigCOCICRQ0AIAMgAhEAACEACyAARQRAQeIBIQIMhgELIABBFUcEQCADQQA2AhwgAyABNgIUIANByQ02AhAgA0EaNgIMQQAhAgyfAQsgA0H4ADYCHCADIAE2AhQgA0HqGjYCECADQRU2AgxBACECDJ4BCyABIARHBEAgA0ENNgIIIAMgATYCBEHkACECDIUBC0H3ACECDJ0BCyABIARGBEBB9gAhAgydAQsCQAJAAkAgAS0AAEHIAGsOCwABCwsLCwsLCwsCCwsgAUEBaiEBQd0AIQIMhQELIAFBAWohAUHgACECDIQBCyABQQFqIQFB4wAhAgyDAQtB9QAhAiABIARGDZsBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbXVAGotAABHDQggAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJwBCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQKyIABEAgA0H0ADYCHCADIAE2AhQgAyAANgIMQQAhAgycAQtB4gAhAgyCAQtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDJwBC0HhACECDIIBCyADQfMANgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMmgELIAMtACkiAEEja0ELSQ0JAkAgAEEGSw0AQQEgAHRBygBxRQ0ADAoLQQAhAiADQQA2AhwgAyABNgIUIANB7Qk2AhAgA0EINgIMDJkBC0HyACECIAEgBEYNmAEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBs9UAai0AAEcNBSAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMmQELIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARArIgAEQCADQfEANgIcIAMgATYCFCADIAA2AgxBACECDJkBC0HfACECDH8LQQAhAAJAIAMoAjgiAkUNACACKAI0IgJFDQAgAyACEQAAIQALAkAgAARAIABBFUYNASADQQA2AhwgAyABNgIUIANB6g02AhAgA0EmNgIMQQAhAgyZAQtB3gAhAgx/CyADQfAANgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMlwELIAMtAClBIUYNBiADQQA2AhwgAyABNgIUIANBkQo2AhAgA0EINgIMQQAhAgyWAQtB7wAhAiABIARGDZUBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbDVAGotAABHDQIgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJYBCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQKyIARQ0CIANB7QA2AhwgAyABNgIUIAMgADYCDEEAIQIMlQELIANBADYCAAsgAygCBCEAIANBADYCBCADIAAgARArIgBFDYABIANB7gA2AhwgAyABNgIUIAMgADYCDEEAIQIMkwELQdwAIQIMeQtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDJMBC0HbACECDHkLIANB7AA2AhwgAyABNgIUIANBgBs2AhAgA0EVNgIMQQAhAgyRAQsgAy0AKSIAQSNJDQAgAEEuRg0AIANBADYCHCADIAE2AhQgA0HJCTYCECADQQg2AgxBACECDJABC0HaACECDHYLIAEgBEYEQEHrACECDI8BCwJAIAEtAABBL0YEQCABQQFqIQEMAQsgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDEEAIQIMjwELQdkAIQIMdQsgASAERwRAIANBDjYCCCADIAE2AgRB2AAhAgx1C0HqACECDI0BCyABIARGBEBB6QAhAgyNAQsgAS0AAEEwayIAQf8BcUEKSQRAIAMgADoAKiABQQFqIQFB1wAhAgx0CyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNeiADQegANgIcIAMgATYCFCADIAA2AgxBACECDIwBCyABIARGBEBB5wAhAgyMAQsCQCABLQAAQS5GBEAgAUEBaiEBDAELIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ17IANB5gA2AhwgAyABNgIUIAMgADYCDEEAIQIMjAELQdYAIQIMcgsgASAERgRAQeUAIQIMiwELQQAhAEEBIQVBASEHQQAhAgJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAIAEtAABBMGsOCgoJAAECAwQFBggLC0ECDAYLQQMMBQtBBAwEC0EFDAMLQQYMAgtBBwwBC0EICyECQQAhBUEAIQcMAgtBCSECQQEhAEEAIQVBACEHDAELQQAhBUEBIQILIAMgAjoAKyABQQFqIQECQAJAIAMtAC5BEHENAAJAAkACQCADLQAqDgMBAAIECyAHRQ0DDAILIAANAQwCCyAFRQ0BCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNAiADQeIANgIcIAMgATYCFCADIAA2AgxBACECDI0BCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNfSADQeMANgIcIAMgATYCFCADIAA2AgxBACECDIwBCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNeyADQeQANgIcIAMgATYCFCADIAA2AgwMiwELQdQAIQIMcQsgAy0AKUEiRg2GAUHTACECDHALQQAhAAJAIAMoAjgiAkUNACACKAJEIgJFDQAgAyACEQAAIQALIABFBEBB1QAhAgxwCyAAQRVHBEAgA0EANgIcIAMgATYCFCADQaQNNgIQIANBITYCDEEAIQIMiQELIANB4QA2AhwgAyABNgIUIANB0Bo2AhAgA0EVNgIMQQAhAgyIAQsgASAERgRAQeAAIQIMiAELAkACQAJAAkACQCABLQAAQQprDgQBBAQABAsgAUEBaiEBDAELIAFBAWohASADQS9qLQAAQQFxRQ0BC0HSACECDHALIANBADYCHCADIAE2AhQgA0G2ETYCECADQQk2AgxBACECDIgBCyADQQA2AhwgAyABNgIUIANBthE2AhAgA0EJNgIMQQAhAgyHAQsgASAERgRAQd8AIQIMhwELIAEtAABBCkYEQCABQQFqIQEMCQsgAy0ALkHAAHENCCADQQA2AhwgAyABNgIUIANBthE2AhAgA0ECNgIMQQAhAgyGAQsgASAERgRAQd0AIQIMhgELIAEtAAAiAkENRgRAIAFBAWohAUHQACECDG0LIAEhACACQQlrDgQFAQEFAQsgBCABIgBGBEBB3AAhAgyFAQsgAC0AAEEKRw0AIABBAWoMAgtBACECIANBADYCHCADIAA2AhQgA0HKLTYCECADQQc2AgwMgwELIAEgBEYEQEHbACECDIMBCwJAIAEtAABBCWsOBAMAAAMACyABQQFqCyEBQc4AIQIMaAsgASAERgRAQdoAIQIMgQELIAEtAABBCWsOBAABAQABC0EAIQIgA0EANgIcIANBmhI2AhAgA0EHNgIMIAMgAUEBajYCFAx/CyADQYASOwEqQQAhAAJAIAMoAjgiAkUNACACKAI4IgJFDQAgAyACEQAAIQALIABFDQAgAEEVRw0BIANB2QA2AhwgAyABNgIUIANB6ho2AhAgA0EVNgIMQQAhAgx+C0HNACECDGQLIANBADYCHCADIAE2AhQgA0HJDTYCECADQRo2AgxBACECDHwLIAEgBEYEQEHZACECDHwLIAEtAABBIEcNPSABQQFqIQEgAy0ALkEBcQ09IANBADYCHCADIAE2AhQgA0HCHDYCECADQR42AgxBACECDHsLIAEgBEYEQEHYACECDHsLAkACQAJAAkACQCABLQAAIgBBCmsOBAIDAwABCyABQQFqIQFBLCECDGULIABBOkcNASADQQA2AhwgAyABNgIUIANB5xE2AhAgA0EKNgIMQQAhAgx9CyABQQFqIQEgA0Evai0AAEEBcUUNcyADLQAyQYABcUUEQCADQTJqIQIgAxA1QQAhAAJAIAMoAjgiBkUNACAGKAIoIgZFDQAgAyAGEQAAIQALAkACQCAADhZNTEsBAQEBAQEBAQEBAQEBAQEBAQEAAQsgA0EpNgIcIAMgATYCFCADQawZNgIQIANBFTYCDEEAIQIMfgsgA0EANgIcIAMgATYCFCADQeULNgIQIANBETYCDEEAIQIMfQtBACEAAkAgAygCOCICRQ0AIAIoAlwiAkUNACADIAIRAAAhAAsgAEUNWSAAQRVHDQEgA0EFNgIcIAMgATYCFCADQZsbNgIQIANBFTYCDEEAIQIMfAtBywAhAgxiC0EAIQIgA0EANgIcIAMgATYCFCADQZAONgIQIANBFDYCDAx6CyADIAMvATJBgAFyOwEyDDsLIAEgBEcEQCADQRE2AgggAyABNgIEQcoAIQIMYAtB1wAhAgx4CyABIARGBEBB1gAhAgx4CwJAAkACQAJAIAEtAAAiAEEgciAAIABBwQBrQf8BcUEaSRtB/wFxQeMAaw4TAEBAQEBAQEBAQEBAQAFAQEACA0ALIAFBAWohAUHGACECDGELIAFBAWohAUHHACECDGALIAFBAWohAUHIACECDF8LIAFBAWohAUHJACECDF4LQdUAIQIgBCABIgBGDXYgBCABayADKAIAIgFqIQYgACABa0EFaiEHA0AgAUGQyABqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0IQQQgAUEFRg0KGiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAx2C0HUACECIAQgASIARg11IAQgAWsgAygCACIBaiEGIAAgAWtBD2ohBwNAIAFBgMgAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNB0EDIAFBD0YNCRogAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMdQtB0wAhAiAEIAEiAEYNdCAEIAFrIAMoAgAiAWohBiAAIAFrQQ5qIQcDQCABQeLHAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQYgAUEORg0HIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADHQLQdIAIQIgBCABIgBGDXMgBCABayADKAIAIgFqIQUgACABa0EBaiEGA0AgAUHgxwBqLQAAIAAtAAAiB0EgciAHIAdBwQBrQf8BcUEaSRtB/wFxRw0FIAFBAUYNAiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBTYCAAxzCyABIARGBEBB0QAhAgxzCwJAAkAgAS0AACIAQSByIAAgAEHBAGtB/wFxQRpJG0H/AXFB7gBrDgcAOTk5OTkBOQsgAUEBaiEBQcMAIQIMWgsgAUEBaiEBQcQAIQIMWQsgA0EANgIAIAZBAWohAUHFACECDFgLQdAAIQIgBCABIgBGDXAgBCABayADKAIAIgFqIQYgACABa0EJaiEHA0AgAUHWxwBqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0CQQIgAUEJRg0EGiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxwC0HPACECIAQgASIARg1vIAQgAWsgAygCACIBaiEGIAAgAWtBBWohBwNAIAFB0McAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNASABQQVGDQIgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMbwsgACEBIANBADYCAAwzC0EBCzoALCADQQA2AgAgB0EBaiEBC0EtIQIMUgsCQANAIAEtAABB0MUAai0AAEEBRw0BIAQgAUEBaiIBRw0AC0HNACECDGsLQcIAIQIMUQsgASAERgRAQcwAIQIMagsgAS0AAEE6RgRAIAMoAgQhACADQQA2AgQgAyAAIAEQMCIARQ0zIANBywA2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMagsgA0EANgIcIAMgATYCFCADQecRNgIQIANBCjYCDEEAIQIMaQsCQAJAIAMtACxBAmsOAgABJwsgA0Ezai0AAEECcUUNJiADLQAuQQJxDSYgA0EANgIcIAMgATYCFCADQaYUNgIQIANBCzYCDEEAIQIMaQsgAy0AMkEgcUUNJSADLQAuQQJxDSUgA0EANgIcIAMgATYCFCADQb0TNgIQIANBDzYCDEEAIQIMaAtBACEAAkAgAygCOCICRQ0AIAIoAkgiAkUNACADIAIRAAAhAAsgAEUEQEHBACECDE8LIABBFUcEQCADQQA2AhwgAyABNgIUIANBpg82AhAgA0EcNgIMQQAhAgxoCyADQcoANgIcIAMgATYCFCADQYUcNgIQIANBFTYCDEEAIQIMZwsgASAERwRAA0AgAS0AAEHAwQBqLQAAQQFHDRcgBCABQQFqIgFHDQALQcQAIQIMZwtBxAAhAgxmCyABIARHBEADQAJAIAEtAAAiAEEgciAAIABBwQBrQf8BcUEaSRtB/wFxIgBBCUYNACAAQSBGDQACQAJAAkACQCAAQeMAaw4TAAMDAwMDAwMBAwMDAwMDAwMDAgMLIAFBAWohAUE2IQIMUgsgAUEBaiEBQTchAgxRCyABQQFqIQFBOCECDFALDBULIAQgAUEBaiIBRw0AC0E8IQIMZgtBPCECDGULIAEgBEYEQEHIACECDGULIANBEjYCCCADIAE2AgQCQAJAAkACQAJAIAMtACxBAWsOBBQAAQIJCyADLQAyQSBxDQNB4AEhAgxPCwJAIAMvATIiAEEIcUUNACADLQAoQQFHDQAgAy0ALkEIcUUNAgsgAyAAQff7A3FBgARyOwEyDAsLIAMgAy8BMkEQcjsBMgwECyADQQA2AgQgAyABIAEQMSIABEAgA0HBADYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgxmCyABQQFqIQEMWAsgA0EANgIcIAMgATYCFCADQfQTNgIQIANBBDYCDEEAIQIMZAtBxwAhAiABIARGDWMgAygCACIAIAQgAWtqIQUgASAAa0EGaiEGAkADQCAAQcDFAGotAAAgAS0AAEEgckcNASAAQQZGDUogAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMZAsgA0EANgIADAULAkAgASAERwRAA0AgAS0AAEHAwwBqLQAAIgBBAUcEQCAAQQJHDQMgAUEBaiEBDAULIAQgAUEBaiIBRw0AC0HFACECDGQLQcUAIQIMYwsLIANBADoALAwBC0ELIQIMRwtBPyECDEYLAkACQANAIAEtAAAiAEEgRwRAAkAgAEEKaw4EAwUFAwALIABBLEYNAwwECyAEIAFBAWoiAUcNAAtBxgAhAgxgCyADQQg6ACwMDgsgAy0AKEEBRw0CIAMtAC5BCHENAiADKAIEIQAgA0EANgIEIAMgACABEDEiAARAIANBwgA2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMXwsgAUEBaiEBDFALQTshAgxECwJAA0AgAS0AACIAQSBHIABBCUdxDQEgBCABQQFqIgFHDQALQcMAIQIMXQsLQTwhAgxCCwJAAkAgASAERwRAA0AgAS0AACIAQSBHBEAgAEEKaw4EAwQEAwQLIAQgAUEBaiIBRw0AC0E/IQIMXQtBPyECDFwLIAMgAy8BMkEgcjsBMgwKCyADKAIEIQAgA0EANgIEIAMgACABEDEiAEUNTiADQT42AhwgAyABNgIUIAMgADYCDEEAIQIMWgsCQCABIARHBEADQCABLQAAQcDDAGotAAAiAEEBRwRAIABBAkYNAwwMCyAEIAFBAWoiAUcNAAtBNyECDFsLQTchAgxaCyABQQFqIQEMBAtBOyECIAQgASIARg1YIAQgAWsgAygCACIBaiEGIAAgAWtBBWohBwJAA0AgAUGQyABqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0BIAFBBUYEQEEHIQEMPwsgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMWQsgA0EANgIAIAAhAQwFC0E6IQIgBCABIgBGDVcgBCABayADKAIAIgFqIQYgACABa0EIaiEHAkADQCABQbTBAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQEgAUEIRgRAQQUhAQw+CyABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxYCyADQQA2AgAgACEBDAQLQTkhAiAEIAEiAEYNViAEIAFrIAMoAgAiAWohBiAAIAFrQQNqIQcCQANAIAFBsMEAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNASABQQNGBEBBBiEBDD0LIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADFcLIANBADYCACAAIQEMAwsCQANAIAEtAAAiAEEgRwRAIABBCmsOBAcEBAcCCyAEIAFBAWoiAUcNAAtBOCECDFYLIABBLEcNASABQQFqIQBBASEBAkACQAJAAkACQCADLQAsQQVrDgQDAQIEAAsgACEBDAQLQQIhAQwBC0EEIQELIANBAToALCADIAMvATIgAXI7ATIgACEBDAELIAMgAy8BMkEIcjsBMiAAIQELQT4hAgw7CyADQQA6ACwLQTkhAgw5CyABIARGBEBBNiECDFILAkACQAJAAkACQCABLQAAQQprDgQAAgIBAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFDQIgA0EzNgIcIAMgATYCFCADIAA2AgxBACECDFULIAMoAgQhACADQQA2AgQgAyAAIAEQMSIARQRAIAFBAWohAQwGCyADQTI2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMVAsgAy0ALkEBcQRAQd8BIQIMOwsgAygCBCEAIANBADYCBCADIAAgARAxIgANAQxJC0E0IQIMOQsgA0E1NgIcIAMgATYCFCADIAA2AgxBACECDFELQTUhAgw3CyADQS9qLQAAQQFxDQAgA0EANgIcIAMgATYCFCADQesWNgIQIANBGTYCDEEAIQIMTwtBMyECDDULIAEgBEYEQEEyIQIMTgsCQCABLQAAQQpGBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GSFzYCECADQQM2AgxBACECDE4LQTIhAgw0CyABIARGBEBBMSECDE0LAkAgAS0AACIAQQlGDQAgAEEgRg0AQQEhAgJAIAMtACxBBWsOBAYEBQANCyADIAMvATJBCHI7ATIMDAsgAy0ALkEBcUUNASADLQAsQQhHDQAgA0EAOgAsC0E9IQIMMgsgA0EANgIcIAMgATYCFCADQcIWNgIQIANBCjYCDEEAIQIMSgtBAiECDAELQQQhAgsgA0EBOgAsIAMgAy8BMiACcjsBMgwGCyABIARGBEBBMCECDEcLIAEtAABBCkYEQCABQQFqIQEMAQsgAy0ALkEBcQ0AIANBADYCHCADIAE2AhQgA0HcKDYCECADQQI2AgxBACECDEYLQTAhAgwsCyABQQFqIQFBMSECDCsLIAEgBEYEQEEvIQIMRAsgAS0AACIAQQlHIABBIEdxRQRAIAFBAWohASADLQAuQQFxDQEgA0EANgIcIAMgATYCFCADQZcQNgIQIANBCjYCDEEAIQIMRAtBASECAkACQAJAAkACQAJAIAMtACxBAmsOBwUEBAMBAgAECyADIAMvATJBCHI7ATIMAwtBAiECDAELQQQhAgsgA0EBOgAsIAMgAy8BMiACcjsBMgtBLyECDCsLIANBADYCHCADIAE2AhQgA0GEEzYCECADQQs2AgxBACECDEMLQeEBIQIMKQsgASAERgRAQS4hAgxCCyADQQA2AgQgA0ESNgIIIAMgASABEDEiAA0BC0EuIQIMJwsgA0EtNgIcIAMgATYCFCADIAA2AgxBACECDD8LQQAhAAJAIAMoAjgiAkUNACACKAJMIgJFDQAgAyACEQAAIQALIABFDQAgAEEVRw0BIANB2AA2AhwgAyABNgIUIANBsxs2AhAgA0EVNgIMQQAhAgw+C0HMACECDCQLIANBADYCHCADIAE2AhQgA0GzDjYCECADQR02AgxBACECDDwLIAEgBEYEQEHOACECDDwLIAEtAAAiAEEgRg0CIABBOkYNAQsgA0EAOgAsQQkhAgwhCyADKAIEIQAgA0EANgIEIAMgACABEDAiAA0BDAILIAMtAC5BAXEEQEHeASECDCALIAMoAgQhACADQQA2AgQgAyAAIAEQMCIARQ0CIANBKjYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgw4CyADQcsANgIcIAMgADYCDCADIAFBAWo2AhRBACECDDcLIAFBAWohAUHAACECDB0LIAFBAWohAQwsCyABIARGBEBBKyECDDULAkAgAS0AAEEKRgRAIAFBAWohAQwBCyADLQAuQcAAcUUNBgsgAy0AMkGAAXEEQEEAIQACQCADKAI4IgJFDQAgAigCXCICRQ0AIAMgAhEAACEACyAARQ0SIABBFUYEQCADQQU2AhwgAyABNgIUIANBmxs2AhAgA0EVNgIMQQAhAgw2CyADQQA2AhwgAyABNgIUIANBkA42AhAgA0EUNgIMQQAhAgw1CyADQTJqIQIgAxA1QQAhAAJAIAMoAjgiBkUNACAGKAIoIgZFDQAgAyAGEQAAIQALIAAOFgIBAAQEBAQEBAQEBAQEBAQEBAQEBAMECyADQQE6ADALIAIgAi8BAEHAAHI7AQALQSshAgwYCyADQSk2AhwgAyABNgIUIANBrBk2AhAgA0EVNgIMQQAhAgwwCyADQQA2AhwgAyABNgIUIANB5Qs2AhAgA0ERNgIMQQAhAgwvCyADQQA2AhwgAyABNgIUIANBpQs2AhAgA0ECNgIMQQAhAgwuC0EBIQcgAy8BMiIFQQhxRQRAIAMpAyBCAFIhBwsCQCADLQAwBEBBASEAIAMtAClBBUYNASAFQcAAcUUgB3FFDQELAkAgAy0AKCICQQJGBEBBASEAIAMvATQiBkHlAEYNAkEAIQAgBUHAAHENAiAGQeQARg0CIAZB5gBrQQJJDQIgBkHMAUYNAiAGQbACRg0CDAELQQAhACAFQcAAcQ0BC0ECIQAgBUEIcQ0AIAVBgARxBEACQCACQQFHDQAgAy0ALkEKcQ0AQQUhAAwCC0EEIQAMAQsgBUEgcUUEQCADEDZBAEdBAnQhAAwBC0EAQQMgAykDIFAbIQALIABBAWsOBQIABwEDBAtBESECDBMLIANBAToAMQwpC0EAIQICQCADKAI4IgBFDQAgACgCMCIARQ0AIAMgABEAACECCyACRQ0mIAJBFUYEQCADQQM2AhwgAyABNgIUIANB0hs2AhAgA0EVNgIMQQAhAgwrC0EAIQIgA0EANgIcIAMgATYCFCADQd0ONgIQIANBEjYCDAwqCyADQQA2AhwgAyABNgIUIANB+SA2AhAgA0EPNgIMQQAhAgwpC0EAIQACQCADKAI4IgJFDQAgAigCMCICRQ0AIAMgAhEAACEACyAADQELQQ4hAgwOCyAAQRVGBEAgA0ECNgIcIAMgATYCFCADQdIbNgIQIANBFTYCDEEAIQIMJwsgA0EANgIcIAMgATYCFCADQd0ONgIQIANBEjYCDEEAIQIMJgtBKiECDAwLIAEgBEcEQCADQQk2AgggAyABNgIEQSkhAgwMC0EmIQIMJAsgAyADKQMgIgwgBCABa60iCn0iC0IAIAsgDFgbNwMgIAogDFQEQEElIQIMJAsgAygCBCEAIANBADYCBCADIAAgASAMp2oiARAyIgBFDQAgA0EFNgIcIAMgATYCFCADIAA2AgxBACECDCMLQQ8hAgwJC0IAIQoCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAS0AAEEwaw43FxYAAQIDBAUGBxQUFBQUFBQICQoLDA0UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFA4PEBESExQLQgIhCgwWC0IDIQoMFQtCBCEKDBQLQgUhCgwTC0IGIQoMEgtCByEKDBELQgghCgwQC0IJIQoMDwtCCiEKDA4LQgshCgwNC0IMIQoMDAtCDSEKDAsLQg4hCgwKC0IPIQoMCQtCCiEKDAgLQgshCgwHC0IMIQoMBgtCDSEKDAULQg4hCgwEC0IPIQoMAwsgA0EANgIcIAMgATYCFCADQZ8VNgIQIANBDDYCDEEAIQIMIQsgASAERgRAQSIhAgwhC0IAIQoCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAEtAABBMGsONxUUAAECAwQFBgcWFhYWFhYWCAkKCwwNFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYODxAREhMWC0ICIQoMFAtCAyEKDBMLQgQhCgwSC0IFIQoMEQtCBiEKDBALQgchCgwPC0IIIQoMDgtCCSEKDA0LQgohCgwMC0ILIQoMCwtCDCEKDAoLQg0hCgwJC0IOIQoMCAtCDyEKDAcLQgohCgwGC0ILIQoMBQtCDCEKDAQLQg0hCgwDC0IOIQoMAgtCDyEKDAELQgEhCgsgAUEBaiEBIAMpAyAiC0L//////////w9YBEAgAyALQgSGIAqENwMgDAILIANBADYCHCADIAE2AhQgA0G1CTYCECADQQw2AgxBACECDB4LQSchAgwEC0EoIQIMAwsgAyABOgAsIANBADYCACAHQQFqIQFBDCECDAILIANBADYCACAGQQFqIQFBCiECDAELIAFBAWohAUEIIQIMAAsAC0EAIQIgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDAwXC0EAIQIgA0EANgIcIAMgATYCFCADQYMRNgIQIANBCTYCDAwWC0EAIQIgA0EANgIcIAMgATYCFCADQd8KNgIQIANBCTYCDAwVC0EAIQIgA0EANgIcIAMgATYCFCADQe0QNgIQIANBCTYCDAwUC0EAIQIgA0EANgIcIAMgATYCFCADQdIRNgIQIANBCTYCDAwTC0EAIQIgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDAwSC0EAIQIgA0EANgIcIAMgATYCFCADQYMRNgIQIANBCTYCDAwRC0EAIQIgA0EANgIcIAMgATYCFCADQd8KNgIQIANBCTYCDAwQC0EAIQIgA0EANgIcIAMgATYCFCADQe0QNgIQIANBCTYCDAwPC0EAIQIgA0EANgIcIAMgATYCFCADQdIRNgIQIANBCTYCDAwOC0EAIQIgA0EANgIcIAMgATYCFCADQbkXNgIQIANBDzYCDAwNC0EAIQIgA0EANgIcIAMgATYCFCADQbkXNgIQIANBDzYCDAwMC0EAIQIgA0EANgIcIAMgATYCFCADQZkTNgIQIANBCzYCDAwLC0EAIQIgA0EANgIcIAMgATYCFCADQZ0JNgIQIANBCzYCDAwKC0EAIQIgA0EANgIcIAMgATYCFCADQZcQNgIQIANBCjYCDAwJC0EAIQIgA0EANgIcIAMgATYCFCADQbEQNgIQIANBCjYCDAwIC0EAIQIgA0EANgIcIAMgATYCFCADQbsdNgIQIANBAjYCDAwHC0EAIQIgA0EANgIcIAMgATYCFCADQZYWNgIQIANBAjYCDAwGC0EAIQIgA0EANgIcIAMgATYCFCADQfkYNgIQIANBAjYCDAwFC0EAIQIgA0EANgIcIAMgATYCFCADQcQYNgIQIANBAjYCDAwECyADQQI2AhwgAyABNgIUIANBqR42AhAgA0EWNgIMQQAhAgwDC0HeACECIAEgBEYNAiAJQQhqIQcgAygCACEFAkACQCABIARHBEAgBUGWyABqIQggBCAFaiABayEGIAVBf3NBCmoiBSABaiEAA0AgAS0AACAILQAARwRAQQIhCAwDCyAFRQRAQQAhCCAAIQEMAwsgBUEBayEFIAhBAWohCCAEIAFBAWoiAUcNAAsgBiEFIAQhAQsgB0EBNgIAIAMgBTYCAAwBCyADQQA2AgAgByAINgIACyAHIAE2AgQgCSgCDCEAAkACQCAJKAIIQQFrDgIEAQALIANBADYCHCADQcIeNgIQIANBFzYCDCADIABBAWo2AhRBACECDAMLIANBADYCHCADIAA2AhQgA0HXHjYCECADQQk2AgxBACECDAILIAEgBEYEQEEoIQIMAgsgA0EJNgIIIAMgATYCBEEnIQIMAQsgASAERgRAQQEhAgwBCwNAAkACQAJAIAEtAABBCmsOBAABAQABCyABQQFqIQEMAQsgAUEBaiEBIAMtAC5BIHENAEEAIQIgA0EANgIcIAMgATYCFCADQaEhNgIQIANBBTYCDAwCC0EBIQIgASAERw0ACwsgCUEQaiQAIAJFBEAgAygCDCEADAELIAMgAjYCHEEAIQAgAygCBCIBRQ0AIAMgASAEIAMoAggRAQAiAUUNACADIAQ2AhQgAyABNgIMIAEhAAsgAAu+AgECfyAAQQA6AAAgAEHkAGoiAUEBa0EAOgAAIABBADoAAiAAQQA6AAEgAUEDa0EAOgAAIAFBAmtBADoAACAAQQA6AAMgAUEEa0EAOgAAQQAgAGtBA3EiASAAaiIAQQA2AgBB5AAgAWtBfHEiAiAAaiIBQQRrQQA2AgACQCACQQlJDQAgAEEANgIIIABBADYCBCABQQhrQQA2AgAgAUEMa0EANgIAIAJBGUkNACAAQQA2AhggAEEANgIUIABBADYCECAAQQA2AgwgAUEQa0EANgIAIAFBFGtBADYCACABQRhrQQA2AgAgAUEca0EANgIAIAIgAEEEcUEYciICayIBQSBJDQAgACACaiEAA0AgAEIANwMYIABCADcDECAAQgA3AwggAEIANwMAIABBIGohACABQSBrIgFBH0sNAAsLC1YBAX8CQCAAKAIMDQACQAJAAkACQCAALQAxDgMBAAMCCyAAKAI4IgFFDQAgASgCMCIBRQ0AIAAgAREAACIBDQMLQQAPCwALIABByhk2AhBBDiEBCyABCxoAIAAoAgxFBEAgAEHeHzYCECAAQRU2AgwLCxQAIAAoAgxBFUYEQCAAQQA2AgwLCxQAIAAoAgxBFkYEQCAAQQA2AgwLCwcAIAAoAgwLBwAgACgCEAsJACAAIAE2AhALBwAgACgCFAsrAAJAIABBJ08NAEL//////wkgAK2IQgGDUA0AIABBAnRB0DhqKAIADwsACxcAIABBL08EQAALIABBAnRB7DlqKAIAC78JAQF/QfQtIQECQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCAAQeQAaw70A2NiAAFhYWFhYWECAwQFYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQYHCAkKCwwNDg9hYWFhYRBhYWFhYWFhYWFhYRFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWESExQVFhcYGRobYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYRwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1NmE3ODk6YWFhYWFhYWE7YWFhPGFhYWE9Pj9hYWFhYWFhYUBhYUFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFCQ0RFRkdISUpLTE1OT1BRUlNhYWFhYWFhYVRVVldYWVpbYVxdYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhXmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYV9gYQtB6iwPC0GYJg8LQe0xDwtBoDcPC0HJKQ8LQbQpDwtBli0PC0HrKw8LQaI1DwtB2zQPC0HgKQ8LQeMkDwtB1SQPC0HuJA8LQeYlDwtByjQPC0HQNw8LQao1DwtB9SwPC0H2Jg8LQYIiDwtB8jMPC0G+KA8LQec3DwtBzSEPC0HAIQ8LQbglDwtByyUPC0GWJA8LQY80DwtBzTUPC0HdKg8LQe4zDwtBnDQPC0GeMQ8LQfQ1DwtB5SIPC0GvJQ8LQZkxDwtBsjYPC0H5Ng8LQcQyDwtB3SwPC0GCMQ8LQcExDwtBjTcPC0HJJA8LQew2DwtB5yoPC0HIIw8LQeIhDwtByTcPC0GlIg8LQZQiDwtB2zYPC0HeNQ8LQYYmDwtBvCsPC0GLMg8LQaAjDwtB9jAPC0GALA8LQYkrDwtBpCYPC0HyIw8LQYEoDwtBqzIPC0HrJw8LQcI2DwtBoiQPC0HPKg8LQdwjDwtBhycPC0HkNA8LQbciDwtBrTEPC0HVIg8LQa80DwtB3iYPC0HWMg8LQfQ0DwtBgTgPC0H0Nw8LQZI2DwtBnScPC0GCKQ8LQY0jDwtB1zEPC0G9NQ8LQbQ3DwtB2DAPC0G2Jw8LQZo4DwtBpyoPC0HEJw8LQa4jDwtB9SIPCwALQcomIQELIAELFwAgACAALwEuQf7/A3EgAUEAR3I7AS4LGgAgACAALwEuQf3/A3EgAUEAR0EBdHI7AS4LGgAgACAALwEuQfv/A3EgAUEAR0ECdHI7AS4LGgAgACAALwEuQff/A3EgAUEAR0EDdHI7AS4LGgAgACAALwEuQe//A3EgAUEAR0EEdHI7AS4LGgAgACAALwEuQd//A3EgAUEAR0EFdHI7AS4LGgAgACAALwEuQb//A3EgAUEAR0EGdHI7AS4LGgAgACAALwEuQf/+A3EgAUEAR0EHdHI7AS4LGgAgACAALwEuQf/9A3EgAUEAR0EIdHI7AS4LGgAgACAALwEuQf/7A3EgAUEAR0EJdHI7AS4LPgECfwJAIAAoAjgiA0UNACADKAIEIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHhEjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIIIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH8ETYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIMIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHsCjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIQIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH6HjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIUIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHLEDYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIYIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEG3HzYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIcIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEG/FTYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIsIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH+CDYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIgIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEGMHTYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIkIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHmFTYCEEEYIQQLIAQLOAAgAAJ/IAAvATJBFHFBFEYEQEEBIAAtAChBAUYNARogAC8BNEHlAEYMAQsgAC0AKUEFRgs6ADALWQECfwJAIAAtAChBAUYNACAALwE0IgFB5ABrQeQASQ0AIAFBzAFGDQAgAUGwAkYNACAALwEyIgBBwABxDQBBASECIABBiARxQYAERg0AIABBKHFFIQILIAILjAEBAn8CQAJAAkAgAC0AKkUNACAALQArRQ0AIAAvATIiAUECcUUNAQwCCyAALwEyIgFBAXFFDQELQQEhAiAALQAoQQFGDQAgAC8BNCIAQeQAa0HkAEkNACAAQcwBRg0AIABBsAJGDQAgAUHAAHENAEEAIQIgAUGIBHFBgARGDQAgAUEocUEARyECCyACC1cAIABBGGpCADcDACAAQgA3AwAgAEE4akIANwMAIABBMGpCADcDACAAQShqQgA3AwAgAEEgakIANwMAIABBEGpCADcDACAAQQhqQgA3AwAgAEH9ATYCHAsGACAAEDoLmi0BC38jAEEQayIKJABB3NUAKAIAIglFBEBBnNkAKAIAIgVFBEBBqNkAQn83AgBBoNkAQoCAhICAgMAANwIAQZzZACAKQQhqQXBxQdiq1aoFcyIFNgIAQbDZAEEANgIAQYDZAEEANgIAC0GE2QBBwNkENgIAQdTVAEHA2QQ2AgBB6NUAIAU2AgBB5NUAQX82AgBBiNkAQcCmAzYCAANAIAFBgNYAaiABQfTVAGoiAjYCACACIAFB7NUAaiIDNgIAIAFB+NUAaiADNgIAIAFBiNYAaiABQfzVAGoiAzYCACADIAI2AgAgAUGQ1gBqIAFBhNYAaiICNgIAIAIgAzYCACABQYzWAGogAjYCACABQSBqIgFBgAJHDQALQczZBEGBpgM2AgBB4NUAQazZACgCADYCAEHQ1QBBgKYDNgIAQdzVAEHI2QQ2AgBBzP8HQTg2AgBByNkEIQkLAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAEHsAU0EQEHE1QAoAgAiBkEQIABBE2pBcHEgAEELSRsiBEEDdiIAdiIBQQNxBEACQCABQQFxIAByQQFzIgJBA3QiAEHs1QBqIgEgAEH01QBqKAIAIgAoAggiA0YEQEHE1QAgBkF+IAJ3cTYCAAwBCyABIAM2AgggAyABNgIMCyAAQQhqIQEgACACQQN0IgJBA3I2AgQgACACaiIAIAAoAgRBAXI2AgQMEQtBzNUAKAIAIgggBE8NASABBEACQEECIAB0IgJBACACa3IgASAAdHFoIgBBA3QiAkHs1QBqIgEgAkH01QBqKAIAIgIoAggiA0YEQEHE1QAgBkF+IAB3cSIGNgIADAELIAEgAzYCCCADIAE2AgwLIAIgBEEDcjYCBCAAQQN0IgAgBGshBSAAIAJqIAU2AgAgAiAEaiIEIAVBAXI2AgQgCARAIAhBeHFB7NUAaiEAQdjVACgCACEDAn9BASAIQQN2dCIBIAZxRQRAQcTVACABIAZyNgIAIAAMAQsgACgCCAsiASADNgIMIAAgAzYCCCADIAA2AgwgAyABNgIICyACQQhqIQFB2NUAIAQ2AgBBzNUAIAU2AgAMEQtByNUAKAIAIgtFDQEgC2hBAnRB9NcAaigCACIAKAIEQXhxIARrIQUgACECA0ACQCACKAIQIgFFBEAgAkEUaigCACIBRQ0BCyABKAIEQXhxIARrIgMgBUkhAiADIAUgAhshBSABIAAgAhshACABIQIMAQsLIAAoAhghCSAAKAIMIgMgAEcEQEHU1QAoAgAaIAMgACgCCCIBNgIIIAEgAzYCDAwQCyAAQRRqIgIoAgAiAUUEQCAAKAIQIgFFDQMgAEEQaiECCwNAIAIhByABIgNBFGoiAigCACIBDQAgA0EQaiECIAMoAhAiAQ0ACyAHQQA2AgAMDwtBfyEEIABBv39LDQAgAEETaiIBQXBxIQRByNUAKAIAIghFDQBBACAEayEFAkACQAJAAn9BACAEQYACSQ0AGkEfIARB////B0sNABogBEEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+agsiBkECdEH01wBqKAIAIgJFBEBBACEBQQAhAwwBC0EAIQEgBEEZIAZBAXZrQQAgBkEfRxt0IQBBACEDA0ACQCACKAIEQXhxIARrIgcgBU8NACACIQMgByIFDQBBACEFIAIhAQwDCyABIAJBFGooAgAiByAHIAIgAEEddkEEcWpBEGooAgAiAkYbIAEgBxshASAAQQF0IQAgAg0ACwsgASADckUEQEEAIQNBAiAGdCIAQQAgAGtyIAhxIgBFDQMgAGhBAnRB9NcAaigCACEBCyABRQ0BCwNAIAEoAgRBeHEgBGsiAiAFSSEAIAIgBSAAGyEFIAEgAyAAGyEDIAEoAhAiAAR/IAAFIAFBFGooAgALIgENAAsLIANFDQAgBUHM1QAoAgAgBGtPDQAgAygCGCEHIAMgAygCDCIARwRAQdTVACgCABogACADKAIIIgE2AgggASAANgIMDA4LIANBFGoiAigCACIBRQRAIAMoAhAiAUUNAyADQRBqIQILA0AgAiEGIAEiAEEUaiICKAIAIgENACAAQRBqIQIgACgCECIBDQALIAZBADYCAAwNC0HM1QAoAgAiAyAETwRAQdjVACgCACEBAkAgAyAEayICQRBPBEAgASAEaiIAIAJBAXI2AgQgASADaiACNgIAIAEgBEEDcjYCBAwBCyABIANBA3I2AgQgASADaiIAIAAoAgRBAXI2AgRBACEAQQAhAgtBzNUAIAI2AgBB2NUAIAA2AgAgAUEIaiEBDA8LQdDVACgCACIDIARLBEAgBCAJaiIAIAMgBGsiAUEBcjYCBEHc1QAgADYCAEHQ1QAgATYCACAJIARBA3I2AgQgCUEIaiEBDA8LQQAhASAEAn9BnNkAKAIABEBBpNkAKAIADAELQajZAEJ/NwIAQaDZAEKAgISAgIDAADcCAEGc2QAgCkEMakFwcUHYqtWqBXM2AgBBsNkAQQA2AgBBgNkAQQA2AgBBgIAECyIAIARBxwBqIgVqIgZBACAAayIHcSICTwRAQbTZAEEwNgIADA8LAkBB/NgAKAIAIgFFDQBB9NgAKAIAIgggAmohACAAIAFNIAAgCEtxDQBBACEBQbTZAEEwNgIADA8LQYDZAC0AAEEEcQ0EAkACQCAJBEBBhNkAIQEDQCABKAIAIgAgCU0EQCAAIAEoAgRqIAlLDQMLIAEoAggiAQ0ACwtBABA7IgBBf0YNBSACIQZBoNkAKAIAIgFBAWsiAyAAcQRAIAIgAGsgACADakEAIAFrcWohBgsgBCAGTw0FIAZB/v///wdLDQVB/NgAKAIAIgMEQEH02AAoAgAiByAGaiEBIAEgB00NBiABIANLDQYLIAYQOyIBIABHDQEMBwsgBiADayAHcSIGQf7///8HSw0EIAYQOyEAIAAgASgCACABKAIEakYNAyAAIQELAkAgBiAEQcgAak8NACABQX9GDQBBpNkAKAIAIgAgBSAGa2pBACAAa3EiAEH+////B0sEQCABIQAMBwsgABA7QX9HBEAgACAGaiEGIAEhAAwHC0EAIAZrEDsaDAQLIAEiAEF/Rw0FDAMLQQAhAwwMC0EAIQAMCgsgAEF/Rw0CC0GA2QBBgNkAKAIAQQRyNgIACyACQf7///8HSw0BIAIQOyEAQQAQOyEBIABBf0YNASABQX9GDQEgACABTw0BIAEgAGsiBiAEQThqTQ0BC0H02ABB9NgAKAIAIAZqIgE2AgBB+NgAKAIAIAFJBEBB+NgAIAE2AgALAkACQAJAQdzVACgCACICBEBBhNkAIQEDQCAAIAEoAgAiAyABKAIEIgVqRg0CIAEoAggiAQ0ACwwCC0HU1QAoAgAiAUEARyAAIAFPcUUEQEHU1QAgADYCAAtBACEBQYjZACAGNgIAQYTZACAANgIAQeTVAEF/NgIAQejVAEGc2QAoAgA2AgBBkNkAQQA2AgADQCABQYDWAGogAUH01QBqIgI2AgAgAiABQezVAGoiAzYCACABQfjVAGogAzYCACABQYjWAGogAUH81QBqIgM2AgAgAyACNgIAIAFBkNYAaiABQYTWAGoiAjYCACACIAM2AgAgAUGM1gBqIAI2AgAgAUEgaiIBQYACRw0AC0F4IABrQQ9xIgEgAGoiAiAGQThrIgMgAWsiAUEBcjYCBEHg1QBBrNkAKAIANgIAQdDVACABNgIAQdzVACACNgIAIAAgA2pBODYCBAwCCyAAIAJNDQAgAiADSQ0AIAEoAgxBCHENAEF4IAJrQQ9xIgAgAmoiA0HQ1QAoAgAgBmoiByAAayIAQQFyNgIEIAEgBSAGajYCBEHg1QBBrNkAKAIANgIAQdDVACAANgIAQdzVACADNgIAIAIgB2pBODYCBAwBCyAAQdTVACgCAEkEQEHU1QAgADYCAAsgACAGaiEDQYTZACEBAkACQAJAA0AgAyABKAIARwRAIAEoAggiAQ0BDAILCyABLQAMQQhxRQ0BC0GE2QAhAQNAIAEoAgAiAyACTQRAIAMgASgCBGoiBSACSw0DCyABKAIIIQEMAAsACyABIAA2AgAgASABKAIEIAZqNgIEIABBeCAAa0EPcWoiCSAEQQNyNgIEIANBeCADa0EPcWoiBiAEIAlqIgRrIQEgAiAGRgRAQdzVACAENgIAQdDVAEHQ1QAoAgAgAWoiADYCACAEIABBAXI2AgQMCAtB2NUAKAIAIAZGBEBB2NUAIAQ2AgBBzNUAQczVACgCACABaiIANgIAIAQgAEEBcjYCBCAAIARqIAA2AgAMCAsgBigCBCIFQQNxQQFHDQYgBUF4cSEIIAVB/wFNBEAgBUEDdiEDIAYoAggiACAGKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwHCyACIAA2AgggACACNgIMDAYLIAYoAhghByAGIAYoAgwiAEcEQCAAIAYoAggiAjYCCCACIAA2AgwMBQsgBkEUaiICKAIAIgVFBEAgBigCECIFRQ0EIAZBEGohAgsDQCACIQMgBSIAQRRqIgIoAgAiBQ0AIABBEGohAiAAKAIQIgUNAAsgA0EANgIADAQLQXggAGtBD3EiASAAaiIHIAZBOGsiAyABayIBQQFyNgIEIAAgA2pBODYCBCACIAVBNyAFa0EPcWpBP2siAyADIAJBEGpJGyIDQSM2AgRB4NUAQazZACgCADYCAEHQ1QAgATYCAEHc1QAgBzYCACADQRBqQYzZACkCADcCACADQYTZACkCADcCCEGM2QAgA0EIajYCAEGI2QAgBjYCAEGE2QAgADYCAEGQ2QBBADYCACADQSRqIQEDQCABQQc2AgAgBSABQQRqIgFLDQALIAIgA0YNACADIAMoAgRBfnE2AgQgAyADIAJrIgU2AgAgAiAFQQFyNgIEIAVB/wFNBEAgBUF4cUHs1QBqIQACf0HE1QAoAgAiAUEBIAVBA3Z0IgNxRQRAQcTVACABIANyNgIAIAAMAQsgACgCCAsiASACNgIMIAAgAjYCCCACIAA2AgwgAiABNgIIDAELQR8hASAFQf///wdNBEAgBUEmIAVBCHZnIgBrdkEBcSAAQQF0a0E+aiEBCyACIAE2AhwgAkIANwIQIAFBAnRB9NcAaiEAQcjVACgCACIDQQEgAXQiBnFFBEAgACACNgIAQcjVACADIAZyNgIAIAIgADYCGCACIAI2AgggAiACNgIMDAELIAVBGSABQQF2a0EAIAFBH0cbdCEBIAAoAgAhAwJAA0AgAyIAKAIEQXhxIAVGDQEgAUEddiEDIAFBAXQhASAAIANBBHFqQRBqIgYoAgAiAw0ACyAGIAI2AgAgAiAANgIYIAIgAjYCDCACIAI2AggMAQsgACgCCCIBIAI2AgwgACACNgIIIAJBADYCGCACIAA2AgwgAiABNgIIC0HQ1QAoAgAiASAETQ0AQdzVACgCACIAIARqIgIgASAEayIBQQFyNgIEQdDVACABNgIAQdzVACACNgIAIAAgBEEDcjYCBCAAQQhqIQEMCAtBACEBQbTZAEEwNgIADAcLQQAhAAsgB0UNAAJAIAYoAhwiAkECdEH01wBqIgMoAgAgBkYEQCADIAA2AgAgAA0BQcjVAEHI1QAoAgBBfiACd3E2AgAMAgsgB0EQQRQgBygCECAGRhtqIAA2AgAgAEUNAQsgACAHNgIYIAYoAhAiAgRAIAAgAjYCECACIAA2AhgLIAZBFGooAgAiAkUNACAAQRRqIAI2AgAgAiAANgIYCyABIAhqIQEgBiAIaiIGKAIEIQULIAYgBUF+cTYCBCABIARqIAE2AgAgBCABQQFyNgIEIAFB/wFNBEAgAUF4cUHs1QBqIQACf0HE1QAoAgAiAkEBIAFBA3Z0IgFxRQRAQcTVACABIAJyNgIAIAAMAQsgACgCCAsiASAENgIMIAAgBDYCCCAEIAA2AgwgBCABNgIIDAELQR8hBSABQf///wdNBEAgAUEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+aiEFCyAEIAU2AhwgBEIANwIQIAVBAnRB9NcAaiEAQcjVACgCACICQQEgBXQiA3FFBEAgACAENgIAQcjVACACIANyNgIAIAQgADYCGCAEIAQ2AgggBCAENgIMDAELIAFBGSAFQQF2a0EAIAVBH0cbdCEFIAAoAgAhAAJAA0AgACICKAIEQXhxIAFGDQEgBUEddiEAIAVBAXQhBSACIABBBHFqQRBqIgMoAgAiAA0ACyADIAQ2AgAgBCACNgIYIAQgBDYCDCAEIAQ2AggMAQsgAigCCCIAIAQ2AgwgAiAENgIIIARBADYCGCAEIAI2AgwgBCAANgIICyAJQQhqIQEMAgsCQCAHRQ0AAkAgAygCHCIBQQJ0QfTXAGoiAigCACADRgRAIAIgADYCACAADQFByNUAIAhBfiABd3EiCDYCAAwCCyAHQRBBFCAHKAIQIANGG2ogADYCACAARQ0BCyAAIAc2AhggAygCECIBBEAgACABNgIQIAEgADYCGAsgA0EUaigCACIBRQ0AIABBFGogATYCACABIAA2AhgLAkAgBUEPTQRAIAMgBCAFaiIAQQNyNgIEIAAgA2oiACAAKAIEQQFyNgIEDAELIAMgBGoiAiAFQQFyNgIEIAMgBEEDcjYCBCACIAVqIAU2AgAgBUH/AU0EQCAFQXhxQezVAGohAAJ/QcTVACgCACIBQQEgBUEDdnQiBXFFBEBBxNUAIAEgBXI2AgAgAAwBCyAAKAIICyIBIAI2AgwgACACNgIIIAIgADYCDCACIAE2AggMAQtBHyEBIAVB////B00EQCAFQSYgBUEIdmciAGt2QQFxIABBAXRrQT5qIQELIAIgATYCHCACQgA3AhAgAUECdEH01wBqIQBBASABdCIEIAhxRQRAIAAgAjYCAEHI1QAgBCAIcjYCACACIAA2AhggAiACNgIIIAIgAjYCDAwBCyAFQRkgAUEBdmtBACABQR9HG3QhASAAKAIAIQQCQANAIAQiACgCBEF4cSAFRg0BIAFBHXYhBCABQQF0IQEgACAEQQRxakEQaiIGKAIAIgQNAAsgBiACNgIAIAIgADYCGCACIAI2AgwgAiACNgIIDAELIAAoAggiASACNgIMIAAgAjYCCCACQQA2AhggAiAANgIMIAIgATYCCAsgA0EIaiEBDAELAkAgCUUNAAJAIAAoAhwiAUECdEH01wBqIgIoAgAgAEYEQCACIAM2AgAgAw0BQcjVACALQX4gAXdxNgIADAILIAlBEEEUIAkoAhAgAEYbaiADNgIAIANFDQELIAMgCTYCGCAAKAIQIgEEQCADIAE2AhAgASADNgIYCyAAQRRqKAIAIgFFDQAgA0EUaiABNgIAIAEgAzYCGAsCQCAFQQ9NBEAgACAEIAVqIgFBA3I2AgQgACABaiIBIAEoAgRBAXI2AgQMAQsgACAEaiIHIAVBAXI2AgQgACAEQQNyNgIEIAUgB2ogBTYCACAIBEAgCEF4cUHs1QBqIQFB2NUAKAIAIQMCf0EBIAhBA3Z0IgIgBnFFBEBBxNUAIAIgBnI2AgAgAQwBCyABKAIICyICIAM2AgwgASADNgIIIAMgATYCDCADIAI2AggLQdjVACAHNgIAQczVACAFNgIACyAAQQhqIQELIApBEGokACABC0MAIABFBEA/AEEQdA8LAkAgAEH//wNxDQAgAEEASA0AIABBEHZAACIAQX9GBEBBtNkAQTA2AgBBfw8LIABBEHQPCwALC5lCIgBBgAgLDQEAAAAAAAAAAgAAAAMAQZgICwUEAAAABQBBqAgLCQYAAAAHAAAACABB5AgLwjJJbnZhbGlkIGNoYXIgaW4gdXJsIHF1ZXJ5AFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fYm9keQBDb250ZW50LUxlbmd0aCBvdmVyZmxvdwBDaHVuayBzaXplIG92ZXJmbG93AEludmFsaWQgbWV0aG9kIGZvciBIVFRQL3gueCByZXF1ZXN0AEludmFsaWQgbWV0aG9kIGZvciBSVFNQL3gueCByZXF1ZXN0AEV4cGVjdGVkIFNPVVJDRSBtZXRob2QgZm9yIElDRS94LnggcmVxdWVzdABJbnZhbGlkIGNoYXIgaW4gdXJsIGZyYWdtZW50IHN0YXJ0AEV4cGVjdGVkIGRvdABTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3N0YXR1cwBJbnZhbGlkIHJlc3BvbnNlIHN0YXR1cwBFeHBlY3RlZCBMRiBhZnRlciBoZWFkZXJzAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMAVXNlciBjYWxsYmFjayBlcnJvcgBgb25fcmVzZXRgIGNhbGxiYWNrIGVycm9yAGBvbl9jaHVua19oZWFkZXJgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2JlZ2luYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX3ZhbHVlYCBjYWxsYmFjayBlcnJvcgBgb25fc3RhdHVzX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fdmVyc2lvbl9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3VybF9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3Byb3RvY29sX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9oZWFkZXJfdmFsdWVfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fbWV0aG9kX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25faGVhZGVyX2ZpZWxkX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX25hbWVgIGNhbGxiYWNrIGVycm9yAFVuZXhwZWN0ZWQgY2hhciBpbiB1cmwgc2VydmVyAEludmFsaWQgaGVhZGVyIHZhbHVlIGNoYXIASW52YWxpZCBoZWFkZXIgZmllbGQgY2hhcgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3ZlcnNpb24ASW52YWxpZCBtaW5vciB2ZXJzaW9uAEludmFsaWQgbWFqb3IgdmVyc2lvbgBFeHBlY3RlZCBzcGFjZSBhZnRlciB2ZXJzaW9uAEV4cGVjdGVkIENSTEYgYWZ0ZXIgdmVyc2lvbgBJbnZhbGlkIEhUVFAgdmVyc2lvbgBJbnZhbGlkIGhlYWRlciB0b2tlbgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3VybABJbnZhbGlkIGNoYXJhY3RlcnMgaW4gdXJsAFVuZXhwZWN0ZWQgc3RhcnQgY2hhciBpbiB1cmwARG91YmxlIEAgaW4gdXJsAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fcHJvdG9jb2wARW1wdHkgQ29udGVudC1MZW5ndGgASW52YWxpZCBjaGFyYWN0ZXIgaW4gQ29udGVudC1MZW5ndGgAVHJhbnNmZXItRW5jb2RpbmcgY2FuJ3QgYmUgcHJlc2VudCB3aXRoIENvbnRlbnQtTGVuZ3RoAER1cGxpY2F0ZSBDb250ZW50LUxlbmd0aABJbnZhbGlkIGNoYXIgaW4gdXJsIHBhdGgAQ29udGVudC1MZW5ndGggY2FuJ3QgYmUgcHJlc2VudCB3aXRoIFRyYW5zZmVyLUVuY29kaW5nAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgc2l6ZQBFeHBlY3RlZCBMRiBhZnRlciBjaHVuayBzaXplAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIHNpemUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfdmFsdWUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9jaHVua19leHRlbnNpb25fdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyB2YWx1ZQBVbmV4cGVjdGVkIHdoaXRlc3BhY2UgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgTEYgYWZ0ZXIgaGVhZGVyIHZhbHVlAEludmFsaWQgYFRyYW5zZmVyLUVuY29kaW5nYCBoZWFkZXIgdmFsdWUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciBjaHVuayBleHRlbnNpb24gdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBxdW90ZSB2YWx1ZQBJbnZhbGlkIHF1b3RlZC1wYWlyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAFBhdXNlZCBieSBvbl9oZWFkZXJzX2NvbXBsZXRlAEludmFsaWQgRU9GIHN0YXRlAG9uX3Jlc2V0IHBhdXNlAG9uX2NodW5rX2hlYWRlciBwYXVzZQBvbl9tZXNzYWdlX2JlZ2luIHBhdXNlAG9uX2NodW5rX2V4dGVuc2lvbl92YWx1ZSBwYXVzZQBvbl9zdGF0dXNfY29tcGxldGUgcGF1c2UAb25fdmVyc2lvbl9jb21wbGV0ZSBwYXVzZQBvbl91cmxfY29tcGxldGUgcGF1c2UAb25fcHJvdG9jb2xfY29tcGxldGUgcGF1c2UAb25fY2h1bmtfY29tcGxldGUgcGF1c2UAb25faGVhZGVyX3ZhbHVlX2NvbXBsZXRlIHBhdXNlAG9uX21lc3NhZ2VfY29tcGxldGUgcGF1c2UAb25fbWV0aG9kX2NvbXBsZXRlIHBhdXNlAG9uX2hlYWRlcl9maWVsZF9jb21wbGV0ZSBwYXVzZQBvbl9jaHVua19leHRlbnNpb25fbmFtZSBwYXVzZQBVbmV4cGVjdGVkIHNwYWNlIGFmdGVyIHN0YXJ0IGxpbmUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciByZXNwb25zZSBsaW5lAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fY2h1bmtfZXh0ZW5zaW9uX25hbWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBuYW1lAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgZXh0ZW5zaW9uIG5hbWUASW52YWxpZCBzdGF0dXMgY29kZQBQYXVzZSBvbiBDT05ORUNUL1VwZ3JhZGUAUGF1c2Ugb24gUFJJL1VwZ3JhZGUARXhwZWN0ZWQgSFRUUC8yIENvbm5lY3Rpb24gUHJlZmFjZQBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX21ldGhvZABFeHBlY3RlZCBzcGFjZSBhZnRlciBtZXRob2QAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfZmllbGQAUGF1c2VkAEludmFsaWQgd29yZCBlbmNvdW50ZXJlZABJbnZhbGlkIG1ldGhvZCBlbmNvdW50ZXJlZABNaXNzaW5nIGV4cGVjdGVkIENSIGFmdGVyIGNodW5rIGRhdGEARXhwZWN0ZWQgTEYgYWZ0ZXIgY2h1bmsgZGF0YQBVbmV4cGVjdGVkIGNoYXIgaW4gdXJsIHNjaGVtYQBSZXF1ZXN0IGhhcyBpbnZhbGlkIGBUcmFuc2Zlci1FbmNvZGluZ2AARGF0YSBhZnRlciBgQ29ubmVjdGlvbjogY2xvc2VgAFNXSVRDSF9QUk9YWQBVU0VfUFJPWFkATUtBQ1RJVklUWQBVTlBST0NFU1NBQkxFX0VOVElUWQBRVUVSWQBDT1BZAE1PVkVEX1BFUk1BTkVOVExZAFRPT19FQVJMWQBOT1RJRlkARkFJTEVEX0RFUEVOREVOQ1kAQkFEX0dBVEVXQVkAUExBWQBQVVQAQ0hFQ0tPVVQAR0FURVdBWV9USU1FT1VUAFJFUVVFU1RfVElNRU9VVABORVRXT1JLX0NPTk5FQ1RfVElNRU9VVABDT05ORUNUSU9OX1RJTUVPVVQATE9HSU5fVElNRU9VVABORVRXT1JLX1JFQURfVElNRU9VVABQT1NUAE1JU0RJUkVDVEVEX1JFUVVFU1QAQ0xJRU5UX0NMT1NFRF9SRVFVRVNUAENMSUVOVF9DTE9TRURfTE9BRF9CQUxBTkNFRF9SRVFVRVNUAEJBRF9SRVFVRVNUAEhUVFBfUkVRVUVTVF9TRU5UX1RPX0hUVFBTX1BPUlQAUkVQT1JUAElNX0FfVEVBUE9UAFJFU0VUX0NPTlRFTlQATk9fQ09OVEVOVABQQVJUSUFMX0NPTlRFTlQASFBFX0lOVkFMSURfQ09OU1RBTlQASFBFX0NCX1JFU0VUAEdFVABIUEVfU1RSSUNUAENPTkZMSUNUAFRFTVBPUkFSWV9SRURJUkVDVABQRVJNQU5FTlRfUkVESVJFQ1QAQ09OTkVDVABNVUxUSV9TVEFUVVMASFBFX0lOVkFMSURfU1RBVFVTAFRPT19NQU5ZX1JFUVVFU1RTAEVBUkxZX0hJTlRTAFVOQVZBSUxBQkxFX0ZPUl9MRUdBTF9SRUFTT05TAE9QVElPTlMAU1dJVENISU5HX1BST1RPQ09MUwBWQVJJQU5UX0FMU09fTkVHT1RJQVRFUwBNVUxUSVBMRV9DSE9JQ0VTAElOVEVSTkFMX1NFUlZFUl9FUlJPUgBXRUJfU0VSVkVSX1VOS05PV05fRVJST1IAUkFJTEdVTl9FUlJPUgBJREVOVElUWV9QUk9WSURFUl9BVVRIRU5USUNBVElPTl9FUlJPUgBTU0xfQ0VSVElGSUNBVEVfRVJST1IASU5WQUxJRF9YX0ZPUldBUkRFRF9GT1IAU0VUX1BBUkFNRVRFUgBHRVRfUEFSQU1FVEVSAEhQRV9VU0VSAFNFRV9PVEhFUgBIUEVfQ0JfQ0hVTktfSEVBREVSAEV4cGVjdGVkIExGIGFmdGVyIENSAE1LQ0FMRU5EQVIAU0VUVVAAV0VCX1NFUlZFUl9JU19ET1dOAFRFQVJET1dOAEhQRV9DTE9TRURfQ09OTkVDVElPTgBIRVVSSVNUSUNfRVhQSVJBVElPTgBESVNDT05ORUNURURfT1BFUkFUSU9OAE5PTl9BVVRIT1JJVEFUSVZFX0lORk9STUFUSU9OAEhQRV9JTlZBTElEX1ZFUlNJT04ASFBFX0NCX01FU1NBR0VfQkVHSU4AU0lURV9JU19GUk9aRU4ASFBFX0lOVkFMSURfSEVBREVSX1RPS0VOAElOVkFMSURfVE9LRU4ARk9SQklEREVOAEVOSEFOQ0VfWU9VUl9DQUxNAEhQRV9JTlZBTElEX1VSTABCTE9DS0VEX0JZX1BBUkVOVEFMX0NPTlRST0wATUtDT0wAQUNMAEhQRV9JTlRFUk5BTABSRVFVRVNUX0hFQURFUl9GSUVMRFNfVE9PX0xBUkdFX1VOT0ZGSUNJQUwASFBFX09LAFVOTElOSwBVTkxPQ0sAUFJJAFJFVFJZX1dJVEgASFBFX0lOVkFMSURfQ09OVEVOVF9MRU5HVEgASFBFX1VORVhQRUNURURfQ09OVEVOVF9MRU5HVEgARkxVU0gAUFJPUFBBVENIAE0tU0VBUkNIAFVSSV9UT09fTE9ORwBQUk9DRVNTSU5HAE1JU0NFTExBTkVPVVNfUEVSU0lTVEVOVF9XQVJOSU5HAE1JU0NFTExBTkVPVVNfV0FSTklORwBIUEVfSU5WQUxJRF9UUkFOU0ZFUl9FTkNPRElORwBFeHBlY3RlZCBDUkxGAEhQRV9JTlZBTElEX0NIVU5LX1NJWkUATU9WRQBDT05USU5VRQBIUEVfQ0JfU1RBVFVTX0NPTVBMRVRFAEhQRV9DQl9IRUFERVJTX0NPTVBMRVRFAEhQRV9DQl9WRVJTSU9OX0NPTVBMRVRFAEhQRV9DQl9VUkxfQ09NUExFVEUASFBFX0NCX1BST1RPQ09MX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19DT01QTEVURQBIUEVfQ0JfSEVBREVSX1ZBTFVFX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19FWFRFTlNJT05fVkFMVUVfQ09NUExFVEUASFBFX0NCX0NIVU5LX0VYVEVOU0lPTl9OQU1FX0NPTVBMRVRFAEhQRV9DQl9NRVNTQUdFX0NPTVBMRVRFAEhQRV9DQl9NRVRIT0RfQ09NUExFVEUASFBFX0NCX0hFQURFUl9GSUVMRF9DT01QTEVURQBERUxFVEUASFBFX0lOVkFMSURfRU9GX1NUQVRFAElOVkFMSURfU1NMX0NFUlRJRklDQVRFAFBBVVNFAE5PX1JFU1BPTlNFAFVOU1VQUE9SVEVEX01FRElBX1RZUEUAR09ORQBOT1RfQUNDRVBUQUJMRQBTRVJWSUNFX1VOQVZBSUxBQkxFAFJBTkdFX05PVF9TQVRJU0ZJQUJMRQBPUklHSU5fSVNfVU5SRUFDSEFCTEUAUkVTUE9OU0VfSVNfU1RBTEUAUFVSR0UATUVSR0UAUkVRVUVTVF9IRUFERVJfRklFTERTX1RPT19MQVJHRQBSRVFVRVNUX0hFQURFUl9UT09fTEFSR0UAUEFZTE9BRF9UT09fTEFSR0UASU5TVUZGSUNJRU5UX1NUT1JBR0UASFBFX1BBVVNFRF9VUEdSQURFAEhQRV9QQVVTRURfSDJfVVBHUkFERQBTT1VSQ0UAQU5OT1VOQ0UAVFJBQ0UASFBFX1VORVhQRUNURURfU1BBQ0UAREVTQ1JJQkUAVU5TVUJTQ1JJQkUAUkVDT1JEAEhQRV9JTlZBTElEX01FVEhPRABOT1RfRk9VTkQAUFJPUEZJTkQAVU5CSU5EAFJFQklORABVTkFVVEhPUklaRUQATUVUSE9EX05PVF9BTExPV0VEAEhUVFBfVkVSU0lPTl9OT1RfU1VQUE9SVEVEAEFMUkVBRFlfUkVQT1JURUQAQUNDRVBURUQATk9UX0lNUExFTUVOVEVEAExPT1BfREVURUNURUQASFBFX0NSX0VYUEVDVEVEAEhQRV9MRl9FWFBFQ1RFRABDUkVBVEVEAElNX1VTRUQASFBFX1BBVVNFRABUSU1FT1VUX09DQ1VSRUQAUEFZTUVOVF9SRVFVSVJFRABQUkVDT05ESVRJT05fUkVRVUlSRUQAUFJPWFlfQVVUSEVOVElDQVRJT05fUkVRVUlSRUQATkVUV09SS19BVVRIRU5USUNBVElPTl9SRVFVSVJFRABMRU5HVEhfUkVRVUlSRUQAU1NMX0NFUlRJRklDQVRFX1JFUVVJUkVEAFVQR1JBREVfUkVRVUlSRUQAUEFHRV9FWFBJUkVEAFBSRUNPTkRJVElPTl9GQUlMRUQARVhQRUNUQVRJT05fRkFJTEVEAFJFVkFMSURBVElPTl9GQUlMRUQAU1NMX0hBTkRTSEFLRV9GQUlMRUQATE9DS0VEAFRSQU5TRk9STUFUSU9OX0FQUExJRUQATk9UX01PRElGSUVEAE5PVF9FWFRFTkRFRABCQU5EV0lEVEhfTElNSVRfRVhDRUVERUQAU0lURV9JU19PVkVSTE9BREVEAEhFQUQARXhwZWN0ZWQgSFRUUC8sIFJUU1AvIG9yIElDRS8A5xUAAK8VAACkEgAAkhoAACYWAACeFAAA2xkAAHkVAAB+EgAA/hQAADYVAAALFgAA2BYAAPMSAABCGAAArBYAABIVAAAUFwAA7xcAAEgUAABxFwAAshoAAGsZAAB+GQAANRQAAIIaAABEFwAA/RYAAB4YAACHFwAAqhkAAJMSAAAHGAAALBcAAMoXAACkFwAA5xUAAOcVAABYFwAAOxgAAKASAAAtHAAAwxEAAEgRAADeEgAAQhMAAKQZAAD9EAAA9xUAAKUVAADvFgAA+BkAAEoWAABWFgAA9RUAAAoaAAAIGgAAARoAAKsVAABCEgAA1xAAAEwRAAAFGQAAVBYAAB4RAADKGQAAyBkAAE4WAAD/GAAAcRQAAPAVAADuFQAAlBkAAPwVAAC/GQAAmxkAAHwUAABDEQAAcBgAAJUUAAAnFAAAGRQAANUSAADUGQAARBYAAPcQAEG5OwsBAQBB0DsL4AEBAQIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBuj0LBAEAAAIAQdE9C14DBAMDAwMDAAADAwADAwADAwMDAwMDAwMDAAUAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAwADAEG6PwsEAQAAAgBB0T8LXgMAAwMDAwMAAAMDAAMDAAMDAwMDAwMDAwMABAAFAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwADAAMAQbDBAAsNbG9zZWVlcC1hbGl2ZQBBycEACwEBAEHgwQAL4AEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBycMACwEBAEHgwwAL5wEBAQEBAQEBAQEBAQECAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAWNodW5rZWQAQfHFAAteAQABAQEBAQAAAQEAAQEAAQEBAQEBAQEBAQAAAAAAAAABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAEAAQBB0McACyFlY3Rpb25lbnQtbGVuZ3Rob25yb3h5LWNvbm5lY3Rpb24AQYDIAAsgcmFuc2Zlci1lbmNvZGluZ3BncmFkZQ0KDQpTTQ0KDQoAQanIAAsFAQIAAQMAQcDIAAtfBAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanKAAsFAQIAAQMAQcDKAAtfBAUFBgUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanMAAsEAQAAAQBBwcwAC14CAgACAgICAgICAgICAgICAgICAgICAgICAgICAgIAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAEGpzgALBQECAAEDAEHAzgALXwQFAAAFBQUFBQUFBQUFBQYFBQUFBQUFBQUFBQUABQAHCAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQAFAAUABQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAAAAFAEGp0AALBQEBAAEBAEHA0AALAQEAQdrQAAtBAgAAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAQanSAAsFAQEAAQEAQcDSAAsBAQBBytIACwYCAAAAAAIAQeHSAAs6AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAAAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwBBoNQAC50BTk9VTkNFRUNLT1VUTkVDVEVURUNSSUJFTFVTSEVURUFEU0VBUkNIUkdFQ1RJVklUWUxFTkRBUlZFT1RJRllQVElPTlNDSFNFQVlTVEFUQ0hHRVVFUllPUkRJUkVDVE9SVFJDSFBBUkFNRVRFUlVSQ0VCU0NSSUJFQVJET1dOQUNFSU5ETktDS1VCU0NSSUJFVFRQQ0VUU1BBRFRQLw=='

let wasmBuffer

Object.defineProperty(module, 'exports', {
  get: () => {
    return wasmBuffer
      ? wasmBuffer
      : (wasmBuffer = Buffer.from(wasmBase64, 'base64'))
  }
})


/***/ }),

/***/ 1893:
/***/ (() => {

throw new Error('llhttp/llhttp_simd-wasm.js is not bundled');


/***/ }),

/***/ 3601:
/***/ ((__unused_webpack_module, exports) => {


Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.enumToMap = enumToMap;
function enumToMap(obj, filter = [], exceptions = []) {
    const emptyFilter = (filter?.length ?? 0) === 0;
    const emptyExceptions = (exceptions?.length ?? 0) === 0;
    return Object.fromEntries(Object.entries(obj).filter(([, value]) => {
        return (typeof value === 'number' &&
            (emptyFilter || filter.includes(value)) &&
            (emptyExceptions || !exceptions.includes(value)));
    }));
}


/***/ }),

/***/ 4656:
/***/ ((module) => {

module.exports = (value, message = 'an assertion of undici failed') => {
  if (!value) throw message instanceof Error ? message : new Error(message);
};


/***/ }),

/***/ 7622:
/***/ ((module) => {

module.exports = { IncomingMessage: class {}, maxHeaderSize: 16 * 1024 };


/***/ }),

/***/ 239:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  kConnected,
  kPending,
  kRunning,
  kSize,
  kFree,
  kQueued
} = __nccwpck_require__(6750)

class ClientStats {
  constructor (client) {
    this.connected = client[kConnected]
    this.pending = client[kPending]
    this.running = client[kRunning]
    this.size = client[kSize]
  }
}

class PoolStats {
  constructor (pool) {
    this.connected = pool[kConnected]
    this.free = pool[kFree]
    this.pending = pool[kPending]
    this.queued = pool[kQueued]
    this.running = pool[kRunning]
    this.size = pool[kSize]
  }
}

module.exports = { ClientStats, PoolStats }


/***/ }),

/***/ 5364:
/***/ ((module) => {



/**
 * This module offers an optimized timer implementation designed for scenarios
 * where high precision is not critical.
 *
 * The timer achieves faster performance by using a low-resolution approach,
 * with an accuracy target of within 500ms. This makes it particularly useful
 * for timers with delays of 1 second or more, where exact timing is less
 * crucial.
 *
 * It's important to note that Node.js timers are inherently imprecise, as
 * delays can occur due to the event loop being blocked by other operations.
 * Consequently, timers may trigger later than their scheduled time.
 */

/**
 * The fastNow variable contains the internal fast timer clock value.
 *
 * @type {number}
 */
let fastNow = 0

/**
 * RESOLUTION_MS represents the target resolution time in milliseconds.
 *
 * @type {number}
 * @default 1000
 */
const RESOLUTION_MS = 1e3

/**
 * TICK_MS defines the desired interval in milliseconds between each tick.
 * The target value is set to half the resolution time, minus 1 ms, to account
 * for potential event loop overhead.
 *
 * @type {number}
 * @default 499
 */
const TICK_MS = (RESOLUTION_MS >> 1) - 1

/**
 * fastNowTimeout is a Node.js timer used to manage and process
 * the FastTimers stored in the `fastTimers` array.
 *
 * @type {NodeJS.Timeout}
 */
let fastNowTimeout

/**
 * The kFastTimer symbol is used to identify FastTimer instances.
 *
 * @type {Symbol}
 */
const kFastTimer = Symbol('kFastTimer')

/**
 * The fastTimers array contains all active FastTimers.
 *
 * @type {FastTimer[]}
 */
const fastTimers = []

/**
 * These constants represent the various states of a FastTimer.
 */

/**
 * The `NOT_IN_LIST` constant indicates that the FastTimer is not included
 * in the `fastTimers` array. Timers with this status will not be processed
 * during the next tick by the `onTick` function.
 *
 * A FastTimer can be re-added to the `fastTimers` array by invoking the
 * `refresh` method on the FastTimer instance.
 *
 * @type {-2}
 */
const NOT_IN_LIST = -2

/**
 * The `TO_BE_CLEARED` constant indicates that the FastTimer is scheduled
 * for removal from the `fastTimers` array. A FastTimer in this state will
 * be removed in the next tick by the `onTick` function and will no longer
 * be processed.
 *
 * This status is also set when the `clear` method is called on the FastTimer instance.
 *
 * @type {-1}
 */
const TO_BE_CLEARED = -1

/**
 * The `PENDING` constant signifies that the FastTimer is awaiting processing
 * in the next tick by the `onTick` function. Timers with this status will have
 * their `_idleStart` value set and their status updated to `ACTIVE` in the next tick.
 *
 * @type {0}
 */
const PENDING = 0

/**
 * The `ACTIVE` constant indicates that the FastTimer is active and waiting
 * for its timer to expire. During the next tick, the `onTick` function will
 * check if the timer has expired, and if so, it will execute the associated callback.
 *
 * @type {1}
 */
const ACTIVE = 1

/**
 * The onTick function processes the fastTimers array.
 *
 * @returns {void}
 */
function onTick () {
  /**
   * Increment the fastNow value by the TICK_MS value, despite the actual time
   * that has passed since the last tick. This approach ensures independence
   * from the system clock and delays caused by a blocked event loop.
   *
   * @type {number}
   */
  fastNow += TICK_MS

  /**
   * The `idx` variable is used to iterate over the `fastTimers` array.
   * Expired timers are removed by replacing them with the last element in the array.
   * Consequently, `idx` is only incremented when the current element is not removed.
   *
   * @type {number}
   */
  let idx = 0

  /**
   * The len variable will contain the length of the fastTimers array
   * and will be decremented when a FastTimer should be removed from the
   * fastTimers array.
   *
   * @type {number}
   */
  let len = fastTimers.length

  while (idx < len) {
    /**
     * @type {FastTimer}
     */
    const timer = fastTimers[idx]

    // If the timer is in the ACTIVE state and the timer has expired, it will
    // be processed in the next tick.
    if (timer._state === PENDING) {
      // Set the _idleStart value to the fastNow value minus the TICK_MS value
      // to account for the time the timer was in the PENDING state.
      timer._idleStart = fastNow - TICK_MS
      timer._state = ACTIVE
    } else if (
      timer._state === ACTIVE &&
      fastNow >= timer._idleStart + timer._idleTimeout
    ) {
      timer._state = TO_BE_CLEARED
      timer._idleStart = -1
      timer._onTimeout(timer._timerArg)
    }

    if (timer._state === TO_BE_CLEARED) {
      timer._state = NOT_IN_LIST

      // Move the last element to the current index and decrement len if it is
      // not the only element in the array.
      if (--len !== 0) {
        fastTimers[idx] = fastTimers[len]
      }
    } else {
      ++idx
    }
  }

  // Set the length of the fastTimers array to the new length and thus
  // removing the excess FastTimers elements from the array.
  fastTimers.length = len

  // If there are still active FastTimers in the array, refresh the Timer.
  // If there are no active FastTimers, the timer will be refreshed again
  // when a new FastTimer is instantiated.
  if (fastTimers.length !== 0) {
    refreshTimeout()
  }
}

function refreshTimeout () {
  // If the fastNowTimeout is already set and the Timer has the refresh()-
  // method available, call it to refresh the timer.
  // Some timer objects returned by setTimeout may not have a .refresh()
  // method (e.g. mocked timers in tests).
  if (fastNowTimeout?.refresh) {
    fastNowTimeout.refresh()
    // fastNowTimeout is not instantiated yet or refresh is not availabe,
    // create a new Timer.
  } else {
    clearTimeout(fastNowTimeout)
    fastNowTimeout = setTimeout(onTick, TICK_MS)
    // If the Timer has an unref method, call it to allow the process to exit,
    // if there are no other active handles. When using fake timers or mocked
    // environments (like Jest), .unref() may not be defined,
    fastNowTimeout?.unref()
  }
}

/**
 * The `FastTimer` class is a data structure designed to store and manage
 * timer information.
 */
class FastTimer {
  [kFastTimer] = true

  /**
   * The state of the timer, which can be one of the following:
   * - NOT_IN_LIST (-2)
   * - TO_BE_CLEARED (-1)
   * - PENDING (0)
   * - ACTIVE (1)
   *
   * @type {-2|-1|0|1}
   * @private
   */
  _state = NOT_IN_LIST

  /**
   * The number of milliseconds to wait before calling the callback.
   *
   * @type {number}
   * @private
   */
  _idleTimeout = -1

  /**
   * The time in milliseconds when the timer was started. This value is used to
   * calculate when the timer should expire.
   *
   * @type {number}
   * @default -1
   * @private
   */
  _idleStart = -1

  /**
   * The function to be executed when the timer expires.
   * @type {Function}
   * @private
   */
  _onTimeout

  /**
   * The argument to be passed to the callback when the timer expires.
   *
   * @type {*}
   * @private
   */
  _timerArg

  /**
   * @constructor
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should wait
   * before the specified function or code is executed.
   * @param {*} arg
   */
  constructor (callback, delay, arg) {
    this._onTimeout = callback
    this._idleTimeout = delay
    this._timerArg = arg

    this.refresh()
  }

  /**
   * Sets the timer's start time to the current time, and reschedules the timer
   * to call its callback at the previously specified duration adjusted to the
   * current time.
   * Using this on a timer that has already called its callback will reactivate
   * the timer.
   *
   * @returns {void}
   */
  refresh () {
    // In the special case that the timer is not in the list of active timers,
    // add it back to the array to be processed in the next tick by the onTick
    // function.
    if (this._state === NOT_IN_LIST) {
      fastTimers.push(this)
    }

    // If the timer is the only active timer, refresh the fastNowTimeout for
    // better resolution.
    if (!fastNowTimeout || fastTimers.length === 1) {
      refreshTimeout()
    }

    // Setting the state to PENDING will cause the timer to be reset in the
    // next tick by the onTick function.
    this._state = PENDING
  }

  /**
   * The `clear` method cancels the timer, preventing it from executing.
   *
   * @returns {void}
   * @private
   */
  clear () {
    // Set the state to TO_BE_CLEARED to mark the timer for removal in the next
    // tick by the onTick function.
    this._state = TO_BE_CLEARED

    // Reset the _idleStart value to -1 to indicate that the timer is no longer
    // active.
    this._idleStart = -1
  }
}

/**
 * This module exports a setTimeout and clearTimeout function that can be
 * used as a drop-in replacement for the native functions.
 */
module.exports = {
  /**
   * The setTimeout() method sets a timer which executes a function once the
   * timer expires.
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should
   * wait before the specified function or code is executed.
   * @param {*} [arg] An optional argument to be passed to the callback function
   * when the timer expires.
   * @returns {NodeJS.Timeout|FastTimer}
   */
  setTimeout (callback, delay, arg) {
    // If the delay is less than or equal to the RESOLUTION_MS value return a
    // native Node.js Timer instance.
    return delay <= RESOLUTION_MS
      ? setTimeout(callback, delay, arg)
      : new FastTimer(callback, delay, arg)
  },
  /**
   * The clearTimeout method cancels an instantiated Timer previously created
   * by calling setTimeout.
   *
   * @param {NodeJS.Timeout|FastTimer} timeout
   */
  clearTimeout (timeout) {
    // If the timeout is a FastTimer, call its own clear method.
    if (timeout[kFastTimer]) {
      /**
       * @type {FastTimer}
       */
      timeout.clear()
      // Otherwise it is an instance of a native NodeJS.Timeout, so call the
      // Node.js native clearTimeout function.
    } else {
      clearTimeout(timeout)
    }
  },
  /**
   * The setFastTimeout() method sets a fastTimer which executes a function once
   * the timer expires.
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should
   * wait before the specified function or code is executed.
   * @param {*} [arg] An optional argument to be passed to the callback function
   * when the timer expires.
   * @returns {FastTimer}
   */
  setFastTimeout (callback, delay, arg) {
    return new FastTimer(callback, delay, arg)
  },
  /**
   * The clearTimeout method cancels an instantiated FastTimer previously
   * created by calling setFastTimeout.
   *
   * @param {FastTimer} timeout
   */
  clearFastTimeout (timeout) {
    timeout.clear()
  },
  /**
   * The now method returns the value of the internal fast timer clock.
   *
   * @returns {number}
   */
  now () {
    return fastNow
  },
  /**
   * Trigger the onTick function to process the fastTimers array.
   * Exported for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   * @param {number} [delay=0] The delay in milliseconds to add to the now value.
   */
  tick (delay = 0) {
    fastNow += delay - RESOLUTION_MS + 1
    onTick()
    onTick()
  },
  /**
   * Reset FastTimers.
   * Exported for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   */
  reset () {
    fastNow = 0
    fastTimers.length = 0
    clearTimeout(fastNowTimeout)
    fastNowTimeout = null
  },
  /**
   * Exporting for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   */
  kFastTimer
}


/***/ }),

/***/ 613:
/***/ (() => {

throw new Error('web/fetch/body.js is not bundled');


/***/ }),

/***/ 2615:
/***/ (() => {

throw new Error('web/fetch/formdata.js is not bundled');


/***/ }),

/***/ 2522:
/***/ (() => {

throw new Error('web/webidl/index.js is not bundled');


/***/ }),

/***/ 5027:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  m: () => (/* binding */ publish)
});

// UNUSED EXPORTS: publishStages

// EXTERNAL MODULE: ./src/oci/descriptor.ts
var oci_descriptor = __nccwpck_require__(7592);
// EXTERNAL MODULE: ./src/oci/digest.ts
var oci_digest = __nccwpck_require__(8825);
// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __nccwpck_require__(1405);
// EXTERNAL MODULE: ./src/oci/image-index.ts + 1 modules
var image_index = __nccwpck_require__(6215);
// EXTERNAL MODULE: ./src/oci/manifest.ts
var oci_manifest = __nccwpck_require__(2060);
// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __nccwpck_require__(9217);
// EXTERNAL MODULE: ./src/oci/platform.ts
var oci_platform = __nccwpck_require__(1890);
// EXTERNAL MODULE: ./src/run/errors.ts
var run_errors = __nccwpck_require__(4314);
// EXTERNAL MODULE: ./src/oci/reference.ts
var oci_reference = __nccwpck_require__(2148);
// EXTERNAL MODULE: ./src/sources/source-error.ts
var source_error = __nccwpck_require__(8098);
// EXTERNAL MODULE: ./src/sources/resolve/digest.ts
var digest = __nccwpck_require__(6169);
;// CONCATENATED MODULE: ./src/sources/resolve/descriptor.ts



/** Resolves a descriptor in JSON: reads its digest, checks its size and type, and keeps its platform and annotations. */
async function resolveDescriptor(line, context) {
    const { descriptor } = line.locator;
    const resolved = await (0,digest/* fetchDigest */.x)(line, descriptor.digest, context);
    const flaw = findFlaw(descriptor, resolved.manifest);
    if (flaw !== undefined) {
        throw (0,source_error/* sourceError */.I8)(line, 'SOURCE_DESCRIPTOR', `the descriptor of ${descriptor.digest} ${flaw}`, {
            hint: 'Copy the descriptor from the output of the build, or write the digest alone.',
        });
    }
    const { platform, annotations } = descriptor;
    return [{ ...resolved, ...(platform ? { platform } : {}), ...(annotations ? { annotations } : {}) }];
}
function findFlaw(descriptor, manifest) {
    if (descriptor.size !== manifest.size) {
        return `says ${descriptor.size} bytes, but the registry serves ${manifest.size}`;
    }
    if (descriptor.mediaType !== manifest.mediaType) {
        return `says ${descriptor.mediaType}, but the registry serves ${manifest.mediaType}`;
    }
    return (0,oci_descriptor/* findEmbeddedFlaw */.cw)(descriptor, manifest.bytes);
}

;// CONCATENATED MODULE: ./src/sources/resolve/resolve.ts


/** One resolver per kind; those that read files are loaded only when a line needs them. */
const resolvers = {
    reference: resolveReference,
    digest: digest/* resolveDigest */.j,
    descriptor: resolveDescriptor,
    digests: async (line, context) => (await __nccwpck_require__.e(/* import() */ 784).then(__nccwpck_require__.bind(__nccwpck_require__, 5784))).resolveDigests(line, context),
    metadata: async (line, context) => (await __nccwpck_require__.e(/* import() */ 276).then(__nccwpck_require__.bind(__nccwpck_require__, 9276))).resolveMetadata(line, context),
    oci: async (line, context) => (await __nccwpck_require__.e(/* import() */ 545).then(__nccwpck_require__.bind(__nccwpck_require__, 1545))).resolveLayout(line, context),
    'oci-archive': async (line, context) => (await __nccwpck_require__.e(/* import() */ 545).then(__nccwpck_require__.bind(__nccwpck_require__, 1545))).resolveArchive(line, context),
    'docker-manifest': async (line, context) => (await __nccwpck_require__.e(/* import() */ 975).then(__nccwpck_require__.bind(__nccwpck_require__, 3975))).resolveDraft(line, context),
};
/**
 * Resolves a source line to its manifests, in the source's own order.
 *
 * @throws SourceError naming the line when it cannot be resolved.
 */
function resolveSource(line, context) {
    return resolveKind(line.locator.kind, line, context);
}
function resolveKind(kind, line, context) {
    return resolvers[kind](line, context);
}
async function resolveReference(line, context) {
    const { kind: _, ...reference } = line.locator;
    return [await context.fetch(line, reference)];
}

;// CONCATENATED MODULE: ./src/pipeline/byte-size.ts
const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
/** A number of bytes in decimal units, to be read by people: `48.2 MB`. */
function formatBytes(bytes) {
    const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    const value = bytes / 1000 ** step;
    return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}
/** A rate, from bytes and the milliseconds they took: `31.0 MB/s`. */
function formatRate(bytes, milliseconds) {
    return `${formatBytes(Math.round((bytes * 1000) / Math.max(1, milliseconds)))}/s`;
}

// EXTERNAL MODULE: ./src/oci/attestation.ts
var attestation = __nccwpck_require__(9495);
// EXTERNAL MODULE: ./src/oci/json-document.ts
var json_document = __nccwpck_require__(973);
// EXTERNAL MODULE: ./src/oci/json-field.ts
var json_field = __nccwpck_require__(7974);
;// CONCATENATED MODULE: ./src/oci/config.ts




const platformFields = ['architecture', 'os', 'os.version', 'os.features', 'variant'];
/**
 * The platform an image configuration states, in its own spelling (OCI image-spec 1.1, config.md), or undefined
 * when it has no os or no architecture, as configurations of artifacts have.
 *
 * @throws FormatError when the bytes are not an unambiguous JSON object, or a platform field has the wrong type.
 */
function parseConfigPlatform(bytes) {
    // Other keys, such as labels, may differ in case only: their readers compare exactly.
    const config = (0,json_field/* objectAt */.lJ)((0,json_document/* parseJsonDocument */.d)(bytes, 'allow'), 'the image config');
    refuseCaseVariants(config);
    const { architecture, os } = config;
    if (!architecture || !os)
        return undefined;
    const fields = platformFields.filter((field) => Object.hasOwn(config, field));
    return (0,oci_descriptor/* platformAt */.dl)(Object.fromEntries(fields.map((field) => [field, config[field]])), 'the image config');
}
function refuseCaseVariants(config) {
    const variant = Object.keys(config).find((key) => {
        return !platformFields.includes(key) && platformFields.includes(key.toLowerCase());
    });
    if (variant === undefined)
        return;
    throw new format_error/* FormatError */.IF(`the image config has the field ${(0,format_error/* quote */.hD)(variant)}, which some readers read as ${(0,format_error/* quote */.hD)(variant.toLowerCase())}`, 'field names in lower case');
}

;// CONCATENATED MODULE: ./src/pipeline/image-platform.ts







/** The platform fields that the line or the source itself declares; the line's win. */
function declaredPlatform({ platform, line }) {
    const declared = Object.entries({ ...platform, ...line.declared });
    // Documents may leave a part of the platform empty.
    return Object.fromEntries(declared.filter(([, value]) => value !== ''));
}
/**
 * Compares what was declared with the real platform, which is undefined when nothing states it. Throws SourceError
 * PLATFORM_UNKNOWN when both together are not a whole platform.
 */
function agreedPlatform(resolved, claim, real) {
    const { os, architecture } = claim.declared;
    if (real !== undefined) {
        const agreement = (0,oci_platform/* agreePlatform */.Kq)(claim.declared, real);
        if (agreement.kind === 'agreed')
            return agreement;
        const { declared, fields } = agreement;
        const said = `${claim.claim} ${(0,oci_platform/* describePlatform */.d5)(declared)}`;
        const stated = `${claim.authority} says ${(0,oci_platform/* describePlatform */.d5)(real)} (${fields.join(', ')})`;
        return { platform: declared, mismatch: mismatch(resolved, `${said}, but ${stated}`) };
    }
    if (os && architecture)
        return { platform: { ...claim.declared, os, architecture } };
    throw platformless(resolved, claim.manifest);
}
function mismatch({ line }, message) {
    return new run_errors/* ConflictError */.fK('PLATFORM_MISMATCH', `sources line ${line.line}: ${message}`, {
        hint: 'Correct the platform, or leave it out: it is read from the image. If the config is wrong, set `platform-mismatch: warn`.',
    });
}
function platformless({ line, label }, { content, mediaType }) {
    const type = content.kind === 'image' ? content.config.mediaType : mediaType;
    const message = `${label} has no platform (config type ${type})`;
    return (0,source_error/* sourceError */.I8)(line, 'PLATFORM_UNKNOWN', message, {
        hint: 'Write the platform after the source, such as `linux/arm64`, if it belongs in the list.',
    });
}
/** Reads the platform that an image's config states; undefined when it states none, or is not an image's config. */
function readConfigPlatform(resolved, image) {
    const { config } = image;
    if (!(0,media_types/* isConfigType */.lJ)(config.mediaType))
        return Promise.resolve(undefined);
    return readContent(resolved, config.digest, async () => {
        const bytes = await resolved.store.getBlob(config);
        const flaw = config['urls'] === undefined ? (0,oci_descriptor/* findEmbeddedFlaw */.cw)(config, bytes) : undefined;
        if (flaw !== undefined)
            throw new format_error/* FormatError */.IF(`the config ${flaw}`, 'the config itself in base64');
        return parseConfigPlatform(bytes);
    });
}
/** Reads a part of a source; its failures become failures of the source. */
async function readContent(resolved, digest, read) {
    const { line, label } = resolved;
    try {
        return await read();
    }
    catch (error) {
        if (error instanceof run_errors/* SourceError */.c8 || !(error instanceof run_errors/* ActionError */.lZ)) {
            const config = {
                line: line.line,
                code: 'SOURCE_NOT_AN_IMAGE',
                name: `${label} has an invalid config`,
            };
            throw (0,source_error/* asSourceError */.kS)(error, config, 'Build the image again.');
        }
        if (error.code !== 'NOT_FOUND')
            throw (0,source_error/* requestError */.Un)(line, label, error);
        const message = `sources line ${line.line}: ${label} is incomplete: ${digest} is missing`;
        throw new run_errors/* SourceError */.c8(error.code, message, { hint: incomplete, cause: error });
    }
}
const incomplete = 'Build and push the image again: a clean-up may have deleted a part of it from the registry.';

;// CONCATENATED MODULE: ./src/pipeline/index-tree.ts


/** Indexes that may be nested in each other. */
const maxDepth = 4;
/** Entries that one tree may list, over all its indexes; the largest indexes in use list some hundred. */
const maxEntries = 1000;
/** Bytes that the manifests of these entries may have together; a usual manifest has a few thousand. */
const maxEntryBytes = 8 * 1024 * 1024;
/** Bytes that the configs of these entries may have together; a usual config has some thousand. */
const maxConfigBytes = 64 * 1024 * 1024;
/** Counts what one tree lists: without limits a registry could fill the memory of a run. */
class TreeLimits {
    #subject;
    #hint;
    #entries = 0;
    #bytes = 0;
    /** `subject` names the tree in errors. */
    constructor(subject, hint) {
        this.#subject = subject;
        this.#hint = hint;
    }
    /** Counts the entries of one more list; throws SourceError SOURCE_TOO_LARGE beyond the limits. */
    count(entries) {
        this.#entries += entries.length;
        for (const { size } of entries)
            this.#bytes += size;
        if (this.#entries <= maxEntries && this.#bytes <= maxEntryBytes)
            return;
        throw new run_errors/* SourceError */.c8('SOURCE_TOO_LARGE', `${this.#subject} has more than ${maxEntries} entries, or more than ${formatBytes(maxEntryBytes)} of manifests`, { hint: this.#hint });
    }
    /** Throws SourceError SOURCE_TOO_LARGE when the configs of these images are too large together. */
    countConfigs(images) {
        const configs = images.flatMap(({ content }) => (content.kind === 'image' ? content.config : []));
        if (configs.reduce((sum, { size }) => sum + size, 0) <= maxConfigBytes)
            return;
        const message = `${this.#subject} has more than ${formatBytes(maxConfigBytes)} of image configs`;
        throw new run_errors/* SourceError */.c8('SOURCE_TOO_LARGE', message, { hint: this.#hint });
    }
    /** Counts an index at this depth, 1 for the outermost; throws SourceError INDEX_TOO_DEEP or SOURCE_TOO_LARGE. */
    enter(index, depth) {
        if (depth > maxDepth) {
            const message = `${this.#subject} has indexes nested more than ${maxDepth} deep`;
            throw new run_errors/* SourceError */.c8('INDEX_TOO_DEEP', message, { hint: this.#hint });
        }
        this.count(index.manifests);
    }
}
/** Reads the manifests that an index lists, and those that nested indexes list, in order. */
async function readTree(index, reader, depth = 1) {
    reader.limits.enter(index, depth);
    return Promise.all(index.manifests.map(async (entry) => {
        const manifest = await reader.read(entry);
        const { content } = manifest;
        return {
            entry,
            manifest,
            entries: content.kind === 'index' ? await readTree(content, reader, depth + 1) : [],
        };
    }));
}

;// CONCATENATED MODULE: ./src/pipeline/member.ts







/**
 * The entries that one resolved source contributes; throws SourceError or ConflictError naming its line. A declared
 * platform that contradicts a config is in the entry, with its `mismatch`.
 */
async function membersOf(resolved) {
    const { content } = resolved.manifest;
    if (content.kind === 'image')
        return [await imageMember(resolved, content)];
    refuseEmpty(resolved, resolved.manifest);
    const limits = sourceLimits(resolved);
    const read = (entry) => readEntry(resolved, entry);
    const leaves = (await readTree(content, { read, limits })).flatMap(leavesOf);
    limits.countConfigs(leaves.map(({ manifest }) => manifest));
    const members = await Promise.all(leaves.map((leaf) => entryMember(resolved, leaf)));
    return pickDeclared(resolved, members).map((member) => overlaid(resolved, member));
}
/** The limits for reading what one source lists. */
function sourceLimits({ line, label }) {
    const hint = 'List the images themselves as sources.';
    return new TreeLimits(`sources line ${line.line}: ${label}`, hint);
}
async function imageMember(resolved, image) {
    const { manifest, store, label, line } = resolved;
    const real = await readConfigPlatform(resolved, image);
    const { platform, normalized, mismatch } = agreedPlatform(resolved, {
        declared: declaredPlatform(resolved),
        manifest,
        claim: `${label} is declared`,
        authority: 'its config',
    }, real);
    const annotations = { ...resolved.annotations, ...line.annotations };
    const descriptor = {
        mediaType: manifest.mediaType,
        digest: manifest.digest,
        size: manifest.size,
        platform,
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
    const platformSource = real !== undefined && (0,oci_platform/* samePlatform */.my)(real, platform) ? 'config' : 'declared';
    const origin = { store, label, line: line.line, origin: 'image', kind: 'image' };
    return { ...origin, descriptor, manifest, normalized, mismatch, platformSource };
}
async function readEntry(resolved, entry) {
    const { digest, size } = entry;
    const manifest = await readContent(resolved, digest, () => resolved.store.getManifest(digest, size));
    refuseInconsistent(resolved, entry, manifest);
    refuseEmpty(resolved, manifest);
    return manifest;
}
function refuseInconsistent({ line, label }, entry, manifest) {
    const flaw = findEntryFlaw(entry, manifest);
    if (flaw === undefined)
        return;
    throw (0,source_error/* sourceError */.I8)(line, 'INDEX_INCONSISTENT', `${label} lists ${entry.digest} ${flaw}`, {
        hint: 'Build that index again: it is broken.',
    });
}
function findEntryFlaw(entry, manifest) {
    const same = entry.mediaType === manifest.mediaType && entry.size === manifest.size;
    if (!same || (0,media_types/* isIndexType */.$U)(entry.mediaType) !== (manifest.content.kind === 'index')) {
        return `as ${entry.mediaType} of ${entry.size} bytes, but it is ${manifest.mediaType} of ${manifest.size} bytes`;
    }
    const flaw = (0,oci_descriptor/* findEmbeddedFlaw */.cw)(entry, manifest.bytes);
    return flaw && `in an entry that ${flaw}`;
}
function refuseEmpty(resolved, { content }) {
    if (content.kind === 'index' && content.manifests.length === 0)
        throw withoutImages(resolved);
}
// Beside other sources, a list without images would leave a gap that nobody notices.
function withoutImages({ line, label }) {
    return (0,source_error/* sourceError */.I8)(line, 'NO_ENTRIES', `${label} is a list without images`, {
        hint: 'Build and push the source again: a list needs at least one image.',
    });
}
function leavesOf(tree) {
    return tree.entries.length === 0 ? [tree] : tree.entries.flatMap(leavesOf);
}
async function entryMember(resolved, { entry, manifest }) {
    const { store, label, line } = resolved;
    const origin = { manifest, store, label, line: line.line, origin: 'index' };
    if ((0,attestation/* isAttestation */.H)(entry, manifest)) {
        // Some clients take an entry without a platform for one of theirs.
        const descriptor = { ...entry, platform: entry.platform ?? oci_platform/* attestationPlatform */.wM };
        return { ...origin, kind: 'attestation', descriptor, attestationSubject: (0,attestation/* attestationSubject */.d)(entry) };
    }
    const found = await entryPlatform(resolved, entry, manifest);
    if (found === undefined)
        return { ...origin, kind: 'image', descriptor: entry };
    const { platform, normalized, mismatch } = found;
    return { ...origin, kind: 'image', descriptor: { ...entry, platform }, normalized, mismatch };
}
// A whole platform stays as the index has it; one that lacks something is completed from the config.
async function entryPlatform(resolved, entry, manifest) {
    const { content } = manifest;
    const { platform } = entry;
    const real = content.kind === 'image' ? await readConfigPlatform(resolved, content) : undefined;
    if (real === undefined && platform === undefined)
        return undefined;
    const agreed = agreedPlatform(resolved, {
        declared: platform ?? {},
        manifest,
        claim: `${resolved.label} lists ${entry.digest} as`,
        authority: 'its config',
    }, real);
    if (platform === undefined || !(0,oci_platform/* isWholePlatform */.tR)(platform))
        return agreed;
    return { platform, mismatch: agreed.mismatch };
}
// A platform after an index source picks that platform's images; a sole image has to agree with it.
function pickDeclared(resolved, members) {
    const declared = declaredPlatform(resolved);
    const images = members.filter(({ kind }) => kind === 'image');
    if (images.length === 0)
        throw withoutImages(resolved);
    if (images.length === 1 || Object.keys(declared).length === 0)
        return members;
    const picked = new Set(images.filter((member) => fits(declared, member)));
    if (picked.size === 0)
        throw notInIndex(resolved, images);
    const digests = new Set([...picked].map((member) => member.descriptor.digest));
    return members.filter((member) => member.kind === 'image' ? picked.has(member) : digests.has(member.attestationSubject));
}
function fits(declared, { descriptor: { platform } }) {
    if (platform === undefined)
        return false;
    const { os, architecture, variant } = platform;
    const same = { os, architecture, ...(variant === undefined ? {} : { variant }) };
    return (0,oci_platform/* matchesPlatform */.pC)({ ...same, ...declared }, platform);
}
function overlaid(resolved, member) {
    if (member.kind === 'attestation')
        return member;
    const annotations = {
        ...member.descriptor.annotations,
        ...resolved.annotations,
        ...resolved.line.annotations,
    };
    const descriptor = {
        ...member.descriptor,
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
    const declared = declaredPlatform(resolved);
    if (Object.keys(declared).length === 0)
        return { ...member, descriptor };
    const { platform, normalized, mismatch } = agreedPlatform(resolved, {
        declared,
        manifest: member.manifest,
        claim: `${resolved.label} is declared`,
        authority: 'the list',
    }, descriptor.platform);
    return {
        ...member,
        normalized: member.normalized && normalized,
        mismatch: mismatch ?? member.mismatch,
        descriptor: { ...descriptor, platform },
    };
}
function notInIndex(resolved, images) {
    const held = images.map(({ descriptor: { platform } }) => platform ? (0,oci_platform/* describePlatform */.d5)(platform) : 'no platform');
    const wanted = describeDeclared(declaredPlatform(resolved));
    const message = `${resolved.label} is an index without ${wanted}; it holds ${held.join(', ')}`;
    return (0,source_error/* sourceError */.I8)(resolved.line, 'PLATFORM_MISSING', message);
}
// A declaration may have some of the fields only.
function describeDeclared(declared) {
    const { os, architecture } = declared;
    if (os !== undefined && architecture !== undefined)
        return (0,oci_platform/* describePlatform */.d5)({ ...declared, os, architecture });
    return Object.entries(declared)
        .map(([field, value]) => `${field} ${[value].flat().join(',')}`)
        .join(', ');
}

;// CONCATENATED MODULE: ./src/pipeline/selection.ts


/**
 * Selects the members of the index, in their order: the wanted platforms, one member per platform, and attestations only
 * with their image. A platform has several members only if one index lists them as copies for it. Throws SourceError for
 * a wanted platform that is missing and for an image of another platform, and ConflictError for two entries of one
 * platform.
 */
function selectMembers(members, rules) {
    const images = members.filter(({ kind }) => kind === 'image');
    const chosen = onePerPlatform(onlyWanted(images, rules.platforms), rules.duplicatePlatforms);
    const digests = new Set([...chosen.values()].map((member) => member.descriptor.digest));
    const attestations = new Set();
    return members.flatMap((member) => {
        if (member.kind === 'image')
            return chosen.get(member) ?? [];
        const { digest } = member.descriptor;
        if (!isKept(member, digests, rules) || attestations.has(digest))
            return [];
        attestations.add(digest);
        return [member];
    });
}
// Some tools omit an attestation's annotations; it may then be about an image that is not wanted.
function isKept({ attestationSubject }, images, { attestations, platforms }) {
    if (attestations === 'drop')
        return false;
    return attestationSubject === undefined ? platforms.length === 0 : images.has(attestationSubject);
}
/** Whether the member is of one of the wanted platforms; none means all. */
function isWanted({ descriptor: { platform } }, platforms) {
    if (platforms.length === 0)
        return true;
    return platform !== undefined && platforms.some((wanted) => (0,oci_platform/* matchesPlatform */.pC)(wanted, platform));
}
function onlyWanted(images, platforms) {
    refuseUnwanted(images.filter((member) => member.origin === 'image' && !isWanted(member, platforms)), platforms);
    const wanted = images.filter((member) => isWanted(member, platforms));
    const missing = platforms.filter((platform) => !wanted.some((member) => isWanted(member, [platform])));
    if (missing.length > 0)
        throw missingPlatforms(missing, images);
    return wanted;
}
function refuseUnwanted(unwanted, platforms) {
    const [first] = unwanted;
    if (first === undefined)
        return;
    throw new run_errors/* SourceError */.c8('PLATFORM_UNWANTED', `sources line ${first.line}: ${first.label} is ${platformOf(first)}, which is not among \`platforms\` (${platforms.map(oci_platform/* formatPlatform */.Bq).join(', ')})`, { hint: 'Add the platform to `platforms`, or remove the line.' });
}
function missingPlatforms(missing, images) {
    const supplied = images.map(platformOf).join(', ') || 'none';
    return new run_errors/* SourceError */.c8('PLATFORM_MISSING', `No source supplies ${missing.map(oci_platform/* formatPlatform */.Bq).join(', ')}; the sources supply ${supplied}`, { hint: 'Add the missing source, or remove the platform from `platforms`.' });
}
// Maps each member that stays in the list to the entry at its position.
function onePerPlatform(images, rule) {
    const chosen = new Map();
    for (const member of images) {
        const key = keyOf(member);
        chosen.set(key, withMember(chosen.get(key) ?? [], member, rule));
    }
    return new Map([...chosen.values()].flat().map(({ position, entry }) => [position, entry]));
}
// No client pulls the platform unknown, so its entries do not compete.
function keyOf({ descriptor: { platform, digest } }) {
    const isUnknown = platform === undefined || (0,oci_platform/* samePlatform */.my)(platform, oci_platform/* attestationPlatform */.wM);
    return isUnknown ? digest : (0,oci_platform/* platformKey */.Ng)(platform);
}
function withMember(choices, member, rule) {
    const { digest } = member.descriptor;
    const same = choices.find(({ entry }) => entry.descriptor.digest === digest);
    if (same !== undefined) {
        const entry = merged(same.entry, member);
        return choices.map((choice) => (choice === same ? { ...choice, entry } : choice));
    }
    const rival = choices.find(({ entry }) => !areCopies(entry, member));
    const added = { position: member, entry: member };
    if (rival === undefined)
        return [...choices, added];
    if (rule === 'error')
        throw duplicate(rival.entry, member);
    return rule === 'first' ? choices : [...choices.filter(({ entry }) => areCopies(entry, member)), added];
}
/** The annotation of entries whose layers are compressed with zstd, by which clients that know it choose. */
const zstdKey = 'io.github.containers.compression.zstd';
// `podman manifest push --add-compression zstd` lists each platform twice.
function areCopies(one, other) {
    const isOneIndex = one.origin === 'index' && one.line === other.line && one.label === other.label;
    return isOneIndex && one.descriptor.annotations?.[zstdKey] !== other.descriptor.annotations?.[zstdKey];
}
// The same image twice becomes one entry: the first position, the annotations of both.
function merged(earlier, later) {
    const annotations = { ...earlier.descriptor.annotations, ...later.descriptor.annotations };
    if (Object.keys(annotations).length === 0)
        return earlier;
    return { ...earlier, descriptor: { ...earlier.descriptor, annotations } };
}
function duplicate(earlier, later) {
    const isOneLine = earlier.line === later.line;
    const isOneLabel = earlier.label === later.label;
    const [first, second] = [slotName(earlier), slotName(later)];
    const supply = isOneLine
        ? `line ${later.line} supplies ${second} twice`
        : `lines ${earlier.line} and ${later.line} ${first === second ? `both supply ${first}` : `supply ${first} and ${second}, which are the same`}`;
    const [one, other] = [earlier, later].map(({ label, descriptor: { digest } }) => isOneLabel ? digest : label);
    const message = `sources ${supply}: ${one} and ${other}${isOneLabel ? ` in ${later.label}` : ''}`;
    return new run_errors/* ConflictError */.fK('DUPLICATE_PLATFORM', message, {
        hint: `Keep one of them, or set \`duplicate-platforms\` to \`first\` or \`last\`.${first === second ? '' : variantHint(later)}`,
    });
}
// Only Windows images are told apart by more than this.
function slotName(member) {
    const { platform } = member.descriptor;
    return platform && platform.os !== 'windows' ? (0,oci_platform/* formatPlatform */.Bq)(platform) : platformOf(member);
}
// Images for ARMv6 are often built without a variant in their config.
function variantHint({ descriptor: { platform } }) {
    if (platform?.architecture !== 'arm')
        return '';
    return ` \`${platform.os}/arm\` means v7; if that image is for ARMv6, write \`${platform.os}/arm/v6\` behind its source.`;
}
function platformOf(member) {
    return member.descriptor.platform === undefined
        ? 'an entry without a platform'
        : (0,oci_platform/* describePlatform */.d5)(member.descriptor.platform);
}

;// CONCATENATED MODULE: ./src/pipeline/plan.ts









/** Resolves every source, and only reads; throws SourceError or ConflictError that names every line at fault. */
async function makePlan(request, sources, { observer }, onSource = () => undefined) {
    const lines = await (0,run_errors/* waitForAll */.gu)(request.sources.map((line) => resolveLine(line, sources, { request, observer, onSource })), combineLines);
    const resolvedSources = lines.flatMap((line) => line.resolvedSources);
    const all = lines.flatMap((line) => line.members);
    const members = isSoleList(resolvedSources, request) ? all : selectMembers(all, request);
    for (const member of members)
        observer.info(describeMember(member));
    warnOfMixedTypes(members, observer);
    return { resolvedSources, members, targets: targetsOf(request.tags) };
}
/** Most messages that are listed. */
const maxListed = 10;
// A failure of a host concerns all sources there: list it once.
const combineLines = (failures) => {
    const [first] = failures;
    const reasons = failures.map(reasonOf);
    const distinct = failures.filter((_, at) => reasons.indexOf(reasons[at] ?? '') === at);
    if (distinct.length === 1)
        return first;
    const listed = distinct.slice(0, maxListed).map(({ message }) => message);
    if (distinct.length > maxListed)
        listed.push(`and ${distinct.length - maxListed} more`);
    const text = [`${distinct.length} sources cannot be used:`, ...listed].join('\n');
    return new run_errors/* SourceError */.c8(first.code, text, { hint: first.hint, cause: first });
};
function reasonOf(error) {
    return error.cause instanceof run_errors/* ActionError */.lZ ? error.cause.message : error.message;
}
/** The index, with its source, if that is the only source. */
function soleIndexOf(resolvedSources) {
    const [source, ...others] = resolvedSources;
    if (source === undefined || others.length > 0)
        return undefined;
    const { content } = source.manifest;
    return content.kind === 'index' ? { source, index: content } : undefined;
}
// A single list that the request does not change is tagged with all that it holds, also with platforms held twice.
function isSoleList(resolvedSources, request) {
    const source = soleIndexOf(resolvedSources)?.source;
    if (source === undefined)
        return false;
    const isDeclared = Object.keys(source.line.declared).length > 0;
    const isFiltered = request.platforms.length > 0 || request.attestations === 'drop';
    return !isDeclared && !isFiltered && request.duplicatePlatforms === 'error';
}
async function resolveLine(line, sources, { request, observer, onSource }) {
    try {
        const resolvedSources = await resolveSource(line, sources);
        const found = await Promise.all(resolvedSources.map(membersOf));
        const members = (line.locator.kind === 'digests' ? sorted(found, request.platforms) : found).flat();
        settleMismatches(members, request, observer);
        onSource(line, members);
        return { resolvedSources, members };
    }
    catch (error) {
        onSource(line, { error });
        throw error;
    }
}
// The files of a directory have no order that anybody chose.
function sorted(sources, platforms) {
    const rankOf = (members) => {
        const rank = platforms.findIndex((platform) => members.some((member) => isWanted(member, [platform])));
        return rank < 0 ? platforms.length : rank;
    };
    return sources.toSorted((one, other) => rankOf(one) - rankOf(other));
}
// An entry of an index that is not wanted is not published, so its platform does no harm.
function settleMismatches(members, { platforms, platformMismatch }, observer) {
    const published = members.filter((member) => member.origin === 'image' || isWanted(member, platforms));
    const mismatches = published.flatMap(({ mismatch }) => mismatch ?? []);
    if (mismatches.length === 0)
        return;
    if (platformMismatch === 'error')
        throw (0,run_errors/* combined */.yX)(mismatches, combineLines);
    for (const { message } of mismatches) {
        observer.warning(`${message}. Published as declared, since platform-mismatch is "warn".`);
    }
}
/** The repositories of some tags, each once, in order of first appearance. */
function targetsOf(tags) {
    const targets = [];
    for (const { repository, tag } of tags) {
        const known = targets.find((target) => (0,oci_reference/* sameRepository */.RB)(target.repository, repository));
        if (known === undefined)
            targets.push({ repository, tags: [tag] });
        else
            known.tags.push(tag);
    }
    return targets;
}
function describeMember(member) {
    const { descriptor, manifest, label } = member;
    if (member.kind === 'attestation')
        return `attestation ${descriptor.digest} of ${member.attestationSubject ?? 'an image that it does not name'}`;
    const platform = descriptor.platform === undefined ? 'no platform' : (0,oci_platform/* describePlatform */.d5)(descriptor.platform);
    const size = manifest.content.kind === 'image' ? (0,oci_manifest/* layersSize */.iF)(manifest.content) : 0;
    return `${platform}  ${descriptor.digest}  ${formatBytes(size)} of layers  ${label}`;
}
// Quay and Google's registries refuse such lists; others accept them.
function warnOfMixedTypes(members, observer) {
    const docker = members.filter((member) => (0,media_types/* isDockerType */.$F)(member.descriptor.mediaType));
    if (docker.length === 0 || docker.length === members.length)
        return;
    const labels = [...new Set(docker.map((member) => member.label))].join(', ');
    observer.warning(`Docker and OCI images are mixed in one list (Docker: ${labels}). Some registries refuse that; build all of them with the same exporter.`);
}
/** The repository that every target shares, or undefined when there are several. */
function soleRepository(tags) {
    const [first, ...others] = targetsOf(tags);
    return others.length === 0 ? first?.repository : undefined;
}

;// CONCATENATED MODULE: ./src/pipeline/assemble.ts









/**
 * The manifest to publish: a single index source unchanged, unless the request changes it or its format; a single
 * image unchanged when no index is needed; else a new index of the plan's members. A single index source that is
 * changed keeps its annotations, subject and artifactType. Throws ConflictError or SourceError.
 */
function assemble(plan, rules, { observer }) {
    const members = plan.members.map((member) => annotated(member, rules.annotations));
    if (members.length === 0)
        throw withoutEntries(plan);
    refuseUnmatched(rules.annotations, plan.members);
    const existing = soleIndex(plan, members, rules) ?? soleImage(members, rules);
    if (existing !== undefined)
        return { manifest: canonicalised(existing), members };
    const made = assembled(members, fieldsOf(plan, rules), rules);
    if (rules.format === 'docker' && made.manifest.mediaType === media_types/* ociIndex */.KP)
        observer.warning(dockerIndex);
    return made;
}
// `docker manifest push` does the same; a manifest list of OCI images is refused by some registries.
const dockerIndex = 'format: docker gives an OCI image index here, as docker manifest push does, because the first image is an OCI image. Build Docker images (oci-mediatypes=false) to get a Docker manifest list.';
// Other sources would have to share what one of them says of itself.
function fieldsOf({ resolvedSources }, { annotations }) {
    const own = soleIndexOf(resolvedSources)?.index;
    return {
        ...(own?.artifactType === undefined ? {} : { artifactType: own.artifactType }),
        ...(own?.subject === undefined ? {} : { subject: own.subject }),
        annotations: { ...own?.annotations, ...annotations.index },
    };
}
// A source may be named by its sha512 digest; registries name what a tag holds by sha256.
function canonicalised(manifest) {
    return { ...manifest, digest: (0,oci_digest/* digestOf */.ol)(manifest.bytes) };
}
function assembled(annotatedMembers, fields, rules) {
    if (rules.format === 'docker')
        refuseDockerFlaws(annotatedMembers, fields, rules);
    const format = (0,image_index/* chooseFormat */.H8)(annotatedMembers.map(entryOf), fields, rules.format);
    const members = format === 'oci' ? annotatedMembers.map(asBuildxWrites) : annotatedMembers;
    try {
        return { manifest: (0,image_index/* assembleIndex */.Hw)(members.map(entryOf), { format, ...fields }), members };
    }
    catch (error) {
        if (error instanceof oci_manifest/* ManifestTooLargeError */.Hf)
            throw tooLarge(error);
        if (!(error instanceof format_error/* FormatError */.IF))
            throw error;
        throw new run_errors/* ConflictError */.fK('FORMAT', error.message, { cause: error });
    }
}
function refuseDockerFlaws(members, fields, rules) {
    const added = (0,image_index/* findDockerFlaw */.Wi)([], { annotations: rules.annotations.index });
    if (added !== undefined)
        throw dockerConflict(`annotations: ${added}`);
    const own = (0,image_index/* findDockerFlaw */.Wi)([], fields);
    if (own !== undefined)
        throw dockerConflict(`${members[0]?.label}: ${own}`);
    for (const { label, descriptor } of members) {
        const flaw = (0,image_index/* findDockerFlaw */.Wi)([descriptor], {});
        if (flaw !== undefined)
            throw dockerConflict(`${label}: ${flaw}`);
    }
}
function dockerConflict(message) {
    const hint = 'Set `attestations: drop`, remove the annotations, or use `format: oci`.';
    return new run_errors/* ConflictError */.fK('FORMAT', message, { hint });
}
function entryOf(member) {
    return member.descriptor;
}
// Both must give the digests that people know: imagetools normalises a config's platform, `docker manifest` does not.
function asBuildxWrites(member) {
    const { descriptor, normalized } = member;
    return normalized === undefined
        ? member
        : { ...member, descriptor: { ...descriptor, platform: normalized } };
}
function withoutEntries({ resolvedSources }) {
    const labels = resolvedSources.map(({ label }) => label).join(', ');
    return new run_errors/* SourceError */.c8('NO_ENTRIES', `The sources supply no entries for the list: ${labels}`, {
        hint: 'Add at least one image to sources.',
    });
}
function annotated(member, levels) {
    const { descriptor } = member;
    const own = levels.entries.filter((entry) => concerns(entry.platform, descriptor));
    if (own.length === 0)
        return member;
    const added = Object.fromEntries(own.map(({ key, value }) => [key, value]));
    return { ...member, descriptor: { ...descriptor, annotations: { ...descriptor.annotations, ...added } } };
}
function concerns(platform, descriptor) {
    if (platform === undefined)
        return true;
    return descriptor.platform !== undefined && (0,oci_platform/* matchesPlatform */.pC)(platform, descriptor.platform);
}
function refuseUnmatched(levels, members) {
    for (const { platform, key } of levels.entries) {
        if (members.some((member) => concerns(platform, member.descriptor)))
            continue;
        const images = members.filter(({ kind }) => kind === 'image');
        const held = images.flatMap((member) => member.descriptor.platform ?? []).map(oci_platform/* describePlatform */.d5);
        const wanted = platform === undefined ? 'any entry' : (0,oci_platform/* formatPlatform */.Bq)(platform);
        throw new run_errors/* ConflictError */.fK('ANNOTATION_UNMATCHED', `annotations: ${key} is for ${wanted}, but the list has only ${held.join(', ')}`);
    }
}
function soleIndex(plan, members, rules) {
    const source = soleIndexOf(plan.resolvedSources)?.source;
    if (source === undefined)
        return undefined;
    if (Object.keys(rules.annotations.index).length > 0)
        return undefined;
    if (!isOfFormat(source.manifest, rules.format))
        return undefined;
    return sameEntries(source, members.map(entryOf)) ? source.manifest : undefined;
}
function isOfFormat({ mediaType }, format) {
    return format === 'auto' || (0,media_types/* isDockerType */.$F)(mediaType) === (format === 'docker');
}
function sameEntries(source, after) {
    const { content } = source.manifest;
    const before = content.kind === 'index' ? content.manifests : [];
    const isDeclared = Object.keys(source.line.declared).length > 0;
    if (before.length !== after.length)
        return false;
    return before.every((entry, at) => {
        const now = after[at];
        if (now === undefined)
            return false;
        // The user did not ask for a platform that was read from the image because the index has none, or half of it.
        const { platform, ...rest } = now;
        const isInferred = !isDeclared && !(entry.platform && (0,oci_platform/* isWholePlatform */.tR)(entry.platform));
        const left = entry.platform === undefined ? rest : { ...rest, platform: entry.platform };
        return (0,oci_descriptor/* canonicalDescriptor */.C_)(entry) === (0,oci_descriptor/* canonicalDescriptor */.C_)(isInferred ? left : now);
    });
}
function soleImage(members, rules) {
    const [member, ...others] = members;
    if (rules.index === 'always' || member === undefined || others.length > 0)
        return undefined;
    const isAnnotated = member.descriptor.annotations !== undefined || Object.keys(rules.annotations.index).length > 0;
    // The image itself cannot hold what the source line adds.
    const isBare = !isAnnotated && member.platformSource !== 'declared' && member.origin === 'image';
    return isBare ? member.manifest : undefined;
}
function tooLarge(cause) {
    return new run_errors/* ConflictError */.fK('INDEX_TOO_LARGE', `The list would be ${cause.size} bytes; registries take at most ${oci_manifest/* manifestLimit */.t7}`, { hint: 'Publish fewer entries, or fewer and shorter annotations.', cause });
}

;// CONCATENATED MODULE: ./src/registry/blobs/blob-stream.ts



const maxResumptions = 4;
const resumptionPause = 500;
/**
 * A blob's bytes. The last piece comes only after all of them matched the descriptor's size and digest, so that no
 * reader ever gets the whole of a wrong blob.
 * Throws IntegrityError, or NetworkError for a read that broke too often.
 */
async function* verifiedBlob(origin, context) {
    const { size } = origin.descriptor;
    const verifier = new oci_digest/* DigestVerifier */.Do(origin.descriptor);
    let seen = 0;
    for await (const chunk of resuming(origin, context)) {
        context.signal.throwIfAborted();
        asIntegrityError(origin, () => verifier.update(chunk));
        seen += chunk.byteLength;
        if (seen === size && chunk.byteLength > 0)
            asIntegrityError(origin, () => verifier.finish());
        context.onBytes(chunk.byteLength);
        yield chunk;
    }
    if (seen < size || size === 0)
        asIntegrityError(origin, () => verifier.finish());
}
function asIntegrityError(origin, check) {
    try {
        check();
    }
    catch (error) {
        if (!(error instanceof format_error/* FormatError */.IF))
            throw error;
        throw new run_errors/* IntegrityError */.cs('CORRUPTED', `${origin.name}: ${error.message}`, {
            hint: 'Check the source and the proxies in front of it: the bytes do not match their digest. None of them were used.',
            cause: error,
        });
    }
}
// Opening retries by itself, so only a read that made progress is resumed.
async function* resuming(origin, { clock }) {
    let offset = 0;
    for (let resumptions = 0;; resumptions += 1) {
        const start = offset;
        try {
            for await (const chunk of origin.open(start)) {
                offset += chunk.byteLength;
                yield chunk;
            }
            return;
        }
        catch (error) {
            const isTemporary = error instanceof run_errors/* NetworkError */.Dr && offset > start;
            if (!isTemporary || origin.interrupted === 'fail' || resumptions === maxResumptions)
                throw error;
            await clock.sleep(resumptionPause);
        }
    }
}

;// CONCATENATED MODULE: ./src/http/message.ts
/** Bytes of an answer that is not content, such as an error, a token or a status: 64 KiB. */
const maxShortBody = 64 * 1024;
/** The first value of a header, or undefined when the response has none. */
function header(headers, name) {
    return headers.get(name)?.[0];
}
/** A URL as messages may show it: without query, user information and fragment. */
function redacted(url) {
    return `${url.origin}${url.pathname}`;
}
/** The facts that an error keeps of a failed request. */
function failureOf(method, { url, status }, more = {}) {
    return { method, url: redacted(url), status, codes: [], ...more };
}

;// CONCATENATED MODULE: ./src/http/authorization.ts
/** The secret parts of an Authorization value, in every form that a server may repeat it; the longest first. */
function secretsIn(authorization) {
    const [scheme = '', value = ''] = authorization.split(' ');
    if (scheme !== 'Basic')
        return [value];
    const text = Buffer.from(value, 'base64').toString('utf8');
    const password = text.slice(text.indexOf(':') + 1);
    return [value, text, password].toSorted((a, b) => b.length - a.length);
}
/** A user name and password in the form of RFC 7617, without the scheme's name. */
function basicPair(username, password) {
    return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

;// CONCATENATED MODULE: ./src/http/rate-limit.ts

/** Milliseconds: a longer wait than this fails the request instead. */
const maxWait = 60_000;
/** Statuses of temporary failures; those from 520 on are Cloudflare's, in front of Docker Hub's and other storage. */
const temporaryStatuses = new Set([
    ...[408, 500, 502, 503, 504],
    ...[520, 521, 522, 523, 524, 529, 530],
]);
/** Whether the same request may succeed later: a temporary failure or a rate limit. */
function isTemporary(response) {
    return temporaryStatuses.has(response.status) || isRateLimit(response);
}
/**
 * Whether a host refuses because it gets too many requests: 429, or GitHub's 403 that mentions a
 * secondary rate limit (docs.github.com, "Rate limits for the REST API").
 */
function isRateLimit(response) {
    if (response.status === 429)
        return true;
    return response.status === 403 && /\b(secondary )?rate limit\b/i.test(bodyText(response));
}
/**
 * Milliseconds the host asks to wait: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else
 * GHCR's `retry-after: 12.5ms` inside the body; undefined when it does not say.
 */
function retryAfter(response, now) {
    const value = header(response.headers, 'retry-after')?.trim();
    if (value !== undefined)
        return headerWait(value, now);
    return bodyWait(bodyText(response));
}
function headerWait(value, now) {
    if (/^\d{1,15}(\.\d+)?$/.test(value))
        return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
const unitMilliseconds = {
    \u00b5s: 0.001,
    us: 0.001,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
};
// Go prints durations such as `1m30.5s`.
function bodyWait(text) {
    const found = /retry-after:\s*((?:\d{1,9}(?:\.\d{1,9})?(?:\u00b5s|us|ms|s|m|h)){1,6})/i.exec(text)?.[1];
    if (found === undefined)
        return undefined;
    let total = 0;
    for (const [, amount, unit] of found.matchAll(/(\d+(?:\.\d+)?)(\u00b5s|us|ms|s|m|h)/gi)) {
        total += Number(amount) * (unitMilliseconds[unit?.toLowerCase() ?? ''] ?? 0);
    }
    return total;
}
function bodyText(response) {
    return Buffer.from(response.body.subarray(0, 4096)).toString('utf8');
}

;// CONCATENATED MODULE: ./src/registry/refusal.ts






/** The error for an answer that fails an operation: names the operation, the status, the registry's codes and a remedy. */
function registryError(response, operation) {
    if (isWebPage(response))
        return notARegistry(response);
    const { status } = response;
    const codes = errorCodes(response);
    const texts = codes.map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
    const answer = `(${[status, ...texts].join(', ')})`;
    if (!isRateLimit(response) && (status === 401 || status === 403)) {
        return denied(operation, answer, response.login?.source);
    }
    const [code, problem, hint] = refusalOf(response, operation);
    const failure = failureOf(operation.method, response, { codes: codes.map((each) => each.code) });
    const message = `${operation.repository.registry} ${problem} ${answer}`;
    return new run_errors/* RegistryError */.gl(code, message, failure, { hint });
}
/** A tag or digest as references name it: `ghcr.io/acme/app:1.2.3`, `ghcr.io/acme/app@sha256:\u2026`. */
function formatTarget(repository, name) {
    return `${(0,oci_reference/* formatRepository */.Sh)(repository)}${(0,oci_digest/* isDigest */.Bc)(name) ? '@' : ':'}${name}`;
}
function denied(operation, answer, source) {
    const login = source === undefined ? 'without a login' : `with the login from ${source}`;
    const message = `${operation.repository.registry} denied the ${describe(operation)} ${answer} ${login}`;
    return new run_errors/* AuthError */.lR('DENIED', message, { hint: deniedHint(operation, source) });
}
function describe(operation) {
    return operation.name === undefined
        ? `upload to ${(0,oci_reference/* formatRepository */.Sh)(operation.repository)}`
        : `${operation.verb} of ${describeName(operation)}`;
}
function describeName({ repository, name }) {
    return name === undefined ? (0,oci_reference/* formatRepository */.Sh)(repository) : formatTarget(repository, name);
}
function refusalOf(response, operation) {
    const what = describe(operation);
    if (isRateLimit(response)) {
        const hint = 'Log in to get a rate limit of your own, or run the job again later.';
        return ['RATE_LIMITED', `rate-limited the ${what}`, hint];
    }
    if (response.status === 404) {
        const isPull = operation.verb === 'pull';
        const problem = isPull
            ? `did not find ${describeName(operation)}`
            : `answered the ${what} with "not found"`;
        return ['NOT_FOUND', problem, notFoundHint];
    }
    if (response.status === 413) {
        const hint = 'Raise the size limit of the registry, or of the proxy in front of it.';
        return ['TOO_LARGE', `refused the ${what} as too large`, hint];
    }
    if (response.status >= 500) {
        return [
            'UNAVAILABLE',
            `failed the ${what}`,
            'Run the job again later: the registry itself is in trouble.',
        ];
    }
    return ['REFUSED', `refused the ${what}`, refusedHint(operation, response.status)];
}
const notFoundHint = 'Check the spelling. Registries also answer "not found" for a private repository that the login may not read.';
function refusedHint({ verb }, status) {
    if (verb === 'push' && status === 405) {
        return 'Push to a registry that accepts pushes: this one is read-only, as mirrors and pull-through caches are.';
    }
    return verb === 'push'
        ? 'If the registry is old and does not support OCI indexes, build Docker images and set `format: docker`.'
        : 'Check the reference, and that its host is a registry of container images.';
}
function deniedHint({ verb, repository }, source) {
    const { registry } = repository;
    if (registry === 'ghcr.io') {
        const permission = verb === 'push' ? 'write' : 'read';
        return `Give the job \`permissions: packages: ${permission}\`, and give its repository access to the package.`;
    }
    const access = verb === 'push' ? 'push to' : 'read';
    if (source !== undefined) {
        return `Check that this login may ${access} the repository, and that the repository exists. To use another login, set registry-auth: it comes first.`;
    }
    return `Log in to ${registry} first (docker/login-action or registry-auth) with an account that may ${access} the repository. Private repositories deny anonymous requests like this.`;
}
/** Statuses that web pages are not served with; Quay sends even its empty 201 and 202 as text/html. */
const protocolStatuses = new Set([201, 202, 204]);
/** Whether an answer is a web page: a captive portal's, a proxy's, or a web site's. */
function isWebPage(response) {
    if (response.status >= 400 || protocolStatuses.has(response.status))
        return false;
    const type = header(response.headers, 'content-type') ?? '';
    return /^\s*text\/html\b/i.test(type);
}
/** Whether an answer has one of these statuses, by default any below 300, and is not a web page. */
function isSuccess(response, ...statuses) {
    const { status } = response;
    return (statuses.length === 0 ? status < 300 : statuses.includes(status)) && !isWebPage(response);
}
/** The error for a host that answers with web pages. */
function notARegistry(response) {
    return new run_errors/* NetworkError */.Dr('NOT_A_REGISTRY', `${response.url.host} answered with a web page (${response.status}): it is not a registry`, { hint: 'Check the host in the reference, and that no login page of this network answers instead.' });
}
/**
 * The registry's own error codes (distribution-spec, "Error Codes"), at most three, without the credentials that the
 * request was sent with.
 */
function errorCodes(response) {
    const secrets = response.login === undefined ? [] : secretsIn(response.login.authorization);
    try {
        const document = JSON.parse(Buffer.from(response.body).toString('utf8'));
        const errors = typeof document === 'object' && document !== null && 'errors' in document ? document.errors : [];
        return Array.isArray(errors) ? errors.slice(0, 3).flatMap((each) => errorCode(each, secrets)) : [];
    }
    catch {
        return [];
    }
}
function errorCode(value, secrets) {
    if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string')
        return [];
    const message = 'message' in value && typeof value.message === 'string' ? value.message : '';
    return [{ code: sanitize(value.code, 60, secrets), message: sanitize(message, 160, secrets) }];
}
// Secrets are removed before the text is cut: no mask matches half a secret.
function sanitize(text, maxLength, secrets) {
    const known = secrets.filter((secret) => secret !== '');
    return known
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
        .replace(/[^\x20-\x7e]+/g, ' ')
        .slice(0, maxLength)
        .trim();
}

;// CONCATENATED MODULE: ./src/registry/blobs/upload-session.ts




/** Opens an upload (OCI distribution-spec 1.1, "Pushing blobs"); throws RegistryError or AuthError. */
async function openUpload(client, repository) {
    const response = await client.send(openRequest(repository));
    if (!isSuccess(response, 202)) {
        throw registryError(response, { method: 'POST', verb: 'push', repository, name: undefined });
    }
    return new UploadSession(client, repository, response);
}
/** An upload that a registry has opened: takes one blob, whole or in chunks. */
class UploadSession {
    #client;
    #repository;
    #location;
    /** Bytes of every chunk but the last, at least, when the registry asks for chunks. */
    minChunkSize;
    /** From the answer that opened it; throws RegistryError LOCATION when that leads to another host. */
    constructor(client, repository, opened) {
        this.#client = client;
        this.#repository = repository;
        this.#location = locationOf(opened, repository);
        const size = Number(header(opened.headers, 'oci-chunk-min-length') ?? Number.NaN);
        this.minChunkSize = Number.isSafeInteger(size) && size > 0 ? size : undefined;
    }
    /** Sends the whole blob, or the rest of it after the chunks, and ends the upload. */
    async finish({ digest }, body, length) {
        const target = withQuery(this.#location, `digest=${encodeURIComponent(digest)}`);
        const response = await this.#send({ method: 'PUT', target, body, headers: contentHeaders(length) });
        if (!isSuccess(response))
            throw this.#refused(response, 'PUT', digest);
        await this.#confirm(response, digest);
    }
    /** Sends the bytes of `chunk`, which begin at `start`. */
    async append({ digest }, start, chunk) {
        const length = chunk.reduce((sum, piece) => sum + piece.byteLength, 0);
        const headers = { ...contentHeaders(length), 'content-range': `${start}-${start + length - 1}` };
        const body = () => piecesOf(chunk);
        const response = await this.#send({ method: 'PATCH', target: this.#location.href, body, headers });
        if (!isSuccess(response))
            throw this.#refused(response, 'PATCH', digest);
        const end = /-(\d+)$/.exec(header(response.headers, 'range') ?? '')?.[1];
        if (end !== undefined && Number(end) !== start + length - 1)
            throw this.#notStored(response, digest);
        this.#location = locationOf(response, this.#repository);
    }
    /** Cancels the upload; a registry that does not support this keeps it until it expires. */
    async cancel() {
        // Only an upload is ever deleted, whatever location a registry names.
        if (!isUpload(this.#location, this.#repository))
            return;
        try {
            await this.#send({ method: 'DELETE', target: this.#location.href, headers: {} });
        }
        catch (error) {
            if (!(error instanceof run_errors/* ActionError */.lZ))
                throw error;
        }
    }
    #send(request) {
        return this.#client.send({
            ...request,
            repository: this.#repository,
            maxBodyBytes: maxShortBody,
            actions: ['pull', 'push'],
            tries: 'one',
        });
    }
    // Only 201 with our digest, or a read, proves that the blob is stored.
    async #confirm(response, digest) {
        const stated = header(response.headers, 'docker-content-digest');
        if (response.status === 201 && (stated === undefined || stated === digest))
            return;
        if (await this.#client.hasBlob(this.#repository, digest))
            return;
        throw this.#notStored(response, digest);
    }
    #refused(response, method, name) {
        return registryError(response, { method, verb: 'push', repository: this.#repository, name });
    }
    #notStored(response, digest) {
        const blob = formatTarget(this.#repository, digest);
        return new run_errors/* IntegrityError */.cs('NOT_STORED', `${this.#repository.registry} answered the upload of ${blob} with ${response.status} but does not hold all of it`, { hint: 'Check the proxies between this runner and the registry.' });
    }
}
function openRequest(repository, query = '') {
    return {
        method: 'POST',
        repository,
        target: `/v2/${repository.path}/blobs/uploads/${query}`,
        maxBodyBytes: maxShortBody,
        actions: ['pull', 'push'],
    };
}
function contentHeaders(length) {
    return { 'content-type': 'application/octet-stream', 'content-length': String(length) };
}
// The query is extended as text, because registries sign it as they wrote it.
function withQuery(url, parameter) {
    const query = url.search === '' ? `?${parameter}` : `${url.search}&${parameter}`;
    return `${url.origin}${url.pathname}${query}`;
}
// The path of an upload in the repository, by its usual name; GHCR writes `upload`. Registries with paths of their own
// keep the upload until it expires.
function isUpload({ pathname }, { path }) {
    const prefix = `/v2/${path}/blobs/`;
    return pathname.startsWith(prefix) && /^uploads?\/[\w.~=+-]+$/.test(pathname.slice(prefix.length));
}
async function* piecesOf(chunk) {
    yield* chunk;
}
function locationOf(response, repository) {
    const location = header(response.headers, 'location');
    const url = location === undefined ? null : URL.parse(location, response.url.href);
    if (url !== null && url.origin === response.url.origin && url.username === '' && url.password === '') {
        return url;
    }
    const problem = url === null ? 'named no usable location' : `named a location elsewhere, ${redacted(url)},`;
    throw new run_errors/* RegistryError */.gl('LOCATION', `${repository.registry} ${problem} for an upload to ${(0,oci_reference/* formatRepository */.Sh)(repository)}`, failureOf('POST', response), { hint: 'If a proxy stands in front of the registry, let it pass on Host and X-Forwarded-Proto.' });
}
/**
 * Mounts a blob in a second repository (OCI distribution-spec 1.1, "Mounting a blob from another repository").
 * The registry may open an upload instead; any other answer is a refusal.
 */
async function mountBlob(client, { digest, from, to }) {
    const query = new URLSearchParams({ mount: digest, from: from.path });
    const response = await client.send(openRequest(to, `?${query}`)).catch(refusedLogin);
    if (response === 'refused')
        return 'refused';
    if (isSuccess(response, 201))
        return 'mounted';
    return isSuccess(response, 202) ? new UploadSession(client, to, response) : 'refused';
}
// A login whose push token may not read the other repository can still read it with a token for that one.
function refusedLogin(error) {
    if (error instanceof run_errors/* AuthError */.lR)
        return 'refused';
    throw error;
}

;// CONCATENATED MODULE: ./src/registry/blobs/upload.ts



/** Bytes of a chunk, where a registry asks for chunks; each is held until the registry has it. */
const usualChunk = 8 * 1024 * 1024;
/** A larger minimum is not worth the memory: the blob goes in one piece. */
const maxChunk = 32 * 1024 * 1024;
const maxAttempts = 4;
/** Bytes that do not match their digest seldom match the next time. */
const maxIntegrityAttempts = 2;
/**
 * Uploads blobs to one repository: POST, then PUT with the bytes as they come; in chunks where the registry
 * asks for them or calls a blob too large. An interrupted upload starts over with a new session.
 */
class BlobUploader {
    #context;
    #mode = 'whole';
    constructor(context) {
        this.#context = context;
    }
    /** Uploads a blob, with `opened` when a session is open already; throws RegistryError, IntegrityError and others. */
    async upload(origin, opened) {
        const { client, repository, signal, clock } = this.#context;
        let session = opened;
        for (let attempt = 1;; attempt += 1) {
            const outcome = await this.#attempt(origin, session);
            if (outcome.result === 'stored')
                return;
            const isFinal = outcome.result === 'unopened' || signal.aborted;
            if (isFinal || !this.#isRetriable(outcome.error, attempt, origin.descriptor))
                throw outcome.error;
            await clock.sleep(clock.random() * Math.min(8000, 500 * 2 ** attempt));
            if (await client.hasBlob(repository, origin.descriptor.digest))
                return;
            session = undefined;
        }
    }
    async #attempt(origin, existing) {
        let sent = 0;
        const onBytes = (count) => {
            sent += count;
            this.#context.onBytes(count);
        };
        const stream = verifiedBlob(origin, { ...this.#context, onBytes });
        const opened = await this.#open(new OpenBlob(stream), existing);
        if (opened.result === 'unopened')
            return opened;
        const { session, blob } = opened;
        try {
            await this.#write(origin.descriptor, session, blob);
            return { result: 'stored' };
        }
        catch (error) {
            this.#context.onBytes(-sent);
            if (!(error instanceof run_errors/* NetworkError */.Dr && error.code === 'TIMEOUT'))
                await session.cancel();
            return { result: 'interrupted', error };
        }
        finally {
            blob.close();
        }
    }
    // The source is opened before a request waits for its bytes: neither then takes a connection that the other needs.
    async #open(blob, existing) {
        const { client, repository } = this.#context;
        const [session, start] = await Promise.allSettled([
            existing ?? openUpload(client, repository),
            blob.start(),
        ]);
        if (session.status === 'fulfilled' && start.status === 'fulfilled') {
            return { result: 'opened', session: session.value, blob };
        }
        blob.close();
        if (session.status === 'fulfilled')
            await session.value.cancel();
        const failed = session.status === 'rejected' ? session : start;
        return { result: 'unopened', error: failed.reason };
    }
    async #write(descriptor, session, blob) {
        const chunk = this.#chunkFor(session);
        if (chunk === undefined || descriptor.size <= chunk) {
            return session.finish(descriptor, blob.body(descriptor.size), descriptor.size);
        }
        let start = 0;
        for await (const pieces of blob.chunks(chunk)) {
            await session.append(descriptor, start, pieces);
            start += pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
        }
        await session.finish(descriptor, new Uint8Array(), 0);
    }
    #chunkFor(session) {
        if (this.#mode === 'whole' && session.minChunkSize === undefined)
            return undefined;
        const chunk = Math.max(usualChunk, session.minChunkSize ?? 0);
        return chunk > maxChunk ? undefined : chunk;
    }
    #isRetriable(error, attempt, descriptor) {
        if (error instanceof run_errors/* IntegrityError */.cs)
            return attempt < maxIntegrityAttempts;
        if (attempt >= maxAttempts)
            return false;
        if (error instanceof run_errors/* NetworkError */.Dr)
            return temporaryErrors.has(error.code);
        if (!(error instanceof run_errors/* RegistryError */.gl))
            return false;
        if (error.code === 'TOO_LARGE')
            return this.#switchToChunks(descriptor);
        const { status, codes, wait } = error.failure;
        if (wait !== undefined)
            return false;
        if (error.code === 'RATE_LIMITED')
            return true;
        return status >= 500 || sessionStatuses.has(status) || codes.some((code) => sessionCodes.has(code));
    }
    #switchToChunks(descriptor) {
        if (this.#mode === 'chunks' || descriptor.size <= usualChunk)
            return false;
        this.#mode = 'chunks';
        return true;
    }
}
const temporaryErrors = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);
/** Besides 5xx: the session has expired or differs from ours. */
const sessionStatuses = new Set([404, 408, 416]);
const sessionCodes = new Set([
    'BLOB_UPLOAD_UNKNOWN',
    'BLOB_UPLOAD_INVALID',
    'DIGEST_INVALID',
    'SIZE_INVALID',
]);
/** A blob whose first bytes are awaited before it is sent. */
class OpenBlob {
    #stream;
    #first;
    #isTaken = false;
    constructor(stream) {
        this.#stream = stream;
    }
    /** Waits for the first bytes. */
    async start() {
        this.#first = await this.#stream.next();
    }
    /** All `size` bytes: as an array when they are already there, else as a stream that can be read once. */
    body(size) {
        if (this.#first?.done === true)
            return new Uint8Array();
        if (this.#first?.value.byteLength === size)
            return this.#first.value;
        return () => this.#rest();
    }
    /** The bytes in chunks of this size, the last one smaller. */
    async *chunks(size) {
        let pieces = [];
        let room = size;
        for await (let piece of this.#rest()) {
            while (piece.byteLength >= room) {
                yield [...pieces, piece.subarray(0, room)];
                piece = piece.subarray(room);
                pieces = [];
                room = size;
            }
            if (piece.byteLength > 0)
                pieces.push(piece);
            room -= piece.byteLength;
        }
        if (pieces.length > 0)
            yield pieces;
    }
    /** Ends the reading. */
    close() {
        // The rest is not needed, so its failures do not matter.
        this.#stream.return().catch(() => undefined);
    }
    async *#rest() {
        if (this.#isTaken)
            throw new run_errors/* NetworkError */.Dr('CONNECTION', 'The upload was interrupted and must start over');
        this.#isTaken = true;
        if (this.#first === undefined || this.#first.done === true)
            return;
        yield this.#first.value;
        yield* this.#stream;
    }
}

;// CONCATENATED MODULE: ./src/pipeline/copy/counts.ts

const noBlobs = { blobs: 0, bytes: 0, mounted: 0, skipped: 0 };
/** What one blob of this size adds to the counts; an external one adds nothing. */
function countOf(outcome, size) {
    return {
        blobs: outcome === 'uploaded' ? 1 : 0,
        bytes: outcome === 'uploaded' ? size : 0,
        mounted: outcome === 'mounted' ? 1 : 0,
        skipped: outcome === 'present' ? 1 : 0,
    };
}
/** The sum of all counts. */
function sumOf(counts) {
    const add = (one, other) => ({
        blobs: one.blobs + other.blobs,
        bytes: one.bytes + other.bytes,
        mounted: one.mounted + other.mounted,
        skipped: one.skipped + other.skipped,
    });
    return counts.reduce(add, noBlobs);
}
/** For log lines: `5 blobs, 48.2 MB (2 mounted, 1 already there)`. */
function describeCounts({ blobs, bytes, mounted, skipped }) {
    const all = blobs + mounted + skipped;
    const notes = [
        ...(mounted > 0 ? [`${mounted} mounted`] : []),
        ...(skipped > 0 ? [`${skipped} already there`] : []),
    ];
    const aside = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
    return `${all} ${all === 1 ? 'blob' : 'blobs'}, ${formatBytes(bytes)}${aside}`;
}

;// CONCATENATED MODULE: ./src/pipeline/copy/progress.ts

const firstLine = 5_000;
const nextLine = 15_000;
/** Logs the progress of a copy to one target: after 5 seconds, then every 15, and only while bytes move. */
class CopyProgress {
    #heading;
    #context;
    #started;
    #due;
    #blobs = { expected: 0, done: 0 };
    #bytes = { expected: 0, done: 0 };
    /** Every line begins with `heading`: `Copying to ghcr.io/acme/app`. */
    constructor(heading, context) {
        this.#heading = heading;
        this.#context = context;
        this.#started = context.clock.now();
        this.#due = this.#started + firstLine;
    }
    /** Milliseconds since the copy began. */
    get elapsed() {
        return this.#context.clock.now() - this.#started;
    }
    /** Adds a blob of this size to those that are to be transferred. */
    addExpected(bytes) {
        this.#blobs.expected += 1;
        this.#bytes.expected += bytes;
    }
    /** Adds transferred bytes; a negative number when a blob starts over. */
    moved(bytes) {
        this.#bytes.done += bytes;
        const now = this.#context.clock.now();
        if (now < this.#due)
            return;
        this.#due = now + nextLine;
        this.#context.observer.info(this.#line());
    }
    /** Counts a blob whose transfer is complete. */
    done() {
        this.#blobs.done += 1;
    }
    #line() {
        const { done, expected } = this.#bytes;
        const blobs = `${this.#blobs.done} of ${this.#blobs.expected} blobs`;
        return `${this.#heading}: ${blobs}, ${formatBytes(done)} of ${formatBytes(expected)}, ${formatRate(done, this.elapsed)}`;
    }
}

;// CONCATENATED MODULE: ./node_modules/yocto-queue/index.js
/*
How it works:
`this.#head` is an instance of `Node` which keeps track of its current value and nests another instance of `Node` that keeps the value that comes after it. When a value is provided to `.enqueue()`, the code needs to iterate through `this.#head`, going deeper and deeper to find the last value. However, iterating through every single item is slow. This problem is solved by saving a reference to the last value as `this.#tail` so that it can reference it to add a new value.
*/

class Node {
	value;
	next;

	constructor(value) {
		this.value = value;
	}
}

class Queue {
	#head;
	#tail;
	#size;

	constructor() {
		this.clear();
	}

	enqueue(value) {
		const node = new Node(value);

		if (this.#head) {
			this.#tail.next = node;
			this.#tail = node;
		} else {
			this.#head = node;
			this.#tail = node;
		}

		this.#size++;
	}

	dequeue() {
		const current = this.#head;
		if (!current) {
			return;
		}

		this.#head = this.#head.next;
		this.#size--;

		// Clean up tail reference when queue becomes empty
		if (!this.#head) {
			this.#tail = undefined;
		}

		return current.value;
	}

	peek() {
		if (!this.#head) {
			return;
		}

		return this.#head.value;

		// TODO: Node.js 18.
		// return this.#head?.value;
	}

	clear() {
		this.#head = undefined;
		this.#tail = undefined;
		this.#size = 0;
	}

	get size() {
		return this.#size;
	}

	* [Symbol.iterator]() {
		let current = this.#head;

		while (current) {
			yield current.value;
			current = current.next;
		}
	}

	* drain() {
		while (this.#head) {
			yield this.dequeue();
		}
	}
}

;// CONCATENATED MODULE: ./node_modules/p-limit/index.js


function pLimit(concurrency) {
	let rejectOnClear = false;

	if (typeof concurrency === 'object') {
		({concurrency, rejectOnClear = false} = concurrency);
	}

	validateConcurrency(concurrency);

	if (typeof rejectOnClear !== 'boolean') {
		throw new TypeError('Expected `rejectOnClear` to be a boolean');
	}

	const queue = new Queue();
	let activeCount = 0;

	const resumeNext = () => {
		// Process the next queued function if we're under the concurrency limit
		if (activeCount < concurrency && queue.size > 0) {
			activeCount++;
			queue.dequeue().run();
		}
	};

	const next = () => {
		activeCount--;
		resumeNext();
	};

	const run = async (function_, resolve, arguments_) => {
		// Execute the function and capture the result promise
		const result = (async () => function_(...arguments_))();

		// Resolve immediately with the promise (don't wait for completion)
		resolve(result);

		// Wait for the function to complete (success or failure)
		// We catch errors here to prevent unhandled rejections,
		// but the original promise rejection is preserved for the caller
		try {
			await result;
		} catch {}

		// Decrement active count and process next queued function
		next();
	};

	const enqueue = (function_, resolve, reject, arguments_) => {
		const queueItem = {reject};

		// Queue the internal resolve function instead of the run function
		// to preserve the asynchronous execution context.
		new Promise(internalResolve => { // eslint-disable-line promise/param-names
			queueItem.run = internalResolve;
			queue.enqueue(queueItem);
		}).then(run.bind(undefined, function_, resolve, arguments_)); // eslint-disable-line promise/prefer-await-to-then

		// Start processing immediately if we haven't reached the concurrency limit
		if (activeCount < concurrency) {
			resumeNext();
		}
	};

	const generator = (function_, ...arguments_) => new Promise((resolve, reject) => {
		enqueue(function_, resolve, reject, arguments_);
	});

	Object.defineProperties(generator, {
		activeCount: {
			get: () => activeCount,
		},
		pendingCount: {
			get: () => queue.size,
		},
		clearQueue: {
			value() {
				if (!rejectOnClear) {
					queue.clear();
					return;
				}

				const abortError = AbortSignal.abort().reason;

				while (queue.size > 0) {
					queue.dequeue().reject(abortError);
				}
			},
		},
		concurrency: {
			get: () => concurrency,

			set(newConcurrency) {
				validateConcurrency(newConcurrency);
				concurrency = newConcurrency;

				queueMicrotask(() => {
					// eslint-disable-next-line no-unmodified-loop-condition
					while (activeCount < concurrency && queue.size > 0) {
						resumeNext();
					}
				});
			},
		},
		map: {
			async value(iterable, function_) {
				const promises = [];

				try {
					Array.from(iterable, (value, index) => {
						const promise = generator(function_, value, index);
						promises.push(promise);
						return promise;
					});
				} catch (error) {
					// The iterable threw, so `Promise.all` never observes the already scheduled promises. Observe them here to avoid unhandled rejections.
					for (const promise of promises) {
						promise.catch(() => {}); // eslint-disable-line promise/prefer-await-to-then
					}

					throw error;
				}

				return Promise.all(promises);
			},
		},
	});

	return generator;
}

function limitFunction(function_, options) {
	const limit = pLimit(options);

	const limitedFunction = (...arguments_) => limit(() => function_(...arguments_));
	Object.defineProperty(limitedFunction, 'clearQueue', {
		value: limit.clearQueue,
	});

	return limitedFunction;
}

function validateConcurrency(concurrency) {
	if (!((Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) && concurrency > 0)) {
		throw new TypeError('Expected `concurrency` to be a number from 1 and up');
	}
}

;// CONCATENATED MODULE: ./src/pipeline/copy/transfer-limit.ts

/** Largest blob, in bytes, that is held in memory while it is copied. */
const maxHeldSize = 256 * 1024;
/**
 * Most transfers at once: large ones to one target, large ones in total, and small ones, which take round trips
 * rather than bandwidth. Each holds a connection at its source and then one at its target; where both are one host,
 * all of them together must leave some of its 32 connections free.
 */
const maxTransfers = { target: 12, large: 12, small: 16 };
/** Makes the limits of a run's targets, which also limit all targets together. */
function transferLimits() {
    const large = pLimit(maxTransfers.large);
    const small = pLimit(maxTransfers.small);
    return () => {
        const target = pLimit(maxTransfers.target);
        return (size, transfer) => (size <= maxHeldSize ? small(transfer) : target(() => large(transfer)));
    };
}

;// CONCATENATED MODULE: ./src/pipeline/copy/blobs.ts








/** Copies blobs to one repository, each once, however many manifests need it. */
class BlobCopier {
    target;
    #shared;
    #client;
    #progress;
    #uploader;
    #outcomes = new Map();
    #counts = [];
    #unmountable = new Set();
    constructor(target, shared, context) {
        const { client, clock } = context;
        this.target = target;
        this.#shared = shared;
        this.#client = client;
        this.#progress = new CopyProgress(`Copying to ${(0,oci_reference/* formatRepository */.Sh)(target)}`, context);
        this.#uploader = new BlobUploader({
            client,
            clock,
            repository: target,
            signal: shared.signal,
            onBytes: (count) => this.#progress.moved(count),
        });
    }
    /** The outcomes so far, each blob counted once. */
    get counts() {
        return sumOf(this.#counts);
    }
    /** Milliseconds since the copy began. */
    get elapsed() {
        return this.#progress.elapsed;
    }
    /** Makes the repository hold the blob; throws the errors of reading and writing it. */
    ensure(descriptor, store) {
        const outcome = this.#outcomes.get(descriptor.digest) ?? this.#counted(descriptor, store);
        this.#outcomes.set(descriptor.digest, outcome);
        return outcome;
    }
    async #counted(descriptor, store) {
        const outcome = await this.#copy(descriptor, store);
        this.#counts.push(countOf(outcome, descriptor.size));
        return outcome;
    }
    async #copy(descriptor, store) {
        if ((0,media_types/* isForeignLayer */.sJ)(descriptor.mediaType) && descriptor['urls'] !== undefined)
            return 'external';
        this.#shared.signal.throwIfAborted();
        const session = await this.#mount(descriptor, store);
        if (session === 'mounted')
            return 'mounted';
        if (await this.#client.hasBlob(this.target, descriptor.digest)) {
            await session?.cancel();
            return 'present';
        }
        this.#progress.addExpected(descriptor.size);
        const outcome = await this.#shared.limit(descriptor.size, () => this.#upload(descriptor, store, session));
        this.#progress.done();
        return outcome;
    }
    async #mount(descriptor, store) {
        const from = await this.#mountSource(descriptor, store);
        if (from === undefined || this.#unmountable.has(from.path))
            return undefined;
        const answer = await mountBlob(this.#client, { digest: descriptor.digest, from, to: this.target });
        if (answer !== 'refused')
            return answer;
        this.#unmountable.add(from.path);
        return undefined;
    }
    // A blob that two targets of a registry need is uploaded once.
    async #mountSource(descriptor, store) {
        const { neighbour } = this.#shared;
        if (store.repository?.registry === this.target.registry)
            return store.repository;
        // The neighbour reports its own errors.
        const outcome = await neighbour?.ensure(descriptor, store).catch(() => undefined);
        return outcome === undefined || outcome === 'external' ? undefined : neighbour?.target;
    }
    async #upload(descriptor, store, session) {
        this.#shared.signal.throwIfAborted();
        try {
            await this.#uploader.upload(this.#origin(descriptor, store), session);
            return 'uploaded';
        }
        catch (error) {
            // A layer that names URLs need not be in the registry.
            if (descriptor['urls'] === undefined || !isMissing(error))
                throw error;
            return 'external';
        }
    }
    #origin(descriptor, store) {
        const { name } = store;
        if (descriptor.size <= maxHeldSize) {
            return { descriptor, name, open: () => whole(descriptor, store), interrupted: 'fail' };
        }
        const open = (offset) => store.openBlob(descriptor, offset);
        // To resume a read takes a connection while the upload holds another: at one host, each could wait for the other.
        const isSameHost = store.repository?.registry === this.target.registry;
        return { descriptor, name, open, interrupted: isSameHost ? 'fail' : 'resume' };
    }
}
async function* whole(descriptor, store) {
    yield await store.getBlob(descriptor);
}
function isMissing(error) {
    if (error instanceof run_errors/* SourceError */.c8)
        return true;
    return error instanceof run_errors/* RegistryError */.gl && error.code === 'NOT_FOUND' && error.failure.method === 'GET';
}

;// CONCATENATED MODULE: ./src/pipeline/copy/content.ts



/**
 * The content that a repository needs before a tag there can point to `index`: the members of an assembled list, or the
 * whole source if it is published unchanged.
 */
async function contentOf(plan, index) {
    const root = plan.resolvedSources.find(({ manifest }) => manifest.digest === index.digest);
    if (root === undefined)
        return plan.members.map(memberContent);
    const known = new Map(plan.members.map((member) => [member.manifest.digest, memberContent(member)]));
    return [
        known.get(index.digest) ??
            (await treeOf({ ...root, label: 'the list', limits: sourceLimits(root), known })),
    ];
}
/** A manifest with everything that it lists, read from its store once each. */
async function treeOf({ manifest, store, label, limits, known = new Map(), }) {
    const manifests = new Map([...known].map(([digest, content]) => [digest, Promise.resolve(content.manifest)]));
    const read = ({ digest, size }) => {
        const found = manifests.get(digest) ?? store.getManifest(digest, size);
        manifests.set(digest, found);
        return found;
    };
    const entryContent = ({ entry, manifest, entries }) => known.get(entry.digest) ?? {
        manifest,
        store,
        label: entry.platform === undefined ? entry.digest : (0,oci_platform/* describePlatform */.d5)(entry.platform),
        children: entries.map(entryContent),
    };
    const { content } = manifest;
    const entries = content.kind === 'index' ? await readTree(content, { read, limits }) : [];
    return { manifest, store, label, children: entries.map(entryContent) };
}
function memberContent(member) {
    const { manifest, store } = member;
    return { manifest, store, label: memberLabel(member), children: [] };
}
function memberLabel({ descriptor, kind, attestationSubject, label }) {
    if (kind === 'attestation')
        return `the attestation of ${attestationSubject ?? label}`;
    return descriptor.platform === undefined ? label : (0,oci_platform/* describePlatform */.d5)(descriptor.platform);
}
/** Contents with all that is under them, children first, each digest once. */
function flattened(contents) {
    const found = new Map();
    const visit = (content) => {
        if (found.has(content.manifest.digest))
            return;
        content.children.forEach(visit);
        found.set(content.manifest.digest, content);
    };
    contents.forEach(visit);
    return [...found.values()];
}

;// CONCATENATED MODULE: ./src/registry/referrers.ts









/** The tag that lists a subject's referrers where a registry has no referrers API (OCI distribution-spec 1.1, "Referrers Tag Schema"). */
function referrersTag(subject) {
    return `${(0,oci_digest/* algorithmOf */.Hy)(subject)}-${(0,oci_digest/* encodedOf */.EX)(subject).slice(0, 64)}`;
}
/** The tags that cosign gives an image's signatures, attestations and bill of materials. */
function digestTags(subject) {
    if ((0,oci_digest/* algorithmOf */.Hy)(subject) !== 'sha256')
        return [];
    return ['sig', 'att', 'sbom'].map((kind) => `${referrersTag(subject)}.${kind}`);
}
/** Pages of one list; a registry that has more of them leads in circles. */
const maxPages = 64;
/** Referrers of one digest, and bytes of pages that list them; usual lists have a few, on one page. */
const maxReferrers = 1000;
const maxListBytes = 16 * 1024 * 1024;
/**
 * The descriptors that a repository lists as referring to a digest (OCI distribution-spec 1.1, "Listing Referrers"),
 * by the referrers API or else the tag; each digest once. Only an entry's own manifest proves that it refers to it.
 * `observer` gets a warning about an answer that does not say whether there is such an API, and about a list of more
 * than 64 pages, of which the rest is not read.
 * Throws RegistryError SOURCE_TOO_LARGE for more than 1000 referrers, or more than 16 MiB of pages.
 */
async function listReferrers(client, repository, subject, observer) {
    const found = new Map();
    let [pages, bytes] = [0, 0];
    for await (const response of pagesOf(client, repository, subject)) {
        const entries = entriesOf(response, repository, subject);
        if (entries === undefined) {
            if (pages > 0 || !withoutApi.has(response.status))
                observer?.warning(unlisted(response, repository));
            return pages === 0 ? taggedReferrers(client, repository, subject) : [...found.values()];
        }
        for (const entry of entries)
            found.set(entry.digest, entry);
        pages += 1;
        bytes += response.body.byteLength;
        if (found.size > maxReferrers || bytes > maxListBytes)
            throw tooMany(response, repository, subject);
        if (pages === maxPages && nextPage(response) !== undefined) {
            observer?.warning(endless(repository, subject));
        }
    }
    return [...found.values()];
}
async function* pagesOf(client, repository, subject) {
    let target = `/v2/${repository.path}/referrers/${subject}`;
    for (let page = 1; target !== undefined && page <= maxPages; page += 1) {
        const response = await client.send({
            method: 'GET',
            repository,
            target,
            headers: { accept: media_types/* ociIndex */.KP },
            maxBodyBytes: oci_manifest/* manifestLimit */.t7,
            actions: ['pull'],
            priority: 'background',
        });
        yield response;
        target = nextPage(response);
    }
}
// The subset of RFC 8288 that registries use for further pages; only on their own origin.
function nextPage(response) {
    const links = response.headers.get('link')?.join(', ') ?? '';
    for (const [, target = '', parameters = ''] of links.matchAll(/<([^<>]*)>\s*;([^,<]*)/g)) {
        const url = /\brel="?next\b/i.test(parameters) ? URL.parse(target, response.url.href) : null;
        // The whole URL: a path such as //host/x alone would lead to another host.
        if (url?.origin === response.url.origin)
            return url.href;
    }
    return undefined;
}
/** Statuses of registries without the API. */
const withoutApi = new Set([404, 405, 410]);
/** The entries of a page; undefined when the answer is not a page. */
function entriesOf(response, repository, subject) {
    if (response.status >= 500 || response.status === 429) {
        throw registryError(response, { method: 'GET', verb: 'pull', repository, name: subject });
    }
    if (!isSuccess(response, 200))
        return undefined;
    try {
        const { content } = (0,oci_manifest/* parseManifest */.Ng)(response.body, media_types/* ociIndex */.KP);
        return content.kind === 'index' ? content.manifests : [];
    }
    catch (error) {
        if (!(error instanceof format_error/* FormatError */.IF))
            throw error;
        const message = `The referrers of ${formatTarget(repository, subject)} are not a valid list: ${error.message}`;
        throw new run_errors/* RegistryError */.gl('BAD_MANIFEST', message, failureOf('GET', response), {
            hint: `Expected ${error.expected}. To publish without signatures and other referrers, set copy-referrers to false.`,
            cause: error,
        });
    }
}
function unlisted({ status }, repository) {
    return `${(0,oci_reference/* formatRepository */.Sh)(repository)} does not list the referrers of its images (${status}): signatures and other referrers that only this list names stay behind`;
}
function endless(repository, subject) {
    return `${formatTarget(repository, subject)} has more than ${maxPages} pages of referrers: those on further pages stay behind`;
}
function tooMany(response, repository, subject) {
    const message = `${formatTarget(repository, subject)} has more than ${maxReferrers} referrers, or more than 16 MiB of them`;
    return new run_errors/* RegistryError */.gl('SOURCE_TOO_LARGE', message, failureOf('GET', response), {
        hint: 'To publish without signatures and other referrers, set copy-referrers to false.',
    });
}
async function taggedReferrers(client, repository, subject) {
    const held = await client.findManifest(repository, referrersTag(subject));
    const entries = taggedEntries(held, subject) ?? [];
    return [...new Map(entries.map((entry) => [entry.digest, entry])).values()];
}
/** The entries of the list under a referrers tag; undefined when the tag holds something else. */
function taggedEntries(held, subject) {
    if (held === undefined)
        return [];
    // GitLab reads such a tag as another spelling of the digest and serves the subject itself.
    if (held.digest === subject || held.content.kind !== 'index')
        return undefined;
    return held.content.manifests;
}
/** Attempts to add to a tag that others may write at the same time. */
const maxRounds = 3;
/**
 * Adds referrers to the tag that lists them for a subject, and keeps its entries; for registries that did not
 * process the subject themselves. Returns `occupied` when the tag holds something else, `overwritten` when it
 * does not list them after all attempts.
 */
async function addToReferrersTag(client, repository, { subject, referrers }) {
    const tag = referrersTag(subject);
    for (let round = 1;; round += 1) {
        const held = await client.findManifest(repository, tag);
        const entries = taggedEntries(held, subject);
        if (entries === undefined)
            return 'occupied';
        const listed = new Set(entries.map(({ digest }) => digest));
        const missing = referrers.filter(({ digest }) => !listed.has(digest));
        if (missing.length === 0)
            return 'listed';
        if (round > maxRounds)
            return 'overwritten';
        const annotations = held?.content.annotations ?? {};
        const index = (0,image_index/* assembleIndex */.Hw)([...entries, ...missing], { format: 'oci', annotations });
        await client.putManifest(repository, tag, index);
    }
}
/** The descriptor of a referrer in the list of its subject (OCI distribution-spec 1.1, "Listing Referrers"). */
function referrerDescriptor({ mediaType, digest, size, content }) {
    const configType = content.kind === 'image' ? content.config.mediaType : undefined;
    const artifactType = content.artifactType ?? configType;
    return {
        mediaType,
        digest,
        size,
        ...(content.annotations === undefined ? {} : { annotations: content.annotations }),
        ...(artifactType === undefined ? {} : { artifactType }),
    };
}

;// CONCATENATED MODULE: ./src/pipeline/copy/referrer-finder.ts





const none = { referrers: [], tagged: [] };
/** Finds signatures, attestations and other referrers at their source, once for all targets. */
class ReferrerFinder {
    #client;
    #observer;
    #found = new Map();
    #warned = new Set();
    constructor(client, observer) {
        this.#client = client;
        this.#observer = observer;
    }
    /** What refers to a manifest in the repository it comes from; nothing for a manifest from a file. */
    find(content) {
        const { store, manifest } = content;
        const { repository } = store;
        if (repository === undefined)
            return Promise.resolve(none);
        const key = `${store.name}@${manifest.digest}`;
        const known = this.#found.get(key) ?? this.#search(content, repository);
        this.#found.set(key, known);
        // The copy that needs it throws its failure.
        known.catch(() => undefined);
        return known;
    }
    /** Shows a warning once, however many images it is about. */
    warning(text) {
        if (this.#warned.has(text))
            return;
        this.#warned.add(text);
        this.#observer.warning(text);
    }
    async #search(content, repository) {
        const search = { of: content, repository, limits: referrerLimits(content) };
        const [referrers, tagged] = await Promise.all([
            this.#referrers(search),
            Promise.all(digestTags(content.manifest.digest).map((tag) => this.#tagged(tag, search))),
        ]);
        return { referrers: referrers.flat(), tagged: tagged.flat() };
    }
    async #referrers(search) {
        const { of, repository, limits } = search;
        const entries = await listReferrers(this.#client, repository, of.manifest.digest, this);
        limits.count(entries);
        return Promise.all(entries.map((entry) => this.#referrer(entry, search)));
    }
    async #referrer(entry, search) {
        const { of, repository } = search;
        if (!media_types/* manifestTypes */.Fm.includes(entry.mediaType)) {
            this.#observer.warning(`${entry.digest}, which refers to ${of.label}, was not copied: ${entry.mediaType} is not a manifest type that can be copied`);
            return [];
        }
        const manifest = await this.#client.findManifest(repository, entry.digest, entry.size);
        if (manifest === undefined) {
            this.#observer.warning(`${entry.digest}, which is listed as a referrer of ${of.label}, was not copied: it does not exist`);
            return [];
        }
        if (manifest.content.subject?.digest !== of.manifest.digest) {
            this.#observer.debug(`${entry.digest} is listed as a referrer of ${of.manifest.digest}, but does not refer to it`);
            return [];
        }
        return [await this.#tree(manifest, `${kindOf(manifest)} of ${of.label}`, search)];
    }
    async #tagged(tag, search) {
        const { of, repository } = search;
        if ((await this.#client.headManifest(repository, tag, 'background')) === undefined)
            return [];
        const manifest = await this.#client.findManifest(repository, tag);
        if (manifest === undefined)
            return [];
        const kind = tag.slice(tag.lastIndexOf('.') + 1);
        const content = await this.#tree(manifest, `cosign's ${kind} of ${of.label}`, search);
        return [{ tag, content }];
    }
    #tree(manifest, label, { of, limits }) {
        return treeOf({ manifest, store: of.store, label, limits });
    }
}
function kindOf({ content }) {
    const configType = content.kind === 'image' ? content.config.mediaType : 'index';
    return content.artifactType ?? configType;
}
/**
 * Whether `more` holds everything that `less` holds: cosign adds signatures as further layers. It keeps a signature in
 * an annotation of its layer, whose content is equal for all who sign one image, so whole descriptors are compared.
 */
function includes(more, less) {
    const held = new Set(partsOf(more));
    return partsOf(less).every((part) => held.has(part));
}
function partsOf({ content }) {
    const parts = content.kind === 'image' ? content.layers : content.manifests;
    return parts.map(oci_descriptor/* canonicalDescriptor */.C_);
}
/** One set of limits for all that refers to a manifest: the list of referrers, and what those list. */
function referrerLimits({ label, store }) {
    const hint = 'Inspect the referrers with `oras discover NAME`, or set `copy-referrers: false` to copy without them.';
    return new TreeLimits(`the referrer tree of ${label} in ${store.name}`, hint);
}

;// CONCATENATED MODULE: ./src/run/poll.ts
/** Looks until there is a result or the time that the last look allowed is over; the last look is at its end. */
async function pollUntil(clock, pauses, look) {
    for (let pause = pauses.first;; pause = Math.min(pause * 2, pauses.max)) {
        const found = await look();
        if ('result' in found)
            return found.result;
        const left = found.retryUntil - clock.now();
        if (left <= 0)
            return found.otherwise();
        await clock.sleep(Math.min(pause, left));
    }
}

;// CONCATENATED MODULE: ./src/registry/put-manifest.ts



const missingChildCodes = new Set([
    'MANIFEST_BLOB_UNKNOWN',
    'MANIFEST_UNKNOWN',
    'BLOB_UNKNOWN',
]);
/** Whether a registry refused a manifest because it does not know something the manifest refers to. */
function isMissingChild(error) {
    return error instanceof run_errors/* RegistryError */.gl && error.failure.codes.some((code) => missingChildCodes.has(code));
}
/** Milliseconds that a registry may take to see children it has just accepted. */
const maxChildrenDelay = 30_000;
/**
 * Pushes a manifest, and again while the registry does not yet see the children it has just accepted. Throws
 * RegistryError CHILDREN_MISSING, naming the entries that are missing in the repository, when it never does.
 */
async function putManifestOnceChildrenAppear(manifest, target, { client, clock }) {
    const { repository, name } = target;
    const retryUntil = clock.now() + maxChildrenDelay;
    const outcome = await pollUntil(clock, { first: 500, max: 4000 }, async () => {
        try {
            return { result: await client.putManifest(repository, name, manifest) };
        }
        catch (error) {
            if (isMissingChild(error))
                return { retryUntil, otherwise: () => error };
            throw error;
        }
    });
    if (!(outcome instanceof run_errors/* RegistryError */.gl))
        return outcome;
    throw await childrenMissing(outcome, manifest, repository, client);
}
async function childrenMissing(cause, { content }, repository, client) {
    const entries = content.kind === 'index' ? content.manifests.map(({ digest }) => digest) : [];
    const held = await Promise.all(entries.map((digest) => isHeld(digest, repository, client)));
    const missing = entries.filter((_, at) => held[at] === 'no');
    const where = missing.length === 0 ? '' : `; missing in ${(0,oci_reference/* formatRepository */.Sh)(repository)}: ${missing.join(', ')}`;
    const message = `${cause.message}, for ${maxChildrenDelay / 1000} s${where}`;
    return new run_errors/* RegistryError */.gl('CHILDREN_MISSING', message, cause.failure, {
        hint: 'Build and push the images again: a clean-up may have deleted them. If nothing is missing, run the job again.',
        cause,
    });
}
async function isHeld(digest, repository, client) {
    try {
        return (await client.headManifest(repository, digest))?.digest === digest ? 'yes' : 'no';
    }
    catch (error) {
        if (error instanceof run_errors/* ActionError */.lZ)
            return 'unknown';
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/pipeline/copy/manifests.ts






/**
 * Copies manifests with everything under them to one repository. They are a graph: a node is a manifest, copied once
 * however many indexes list it; an edge leads from an index to what it lists, which is copied first.
 */
class ManifestCopier {
    target;
    #blobs;
    #context;
    /** The nodes: each settles when the repository holds the manifest and everything under it. */
    #copies = new Map();
    #countedBlobs = new Set();
    #unlisted = new Map();
    #copied = 0;
    /** Copies to the repository that `blobs` copies to. */
    constructor(blobs, context) {
        this.target = blobs.target;
        this.#blobs = blobs;
        this.#context = context;
    }
    /** Manifests pushed so far. */
    get copied() {
        return this.#copied;
    }
    /** Manifests pushed that refer to a subject, where the registry did not process the subject; by subject. */
    get unlisted() {
        return this.#unlisted;
    }
    /** Makes the repository hold the contents and everything under them; reads and writes each manifest once. */
    async ensure(contents) {
        const nodes = flattened(contents);
        const fresh = nodes.filter(({ manifest }) => !this.#copies.has(manifest.digest));
        const missing = this.#findMissing(fresh);
        // Children stand before their index, so that every edge leads to a node that exists.
        for (const node of fresh)
            this.#copies.set(node.manifest.digest, this.#copy(node, missing));
        await Promise.all([missing, this.#allCopied(nodes)]);
    }
    async #allCopied(nodes) {
        await Promise.all(nodes.map(({ manifest }) => this.#copies.get(manifest.digest)));
    }
    // Looks for all at once, so that the largest blobs of all can start first.
    async #findMissing(nodes) {
        const held = await Promise.all(nodes.map((node) => this.#isHeld(node)));
        const missing = nodes.filter((_, at) => held[at] === false);
        this.#startBlobs(missing);
        return new Set(missing);
    }
    // A registry that holds a manifest holds everything under it.
    async #isHeld(node) {
        const { digest } = node.manifest;
        try {
            const head = await this.#context.client.headManifest(this.target, digest);
            // Some registries answer 200 to any request.
            return head?.digest === digest;
        }
        catch (error) {
            // A login may be allowed to push what it cannot read yet.
            if (error instanceof run_errors/* AuthError */.lR || error instanceof run_errors/* RegistryError */.gl)
                return false;
            throw (0,run_errors/* withContext */.eQ)(nameOf(node), error);
        }
    }
    // A large blob that starts last would run on alone.
    #startBlobs(nodes) {
        const blobs = nodes.flatMap(({ manifest, store }) => blobsOf(manifest).map((descriptor) => ({ descriptor, store })));
        blobs.sort((one, other) => other.descriptor.size - one.descriptor.size);
        for (const { descriptor, store } of blobs) {
            // The manifest that needs the blob throws its failure.
            this.#blobs.ensure(descriptor, store).catch(() => undefined);
        }
    }
    async #copy(node, missing) {
        await this.#allCopied(node.children);
        const isMissing = (await missing).has(node);
        try {
            await (isMissing ? this.#push(node) : this.#declareSubject(node));
        }
        catch (error) {
            throw (0,run_errors/* withContext */.eQ)(nameOf(node), error);
        }
    }
    async #push(node) {
        const counts = await this.#copyBlobs(node);
        await this.#put(node.manifest);
        this.#copied += 1;
        const listed = node.children.length;
        const what = listed > 0 ? `${listed} manifests` : describeCounts(counts);
        this.#context.observer.info(`Copied ${nameOf(node)} to ${(0,oci_reference/* formatRepository */.Sh)(this.target)}: ${what}`);
    }
    // Only a push shows whether the registry has processed the subject of a manifest that it holds.
    async #declareSubject({ label, manifest }) {
        this.#context.observer.info(`${label} is already in ${(0,oci_reference/* formatRepository */.Sh)(this.target)}`);
        if (manifest.content.subject !== undefined)
            await this.#put(manifest);
    }
    async #copyBlobs({ manifest, store }) {
        const counts = blobsOf(manifest).map(async (descriptor) => {
            const isCounted = this.#countedBlobs.has(descriptor.digest);
            this.#countedBlobs.add(descriptor.digest);
            const outcome = await this.#blobs.ensure(descriptor, store);
            return countOf(isCounted && outcome !== 'external' ? 'present' : outcome, descriptor.size);
        });
        return sumOf(await Promise.all(counts));
    }
    async #put(manifest) {
        const place = { repository: this.target, name: manifest.digest };
        const receipt = await putManifestOnceChildrenAppear(manifest, place, this.#context);
        const subject = manifest.content.subject?.digest;
        if (subject === undefined || receipt.subject !== undefined)
            return;
        const listed = this.#unlisted.get(subject) ?? [];
        this.#unlisted.set(subject, [...listed, referrerDescriptor(manifest)]);
    }
}
/** As messages name a manifest: `linux/arm64 from ghcr.io/acme/app`. */
function nameOf({ label, store }) {
    return `${label} from ${store.name}`;
}
function blobsOf({ content }) {
    if (content.kind === 'index')
        return [];
    const blobs = [content.config, ...content.layers];
    return [...new Map(blobs.map((descriptor) => [descriptor.digest, descriptor])).values()];
}

;// CONCATENATED MODULE: ./src/pipeline/copy/referrers.ts




/** How far referrers of referrers are followed. */
const maxReferrerDepth = 4;
/** Copies what refers to copied manifests to the same repository, and what refers to that in turn. */
class ReferrerCopier {
    #manifests;
    #finder;
    #context;
    #visited = new Set();
    #copied = 0;
    /** Copies to the repository that `manifests` copies to. */
    constructor(manifests, finder, context) {
        this.#manifests = manifests;
        this.#finder = finder;
        this.#context = context;
    }
    /** Signatures, attestations and other referrers copied so far. */
    get copied() {
        return this.#copied;
    }
    /**
     * Copies the referrers of a content once the content itself is there: only in this order do some registries link
     * them.
     */
    async copyReferrersOf(content, depth = 1) {
        const { digest } = content.manifest;
        if (this.#visited.has(digest) || depth > maxReferrerDepth)
            return;
        this.#visited.add(digest);
        const search = this.#finder.find(content);
        await this.#manifests.ensure([content]);
        const { referrers, tagged } = await search.catch((error) => {
            throw (0,run_errors/* withContext */.eQ)(`referrers of ${content.label} in ${content.store.name}`, error);
        });
        const found = [...referrers, ...tagged.map((each) => each.content)];
        await this.#manifests.ensure(found);
        await Promise.all(tagged.map((each) => this.#tag(each.tag, each.content)));
        this.#copied += found.length;
        await Promise.all(found.map((each) => this.copyReferrersOf(each, depth + 1)));
    }
    // Signatures made in the target must not be lost to those of the source.
    async #tag(tag, { manifest, label }) {
        const { client, observer } = this.#context;
        const { target } = this.#manifests;
        const held = await client.findManifest(target, tag);
        if (held !== undefined && includes(held, manifest))
            return;
        if (held === undefined || includes(manifest, held)) {
            await client.putManifest(target, tag, manifest);
            return;
        }
        observer.warning(`${label} was copied to ${(0,oci_reference/* formatRepository */.Sh)(target)} as ${manifest.digest}, but the tag ${tag} there keeps ${held.digest}, which has content that the source does not have`);
    }
    /** Lists referrers under their subjects' tags, where the registry did not process the subjects itself. */
    async list(unlisted) {
        const { client, observer } = this.#context;
        const { target } = this.#manifests;
        const listings = [...unlisted].map(async ([subject, referrers]) => {
            const outcome = await addToReferrersTag(client, target, { subject, referrers });
            if (outcome === 'listed')
                return;
            const reason = outcome === 'occupied' ? 'it holds something else' : 'another client keeps overwriting it';
            observer.warning(`${(0,oci_reference/* formatRepository */.Sh)(target)} holds the referrers of ${subject}, but its tag ${referrersTag(subject)} does not list them: ${reason}`);
        });
        await Promise.all(listings);
    }
}

;// CONCATENATED MODULE: ./src/pipeline/copy/target.ts







/**
 * Copies contents with everything under them to the repository of `blobs`, and their referrers if there is a
 * `finder`. Errors name the repository and the content.
 */
async function copyToTarget(contents, blobs, finder, context) {
    const repository = blobs.target;
    const name = (0,oci_reference/* formatRepository */.Sh)(repository);
    const manifests = new ManifestCopier(blobs, context);
    try {
        const referrers = await copyAll(contents, manifests, finder, context);
        const { copied } = manifests;
        const result = { ...blobs.counts, manifests: copied, referrers, milliseconds: blobs.elapsed, repository };
        if (copied > 0)
            context.observer.info(`Copied to ${name} in total: ${describeResult(result)}`);
        return result;
    }
    catch (error) {
        throw (0,run_errors/* withContext */.eQ)(`Copying to ${name} failed`, error);
    }
}
async function copyAll(contents, manifests, finder, context) {
    const copied = manifests.ensure(contents);
    if (finder === undefined) {
        await copied;
        return 0;
    }
    const referrers = new ReferrerCopier(manifests, finder, context);
    await Promise.all([copied, ...flattened(contents).map((content) => referrers.copyReferrersOf(content))]);
    await referrers.list(manifests.unlisted);
    return referrers.copied;
}
function describeResult(result) {
    const { bytes, milliseconds, manifests, referrers } = result;
    const note = referrers === 0 ? '' : `, ${referrers} of them referrers`;
    const seconds = (milliseconds / 1000).toFixed(1);
    const count = `${manifests} ${manifests === 1 ? 'manifest' : 'manifests'}`;
    return `${count}${note}, ${describeCounts(result)} in ${seconds} s, ${formatRate(bytes, milliseconds)}`;
}

;// CONCATENATED MODULE: ./src/pipeline/copy/copy.ts







/**
 * Copies what a tag will refer to into every target repository that it does not come from: mounted from another
 * repository of the registry where possible, also from another target, else streamed. All targets at once; when one
 * fails, the others stop, and the error says what failed where. Gives a result for each target that was copied to.
 */
async function copyContent(plan, index, referrers, context) {
    const all = await contentOf(plan, index);
    const jobs = plan.targets
        .map(({ repository }) => ({ target: repository, contents: foreignTo(repository, all) }))
        .filter(({ contents }) => contents.length > 0);
    for (const job of jobs)
        declareAccess(context.client, job);
    const finder = referrers === 'copy' ? new ReferrerFinder(context.client, context.observer) : undefined;
    return copy_copyAll(jobs, finder, context);
}
function foreignTo(target, contents) {
    return contents.filter(({ store: { repository } }) => {
        return repository === undefined || !(0,oci_reference/* sameRepository */.RB)(repository, target);
    });
}
// A mount reads one repository and writes another with the same token.
function declareAccess(client, { target, contents }) {
    client.declareAccess(target, ['pull', 'push']);
    for (const { store } of flattened(contents)) {
        if (store.repository?.registry === target.registry)
            client.declareAccess(store.repository, ['pull']);
    }
}
function copy_copyAll(jobs, finder, context) {
    const limitFor = transferLimits();
    const stop = new AbortController();
    const neighbours = new Map();
    const copies = jobs.map(async ({ target, contents }) => {
        const neighbour = neighbours.get(target.registry);
        const blobs = new BlobCopier(target, { neighbour, limit: limitFor(), signal: stop.signal }, context);
        neighbours.set(target.registry, neighbour ?? blobs);
        try {
            return await copyToTarget(contents, blobs, finder, context);
        }
        catch (error) {
            stop.abort(stopped);
            throw error;
        }
    });
    return (0,run_errors/* waitForAll */.gu)(copies, combineCopies);
}
/** Why a copy ends that did not fail itself. */
const stopped = new run_errors/* ActionError */.lZ('STOPPED', 'Stopped, because another copy failed');
/** The failures of several targets as one; targets that only stopped do not count. */
const combineCopies = (failures) => {
    const [first = stopped, ...others] = failures.filter(({ code }) => code !== stopped.code);
    if (others.length === 0)
        return first;
    const lines = [first, ...others].map(({ message }) => message);
    const message = `${lines.length} targets could not be copied to:\n${lines.join('\n')}`;
    return new run_errors/* ActionError */.lZ('COPY_FAILED', message, { hint: first.hint, cause: first });
};

;// CONCATENATED MODULE: ./src/pipeline/previous-tags.ts


/** The digest that a tag held before, if it is known. */
function previousDigest(previous) {
    return previous === 'unknown' ? undefined : previous;
}
/** Milliseconds after which readings are too old to move tags by. */
const maxAge = 5_000;
/** What tags held before the run; the reads start at once, with low priority. */
class PreviousTags {
    #tags;
    #context;
    #started;
    #reads = new Map();
    /** The results of the reads that have ended. */
    #known = new Map();
    constructor(tags, context) {
        this.#tags = tags;
        this.#context = context;
        this.#started = context.clock.now();
        for (const tag of tags) {
            const read = this.#read(tag);
            // A failure belongs to the stage that asks for the tag; until then it must not end the process.
            read.catch(() => undefined);
            this.#reads.set((0,oci_reference/* formatReference */.FH)(tag), read);
        }
    }
    async #read(tag) {
        const previous = await this.#head(tag);
        this.#known.set((0,oci_reference/* formatReference */.FH)(tag), previous);
        return previous;
    }
    async #head({ repository, tag }) {
        try {
            return (await this.#context.client.headManifest(repository, tag, 'background'))?.digest;
        }
        catch (error) {
            // A login may be allowed to push what it cannot read; the push itself shows whether it is.
            if (isDenied(error))
                return 'unknown';
            throw error;
        }
    }
    /** What a tag held; waits for the read, and throws its failure unless the registry denied it. */
    async of(tag) {
        return this.#reads.get((0,oci_reference/* formatReference */.FH)(tag));
    }
    /** Whether a tag is known by now to have held this digest; never waits. */
    isKnownToHold(tag, digest) {
        return this.#known.get((0,oci_reference/* formatReference */.FH)(tag)) === digest;
    }
    /** These readings, or new ones when they are more than 5 seconds old. */
    current() {
        const age = this.#context.clock.now() - this.#started;
        return age < maxAge ? this : new PreviousTags(this.#tags, this.#context);
    }
}
function isDenied(error) {
    if (error instanceof run_errors/* AuthError */.lR)
        return true;
    return error instanceof run_errors/* RegistryError */.gl && error.failure.status < 500 && error.code !== 'RATE_LIMITED';
}

;// CONCATENATED MODULE: ./src/pipeline/dry-run.ts



/** Logs for each tag what it holds and what a push would change; writes nothing. */
async function untouchedTags(manifest, tags, previous, { observer }) {
    const found = await Promise.all(tags.map(async (tag) => ({ tag, held: await previous.of(tag) })));
    for (const { tag, held } of found)
        observer.info(describeTag(manifest, tag, held));
    return found.map(({ tag, held }) => {
        return { ...tag, previous: previousDigest(held), state: held === 'unknown' ? 'unknown' : 'dry-run' };
    });
}
/** Checks for each repository whether a push would be allowed, and warns of those where it would not; writes nothing. */
async function checkPushAccess(targets, { client, observer }) {
    const checks = await Promise.all(targets.map(async ({ repository, tags: [tag = 'latest'] }) => {
        return { repository, ...(await checkGrant(repository, tag, client)) };
    }));
    return checks.map(({ repository, grant, reason }) => {
        const name = (0,oci_reference/* formatRepository */.Sh)(repository);
        if (grant === 'unknown')
            observer.info(`${name}: whether a push is allowed is unknown without a write`);
        if (grant === 'denied')
            observer.warning(`A push to ${name} would be denied: ${reason}`);
        return { repository, grant };
    });
}
async function checkGrant(repository, tag, client) {
    try {
        return { grant: await client.pushGrant(repository, tag), reason: 'the token may only read.' };
    }
    catch (error) {
        if (!(error instanceof run_errors/* ActionError */.lZ))
            throw error;
        const grant = error instanceof run_errors/* AuthError */.lR ? 'denied' : 'unknown';
        return { grant, reason: `${error.message}. ${error.hint ?? ''}`.trim() };
    }
}
function describeTag(manifest, tag, held) {
    const name = (0,oci_reference/* formatReference */.FH)(tag);
    return held === manifest.digest
        ? `${name} already holds ${manifest.digest}`
        : `${name}: ${held ?? 'new'} \u2192 ${manifest.digest}, not written`;
}

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __nccwpck_require__(1455);
// EXTERNAL MODULE: ./src/sources/resolve/draft-directory.ts
var draft_directory = __nccwpck_require__(9712);
;// CONCATENATED MODULE: ./src/pipeline/purge.ts




/**
 * Removes the local drafts that `docker manifest create` left for exactly these tags, as
 * `docker manifest push --purge` does, so that the next create starts from nothing.
 *
 * Only real directories are removed: a symbolic link or a file in a draft's place stays. Links inside a draft are
 * unlinked, never followed.
 *
 * @returns the tags whose drafts were removed, as people write them; each once, in the given order
 * @throws the file system's error when a draft exists and cannot be removed.
 */
async function purgeDrafts(tags, dockerConfig) {
    if (!(await isDirectory((0,draft_directory/* draftsDirectory */.G)(dockerConfig))))
        return [];
    const drafts = new Map(tags.map((tag) => [(0,draft_directory/* draftDirectory */.j)(dockerConfig, tag), (0,oci_reference/* familiarReference */.ZD)(tag)]));
    const purged = [];
    for (const [directory, name] of drafts) {
        if (!(await isDirectory(directory)))
            continue;
        await (0,promises_.rm)(directory, { recursive: true, force: true });
        purged.push(name);
    }
    return purged;
}
/**
 * Purges the drafts in a docker configuration directory, if the request says so and every tag was read back;
 * returns the tags whose drafts were removed. A draft that cannot be removed is a warning: the push took effect.
 */
async function purgeAfterPush(verified, request, dockerConfig, { observer }) {
    if (request.drafts === 'keep' || verified.state !== 'read')
        return [];
    try {
        const purged = await purgeDrafts(request.tags, dockerConfig);
        for (const name of purged)
            observer.info(`Removed the local draft of ${name}`);
        return purged;
    }
    catch (error) {
        observer.warning(`A local draft could not be removed: ${(0,run_errors/* messageOf */.bD)(error)}`);
        return [];
    }
}
async function isDirectory(path) {
    try {
        return (await (0,promises_.lstat)(path)).isDirectory();
    }
    catch (error) {
        if ((0,run_errors/* isAbsent */.W0)(error))
            return false;
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/pipeline/tag-outcome.ts

/** Whether the tag holds our manifest now. */
function isPushed(outcome) {
    return outcome.state !== 'failed' && outcome.state !== 'untried';
}
/** Whether the registry itself denied a write; after 408 and 429 an earlier try may still have taken effect. */
function isRefusal(error) {
    if (error instanceof run_errors/* AuthError */.lR || error instanceof run_errors/* ConflictError */.fK)
        return true;
    if (!(error instanceof run_errors/* RegistryError */.gl))
        return false;
    const { status } = error.failure;
    return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
/** Some of several tags could not be set. */
class TagsError extends run_errors/* ActionError */.lZ {
    /** Every tag of the run. */
    tags;
    constructor(message, tags, options) {
        super('TAGS_FAILED', message, options);
        this.tags = tags;
    }
}

;// CONCATENATED MODULE: ./src/pipeline/restore.ts


/**
 * Moves tags back to the digest they had, unless someone else has moved them since: the tags that this run set,
 * and those that it may have set although the push failed. One after the other, since some registries cannot take
 * one manifest under several tags at once. A tag that this run created stays: registries have no common way to
 * remove only a tag. A registry's failure is never thrown; it becomes the tag's state.
 */
async function restoreTags(manifest, outcomes, onTag, context) {
    const restored = [];
    for (const outcome of outcomes) {
        const tag = { repository: outcome.repository, tag: outcome.tag };
        // Each tag is read right before it is written: restoring the others may have taken minutes.
        const finding = await findingOf(manifest.digest, outcome, context);
        const isUntouched = finding.kind === 'untouched';
        const standing = finding.kind === 'restorable' ? await putBack(tag, finding, onTag, context) : finding;
        restored.push({ ...tag, state: standing.state, standing: standing.standing, isUntouched });
    }
    return restored;
}
async function findingOf(ours, outcome, context) {
    switch (outcome.state) {
        case 'untried':
            return restore_final('untouched', 'not created, because other tags could not be set');
        case 'unchanged':
            return restore_final('untouched', `unchanged, holds ${ours}`);
        case 'created':
            return restore_final('created', `created, holds ${ours}`);
        case 'moved':
            return findingOfMoved(ours, outcome, context);
        case 'failed':
            return findingOfFailed(ours, outcome, await readTag(ours, outcome, context));
    }
}
function restore_final(standing, state) {
    return { kind: 'final', standing, state };
}
async function findingOfMoved(ours, tag, context) {
    const { previous } = tag;
    if (previous === undefined) {
        return restore_final('moved', `moved to ${ours}; what it held before could not be read`);
    }
    const moved = `moved to ${ours} and could not be put back to ${previous}`;
    const reading = await readTag(ours, tag, context);
    switch (reading.kind) {
        case 'ours':
        // A registry may still show the old manifest; writing it again does no harm.
        case 'previous':
            return { kind: 'restorable', previous, otherwise: moved };
        case 'foreign':
            return restore_final('overtaken', `holds ${reading.held}, which someone else pushed`);
        case 'missing':
            return restore_final('overtaken', 'is gone: someone else removed it');
        case 'unreadable':
            return restore_final('moved', `${moved}: ${reading.error.message}`);
    }
}
function findingOfFailed(ours, { previous, error }, reading) {
    const reason = (0,run_errors/* messageOf */.bD)(error);
    switch (reading.kind) {
        case 'ours':
            return previous === undefined
                ? restore_final('created', `created despite the error, holds ${ours}: ${reason}`)
                : {
                    kind: 'restorable',
                    previous,
                    otherwise: `moved despite the error, and could not be put back: ${reason}`,
                };
        case 'unreadable':
            // Only the last try was denied; an earlier one may have taken effect without a response.
            return isRefusal(error)
                ? { kind: 'untouched', standing: 'unknown', state: `probably not moved: ${reason}` }
                : restore_final('unknown', `may have been moved: ${reason}`);
        default:
            return { kind: 'untouched', standing: 'untouched', state: `not moved: ${reason}` };
    }
}
async function readTag(ours, tag, { client }) {
    try {
        const held = (await client.headManifest(tag.repository, tag.tag))?.digest;
        if (held === undefined)
            return { kind: 'missing' };
        if (held === ours)
            return { kind: 'ours' };
        return held === tag.previous ? { kind: 'previous' } : { kind: 'foreign', held };
    }
    catch (error) {
        if (error instanceof run_errors/* ActionError */.lZ)
            return { kind: 'unreadable', error };
        throw error;
    }
}
async function putBack(tag, { previous, otherwise }, onTag, { client }) {
    try {
        const before = await client.getManifest(tag.repository, previous);
        onTag(tag, 'underway');
        await client.putManifest(tag.repository, tag.tag, before);
        onTag(tag, 'left');
        return { standing: 'restored', state: `put back to ${previous}` };
    }
    catch (error) {
        if (!(error instanceof run_errors/* ActionError */.lZ))
            throw error;
        return { standing: 'moved', state: `${otherwise}: ${error.message}` };
    }
}

;// CONCATENATED MODULE: ./src/pipeline/push.ts






/**
 * Sets every tag to the manifest, whose children the repositories already hold: by digest into each repository
 * first, unless there is only one tag, then all existing tags at once, then all new ones. A tag that already holds
 * the manifest is not written, nor is anything written to a repository where all tags hold it.
 * No tag is set when one of them cannot be read. When one cannot be set, the tags that this run moved go back to
 * what they held, and the error thrown lists the state of every tag.
 */
async function pushTags(manifest, targets, { previous, onTag }, context) {
    const tags = targets.flatMap(tagsOf);
    if (tags.length > 1) {
        await Promise.all(targets.map((target) => putByDigest(manifest, target, previous, context)));
    }
    const pushes = await Promise.all(tags.map(async (tag) => ({ manifest, tag, before: await previous.of(tag), onTag })));
    const outcomes = await pushInTurn(pushes, context);
    for (const outcome of outcomes) {
        if (isPushed(outcome))
            context.observer.info(push_describeTag(outcome, manifest));
    }
    if (outcomes.every(isPushed))
        return outcomes;
    throw await halfDone(manifest, outcomes, onTag, context);
}
function tagsOf({ repository, tags }) {
    return tags.map((tag) => ({ repository, tag }));
}
async function putByDigest(manifest, target, previous, context) {
    const { digest } = manifest;
    // To wait for reads of tags that are still under way would cost a round trip.
    if (tagsOf(target).every((tag) => previous.isKnownToHold(tag, digest)))
        return;
    await putManifestOnceChildrenAppear(manifest, { repository: target.repository, name: digest }, context);
}
function push_describeTag(tag, manifest) {
    const name = (0,oci_reference/* formatReference */.FH)(tag);
    if (tag.state === 'unchanged')
        return `${name} already holds ${manifest.digest}`;
    const before = tag.previous ?? (tag.state === 'created' ? 'new' : 'unknown');
    return `${name}: ${before} \u2192 ${manifest.digest}`;
}
// New tags go last: registries have no common way to remove only a tag.
async function pushInTurn(pushes, context) {
    const existing = pushes.filter(({ before }) => before !== undefined);
    const fresh = pushes.filter(({ before }) => before === undefined);
    const moved = await pushTogether(existing, context);
    const created = moved.every(isPushed)
        ? await pushTogether(fresh, context)
        : fresh.map(({ tag }) => ({ ...tag, state: 'untried' }));
    return pushes.flatMap((push) => moved[existing.indexOf(push)] ?? created[fresh.indexOf(push)] ?? []);
}
// Some registries cannot take one manifest under several tags at once: retry those tags one by one.
async function pushTogether(pushes, context) {
    const outcomes = await Promise.all(pushes.map((push) => pushTag(push, context)));
    if (pushes.length === 1)
        return outcomes;
    for (const [at, push] of pushes.entries()) {
        if (!mayPassAlone(outcomes[at]))
            continue;
        outcomes[at] = await pushTag(push, context);
        // The other tags are not the reason when it fails alone, too.
        if (!isPushed(outcomes[at]))
            break;
    }
    return outcomes;
}
const hopelessAlone = new Set(['TOO_LARGE', 'RATE_LIMITED']);
function mayPassAlone(outcome) {
    if (outcome?.state !== 'failed')
        return false;
    const { error } = outcome;
    return error instanceof run_errors/* ConflictError */.fK || (error instanceof run_errors/* RegistryError */.gl && !hopelessAlone.has(error.code));
}
async function pushTag(push, context) {
    const { manifest, tag, before, onTag } = push;
    if (before === manifest.digest)
        return unchanged(push);
    onTag(tag, 'underway');
    try {
        const place = { repository: tag.repository, name: tag.tag };
        const { proof } = await putManifestOnceChildrenAppear(manifest, place, context);
        return set(push, proof);
    }
    catch (error) {
        return afterFailure(push, error, context);
    }
}
function unchanged({ manifest, tag }) {
    return { ...tag, previous: manifest.digest, state: 'unchanged', proof: 'digest' };
}
function set({ tag, before, onTag }, proof) {
    onTag(tag, 'set');
    const state = before === undefined ? 'created' : 'moved';
    return { ...tag, previous: previousDigest(before), state, proof };
}
// A registry with immutable tags denies every write of a tag, also one that would change nothing.
async function afterFailure(push, error, context) {
    const { manifest, tag, onTag } = push;
    if (!(error instanceof run_errors/* ActionError */.lZ))
        return failed(push, error);
    const held = (await context.client.headManifest(tag.repository, tag.tag).catch(() => undefined))?.digest;
    if (held === undefined)
        return failed(push, error);
    if (held !== manifest.digest)
        return failed(push, besideHeld(push, held, error));
    // If the write was not denied, the tag shows our own write, whose response was lost.
    if (!isRefusedWrite(error))
        return set(push, 'digest');
    onTag(tag, 'left');
    return unchanged(push);
}
function failed({ tag, before, onTag }, error) {
    if (isRefusal(error))
        onTag(tag, 'left');
    return { ...tag, previous: previousDigest(before), state: 'failed', error };
}
const refusedWrites = new Set([400, 405, 409, 412, 422]);
function isRefusedWrite(error) {
    if (error instanceof run_errors/* AuthError */.lR)
        return true;
    return error instanceof run_errors/* RegistryError */.gl && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}
// 403 may mean that the tag is immutable, or that the login may not push.
function besideHeld({ manifest, tag }, held, cause) {
    const remedy = 'Publish under a new tag if this one is immutable.';
    if (cause instanceof run_errors/* AuthError */.lR) {
        const message = `${cause.message}; the tag holds ${held}, not ${manifest.digest}`;
        return new run_errors/* AuthError */.lR(cause.code, message, { hint: `${cause.hint ?? ''} ${remedy}`.trim(), cause });
    }
    if (!isRefusedWrite(cause))
        return cause;
    return new run_errors/* ConflictError */.fK('TAG_REFUSED', `${(0,oci_reference/* formatReference */.FH)(tag)} holds ${held} and the registry refuses to move it to ${manifest.digest}: ${cause.message}`, { hint: remedy, cause });
}
// The tags go back first, also when the error is a bug.
async function halfDone(manifest, outcomes, onTag, context) {
    const restored = await restoreTags(manifest, outcomes, onTag, context);
    const errors = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
    const unset = outcomes.filter((outcome) => !isPushed(outcome)).length;
    const lines = restored.map((each) => `${(0,oci_reference/* formatReference */.FH)(each)}: ${each.state}`);
    return (0,run_errors/* combined */.yX)(errors, ([cause]) => {
        if (outcomes.length === 1 && restored[0]?.isUntouched)
            return cause;
        const message = `${unset} of ${outcomes.length} tags could not be set:\n${lines.join('\n')}`;
        return new TagsError(message, restored, { hint: cause.hint, cause });
    });
}

;// CONCATENATED MODULE: ./src/pipeline/verify.ts



/**
 * How long, in milliseconds, a tag may show anything but our manifest. A replica or cache may be slow; a third
 * manifest may come from a replica far behind, but more likely another run has pushed the tag.
 */
const timeouts = { stale: 30_000, missing: 30_000, foreign: 4_000, unusable: 4_000 };
/**
 * Reads every tag back and compares its bytes. Nothing is written again: the tag may be another run's by now.
 *
 * | the tag shows, until its timeout | then |
 * |---|---|
 * | our manifest | it is verified |
 * | its old manifest, or nothing | a warning if the registry serves ours by digest, else VerifyError NOT_SERVED |
 * | another manifest | VerifyError OVERTAKEN |
 * | something that is not a manifest, or the wrong bytes | RegistryError BAD_MANIFEST, IntegrityError |
 * | an error | a warning if the registry named our digest when it was pushed, else that error |
 *
 * The failures of several tags are thrown as one.
 */
async function verifyTags(manifest, tags, context) {
    const readings = await (0,run_errors/* waitForAll */.gu)(tags.map((tag) => verifyOrConfirm(manifest, tag, context)), ([first, ...others]) => {
        if (others.length === 0)
            return first;
        const messages = [first, ...others].map(({ message }) => message);
        return new run_errors/* VerifyError */.Gz(first.code, messages.join('\n'), { hint: first.hint, cause: first });
    });
    const served = readings.filter((reading) => reading !== 'confirmed');
    context.observer.info(`Read back ${served.length} of ${tags.length} tags: ${manifest.digest}`);
    return { served: served[0] ?? manifest, state: served.length === tags.length ? 'read' : 'confirmed' };
}
// The push took effect; a step that fails after it would claim that it did not.
async function verifyOrConfirm(manifest, tag, context) {
    try {
        return await verifyTag(manifest, tag, context);
    }
    catch (error) {
        if (!isUnreadable(error) || tag.proof !== 'digest')
            throw error;
        context.observer.warning(`${(0,oci_reference/* formatReference */.FH)(tag)} could not be read back, though the registry confirmed ${manifest.digest}: ${error.message}`);
        return 'confirmed';
    }
}
// Wrong bytes, or another list than ours, were read all the same.
function isUnreadable(error) {
    if (error instanceof run_errors/* VerifyError */.Gz || error instanceof run_errors/* IntegrityError */.cs || isBadManifest(error))
        return false;
    return error instanceof run_errors/* ActionError */.lZ;
}
function isBadManifest(error) {
    return error instanceof run_errors/* RegistryError */.gl && error.code === 'BAD_MANIFEST';
}
async function verifyTag(manifest, tag, context) {
    const reading = await lastReading(manifest, tag, context);
    switch (reading.kind) {
        case 'ours':
            return reading.served;
        case 'stale':
            return servedByDigest(manifest, tag, reading.held, context);
        case 'missing':
            return servedByDigest(manifest, tag, 'nothing', context);
        case 'foreign':
            throw overtaken(manifest, tag, reading.held);
        case 'unusable':
            throw reading.error;
    }
}
function lastReading(manifest, tag, context) {
    const { client, clock } = context;
    const start = clock.now();
    return pollUntil(clock, { first: 250, max: 5_000 }, async () => {
        const reading = await verify_readTag(manifest, tag, client);
        if (reading.kind === 'ours')
            return { result: reading };
        return { retryUntil: start + timeouts[reading.kind], otherwise: () => reading };
    });
}
async function verify_readTag(manifest, tag, client) {
    try {
        const served = await client.findManifest(tag.repository, tag.tag);
        if (served === undefined)
            return { kind: 'missing' };
        const held = served.digest;
        if (held === manifest.digest)
            return { kind: 'ours', served };
        // If nobody could read what the tag held before, anything may be that.
        const isPreviousUnknown = tag.state === 'moved' && tag.previous === undefined;
        return { kind: isPreviousUnknown || held === tag.previous ? 'stale' : 'foreign', held };
    }
    catch (error) {
        if (isBadManifest(error))
            return { kind: 'unusable', error };
        throw error;
    }
}
async function servedByDigest(manifest, tag, held, { client, observer }) {
    const name = (0,oci_reference/* formatReference */.FH)(tag);
    const byDigest = await client.findManifest(tag.repository, manifest.digest);
    if (byDigest === undefined) {
        throw new run_errors/* VerifyError */.Gz('NOT_SERVED', `${name} holds ${held} although the registry accepted ${manifest.digest}`, {
            hint: 'Run the job again. If that does not help, ask the operator of the registry why it does not serve what it accepted.',
        });
    }
    observer.warning(`${name} still shows ${held} ${timeouts.stale / 1000} s after the registry accepted ${manifest.digest}, which it serves by digest. A replica or cache of the registry is slow.`);
    return byDigest;
}
function overtaken(manifest, tag, held) {
    return new run_errors/* VerifyError */.Gz('OVERTAKEN', `${(0,oci_reference/* formatReference */.FH)(tag)} was set to ${manifest.digest}, but now holds ${held}: something else pushed it meanwhile`, { hint: 'Let only one job at a time publish a tag: give the jobs a `concurrency:` group.' });
}

;// CONCATENATED MODULE: ./src/actions/cancellation.ts
/** Reports the state of each tag when the job is cancelled. */
function announceCancellation(runner, log, tags) {
    runner.onCancel(() => log.failed('Cancelled', `Cancelled. ${stateOf(tags)}`));
}
function stateOf(tags) {
    const inState = (state) => [...tags].flatMap(([name, held]) => (held === state ? [name] : []));
    const [set, underway] = [inState('set'), inState('underway')];
    if (set.length + underway.length === 0)
        return 'No tag was moved.';
    return [
        ...(set.length === 0 ? [] : ['These tags were already set:', ...set]),
        ...(underway.length === 0
            ? []
            : ['These tags were being written, and may or may not be set:', ...underway]),
    ].join('\n');
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(3024);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __nccwpck_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __nccwpck_require__(6760);
;// CONCATENATED MODULE: external "node:stream/promises"
const external_node_stream_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream/promises");
;// CONCATENATED MODULE: ./src/auth/authorized.ts
/** The challenges that a request answers at most: for a first login, a new token, a wider scope. */
const maxChallenges = 3;
/** Sends requests with the authorization that their origin asks for, and with the configured headers. */
function authorized(send, authorizer, credentials) {
    return async (request) => {
        const { origin, registry, scope } = request;
        let authorization = authorizer.authorization(origin, scope);
        for (let rounds = 0;; rounds += 1) {
            const headed = withHeaders(request, await credentials.headers(registry), authorization);
            const attempt = () => send(headed);
            const response = await (authorization?.trial?.run(attempt, ({ status }) => status === 401) ??
                attempt());
            if (rounds === maxChallenges || !isChallenge(response, origin)) {
                return withLogin(response, authorization);
            }
            const challenges = response.headers.get('www-authenticate') ?? [];
            const rejected = authorization?.value;
            authorization = await authorizer.challenged({ origin, registry, scope, challenges, rejected });
        }
    };
}
// Credentials must not leave their origin, and a URL that a registry names may lead anywhere.
function withHeaders(request, configured, authorization) {
    if (request.url.origin !== request.origin.origin)
        return { ...request, originHeaders: undefined };
    const originHeaders = authorization === undefined ? configured : { ...configured, authorization: authorization.value };
    return { ...request, originHeaders };
}
// A storage host behind a redirect may also answer 401; that challenge is not the registry's.
function isChallenge(response, origin) {
    if (response.url.origin !== origin.origin)
        return false;
    if (response.status === 401)
        return true;
    const challenges = response.headers.get('www-authenticate') ?? [];
    return response.status === 403 && challenges.some((value) => value.includes('insufficient_scope'));
}
function withLogin(response, authorization) {
    if (response.status < 400 || authorization?.source === undefined)
        return response;
    return { ...response, login: { source: authorization.source, authorization: authorization.value } };
}

;// CONCATENATED MODULE: ./src/credentials/action.ts
/** Every action in the order of scopes, because some token servers compare scopes as text. */
const action_actions = ['pull', 'push', 'delete'];
/** Whether a word is an action. */
function isAction(text) {
    return action_actions.some((action) => action === text);
}

;// CONCATENATED MODULE: ./src/auth/scope.ts

/** Formats a scope as token servers read it: `repository:acme/app:pull,push`. */
function formatScope(scope) {
    return `repository:${scope.repository}:${inOrder(scope.actions).join(',')}`;
}
/**
 * Parses one scope; undefined when it is not a repository's, or names other actions than ours
 * (`registry:catalog:*`, Amazon's `aws`).
 */
function parseScope(text) {
    const prefix = 'repository:';
    const colon = text.lastIndexOf(':');
    if (!text.startsWith(prefix) || colon <= prefix.length)
        return undefined;
    const actions = text.slice(colon + 1).split(',');
    if (!actions.every(isAction))
        return undefined;
    return { repository: text.slice(prefix.length, colon), actions: inOrder(actions) };
}
/** Everything that either list allows, one scope per repository, in order of first appearance. */
function unionScopes(a, b) {
    const actions = new Map();
    for (const scope of [...a, ...b]) {
        const known = actions.get(scope.repository) ?? new Set();
        for (const action of scope.actions)
            known.add(action);
        actions.set(scope.repository, known);
    }
    return Array.from(actions, ([repository, set]) => ({ repository, actions: inOrder([...set]) }));
}
/** Whether `held` allows all of `wanted`. */
function coversScope(held, wanted) {
    const same = held.filter((scope) => scope.repository === wanted.repository);
    return wanted.actions.every((action) => same.some((scope) => scope.actions.includes(action)));
}
function inOrder(actions) {
    return action_actions.filter((action) => actions.includes(action));
}
/** The access that a challenge names in its `scope`; spaces separate several scopes. */
function accessOf(challenge) {
    const texts = (challenge.parameters.get('scope') ?? '').split(/[ \t]+/).filter(isScopeText);
    const scopes = texts.map(parseScope).filter((scope) => scope !== undefined);
    const others = texts.filter((text) => parseScope(text) === undefined);
    return { scopes: unionScopes(scopes, []), others: [...new Set(others)] };
}
/** Everything that either allows. */
function unite(a, b) {
    return { scopes: unionScopes(a.scopes, b.scopes), others: [...new Set([...a.others, ...b.others])] };
}
/** Whether `held` allows all of `wanted`. */
function covers(held, wanted) {
    return (wanted.scopes.every((scope) => coversScope(held.scopes, scope)) &&
        wanted.others.every((text) => held.others.includes(text)));
}
/** The scopes of a token request; those without a repository or actions are left out. */
function scopeTexts(access) {
    const named = access.scopes.filter((scope) => scope.repository !== '' && scope.actions.length > 0);
    return [...access.others, ...named.map(formatScope)];
}
// RFC 6749 \u00a73.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
function isScopeText(text) {
    return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}

;// CONCATENATED MODULE: ./src/auth/auth-error.ts


/** The registry requires a login, and none is configured. */
function loginMissing(attempt) {
    return failure('UNAUTHORIZED', `${attempt.registry} requires a login for ${wanted(attempt)}, and none is configured`, attempt);
}
/** The login itself was rejected: `by` a registry or token server, with a status. */
function loginRefused(attempt, by, status) {
    return failure('UNAUTHORIZED', `${by} rejected the login from ${attempt.credential.source} (${status}), sent for ${wanted(attempt)}`, attempt);
}
/** The login does not fit the only scheme that the registry offers. */
function loginUnfit(attempt) {
    return failure('UNAUTHORIZED', `${attempt.registry} requires a user name and password, and the login from ${attempt.credential.source} has none`, attempt);
}
/** The token server denied a token for the scope. */
function scopeRefused(attempt, status) {
    return failure('DENIED', `The token server of ${attempt.registry} denied a token for ${wanted(attempt)} (${status}) ${sentWith(attempt)}`, attempt);
}
/** The registry rejected a token that its token server has just issued. */
function tokenRejected(attempt) {
    return failure('DENIED', `${attempt.registry} rejected the token for ${wanted(attempt)}, issued ${sentWith(attempt)}`, attempt);
}
/** The registry denied a request and offers no scheme to authenticate with that is supported here. */
function challengeUnusable(attempt, schemes) {
    const names = schemes.slice(0, 3).map((scheme) => scheme.slice(0, 20));
    const offer = schemes.length === 0 ? 'no way to log in' : `only unsupported ways to log in (${names.join(', ')})`;
    return new run_errors/* AuthError */.lR('CHALLENGE', `${attempt.registry} denied ${wanted(attempt)} and offers ${offer}`, {
        hint: 'Check that the host is a registry, and that no proxy of this network answers instead of it. Bearer and Basic are supported.',
    });
}
function failure(code, message, attempt) {
    return new run_errors/* AuthError */.lR(code, message, { hint: remedy(attempt) });
}
function wanted({ scope }) {
    return scope.repository === '' || scope.actions.length === 0 ? 'its API' : formatScope(scope);
}
function sentWith({ credential }) {
    return credential.kind === 'anonymous' ? 'without a login' : `with the login from ${credential.source}`;
}
/** The most likely remedy, by registry. */
function remedy({ registry, scope, credential }) {
    const writes = scope.actions.some((action) => action !== 'pull');
    if (registry === 'ghcr.io')
        return packagesRemedy(writes, credential);
    if (credential.kind === 'anonymous') {
        return `Log in to ${registry} before this step, with docker/login-action or registry-auth. Registries often answer the same for a repository that does not exist.${searchedIn(credential)}`;
    }
    return `${hintOf(registry, writes)} The login came from ${credential.source}.`;
}
function searchedIn({ searched }) {
    return searched === undefined ? '' : ` No login is in ${searched}.`;
}
function packagesRemedy(writes, credential) {
    const need = writes ? 'write' : 'read';
    const login = credential.kind === 'anonymous'
        ? ` Pass the github-token input, or log in with docker/login-action.${searchedIn(credential)}`
        : '';
    return `Give the job \`permissions: packages: ${need}\`, and give its repository access to the package (package settings, Manage Actions access). A personal access token needs ${need}:packages.${login}`;
}
function hintOf(registry, writes) {
    if (registry === 'docker.io') {
        return `Check the access token of Docker Hub: it needs ${writes ? 'Read & Write' : 'Read'}, and its user needs access to the repository.`;
    }
    if (/\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(registry)) {
        return 'Run aws-actions/amazon-ecr-login before this step: its passwords expire after 12 hours, and the role needs the ecr: permissions for the repository.';
    }
    if (/(^|\.)(pkg\.dev|gcr\.io)$/.test(registry)) {
        return `Use the user name oauth2accesstoken; its account needs Artifact Registry ${writes ? 'Writer' : 'Reader'}, and its tokens expire within an hour.`;
    }
    return `Check the user name and password, that they have not expired, and that the account may ${writes ? 'push to' : 'pull from'} the repository.`;
}

;// CONCATENATED MODULE: ./src/auth/challenge.ts
/**
 * Parses the challenges of all WWW-Authenticate headers of a response, in their order.
 * A header is dropped from its first malformed element on; nothing is thrown. A missing comma between parameters is
 * forgiven, because some registries leave it out: white space then separates them.
 *
 * RFC 9110 \u00a711.6.1, \u00a711.3, \u00a711.2 and \u00a75.6:
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * token68          = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
 * ```
 * Commas separate both challenges and parameters: a token without "=" after it begins a challenge.
 */
function parseChallenges(headerValues) {
    return headerValues.flatMap((value) => readHeader(new Scanner(value)));
}
function readHeader(scanner) {
    const challenges = [];
    for (scanner.take(separators); !scanner.atEnd(); scanner.take(separators)) {
        if (!readElement(scanner, challenges))
            break;
    }
    return challenges;
}
/** Parses a parameter of the last challenge, or begins a new one; false when the element is malformed. */
function readElement(scanner, challenges) {
    const name = scanner.take(token);
    const current = challenges.at(-1);
    if (current !== undefined && current.token68 === undefined && scanner.take(equals) !== '') {
        return readValue(scanner, current, name);
    }
    if (name === '' || !(scanner.atSeparator() || scanner.atSpace()))
        return false;
    const draft = { scheme: name.toLowerCase(), parameters: new Map() };
    challenges.push(draft);
    return scanner.atSeparator() || readFirst(scanner, draft);
}
/** Parses the text directly after a scheme: a token68, or the first parameter. */
function readFirst(scanner, draft) {
    scanner.take(space);
    const encoded = scanner.take(token68);
    if (encoded !== '') {
        draft.token68 = encoded;
        return true;
    }
    const name = scanner.take(token);
    return scanner.take(equals) !== '' && readValue(scanner, draft, name);
}
function readValue(scanner, draft, name) {
    const value = scanner.takeQuoted() ?? scanner.takeToken();
    if (name === '' || value === undefined || !(scanner.atSeparator() || scanner.atSpace()))
        return false;
    const key = name.toLowerCase();
    // A parameter must not occur twice (\u00a711.2); the first one counts, whatever is appended.
    if (!draft.parameters.has(key))
        draft.parameters.set(key, value);
    return true;
}
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]*/y;
const space = /[ \t]*/y;
const equals = /[ \t]*=[ \t]*/y;
const separators = /[ \t,]*/y;
const spaceAhead = /[ \t]/y;
const separatorAhead = /[ \t]*(?:,|$)/y;
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
// qdtext and quoted-pair of \u00a75.6.4; the two alternatives share no character.
const quoted = /"((?:[\t !#-[\]-~\u0080-\uffff]|\\[\t -~\u0080-\uffff])*)"/y;
/** A position in a header value that only moves forward. */
class Scanner {
    #text;
    #at = 0;
    constructor(text) {
        this.#text = text;
    }
    atEnd() {
        return this.#at >= this.#text.length;
    }
    /** Whether the element ends here, except for white space. */
    atSeparator() {
        separatorAhead.lastIndex = this.#at;
        return separatorAhead.test(this.#text);
    }
    atSpace() {
        spaceAhead.lastIndex = this.#at;
        return spaceAhead.test(this.#text);
    }
    takeToken() {
        return this.take(token) || undefined;
    }
    takeQuoted() {
        const text = this.take(quoted);
        return text === '' ? undefined : text.slice(1, -1).replace(/\\(.)/g, '$1');
    }
    /** The text that a sticky pattern matches here; it may be empty. */
    take(pattern) {
        pattern.lastIndex = this.#at;
        const text = pattern.exec(this.#text)?.[0] ?? '';
        this.#at += text.length;
        return text;
    }
}

;// CONCATENATED MODULE: ./src/auth/login-state.ts


/** Lets one request try a password before others send it: many wrong ones at once may lock an account. */
class Trial {
    #first;
    /** Sends the first request alone; the others get its answer if that is a refusal, and else send their own. */
    async run(send, isRefusal) {
        if (this.#first === undefined) {
            const answer = send();
            this.#first = answer.catch(() => undefined);
            return answer;
        }
        const first = await this.#first;
        return first !== undefined && isRefusal(first) ? first : send();
    }
}
/** The state of one login at one origin: not tried yet, in use as it is, or refused for good. */
class LoginState {
    credential;
    owner;
    registryTrial = new Trial();
    tokenTrial = new Trial();
    #fixed;
    #refusal;
    constructor(credential, owner) {
        this.credential = credential;
        this.owner = owner;
    }
    /** The Authorization value that needs no token server; set once the registry asked for it. */
    get fixed() {
        return this.#fixed;
    }
    /** Throws the AuthError of a refused login: a further try would only lock the account. */
    throwIfRefused() {
        if (this.#refusal !== undefined)
            throw this.#refusal;
    }
    /** Uses the login as it is; throws AuthError when the registry has just rejected that. */
    use(value, request) {
        if (request.rejected === value)
            throw this.refused(request, this.owner.registry);
        this.#fixed = value;
        return value;
    }
    /** Uses tokens from now on. */
    useTokens() {
        this.#fixed = undefined;
    }
    /** Records that the login was refused, by the registry or its token server. */
    refused(request, by) {
        this.#fixed = undefined;
        this.#refusal ??= loginRefused(this.attempt(request), by, 401);
        return this.#refusal;
    }
    /** The login as a Basic value; throws AuthError when it has no user name and password. */
    basic(request, observer) {
        const { credential } = this;
        if (credential.kind === 'anonymous')
            throw loginMissing(this.attempt(request));
        const password = credential.kind === 'basic' ? credential.password : credential.token;
        const username = credential.kind === 'registry-token' ? undefined : credential.username;
        if (username === undefined)
            throw loginUnfit(this.attempt(request));
        const pair = basicPair(username, password);
        observer.secret(pair);
        return `Basic ${pair}`;
    }
    /** The subject of an error about a request. */
    attempt({ scope }) {
        return { registry: this.owner.registry, scope, credential: this.credential };
    }
}

// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __nccwpck_require__(7030);
;// CONCATENATED MODULE: ./src/run/reach.ts

/**
 * Whether a registry may lead a client to a URL, as its token server or by a redirect: into its own network or a more
 * public one, and never to a special address.
 */
function mayLeadTo(registry, target) {
    const [own, reach] = [reachOf(registry), reachOf(target)];
    if (reach === 'public')
        return true;
    if (reach === 'private')
        return own === 'private' || own === 'loopback';
    return reach === 'loopback' && own === 'loopback';
}
/** The reach of a URL's host by its address; names count as public, because they are not resolved here. */
function reachOf(url) {
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (host === 'metadata.google.internal')
        return 'special';
    if (host === 'localhost' || host.endsWith('.localhost'))
        return 'loopback';
    // URL has already turned decimal, octal and hexadecimal IPv4 addresses into dotted ones.
    const family = host.includes(':') ? 'ipv6' : 'ipv4';
    if (family === 'ipv4' && !/^[\d.]+$/.test(host))
        return 'public';
    const reach = ['loopback', 'special', 'private'].find((name) => lists[name].check(host, family));
    return reach ?? 'public';
}
/** IANA's special-purpose registries, https://www.rfc-editor.org/rfc/rfc6890; IPv4-mapped forms are matched too. */
const lists = {
    loopback: blocks('127.0.0.0/8', '::1/128'),
    private: blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
    special: blocks(...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'], 
    // Metadata of Alibaba, Azure and AWS.
    ...['100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::/32'], 
    // The last five hold an IPv4 address: compatible, NAT64, Teredo and 6to4.
    ...['fe80::/10', 'ff00::/8', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16']),
};
function blocks(...subnets) {
    const list = new external_node_net_.BlockList();
    for (const subnet of subnets) {
        const [address = '', bits] = subnet.split('/');
        list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
    }
    return list;
}

;// CONCATENATED MODULE: ./src/auth/realm.ts


/**
 * The URL of a registry's token server, from the `realm` of its challenge.
 * Throws AuthError (REALM) when credentials must not be sent there: a registry must not direct a password to plain
 * HTTP, or to a host inside the runner's network.
 */
function parseRealm(text, owner) {
    // URL parsing drops some of these silently, and the URL would not be the text that was checked.
    if (/[\u0000-\u0020\u007f]/.test(text))
        throw refused(owner, 'has white space or control characters');
    const url = URL.parse(text);
    if (url === null)
        throw refused(owner, 'is not an absolute URL');
    url.hash = '';
    checkRealm(url, owner);
    return url;
}
/** Throws AuthError (REALM) when no token may be requested at a URL, such as a redirect's. */
function checkRealm(url, owner) {
    const { origin } = owner;
    if (url.username !== '' || url.password !== '')
        throw refused(owner, 'has a user name in it');
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && origin.protocol === 'http:')) {
        throw refused(owner, `is not https (${url.protocol.slice(0, -1)}, ${url.host})`);
    }
    if (reachOf(url) === 'special')
        throw refused(owner, `is at an address with a special purpose (${url.host})`);
    if (owner.allowPrivate || url.hostname === origin.hostname)
        return;
    if (!mayLeadTo(origin, url))
        throw refused(owner, `is at a private address (${url.host})`);
}
function refused(owner, problem) {
    return new run_errors/* AuthError */.lR('REALM', `The token server URL of ${owner.registry} ${problem}`, {
        hint: 'Check the registry in the reference, and how its token realm is configured. No credentials were sent there.',
    });
}

;// CONCATENATED MODULE: ./src/auth/token-request.ts




const clientId = 'multiarch-manifest-action';
/** Characters of the shortest token that is masked. */
const minMaskedLength = 16;
/** Redirects of token servers: they may lead where a token server may be. */
const tokenRedirects = {
    maxRedirects: 3,
    check: ({ owner }, target) => checkRealm(target, owner),
    failure: (request, problem) => unusable(request, problem),
};
/**
 * Requests a token: for an identity token with POST, or with GET where the server does not know POST; for all other
 * credentials with GET.
 * Throws AuthError (TOKEN) for an answer that is neither a token nor a refusal, AuthError (REALM) for a
 * redirect that must not be followed, NetworkError (TOKEN_SERVER) when there is no answer.
 * https://distribution.github.io/distribution/spec/auth/token/ and /oauth/
 */
async function requestToken(request, services) {
    const response = await responseTo(request, services);
    const { status } = response;
    if (status === 400 || status === 401 || status === 403) {
        // Such a refusal is not the login's: it was not sent there.
        const isElsewhere = response.url.origin !== request.realm.origin;
        if (isElsewhere && request.credential.kind !== 'anonymous') {
            throw unusable(request, 'redirects to another host, where no login is sent');
        }
        return { refused: status };
    }
    if (status !== 200 && status !== 201)
        throw unusable(request, `answered ${status}`);
    return parseToken(response, request, services.observer);
}
async function responseTo(request, { send, observer }) {
    const { credential } = request;
    if (credential.kind !== 'identity-token')
        return sendTo(request, getWith(request, credential), send);
    const response = await sendTo(request, postWith(request, credential.token), send);
    if (response.status !== 404 && response.status !== 405)
        return response;
    const { username = '<token>', token: password, source } = credential;
    observer.secret(basicPair(username, password));
    return sendTo(request, getWith(request, { kind: 'basic', username, password, source }), send);
}
function getWith(request, credential) {
    const url = new URL(request.realm);
    if (request.service !== undefined)
        url.searchParams.append('service', request.service);
    for (const scope of request.scopes)
        url.searchParams.append('scope', scope);
    const call = { method: 'GET', url, headers: { accept: 'application/json' } };
    if (credential.kind !== 'basic')
        return call;
    const authorization = `Basic ${basicPair(credential.username, credential.password)}`;
    return { ...call, originHeaders: { authorization } };
}
function postWith(request, token) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId });
    if (request.service !== undefined)
        form.set('service', request.service);
    if (request.scopes.length > 0)
        form.set('scope', request.scopes.join(' '));
    form.set('refresh_token', token);
    return {
        method: 'POST',
        url: request.realm,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(form.toString(), 'utf8'),
    };
}
async function sendTo({ realm, owner }, call, send) {
    try {
        return await send({ ...call, realm, owner, maxBodyBytes: maxShortBody, registryHost: owner.origin.host });
    }
    catch (error) {
        if (!(error instanceof run_errors/* NetworkError */.Dr))
            throw error;
        // Its own code, because the request to the registry must not be tried again for this.
        throw new run_errors/* NetworkError */.Dr('TOKEN_SERVER', `${error.message} (token server of ${owner.registry})`, {
            hint: error.hint,
            cause: error,
        });
    }
}
function parseToken(response, request, observer) {
    const answer = parseObject(response.body);
    const token = firstText(answer['token'], answer['access_token']);
    if (token === undefined)
        throw unusable(request, 'answered without a token');
    // RFC 6750 \u00a72.1. Other text must not get into a header, nor into a mask, which would hide arbitrary text in the log.
    if (!isToken(token))
        throw unusable(request, 'answered with a malformed token');
    // A short token may be any word: a mask of it would let a token server choose what the rest of the job's log hides.
    if (token.length >= minMaskedLength)
        observer.secret(token);
    const lifetime = Number(answer['expires_in'] ?? 60);
    return { token, lifetime: Number.isFinite(lifetime) ? lifetime : 60 };
}
function isToken(text) {
    return /^[\x21-\x7e]+$/.test(text);
}
function parseObject(body) {
    try {
        const value = JSON.parse(Buffer.from(body).toString('utf8'));
        return typeof value === 'object' && value !== null ? { ...value } : {};
    }
    catch {
        return {};
    }
}
function firstText(...values) {
    return values.find((value) => typeof value === 'string' && value !== '');
}
function unusable({ owner, realm }, problem) {
    return new run_errors/* AuthError */.lR('TOKEN', `The token server of ${owner.registry} (${redacted(realm)}) ${problem}`, {
        hint: 'Check that no proxy or login page of this network answers instead, and whether the registry is in trouble.',
    });
}

;// CONCATENATED MODULE: ./src/auth/wanted-access.ts

/** Characters of scopes in one token request, which keeps its URL within the 8 KiB that servers accept. */
const maxScopeLength = 4096;
/** Challenges that may widen the wanted access; a registry that needs more leads in circles. */
const maxWidenings = 16;
/** The access that a login's tokens should have. It only grows, so that one token comes to serve all requests. */
class WantedAccess {
    #access = { scopes: [], others: [] };
    #widenings = 0;
    /** `single`: the token server refuses tokens for several scopes. */
    #tokens = 'wide';
    /** Adds the access of a request, of the run and of a challenge; returns the part that the request itself needs. */
    add(request, challenged) {
        const own = { scopes: [request.scope], others: [] };
        this.#access = unite(this.#access, { scopes: [request.scope, ...request.expected], others: [] });
        if (!covers(this.#access, challenged)) {
            this.#widenings += 1;
            if (this.#widenings > maxWidenings)
                return own;
            this.#access = unite(this.#access, challenged);
        }
        return unite(own, this.#tokens === 'wide' ? challenged : onlyRepository(challenged, request));
    }
    /** The access to request: the needed part, and as much of the rest as fits into one request. */
    widest(needed) {
        if (this.#tokens === 'single')
            return needed;
        let chosen = needed;
        let length = scopeTexts(needed).join(' ').length;
        for (const scope of this.#access.scopes) {
            if (coversScope(chosen.scopes, scope))
                continue;
            length += scope.repository.length + 32;
            if (length <= maxScopeLength)
                chosen = unite(chosen, { scopes: [scope], others: [] });
        }
        return unite(chosen, { scopes: [], others: this.#access.others });
    }
    /** Requests single scopes from now on; returns the part of the needed access in the request's own repository. */
    narrow(request, needed) {
        this.#tokens = 'single';
        return unite({ scopes: [request.scope], others: [] }, onlyRepository(needed, request));
    }
}
function onlyRepository({ scopes, others }, { scope }) {
    return { scopes: scopes.filter(({ repository }) => repository === scope.repository), others };
}

;// CONCATENATED MODULE: ./src/auth/token-cache.ts





/** Milliseconds before its end from which on a token is not used, for the time that a request takes. */
const expiryMargin = 5_000;
/** The tokens of one login at one origin: those held, those being requested, and those refused. */
class TokenCache {
    #login;
    #services;
    #wanted = new WantedAccess();
    /** Newest first. */
    #tokens = [];
    /** By access. */
    #pending = new Map();
    #denied = new Map();
    constructor(login, services) {
        this.#login = login;
        this.#services = services;
    }
    /** The Authorization value of a held token for the scope. */
    find(scope) {
        return this.#held({ scopes: [scope], others: [] })?.header;
    }
    /** The Authorization value of a token other than the rejected one; throws AuthError or NetworkError. */
    async obtain(request, challenge) {
        const { parameters } = challenge;
        const realm = parseRealm(parameters.get('realm') ?? '', this.#login.owner);
        const needed = this.#wanted.add(request, accessOf(challenge));
        const held = this.#held(needed);
        if (held !== undefined && held.header !== request.rejected)
            return held.header;
        const server = { realm, service: parameters.get('service') };
        const isRenewal = this.#isRenewal(request, needed);
        const token = await this.#newToken(request, needed, { server, isRenewal });
        if (token.header === request.rejected)
            throw tokenRejected(this.#login.attempt(request));
        return token.header;
    }
    #held(needed) {
        const now = this.#services.clock.now();
        return this.#tokens.find((token) => token.expires - expiryMargin > now && covers(token.access, needed));
    }
    /** Whether the rejected token should have been valid; throws when that token was a renewal itself. */
    #isRenewal(request, needed) {
        const rejected = this.#tokens.find((token) => token.header === request.rejected);
        if (rejected === undefined || !covers(rejected.access, needed))
            return false;
        if (rejected.isRenewal && this.#services.clock.now() < rejected.freshUntil) {
            throw tokenRejected(this.#login.attempt(request));
        }
        return true;
    }
    /** A token for all wanted access or, from a server that refuses so much, for the needed access alone. */
    async #newToken(request, needed, source) {
        let access = this.#wanted.widest(needed);
        let outcome = await this.#shared(request, access, source);
        if ('refused' in outcome && !covers(needed, access)) {
            access = this.#wanted.narrow(request, needed);
            outcome = await this.#shared(request, access, source);
        }
        if (!('refused' in outcome))
            return outcome;
        const error = scopeRefused(this.#login.attempt(request), outcome.refused);
        this.#denied.set(token_cache_keyOf(access), error);
        throw error;
    }
    /** Shares one request between all who want the same access at the same time. */
    #shared(request, access, source) {
        const key = token_cache_keyOf(access);
        this.#login.throwIfRefused();
        const denied = this.#denied.get(key);
        if (denied !== undefined)
            throw denied;
        const pending = this.#pending.get(key);
        if (pending !== undefined)
            return pending;
        const outcome = this.#request(request, access, source).finally(() => this.#pending.delete(key));
        this.#pending.set(key, outcome);
        return outcome;
    }
    async #request(request, access, source) {
        const { credential, owner, tokenTrial } = this.#login;
        let requested = 0;
        const send = async () => {
            this.#login.throwIfRefused();
            requested = this.#services.clock.now();
            return requestToken({ ...source.server, scopes: scopeTexts(access), credential, owner }, this.#services);
        };
        const isAnonymous = credential.kind === 'anonymous';
        const answer = await (isAnonymous ? send() : tokenTrial.run(send, isLoginRefusal));
        if (!isAnonymous && isLoginRefusal(answer)) {
            throw this.#login.refused(request, `The token server of ${owner.registry}`);
        }
        if ('refused' in answer)
            return answer;
        const { token: value, lifetime } = answer;
        const token = {
            header: `Bearer ${value}`,
            access,
            expires: requested + 1000 * Math.max(60, lifetime),
            freshUntil: requested + 1000 * Math.min(60, Math.max(10, lifetime)),
            isRenewal: source.isRenewal,
        };
        this.#tokens = [token, ...this.#tokens.filter((old) => !covers(access, old.access))];
        return token;
    }
}
function isLoginRefusal(answer) {
    return 'refused' in answer && answer.refused === 401;
}
function token_cache_keyOf(access) {
    return scopeTexts(access).toSorted().join(' ');
}

;// CONCATENATED MODULE: ./src/auth/token-grant.ts
/**
 * Whether an Authorization value allows a scope, by the `access` claim of its JSON Web Token. The token is not verified:
 * this is for messages. `unknown` for passwords and tokens that do not say.
 * https://distribution.github.io/distribution/spec/auth/jwt/
 */
function grantOf(authorization, { repository, actions }) {
    const access = accessClaim(authorization);
    if (access === undefined)
        return 'unknown';
    const held = access.filter((each) => each.type === 'repository' && each.name === repository);
    const granted = held.flatMap((each) => (Array.isArray(each.actions) ? each.actions : []));
    return granted.includes('*') || actions.every((action) => granted.includes(action)) ? 'granted' : 'denied';
}
function accessClaim(authorization) {
    const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization) ?? [];
    if (payload === undefined)
        return undefined;
    try {
        const { access } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
        if (!Array.isArray(access))
            return undefined;
        return access.filter((each) => typeof each === 'object' && each !== null);
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/auth/authorizer.ts







/** The authorizer of a run; credentials are bound to the exact origin that asked for them. */
function createAuthorizer(options) {
    return new OriginAuthorizer(options);
}
const noLogin = { kind: 'anonymous', source: 'no login' };
class OriginAuthorizer {
    #options;
    #sites = new Map();
    /** By registry, because the origin that it is reached at may still change. */
    #expected = new Map();
    constructor(options) {
        this.#options = options;
    }
    declareAccess(registry, scope) {
        this.#expected.set(registry, unionScopes(this.#expected.get(registry) ?? [], [scope]));
    }
    authorization(origin, scope) {
        return this.#sites.get(origin.origin)?.byRepository.get(scope.repository)?.authorization(scope);
    }
    grants(registry, scope) {
        const logins = [...this.#sites.values()].flatMap((site) => site.byRepository.get(scope.repository) ?? []);
        const value = logins.find((login) => login.registry === registry)?.authorization(scope)?.value;
        return value === undefined ? 'unknown' : grantOf(value, scope);
    }
    async challenged(request) {
        this.declareAccess(request.registry, request.scope);
        const site = this.#site(request.origin);
        // Read again each time: requests that come in the meantime add to it.
        const expected = () => this.#expected.get(request.registry) ?? [];
        // A broken login for another repository is reported by that repository's requests.
        await Promise.allSettled(expected().map((scope) => this.#assign(site, request, scope)));
        const { repository } = request.scope;
        const declared = expected().find((scope) => scope.repository === repository) ?? request.scope;
        const login = await this.#assign(site, request, declared);
        const wanted = {
            scope: request.scope,
            expected: expected().filter((scope) => site.byRepository.get(scope.repository) === login),
            challenges: parseChallenges(request.challenges),
            rejected: request.rejected,
        };
        try {
            return await login.obtain(wanted);
        }
        catch (error) {
            if (!this.#mayReadWithout(error, request.scope))
                throw error;
            // Where strangers may not read either, the refused login is the reason.
            const anonymous = this.#anonymous(site, request);
            return await anonymous.obtain({ ...wanted, expected: [] }).catch(() => Promise.reject(error));
        }
    }
    #mayReadWithout(error, { actions }) {
        if (this.#options.refusedLogins !== 'read-without')
            return false;
        return error instanceof run_errors/* AuthError */.lR && actions.every((action) => action === 'pull');
    }
    #anonymous(site, request) {
        const login = site.logins.get(noLogin) ?? this.#login(request, noLogin);
        site.logins.set(noLogin, login);
        return login;
    }
    /** Finds the login for a repository at this origin. */
    async #assign(site, request, scope) {
        const { credentials } = this.#options;
        const credential = await credentials.find(request.registry, scope.repository, scope.actions);
        const login = site.logins.get(credential) ?? this.#login(request, credential);
        site.logins.set(credential, login);
        site.byRepository.set(scope.repository, login);
        return login;
    }
    #login({ origin, registry }, credential) {
        const allowPrivate = this.#options.allowPrivateRealm?.(registry) ?? false;
        return new OriginLogin(new LoginState(credential, { registry, origin, allowPrivate }), this.#options);
    }
    #site(origin) {
        const site = this.#sites.get(origin.origin) ?? { logins: new Map(), byRepository: new Map() };
        this.#sites.set(origin.origin, site);
        return site;
    }
}
/** One login at one origin, used as the registry asks for it: as it is, or for tokens. */
class OriginLogin {
    #state;
    #tokens;
    #observer;
    constructor(state, options) {
        this.#state = state;
        this.#tokens = new TokenCache(state, options);
        this.#observer = options.observer;
    }
    get registry() {
        return this.#state.owner.registry;
    }
    authorization(scope) {
        const value = this.#state.fixed ?? this.#tokens.find(scope);
        return value === undefined ? undefined : { value, source: this.#source };
    }
    async obtain(request) {
        const value = await this.#value(request);
        const trial = value.startsWith('Basic ') ? this.#state.registryTrial : undefined;
        return { value, source: this.#source, trial };
    }
    async #value(request) {
        const { challenges } = request;
        const { credential } = this.#state;
        this.#state.throwIfRefused();
        if (credential.kind === 'registry-token' && challenges.length > 0) {
            return this.#state.use(`Bearer ${credential.token}`, request);
        }
        const bearer = challenges.find((each) => each.scheme === 'bearer' && each.parameters.has('realm'));
        if (bearer !== undefined) {
            this.#state.useTokens();
            return this.#tokens.obtain(request, bearer);
        }
        const schemes = challenges.map((each) => each.scheme);
        if (!schemes.includes('basic'))
            throw challengeUnusable(this.#state.attempt(request), schemes);
        return this.#state.use(this.#state.basic(request, this.#observer), request);
    }
    get #source() {
        const { credential } = this.#state;
        return credential.kind === 'anonymous' ? undefined : credential.source;
    }
}

// EXTERNAL MODULE: ./src/oci/registry-name.ts
var registry_name = __nccwpck_require__(8084);
;// CONCATENATED MODULE: ./src/credentials/registry-key.ts

/** The name under which docker stores the login for Docker Hub. */
const dockerHubServer = 'https://index.docker.io/v1/';
/**
 * The registry of a key in docker's configuration, as references name it: lower-case
 * host[:port], `docker.io` for Docker Hub. Scheme and path are ignored, as docker does.
 */
function registryKey(text) {
    const rest = text.trim().replace(/^[a-z]+:\/\//i, '');
    const slash = rest.indexOf('/');
    return (0,registry_name/* canonicalRegistry */.i7)(slash < 0 ? rest : rest.slice(0, slash));
}
/** The name by which docker asks a credential helper for a registry. */
function serverName(registry) {
    return registry === registry_name/* dockerHub */.UD ? dockerHubServer : registry;
}
/**
 * The entries of a map whose keys mean the registry, the closest first: keys with a path (containers-auth.json(5)) that
 * is the repository's or a prefix of it by whole segments, the longest first; the key that docker writes; the
 * registry's name; other spellings, in the map's order.
 */
function entriesFor(map, registry, repository = '') {
    return [...map]
        .filter(([key]) => registryKey(key) === registry && `${repository}/`.startsWith(pathOf(key)))
        .sort(([a], [b]) => closeness(b, registry) - closeness(a, registry))
        .map(([key, value]) => ({ key, value, isExact: key === serverName(registry) }));
}
/** A key's path with a slash at its end; empty for a whole registry, as also docker's `/v1/` is. */
function pathOf(key) {
    const [, ...segments] = key
        .trim()
        .replace(/^[a-z]+:\/\//i, '')
        .split('/');
    const path = segments.filter((segment) => segment !== '').join('/');
    return path === '' || /^v[12]$/.test(path) ? '' : `${path}/`;
}
function closeness(key, registry) {
    const path = pathOf(key);
    if (path !== '')
        return 2 + path.length;
    if (key === serverName(registry))
        return 2;
    return key === registry ? 1 : 0;
}

;// CONCATENATED MODULE: ./src/credentials/docker-config.ts




/** The directory of docker's configuration: DOCKER_CONFIG, or `.docker` in the user's home. */
function dockerConfigDirectory(environment, home) {
    return environment['DOCKER_CONFIG'] || (0,external_node_path_.join)(home, '.docker');
}
/** The file in which docker keeps its logins. */
function dockerConfigPath(environment, home) {
    return (0,external_node_path_.join)(dockerConfigDirectory(environment, home), 'config.json');
}
/** The directory in which docker buildx keeps logins for single repositories. */
function scopedLoginsDirectory(environment, home) {
    const buildx = environment['BUILDX_CONFIG'] || (0,external_node_path_.join)(dockerConfigDirectory(environment, home), 'buildx');
    return (0,external_node_path_.join)(buildx, 'config');
}
/** A file's text; undefined when there is no file. Throws ActionError (DOCKER_CONFIG) when it cannot be read. */
async function readTextFile(path) {
    try {
        return await (0,promises_.readFile)(path, 'utf8');
    }
    catch (error) {
        if ((0,run_errors/* isAbsent */.W0)(error))
            return undefined;
        throw broken(path, `cannot be read (${error.code ?? 'unknown error'})`);
    }
}
/**
 * Parses docker's configuration. Field names match in any case, as in Go's JSON.
 * Throws ActionError (DOCKER_CONFIG) naming the source and the field, never its value.
 */
function parseDockerConfig(text, source) {
    const root = docker_config_fieldsOf(parseJson(text, source));
    if (root === undefined)
        throw broken(source, 'is not a JSON object');
    return {
        source,
        auths: parseAuths(root.get('auths'), source),
        credHelpers: textMap(root.get('credhelpers'), 'credHelpers', source),
        credsStore: textOf(root.get('credsstore'), 'credsStore', source),
        headers: parseHeaders(textMap(root.get('httpheaders'), 'HttpHeaders', source), source),
    };
}
/**
 * The login stored for a repository; one without fields is an exact key that is empty, which means no login. Where
 * helpers are asked, docker writes empty entries of its own, and they mean nothing.
 */
function storedLogin(config, registry, repository) {
    const isAsked = helpersFor(config, registry).length > 0;
    return entriesFor(config.auths, registry, repository).find(({ value, isExact }) => value.size > 0 || (isExact && !isAsked));
}
/** The helpers to ask for a registry, in order; an empty name in `credHelpers` switches the store off for it. */
function helpersFor(config, registry) {
    const [own] = entriesFor(config.credHelpers, registry);
    if (own?.value === '')
        return [];
    const store = { name: config.credsStore ?? '', place: `credsStore of ${config.source}` };
    const helpers = own === undefined ? [] : [{ name: own.value, place: `credHelpers of ${config.source}` }];
    return [...helpers, store].filter(({ name }) => name !== '');
}
/**
 * The user name and password of a stored login; `auth` is their base64 form, split at the first colon.
 * Undefined when it has neither. Throws ActionError (DOCKER_CONFIG) when `auth` is malformed.
 */
function storedPair(login, source) {
    const auth = login.get('auth');
    if (auth !== undefined)
        return decodePair(auth, source);
    const [username, password] = [login.get('username') ?? '', login.get('password') ?? ''];
    return username === '' && password === '' ? undefined : { username, password };
}
function decodePair(auth, source) {
    // The white space at the end is cut first: a pattern with both would try every way to split it.
    const digits = auth.trimEnd().replace(/={1,2}$/, '');
    const text = /^[A-Za-z0-9+/\s]+$/.test(digits) ? Buffer.from(auth, 'base64').toString('utf8') : '';
    const colon = text.indexOf(':');
    if (colon < 1)
        throw broken(source, 'has an auth that is not the base64 form of user:password');
    // docker strips the zero bytes with which old versions padded the password.
    let end = text.length;
    while (text.charCodeAt(end - 1) === 0)
        end -= 1;
    return { username: text.slice(0, colon), password: text.slice(colon + 1, end) };
}
function parseJson(text, source) {
    if (text.trim() === '')
        return {};
    try {
        return JSON.parse(text);
    }
    catch {
        // The parser's error quotes the text, which may be a password, so it must not become the cause.
        throw broken(source, 'is not valid JSON');
    }
}
function parseAuths(value, source) {
    const logins = new Map();
    for (const [registry, entry] of objectEntries(value, 'auths', source)) {
        const fields = docker_config_fieldsOf(entry ?? {});
        if (fields === undefined)
            throw broken(source, 'has an entry of auths that is not an object');
        const texts = [...fields].filter((field) => typeof field[1] === 'string');
        logins.set(registry, new Map(texts.filter(([, text]) => text !== '')));
    }
    return logins;
}
function textMap(value, field, source) {
    const entries = objectEntries(value, field, source);
    return new Map(entries.map(([key, text]) => [key, textOf(text, field, source) ?? '']));
}
function objectEntries(value, field, source) {
    if (value === undefined || value === null)
        return [];
    if (typeof value !== 'object' || Array.isArray(value))
        throw broken(source, `has a value of ${field} that is not an object`);
    return Object.entries(value);
}
function textOf(value, field, source) {
    if (value === undefined || value === null)
        return undefined;
    if (typeof value !== 'string')
        throw broken(source, `has a value of ${field} that is not text`);
    return value;
}
/** Fields by lower-case name; of several spellings the last one counts, as in Go. */
function docker_config_fieldsOf(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        return undefined;
    return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}
function parseHeaders(headers, source) {
    const checked = new Map();
    for (const [name, value] of headers) {
        if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || !/^[\t -~\u0080-\u00ff]*$/.test(value)) {
            throw broken(source, 'has HttpHeaders with an invalid character');
        }
        checked.set(name.toLowerCase(), value);
    }
    return Object.fromEntries(checked);
}
function broken(source, problem) {
    return new run_errors/* ActionError */.lZ('DOCKER_CONFIG', `${source} ${problem}`, {
        hint: `Correct ${source}, or write it again with docker login. Its content is not shown because it may hold passwords.`,
    });
}

;// CONCATENATED MODULE: ./src/run/clock.ts
/** The clock of the machine. */
const systemClock = {
    now: Date.now,
    sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
    random: Math.random,
};

;// CONCATENATED MODULE: ./src/credentials/helper-words.ts
/** Bytes of a helper's stderr that are read. */
const maxHelperWords = 8192;
/** In characters: enough for a cause, and a log stays readable. */
const maxShown = 400;
const redactions = [
    // The user name and password of a URL.
    [/(:\/\/)[^/\s@]+@/g, '$1***@'],
    [/\b(bearer|basic)\s+[^\s"',;]+/gi, '$1 ***'],
    // `token=\u2026`, `"Secret": "\u2026"`, `Authorization: \u2026`
    [
        /((?:token|secret|passw|passphrase|authorization|api[_-]?key)[\w-]{0,30}["']?\s?[=:]\s?["']?)[^\s"',;&]+/gi,
        '$1***',
    ],
    // Any long word with letters and digits may be a token; host names and paths have separators within.
    [/(?<![\w+=~-])(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/g, '***'],
];
/** Characters from which on a word of a helper's answer may be a secret. */
const minSecretLength = 12;
/**
 * What a helper printed to stderr, in one line, cut, without what looks like a secret and without what is part of its
 * answer.
 */
function redactHelperWords(text, answer = '') {
    const line = withoutAnswer(text, answer)
        .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
        .trim();
    const safe = redactions.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), line);
    return safe.length > maxShown ? `${safe.slice(0, maxShown)}\u2026` : safe;
}
function withoutAnswer(text, answer) {
    const words = new Set(answer.split(/[\s"',:{}]+/).filter((word) => word.length >= minSecretLength));
    return [...words].reduce((rest, word) => rest.replaceAll(word, '***'), text);
}

;// CONCATENATED MODULE: ./src/credentials/credential-helper.ts




/** Helpers in every language print this for a registry they do not know. */
const notFound = 'credentials not found in native keychain';
const missing = 'it is not on PATH';
/**
 * Asks `docker-credential-NAME get` for the login of a registry; undefined when it has none.
 * Throws AuthError (CREDENTIAL_HELPER) naming helper and registry when the helper is missing, hangs,
 * fails or gives an invalid answer. Its answer is not shown, because it may be a secret; what it printed to stderr is,
 * redacted.
 * https://github.com/docker/docker-credential-helpers#development
 */
async function askCredentialHelper(name, registry, options) {
    const helper = `docker-credential-${name}`;
    // A path would run any program of the workspace instead of a helper.
    if (!/^[A-Za-z0-9._-]+$/.test(name))
        throw misnamed(registry);
    const end = await run(helper, serverName(registry), options);
    const fail = (problem) => credential_helper_failure(helper, registry, withWords(problem, end.words));
    if (end.problem === missing)
        throw absent(helper, registry);
    if (end.problem !== undefined)
        throw fail(end.problem);
    const output = end.output.trim();
    if (end.exitCode !== 0) {
        if (output === notFound)
            return undefined;
        throw fail(`exit code ${end.exitCode}`);
    }
    return parseAnswer(output, fail);
}
function withWords(problem, words) {
    return words === undefined || words === '' ? problem : `${problem}; it printed: ${words}`;
}
function parseAnswer(output, fail) {
    const answer = credential_helper_parseObject(output);
    const { Username: username = '', Secret: secret = '' } = answer ?? {};
    if (answer === undefined || typeof username !== 'string' || typeof secret !== 'string') {
        throw fail('its answer is not the JSON object that docker expects');
    }
    // Some helpers (pass) answer with empty fields for an unknown registry, instead of an error.
    if (username === '' && secret === '')
        return undefined;
    if (secret === '')
        throw fail('its answer has no secret');
    return { username, secret };
}
function credential_helper_parseObject(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null ? { ...value } : undefined;
    }
    catch {
        return undefined;
    }
}
async function run(helper, input, options) {
    const windows = process.platform === 'win32';
    const end = await attempt([helper, 'get'], input, options);
    if (!windows || end.problem !== missing)
        return end;
    // Some helpers (gcloud's) are batch files, which only cmd.exe starts. The name was checked above.
    return attempt(['cmd.exe', '/d', '/s', '/c', `${helper}.cmd get`], input, options);
}
async function attempt(command, input, options) {
    const child = await start(command, options.environment);
    const timeout = options.timeout ?? 30_000;
    const timer = Promise.withResolvers();
    const timeoutId = setTimeout(() => timer.resolve({ problem: `it did not answer within ${timeout / 1000} s` }), timeout);
    const end = await Promise.race([conversation(child, input), timer.promise]);
    clearTimeout(timeoutId);
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (end.problem !== undefined)
        kill(child);
    return end;
}
async function start([program = '', ...args], environment) {
    // Most runs start no program.
    const { spawn } = await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 1421, 23));
    const windows = process.platform === 'win32';
    return spawn(program, args, {
        // Otherwise Windows searches the current directory first, which is the workspace.
        env: windows ? { ...environment, NoDefaultCurrentDirectoryInExePath: '1' } : environment,
        // Its own process group, so that the processes of a helper's script end with it.
        detached: !windows,
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
    });
}
function conversation(child, input) {
    const { promise, resolve } = Promise.withResolvers();
    const chunks = [];
    let size = 0;
    child.stdout?.on('data', (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxShortBody)
            resolve({ problem: `its answer has more than ${maxShortBody} bytes` });
    });
    child.on('error', (error) => resolve({ problem: startProblem(error) }));
    const words = collectWords(child);
    onEnd(child, (code, signal) => {
        const output = Buffer.concat(chunks).toString('utf8');
        if (code === null)
            resolve({ problem: `it was ended by ${signal}`, words: words(output) });
        else
            resolve({ exitCode: code, output, words: words(output) });
    });
    // A helper may end without reading its input: then its exit code says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return promise;
}
/** Milliseconds to wait for the end of stderr: a process that the helper left behind may hold it open for good. */
const stderrWait = 200;
function onEnd(child, end) {
    child.on('exit', (...exit) => {
        const wait = () => {
            setTimeout(() => end(...exit), stderrWait).unref();
        };
        if (child.stdout?.readableEnded === false)
            child.stdout.once('end', wait);
        else
            wait();
    });
    child.on('close', end);
}
function collectWords(child) {
    const chunks = [];
    let size = 0;
    child.stderr?.on('data', (chunk) => {
        if (size < maxHelperWords)
            chunks.push(chunk.subarray(0, maxHelperWords - size));
        size += chunk.length;
    });
    return (answer) => redactHelperWords(Buffer.concat(chunks).toString('utf8'), answer);
}
function startProblem(error) {
    return error.code === 'ENOENT' ? missing : `it cannot be started (${error.code ?? 'unknown error'})`;
}
function kill(child) {
    if (child.pid === undefined)
        return;
    try {
        if (process.platform === 'win32')
            child.kill('SIGKILL');
        else
            process.kill(-child.pid, 'SIGKILL');
    }
    catch {
        // It has already ended.
    }
}
function misnamed(registry) {
    return new run_errors/* AuthError */.lR('CREDENTIAL_HELPER', `The credential helper configured for ${registry} was not run: its name is not a plain file name`, {
        hint: 'Set credHelpers or credsStore of config.json to NAME of docker-credential-NAME, without a path.',
    });
}
function absent(helper, registry) {
    return new run_errors/* AuthError */.lR('CREDENTIAL_HELPER', `${helper} failed to give a login for ${registry}: ${missing}`, {
        hint: `Put ${helper} on PATH (the credential-helpers input can do that), or set the login in registry-auth.`,
    });
}
// What the helper answers is the secret itself: the command throws it away.
function credential_helper_failure(helper, registry, problem) {
    return new run_errors/* AuthError */.lR('CREDENTIAL_HELPER', `${helper} failed to give a login for ${registry}: ${problem}`, {
        hint: `Test it with "echo ${serverName(registry)} | ${helper} get >/dev/null", or set the login in registry-auth.`,
    });
}

;// CONCATENATED MODULE: ./src/credentials/login-scope.ts




/**
 * Parses a scope as in docker/login-action's `scope` and docker buildx's directories: `acme/app`,
 * `acme/app@push`, `@pull,push`; undefined for an unknown action or an invalid path.
 */
function parseLoginScope(text) {
    const at = text.indexOf('@');
    const [repository, list] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    const actions = list.split(',').filter(Boolean);
    if (!actions.every(isAction) || !/^[a-z0-9._\-/]*$/.test(repository))
        return undefined;
    return {
        ...(repository === '' ? {} : { repository }),
        ...(actions.length === 0 ? {} : { actions }),
    };
}
/**
 * The logins for a purpose, the closest first: those for the repository before those for the
 * whole registry, then those for more actions, and one for push before one for pull only.
 */
function loginsFor(logins, purpose) {
    return logins.filter((login) => serves(login, purpose)).sort((a, b) => login_scope_closeness(b) - login_scope_closeness(a));
}
function serves(login, purpose) {
    if (login.repository !== undefined && login.repository !== purpose.repository)
        return false;
    return (login.actions ?? []).every((action) => purpose.actions.includes(action));
}
function login_scope_closeness(login) {
    const { repository, actions = [] } = login;
    const forRepository = repository === undefined ? 0 : 100;
    return forRepository + 10 * actions.length + (actions.includes('push') ? 1 : 0);
}
/**
 * The logins for repositories and actions in buildx's configuration directory, each in a file
 * `<host>[/<repository>][@<action>,\u2026]/config.json`; `files` are the paths in it.
 * https://github.com/docker/login-action#set-scopes-for-the-authentication-token
 */
function scopedLogins(directory, files) {
    return files.flatMap((file) => {
        const parts = file.split(external_node_path_.sep);
        if (parts.pop() !== 'config.json' || parts.length === 0)
            return [];
        const login = parseKey(parts.join('/'));
        return login === undefined ? [] : [{ ...login, path: (0,external_node_path_.join)(directory, file) }];
    });
}
/** Every file in a directory and its subdirectories, as relative paths; none when it does not exist. */
async function listFiles(directory) {
    try {
        const entries = await (0,promises_.readdir)(directory, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => !entry.isDirectory());
        return files.map((entry) => (0,external_node_path_.join)(entry.parentPath, entry.name).slice((0,external_node_path_.join)(directory, external_node_path_.sep).length));
    }
    catch {
        // As in buildx, an unreadable directory counts as missing.
        return [];
    }
}
/** `ghcr.io/acme/app@push`, `ghcr.io@push` or `ghcr.io`. */
function parseKey(key) {
    const [, host = '', rest = ''] = /^([^/@]+)\/?(.*)$/.exec(key) ?? [];
    const scope = parseLoginScope(rest);
    return host === '' || scope === undefined ? undefined : { registry: registryKey(host), ...scope };
}

;// CONCATENATED MODULE: ./src/credentials/login-search.ts
/** The search for one login: each step is a line of the debug log. */
class LoginSearch {
    registry;
    repository;
    #log;
    #asked = [];
    constructor(registry, repository, log) {
        this.registry = registry;
        this.repository = repository;
        this.#log = log;
    }
    /** The helpers that have no login, each with where it is configured. */
    get asked() {
        return this.#asked;
    }
    /** Logs what a place came to, and returns it. */
    step(place, found) {
        this.#log(`Login for ${this.registry}: ${place} has ${found === undefined ? 'none' : login_search_describe(found)}`);
        return found;
    }
    /** Logs what a helper came to, and returns it. */
    ask({ name, place }, found) {
        const helper = `docker-credential-${name} (${place})`;
        if (found === undefined)
            this.#asked.push(helper);
        return this.step(helper, found);
    }
}
function login_search_describe(credential) {
    switch (credential.kind) {
        case 'basic':
            return 'a user name and password';
        case 'identity-token':
            return 'an identity token';
        case 'registry-token':
            return 'a registry token';
        case 'anonymous':
            return 'an empty entry, which means no login';
    }
}

;// CONCATENATED MODULE: ./src/credentials/keychain.ts







/**
 * The credentials of a run, the first of: the `registry-auth` input, DOCKER_AUTH_CONFIG, docker buildx's
 * logins for single repositories, config.json (credHelpers, credsStore, auths), the GitHub token for
 * ghcr.io, none. buildx's logins come before config.json because they are more specific: each one is for a
 * repository or for actions. buildx prefers them too.
 */
function createCredentials(options) {
    return new OrderedCredentials(options);
}
/** Milliseconds that a helper's answer is used: the shortest cloud tokens expire after five minutes. */
const helperLifetime = 290_000;
/** Headers that this action sets itself, or that frame a request; docker ignores user-agent. */
const ownHeaders = new Set([
    ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type'],
    ...['cookie', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'range', 'te', 'transfer-encoding'],
    ...['upgrade', 'user-agent'],
]);
class OrderedCredentials {
    #options;
    #logins;
    #github;
    #anonymous = new Map();
    #configs = new Map();
    /** By configuration and key. */
    #stored = new Map();
    /** By helper and registry. */
    #helped = new Map();
    #logged = new Set();
    #scoped;
    #headers;
    constructor(options) {
        this.#options = options;
        const { registryAuth, githubToken, environment } = options;
        this.#logins = registryAuth.map((login) => ({
            ...login,
            credential: this.#basic(login.username, login.password, 'registry-auth input'),
        }));
        const actor = environment['GITHUB_ACTOR'] || 'x-access-token';
        this.#github = githubToken ? this.#basic(actor, githubToken, 'GITHUB_TOKEN') : undefined;
    }
    async find(name, repository, actions = ['pull', 'push']) {
        const registry = registryKey(name);
        const search = new LoginSearch(registry, repository, this.#log);
        const purpose = { repository, actions };
        return (search.step('the registry-auth input', this.#given(registry, purpose)) ??
            search.step('DOCKER_AUTH_CONFIG', await this.#fromConfig(await this.#variable(), search)) ??
            search.step("docker buildx's logins", await this.#fromScoped(search, purpose)) ??
            search.step(this.#configPath(), await this.#fromConfig(await this.#file(this.#configPath()), search)) ??
            search.step('the github-token input', registry === 'ghcr.io' ? this.#github : undefined) ??
            this.#withoutLogin(search));
    }
    #given(registry, purpose) {
        const logins = this.#logins.filter((login) => login.registry === registry);
        return loginsFor(logins, purpose)[0]?.credential;
    }
    /** No login, as one object for all that the same search came to. */
    #withoutLogin({ asked }) {
        const searched = asked.length === 0 ? undefined : asked.join(' and ');
        const known = this.#anonymous.get(searched) ?? { kind: 'anonymous', source: 'no login', searched };
        this.#anonymous.set(searched, known);
        return known;
    }
    /** One line of the debug log for each step, however many requests look for the same login. */
    #log = (line) => {
        if (this.#logged.has(line))
            return;
        this.#logged.add(line);
        this.#options.observer.debug(line);
    };
    async headers(registry) {
        if (this.#options.headerRegistries?.has(registry) !== true)
            return {};
        this.#headers ??= this.#file(this.#configPath()).then((config) => this.#usableHeaders(config));
        return this.#headers;
    }
    #configPath() {
        return dockerConfigPath(this.#options.environment, this.#options.home);
    }
    #usableHeaders(config) {
        const usable = {};
        for (const [name, value] of Object.entries(config?.headers ?? {})) {
            if (ownHeaders.has(name)) {
                this.#options.observer.warning(`HttpHeaders of ${config?.source}: ${name} is not sent because this action sets it`);
                continue;
            }
            // Short values are words such as `ci`: masking them would make the log unreadable.
            if (value.length >= 8)
                this.#secret(value);
            usable[name] = value;
        }
        return usable;
    }
    async #fromScoped(search, purpose) {
        this.#scoped ??= this.#readScoped();
        const logins = (await this.#scoped).filter((login) => login.registry === search.registry);
        for (const login of loginsFor(logins, purpose)) {
            const credential = await this.#fromConfig(await this.#file(login.path), search);
            if (credential !== undefined)
                return credential;
        }
        return undefined;
    }
    async #readScoped() {
        const { environment, home, listFiles: list = listFiles } = this.#options;
        const directory = scopedLoginsDirectory(environment, home);
        return scopedLogins(directory, await list(directory));
    }
    /** DOCKER_AUTH_CONFIG, which has the form of config.json. */
    async #variable() {
        const name = 'DOCKER_AUTH_CONFIG';
        const text = this.#options.environment[name];
        if (!text)
            return undefined;
        return this.#once(name, async () => parseDockerConfig(text, name));
    }
    #file(path) {
        const { readText = readTextFile } = this.#options;
        return this.#once(path, async () => {
            const text = await readText(path);
            return text === undefined ? undefined : parseDockerConfig(text, path);
        });
    }
    #once(key, read) {
        const config = this.#configs.get(key) ?? read();
        this.#configs.set(key, config);
        return config;
    }
    /** The credential of a configuration: that of a helper, or a stored one. */
    async #fromConfig(config, search) {
        if (config === undefined)
            return undefined;
        const { registry, repository } = search;
        for (const helper of helpersFor(config, registry)) {
            const credential = search.ask(helper, await this.#fromHelper(helper, registry));
            if (credential !== undefined)
                return credential;
        }
        const stored = storedLogin(config, registry, repository);
        if (stored === undefined)
            return undefined;
        const key = `${config.source} ${stored.key}`;
        if (!this.#stored.has(key))
            this.#stored.set(key, this.#storedCredential(stored.value, config.source));
        return this.#stored.get(key);
    }
    /** Asks a helper once, and again after a while. */
    #fromHelper({ name }, registry) {
        const { clock = systemClock } = this.#options;
        const key = `${name} ${registry}`;
        const known = this.#helped.get(key);
        if (known !== undefined && known.until > clock.now())
            return known.result;
        const result = this.#askHelper(name, registry);
        this.#helped.set(key, { until: clock.now() + helperLifetime, result });
        return result;
    }
    async #askHelper(name, registry) {
        const { environment, askHelper = (each, host) => askCredentialHelper(each, host, { environment }) } = this.#options;
        const login = await askHelper(name, registry);
        return login && this.#helperCredential(login, `docker-credential-${name}`);
    }
    #helperCredential({ username, secret }, source) {
        if (username !== '<token>')
            return this.#basic(username, secret, source);
        this.#secret(secret);
        return { kind: 'identity-token', token: secret, source };
    }
    #storedCredential(login, source) {
        if (login.size === 0)
            return { kind: 'anonymous', source, searched: `the empty entry in ${source}` };
        for (const field of ['auth', 'password', 'identitytoken', 'registrytoken']) {
            this.#secret(login.get(field) ?? '');
        }
        const registryToken = login.get('registrytoken');
        if (registryToken !== undefined)
            return { kind: 'registry-token', token: registryToken, source };
        const pair = storedPair(login, source);
        const token = login.get('identitytoken');
        if (token !== undefined) {
            return { kind: 'identity-token', token, source, ...(pair && { username: pair.username }) };
        }
        return pair && this.#basic(pair.username, pair.password, source);
    }
    #basic(username, password, source) {
        this.#secret(password);
        this.#secret(basicPair(username, password));
        return { kind: 'basic', username, password, source };
    }
    #secret(value) {
        // The runner rejects an empty mask, or hides everything.
        if (value !== '')
            this.#options.observer.secret(value);
    }
}

// EXTERNAL MODULE: ./src/http/buffer-collector.ts
var buffer_collector = __nccwpck_require__(8670);
;// CONCATENATED MODULE: external "node:timers/promises"
const external_node_timers_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");
;// CONCATENATED MODULE: ./src/http/network-error.ts

const kinds = {
    UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
    UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
    UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
    ETIMEDOUT: 'TIMEOUT',
    TimeoutError: 'TIMEOUT',
    ENOTFOUND: 'DNS',
    EAI_AGAIN: 'DNS',
    EAI_FAIL: 'DNS',
    EAI_NODATA: 'DNS',
    EPROTO: 'TLS',
    // OpenSSL's errors for a server that answers the TLS handshake in plain text.
    ERR_SSL_WRONG_VERSION_NUMBER: 'NO_TLS',
    ERR_SSL_PACKET_LENGTH_TOO_LONG: 'NO_TLS',
    ERR_SSL_HTTP_REQUEST: 'NO_TLS',
    UND_ERR_HEADERS_OVERFLOW: 'PROTOCOL',
    HTTPParserError: 'PROTOCOL',
};
const certificateCode = /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;
/**
 * Turns an error of a socket, of TLS or of the HTTP parser into a NetworkError that names the host and what to check.
 * `via`: whether the request went directly to the host or through a proxy.
 */
function networkError({ method, url }, error, via = 'direct') {
    if (error instanceof run_errors/* NetworkError */.Dr)
        return error;
    const code = codeOf(error);
    const kind = network_error_kindOf(code);
    const host = via === 'direct' ? url.host : `${url.host}, through a proxy,`;
    const remedy = (remedies[code] ?? hints[kind]).replaceAll('<host>', host);
    const hint = via === 'direct' ? remedy : `${remedy} ${proxyHint}`;
    return new run_errors/* NetworkError */.Dr(kind, `${host} ${words[kind]} (${method}, ${code})`, { hint, cause: error });
}
const proxyHint = 'Check HTTPS_PROXY and HTTP_PROXY, and the user and password in them, or list the host in NO_PROXY.';
/**
 * The error for a proxy that rejects a request, by its status: CONNECTION when the proxy cannot reach the host itself,
 * else PROXY. The proxy's own URL may hold a password and is not shown.
 */
function proxyRefusal(url, status) {
    if (status >= 500) {
        return new run_errors/* NetworkError */.Dr('CONNECTION', `The proxy could not reach ${url.host} (${status})`, {
            hint: `${hints.CONNECTION} ${proxyHint}`,
        });
    }
    // tinyproxy answers 401 to a wrong password.
    const isLogin = status === 407 || status === 401;
    const problem = isLogin ? 'requires a valid login to reach' : 'refuses to connect to';
    return new run_errors/* NetworkError */.Dr('PROXY', `The proxy ${problem} ${url.host} (${status})`, { hint: proxyHint });
}
/** Whether no connection was established, so that nothing of a request was sent. */
function failedToConnect(error) {
    if (error instanceof run_errors/* NetworkError */.Dr)
        return true;
    if ('syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo'))
        return true;
    const code = codeOf(error);
    return code === 'UND_ERR_CONNECT_TIMEOUT' || ['TLS', 'NO_TLS'].includes(network_error_kindOf(code));
}
/** REFUSED_STREAM and ENHANCE_YOUR_CALM (RFC 9113, 7). */
const refusals = new Set([0x7, 0xb]);
/** Whether a server did not take an HTTP/2 stream because it has too many. */
function isRefusedStream(error) {
    const cause = error instanceof run_errors/* NetworkError */.Dr ? error.cause : undefined;
    return cause instanceof Error && 'http2ErrorCode' in cause && refusals.has(cause.http2ErrorCode);
}
function codeOf(error) {
    if (!(error instanceof Error))
        return 'no code';
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
function network_error_kindOf(code) {
    const known = kinds[code];
    if (known !== undefined)
        return known;
    if (certificateCode.test(code))
        return 'TLS';
    if (code.startsWith('HPE_'))
        return 'PROTOCOL';
    return 'CONNECTION';
}
const words = {
    CONNECTION: 'closed or refused the connection',
    TIMEOUT: 'did not answer in time',
    DNS: 'could not be resolved',
    TLS: 'could not be verified: TLS failed',
    NO_TLS: 'does not speak TLS on that port',
    PROTOCOL: 'answered with something that is not HTTP',
};
const wantsCertificate = 'Put a client certificate that the server accepts into certs.d/<host>/client.cert, and its key into client.key beside it.';
/** Hints for single codes; all others get the hint of their kind. */
const remedies = {
    CERT_HAS_EXPIRED: "Renew the registry's certificate, and check this runner's clock.",
    CERT_NOT_YET_VALID: "Check this runner's clock: the registry's certificate is not valid yet.",
    ERR_TLS_CERT_ALTNAME_INVALID: 'Check the host in the reference: the certificate is for other names.',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: wantsCertificate,
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: wantsCertificate,
};
const hints = {
    CONNECTION: 'Check the host and port, and that the registry is up and reachable from this runner.',
    TIMEOUT: 'Check that the registry is up, and that no firewall between it and this runner drops packets.',
    DNS: 'Check the spelling of the host, and that this runner can resolve it.',
    TLS: 'If the registry has a private CA, put its certificate into NODE_EXTRA_CA_CERTS or certs.d/<host>/ca.crt. Plain HTTP is used only for hosts in insecure-registries.',
    NO_TLS: 'Check the port. If the registry speaks plain HTTP only, add it to insecure-registries.',
    PROTOCOL: 'Check that the host and port belong to a registry.',
};

;// CONCATENATED MODULE: ./src/http/host-limiter.ts




/** Connections to one host, each with one request at once in HTTP/1.1: a release job needs no more. */
const maxHostConnections = 32;
/** Requests at once to a host that speaks HTTP/2: most servers allow as many streams on one connection. */
const maxHostStreams = 100;
/** Milliseconds of a pause, at least, after a rate limit that states none. */
const minPause = 250;
/** Milliseconds from which on a pause is reported. */
const minReportedPause = 5_000;
/**
 * Limits the requests to one host: a maximum in flight that halves with each refusal and grows again with each
 * other answer, and a pause that all requests to the host share.
 */
class HostLimiter {
    #inFlight = 0;
    #maxInFlight;
    #pausedUntil = 0;
    #isWakePending = false;
    /** What the maximum in flight grows to. */
    #ceiling;
    #clock;
    #report;
    #waiting = [];
    #background = [];
    constructor(maxConnections, clock, report = () => undefined) {
        this.#ceiling = maxConnections;
        this.#maxInFlight = maxConnections;
        this.#clock = clock;
        this.#report = report;
    }
    /** Runs `work` when the host may get a request; background work only while no other work waits. */
    async run(work, priority) {
        // Requests of the same turn of the event loop go first.
        if (priority === 'background')
            await (0,external_node_timers_promises_namespaceObject.setImmediate)();
        await new Promise((start) => {
            (priority === 'background' ? this.#background : this.#waiting).push(start);
            this.#drain();
        });
        try {
            return await work();
        }
        finally {
            this.#inFlight -= 1;
            this.#drain();
        }
    }
    /** Starts nothing for `milliseconds`. */
    pause(milliseconds) {
        const now = this.#clock.now();
        const added = now + milliseconds - Math.max(now, this.#pausedUntil);
        if (added >= minReportedPause)
            this.#report(milliseconds);
        if (added > 0)
            this.#pausedUntil = now + milliseconds;
    }
    /** Records a refusal because of too many requests: pauses, then sends half as many at once as before. */
    refused(milliseconds) {
        this.#maxInFlight = Math.max(1, Math.floor(this.#maxInFlight / 2));
        this.pause(milliseconds);
    }
    /** Records any other answer. */
    answered() {
        this.#maxInFlight = Math.min(this.#ceiling, this.#maxInFlight + 1);
    }
    /** Records that requests share a connection (HTTP/2): the limit of connections does not limit requests. */
    multiplexed() {
        const isUnrefused = this.#maxInFlight === this.#ceiling;
        this.#ceiling = Math.max(this.#ceiling, maxHostStreams);
        if (isUnrefused)
            this.#maxInFlight = this.#ceiling;
        this.#drain();
    }
    #drain() {
        const pause = this.#pausedUntil - this.#clock.now();
        if (pause > 0) {
            if (this.#waiting.length + this.#background.length > 0)
                this.#wakeIn(pause);
            return;
        }
        while (this.#inFlight < this.#maxInFlight) {
            const start = this.#waiting.shift() ?? this.#background.shift();
            if (start === undefined)
                return;
            this.#inFlight += 1;
            start();
        }
    }
    #wakeIn(milliseconds) {
        if (this.#isWakePending)
            return;
        this.#isWakePending = true;
        const wake = () => {
            this.#isWakePending = false;
            this.#drain();
        };
        this.#clock.sleep(milliseconds).then(wake, wake);
    }
}
/** Rounds of requests without an answer after which a host is not asked again in a run. */
const maxSilentRounds = 3;
/** Milliseconds of such rounds together after which it is not asked again. */
const maxSilence = 100_000;
/** A host did not answer for so long that the run does not ask it again. */
class SilentHostError extends run_errors/* NetworkError */.Dr {
    constructor(host) {
        super('TIMEOUT', `${host} stopped answering and is not asked again in this run`, {
            hint: 'Check that the host is up, and that no firewall between it and this runner drops packets.',
        });
    }
}
/**
 * The silence of one host, whatever is asked: requests that wait at the same time are one round. Each step of a run
 * retries for itself, so without this a host that dies in the middle would hold a run up for many minutes.
 */
class HostSilence {
    #round = 0;
    #silentRounds = 0;
    #milliseconds = 0;
    /** The round of a request that is sent now; throws SilentHostError when the host is not asked any more. */
    begin({ host }) {
        if (this.#silentRounds >= maxSilentRounds || this.#milliseconds >= maxSilence)
            throw new SilentHostError(host);
        return this.#round;
    }
    /** Records that a request of a round was not answered within `milliseconds`. */
    timedOut(round, milliseconds) {
        if (round !== this.#round)
            return;
        this.#round += 1;
        this.#silentRounds += 1;
        this.#milliseconds += milliseconds;
    }
    /** Records any answer. */
    answered() {
        this.#round += 1;
        this.#silentRounds = 0;
        this.#milliseconds = 0;
    }
}
/** The limiters of all hosts of a run, by origin. */
class HostLimiters {
    #hosts = new Map();
    /** By host: a registry that is tried with http and https is one host. */
    #silences = new Map();
    #report;
    clock;
    /** `report` gets each pause of a host from 5 s on, in milliseconds. */
    constructor(clock, report = () => undefined) {
        this.clock = clock;
        this.#report = report;
    }
    /** The silence of a URL's host. */
    silenceOf({ host }) {
        const silence = this.#silences.get(host) ?? new HostSilence();
        this.#silences.set(host, silence);
        return silence;
    }
    /** The limiter of a URL's host. */
    of(url) {
        const known = this.#hosts.get(url.origin);
        if (known !== undefined)
            return known;
        const limiter = new HostLimiter(maxHostConnections, this.clock, (wait) => this.#report(url.host, wait));
        this.#hosts.set(url.origin, limiter);
        return limiter;
    }
}
/**
 * Sends each request when its host's limiter allows. A refusal, by a rate limit or of a stream, slows the host down
 * before another request can take the place of the refused one. A host that stays silent fails every further request.
 */
function limited(send, limiters) {
    return (request) => {
        const limiter = limiters.of(request.url);
        const work = async () => {
            const response = await heard(send, request, limiters).catch((error) => {
                if (isRefusedStream(error))
                    limiter.refused(minPause);
                throw error;
            });
            const pause = pauseAfter(response, limiters.clock.now());
            if (pause === undefined)
                limiter.answered();
            else
                limiter.refused(pause);
            return response;
        };
        return limiter.run(work, request.priority);
    };
}
/** Sends a request to a host that is not silent, and records whether it answers, also within a stream. */
async function heard(send, request, limiters) {
    const { clock } = limiters;
    const silence = limiters.silenceOf(request.url);
    const round = silence.begin(request.url);
    const started = clock.now();
    const failed = (error) => {
        const isTimeout = error instanceof run_errors/* NetworkError */.Dr && error.code === 'TIMEOUT';
        if (isTimeout)
            silence.timedOut(round, clock.now() - started);
        return error;
    };
    try {
        const response = await send(request);
        if (response.stream !== undefined)
            return { ...response, stream: heardStream(response.stream, silence, failed) };
        silence.answered();
        return response;
    }
    catch (error) {
        throw failed(error);
    }
}
// The headers of a stream are no answer yet: a server that lets its bytes drip is as good as silent.
async function* heardStream(stream, silence, failed) {
    try {
        yield* stream;
        silence.answered();
    }
    catch (error) {
        throw failed(error);
    }
}
function pauseAfter(response, now) {
    if (!isTemporary(response))
        return undefined;
    const wait = retryAfter(response, now) ?? (isRateLimit(response) ? minPause : undefined);
    if (wait === undefined)
        return undefined;
    // A Retry-After of an hour fails its own request; it must not stall every other request to the host.
    return wait > maxWait ? minPause : Math.max(minPause, wait);
}

;// CONCATENATED MODULE: ./src/http/proxy.ts




/** By the scheme of the request; the lower-case name comes first. */
const variables = {
    'http:': ['http_proxy', 'HTTP_PROXY'],
    'https:': ['https_proxy', 'HTTPS_PROXY'],
};
/**
 * The proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, read as docker and curl do: a proxy without a scheme is an
 * http one; NO_PROXY lists hosts (which include their subdomains), `host:port`, addresses, networks such as
 * `10.0.0.0/8`, or `*`; a loopback registry never has a proxy. Passwords are masked at once.
 */
function proxiesOf(environment, observer) {
    for (const name of Object.values(variables).flat())
        maskLogin(environment[name] ?? '', observer);
    return (origin) => {
        const name = variables[origin.protocol]?.find((each) => (environment[each] ?? '') !== '');
        if (name === undefined || (0,oci_reference/* isLoopbackRegistry */.jW)(origin.host))
            return undefined;
        if (isExcluded(origin, environment['no_proxy'] || environment['NO_PROXY'] || ''))
            return undefined;
        return addressOf(name, environment[name] ?? '');
    };
}
function maskLogin(value, observer) {
    const url = parse(value);
    if (url === null || url.password === '')
        return;
    const [username, password] = loginOf(url);
    for (const text of [url.password, password, basicPair(username, password)])
        observer.secret(text);
}
function addressOf(name, value) {
    const url = parse(value);
    if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
        throw new run_errors/* NetworkError */.Dr('PROXY', `${name} is not the URL of an http or https proxy`, {
            hint: `Write http://host:port or http://user:password@host:port, with special characters of the password as %-escapes. The value of ${name} is not shown because it may hold a password.`,
        });
    }
    const [username, password] = loginOf(url);
    const isAnonymous = username === '' && password === '';
    return {
        url: new URL(url.origin),
        headers: isAnonymous ? {} : { 'proxy-authorization': `Basic ${basicPair(username, password)}` },
    };
}
function parse(value) {
    return URL.parse(value.includes('://') ? value : `http://${value}`);
}
function loginOf({ username, password }) {
    return [unescaped(username), unescaped(password)];
}
function unescaped(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return text;
    }
}
function isExcluded(origin, list) {
    const host = unbracketed(origin.hostname);
    const port = origin.port || (origin.protocol === 'https:' ? '443' : '80');
    return list.split(/[\s,]+/).some((entry) => {
        const [, name = entry, only = port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
        return name !== '' && only === port && coversHost(unbracketed(name).toLowerCase(), host);
    });
}
function coversHost(name, host) {
    if (name === '*')
        return true;
    if ((0,external_node_net_.isIP)(host) !== 0)
        return coversAddress(name, host);
    const domain = name.replace(/^\*?\./, '');
    return (host === domain && !name.startsWith('*')) || host.endsWith(`.${domain}`);
}
/** `name`: an address, or a network as address/bits. */
function coversAddress(name, host) {
    const [address = '', bits] = name.split('/');
    const [family, maxLength] = (0,external_node_net_.isIP)(host) === 6 ? ['ipv6', 128] : ['ipv4', 32];
    const length = bits === undefined ? maxLength : Number(bits);
    if ((0,external_node_net_.isIP)(address) !== (0,external_node_net_.isIP)(host) || !Number.isInteger(length) || length < 0 || length > maxLength)
        return false;
    const network = new external_node_net_.BlockList();
    network.addSubnet(address, length, family);
    return network.check(host, family);
}
function unbracketed(host) {
    return host.replace(/^\[(.+)\]$/, '$1');
}

;// CONCATENATED MODULE: ./src/http/redirect.ts



const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/**
 * Follows redirects as a policy allows. The origin's headers are dropped at the first other origin and do not come
 * back. A write is repeated only after 307 or 308, and on its own origin (RFC 9110, 15.4). An answer of another origin
 * is `elsewhere`, and a failure there has no body.
 */
function redirected(send, policy) {
    return async (request) => {
        let current = request;
        for (let redirects = 0; redirects <= policy.maxRedirects; redirects += 1) {
            const response = await send(current);
            if (!redirectStatuses.has(response.status))
                return locatedAnswer(request, response);
            const url = targetOf(current, response, policy);
            const isSameOrigin = url.origin === current.url.origin;
            current = { ...current, url, originHeaders: isSameOrigin ? current.originHeaders : undefined };
        }
        throw policy.failure(request, `redirects more than ${policy.maxRedirects} times`);
    };
}
// The registry chose the other host, and messages must not show what that host has to say.
function locatedAnswer(request, response) {
    if (response.url.origin === request.url.origin)
        return response;
    const body = response.status < 300 ? response.body : new Uint8Array();
    return { ...response, body, answeredBy: 'elsewhere' };
}
function targetOf(request, response, policy) {
    const location = header(response.headers, 'location');
    const target = location === undefined ? null : URL.parse(location, request.url.href);
    if (target === null)
        throw policy.failure(request, 'redirects without a usable Location');
    policy.check(request, target);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const keepsMethod = response.status === 307 || response.status === 308;
    if (!isRead && !(keepsMethod && target.origin === request.url.origin)) {
        throw policy.failure(request, `redirects a ${request.method} to ${redacted(target)}`);
    }
    return target;
}
/**
 * Registries redirect reads to storage hosts: anywhere, except from TLS to plain HTTP, to a network further inward than
 * their own (unless `allowPrivate` allows it for the registry's host), and to special addresses.
 */
function registryRedirects(allowPrivate = () => false) {
    return {
        maxRedirects: 5,
        check: (request, target) => {
            const problem = schemeProblem(request.url, target) ?? reachProblem(request, target, allowPrivate);
            if (problem !== undefined)
                throw redirectRefused(request, problem);
        },
        failure: redirectRefused,
    };
}
function schemeProblem(from, target) {
    if (target.protocol !== 'https:' && target.protocol !== from.protocol)
        return 'redirects to plain HTTP or another scheme';
    return target.username === '' && target.password === ''
        ? undefined
        : 'redirects to a URL with a user name in it';
}
function reachProblem({ url, registryHost = url.host }, target, allowPrivate) {
    if (reachOf(target) === 'special')
        return `redirects to an address with a special purpose (${target.host})`;
    const registry = new URL(`https://${registryHost}`);
    if (target.hostname === registry.hostname || mayLeadTo(registry, target) || allowPrivate(registryHost))
        return undefined;
    return `redirects to a private address (${target.host})`;
}
function redirectRefused(request, problem) {
    return new run_errors/* NetworkError */.Dr('REDIRECT', `${redacted(request.url)} ${problem}`, {
        hint: 'Check that the reference names the registry itself, not a web page or a mirror in front of it. If its storage is in your own network, add the registry to insecure-registries.',
    });
}

;// CONCATENATED MODULE: ./src/http/request-log.ts


/** Headers about rate limits, by Docker Hub's and GitHub's names. */
const limitHeaders = [
    'ratelimit-limit',
    'ratelimit-remaining',
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
    'retry-after',
];
/**
 * Logs each request at debug: method, URL without its query, status or error message, milliseconds, and the rate
 * limit that the host states. No other header and no body is logged.
 */
function logged(send, observer, clock) {
    return async (request) => {
        const started = clock.now();
        const log = (outcome) => {
            const milliseconds = Math.round(clock.now() - started);
            observer.debug(`${request.method} ${redacted(request.url)}: ${outcome} (${milliseconds} ms)`);
        };
        try {
            const response = await send(request);
            log(`${response.status}${limitsOf(response)}`);
            return response;
        }
        catch (error) {
            log((0,run_errors/* messageOf */.bD)(error));
            throw error;
        }
    };
}
function limitsOf({ headers }) {
    const limits = limitHeaders.flatMap((name) => headers.get(name)?.map((value) => `${name}: ${value}`) ?? []);
    return limits.length === 0 ? '' : `, ${limits.join(', ')}`;
}

;// CONCATENATED MODULE: ./src/http/retry.ts




/** The policy of a normal run: 6 attempts, none begun later than two minutes after the first. */
const standardRetries = {
    maxAttempts: 6,
    basePause: 250,
    maxPause: 10_000,
    deadline: 120_000,
};
/**
 * Repeats requests after temporary failures: broken connections, 408, 5xx and rate limits. Returns the last answer,
 * or throws the last NetworkError, when no attempt is left; throws RegistryError RATE_LIMITED or UNAVAILABLE when a
 * host asks to wait for more than a minute.
 */
function retried(send, policy, clock) {
    return async (request) => {
        const end = clock.now() + policy.deadline;
        for (let attempt = 1;; attempt += 1) {
            const outcome = await outcomeOf(send, request, clock);
            if ('answer' in outcome)
                return outcome.answer;
            const pause = retry_pauseAfter(attempt, outcome, policy, clock);
            if (attempt >= retry_maxAttempts(request, outcome, policy) || clock.now() + pause > end) {
                return lastOutcome(outcome.last, attempt);
            }
            await clock.sleep(pause);
            const applied = await request.alreadyApplied?.();
            if (applied !== undefined)
                return applied;
        }
    };
}
async function outcomeOf(send, request, clock) {
    try {
        const response = await send(request);
        return isTemporary(response)
            ? temporaryFailure(request.method, response, clock.now())
            : { answer: response };
    }
    catch (error) {
        const isFinal = error instanceof SilentHostError;
        if (error instanceof run_errors/* NetworkError */.Dr && retry_temporaryErrors.has(error.code) && !isFinal)
            return { last: error, wait: undefined };
        throw error;
    }
}
const retry_temporaryErrors = new Set(['CONNECTION', 'TIMEOUT', 'DNS']);
function temporaryFailure(method, response, now) {
    const wait = retryAfter(response, now);
    if (wait !== undefined && wait > maxWait)
        throw waitTooLong(method, response, wait);
    return { last: response, wait };
}
function waitTooLong(method, response, wait) {
    const isLimit = isRateLimit(response);
    return new run_errors/* RegistryError */.gl(isLimit ? 'RATE_LIMITED' : 'UNAVAILABLE', `${response.url.host} refuses requests for the next ${Math.ceil(wait / 60_000)} minutes (${response.status})`, failureOf(method, response, { wait }), {
        hint: isLimit
            ? 'Log in to get a rate limit of your own, or run the job again later.'
            : 'Run the job again later: the registry is out of service until then.',
    });
}
// At least half of the backoff is waited, so that all attempts together outlast a registry's restart.
function retry_pauseAfter(attempt, { wait = 0 }, policy, clock) {
    const backoff = Math.min(policy.maxPause, policy.basePause * 2 ** (attempt - 1));
    return Math.max(wait, ((1 + clock.random()) / 2) * backoff);
}
// A host that does not answer three times will not answer the fourth time either.
function retry_maxAttempts({ tries }, { last }, policy) {
    if (tries === 'one')
        return 1;
    const isTimeout = last instanceof run_errors/* NetworkError */.Dr && last.code === 'TIMEOUT';
    return isTimeout ? Math.min(3, policy.maxAttempts) : policy.maxAttempts;
}
function lastOutcome(last, attempts) {
    if (!(last instanceof run_errors/* ActionError */.lZ))
        return last;
    if (attempts === 1)
        throw last;
    throw new run_errors/* NetworkError */.Dr(last.code, `${last.message}, tried ${attempts} times`, {
        hint: last.hint,
        cause: last.cause,
    });
}

;// CONCATENATED MODULE: ./src/http/certs-d.ts



/**
 * Reads `certs.d/<host[:port]>/` under each directory: `*.crt` are certificate authorities, `*.cert` with
 * `*.key` of the same name is a client certificate (the first one found). Undefined when there are none.
 * Throws ActionError (TLS_FILES) naming a file that cannot be read or is one of a pair whose other file is missing.
 * https://docs.docker.com/engine/security/certificates/
 */
async function findTlsFiles(host, directories) {
    // File names on Windows have no colons, so docker leaves them out there.
    const name = process.platform === 'win32' ? host.replaceAll(':', '') : host;
    if (!/^[A-Za-z0-9._:[\]-]+$/.test(name) || name === '.' || name === '..')
        return undefined;
    const found = await Promise.all(directories.map((directory) => readHost((0,external_node_path_.join)(directory, 'certs.d', name))));
    const ca = found.flatMap((files) => files.ca);
    const certificate = found.find((files) => files.certificate !== undefined)?.certificate;
    if (ca.length === 0 && certificate === undefined)
        return undefined;
    return certificate === undefined ? { ca } : { ca, certificate };
}
async function readHost(directory) {
    const names = (await list(directory)).toSorted();
    const endingIn = (ending) => names.filter((name) => name.endsWith(ending));
    const ca = await Promise.all(endingIn('.crt').map((name) => read(directory, name)));
    const stem = (name) => name.slice(0, name.lastIndexOf('.'));
    for (const name of endingIn('.cert'))
        requirePair(directory, names, [name, `${stem(name)}.key`]);
    for (const name of endingIn('.key'))
        requirePair(directory, names, [name, `${stem(name)}.cert`]);
    const [first] = endingIn('.cert');
    if (first === undefined)
        return { ca };
    const [cert, key] = await Promise.all([read(directory, first), read(directory, `${stem(first)}.key`)]);
    return { ca, certificate: { cert, key } };
}
function requirePair(directory, names, [name, other]) {
    if (names.includes(other))
        return;
    throw new run_errors/* ActionError */.lZ('TLS_FILES', `${other} is missing beside ${(0,external_node_path_.join)(directory, name)}`, {
        hint: 'Add the missing file: a client certificate is a pair, NAME.cert and NAME.key. The file of a certificate authority ends in .crt.',
    });
}
async function list(directory) {
    try {
        return await (0,promises_.readdir)(directory);
    }
    catch (error) {
        if ((0,run_errors/* isAbsent */.W0)(error))
            return [];
        throw unreadable(directory, error);
    }
}
async function read(directory, name) {
    const path = (0,external_node_path_.join)(directory, name);
    try {
        return await (0,promises_.readFile)(path, 'utf8');
    }
    catch (error) {
        throw unreadable(path, error);
    }
}
function unreadable(path, error) {
    const code = error.code ?? 'unknown error';
    return new run_errors/* ActionError */.lZ('TLS_FILES', `${path} cannot be read (${code})`, {
        hint: 'Allow the user that runs this job to read it.',
    });
}

;// CONCATENATED MODULE: ./src/http/tls.ts

/**
 * The TLS settings of an origin: Node's own CAs (with NODE_EXTRA_CA_CERTS) and the host's files in certs.d
 * (docs.docker.com, "Verify repository client with certificates"); with `system` trust the system's CAs too.
 * The CAs of a registry's certs.d are trusted at its token server and storage as well, as docker does; its client
 * certificate is sent to the registry only.
 */
function tlsSettings(options) {
    const { directories } = options;
    const insecure = new Set([...options.insecureRegistries].map((registry) => URL.parse(`https://${registry}`)?.host));
    return async (origin, trust, registryHost = origin.host) => {
        const rejectUnauthorized = !insecure.has(origin.host);
        const files = await findTlsFiles(origin.host, directories);
        const registryFiles = registryHost === origin.host ? undefined : await findTlsFiles(registryHost, directories);
        const trusted = [...(files?.ca ?? []), ...(registryFiles?.ca ?? [])];
        if (files === undefined && trusted.length === 0 && trust === 'standard')
            return { rejectUnauthorized };
        const tls = await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 1692, 23));
        const system = trust === 'system' ? tls.getCACertificates('system') : [];
        const ca = [...tls.getCACertificates('default'), ...system, ...trusted];
        const context = { ca, ...files?.certificate };
        return { secureContext: tls.createSecureContext(context), rejectUnauthorized };
    };
}

;// CONCATENATED MODULE: ./src/http/body-reader.ts



/** Larger bodies are read a few at a time: 100 answers of 4 MiB at once would exceed the memory budget. */
const maxUsualBody = 64 * 1024;
const maxLargeAtOnce = 2;
const connectionBuffers = 64 * 1024;
/** Reads whole bodies, none larger than its request allows, and few large ones at the same time. */
class BodyReader {
    #buffers;
    #large = pLimit(maxLargeAtOnce);
    constructor(buffers) {
        this.#buffers = buffers;
    }
    /** The body; throws NetworkError TOO_LARGE when content is too large, and cuts any other answer. */
    async read(request, { status, body }) {
        const isContent = request.method === 'GET' && status >= 200 && status < 300;
        const limit = isContent ? request.maxBodyBytes : Math.min(request.maxBodyBytes, maxShortBody);
        const chunks = [];
        let size = 0;
        const source = body[Symbol.asyncIterator]();
        const readUntil = async (end) => {
            while (size <= end) {
                const { value, done } = await source.next();
                if (done === true)
                    return 'complete';
                size += value.byteLength;
                chunks.push(value);
            }
            return 'partial';
        };
        let state = await readUntil(Math.min(maxUsualBody, limit));
        if (state === 'partial' && size <= limit)
            state = await this.#large(() => readUntil(limit));
        if (state === 'partial') {
            await source.return?.();
            // About as much again was received and not read, and each connection had its buffers.
            this.#buffers.discarded(2 * (size + connectionBuffers));
        }
        if (size > limit && isContent)
            throw body_reader_tooLarge(request);
        const [first = new Uint8Array()] = chunks;
        return (chunks.length === 1 ? first : Buffer.concat(chunks)).subarray(0, limit);
    }
}
function body_reader_tooLarge(request) {
    return new run_errors/* NetworkError */.Dr('TOO_LARGE', `${redacted(request.url)} answered with more than ${request.maxBodyBytes} bytes`, { hint: 'Check the reference: this is not a manifest or config of a container image.' });
}

// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __nccwpck_require__(7075);
;// CONCATENATED MODULE: ./src/http/body-stream.ts



/**
 * The bytes of a body without its Content-Encoding (RFC 9110, 8.4): some proxies compress answers unasked. They are
 * decoded as they are read, so the reader's limit is one of decoded bytes.
 * Throws NetworkError PROTOCOL for damaged data, and for any other encoding than gzip.
 */
function decoded(body, { url, headers }) {
    const encoding = header(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
    if (encoding === '' || encoding === 'identity')
        return body;
    return inflated(body, url, encoding);
}
async function* inflated(body, url, encoding) {
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
        // Leaving the loop closes the body.
        for await (const _ of body)
            break;
        throw unknownEncoding(url, encoding);
    }
    // Hardly any run meets a compressed answer: it need not load zlib to start.
    const { createGunzip } = await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 8522, 23));
    const source = external_node_stream_.Readable.from(body);
    const output = createGunzip();
    source.on('error', (error) => output.destroy(error));
    source.pipe(output);
    try {
        yield* output;
    }
    catch (error) {
        throw isDataError(error) ? damaged(url, error) : error;
    }
    finally {
        source.destroy();
    }
}
function unknownEncoding(url, encoding) {
    const name = encoding.replace(/[^a-z0-9, .-]/g, '').slice(0, 40);
    return new run_errors/* NetworkError */.Dr('PROTOCOL', `${redacted(url)} answered in the encoding ${name}, which was not requested`, {
        hint: 'Check the proxies between this runner and the registry: they may compress answers with gzip only.',
    });
}
function isDataError(error) {
    return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
function damaged(url, cause) {
    return new run_errors/* NetworkError */.Dr('PROTOCOL', `${redacted(url)} answered with damaged gzip data`, {
        hint: 'Check the proxies between this runner and the registry.',
        cause,
    });
}
/** Bytes that a stream must carry in each second, on average over a minute: 1 KiB. */
const minRate = 1024;
/** Measures whether the network carries a stream at the minimum rate; only time spent waiting for it counts. */
class RateCheck {
    #request;
    #span;
    #waited = 0;
    #carried = 0;
    /** `span`: milliseconds of waiting over which the rate is measured. */
    constructor(request, span) {
        this.#request = request;
        this.#span = span;
    }
    /** Records bytes and the milliseconds waited for them; throws NetworkError TIMEOUT for a stream that is too slow. */
    add(bytes, milliseconds) {
        this.#waited += milliseconds;
        this.#carried += bytes;
        if (this.#waited < this.#span)
            return;
        if (this.#carried * 1000 < minRate * this.#waited)
            throw this.#tooSlow();
        this.#waited = 0;
        this.#carried = 0;
    }
    #tooSlow() {
        const { method, url } = this.#request;
        return new run_errors/* NetworkError */.Dr('TIMEOUT', `${redacted(url)} carries less than 1 KiB in a second (${method})`, {
            hint: 'Check the network between this runner and the registry.',
        });
    }
}
/** A body that is read, with its rate checked. */
async function* steadilyRead(body, check) {
    let asked = Date.now();
    for await (const chunk of body) {
        check.add(chunk.byteLength, Date.now() - asked);
        yield chunk;
        asked = Date.now();
    }
}
/** A body that is sent, with the rate checked at which the network takes it. */
async function* steadilySent(body, check) {
    for await (const chunk of body) {
        const given = Date.now();
        yield chunk;
        check.add(chunk.byteLength, Date.now() - given);
    }
}

// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/api/api-connect.js
var api_connect = __nccwpck_require__(147);
// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/api/api-request.js
var api_request = __nccwpck_require__(4576);
// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/core/connect.js
var connect = __nccwpck_require__(1033);
// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/dispatcher/agent.js
var agent = __nccwpck_require__(5608);
// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/dispatcher/dispatcher.js
var dispatcher = __nccwpck_require__(8932);
// EXTERNAL MODULE: ./.cache/packages/node_modules/undici/lib/dispatcher/pool.js
var dispatcher_pool = __nccwpck_require__(5331);
;// CONCATENATED MODULE: ./.github/bundle/undici.js
// What undici's index exports, as far as the bundle needs it. The index loads everything undici can do (WebSocket,
// caches, mocks, a cookie jar) at every start; this is a third of it. A name missing here fails the build.







Object.assign(dispatcher.prototype, { connect: api_connect, request: api_request });



;// CONCATENATED MODULE: ./src/http/routes.ts




/** The routes of a run, each made for the first request that needs it, and the trust in each origin. */
class Routes {
    #options;
    #routes = new Map();
    /** Connections to proxies that did not become a tunnel. */
    #tunnels = [];
    #systemTrust = new Set();
    constructor(options) {
        this.#options = options;
    }
    /** The CAs to verify an origin with: the standard ones, until it needs the system's. */
    trustIn(url) {
        return this.#systemTrust.has(url.origin) ? 'system' : 'standard';
    }
    /** Records that an origin's certificate is verified with the system's CAs only. */
    trustSystem(url) {
        this.#systemTrust.add(url.origin);
    }
    /** The route for a request; throws what reading TLS files and proxy settings throws. */
    find(request, trust) {
        const key = routeKey(request, trust);
        const route = this.#routes.get(key) ?? this.#open(key, request, trust);
        this.#routes.set(key, route);
        return route;
    }
    /**
     * Abandons a route whose first connection failed. Until a host is known to speak HTTP/2, undici opens one connection
     * and keeps all other requests waiting for it: they would fail one after the other, each after its own timeout.
     */
    failed(route, error) {
        if (route.state !== 'new' || !(error instanceof Error) || !failedToConnect(error))
            return;
        route.state = 'abandoned';
        this.#routes.delete(route.key);
        route.dispatcher.destroy(error).catch(() => undefined);
    }
    /** Ends every connection. */
    async close() {
        const routes = await Promise.allSettled(this.#routes.values());
        const opened = routes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.dispatcher] : []));
        await Promise.allSettled([...opened, ...this.#tunnels].map((each) => each.destroy()));
    }
    async #open(key, request, trust) {
        const { timeouts, tls, proxy: proxyOf } = this.#options;
        const origin = new URL(request.url.origin);
        const isTls = origin.protocol === 'https:';
        const allowH2 = protocolsFor(request) === 'any';
        const security = isTls ? await tls(origin, trust, request.registryHost ?? origin.host) : {};
        const settings = { timeout: timeouts.connect, preferH2: true, allowH2, ...security };
        const proxy = proxyOf?.(origin);
        const dispatcher = new agent({
            allowH2,
            // Almost every body comes in one round trip, and a hundred streams that nobody reads yet hold 13 MB.
            initialWindowSize: 2 * maxUsualBody,
            connectionWindowSize: 64 * maxUsualBody,
            connections: maxHostConnections,
            headersTimeout: timeouts.headers,
            bodyTimeout: timeouts.idle,
            connect: this.#reporting(origin, isTls && proxy !== undefined ? this.#tunnel(origin, proxy, settings) : connect(settings)),
        });
        return { key, dispatcher, proxy, state: 'new' };
    }
    #reporting(origin, connect) {
        return (options, callback) => connect(options, (...result) => {
            const socket = result[1];
            if (socket?.alpnProtocol === 'h2')
                this.#options.onHttp2?.(origin);
            callback(...result);
        });
    }
    /** Connects through a tunnel (RFC 9110, 9.3.6), with TLS inside it. */
    #tunnel(origin, proxy, settings) {
        const { connect: timeout } = this.#options.timeouts;
        const pool = new dispatcher_pool(proxy.url.origin, {
            connect: { timeout, allowH2: false },
            headersTimeout: timeout,
        });
        this.#tunnels.push(pool);
        const connectInside = connect(settings);
        return async (options, callback) => {
            try {
                connectInside({ ...options, httpSocket: await openTunnel(pool, origin, proxy) }, callback);
            }
            catch (error) {
                callback(networkError({ method: 'CONNECT', url: origin }, error, 'proxy'), null);
            }
        };
    }
}
function routeKey(request, trust) {
    const { url, registryHost = url.host } = request;
    return [url.origin, trust, protocolsFor(request), url.protocol === 'https:' ? registryHost : ''].join(' ');
}
// Streams get connections of their own: in HTTP/2 they would share the flow control window of one connection, which
// over a distance carries a tenth of what several connections do.
function protocolsFor(request) {
    return request.url.protocol === 'https:' && isStreamed(request) ? 'http/1.1' : 'any';
}
/** Whether a body of the request or of its answer is a stream. */
function isStreamed(request) {
    return request.answer === 'stream' || typeof request.body === 'function';
}
async function openTunnel(pool, origin, proxy) {
    const host = `${origin.hostname}:${origin.port || '443'}`;
    const servername = proxy.url.hostname;
    const options = { path: host, headers: { host, ...proxy.headers }, servername };
    const { statusCode, socket } = await pool.connect(options);
    if (statusCode === 200)
        return socket;
    socket.on('error', () => undefined).destroy();
    throw proxyRefusal(origin, statusCode);
}

;// CONCATENATED MODULE: ./src/http/transport.ts







/** The timeouts of a normal run. */
const standardTimeouts = { connect: 10_000, headers: 30_000, idle: 30_000, whole: 120_000 };
/**
 * Sends single requests over kept connections, at most 32 to a host. Where a server offers HTTP/2 and nothing is
 * streamed, requests share a connection; until that is known, they wait for the first one. Neither redirects nor
 * retries. Every body that is read whole is limited by its request.
 */
class Transport {
    #options;
    #routes;
    #bodies;
    #isClosed = false;
    constructor(options) {
        this.#options = options;
        this.#routes = new Routes(options);
        this.#bodies = new BodyReader(options.buffers);
    }
    /** Sends one request; throws NetworkError with code CONNECTION, TIMEOUT, DNS, TLS, PROXY, PROTOCOL or TOO_LARGE. */
    send = async (request) => {
        if (this.#isClosed)
            throw new Error(`${redacted(request.url)} was requested after the end of the run`);
        const trust = this.#routes.trustIn(request.url);
        try {
            return await this.#sendTrusting(request, trust);
        }
        catch (error) {
            const isTlsFailure = error instanceof run_errors/* NetworkError */.Dr && error.code === 'TLS';
            if (!isTlsFailure || trust === 'system')
                throw error;
            // Reading the system's CAs takes some 50 ms, so they come second. Nothing of the request has left yet.
            const response = await this.#sendTrusting(request, 'system');
            this.#routes.trustSystem(request.url);
            return response;
        }
    };
    /** Ends every connection; nothing can be sent any more. */
    async close() {
        this.#isClosed = true;
        await this.#routes.close();
    }
    async #sendTrusting(request, trust) {
        let route;
        try {
            route = await this.#routes.find(request, trust);
            const answer = await this.#dispatch(request, route);
            route.state = 'answered';
            if (answer.statusCode === 407)
                throw proxyRefusal(request.url, 407);
            const response = await this.#received(request, answer);
            // undici takes a connection back one turn of the event loop later: a request sent before would open another one.
            await (0,external_node_timers_promises_namespaceObject.setImmediate)();
            return response;
        }
        catch (error) {
            if (route !== undefined)
                this.#routes.failed(route, error);
            if (error instanceof run_errors/* ActionError */.lZ)
                throw error;
            throw networkError(request, error, route?.proxy === undefined ? 'direct' : 'proxy');
        }
    }
    /** Waits for the headers of the answer, however many informational answers (1xx) come before them. */
    async #dispatch(request, { dispatcher, proxy }) {
        const { connect, headers, whole } = this.#options.timeouts;
        const late = new AbortController();
        let timer;
        const startTimer = () => {
            const reason = new DOMException('no headers in time', 'TimeoutError');
            // A connection through a proxy is two connections.
            timer = setTimeout(() => late.abort(reason), 2 * connect + headers);
        };
        const body = this.#outgoingBody(request, startTimer);
        if (typeof request.body !== 'function')
            startTimer();
        // An answer of single bytes, one at a time, never is idle long enough to end.
        const limits = isStreamed(request) ? [] : [AbortSignal.timeout(whole)];
        const signal = AbortSignal.any([late.signal, ...limits]);
        try {
            return await dispatcher.request({ ...this.#outgoing(request, proxy), signal, body });
        }
        finally {
            clearTimeout(timer);
        }
    }
    async #received(request, answer) {
        const { statusCode: status } = answer;
        const entries = Object.entries(answer.headers);
        const headers = new Map(entries.map(([name, value]) => [name.toLowerCase(), [value ?? []].flat()]));
        const response = { status, url: request.url, headers };
        const body = decoded(answer.body, response);
        if (request.answer === 'stream' && status >= 200 && status < 300) {
            return { ...response, body: new Uint8Array(), stream: this.#streamed(request, body) };
        }
        return { ...response, body: await this.#bodies.read(request, { status, body }) };
    }
    async *#streamed(request, body) {
        try {
            yield* steadilyRead(body, this.#rateCheck(request));
        }
        catch (error) {
            throw networkError(request, error);
        }
    }
    #rateCheck(request) {
        return new RateCheck(request, this.#options.timeouts.whole / 2);
    }
    #outgoing(request, proxy) {
        const { url } = request;
        const forwarder = url.protocol === 'http:' ? proxy : undefined;
        return {
            origin: url.origin,
            path: url.pathname + url.search,
            method: request.method,
            // By default undici closes a connection after HEAD.
            reset: false,
            ...(forwarder && forwarded(url, forwarder)),
            headers: {
                'user-agent': this.#options.userAgent,
                ...(forwarder && { host: url.host, ...forwarder.headers }),
                ...request.headers,
                ...request.originHeaders,
            },
        };
    }
    /** The bytes to send; `onEnd` is called after the last piece of a stream. */
    #outgoingBody(request, onEnd) {
        const { body } = request;
        if (typeof body !== 'function')
            return body ?? null;
        const sent = steadilySent(counted(body, this.#options.buffers), this.#rateCheck(request));
        // undici takes any iterable, whatever its types say.
        return ending(sent, onEnd);
    }
}
/** The form of a plain request that a proxy forwards (RFC 9112, 3.2.2). */
function forwarded(url, { url: proxy }) {
    const servername = proxy.hostname;
    return { origin: proxy.origin, path: url.href, ...(proxy.protocol === 'https:' && { servername }) };
}
// Every blob that is read is sent, so its buffers are counted here.
async function* counted(body, buffers) {
    for await (const chunk of body()) {
        buffers.passed(chunk.byteLength);
        yield chunk;
    }
}
async function* ending(body, onEnd) {
    yield* body;
    onEnd();
}

;// CONCATENATED MODULE: ./src/registry/manifest-response.ts






const maxReads = 3;
/** Reads again, three times in all, while the bytes do not match their digest. */
async function rereadOnMismatch(read) {
    for (let attempt = 1;; attempt += 1) {
        try {
            return await read();
        }
        catch (error) {
            if (!(error instanceof run_errors/* IntegrityError */.cs) || attempt === maxReads)
                throw error;
        }
    }
}
/**
 * The manifest in an answer, its bytes compared with the requested and the stated digest. Throws IntegrityError for
 * other bytes, RegistryError BAD_MANIFEST for bytes that are not a manifest.
 */
function manifestOf(response, repository, name) {
    const { body, headers } = response;
    const stated = header(headers, 'docker-content-digest');
    if (stated !== undefined && (0,oci_digest/* isDigest */.Bc)(stated) && (0,oci_digest/* digestOf */.ol)(body, (0,oci_digest/* algorithmOf */.Hy)(stated)) !== stated) {
        throw corrupted(repository, name);
    }
    try {
        return (0,oci_manifest/* parseManifest */.Ng)(body, header(headers, 'content-type'), (0,oci_digest/* isDigest */.Bc)(name) ? name : undefined);
    }
    catch (error) {
        if (error instanceof oci_manifest/* DigestMismatchError */.h)
            throw corrupted(repository, name);
        if (!(error instanceof format_error/* FormatError */.IF))
            throw error;
        const cause = response.answeredBy === 'elsewhere' ? new format_error/* FormatError */.IF((0,format_error/* unquoted */.qZ)(error.message), error.expected) : error;
        const message = `${formatTarget(repository, name)}: ${cause.message}`;
        throw new run_errors/* RegistryError */.gl('BAD_MANIFEST', message, failureOf('GET', response), {
            hint: `Expected ${error.expected}.`,
            cause,
        });
    }
}
/** The error for bytes that do not match their digest. */
function corrupted(repository, name) {
    return new run_errors/* IntegrityError */.cs('CORRUPTED', `${repository.registry} served other bytes of ${formatTarget(repository, name)} than its digest names`, {
        hint: 'Check the registry and the proxies in front of it: three reads in a row gave wrong bytes. None of them were used.',
    });
}

;// CONCATENATED MODULE: ./src/registry/client.ts







/** Bytes of a config, or other small blob, that is read whole: 4 MiB. */
const maxSmallBlob = oci_manifest/* manifestLimit */.t7;
/** Tags of one listing, and bytes of its answer. */
const maxListedTags = 1000;
const maxTagListBytes = 256 * 1024;
/** Different Warning headers that are shown, and characters of each. */
const maxWarnings = 50;
const maxWarningLength = 500;
/**
 * Speaks the distribution API for manifests and for reading blobs.
 * Digests are computed from bytes; a header's digest is only ever compared with them.
 */
class RegistryClient {
    #send;
    #authorizer;
    #observer;
    #warned = new Set();
    constructor(send, authorizer, observer) {
        this.#send = send;
        this.#authorizer = authorizer;
        this.#observer = observer;
    }
    /** Declares access that the run will need in a repository, so that one token serves all of it. */
    declareAccess(repository, actions) {
        this.#authorizer.declareAccess(repository.registry, { repository: repository.path, actions });
    }
    /**
     * Whether a push to a repository would be allowed: asks for a token to push, and only reads with it. Throws AuthError
     * when the token server denies that.
     */
    async pushGrant(repository, tag) {
        const actions = ['pull', 'push'];
        await this.send({ ...manifestRequest('HEAD', repository, tag), actions });
        return this.#authorizer.grants(repository.registry, { repository: repository.path, actions });
    }
    /** Sends a request of the API; shows each Warning header once. */
    async send(request) {
        const response = await this.#send(request);
        for (const warning of response.headers.get('warning') ?? [])
            this.#warnOnce(request.repository, warning);
        return response;
    }
    /**
     * The digest and media type of a tag or digest, or undefined when the registry has no such manifest.
     * A registry that refuses HEAD or leaves the digest out gets a GET instead.
     */
    async headManifest(repository, name, priority) {
        const response = await this.send({ ...manifestRequest('HEAD', repository, name), priority });
        if (response.status === 404)
            return undefined;
        const digest = header(response.headers, 'docker-content-digest');
        if (isSuccess(response, 200) && digest !== undefined && (0,oci_digest/* isDigest */.Bc)(digest)) {
            return { digest, mediaType: (0,media_types/* essence */.Pf)(header(response.headers, 'content-type') ?? '') };
        }
        return this.findManifest(repository, name);
    }
    /**
     * The manifest of a tag or digest; throws RegistryError NOT_FOUND, AuthError, IntegrityError. `size`: the
     * bytes it should have; not many more are read.
     */
    async getManifest(repository, name, size = oci_manifest/* manifestLimit */.t7) {
        const request = { ...manifestRequest('GET', repository, name), maxBodyBytes: maxBodyFor(size) };
        return rereadOnMismatch(async () => {
            const response = await this.send(request);
            if (!isSuccess(response, 200)) {
                throw registryError(response, { method: 'GET', verb: 'pull', repository, name });
            }
            return manifestOf(response, repository, name);
        });
    }
    /** Like getManifest, but undefined when the registry has no such manifest. */
    async findManifest(repository, name, size) {
        try {
            return await this.getManifest(repository, name, size);
        }
        catch (error) {
            if (error instanceof run_errors/* RegistryError */.gl && error.code === 'NOT_FOUND')
                return undefined;
            throw error;
        }
    }
    /**
     * Pushes a manifest under a tag or its digest. Before a further attempt the name is read: a push that took effect
     * is not repeated. An answer other than 201 with our digest counts only once a read confirms it.
     */
    async putManifest(repository, name, manifest) {
        const response = await this.send({
            ...manifestRequest('PUT', repository, name),
            headers: { 'content-type': manifest.mediaType },
            body: manifest.bytes,
            maxBodyBytes: maxShortBody,
            actions: ['pull', 'push'],
            alreadyApplied: () => this.#alreadyApplied(repository, name, manifest),
        });
        if (response.status >= 300) {
            throw registryError(response, { method: 'PUT', verb: 'push', repository, name });
        }
        const proof = await this.#confirm(response, repository, name, manifest);
        const subject = header(response.headers, 'oci-subject');
        return { repository, name, digest: manifest.digest, proof, subject };
    }
    /**
     * The tags of a repository, at most one answer's worth, for hints; none when the registry does not list them
     * (distribution-spec, "Listing Tags").
     */
    async listTags(repository) {
        const target = `/v2/${repository.path}/tags/list?n=${maxListedTags}`;
        const list = { method: 'GET', repository, target, actions: ['pull'], tries: 'one' };
        try {
            const { status, body } = await this.send({ ...list, maxBodyBytes: maxTagListBytes });
            if (status !== 200)
                return [];
            const { tags } = JSON.parse(Buffer.from(body).toString('utf8'));
            const names = Array.isArray(tags) ? tags.slice(0, maxListedTags) : [];
            return names.filter((name) => typeof name === 'string' && /^\w[\w.-]{0,127}$/.test(name));
        }
        catch {
            return [];
        }
    }
    /** Whether the repository holds a blob; a refused HEAD counts as no. */
    async hasBlob(repository, digest) {
        return isSuccess(await this.send(blobRequest('HEAD', repository, digest)), 200);
    }
    /** Reads a small blob whole; throws IntegrityError when its bytes are not the descriptor's. */
    async getBlob(repository, { digest, size }) {
        const request = { ...blobRequest('GET', repository, digest), maxBodyBytes: maxBodyFor(size) };
        return rereadOnMismatch(async () => {
            const response = await this.send(request);
            if (!isSuccess(response, 200)) {
                throw registryError(response, { method: 'GET', verb: 'pull', repository, name: digest });
            }
            if (response.body.byteLength !== size || !(0,oci_digest/* digestMatches */.U2)(response.body, digest)) {
                throw corrupted(repository, digest);
            }
            return response.body;
        });
    }
    /** Opens a blob from `offset` bytes in; the reader checks digest and size. */
    async openBlob(repository, { digest }, offset) {
        const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
        const request = blobRequest('GET', repository, digest);
        const response = await this.send({ ...request, headers, answer: 'stream' });
        if (response.stream === undefined || !isSuccess(response)) {
            throw registryError(response, { method: 'GET', verb: 'pull', repository, name: digest });
        }
        // A server that does not support ranges answers 200 with everything.
        return response.status === 206 ? response.stream : skipping(response.stream, offset);
    }
    // One request only: if it fails too, the write is simply tried again.
    async #alreadyApplied(repository, name, manifest) {
        try {
            const response = await this.send({ ...manifestRequest('HEAD', repository, name), tries: 'one' });
            const digest = header(response.headers, 'docker-content-digest');
            return response.status === 200 && digest === manifest.digest ? { ...response, status: 201 } : undefined;
        }
        catch (error) {
            if (error instanceof run_errors/* ActionError */.lZ)
                return undefined;
            throw error;
        }
    }
    async #confirm(response, repository, name, manifest) {
        const digest = header(response.headers, 'docker-content-digest');
        if (response.status === 201 && digest === undefined)
            return 'status';
        if (response.status === 201 && digest === manifest.digest)
            return 'digest';
        const held = await this.findManifest(repository, name);
        if (held?.digest === manifest.digest)
            return 'digest';
        throw isWebPage(response) ? notARegistry(response) : notStored(response, repository, name);
    }
    #warnOnce(repository, warning) {
        const text = `${repository.registry} warns: ${warning.slice(0, maxWarningLength)}`;
        if (this.#warned.has(text) || this.#warned.size === maxWarnings)
            return;
        this.#warned.add(text);
        this.#observer.warning(text);
    }
}
function manifestRequest(method, repository, name) {
    return {
        method,
        repository,
        target: `/v2/${repository.path}/manifests/${name}`,
        headers: { accept: media_types/* manifestAccept */.K },
        maxBodyBytes: oci_manifest/* manifestLimit */.t7,
        actions: ['pull'],
    };
}
function blobRequest(method, repository, digest) {
    const target = `/v2/${repository.path}/blobs/${digest}`;
    return { method, repository, target, maxBodyBytes: maxShortBody, actions: ['pull'] };
}
/** Bytes to read of content that should have `size`: room for a web page or some extra bytes, for a better error. */
function maxBodyFor(size) {
    return Math.min(Math.max(size, maxShortBody), maxSmallBlob);
}
function notStored(response, repository, name) {
    const { registry } = repository;
    return new run_errors/* RegistryError */.gl('NOT_STORED', `${registry} answered the push of ${formatTarget(repository, name)} with ${response.status} but does not serve it`, failureOf('PUT', response), { hint: 'Check the proxies between this runner and the registry.' });
}
async function* skipping(stream, offset) {
    let left = offset;
    for await (const chunk of stream) {
        if (left < chunk.byteLength)
            yield chunk.subarray(left);
        left = Math.max(0, left - chunk.byteLength);
    }
}

;// CONCATENATED MODULE: ./src/registry/located.ts



/** Docker Hub's registry has another host than its references. */
const hosts = new Map([['docker.io', 'registry-1.docker.io']]);
/**
 * The origin of each registry: https, except that loopback hosts and those listed as insecure may also
 * speak plain HTTP. Loopback hosts are tried with HTTP first, insecure ones with https first; the other scheme
 * is probed once, when the first one fails before the registry has ever answered.
 */
class Endpoints {
    #insecure;
    #send;
    #confirmed = new Map();
    #probes = new Map();
    /** `insecure`: registries as references name them. `send` sends the probes. */
    constructor(insecure, send) {
        this.#insecure = insecure;
        this.#send = send;
    }
    /** The origin of a registry, as far as is known now. */
    origin(registry) {
        return this.#confirmed.get(registry) ?? this.#first(registry);
    }
    /** Records that the registry answered at an origin, so that no other scheme is tried any more. */
    confirm(registry, origin) {
        if (this.#mayChoose(registry) && !this.#confirmed.has(registry)) {
            this.#confirmed.set(registry, new URL(origin.origin));
        }
    }
    /** The origin with the other scheme, if the registry answers there and never answered at the first one. */
    async other(registry) {
        if (!this.#mayChoose(registry))
            return undefined;
        const confirmed = this.#confirmed.get(registry);
        if (confirmed !== undefined) {
            return confirmed.origin === this.#first(registry).origin ? undefined : confirmed;
        }
        // A failed probe is not kept: the registry may only be starting up.
        const probe = this.#probes.get(registry) ?? this.#probe(registry).finally(() => this.#probes.delete(registry));
        this.#probes.set(registry, probe);
        return probe;
    }
    #mayChoose(registry) {
        return (0,oci_reference/* isLoopbackRegistry */.jW)(registry) || this.#insecure.has(registry);
    }
    #first(registry) {
        const scheme = (0,oci_reference/* isLoopbackRegistry */.jW)(registry) ? 'http' : 'https';
        return new URL(`${scheme}://${hosts.get(registry) ?? registry}`);
    }
    async #probe(registry) {
        const scheme = this.#first(registry).protocol === 'http:' ? 'https' : 'http';
        const url = new URL(`${scheme}://${registry}/v2/`);
        try {
            const answer = await this.#send({ method: 'GET', url, headers: {}, maxBodyBytes: maxShortBody });
            if (answer.status !== 200 && answer.status !== 401)
                return undefined;
            const origin = new URL(url.origin);
            this.#confirmed.set(registry, origin);
            return origin;
        }
        catch (error) {
            if (error instanceof run_errors/* NetworkError */.Dr && !reportedFailures.has(error.code))
                return undefined;
            throw error;
        }
    }
}
/** Failures of a probe that the user must see: a TLS server with a certificate that is not trusted, or a proxy. */
const reportedFailures = new Set(['TLS', 'PROXY']);
/** Failures of a server that does not speak the scheme; no other failure says anything about schemes. */
const schemeFailures = new Set(['CONNECTION', 'TIMEOUT', 'TLS', 'NO_TLS', 'PROTOCOL']);
/** Sends requests to the origin of their registry, and to the one with the other scheme if only that answers. */
function located(send, endpoints) {
    return async (request) => {
        const { registry } = request.repository;
        const origin = endpoints.origin(registry);
        const result = await send(requestAt(origin, request)).catch(schemeFailure);
        // Servers that require TLS answer plain HTTP with 400.
        const isMismatch = result instanceof run_errors/* NetworkError */.Dr || result.status === 400;
        if (!isMismatch)
            endpoints.confirm(registry, origin);
        const other = isMismatch ? await endpoints.other(registry) : undefined;
        if (other !== undefined && other.origin !== origin.origin)
            return send(requestAt(other, request));
        if (result instanceof run_errors/* NetworkError */.Dr)
            throw result;
        return result;
    };
}
function schemeFailure(error) {
    if (error instanceof run_errors/* NetworkError */.Dr && schemeFailures.has(error.code))
        return error;
    throw error;
}
function requestAt(origin, request) {
    const { repository, target, actions, headers = {}, ...rest } = request;
    const { registry, path } = repository;
    const scope = { repository: path, actions };
    const url = new URL(target, origin);
    // A link of an answer that came from elsewhere is the only target that is not on this origin.
    if (url.origin !== origin.origin)
        throw new run_errors/* NetworkError */.Dr('REDIRECT', `${registry} continues at another host (${url.host})`, {
            hint: 'Check the proxies between this runner and the registry.',
        });
    return {
        ...rest,
        url,
        headers,
        origin,
        registry,
        registryHost: origin.host,
        scope,
    };
}

;// CONCATENATED MODULE: ./src/registry/connect.ts
















const userAgent = 'multiarch-manifest-action';
/**
 * Composes the layers of the client; nothing is read or sent yet. Every layer is a `Send` around a `Send`, and a
 * request passes each of them once:
 *
 *     retried(located(authorized(redirected(limited(logged(transport.send))))))
 *
 * Token requests, which `authorized` makes, pass retried(redirected(limited(logged(transport.send)))), and the probes
 * of `located` pass limited(logged(transport.send)). Retries do not nest: a token request that fails for good fails
 * with TOKEN_SERVER, which the retries of the request that needs the token do not repeat.
 */
function connectRegistries(options) {
    const { environment, home, insecureRegistries, observer } = options;
    const { clock = systemClock, retries = standardRetries, timeouts = standardTimeouts } = options;
    // docker's directory, and the user's.
    const directories = ['/etc/docker', dockerConfigDirectory(environment, home)];
    const limiters = new HostLimiters(clock, (host, wait) => {
        observer.info(`${host} asks for a pause of ${Math.ceil(wait / 1000)} s`);
    });
    const transport = new Transport({
        timeouts,
        tls: tlsSettings({ directories, insecureRegistries }),
        proxy: proxiesOf(environment, observer),
        userAgent,
        buffers: new buffer_collector/* BufferCollector */.y(),
        onHttp2: (origin) => limiters.of(origin).multiplexed(),
    });
    const wire = limited(logged(transport.send, observer, clock), limiters);
    const endpoints = new Endpoints(insecureRegistries, wire);
    const credentials = createCredentials({ ...options, clock });
    const authorizer = createAuthorizer({
        credentials,
        send: retried(redirected(wire, tokenRedirects), retries, clock),
        observer,
        clock,
        refusedLogins: options.refusedLogins,
        allowPrivateRealm: (registry) => insecureRegistries.has(registry),
    });
    const redirects = registryRedirects((host) => insecureRegistries.has(host));
    const registries = authorized(redirected(wire, redirects), authorizer, credentials);
    const send = retried(located(registries, endpoints), retries, clock);
    return { client: new RegistryClient(send, authorizer, observer), close: () => transport.close() };
}
/** A connection for files that are not in a registry: retries, and follows redirects as registries' reads do. */
function connectDownloads(options) {
    const { environment, observer } = options;
    const { clock = systemClock, retries = standardRetries, timeouts = standardTimeouts } = options;
    const transport = new Transport({
        timeouts,
        tls: tlsSettings({ directories: [], insecureRegistries: new Set() }),
        proxy: proxiesOf(environment, observer),
        userAgent,
        buffers: new buffer_collector/* BufferCollector */.y(),
    });
    const wire = logged(transport.send, observer, clock);
    const send = retried(redirected(wire, registryRedirects()), retries, clock);
    return { send, close: () => transport.close() };
}

;// CONCATENATED MODULE: ./src/actions/credential-helpers.ts










/** Bytes of a helper: those of the clouds have some ten megabytes. */
const maxHelperSize = 100 * 1024 * 1024;
/** Milliseconds of a download from its first byte on. */
const maxDownloadTime = 300_000;
/**
 * Puts every helper on PATH, each alone in a directory of this run: from the runner's tool cache, downloaded into it
 * when missing. The bytes are checked against their digest where they are run from. Throws ActionError
 * CREDENTIAL_HELPER_DOWNLOAD, CREDENTIAL_HELPER_DIGEST or CREDENTIAL_HELPER_FORMAT.
 */
async function provideCredentialHelpers(helpers, runner, log, network = {}) {
    if (helpers.length === 0)
        return;
    const cache = await Promise.all(/* import() */[__nccwpck_require__.e(579), __nccwpck_require__.e(122)]).then(__nccwpck_require__.bind(__nccwpck_require__, 7579));
    const temporary = runner.environment['RUNNER_TEMP'] || (0,external_node_os_.tmpdir)();
    const { send, close } = connectDownloads({ ...network, environment: runner.environment, observer: log });
    try {
        const provided = helpers.map((helper) => provide(helper, temporary, { cache, send, log }));
        for (const directory of await Promise.all(provided))
            runner.addPath(directory);
    }
    finally {
        await close();
    }
}
/** Returns the helper's directory; nothing else is in it, whatever lies in the tool cache. */
async function provide(helper, temporary, { cache, send, log }) {
    const directory = await (0,promises_.mkdtemp)((0,external_node_path_.join)(temporary, 'credential-helper-'));
    const file = (0,external_node_path_.join)(directory, fileName(helper));
    try {
        if (await copyKnown(helper, cache, file)) {
            log.info(`${helper.program}: from the tool cache`);
        }
        else {
            // The debug log shows no query of a URL, but other messages may, and anyone can use a signed URL.
            if (helper.url.search !== '')
                log.secret(helper.url.search);
            await download(helper, send, file);
            await check(file, helper);
            await cache.cacheFile(file, fileName(helper), helper.program, version(helper));
            log.info(`${helper.program}: fetched from ${redacted(helper.url)}`);
        }
        await (0,promises_.chmod)(file, 0o755);
        return directory;
    }
    catch (error) {
        await (0,promises_.rm)(directory, { recursive: true, force: true });
        throw error;
    }
}
/** Copies the helper from the tool cache; whether it is there, and the copy has its digest. */
async function copyKnown(helper, cache, file) {
    const known = cache.find(helper.program, version(helper));
    if (known === '')
        return false;
    await (0,promises_.copyFile)((0,external_node_path_.join)(known, fileName(helper)), file).catch(() => undefined);
    if ((await hashOf(file, helper)) === (0,oci_digest/* encodedOf */.EX)(helper.digest))
        return true;
    await (0,promises_.rm)(file, { force: true });
    return false;
}
async function download(helper, send, file) {
    try {
        const request = { method: 'GET', url: helper.url, headers: {}, maxBodyBytes: maxShortBody };
        const { status, stream } = await send({ ...request, answer: 'stream' });
        if (status !== 200 || stream === undefined)
            throw new Error(`the server answered ${status}`);
        await (0,promises_.writeFile)(file, bounded(stream), { flag: 'wx' });
    }
    catch (error) {
        throw new run_errors/* ActionError */.lZ('CREDENTIAL_HELPER_DOWNLOAD', `credential-helpers: downloading ${helper.program} from ${redacted(helper.url)} failed: ${(0,run_errors/* messageOf */.bD)(error)}`, { hint: 'Check the URL, and that this runner can reach it.', cause: error });
    }
}
async function* bounded(stream) {
    const end = Date.now() + maxDownloadTime;
    let size = 0;
    for await (const chunk of stream) {
        size += chunk.byteLength;
        if (size > maxHelperSize)
            throw new Error(`it has more than ${maxHelperSize} bytes`);
        if (Date.now() > end)
            throw new Error(`it takes more than ${maxDownloadTime / 1000} s`);
        yield chunk;
    }
}
async function check(file, helper) {
    const found = await hashOf(file, helper);
    if (found !== (0,oci_digest/* encodedOf */.EX)(helper.digest)) {
        throw new run_errors/* ActionError */.lZ('CREDENTIAL_HELPER_DIGEST', `credential-helpers: the file at ${redacted(helper.url)} has the digest ${(0,oci_digest/* algorithmOf */.Hy)(helper.digest)}:${found}, not ${helper.digest}`, {
            hint: 'If the helper has a new release, check where it comes from and write its new digest. The file was not run.',
        });
    }
    if (await isProgram(file))
        return;
    throw new run_errors/* ActionError */.lZ('CREDENTIAL_HELPER_FORMAT', `credential-helpers: the file at ${redacted(helper.url)} is not a program`, {
        hint: 'Write the URL of the program itself, not of an archive that contains it.',
    });
}
/** The first bytes of programs: ELF, Mach-O of either order or universal, PE, a script. */
const magics = [
    '7f454c46',
    'feedface',
    'feedfacf',
    'cefaedfe',
    'cffaedfe',
    'cafebabe',
    '4d5a',
    '2321',
];
async function isProgram(file) {
    const handle = await (0,promises_.open)(file);
    try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
        const start = buffer.subarray(0, bytesRead).toString('hex');
        return magics.some((magic) => start.startsWith(magic));
    }
    finally {
        await handle.close();
    }
}
async function hashOf(file, helper) {
    const hash = (0,external_node_crypto_.createHash)((0,oci_digest/* algorithmOf */.Hy)(helper.digest));
    try {
        await (0,external_node_stream_promises_namespaceObject.pipeline)((0,external_node_fs_.createReadStream)(file), hash);
    }
    catch {
        return 'unreadable';
    }
    return hash.digest('hex');
}
// The tool cache takes only semantic versions, so the digest is part of one.
function version(helper) {
    return `0.0.0-d${(0,oci_digest/* encodedOf */.EX)(helper.digest).slice(0, 32)}`;
}
function fileName(helper) {
    return process.platform === 'win32' ? `${helper.program}.exe` : helper.program;
}

;// CONCATENATED MODULE: ./src/actions/error-titles.ts
/** The title of an error's annotation, a few words, for each code. */
const titles = {
    INPUT: 'Invalid input',
    SOURCE_MISSING: 'A source does not exist',
    SOURCE_NOT_AN_IMAGE: 'A source is not an image',
    SOURCE_REPOSITORY: 'A source has no repository',
    SOURCE_DESCRIPTOR: 'A descriptor does not match',
    SOURCE_FILE: 'A file cannot be read',
    SOURCE_DIGESTS: 'Invalid directory of digests',
    SOURCE_METADATA: 'Invalid build metadata',
    SOURCE_LAYOUT: 'Invalid OCI layout',
    SOURCE_ARCHIVE: 'Invalid OCI archive',
    SOURCE_DRAFT: 'Invalid draft',
    SOURCE_DRAFT_STALE: 'A draft is out of date',
    SOURCE_TOO_LARGE: 'A source is too large',
    PLATFORM_MISMATCH: 'A platform does not match its image',
    PLATFORM_MISSING: 'A platform is missing',
    PLATFORM_UNWANTED: 'A platform was not asked for',
    PLATFORM_UNKNOWN: 'A platform is unknown',
    DUPLICATE_PLATFORM: 'Two sources have the same platform',
    NO_ENTRIES: 'The list is empty',
    INDEX_INCONSISTENT: 'A list contradicts itself',
    INDEX_TOO_DEEP: 'A list is nested too deeply',
    INDEX_TOO_LARGE: 'A list is too large',
    FORMAT: 'The format cannot hold the list',
    ANNOTATION_UNMATCHED: 'An annotation matches no platform',
    DENIED: 'Access denied',
    UNAUTHORIZED: 'Login missing or rejected',
    CHALLENGE: 'Unsupported login',
    TOKEN: 'Token server failed',
    TOKEN_SERVER: 'Token server not reachable',
    REALM: 'Token server not trusted',
    CREDENTIAL_HELPER: 'Credential helper failed',
    CREDENTIAL_HELPER_DOWNLOAD: 'Credential helper not downloaded',
    CREDENTIAL_HELPER_DIGEST: 'Credential helper has another digest',
    CREDENTIAL_HELPER_FORMAT: 'Credential helper is not a program',
    DOCKER_CONFIG: 'Invalid docker configuration',
    NOT_FOUND: 'Not found in the registry',
    REFUSED: 'Refused by the registry',
    CHILDREN_MISSING: 'The registry misses images of the list',
    BAD_MANIFEST: 'Invalid manifest',
    CORRUPTED: 'Content does not match its digest',
    NOT_STORED: 'The registry did not store the content',
    LOCATION: 'Invalid upload location',
    TOO_LARGE: 'Too large for the registry',
    RATE_LIMITED: 'Rate limit reached',
    UNAVAILABLE: 'Registry in trouble',
    COPY_FAILED: 'Images could not be copied',
    STOPPED: 'Stopped after another failure',
    CONNECTION: 'Registry not reachable',
    TIMEOUT: 'Registry did not answer in time',
    DNS: 'Host not found',
    TLS: 'Certificate not trusted',
    NO_TLS: 'Registry does not speak TLS',
    TLS_FILES: 'Certificate files cannot be used',
    PROXY: 'Proxy refused the request',
    REDIRECT: 'Redirect not followed',
    PROTOCOL: 'Not an HTTP server',
    NOT_A_REGISTRY: 'Not a registry',
    TAGS_FAILED: 'Tags could not be set',
    TAG_REFUSED: 'The registry refuses to move a tag',
    OVERTAKEN: 'A tag was overwritten',
    NOT_SERVED: 'A tag does not serve the list',
};
/** The title for a code; without an own one, the code itself in words. */
function titleOf(code) {
    const words = code.toLowerCase().replaceAll('_', ' ');
    return titles[code] ?? `Failed with ${words}`;
}

;// CONCATENATED MODULE: ./src/actions/failed-report.ts



/** The summary of a run that failed: how each source and each tag stands, without secrets. */
function failedReport(failure, error, log, run) {
    const safe = (text) => log.withoutSecrets(text);
    const { request, sourceOutcomes } = run ?? {};
    return {
        status: 'failed',
        failure: { ...failure, cause: safe(failure.cause), remedy: failure.remedy && safe(failure.remedy) },
        tags: failed_report_tagsOf(error, run).map((tag) => ({ ...tag, reason: tag.reason && safe(tag.reason) })),
        sources: (request?.sources ?? []).map((line) => sourceOf(line, sourceOutcomes?.get(line), safe)),
        warnings: log.warnings,
    };
}
function sourceOf({ text }, outcome, safe) {
    const name = safe(text);
    if (outcome === undefined)
        return { name, state: 'unread' };
    if ('error' in outcome) {
        const { error } = outcome;
        if (error instanceof run_errors/* ActionError */.lZ && error.code === 'SOURCE_MISSING')
            return { name, state: 'missing' };
        return { name, state: 'refused', reason: safe((0,run_errors/* messageOf */.bD)(error)) };
    }
    const [first] = outcome;
    if (first === undefined)
        return { name, state: 'unread' };
    const images = outcome.filter(({ attestationSubject }) => attestationSubject === undefined);
    const platforms = images.flatMap(({ descriptor }) => descriptor.platform ?? []);
    return { name, state: 'found', digest: first.descriptor.digest, platforms };
}
const standings = {
    underway: 'unknown',
    set: 'moved',
    left: 'untouched',
};
function failed_report_tagsOf(error, run) {
    const known = error instanceof TagsError ? error.tags : [];
    return (run?.request.tags ?? []).map(({ repository, tag }) => {
        const told = known.find((each) => each.tag === tag && (0,oci_reference/* sameRepository */.RB)(each.repository, repository));
        if (told !== undefined)
            return { repository, tag, state: told.standing, reason: told.state };
        const state = run?.tags.get((0,oci_reference/* formatReference */.FH)({ repository, tag }));
        return { repository, tag, state: state === undefined ? 'untouched' : standings[state] };
    });
}

;// CONCATENATED MODULE: ./src/run/visible.ts
/** C0 except tab, DEL and C1, line and paragraph separators, bidirectional marks, zero-width marks, soft hyphen, BOM, tag characters. */
const unseen = /[\0-\x08\n-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
/** Text with every character that cannot be seen, or that moves others about, shown as an escape. */
function visible(text) {
    return text.replace(unseen, (character) => {
        const code = character.codePointAt(0) ?? 0;
        return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    });
}

;// CONCATENATED MODULE: ./src/actions/summary/markdown.ts

/** The longest word that a table cell holds in one piece, in characters. */
const maxWordLength = 40;
// The first group: what GitHub turns into links, mentions, formulas or emoji after it decoded character references.
// A reference alone does not keep these from it; an element of their own does.
const markup = /([@#$]|:(?=\/\/|[\w+-]+:)|(?<=www)\.)|[&<>"'`*_~[\]|\\]/gi;
/** Text as one line of Markdown that shows itself and nothing else; words too long for a table cell may wrap. */
function markdownText(text) {
    return visible(text.replace(/\s+/g, ' '))
        .split(' ')
        .map((word) => wordPieces(word).map(escapePiece).join('<wbr>'))
        .join(' ');
}
/** Text as code in Markdown, also within a table. */
function markdownCode(text) {
    const isPlain = text.length <= maxWordLength && /^[\w.:@/+-]+$/.test(text);
    return isPlain ? `\`${text}\`` : htmlCode(text);
}
/** Text as code also where Markdown is not read: in the title of what is folded. */
function htmlCode(text) {
    return `<code>${markdownText(text)}</code>`;
}
/** A message as one line of Markdown that may begin a line or an item: what stands between backticks is code. */
function markdownMessage(text) {
    const parts = text.trimStart().split('`');
    const shown = parts.length % 2 === 0 ? markdownText(text.trimStart()) : parts.map(messagePart).join('');
    // Would begin a list, an underlined heading or the second line of a table.
    return shown.replace(/^[-+=:]|(?<=^\d{1,9})[.)]/, reference);
}
function messagePart(text, at) {
    return at % 2 === 0 ? markdownText(text) : markdownCode(text);
}
/** A table of GitHub-flavoured Markdown; the cells are Markdown. `align`: one of `:--`, `--:` for each column. */
function markdownTable(head, align, rows) {
    return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
/** Markdown that is shown when a reader opens it; '' for an empty body. `title`: HTML. */
function folded(title, body) {
    if (body === '')
        return '';
    return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
/** Text in a block that keeps its lines and spaces; no line may be blank, since that would end the block. */
function preformatted(text) {
    const lines = text.replace(/[&<>]/g, reference).split('\n');
    return `<pre><code>${lines.map(visible).join('\n')}</code></pre>`;
}
// Breaks after separators, so that the parts of a name stay in one piece where they can.
function wordPieces(word) {
    if (word.length <= maxWordLength)
        return [word];
    return word.match(/[^/:@_-]{0,20}[/:@_-]{1,4}|[^/:@_-]{1,20}/gu) ?? [word];
}
function escapePiece(text) {
    return text.replace(markup, (mark, active) => active === undefined ? reference(mark) : `<span>${reference(mark)}</span>`);
}
function reference(mark) {
    return `&#${mark.charCodeAt(0)};`;
}

;// CONCATENATED MODULE: ./src/actions/summary/names.ts




/** The first 12 digits of a digest, as `docker images` shows it. */
function shortDigest(digest) {
    return markdownCode((0,oci_digest/* encodedOf */.EX)(digest).slice(0, 12));
}
/** The whole digest, in one piece where a table beside one other column has room for it. */
function fullDigest(digest) {
    return digest.startsWith('sha256:') ? `\`${digest}\`` : markdownCode(digest);
}
/** `os/arch/variant` with what else the platform says; `\u2013` without one. */
function platformName(platform) {
    return platform === undefined ? '\u2013' : markdownText((0,oci_platform/* describePlatform */.d5)(platform));
}
/** A tag's reference as people type it, whatever else a report says of the tag. */
function tagName({ repository, tag }) {
    return markdownCode((0,oci_reference/* familiarReference */.ZD)({ repository, tag }));
}
/** `1 tag`, `2 tags`. */
function names_counted(count, noun) {
    return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

;// CONCATENATED MODULE: ./src/actions/summary/client-table.ts


/** Which entry clients pull, a row for each entry and what came before it; '' when it is not known. */
function clientTable(pulls) {
    if (pulls.length === 0)
        return '';
    const groups = Map.groupBy(pulls, groupKey);
    const rows = [...groups.values()].map((group) => groupRow(group));
    const isCompared = pulls.some(({ before }) => before !== undefined);
    return isCompared
        ? markdownTable(['Clients on', 'Pull', 'Pulled before'], [':--', ':--', ':--'], rows)
        : markdownTable(['Clients on', 'Pull'], [':--', ':--'], rows.map((cells) => cells.slice(0, 2)));
}
function groupKey({ entry, before }) {
    return [entry, before].map((each) => (typeof each === 'object' ? each.digest : each)).join(' ');
}
function groupRow(group) {
    const clients = group.map(({ client }) => platformName(client)).join(', ');
    const [first] = group;
    if (first === undefined)
        return [];
    const now = entryName(first.entry);
    const before = first.before === undefined ? '\u2013' : entryName(first.before);
    const isOther = first.before !== undefined && now !== before;
    return [clients, isOther ? `**${now}**` : now, before];
}
function entryName(entry) {
    return entry === 'none' ? 'nothing' : platformName(entry.platform);
}

;// CONCATENATED MODULE: ./src/actions/summary/platform-table.ts





/** The members that clients run, without attestations. */
function imagesOf(members) {
    return members.filter(({ attestationSubject }) => attestationSubject === undefined);
}
/** A row for each image; with a previous list also how each changed, and rows for those that are gone. */
function platformTable({ members, before }) {
    const images = imagesOf(members);
    if (before === undefined) {
        const rows = images.map((image) => [
            platform_table_platformOf(image),
            sizeCell(image),
            shortDigest(image.descriptor.digest),
        ]);
        return markdownTable(['Platform', 'Size', 'Digest'], [':--', '--:', ':--'], rows);
    }
    const rows = images.map((image) => [
        platform_table_platformOf(image),
        sizeCell(image),
        changeCell(image, before.entries),
        shortDigest(image.descriptor.digest),
    ]);
    return markdownTable(['Platform', 'Size', `Change against ${shortDigest(before.digest)}`, 'Digest'], [':--', '--:', ':--', ':--'], [...rows, ...removedRows(images, before)]);
}
function platform_table_platformOf({ descriptor }) {
    return platformName(descriptor.platform);
}
function sizeCell(image) {
    const size = sizeOf(image);
    return size === undefined ? '\u2013' : unbroken(formatBytes(size));
}
// Compressed, as clients download it.
function sizeOf({ manifest: { content } }) {
    return content.kind === 'image' ? (0,oci_manifest/* layersSize */.iF)(content) : undefined;
}
function changeCell(image, entries) {
    const { digest, platform } = image.descriptor;
    if (entries.some((entry) => entry.digest === digest))
        return 'unchanged';
    const previous = platform && entries.find((entry) => (0,oci_platform/* samePlatform */.my)(entry.platform, platform));
    if (previous === undefined)
        return '**added**';
    const size = sizeOf(image);
    if (size === undefined || previous.layersSize === undefined)
        return 'replaced';
    return `replaced, ${difference(size - previous.layersSize)}`;
}
function difference(bytes) {
    if (bytes === 0)
        return 'same size';
    return unbroken(`${bytes > 0 ? '+' : '\u2212'}${formatBytes(Math.abs(bytes))}`);
}
// A narrow column breaks lines elsewhere.
function unbroken(text) {
    return text.replaceAll(' ', '\u00a0');
}
function removedRows(images, { entries }) {
    const isKept = (entry) => images.some(({ descriptor: { digest, platform } }) => {
        return digest === entry.digest || (platform !== undefined && (0,oci_platform/* samePlatform */.my)(platform, entry.platform));
    });
    return entries
        .filter((entry) => !isKept(entry))
        .map(({ platform, digest }) => [
        platformName(platform),
        '\u2013',
        '**removed**',
        `was ${shortDigest(digest)}`,
    ]);
}

;// CONCATENATED MODULE: ./src/actions/summary/details.ts





/** What only some readers look for, each folded; those that have nothing to show are ''. */
function listDetails(list) {
    return [
        folded('Sources and digests', sourceTable(list.members)),
        folded('Attestations', attestationTable(list.members)),
        folded('Digests that the tags held before', previousTable(list)),
        folded('Copied content', copyTable(list.copies)),
        folded('Removed local drafts', list.purged.map(markdownCode).join('<br>')),
    ];
}
/** The list itself, folded. */
function listDocument({ served }) {
    const json = JSON.stringify(JSON.parse(Buffer.from(served.bytes).toString('utf8')), null, 2);
    return folded('Inspected JSON', preformatted(json));
}
function sourceTable(members) {
    const rows = imagesOf(members).map(({ descriptor, label }) => [
        platformName(descriptor.platform),
        `${markdownCode(label)}<br>${fullDigest(descriptor.digest)}`,
    ]);
    return markdownTable(['Platform', 'Source and digest'], [':--', ':--'], rows);
}
function attestationTable(members) {
    const rows = members.flatMap(({ attestationSubject, descriptor, manifest }) => {
        if (attestationSubject === undefined)
            return [];
        const subject = members.find((member) => member.descriptor.digest === attestationSubject);
        const platform = platformName(subject?.descriptor.platform);
        return [[platform, [...predicatesOf(manifest), fullDigest(descriptor.digest)].join('<br>')]];
    });
    return rows.length === 0 ? '' : markdownTable(['Of', 'Statements and digest'], [':--', ':--'], rows);
}
// BuildKit, docs/attestations/attestation-storage.md: each layer of an attestation manifest is one statement.
function predicatesOf({ content }) {
    const layers = content.kind === 'image' ? content.layers : [];
    const types = layers.flatMap(({ annotations }) => annotations?.['in-toto.io/predicate-type'] ?? []);
    return types.map(predicateName);
}
function predicateName(type) {
    if (type.startsWith('https://slsa.dev/provenance/'))
        return 'SLSA provenance';
    return type === 'https://spdx.dev/Document' ? 'SPDX SBOM' : markdownText(type);
}
function previousTable({ tags, served }) {
    const rows = tags.flatMap((tag) => {
        const { previous } = tag;
        if (previous === undefined || previous === served.digest)
            return [];
        return [[tagName(tag), fullDigest(previous)]];
    });
    return rows.length === 0 ? '' : markdownTable(['Tag', 'Digest'], [':--', ':--'], rows);
}
function copyTable(copies) {
    const rows = copies
        .filter(({ manifests }) => manifests > 0)
        .map(({ repository, manifests, referrers, blobs, bytes, mounted, milliseconds }) => [
        markdownCode((0,oci_reference/* formatRepository */.Sh)(repository)),
        referrers === 0 ? String(manifests) : `${manifests}, ${referrers} of them referrers`,
        blobs === 0 ? '0' : `${blobs}, ${formatBytes(bytes)} at ${formatRate(bytes, milliseconds)}`,
        String(mounted),
    ]);
    if (rows.length === 0)
        return '';
    return markdownTable(['To', 'Manifests', 'Blobs sent', 'Blobs mounted'], [':--', ':--', ':--', '--:'], rows);
}

;// CONCATENATED MODULE: ./src/actions/summary/lists.ts







/** The longest command in a block that does not scroll sideways, in characters. */
const maxCommandLength = 100;
/** The summary of lists that were published, or would be. */
function listsSummary({ status, lists }) {
    const [first] = lists;
    if (first === undefined || lists.length > 1)
        return severalLists(status, lists);
    return {
        head: [title(status, lists, lists_nameOf(first)), factsOf(first)].join('\n\n'),
        body: [
            ...(status === 'published' ? [pullCommand(first)] : []),
            ...sections(first),
            ...listDetails(first),
        ],
        documents: [listDocument(first)],
    };
}
function severalLists(status, lists) {
    const rows = lists.map((list) => [
        lists_nameOf(list),
        imagesOf(list.members)
            .map(({ descriptor }) => platformName(descriptor.platform))
            .join(', '),
        list.tags.map((tag) => `${markdownCode(tag.tag)} ${changeOf(tag, list)}`).join('<br>'),
        shortDigest(list.served.digest),
    ]);
    return {
        head: title(status, lists, names_counted(lists.length, 'list')),
        body: [
            markdownTable(['List', 'Platforms', 'Tags', 'Digest'], [':--', ':--', ':--', ':--'], rows),
            ...lists.map((list) => folded(htmlCode(nameText(list)), [factsOf(list), ...sections(list), ...listDetails(list)].filter(Boolean).join('\n\n'))),
        ],
        documents: [],
    };
}
function title(status, lists, name) {
    if (status === 'dry-run')
        return `### \ud83d\udd0e Dry run: ${name}\n\n**Nothing was written.**${pushAccessOf(lists)}`;
    const isUnchanged = lists.every(({ tags }) => tags.every(({ state }) => state === 'unchanged'));
    return `### \u2705 ${isUnchanged ? 'Unchanged' : 'Published'} ${name}`;
}
function pushAccessOf(lists) {
    const lines = lists
        .flatMap(({ pushAccess = [] }) => pushAccess)
        .map(({ repository, grant }) => `<br>Permission to push to ${markdownCode((0,oci_reference/* formatRepository */.Sh)(repository))}: ${grant}`);
    return [...new Set(lines)].join('');
}
function lists_nameOf(list) {
    return markdownCode(nameText(list));
}
function nameText({ tags: [first] }) {
    return first === undefined ? 'manifest list' : (0,oci_reference/* familiarReference */.ZD)(first);
}
function factsOf({ members, served }) {
    const images = imagesOf(members);
    const others = members.length - images.length;
    const facts = [
        names_counted(images.length, 'platform'),
        ...(others === 0 ? [] : [names_counted(others, 'attestation')]),
        typeOf(served.mediaType),
    ];
    return `${facts.join(' \u00b7 ')}<br>${fullDigest(served.digest)}`;
}
function typeOf(mediaType) {
    if (mediaType === media_types/* ociIndex */.KP)
        return 'OCI image index';
    return mediaType === media_types/* dockerList */.zJ ? 'Docker manifest list' : markdownText(mediaType);
}
function pullCommand({ tags: [first] }) {
    if (first === undefined)
        return '';
    const command = `docker pull ${(0,oci_reference/* familiarReference */.ZD)(first)}`;
    return command.length > maxCommandLength ? markdownCode(command) : `\`\`\`sh\n${command}\n\`\`\``;
}
function sections(list) {
    return [platformTable(list), tagTable(list), clientTable(list.pulls ?? [])];
}
function tagTable(list) {
    const rows = list.tags.map((tag) => [tagName(tag), changeOf(tag, list)]);
    return markdownTable(['Tag', 'Change'], [':--', ':--'], rows);
}
function changeOf({ previous, state }, { served }) {
    if (state === 'unknown')
        return 'unknown: what it holds could not be read';
    if (state !== 'dry-run')
        return state === 'moved' && previous ? `moved from ${shortDigest(previous)}` : state;
    if (previous === undefined)
        return 'would be created';
    return previous === served.digest ? 'would not change' : `would move from ${shortDigest(previous)}`;
}

;// CONCATENATED MODULE: ./src/actions/summary/unpublished.ts


/** Most lines of a cause that are shown; the log has them all. */
const maxCauseLines = 25;
/** The summary of a run that waits for the sources of other jobs. */
function deferredSummary({ tags: [first, ...others], sources }) {
    const missing = sources.filter(({ state }) => state === 'missing').length;
    const name = first === undefined ? '' : `: ${tagName(first)}`;
    return {
        head: [
            `### \u23f3 Deferred${name}`,
            `${names_counted(missing, 'source')} of ${sources.length} ${missing === 1 ? 'is' : 'are'} missing, so nothing was published. The job that pushes the last source publishes the list.`,
        ].join('\n\n'),
        body: [
            unpublished_sourceTable(sources),
            others.length === 0 ? '' : `Other tags: ${others.map(({ tag }) => markdownCode(tag)).join(', ')}`,
        ],
        documents: [],
    };
}
/** The summary of a run that failed. */
function failedSummary({ failure, tags, sources }) {
    const [first] = tags;
    const tables = [unpublished_sourceTable(sources), failedTagTable(tags)];
    const isWritten = tags.some(({ state }) => state !== 'untouched');
    return {
        head: `### \u274c Failed${first === undefined ? '' : `: ${tagName(first)}`}\n\n**${markdownText(failure.title)}**`,
        lead: [causeOf(failure), remedyOf(failure)],
        body: isWritten ? tables.toReversed() : tables,
        documents: [],
    };
}
function causeOf({ cause }) {
    const lines = cause.split('\n').filter((line) => line.trim() !== '');
    const shown = lines.slice(0, maxCauseLines).map(markdownMessage);
    const more = lines.length - shown.length;
    const rest = more === 0 ? [] : [`\u2026 and ${names_counted(more, 'more line')} in the log.`];
    return [...shown, ...rest].join('<br>\n');
}
function remedyOf({ remedy, code, page }) {
    const words = remedy === undefined ? [] : [`**To fix it:** ${markdownMessage(remedy)}`];
    return [...words, ...sectionOf(code, page)].join('<br>\n');
}
function sectionOf(code, page) {
    if (code === undefined)
        return [];
    return [
        page === undefined
            ? `More in docs/TROUBLESHOOTING.md: ${markdownCode(code)}`
            : `[More about ${code}](${page})`,
    ];
}
function failedTagTable(tags) {
    if (tags.length === 0)
        return '';
    const rows = tags.map((tag) => [tagName(tag), tagState(tag)]);
    return markdownTable(['Tag', 'Now'], [':--', ':--'], rows);
}
function tagState({ state, digest, reason }) {
    const why = reason === undefined ? '' : `: ${markdownMessage(reason)}`;
    if (digest === undefined)
        return `${stateWords[state]}${why}`;
    return `${stateWords[state]}, holds ${shortDigest(digest)}${why}`;
}
const stateWords = {
    untouched: 'not changed',
    created: '**created**',
    moved: '**moved**',
    restored: 'put back',
    overtaken: '**pushed by something else**',
    unknown: '**unknown**',
};
function unpublished_sourceTable(sources) {
    if (sources.length === 0)
        return '';
    const rows = sources.map((source) => [markdownCode(source.name), unpublished_stateOf(source), platformsOf(source)]);
    return markdownTable(['Source', 'State', 'Platform'], [':--', ':--', ':--'], rows);
}
function unpublished_stateOf(source) {
    switch (source.state) {
        case 'found':
            return `found ${shortDigest(source.digest)}`;
        case 'missing':
            return '**missing**';
        case 'refused':
            return `**refused**: ${markdownMessage(source.reason)}`;
        case 'unread':
            return 'not looked at';
    }
}
function platformsOf(source) {
    return source.state === 'found' ? source.platforms.map(platformName).join(', ') : '\u2013';
}

;// CONCATENATED MODULE: ./src/actions/summary/summary.ts





/** Most bytes of a step's summary that the runner takes, with some room left. */
const maxSummaryBytes = 1_000_000;
/** Most warnings that are shown; the log has them all. */
const summary_maxWarnings = 50;
/** The summary's Markdown, at most 1 MiB: what does not fit is left out and said. */
function renderSummary(report) {
    const { head, lead = [], body, documents } = summary_partsOf(report);
    const top = [head, ...lead, warningList(report.warnings)];
    const candidates = [
        [...top, ...body, ...documents],
        [
            ...top,
            ...body,
            'The JSON is too large for a summary: output `json-file` names the file that holds it.',
        ],
        [head, 'The rest is too large for a summary: see the log, and the file that output `json-file` names.'],
    ];
    const texts = candidates.map((parts) => `${parts.filter((part) => part !== '').join('\n\n')}\n`);
    return texts.find((text) => Buffer.byteLength(text) <= maxSummaryBytes) ?? `${head}\n`;
}
function summary_partsOf(report) {
    if (report.status === 'failed')
        return failedSummary(report);
    return report.status === 'deferred' ? deferredSummary(report) : listsSummary(report);
}
function warningList(warnings) {
    if (warnings.length === 0)
        return '';
    const shown = warnings.slice(0, summary_maxWarnings).map((text) => `- ${markdownMessage(text)}`);
    const more = warnings.length - shown.length;
    const rest = more === 0 ? [] : [`- \u2026 and ${more} more in the log.`];
    return ['\u26a0\ufe0f **Warnings**', '', ...shown, ...rest].join('\n');
}
/** Appends the summary to the runner's file; what cannot be written is a warning. */
async function writeSummary(report, file, observer) {
    if (file === undefined || file === '')
        return;
    try {
        await (0,promises_.appendFile)(file, renderSummary(report));
    }
    catch (error) {
        observer.warning(`The job summary could not be written: ${(0,run_errors/* messageOf */.bD)(error)}`);
    }
}

;// CONCATENATED MODULE: ./src/actions/summary/troubleshooting-page.ts
/**
 * The URL of an error code's section in docs/TROUBLESHOOTING.md, at the version of the action that runs; undefined
 * when the runner does not say it, as for `uses: ./`.
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/variables)
 */
function troubleshootingPage(code, environment) {
    const { GITHUB_SERVER_URL: server = '', GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '', } = environment;
    const isKnown = /^https?:\/\/[\w.:-]+$/.test(server) && /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
    if (!isKnown || !/^[A-Z_]+$/.test(code))
        return undefined;
    return `${server}/${repository}/blob/${ref}/docs/TROUBLESHOOTING.md#${code.toLowerCase()}`;
}

;// CONCATENATED MODULE: ./src/actions/failure.ts





const defaultRemedy = 'Read more about this error on the page below.';
const inputRemedy = 'Correct the inputs of this step in the workflow.';
/**
 * Makes the step fail: an annotation with title, cause, remedy and link, and a summary unless the input `summary` is
 * false. An error that is not an ActionError is a bug and is shown with its stack.
 */
async function reportFailure(error, runner, log, run) {
    const failure = failure_failureOf(error, runner.environment);
    const code = error instanceof run_errors/* ActionError */.lZ && !(error instanceof run_errors/* InputError */.dz) ? ` [${error.code}]` : '';
    const lines = [`${failure.cause}${code}`, failure.remedy, failure.code && failure_sectionOf(failure)];
    log.failed(failure.title, lines.filter(Boolean).join('\n'));
    if (/^false$/i.test(runner.input('summary').trim()))
        return;
    const report = failedReport(failure, error, log, run);
    await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}
function failure_failureOf(error, environment) {
    if (!(error instanceof run_errors/* ActionError */.lZ))
        return bug(error);
    const { code, message, hint } = error;
    const shared = { code, title: titleOf(code), page: troubleshootingPage(code, environment) };
    if (!(error instanceof run_errors/* InputError */.dz))
        return { ...shared, cause: message, remedy: hint ?? defaultRemedy };
    const count = error.problems.length;
    const headline = count === 1 ? 'Invalid input' : `${count} invalid inputs`;
    return { ...shared, cause: `${headline}:\n${message}`, remedy: hint ?? inputRemedy };
}
function bug(error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
        title: 'Bug in multiarch-manifest-action',
        cause: `This is a bug in multiarch-manifest-action. Please report it with this text.\n${text}`,
    };
}
function failure_sectionOf({ code = '', page }) {
    return page ?? `docs/TROUBLESHOOTING.md#${code.toLowerCase()}`;
}

;// CONCATENATED MODULE: ./src/oci/annotations.ts


const annotations_form = '[level:]key=value, where level is index, manifest, manifest-descriptor or manifest-descriptor[os/arch], or several separated by commas';
/**
 * Reads one annotation:
 *
 *     annotation = [ level *( "," level ) ":" ] key "=" value
 *     level      = "index"                               the index, as without a level
 *                / "manifest" [ "[" platform "]" ]       the index too: the images' own bytes do not change
 *                / "manifest-descriptor" [ "[" platform "]" ]   the entries, or those of one platform
 *
 * @throws FormatError naming the flaw, also for `index-descriptor`, which only image layouts have.
 */
function parseAnnotation(text) {
    const equals = text.indexOf('=');
    if (equals < 0)
        throw new format_error/* FormatError */.IF(`annotation ${(0,format_error/* quote */.hD)(text)} has no "="`, annotations_form);
    const head = text.slice(0, equals);
    const value = text.slice(equals + 1);
    if ((0,format_error/* hasControlCharacter */.Fd)(value.replaceAll('\t', ' '))) {
        throw new format_error/* FormatError */.IF(`the value of annotation ${(0,format_error/* quote */.hD)(head)} contains a control character`, annotations_form);
    }
    const colon = levelEnd(head);
    const key = head.slice(colon + 1);
    if (key === '')
        throw new format_error/* FormatError */.IF(`annotation ${(0,format_error/* quote */.hD)(text)} has no key`, annotations_form);
    if ((0,format_error/* hasControlCharacter */.Fd)(key) || /\s/.test(key)) {
        throw new format_error/* FormatError */.IF(`annotation key ${(0,format_error/* quote */.hD)(key)} contains white space or a control character`, annotations_form);
    }
    return { levels: parseLevels(head.slice(0, Math.max(colon, 0)), text), key, value };
}
/**
 * Sorts annotations by target. For one key the last line wins; on the index, a line for the index itself wins over one
 * for `manifest`.
 */
function collectAnnotations(list) {
    const placed = list.flatMap(({ levels, key, value }) => levels.map((level) => ({ level, key, value })));
    const onIndex = (kind) => placed.filter(({ level }) => level.kind === kind);
    return {
        index: Object.fromEntries([...onIndex('manifest'), ...onIndex('index')].map(({ key, value }) => [key, value])),
        entries: placed.flatMap(({ level, key, value }) => {
            return level.kind === 'entry' ? [{ platform: level.platform, key, value }] : [];
        }),
    };
}
/** The position of the colon after the levels, or -1; in a key, a dot or capital comes before a colon. */
function levelEnd(head) {
    const colon = head.indexOf(':');
    return colon >= 0 && /^[a-z,-]*(?:\[|$)/.test(head.slice(0, colon)) ? colon : -1;
}
function parseLevels(text, annotation) {
    if (text === '')
        return [{ kind: 'index' }];
    return text.split(',').map((level) => parseLevel(level, annotation));
}
function parseLevel(level, annotation) {
    const bracket = level.indexOf('[');
    const name = bracket < 0 ? level : level.slice(0, bracket);
    const platform = bracket < 0 ? undefined : parseBracket(level.slice(bracket), annotation);
    if (name === 'manifest-descriptor')
        return { kind: 'entry', platform };
    if (name === 'manifest')
        return { kind: 'manifest' };
    if (name === 'index' && platform === undefined)
        return { kind: 'index' };
    throw new format_error/* FormatError */.IF(`level ${(0,format_error/* quote */.hD)(level)} of annotation ${(0,format_error/* quote */.hD)(annotation)} ${levelFlaw(name)}`, annotations_form);
}
function levelFlaw(name) {
    if (name === 'index')
        return 'has a platform, but there is only one index';
    if (name === 'index-descriptor')
        return 'does not exist in a registry: use "index"';
    return 'is unknown';
}
function parseBracket(text, annotation) {
    if (!text.endsWith(']')) {
        throw new format_error/* FormatError */.IF(`the platform in annotation ${(0,format_error/* quote */.hD)(annotation)} has no closing "]"`, annotations_form);
    }
    return (0,oci_platform/* parsePlatform */.Y8)(text.slice(1, -1));
}

// EXTERNAL MODULE: ./src/sources/input/problem-list.ts
var problem_list = __nccwpck_require__(9243);
;// CONCATENATED MODULE: ./src/sources/input/declaration.ts



const keyForms = 'os=, arch=, variant=, os-version=, os-features=a,b or annotation.NAME=';
const wordForms = `a source, then os/arch[/variant], then ${keyForms}`;
const annotationPrefix = 'annotation.';
const platformKeys = new Map([
    ['os', (value, key) => ({ os: parseName(value, key) })],
    ['arch', (value, key) => ({ architecture: parseName(value, key) })],
    ['variant', (value, key) => (value === '' ? {} : { variant: parseName(value, key) })],
    ['os-version', (value, key) => (value === '' ? {} : { 'os.version': parseVersion(value, key) })],
    ['os-features', (value, key) => (value === '' ? {} : { 'os.features': parseFeatures(value, key) })],
]);
/**
 * Reads the words after the source: an optional `os/arch[/variant]`, then `key=value` in any order.
 *
 * `variant=`, `os-version=` and `os-features=` without a value are ignored, since a matrix may have empty values.
 * Every problem goes to `refuse`, and the valid rest is returned.
 */
function parseDeclaration(words, refuse) {
    const [first] = words;
    const named = first !== undefined && !first.includes('=');
    const platform = named ? (0,problem_list/* attempt */.CD)(() => (0,oci_platform/* parsePlatform */.Y8)(first), refuse) : undefined;
    const keys = new KeyReader(refuse);
    const [extra, ...others] = (named ? words.slice(1) : words).filter((word) => !keys.read(word));
    if (extra !== undefined)
        refuse(`${extraWord(extra, others.length)} (expected: ${wordForms})`);
    return { declared: combine(platform, keys.declared, refuse), annotations: keys.annotations };
}
class KeyReader {
    #times = new Map();
    #refuse;
    #declared = {};
    #annotations = new Map();
    constructor(refuse) {
        this.#refuse = refuse;
    }
    get declared() {
        return this.#declared;
    }
    get annotations() {
        return Object.fromEntries(this.#annotations);
    }
    /** Reads a `key=value` word; returns false for any other. */
    read(word) {
        const equals = word.indexOf('=');
        if (equals < 0)
            return false;
        (0,problem_list/* attempt */.CD)(() => this.#take(word.slice(0, equals), word.slice(equals + 1)), this.#refuse);
        return true;
    }
    #take(key, value) {
        const times = (this.#times.get(key) ?? 0) + 1;
        this.#times.set(key, times);
        if (times === 1)
            this.#set(key, value);
        if (times === 2)
            throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(key)} is given more than once`, 'each key once');
    }
    #set(key, value) {
        const read = platformKeys.get(key);
        if (read)
            this.#declared = { ...this.#declared, ...read(value, key) };
        else if (key.startsWith(annotationPrefix))
            this.#annotations.set(parseAnnotationName(key), value);
        else
            throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(key)} is not a key`, keyForms);
    }
}
function extraWord(word, others) {
    return others === 0
        ? `${(0,format_error/* quote */.hD)(word)} is an extra word`
        : `${(0,format_error/* quote */.hD)(word)} and ${others} more are extra words`;
}
function combine(platform, keys, refuse) {
    if (platform === undefined)
        return keys;
    const claimed = restrict({ ...platform, ...keys }, platform);
    if ((0,oci_platform/* samePlatform */.my)(platform, claimed))
        return { ...keys, ...platform };
    const both = `${(0,oci_platform/* formatPlatform */.Bq)(platform)} and ${(0,oci_platform/* formatPlatform */.Bq)(claimed)}`;
    refuse(`the line declares both ${both} (expected: one platform, or keys that agree with it)`);
    return platform;
}
/** The platform with only the fields that `fields` has too. */
function restrict(platform, fields) {
    const { variant, architecture, os } = platform;
    return fields.variant === undefined || variant === undefined
        ? { architecture, os }
        : { architecture, os, variant };
}
function parseName(value, key) {
    if (/^[A-Za-z0-9_.-]{1,64}$/.test(value))
        return value.toLowerCase();
    throw new format_error/* FormatError */.IF(`${key}=${(0,format_error/* quote */.hD)(value)} is not valid`, 'letters, digits, ".", "_" and "-"');
}
function parseVersion(value, key) {
    if (/^[A-Za-z0-9_.+~-]{1,128}$/.test(value))
        return value;
    throw new format_error/* FormatError */.IF(`${key}=${(0,format_error/* quote */.hD)(value)} is not a version`, 'a version, such as 10.0.20348.2113');
}
function parseFeatures(value, key) {
    const features = value.split(',').map((feature) => feature.trim());
    const flawed = features.find((feature) => !/^[A-Za-z0-9_.+-]{1,128}$/.test(feature));
    if (flawed === undefined)
        return features;
    throw new format_error/* FormatError */.IF(`${key}=${(0,format_error/* quote */.hD)(value)} contains ${(0,format_error/* quote */.hD)(flawed)}`, 'names separated by commas');
}
function parseAnnotationName(key) {
    const name = key.slice(annotationPrefix.length);
    if (name !== '' && !/\s/.test(name))
        return name;
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(key)} has no annotation name`, 'annotation.NAME=value');
}

// EXTERNAL MODULE: ./src/sources/build-result.ts
var build_result = __nccwpck_require__(3542);
;// CONCATENATED MODULE: ./src/sources/input/json-sources.ts



/** Whether a value is a source itself: a descriptor, or the metadata of a build. Other JSON lists sources. */
function isSource(value) {
    return isObject(value) && ((0,build_result/* isBuildResult */.AM)(value) || ('mediaType' in value && 'digest' in value));
}
/** Reads an object that is a source itself; throws FormatError when it is malformed. */
function locateObject(value) {
    if (!(0,build_result/* isBuildResult */.AM)(value))
        return { kind: 'descriptor', descriptor: (0,oci_descriptor/* parseDescriptor */.BA)(value) };
    const { digest, names } = (0,build_result/* parseBuildResult */.FG)(value);
    const [name] = names;
    return name ? { kind: 'reference', ...name, digest } : { kind: 'digest', digest };
}
/**
 * Lists the sources in a JSON document in its order: every string, every descriptor and every build's metadata.
 *
 * Of a job in `toJSON(needs)`, only the outputs count, and a job that did not succeed is a flaw. So is null, which stands
 * in the place of a source. Numbers, booleans and what metadata says of the build itself are skipped.
 *
 * @param path where the value stands in the document, `''` for the whole
 */
function listSources(value, path) {
    if (typeof value === 'string')
        return [{ path, text: value }];
    if (value === null)
        return [{ path, flaw: 'is null, not a source' }];
    if (Array.isArray(value))
        return value.flatMap((item, index) => listSources(item, `${path}[${index}]`));
    if (!isObject(value))
        return [];
    if (isSource(value))
        return [{ path, text: JSON.stringify(value) }];
    if (isJob(value))
        return listJob(value, path);
    return Object.entries(value).flatMap(([key, item]) => (0,build_result/* isBuildRecord */.yD)(key) ? [] : listSources(item, joinPath(path, key)));
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isJob(value) {
    const { result, outputs } = value;
    return Object.keys(value).length === 2 && typeof result === 'string' && isObject(outputs);
}
function listJob({ result, outputs }, path) {
    if (result === 'success')
        return listSources(outputs, joinPath(path, 'outputs'));
    return [{ path, flaw: `the job ended as ${(0,format_error/* quote */.hD)(result)}, so its images are missing` }];
}
/** Writes JSON paths as jq and GitHub's expressions do, with quotes around unusual keys. */
function joinPath(path, key) {
    if (!/^[\w-]{1,80}$/.test(key))
        return `${path}[${(0,format_error/* quote */.hD)(key)}]`;
    return path === '' ? key : `${path}.${key}`;
}

;// CONCATENATED MODULE: ./src/sources/input/locator.ts



/** The forms a source can take, for messages. */
const sourceForms = 'registry/repository:tag, registry/repository@sha256:\u2026, sha256:\u2026, a descriptor as JSON, ' +
    'oci:DIR, oci-archive:FILE, digests:DIR, metadata:FILE or docker-manifest:NAME';
/** In characters: no reference, and no path that a runner can open, is longer. */
const maxSourceLength = 4096;
/**
 * Reads the source itself, the first word of a source line.
 *
 *     reference                          registry/repository:tag, \u2026@digest or \u2026:tag@digest
 *     digest                             sha256:\u2026 or sha512:\u2026
 *     oci:DIR[:tag|@digest]              OCI image layout
 *     oci-archive:FILE[:tag|@digest]     the same in an archive
 *     digests:DIR                        files that name digests
 *     metadata:FILE                      metadata that a build wrote
 *     docker-manifest:NAME               local draft; a NAME without tag means its `latest`, as in docker's CLI
 *
 * A reference needs a tag or a digest; there is no default tag. A path cannot contain a colon, except after a Windows
 * drive.
 *
 * @throws FormatError naming what is wrong and the legal form.
 */
function parseLocator(word) {
    checkLength(word);
    const colon = word.indexOf(':');
    const read = colon < 0 ? undefined : prefixes.get(word.slice(0, colon));
    return read ? read(word.slice(colon + 1), word) : parseReferenceLocator(word);
}
/** @throws FormatError when the word is longer than any source can be. */
function checkLength(word) {
    if (word.length <= maxSourceLength)
        return;
    const message = `${(0,format_error/* quote */.hD)(word)} is ${word.length} characters long`;
    throw new format_error/* FormatError */.IF(message, `a source of at most ${maxSourceLength} characters`);
}
const prefixes = new Map([
    ['sha256', (_, word) => ({ kind: 'digest', digest: (0,oci_digest/* parseDigest */.m)(word) })],
    ['sha512', (_, word) => ({ kind: 'digest', digest: (0,oci_digest/* parseDigest */.m)(word) })],
    ['oci', (rest) => ({ kind: 'oci', ...parseLayoutPath(rest, 'oci:DIR') })],
    ['oci-archive', (rest) => ({ kind: 'oci-archive', ...parseLayoutPath(rest, 'oci-archive:FILE') })],
    ['digests', (rest) => ({ kind: 'digests', path: parsePath(rest, 'digests:DIR') })],
    ['metadata', (rest) => ({ kind: 'metadata', path: parsePath(rest, 'metadata:FILE') })],
    ['docker-manifest', (rest) => ({ kind: 'docker-manifest', name: parseDraftName(rest) })],
]);
function parseReferenceLocator(word) {
    if (word === '')
        throw new format_error/* FormatError */.IF('the source is empty', sourceForms);
    if (word.includes(',')) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(word)} contains a comma`, 'one source per line');
    }
    const reference = (0,oci_reference/* parseReference */.F2)(word);
    if (reference.tag !== undefined || reference.digest !== undefined) {
        return { kind: 'reference', ...reference };
    }
    const message = `${(0,format_error/* quote */.hD)(word)} has neither a tag nor a digest, and "latest" is not assumed`;
    throw new format_error/* FormatError */.IF(message, sourceForms);
}
function parsePath(path, form) {
    if (path === '')
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(form.slice(0, form.indexOf(':') + 1))} has no path`, form);
    return path;
}
function parseLayoutPath(text, form) {
    const forms = `${form}, ${form}:tag or ${form}@sha256:\u2026`;
    const at = text.lastIndexOf('@');
    const digest = at < 0 ? undefined : readPickedDigest(text.slice(at + 1));
    const named = digest === undefined ? text : text.slice(0, at);
    const colon = named.indexOf(':', /^[A-Za-z]:[\\/]/.test(named) ? 2 : 0);
    const path = parsePath(colon < 0 ? named : named.slice(0, colon), forms);
    if (digest !== undefined)
        return { path, pick: { digest } };
    return colon < 0 ? { path } : { path, pick: { tag: parseRefName(named.slice(colon + 1), forms) } };
}
function readPickedDigest(text) {
    if ((0,oci_digest/* isDigest */.Bc)(text))
        return text;
    return /^sha(?:256|512):/.test(text) ? (0,oci_digest/* parseDigest */.m)(text) : undefined;
}
/**
 * Reads the name of an image in a layout (OCI image-spec 1.1, annotations.md: `org.opencontainers.image.ref.name`).
 * Tools put a tag there, or a whole reference.
 */
function parseRefName(name, forms) {
    if (/^[A-Za-z0-9](?:[A-Za-z0-9]|[-._:@/+](?=[A-Za-z0-9-]))*$/.test(name))
        return name;
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} is not the name of an image in a layout`, forms);
}
/** Draft names are read as docker's CLI reads them, default tag included. */
function parseDraftName(text) {
    const reference = (0,oci_reference/* parseReference */.F2)(text);
    const tagged = reference.tag !== undefined || reference.digest !== undefined;
    return (0,oci_reference/* formatReference */.FH)(tagged ? reference : { ...reference, tag: 'latest' });
}

;// CONCATENATED MODULE: ./src/sources/input/pasted-form.ts

const blockForm = 'one item per line, in a block that begins with "|"';
/**
 * Finds a YAML list in a list input: GitHub hands `- item` lines over as they are, since inputs are text.
 * One problem stands for all of its lines.
 */
function findYamlList(text) {
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
    if (!/^\s*-(?:\s|$)/.test(lines[at] ?? ''))
        return undefined;
    const message = `is a YAML list, but inputs are text; remove "- " from the lines (expected: ${blockForm})`;
    return { line: at + 1, message };
}
/** Throws FormatError for an item with white space in it, where items are single words: a comment, or a folded block. */
function checkSingleWord(text) {
    const [word = '', next] = text.split(/\s+/, 2);
    // The error of the reference itself fits an expression that was not evaluated.
    if (next === undefined || word.startsWith('${{'))
        return;
    if (next.startsWith('#'))
        throw commentBehind((0,format_error/* quote */.hD)(word));
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} contains several items on one line`, blockForm);
}
/** Throws FormatError when a comment or another source, as a folded block (`>`) joins them, is among the words behind a source. */
function checkFollowing(words) {
    const strange = words.find((word) => word.startsWith('#') || (!word.includes('=') && /[:@]/.test(word)));
    if (strange === undefined)
        return 'valid';
    throw strange.startsWith('#') ? commentBehind('the source') : secondSource(strange);
}
/** A comment that follows an item, named as in a message, on its line. */
function commentBehind(item) {
    return new format_error/* FormatError */.IF(`a comment follows ${item} on its line`, 'comments on lines of their own');
}
function secondSource(word) {
    return new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(word)} is a second source on the line`, 'one source per line, in a block that begins with "|", not ">"');
}

;// CONCATENATED MODULE: ./src/sources/input/split-items.ts
/**
 * Splits the `sources` input into items: one per line, except that a JSON document extends to its closing bracket.
 *
 * Blank lines and lines that start with `#` are skipped. Takes linear time: text in which no closing
 * bracket was found is not searched again.
 */
function* splitItems(text) {
    let line = 1;
    for (let start = 0; start < text.length;) {
        const span = readSpan(text, start);
        if (!isIgnored(span.content))
            yield { line, content: span.content };
        line += countNewlines(text, start, span.end);
        start = span.end;
    }
}
function readSpan(text, start) {
    const first = endOfIndent(text, start);
    return startsJson(text, first) ? readDocument(text, first) : readLine(text, start);
}
function readLine(text, start) {
    const end = endOfLine(text, start);
    return { content: { kind: 'line', text: text.slice(start, end).trim() }, end };
}
function readDocument(text, start) {
    const closed = findClosing(text, start);
    if (closed.closing === undefined) {
        const message = 'the JSON that starts here is not closed (expected: one JSON object or array)';
        return { content: { kind: 'flaw', message }, end: endOfLine(text, closed.searched) };
    }
    const end = endOfLine(text, closed.closing);
    const document = text.slice(start, closed.closing);
    return { content: { kind: 'json', document, rest: text.slice(closed.closing, end).trimEnd() }, end };
}
function isIgnored(content) {
    return content.kind === 'line' && (content.text === '' || content.text.startsWith('#'));
}
function endOfIndent(text, start) {
    const indent = /[^\S\n]*/y;
    indent.lastIndex = start;
    indent.test(text);
    return Math.max(indent.lastIndex, start);
}
/** A template (`{arch}/app`) and an IPv6 host (`[::1]:5000`) start with a bracket too. */
function startsJson(text, start) {
    const opening = /\{\s*["}]|\[\s*["{[\]]/y;
    opening.lastIndex = start;
    return opening.test(text);
}
/** Finds where a document's brackets balance, skipping strings; the JSON parser checks the rest. */
function findClosing(text, start) {
    const mark = /["{}[\]]/g;
    mark.lastIndex = start;
    let depth = 0;
    for (let found = mark.exec(text); found; found = mark.exec(text)) {
        if (found[0] === '"') {
            const string = findQuote(text, mark.lastIndex);
            if (string.closing === undefined)
                return string;
            mark.lastIndex = string.closing;
        }
        else {
            depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
        }
        if (depth === 0)
            return { closing: mark.lastIndex, searched: mark.lastIndex };
    }
    return { searched: text.length };
}
/** Finds where a string ends; JSON strings contain no line breaks. */
function findQuote(text, start) {
    const mark = /["\\\n]/g;
    mark.lastIndex = start;
    for (let found = mark.exec(text); found; found = mark.exec(text)) {
        if (found[0] === '"')
            return { closing: mark.lastIndex, searched: mark.lastIndex };
        if (found[0] === '\n')
            return { searched: found.index };
        mark.lastIndex++;
    }
    return { searched: text.length };
}
function endOfLine(text, start) {
    const newline = text.indexOf('\n', start);
    return newline < 0 ? text.length : newline + 1;
}
function countNewlines(text, start, end) {
    let count = 0;
    for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1))
        count++;
    return count;
}

;// CONCATENATED MODULE: ./src/sources/input/split-words.ts

/**
 * Splits a source line into its words.
 *
 * White space separates words. Double quotes, anywhere in a word, keep the white space between them; inside quotes,
 * two in a row stand for one: `title="a b"`, `"title=a b"` and `"a ""b"""` are one word each.
 * A backslash is an ordinary character, so Windows paths need no escapes. Takes linear time.
 *
 * @throws FormatError when a quote is not closed.
 */
function splitWords(text) {
    const words = [];
    for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
        const word = readWord(text, at);
        words.push(word.text);
        at = word.end;
    }
    return words;
}
function skipBlanks(text, start) {
    return endOfRun(/\s*/y, text, start);
}
function readWord(text, start) {
    const pieces = [];
    let at = start;
    for (let piece = readPiece(text, at); piece.end > at; piece = readPiece(text, at)) {
        pieces.push(piece.text);
        at = piece.end;
    }
    return { text: pieces.join(''), end: at };
}
function readPiece(text, start) {
    if (text[start] === '"')
        return readQuoted(text, start + 1);
    const end = endOfRun(/[^\s"]*/y, text, start);
    return { text: text.slice(start, end), end };
}
function readQuoted(text, start) {
    const parts = [];
    for (let from = start;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0)
            throw new format_error/* FormatError */.IF('a double quote is not closed', 'a closing " on the same line');
        parts.push(text.slice(from, quote));
        if (text[quote + 1] !== '"')
            return { text: parts.join('"'), end: quote + 1 };
        from = quote + 2;
    }
}
/** The end of the characters that `run`, a sticky expression, matches. */
function endOfRun(run, text, start) {
    run.lastIndex = start;
    run.test(text);
    return Math.max(run.lastIndex, start);
}

;// CONCATENATED MODULE: ./src/sources/input/template.ts



const placeholders = new Map([
    ['{os}', (platform) => platform.os],
    ['{arch}', (platform) => platform.architecture],
    ['{variant}', (platform) => platform.variant ?? ''],
    ['{platform}', oci_platform/* platformSlug */.DN],
]);
const template_forms = [...placeholders.keys()].join(', ');
const placeholder = /\{[^{}]*\}/g;
/**
 * Expands `{os}`, `{arch}`, `{variant}` (empty for platforms without one) and `{platform}` (`linux-arm-v7`) in a
 * source over the platforms, in their order.
 *
 * A word without placeholders stays as it is. Platforms that expand to the same text share one expansion, which
 * declares only the fields that they have in common: `app:{os}` over linux/amd64 and linux/arm64 is one source, `app:linux`.
 *
 * @throws FormatError for an unknown placeholder, or when there are no platforms to expand over.
 */
function expandTemplate(word, platforms) {
    checkLength(word);
    const used = word.match(placeholder);
    if (used === null)
        return [{ text: word, declared: {} }];
    const unknown = used.find((name) => !placeholders.has(name));
    if (unknown !== undefined)
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(word)} has the placeholder ${(0,format_error/* quote */.hD)(unknown)}`, template_forms);
    if (platforms.length === 0) {
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(word)} is a template without platforms`, 'the `platforms` input');
    }
    return merge(platforms.map((platform) => ({ text: fill(word, platform), declared: platform })));
}
function fill(word, platform) {
    return word.replace(placeholder, (name) => placeholders.get(name)?.(platform) ?? name);
}
function merge(expansions) {
    const merged = new Map();
    for (const { text, declared } of expansions) {
        const known = merged.get(text);
        merged.set(text, known ? inCommon(known, declared) : declared);
    }
    return [...merged].map(([text, declared]) => ({ text, declared }));
}
function inCommon(a, b) {
    const same = (field, value) => JSON.stringify(value) === JSON.stringify(b[field]);
    return Object.fromEntries(Object.entries(a).filter(([field, value]) => same(field, value)));
}

;// CONCATENATED MODULE: ./src/sources/input/parse-sources.ts










/**
 * Reads the `sources` input.
 *
 *     input  = *( line / comment / JSON ), one per line; a JSON document may span several
 *     line   = source [ os/arch[/variant] ] *( key "=" value ), see {@link splitWords}
 *     source = see {@link parseLocator}, with placeholders see {@link expandTemplate}
 *     JSON   = a descriptor or build metadata, followed by the same words as a source, see {@link locateObject},
 *              or an object or array whose strings are inputs themselves, see {@link listSources}
 *
 * Takes linear time, and stops at 4096 sources with a problem.
 *
 * @param platforms what templates expand over
 */
function parseSources(text, platforms) {
    const pasted = findYamlList(text);
    if (pasted !== undefined)
        return parse_sources_refused(pasted);
    if (text.trim() === 'null')
        return parse_sources_refused(nullInput);
    const list = new problem_list/* ProblemList */.Ku();
    readText(text, { list, platforms });
    if (list.count > 0)
        return list.finish();
    return parse_sources_refused({ message: `lists no source (expected: ${sourceForms})` });
}
function parse_sources_refused(problem) {
    return { lines: [], problems: [{ input: 'sources', ...problem }], documents: 0 };
}
/** `toJSON` of a context that does not exist. */
const nullInput = {
    message: 'is null: the job or its outputs do not exist; list the job in `needs`, and set its `outputs` (expected: the outputs of a job, or sources)',
};
function readText(text, context) {
    for (const item of splitItems(text)) {
        if (context.list.full)
            return;
        readItem(item, context);
    }
}
function readItem({ line, content }, context) {
    const { list, position = { line } } = context;
    if (content.kind === 'flaw')
        list.refuse(position, content.message);
    else if (content.kind === 'line')
        parse_sources_readLine(content.text, position, context);
    else
        parse_sources_readDocument(content, position, context);
}
/** Forbidden in a line: C0 without the tab, DEL, C1, and Unicode's own line breaks. */
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;
function parse_sources_readLine(text, position, { list, platforms }) {
    if (forbidden.test(text)) {
        list.refuse(position, `${(0,format_error/* quote */.hD)(text)} contains a control character`);
        return;
    }
    const [word, ...rest] = list.attempt(position, () => splitWords(text)) ?? [];
    if (word === undefined)
        return;
    // The rest of such a line is not read: every word of it would be a problem of its own.
    if (list.attempt(position, () => checkFollowing(rest)) === undefined)
        return;
    const expansions = list.attempt(position, () => expandTemplate(word, platforms)) ?? [];
    const located = expansions.flatMap((expansion) => {
        const locator = list.attempt(position, () => parseLocator(expansion.text));
        return locator === undefined ? [] : [{ expansion, locator }];
    });
    const declaration = parseDeclaration(rest, (message) => list.refuse(position, message));
    for (const { expansion, locator } of located) {
        const written = text.startsWith(word) ? expansion.text + text.slice(word.length) : text;
        add(list, position, { text: written, locator, ...specify(declaration, expansion) });
    }
}
/** The line's own words win over the template's platform; a variant belongs to the architecture beside it. */
function specify({ declared, annotations }, expansion) {
    const { variant, ...named } = expansion.declared;
    const kept = variant === undefined || declared.architecture !== undefined ? named : expansion.declared;
    return { declared: { ...kept, ...declared }, annotations };
}
function add(list, { line, path }, source) {
    list.add({ ...source, text: path ? `${path}: ${source.text}` : source.text, line });
}
function parse_sources_readDocument({ document, rest }, position, context) {
    const { list } = context;
    const value = list.attempt(position, () => parse_sources_parseJson(document, rest));
    if (value === undefined)
        return;
    if (isSource(value)) {
        readObject(value, rest, position, list);
        return;
    }
    const sources = listSources(value, position.path ?? '');
    if (sources.length === 0) {
        list.refuse(position, emptyDocument(document));
    }
    else if (rest !== '') {
        list.refuse(position, `${(0,format_error/* quote */.hD)(rest)} follows JSON that lists sources; write it after each of them`);
    }
    else {
        list.addDocument();
        for (const source of sources)
            readSource(source, position.line, context);
    }
}
function emptyDocument(document) {
    return /^[{[]\s*[\]}]$/.test(document)
        ? `${(0,format_error/* quote */.hD)(document)} is empty: the job set no outputs, or GitHub dropped them because they contain a secret`
        : `${(0,format_error/* quote */.hD)(document)} lists no source (expected: ${sourceForms})`;
}
function parse_sources_parseJson(document, rest) {
    if (rest !== '' && !/^\s/.test(rest))
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(rest)} follows JSON`, 'a space after the JSON');
    return (0,json_document/* parseJsonDocument */.d)(new TextEncoder().encode(document), 'allow');
}
function readObject(value, rest, position, list) {
    const words = list.attempt(position, () => splitWords(rest)) ?? [];
    if (list.attempt(position, () => checkFollowing(words)) === undefined)
        return;
    const declaration = parseDeclaration(words, (message) => list.refuse(position, message));
    const locator = list.attempt(position, () => locateObject(value));
    if (locator)
        add(list, position, { text: JSON.stringify(value), locator, ...declaration });
}
function readSource(source, line, context) {
    const { list } = context;
    const position = { line, path: source.path };
    const before = list.count;
    if (list.full)
        return;
    if ('flaw' in source) {
        list.refuse(position, source.flaw);
        return;
    }
    if (source.text.trim() === '') {
        list.refuse(position, `is empty, not a source; check the step that sets the output`);
        return;
    }
    readText(source.text, { ...context, position });
    if (list.count === before)
        list.refuse(position, `${(0,format_error/* quote */.hD)(source.text)} lists no source`);
}

;// CONCATENATED MODULE: ./src/actions/credential-helper-line.ts



const credential_helper_line_form = 'name https://\u2026 sha256:\u2026, such as `ecr-login https://example.com/docker-credential-ecr-login sha256:` and 64 hex digits';
const prefix = 'docker-credential-';
/** Reads one line, `name url sha256:\u2026`; throws FormatError. */
function parseCredentialHelper(text) {
    const [name = '', address = '', hash = '', ...rest] = text.split(/\s+/);
    if (hash === '' || rest.length > 0)
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} is not a name, a URL and a digest`, credential_helper_line_form);
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(bare))
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(name)} is not the name of a helper`, credential_helper_line_form);
    return { program: prefix + bare, url: parseAddress(address), digest: (0,oci_digest/* parseDigest */.m)(hash) };
}
// The digest protects the bytes; https protects a signed URL.
function parseAddress(text) {
    const url = URL.parse(text);
    if (url !== null && (url.username !== '' || url.password !== ''))
        throw new format_error/* FormatError */.IF(`the URL of ${url.host} contains a user name, which is not sent`, credential_helper_line_form);
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && (0,oci_reference/* isLoopbackRegistry */.jW)(url.host));
    if (url === null || !isSafe)
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} is not an https URL`, credential_helper_line_form);
    return url;
}

;// CONCATENATED MODULE: ./src/actions/input-list.ts
/** The items of a list input, without blank lines and whole-line `#` comments. */
function splitList(text, form = {}) {
    return text.split(/\r\n|\n/).flatMap((line, at) => {
        if (line.trimStart().startsWith('#'))
            return [];
        const parts = form.commas === 'separate' ? line.split(',') : [line];
        return parts
            .map((part) => part.trim())
            .filter((part) => part !== '')
            .map((part) => ({ text: part, line: at + 1 }));
    });
}

;// CONCATENATED MODULE: ./src/actions/input-value.ts

/** Reads one of several values; throws FormatError. */
function parseChoice(text, choices) {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined)
        return found;
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} is not known`, choices.join(', '));
}
/** Reads a flag as YAML 1.2's core schema writes it; throws FormatError. */
function parseFlag(text) {
    if (/^(true|True|TRUE)$/.test(text))
        return 'true';
    if (/^(false|False|FALSE)$/.test(text))
        return 'false';
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} is neither true nor false`, 'true or false');
}
const input_value_units = { ms: 1, s: 1000, m: 60_000 };
const maxDuration = 3_600_000;
/** Reads a duration such as `15s`, `2m`, `500ms` or `0` in milliseconds, at most an hour; throws FormatError. */
function parseDuration(text) {
    const found = /^(\d{1,7})(ms|s|m)?$/.exec(text);
    const [, amount, unit] = found ?? [];
    const value = unit === undefined && amount !== '0' ? Number.NaN : Number(amount) * (input_value_units[unit ?? 's'] ?? 1);
    if (value <= maxDuration)
        return value;
    throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} is not a duration`, 'a number with a unit, such as 15s, 500ms or 2m, at most 60m, or 0');
}

;// CONCATENATED MODULE: ./src/actions/registry-auth-input.ts



const expected = 'expected a YAML list of entries with registry, username and password';
/**
 * Parses the `registry-auth` input: a YAML list of `{registry, username, password, scope?}` with the
 * meaning that docker/login-action's input of that name gives them (registry defaults to docker.io,
 * scope is `acme/app`, `acme/app@push` or `@push`). Values are always text, also those that YAML reads as numbers or booleans.
 */
async function parseRegistryAuth(text) {
    if (text.trim() === '')
        return { logins: [], problems: [] };
    const yaml = await __nccwpck_require__.e(/* import() */ 815).then(__nccwpck_require__.t.bind(__nccwpck_require__, 8815, 19));
    const lines = new yaml.LineCounter();
    // The failsafe schema keeps a password such as 0123 or `true` as it is written.
    const document = yaml.parseDocument(text, {
        schema: 'failsafe',
        prettyErrors: false,
        logLevel: 'error',
        lineCounter: lines,
    });
    const reader = new Reader(yaml, lines);
    const [error] = document.errors;
    if (error === undefined)
        reader.list(document.contents);
    else
        reader.syntax(error.code, error.pos[0]);
    return { logins: reader.problems.length === 0 ? reader.logins : [], problems: reader.problems };
}
const fields = ['registry', 'username', 'password', 'scope', 'ecr'];
/** Reads the nodes of the document and collects the problems. */
class Reader {
    logins = [];
    problems = [];
    #yaml;
    #lines;
    constructor(yaml, lines) {
        this.#yaml = yaml;
        this.#lines = lines;
    }
    /** Reports only the kind of error, since the parser's own messages may quote the input. */
    syntax(code, offset) {
        const what = code === 'DUPLICATE_KEY' ? 'the same field twice in one entry' : 'not valid YAML';
        this.#problem(`${what}; ${expected}`, offset);
    }
    list(contents) {
        if (this.#yaml.isSeq(contents)) {
            for (const item of contents.items)
                this.#entry(item);
        }
        else if (contents !== null) {
            this.#problem(expected, contents.range?.[0]);
        }
    }
    #entry(item) {
        const offset = item.range?.[0];
        if (!this.#yaml.isMap(item)) {
            this.#problem(expected, offset);
            return;
        }
        const before = this.problems.length;
        const values = this.#values(item);
        if (this.problems.length === before)
            this.#login(values, offset);
    }
    #values(map) {
        const values = {};
        for (const { key, value } of map.items) {
            const name = fields.find((field) => field === this.#text(key));
            const text = value === null ? '' : this.#text(value);
            if (name === undefined)
                this.#problem(`unknown field; expected one of ${fields.slice(0, 4).join(', ')}`, key.range?.[0]);
            else if (text === undefined)
                this.#problem(`${name} is not plain text`, key.range?.[0]);
            else
                values[name] = text;
        }
        return values;
    }
    #login(values, offset) {
        const registry = registryKey(values.registry ?? registry_name/* dockerHub */.UD);
        const scope = parseLoginScope(values.scope ?? '');
        const { username = '', password = '' } = values;
        const login = { registry, username, password, ...scope };
        const problem = problemOf(values, registry, scope) ?? this.#repetition(login);
        if (problem === undefined)
            this.logins.push(login);
        else
            this.#problem(problem, offset);
    }
    #repetition(login) {
        return this.logins.some((other) => sameTarget(other, login))
            ? `a second login for ${login.registry}`
            : undefined;
    }
    #text(node) {
        if (!this.#yaml.isScalar(node) || node.tag !== undefined)
            return undefined;
        const { value } = node;
        return typeof value === 'string' ? value : undefined;
    }
    #problem(message, offset) {
        const line = offset === undefined ? undefined : this.#lines.linePos(offset).line;
        this.problems.push({ input: 'registry-auth', message, ...(line === undefined ? {} : { line }) });
    }
}
function problemOf(values, registry, scope) {
    if (!/^[a-z0-9._\-:[\]]+$/.test(registry))
        return 'registry is not a host name; expected host or host:port';
    if (!values.username)
        return `username is missing for ${registry}`;
    if (!values.password)
        return `password is missing for ${registry}; is the secret set in this repository?`;
    if (/[\u0000-\u001f\u007f:]/.test(values.username)) {
        return `username for ${registry} has a colon or a control character`;
    }
    if (scope === undefined)
        return 'scope is not valid; expected repository, repository@push or @pull,push';
    if (values.ecr === 'true')
        return 'ecr is not supported; use aws-actions/amazon-ecr-login to log in';
    return undefined;
}
function sameTarget(a, b) {
    return (a.registry === b.registry &&
        a.repository === b.repository &&
        (a.actions ?? []).toSorted().join() === (b.actions ?? []).toSorted().join());
}

;// CONCATENATED MODULE: ./src/actions/inputs.ts













const lostOutputs = 'sources is JSON, but `platforms` is not set: GitHub drops job outputs that are empty or contain a secret, and a dropped output cannot be noticed. List the expected platforms in `platforms`.';
/** Milliseconds, as in action.yml. */
const defaultWait = 15_000;
/** Reads all inputs at once; throws InputError with every problem in them. */
async function readInputs(runner) {
    const reader = new InputReader(runner);
    const platforms = reader.words('platforms', oci_platform/* parsePlatform */.Y8);
    const tags = unique(reader.words('tags', parseTarget));
    const request = {
        tags,
        platforms,
        sources: reader.sources(platforms),
        annotations: collectAnnotations(reader.list('annotations', parseUnquoted)),
        format: reader.choice('format', ['auto', 'docker', 'oci']),
        index: reader.flag('prefer-index', { true: 'always', false: 'needed' }),
        attestations: reader.choice('attestations', ['keep', 'drop']),
        platformMismatch: reader.choice('platform-mismatch', ['error', 'warn']),
        duplicatePlatforms: reader.choice('duplicate-platforms', ['error', 'first', 'last']),
        waitForSources: reader.value('wait-for-sources', parseDuration) ?? defaultWait,
        mode: reader.flag('push', { true: 'push', false: 'dry-run' }),
        drafts: reader.flag('purge', { true: 'purge', false: 'keep' }),
        referrers: reader.flag('copy-referrers', { true: 'copy', false: 'leave' }),
    };
    if (tags.length === 0)
        reader.require('tags', 'lists no tag to publish; write one per line, such as ghcr.io/acme/app:latest');
    const registryAuth = await reader.registryAuth();
    const insecure = reader.words('insecure-registries', (text) => (0,registry_name/* parseRegistry */.l5)(text, text));
    const credentialHelpers = reader.list('credential-helpers', parseCredentialHelper);
    const summary = reader.flag('summary', { true: 'write', false: 'leave' });
    reader.finish();
    return {
        request,
        registryAuth,
        credentialHelpers,
        insecureRegistries: new Set(insecure),
        githubToken: runner.input('github-token').trim(),
        summary,
        warnings: reader.warnings,
    };
}
function parseTarget(text) {
    const reference = (0,oci_reference/* parseReference */.F2)(text);
    const form = 'registry/repository:tag, such as ghcr.io/acme/app:1.2.3';
    if (reference.digest !== undefined)
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} has a digest, but a target is a tag`, form);
    if (reference.tag === undefined)
        throw new format_error/* FormatError */.IF(`${(0,format_error/* quote */.hD)(text)} has no tag`, form);
    return { repository: reference.repository, tag: reference.tag };
}
// YAML keeps quotes within a block, and no key begins with one.
function parseUnquoted(text) {
    if (!/^["']/.test(text))
        return parseAnnotation(text);
    throw new format_error/* FormatError */.IF(`annotation ${(0,format_error/* quote */.hD)(text)} begins with a quote`, 'key=value without quotes around it');
}
function unique(tags) {
    return [...new Map(tags.map((tag) => [(0,oci_reference/* formatReference */.FH)(tag), tag])).values()];
}
/** Reads inputs one by one and collects their problems. */
class InputReader {
    #runner;
    #problems = [];
    warnings = [];
    constructor(runner) {
        this.#runner = runner;
    }
    list(input, parse, split = {}) {
        const text = this.#runner.input(input);
        const pasted = findYamlList(text);
        if (pasted !== undefined) {
            this.#problems.push({ input, ...pasted });
            return [];
        }
        return splitList(text, split).flatMap((item) => this.#parsed(input, item, parse) ?? []);
    }
    /** A list of single words. */
    words(input, parse) {
        const parseWord = (text) => {
            checkSingleWord(text);
            return parse(text);
        };
        return this.list(input, parseWord, { commas: 'separate' });
    }
    /** The value of an input; undefined, its default, when it is empty: so is `${{ inputs.format }}` that no caller gave. */
    value(input, parse) {
        const text = this.#runner.input(input).trim();
        return text === '' ? undefined : this.#parsed(input, { text }, parse);
    }
    choice(input, choices) {
        return this.value(input, (text) => parseChoice(text, choices)) ?? choices[0];
    }
    flag(input, meanings) {
        return this.value(input, parseFlag) === 'false' ? meanings.false : meanings.true;
    }
    sources(platforms) {
        const { lines, problems, documents } = parseSources(this.#runner.input('sources'), platforms);
        this.#problems.push(...problems);
        if (documents > 0 && platforms.length === 0)
            this.warnings.push(lostOutputs);
        return lines;
    }
    async registryAuth() {
        const { logins, problems } = await parseRegistryAuth(this.#runner.input('registry-auth'));
        this.#problems.push(...problems);
        return logins;
    }
    require(input, message) {
        if (!this.#problems.some((problem) => problem.input === input))
            this.#problems.push({ input, message });
    }
    finish() {
        if (this.#problems.length > 0)
            throw new run_errors/* InputError */.dz(this.#problems);
    }
    #parsed(input, { text, line }, parse) {
        return (0,problem_list/* attempt */.CD)(() => parse(text), (message) => this.#problems.push({ input, line, message }));
    }
}

;// CONCATENATED MODULE: ./src/actions/sanitize.ts

/**
 * A line of text that the runner, a terminal and a reader take for nothing but text: control characters,
 * ANSI sequences and bidirectional marks are shown as escapes, and workflow commands (`::name::` at the
 * start of a line, `##[name]` anywhere) are broken up.
 */
function sanitizeLine(text) {
    return visible(text)
        .replaceAll('##[', '#\u200b#[')
        .replace(/^(\s*):(?=:)/, '$1:\u200b');
}
/**
 * JSON with the same value in which what {@link sanitizeLine} would change stands as an escape: later steps print
 * outputs.
 */
function sanitizeJson(json) {
    return json.replace(unseen, escapeUnits).replaceAll('##[', `#${escapeUnits('#')}[`);
}
function escapeUnits(text) {
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

;// CONCATENATED MODULE: ./src/actions/log.ts

/** The runner keeps this many annotations of one kind per step; further warnings are plain lines of the log. */
const maxAnnotations = 10;
/** The runner's log: the messages of all layers, sanitized, masked and grouped by stage. */
class RunnerLog {
    #runner;
    #warnings = [];
    #masked = new Set();
    /** The masked texts, longest first: one may contain another. */
    #secrets = [];
    #heading;
    constructor(runner) {
        this.#runner = runner;
    }
    /** The warnings so far, for the summary. */
    get warnings() {
        return this.#warnings;
    }
    debug(text) {
        if (this.#runner.isDebug)
            this.#runner.debug(this.#safe(text));
    }
    info(text) {
        this.#openGroup();
        this.#runner.info(this.#safe(text));
    }
    warning(text) {
        this.#openGroup();
        this.#warnings.push(this.withoutSecrets(text));
        if (this.#warnings.length <= maxAnnotations)
            this.#runner.warning(this.#safe(text));
        else
            this.#runner.info(`Warning: ${this.#safe(text)}`);
    }
    secret(value) {
        // The runner masks line by line. Servers often repeat base64 without its padding, or with the padding escaped.
        const lines = value.split(/\r?\n/).flatMap((line) => [line, line.replace(/={1,2}$/, '')]);
        for (const line of lines) {
            if (line.trim() === '' || this.#masked.has(line))
                continue;
            this.#masked.add(line);
            this.#secrets = [...this.#secrets, line].toSorted((a, b) => b.length - a.length);
            this.#runner.mask(line);
        }
    }
    /** Runs one stage with its lines folded under a heading; a stage that logs nothing has no heading. */
    async group(heading, stage) {
        this.#heading = heading;
        try {
            return await stage();
        }
        finally {
            if (this.#heading === undefined)
                this.#runner.endGroup();
            this.#heading = undefined;
        }
    }
    #openGroup() {
        if (this.#heading === undefined)
            return;
        this.#runner.startGroup(this.#safe(this.#heading));
        this.#heading = undefined;
    }
    /** Makes the step fail: an annotation with a title and lines of text. */
    failed(title, text) {
        this.#runner.fail(this.#safe(text), title);
    }
    #safe(text) {
        return log_sanitize(this.withoutSecrets(text));
    }
    /**
     * A text in which every masked text is `***`, for files that the runner does not mask, and before sanitizing: the
     * runner's own mask does not match a secret with an escape in it.
     */
    withoutSecrets(text) {
        return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    }
}
function log_sanitize(text) {
    return text.split('\n').map(sanitizeLine).join('\n');
}

;// CONCATENATED MODULE: ./src/sources/resolve/similar-tag.ts
/** Most changes of one character between a tag and one that was meant. */
const maxChanges = 2;
/** The tag that was most likely meant: the closest within two changes, on less than a third of its characters. */
function similarTag(tag, tags) {
    const near = tags.map((other) => ({ other, changes: changesBetween(tag, other) }));
    const [best] = near
        .filter(({ changes }) => changes > 0 && changes <= maxChanges && changes * 3 < tag.length)
        .sort((a, b) => a.changes - b.changes);
    return best?.other;
}
/** The Levenshtein distance; more than `maxChanges` for lengths that differ by more. */
function changesBetween(a, b) {
    if (Math.abs(a.length - b.length) > maxChanges)
        return maxChanges + 1;
    let row = Array.from({ length: b.length + 1 }, (_, at) => at);
    for (let i = 1; i <= a.length; i += 1) {
        const next = [i];
        for (let j = 1; j <= b.length; j += 1) {
            const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[b.length] ?? 0;
}

;// CONCATENATED MODULE: ./src/sources/resolve/registry-store.ts






/** The content of a repository in a registry. */
class RegistryStore {
    name;
    repository;
    #client;
    #patience;
    /** Content that is missing is requested again while `patience` lasts, like the source itself. */
    constructor(client, repository, patience) {
        this.name = (0,oci_reference/* formatRepository */.Sh)(repository);
        this.repository = repository;
        this.#client = client;
        this.#patience = patience;
    }
    getManifest(digest, size) {
        return patiently(() => this.#client.getManifest(this.repository, digest, size), this.#patience);
    }
    getBlob(descriptor) {
        const read = () => this.#client.getBlob(this.repository, descriptor);
        // A blob with URLs may never be in the registry.
        return descriptor['urls'] === undefined ? patiently(read, this.#patience) : read();
    }
    async *openBlob(descriptor, offset = 0) {
        yield* await this.#client.openBlob(this.repository, descriptor, offset);
    }
}
/**
 * Reads the manifests of references, each once however many lines name it. A source that is missing is requested again
 * while patience lasts, since a registry may serve a manifest only some time after it accepted it.
 */
function registryFetch(client, patience) {
    const manifests = new Map();
    const listings = new Map();
    const meantTag = async ({ repository, tag, digest }) => {
        if (tag === undefined || digest !== undefined)
            return undefined;
        const name = (0,oci_reference/* formatRepository */.Sh)(repository);
        const listing = listings.get(name) ?? client.listTags(repository);
        listings.set(name, listing);
        return similarTag(tag, await listing);
    };
    return async (line, reference) => {
        const label = (0,oci_reference/* formatReference */.FH)(reference);
        const known = manifests.get(label) ?? patiently(() => registry_store_read(client, reference), patience, label);
        manifests.set(label, known);
        try {
            const store = new RegistryStore(client, reference.repository, patience);
            return { line, label, manifest: await known, store };
        }
        catch (error) {
            const meant = registry_store_isMissing(error) ? await meantTag(reference) : undefined;
            throw sourceFailure(line, label, error, { wait: patience.wait, meant });
        }
    };
}
function registry_store_read(client, reference) {
    return client.getManifest(reference.repository, reference.digest ?? reference.tag ?? 'latest');
}
function patiently(read, { wait, clock, onWait }, label) {
    const retryUntil = clock.now() + wait;
    let isWaiting = false;
    return pollUntil(clock, { first: 500, max: 4000 }, async () => {
        try {
            return { result: await read() };
        }
        catch (error) {
            if (!registry_store_isMissing(error))
                throw error;
            if (label !== undefined && !isWaiting && wait > 0)
                onWait?.(label);
            isWaiting = true;
            const otherwise = () => {
                throw error;
            };
            return { retryUntil, otherwise };
        }
    });
}
function meantHint(tag) {
    return tag === undefined ? '' : ` Did you mean ${tag}?`;
}
function registry_store_isMissing(error) {
    return error instanceof run_errors/* RegistryError */.gl && error.code === 'NOT_FOUND';
}
function sourceFailure(line, label, error, { wait, meant }) {
    if (!(error instanceof run_errors/* ActionError */.lZ))
        return error;
    const { cause, hint } = error;
    if (registry_store_isMissing(error)) {
        const waited = wait === 0 ? '' : ` (waited ${wait / 1000} s)`;
        return (0,source_error/* sourceError */.I8)(line, 'SOURCE_MISSING', `${label} does not exist${waited}`, {
            hint: `Check that the job that pushes it ran before this step.${meantHint(meant)} ${hint ?? ''}`.trim(),
            cause: error,
        });
    }
    if (error.code === 'BAD_MANIFEST' && cause instanceof format_error/* FormatError */.IF) {
        const message = `${label} is not an image: ${cause.message}`;
        return (0,source_error/* sourceError */.I8)(line, 'SOURCE_NOT_AN_IMAGE', message, { hint, cause: error });
    }
    return (0,source_error/* requestError */.Un)(line, label, error);
}

;// CONCATENATED MODULE: ./src/actions/outputs.ts









/** UTF-16 code units of all outputs together: GitHub takes 1 MiB of outputs per job. */
const maxOutputsLength = 500_000;
/** The outputs of a run, by name, without `json-file`. */
function outputsOf(result) {
    const { served, tags, members } = result;
    const names = tags.map(oci_reference/* formatReference */.FH);
    const isPublished = tags.every(({ state }) => state !== 'dry-run' && state !== 'unknown');
    const repositories = [...new Set(tags.map(({ repository }) => (0,oci_reference/* formatRepository */.Sh)(repository)))];
    const images = repositories.map((name) => `${name}@${served.digest}`);
    const platforms = members.flatMap((member) => member.kind === 'image' ? (member.descriptor.platform ?? []) : []);
    const previous = tags.map((tag) => [(0,oci_reference/* formatReference */.FH)(tag), tag.previous ?? null]);
    return {
        digest: served.digest,
        'media-type': served.mediaType,
        size: String(served.size),
        json: compactJson(served.bytes),
        platforms: [...new Set(platforms.map(oci_platform/* formatPlatform */.Bq))].join(','),
        tags: isPublished ? names.join('\n') : '',
        name: repositories[0] ?? '',
        image: isPublished ? (images[0] ?? '') : '',
        images: isPublished ? images.join('\n') : '',
        published: String(isPublished),
        metadata: metadataOf(result, names),
        changed: String(tags.some((tag) => tag.previous !== served.digest)),
        previous: JSON.stringify(Object.fromEntries(previous)),
        purged: JSON.stringify(result.purged),
    };
}
function compactJson(bytes) {
    return sanitizeJson(JSON.stringify(JSON.parse(Buffer.from(bytes).toString('utf8'))));
}
// The keys that buildx writes to its metadata file.
function metadataOf(result, names) {
    const { mediaType, digest, size } = result.served;
    return JSON.stringify({
        'containerimage.descriptor': { mediaType, digest, size },
        'containerimage.digest': digest,
        'image.name': names.join(','),
    });
}
/**
 * Writes every output, and the exact bytes to a file in RUNNER_TEMP (default: the system's temporary directory).
 * An output that cannot be written is a warning, because the tags are published.
 */
async function writeOutputs(result, runner, observer) {
    const directory = runner.environment['RUNNER_TEMP'] || (0,external_node_os_.tmpdir)();
    const outputs = { ...outputsOf(result), 'json-file': await writeJsonFile(result, directory, observer) };
    const failed = [];
    let why;
    for (const [name, value] of fitting(Object.entries(outputs), observer)) {
        try {
            runner.output(name, value);
        }
        catch (error) {
            failed.push(name);
            why = error;
        }
    }
    if (failed.length > 0)
        observer.warning(`Outputs could not be written: ${(0,run_errors/* messageOf */.bD)(why)} (${failed.join(', ')})`);
}
// Drop the longest output first: later steps mostly use the short ones, and the list is also in a file.
function fitting(outputs, observer) {
    const total = outputs.reduce((sum, [, value]) => sum + value.length, 0);
    if (total <= maxOutputsLength)
        return outputs;
    const longest = outputs.reduce((a, b) => (b[1].length > a[1].length ? b : a));
    observer.warning(`Output ${longest[0]} is left empty: ${longest[1].length} characters are more than the runner takes. The list itself is in the file that json-file names.`);
    return fitting(outputs.map((output) => (output === longest ? [output[0], ''] : output)), observer);
}
async function writeJsonFile(result, directory, observer) {
    const { digest, bytes } = result.served;
    const path = (0,external_node_path_.join)(directory, `manifest-list-${(0,oci_digest/* encodedOf */.EX)(digest).slice(0, 16)}-${(0,external_node_crypto_.randomUUID)()}.json`);
    try {
        // Neither a file nor a link that someone else left in a shared directory is written to.
        await (0,promises_.writeFile)(path, bytes, { flag: 'wx' });
        return path;
    }
    catch (error) {
        observer.warning(`The file of output json-file could not be written: ${(0,run_errors/* messageOf */.bD)(error)}`);
        return '';
    }
}

;// CONCATENATED MODULE: ./src/actions/run.ts









/** Wires a run, and sends the requests for what the tags hold now. */
function startRun(inputs, runner, log, network = {}) {
    const { request } = inputs;
    const { environment, home } = runner;
    const { client, close } = connectRegistries({
        ...inputs,
        ...network,
        environment,
        home,
        headerRegistries: new Set(request.tags.map(({ repository }) => repository.registry)),
        observer: log,
        refusedLogins: request.mode === 'dry-run' ? 'read-without' : 'fail',
    });
    expectAccess(client, request);
    const { clock = systemClock } = network;
    const context = { client, observer: log, clock };
    const tags = new Map();
    const sourceOutcomes = new Map();
    return {
        request,
        tags,
        close,
        context,
        sources: {
            directory: environment['GITHUB_WORKSPACE'] || runner.directory,
            dockerConfig: dockerConfigDirectory(environment, home),
            repository: soleRepository(request.tags),
            targets: request.tags.map(({ repository }) => repository),
            observer: log,
            fetch: registryFetch(client, {
                clock,
                wait: request.waitForSources,
                onWait: (label) => log.info(`Waiting up to ${request.waitForSources / 1000} s for ${label}`),
            }),
        },
        previous: new PreviousTags(request.tags, context),
        sourceOutcomes,
        onSource: (line, outcome) => sourceOutcomes.set(line, outcome),
        onTag: (target, state) => tags.set((0,oci_reference/* formatReference */.FH)(target), state),
        report: async (result) => {
            await writeOutputs(result, runner, log);
            if (inputs.summary === 'write') {
                const status = request.mode === 'push' ? 'published' : 'dry-run';
                const report = { status, lists: [result], warnings: log.warnings };
                await writeSummary(report, environment['GITHUB_STEP_SUMMARY'], log);
            }
        },
    };
}
// One token then covers all that is read from and written to a host.
function expectAccess(client, request) {
    for (const { repository } of request.tags) {
        client.declareAccess(repository, request.mode === 'push' ? ['pull', 'push'] : ['pull']);
    }
    for (const { locator } of request.sources) {
        if (locator.kind === 'reference')
            client.declareAccess(locator.repository, ['pull']);
    }
}

;// CONCATENATED MODULE: ./src/actions/publish.ts













/** Runs the publishing action to its end; a failure is reported to the runner. */
async function publish(runner, network = {}) {
    const log = new RunnerLog(runner);
    const started = {};
    try {
        await publishInputs(runner, log, network, started);
    }
    catch (error) {
        await reportFailure(error, runner, log, started.run);
    }
}
async function publishInputs(runner, log, network, started) {
    const inputs = await readInputs(runner);
    for (const warning of inputs.warnings)
        log.warning(warning);
    await provideCredentialHelpers(inputs.credentialHelpers, runner, log, network);
    const run = startRun(inputs, runner, log, network);
    started.run = run;
    announceCancellation(runner, log, run.tags);
    try {
        await publishStages(run, log);
    }
    finally {
        await run.close();
    }
}
/** Takes a run through all stages: plan, assemble, copy, push, verify, purge, report. */
async function publishStages(run, log) {
    const { request, context, onTag } = run;
    const plan = await log.group('Resolve the sources', () => makePlan(request, run.sources, context, run.onSource));
    const { manifest: index, members } = assemble(plan, request, context);
    if (request.mode === 'dry-run') {
        const tags = await log.group('Dry run', () => untouchedTags(index, request.tags, run.previous, context));
        const pushAccess = await log.group('Check the permission to push', () => checkPushAccess(plan.targets, context));
        return run.report({ served: index, members, tags, copies: [], purged: [], pushAccess });
    }
    const copies = await log.group('Copy', () => copyContent(plan, index, request.referrers, context));
    const previous = run.previous.current();
    const tags = await log.group('Push', () => pushTags(index, plan.targets, { previous, onTag }, context));
    const verified = await log.group('Read back', () => verifyTags(index, tags, context));
    const purged = await purgeAfterPush(verified, request, run.sources.dockerConfig, context);
    await run.report({ served: verified.served, members, tags, copies, purged });
}


/***/ }),

/***/ 3197:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ githubRunner)
/* harmony export */ });
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _actions_core__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(4790);


/** How the runner cancels a step: first with SIGINT, later with SIGTERM; and the exit code after each. */
const cancellations = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
];
/** The GitHub runner of this process, by workflow commands and the files that its variables name. */
function githubRunner(environment) {
    return {
        environment,
        home: (0,node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(),
        directory: process.cwd(),
        isDebug: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .isDebug */ ._o(),
        input: (name) => _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .getInput */ .V4(name, { trimWhitespace: false }),
        output: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .setOutput */ .uH,
        addPath: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .addPath */ .fM,
        mask: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .setSecret */ .Pq,
        debug: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .debug */ .Yz,
        info: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .info */ .pq,
        warning: (text) => _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .warning */ .$e(text),
        startGroup: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .startGroup */ .Oh,
        endGroup: _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .endGroup */ .N4,
        fail: (text, title) => {
            process.exitCode = _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .ExitCode */ .yU.Failure;
            _actions_core__WEBPACK_IMPORTED_MODULE_1__/* .error */ .z3(text, { title });
        },
        onCancel: (announce) => {
            for (const [signal, code] of cancellations) {
                process.once(signal, () => {
                    announce();
                    process.exit(code);
                });
            }
        },
    };
}


/***/ }),

/***/ 8670:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   y: () => (/* binding */ BufferCollector)
/* harmony export */ });
/** Used bytes between two collections: of buffers just used, and of those that outlived two such collections. */
const minorSpan = 3 * 1024 * 1024;
const majorSpan = 96 * 1024 * 1024;
/** Discarded bytes between two collections. */
const discardedSpan = 4 * 1024 * 1024;
/**
 * Has used buffers collected while large bodies pass. The engine weighs the small objects, not the buffers behind
 * them: without this, copying 512 MiB peaks at 140 to 170 MB of memory instead of 105. It takes some 20 ms for each
 * 100 MB.
 */
class BufferCollector {
    #collect;
    #minor = 0;
    #major = 0;
    #discarded = 0;
    /** Records bytes that were read and passed on. */
    passed(count) {
        this.#minor += count;
        if (this.#minor < minorSpan)
            return;
        this.#major += this.#minor;
        this.#minor = 0;
        const type = this.#major < majorSpan ? 'minor' : 'major';
        if (type === 'major')
            this.#major = 0;
        this.#run(type);
    }
    /** Records bytes that were kept for a while and are not needed, such as an answer that is too large. */
    discarded(count) {
        this.#discarded += count;
        if (this.#discarded < discardedSpan)
            return;
        this.#discarded = 0;
        this.#run('major');
    }
    #run(type) {
        this.#collect ??= exposedCollector();
        this.#collect({ type });
    }
}
// Hardly any publish passes large bodies: it need not load these modules to start.
function exposedCollector() {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    const { runInNewContext } = process.getBuiltinModule('node:vm');
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    return typeof gc === 'function' ? gc : () => undefined;
}


/***/ }),

/***/ 9495:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   H: () => (/* binding */ isAttestation),
/* harmony export */   d: () => (/* binding */ attestationSubject)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8825);
/* harmony import */ var _platform_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1890);


const typeKey = 'vnd.docker.reference.type';
const digestKey = 'vnd.docker.reference.digest';
const inTotoLayer = 'application/vnd.in-toto+json';
/**
 * Whether an index entry is an attestation (provenance, SBOM): its platform is absent or `unknown/unknown`, and every
 * layer of its manifest is an in-toto statement. Its annotations and its config prove nothing: anybody can annotate an
 * image, and BuildKit gives attestations the config of an image. (BuildKit, docs/attestations/attestation-storage.md)
 */
function isAttestation({ platform }, { content }) {
    if (content.kind === 'index' || content.layers.length === 0)
        return false;
    if (platform !== undefined && !(0,_platform_js__WEBPACK_IMPORTED_MODULE_1__/* .samePlatform */ .my)(platform, _platform_js__WEBPACK_IMPORTED_MODULE_1__/* .attestationPlatform */ .wM))
        return false;
    return content.layers.every(({ mediaType }) => mediaType === inTotoLayer);
}
/**
 * The digest of the image that an entry's annotations say it is an attestation of; undefined when they say nothing
 * like that, or have no valid digest. Only {@link isAttestation} tells whether the entry is an attestation.
 */
function attestationSubject({ annotations }) {
    if (annotations?.[typeKey] !== 'attestation-manifest')
        return undefined;
    const digest = annotations[digestKey];
    return digest !== undefined && (0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(digest) ? digest : undefined;
}


/***/ }),

/***/ 8654:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   z: () => (/* binding */ compareUtf8)
/* harmony export */ });
/**
 * Compares two strings by the bytes of their UTF-8 form, as Go sorts strings: negative, zero or positive.
 *
 * UTF-16 order differs: surrogate pairs (U+10000 and up) come before U+E000 to U+FFFF.
 */
function compareUtf8(a, b) {
    const length = Math.min(a.length, b.length);
    for (let at = 0; at < length; at += 1) {
        const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
        if (difference !== 0)
            return difference;
    }
    return a.length - b.length;
}
/** Moves surrogates behind all other code units, where their code points belong. */
function rank(unit) {
    return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}


/***/ }),

/***/ 7592:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   BA: () => (/* binding */ parseDescriptor),
/* harmony export */   C_: () => (/* binding */ canonicalDescriptor),
/* harmony export */   cw: () => (/* binding */ findEmbeddedFlaw),
/* harmony export */   dl: () => (/* binding */ platformAt)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8825);
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1405);
/* harmony import */ var _json_field_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7974);
/* harmony import */ var _media_types_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(9217);




/**
 * What is wrong with content that a descriptor brings along itself, or undefined: clients may take `data` for the
 * content `bytes`, and may fetch it from `urls`, where nobody checked it. (OCI image-spec 1.1, descriptor.md)
 */
function findEmbeddedFlaw({ data, urls }, bytes) {
    if (urls !== undefined)
        return 'has `urls`, from which clients may fetch something else';
    if (data === undefined || data === Buffer.from(bytes).toString('base64'))
        return undefined;
    return 'has `data` that is not its content in base64';
}
/**
 * Reads a descriptor from a parsed JSON document. Specified fields that are null and an empty platform are left out.
 *
 * @param where the name of the descriptor in messages, such as `manifests[2]`
 * @throws FormatError naming the field that is wrong.
 */
function parseDescriptor(value, where = 'descriptor') {
    const { mediaType, digest, size, urls, annotations, data, platform, artifactType, ...unknown } = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .objectAt */ .lJ)(value, where);
    const known = {
        mediaType: mediaTypeAt(mediaType, `${where}.mediaType`),
        digest: digestAt(digest, `${where}.digest`),
        size: sizeAt(size, `${where}.size`),
        urls: nonEmpty((0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringsAt */ .kp)(urls, `${where}.urls`)),
        annotations: (0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .annotationsAt */ .wv)(annotations, `${where}.annotations`),
        data: nonEmpty((0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringAt */ .bX)(data, `${where}.data`)),
        platform: platformAt(platform, `${where}.platform`),
        artifactType: nonEmpty((0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringAt */ .bX)(artifactType, `${where}.artifactType`)),
    };
    return present({ ...known, ...unknown });
}
/** A text that is equal for descriptors with equal fields, in whatever order. */
function canonicalDescriptor(descriptor) {
    return JSON.stringify(descriptor, (_key, value) => typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value);
}
/**
 * Reads a platform from a parsed JSON document; null, undefined and an empty one become undefined. A missing os or
 * architecture becomes `''`; see {@link isWholePlatform}.
 *
 * @throws FormatError naming the field that is wrong.
 */
function platformAt(value, where) {
    if (value === undefined || value === null)
        return undefined;
    const { architecture, os, variant, 'os.version': version, 'os.features': features, ...unknown } = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .objectAt */ .lJ)(value, where);
    const known = {
        architecture: platformStringAt(architecture, `${where}.architecture`),
        os: platformStringAt(os, `${where}.os`),
        'os.version': nonEmpty((0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringAt */ .bX)(version, `${where}["os.version"]`)),
        'os.features': nonEmpty((0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringsAt */ .kp)(features, `${where}["os.features"]`)),
        variant: nonEmpty(platformStringAt(variant, `${where}.variant`)),
    };
    if (known.architecture === '' && known.os === '')
        return undefined;
    return present({ ...known, ...unknown });
}
// Platforms are written with slashes and commas between these strings.
function platformStringAt(value, where) {
    const string = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .stringAt */ .bX)(value, where);
    if (/^[\w.+-]*$/.test(string))
        return string;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(string)}`, 'letters, digits, ".", "_", "+" and "-"');
}
function nonEmpty(value) {
    return value.length === 0 ? undefined : value;
}
function present(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
/** Parameters are allowed. The type is kept as it is and may be sent in a header. */
function mediaTypeAt(value, where) {
    if (typeof value !== 'string')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${(0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .kindOf */ .I)(value)}`, 'a media type');
    if ((0,_media_types_js__WEBPACK_IMPORTED_MODULE_3__/* .essence */ .Pf)(value) !== '' && /^[\u0021-\u007e][\u0020-\u007e]*$/.test(value))
        return value;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(value)}`, 'a media type: type/subtype');
}
function digestAt(value, where) {
    if (typeof value !== 'string')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${(0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .kindOf */ .I)(value)}`, 'a digest');
    if ((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(value))
        return value;
    try {
        return (0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDigest */ .m)(value);
    }
    catch (error) {
        throw error instanceof _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF
            ? new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where}: ${error.message}`, error.expected)
            : error;
    }
}
function sizeAt(value, where) {
    if (typeof value !== 'number')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${(0,_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .kindOf */ .I)(value)}`, 'a number of bytes');
    if (Number.isSafeInteger(value) && value >= 0)
        return value;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${where} is ${value}`, 'a whole number of bytes, 0 or more');
}


/***/ }),

/***/ 8825:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Bc: () => (/* binding */ isDigest),
/* harmony export */   Do: () => (/* binding */ DigestVerifier),
/* harmony export */   EX: () => (/* binding */ encodedOf),
/* harmony export */   Hy: () => (/* binding */ algorithmOf),
/* harmony export */   U2: () => (/* binding */ digestMatches),
/* harmony export */   m: () => (/* binding */ parseDigest),
/* harmony export */   ol: () => (/* binding */ digestOf)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1405);


const legalForm = '"sha256:" and 64, or "sha512:" and 128 lower-case hexadecimal digits';
/**
 * Reads a digest (OCI image-spec 1.1, descriptor.md "Digests").
 *
 * @throws FormatError when the algorithm is not sha256 or sha512, or the encoded part is not its hexadecimal form.
 */
function parseDigest(text) {
    if (isDigest(text))
        return text;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`digest ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} ${flaw(text)}`, legalForm);
}
/** Whether the text is a digest of a supported algorithm in its only legal spelling. */
function isDigest(text) {
    if (text.length === 71)
        return /^sha256:[0-9a-f]{64}$/.test(text);
    return text.length === 135 && /^sha512:[0-9a-f]{128}$/.test(text);
}
function flaw(text) {
    const colon = text.indexOf(':');
    if (colon < 0)
        return 'has no algorithm: expected "sha256:" or "sha512:" at the start';
    const algorithm = text.slice(0, colon);
    if (algorithm !== 'sha256' && algorithm !== 'sha512')
        return 'has an unsupported algorithm: expected sha256 or sha512';
    const encoded = text.slice(colon + 1);
    const length = algorithm === 'sha256' ? 64 : 128;
    if (encoded.length !== length)
        return `has ${encoded.length} characters after the colon: expected ${length}`;
    return 'has characters other than lower-case hexadecimal digits after the colon';
}
/** The digest of the bytes, by default sha256. */
function digestOf(bytes, algorithm = 'sha256') {
    return encode(algorithm, (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)(algorithm).update(bytes));
}
/** Whether the bytes have this digest, by the digest's own algorithm. */
function digestMatches(bytes, digest) {
    return digestOf(bytes, algorithmOf(digest)) === digest;
}
/** The digest's algorithm. */
function algorithmOf(digest) {
    return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}
/** The digest's hexadecimal digits, without the algorithm. */
function encodedOf(digest) {
    return digest.slice(7);
}
function encode(algorithm, hash) {
    return `${algorithm}:${hash.digest('hex')}`;
}
/** Checks a stream of chunks against the digest and size (in bytes) of its descriptor. */
class DigestVerifier {
    #expected;
    #size;
    #hash;
    #seen = 0;
    constructor(descriptor) {
        this.#expected = descriptor.digest;
        this.#size = descriptor.size;
        this.#hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)(algorithmOf(descriptor.digest));
    }
    /**
     * Adds the next chunk.
     *
     * @throws FormatError as soon as there are more bytes than the descriptor states.
     */
    update(chunk) {
        this.#seen += chunk.byteLength;
        if (this.#seen > this.#size) {
            throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`content of ${this.#expected} is longer than its ${this.#size} bytes`, `${this.#size} bytes`);
        }
        this.#hash.update(chunk);
    }
    /**
     * Ends the stream; call it once.
     *
     * @throws FormatError when there were fewer bytes, or bytes with another digest.
     */
    finish() {
        if (this.#seen !== this.#size) {
            throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`content of ${this.#expected} ended after ${this.#seen} of ${this.#size} bytes`, `${this.#size} bytes`);
        }
        const actual = encode(algorithmOf(this.#expected), this.#hash);
        if (actual !== this.#expected) {
            throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`content of ${this.#expected} has the digest ${actual}`, this.#expected);
        }
    }
}


/***/ }),

/***/ 1405:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Fd: () => (/* binding */ hasControlCharacter),
/* harmony export */   IF: () => (/* binding */ FormatError),
/* harmony export */   hD: () => (/* binding */ quote),
/* harmony export */   qZ: () => (/* binding */ unquoted)
/* harmony export */ });
const maxQuoted = 80;
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;
/**
 * A text or document that does not have the form of its specification.
 *
 * `message` names the part that is wrong; `expected` describes the legal form of that part.
 */
class FormatError extends Error {
    name = 'FormatError';
    expected;
    constructor(message, expected) {
        super(message);
        this.expected = expected;
    }
}
/**
 * Quotes untrusted text for a message: in double quotes, about 80 characters at most, with control, format and bidi
 * characters as JSON escapes.
 */
function quote(text) {
    const shown = text.length > maxQuoted ? `${text.slice(0, maxQuoted).replace(/[\ud800-\udbff]$/, '')}\u2026` : text;
    return JSON.stringify(shown).replace(unprintable, escapeCharacter);
}
/**
 * A message without the texts that {@link quote} put into it: each becomes `"***"`, as in the runner's log. For
 * documents that may hold secrets, such as a key in place of build metadata.
 */
function unquoted(message) {
    return message.replace(/"(?:[^"\\]|\\.)*"/g, '"***"');
}
function escapeCharacter(character) {
    return Array.from({ length: character.length }, (_, at) => escapeUnit(character.charCodeAt(at))).join('');
}
function escapeUnit(unit) {
    return `\\u${unit.toString(16).padStart(4, '0')}`;
}
/** Whether the text contains a control character: C0 (CR, LF, NUL, tab \u2026), DEL or C1. */
function hasControlCharacter(text) {
    return /[\u0000-\u001f\u007f-\u009f]/.test(text);
}


/***/ }),

/***/ 6215:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  Hw: () => (/* binding */ assembleIndex),
  H8: () => (/* binding */ chooseFormat),
  Wi: () => (/* binding */ findDockerFlaw)
});

// EXTERNAL MODULE: ./src/oci/attestation.ts
var attestation = __nccwpck_require__(9495);
// EXTERNAL MODULE: ./src/oci/format-error.ts
var format_error = __nccwpck_require__(1405);
// EXTERNAL MODULE: ./src/oci/byte-order.ts
var byte_order = __nccwpck_require__(8654);
;// CONCATENATED MODULE: ./src/oci/go-json.ts

/**
 * Writes a JSON value as Go's `json.MarshalIndent(value, "", indent)` does: object keys in their order, nothing inside
 * empty objects and arrays, `<`, `>`, `&`, U+2028 and U+2029 escaped, no newline at the end. Fields that are
 * undefined are left out.
 */
function marshalIndent(value, indent) {
    return write(value, indent, '\n');
}
/** The same map with its keys in the order Go writes a map's keys: by their UTF-8 bytes. */
function sortedMap(map) {
    return new Map(Object.entries(map).sort(([a], [b]) => (0,byte_order/* compareUtf8 */.z)(a, b)));
}
function write(value, indent, newline) {
    if (typeof value === 'string')
        return writeString(value);
    if (typeof value !== 'object' || value === null)
        return JSON.stringify(value);
    const deeper = newline + indent;
    if (Array.isArray(value)) {
        return enclose(value.map((item) => write(item, indent, deeper)), '[]', newline, deeper);
    }
    const fields = value instanceof Map ? [...value] : Object.entries(value);
    const lines = fields
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${writeString(key)}: ${write(item, indent, deeper)}`);
    return enclose(lines, '{}', newline, deeper);
}
function enclose(lines, pair, newline, deeper) {
    if (lines.length === 0)
        return pair;
    return pair.charAt(0) + deeper + lines.join(`,${deeper}`) + newline + pair.charAt(1);
}
/** A lone surrogate becomes U+FFFD, as in Go's decoder. */
function writeString(text) {
    return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}

// EXTERNAL MODULE: ./src/oci/manifest.ts
var manifest = __nccwpck_require__(2060);
// EXTERNAL MODULE: ./src/oci/media-types.ts
var media_types = __nccwpck_require__(9217);
// EXTERNAL MODULE: ./src/oci/platform.ts
var platform = __nccwpck_require__(1890);
;// CONCATENATED MODULE: ./src/oci/image-index.ts






const dockerForm = 'entries with a platform and without annotations, or format "oci"';
/**
 * The format for these entries. `auto` is docker when every entry has a Docker media type and a manifest list can
 * hold all that is to be in it, else oci.
 *
 * @throws FormatError when docker is wanted but {@link findDockerFlaw} finds something.
 */
function chooseFormat(entries, fields, wanted) {
    if (wanted === 'oci')
        return 'oci';
    const flaw = findDockerFlaw(entries, fields);
    if (wanted === 'docker' && flaw !== undefined)
        throw new format_error/* FormatError */.IF(flaw, dockerForm);
    if (wanted === 'docker')
        return 'docker';
    const fits = flaw === undefined && entries.length > 0 && entries.every(({ mediaType }) => (0,media_types/* isDockerType */.$F)(mediaType));
    return fits ? 'docker' : 'oci';
}
/**
 * Writes the index of these entries in their order.
 *
 * `docker` gives byte for byte what `docker manifest push` gives: 3-space indent; only mediaType, size, digest and
 * platform of an entry; a manifest list, unless the first entry is an OCI image, which makes it an OCI index.
 * `oci` gives what `docker buildx imagetools create` gives: an OCI index with 2-space indent; all fields of the
 * entries are kept, unknown ones last. The index's own fields are written in the order of the specification's Go types.
 *
 * @throws FormatError when the format is docker and chooseFormat refuses it, when an entry is malformed, or when the
 * index exceeds the maximum size of a manifest.
 */
function assembleIndex(entries, { format, ...fields }) {
    const text = format === 'docker' ? dockerDocument(entries, fields) : ociDocument(entries, fields);
    return (0,manifest/* parseManifest */.Ng)(new TextEncoder().encode(text), undefined);
}
function dockerDocument(entries, fields) {
    const flaw = findDockerFlaw(entries, fields);
    if (flaw !== undefined)
        throw new format_error/* FormatError */.IF(flaw, dockerForm);
    const mediaType = entries[0]?.mediaType === media_types/* ociManifest */.F7 ? media_types/* ociIndex */.KP : media_types/* dockerList */.zJ;
    return marshalIndent({ schemaVersion: 2, mediaType, manifests: entries.map(dockerEntry) }, '   ');
}
function ociDocument(entries, { artifactType, subject, annotations }) {
    const document = {
        schemaVersion: 2,
        mediaType: media_types/* ociIndex */.KP,
        artifactType,
        manifests: entries.map(ociEntry),
        subject: subject && ociEntry(subject),
        annotations: orderedAnnotations(annotations ?? {}),
    };
    return marshalIndent(document, '  ');
}
/**
 * The first thing that a Docker manifest list of these entries and fields cannot hold, or undefined: it has no
 * annotations, subject and artifactType, and its entries need a platform.
 */
function findDockerFlaw(entries, fields) {
    const flaws = [listFlaw(fields), ...entries.map(entryFlaw)];
    const flaw = flaws.find((each) => each !== undefined);
    return flaw && `a Docker manifest list cannot hold ${flaw}`;
}
function listFlaw({ artifactType, subject, annotations = {} }) {
    const [key] = Object.keys(annotations);
    if (key !== undefined)
        return `the annotation ${(0,format_error/* quote */.hD)(key)}`;
    if (subject !== undefined)
        return `the subject ${subject.digest}`;
    return artifactType && `the artifactType ${(0,format_error/* quote */.hD)(artifactType)}`;
}
function entryFlaw(entry) {
    const [key] = Object.keys(entry.annotations ?? {});
    if (key !== undefined)
        return `the annotation ${(0,format_error/* quote */.hD)(key)} of ${entryName(entry)}`;
    return entry.platform === undefined ? `${entryName(entry)}, which has no platform` : undefined;
}
function entryName(entry) {
    if ((0,attestation/* attestationSubject */.d)(entry) !== undefined)
        return `the attestation ${entry.digest}`;
    return `the entry ${entry.platform ? (0,format_error/* quote */.hD)((0,platform/* describePlatform */.d5)(entry.platform)) : entry.digest}`;
}
function dockerEntry({ mediaType, size, digest, platform }) {
    return { mediaType, size, digest, platform: platform && platformFields(platform) };
}
function ociEntry(entry) {
    const { mediaType, digest, size, urls, annotations, data, platform, artifactType, ...unknown } = entry;
    return {
        mediaType,
        digest,
        size,
        urls: nonEmpty(urls),
        annotations: orderedAnnotations(annotations ?? {}),
        data: nonEmpty(data),
        platform: platform && { ...platformFields(platform), ...unknownPlatformFields(platform) },
        artifactType: nonEmpty(artifactType),
        ...unknown,
    };
}
/** Go leaves out optional fields that are empty. */
function nonEmpty(value) {
    return value === '' || (Array.isArray(value) && value.length === 0) ? undefined : value;
}
function orderedAnnotations(annotations) {
    const sorted = sortedMap(annotations);
    return sorted.size === 0 ? undefined : sorted;
}
function platformFields(platform) {
    return {
        architecture: platform.architecture,
        os: platform.os,
        'os.version': nonEmpty(platform['os.version']),
        'os.features': nonEmpty(platform['os.features']),
        variant: nonEmpty(platform.variant),
    };
}
function unknownPlatformFields(platform) {
    const { architecture, os, variant, 'os.version': version, 'os.features': features, ...unknown } = platform;
    return unknown;
}


/***/ }),

/***/ 973:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ parseJsonDocument)
/* harmony export */ });
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);

/**
 * Levels of nested arrays and objects. A manifest needs 5 (document, manifests, entry, platform, os.features); the rest
 * is for future fields.
 */
const maxDepth = 64;
/**
 * Objects and arrays, and keys, in a document. 4 MiB hold 37 000 of the shortest descriptors with three keys each, but
 * also 1.4 million empty arrays, which need 200 MB once parsed.
 */
const maxContainers = 100_000;
const maxKeys = 250_000;
const quotationMark = 0x22;
const comma = 0x2c;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;
const leftBrace = 0x7b;
const rightBrace = 0x7d;
/**
 * Parses a JSON document that means the same to every reader: strict UTF-8, and no object with two keys that are equal
 * or, unless `caseVariants` is `allow`, differ only in case. Go reads `Layers` as `layers` and takes the last
 * of two equal keys, others take the first (CVE-2021-41190).
 *
 * @throws FormatError when the bytes are not such a document, or when it has too many or too deep parts.
 */
function parseJsonDocument(bytes, caseVariants = 'refuse') {
    const text = decode(bytes);
    new KeyCheck(text, caseVariants).run();
    try {
        return JSON.parse(text);
    }
    catch {
        // The engine's own message quotes the text without escapes.
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`the document is not JSON: it ${beginning(text)}`, 'a JSON document');
    }
}
function decode(bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    }
    catch {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF('the document is not valid UTF-8', 'a JSON document in UTF-8');
    }
}
function beginning(text) {
    return text === '' ? 'is empty' : `begins with ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text.slice(0, 60))}`;
}
/**
 * Walks the text once and checks the keys of every object. It runs before JSON.parse, so that a hostile document uses no
 * memory. For a text that is not JSON, it returns or throws in linear time.
 */
class KeyCheck {
    #text;
    #caseVariants;
    /** The open objects and arrays: an object's keys so far, or undefined for an array. */
    #open = [];
    #keyIsNext = false;
    #keys = 0;
    #containers = 0;
    constructor(text, caseVariants) {
        this.#text = text;
        this.#caseVariants = caseVariants;
    }
    run() {
        for (let at = 0; at < this.#text.length; at += 1) {
            const character = this.#text.charCodeAt(at);
            if (character === quotationMark)
                at = this.#string(at);
            else if (character === comma)
                this.#keyIsNext = this.#open.at(-1) !== undefined;
            else if (character === leftBrace)
                this.#enter(new Map());
            else if (character === leftBracket)
                this.#enter(undefined);
            else if (character === rightBrace || character === rightBracket)
                this.#leave();
        }
    }
    #enter(keys) {
        if (this.#open.length >= maxDepth)
            throw excessive(`nests deeper than ${maxDepth} levels`);
        this.#containers += 1;
        if (this.#containers > maxContainers)
            throw excessive(`has more than ${maxContainers} objects and arrays`);
        this.#open.push(keys);
        this.#keyIsNext = keys !== undefined;
    }
    #leave() {
        this.#open.pop();
        this.#keyIsNext = false;
    }
    /** Skips the string that starts here and returns its end. */
    #string(start) {
        const end = endOfString(this.#text, start);
        if (this.#keyIsNext)
            this.#key(unescapeKey(this.#text.slice(start, end + 1)));
        this.#keyIsNext = false;
        return end;
    }
    #key(key) {
        this.#keys += 1;
        if (this.#keys > maxKeys)
            throw excessive(`has more than ${maxKeys} keys`);
        const folded = this.#caseVariants === 'allow' ? key : foldCase(key);
        const siblings = this.#open.at(-1);
        const other = siblings?.get(folded);
        if (other !== undefined)
            throw ambiguous(other, key);
        siblings?.set(folded, key);
    }
}
function excessive(what) {
    return new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`the document ${what}`, 'a document of ordinary size');
}
function ambiguous(first, second) {
    const keys = first === second
        ? `the key ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(first)} twice`
        : `the keys ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(first)} and ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(second)}, which differ only in case,`;
    return new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`the document has ${keys} in one object`, 'every key once');
}
function endOfString(text, start) {
    for (let at = start + 1; at < text.length; at += 1) {
        const character = text.charCodeAt(at);
        if (character === quotationMark)
            return at;
        if (character === backslash)
            at += 1;
    }
    return text.length;
}
function unescapeKey(literal) {
    if (!literal.includes('\\'))
        return literal.slice(1, -1);
    try {
        return String(JSON.parse(literal));
    }
    catch {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`the document has the malformed key ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(literal)}`, 'a JSON document');
    }
}
/** Upper case first, since Go also folds the long s (U+017F) and the Kelvin sign (U+212A) to plain letters. */
function foldCase(key) {
    return key.toUpperCase().toLowerCase();
}


/***/ }),

/***/ 7974:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ kindOf),
/* harmony export */   RD: () => (/* binding */ arrayAt),
/* harmony export */   bX: () => (/* binding */ stringAt),
/* harmony export */   kp: () => (/* binding */ stringsAt),
/* harmony export */   lJ: () => (/* binding */ objectAt),
/* harmony export */   wv: () => (/* binding */ annotationsAt)
/* harmony export */ });
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);

/**
 * Checks that a value is a JSON object.
 *
 * @param where the name of the value in messages, such as `manifests[2].platform`
 * @throws FormatError naming `where`.
 */
function objectAt(value, where) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} is ${kindOf(value)}`, 'a JSON object');
}
/**
 * Checks that a value is an array.
 *
 * @throws FormatError naming `where`.
 */
function arrayAt(value, where) {
    if (Array.isArray(value))
        return value;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} is ${kindOf(value)}`, 'a JSON array');
}
/**
 * Checks a string without control characters; null and undefined become `''`, as Go reads them.
 *
 * @throws FormatError naming `where`.
 */
function stringAt(value, where) {
    const string = value ?? '';
    if (typeof string !== 'string')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} is ${kindOf(string)}`, 'a string');
    if (!(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .hasControlCharacter */ .Fd)(string))
        return string;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} is ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(string)}`, 'a string without control characters');
}
/**
 * Checks an array of strings without control characters; null and undefined become `[]`.
 *
 * @throws FormatError naming the element.
 */
function stringsAt(value, where) {
    return arrayAt(value ?? [], where).map((item, at) => stringAt(item, `${where}[${at}]`));
}
/**
 * Checks a map of annotations (OCI image-spec 1.1, annotations.md); null and undefined become undefined.
 *
 * @throws FormatError for values that are not strings, and for keys that are empty or contain control characters.
 */
function annotationsAt(value, where) {
    if (value === undefined || value === null)
        return undefined;
    const map = objectAt(value, where);
    for (const [key, text] of Object.entries(map)) {
        if (key === '' || (0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .hasControlCharacter */ .Fd)(key)) {
            throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} has the key ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(key)}`, 'keys without control characters');
        }
        if (typeof text !== 'string') {
            throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`${where} has ${kindOf(text)} under ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(key)}`, 'a string');
        }
    }
    return map;
}
/** The kind of a JSON value, for messages. */
function kindOf(value) {
    if (value === undefined)
        return 'missing';
    if (value === null)
        return 'null';
    if (Array.isArray(value))
        return 'an array';
    return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}


/***/ }),

/***/ 2060:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Hf: () => (/* binding */ ManifestTooLargeError),
/* harmony export */   Ng: () => (/* binding */ parseManifest),
/* harmony export */   h: () => (/* binding */ DigestMismatchError),
/* harmony export */   iF: () => (/* binding */ layersSize),
/* harmony export */   t7: () => (/* binding */ manifestLimit)
/* harmony export */ });
/* harmony import */ var _descriptor_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7592);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8825);
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(1405);
/* harmony import */ var _json_document_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(973);
/* harmony import */ var _json_field_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(7974);
/* harmony import */ var _media_types_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(9217);






/** The maximum size of a manifest in bytes: registries must accept it by OCI distribution-spec 1.1. */
const manifestLimit = 4 * 1024 * 1024;
/** Bytes that do not have the digest that they were requested by. */
class DigestMismatchError extends _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF {
    name = 'DigestMismatchError';
    actual;
    constructor(wanted, actual) {
        super(`the content of ${wanted} has the digest ${actual}`, wanted);
        this.actual = actual;
    }
}
/** A manifest larger than registries accept. */
class ManifestTooLargeError extends _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF {
    name = 'ManifestTooLargeError';
    size;
    constructor(size) {
        super(`the manifest has ${size} bytes`, `at most ${manifestLimit} bytes (4 MiB)`);
        this.size = size;
    }
}
/** Content-Types that do not identify a manifest; the mediaType in the body decides. */
const genericTypes = [
    '',
    'application/json',
    'application/octet-stream',
    'binary/octet-stream',
    'text/plain',
];
const knownTypes = `one of ${_media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .manifestTypes */ .Fm.join(', ')}`;
/**
 * Reads a manifest or index as a registry sends it (OCI distribution-spec 1.1, "Pulling manifests").
 *
 * @param contentType the Content-Type header, or the type that a descriptor states; undefined when unknown
 * @param expected the digest it was requested by; by default the manifest's digest is its sha256
 * @throws DigestMismatchError when the bytes have another digest than `expected`.
 * @throws ManifestTooLargeError when they are more than {@link manifestLimit}.
 * @throws FormatError when they are not one unambiguous manifest.
 */
function parseManifest(bytes, contentType, expected) {
    const size = bytes.byteLength;
    if (size > manifestLimit)
        throw new ManifestTooLargeError(size);
    const digest = (0,_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .digestOf */ .ol)(bytes, expected && (0,_digest_js__WEBPACK_IMPORTED_MODULE_1__/* .algorithmOf */ .Hy)(expected));
    if (expected !== undefined && digest !== expected)
        throw new DigestMismatchError(expected, digest);
    const document = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .objectAt */ .lJ)((0,_json_document_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJsonDocument */ .d)(bytes), 'the manifest');
    const mediaType = decideType(document, (0,_media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .essence */ .Pf)(contentType ?? ''));
    return { bytes, mediaType, digest, size, content: parseContent(document, mediaType) };
}
/** The total size of an image's layers in bytes, compressed as they are stored. */
function layersSize(manifest) {
    return manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
}
function decideType(document, declared) {
    const own = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .stringAt */ .bX)(document['mediaType'], 'mediaType');
    refuseOldSchema(document, own || declared);
    const generic = genericTypes.includes(declared);
    if (own !== '' && !generic && own !== declared) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF(`the manifest has the media type ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(own)}, but was served as ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(declared)}`, 'a Content-Type equal to the mediaType');
    }
    const type = own || (generic ? typeOfShape(document) : declared);
    if (_media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .manifestTypes */ .Fm.includes(type))
        return type;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF(`the manifest has the unknown media type ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .quote */ .hD)(type)}`, knownTypes);
}
function typeOfShape(document) {
    if (has(document, 'manifests'))
        return _media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .ociIndex */ .KP;
    if (has(document, 'layers') && has(document, 'config'))
        return _media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .ociManifest */ .F7;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF('the document is not a manifest: it has neither "manifests" nor "config" and "layers"', knownTypes);
}
function refuseOldSchema(document, type) {
    const version = document['schemaVersion'];
    const old = type.startsWith('application/vnd.docker.distribution.manifest.v1+');
    if (version === 1 || old || has(document, 'fsLayers')) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF('the manifest is in the retired Docker schema 1: rebuild the image, or push it again with a current tool', 'schemaVersion 2');
    }
    if (version === 2 || version === undefined)
        return;
    const shown = typeof version === 'number' ? String(version) : (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .kindOf */ .I)(version);
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF(`schemaVersion is ${shown}`, 'schemaVersion 2');
}
function parseContent(document, mediaType) {
    return (0,_media_types_js__WEBPACK_IMPORTED_MODULE_5__/* .isIndexType */ .$U)(mediaType) ? parseIndex(document) : parseImage(document);
}
function parseIndex(document) {
    const foreign = ['layers', 'config'].find((field) => has(document, field));
    if (foreign !== undefined)
        throw ambiguous('index', foreign);
    const manifests = descriptorsAt(document, 'manifests');
    return { kind: 'index', manifests, ...parseCommon(document) };
}
function parseImage(document) {
    if (has(document, 'manifests'))
        throw ambiguous('image manifest', 'manifests');
    const config = (0,_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDescriptor */ .BA)(document['config'], 'config');
    return { kind: 'image', config, layers: descriptorsAt(document, 'layers'), ...parseCommon(document) };
}
function ambiguous(kind, field) {
    return new _format_error_js__WEBPACK_IMPORTED_MODULE_2__/* .FormatError */ .IF(`the ${kind} also has "${field}", so readers may disagree about its type`, 'either "manifests", or "config" and "layers"');
}
/** The descriptors in a required field; Go writes an empty list as null. */
function descriptorsAt(document, field) {
    const value = document[field] === null ? [] : document[field];
    return (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .arrayAt */ .RD)(value, field).map((item, at) => (0,_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDescriptor */ .BA)(item, `${field}[${at}]`));
}
function parseCommon(document) {
    const artifactType = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .stringAt */ .bX)(document['artifactType'], 'artifactType');
    const subject = document['subject'] ?? undefined;
    const annotations = (0,_json_field_js__WEBPACK_IMPORTED_MODULE_4__/* .annotationsAt */ .wv)(document['annotations'], 'annotations');
    return {
        ...(artifactType === '' ? {} : { artifactType }),
        ...(subject === undefined ? {} : { subject: (0,_descriptor_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDescriptor */ .BA)(subject, 'subject') }),
        ...(annotations === undefined ? {} : { annotations }),
    };
}
function has(document, field) {
    return Object.hasOwn(document, field) && document[field] !== null;
}


/***/ }),

/***/ 9217:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   $F: () => (/* binding */ isDockerType),
/* harmony export */   $U: () => (/* binding */ isIndexType),
/* harmony export */   F7: () => (/* binding */ ociManifest),
/* harmony export */   Fm: () => (/* binding */ manifestTypes),
/* harmony export */   G1: () => (/* binding */ isImageType),
/* harmony export */   K: () => (/* binding */ manifestAccept),
/* harmony export */   KP: () => (/* binding */ ociIndex),
/* harmony export */   Pf: () => (/* binding */ essence),
/* harmony export */   lJ: () => (/* binding */ isConfigType),
/* harmony export */   sJ: () => (/* binding */ isForeignLayer),
/* harmony export */   zJ: () => (/* binding */ dockerList)
/* harmony export */ });
/* unused harmony exports ociConfig, dockerManifest, dockerConfig */
/** Index of images, {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md OCI image-spec 1.1}. */
const ociIndex = 'application/vnd.oci.image.index.v1+json';
/** Image of one platform, OCI image-spec 1.1 "Image Manifest". */
const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
/** Image configuration, OCI image-spec 1.1 "Image Configuration". */
const ociConfig = 'application/vnd.oci.image.config.v1+json';
/** Manifest list, Docker image manifest version 2 schema 2. */
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Image manifest, Docker image manifest version 2 schema 2. */
const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
/** Image configuration of a Docker schema 2 manifest. */
const dockerConfig = 'application/vnd.docker.container.image.v1+json';
/** The media types of manifests that are read and written. */
const manifestTypes = [ociIndex, dockerList, ociManifest, dockerManifest];
/** The value of an Accept header for any of the four manifest types. */
const manifestAccept = manifestTypes.join(', ');
const maxEssenceLength = 255;
const tokens = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}\/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}$/;
/**
 * The lower-case `type/subtype` of a Content-Type value without its parameters, or `''` when there is none.
 * (RFC 9110 section 8.3.1; RFC 6838 limits each name to 127 characters.)
 */
function essence(contentType) {
    const end = contentType.indexOf(';');
    const type = (end < 0 ? contentType : contentType.slice(0, end)).trim();
    if (type.length > maxEssenceLength)
        return '';
    return tokens.test(type) ? type.toLowerCase() : '';
}
/** Whether the type is an OCI image index or a Docker manifest list. */
function isIndexType(type) {
    return type === ociIndex || type === dockerList;
}
/** Whether the type is an OCI or Docker image manifest. */
function isImageType(type) {
    return type === ociManifest || type === dockerManifest;
}
/** Whether the type is one of Docker's own (`application/vnd.docker.\u2026`). */
function isDockerType(type) {
    return type.startsWith('application/vnd.docker.');
}
/** Whether the type is an image configuration, which states the platform. */
function isConfigType(type) {
    return type === ociConfig || type === dockerConfig;
}
/** Whether a layer of this type is stored outside the registry and must not be copied. */
function isForeignLayer(type) {
    return (type.startsWith('application/vnd.docker.image.rootfs.foreign.') ||
        type.startsWith('application/vnd.oci.image.layer.nondistributable.'));
}


/***/ }),

/***/ 1890:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Bq: () => (/* binding */ formatPlatform),
/* harmony export */   DN: () => (/* binding */ platformSlug),
/* harmony export */   Kq: () => (/* binding */ agreePlatform),
/* harmony export */   Ng: () => (/* binding */ platformKey),
/* harmony export */   Y8: () => (/* binding */ parsePlatform),
/* harmony export */   d5: () => (/* binding */ describePlatform),
/* harmony export */   my: () => (/* binding */ samePlatform),
/* harmony export */   pC: () => (/* binding */ matchesPlatform),
/* harmony export */   tR: () => (/* binding */ isWholePlatform),
/* harmony export */   wM: () => (/* binding */ attestationPlatform)
/* harmony export */ });
/* unused harmony export normalizePlatform */
/* harmony import */ var _byte_order_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8654);
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);


const platformFields = ['os', 'architecture', 'variant', 'os.version', 'os.features'];
/** The platform of attestation entries of an index. */
const attestationPlatform = { architecture: 'unknown', os: 'unknown' };
/** Whether the platform has os and architecture; those of documents may have only one of them. */
function isWholePlatform({ os, architecture }) {
    return os !== '' && architecture !== '';
}
const form = 'os/arch or os/arch/variant, such as linux/amd64 or linux/arm/v7';
const maxTextLength = 255;
/**
 * Reads `os/arch[/variant]`, trimmed and in lower case; aliases such as `x86_64` are kept.
 *
 * @throws FormatError naming what is wrong.
 */
function parsePlatform(text) {
    if (text.length > maxTextLength)
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`platform ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} is too long`, form);
    if ((0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .hasControlCharacter */ .Fd)(text))
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`platform ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} contains a control character`, form);
    const parts = text.trim().split('/');
    const [os = '', architecture, variant] = parts;
    if (architecture === undefined || parts.length > 3) {
        const flaw = architecture === undefined ? 'has no "/"' : `has ${parts.length} parts`;
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`platform ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} ${flaw}`, form);
    }
    const flawed = parts.find((part) => !/^[A-Za-z0-9_.-]+$/.test(part));
    if (flawed === '')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`platform ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} has an empty part`, form);
    if (flawed !== undefined)
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`platform ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} cannot have ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(flawed)} in it`, form);
    return lowerCase(os, architecture, variant);
}
function lowerCase(os, architecture, variant) {
    const platform = { architecture: architecture.toLowerCase(), os: os.toLowerCase() };
    return variant === undefined ? platform : { ...platform, variant: variant.toLowerCase() };
}
/** `os/arch[/variant]` without os.version and os.features. */
function formatPlatform(platform) {
    return joinParts(platform, '/');
}
/** `os/arch[/variant]` with os.version and os.features in parentheses, such as `windows/amd64 (10.0.20348.1)`. */
function describePlatform(platform) {
    const details = [platform['os.version'] ?? '', ...(platform['os.features'] ?? [])].filter((text) => text !== '');
    return details.length === 0
        ? formatPlatform(platform)
        : `${formatPlatform(platform)} (${details.join(', ')})`;
}
/** `os-arch[-variant]`, such as `linux-arm-v7`, for tags and file names. */
function platformSlug(platform) {
    return joinParts(platform, '-');
}
function joinParts({ os, architecture, variant }, separator) {
    return [os, architecture, ...(variant ? [variant] : [])].join(separator);
}
/**
 * Normalises a platform for comparisons by the rules of github.com/containerd/platforms:
 *
 *     everything   lower case; os.features sorted and unique; empty fields left out
 *     os           macos \u2192 darwin
 *     386          i386 \u2192 386, without variant
 *     amd64        x86_64, x86-64 \u2192 amd64; variant v1 \u2192 none
 *     arm64        aarch64 \u2192 arm64; variant 8, v8, v8.0 \u2192 none; 9, 9.0, v9.0 \u2192 v9
 *     arm          armhf \u2192 arm/v7; armel \u2192 arm/v6; variant none \u2192 v7; 5, 6, 7, 8 \u2192 v5, v6, v7, v8
 */
function normalizePlatform(platform) {
    const os = platform.os.toLowerCase();
    const { architecture, variant } = normalizeArchitecture(platform.architecture.toLowerCase(), (platform.variant ?? '').toLowerCase());
    const features = [...new Set(platform['os.features'] ?? [])].sort(_byte_order_js__WEBPACK_IMPORTED_MODULE_1__/* .compareUtf8 */ .z);
    return {
        architecture,
        os: os === 'macos' ? 'darwin' : os,
        ...(platform['os.version'] ? { 'os.version': platform['os.version'] } : {}),
        ...(features.length > 0 ? { 'os.features': features } : {}),
        ...(variant ? { variant } : {}),
    };
}
function normalizeArchitecture(architecture, variant) {
    switch (architecture) {
        case 'i386':
            return { architecture: '386', variant: '' };
        case 'x86_64':
        case 'x86-64':
        case 'amd64':
            return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
        case 'aarch64':
        case 'arm64':
            return { architecture: 'arm64', variant: arm64Variant(variant) };
        case 'armhf':
            return { architecture: 'arm', variant: 'v7' };
        case 'armel':
            return { architecture: 'arm', variant: 'v6' };
        case 'arm':
            return { architecture, variant: armVariant(variant) };
        default:
            return { architecture, variant };
    }
}
function arm64Variant(variant) {
    if (variant === '8' || variant === 'v8' || variant === 'v8.0')
        return '';
    return variant === '9' || variant === '9.0' || variant === 'v9.0' ? 'v9' : variant;
}
function armVariant(variant) {
    if (variant === '')
        return 'v7';
    return /^[5678]$/.test(variant) ? `v${variant}` : variant;
}
/**
 * A key that is equal for entries of which an index may have only one: os, architecture and variant after normalising,
 * and for Windows os.version and os.features, by which Windows hosts choose. On other systems clients ignore the
 * version, and may take either entry when only the features differ.
 */
function platformKey(platform) {
    const { os, architecture, variant = '', ...rest } = normalizePlatform(platform);
    const details = os === 'windows' ? [rest['os.version'] ?? '', rest['os.features'] ?? []] : [];
    return JSON.stringify([os, architecture, variant, ...details]);
}
/** Whether both are the same platform after normalising, with os.version and os.features. */
function samePlatform(a, b) {
    const [one, other] = [normalizePlatform(a), normalizePlatform(b)];
    return platformFields.every((field) => sameField(one, other, field));
}
/**
 * Whether an entry matches a `platforms` filter: os, architecture and variant are compared after normalising, os.version
 * and os.features when `wanted` has them. Windows entries of every version match when it has none; on other systems an
 * entry with features that `wanted` does not have is another one, since no client takes it that did not ask for them.
 */
function matchesPlatform(wanted, entry) {
    const a = normalizePlatform(wanted);
    const b = normalizePlatform(entry);
    return platformFields.every((field) => {
        const optional = field === 'os.version' || (field === 'os.features' && b.os === 'windows');
        return (optional && a[field] === undefined) || sameField(a, b, field);
    });
}
function sameField(a, b, field) {
    return JSON.stringify(a[field]) === JSON.stringify(b[field]);
}
const identity = {
    undeclared: 'real',
    addition: 'declared',
    same: 'real',
    different: 'contradiction',
};
const detail = { ...identity, same: 'declared' };
const verdicts = {
    os: identity,
    architecture: identity,
    variant: detail,
    'os.version': detail,
    'os.features': detail,
};
/**
 * Compares a declared platform with the image's real one after normalising. The table says which spelling is taken:
 *
 *     declared                  os, architecture   variant, os.version, os.features
 *     nothing                   real               real
 *     what the image omits      -                  declared
 *     the same                  real               declared
 *     something different       contradiction      contradiction
 *
 * An alias such as `armhf` declares its variant too. Fields that are not in the table are taken as declared.
 */
function agreePlatform(declared, real) {
    const { os, architecture } = real;
    const claim = { ...declared, os: declared.os || os, architecture: declared.architecture || architecture };
    const verdictOf = (field) => verdicts[field]?.[compareField(field, claim, real)];
    const fields = platformFields.filter((field) => verdictOf(field) === 'contradiction');
    if (fields.length > 0)
        return { kind: 'contradiction', fields, declared: prevailing(claim, real, fields) };
    const taken = Object.entries(declared).filter(([field]) => (verdictOf(field) ?? 'declared') === 'declared');
    const added = { ...variantOfAlias(claim.architecture, real), ...Object.fromEntries(taken) };
    return {
        kind: 'agreed',
        platform: { ...real, ...added },
        normalized: { ...normalizePlatform(real), ...added },
    };
}
// A variant belongs to its architecture, os.version and os.features to their os.
function prevailing({ os, architecture, ...details }, real, contradictions) {
    const proper = normalizePlatform({ os, architecture });
    const kept = platformFields.filter((field) => {
        return !contradictions.includes(field === 'variant' ? 'architecture' : 'os') && states(real, field);
    });
    return {
        ...Object.fromEntries(kept.map((field) => [field, real[field]])),
        ...(proper.architecture === architecture ? { os, architecture } : { ...proper, os }),
        ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== '')),
    };
}
function compareField(field, claim, real) {
    if (!states(claim, field))
        return 'undeclared';
    if (!states(real, field))
        return 'addition';
    return sameField(normalizePlatform(claim), normalizePlatform(real), field) ? 'same' : 'different';
}
/** Whether the platform itself states the field; armhf and armel state their variant. */
function states(platform, field) {
    if (field === 'variant' && /^arm(?:hf|el)$/i.test(platform.architecture))
        return true;
    const value = platform[field];
    return value !== undefined && value.length > 0;
}
// Clients look for the proper names when they pull, not for aliases.
function variantOfAlias(alias, real) {
    const { variant } = normalizePlatform({ ...real, architecture: alias });
    return alias === real.architecture || variant === undefined ? {} : { variant };
}


/***/ }),

/***/ 2148:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   F2: () => (/* binding */ parseReference),
/* harmony export */   FH: () => (/* binding */ formatReference),
/* harmony export */   RB: () => (/* binding */ sameRepository),
/* harmony export */   Sh: () => (/* binding */ formatRepository),
/* harmony export */   ZD: () => (/* binding */ familiarReference),
/* harmony export */   jW: () => (/* binding */ isLoopbackRegistry)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8825);
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1405);
/* harmony import */ var _registry_name_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(8084);



const official = 'library/';
const maxPathLength = 255;
const maxTagLength = 128;
const referenceForm = 'registry/repository[:tag][@digest], such as ghcr.io/acme/app:1.0';
const pathForm = `lower-case letters and digits, separated by ".", "_", "__", "-" or "/", at most ${maxPathLength} characters`;
const tagForm = `a letter, digit or "_", then letters, digits, "_", "." or "-", at most ${maxTagLength} characters`;
/**
 * Reads a reference as `docker` does (github.com/distribution/reference, normalised named references):
 *
 *     reference  = name [ ":" tag ] [ "@" digest ]
 *     name       = [ registry "/" ] path
 *     registry   = first component that contains "." or ":" or is "localhost"; docker.io when there is none
 *     path       = component *( "/" component ); "library/" precedes a sole component on docker.io
 *     component  = alnum *( ( "." / "_" / "__" / 1*"-" ) alnum ), alnum = 1*( a-z / 0-9 )
 *
 * No default tag is added.
 *
 * @throws FormatError naming the flawed part.
 */
function parseReference(text) {
    refuseForeignForms(text);
    const at = text.indexOf('@');
    const named = at < 0 ? text : text.slice(0, at);
    const colon = tagColon(named);
    const repository = parseName(colon < 0 ? named : named.slice(0, colon), text);
    return {
        repository,
        ...(colon < 0 ? {} : { tag: parseTag(named.slice(colon + 1), text) }),
        ...(at < 0 ? {} : { digest: parseDigestOf(text, at) }),
    };
}
/** The long form, `docker.io/library/alpine:3@sha256:\u2026`, with the tag and digest of the reference. */
function formatReference(reference) {
    return formatRepository(reference.repository) + suffix(reference);
}
/** The long form, `docker.io/library/alpine`. */
function formatRepository(repository) {
    return `${repository.registry}/${repository.path}`;
}
/** The short form, `alpine:3` for `docker.io/library/alpine:3`; it parses as the same reference. */
function familiarReference(reference) {
    return familiarName(reference.repository) + suffix(reference);
}
/** Whether both are the same path on the same registry. */
function sameRepository(a, b) {
    return a.registry === b.registry && a.path === b.path;
}
/**
 * Whether the registry, `host[:port]`, is written as this machine itself: `localhost`, 127.0.0.0/8 or `[::1]`.
 * Names that only resolve to, begin or end with one of them are not.
 */
function isLoopbackRegistry(registry) {
    const host = registry.replace(/:[0-9]{1,5}$/, '');
    if (host === 'localhost' || host === '[::1]')
        return true;
    return /^127(?:\.(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){3}$/.test(host);
}
function suffix({ tag, digest }) {
    return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
function familiarName(repository) {
    if (repository.registry !== _registry_name_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerHub */ .UD)
        return formatRepository(repository);
    const { path } = repository;
    const sole = path.startsWith(official) && !path.includes('/', official.length) ? path.slice(official.length) : path;
    return isAmbiguous(sole) ? formatRepository(repository) : sole;
}
/** Whether the name without its registry would parse as something else. */
function isAmbiguous(name) {
    return startsWithRegistry(name) || /^(?:sha256|sha512|[0-9a-f]{64})$/.test(name);
}
function startsWithRegistry(name) {
    const slash = name.indexOf('/');
    if (slash < 0)
        return false;
    const first = name.slice(0, slash);
    return first === 'localhost' || first.includes('.') || first.includes(':');
}
/** Refuses forms that people write instead of a reference, each with its own message. */
function refuseForeignForms(text) {
    if (text === '')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF('the reference is empty', referenceForm);
    if ((0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .hasControlCharacter */ .Fd)(text))
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} contains a control character`, referenceForm);
    if (/\s/.test(text))
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} contains white space`, referenceForm);
    if (/^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(text)) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} is a URL: remove the part up to "//"`, referenceForm);
    }
    if ((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(text) || /^sha(?:256|512):[0-9a-fA-F]{32}/.test(text)) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} is a digest without a repository`, 'registry/repository@digest');
    }
}
/** The position of the colon before the tag, or -1; one before the last slash belongs to a port or an IPv6 address. */
function tagColon(named) {
    const colon = named.lastIndexOf(':');
    return colon > named.lastIndexOf('/') && !named.endsWith(']') ? colon : -1;
}
function parseTag(tag, text) {
    if (tag.length <= maxTagLength && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(tag))
        return tag;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`tag ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(tag)} of ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} ${tagFlaw(tag)}`, tagForm);
}
function tagFlaw(tag) {
    if (tag === '')
        return 'is empty';
    if (tag.length > maxTagLength)
        return `is ${tag.length} characters long: at most ${maxTagLength} are allowed`;
    if (/^[.-]/.test(tag))
        return `starts with "${tag.charAt(0)}"`;
    return 'has characters other than letters, digits, "_", "." and "-"';
}
function parseDigestOf(text, at) {
    const digest = text.slice(at + 1);
    if ((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .isDigest */ .Bc)(digest))
        return digest;
    if (digest === '')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} has nothing after "@"`, referenceForm);
    return (0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDigest */ .m)(digest);
}
function parseName(name, text) {
    if (name === '')
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} has no repository`, referenceForm);
    if (/^[0-9a-f]{64}$/.test(name)) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} is 64 hexadecimal digits, not a repository`, referenceForm);
    }
    if (!startsWithRegistry(name))
        return { registry: _registry_name_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerHub */ .UD, path: hubPath(parsePath(name, text)) };
    const slash = name.indexOf('/');
    const registry = (0,_registry_name_js__WEBPACK_IMPORTED_MODULE_2__/* .parseRegistry */ .l5)(name.slice(0, slash), text);
    const path = parsePath(name.slice(slash + 1), text);
    return { registry, path: registry === _registry_name_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerHub */ .UD ? hubPath(path) : path };
}
function hubPath(path) {
    return path.includes('/') ? path : cap(official + path, path);
}
function parsePath(path, text) {
    if (path.length > maxPathLength)
        return cap(path, text);
    const flawed = path.split('/').find((component) => !isPathComponent(component));
    if (flawed === undefined)
        return path;
    const where = `repository ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(path)}`;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(path === text
        ? `${where} ${pathFlaw(path, flawed)}`
        : `${where} of ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} ${pathFlaw(path, flawed)}`, pathForm);
}
function isPathComponent(component) {
    return /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(component);
}
function pathFlaw(path, component) {
    if (component === '')
        return 'has an empty part: an extra "/", or nothing after the registry';
    const lower = path.toLowerCase();
    if (/[A-Z]/.test(path) && lower.split('/').every(isPathComponent)) {
        return `has upper-case letters: write ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(lower)}`;
    }
    if (/[^A-Za-z0-9._/-]/.test(component))
        return `contains invalid characters in ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(component)}`;
    return `has separators in the wrong place, in ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(component)}`;
}
function cap(path, text) {
    if (path.length <= maxPathLength)
        return path;
    throw new _format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`repository of ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(text)} is ${path.length} characters long: at most ${maxPathLength} are allowed`, pathForm);
}


/***/ }),

/***/ 8084:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   UD: () => (/* binding */ dockerHub),
/* harmony export */   i7: () => (/* binding */ canonicalRegistry),
/* harmony export */   l5: () => (/* binding */ parseRegistry)
/* harmony export */ });
/* harmony import */ var _format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);

/** The name of Docker Hub in references. */
const dockerHub = 'docker.io';
const dockerHubHosts = [dockerHub, 'index.docker.io', 'registry-1.docker.io'];
const maxHostLength = 253;
const form = 'a host name, IPv4 address or [IPv6 address], and :port when needed, such as ghcr.io or localhost:5000';
/**
 * Reads the registry part of a reference, `host[:port]`, in lower case; the hosts of Docker Hub become `docker.io`.
 *
 * @param text the whole reference, for messages
 * @throws FormatError when it is not a host, or its port is not from 1 to 65535.
 */
function parseRegistry(registry, text) {
    const flaw = registryFlaw(registry);
    if (flaw !== undefined) {
        throw new _format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF(`registry ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(registry)} of ${(0,_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .quote */ .hD)(text)} ${flaw}`, form);
    }
    return canonicalRegistry(registry);
}
/** A registry in lower case, with `docker.io` for every host of Docker Hub. */
function canonicalRegistry(registry) {
    const lower = registry.toLowerCase();
    return dockerHubHosts.includes(lower) ? dockerHub : lower;
}
function registryFlaw(registry) {
    const { host, port } = splitPort(registry);
    if (port !== undefined && !isPort(port))
        return 'has a port that is not a number from 1 to 65535';
    if (host.length > maxHostLength)
        return `has a host of ${host.length} characters: at most ${maxHostLength} are allowed`;
    if (host.startsWith('['))
        return isIpv6(host) ? undefined : 'is not an IPv6 address in brackets';
    if (!host.split('.').every(isHostLabel))
        return 'is not a host name';
    return URL.canParse(`https://${registry}`) ? undefined : 'is not a host name or address';
}
function splitPort(registry) {
    const colon = registry.lastIndexOf(':');
    if (colon < 0 || registry.endsWith(']'))
        return { host: registry };
    return { host: registry.slice(0, colon), port: registry.slice(colon + 1) };
}
function isPort(port) {
    return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535;
}
function isHostLabel(label) {
    return label.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label);
}
function isIpv6(host) {
    return /^\[[0-9A-Fa-f:]{2,39}\]$/.test(host) && URL.canParse(`https://${host}`);
}


/***/ }),

/***/ 4496:
/***/ ((module, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony import */ var _actions_publish_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(5027);
/* harmony import */ var _actions_runner_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(3197);


// The stages are in actions/publish.ts.
await (0,_actions_publish_js__WEBPACK_IMPORTED_MODULE_0__/* .publish */ .m)((0,_actions_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .githubRunner */ .O)(process.env));
// Do not wait for pending retries. Exit only when stdout, which may be a pipe, is written.
process.stdout.write('', () => process.exit());

__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

/***/ }),

/***/ 4314:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Dr: () => (/* binding */ NetworkError),
/* harmony export */   Gz: () => (/* binding */ VerifyError),
/* harmony export */   W0: () => (/* binding */ isAbsent),
/* harmony export */   bD: () => (/* binding */ messageOf),
/* harmony export */   c8: () => (/* binding */ SourceError),
/* harmony export */   cs: () => (/* binding */ IntegrityError),
/* harmony export */   dz: () => (/* binding */ InputError),
/* harmony export */   eQ: () => (/* binding */ withContext),
/* harmony export */   fK: () => (/* binding */ ConflictError),
/* harmony export */   gl: () => (/* binding */ RegistryError),
/* harmony export */   gu: () => (/* binding */ waitForAll),
/* harmony export */   lR: () => (/* binding */ AuthError),
/* harmony export */   lZ: () => (/* binding */ ActionError),
/* harmony export */   yX: () => (/* binding */ combined)
/* harmony export */ });
/**
 * An expected failure, shown as a headline and a hint.
 * Anything thrown that is not an ActionError is a bug of this action.
 */
class ActionError extends Error {
    name = 'ActionError';
    /** Stable identifier, the heading to look for in docs/TROUBLESHOOTING.md. */
    code;
    hint;
    constructor(code, message, options = {}) {
        super(message, options.cause === undefined ? undefined : { cause: options.cause });
        this.code = code;
        this.hint = options.hint;
    }
}
/** Every problem found in the inputs, all at once. */
class InputError extends ActionError {
    name = 'InputError';
    problems;
    constructor(problems, options = {}) {
        super('INPUT', problems.map(formatProblem).join('\n'), options);
        this.problems = problems;
    }
}
function formatProblem(problem) {
    const place = problem.line === undefined ? problem.input : `${problem.input} line ${problem.line}`;
    return `${place}: ${problem.message}`;
}
/** A source that is missing, unauthorised, or not what it was said to be. */
class SourceError extends ActionError {
    name = 'SourceError';
}
/** Two things the user asked for that cannot both hold. */
class ConflictError extends ActionError {
    name = 'ConflictError';
}
/** A registry's refusal or failure, after all retries. */
class RegistryError extends ActionError {
    name = 'RegistryError';
    failure;
    constructor(code, message, failure, options = {}) {
        super(code, message, options);
        this.failure = failure;
    }
}
/** A refused login or a token that does not reach: names scope and where the credential came from. */
class AuthError extends ActionError {
    name = 'AuthError';
}
/** No answer, or none that could be trusted to come from the host that was asked. */
class NetworkError extends ActionError {
    name = 'NetworkError';
}
/** Bytes that are not the bytes their digest names. */
class IntegrityError extends ActionError {
    name = 'IntegrityError';
}
/** The registry does not serve what was pushed. */
class VerifyError extends ActionError {
    name = 'VerifyError';
}
/**
 * The failure with what was being done before its message; code and hint stay, and the failure is its cause.
 * A bug is returned unchanged.
 */
function withContext(context, error) {
    if (!(error instanceof ActionError))
        return error;
    const { code, hint, message } = error;
    return new ActionError(code, `${context}: ${message}`, { hint, cause: error });
}
/** Several errors as one to throw: the first bug if there is any, else what `combine` makes of the failures. */
function combined(errors, combine) {
    const [first, ...others] = errors.filter((error) => error instanceof ActionError);
    if (first === undefined || others.length + 1 < errors.length) {
        return errors.find((error) => !(error instanceof ActionError));
    }
    return combine([first, ...others]);
}
/** Waits for all jobs, also when some fail, so that no request outlives them; throws their combined errors. */
async function waitForAll(jobs, combine) {
    const results = await Promise.allSettled(jobs);
    const errors = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (errors.length > 0)
        throw combined(errors, combine);
    return results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
/** The message of anything that was thrown. */
function messageOf(error) {
    return error instanceof Error ? error.message : String(error);
}
/** Whether the file system says that there is no such file or directory. */
function isAbsent(error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR';
}


/***/ }),

/***/ 3542:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   AM: () => (/* binding */ isBuildResult),
/* harmony export */   FG: () => (/* binding */ parseBuildResult),
/* harmony export */   yD: () => (/* binding */ isBuildRecord)
/* harmony export */ });
/* harmony import */ var _oci_digest_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8825);
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1405);
/* harmony import */ var _oci_json_field_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7974);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(2148);




/** Whether the object is the metadata of one built image, rather than a map of targets. */
function isBuildResult(value) {
    return Object.hasOwn(value, 'containerimage.digest') || Object.hasOwn(value, 'containerimage.descriptor');
}
/** Whether a key of build metadata is about the build itself (provenance, warnings, its ref), not about an image. */
function isBuildRecord(key) {
    return key.startsWith('buildx.build.');
}
/**
 * Reads the metadata of one image: `containerimage.digest` (else the digest in `containerimage.descriptor`), and
 * `image.name`, a comma-separated list (docs.docker.com, `docker buildx build --metadata-file`).
 *
 * @throws FormatError when there is no digest, when two differ, or when a name is not a reference.
 */
function parseBuildResult(value) {
    const stated = readDigest(value['containerimage.digest'], 'containerimage.digest');
    const described = readDescriptorDigest(value['containerimage.descriptor']);
    if (stated !== undefined && described !== undefined && stated !== described) {
        throw new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`containerimage.digest is ${stated}, but the descriptor says ${described}`, 'the same digest');
    }
    const digest = stated ?? described;
    if (digest === undefined)
        throw new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF('containerimage.digest is missing', 'the metadata of a built image');
    return { digest, names: readNames(value['image.name']) };
}
function readDigest(value, name) {
    if (value === undefined)
        return undefined;
    if (typeof value === 'string')
        return (0,_oci_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .parseDigest */ .m)(value);
    throw new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`${name} is not a string`, 'a digest');
}
function readDescriptorDigest(value) {
    const name = 'containerimage.descriptor';
    return value === undefined ? undefined : readDigest((0,_oci_json_field_js__WEBPACK_IMPORTED_MODULE_2__/* .objectAt */ .lJ)(value, name)['digest'], `${name}.digest`);
}
function readNames(value) {
    if (value === undefined)
        return [];
    if (typeof value !== 'string')
        throw new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF('image.name is not a string', 'names separated by commas');
    const names = value.split(',').map((name) => name.trim());
    return names.filter((name) => name !== '').map(readName);
}
function readName(name) {
    try {
        return (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_3__/* .parseReference */ .F2)(name);
    }
    catch (error) {
        if (!(error instanceof _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF))
            throw error;
        throw new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .FormatError */ .IF(`image.name contains ${(0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_1__/* .quote */ .hD)(name)}: ${error.message}`, error.expected);
    }
}


/***/ }),

/***/ 9243:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   CD: () => (/* binding */ attempt),
/* harmony export */   Ku: () => (/* binding */ ProblemList),
/* harmony export */   d6: () => (/* binding */ maxSources)
/* harmony export */ });
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);

/** Sources that one input may list; templates count each reference they expand to. */
const maxSources = 4096;
/** Collects the lines of the `sources` input and every problem, up to {@link maxSources} of each. */
class ProblemList {
    #lines = [];
    #problems = [];
    #full = false;
    #documents = 0;
    /** Whether the limit is reached; reading on is of no use then. */
    get full() {
        return this.#full;
    }
    /** The number of lines and problems. */
    get count() {
        return this.#lines.length + this.#problems.length;
    }
    /** Counts a JSON document that lists sources. */
    addDocument() {
        this.#documents++;
    }
    add(line) {
        if (this.#lines.length < maxSources)
            this.#lines.push(line);
        else
            this.#stop(line.line, `lists more than ${maxSources} sources, the maximum of one list`);
    }
    refuse({ line, path }, message) {
        const text = path ? `${path}: ${message}` : message;
        if (this.#problems.length < maxSources)
            this.#problems.push({ input: 'sources', line, message: text });
        else
            this.#stop(line, `has more than ${maxSources} problems`);
    }
    /** Runs `read`; a FormatError that it throws becomes a problem, and the result is undefined. */
    attempt(position, read) {
        return attempt(read, (message) => this.refuse(position, message));
    }
    finish() {
        return { lines: this.#lines, problems: this.#problems, documents: this.#documents };
    }
    #stop(line, message) {
        if (!this.#full)
            this.#problems.push({ input: 'sources', line, message: `${message}; the rest was not read` });
        this.#full = true;
    }
}
/** Runs `read`; a FormatError that it throws goes to `refuse` as a message, and the result is undefined. */
function attempt(read, refuse) {
    try {
        return read();
    }
    catch (error) {
        if (!(error instanceof _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF))
            throw error;
        refuse(`${error.message} (expected: ${error.expected})`);
        return undefined;
    }
}


/***/ }),

/***/ 6169:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   j: () => (/* binding */ resolveDigest),
/* harmony export */   x: () => (/* binding */ fetchDigest)
/* harmony export */ });
/* harmony import */ var _source_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8098);

/** Resolves a bare `sha256:\u2026` in the one repository of all targets. */
async function resolveDigest(line, context) {
    return [await fetchDigest(line, line.locator.digest, context)];
}
/**
 * Reads the manifest of a digest without a repository.
 *
 * @throws SourceError when the targets are in several repositories.
 */
async function fetchDigest(line, digest, context) {
    const { repository } = context;
    if (repository !== undefined)
        return context.fetch(line, { repository, digest });
    throw (0,_source_error_js__WEBPACK_IMPORTED_MODULE_0__/* .sourceError */ .I8)(line, 'SOURCE_REPOSITORY', `${digest} has no repository, and the tags are in more than one`, {
        hint: 'Write the source as registry/repository@sha256:\u2026.',
    });
}


/***/ }),

/***/ 9712:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   G: () => (/* binding */ draftsDirectory),
/* harmony export */   j: () => (/* binding */ draftDirectory)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _oci_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(2148);


/**
 * The directory in docker's configuration directory that contains the local draft of a manifest list. Its name is the
 * list's long reference with `/` \u2192 `_` and `:` \u2192 `-`; it has one JSON file for each source, named in the same way.
 * (github.com/docker/cli, cli/manifest/store)
 */
function draftDirectory(dockerConfig, list) {
    const name = (0,_oci_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .formatReference */ .FH)(list).replaceAll(':', '-').replaceAll('/', '_');
    return (0,node_path__WEBPACK_IMPORTED_MODULE_0__.join)(draftsDirectory(dockerConfig), name);
}
/** The directory of all drafts. */
function draftsDirectory(dockerConfig) {
    return (0,node_path__WEBPACK_IMPORTED_MODULE_0__.join)(dockerConfig, 'manifests');
}


/***/ }),

/***/ 8098:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   I8: () => (/* binding */ sourceError),
/* harmony export */   PJ: () => (/* binding */ parseSource),
/* harmony export */   Un: () => (/* binding */ requestError),
/* harmony export */   kS: () => (/* binding */ asSourceError)
/* harmony export */ });
/* harmony import */ var _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1405);
/* harmony import */ var _run_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(4314);


/** An error about a source; its message begins with the source's line. */
function sourceError({ line }, code, message, options = {}) {
    return new _run_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .SourceError */ .c8(code, `sources line ${line}: ${message}`, options);
}
/** The failure of a request for a source as an error about that source. */
function requestError({ line }, label, cause) {
    const message = `sources line ${line}: ${label}: ${cause.message}`;
    return new _run_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .SourceError */ .c8(cause.code, message, { hint: cause.hint, cause });
}
/** A FormatError as an error about `subject`, with a hint that begins with `remedy`; anything else is returned as it is. */
function asSourceError(error, subject, remedy = 'Create it again.') {
    if (!(error instanceof _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF))
        return error;
    const hint = `${remedy} Expected: ${error.expected}.`;
    return sourceError(subject, subject.code, `${subject.name}: ${error.message}`, { hint, cause: error });
}
/**
 * Runs `parse` on a file's content; throws a FormatError of it as {@link asSourceError} does, without the texts that
 * its message quotes: the line may name any file, such as a key.
 */
function parseSource(subject, parse, remedy) {
    try {
        return parse();
    }
    catch (error) {
        const shown = error instanceof _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF ? new _oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .FormatError */ .IF((0,_oci_format_error_js__WEBPACK_IMPORTED_MODULE_0__/* .unquoted */ .qZ)(error.message), error.expected) : error;
        throw asSourceError(shown, subject, remedy);
    }
}


/***/ }),

/***/ 2613:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("assert");

/***/ }),

/***/ 181:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("buffer");

/***/ }),

/***/ 5317:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("child_process");

/***/ }),

/***/ 6982:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");

/***/ }),

/***/ 9896:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");

/***/ }),

/***/ 6698:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:async_hooks");

/***/ }),

/***/ 4573:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:buffer");

/***/ }),

/***/ 1421:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");

/***/ }),

/***/ 7598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 3053:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:diagnostics_channel");

/***/ }),

/***/ 8474:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");

/***/ }),

/***/ 3024:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

/***/ }),

/***/ 1455:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");

/***/ }),

/***/ 2467:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http2");

/***/ }),

/***/ 7030:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");

/***/ }),

/***/ 8161:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");

/***/ }),

/***/ 6760:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");

/***/ }),

/***/ 1792:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:querystring");

/***/ }),

/***/ 7075:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");

/***/ }),

/***/ 1692:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");

/***/ }),

/***/ 7975:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");

/***/ }),

/***/ 8522:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");

/***/ }),

/***/ 857:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");

/***/ }),

/***/ 6928:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("path");

/***/ }),

/***/ 932:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("process");

/***/ }),

/***/ 2203:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("stream");

/***/ }),

/***/ 9023:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("util");

/***/ }),

/***/ 4790:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  yU: () => (/* binding */ ExitCode),
  fM: () => (/* binding */ addPath),
  Yz: () => (/* binding */ debug),
  N4: () => (/* binding */ endGroup),
  z3: () => (/* binding */ error),
  V4: () => (/* binding */ getInput),
  pq: () => (/* binding */ info),
  _o: () => (/* binding */ isDebug),
  uH: () => (/* binding */ setOutput),
  Pq: () => (/* binding */ setSecret),
  Oh: () => (/* binding */ startGroup),
  $e: () => (/* binding */ warning)
});

// UNUSED EXPORTS: exportVariable, getBooleanInput, getIDToken, getMultilineInput, getState, group, markdownSummary, notice, platform, saveState, setCommandEcho, setFailed, summary, toPlatformPath, toPosixPath, toWin32Path

// EXTERNAL MODULE: external "os"
var external_os_ = __nccwpck_require__(857);
;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/utils.js
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Sanitizes an input into a string so it can be passed into issueCommand safely
 * @param input input to sanitize into a string
 */
function utils_toCommandValue(input) {
    if (input === null || input === undefined) {
        return '';
    }
    else if (typeof input === 'string' || input instanceof String) {
        return input;
    }
    return JSON.stringify(input);
}
/**
 *
 * @param annotationProperties
 * @returns The command properties to send with the actual annotation command
 * See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
 */
function utils_toCommandProperties(annotationProperties) {
    if (!Object.keys(annotationProperties).length) {
        return {};
    }
    return {
        title: annotationProperties.title,
        file: annotationProperties.file,
        line: annotationProperties.startLine,
        endLine: annotationProperties.endLine,
        col: annotationProperties.startColumn,
        endColumn: annotationProperties.endColumn
    };
}
//# sourceMappingURL=utils.js.map
;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/command.js


/**
 * Issues a command to the GitHub Actions runner
 *
 * @param command - The command name to issue
 * @param properties - Additional properties for the command (key-value pairs)
 * @param message - The message to include with the command
 * @remarks
 * This function outputs a specially formatted string to stdout that the Actions
 * runner interprets as a command. These commands can control workflow behavior,
 * set outputs, create annotations, mask values, and more.
 *
 * Command Format:
 *   ::name key=value,key=value::message
 *
 * @example
 * ```typescript
 * // Issue a warning annotation
 * issueCommand('warning', {}, 'This is a warning message');
 * // Output: ::warning::This is a warning message
 *
 * // Set an environment variable
 * issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
 * // Output: ::set-env name=MY_VAR::some value
 *
 * // Add a secret mask
 * issueCommand('add-mask', {}, 'secretValue123');
 * // Output: ::add-mask::secretValue123
 * ```
 *
 * @internal
 * This is an internal utility function that powers the public API functions
 * such as setSecret, warning, error, and exportVariable.
 */
function command_issueCommand(command, properties, message) {
    const cmd = new Command(command, properties, message);
    process.stdout.write(cmd.toString() + external_os_.EOL);
}
function command_issue(name, message = '') {
    command_issueCommand(name, {}, message);
}
const CMD_STRING = '::';
class Command {
    constructor(command, properties, message) {
        if (!command) {
            command = 'missing.command';
        }
        this.command = command;
        this.properties = properties;
        this.message = message;
    }
    toString() {
        let cmdStr = CMD_STRING + this.command;
        if (this.properties && Object.keys(this.properties).length > 0) {
            cmdStr += ' ';
            let first = true;
            for (const key in this.properties) {
                if (this.properties.hasOwnProperty(key)) {
                    const val = this.properties[key];
                    if (val) {
                        if (first) {
                            first = false;
                        }
                        else {
                            cmdStr += ',';
                        }
                        cmdStr += `${key}=${escapeProperty(val)}`;
                    }
                }
            }
        }
        cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
        return cmdStr;
    }
}
function escapeData(s) {
    return utils_toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A');
}
function escapeProperty(s) {
    return utils_toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A')
        .replace(/:/g, '%3A')
        .replace(/,/g, '%2C');
}
//# sourceMappingURL=command.js.map
// EXTERNAL MODULE: external "crypto"
var external_crypto_ = __nccwpck_require__(6982);
// EXTERNAL MODULE: external "fs"
var external_fs_ = __nccwpck_require__(9896);
;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/file-command.js
// For internal use, subject to change.
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */




function file_command_issueFileCommand(command, message) {
    const filePath = process.env[`GITHUB_${command}`];
    if (!filePath) {
        throw new Error(`Unable to find environment variable for file command ${command}`);
    }
    if (!external_fs_.existsSync(filePath)) {
        throw new Error(`Missing file at path: ${filePath}`);
    }
    external_fs_.appendFileSync(filePath, `${utils_toCommandValue(message)}${external_os_.EOL}`, {
        encoding: 'utf8'
    });
}
function file_command_prepareKeyValueMessage(key, value) {
    const delimiter = `ghadelimiter_${external_crypto_.randomUUID()}`;
    const convertedValue = utils_toCommandValue(value);
    // These should realistically never happen, but just in case someone finds a
    // way to exploit uuid generation let's not allow keys or values that contain
    // the delimiter.
    if (key.includes(delimiter)) {
        throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
    }
    if (convertedValue.includes(delimiter)) {
        throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
    }
    return `${key}<<${delimiter}${external_os_.EOL}${convertedValue}${external_os_.EOL}${delimiter}`;
}
//# sourceMappingURL=file-command.js.map
// EXTERNAL MODULE: external "path"
var external_path_ = __nccwpck_require__(6928);
;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/oidc-utils.js
function missing() {
  throw new Error('oidc-utils.js is not bundled');
}
const standIn = new Proxy(missing, { get: missing });


;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/summary.js
function summary_missing() {
  throw new Error('summary.js is not bundled');
}
const summary_standIn = new Proxy(summary_missing, { get: summary_missing });


;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/path-utils.js

/**
 * toPosixPath converts the given path to the posix form. On Windows, \\ will be
 * replaced with /.
 *
 * @param pth. Path to transform.
 * @return string Posix path.
 */
function toPosixPath(pth) {
    return pth.replace(/[\\]/g, '/');
}
/**
 * toWin32Path converts the given path to the win32 form. On Linux, / will be
 * replaced with \\.
 *
 * @param pth. Path to transform.
 * @return string Win32 path.
 */
function toWin32Path(pth) {
    return pth.replace(/[/]/g, '\\');
}
/**
 * toPlatformPath converts the given path to a platform-specific path. It does
 * this by replacing instances of / and \ with the platform-specific path
 * separator.
 *
 * @param pth The path to platformize.
 * @return string The platform-specific path.
 */
function toPlatformPath(pth) {
    return pth.replace(/[/\\]/g, path.sep);
}
//# sourceMappingURL=path-utils.js.map
;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/platform.js
function platform_missing() {
  throw new Error('platform.js is not bundled');
}
const platform_standIn = new Proxy(platform_missing, { get: platform_missing });


;// CONCATENATED MODULE: ./.cache/packages/node_modules/@actions/core/lib/core.js
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};






/**
 * The code to exit an action
 */
var ExitCode;
(function (ExitCode) {
    /**
     * A code indicating that the action was successful
     */
    ExitCode[ExitCode["Success"] = 0] = "Success";
    /**
     * A code indicating that the action was a failure
     */
    ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
//-----------------------------------------------------------------------
// Variables
//-----------------------------------------------------------------------
/**
 * Sets env variable for this action and future actions in the job
 * @param name the name of the variable to set
 * @param val the value of the variable. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function exportVariable(name, val) {
    const convertedVal = toCommandValue(val);
    process.env[name] = convertedVal;
    const filePath = process.env['GITHUB_ENV'] || '';
    if (filePath) {
        return issueFileCommand('ENV', prepareKeyValueMessage(name, val));
    }
    issueCommand('set-env', { name }, convertedVal);
}
/**
 * Registers a secret which will get masked from logs
 *
 * @param secret - Value of the secret to be masked
 * @remarks
 * This function instructs the Actions runner to mask the specified value in any
 * logs produced during the workflow run. Once registered, the secret value will
 * be replaced with asterisks (***) whenever it appears in console output, logs,
 * or error messages.
 *
 * This is useful for protecting sensitive information such as:
 * - API keys
 * - Access tokens
 * - Authentication credentials
 * - URL parameters containing signatures (SAS tokens)
 *
 * Note that masking only affects future logs; any previous appearances of the
 * secret in logs before calling this function will remain unmasked.
 *
 * @example
 * ```typescript
 * // Register an API token as a secret
 * const apiToken = "abc123xyz456";
 * setSecret(apiToken);
 *
 * // Now any logs containing this value will show *** instead
 * console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
 * ```
 */
function setSecret(secret) {
    command_issueCommand('add-mask', {}, secret);
}
/**
 * Prepends inputPath to the PATH (for this action and future actions)
 * @param inputPath
 */
function addPath(inputPath) {
    const filePath = process.env['GITHUB_PATH'] || '';
    if (filePath) {
        file_command_issueFileCommand('PATH', inputPath);
    }
    else {
        command_issueCommand('add-path', {}, inputPath);
    }
    process.env['PATH'] = `${inputPath}${external_path_.delimiter}${process.env['PATH']}`;
}
/**
 * Gets the value of an input.
 * Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
 * Returns an empty string if the value is not defined.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string
 */
function getInput(name, options) {
    const val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
    if (options && options.required && !val) {
        throw new Error(`Input required and not supplied: ${name}`);
    }
    if (options && options.trimWhitespace === false) {
        return val;
    }
    return val.trim();
}
/**
 * Gets the values of an multiline input.  Each value is also trimmed.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string[]
 *
 */
function getMultilineInput(name, options) {
    const inputs = getInput(name, options)
        .split('\n')
        .filter(x => x !== '');
    if (options && options.trimWhitespace === false) {
        return inputs;
    }
    return inputs.map(input => input.trim());
}
/**
 * Gets the input value of the boolean type in the YAML 1.2 "core schema" specification.
 * Support boolean input list: `true | True | TRUE | false | False | FALSE` .
 * The return value is also in boolean type.
 * ref: https://yaml.org/spec/1.2/spec.html#id2804923
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   boolean
 */
function getBooleanInput(name, options) {
    const trueValue = ['true', 'True', 'TRUE'];
    const falseValue = ['false', 'False', 'FALSE'];
    const val = getInput(name, options);
    if (trueValue.includes(val))
        return true;
    if (falseValue.includes(val))
        return false;
    throw new TypeError(`Input does not meet YAML 1.2 "Core Schema" specification: ${name}\n` +
        `Support boolean input list: \`true | True | TRUE | false | False | FALSE\``);
}
/**
 * Sets the value of an output.
 *
 * @param     name     name of the output to set
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function setOutput(name, value) {
    const filePath = process.env['GITHUB_OUTPUT'] || '';
    if (filePath) {
        return file_command_issueFileCommand('OUTPUT', file_command_prepareKeyValueMessage(name, value));
    }
    process.stdout.write(external_os_.EOL);
    command_issueCommand('set-output', { name }, utils_toCommandValue(value));
}
/**
 * Enables or disables the echoing of commands into stdout for the rest of the step.
 * Echoing is disabled by default if ACTIONS_STEP_DEBUG is not set.
 *
 */
function setCommandEcho(enabled) {
    issue('echo', enabled ? 'on' : 'off');
}
//-----------------------------------------------------------------------
// Results
//-----------------------------------------------------------------------
/**
 * Sets the action status to failed.
 * When the action exits it will be with an exit code of 1
 * @param message add error issue message
 */
function setFailed(message) {
    process.exitCode = ExitCode.Failure;
    error(message);
}
//-----------------------------------------------------------------------
// Logging Commands
//-----------------------------------------------------------------------
/**
 * Gets whether Actions Step Debug is on or not
 */
function isDebug() {
    return process.env['RUNNER_DEBUG'] === '1';
}
/**
 * Writes debug message to user log
 * @param message debug message
 */
function debug(message) {
    command_issueCommand('debug', {}, message);
}
/**
 * Adds an error issue
 * @param message error issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function error(message, properties = {}) {
    command_issueCommand('error', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a warning issue
 * @param message warning issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function warning(message, properties = {}) {
    command_issueCommand('warning', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a notice issue
 * @param message notice issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function notice(message, properties = {}) {
    issueCommand('notice', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Writes info to log with console.log.
 * @param message info message
 */
function info(message) {
    process.stdout.write(message + external_os_.EOL);
}
/**
 * Begin an output group.
 *
 * Output until the next `groupEnd` will be foldable in this group
 *
 * @param name The name of the output group
 */
function startGroup(name) {
    command_issue('group', name);
}
/**
 * End an output group.
 */
function endGroup() {
    command_issue('endgroup');
}
/**
 * Wrap an asynchronous function call in a group.
 *
 * Returns the same type as the function itself.
 *
 * @param name The name of the group
 * @param fn The function to wrap in the group
 */
function group(name, fn) {
    return __awaiter(this, void 0, void 0, function* () {
        startGroup(name);
        let result;
        try {
            result = yield fn();
        }
        finally {
            endGroup();
        }
        return result;
    });
}
//-----------------------------------------------------------------------
// Wrapper action state
//-----------------------------------------------------------------------
/**
 * Saves state for current action, the state can only be retrieved by this action's post job execution.
 *
 * @param     name     name of the state to store
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function saveState(name, value) {
    const filePath = process.env['GITHUB_STATE'] || '';
    if (filePath) {
        return issueFileCommand('STATE', prepareKeyValueMessage(name, value));
    }
    issueCommand('save-state', { name }, toCommandValue(value));
}
/**
 * Gets the value of an state set by this action's main execution.
 *
 * @param     name     name of the state to get
 * @returns   string
 */
function getState(name) {
    return process.env[`STATE_${name}`] || '';
}
function getIDToken(aud) {
    return __awaiter(this, void 0, void 0, function* () {
        return yield OidcClient.getIDToken(aud);
    });
}
/**
 * Summary exports
 */

/**
 * @deprecated use core.summary
 */

/**
 * Path exports
 */

/**
 * Platform utilities exports
 */

//# sourceMappingURL=core.js.map

/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		id: moduleId,
/******/ 		loaded: false,
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Flag the module as loaded
/******/ 	module.loaded = true;
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/******/ // expose the modules object (__webpack_modules__)
/******/ __nccwpck_require__.m = __webpack_modules__;
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/async module */
/******/ (() => {
/******/ 	var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
/******/ 	var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
/******/ 	var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
/******/ 	var resolveQueue = (queue) => {
/******/ 		if(queue && queue.d < 1) {
/******/ 			queue.d = 1;
/******/ 			queue.forEach((fn) => (fn.r--));
/******/ 			queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
/******/ 		}
/******/ 	}
/******/ 	var wrapDeps = (deps) => (deps.map((dep) => {
/******/ 		if(dep !== null && typeof dep === "object") {
/******/ 			if(dep[webpackQueues]) return dep;
/******/ 			if(dep.then) {
/******/ 				var queue = [];
/******/ 				queue.d = 0;
/******/ 				dep.then((r) => {
/******/ 					obj[webpackExports] = r;
/******/ 					resolveQueue(queue);
/******/ 				}, (e) => {
/******/ 					obj[webpackError] = e;
/******/ 					resolveQueue(queue);
/******/ 				});
/******/ 				var obj = {};
/******/ 				obj[webpackQueues] = (fn) => (fn(queue));
/******/ 				return obj;
/******/ 			}
/******/ 		}
/******/ 		var ret = {};
/******/ 		ret[webpackQueues] = x => {};
/******/ 		ret[webpackExports] = dep;
/******/ 		return ret;
/******/ 	}));
/******/ 	__nccwpck_require__.a = (module, body, hasAwait) => {
/******/ 		var queue;
/******/ 		hasAwait && ((queue = []).d = -1);
/******/ 		var depQueues = new Set();
/******/ 		var exports = module.exports;
/******/ 		var currentDeps;
/******/ 		var outerResolve;
/******/ 		var reject;
/******/ 		var promise = new Promise((resolve, rej) => {
/******/ 			reject = rej;
/******/ 			outerResolve = resolve;
/******/ 		});
/******/ 		promise[webpackExports] = exports;
/******/ 		promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
/******/ 		module.exports = promise;
/******/ 		body((deps) => {
/******/ 			currentDeps = wrapDeps(deps);
/******/ 			var fn;
/******/ 			var getResult = () => (currentDeps.map((d) => {
/******/ 				if(d[webpackError]) throw d[webpackError];
/******/ 				return d[webpackExports];
/******/ 			}))
/******/ 			var promise = new Promise((resolve) => {
/******/ 				fn = () => (resolve(getResult));
/******/ 				fn.r = 0;
/******/ 				var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
/******/ 				currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
/******/ 			});
/******/ 			return fn.r ? promise : getResult();
/******/ 		}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
/******/ 		queue && queue.d < 0 && (queue.d = 0);
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/compat get default export */
/******/ (() => {
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__nccwpck_require__.n = (module) => {
/******/ 		var getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__nccwpck_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/create fake namespace object */
/******/ (() => {
/******/ 	var getProto = Object.getPrototypeOf ? (obj) => (Object.getPrototypeOf(obj)) : (obj) => (obj.__proto__);
/******/ 	var leafPrototypes;
/******/ 	// create a fake namespace object
/******/ 	// mode & 1: value is a module id, require it
/******/ 	// mode & 2: merge all properties of value into the ns
/******/ 	// mode & 4: return value when already ns object
/******/ 	// mode & 16: return value when it's Promise-like
/******/ 	// mode & 8|1: behave like require
/******/ 	__nccwpck_require__.t = function(value, mode) {
/******/ 		if(mode & 1) value = this(value);
/******/ 		if(mode & 8) return value;
/******/ 		if(typeof value === 'object' && value) {
/******/ 			if((mode & 4) && value.__esModule) return value;
/******/ 			if((mode & 16) && typeof value.then === 'function') return value;
/******/ 		}
/******/ 		var ns = Object.create(null);
/******/ 		__nccwpck_require__.r(ns);
/******/ 		var def = {};
/******/ 		leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
/******/ 		for(var current = mode & 2 && value; typeof current == 'object' && !~leafPrototypes.indexOf(current); current = getProto(current)) {
/******/ 			Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
/******/ 		}
/******/ 		def['default'] = () => (value);
/******/ 		__nccwpck_require__.d(ns, def);
/******/ 		return ns;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/ensure chunk */
/******/ (() => {
/******/ 	__nccwpck_require__.f = {};
/******/ 	// This file contains only the entry chunk.
/******/ 	// The chunk loading function for additional chunks
/******/ 	__nccwpck_require__.e = (chunkId) => {
/******/ 		return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
/******/ 			__nccwpck_require__.f[key](chunkId, promises);
/******/ 			return promises;
/******/ 		}, []));
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/get javascript chunk filename */
/******/ (() => {
/******/ 	// This function allow to reference async chunks
/******/ 	__nccwpck_require__.u = (chunkId) => {
/******/ 		// return url for filenames based on template
/******/ 		return "" + chunkId + ".index.js";
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/node module decorator */
/******/ (() => {
/******/ 	__nccwpck_require__.nmd = (module) => {
/******/ 		module.paths = [];
/******/ 		if (!module.children) module.children = [];
/******/ 		return module;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/import chunk loading */
/******/ (() => {
/******/ 	// no baseURI
/******/ 	
/******/ 	// object to store loaded and loading chunks
/******/ 	// undefined = chunk not loaded, null = chunk preloaded/prefetched
/******/ 	// [resolve, Promise] = chunk loading, 0 = chunk loaded
/******/ 	var installedChunks = {
/******/ 		792: 0
/******/ 	};
/******/ 	
/******/ 	var installChunk = (data) => {
/******/ 		var {ids, modules, runtime} = data;
/******/ 		// add "modules" to the modules object,
/******/ 		// then flag all "ids" as loaded and fire callback
/******/ 		var moduleId, chunkId, i = 0;
/******/ 		for(moduleId in modules) {
/******/ 			if(__nccwpck_require__.o(modules, moduleId)) {
/******/ 				__nccwpck_require__.m[moduleId] = modules[moduleId];
/******/ 			}
/******/ 		}
/******/ 		if(runtime) runtime(__nccwpck_require__);
/******/ 		for(;i < ids.length; i++) {
/******/ 			chunkId = ids[i];
/******/ 			if(__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
/******/ 				installedChunks[chunkId][0]();
/******/ 			}
/******/ 			installedChunks[ids[i]] = 0;
/******/ 		}
/******/ 	
/******/ 	}
/******/ 	
/******/ 	__nccwpck_require__.f.j = (chunkId, promises) => {
/******/ 			// import() chunk loading for javascript
/******/ 			var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
/******/ 			if(installedChunkData !== 0) { // 0 means "already installed".
/******/ 	
/******/ 				// a Promise means "currently loading".
/******/ 				if(installedChunkData) {
/******/ 					promises.push(installedChunkData[1]);
/******/ 				} else {
/******/ 					if(true) { // all chunks have JS
/******/ 						// setup Promise in chunk cache
/******/ 						var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e) => {
/******/ 							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
/******/ 							throw e;
/******/ 						});
/******/ 						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
/******/ 						promises.push(installedChunkData[1] = promise);
/******/ 					}
/******/ 				}
/******/ 			}
/******/ 	};
/******/ 	
/******/ 	// no prefetching
/******/ 	
/******/ 	// no preloaded
/******/ 	
/******/ 	// no external install chunk
/******/ 	
/******/ 	// no on chunks loaded
/******/ })();
/******/ 
/************************************************************************/
/******/ 
/******/ // startup
/******/ // Load entry module and return exports
/******/ // This entry module used 'module' so it can't be inlined
/******/ var __webpack_exports__ = __nccwpck_require__(4496);
/******/ __webpack_exports__ = await __webpack_exports__;
/******/ 
