import { expect } from 'chai';
import { MetricsRegistry } from '../../../container/metrics/registry.js';
import { RecordingLog } from '../accounts/recording-log.js';

describe('The metrics of a container', () => {
  it('put sipxrest_ in front of the names that plugins choose', async () => {
    const metrics = new MetricsRegistry(new RecordingLog());
    const counter = metrics.counter({ name: 'jobs_total', help: 'Jobs.', labels: ['kind'] });
    counter.add({ kind: 'a' });
    counter.add({ kind: 'a' }, 2);
    metrics.histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [1, 2] }).observe(1.5);
    const text = await metrics.text();
    expect(text).to.include('sipxrest_jobs_total{kind="a"} 3\n');
    expect(text).to.include('sipxrest_wait_seconds_bucket{le="1"} 0\n');
    expect(text).to.include('sipxrest_wait_seconds_bucket{le="2"} 1\n');
  });

  it('ask for the values of a gauge at each scrape', async () => {
    const metrics = new MetricsRegistry(new RecordingLog());
    let depth = 1;
    metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'] }, () => [
      { value: depth, labels: { queue: `q${depth}` } },
    ]);
    expect(await metrics.text()).to.include('sipxrest_depth{queue="q1"} 1\n');
    depth = 2;
    const text = await metrics.text();
    expect(text).to.include('sipxrest_depth{queue="q2"} 2\n');
    expect(text).not.to.include('q1');
  });

  it('lose only the one that cannot be read', async () => {
    const log = new RecordingLog();
    const metrics = new MetricsRegistry(log);
    metrics.counter({ name: 'jobs_total', help: 'Jobs.' }).add();
    metrics.gauge({ name: 'broken', help: 'Broken.' }, () => {
      throw new Error('no value');
    });
    expect(await metrics.text()).to.include('sipxrest_jobs_total 1\n');
    expect(log.lines.map(({ message }) => message)).to.deep.equal(['Metric not read']);
  });

  it('refuse a name already in use', () => {
    const metrics = new MetricsRegistry(new RecordingLog());
    metrics.counter({ name: 'jobs_total', help: 'Jobs.' });
    expect(() => metrics.counter({ name: 'jobs_total', help: 'Jobs.' })).to.throw(/already been registered/);
  });
});
