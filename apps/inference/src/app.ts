export { loadConfig, type ControlConfig } from './config.ts'
export { startControl, type Control, type ControlDependencies } from './control/control-app.ts'
