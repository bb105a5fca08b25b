import { Module } from '@nestjs/common'
import { controllers } from './controllers.ts'
import { ActivityConsumer } from './events/activity.consumer.ts'
import { ActivityRepository } from './events/activity.repository.ts'
import { EventHub } from './events/event-hub.ts'
import { EventStreams } from './events/event-streams.service.ts'
import { EventSockets } from './events/event-sockets.service.ts'
import { Heartbeats } from './events/heartbeats.ts'
import { Tickets } from './events/tickets.ts'
import { GatewayStore } from './gateway.store.ts'
import { Gate } from './http/gate.ts'
import { Idempotency } from './idempotency/idempotency.service.ts'
import { AuthService } from './identity/auth.service.ts'
import { Authenticator } from './identity/authenticator.service.ts'
import { Bootstrap } from './identity/bootstrap.ts'
import { CallerRepository } from './identity/caller.repository.ts'
import { IdentityChanges } from './identity/identity-changes.ts'
import { KeysService } from './identity/keys.service.ts'
import { LoginSessions } from './identity/login-sessions.ts'
import { RateLimits } from './identity/rate-limits.ts'
import { JobWatch } from './jobs/job-watch.ts'
import { AccountsService } from './people/accounts.service.ts'
import { AccessFactsService } from './people/access-facts.service.ts'
import { AuditRepository } from './people/audit.repository.ts'
import { SpacesService } from './people/spaces.service.ts'
import { UsersService } from './people/users.service.ts'
import { Services } from './services.ts'
import { PartChecks } from './system/part-checks.service.ts'
import { Deliverer } from './webhooks/deliverer.service.ts'
import { DeliveriesRepository } from './webhooks/deliveries.repository.ts'
import { DeliveriesService } from './webhooks/deliveries.service.ts'
import { DeliveryMetrics } from './webhooks/delivery-metrics.ts'
import { DispatchRepository } from './webhooks/dispatch.repository.ts'
import { Dispatcher } from './webhooks/dispatcher.service.ts'
import { SigningSecrets } from './webhooks/signing-secrets.ts'
import { WebhooksService } from './webhooks/webhooks.service.ts'
import type { DynamicModule, Provider } from '@nestjs/common'

const own = [
  AccountsService,
  ActivityConsumer,
  ActivityRepository,
  AccessFactsService,
  AuditRepository,
  AuthService,
  Authenticator,
  Bootstrap,
  CallerRepository,
  Deliverer,
  DeliveriesRepository,
  DeliveriesService,
  DeliveryMetrics,
  DispatchRepository,
  Dispatcher,
  EventHub,
  EventSockets,
  EventStreams,
  Gate,
  GatewayStore,
  Heartbeats,
  Idempotency,
  IdentityChanges,
  JobWatch,
  KeysService,
  LoginSessions,
  PartChecks,
  RateLimits,
  Services,
  SigningSecrets,
  SpacesService,
  Tickets,
  UsersService,
  WebhooksService,
]

/**
 * Controllers are providers here: their routes are values that Fastify serves itself, which is twice as fast as
 * Nest's router with guards and pipes, and of which the OpenAPI document is written.
 */
@Module({})
export class GatewayModule {
  /** @param outside what the process owns: connections, settings, log. */
  static over(outside: readonly Provider[]): DynamicModule {
    return { module: GatewayModule, providers: [...outside, ...own, ...controllers] }
  }
}
