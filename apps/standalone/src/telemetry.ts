import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'standalone', env: process.env })
