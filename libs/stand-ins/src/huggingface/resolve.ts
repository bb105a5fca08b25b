import { bearer, fileAnswer, redirect, type Answer, type Call } from '../http/answer.ts'
import { HubFault } from './hub-fault.ts'
import { isGranted } from './access.ts'
import type { HubOptions } from './access.ts'
import type { HfCommit, HfRepo, HuggingFaceWorld } from '../world/huggingface-world.ts'

type Wanted = { repo: HfRepo; commit: HfCommit; path: string }

/** Small files lead to a relative address, large ones to a signed one at the delivery host. */
export function resolveFile(
  { world, signer }: HubOptions,
  call: Call,
  { repo, commit, path }: Wanted,
): Answer {
  refuseGated(world, call, repo)
  const file = commit.files.find((each) => each.path === path)
  if (!file) throw new HubFault(404, { code: 'EntryNotFound', message: 'Entry not found', plain: true })
  const facts = {
    'x-repo-commit': commit.sha,
    'x-linked-size': String(file.bytes.length),
    'x-linked-etag': `"${file.lfs ? file.sha256 : file.oid}"`,
    'accept-ranges': 'bytes',
  }
  if (!file.lfs) {
    return redirect(307, `/api/resolve-cache/models/${repo.id}/${commit.sha}/${encodeURI(path)}`, facts)
  }
  const filename = path.split('/').at(-1)!
  const location = signer.sign({
    path: `/xet/${file.xetHash}`,
    bytes: file.bytes,
    etag: file.xetHash,
    filename,
  })
  const link = `<${call.url.origin}/api/models/${repo.id}/xet-read-token/${commit.sha}>; rel="xet-auth"`
  return redirect(302, location, { ...facts, 'x-xet-hash': file.xetHash, link })
}

export function cachedFile(world: HuggingFaceWorld, call: Call, parts: readonly string[]): Answer {
  const repo = world.find(parts.slice(0, 2).join('/'))
  const commit = repo?.commits.find(({ sha }) => sha === parts[2])
  const file = commit?.files.find(({ path }) => path === parts.slice(3).join('/'))
  if (!repo || !file)
    throw new HubFault(404, { code: 'EntryNotFound', message: 'Entry not found', plain: true })
  refuseGated(world, call, repo)
  return fileAnswer(call, file.bytes, { etag: file.oid })
}

function refuseGated(world: HuggingFaceWorld, call: Call, repo: HfRepo): void {
  if (repo.gated === false || isGranted(world, bearer(call), repo)) return
  const page = `${call.url.origin}/${repo.id}`
  const known = bearer(call) !== undefined
  const advice = known ? `You are not in the list: ask for access at ${page}` : 'Log in first.'
  const message = `Access to model ${repo.id} is restricted. ${advice}`
  throw new HubFault(known ? 403 : 401, { code: 'GatedRepo', message, plain: true })
}
