import { PageQuery } from '@easel/contracts'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator'

/** Of a URL of its own, or the one of a space that stands for the URLs that jobs name. */
export const webhookKinds = ['endpoint', 'job-urls'] as const
export type WebhookKind = (typeof webhookKinds)[number]

/** `pending`: waits for its turn, is under way, or is tried again later. */
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

export class CreateWebhook {
  /** Left out: the caller's personal space. */
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** `job-urls` makes the signing secret for the URLs that jobs of this space name; it takes no URL and no events. */
  @IsOptional()
  @IsIn(webhookKinds)
  kind?: WebhookKind

  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  url?: string

  @IsOptional()
  @IsString()
  @Length(0, 200)
  description?: string

  /** Types (`job.succeeded`), groups of them (`job.*`) or all (`*`). Left out: how jobs end. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  events?: string[]

  @IsOptional()
  @IsBoolean()
  enabled?: boolean
}

export class UpdateWebhook {
  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  url?: string

  @IsOptional()
  @IsString()
  @Length(0, 200)
  description?: string

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  events?: string[]

  /** Off: what is under way to it ends as failed, and nothing new is sent. */
  @IsOptional()
  @IsBoolean()
  enabled?: boolean
}

export class ListWebhooks extends PageQuery {
  @IsOptional()
  @IsUUID()
  spaceId?: string
}

export class WebhookView {
  @IsUUID()
  id!: string

  @IsIn(webhookKinds)
  kind!: WebhookKind

  @IsOptional()
  @IsString()
  url?: string | null

  @IsString()
  description!: string

  @IsArray()
  @IsString({ each: true })
  events!: string[]

  @IsBoolean()
  enabled!: boolean

  @IsOptional()
  @IsISO8601()
  disabledAt?: string | null

  /** `BY_USER`, `GONE` (it answered 410), `FAILING` (for days), `MEMBER_LEFT` (who answered for it). */
  @IsOptional()
  @IsString()
  disabledReason?: string | null

  /** Since when nothing but failures came back. */
  @IsOptional()
  @IsISO8601()
  failingSince?: string | null

  /** Until then deliveries are signed with the secret of before, too. */
  @IsOptional()
  @IsISO8601()
  previousSecretUntil?: string | null

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsISO8601()
  updatedAt!: string
}

export class NewWebhook extends WebhookView {
  /** What deliveries are signed with, `whsec_…`: shown here and never again. */
  @IsString()
  secret!: string
}

export class WebhookPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WebhookView)
  items!: WebhookView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class ListDeliveries extends PageQuery {
  @IsOptional()
  @IsIn(deliveryStatuses)
  status?: DeliveryStatus
}

export class DeliveryView {
  /** What the receiver sees as `webhook-id`. */
  @IsUUID()
  id!: string

  @IsUUID()
  webhookId!: string

  @IsString()
  type!: string

  /** What the event is about, such as a job's id. */
  @IsString()
  subject!: string

  /** Of the event in `GET /api/events`; none for a test. */
  @IsOptional()
  @IsString()
  eventId?: string | null

  /** That the job named. */
  @IsOptional()
  @IsString()
  url?: string | null

  @IsIn(deliveryStatuses)
  status!: DeliveryStatus

  @IsInt()
  attempts!: number

  /** None while it waits for an earlier one of its subject. */
  @IsOptional()
  @IsISO8601()
  nextAttemptAt?: string | null

  /** HTTP status of the last answer. */
  @IsOptional()
  @IsInt()
  lastStatus?: number | null

  /**
   * `STATUS` (none of 2xx), `REDIRECT`, `GONE`, `TIMEOUT`, `UNREACHABLE`, `ADDRESS_NOT_ALLOWED`, `INTERRUPTED`,
   * `WEBHOOK_DISABLED`, `MEMBER_LEFT`, `EVENT_EXPIRED`, `INTERNAL`.
   */
  @IsOptional()
  @IsString()
  lastError?: string | null

  @IsISO8601()
  createdAt!: string

  @IsOptional()
  @IsISO8601()
  finishedAt?: string | null
}

export class DeliveryPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DeliveryView)
  items!: DeliveryView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class DeliveryAttempt {
  @IsInt()
  number!: number

  @IsISO8601()
  at!: string

  @IsInt()
  durationMs!: number

  @IsOptional()
  @IsInt()
  status?: number | null

  @IsOptional()
  @IsString()
  error?: string | null
}

export class DeliveryDetails extends DeliveryView {
  /** The latest, the oldest of them first. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DeliveryAttempt)
  log!: DeliveryAttempt[]
}
