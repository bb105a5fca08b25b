import { queueTuple, type QueueItem } from './prompt-queue.ts'

export type HistoryMessage = [event: string, data: Record<string, unknown>]

export type HistoryEntry = {
  prompt: ReturnType<typeof queueTuple>
  outputs: Record<string, unknown>
  status: { status_str: 'success' | 'error'; completed: boolean; messages: HistoryMessage[] }
  meta: Record<string, unknown>
}

const maxEntries = 10_000

/** Finished prompts in the order they finished; a repeated id takes the place of its first run. */
export class History {
  private readonly entries = new Map<string, { item: QueueItem; entry: HistoryEntry }>()

  add(item: QueueItem, result: Omit<HistoryEntry, 'prompt'>): void {
    if (this.entries.size >= maxEntries) {
      const oldest = this.entries.keys().next().value
      if (oldest !== undefined) this.entries.delete(oldest)
    }
    this.entries.set(item.id, { item, entry: { prompt: queueTuple(item), ...result } })
  }

  find(id: string): { item: QueueItem; entry: HistoryEntry } | undefined {
    return this.entries.get(id)
  }

  all(): { item: QueueItem; entry: HistoryEntry }[] {
    return [...this.entries.values()]
  }

  /** Without an offset the newest `maxItems`; with one, counted from the oldest. */
  page(maxItems: number | undefined, offset: number): Record<string, HistoryEntry> {
    const all = [...this.entries]
    const start =
      offset < 0 && maxItems !== undefined ? Math.max(0, all.length - maxItems) : Math.max(0, offset)
    const stop = maxItems === undefined ? all.length : start + maxItems
    return Object.fromEntries(all.slice(start, stop).map(([id, { entry }]) => [id, entry]))
  }

  delete(id: string): void {
    this.entries.delete(id)
  }

  clear(): void {
    this.entries.clear()
  }
}
