import { request } from 'node:http'
import type { Api } from './api.ts'

/** Sends a body that never makes sense to `POST /api/jobs`, until the server answers or hangs up. */
export function sendSlowly(api: Api, length: number, { chunked = false } = {}) {
  return new Promise<{ status: number; sent: number }>((resolve, reject) => {
    const outgoing = request(`${api.url}/api/jobs`, {
      method: 'POST',
      headers: {
        ...api.credentials,
        'content-type': 'application/json',
        ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }),
      },
    })
    let sent = 0
    let status = 0
    outgoing.on('response', (answer) => {
      status = answer.statusCode ?? 0
      answer.resume()
      outgoing.destroy()
    })
    outgoing.on('error', (cause) => status === 0 && reject(cause))
    outgoing.on('close', () => resolve({ status, sent }))
    const chunk = Buffer.alloc(256 * 1024, '1')
    const pump = () => {
      if (status !== 0 || outgoing.destroyed) return
      if (sent >= length) return void outgoing.end()
      sent += chunk.length
      if (outgoing.write(chunk)) setImmediate(pump)
      else outgoing.once('drain', pump)
    }
    pump()
  })
}
