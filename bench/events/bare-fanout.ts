import { createServer } from 'node:http'
import { connectBus, subscribeLive } from '@easel/bus'
import * as ws from 'ws'
import type { Socket } from 'node:net'

// The least that a fan-out of events from NATS to WebSockets costs: no rights, no limits, no feed.
const [, , nats = '', spaceId = ''] = process.argv
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): readonly Buffer[] } }
const sockets = new Set<Socket>()
const webSockets = new ws.WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false })
const server = createServer()
server.on('upgrade', (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    sockets.add(socket as Socket)
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => sockets.delete(socket as Socket))
  })
})
const bus = await connectBus({ url: nats, name: 'bare fan-out', log: console })
subscribeLive(bus, { spaceId, channel: 'job-progress' }, ({ data }) => {
  const text = JSON.stringify({ type: 'job.progress', time: new Date().toISOString(), spaceId, data })
  const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: false }
  const frame = Buffer.concat(Sender.frame(Buffer.from(text), options))
  for (const socket of sockets) socket.write(frame)
})
await bus.connection.flush()
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as { port: number }).port }))
})
