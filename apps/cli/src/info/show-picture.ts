import { readMetadata } from '@easel/comfyui'
import { AppError, stringifyJson } from '@easel/protocol'
import type { FileHandle } from 'node:fs/promises'
import type { Context } from '../commands/context.ts'
import { formatFacts, formatTable, type Column } from '../output/table.ts'
import { safeLines } from '../output/safe-text.ts'
import { titlesOf } from '../run/read-workflow.ts'

type Input = { key: string; title: string; value: string }

const columns: readonly Column<Input>[] = [
  { title: 'KEY', value: ({ key }) => key },
  { title: 'NODE', value: ({ title }) => title, flexible: true },
  { title: 'VALUE', value: ({ value }) => value, flexible: true },
]

export async function showPicture({ out }: Context, handle: FileHandle): Promise<void> {
  const { size } = await handle.stat()
  const metadata = await readMetadata({
    size,
    read: async (at, length) => {
      const bytes = Buffer.alloc(length)
      const { bytesRead } = await handle.read(bytes, 0, length, at)
      return bytes.subarray(0, bytesRead)
    },
  })
  const { prompt, workflow, parameters } = metadata
  if (!prompt && !workflow && parameters === undefined) {
    throw new AppError('not_found', 'This file says nothing of how it was made', { reason: 'NO_METADATA' })
  }
  if (out.json) {
    const found = { prompt: prompt ?? null, ui: workflow ?? null, parameters: parameters ?? null }
    return out.printJson({ format: 'media', workflow: found })
  }
  const graph = prompt ?? {}
  const titles = titlesOf(graph)
  const inputs = Object.entries(graph).flatMap(([id, node]) =>
    Object.entries(node.inputs)
      .filter(([, value]) => !Array.isArray(value))
      .map(([name, value]): Input => ({
        key: `${id}.${name}`,
        title: titles.get(id) ?? '',
        value: typeof value === 'string' ? value : stringifyJson(value),
      })),
  )
  const nodes = Object.keys(graph).length
  out.printLines(
    formatFacts([
      ['nodes', nodes || ''],
      ['UI format', workflow ? 'yes' : 'no'],
    ]),
  )
  if (inputs.length > 0) out.printLines(['', ...formatTable(inputs, columns, { columns: out.columns })])
  if (parameters !== undefined) out.printLines(['', ...safeLines(parameters)])
}
