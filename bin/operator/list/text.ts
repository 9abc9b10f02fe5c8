import type { Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { encodingOf } from '../../../lib/wechatpay/text.ts'
import { text } from '../../texts/send.ts'
import { Failure } from '../failure.ts'
import { cannotRead, pathOf } from '../files.ts'

/**
 * The text of a file, piece by piece, in the encoding that its first bytes show: UTF-8 or UTF-16.
 *
 * @param hash of all bytes that went by
 * @throws Failure when it cannot be read, or is in another encoding
 */
export async function* readPieces(path: string, hash?: Hash): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let lines = 1
  try {
    for await (const bytes of createReadStream(pathOf(path)) as AsyncIterable<Buffer>) {
      hash?.update(bytes)
      decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true })
      const piece = decode(decoder, bytes, () => lines + lineBreaksBeforeTrouble(bytes))
      lines += lineBreaks(piece)
      yield piece
    }
    if (decoder !== undefined) yield decode(decoder, undefined, () => lines)
  } catch (error) {
    if (error instanceof NotUtf8) throw new Failure(text.notUtf8(path, error.line), text.saveAsUtf8)
    if ((error as NodeJS.ErrnoException).code !== undefined) throw cannotRead(path, error as NodeJS.ErrnoException)
    throw error
  }
}

class NotUtf8 extends Error {
  readonly line: number

  constructor(line: number) {
    super()
    this.line = line
  }
}

function decode(decoder: TextDecoder, bytes: Buffer | undefined, line: () => number): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw new NotUtf8(line())
  }
}

const lineBreaks = (piece: string) => piece.split('\n').length - 1

/** A letter cut by the end of the piece before may stand for trouble here: hence "about". */
const lineBreaksBeforeTrouble = (bytes: Buffer) => lineBreaks(bytes.toString().split('\uFFFD', 1)[0]!)
