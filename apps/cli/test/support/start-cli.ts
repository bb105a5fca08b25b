import { cliHome } from './run-easel.ts'
import { key, standInGateway } from './stand-in-gateway.ts'

/** The command in a folder of its own, signed in at a gateway that stands in. */
export async function startCli() {
  const [home, server] = await Promise.all([cliHome(), standInGateway()])
  const env = { EASEL_URL: server.url, EASEL_API_KEY: key }
  return {
    server,
    path: home.path,
    easel: (...words: string[]) => home.easel(words, { env }),
    /** With something on stdin. */
    tell: (input: string, ...words: string[]) => home.easel(words, { env, input }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}
