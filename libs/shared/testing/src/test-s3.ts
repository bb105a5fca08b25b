import S3rver from 's3rver'
import { tempDirectory } from './temp-directory.ts'

export type TestS3 = AsyncDisposable & {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const bucket = 'bucket'

/** An S3 server on a directory (s3rver, written by others), with an empty bucket. */
export async function testS3(): Promise<TestS3> {
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(await tempDirectory())
  const options = { address: '127.0.0.1', port: 0, silent: true, directory }
  const server = new S3rver({ ...options, configureBuckets: [{ name: bucket }] })
  const { port } = await server.run()
  stack.defer(() => server.close())
  const owned = stack.move()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    region: 'eu-central-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
