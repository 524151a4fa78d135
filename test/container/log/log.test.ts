import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { createLog } from '../../../container/log.js';

type Level = Parameters<typeof createLog>[0];

function written(level: Level, write: (log: ReturnType<typeof createLog>) => void): unknown[] {
  const lines: string[] = [];
  write(createLog(level, { write: (line) => lines.push(line) }));
  return lines.map((line) => {
    expect(line).to.match(/^\{[^\n]*\}\n$/);
    return JSON.parse(line) as unknown;
  });
}

describe('The log', () => {
  it('writes one JSON object a line, with level, time, fields and message', () => {
    const [line] = written('info', (log) => log.warn('100%d done', { user: 'a\n{"level":"error"}' }));
    expect(line).to.deep.include({ level: 'warn', msg: '100%d done', user: 'a\n{"level":"error"}' });
    expect(line)
      .to.have.property('time')
      .that.matches(/^\d{4}-\d\d-\d\dT/);
  });

  it('leaves out lines below its level', () => {
    expect(written('debug', writeAll)).to.have.length(4);
    expect(written('warn', writeAll)).to.have.length(2);
    expect(written('fatal', writeAll)).to.have.length(0);
    expect(written('silent', writeAll)).to.have.length(0);
  });

  it('writes the fields of a child on every line, those of its parent too', () => {
    const [line] = written('info', (log) =>
      log.child({ plugin: 'hello', pin: '1' }).child({ call: 2 }).info('x', { a: 3 }),
    );
    expect(line).to.deep.include({ plugin: 'hello', pin: '[not shown]', call: 2, a: 3 });
  });

  for (const name of [
    'authorization',
    'Authorization',
    'proxy-authorization',
    'pin',
    'confpin',
    'password',
    'sipPassword',
    'passtoken',
    'pintoken',
    'bindPassword',
  ]) {
    it(`never shows ${name}, however the fields are nested`, () => {
      const secret = { [name]: 'secret', [`other-${name}`]: 'shown' };
      const error = Object.assign(new Error('outer', { cause: Object.assign(new Error('inner'), secret) }), secret);
      const lines = written('info', (log) =>
        log.info('x', { ...secret, a: secret, b: { c: { d: [secret, new Map([['k', secret]])] } }, error }),
      );
      expect(JSON.stringify(lines)).to.include('shown').and.not.include('"secret"');
    });
  }

  it('shows the message of an error, and survives fields that JSON cannot hold', () => {
    const cycle: Record<string, unknown> = { big: 10n ** 20n };
    cycle['self'] = cycle;
    const [line] = written('info', (log) =>
      log.error('x', { error: new TypeError('bad', { cause: new Error('worse') }), cycle, at: new Date(0) }),
    );
    expect(line).to.have.nested.property('error.name', 'TypeError');
    expect(line).to.have.nested.property('error.message', 'bad');
    expect(line).to.have.nested.property('error.cause.message', 'worse');
    expect(line).to.have.nested.property('cycle.big', '100000000000000000000');
    expect(line).to.have.property('at', '1970-01-01T00:00:00.000Z');
  });

  it('writes ten warnings of a kind at once, and any number of other lines', () => {
    const lines = written('info', (log) => {
      for (let index = 0; index < 50; index++) {
        log.child({ plugin: 'hello' }).warn('Refused', { index });
        log.info('Placed', { index });
      }
    });
    expect(lines.filter((line) => (line as { msg: string }).msg === 'Refused')).to.have.length(10);
    expect(lines).to.have.length(60);
  });

  it('takes another level, in its children too', () => {
    const lines = written('info', (log) => {
      const child = log.child({ plugin: 'hello' });
      log.level = 'debug';
      child.debug('here');
    });
    expect(lines).to.have.length(1);
  });

  it('writes to standard error and leaves standard output alone', () => {
    const module = new URL('../../../container/log.js', import.meta.url).href;
    const script = `import { createLog } from ${JSON.stringify(module)}; createLog('info').info('here');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(stdout).to.equal('');
    expect(stderr).to.match(/^\{.*"msg":"here"\}\n$/);
  });
});

function writeAll(log: ReturnType<typeof createLog>): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
}
