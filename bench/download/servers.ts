import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const limitBytes = 20 * 1024 * 1024

export type Servers = AsyncDisposable & {
  kind: string
  plain: number
  secure: number
  limited: number
  delayed: number
  certificate: string
}

/** nginx where it is installed, else a server of Node's; and a proxy in front that adds 10 ms to each way. */
export async function startServers(directory: string): Promise<Servers> {
  await using stack = new AsyncDisposableStack()
  const certificate = join(directory, 'certificate.pem')
  const key = join(directory, 'key.pem')
  makeCertificate(key, certificate)
  const nginx = await startNginx(stack, directory, { key, certificate })
  const ports = nginx ?? (await startNode(stack, directory, { key, certificate }))
  const delayed = await startScript(stack, 'proxy.process.ts', [String(ports.plain), '10'])
  const owned = stack.move()
  return {
    kind: nginx ? 'nginx' : 'Node',
    ...ports,
    delayed,
    certificate,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Ports = Pick<Servers, 'plain' | 'secure' | 'limited'>
type Pair = { key: string; certificate: string }

function makeCertificate(key: string, certificate: string): void {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', certificate, ...subject], {
    stdio: 'ignore',
  })
}

async function startNginx(
  stack: AsyncDisposableStack,
  directory: string,
  { key, certificate }: Pair,
): Promise<Ports | undefined> {
  if (!isInstalled('nginx', '-v')) return undefined
  const home = join(directory, 'nginx')
  mkdirSync(home)
  const [plain, secure, limited] = (await Promise.all([freePort(), freePort(), freePort()])) as [
    number,
    number,
    number,
  ]
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    join(home, 'nginx.conf'),
    // The folder is readable for its owner only.
    `${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; daemon off; pid ${home}/pid; error_log ${home}/error.log;
     events { worker_connections 512; }
     http {
       access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000; default_type application/octet-stream;
       ${folders.map((name) => `${name}_temp_path ${home}/${name};`).join(' ')}
       server { listen 127.0.0.1:${plain}; root ${directory}; }
       server { listen 127.0.0.1:${limited}; root ${directory}; limit_rate ${limitBytes}; }
       server {
         listen 127.0.0.1:${secure} ssl; root ${directory};
         ssl_certificate ${certificate}; ssl_certificate_key ${key};
       }
     }`,
  )
  const child = spawn('nginx', ['-c', join(home, 'nginx.conf')], { stdio: 'ignore' })
  stack.defer(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  for (const port of [plain, secure, limited]) await untilOpen(port)
  return { plain, secure, limited }
}

async function startNode(
  stack: AsyncDisposableStack,
  directory: string,
  { key, certificate }: Pair,
): Promise<Ports> {
  const script = 'range-server.process.ts'
  return {
    plain: await startScript(stack, script, [directory]),
    secure: await startScript(stack, script, [directory, '0', key, certificate]),
    limited: await startScript(stack, script, [directory, String(limitBytes)]),
  }
}

/** Gives the port that the script tells. */
async function startScript(stack: AsyncDisposableStack, name: string, options: string[]): Promise<number> {
  const script = fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  stack.defer(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return Number(line.toString())
}

export function isInstalled(command: string, question: string): boolean {
  try {
    execFileSync(command, [question], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilOpen(port: number): Promise<void> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const opened = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (opened) return
    if (performance.now() > deadline) throw new Error(`Nothing listens on port ${port}`)
    await delay(20)
  }
}
