import { once } from 'node:events'
import { connect } from 'node:net'

/** FLUSHALL, spoken by hand: one word is no reason for a client library. */
export async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer')))
  try {
    await once(socket, 'connect')
    socket.write(`AUTH ${decodeURIComponent(password)}\r\nFLUSHALL\r\n`)
    let said = ''
    for await (const chunk of socket) {
      said += String(chunk)
      if (said.includes('-')) throw new Error(`Redis says ${said}`)
      if (said.split('+OK').length > 2) return
    }
  } finally {
    socket.destroy()
  }
}
