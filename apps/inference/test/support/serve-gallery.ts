import { ContractServer } from '@easel/bus'
import { gallery } from '@easel/contracts'
import { defineService, notFound, requireActor } from '@easel/protocol'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Bus } from '@easel/bus'
import type { ById, ResolveAssets, SessionView } from '@easel/contracts'
import type { CallContext } from '@easel/protocol'

@Module({})
class GalleryModule {}

export type KnownAsset = { id: string; spaceId: string; blob?: string }

/** The methods of the gallery that inference asks for, over the bus. */
export async function serveGallery(
  bus: Bus,
  assets: readonly KnownAsset[],
  sessions: readonly { id: string; spaceId: string }[] = [],
): Promise<AsyncDisposable> {
  const { resolveAssets, getSession } = gallery.rpcs
  const server = new ContractServer(bus)
  server.serve(defineService(gallery.name, gallery.version, { resolveAssets, getSession }), {
    async getSession({ id }: ById, context: CallContext) {
      const { spaces } = requireActor(context)
      const session = sessions.find((each) => each.id === id && each.spaceId in spaces)
      if (!session) throw notFound('session', 'SESSION_NOT_FOUND')
      return aSession(session)
    },
    async resolveAssets({ ids }: ResolveAssets, context: CallContext) {
      const actor = requireActor(context)
      const items = ids.map((id) => {
        const asset = assets.find((each) => each.id === id && each.spaceId in actor.spaces)
        if (!asset) throw notFound('asset', 'ASSET_NOT_FOUND')
        const blob = `blake3:${'a'.repeat(64)}`
        return { blob, ...asset, mime: 'image/png', bytes: 10, filename: 'cat.png', kind: 'image' as const }
      })
      return { items }
    },
  })
  const app = await NestFactory.createMicroservice(GalleryModule, { strategy: server, logger: false })
  await app.listen()
  return { [Symbol.asyncDispose]: () => app.close() }
}

function aSession({ id, spaceId }: { id: string; spaceId: string }): SessionView {
  const time = new Date(0).toISOString()
  return {
    id,
    spaceId,
    kind: 'image',
    title: 'A session',
    revision: 1,
    assetCount: 0,
    createdBy: spaceId,
    createdAt: time,
    updatedAt: time,
  }
}
