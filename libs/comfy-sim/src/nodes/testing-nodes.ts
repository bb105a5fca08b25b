import { asNumber } from '../json.ts'
import type { NodeTable } from '../node.ts'
import { PythonError } from '../values.ts'

const pollMs = 10

type Described = { input: Record<string, unknown>; output: readonly string[]; output_node?: boolean }

const describe = (name: string, { input, output, output_node = false }: Described) => ({
  input: { required: input },
  input_order: { required: Object.keys(input) },
  is_input_list: false,
  output,
  output_is_list: output.map(() => false),
  output_name: output,
  name,
  display_name: name,
  description: 'A node of the simulator for tests.',
  python_module: 'custom_nodes.testing-pack',
  category: '_for_testing',
  output_node,
  has_intermediate_output: false,
  search_aliases: [],
})

const anything = ['*', {}]
const seconds = (standard: number) => ['FLOAT', { default: standard, min: 0, max: 9999, step: 0.01 }]

export const testingInfo = Object.fromEntries(
  Object.entries<Described>({
    TestSleep: { input: { value: anything, seconds: seconds(1) }, output: ['*'] },
    TestSyncProgressUpdate: { input: { value: anything, sleep_seconds: seconds(1) }, output: ['*'] },
    TestSyncError: { input: { value: anything }, output: ['*'] },
    TestAsyncError: { input: { value: anything, error_after: seconds(1) }, output: ['*'] },
    TestExecutionBlocker: {
      input: {
        input: anything,
        block: ['BOOLEAN', { default: true }],
        verbose: ['BOOLEAN', { default: false }],
      },
      output: ['*'],
    },
  }).map(([name, described]) => [name, describe(name, described)]),
)

/** Slow and failing nodes, called as in the recordings of ComfyUI's own testing pack. */
export const testingNodes: NodeTable = {
  TestSleep: {
    async run(inputs, context) {
      const total = asNumber(inputs.seconds)
      const start = performance.now()
      for (let passed = 0; passed < total; passed = (performance.now() - start) / 1000) {
        context.progress(passed, total)
        await context.wait(Math.min(pollMs, (total - passed) * 1000))
        if (context.settings.timeScale === 0) break
      }
      context.progress(total, total)
      return { outputs: [inputs.value] }
    },
  },
  TestSyncProgressUpdate: {
    async run(inputs, context) {
      await context.wait(asNumber(inputs.sleep_seconds) * 1000)
      context.progress(1, 1)
      return { outputs: [inputs.value] }
    },
  },
  TestSyncError: {
    run() {
      throw new PythonError('RuntimeError', 'Intentional sync execution error for testing\n')
    },
  },
  TestAsyncError: {
    async run(inputs, context) {
      await context.wait(asNumber(inputs.error_after) * 1000)
      throw new PythonError('RuntimeError', 'Intentional async execution error for testing\n')
    },
  },
  TestExecutionBlocker: {
    run: (inputs) => ({
      outputs: [
        inputs.block
          ? { kind: 'blocker', ...(inputs.verbose ? { message: 'Blocked Execution' } : {}) }
          : inputs.input,
      ],
    }),
  },
}
