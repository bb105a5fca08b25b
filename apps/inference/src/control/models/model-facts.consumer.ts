import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { downloadChanged, filePlaced, libraryFileChanged } from '@easel/contracts'
import type { ModelWaitsRepository } from './model-waits.repository.ts'

const consumer = 'inference-control'

/** What happens to downloads and files makes the waits for them be looked at at once; without it they are, soon. */
export async function consumeModelFacts(
  bus: Bus,
  rows: ModelWaitsRepository,
  wake: () => void,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const hasten = async (which: Parameters<ModelWaitsRepository['hasten']>[0]) => {
    if (await rows.hasten(which)) wake()
  }
  stack.use(
    await consumeFact(bus, {
      consumer,
      fact: downloadChanged,
      handle: ({ payload }) => hasten({ downloadId: payload.download.id }),
    }),
  )
  stack.use(
    await consumeFact(bus, {
      consumer,
      fact: filePlaced,
      handle: ({ payload }) => hasten({ place: payload.path }),
    }),
  )
  stack.use(
    await consumeFact(bus, {
      consumer,
      fact: libraryFileChanged,
      handle: async ({ payload: { event, file } }) => {
        if (event === 'library.file-removed' && (await rows.lookAgain(file.path))) wake()
      },
    }),
  )
  return stack.move()
}
