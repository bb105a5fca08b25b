import { Type } from 'class-transformer'
import {
  Allow,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { NodeError } from './job-result.messages.ts'
import type { GraphJson } from './job-terms.ts'

export class CreateWorkflow {
  static readonly json = ['graph'] as const

  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsString()
  @Length(1, 200)
  name!: string

  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  description?: string

  /** API format. A wrapper (`{prompt: …}`) is taken off. */
  @IsObject()
  graph!: Record<string, unknown>
}

export class UpdateWorkflow {
  static readonly json = ['graph'] as const

  @IsUUID()
  id!: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string

  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  description?: string

  /** Makes a new version; the old ones stay. */
  @IsOptional()
  @IsObject()
  graph?: Record<string, unknown>
}

export class WorkflowView {
  static readonly json = ['graph'] as const

  @IsUUID()
  id!: string

  @IsString()
  name!: string

  @IsOptional()
  @IsString()
  description?: string | null

  /** The newest version. */
  @IsInt()
  version!: number

  @IsOptional()
  @IsObject()
  graph?: GraphJson | null

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsISO8601()
  updatedAt!: string
}

export class GetWorkflow {
  @IsUUID()
  id!: string

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  version?: number
}

export class ListWorkflows extends PageQuery {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string
}

export class WorkflowPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkflowView)
  items!: WorkflowView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class WorkflowVersion {
  @IsInt()
  version!: number

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string
}

export class WorkflowVersions {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkflowVersion)
  items!: WorkflowVersion[]
}

export const parameterControls = [
  'text',
  'multiline',
  'integer',
  'float',
  'seed',
  'boolean',
  'select',
  'image',
  'file',
] as const
export type ParameterControl = (typeof parameterControls)[number]

/** One editable input of a graph. */
export class ParameterView {
  /** `nodeId.input`: the key for `overrides` (or `inputs`, for an image). */
  @IsString()
  key!: string

  @IsString()
  node!: string

  @IsString()
  nodeClass!: string

  @IsString()
  nodeTitle!: string

  @IsString()
  input!: string

  @IsString()
  label!: string

  @IsIn(parameterControls)
  control!: ParameterControl

  /** What it is for, where that can be told: `positive`, `negative`, `seed`, `model`, `width`, … */
  @IsOptional()
  @IsString()
  role?: string | null

  /** Plain JSON, as are its default and its choices. */
  @Allow()
  value!: unknown

  @Allow()
  default?: unknown

  @Allow()
  choices?: unknown[] | null

  /** A bound beyond 2^53 is written with all its digits. */
  @Allow()
  min?: number | null

  @Allow()
  max?: number | null

  @Allow()
  step?: number | null

  @IsOptional()
  @IsString()
  help?: string | null
}

export class InspectWorkflow {
  static readonly json = ['graph'] as const

  @IsObject()
  graph!: Record<string, unknown>
}

/** What can be said of a graph without running it. */
export class WorkflowAnalysis {
  static readonly json = ['graph'] as const

  @IsIn(['api', 'ui'])
  format!: 'api' | 'ui'

  @IsOptional()
  @IsObject()
  graph?: GraphJson | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ParameterView)
  parameters!: ParameterView[]

  /** Node classes that no worker has. */
  @IsArray()
  @IsString({ each: true })
  missingNodes!: string[]

  /** Model files it names. */
  @IsArray()
  @IsString({ each: true })
  models!: string[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NodeError)
  faults!: NodeError[]

  /** False when no worker was there to ask, so that the built-in definitions were used. */
  @IsBoolean()
  live!: boolean
}
