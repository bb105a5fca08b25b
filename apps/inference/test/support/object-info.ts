/** Definitions of two nodes, as a ComfyUI gives them. */
export const objectInfo = {
  EmptyImage: {
    input: {
      required: {
        width: ['INT', { default: 512, min: 1, max: 16_384 }],
        height: ['INT', { default: 512, min: 1, max: 16_384 }],
        batch_size: ['INT', { default: 1, min: 1, max: 4_096 }],
        color: ['INT', { default: 0, min: 0, max: 16_777_215 }],
      },
    },
    output: ['IMAGE'],
    output_node: false,
    name: 'EmptyImage',
  },
  LoadImage: {
    input: { required: { image: [['example.png'], { image_upload: true }] } },
    output: ['IMAGE', 'MASK'],
    output_node: false,
    name: 'LoadImage',
  },
  SaveImage: {
    input: { required: { images: ['IMAGE'], filename_prefix: ['STRING', { default: 'ComfyUI' }] } },
    output: [],
    output_node: true,
    name: 'SaveImage',
  },
  Sampler: {
    input: {
      required: {
        image: ['IMAGE'],
        seed: ['INT', { default: 0, min: 0, max: 18_446_744_073_709_551_615n, control_after_generate: true }],
      },
    },
    output: ['IMAGE'],
    output_node: false,
    name: 'Sampler',
  },
}
