import type { ModelCard } from '@easel/contracts'
import type { Database } from '@easel/database'
import { toModelCard } from './card-view.ts'
import { CardsRepository } from './cards.repository.ts'

export type Viewer = { readonly userId: string; readonly nsfwRank: number }

/** Models as one user sees them in a list. */
export class CardsService {
  private readonly cards: CardsRepository

  constructor(database: Database) {
    this.cards = new CardsRepository(database)
  }

  /** By key; in their order. */
  async show(keys: readonly string[], { userId, nsfwRank }: Viewer): Promise<Map<string, ModelCard>> {
    const [rows, installed] = await Promise.all([
      this.cards.list(keys, userId),
      this.cards.listInstalled(keys),
    ])
    const byModel = Map.groupBy(installed, ({ modelKey }) => modelKey)
    return new Map(
      rows.map((row) => [row.key, toModelCard(row, { installed: byModel.get(row.key) ?? [], nsfwRank })]),
    )
  }
}
