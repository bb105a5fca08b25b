/** So many bytes tell; fewer only at the end of a short file. */
export const magicBytes = 64

/**
 * Is this how a file of that name begins? Log-in pages and error messages often come with status 200.
 * Gives what is wrong, for a person to read.
 */
export function magicFault(head: Buffer, fileName: string): string | undefined {
  const ending = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()
  if (ending === 'safetensors' || ending === 'sft') {
    const length = head.length > 8 ? head.readBigUInt64LE(0) : 0n
    const sound = length >= 2n && length <= 100_000_000n && head[8] === 0x7b
    if (!sound) return 'It does not begin as a safetensors file does'
  }
  if (ending === 'gguf' && head.subarray(0, 4).toString('latin1') !== 'GGUF') {
    return 'It does not begin as a GGUF file does'
  }
  const text = head.toString('latin1').trimStart().toLowerCase()
  if (/^(<!doctype|<html|<\?xml|<head|<body)/.test(text)) return 'It is a web page'
  return undefined
}
