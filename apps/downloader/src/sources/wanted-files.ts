import type { Sealer } from '@easel/config'
import type { RemoteSourceId } from '@easel/contracts'
import type { SourceTokens } from '../tokens/source-tokens.ts'
import type { TransferRow } from '../transfers/transfers.repository.ts'
import type { FileAddress, WantedFile, Wishes } from '../transfers/wanted-file.ts'
import type { SourceOrigins } from './source-origins.ts'

const contexts = {
  url: (transferId: string) => `transfer-url:${transferId}`,
  token: (transferId: string) => `transfer-token:${transferId}`,
  mirrors: (transferId: string) => `transfer-mirrors:${transferId}`,
}

export type Addresses = { urls: readonly string[]; token: string | null }
export type SealedAddresses = Pick<TransferRow, 'sealedUrl' | 'sealedToken' | 'sealedMirrors'>

export function sealAddresses(
  sealer: Sealer,
  transferId: string,
  { urls, token }: Addresses,
): SealedAddresses {
  const [url = '', ...mirrors] = urls
  return {
    sealedUrl: sealer.seal(url, contexts.url(transferId)),
    sealedToken: token === null ? null : sealer.seal(token, contexts.token(transferId)),
    sealedMirrors:
      mirrors.length === 0 ? null : sealer.seal(JSON.stringify(mirrors), contexts.mirrors(transferId)),
  }
}

type Parts = { sealer: Sealer; tokens: SourceTokens; origins: SourceOrigins }

/**
 * Reads of a transfer what it is to bring. A token of the request goes to the first address alone; a stored one only
 * to addresses of its own source. Both are as they are now, not as they were when it was asked for.
 */
export function wantedFiles({ sealer, tokens, origins }: Parts): Wishes<TransferRow> {
  const address = async (url: string, token: string | null): Promise<FileAddress> => {
    const bearer = token ?? (await storedToken(url))
    return { url, ...(bearer && { headers: { authorization: `Bearer ${bearer}` } }) }
  }
  const storedToken = async (url: string) => {
    const source: RemoteSourceId | undefined = origins.sourceOf(url)
    return source && (await tokens.reveal(source))
  }
  return async (transfer): Promise<WantedFile> => {
    const { id, sealedUrl, sealedToken, sealedMirrors } = transfer
    const mirrors: string[] =
      sealedMirrors === null ? [] : (JSON.parse(sealer.open(sealedMirrors, contexts.mirrors(id))) as string[])
    const url = sealer.open(sealedUrl, contexts.url(id))
    const token = sealedToken === null ? null : sealer.open(sealedToken, contexts.token(id))
    return {
      urls: [await address(url, token), ...(await Promise.all(mirrors.map((url) => address(url, null))))],
      folder: transfer.folder,
      filename: transfer.filename,
      expectedSha256: transfer.expectedSha256,
      // CivitAI's sizes are rounded ones.
      expectedBytes:
        transfer.expectedBytes !== null && origins.sourceOf(url) === 'huggingface'
          ? Number(transfer.expectedBytes)
          : null,
    }
  }
}
