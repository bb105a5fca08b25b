import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'gateway', env: process.env })
