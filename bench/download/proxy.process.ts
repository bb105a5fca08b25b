import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

// A TCP proxy that adds a delay to each way and lets a connection have no more on its way than Linux does with its
// defaults (a receive window of 3 MiB for a round trip): port to pass on to, milliseconds for one way.
const [port, delayMs] = process.argv.slice(2).map(Number) as [number, number]
const mostAhead = 1.5 * 1024 * 1024

function pass(from: Socket, to: Socket): void {
  let ahead = 0
  from.on('data', (chunk) => {
    ahead += chunk.length
    if (ahead > mostAhead) from.pause()
    setTimeout(() => {
      to.write(chunk, () => {
        ahead -= chunk.length
        if (ahead <= mostAhead) from.resume()
      })
    }, delayMs)
  })
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
  from.on('close', () => setTimeout(() => to.destroy(), delayMs * 2))
}

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
  pass(client, upstream)
  pass(upstream, client)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
