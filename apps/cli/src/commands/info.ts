import type { InfoOptions } from '../info/info-options.ts'
import { wholeNumber } from '../run/values.ts'
import type { Program } from './context.ts'

export function addInfo({ root, act }: Program): void {
  root
    .command('info')
    .summary('say what is in a model file, or in a picture')
    .description(
      'Reads the header of a safetensors or GGUF file (here, or by ranges at a URL), or the workflow in a file that ComfyUI made. Needs no server, but for --lookup.',
    )
    .argument('<file or url>')
    .option('--hash', 'SHA-256, AutoV2 and AutoV3 too (local files)')
    .option('--lookup', 'ask the server which model it is, by its hash (local files)')
    .option('--save-to <folder>', 'write <name>.json and <name>.sha256 there (local files)')
    .option('--meta <key...>', 'print these of the metadata')
    .option(
      '--tensors [n]',
      'list the first n tensors (20)',
      wholeNumber('--tensors', { min: 1, max: 100_000 }),
    )
    .option('--metadata', 'print the metadata as written')
    .addHelpText('after', examples)
    .action(
      act(async (context, file: string, options: InfoOptions) => {
        const { showInfo } = await import('../info/show-info.ts')
        await showInfo(context, file, options)
      }),
    )
}

const examples = `
Examples:
  easel info castle.safetensors --hash
  easel info castle.safetensors --lookup --save-to notes
  easel info https://example.org/castle.safetensors --json
  easel info ComfyUI_00001_.png --json | jq .workflow.prompt`
