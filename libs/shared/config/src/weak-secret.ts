const wellKnown = new Set(
  `admin administrator changeit changeme default easel example guest letmein minio minioadmin nats password passw0rd
   postgres postgresql qwerty redis root secret test toor user welcome 123456 12345678 123456789 password123`.split(
    /\s+/,
  ),
)
const placeholder =
  /change.?(me|this|it)|replace.?(me|this)|your.?(own.?)?(secret|password|key)|example|placeholder|insecure|(not|in).?secure|default|<.*>|\$\{/i

/** Is it one of the passwords and placeholders that everybody tries first? */
export function isWellKnown(text: string): boolean {
  return wellKnown.has(text.toLowerCase()) || placeholder.test(text)
}

/** Why a secret protects nothing, as a rule to show, or undefined. Length is the caller's rule. */
export function weakness(text: string): string | undefined {
  if (isWellKnown(text)) return 'must not be a well-known value'
  if (text.length >= 16 && (new Set(text).size < 8 || repeats(text))) {
    return 'must be random (32 random bytes in hex or base64 are right)'
  }
  return undefined
}

/** Is it one shorter text over and over? */
function repeats(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length
}
