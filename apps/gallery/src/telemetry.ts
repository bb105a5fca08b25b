import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'gallery', env: process.env })
