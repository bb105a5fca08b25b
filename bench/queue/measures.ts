export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** Calls `work` so often, so many at once, and gives the calls per second. */
export async function rateOf(
  count: number,
  inFlight: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now()
  let next = 0
  const senders = Array.from({ length: inFlight }, async () => {
    while (next < count) await work(next++)
  })
  await Promise.all(senders)
  return count / ((performance.now() - startedAt) / 1_000)
}

export type Cell = number | string | undefined

export function table(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = (cell: Cell) => (typeof cell === 'number' ? cell.toFixed(cell >= 100 ? 0 : 2) : (cell ?? '–'))
  const lines = [head, ...rows.map((row) => row.map(text))]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const side = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  console.log(`\n${title}`)
  for (const line of lines) console.log(`  ${line.map(side).join('  ')}`)
}

/** A graph as it is common, of about a kilobyte. */
export function aGraph(seed: number) {
  const text = (words: string) => ({ class_type: 'CLIPTextEncode', inputs: { text: words, clip: ['4', 1] } })
  return {
    '3': {
      class_type: 'KSampler',
      inputs: {
        seed,
        steps: 20,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
      },
    },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '6': text('a lighthouse on a cliff at dusk, a heavy sea, gulls, a warm light behind the glass'),
    '7': text('blurry, text, watermark, frame'),
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'bench' } },
  }
}
