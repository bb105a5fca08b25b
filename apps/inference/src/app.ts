export { loadConfig, type ControlConfig } from './config.ts'
export { startControl, type Control, type ControlDependencies } from './control/control-app.ts'
export { startWorker, type Worker, type WorkerDependencies } from './worker/worker-app.ts'
export { loadWorkerConfig, type WorkerConfig } from './worker/worker-config.ts'
