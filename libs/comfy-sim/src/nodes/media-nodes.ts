import sharp from 'sharp'
import { encodeApng } from '../apng.ts'
import { runFfmpeg } from '../ffmpeg.ts'
import { asNumber } from '../json.ts'
import type { NodeContext, NodeResult, NodeTable } from '../node.ts'
import type { FolderKind, SavedFile } from '../output-files.ts'
import type { Raster } from '../png.ts'
import { sizeOf, take, takeIfLinked, type Inputs, type SimAudio, type SimVideo } from '../values.ts'
import { randomLetters } from './save-nodes.ts'

const number = asNumber

/** A command line argument may not be longer than this; a bigger graph is left out of the file. */
const longestTag = 100_000

const tags = (context: NodeContext): string[] =>
  context
    .metadata()
    .flatMap(([key, value]) => (value.length < longestTag ? ['-metadata', `${key}=${value}`] : []))

const animated = (files: readonly SavedFile[], outputs: readonly unknown[]): NodeResult => ({
  ui: { images: files, animated: [true] },
  outputs,
})

const rawFrames = ({ width, height, channels }: Raster, fps: number) => [
  '-f',
  'rawvideo',
  '-pix_fmt',
  channels === 4 ? 'rgba' : 'rgb24',
  '-s',
  `${width}x${height}`,
  '-r',
  String(fps),
  '-i',
  'pipe:0',
]
const silence = ({ sampleRate, channels, seconds }: SimAudio) => [
  '-f',
  'lavfi',
  '-t',
  String(seconds),
  '-i',
  `anullsrc=r=${sampleRate}:cl=${channels === 1 ? 'mono' : 'stereo'}`,
]

type Container = { extension: string; video: readonly string[]; audio: string }
const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', 'use_metadata_tags']
const av1 = ['-c:v', 'libsvtav1', '-pix_fmt', 'yuv420p']
const mp4: Container = { extension: 'mp4', video: h264, audio: 'aac' }

/** What container and codec SaveVideo's two choices lead to. */
function containerFor(inputs: Inputs): Container {
  const codec = inputs['format.codec'] === 'av1' ? av1 : h264
  if (inputs.format === 'webm')
    return {
      extension: 'webm',
      video: inputs['format.codec'] === 'vp9' ? ['-c:v', 'libvpx-vp9'] : av1,
      audio: 'libopus',
    }
  if (inputs.format === 'mkv') return { extension: 'mkv', video: codec, audio: 'aac' }
  return { ...mp4, video: codec }
}

/** H.264 and AV1 want even sides. */
const even = ['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2']

async function saveAudio(
  inputs: Inputs,
  context: NodeContext,
  how: { extension: string; codec: readonly string[]; kind?: FolderKind },
) {
  const audio = take(inputs, 'audio', 'audio')
  const prefix = how.kind === 'temp' ? `ComfyUI_temp_${randomLetters()}` : String(inputs.filename_prefix)
  const file = context.files
    .reserve(how.kind ?? 'output', prefix, { width: 0, height: 0, count: 1 })
    .file(0, `.${how.extension}`)
  await runFfmpeg([...silence(audio), ...how.codec, ...tags(context), context.files.pathOf(file)])
  return { ui: { audio: [file] }, outputs: [audio] }
}

/** Nodes that encode video or sound; offered only where ffmpeg is. */
export const mediaNodes: NodeTable = {
  CreateVideo: {
    run(inputs) {
      const { frames } = take(inputs, 'images', 'image')
      const audio = takeIfLinked(inputs, 'audio', 'audio')
      const video: SimVideo = { kind: 'video', frames, fps: number(inputs.fps), ...(audio && { audio }) }
      return { outputs: [video] }
    },
  },
  SaveVideo: {
    async run(inputs, context) {
      const video = take(inputs, 'video', 'video')
      const size = sizeOf(video.frames)
      const { extension, video: codec, audio } = containerFor(inputs)
      const file = context.files
        .reserve('output', String(inputs.filename_prefix), { ...size, count: 1 })
        .file(0, `_.${extension}`)
      const sound = video.audio ? [...silence(video.audio), '-c:a', audio, '-shortest'] : []
      const input = [...rawFrames(video.frames[0]!, video.fps), ...sound.slice(0, 6)]
      await runFfmpeg(
        [...input, ...sound.slice(6), ...even, ...codec, ...tags(context), context.files.pathOf(file)],
        video.frames.map(({ data }) => data),
      )
      return animated([file], [video])
    },
  },
  SaveWEBM: {
    async run(inputs, context) {
      const images = take(inputs, 'images', 'image')
      const size = sizeOf(images.frames)
      const file = context.files
        .reserve('output', String(inputs.filename_prefix), { ...size, count: 1 })
        .file(0, '_.webm')
      const codec =
        inputs.codec === 'av1'
          ? [...av1, '-crf', String(Math.round(number(inputs.crf)))]
          : ['-c:v', 'libvpx-vp9', '-b:v', '0', '-crf', String(Math.round(number(inputs.crf)))]
      await runFfmpeg(
        [
          ...rawFrames(images.frames[0]!, number(inputs.fps)),
          ...even,
          ...codec,
          ...tags(context),
          context.files.pathOf(file),
        ],
        images.frames.map(({ data }) => data),
      )
      return animated([file], [images])
    },
  },
  EmptyAudio: {
    run: (inputs) => ({
      outputs: [
        {
          kind: 'audio',
          seconds: number(inputs.duration),
          sampleRate: number(inputs.sample_rate),
          channels: number(inputs.channels),
        } satisfies SimAudio,
      ],
    }),
  },
  SaveAudio: {
    run: (inputs, context) => saveAudio(inputs, context, { extension: 'flac', codec: ['-c:a', 'flac'] }),
  },
  SaveAudioMP3: {
    run: (inputs, context) =>
      saveAudio(inputs, context, {
        extension: 'mp3',
        codec: [
          '-c:a',
          'libmp3lame',
          ...(inputs.quality === 'V0' ? ['-q:a', '0'] : ['-b:a', String(inputs.quality)]),
        ],
      }),
  },
  SaveAudioOpus: {
    run: (inputs, context) =>
      saveAudio(inputs, context, {
        extension: 'opus',
        codec: ['-ar', '48000', '-c:a', 'libopus', '-b:a', String(inputs.quality)],
      }),
  },
  PreviewAudio: {
    run: (inputs, context) =>
      saveAudio(inputs, context, { extension: 'flac', codec: ['-c:a', 'flac'], kind: 'temp' }),
  },
}

/** Animations that need no ffmpeg. */
export const animationNodes: NodeTable = {
  SaveAnimatedWEBP: {
    async run(inputs, context) {
      const images = take(inputs, 'images', 'image')
      const { width, height } = sizeOf(images.frames)
      const file = context.files
        .reserve('output', String(inputs.filename_prefix), { width, height, count: 1 })
        .file(0, '_.webp')
      const [prompt, ...more] = context.metadata().map(([key, value]) => `${key}:${value}`)
      const delay = Array<number>(images.frames.length).fill(Math.round(1000 / number(inputs.fps)))
      const { channels } = images.frames[0]!
      const bytes = await sharp(Buffer.concat(images.frames.map(({ data }) => data)), {
        raw: { width, height: height * images.frames.length, channels, pageHeight: height },
      })
        .webp({
          lossless: Boolean(inputs.lossless),
          quality: Math.max(1, number(inputs.quality)),
          delay,
          loop: 0,
        })
        .withExif({ IFD0: { Model: prompt ?? '', Make: more[0] ?? '', Software: more.at(-1) ?? '' } })
        .toBuffer()
      await context.files.write(file, bytes)
      return animated([file], [images])
    },
  },
  SaveAnimatedPNG: {
    async run(inputs, context) {
      const images = take(inputs, 'images', 'image')
      const file = context.files
        .reserve('output', String(inputs.filename_prefix), { ...sizeOf(images.frames), count: 1 })
        .file(0, '_.png')
      const how = {
        delayMs: 1000 / number(inputs.fps),
        level: number(inputs.compress_level),
        text: context.metadata(),
      }
      await context.files.write(file, encodeApng(images.frames, how))
      return animated([file], [images])
    },
  },
}
