import { ProgramError, runProgram } from './run-program.ts'

export type Programs = { ffmpeg: string; ffprobe: string }

export type VideoFacts = {
  width: number | null
  height: number | null
  durationSeconds: number | null
  hasAudio: boolean
}

/** The reader is named, not guessed: a file must not be able to pass as a playlist that names other files. */
const formats: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'audio/mp4': 'mov',
  'video/webm': 'matroska',
  'video/x-matroska': 'matroska',
  'video/x-msvideo': 'avi',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
}

export const isProbed = (mime: string): boolean => Object.hasOwn(formats, mime)

const probeLimits = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 }
const posterLimits = { timeoutMs: 30_000, maxOutputBytes: 64 * 1024 * 1024 }
const maxPixels = 64_000_000
/** Beyond a year it is not a duration but a lie. */
const maxSeconds = 366 * 24 * 3600
const posterSide = 1024

const input = (path: string, mime: string) => [
  '-protocol_whitelist',
  'file',
  '-f',
  formats[mime]!,
  '-i',
  `file:${path}`,
]

type Probe = {
  streams?: {
    codec_type?: string
    width?: number
    height?: number
    disposition?: { attached_pic?: number }
  }[]
  format?: { duration?: string }
}

/** @throws ProgramError */
export async function probe(programs: Programs, path: string, mime: string): Promise<VideoFacts> {
  const args = ['-v', 'error', '-print_format', 'json', '-show_format', '-show_streams', ...input(path, mime)]
  const output = JSON.parse((await runProgram(programs.ffprobe, args, probeLimits)).toString()) as Probe
  const streams = output.streams ?? []
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic,
  )
  const seconds = Number(output.format?.duration)
  const facts = {
    width: video?.width || null,
    height: video?.height || null,
    durationSeconds: Number.isFinite(seconds) && seconds >= 0 && seconds < maxSeconds ? seconds : null,
    hasAudio: streams.some(({ codec_type }) => codec_type === 'audio'),
  }
  if ((facts.width ?? 0) * (facts.height ?? 0) > maxPixels) throw new ProgramError('The frames are too large')
  return facts
}

/** One frame from near the beginning, as PNG. The very first one is often black. */
export async function posterFrame(
  programs: Programs,
  path: string,
  { mime, durationSeconds }: { mime: string; durationSeconds: number | null },
): Promise<Buffer> {
  const at = Math.min(1, (durationSeconds ?? 0) / 10)
  const frame = await frameAt(programs, { path, mime, at })
  const found = frame.length > 0 || at === 0 ? frame : await frameAt(programs, { path, mime, at: 0 })
  if (found.length === 0) throw new ProgramError('There is no frame in it')
  return found
}

function frameAt(programs: Programs, { path, mime, at }: { path: string; mime: string; at: number }) {
  const side = String(posterSide)
  const scale = `scale=w='min(${side},iw)':h='min(${side},ih)':force_original_aspect_ratio=decrease`
  const args = ['-nostdin', '-v', 'error', '-threads', '1', '-ss', at.toFixed(3), ...input(path, mime)]
  const output = [
    '-map',
    '0:v:0',
    '-frames:v',
    '1',
    '-vf',
    scale,
    '-threads',
    '1',
    '-f',
    'image2pipe',
    '-c:v',
    'png',
  ]
  return runProgram(programs.ffmpeg, [...args, ...output, 'pipe:1'], posterLimits)
}
