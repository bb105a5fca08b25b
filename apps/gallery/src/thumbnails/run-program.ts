import { spawn } from 'node:child_process'

export type ProgramLimits = { timeoutMs: number; maxOutputBytes: number }

/** Why a program gave no usable output; `missing` when it is not installed. */
export class ProgramError extends Error {
  override name = 'ProgramError'
  readonly missing: boolean

  constructor(message: string, missing = false) {
    super(message)
    this.missing = missing
  }
}

const maxComplaint = 2_000

/** Runs a program without a shell and gives what it printed. It is killed at a limit. */
export function runProgram(program: string, args: readonly string[], limits: ProgramLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limits.timeoutMs,
      killSignal: 'SIGKILL',
    })
    const chunks: Buffer[] = []
    let bytes = 0
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limits.maxOutputBytes) child.kill('SIGKILL')
      else chunks.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-maxComplaint)
    })
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new ProgramError(`${program}: ${cause.message}`, cause.code === 'ENOENT')),
    )
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks))
      else reject(new ProgramError(`${program} ended with ${signal ?? code}: ${complaint.trim()}`))
    })
  })
}
