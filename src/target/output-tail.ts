/** Keeps the end of an output stream for the message that explains why its process failed. */
export class OutputTail {
  static readonly BYTES_MAX = 8192
  static readonly LINES_MAX = 20

  #bytes: Buffer = Buffer.alloc(0)
  #cut = false

  push(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#bytes, chunk.subarray(-OutputTail.BYTES_MAX)])
    this.#cut ||= chunk.length > OutputTail.BYTES_MAX || bytes.length > OutputTail.BYTES_MAX
    this.#bytes = bytes.subarray(-OutputTail.BYTES_MAX)
  }

  /** The last lines, oldest first, without a line whose beginning was dropped. */
  lines(): readonly string[] {
    const lines = this.#bytes.toString('utf8').trimEnd().split(/\r?\n/)
    const whole = this.#cut && lines.length > 1 ? lines.slice(1) : lines
    return whole.slice(-OutputTail.LINES_MAX).filter(line => line !== '')
  }
}
