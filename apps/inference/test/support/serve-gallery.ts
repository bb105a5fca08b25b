import { ContractServer } from '@easel/bus'
import { gallery } from '@easel/contracts'
import { defineService, notFound, requireActor } from '@easel/protocol'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Bus } from '@easel/bus'
import type { ResolveAssets } from '@easel/contracts'
import type { CallContext } from '@easel/protocol'

@Module({})
class GalleryModule {}

export type KnownAsset = { id: string; spaceId: string; blob?: string }

/** The one method of the gallery that inference asks for, over the bus. */
export async function serveGallery(bus: Bus, assets: readonly KnownAsset[]): Promise<AsyncDisposable> {
  const { resolveAssets } = gallery.rpcs
  const server = new ContractServer(bus)
  server.serve(defineService(gallery.name, gallery.version, { resolveAssets }), {
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
