import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'inference', env: process.env })
