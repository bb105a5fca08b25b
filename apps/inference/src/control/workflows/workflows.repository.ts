import { PrismaClient } from '../../generated/prisma/client.ts'
import type { Database } from '@easel/database'
import type { Prisma, Workflow, WorkflowVersion } from '../../generated/prisma/client.ts'

export type WorkflowFilter = {
  /** Undefined: every space. */
  spaceIds?: readonly string[]
  /** Part of the name, in any case. */
  words?: string
  beforeSeq?: string
}

export type NewVersion = { workflowId: string; graph: string; createdBy: string }

export class WorkflowsRepository {
  private readonly prisma: PrismaClient

  /** Over the database's own pool. */
  constructor(database: Database) {
    this.prisma = new PrismaClient({ adapter: database.adapter })
  }

  create(workflow: Prisma.WorkflowUncheckedCreateInput, graph: string): Promise<Workflow> {
    const { createdBy } = workflow
    return this.prisma.workflow.create({
      data: { ...workflow, versions: { create: { version: workflow.version, graph, createdBy } } },
    })
  }

  find(id: string): Promise<Workflow | null> {
    return this.prisma.workflow.findUnique({ where: { id } })
  }

  findVersion(workflowId: string, version: number): Promise<WorkflowVersion | null> {
    return this.prisma.workflowVersion.findUnique({ where: { workflowId_version: { workflowId, version } } })
  }

  listVersions(workflowId: string): Promise<Omit<WorkflowVersion, 'graph'>[]> {
    return this.prisma.workflowVersion.findMany({
      where: { workflowId },
      omit: { graph: true },
      orderBy: { version: 'desc' },
      take: 1_000,
    })
  }

  /** Newest first. */
  list({ spaceIds, words, beforeSeq }: WorkflowFilter, limit: number): Promise<Workflow[]> {
    return this.prisma.workflow.findMany({
      where: {
        ...(spaceIds && { spaceId: { in: [...spaceIds] } }),
        ...(words && { name: { contains: words, mode: 'insensitive' } }),
        ...(beforeSeq !== undefined && { seq: { lt: BigInt(beforeSeq) } }),
      },
      orderBy: { seq: 'desc' },
      take: limit,
    })
  }

  rename(id: string, data: { name?: string; description?: string }): Promise<Workflow> {
    return this.prisma.workflow.update({ where: { id }, data: { ...data, updatedAt: new Date() } })
  }

  /** The counter in the workflow's row gives the number: two who add at once get two versions. */
  addVersion(
    { workflowId, graph, createdBy }: NewVersion,
    data: { name?: string; description?: string },
  ): Promise<Workflow> {
    return this.prisma.$transaction(async (tx) => {
      const workflow = await tx.workflow.update({
        where: { id: workflowId },
        data: { ...data, version: { increment: 1 }, updatedAt: new Date() },
      })
      await tx.workflowVersion.create({
        data: { workflowId, version: workflow.version, graph, createdBy },
      })
      return workflow
    })
  }

  async remove(id: string): Promise<void> {
    await this.prisma.workflow.deleteMany({ where: { id } })
  }
}
