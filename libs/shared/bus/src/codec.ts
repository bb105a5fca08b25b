import { parseJson, stringifyJson } from '@easel/protocol'
import { NatsRecord } from '@nestjs/microservices'
import type { ReadPacket, WritePacket } from '@nestjs/microservices'

type Packet = (ReadPacket | WritePacket) & { data?: unknown; headers?: unknown }

/**
 * What Nest's NATS transport puts on the wire, but with whole numbers kept exact (`stringifyJson`): a seed
 * of 64 bits must come out of the bus as it went in.
 */
export const codec = {
  serializer: {
    serialize(packet: Packet) {
      const record = packet.data instanceof NatsRecord ? packet.data : undefined
      return {
        data: stringifyJson(record ? { ...packet, data: record.data } : packet),
        headers: record?.headers,
      }
    },
  },
  deserializer: {
    deserialize(message: { string(): string }) {
      return parseJson(message.string())
    },
  },
} as const
