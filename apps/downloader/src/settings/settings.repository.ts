import type { PrismaClient } from '../generated/prisma/client.ts'

export type SettingsRow = { maxConcurrent: number; maxBytesPerSecond: number | null }

const id = 1
const normal: SettingsRow = { maxConcurrent: 3, maxBytesPerSecond: null }

export class SettingsRepository {
  private readonly prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.prisma = prisma
  }

  async get(): Promise<SettingsRow> {
    const row = await this.prisma.settings.findUnique({ where: { id } })
    return row ? plain(row) : normal
  }

  async update(changes: { [K in keyof SettingsRow]?: SettingsRow[K] | undefined }): Promise<SettingsRow> {
    const { maxConcurrent, maxBytesPerSecond } = changes
    const data = {
      ...(maxConcurrent !== undefined && { maxConcurrent }),
      ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    }
    return plain(await this.prisma.settings.upsert({ where: { id }, create: { id, ...data }, update: data }))
  }
}

function plain(row: { maxConcurrent: number; maxBytesPerSecond: bigint | null }): SettingsRow {
  return {
    maxConcurrent: row.maxConcurrent,
    maxBytesPerSecond: row.maxBytesPerSecond === null ? null : Number(row.maxBytesPerSecond),
  }
}
