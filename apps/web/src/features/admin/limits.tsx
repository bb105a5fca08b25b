import { easel } from '../../api/easel.ts'
import { Panel } from '../../ui/page.tsx'
import { LimitsForm } from './limits-form.tsx'

export function LimitsPart() {
  return (
    <>
      <Panel title="Every space">
        <LimitsForm
          of={['any-space']}
          get={() => easel.limits.get('spaces')}
          set={(limits) => easel.limits.set('spaces', limits)}
          unset="no limit"
        />
      </Panel>
      <Panel title="Every user">
        <LimitsForm
          of={['any-user']}
          get={() => easel.limits.get('users')}
          set={(limits) => easel.limits.set('users', limits)}
          unset="no limit"
        />
      </Panel>
    </>
  )
}
