/** Without letters that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four groups of five that can be read out: about 99 bits. */
export function newPassword(): string {
  // The last bytes are left out, so that each letter is as likely as the others.
  const fair = 256 - (256 % letters.length)
  const chosen: string[] = []
  while (chosen.length < 20) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      if (byte < fair && chosen.length < 20) chosen.push(letters[byte % letters.length]!)
  }
  return [0, 5, 10, 15].map((at) => chosen.slice(at, at + 5).join('')).join('-')
}
