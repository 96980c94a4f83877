// The beginning of a token's MD5 (RFC 1321), as a hash that Postgres has too: nothing is kept secret by it. WebCrypto has
// no MD5 and is asynchronous, and a text has a hundred tokens.
const encoder = new TextEncoder();
let bytes = new Uint8Array(1024);

const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const shiftOf = Uint8Array.from({ length: 64 }, (_, i) => shifts[(i >> 4) * 4 + i % 4]!);
const wordOf = Uint8Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4]! % 16);
const block = new Int32Array(16);

/** The first eight bytes, as two numbers of 32 bits, the first byte highest. */
export interface Md5Prefix {
  high: number;
  low: number;
}

/** Of a text's UTF-8. */
export function md5Prefix(text: string): Md5Prefix {
  const length = encode(text);
  let a0 = 0x67452301, b0 = 0xefcdab89 | 0, c0 = 0x98badcfe | 0, d0 = 0x10325476;
  // one bit and the length of eight bytes come behind the text
  const blocks = (length + 9 + 63) >> 6;
  for (let n = 0; n < blocks; n++) {
    for (let i = 0; i < 16; i++) {
      const at = n * 64 + i * 4;
      block[i] = byteAt(at, length) | byteAt(at + 1, length) << 8 | byteAt(at + 2, length) << 16 |
        byteAt(at + 3, length) << 24;
    }
    if (n === blocks - 1) block[14] = length << 3;
    let a = a0, b = b0, c = c0, d = d0;
    for (let i = 0; i < 64; i++) {
      const f = i < 16 ? (b & c) | (~b & d) : i < 32 ? (d & b) | (~d & c) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
      const sum = (a + f + sines[i]! + block[wordOf[i]!]!) | 0;
      a = d;
      d = c;
      c = b;
      b = (b + (sum << shiftOf[i]! | sum >>> 32 - shiftOf[i]!)) | 0;
    }
    a0 = (a0 + a) | 0;
    b0 = (b0 + b) | 0;
    c0 = (c0 + c) | 0;
    d0 = (d0 + d) | 0;
  }
  return { high: swapped(a0), low: swapped(b0) };
}

function encode(text: string): number {
  if (text.length * 3 > bytes.length) bytes = new Uint8Array(text.length * 3);
  return encoder.encodeInto(text, bytes).written;
}

function byteAt(at: number, length: number): number {
  return at < length ? bytes[at]! : at === length ? 0x80 : 0;
}

function swapped(word: number): number {
  return ((word & 0xff) << 24 | (word >>> 8 & 0xff) << 16 | (word >>> 16 & 0xff) << 8 | word >>> 24) >>> 0;
}
