import { safetensorsBytes, startStandIns } from '@easel/stand-ins'
import { Api } from './api.ts'
import { logIn, openWindow, startBrowser } from './browser.ts'
import { must } from './people.ts'
import { bootstrapKey, startStandalone } from './standalone.ts'
import type { CivitaiModel, CivitaiWorld, StandIns } from '@easel/stand-ins'
import type { Window } from './browser.ts'

type Login = { email: string; password: string }

export type StudioOfModels = AsyncDisposable & {
  readonly standIns: StandIns
  readonly world: CivitaiWorld
  readonly api: Api
  /** A window of somebody who is logged in: the admin, unless another is named. */
  open(person?: Login): Promise<Window>
  /** Holds all downloads together to a trickle until it is disposed of. */
  trickle(bytesPerSecond: number): Promise<AsyncDisposable>
  /** Large enough to be seen coming. */
  addLargeLora(name: string): CivitaiModel
}

const admin: Login = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

/** One point, in place of pictures that lie at their sources. */
const picture = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64')

/** The standalone, a browser, and stand-ins for CivitAI and Hugging Face; no token of either is set. */
export async function startStudioOfModels(): Promise<StudioOfModels> {
  await using building = new AsyncDisposableStack()
  const standIns = building.use(await startStandIns())
  const { url } = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
    }),
  )
  const browser = building.use(await startBrowser())
  const api = new Api(url, bootstrapKey)
  const limit = (maxBytesPerSecond: number | null) =>
    must(api.send('PATCH', '/api/downloads/settings', { maxBytesPerSecond }), 200)
  const stack = building.move()
  return {
    standIns,
    world: standIns.civitai.world,
    api,
    open: async (person = admin) => {
      const window = await openWindow(browser, url)
      window.page.setDefaultTimeout(40_000)
      await window.page.route(/^https:/, (route) =>
        route.fulfill({ contentType: 'image/gif', body: picture }),
      )
      await logIn(window.page, person)
      return window
    },
    trickle: async (bytesPerSecond) => {
      await limit(bytesPerSecond)
      return { [Symbol.asyncDispose]: () => limit(null).then(() => undefined) }
    },
    addLargeLora: (name) =>
      standIns.civitai.world.add({
        name,
        type: 'LORA',
        baseModel: 'SDXL 1.0',
        files: [
          {
            format: 'SafeTensor',
            primary: true,
            bytes: safetensorsBytes({ seed: name.length, bytes: 1_000_000 }),
          },
        ],
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
