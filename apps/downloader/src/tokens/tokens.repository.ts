import type { PrismaClient } from '../generated/prisma/client.ts'

export type TokenRow = { source: string; sealed: string; hint: string; updatedAt: Date }

export class TokensRepository {
  private readonly prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.prisma = prisma
  }

  async list(): Promise<TokenRow[]> {
    return await this.prisma.sourceToken.findMany()
  }

  async find(source: string): Promise<TokenRow | undefined> {
    return (await this.prisma.sourceToken.findUnique({ where: { source } })) ?? undefined
  }

  async put(token: Omit<TokenRow, 'updatedAt'> & { updatedBy: string }): Promise<TokenRow> {
    const data = { ...token, updatedAt: new Date() }
    return await this.prisma.sourceToken.upsert({
      where: { source: token.source },
      create: data,
      update: data,
    })
  }

  async remove(source: string): Promise<void> {
    await this.prisma.sourceToken.deleteMany({ where: { source } })
  }
}
