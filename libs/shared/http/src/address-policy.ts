import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Block = [Address, number]

/** Ranges of `ipaddr.js` that `allowPrivate: true` opens: this machine and networks of one's own. */
const ownRanges: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat'])

/** Metadata and control services of clouds in ranges that look harmless. Only a CIDR block of their own opens them. */
const metadataServices = [
  '100.100.100.200/32', // Alibaba
  '168.63.129.16/32', // Azure
  'fd00:ec2::254/128', // AWS
  'fd20:ce::254/128', // Google
].map((block) => ipaddr.parseCIDR(block))

const globalUnicast = ipaddr.parseCIDR('2000::/3')
const nat64 = ipaddr.parseCIDR('64:ff9b::/96')

/**
 * May a connection go to this resolved address? What is not plainly public is refused unless allowed: an address
 * that cannot be read, one inside another (mapped, NAT64) that would be refused by itself, and what is reserved.
 */
export function addressPolicy(
  allowPrivate: boolean | readonly string[] = false,
): (address: string) => boolean {
  const allowed =
    typeof allowPrivate === 'boolean' ? [] : allowPrivate.map((block) => ipaddr.parseCIDR(block))

  return (text) => {
    // `ipaddr.js` reads short forms (`1.2.3`) that no resolver gives.
    if (isIP(text) === 0) return false
    const address = unwrap(ipaddr.parse(text))
    if (allowed.some((block) => contains(block, address))) return true
    if (metadataServices.some((block) => contains(block, address))) return false
    return isPublic(address) || (allowPrivate === true && ownRanges.has(address.range()))
  }
}

/** The IPv4 address inside a mapped or NAT64 one: it is where the packets end up. */
function unwrap(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address
  const bytes = address.toByteArray()
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  return mapped || contains(nat64, address) ? new ipaddr.IPv4(bytes.slice(12)) : address
}

function isPublic(address: Address): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || contains(globalUnicast, address))
}

function contains([network, bits]: Block, address: Address): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}
