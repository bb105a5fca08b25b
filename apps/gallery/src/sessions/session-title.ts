const maxWords = 6
const maxLength = 50

/** A title made from a prompt: its first words, without the weights and names that only a model reads. */
export function titleOfPrompt(prompt: string): string | undefined {
  const plain = prompt
    .slice(0, 2_000)
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\bembedding:\S+/g, ' ')
    .replaceAll(/:\s*-?\d+(\.\d+)?(?=\s*[)\]])/g, ' ')
    .replaceAll(/[()[\]{}\\"|]/g, ' ')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
  const words = plain
    .trim()
    .split(' ')
    .map((word) => word.replace(/^[,.;:!?-]+$/, ''))
    .filter((word) => word !== '')
  let title = ''
  for (const word of words.slice(0, maxWords)) {
    const longer = title === '' ? word : `${title} ${word}`
    if (longer.length > maxLength) break
    title = longer
  }
  // One word longer than a title may be: its beginning, with no half character at the end.
  if (title === '' && words[0])
    title = words[0]
      .slice(0, maxLength)
      .toWellFormed()
      .replace(/\uFFFD$/, '')
  return title.replace(/[\s,.;:-]+$/, '') || undefined
}
