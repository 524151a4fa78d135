import { expect } from 'chai';
import { withDefaults } from '../../../container/config/limits.js';
import { ContainerLoad } from '../../../container/load.js';
import { measureLimits } from '../../../container/metrics/limit-metrics.js';
import { MetricsRegistry } from '../../../container/metrics/registry.js';
import { RecordingLog } from '../accounts/recording-log.js';

describe('The metrics of the limits', () => {
  it('are each limit that somebody measures, and how much of it is used now', async () => {
    const metrics = new MetricsRegistry(new RecordingLog());
    const load = new ContainerLoad(withDefaults({ callsHeld: 40 }));
    try {
      measureLimits(metrics, load);
      let held = 3;
      load.measure('callsHeld', () => held);
      expect(await metrics.text()).to.include('sipxrest_limit{limit="callsHeld"} 40\n');
      expect(await metrics.text()).to.include('sipxrest_limit_used{limit="callsHeld"} 3\n');
      held = 5;
      load.limits = withDefaults({ callsHeld: 50 });
      expect(await metrics.text()).to.include('sipxrest_limit{limit="callsHeld"} 50\n');
      expect(await metrics.text()).to.include('sipxrest_limit_used{limit="callsHeld"} 5\n');
    } finally {
      load.close();
    }
  });
});
