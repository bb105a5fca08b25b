import { parseArgs } from 'node:util'
import { parseFault } from './http/faults.ts'
import { startStandIns } from './stand-ins.ts'

const help = `stand-ins: CivitAI and Hugging Face on this machine, with models that nobody made.

  --port <number>          of CivitAI (default 8380); Hugging Face takes the next one, downloads the one after
  --seed <number>          another seed makes another world (1)
  --file-bytes <number>    about how large a model file is (8192)
  --signed-for-ms <ms>     how long a download address lives (3600000)
  --fault <json or name>   something that goes wrong, as '{"kind":"status","status":503,"path":"/api/v1/models"}';
                           may be repeated
  --help

A request with the header x-stand-in-fault (its value as for --fault) meets that fault.
`

const options = {
  port: { type: 'string', default: '8380' },
  seed: { type: 'string', default: '1' },
  'file-bytes': { type: 'string', default: '8192' },
  'signed-for-ms': { type: 'string', default: '3600000' },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h' },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return void process.stdout.write(help)
  const port = whole(values.port, 'port')
  const standIns = await startStandIns({
    civitaiPort: port,
    huggingfacePort: port && port + 1,
    deliveryPort: port && port + 2,
    seed: whole(values.seed, 'seed'),
    fileBytes: whole(values['file-bytes'], 'file-bytes'),
    signedForMs: whole(values['signed-for-ms'], 'signed-for-ms'),
  })
  for (const fault of values.fault) standIns.fault(parseFault(fault))
  const { civitai, huggingface, delivery } = standIns
  const keys = [...huggingface.world.grants.keys()].join(', ')
  process.stdout.write(
    `EASEL_CIVITAI_URL=${civitai.url}\nEASEL_HF_URL=${huggingface.url}\n` +
      `downloads at ${delivery.url}\nkeys: civitai_standinkey, ${keys}\n`,
  )
  const stop = () => void standIns[Symbol.asyncDispose]()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function whole(text: string, name: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0)
    throw new Error(`--${name} wants a whole number, not '${text}'`)
  return number
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
