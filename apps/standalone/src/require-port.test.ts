import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { requirePort } from './require-port.ts'

test('a port in use is named in one sentence', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))
  const { port } = holder.address() as { port: number }

  await expect(requirePort('127.0.0.1', port)).rejects.toThrow(
    `port ${port} is in use by another program. Set EASEL_PORT to another one.`,
  )

  await new Promise((resolve) => holder.close(resolve))
  await expect(requirePort('127.0.0.1', port)).resolves.toBeUndefined()
})
