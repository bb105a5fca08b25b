import { readdir, readFile } from 'node:fs/promises'

type Process = { pid: number; parent: number; ticks: number }

/** What Linux counts processor time in, on every architecture that Node runs on. */
const ticksPerSecond = 100

/**
 * Seconds of processor time that this process and all that it has started have taken so far, as far as they still
 * run. Undefined where there is no /proc to ask.
 */
export async function processorSeconds(root = process.pid): Promise<number | undefined> {
  const names = await readdir('/proc').catch((): string[] => [])
  const read = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readProcess))
  const processes = read.filter((each) => each !== undefined)
  const children = Map.groupBy(processes, ({ parent }) => parent)
  const own = processes.find(({ pid }) => pid === root)
  if (!own) return undefined
  const family = [own]
  for (const member of family) family.push(...(children.get(member.pid) ?? []))
  return family.reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond
}

async function readProcess(name: string): Promise<Process | undefined> {
  // It may have ended since it was listed.
  const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined)
  // The name of the program is in parentheses and may hold anything: the fields that count come after the last one.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (!fields) return undefined
  return { pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
}
