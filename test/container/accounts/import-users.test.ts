import { expect } from 'chai';
import { usersOfLdif, usersOfSubscribers } from '../../../container/accounts/import-users.js';

describe('A users file', () => {
  it('is made from the table subscriber of Kamailio', () => {
    const table =
      'id\tusername\tdomain\tpassword\tha1\n' +
      '1\tuser1\texample.com\tsecret 1\tc1fe1b4a6b7ccd5f5ae6ef7b2e0e1d11\n' +
      '2\tuser2\texample.com\t\tC1FE1B4A6B7CCD5F5AE6EF7B2E0E1D11\n' +
      '3\tuser3\tNULL\tNULL\tNULL\n';
    expect(usersOfSubscribers(table)).to.deep.equal([
      { userName: 'user1', identity: 'user1@example.com', sipPassword: 'secret 1' },
      { userName: 'user2', identity: 'user2@example.com', passtoken: 'c1fe1b4a6b7ccd5f5ae6ef7b2e0e1d11' },
      { userName: 'user3' },
    ]);
  });

  it('is made from the output of psql, without its last line', () => {
    expect(usersOfSubscribers('username\tdomain\nuser1\texample.com\n(1 row)\n')).to.have.length(1);
  });

  it('is not made from an incomplete table: the error names the line, and no password', () => {
    expect(() => usersOfSubscribers('name\nuser1\n')).to.throw('line 1: expected the columns of subscriber');
    expect(() => usersOfSubscribers('username\tpassword\nuser1\tse\tcret\n')).to.throw(
      'line 2: expected 2 columns, found 3',
    );
    expect(() => usersOfSubscribers('username\tpassword\n\tsecret\n')).to.throw('line 2: expected a username');
  });

  it('is made from the output of ldapsearch', () => {
    const ldif = `dn: uid=user1,ou=people,dc=example,dc=com
uid: user1
cn: One
displayName:: VXNlciDDiW5l
telephoneNumber: +1 (555) 12-34
telephoneNumber: 2
 01

dn: ou=people,dc=example,dc=com
ou: people

dn: uid=user2,ou=people,dc=example,dc=com
uid: user2
cn;lang-en: Two
`;
    expect(usersOfLdif(ldif)).to.deep.equal([
      { userName: 'user1', displayName: 'User Éne', aliases: ['+15551234', '201'] },
      { userName: 'user2', displayName: 'Two' },
    ]);
  });
});
