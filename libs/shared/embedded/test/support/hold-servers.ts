import { startServers } from '../../src/index.ts'

/** A process of its own that holds servers until it is killed: `node hold-servers.ts <home>`. */
const servers = await startServers({ home: process.argv[2] ?? '' })
process.stdout.write(`${JSON.stringify(servers.urls)}\n`)
setInterval(() => {}, 60_000)
