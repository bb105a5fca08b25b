import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'

export type Hours = { days: number[]; from: string; to: string; maxBytesPerSecond?: number | null }

export type SettingsRow = {
  maxConcurrent: number
  maxBytesPerSecond: number | null
  maxConnectionsPerHost: number
  schedule: Hours[]
  timeZone: string | null
  diskBudgetBytes: number | null
}

const id = 1
const mostPerHost = 64
const normal: SettingsRow = {
  maxConcurrent: 3,
  maxBytesPerSecond: null,
  maxConnectionsPerHost: mostPerHost,
  schedule: [],
  timeZone: null,
  diskBudgetBytes: null,
}

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
    const { schedule, ...others } = changes
    const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
    const data = { ...given, ...(schedule && { schedule: schedule as unknown as Prisma.InputJsonValue }) }
    return plain(await this.prisma.settings.upsert({ where: { id }, create: { id, ...data }, update: data }))
  }
}

type Stored = {
  maxConcurrent: number
  maxBytesPerSecond: bigint | null
  maxConnectionsPerHost: number | null
  schedule: unknown
  timeZone: string | null
  diskBudgetBytes: bigint | null
}

function plain(row: Stored): SettingsRow {
  const { maxConcurrent, maxBytesPerSecond, maxConnectionsPerHost, schedule, timeZone, diskBudgetBytes } = row
  return {
    maxConcurrent,
    maxBytesPerSecond: maxBytesPerSecond === null ? null : Number(maxBytesPerSecond),
    maxConnectionsPerHost: maxConnectionsPerHost ?? mostPerHost,
    schedule: (schedule as Hours[] | null) ?? [],
    timeZone,
    diskBudgetBytes: diskBudgetBytes === null ? null : Number(diskBudgetBytes),
  }
}
