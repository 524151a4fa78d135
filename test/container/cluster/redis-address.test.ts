import { expect } from 'chai';
import { parseRedisAddress } from '../../../container/cluster/redis-address.js';

const alone = { sentinelName: undefined, isTls: false, userName: undefined, password: undefined, database: 0 };

describe('The address of Redis', () => {
  it('is a server, with its port and database', () => {
    expect(parseRedisAddress('redis://redis.example.com')).to.deep.equal({
      ...alone,
      hosts: [{ host: 'redis.example.com', port: 6379 }],
    });
    expect(parseRedisAddress('redis://[2001:db8::1]:7000/3')).to.deep.equal({
      ...alone,
      hosts: [{ host: '2001:db8::1', port: 7000 }],
      database: 3,
    });
  });

  it('has a user and a password, of which signs are escaped', () => {
    expect(parseRedisAddress('rediss://sip%2Fx:p%40ss@host')).to.deep.equal({
      ...alone,
      hosts: [{ host: 'host', port: 6379 }],
      isTls: true,
      userName: 'sip/x',
      password: 'p@ss',
    });
    expect(parseRedisAddress('redis://:secret@host')).to.include({ userName: undefined, password: 'secret' });
  });

  it('is a list of Sentinels, and the name of the server', () => {
    expect(parseRedisAddress('redis+sentinel://one:26000,two/main/1')).to.deep.equal({
      ...alone,
      hosts: [
        { host: 'one', port: 26_000 },
        { host: 'two', port: 26_379 },
      ],
      sentinelName: 'main',
      database: 1,
    });
  });

  for (const text of [
    'http://host',
    'redis://',
    'redis://one,two',
    'redis://host:0',
    'redis://host:65536',
    'redis://host/a',
    'redis://host/1/2',
    'redis://user@host',
    'redis://user:%zz@host',
    'redis://host?db=1',
    'redis+sentinel://one,two',
    'redis+sentinel://one,,two/main',
    'redis+sentinel://one/ma in',
  ])
    it(`is not ${text}`, () => {
      expect(parseRedisAddress(text)).to.equal(undefined);
    });
});
