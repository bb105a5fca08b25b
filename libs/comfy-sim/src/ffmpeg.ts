import { execFile, spawn } from 'node:child_process'
import { PythonError } from './values.ts'

let found: Promise<boolean> | undefined

/** Whether `ffmpeg` can be started from PATH; asked once per process. */
export function hasFfmpeg(): Promise<boolean> {
  found ??= new Promise((done) => {
    execFile('ffmpeg', ['-version'], { timeout: 10_000 }, (error) => done(error === null))
  })
  return found
}

/** Runs ffmpeg with these bytes on its standard input. */
export function runFfmpeg(parameters: readonly string[], input: Iterable<Uint8Array> = []): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...parameters], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (text: Buffer) => {
      if (complaint.length < 2000) complaint += text.toString()
    })
    child.on('error', fail)
    child.on('close', (code) =>
      code === 0 ? done() : fail(new PythonError('av.error.ExternalError', `${complaint.trim()}\n`)),
    )
    // A broken pipe only means that ffmpeg stopped early; its exit code tells why.
    child.stdin.on('error', () => {})
    for (const bytes of input) child.stdin.write(bytes)
    child.stdin.end()
  })
}
