import { parseArgs } from 'node:util'
import type { FailureKind } from '@easel/comfy-sim'

export const help = `pnpm cluster: a whole Easel with simulated GPUs, and users who load it.

Starts Postgres, NATS and Redis, every service and the workers as processes of their own, and simulators of
ComfyUI in place of GPUs; makes users and lets them submit; prints what they got. No model runs: loading and
sampling are timers. With --url it only loads an Easel that runs already.

Times are virtual: minutes, seconds and jobs per hour of the GPUs that are simulated. --time-scale says how many
real seconds a virtual one takes.

the GPUs
  --workers <n>          GPUs, each with a ComfyUI of its own (8)
  --vram <GiB,...>       their memory; a list goes round the workers (24)
  --speed <factor,...>   how fast they sample; a list goes round (1)
  --replicas <n>         of each service (1)
  --faults <kind=chance,...>
                         how likely a prompt meets a failure: oom, error, crash, hang, drop-socket, silent-socket
the models
  --models <n>           how many, the most popular first (8)
  --load <seconds,...>   to load one; a list goes round the models (4,10,14,35)
  --run <seconds,...>    to run a job of it; above 60 it is a video (6,15,25,120)
  --size <GiB,...>       of video memory (4,7,12,20)
  --steps <n>            sampler steps of a picture; a video has three times as many (6)
  --copies <share>       of the workers that have the file of a model, 0 to 1 (1)
  --zipf <exponent>      how much more popular the first are; 0 makes all equal (1)
the users
  --users <n>            (6)
  --flooders <n>         how many of them submit as much as they can (0)
  --flood <n>            jobs a flooder keeps under way (50)
  --rate <n>             jobs a minute of each other user, as a Poisson process (1)
  --closed <n>           in place of --rate: jobs that each keeps under way
  --mix <i,n,b>          shares of the classes interactive, normal and bulk (2,7,1)
  --minutes <n>          how long they submit (10)
  --drain <n>            minutes to wait for what is left, then it is canceled (30)
the run
  --time-scale <factor>  real seconds for a virtual one (0.05; with --url always 1)
  --seed <n>             the same seed gives the same users, jobs, models and failures (1)
  --farm-processes <n>   to spread the simulators over (1)
  --worker-processes <n> to spread the workers over (one for ten)
  --json <file>          writes all figures there
  --quiet                no status line
  --help
an Easel that runs already
  --url <url>            its address
  --api-key <key>        whose; of an administrator when there are --users to make. Left out: EASEL_API_KEY
  --users <n>            accounts to make, removed at the end; 0 submits as the owner of the key (0 with --url)
  --workflow <file>      a graph in API format, more than once; its seeds are drawn anew. Left out: a coloured square
`

const options = {
  workers: { type: 'string' },
  vram: { type: 'string' },
  speed: { type: 'string' },
  replicas: { type: 'string' },
  faults: { type: 'string' },
  models: { type: 'string' },
  load: { type: 'string' },
  run: { type: 'string' },
  size: { type: 'string' },
  steps: { type: 'string' },
  copies: { type: 'string' },
  zipf: { type: 'string' },
  users: { type: 'string' },
  flooders: { type: 'string' },
  flood: { type: 'string' },
  rate: { type: 'string' },
  closed: { type: 'string' },
  mix: { type: 'string' },
  minutes: { type: 'string' },
  drain: { type: 'string' },
  'time-scale': { type: 'string' },
  seed: { type: 'string' },
  'farm-processes': { type: 'string' },
  'worker-processes': { type: 'string' },
  json: { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  url: { type: 'string' },
  'api-key': { type: 'string' },
  workflow: { type: 'string', multiple: true },
} as const

type Name = Exclude<keyof typeof options, 'quiet' | 'help' | 'workflow'>

export type Flags = ReturnType<typeof readFlags>

const failureKinds: readonly FailureKind[] = ['oom', 'error', 'crash', 'hang', 'drop-socket', 'silent-socket']
/** What would not make sense beside `--url`. */
const boxOnly = [
  'workers',
  'vram',
  'speed',
  'replicas',
  'faults',
  'models',
  'load',
  'run',
  'size',
  'steps',
  'copies',
  'time-scale',
  'farm-processes',
  'worker-processes',
] as const satisfies readonly Name[]
const urlOnly = ['api-key', 'workflow'] as const

/** Wrong flags: every one of them, a line each. */
export class FlagError extends Error {
  override name = 'FlagError'
}

type Range = { normal: number; min?: number; max?: number; whole?: boolean }

/** Reads the command line; throws a `FlagError` that names all that is wrong. */
export function readFlags(parameters: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const values = valuesOf(parameters)
  const faults: string[] = []
  const number = (name: Name, range: Range): number => {
    const text = values[name]
    if (text === undefined) return range.normal
    return (
      numberIn(text, range) ?? (faults.push(`--${name} wants ${wanted(range)}, not '${text}'`), range.normal)
    )
  }
  const numbers = (
    name: Name,
    normal: readonly number[],
    range: Omit<Range, 'normal'> = {},
  ): readonly number[] => {
    const text = values[name]
    if (text === undefined) return normal
    const read = text.split(',').map((part) => numberIn(part, { normal: 0, ...range }))
    if (read.every((value) => value !== undefined)) return read
    faults.push(`--${name} wants numbers with commas between them, not '${text}'`)
    return normal
  }
  const count = (name: Name, normal: number, [min, max]: readonly [number, number]) =>
    number(name, { normal, min, max, whole: true })

  const { url } = values
  for (const name of url === undefined ? urlOnly : boxOnly) {
    if (values[name] !== undefined)
      faults.push(`--${name} is ${url === undefined ? 'only for' : 'not for'} --url`)
  }
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    faults.push(`--url wants an address such as http://127.0.0.1:8080, not '${url}'`)
  const apiKey = values['api-key'] ?? env.EASEL_API_KEY
  if (url !== undefined && !apiKey) faults.push('--url needs --api-key, or EASEL_API_KEY')
  if (values.rate !== undefined && values.closed !== undefined)
    faults.push('--rate and --closed exclude each other')
  const mix = numbers('mix', [2, 7, 1], { min: 0 })
  if (mix.length !== 3 || mix.every((share) => share === 0)) faults.push('--mix wants three shares')

  const flags = {
    workers: count('workers', 8, [1, 500]),
    vramGib: numbers('vram', [24], { min: 0.5 }),
    speeds: numbers('speed', [1], { min: 0.01, max: 100 }),
    replicas: count('replicas', 1, [1, 4]),
    faults: failuresOf(values.faults, faults),
    models: count('models', 8, [1, 1_000]),
    loadSeconds: numbers('load', [4, 10, 14, 35], { min: 0 }),
    runSeconds: numbers('run', [6, 15, 25, 120], { min: 0 }),
    gib: numbers('size', [4, 7, 12, 20], { min: 0.01 }),
    steps: count('steps', 6, [1, 1_000]),
    copies: number('copies', { normal: 1, min: 0, max: 1 }),
    zipf: number('zipf', { normal: 1, min: 0, max: 10 }),
    users: count('users', url === undefined ? 6 : 0, [url === undefined ? 1 : 0, 1_000]),
    flooders: count('flooders', 0, [0, 1_000]),
    flood: count('flood', 50, [1, 10_000]),
    arrivals:
      values.closed === undefined
        ? { perMinute: number('rate', { normal: 1, min: 0, max: 100_000 }) }
        : { closed: count('closed', 1, [1, 10_000]) },
    mix: [mix[0] ?? 0, mix[1] ?? 1, mix[2] ?? 0] as const,
    minutes: number('minutes', { normal: 10, min: 0.01, max: 100_000 }),
    drainMinutes: number('drain', { normal: 30, min: 0, max: 100_000 }),
    timeScale: number('time-scale', { normal: url === undefined ? 0.05 : 1, min: 0.0001, max: 100 }),
    seed: number('seed', { normal: 1, min: 0, max: 2 ** 31, whole: true }),
    farmProcesses: count('farm-processes', 1, [1, 64]),
    workerProcesses:
      values['worker-processes'] === undefined ? undefined : count('worker-processes', 1, [1, 500]),
    json: values.json,
    quiet: values.quiet ?? false,
    help: values.help ?? false,
    target: url !== undefined && apiKey ? { url: url.replace(/\/+$/, ''), apiKey } : undefined,
    workflows: values.workflow ?? [],
  }
  if (flags.flooders > Math.max(1, flags.users))
    faults.push('--flooders are some of the --users: there are fewer users')
  if (faults.length > 0 && !flags.help) throw new FlagError(faults.join('\n'))
  return flags
}

function valuesOf(parameters: readonly string[]) {
  try {
    return parseArgs({ options, args: [...parameters].filter((each) => each !== '--') }).values
  } catch (cause) {
    // Node says which flag it is; its advice on positional arguments is for others.
    throw new FlagError(cause instanceof Error ? cause.message.split('. To specify')[0] : String(cause), {
      cause,
    })
  }
}

function numberIn(
  text: string,
  { min = -Infinity, max = Infinity, whole = false }: Range,
): number | undefined {
  const value = Number(text)
  const good = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))
  return good ? value : undefined
}

function wanted({ min = -Infinity, max = Infinity, whole }: Range): string {
  const kind = whole ? 'a whole number' : 'a number'
  return max === Infinity ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`
}

function failuresOf(text: string | undefined, faults: string[]): Partial<Record<FailureKind, number>> {
  const result: Partial<Record<FailureKind, number>> = {}
  for (const part of text?.split(',') ?? []) {
    const [name = '', chance = ''] = part.split('=')
    const kind = failureKinds.find((each) => each === name.trim())
    const value = numberIn(chance, { normal: 0, min: 0, max: 1 })
    if (kind && value !== undefined) result[kind] = value
    else
      faults.push(
        `--faults wants kind=chance with one of ${failureKinds.join(', ')} and 0 to 1, not '${part}'`,
      )
  }
  return result
}
