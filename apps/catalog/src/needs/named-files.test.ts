import { expect, test } from 'vitest'
import { namedFiles } from './named-files.ts'

const sha = 'a'.repeat(64)

function aGraph(inputs: Record<string, unknown>, classType = 'CheckpointLoaderSimple') {
  return { '4': { class_type: classType, inputs } }
}

function aUiWorkflow(nodes: object[], rest: object = {}) {
  return { nodes, links: [], version: 0.4, ...rest }
}

test('a graph in API format names its files with their folders and nodes', () => {
  const files = namedFiles({
    '1': {
      class_type: 'UNETLoader',
      inputs: { unet_name: 'WAN\\high.safetensors', weight_dtype: 'default' },
    },
    '2': { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'x.safetensors', model: ['1', 0] } },
    '3': { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'x.safetensors', model: ['2', 0] } },
    '4': { class_type: 'SomeModelLoader', inputs: { file: 'odd.pth' } },
    '5': { class_type: 'SaveImage', inputs: { filename_prefix: 'out.safetensors', images: ['1', 0] } },
  })

  expect(files).toMatchObject([
    { name: 'WAN/high.safetensors', folder: 'diffusion_models', nodes: ['1'] },
    { name: 'x.safetensors', folder: 'loras', nodes: ['2', '3'] },
    { name: 'odd.pth', folder: null, nodes: ['4'] },
  ])
})

test('embeddings are named by texts', () => {
  const files = namedFiles(
    aGraph({ text: 'nice, (embedding:EasyNegative:1.1), embedding:sub/bad' }, 'CLIPTextEncode'),
  )

  expect(files).toMatchObject([
    { name: 'EasyNegative', folder: 'embeddings' },
    { name: 'sub/bad', folder: 'embeddings' },
  ])
})

test('a workflow in UI format tells of its files what its nodes say', () => {
  const models = [
    {
      name: 'ae.safetensors',
      url: 'https://huggingface.co/a/b/resolve/main/ae.safetensors',
      directory: 'vae',
      hash: sha.toUpperCase(),
      hash_type: 'SHA256',
    },
  ]
  const files = namedFiles(
    aUiWorkflow([
      { id: 1, type: 'VAELoader', mode: 0, widgets_values: ['ae.safetensors'], properties: { models } },
      { id: 2, type: 'VAELoader', mode: 4, widgets_values: ['bypassed.safetensors'] },
      {
        id: 3,
        type: 'LoraLoader',
        mode: 0,
        widgets_values: { lora_name: 'l.safetensors', strength_model: 1 },
      },
    ]),
  )

  expect(files).toEqual([
    {
      name: 'ae.safetensors',
      folder: 'vae',
      nodes: ['1'],
      entry: { name: 'ae.safetensors', folder: 'vae', url: models[0]!.url, sha256: sha },
    },
    { name: 'l.safetensors', folder: 'loras', nodes: ['3'], entry: undefined },
  ])
})

test('subgraphs name files where they are used, each once for every node', () => {
  const id = '27a9a311-dfa9-41fa-b08b-6f5b50553553'
  const inner = { id: 85, type: 'CLIPLoader', widgets_values: ['q.safetensors', 'lumina2', 'default'] }

  const files = namedFiles(
    aUiWorkflow(
      [
        { id: 104, type: id, mode: 0 },
        { id: 105, type: id, mode: 2 },
      ],
      {
        definitions: { subgraphs: [{ id, nodes: [inner] }] },
      },
    ),
  )

  expect(files).toMatchObject([{ name: 'q.safetensors', folder: 'text_encoders', nodes: ['104:85'] }])
})

test('a subgraph that holds itself ends', () => {
  const id = '27a9a311-dfa9-41fa-b08b-6f5b50553553'
  const nodes = [
    { id: 1, type: id },
    { id: 2, type: id },
  ]

  const files = namedFiles(aUiWorkflow(nodes, { definitions: { subgraphs: [{ id, nodes }] } }))

  expect(files).toEqual([])
})

test('models at the top of a workflow belong to the files of that name', () => {
  const entry = {
    name: 'm.safetensors',
    url: 'https://civitai.com/api/download/models/5',
    directory: 'checkpoints',
  }
  const workflow = { models: [entry], ...aUiWorkflow([]) }

  const files = namedFiles({
    prompt: aGraph({ ckpt_name: 'm.safetensors' }),
    extra_data: { extra_pnginfo: { workflow } },
  })

  expect(files).toMatchObject([{ name: 'm.safetensors', entry: { url: entry.url } }])
})

test('a hostile workflow is bounded', () => {
  const many = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, index) => [
      String(index),
      { class_type: 'VAELoader', inputs: { vae_name: `${index}.pt` } },
    ]),
  )
  const started = performance.now()

  expect(namedFiles(many)).toHaveLength(64)
  expect(namedFiles(aGraph({ ckpt_name: `${'x'.repeat(400)}.ckpt` }))).toEqual([])
  expect(
    namedFiles(
      aUiWorkflow([
        {
          id: 1,
          type: 'VAELoader',
          widgets_values: ['x.pt'],
          properties: {
            models: [
              null,
              7,
              { name: {} },
              { name: 'x.pt', url: 'javascript:alert(1)', hash: 'zz', directory: '../..' },
            ],
          },
        },
      ]),
    ),
  ).toMatchObject([{ entry: { url: null, sha256: null, folder: null } }])
  expect(performance.now() - started).toBeLessThan(2_000)
})

test.each([[{}], [{ a: 1 }], [{ nodes: 5 }], [JSON.parse('{"__proto__": {"class_type": "x"}}')]])(
  '%j is no workflow',
  (workflow) => {
    expect(() => namedFiles(workflow)).toThrow(
      expect.objectContaining({ extra: expect.objectContaining({ reason: 'WORKFLOW_INVALID' }) }),
    )
  },
)
