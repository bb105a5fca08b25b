import { urlForbidden } from './http-errors.ts'

const maxUrlLength = 8_192

/**
 * Reads a URL that somebody chose: http or https, no user name or password, of reasonable length. Where it leads
 * is known only when it is connected to.
 */
export function parseOutgoingUrl(text: string | URL, base?: URL): URL {
  const url = String(text).length <= maxUrlLength ? URL.parse(String(text), base?.href) : null
  if (!url) throw urlForbidden('This is no usable URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw urlForbidden('Only http and https URLs are allowed')
  if (url.username !== '' || url.password !== '')
    throw urlForbidden('A URL with a user name or password is not allowed')
  url.hash = ''
  return url
}
