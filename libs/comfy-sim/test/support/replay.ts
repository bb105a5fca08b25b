import { expect } from 'vitest'
import { WebSocket } from 'ws'
import type { ComfySim } from '../../src/index.ts'
import { normal, shape } from './shapes.ts'
import type { FormField, Line, SocketMessage } from './transcript.ts'

const patienceMs = 8000
/** What depends on the moment of the question, or on the machine: only the kind of answer counts. */
const shapeOnly = /^(\/api)?\/(queue|prompt$|system_stats|history\?|jobs$|jobs\?|internal\/files)/

/** One thing a socket said, as a line of text that is the same for recording and replay. */
type Said = string

type Ids = Map<string, string>

function wordFor(message: SocketMessage): Said | undefined {
  const { type, data } = message
  if (type === 'status' || type === 'progress') return undefined
  if (type === 'progress_state') {
    const nodes = data.nodes as Record<string, { state: string }>
    const states = Object.entries(nodes).map(([id, { state }]) => `${id}:${state}`)
    return `progress_state ${states.join(' ')}`
  }
  return `${type} ${JSON.stringify(normal(data))}`
}

const wordForFrame = (eventType: number, format: number | string | undefined): Said =>
  `frame ${eventType} ${format ?? ''}`

/** Collapses repetitions: how often progress is told depends on time. Frames are counted apart. */
class Heard {
  readonly words: Said[] = []
  private readonly states = new Map<unknown, Said>()
  readonly frames = new Set<Said>()
  readonly progressed = new Set<string>()
  statuses = 0

  message(message: SocketMessage): void {
    if (message.type === 'status') this.statuses++
    if (message.type === 'progress') this.progressed.add(String(message.data.node))
    const word = wordFor(message)
    if (word === undefined) return
    if (message.type === 'progress_state') {
      if (this.states.get(message.data.prompt_id) === word) return
      this.states.set(message.data.prompt_id, word)
    }
    this.words.push(word)
  }
}

class Client {
  readonly heard = new Heard()
  readonly expected = new Heard()
  private readonly socket: WebSocket

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) this.heard.message(JSON.parse(data.toString()) as SocketMessage)
      else {
        const eventType = data.readUInt32BE(0)
        const json = eventType === 4 ? data.toString('utf8', 8, 8 + data.readUInt32BE(4)) : ''
        const format =
          eventType === 4 ? (JSON.parse(json) as { image_type: string }).image_type : data.readUInt32BE(4)
        this.heard.frames.add(wordForFrame(eventType, format))
      }
    })
  }

  static async open(url: string): Promise<Client> {
    const socket = new WebSocket(url)
    const client = new Client(socket)
    await new Promise((done, fail) => {
      socket.once('open', done)
      socket.once('error', fail)
    })
    return client
  }

  send(text: string): void {
    this.socket.send(text)
  }

  async caughtUp(): Promise<void> {
    const { words, statuses, progressed } = this.expected
    const missing = () =>
      words.length > this.heard.words.length ||
      statuses > this.heard.statuses ||
      [...progressed].some((node) => !this.heard.progressed.has(node))
    await until(() => !missing()).catch(() => undefined)
    expect(this.heard.words.slice(0, words.length)).toEqual(words)
    expect(this.heard.statuses).toBeGreaterThanOrEqual(statuses)
  }

  async close(): Promise<void> {
    await this.caughtUp()
    expect(this.heard.words).toEqual(this.expected.words)
    expect(this.heard.frames).toEqual(this.expected.frames)
    expect(this.heard.progressed).toEqual(this.expected.progressed)
    const closed = new Promise((done) => this.socket.once('close', done))
    this.socket.close()
    await closed
  }

  end(): void {
    this.socket.terminate()
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((done) => setTimeout(done, 5))
  }
}

function withIds(value: string, ids: Ids): string {
  let text = value
  for (const [recorded, ours] of ids) text = text.replaceAll(recorded, ours)
  return text
}

function formOf(fields: readonly FormField[]): FormData {
  const form = new FormData()
  for (const field of fields) {
    if (field.filename === undefined) form.append(field.name, field.value ?? '')
    else {
      const bytes =
        field.base64 !== undefined
          ? Buffer.from(field.base64, 'base64')
          : field.text !== undefined
            ? Buffer.from(field.text)
            : Buffer.alloc(field.bytes ?? 0)
      form.append(field.name, new Blob([bytes], { type: field.content_type ?? '' }), field.filename)
    }
  }
  return form
}

/** Plays the client's side of a recording against the simulator and compares what comes back. */
export class Replay {
  private readonly clients = new Map<string, Client>()
  private readonly answers = new Map<number, Promise<Response>>()
  private readonly requests = new Map<number, Extract<Line, { kind: 'http_request' }>>()
  private readonly ids: Ids = new Map()
  private readonly sim: ComfySim

  constructor(sim: ComfySim) {
    this.sim = sim
  }

  /** Runs a graph before the recording starts. */
  async prime(prompt: unknown): Promise<void> {
    await fetch(`${this.sim.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt }) })
    await until(() => this.sim.stats.prompts.every(({ status }) => status !== undefined))
  }

  /** How many answers and socket messages were compared; throws at the first that differs. */
  async play(lines: readonly Line[]): Promise<number> {
    try {
      for (const line of lines) await this.step(line)
    } finally {
      for (const client of this.clients.values()) client.end()
    }
    return lines.filter(({ kind }) => kind === 'http_response' || kind === 'ws_recv').length
  }

  private async step(line: Line): Promise<void> {
    // What the recorded client had heard by now decides what it does next.
    if (line.kind === 'ws_open' || line.kind === 'http_request' || line.kind === 'ws_closed') {
      for (const client of this.clients.values()) await client.caughtUp()
    }
    if (line.kind === 'ws_open')
      this.clients.set(line.client, await Client.open(this.sim.url.replace('http', 'ws') + line.url))
    else if (line.kind === 'ws_send')
      this.clients.get(line.client)!.send(line.text ?? JSON.stringify(line.json))
    else if (line.kind === 'ws_recv') this.clients.get(line.client)!.expected.message(line.json)
    else if (line.kind === 'ws_recv_binary') {
      const format = line.metadata ? String(line.metadata.image_type) : line.image_format_code
      this.clients.get(line.client)!.expected.frames.add(wordForFrame(line.event_type, format))
    } else if (line.kind === 'ws_closed') {
      await this.clients.get(line.client)!.close()
      this.clients.delete(line.client)
    } else if (line.kind === 'http_request') {
      this.requests.set(line.id, line)
      const answer = this.request(line)
      this.answers.set(line.id, answer)
      // Give the server the request before the next line is played.
      await answer
    } else if (line.kind === 'http_response') await this.compare(line)
  }

  private request(line: Extract<Line, { kind: 'http_request' }>): Promise<Response> {
    const own = { ...line.headers }
    if (own.Origin?.includes(':18188')) own.Origin = own.Origin.replace('18188', String(this.sim.port))
    const body = line.multipart
      ? formOf(line.multipart)
      : (line.raw_body ??
        (line.json === undefined ? undefined : withIds(JSON.stringify(line.json), this.ids)))
    if (line.json !== undefined) own['Content-Type'] = 'application/json'
    return fetch(this.sim.url + withIds(line.path, this.ids), {
      method: line.method,
      headers: own,
      ...(body !== undefined && { body }),
    })
  }

  private async compare(line: Extract<Line, { kind: 'http_response' }>): Promise<void> {
    const request = this.requests.get(line.id)!
    const answer = await this.answers.get(line.id)!
    const label = `${request.method} ${request.path}`
    const text = Buffer.from(await answer.arrayBuffer())
    expect.soft(`${label} ${answer.status}`).toBe(`${label} ${line.status}`)
    const wanted = line.headers['Content-Type']
    if (wanted !== undefined)
      expect.soft(`${label} ${answer.headers.get('content-type')}`).toBe(`${label} ${wanted}`)
    if (line.text !== undefined) expect.soft(text.toString()).toBe(line.text)
    if (line.json === undefined) return
    const json: unknown = JSON.parse(text.toString())
    if (/^\/(prompt|history\/)/.test(request.path)) this.learn(line.json, json)
    if (shapeOnly.test(request.path))
      expect
        .soft({ label, body: comparable(shape(json)) })
        .toEqual({ label, body: comparable(shape(line.json)) })
    else expect.soft({ label, body: normal(json) }).toEqual({ label, body: normal(line.json) })
  }

  private learn(recorded: unknown, ours: unknown): void {
    const [from, to] = [recorded, ours].map((body) => (body as { prompt_id?: string }).prompt_id)
    if (from !== undefined && to !== undefined) this.ids.set(from, to)
    // Names of temporary files are random.
    const [names, ourNames] = [recorded, ours].map(
      (body) => JSON.stringify(body).match(/ComfyUI_temp_[a-z]{5}/g) ?? [],
    )
    for (const [index, name] of names!.entries()) if (ourNames![index]) this.ids.set(name, ourNames![index])
  }
}

/** Empty lists say nothing about what would be in them. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, comparable(item)]))
}
