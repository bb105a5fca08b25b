/** Words one slip away that no similarity of letters finds: two letters in the wrong order, one too many. */
export function slipsOf(word: string): string[] {
  const letters = [...word]
  const swapped = letters
    .slice(1)
    .map((_, index) =>
      [...letters.slice(0, index), letters[index + 1], letters[index], ...letters.slice(index + 2)].join(''),
    )
  const shorter = letters.map((_, index) =>
    [...letters.slice(0, index), ...letters.slice(index + 1)].join(''),
  )
  return [...new Set([...swapped, ...shorter])].filter((slip) => slip !== word)
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word of the other. */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, before[j - 2]! + 1)
      }
    }
    before = last
    last = row
  }
  return last[b.length]!
}

export type Candidate = { readonly word: string; readonly uses: number }

/** The nearest, and of equals the most used; `undefined` when none is near enough to be meant. */
export function nearest(word: string, candidates: readonly Candidate[]): string | undefined {
  const most = word.length < 5 ? 1 : word.length < 9 ? 2 : 3
  const near = candidates
    .map((candidate) => ({ ...candidate, steps: distance(word, candidate.word) }))
    .filter(({ steps }) => steps > 0 && steps <= most)
    .sort((a, b) => a.steps - b.steps || b.uses - a.uses || (a.word < b.word ? -1 : 1))
  return near[0]?.word
}
