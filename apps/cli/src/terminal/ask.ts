import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Terminal } from '../commands/context.ts'
import { failed, usageError } from '../exit-codes.ts'
import { AppError } from '@easel/protocol'

/** Asks a person; from a pipe the next line is taken. */
export async function readLine(terminal: Terminal, question: string): Promise<string> {
  if (!terminal.stdin.isTTY) throw usageError(`Nobody is there to be asked: ${question.replace(/:\s*$/, '')}`)
  return ask(terminal, question, terminal.stderr)
}

/** As `readLine`, without showing what is typed; from a pipe its first line. */
export async function readSecret(terminal: Terminal, question: string): Promise<string> {
  if (!terminal.stdin.isTTY) return firstLine(terminal.stdin)
  terminal.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    return await ask(terminal, '', nowhere)
  } finally {
    terminal.stderr.write('\n')
  }
}

async function ask({ stdin }: Terminal, question: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 })
  const { promise, reject } = Promise.withResolvers<never>()
  const canceled = () => reject(new AppError('conflict', 'Nothing was entered', { reason: 'CANCELED' }))
  lines.once('SIGINT', canceled)
  lines.once('close', canceled)
  try {
    return (await Promise.race([lines.question(question), promise])).trim()
  } finally {
    lines.close()
  }
}

const longest = 10_000

async function firstLine(stdin: NodeJS.ReadStream): Promise<string> {
  let text = ''
  for await (const chunk of stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.includes('\n') || text.length > longest) break
  }
  const line = text.split(/\r?\n/)[0] ?? ''
  if (line === '') throw failed('Nothing came on stdin', 'NO_INPUT')
  return line
}
