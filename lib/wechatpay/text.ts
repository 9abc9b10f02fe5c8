/** A DER file begins with a SEQUENCE whose length takes more than one byte; no text in UTF-8 begins like this. */
const isDer = ([tag, length = 0]: Uint8Array) => tag === 0x30 && length >= 0x80 && length <= 0x84

/** By its first bytes. Windows tools write UTF-16, with a byte order mark or without. */
export function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be'
  return 'utf-8'
}

/** The text of a file or a secret. A binary key or certificate (DER, PKCS#12) comes as base64, a form in which it can be read. */
export function textOf(bytes: Uint8Array): string {
  return isDer(bytes) ? Buffer.from(bytes).toString('base64') : new TextDecoder(encodingOf(bytes)).decode(bytes)
}
