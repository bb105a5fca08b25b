import { Queue, Worker } from 'bullmq'
import { Logger, run, runMigrations } from 'graphile-worker'
import { openDatabase } from '@easel/database'
import { connect } from 'node:net'
import type { Job } from 'bullmq'

/** A job queue that is given work and has nothing done with it. */
export type Peer = AsyncDisposable & {
  readonly name: string
  /** Durable, as its settings have it, when it resolves. */
  add(payload: object): Promise<void>
  /** Work that nobody will take, beside what is measured. */
  addBacklog(payload: object): Promise<void>
  /** Takes work, so many at once; tells when each began. */
  start(concurrency: number, onJob: (index: number) => void): Promise<AsyncDisposable>
}

export type Fsync = 'everysec' | 'always'

export async function bullmq(url: string, fsync: Fsync): Promise<Peer> {
  const { hostname: host, port, password } = new URL(url)
  const connection = { host, port: Number(port), password: decodeURIComponent(password) }
  const name = `bench-${fsync}`
  const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } })
  const backlog = new Queue(`${name}-backlog`, { connection })
  await setFsync(new URL(url), fsync)
  const stack = new AsyncDisposableStack()
  stack.defer(() => queue.close())
  stack.defer(() => backlog.close())
  return {
    name: `BullMQ, AOF ${fsync}`,
    add: async (payload) => void (await queue.add('run', payload)),
    addBacklog: async (payload) => void (await backlog.add('run', payload)),
    async start(concurrency, onJob) {
      const worker = new Worker(name, async (job: Job<{ index: number }>) => onJob(job.data.index), {
        connection,
        concurrency,
      })
      await worker.waitUntilReady()
      return { [Symbol.asyncDispose]: () => worker.close() }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** By hand: the queue does not give out its connection. */
async function setFsync({ hostname, port, password }: URL, fsync: Fsync): Promise<void> {
  const socket = connect(Number(port), hostname)
  socket.end(`AUTH ${decodeURIComponent(password)}\r\nCONFIG SET appendfsync ${fsync}\r\nQUIT\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  if (!answer.startsWith('+OK\r\n+OK')) throw new Error(`Redis: ${answer}`)
}

export async function graphile(url: string): Promise<Peer> {
  const database = openDatabase({ url, schema: 'public', poolSize: 16 })
  const options = { pgPool: database.pool, schema: 'graphile_worker' }
  await runMigrations(options)
  const add = (task: string, payload: object) =>
    database.query('select graphile_worker.add_job($1, $2::json)', [task, JSON.stringify(payload)], {
      name: 'add',
    })
  return {
    name: 'graphile-worker',
    add: async (payload) => void (await add('run', payload)),
    addBacklog: async (payload) => void (await add('nobody', payload)),
    async start(concurrency, onJob) {
      const runner = await run({
        ...options,
        concurrency,
        noHandleSignals: true,
        logger: new Logger(() => () => {}),
        taskList: { run: async (payload) => onJob((payload as { index: number }).index) },
      })
      return { [Symbol.asyncDispose]: () => runner.stop() }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
