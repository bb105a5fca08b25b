import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { addAssets } from './commands/assets.ts'
import { addBundles } from './commands/bundles.ts'
import { addCollections } from './commands/collections.ts'
import { Context, type GlobalOptions, type Program, type Terminal } from './commands/context.ts'
import { addDownloads } from './commands/dl.ts'
import { addHub } from './commands/hub.ts'
import { addInfo } from './commands/info.ts'
import { addJobs } from './commands/jobs.ts'
import { addKeys } from './commands/keys.ts'
import { addLibrary } from './commands/library.ts'
import { addLimits } from './commands/limits.ts'
import { addLogin } from './commands/login.ts'
import { addLoras } from './commands/loras.ts'
import { addModels } from './commands/models.ts'
import { addNeeds } from './commands/needs.ts'
import { addRun } from './commands/run.ts'
import { addSearch } from './commands/search.ts'
import { addSessions } from './commands/sessions.ts'
import { addSystem } from './commands/system.ts'
import { addUp } from './commands/up.ts'
import { addUsage } from './commands/usage.ts'
import { addWebhooks } from './commands/webhooks.ts'
import { addWorkflows } from './commands/workflows.ts'
import { exitCodes, usageError, type ExitCode } from './exit-codes.ts'
import { Output } from './output/output.ts'
import { tellError } from './output/tell-error.ts'
import type { CliConfig } from './target/config.ts'

const groups = [
  addRun,
  addJobs,
  addWorkflows,
  addAssets,
  addSessions,
  addSearch,
  addModels,
  addNeeds,
  addDownloads,
  addBundles,
  addLoras,
  addCollections,
  addLibrary,
  addInfo,
  addHub,
  addUsage,
  addLimits,
  addWebhooks,
  addSystem,
  addKeys,
  addLogin,
  addUp,
]

/** Runs one command line (without `node` and the script) and gives the exit code. Never rejects. */
export async function runProgram(
  words: readonly string[],
  config: CliConfig,
  terminal: Terminal,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok
  const root = newRoot(terminal)
  const act: Program['act'] =
    <A extends unknown[]>(action: (context: Context, ...given: A) => Promise<ExitCode | void>) =>
    async (...given: [...A, Command]) => {
      const command = given.at(-1) as Command
      const context = new Context(command.optsWithGlobals<GlobalOptions>(), config, terminal)
      exitCode = (await action(context, ...(given.slice(0, -1) as A))) ?? exitCodes.ok
    }
  for (const add of groups) add({ root, act })
  try {
    await root.parseAsync(isModelFile(words[0]) ? ['info', ...words] : words, { from: 'user' })
    return exitCode
  } catch (cause) {
    if (cause instanceof CommanderError && cause.exitCode === 0) return exitCodes.ok
    return complain(cause instanceof CommanderError ? usageOf(cause) : cause, { words, config, terminal })
  }
}

function newRoot(terminal: Terminal): Command {
  return new Command('easel')
    .description('Make images and video on your own server.')
    .option('--url <url>', 'the server (EASEL_URL, the saved login, http://127.0.0.1:8080)')
    .option('--remote <name>', 'the server of a saved login')
    .option('--key-file <path>', 'a file that holds the API key (EASEL_API_KEY, the saved login)')
    .option('--json', 'the result as JSON, errors too')
    .option('-q, --quiet', 'results and errors only')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      terminal.stdout.write(`${version()}\n`)
      throw new CommanderError(0, 'easel.version', '')
    })
    .option('--no-color', 'no colours (NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      // Errors are told once, by us; help that was not asked for is told here.
      writeErr: (text) => void (text.startsWith('Usage:') && terminal.stderr.write(text)),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
    })
    .exitOverride()
    .addHelpText('after', help)
}

/** `easel castle.safetensors` says what is in it. */
function isModelFile(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('-') && /\.(safetensors|sft|gguf)$/i.test(word)
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function usageOf(cause: CommanderError): Error {
  if (cause.code === 'commander.help') return usageError('Say what to do: see above')
  return usageError(cause.message.replace(/^error: /, '').replace(/\n\(/, ' ('))
}

type Surroundings = { words: readonly string[]; config: CliConfig; terminal: Terminal }

function complain(cause: unknown, { words, config, terminal }: Surroundings): ExitCode {
  const { code, message, errors, exitCode } = tellError(cause)
  const { stdout, stderr } = terminal
  const json = words.includes('--json')
  const color = Boolean(stderr.isTTY) && !config.noColor && !words.includes('--no-color')
  const out = new Output({ stdout, stderr, json, quiet: false, color })
  if (json) out.complainJson({ error: { code, message, ...(errors.length > 0 && { errors }) } })
  else {
    for (const line of message.split('\n')) out.complain(line)
    // A single fault is often the message itself.
    const told =
      errors.length === 1 && message.includes(errors[0]!.message) && message.includes(errors[0]!.path)
    if (!told) for (const { path, message: fault } of errors) out.complain(`  ${path}: ${fault}`)
  }
  return exitCode
}

const help = `
Exit codes: 0 done, 1 failed, 2 wrong usage or refused, 3 not signed in, 4 server unreachable,
124 timed out, 130 canceled.

Examples:
  easel login --email admin@easel.local
  easel run docs/samples/hello.json -o out
  easel jobs list --json | jq -r '.items[0].id'`
