import type { NodeTable } from '../node.ts'
import { take } from '../values.ts'

/** A safetensors file: length of the header, JSON header, then the numbers. The numbers here are all zero. */
function latentFile(shape: readonly number[], metadata: Readonly<Record<string, string>>): Buffer {
  const bytes = shape.reduce((product, side) => product * side, 4)
  const header = {
    __metadata__: metadata,
    latent_format_version_0: { dtype: 'F32', shape: [0], data_offsets: [0, 0] },
    latent_tensor: { dtype: 'F32', shape, data_offsets: [0, bytes] },
  }
  const text = JSON.stringify(header)
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.alloc(bytes)])
}

export const latentNodes: NodeTable = {
  SaveLatent: {
    async run(inputs, context) {
      const latent = take(inputs, 'samples', 'latent')
      const { width, height, batch, channels, cell } = latent
      const file = context.files
        .reserve('output', String(inputs.filename_prefix), { width: 0, height: 0, count: 1 })
        .file(0, '_.latent')
      const shape = [batch, channels, height / cell, width / cell]
      await context.files.write(file, latentFile(shape, Object.fromEntries(context.metadata())))
      return { ui: { latents: [file] }, outputs: [latent] }
    },
  },
}
