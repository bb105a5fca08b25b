import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'catalog', env: process.env })
