import { WebSocket } from 'ws'
import type { ComfySim } from '../../src/index.ts'
import type { SocketMessage } from './transcript.ts'

const patienceMs = 8000

/** A small client for tests: one socket, and the messages it has heard. */
export class TestClient implements AsyncDisposable {
  readonly messages: SocketMessage[] = []
  closed = false
  private readonly socket: WebSocket
  private readonly sim: ComfySim

  private constructor(sim: ComfySim, socket: WebSocket) {
    this.sim = sim
    this.socket = socket
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) this.messages.push(JSON.parse(data.toString()) as SocketMessage)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => (this.closed = true))
  }

  static async connect(sim: ComfySim): Promise<TestClient> {
    const socket = new WebSocket(`${sim.url.replace('http', 'ws')}/ws?clientId=test`)
    const client = new TestClient(sim, socket)
    await new Promise((done, fail) => {
      socket.once('open', done)
      socket.once('error', fail)
    })
    return client
  }

  async submit(prompt: unknown, extra: object = {}): Promise<string> {
    const answer = await this.post('/prompt', { client_id: 'test', prompt, ...extra })
    const body = (await answer.json()) as { prompt_id?: string }
    if (body.prompt_id === undefined) throw new Error(JSON.stringify(body))
    return body.prompt_id
  }

  post(path: string, body: unknown): Promise<Response> {
    return fetch(this.sim.url + path, { method: 'POST', body: JSON.stringify(body) })
  }

  async get<T>(path: string): Promise<T> {
    return (await fetch(this.sim.url + path)).json() as Promise<T>
  }

  async heard(type: string, count = 1): Promise<SocketMessage> {
    await eventually(() => this.messages.filter((message) => message.type === type).length >= count)
    return this.messages.filter((message) => message.type === type)[count - 1]!
  }

  /** Waits for the message that ends a run. */
  async ended(id: string): Promise<void> {
    await eventually(() => this.messages.some(({ data }) => data.node === null && data.prompt_id === id))
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return Promise.resolve()
    return new Promise((done) => {
      this.socket.once('close', () => done())
      this.socket.terminate()
    })
  }
}

export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((done) => setTimeout(done, 5))
  }
}
